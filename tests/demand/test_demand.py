"""The projection: counts, conservation, honest chance, and what the settings must do to it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sufficiency import Records, Scenario, project
from sufficiency.calendar import age_in_years, birthday, days
from sufficiency.demand.history import HAZARD_SHAPE
from sufficiency.demand.rates import fit_hazard
from sufficiency.ranges import RANGE_COLUMNS
from sufficiency.vocabulary import AGE_BANDS, KINDS


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return Scenario(name="test").with_changes({"horizon.paths": 40, "horizon.years": 3})


@pytest.fixture(scope="module")
def demand(sample_records: Records, scenario: Scenario):
    return project(sample_records, scenario)


def plain_count(records: Records, day: pd.Timestamp) -> int:
    placements = records.placements
    here = (placements["started"] <= day) & (placements["ended"].isna() | (placements["ended"] > day))
    return placements.loc[here, "child_id"].nunique()


def test_population_table_has_the_columns_of_the_contract(demand) -> None:
    table = demand.population()
    assert table.columns.tolist() == ["date", "age_band", "kind", *RANGE_COLUMNS]
    assert len(table) == 37 * (1 + len(AGE_BANDS)) * (1 + len(KINDS))
    assert set(table["age_band"]) == {"all", *AGE_BANDS}


@pytest.mark.parametrize("as_of", ["2025-03-31", "2022-03-31", "2023-08-15"])
def test_total_at_the_start_is_a_plain_count(sample_records: Records, as_of: str) -> None:
    day = pd.Timestamp(as_of)
    scenario = Scenario(name="start").with_changes(
        {"horizon.as_of": day.date(), "horizon.paths": 2, "horizon.years": 1}
    )
    first = project(sample_records, scenario).population().iloc[0]
    assert (first["date"], first["age_band"], first["kind"]) == (day, "all", "all")
    assert first["mean"] == first["p2_5"] == first["p97_5"] == plain_count(sample_records, day)


def test_every_path_conserves_children(demand) -> None:
    """Opening plus started minus ceased is closing, in every path and month."""
    simulated = demand.simulated
    stock = simulated.stock.sum(axis=(2, 3))
    change = simulated.started.sum(axis=2) - simulated.ceased.sum(axis=(2, 3))
    assert np.array_equal(stock[:, 1:], stock[:, :-1] + change)


def test_spells_add_up_to_the_stock(demand) -> None:
    simulated = demand.simulated
    for month in (0, 17, 36):
        here = (simulated.spell_from <= month) & (month < simulated.spell_to)
        by_kind = np.zeros((demand.paths, len(KINDS)), dtype=int)
        np.add.at(by_kind, (simulated.spell_path[here], simulated.spell_kind[here]), 1)
        assert np.array_equal(by_kind, simulated.stock[:, month].sum(axis=1))


def test_nobody_is_looked_after_at_18(demand) -> None:
    simulated = demand.simulated
    for month in range(1, 37):
        here = (simulated.spell_from <= month) & (month < simulated.spell_to)
        born = simulated.child_born[simulated.spell_child[here]]
        assert age_in_years(born, days(demand.dates)[month]).max() < 18


def test_supported_accommodation_is_never_entered_by_a_move_before_16(demand) -> None:
    simulated = demand.simulated
    moved = (simulated.spell_opened == 2) & (simulated.spell_kind == KINDS.index("supported"))
    born = simulated.child_born[simulated.spell_child[moved]]
    month_before = days(demand.dates)[simulated.spell_from[moved] - 1]
    assert moved.sum() > 50
    assert age_in_years(born, month_before).min() >= 15, "15 only when the birthday falls within the month"


def test_same_seed_same_paths_and_another_seed_others(sample_records: Records, scenario: Scenario, demand) -> None:
    again = project(sample_records, scenario)
    assert np.array_equal(again.simulated.stock, demand.simulated.stock)
    other = project(sample_records, scenario.with_changes({"horizon.seed": 1}))
    assert not np.array_equal(other.simulated.stock, demand.simulated.stock)


def test_a_supply_lever_leaves_the_children_as_they_were(sample_records: Records, scenario: Scenario, demand) -> None:
    other = project(sample_records, scenario.with_changes({"supply.recruitment.approvals_per_year": 40}))
    assert np.array_equal(other.simulated.stock, demand.simulated.stock)


def test_nothing_after_the_as_of_day_is_used(sample_records: Records) -> None:
    """Records cut at a day give the same projection from it as records that go on."""
    day = pd.Timestamp("2022-03-31")
    scenario = Scenario(name="past").with_changes({"horizon.as_of": day.date(), "horizon.paths": 5, "horizon.years": 2})
    cut = project(sample_records.as_of(day), scenario)
    assert np.array_equal(cut.simulated.stock, project(sample_records, scenario).simulated.stock)


def test_no_entries_and_no_exits_leave_only_birthdays(sample_records: Records) -> None:
    levers = {
        "demand.entries": 0.0,
        "demand.uasc_entries": 0.0,
        "demand.exits": 0.0,
        "horizon.paths": 3,
        "horizon.years": 2,
    }
    demand = project(sample_records, Scenario(name="birthdays").with_changes(levers))
    last = days(demand.dates)[-1]
    still = (birthday(days(demand.placements_now["date_of_birth"])) > last).sum()
    assert (demand.simulated.stock[:, -1].sum(axis=(1, 2)) == still).all()


def test_halving_entries_halves_starts(sample_records: Records, demand) -> None:
    levers = {"horizon.paths": 40, "horizon.years": 3, "demand.entries": 0.5, "demand.uasc_entries": 0.5}
    half = project(sample_records, Scenario(name="half").with_changes(levers))
    ratio = half.simulated.started.sum() / demand.simulated.started.sum()
    assert ratio == pytest.approx(0.5, abs=0.02)


def test_starts_and_moves_are_those_of_the_past(sample_records: Records, demand) -> None:
    """The first year's starts and moves are near those of the last five years, worked here from the records."""
    after = sample_records.data_to - pd.DateOffset(years=5)
    periods = sample_records.periods[~sample_records.periods["left_censored"]]
    starts = (periods["started"] > after).sum() / 5
    first_of_period = sample_records.placements.groupby("period")["started"].transform("min")
    moves = (
        (sample_records.placements["started"] > after) & (sample_records.placements["started"] > first_of_period)
    ).sum() / 5
    simulated = demand.simulated
    assert simulated.started[:, :12].sum(axis=(1, 2)).mean() == pytest.approx(starts, rel=0.2)
    assert simulated.moved[:, :12].sum(axis=(1, 2)).mean() == pytest.approx(moves, rel=0.2)


