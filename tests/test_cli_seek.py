"""The command goal-seek: its three files, an unmet target that is no error, and nothing half-written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from sufficiency import cli
from sufficiency.goals.runs import Runs

ROOT = Path(__file__).resolve().parents[1]
APPROVALS = "supply.recruitment.approvals_per_year"


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    for name in ("baseline.toml", "improvement_plan.toml"):
        shutil.copy(ROOT / "scenarios" / name, tmp_path / name)
    text = (tmp_path / "baseline.toml").read_text(encoding="utf-8").replace("../data", str(ROOT / "data"))
    (tmp_path / "baseline.toml").write_text(text, encoding="utf-8")
    return tmp_path / "improvement_plan.toml"


def command(monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> int:
    """Exit code of the command."""
    monkeypatch.setattr("sys.argv", ["sufficiency", "goal-seek", *(str(word) for word in words)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return int(stop.value.code or 0)


def test_three_files_and_a_sentence(
    scenario: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = ("--vary", APPROVALS, "--target", "households >= 90", "--paths", "10", "--out", out)
    assert command(monkeypatch, scenario, *words) == 0
    table = pd.read_csv(out / "goal_seek.csv")
    assert table.columns.tolist() == ["setting", "value", "target", "financial_year", "share_of_futures_met", "middle",
                                      "low", "high", "meets", "scenario"]  # fmt: skip
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    row = table.set_index("value").loc[summary["value"]]
    assert row["meets"]
    assert isinstance(summary["value"], int)
    assert row["share_of_futures_met"] == summary["probability"] >= 0.8
    assert summary["probability_one_step_less"] < 0.8
    assert {path.name for path in (out / "charts").iterdir()} == {"goal_seek.png", "goal_seek.svg"}
    assert summary["says"] in capsys.readouterr().out


def test_a_target_out_of_reach_is_an_answer(
    scenario: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--vary", APPROVALS, "--target", "households >= 2000", "--paths", "5", "--out", tmp_path / "out")
    assert command(monkeypatch, scenario, *words) == 0
    assert "No approvals per year from 0 to 100 gives" in capsys.readouterr().out
    assert not json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["met"]


def test_texts_at_fault_are_told_together(
    scenario: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--vary", "supply.attrition", "--target", "homes > 3", "--out", tmp_path / "out", "--probability", "80")
    assert command(monkeypatch, scenario, *words) == 2
    told = capsys.readouterr().err
    assert "3 faults" in told
    assert "vary supply.attrition" in told
    assert "there is no measure homes" in told
    assert not (tmp_path / "out").exists()


def test_interrupted_leaves_nothing(scenario: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    words = ("--vary", APPROVALS, "--target", "households >= 90", "--paths", "5", "--out", tmp_path / "out")
    monkeypatch.setattr(Runs, "measured", stopped)
    assert command(monkeypatch, scenario, *words) != 0
    assert not (tmp_path / "out").exists()
