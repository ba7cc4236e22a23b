"""The command: what it writes, and that bad input ends in one message, exit code 2 and nothing written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from sufficiency import cli
from sufficiency.ranges import RANGE_COLUMNS

ROOT = Path(__file__).resolve().parents[1]


def command(monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> int:
    """Exit code of the command."""
    monkeypatch.setattr("sys.argv", ["sufficiency", *(str(word) for word in words)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return int(stop.value.code or 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the sample's data and scenarios, to spoil."""
    shutil.copytree(ROOT / "data", tmp_path / "my data")
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    text = (tmp_path / "scenarios" / "baseline.toml").read_text(encoding="utf-8")
    text = text.replace("../data", "../my data").replace("paths = 50", "paths = 3").replace("years = 5", "years = 1")
    (tmp_path / "scenarios" / "baseline.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_project_writes_the_contract(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = folder / "out put"
    words = ("--as-of", "2025-03-31", "--years", "2", "--out", out, "--replicates", "10", "--seed", "5")
    assert command(monkeypatch, "project", folder / "my data", *words) == 0
    table = pd.read_csv(out / "population.csv")
    assert table.columns.tolist() == ["date", "age_band", "kind", *RANGE_COLUMNS, "scenario"]
    assert table.loc[0, ["date", "age_band", "kind", "mean"]].tolist() == ["2025-03-31", "all", "all", 307.0]
    assert (out / "flows.csv").is_file()
    movement = pd.read_csv(out / "movement.csv")
    assert movement.columns.tolist() == ["year_to", "known", "line", *RANGE_COLUMNS, "scenario"]
    assert movement.groupby("known")["year_to"].nunique().to_dict() == {False: 2, True: 10}
    assert table["scenario"].unique().tolist() == ["Projection (synthetic data)"]


def test_recruit_writes_carers_and_places(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = folder / "scenarios" / "improvement_plan.toml"
    assert command(monkeypatch, "recruit", scenario, "--out", folder / "out") == 0
    carers = pd.read_csv(folder / "out" / "carers.csv")
    assert set(carers["measure"]) == {"enquiries", "applications", "approvals", "leavers", "households", "places"}
    stages = pd.read_csv(folder / "out" / "stages.csv")
    assert {"stage_1_passed", "stage_2_passed", "ready_for_placement", "moved_in"} <= set(stages["measure"])
    assert (pd.read_csv(folder / "out" / "recruitment_rates.csv")["source"] != "").all()


def test_match_writes_three_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = folder / "my data"
    words = ("--children", data / "children.csv", "--homes", data / "homes.csv", "--as-of", "01/04/2025")
    assert command(monkeypatch, "match", *words, "--out", folder / "out") == 0
    matches = pd.read_csv(folder / "out" / "matches.csv", dtype=str)
    register = pd.read_csv(data / "children.csv", dtype=str)
    assert sorted(matches["child_id"]) == sorted(register.loc[register["status"] != "settled", "child_id"])
    assert (folder / "out" / "worth_of_a_place.csv").is_file()
    assert json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8"))["objectives"]["placed"] > 0


def test_run_writes_everything_and_says_where(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--out", folder / "results here", "--processes", "1")
    assert command(monkeypatch, "run", folder / "scenarios" / "no_recruitment.toml", *words) == 0
    manifest = json.loads((folder / "results here" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["scenario"] == "No recruitment"
    assert manifest["changes"][0]["setting"] == "supply.recruitment.approvals_per_year"
    assert manifest["synthetic"] is True
    assert "results here" in capsys.readouterr().out
    tables = [pd.read_csv(path) for path in (folder / "results here" / "tables").glob("*.csv")]
    assert len(tables) >= 12
    assert all(set(table["scenario"]) == {"No recruitment (synthetic data)"} for table in tables if len(table))


def test_no_published_file_holds_a_childs_identifier(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert command(monkeypatch, "run", folder / "scenarios" / "baseline.toml", "--out", folder / "out") == 0
    published = [path for path in (folder / "out").rglob("*") if path.is_file() and "private" not in path.parts]
    assert len(published) > 20
    assert not [path for path in published if b"SYN0" in path.read_bytes()]


def test_check_prints_json(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(monkeypatch, "check", folder / "my data", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["faults"] == []
    assert sum(repair["rows"] for repair in answer["repairs"]) > 0


def test_new_makes_a_folder_that_runs_and_refuses_one_in_use(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert command(monkeypatch, "new", folder / "a new place") == 0
    assert command(monkeypatch, "check", folder / "a new place" / "data") == 0
    assert (folder / "a new place" / "notebooks" / "five_year_plan.ipynb").is_file()
    words = ("--out", folder / "out")
    assert command(monkeypatch, "recruit", folder / "a new place" / "scenarios" / "baseline.toml", *words) == 0
    assert command(monkeypatch, "new", folder / "a new place") == 2


def spoil(path: Path, old: str, new: str, count: int = 1) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, count), encoding="utf-8")


def no_episodes(folder: Path) -> None:
    (folder / "my data" / "returns" / "2024" / "episodes.csv").unlink()


def no_decom_column(folder: Path) -> None:
    spoil(folder / "my data" / "returns" / "2024" / "episodes.csv", "DECOM", "DECIM")


def bad_date(folder: Path) -> None:
    path = folder / "my data" / "carers.csv"
    rows = pd.read_csv(path, dtype=str)
    rows.loc[3, "enquired_on"] = "31/02/2024"
    rows.to_csv(path, index=False)


def duplicate_home(folder: Path) -> None:
    path = folder / "my data" / "homes.csv"
    rows = pd.read_csv(path, dtype=str)
    pd.concat([rows, rows.iloc[[0]]]).to_csv(path, index=False)


def solo_sibling(folder: Path) -> None:
    path = folder / "my data" / "children.csv"
    rows = pd.read_csv(path, dtype=str)
    rows.loc[rows["sibling_group"].notna().idxmax(), "solo"] = "true"
    rows.to_csv(path, index=False)


def crowded_home(folder: Path) -> None:
    path = folder / "my data" / "children.csv"
    rows = pd.read_csv(path, dtype=str)
    rows.loc[:40, "current_home_id"] = "H001"
    rows.loc[:40, "status"] = "settled"
    rows.to_csv(path, index=False)


def negative_price(folder: Path) -> None:
    path = folder / "my data" / "prices.csv"
    rows = pd.read_csv(path, dtype=str)
    rows.loc[2, "weekly_cost"] = "-808"
    rows.to_csv(path, index=False)


def not_csv(folder: Path) -> None:
    (folder / "my data" / "homes.csv").write_bytes(b"PK\x03\x04" + bytes(range(256)) * 20)


def unknown_setting(folder: Path) -> None:
    spoil(folder / "scenarios" / "baseline.toml", "attrition = 0.14", "atrition = 0.14")


def extends_in_a_circle(folder: Path) -> None:
    spoil(folder / "scenarios" / "baseline.toml", 'name = "Baseline"', 'name = "Baseline"\nextends = "baseline.toml"')


@pytest.mark.parametrize(
    ("spoiled", "says"),
    [
        (no_episodes, "episodes"),
        (no_decom_column, "DECOM"),
        (bad_date, "carers.csv, column enquired_on"),
        (duplicate_home, "homes.csv, column home_id"),
        (solo_sibling, "children.csv"),
        (crowded_home, "homes.csv, column places"),
        (negative_price, "prices.csv, column weekly_cost"),
        (not_csv, "homes.csv"),
        (unknown_setting, "Did you mean supply.recruitment.attrition?"),
        (extends_in_a_circle, "circle"),
    ],
)
def test_bad_input_is_one_message_exit_2_and_nothing_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], spoiled, says: str
) -> None:
    spoiled(folder)
    before = sorted(folder.rglob("*"))
    out = folder / "results"
    assert command(monkeypatch, "run", folder / "scenarios" / "improvement_plan.toml", "--out", out) == 2
    printed = capsys.readouterr()
    assert says in printed.err
    assert "fault" in printed.err
    assert "SYN0" not in printed.err
    assert "Traceback" not in printed.err
    assert printed.out == ""
    assert sorted(folder.rglob("*")) == before
