"""Placement-weeks × price × inflation into budget lines by financial year, added up inside each path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from sufficiency.calendar import financial_year
from sufficiency.finance.inflation import growth, growth_by_kind
from sufficiency.placing import Stays
from sufficiency.ranges import summarise
from sufficiency.scenario import Scenario
from sufficiency.stamp import Stamp
from sufficiency.streams import stream
from sufficiency.supply import Supply
from sufficiency.supply.homes import contracted_places
from sufficiency.vocabulary import KINDS

DAYS_IN_WEEK: Final = 7
MILLION: Final = 1e6
DAYS_IN_YEAR: Final = 365.25
OTHER_LINES: Final = ("recruitment", "support", "new_homes_running", "capital", "block_contracts_unfilled")
LINES: Final = (*KINDS, *OTHER_LINES)


@dataclass(frozen=True)
class Budget:
    """Cost and child-weeks by path, financial year and line, shape (paths, years, lines) and (paths, years, kinds).

    ``days_covered``: days of each financial year inside the projection; fewer than 365 where it covers only part.
    """

    stamp: Stamp
    years: tuple[str, ...]
    days_covered: tuple[int, ...]
    cost: np.ndarray
    weeks: np.ndarray

    def total(self) -> np.ndarray:
        """Cost of all lines by path and financial year [£, at the prices of the time]."""
        return self.cost.sum(axis=2)

    def table(self) -> pd.DataFrame:
        """``financial_year line measure`` and ranges: cost [£] of every line and the total, weeks [child-weeks]."""
        paths = len(self.cost)
        cost = np.concatenate([self.cost, self.total()[:, :, None]], axis=2)
        weeks = np.concatenate([self.weeks, self.weeks.sum(axis=2, keepdims=True)], axis=2)
        parts = []
        for measure, values, lines in (("cost", cost, (*LINES, "total")), ("weeks", weeks, (*KINDS, "total"))):
            keys = pd.MultiIndex.from_product([self.years, lines], names=["financial_year", "line"])
            table = pd.concat([keys.to_frame(index=False), summarise(values.reshape(paths, -1))], axis=1)
            table.insert(2, "measure", measure)
            parts.append(table)
        return pd.concat(parts, ignore_index=True)

    def chart(self) -> Any:
        """Cost by financial year and kind, the range of the total on top."""
        from sufficiency.figures import budget_bars

        return budget_bars(self.table(), self.stamp, title=self.finding(), alt_text=self._alt_text())

    def finding(self) -> str:
        """What the budget says, in one sentence with its range."""
        low, high = np.quantile(self.total()[:, -1], (0.1, 0.9)) / MILLION
        first = self.total()[:, 0].mean() / MILLION
        return (
            f"Placements, carers and homes cost about £{first:.1f}m in {self.years[0]}, and between £{low:.1f}m and "
            f"£{high:.1f}m in {self.years[-1]} in 8 futures of 10"
        )

    def _alt_text(self) -> str:
        means = self.total().mean(axis=0) / MILLION
        yearly = "; ".join(f"{year}: £{mean:.1f}m" for year, mean in zip(self.years, means, strict=True))
        return f"{self.finding()}. Stacked bars by kind of placement. Expected total by financial year: {yearly}."


def cost_of(stays: Stays, supply: Supply, scenario: Scenario) -> Budget:
    """Price every path's stays and pipeline.

    A month's child-weeks are the mean of the children at its two ends times its days over seven; the price is that
    of the stay on the as-of day, grown by the inflation of its kind. Recruitment is paid when the enquiry or approval
    is made, support while a household is approved, running costs while a new home is open, capital when it opens. Of
    a home under a block contract, the places that hold no child are paid for at its weekly cost too, from the day on
    which it has the staff to take children.
    """
    finance, horizon = scenario.finance, scenario.horizon
    paths, months = supply.paths, supply.months
    days = np.diff(supply.dates.to_numpy()).astype("timedelta64[D]").astype(int)
    children = stays.stock(paths, months)
    a_week = stays.stock(paths, months, stays.weekly_cost)
    weeks = _mean_of_ends(children) * days[None, :, None] / DAYS_IN_WEEK
    prices = growth_by_kind(finance.inflation, horizon.years, paths, horizon.seed)
    placements = _mean_of_ends(a_week) * days[None, :, None] / DAYS_IN_WEEK * prices
    others = np.stack([_recruitment(supply, scenario), _support(supply, scenario, days),
                       *_new_homes(supply, scenario, days)], axis=2)  # fmt: skip
    grown = growth("other", finance.inflation, horizon.years, paths, horizon.seed)[:, :, None]
    names = financial_year(supply.dates[1:])
    unfilled = _unfilled_places(stays, supply, days, prices)
    cost = np.concatenate([placements, others * grown, unfilled[:, :, None]], axis=2)
    return Budget(
        stamp=supply.stamp,
        years=tuple(dict.fromkeys(names)),
        days_covered=tuple(int(days[names == name].sum()) for name in dict.fromkeys(names)),
        cost=_by_year(cost, names),
        weeks=_by_year(weeks, names),
    )


def _mean_of_ends(stock: np.ndarray) -> np.ndarray:
    return (stock[:, :-1] + stock[:, 1:]) / 2


def _by_year(monthly: np.ndarray, names: pd.Index) -> np.ndarray:
    return np.stack([monthly[:, names == name].sum(axis=1) for name in dict.fromkeys(names)], axis=1)


def _yearly_lever(scenario: Scenario, name: str, paths: int) -> np.ndarray:
    """A cost lever by path and month."""
    years, seed = scenario.horizon.years, scenario.horizon.seed
    values = getattr(scenario.finance, name).paths(years, paths, stream(seed, "lever", f"finance.{name}"))
    return np.repeat(values, 12, axis=1)


def _recruitment(supply: Supply, scenario: Scenario) -> np.ndarray:
    per_enquiry = _yearly_lever(scenario, "cost_per_enquiry", supply.paths)
    per_approval = _yearly_lever(scenario, "cost_per_approval", supply.paths)
    return supply.enquiries * per_enquiry + supply.approvals() * per_approval


def _support(supply: Supply, scenario: Scenario, days: np.ndarray) -> np.ndarray:
    households = _mean_of_ends(supply.counts("households").astype(float)[:, :, None])[:, :, 0]
    return households * _yearly_lever(scenario, "support_per_household", supply.paths) * days / DAYS_IN_YEAR


def _new_homes(supply: Supply, scenario: Scenario, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Running cost and capital of the homes that the scenario opens, the same in every path."""
    running, capital = np.zeros((2, supply.paths, supply.months))
    starts, ends = supply.dates[:-1], supply.dates[1:]
    for home in scenario.supply.homes:
        opens = pd.Timestamp(home.opens)
        closes = pd.Timestamp(home.closes) if home.closes else ends[-1]
        first = starts.where(starts >= opens, opens - pd.Timedelta(days=1))
        last = ends.where(ends <= closes, closes)
        running += home.running_cost_per_year * np.clip(np.asarray((last - first).days), 0, days) / DAYS_IN_YEAR
        capital[:, (starts < opens) & (opens <= ends)] += home.capital
    return running, capital


def _unfilled_places(stays: Stays, supply: Supply, days: np.ndarray, prices: np.ndarray) -> np.ndarray:
    """Cost of the places under block contracts that hold no child, by path and month."""
    cost = np.zeros((supply.paths, supply.months))
    first_home = np.bincount(supply.households.path, minlength=supply.paths)
    contracted = contracted_places(supply.homes, supply.dates)
    for row in np.flatnonzero(supply.homes["block_contract"].to_numpy(dtype=bool)):
        there = stays.where(stays.home == first_home[stays.path] + row)
        held = there.stock(supply.paths, supply.months).sum(axis=2)
        empty = _mean_of_ends(np.maximum(contracted[row] - held, 0)[:, :, None])[:, :, 0]
        price = prices[:, :, KINDS.index(supply.homes.at[row, "kind"])] * supply.homes.at[row, "weekly_cost"]
        cost += empty * price * days / DAYS_IN_WEEK
    return cost
