"""Carers: the arithmetic of the plan by hand, conservation, delays and levers."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from sufficiency import InputError, Records, Scenario, forecast_places, project
from sufficiency.ranges import RANGE_COLUMNS
from sufficiency.vocabulary import KINDS


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


def test_each_stage_and_every_move_between_levels_stands_in_the_table_of_carers(sample_records: Records) -> None:
    carers = supply_of(sample_records, approvals_per_year=25, level_up_per_year=0.1).carers()
    stages = [
        "enquiries",
        "applications",
        "stage_1_passed",
        "stage_2_passed",
        "approvals",
        "ready_for_placement",
        "leavers",
    ]
    overall = carers[carers["level"] == "all"].pivot(index="date", columns="measure", values="mean").iloc[1:]
    assert (overall[stages] > 0).any().all()
    for level in "123":
        rows = carers[carers["level"] == level].pivot(index="date", columns="measure", values="mean")
        change = rows["approvals"] - rows["leavers"] + rows["moved_in"] - rows["moved_out"]
        assert rows["households"].diff().iloc[1:].to_numpy() == pytest.approx(change.iloc[1:].to_numpy())
    assert carers.loc[(carers["level"] == "1") & (carers["measure"] == "moved_in"), "mean"].sum() == 0
    assert carers.loc[(carers["level"] == "3") & (carers["measure"] == "moved_in"), "mean"].sum() > 0


def test_gross_and_net_growth_both_stand_in_the_funnel_and_the_finding(sample_records: Records) -> None:
    """25 approvals a year: 75 approved, households from 50 to 97: growth of 25 a year gross, 16 net."""
    supply = supply_of(sample_records, approvals_per_year=25)
    yearly = supply.funnel().pivot(index="financial_year", columns="measure", values="mean")
    assert yearly["net_growth"].to_numpy() == pytest.approx((yearly["approvals"] - yearly["leavers"]).to_numpy())
    assert "75 approved on the way (25 a year) and net growth of 16 a year" in supply.finding()
    net = supply_of(sample_records, approvals_per_year=25, driven_by="net")
    assert (net.counts("households")[:, [12, 24, 36]] == [75, 100, 125]).all()
    assert "net growth of 25 a year" in net.finding()


def test_kinship_households_come_and_go_with_the_children_in_kinship_placements(sample_records: Records) -> None:
    scenario = Scenario(name="x").with_changes({"horizon.paths": 6, "horizon.years": 2})
    demand = project(sample_records, scenario)
    supply = forecast_places(sample_records, scenario, demand)
    kinship = supply.kinship
    assert kinship is not None
    children = demand.simulated.stock[..., KINDS.index("kinship")].sum(axis=2)
    assert np.array_equal(kinship.places, children)
    assert (kinship.households <= kinship.places).all()
    assert ((kinship.households > 0) == (kinship.places > 0)).all()
    assert (kinship.households < kinship.places).any()
    places = supply.places()
    of_kinship = places[(places["kind"] == "kinship") & (places["measure"] == "approved")]
    assert of_kinship["mean"].to_numpy() == pytest.approx(children.mean(axis=0))
    assert "kinship_households" in set(supply.carers()["measure"])
    assert np.array_equal(supply.counts("households"), forecast_places(sample_records, scenario).counts("households"))


def test_extra_bedrooms_add_places_and_no_households(sample_records: Records) -> None:
    """Four a year for three years; attrition 0, so all of the twelve are there at the end."""
    without = supply_of(sample_records, approvals_per_year=0, attrition=0.0)
    extended = supply_of(sample_records, approvals_per_year=0, attrition=0.0, extra_bedrooms=4)
    more = extended.counts("places") - without.counts("places")
    assert (more[:, [0, 12, 24, 36]] == [0, 4, 8, 12]).all()
    assert np.array_equal(extended.counts("households"), without.counts("households"))
    assert (extended.counts("usable") >= without.counts("usable")).all()
    assert (extended.counts("usable")[:, 36] > without.counts("usable")[:, 36]).any()


def test_every_fault_of_recruitment_and_homes_is_told_at_once(sample_records: Records) -> None:
    home = {"home_id": "NEW1", "kind": "residential", "places": 3, "opens": "2025-10-01", "postcode": "ZZ1 1ZZ",
            "weekly_cost": 5000.0}  # fmt: skip
    levers = {"months_application_to_approval": 30, "enquiry_to_application": 0.0,
              "recruits_live": [{"area": "ZZ9", "share": 1.0}]}  # fmt: skip
    changes = {f"supply.recruitment.{name}": value for name, value in levers.items()}
    scenario = Scenario(name="x").with_changes(
        {"horizon.paths": 2, "horizon.years": 2, "supply.homes": [home], **changes}
    )
    with pytest.raises(InputError) as raised:
        forecast_places(sample_records, scenario)
    told = str(raised.value)
    assert "4 faults" in told
    assert "are 35 months from enquiry to first placement, longer than the horizon of 24 months" in told
    assert "no number of enquiries brings the approvals" in told
    assert "ZZ9 is not in the ONS directory" in told


def test_settings_with_less_effect_than_they_seem_to_have_are_noted(sample_records: Records) -> None:
    supply = supply_of(sample_records, approvals_per_year=[25, 25, 25, 10, 10], allowance_uplift=0.1)
    assert len(supply.notes) == 3
    assert "approvals_per_year has 5 yearly values and the horizon 3 years" in supply.notes[0]
    assert supply_of(sample_records).notes == ()


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
