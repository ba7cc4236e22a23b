"""Registers against each other and the returns, and records without names."""

from __future__ import annotations

import pandas as pd
import pytest

from sufficiency import Records, Scenario, run
from sufficiency.records.reconcile import Returned, held_together, reconciled
from sufficiency.records.registers import check_register

DAY = pd.Timestamp("2025-03-31")
SOURCES = {"children": "children.csv", "homes": "homes.xlsx", "carers": "carers.csv", "prices": "prices.csv",
           "population": "population.csv"}  # fmt: skip

CHILD = {"child_id": "SECRET1", "date_of_birth": "2012-05-04", "sex": "female", "needs_level": "1",
         "status": "settled", "current_home_id": "H1"}  # fmt: skip
HOME = {"home_id": "H1", "kind": "ifa", "postcode": "SN1 2AB", "places": "2", "places_free": "1", "min_age": "0",
        "max_age": "17", "max_needs_level": "2", "weekly_cost": "900"}  # fmt: skip
CARER = {"household_id": "F1", "approved_on": "2020-01-01", "level": "1", "places": "2"}
OWN_HOME = HOME | {"home_id": "F1", "kind": "in_house_fostering"}
PRICE = {"kind": "ifa", "from_date": "2024-04-01", "weekly_cost": "900"}


def register(name: str, *rows: dict[str, str]) -> pd.DataFrame:
    """A register from its rows, the first on line 2."""
    checked, faults = check_register(name, pd.DataFrame(list(rows)).fillna(""), SOURCES[name])
    assert not faults
    checked.index = pd.RangeIndex(2, len(checked) + 2, name="line")
    return checked


def returned(*children: dict[str, object]) -> Returned:
    """Returns that have these children in care on the day, each in one placement."""
    rows = [{"child_id": "SECRET1", "date_of_birth": pd.Timestamp(2012, 5, 4), "sex": "female", "kind": "ifa"} | child
            for child in children]  # fmt: skip
    columns = ["child_id", "date_of_birth", "sex", "kind"]
    table = pd.DataFrame(rows, columns=columns).astype({"date_of_birth": "datetime64[us]"})
    placements = table.assign(started=DAY, ended=pd.Series(pd.NaT, index=table.index, dtype="datetime64[us]"))
    return Returned(table[["child_id", "sex", "date_of_birth"]], placements, DAY)


def told(registers: dict[str, pd.DataFrame], by: Returned | None = None) -> list[tuple[str, str, tuple[int, ...]]]:
    """Code, file and rows of each notice; none of them names a child or what is said of one."""
    notices = reconciled(registers, SOURCES, by or returned({}))
    assert not [notice for notice in notices if "SECRET" in str(notice) or "2012" in str(notice)]
    return [(notice.code, notice.table, notice.rows) for notice in notices]


def test_registers_that_fit_say_nothing() -> None:
    registers = {
        "children": register("children", CHILD),
        "homes": register("homes", HOME, OWN_HOME | {"postcode": "SN1 2AD"}),
        "carers": register("carers", CARER),
    }
    assert told(registers) == []


OTHER_CHILD = {"child_id": "SECRET2"}
BY_THE_RETURNS = [
    ("N08", CHILD | {"child_id": "SECRET3"}, {}, {}),
    ("N34", CHILD | {"date_of_birth": "2007-03-31"}, {}, {"date_of_birth": pd.Timestamp(2007, 3, 31)}),
    ("N35", CHILD | {"date_of_birth": "2025-04-02"}, {"min_age": "0"}, {"date_of_birth": pd.Timestamp(2025, 4, 2)}),
    ("N36", CHILD | {"allowed_kinds": "supported;secure"}, {}, {}),
    ("N37", CHILD | {"current_home_id": "H9"}, {}, {}),
    ("N38", CHILD | {"current_home_id": ""}, {}, {}),
    ("N40", CHILD | {"avoid_homes": "H1;H9", "status": "needs_home"}, {}, {}),
    ("N41", CHILD | {"needs_level": "3"}, {}, {}),
    ("N41", CHILD, {"max_age": "11"}, {}),
    ("N41", CHILD, {"sex": "male"}, {}),
    ("N42", CHILD, {}, {"date_of_birth": pd.Timestamp(2012, 4, 5)}),
    ("N43", CHILD, {}, {"sex": "male"}),
    ("N44", CHILD, {}, {"kind": "residential"}),
]


@pytest.mark.parametrize(("code", "child", "home", "by"), BY_THE_RETURNS, ids=lambda value: str(value)[:3])
def test_each_child_that_does_not_fit_is_noticed_by_its_row(code: str, child, home, by) -> None:
    registers = {"children": register("children", child), "homes": register("homes", HOME | home)}
    notices = told(registers, returned(by))
    expected = [(code, "children.csv", (2,))]
    if code == "N08":
        expected.append(("N09", "children.csv", ()))
    if child["date_of_birth"] in ("2007-03-31", "2025-04-02"):
        expected.append(("N41", "children.csv", (2,)))
    assert notices == expected


def test_a_date_of_birth_of_which_the_returns_know_only_the_month_is_no_other() -> None:
    registers = {"children": register("children", CHILD)}
    assert told(registers, returned({"date_of_birth": pd.Timestamp(2012, 5, 15)})) == []
    assert told(registers, returned({"date_of_birth": pd.Timestamp(2012, 6, 15)})) == [("N42", "children.csv", (2,))]