def test_a_cell_of_a_few_months_is_never_certain_of_zero() -> None:
    """Two large cells at 5%, and two with no event in 3 months each, which shrink toward 5%, not to nothing: two
    pooled months beside each three give 0.2 events in 10 months, 2%."""
    trials, events = np.zeros(HAZARD_SHAPE), np.zeros(HAZARD_SHAPE)
    trials[0, 0, 1:3, 0], events[0, 0, 1:3, 0] = 10_000, 500
    trials[1, 0, 1:3, 0] = 3
    hazard = fit_hazard(trials.ravel(), events.ravel(), prior_months=2.0, prior_events=10.0)
    chance = 1 - np.exp(-hazard.rates().reshape(HAZARD_SHAPE))
    assert chance[1, 0, 1, 0] == pytest.approx(0.02, abs=0.001)
    assert chance[0, 0, 1, 0] == pytest.approx(0.05, abs=0.001)


def test_the_band_at_five_years_is_wide_enough_to_be_honest(sample_records: Records) -> None:
    """145 authorities of 2013-2020: an 80% range that holds the truth is about 55% of the median wide at five years."""
    scenario = Scenario(name="band").with_changes({"horizon.paths": 300})
    last = project(sample_records, scenario).table(level=0.8).iloc[-1]
    assert 0.35 < (last["high"] - last["low"]) / last["middle"] < 0.75
