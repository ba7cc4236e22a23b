"""Points that can be somebody's home or school, and points in the sea, swapped, half given or abroad."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sufficiency.errors import InputError
from sufficiency.geography import locate
from sufficiency.matching import match
from sufficiency.records.dry_land import CELLS, cells_with_postcodes, near_a_postcode
from sufficiency.records.registers import check_register, points_in_the_sea, register_notices

CHILD = {"child_id": "SECRET", "date_of_birth": "2012-05-04", "needs_level": "1"}
HOME = {"home_id": "H", "kind": "ifa", "places": "2", "places_free": "1", "min_age": "0", "max_age": "17",
        "max_needs_level": "2", "weekly_cost": "900"}  # fmt: skip

SEA = [("51.56", "1.78"), ("50.2", "-2.0"), ("53.5", "-5.2"), ("54.0", "1.5"), ("58.5", "-1.0"), ("49.5", "-6.9")]
"""Swindon without its minus; the Channel; the Irish Sea; the North Sea; between Orkney and Norway; the Atlantic."""

LAND = [("51.56", "-1.78"), ("51.18", "-4.67"), ("49.92", "-6.30"), ("60.15", "-1.14"), ("54.15", "-4.48"),
        ("49.19", "-2.11"), ("53.35", "-6.26"), ("54.95", "-7.73"), ("54.60", "-5.93")]  # fmt: skip
"""Swindon, Lundy, Scilly, Lerwick, Douglas, St Helier, Dublin, Letterkenny, Belfast."""


def faults(name: str, **cells: str) -> list[tuple[str, str, str, tuple[int, ...]]]:
    row = CHILD if name == "children" else HOME
    _, found = check_register(name, pd.DataFrame([row | cells]), f"{name}.csv")
    assert "SECRET" not in str(found)
    return [(fault.code, fault.column, fault.says, fault.rows) for fault in found]


def at(name: str, latitude: str, longitude: str, place: str = "home_") -> list[tuple[str, str, str, tuple[int, ...]]]:
    start = place if name == "children" else ""
    return faults(name, **{f"{start}latitude": latitude, f"{start}longitude": longitude})


def notices(name: str, latitude: str, longitude: str, place: str = "home_") -> list[tuple[str, str, tuple[int, ...]]]:
    start = place if name == "children" else ""
    row = CHILD if name == "children" else HOME
    table = pd.DataFrame([row | {f"{start}latitude": latitude, f"{start}longitude": longitude}])
    checked, found = check_register(name, table, f"{name}.csv")
    assert found == []
    told = [notice for notice in register_notices(name, table, checked, f"{name}.csv") if notice.code != "N05"]
    assert told == points_in_the_sea(name, checked, f"{name}.csv")
    return [(notice.code, notice.column, notice.rows) for notice in told]


@pytest.mark.parametrize("point", SEA)
def test_a_point_in_the_sea_is_noticed_by_its_row(point: tuple[str, str]) -> None:
    """No fault: the map may be a made-up one."""
    assert notices("homes", *point) == [("N169", "latitude, longitude", (2,))]
    assert notices("children", *point) == [("N169", "home_latitude, home_longitude", (2,))]
    assert notices("children", *point, "school_") == [("N169", "school_latitude, school_longitude", (2,))]


@pytest.mark.parametrize("point", LAND)
def test_a_point_on_land_is_none(point: tuple[str, str]) -> None:
    assert at("homes", *point) == at("children", *point) == at("children", *point, place="school_") == []
    assert notices("homes", *point) == notices("children", *point) == notices("children", *point, "school_") == []


@pytest.mark.parametrize(
    ("point", "says"),
    [
        (("-1.78", "51.56"), "latitude and longitude look swapped"),
        (("0", "0"), "the point is outside the British Isles"),
        (("48.86", "2.35"), "the point is outside the British Isles"),
        (("415000", "185000"), "the point is outside the British Isles"),
        (("51.56", ""), "one coordinate without the other"),
    ],
)
def test_points_that_are_no_place_of_ours_say_why(point: tuple[str, str], says: str) -> None:
    """Swapped; nowhere; Paris; a grid reference in metres; half a point."""
    assert [found[2] for found in at("homes", *point)] == [says]
    assert [found[2] for found in at("children", *point)] == [says]
    assert [found[2] for found in at("children", *point, place="school_")] == [says]


def test_a_match_stops_at_such_points_and_names_files_and_rows() -> None:
    children = pd.DataFrame([CHILD | {"home_latitude": "0", "home_longitude": "0"}])
    homes = pd.DataFrame([HOME | {"latitude": "-1.78", "longitude": "51.56"}])
    with pytest.raises(InputError) as caught:
        match(children, homes, as_of="2025-03-31")
    assert [(fault.code, fault.table, fault.rows) for fault in caught.value.faults] == [
        ("R08", "children.csv", (2,)),
        ("R08", "homes.csv", (2,)),
    ]
    assert "SECRET" not in str(caught.value)


def test_the_cells_are_those_of_the_directory() -> None:
    """Of the postcodes that start with L (Liverpool, Leeds, Lancaster, Llandudno, …) every one is in a cell."""
    held = pd.read_csv(CELLS)
    cells = {(south, west) for south, first, last in held.to_numpy() for west in range(first, last + 1)}
    some = cells_with_postcodes("L")
    assert len(some) > 20
    assert {(south, west) for south, first, last in some.to_numpy() for west in range(first, last + 1)} <= cells


def test_unknown_points_are_not_refused_and_borders_of_the_grid_hold() -> None:
    latitude = np.array([np.nan, 51.56, -90.0, 90.0, 51.56, 51.56])
    longitude = np.array([-1.78, np.nan, -1.78, -1.78, -180.0, 180.0])
    assert near_a_postcode(latitude, longitude).tolist() == [True, True, False, False, False, False]


def test_a_school_is_where_its_postcode_is() -> None:
    """Or where its own point is; an unknown postcode leaves the place unknown, with a notice and no fault."""
    rows = [{"school_postcode": "SN1 2AB"}, {"school_postcode": "ZZ9 9ZZ"}, {},
            {"school_postcode": "SN1 2AB", "school_latitude": "51.65", "school_longitude": "-1.78"}]  # fmt: skip
    table = pd.DataFrame([CHILD | {"child_id": str(n)} | row for n, row in enumerate(rows)]).fillna("")
    checked, found = check_register("children", table, "children.csv")
    assert found == []
    there = locate(pd.Series(["SN1 2AB"]))
    assert checked["school_latitude"].tolist()[0] == there["latitude"].tolist()[0]
    assert checked["school_longitude"].tolist()[0] == there["longitude"].tolist()[0]
    assert checked["school_latitude"].isna().tolist() == [False, True, True, False]
    assert checked["school_latitude"].tolist()[3] == 51.65
    notices = register_notices("children", table, checked, "children.csv")
    assert [(notice.code, notice.column, notice.rows) for notice in notices] == [
        ("N02", "school_postcode", (3,)),
        ("N160", "school_postcode, school_latitude, school_longitude", (5,)),
    ]


def test_a_fault_of_one_place_leaves_the_other_alone() -> None:
    """A school's latitude that is no number takes its longitude with it, not the point of the home."""
    row = CHILD | {
        "home_latitude": "51.56",
        "home_longitude": "-1.78",
        "school_latitude": "x",
        "school_longitude": "-1",
    }
    checked, found = check_register("children", pd.DataFrame([row]), "children.csv")
    assert [(fault.code, fault.column) for fault in found] == [("R03", "school_latitude")]
    assert checked["home_latitude"].tolist() == [51.56]
    assert checked["school_longitude"].isna().all()
