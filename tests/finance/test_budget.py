"""The budget: three children worked by hand, lines that add up, inflation on anniversaries."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from sufficiency import Outlook, Records, Scenario, forecast_places
from sufficiency.finance import cost_of
from sufficiency.finance.budget import LINES
from sufficiency.finance.inflation import growth
from sufficiency.placing import Stays
from sufficiency.settings import Inflation
from sufficiency.vocabulary import KINDS


def stays_by_hand() -> Stays:
    """Two paths; in each: one child in-house all along at £500, one in a children's home at £7,000 for the first
    twelve months, and one with an agency at £1,000 from month 12 on."""
    kinds = [KINDS.index(kind) for kind in ("in_house_fostering", "residential", "ifa")] * 2
    return Stays(
        path=np.repeat([0, 1], 3),
        child=np.tile([0, 1, 2], 2),
        kind=np.array(kinds),
        home=np.full(6, -1),
        level=np.ones(6, dtype=int),
        miles=np.full(6, 5.0),
        within=np.ones(6, dtype=int),
        weekly_cost=np.tile([500.0, 7000.0, 1000.0], 2),
        opened=np.zeros(6, dtype=int),
        first=np.tile([0, 0, 12], 2),
        last=np.tile([25, 12, 25], 2),
    )


def test_three_children_over_two_financial_years_by_hand(sample_records: Records) -> None:
    """2025-26 has 365 days, 2026-27 too. A month counts the mean of its two ends, so the move at month 12 (31 March)
    falls half into the last month of 2025-26: 31 days. Agency prices grow 4% on the first anniversary.

    In-house: 500 × 365/7 and 500 × 1.04 × 365/7. Home: 7,000 × (365 − 31/2)/7. Agency: 1,000 × 31/2/7, then
    1,000 × 1.04 × 365/7."""
    changes = {"horizon.paths": 2, "horizon.years": 2, "supply.recruitment.approvals_per_year": 0}
    scenario = Scenario(name="hand").with_changes(changes)
    budget = cost_of(stays_by_hand(), forecast_places(sample_records, scenario), scenario)
    assert budget.years == ("2025-26", "2026-27")
    assert budget.days_covered == (365, 365)
    kind = {name: KINDS.index(name) for name in KINDS}
    expected = {
        "in_house_fostering": (500 * 365 / 7, 500 * 1.04 * 365 / 7),
        "residential": (7000 * (365 - 15.5) / 7, 0.0),
        "ifa": (1000 * 15.5 / 7, 1000 * 1.04 * 365 / 7),
    }
    for name, figures in expected.items():
        assert budget.cost[0, :, kind[name]] == pytest.approx(figures, abs=0.005)
        assert budget.cost[1, :, kind[name]] == pytest.approx(figures, abs=0.005)
    assert budget.weeks[0].sum() == pytest.approx(2 * 730 / 7)


def test_recruitment_and_support_by_hand(sample_records: Records) -> None:
    """12 approvals at £9,000 and no enquiry cost: £108,000 in the first year; no household stops, so support is for
    50 households growing by 12."""
    changes = {
        "horizon.paths": 2, "horizon.years": 1, "supply.recruitment.approvals_per_year": 12,
        "supply.recruitment.attrition": 0.0, "finance.cost_per_enquiry": 0.0,
    }  # fmt: skip
    scenario = Scenario(name="hand").with_changes(changes)
    table = cost_of(stays_by_hand(), forecast_places(sample_records, scenario), scenario).table()
    cost = table[table["measure"] == "cost"].set_index("line")["mean"]
    assert cost["recruitment"] == pytest.approx(12 * 9000)
    assert 50 * 7500 * 365 / 365.25 < cost["support"] < 62 * 7500 * 365 / 365.25


def test_lines_add_up_to_the_total_in_every_path(small_outlook: Outlook) -> None:
    budget = small_outlook.budget
    assert budget.total() == pytest.approx(budget.cost.sum(axis=2))
    table = budget.table()
    means = table[table["measure"] == "cost"].pivot(index="financial_year", columns="line", values="mean")
    assert means.drop(columns="total").sum(axis=1).to_numpy() == pytest.approx(means["total"].to_numpy())


def test_weeks_are_children_times_days_over_seven(small_outlook: Outlook) -> None:
    stock = small_outlook.demand.simulated.stock.sum(axis=(2, 3))
    days = np.diff(small_outlook.supply.dates.to_numpy()).astype("timedelta64[D]").astype(int)
    weeks = ((stock[:, :-1] + stock[:, 1:]) / 2 * days / 7).sum(axis=1)
    assert small_outlook.budget.weeks.sum(axis=(1, 2)) == pytest.approx(weeks)


def test_prices_grow_on_anniversaries_at_the_rate_of_the_year_before() -> None:
    inflation = Inflation.model_validate({"ifa": [0.10, 0.0, 0.05]})
    levels = growth("ifa", inflation, years=4, paths=1, seed=1)[0]
    assert levels[[0, 11, 12, 23, 24, 36]] == pytest.approx([1, 1, 1.1, 1.1, 1.1, 1.1 * 1.05])


def test_a_new_home_costs_capital_once_and_runs_while_it_is_open(sample_records: Records) -> None:
    """Opens on 1 October 2025, closes on 30 September 2026: £365,250 a year is £1,000 a day for 365 days."""
    home = {"home_id": "NEW1", "kind": "residential", "places": 3, "opens": "2025-10-01", "closes": "2026-09-30",
            "postcode": "SN1 2BG", "weekly_cost": 5000.0, "running_cost_per_year": 365_250.0,
            "capital": 400_000.0}  # fmt: skip
    changes = {"supply.homes": [home], "horizon.paths": 2, "horizon.years": 2, "finance.inflation.other": 0.0}
    scenario = Scenario(name="home").with_changes(changes)
    table = cost_of(stays_by_hand(), forecast_places(sample_records, scenario), scenario).table()
    cost = table[table["measure"] == "cost"].pivot(index="financial_year", columns="line", values="mean")
    assert cost["capital"].tolist() == [400_000.0, 0.0]
    assert cost["new_homes_running"].tolist() == pytest.approx([182_000.0, 183_000.0])


def test_budget_ranges_are_of_whole_paths(small_outlook: Outlook) -> None:
    """The range of the total is the quantile of path totals, not the sum of the lines' quantiles."""
    table = small_outlook.budget.table()
    total = table[(table["measure"] == "cost") & (table["line"] == "total")]
    assert isinstance(total, pd.DataFrame)
    assert total["p90"].to_numpy() == pytest.approx(np.quantile(small_outlook.budget.total(), 0.9, axis=0))


