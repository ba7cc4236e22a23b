"""The command ``match`` with panel decisions, scores and a scenario; bad ones end in one message, nothing written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from sufficiency import cli

ROOT = Path(__file__).resolve().parents[1]
DEFAULT = ["placed", "within_limit", "siblings_together", "weekly_cost"]


def command(monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> int:
    """Exit code of the command."""
    monkeypatch.setattr("sys.argv", ["sufficiency", *(str(word) for word in words)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return int(stop.value.code or 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The registers of the sample that a match needs, to spoil."""
    for name in ("children.csv", "homes.csv", "prices.csv"):
        shutil.copy(ROOT / "data" / name, tmp_path / name)
    return tmp_path


def matched(folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> int:
    given = ("--children", folder / "children.csv", "--homes", folder / "homes.csv", "--as-of", "2025-04-01")
    return command(monkeypatch, "match", *given, "--out", folder / "out", *words)


def summary(folder: Path) -> dict:
    return json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8"))


def homes_of(folder: Path) -> dict[str, str]:
    table = pd.read_csv(folder / "out" / "matches.csv", dtype=str, keep_default_na=False)
    return dict(zip(table["child_id"], table["home_id"], strict=True))


def split_groups(folder: Path) -> int:
    """Sibling groups whose children who need a home are given several homes, or some of them none."""
    children = pd.read_csv(folder / "children.csv", dtype=str)
    seeking = children[(children["status"] == "needs_home") & children["sibling_group"].notna()]
    homes = seeking["child_id"].map(homes_of(folder)).groupby(seeking["sibling_group"]).nunique()
    return int((homes > 1).sum())


def written(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_without_options_the_settings_are_those_before(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert matched(folder, monkeypatch) == 0
    assert list(summary(folder)["objectives"]) == DEFAULT
    assert summary(folder)["limit_miles"] == 20


def test_a_panel_pins_and_rules_out_and_the_match_keeps_to_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home ruled out is not given again; pinned again, it is the child's."""
    assert matched(folder, monkeypatch) == 0
    children = pd.read_csv(folder / "children.csv", dtype=str)
    alone = children.loc[(children["status"] == "needs_home") & children["sibling_group"].isna(), "child_id"]
    child, home = next((child, homes_of(folder)[child]) for child in alone if homes_of(folder)[child])
    out = written(folder, "out.csv", "child_id,home_id,decision", f"{child},{home},rule_out")
    assert matched(folder, monkeypatch, "--fixed", out) == 0
    second = homes_of(folder)[child]
    assert second != home
    pin = written(folder, "pin.csv", "child_id,home_id,decision", f"{child},{second},pin")
    assert matched(folder, monkeypatch, "--fixed", pin) == 0
    assert homes_of(folder)[child] == second


def test_a_scenario_gives_what_no_option_gives(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = written(
        folder,
        "s.toml",
        "[matching]",
        "limit_miles = 10",
        'objectives = ["placed", "in_house", "weekly_cost"]',
        'never_split = "all"',
    )
    assert matched(folder, monkeypatch, "--scenario", scenario) == 0
    assert list(summary(folder)["objectives"]) == ["placed", "in_house", "weekly_cost"]
    assert summary(folder)["limit_miles"] == 10
    assert split_groups(folder) == 0
    words = ("--limit-miles", "20", "--objectives", ",".join(DEFAULT))
    assert matched(folder, monkeypatch, "--scenario", scenario, *words) == 0
    assert list(summary(folder)["objectives"]) == DEFAULT
    assert summary(folder)["limit_miles"] == 20
    assert split_groups(folder) == 0
    assert matched(folder, monkeypatch) == 0
    assert split_groups(folder) > 0


def test_scores_count_as_an_objective_and_are_noticed_when_they_do_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert matched(folder, monkeypatch) == 0
    child, home = next((child, home) for child, home in homes_of(folder).items() if home)
    scores = written(folder, "scores.csv", "child_id,home_id,score", f"{child},{home},100")
    assert capsys.readouterr().err == ""
    assert matched(folder, monkeypatch, "--scores", scores) == 0
    assert "Warning: matching settings, column objectives: scores are given" in capsys.readouterr().err
    assert matched(folder, monkeypatch, "--scores", scores, "--objectives", "placed,preference") == 0
    assert summary(folder)["objectives"]["preference"] == 100
    assert capsys.readouterr().err == ""


def test_a_home_in_the_sea_is_said_and_matched_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    homes = pd.read_csv(folder / "homes.csv", dtype=str)
    homes.loc[3, ["latitude", "longitude"]] = ["51.56", "1.78"]
    homes.to_csv(folder / "homes.csv", index=False)
    assert matched(folder, monkeypatch) == 0
    printed = capsys.readouterr()
    assert "Warning: homes.csv, column latitude, longitude: the point is in the sea" in printed.err
    assert "(row 5)" in printed.err
    assert printed.out.endswith("A social worker decides.\n")


FIXED = "child_id,home_id,decision"
BAD = [
    ((FIXED, "nobody,H001,pin"), "--fixed", "column child_id: the child is not in the register of children (row 2)"),
    ((FIXED, "", "nobody,H001,pin"), "--fixed", "not in the register of children (row 3)"),
    ((FIXED, "nobody,H001,maybe"), "--fixed", "bad.csv, column decision"),
    (("child_id,home_id", "nobody,H001"), "--fixed", "bad.csv, column decision: a required column is missing"),
    (("child_id,home_id,score", "nobody,H001,101"), "--scores", "bad.csv, column score: above 100 (row 2)"),
    (("[matching]", 'never_split = ["nobody"]'), "--scenario", "number 1 of the list"),
    (("[matching]", "never_splits = 1"), "--scenario", "Did you mean matching.never_split?"),
]


@pytest.mark.parametrize(("lines", "option", "says"), BAD, ids=range(len(BAD)))
def test_bad_decisions_are_one_message_exit_2_and_nothing_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lines, option: str, says: str
) -> None:
    assert matched(folder, monkeypatch, option, written(folder, "bad.csv", *lines)) == 2
    printed = capsys.readouterr()
    assert says in printed.err
    assert "nobody" not in printed.err
    assert "Traceback" not in printed.err
    assert printed.out == ""
    assert not (folder / "out").exists()


def test_faults_of_all_files_come_at_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fixed = written(folder, "fixed.csv", FIXED, "a,H001,maybe")
    words = ("--fixed", fixed, "--scores", folder / "none.csv", "--children", folder / "gone.csv")
    assert matched(folder, monkeypatch, *words) == 2
    message = capsys.readouterr().err
    assert message.startswith("3 faults")
    assert all(name in message for name in ("gone.csv", "none.csv", "fixed.csv"))
