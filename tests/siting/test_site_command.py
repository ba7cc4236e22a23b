"""The command ``site``: what it writes, what it refuses, and that futures drawn anew keep families together."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from sufficiency import cli
from sufficiency.errors import InputError
from sufficiency.siting import resampled_paths
from tests.matching.by_hand import child

ROOT = Path(__file__).resolve().parents[2]
CANDIDATES = (
    "candidate_id,area,kind,places,min_age,max_age,sex,max_needs_level,weekly_cost,opening_cost,yearly_cost,at_most",
    "Town carers,SN1,in_house_fostering,2,0,17,any,2,620,6000,9000,3",
    "Level 3 carers,SN3,in_house_fostering,1,5,17,any,3,880,9000,15000,2",
)
WRITTEN = {
    "against_none.csv",
    "candidates.csv",
    "charts/map.png",
    "charts/map.svg",
    "homes_to_open.csv",
    "siting.html",
    "summary.json",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The registers of the sample that are needed, and two candidates."""
    for name in ("children.csv", "homes.csv", "prices.csv"):
        shutil.copy(ROOT / "data" / name, tmp_path / name)
    return written(tmp_path, "candidates.csv", *CANDIDATES).parent


def written(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def sited(folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str | Path, budget: str = "60000") -> int:
    """Exit code of the command on the folder."""
    given = [word for name in ("children", "homes", "candidates") for word in (f"--{name}", folder / f"{name}.csv")]
    asked = ["site", *given, "--budget", budget, "--as-of", "2025-04-01", "--out", folder / "out", *words]
    monkeypatch.setattr("sys.argv", ["sufficiency", *(str(word) for word in asked)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return int(stop.value.code or 0)


def summary(folder: Path) -> dict:
    return json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8"))


def test_a_page_tables_and_a_map_that_name_no_child(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything says where it comes from, with the seed; the same seed gives the same files."""
    assert sited(folder, monkeypatch, "--resample", "3", "--seed", "4") == 0
    out = folder / "out"
    first = {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert set(first) == WRITTEN
    told = summary(folder)
    assert (told["seed"], told["budget"], told["paths_chosen_on"], told["proven_best"]) == (4, 60_000.0, 3, True)
    assert told["spend"] <= 60_000
    everything = b"".join(text for name, text in first.items() if not name.endswith("png")).decode("utf-8")
    assert "SYN0" not in everything + capsys.readouterr().out
    for name in ("siting.html", "homes_to_open.csv", "candidates.csv", "against_none.csv", "charts/map.svg"):
        assert "seed 4" in first[name].decode("utf-8"), name
    assert "not for publication" in first["siting.html"].decode("utf-8")
    opened = pd.read_csv(out / "homes_to_open.csv")
    assert opened["Cost over 1 year [£]"].sum() == told["spend"]
    assert opened["How many to open"].sum() == told["homes_opened"] > 0
    assert sited(folder, monkeypatch, "--resample", "3", "--seed", "4") == 0
    assert {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()} == first


def test_a_scenario_gives_limit_order_and_practice(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = 'name = "Near"', "[matching]", "limit_miles = 10", "reserve = {residential = 99}"
    scenario = written(folder, "s.toml", *lines, 'objectives = ["placed", "within_limit", "in_house", "weekly_cost"]')
    assert sited(folder, monkeypatch, "--scenario", scenario) == 0
    assert (summary(folder)["limit_miles"], summary(folder)["scenario"]) == (10.0, "Near")
    assert list(summary(folder)["aims"]) == ["placed", "within_limit", "in_house", "cost"]
    assert "99 places are reserved in residential" in capsys.readouterr().err
    assert sited(folder, monkeypatch, "--scenario", scenario, "--limit-miles", "20") == 0
    assert summary(folder)["limit_miles"] == 20.0


def test_children_in_paths_are_taken_as_they_are(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    children = pd.read_csv(folder / "children.csv", dtype=str)
    seeking = children[children["status"] == "needs_home"].head(20)
    pd.concat([seeking.assign(path=number) for number in (0, 2)]).to_csv(folder / "children.csv", index=False)
    assert sited(folder, monkeypatch, "--paths", "4") == 0
    assert (summary(folder)["paths_chosen_on"], summary(folder)["seed"]) == (4, None)


BAD = [
    ("candidates.csv", CANDIDATES[1], CANDIDATES[1].replace("6000", "lots"), (), "opening_cost: not a number (row 2)"),
    ("candidates.csv", CANDIDATES[1], "\n" + CANDIDATES[1].replace("SN1", "X"), (), "no place is known, so none"),
    ("homes.csv", "home_id", "id", (), "homes.csv"),
    ("children.csv", "needs_home", "wants_home", (), "children.csv, column status"),
    ("children.csv", "child_id,", "path,child_id,", ("--resample", "3"), "children.csv"),
    ("children.csv", "SYN", "SYN", ("--objectives", "placed,cost"), "siting settings, column objectives"),
    ("children.csv", "SYN", "SYN", ("--gap", "2"), "siting settings, column gap"),
]


@pytest.mark.parametrize(("name", "was", "now", "words", "says"), BAD, ids=range(len(BAD)))
def test_bad_input_is_one_message_exit_2_and_nothing_written(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    was: str,
    now: str,
    words: tuple[str, ...],
    says: str,
) -> None:
    text = (folder / name).read_text(encoding="utf-8-sig")
    assert was in text
    (folder / name).write_text(text.replace(was, now), encoding="utf-8")
    assert sited(folder, monkeypatch, *words) == 2
    printed = capsys.readouterr()
    assert says in printed.err
    assert "SYN0" not in printed.err
    assert "Traceback" not in printed.err
    assert printed.out == ""
    assert not (folder / "out").exists()


def test_faults_name_the_file_that_was_given_and_its_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With an empty line in it, a row's line is that of the file."""
    bad = written(folder, "ours.csv", CANDIDATES[0], "", CANDIDATES[1].replace(",2,0,17", ",0,0,17"))
    assert sited(folder, monkeypatch, "--candidates", bad) == 2
    assert "ours.csv, column places: a home without a place (row 3)" in capsys.readouterr().err


def test_faults_of_all_files_come_at_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fixed = written(folder, "fixed.csv", "child_id,home_id,decision", "a,H001,maybe")
    assert sited(folder, monkeypatch, "--fixed", fixed, "--homes", folder / "gone.csv") == 2
    message = capsys.readouterr().err
    assert message.startswith("2 faults")
    assert all(name in message for name in ("gone.csv", "fixed.csv"))


def test_nothing_worth_opening_is_said(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sited(folder, monkeypatch, budget="10") == 0
    assert "No home opened for £0 of £10" in capsys.readouterr().out
    assert summary(folder)["homes_opened"] == 0
    assert "Homes to open: none." in (folder / "out" / "siting.html").read_text(encoding="utf-8")


def test_families_are_drawn_whole_and_the_settled_stay() -> None:
    """In every path as many families; brothers and sisters together, under new names when they come again."""
    rows = [child(name, sibling_group="S") for name in "ab"] + [child(name) for name in "cd"]
    rows.append(child("e", status="settled", current_home_id="h"))
    drawn = resampled_paths(pd.DataFrame(rows), 30, 1)
    assert drawn.loc[drawn["path"] == 0, "child_id"].tolist() == list("abcde")
    sizes = set()
    for _, pool in drawn.groupby("path"):
        assert pool["child_id"].is_unique
        assert (pool["child_id"] == "e").sum() == 1
        groups = pool["sibling_group"].value_counts()
        assert (groups == 2).all()
        assert len(groups) + pool["child_id"].str[0].isin(["c", "d"]).sum() == 3
        sizes.add(len(pool))
    assert len(sizes) > 1
    assert resampled_paths(pd.DataFrame(rows), 30, 1).equals(drawn)
    with pytest.raises(InputError, match="in demand paths already"):
        resampled_paths(drawn, 3, 1)