def test_a_block_contract_costs_the_same_however_many_children_live_there(sample_records: Records) -> None:
    """Three places at £7,000 from 1 April 2025, in the first path filled by the child in the children's home of
    :func:`stays_by_hand` for twelve months, in the second by nobody: 3 × 7,000 × 365/7 in 2025-26 either way."""
    home = {"home_id": "NEW1", "kind": "residential", "places": 3, "opens": "2025-04-01", "postcode": "SN1 2BG",
            "weekly_cost": 7000.0, "block_contract": True}  # fmt: skip
    changes = {"supply.homes": [home], "horizon.paths": 2, "horizon.years": 2, "finance.inflation.residential": 0.0,
               "supply.recruitment.approvals_per_year": 0}  # fmt: skip
    scenario = Scenario(name="block").with_changes(changes)
    supply = forecast_places(sample_records, scenario)
    row = int(np.flatnonzero(supply.homes["home_id"] == "NEW1")[0]) + len(supply.today)
    stays = stays_by_hand()
    stays = dataclasses.replace(stays, home=np.where((stays.path == 0) & (stays.weekly_cost == 7000), row, -1))
    budget = cost_of(stays, supply, scenario)
    spot = scenario.with_changes({"supply.homes": [{**home, "block_contract": False}]})
    without = cost_of(stays, forecast_places(sample_records, spot), spot)
    unfilled = budget.cost[:, :, LINES.index("block_contracts_unfilled")]
    child = 7000 * (365 - 15.5) / 7
    first_month = 3 * 7000 * 30 / 7 / 2  # the contract begins within it, so it counts half
    assert unfilled[1] == pytest.approx([3 * 7000 * 365 / 7 - first_month, 3 * 7000 * 365 / 7])
    assert (unfilled[1] - unfilled[0])[0] == pytest.approx(child - 7000 * 30 / 7 / 2)
    assert (without.cost[:, :, LINES.index("block_contracts_unfilled")] == 0).all()
