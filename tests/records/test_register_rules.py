"""Every rule on the rows of one register: the rows that break it, and rows beside them that do not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from sufficiency.errors import InputError
from sufficiency.records import read_records
from sufficiency.records.register_rules import CELL_RULES_OF_REGISTERS, REGISTER_RULES, RULES_BETWEEN
from sufficiency.records.registers import check_register, register_notices
from sufficiency.records.return_cells import CELL_RULES
from sufficiency.records.return_rules import ROW_RULES

Rows = list[dict[str, object]]

CHILD = {"child_id": "SECRET", "date_of_birth": "2012-05-04", "needs_level": "1"}
HOME = {"home_id": "H", "kind": "ifa", "provider": "Agency", "postcode": "SN1 2AB", "places": "2", "places_free": "1",
        "min_age": "0", "max_age": "17", "max_needs_level": "2", "weekly_cost": "900"}  # fmt: skip
CARER = {"household_id": "F", "approved_on": "2020-01-01", "level": "1", "places": "2"}
PRICE = {"kind": "ifa", "from_date": "2024-04-01", "weekly_cost": "900"}


def told(name: str, rows: Rows) -> list[tuple[str, tuple[int, ...]]]:
    """Faults of a register and, when there are none, its notices: code and rows, no child named."""
    table = pd.DataFrame([{column: str(value) for column, value in row.items()} for row in rows]).fillna("")
    checked, faults = check_register(name, table, f"{name}.csv")
    found = faults or register_notices(name, table, checked, f"{name}.csv")
    assert not [fault for fault in found if "SECRET" in str(fault) or "2012" in str(fault)]
    return [(fault.code, fault.rows) for fault in found]


def children(*rows: dict[str, object]) -> Rows:
    return [CHILD | {"child_id": f"SECRET{number}"} | row for number, row in enumerate(rows)]


def homes(*rows: dict[str, object]) -> Rows:
    postcodes = ("SN1 2AB", "SN2 1AA", "SN3 3NS", "SN5 5AA")
    return [HOME | {"home_id": f"H{n}", "postcode": postcodes[n]} | row for n, row in enumerate(rows)]


def carers(*rows: dict[str, object]) -> Rows:
    return [CARER | {"household_id": f"F{number}"} | row for number, row in enumerate(rows)]


def prices(*rows: dict[str, object]) -> Rows:
    return [PRICE | row for row in rows]


def people(years: range | tuple[int, ...] = (2023, 2024), ages: int = 18, variant: str = "", of: int = 900) -> Rows:
    """A population of ``of`` at each age from 0 in each year."""
    return [{"year": y, "age": a, "population": of, "variant": variant} for y in years for a in range(ages)]


BROKEN = [
    ("C02", "children", children({"status": "step_down"}, {}), (2,)),
    ("N30", "children", children({"sibling_group": "g"}, {"sibling_group": "h"}, {"sibling_group": "h"}), (2,)),
    ("N32", "children", children({"max_miles": "0"}, {"max_miles": "0.5"}), (2,)),
    ("N33", "children", children({"allowed_kinds": "secure;other"}, {"allowed_kinds": "secure;ifa"}), (2,)),
    (
        "N39",
        "children",
        children(
            {"status": "settled", "current_home_id": "H1", "avoid_homes": "H1"},
            {"status": "needs_home", "current_home_id": "H1", "avoid_homes": "H1"},
        ),
        (2,),
    ),
    (
        "N160",
        "children",
        children(
            {"home_postcode": "SN1 2AB", "home_latitude": "51.65", "home_longitude": "-1.78"},
            {"home_postcode": "SN1 2AB", "home_latitude": "51.56", "home_longitude": "-1.78"},
            {"home_postcode": "SN1", "home_latitude": "51.65", "home_longitude": "-1.78"},
        ),
        (2,),
    ),
    ("N05", "homes", homes({"postcode": ""}, {}), (2,)),
    ("N45", "homes", homes({"kind": "supported", "min_age": "15"}, {"kind": "supported", "min_age": "16"}), (2,)),
    ("N46", "homes", homes({"places": "11"}, {"places": "10"}, {"kind": "residential", "places": "11"}), (2,)),
    ("N47", "homes", homes({"max_age": "18"}, {}, {"kind": "residential", "max_age": "18"}), (2,)),
    ("N48", "homes", homes({"registered": "no"}, {"registered": "no", "places_free": "0"}), (2,)),
    ("N49", "homes", homes({"places": "0", "places_free": "0"}, {}), (2,)),
    ("N60", "homes", homes({}, {"postcode": "sn12ab"}, {"postcode": "SN1 2AB", "provider": "Another"}), (2, 3)),
    (
        "N61",
        "homes",
        homes(*[{"kind": "residential", "ofsted_urn": "SC1"}] * 2, {"ofsted_urn": "SC2"}, {"ofsted_urn": "SC2"}),
        (2, 3),
    ),
    ("N160", "homes", homes({"latitude": "52.0", "longitude": "-1.78"}, {}), (2,)),
    ("N02", "homes", homes({"postcode": "ZZ9 9ZZ"}, {}), (2,)),
    ("N31", "carers", carers({"places": ""}, {"places": "", "left_on": "2024-01-01"}, {}), (2,)),
    ("N68", "carers", carers({"approved_on": ""}, {"approved_on": "", "level": "", "places": ""}), (2,)),
    ("N160", "carers", carers({"postcode": "SN1 2AB", "latitude": "53.0", "longitude": "-1.78"}), (2,)),
    (
        "N151",
        "prices",
        prices({"needs_level": "3", "weekly_cost": "800"}, {"needs_level": "1"}, {"needs_level": "2"}),
        (2,),
    ),
    (
        "N152",
        "prices",
        prices({"from_date": "2025-04-01"}, {"needs_level": "1"}, {"kind": "other", "from_date": "2025-04-01"}),
        (2,),
    ),
    ("O11", "population", people()[:-1], tuple(range(20, 37))),
    ("O12", "population", people((2024,), variant="low"), tuple(range(2, 20))),
    ("O12", "population", [row | {"age": row["age"] + 18} for row in people((2024,), ages=3)], (2, 3, 4)),
    ("N154", "population", people((2020, 2021, 2024)), (2 + 36,)),
    ("N155", "population", people((2023,)) + people((2024,), of=800), (2 + 18,)),
    ("N158", "population", people(ages=16), (2,)),
    (
        "N156",
        "population",
        people() + people(variant="low") + people((2024, 2025), variant="high"),
        (2 + 72,),
    ),
    ("N157", "population", people() + people(variant="low"), (2 + 36,)),
]


@pytest.mark.parametrize(("code", "name", "rows", "lines"), BROKEN, ids=[f"{row[0]}-{row[1]}" for row in BROKEN])
def test_each_rule_finds_its_rows_and_no_other(code: str, name: str, rows: Rows, lines: tuple[int, ...]) -> None:
    assert told(name, rows) == [(code, lines)]


SOUND = [
    ("children", children({"status": "step_down", "current_home_id": "H1"}, {"sibling_group": ""})),
    ("homes", homes({}, {"kind": "supported", "min_age": "16"}, {"weekly_cost": ""}, {"registered": "true"})),
    ("carers", carers({}, {"approved_on": "", "level": "", "places": "", "enquired_on": "2024-05-06"})),
    ("prices", prices({"needs_level": "1"}, {"needs_level": "3", "weekly_cost": "950"}, {"from_date": "2024-04-01"})),
    ("population", people() + people(variant="low", of=890) + people(variant="high", of=910)),
    ("population", people(ages=91)),
]


@pytest.mark.parametrize(("name", "rows"), SOUND, ids=[row[0] for row in SOUND])
def test_sound_rows_are_told_nothing(name: str, rows: Rows) -> None:
    assert told(name, rows) == []


@pytest.mark.parametrize(
    ("name", "rows", "code"),
    [
        ("homes", homes({"places": "1e999"}), "R03"),
        ("homes", homes({"places": "1e30"}), "R06"),
        ("homes", homes({"weekly_cost": "1e999"}), "R03"),
        ("homes", homes({"weekly_cost": "250000"}), "R06"),
        ("children", children({"max_miles": "1e999"}), "R03"),
        ("population", people((2024,), of=10**9), "R06"),
    ],
)
def test_numbers_too_large_to_be_true_are_faults(name: str, rows: Rows, code: str) -> None:
    """And not a traceback, nor a count that has run over."""
    assert {found for found, _ in told(name, rows)} == {code}


def test_an_unreadable_age_is_one_fault_not_two() -> None:
    """The year then lacks an age, but only because its row cannot be read."""
    rows = people()
    rows[3] = rows[3] | {"age": "three"}
    assert told("population", rows) == [("R03", (5,))]


def test_rows_left_out_may_put_others_at_fault_until_none_is_left(tmp_path: Path) -> None:
    """A bad figure goes, then the rest of its year, which lacks an age; the other years are used."""
    (tmp_path / "returns").symlink_to(Path(__file__).resolve().parents[2] / "data" / "returns")
    rows = people((2023, 2024, 2025))
    rows[20] = rows[20] | {"population": "many"}
    pd.DataFrame(rows).to_csv(tmp_path / "population.csv", index=False)
    with pytest.raises(InputError):
        read_records(tmp_path)
    records = read_records(tmp_path, on_fault="set_aside")
    aside = [(fault.code, len(fault.rows)) for fault in records.set_aside if fault.table == "population.csv"]
    assert aside == [("R03", 1), ("O11", 17)]
    assert records.population is not None
    assert sorted(records.population["year"].unique()) == [2023, 2025]


def test_every_rule_has_a_code_of_its_own_and_says_what_to_do() -> None:
    """One code, one meaning: only the cells' R codes, and those of points, stand for several columns."""
    rules = [rule for group in (REGISTER_RULES, RULES_BETWEEN, ROW_RULES) for found in group.values() for rule in found]
    shared = ("R07", "R08", "N02", "N160", "N169")
    codes = Counter(rule.code for rule in rules if rule.code not in shared)
    codes += Counter({rule.code for found in CELL_RULES.values() for rule in found})
    assert not [code for code, count in codes.items() if count > 1]
    cells = [rule for found in CELL_RULES_OF_REGISTERS.values() for rule in found]
    assert {rule.code for rule in cells} == {"R02", "R03", "R06"}
    for rule in (*rules, *cells):
        assert rule.says
        assert rule.fix
        assert (rule.severity == "warning") == rule.code.startswith("N")
