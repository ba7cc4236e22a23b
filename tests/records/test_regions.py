"""Several authorities in one set or in folders side by side are one Records whose parts can be told apart."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from written import Day, Episode, write_returns

from sufficiency.errors import InputError
from sufficiency.records import Records, read_records

NORTH = [Episode("1", Day(2022, 6, 1)), Episode("2", Day(2023, 6, 1), Day(2024, 6, 1))]
SOUTH = [Episode("1", Day(2021, 6, 1), Day(2023, 9, 1)), Episode("3", Day(2024, 5, 1)), Episode("4", Day(2022, 4, 2))]
BORN_NORTH = {"1": Day(2012, 5, 1), "2": Day(2010, 5, 1)}
BORN_SOUTH = {"1": Day(2009, 7, 9), "3": Day(2015, 5, 1), "4": Day(2016, 1, 1)}
TABLES = ("header", "episodes", "uasc")


def side_by_side(root: Path, south: tuple[int, ...] = (2023, 2024, 2025)) -> Path:
    """``returns/North/2023`` and so on."""
    for name, episodes, born, years in (
        ("North", NORTH, BORN_NORTH, (2023, 2024, 2025)),
        ("South", SOUTH, BORN_SOUTH, south),
    ):
        write_returns(root / name, episodes, born, years)
        (root / name / "returns").rename(root / f"{name} moved")
        (root / name).rmdir()
        (root / "returns").mkdir(exist_ok=True)
        (root / f"{name} moved").rename(root / "returns" / name)
    return root


def combined(root: Path, from_folders: Path) -> Path:
    """One file a table with LA and YEAR, as the sector's pipelines write it; a year without UASC has no row in it."""
    (root / "returns").mkdir(parents=True)
    for name in TABLES:
        parts = [
            pd.read_csv(path, dtype=str).assign(LA=path.parts[-3], YEAR=path.parts[-2])
            for path in sorted((from_folders / "returns").glob(f"*/*/{name}.csv"))
        ]
        pd.concat(parts).to_csv(root / "returns" / f"ssda903_{name}.csv", index=False)
    return root


def counts(records: Records) -> list[tuple[int, int]]:
    """Children in care of North and South at the end of each year."""
    stocks = [records.stock(f"{year}-03-31")["authority"] for year in records.years]
    return [((stock == "North").sum(), (stock == "South").sum()) for stock in stocks]


def test_folders_side_by_side_are_a_region(tmp_path: Path) -> None:
    """At each 31 March of 2023 to 2025 by hand: North 1, 2, 1 (child 2 left); South 2, 1, 2 (1 left, 3 came)."""
    records = read_records(side_by_side(tmp_path))
    assert records.authorities == ("North", "South")
    assert counts(records) == [(1, 2), (2, 1), (1, 2)]
    assert set(records.children["child_id"]) == {"North:1", "North:2", "South:1", "South:3", "South:4"}
    assert [notice.code for notice in records.notices if notice.code == "N103"] == ["N103"]


def test_one_set_with_la_and_year_is_the_same_region(tmp_path: Path) -> None:
    of_folders = read_records(side_by_side(tmp_path / "a"))
    of_set = read_records(combined(tmp_path / "b", tmp_path / "a"))
    assert counts(of_set) == counts(of_folders)
    columns = ["authority", "child_id", "started", "ended"]
    pd.testing.assert_frame_equal(of_set.placements[columns], of_folders.placements[columns])


def test_one_authority_of_a_region_is_the_authority_alone(tmp_path: Path) -> None:
    region = read_records(side_by_side(tmp_path / "a"))
    alone = read_records(write_returns(tmp_path / "b", SOUTH, BORN_SOUTH, (2023, 2024, 2025)))
    south = region.of_authority("South")
    assert south.placements["started"].tolist() == alone.placements["started"].tolist()
    assert [len(south.stock(f"{year}-03-31")) for year in south.years] == [2, 1, 2]
    with pytest.raises(InputError, match="North, South"):
        region.of_authority("East")


def test_a_region_counts_those_who_cover_the_day(tmp_path: Path) -> None:
    """South has no return for 2025: its children are not counted then, neither as there nor as gone."""
    records = read_records(side_by_side(tmp_path, south=(2023, 2024)))
    assert records.years == (2023, 2024, 2025)
    assert records.data_to == pd.Timestamp(2024, 3, 31)
    assert counts(records) == [(1, 2), (2, 1), (1, 0)]
    assert "South 2023 to 2024" in next(n.says for n in records.notices if n.code == "N108")
    assert records.of_authority("South").years == (2023, 2024)
    assert records.of_authority("North").data_to == pd.Timestamp(2025, 3, 31)


def test_a_return_sent_in_twice_is_not_a_region(tmp_path: Path) -> None:
    """``first`` and ``again`` hold the same children of 2025: one authority, its rows repaired."""
    write_returns(tmp_path, SOUTH, BORN_SOUTH, (2025,))
    for name in ("first", "again"):
        (tmp_path / "returns" / name).mkdir()
    (tmp_path / "returns" / "2025").rename(tmp_path / "returns" / "first" / "2025")
    again = write_returns(tmp_path / "x", SOUTH, BORN_SOUTH, (2025,))
    (again / "returns" / "2025").rename(tmp_path / "returns" / "again" / "2025")
    records = read_records(tmp_path)
    assert records.authorities == ("",)
    assert len(records.stock("2025-03-31")) == 2
    assert records.row_counts["read"] == 4


def test_an_authority_in_other_letters_is_the_same_and_a_year_must_be_one(tmp_path: Path) -> None:
    """ "NORTH " in one table is North; "this year" in YEAR is a fault with its rows, and nothing else is said."""
    folder = combined(tmp_path / "b", side_by_side(tmp_path / "a"))
    header = folder / "returns" / "ssda903_header.csv"
    header.write_text(header.read_text(encoding="utf-8").replace(",North,", ",NORTH ,"), encoding="utf-8")
    assert read_records(folder).authorities == ("North", "South")
    header.write_text(header.read_text(encoding="utf-8").replace("2025\n", "this year\n", 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_records(folder)
    assert ("F13", "YEAR") in {(fault.code, fault.column) for fault in caught.value.faults}


def test_a_set_whose_tables_name_the_authority_otherwise(tmp_path: Path) -> None:
    folder = combined(tmp_path / "b", side_by_side(tmp_path / "a"))
    header = folder / "returns" / "ssda903_header.csv"
    header.write_text(header.read_text(encoding="utf-8").replace(",North,", ",The North,"), encoding="utf-8")
    with pytest.raises(InputError, match="has rows of The North 2023, of which there are none in a table of episodes"):
        read_records(folder)
