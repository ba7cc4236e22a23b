"""Registers against returns, and records without names."""

from __future__ import annotations

import pandas as pd

from sufficiency import Records, Scenario, run
from sufficiency.records.reconcile import reconciled

DAY = pd.Timestamp("2025-03-31")


def test_what_does_not_fit_is_noticed_with_rows_and_no_names() -> None:
    """b is looked after but not listed; c is listed but not looked after; H1 calls all free although a lives there;
    F2 is approved for nobody, F3 has left."""
    placements = pd.DataFrame({"child_id": ["a", "b"], "started": [DAY, DAY], "ended": [pd.NaT, pd.NaT]})
    children = pd.DataFrame(
        {"child_id": ["a", "c"], "status": ["settled", "needs_home"], "current_home_id": ["H1", None]}, index=[2, 3]
    )
    homes = pd.DataFrame({"home_id": ["H1"], "places": [1], "places_free": [1]}, index=[2])
    carers = pd.DataFrame(
        {"approved_on": [DAY, DAY, DAY], "left_on": [pd.NaT, pd.NaT, DAY], "places": [2.0, None, None]}, index=[2, 3, 4]
    )
    for table in (children, homes, carers):
        table.index.name = "line"
    notices = reconciled({"children": children, "homes": homes, "carers": carers}, placements, DAY)
    assert [(notice.code, notice.rows) for notice in notices] == [
        ("N08", (3,)),
        ("N09", ()),
        ("N10", (2,)),
        ("N11", (3,)),
    ]
    assert "1 of 2 children" in notices[1].says


def test_the_samples_registers_fit_its_returns(sample_records: Records) -> None:
    assert not [notice for notice in sample_records.notices if notice.code in ("N08", "N09", "N10", "N11")]


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
