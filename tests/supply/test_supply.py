"""Carers: the arithmetic of the plan by hand, conservation, delays and levers."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from sufficiency import InputError, Records, Scenario, forecast_places
from sufficiency.ranges import RANGE_COLUMNS


def supply_of(records: Records, **levers: object):
    """With the national rates, unless the levers say otherwise."""
    changes = {f"supply.recruitment.{name}": value for name, value in {"rates": "national", **levers}.items()}
    scenario = Scenario(name="test").with_changes({"horizon.paths": 400, "horizon.years": 3, **changes})
    return forecast_places(records, scenario)


def closing(supply, year: int) -> float:
    return supply.counts("households")[:, 12 * year].mean()


@pytest.mark.parametrize(("approvals", "attrition", "expected"), [(25, 0.14, 96.8), (10, 0.14, 57.8), (25, 0.25, 78.9)])
def test_households_after_three_years_by_hand(
    sample_records: Records, approvals: int, attrition: float, expected: float
) -> None:
    """50 × (1 − a)³ + approvals × ((1 − a)² + (1 − a) + 1), attrition falling on each year's opening households."""
    supply = supply_of(sample_records, approvals_per_year=approvals, attrition=attrition)
    kept = 1 - attrition
    assert 50 * kept**3 + approvals * (kept**2 + kept + 1) == pytest.approx(expected, abs=0.1)
    assert closing(supply, 3) == pytest.approx(expected, abs=0.8)


def test_households_are_conserved_in_every_path_and_month(sample_records: Records) -> None:
    supply = supply_of(sample_records, approvals_per_year=25, level_3_per_year=10)
    for level in (None, 1, 2, 3):
        stock = supply.counts("households", level)
        assert np.array_equal(stock[:, 1:], stock[:, :-1] + supply.approvals(level) - supply.leavers(level))


def test_level_3_stands_inside_the_total_unless_the_scenario_says_otherwise(sample_records: Records) -> None:
    inside = supply_of(sample_records, approvals_per_year=25, level_3_per_year=10)
    on_top = supply_of(sample_records, approvals_per_year=25, level_3_per_year=10, level_3_inside_total=False)
    assert (inside.approvals()[:, :12].sum(axis=1) == 25).all()
    assert (inside.approvals(3)[:, :12].sum(axis=1) == 10).all()
    assert (on_top.approvals()[:, :12].sum(axis=1) == 35).all()


def test_25_approvals_take_about_50_applications_and_417_enquiries(sample_records: Records) -> None:
    """25 ÷ 0.5 = 50 applications; 50 ÷ 0.12 = 417 enquiries a year."""
    supply = supply_of(sample_records, approvals_per_year=25)
    assert supply.applications[:, 12:24].sum(axis=1).mean() == pytest.approx(50, rel=0.03)
    assert supply.enquiries[:, 12:24].sum(axis=1).mean() == pytest.approx(417, rel=0.03)


def test_driven_by_enquiries_approvals_follow_with_the_same_shares(sample_records: Records) -> None:
    """400 enquiries × 0.12 × 0.5 = 24 approvals a year."""
    supply = supply_of(sample_records, enquiries_per_year=400)
    assert supply.approvals()[:, 12:24].sum(axis=1).mean() == pytest.approx(24, rel=0.05)


def test_a_new_household_fills_no_place_in_its_first_months(sample_records: Records) -> None:
    supply = supply_of(sample_records, approvals_per_year=12, months_to_first_placement=6, attrition=0.0)
    today = supply_of(sample_records, approvals_per_year=0, attrition=0.0)
    assert np.array_equal(supply.counts("usable")[:, :6], today.counts("usable")[:, :6])
    assert (supply.counts("usable")[:, 18] > today.counts("usable")[:, 18]).all()


def test_share_not_available_is_that_of_todays_places_and_spares_the_filled(sample_records: Records) -> None:
    """Of 90 places 50 are filled; with 0.44 not usable the usable ones are 50 again, with 0 all 90."""
    assert supply_of(sample_records, share_not_available=0.44).counts("usable")[:, 0].mean() == pytest.approx(
        50.4, abs=0.5
    )
    assert (supply_of(sample_records, share_not_available=0.0).counts("usable")[:, 0] == 90).all()
    assert (supply_of(sample_records, share_not_available=1.0).counts("usable")[:, 0] == 50).all()


def test_more_approvals_keep_todays_households_as_they_were(sample_records: Records) -> None:
    """Common random numbers: who of today's households stops, and when, does not depend on recruitment."""
    few, many = (supply_of(sample_records, approvals_per_year=number) for number in (0, 25))
    today = len(few.today) * few.paths
    assert np.array_equal(few.households.stopped[:today], many.households.stopped[:today])


def test_tables_have_the_columns_of_the_contract(sample_records: Records) -> None:
    supply = supply_of(sample_records)
    assert supply.carers().columns.tolist() == ["date", "level", "measure", *RANGE_COLUMNS]
    assert supply.places().columns.tolist() == ["date", "kind", "measure", *RANGE_COLUMNS]
    assert not supply.carers().isna().any(axis=None)


def test_a_new_home_opens_and_closes_on_its_days(sample_records: Records) -> None:
    home = {"home_id": "NEW1", "kind": "residential", "places": 3, "opens": "2025-10-01", "closes": "2026-06-30",
            "postcode": "SN1 2BG", "weekly_cost": 5000.0}  # fmt: skip
    scenario = Scenario(name="x").with_changes({"supply.homes": [home], "horizon.paths": 2, "horizon.years": 2})
    places = forecast_places(sample_records, scenario).places()
    rows = places[(places["kind"] == "residential") & (places["measure"] == "approved")].set_index("date")["mean"]
    extra = rows - rows.iloc[0]
    assert extra[pd.Timestamp("2025-09-30")] == 0
    assert extra[pd.Timestamp("2025-10-31")] == 3
    assert extra[pd.Timestamp("2026-06-30")] == 3
    assert extra[pd.Timestamp("2026-07-31")] == 0


def test_a_new_home_with_a_name_in_use_or_no_such_postcode_is_two_faults(sample_records: Records) -> None:
    taken = sample_records.homes.loc[sample_records.homes["kind"] == "residential", "home_id"].iloc[0]
    home = {"home_id": taken, "kind": "residential", "places": 3, "opens": "2025-10-01", "postcode": "ZZ1 1ZZ",
            "weekly_cost": 5000.0}  # fmt: skip
    scenario = Scenario(name="x").with_changes({"supply.homes": [home], "horizon.paths": 2})
    with pytest.raises(InputError, match="2 faults"):
        forecast_places(sample_records, scenario)


def test_without_registers_the_message_says_what_to_add(sample_records: Records) -> None:
    bare = dataclasses.replace(sample_records, homes=None, carers=None)
    with pytest.raises(InputError, match=r"Add homes\.csv"):
        supply_of(bare)
