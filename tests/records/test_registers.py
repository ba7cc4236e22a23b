"""Registers: read, typed and checked; every fault of a file at once, and never a child's values in the text."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sufficiency.errors import InputError
from sufficiency.records.contract import REGISTERS
from sufficiency.records.registers import (
    check_register,
    check_registers_together,
    read_children_and_homes,
    read_register,
    register_notices,
    solo_siblings,
)

CHILDREN = """child_id,date_of_birth,needs_level,home_postcode,sibling_group,status,current_home_id,solo,avoid_homes
007,2015-02-03,1,SN1 2AB,,,,,H2;H3
8,03/04/2012,2,SN12,g1,settled,H1,no,
9,1/5/2010,3,ZZ9 9ZZ,g1,step_down,H1,0,
"""
HOMES = """home_id,kind,postcode,places,places_free,min_age,max_age,max_needs_level,weekly_cost
H1,ifa,SN1 2AB,2,0,0,17,3,"£1,020.50"
H2,residential,SN12,3,3,10,17,3,
"""


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def homes_with(**columns: object) -> pd.DataFrame:
    sound = {
        "home_id": ["H1", "H2"],
        "kind": ["ifa", "residential"],
        "postcode": ["SN1 2AB", "SN1 2AB"],
        "places": [2, 3],
        "places_free": [1, 3],
        "min_age": [0, 10],
        "max_age": [17, 17],
        "max_needs_level": [2, 3],
        "weekly_cost": [900.0, 5000.0],
    }
    return pd.DataFrame({**sound, **columns})


def children_with(**columns: object) -> pd.DataFrame:
    sound = {"child_id": ["SECRET1", "SECRET2"], "date_of_birth": ["2015-02-03"] * 2, "needs_level": [1, 2]}
    return pd.DataFrame({**sound, **columns})


def test_children_are_typed_with_defaults_and_placed(tmp_path: Path) -> None:
    """Two date formats mean the days written; leading zeros stay; SN1 2AB is in Swindon, ZZ9 9ZZ is nowhere."""
    children = read_register("children", written(tmp_path, children=CHILDREN) / "children.csv")
    assert list(children.columns) == [column.name for column in REGISTERS["children"]]
    assert children["child_id"].tolist() == ["007", "8", "9"]
    assert children["date_of_birth"].tolist() == [pd.Timestamp(d) for d in ("2015-02-03", "2012-04-03", "2010-05-01")]
    assert children["status"].tolist() == ["needs_home", "settled", "step_down"]
    assert children["avoid_homes"].tolist() == [("H2", "H3"), (), ()]
    assert not children["solo"].any()
    assert children["solo"].dtype == bool
    assert children["home_latitude"].round(1).tolist()[0] == 51.6
    assert children["home_latitude"].isna().tolist() == [False, False, True]


def test_homes_read_money_as_written_and_take_empty_cost_as_unknown(tmp_path: Path) -> None:
    homes = read_register("homes", written(tmp_path, homes=HOMES) / "homes.csv")
    assert homes["weekly_cost"].tolist()[0] == 1020.5
    assert homes["weekly_cost"].isna().tolist() == [False, True]
    assert homes["registered"].tolist() == [True, True]
    assert homes["sex"].tolist() == ["any", "any"]


@pytest.mark.parametrize("name", list(REGISTERS))
def test_checking_twice_changes_nothing(name: str) -> None:
    made = {
        "children": children_with(solo=[True, None], allowed_kinds=["ifa;residential", ""]),
        "homes": homes_with(),
        "carers": pd.DataFrame({"household_id": ["a", "b"], "level": ["1", ""], "approved_on": ["2024-01-02", ""]}),
        "prices": pd.DataFrame({"kind": ["ifa"], "from_date": ["2024-04-01"], "weekly_cost": ["900"]}),
        "population": pd.DataFrame({"year": [2024], "age": [3], "population": [2900]}),
        "fixed": pd.DataFrame({"child_id": ["1", "1"], "home_id": ["a", "b"], "decision": ["pin", "Rule_out"]}),
        "scores": pd.DataFrame({"child_id": ["1"], "home_id": ["a"], "score": ["-100"]}),
    }[name]
    once, faults = check_register(name, made, f"{name}.csv")
    again, faults_again = check_register(name, once, f"{name}.csv")
    assert faults == faults_again == []
    pd.testing.assert_frame_equal(once, again)


BAD_HOMES = [
    (homes_with(home_id=["H1", "H1"]), "home_id", (2, 3)),
    (homes_with(kind=["ifa", "castle"]), "kind", (3,)),
    (homes_with(places_free=[3, 3]), "places_free, places", (2,)),
    (homes_with(min_age=[18, 10]), "min_age, max_age", (2,)),
    (homes_with(weekly_cost=["900", "-1"]), "weekly_cost", (3,)),
    (homes_with(weekly_cost=["lots", "1"]), "weekly_cost", (2,)),
    (homes_with(places=["2.5", "3"]), "places", (2,)),
    (homes_with(places_free=[-1, 3]), "places_free", (2,)),
    (homes_with(open_from=["31/02/2024", ""]), "open_from", (2,)),
    (homes_with(open_from=["2024-02-01", ""], open_to=["2024-01-31", ""]), "open_from, open_to", (2,)),
    (homes_with(latitude=[-1.8, 51.5], longitude=[51.5, -1.8]), "latitude, longitude", (2,)),
    (homes_with(latitude=[40.0, 51.5], longitude=[-1.8, -1.8]), "latitude, longitude", (2,)),
    (homes_with(latitude=[51.5, 51.5], longitude=["", -1.8]), "latitude, longitude", (2,)),
    (homes_with(max_needs_level=[1, 4]), "max_needs_level", (3,)),
    (homes_with(registered=["maybe", "true"]), "registered", (2,)),
    (homes_with().drop(columns="places"), "places", ()),
]


@pytest.mark.parametrize(("table", "column", "rows"), BAD_HOMES, ids=[str(n) for n in range(len(BAD_HOMES))])
def test_each_bad_home_is_one_fault_with_column_and_rows(
    table: pd.DataFrame, column: str, rows: tuple[int, ...]
) -> None:
    _, faults = check_register("homes", table, "homes.csv")
    assert [(fault.table, fault.column, fault.rows) for fault in faults] == [("homes.csv", column, rows)]
    assert faults[0].fix


def test_all_faults_of_both_files_come_at_once_and_name_no_child(tmp_path: Path) -> None:
    """A child's bad date on line 2, an empty level on line 3, a home twice: three faults, none with the id in it."""
    children = "child_id,date_of_birth,needs_level\nSECRET1,2015-13-40,1\n\nSECRET2,2014-01-01,\n"
    homes = HOMES.replace("H2,", "H1,")
    folder = written(tmp_path, children=children, homes=homes)
    with pytest.raises(InputError) as caught:
        read_children_and_homes(folder / "children.csv", folder / "homes.csv")
    found = [(fault.table, fault.column, fault.rows) for fault in caught.value.faults]
    assert found == [
        ("children.csv", "date_of_birth", (2,)),
        ("children.csv", "needs_level", (4,)),
        ("homes.csv", "home_id", (2, 3)),
    ]
    assert "SECRET" not in str(caught.value)
    assert "2015" not in str(caught.value)