def test_children_whom_the_register_lacks_are_counted_not_named() -> None:
    notices = reconciled({"children": register("children", CHILD)}, SOURCES, returned({}, OTHER_CHILD))
    assert [(notice.code, notice.rows) for notice in notices] == [("N09", ())]
    assert notices[0].says.startswith("1 of 2 children")


BETWEEN_REGISTERS = [
    ("N10", "homes", {"homes": [HOME | {"places_free": "2"}], "children": [CHILD]}),
    ("N62", "homes", {"homes": [HOME | {"open_to": "2025-03-30"}]}),
    ("N63", "homes", {"homes": [HOME | {"weekly_cost": "90"}], "prices": [PRICE]}),
    ("N63", "homes", {"homes": [HOME | {"weekly_cost": "46800"}], "prices": [PRICE]}),
    ("N64", "homes", {"homes": [HOME | {"weekly_cost": ""}]}),
    ("N64", "homes", {"homes": [HOME | {"weekly_cost": ""}], "prices": [PRICE | {"needs_level": "1"}]}),
    ("N64", "homes", {"homes": [HOME | {"weekly_cost": ""}], "prices": [PRICE | {"from_date": "2025-04-02"}]}),
    ("N65", "homes", {"homes": [OWN_HOME], "carers": [CARER | {"household_id": "F2", "left_on": "2025-01-01"}]}),
    ("N66", "homes", {"homes": [OWN_HOME], "carers": [CARER | {"left_on": "2025-03-31"}]}),
    ("N67", "homes", {"homes": [OWN_HOME], "carers": [CARER | {"places": "3"}]}),
    ("N69", "carers", {"carers": [CARER | {"household_id": "F1", "left_on": "2025-04-01"}]}),
    ("N150", "carers", {"homes": [HOME], "carers": [CARER]}),
    ("N153", "prices", {"prices": [PRICE | {"from_date": "2026-04-01"}]}),
]


@pytest.mark.parametrize(("code", "name", "rows"), BETWEEN_REGISTERS, ids=lambda value: str(value)[:4])
def test_each_row_that_does_not_fit_another_register_is_noticed(code: str, name: str, rows) -> None:
    registers = {one: register(one, *lines) for one, lines in rows.items()}
    assert [notice for notice in told(registers) if notice[0] != "N161"] == [(code, SOURCES[name], (2,))]


def test_kinds_that_a_run_could_not_cost_are_named() -> None:
    """A price for level 1 alone is none for the kind."""
    prices = register("prices", PRICE, PRICE | {"kind": "residential", "needs_level": "1"})
    notices = reconciled({"prices": prices}, SOURCES, returned({}))
    assert [(notice.code, notice.rows) for notice in notices] == [("N161", ())]
    assert "kinship, in_house_fostering, residential, supported, secure" in notices[0].says


@pytest.mark.parametrize(("years", "row"), [((2019, 2020), 19), ((2026, 2027), 2)])
def test_a_population_of_another_time_is_noticed(years: tuple[int, int], row: int) -> None:
    rows = [{"year": str(year), "age": str(age), "population": "900"} for year in years for age in range(18)]
    expected = [("N159", "population.csv", (row + (1 if row > 2 else 0),))]
    assert told({"population": register("population", *rows)}) == expected


def test_a_step_down_child_of_an_unknown_home_is_a_fault_of_its_row() -> None:
    registers = {
        "children": register("children", CHILD | {"status": "step_down", "current_home_id": "H9"}),
        "homes": register("homes", HOME),
    }
    faults = held_together(registers, SOURCES)
    assert {name: [(fault.code, fault.rows) for fault in found] for name, found in faults.items()} == {
        "children": [("C03", (2,))]
    }
    assert held_together({"children": registers["children"]}, SOURCES) == {}


def test_the_samples_registers_fit_each_other_and_its_returns(sample_records: Records) -> None:
    registers = {f"{name}.csv" for name in SOURCES}
    assert not [notice for notice in sample_records.notices if notice.table in registers]


def test_pseudonyms_hide_ids_births_and_postcodes_and_keep_the_joins(sample_records: Records) -> None:
    hidden = sample_records.pseudonymised("a key")
    assert not set(hidden.children["child_id"]) & set(sample_records.children["child_id"])
    assert hidden.children["child_id"].is_unique
    assert (hidden.children["date_of_birth"].dt.day == 15).all()
    assert (hidden.child_register["home_postcode"].dropna().str.fullmatch(r"[A-Z]{1,2}\d[A-Z\d]? \d")).all()
    assert set(hidden.placements["child_id"]) <= set(hidden.children["child_id"])
    assert set(hidden.child_register["child_id"]) <= set(hidden.children["child_id"])
    assert hidden.children["child_id"].equals(sample_records.pseudonymised("a key").children["child_id"])
    assert not hidden.children["child_id"].equals(sample_records.pseudonymised("another").children["child_id"])
    day = "2024-03-31"
    assert len(hidden.stock(day)) == len(sample_records.stock(day))


def test_records_without_names_still_run(sample_records: Records) -> None:
    scenario = Scenario(name="x").with_changes({"horizon.paths": 2, "horizon.years": 1})
    outlook = run(sample_records.pseudonymised("a key"), scenario)
    assert outlook.demand.population().iloc[0]["mean"] == 307
    assert outlook.matching is not None
