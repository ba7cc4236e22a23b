"""Households in every path: attrition by years and level, moves up, bedrooms, pay, net growth, where recruits live."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sufficiency import InputError
from sufficiency.supply.households import TODAY, Households
from sufficiency.supply.pipeline import monthly_counts
from sufficiency.supply.today import enquiries_of_past_year, today_from_register
from tests.supply.by_hand import PATHS, carried, fifty, open_by_month


def stopping_in_year(households: Households, among: np.ndarray, year: int = 0) -> float:
    return float((households.stopped[among] // 12 == year).mean())


@pytest.mark.parametrize("levers", [{"attrition_by_years": (3, 1, 0.8, 0.5)}, {"attrition_by_level": (0.5, 1, 2)}])
def test_todays_households_stop_at_the_stated_share_however_it_differs_among_them(levers: dict[str, object]) -> None:
    """2,000 paths × 50 households at 14%: the standard error is 0.11 points."""
    households, _ = carried(paths=2000, years=1, attrition=0.14, approvals_per_year=0, **levers)
    assert stopping_in_year(households, households.approved == TODAY) == pytest.approx(0.14, abs=0.004)


def test_attrition_falls_by_years_since_approval_as_the_multipliers_say() -> None:
    """Of ten years alike, multipliers 3, 1, 1, 0.5 have the mean (3 + 1 + 1 + 1 + 1 + 5 × 0.5) ÷ 10 = 0.95: so those in
    their first year stop at 0.14 × 3 ÷ 0.95 = 44%, those after five at 7.4%, recruits in their first full year at 44%.
    """
    households, _ = carried(paths=1500, attrition=0.14, attrition_by_years=(3, 1, 1, 0.5), approvals_per_year=20)
    now = households.approved == TODAY
    assert stopping_in_year(households, now & (households.since < 12)) == pytest.approx(0.442, abs=0.015)
    assert stopping_in_year(households, now & (households.since >= 60)) == pytest.approx(0.0737, abs=0.004)
    new = (households.approved >= 0) & (households.approved < 12)
    assert stopping_in_year(households, new, year=1) == pytest.approx(0.442, abs=0.01)
    assert stopping_in_year(households, new, year=2) == pytest.approx((1 - 0.442) * 0.147, abs=0.01)


def test_a_household_whose_day_of_approval_is_unknown_has_that_of_another() -> None:
    since = fifty()["months_since"].where(np.arange(50) < 25)
    households, _ = carried(fifty(), approvals_per_year=0)
    drawn, _ = carried(fifty().assign(months_since=since), approvals_per_year=0)
    told = np.tile(np.arange(50) < 25, PATHS)
    assert np.array_equal(drawn.since[told], households.since[told])
    assert set(drawn.since[~told]) == set(since.dropna().astype(int))
    spread, _ = carried(fifty(months_since=np.nan), paths=400, approvals_per_year=0, attrition=0.2)
    assert spread.since.mean() / 12 == pytest.approx(-1 / np.log(0.8), abs=0.2)


def test_the_register_of_carers_tells_when_todays_households_were_approved() -> None:
    homes = fifty().rename(columns={"level": "max_needs_level"}).drop(columns="months_since")
    homes = homes.assign(kind="in_house_fostering", registered=True, open_from=pd.NaT, open_to=pd.NaT)
    carers = pd.DataFrame({"household_id": ["H00", "H01"], "approved_on": pd.to_datetime(["2024-03-31", "2026-01-01"])})
    today = today_from_register(homes, carers, pd.Timestamp("2025-03-31"))
    assert today["months_since"].iloc[0] in (11, 12)
    assert today["months_since"].iloc[1:].isna().all()


def test_households_move_up_at_the_stated_share_and_never_past_level_3() -> None:
    households, _ = carried(paths=800, years=5, attrition=0.0, approvals_per_year=0, level_up_per_year=0.2)
    low = households.level < 3
    assert (households.level_at(12)[low] > households.level[low]).mean() == pytest.approx(0.2, abs=0.01)
    assert (households.level_at(60) == households.level)[~low].all()
    from_1 = households.level == 1
    assert set(households.level_at(60)[from_1]) == {1, 2, 3}
    stays_low = (households.level_at(60) == 1)[from_1].mean()
    assert stays_low == pytest.approx(0.8**5, abs=0.02)


def test_opening_and_approved_and_moved_less_left_is_closing_in_every_path_month_and_level() -> None:
    households, _ = carried(
        approvals_per_year=25, level_3_per_year=5, level_up_per_year=0.3, attrition_by_level=(2, 1, 0.5)
    )
    path = households.path
    moves = [(month, households.level + number) for number, month in enumerate(households.raised.T)]

    def counted(month: np.ndarray, level: np.ndarray) -> np.ndarray:
        return np.stack([monthly_counts(path[level == one], month[level == one], PATHS, 36) for one in (1, 2, 3)])

    def open_at(month: int) -> np.ndarray:
        cell = path * 3 + households.level_at(month) - 1
        return np.bincount(cell, households.open_at(month), PATHS * 3).reshape(PATHS, 3).T

    stock = np.stack([open_at(month) for month in range(37)], axis=2)
    change = counted(households.approved, households.level)
    change = change - counted(households.stopped, households.level_at(households.stopped))
    change = change + sum(counted(month, before + 1) - counted(month, before) for month, before in moves)
    assert np.array_equal(stock[:, :, 1:] - stock[:, :, :-1], change)
    assert sum(counted(month, before).sum() for month, before in moves) > 100


@pytest.mark.parametrize("levers", [{}, {"driven_by": "net"}, {"level_3_per_year": 3}, {"level_up_per_year": 0.2}])
def test_more_approvals_never_lower_the_households_of_any_path_in_any_month(levers: dict[str, object]) -> None:
    few, some, many = (open_by_month(carried(approvals_per_year=number, **levers)[0]) for number in (10, 11, 25))
    assert (some >= few).all()
    assert (many >= some).all()
    assert (some > few).any()


def test_net_growth_is_met_in_every_path_and_year_by_making_good_those_who_stop() -> None:
    """50 households growing by 25 a year: 75, 100, 125 in every path; approvals are 25 and the leavers of the year."""
    households, pipeline = carried(approvals_per_year=25, driven_by="net")
    assert (open_by_month(households)[:, 12::12] == [75, 100, 125]).all()
    yearly = [monthly_counts(households.path, month, PATHS, 36).reshape(PATHS, 3, 12).sum(axis=2)
              for month in (households.approved, households.stopped)]  # fmt: skip
    assert np.array_equal(yearly[0], yearly[1] + 25)
    gross = carried(approvals_per_year=25)[1]
    assert pipeline.enquiries.sum() > gross.enquiries.sum()


def test_net_growth_counts_level_3_households_that_come_on_top() -> None:
    households, _ = carried(approvals_per_year=4, level_3_per_year=2, level_3_inside_total=False, driven_by="net")
    assert (open_by_month(households)[:, 12::12] == [56, 62, 68]).all()


def test_an_authority_without_households_can_recruit() -> None:
    """Five a year from none: in three years 5 × (0.86² + 0.86 + 1) = 13 at 14%; where they live is not known."""
    none = fifty().iloc[:0]
    households, _ = carried(none, paths=400, approvals_per_year=5, attrition=0.14, extra_bedrooms=2)
    assert open_by_month(households, 400)[:, 36].mean() == pytest.approx(13, abs=0.3)
    assert np.isnan(households.latitude).all()
    assert len(carried(none, approvals_per_year=0)[0].path) == 0


def test_places_are_conserved_in_every_path_and_month() -> None:
    households, _ = carried(approvals_per_year=15, extra_bedrooms=4)
    path = households.path

    def counted(month: np.ndarray, places: np.ndarray) -> np.ndarray:
        return np.stack([np.bincount(path[month == one], places[month == one], PATHS) for one in range(36)], axis=1)

    def places_open(month: int) -> np.ndarray:
        return np.bincount(path, households.open_at(month) * households.places_at(month), PATHS)

    stock = np.stack([places_open(month) for month in range(37)], axis=1)
    at_end = households.places + (households.extended < households.stopped)
    change = counted(households.approved, households.places) - counted(households.stopped, at_end)
    change = change + counted(households.extended, np.ones(len(path)))
    assert np.array_equal(np.diff(stock, axis=1), change)


def test_bedrooms_are_added_to_present_households_below_the_usual_limit() -> None:
    households, _ = carried(extra_bedrooms=4, attrition=0.1, approvals_per_year=10)
    gained = households.extended < 36
    assert (households.approved[gained] == TODAY).all()
    assert (households.places_at(36)[gained] <= 3).all()
    yearly = monthly_counts(households.path, households.extended, PATHS, 36).reshape(PATHS, 3, 12).sum(axis=2)
    assert (yearly == 4).all()
    assert (households.stopped[gained] > households.extended[gained]).all()
    assert (households.available_at(36) >= 0).all()


def test_more_bedrooms_never_take_one_from_a_household_and_end_with_the_households_that_can_have_one() -> None:
    four, nine, all_of_them = (
        carried(extra_bedrooms=number, approvals_per_year=0, attrition=0.1)[0] for number in (4, 9, 500)
    )
    assert (nine.extended <= four.extended).all()
    open_after = all_of_them.stopped > 12
    able = (all_of_them.places < 3) & open_after
    assert (all_of_them.extended[able] < 12).all()
    assert (all_of_them.extended[all_of_them.places >= 3] > 36).all()


def test_better_pay_keeps_households_and_brings_enquiries_as_assumed() -> None:
    """A tenth more pay at 1 per cent for 1 per cent: 0.14 ÷ 1.1 = 12.7% stop, and 400 × 1.1 = 440 enquiries a year."""
    levers = {"allowance_uplift": 0.1, "allowance_on_attrition": 1.0, "allowance_on_enquiries": 1.0}
    households, pipeline = carried(paths=1500, years=1, attrition=0.14, enquiries_per_year=400, **levers)
    assert stopping_in_year(households, households.approved == TODAY) == pytest.approx(0.1273, abs=0.004)
    assert pipeline.enquiries.sum(axis=1).mean() == pytest.approx(440, abs=2)
    unpaid = carried(approvals_per_year=10)[0]
    paid = carried(approvals_per_year=10, allowance_uplift=0.1)[0]
    assert (paid.stopped >= unpaid.stopped).all()
    assert (paid.stopped > unpaid.stopped).any()


def test_recruits_live_like_present_households_or_where_the_scenario_says() -> None:
    like, _ = carried(approvals_per_year=25)
    assert (like.latitude == 51.56).all()
    areas = [{"area": "SN25", "share": 0.7}, {"latitude": 51.4, "longitude": -1.9, "share": 0.3}]
    there, _ = carried(approvals_per_year=25, recruits_live=areas)
    new = there.approved != TODAY
    assert (there.latitude[~new] == 51.56).all()
    assert (there.latitude[new] == 51.4).mean() == pytest.approx(0.3, abs=0.02)
    in_district = new & (there.latitude != 51.4)
    assert len(set(there.latitude[in_district])) > 100
    assert (np.abs(there.latitude[in_district] - 51.59) < 0.05).all()
    assert np.array_equal(there.stopped, like.stopped)


def test_a_fifth_fewer_leavers_is_worth_one_and_a_half_recruits_a_year() -> None:
    """50 × 0.888³ + 10 × (0.888² + 0.888 + 1) = 61.8 households after three years against 57.8: 4.0 more. One
    approval a year is worth 0.86² + 0.86 + 1 = 2.6 by then, so it takes 1.5 more approvals a year."""

    def closing(attrition: float, approvals: float) -> float:
        households, _ = carried(paths=1500, attrition=attrition, approvals_per_year=approvals)
        return float(open_by_month(households, 1500)[:, 36].mean())

    fewer_leave = closing(0.112, 10)
    assert fewer_leave - closing(0.14, 10) == pytest.approx(4.0, abs=0.25)
    assert closing(0.14, 11.5) == pytest.approx(fewer_leave, abs=0.3)


def test_enquiries_of_the_past_year_are_told_by_a_register_that_keeps_those_that_led_to_nothing() -> None:
    as_of = pd.Timestamp("2025-03-31")
    days = pd.to_datetime(["2024-03-30", "2024-06-01", "2025-03-31", "2025-04-01"])
    none = pd.Series(pd.NaT, index=range(4))
    carers = pd.DataFrame({"enquired_on": days, "applied_on": none, "approved_on": none})
    assert enquiries_of_past_year(carers, as_of) == 2
    assert enquiries_of_past_year(carers.assign(applied_on=days), as_of) is None
    assert enquiries_of_past_year(None, as_of) is None


@pytest.mark.parametrize(
    ("levers", "says"),
    [
        ({"driven_by": "net", "enquiries_per_year": 400}, "drop one"),
        ({"stage_1_passed": 0.8}, "give all three or none"),
        ({"drop_out_by_stage": (0.5, 0.5, 0.5)}, "give three shares that make 1"),
        ({"recruits_live": [{"area": "SN1", "share": 0.5}]}, "give shares that make 1"),
        ({"recruits_live": [{"share": 1.0}]}, "either an area or both latitude and longitude"),
        ({"attrition_by_level": (0, 0, 0)}, "attrition = 0"),
        ({"level_up_per_year": 1.2}, "between 0 and 1"),
        ({"attrition_by_years": (1, 1, 1)}, "attrition_by_years"),
    ],
)
def test_settings_that_contradict_themselves_are_told(levers: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        carried(**levers)