def test_more_children_than_the_register_allows() -> None:
    """Approved for one: two children living there are one too many; one settled child is not. A step-down child's
    place is taken, so the register that calls every place free contradicts itself."""
    children, _ = check_register(
        "children", children_with(status=["settled", "step_down"], current_home_id=["H1", "H1"]), "children.csv"
    )
    homes, _ = check_register("homes", homes_with(places=[1, 3], places_free=[0, 3]), "homes.csv")
    assert [fault.rows for fault in check_registers_together(children, homes)] == [(2,)]
    one = children.assign(current_home_id=["H1", None])
    assert check_registers_together(one, homes) == []
    all_free, _ = check_register("homes", homes_with(places=[1, 3], places_free=[1, 3]), "homes.csv")
    assert check_registers_together(one, all_free) == []
    steps_down = children.assign(current_home_id=[None, "H1"])
    assert [fault.rows for fault in check_registers_together(steps_down, all_free)] == [(2,)]


def test_a_home_of_unknown_place_is_kept_and_noticed() -> None:
    raw = homes_with(postcode=["", "nowhere"])
    checked, faults = check_register("homes", raw, "homes.csv")
    assert faults == []
    notices = register_notices("homes", raw, checked, "homes.csv")
    assert [(notice.code, notice.rows) for notice in notices] == [("N02", (3,)), ("N05", (2,))]


def test_solo_child_in_a_sibling_group_is_a_fault_but_alone_in_it_is_not() -> None:
    both = children_with(sibling_group=["g", "g"], solo=["yes", "no"])
    checked, faults = check_register("children", both, "children.csv")
    assert [fault.rows for fault in faults] == [(2,)]
    assert solo_siblings(checked) == faults
    assert check_register("children", both.assign(sibling_group=["g", "h"]), "children.csv")[1] == []


def test_unknown_columns_and_postcodes_are_notices_not_faults() -> None:
    raw = children_with(home_postcode=["SN1 2AB", "ZZ9 9ZZ"], eye_colour=["", ""])
    checked, faults = check_register("children", raw, "children.csv")
    notices = register_notices("children", raw, checked, "children.csv")
    assert faults == []
    assert "eye_colour" not in checked.columns
    assert [(notice.column, notice.rows) for notice in notices] == [("eye_colour", ()), ("home_postcode", (3,))]


def test_dates_that_look_month_first_are_told_what_to_do_about_it() -> None:
    table = children_with(date_of_birth=["02/13/2015", "12/31/2014"])
    _, faults = check_register("children", table, "children.csv")
    (fault,) = [fault for fault in faults if fault.column == "date_of_birth" and fault.code == "R03"]
    assert "month/day/year" in fault.fix
    assert fault.rows == (2, 3)
