"""What rests on assumptions without a source: cost and share near home as each of them goes from low to high.

The demand and the carers of every run are the same, and so is the luck of every child and home, so a difference
between two rows is the assumption's alone. To be read before the savings of any plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.demand import project
from sufficiency.finance import cost_of
from sufficiency.near_home import near_home_of
from sufficiency.placing import place_children
from sufficiency.placing.market import PRIVATE, taken_by_others
from sufficiency.placing.spill import spill
from sufficiency.records.model import Records
from sufficiency.scenario import Scenario
from sufficiency.stamp import Stamp, stamp_of
from sufficiency.supply import forecast_places
from sufficiency.workers import shared_by

MARKET: Final = "supply.market"
PATHS: Final = 20
"""Futures of each run unless more are asked for: the differences are of like futures, so few tell."""
WHY: Final = "sensitivity to assumptions"


@dataclass(frozen=True)
class Assumption:
    """A name for tables and the settings that make it low and high; ``values`` as tables show them."""

    lever: str
    values: tuple[float, float]
    low: Mapping[str, float]
    high: Mapping[str, float]


@dataclass(frozen=True)
class AssumptionSensitivity:
    """``cost``: £ over the horizon, ``share``: within the limit of those known at its end; by assumption, end (low,
    high) and path. ``as_it_stands``: the same two of the scenario, by path."""

    stamp: Stamp
    assumptions: tuple[Assumption, ...]
    cost: np.ndarray
    share: np.ndarray
    as_it_stands: tuple[np.ndarray, np.ndarray]

    def table(self) -> pd.DataFrame:
        """``lever low high cost_low cost_high cost_effect cost_effect_p10 cost_effect_p90 share_low share_high
        share_effect``: the largest effect on cost first.

        Costs are means over the futures [£ over the horizon], effects those of high less low, p10 and p90 over the
        differences of like futures; shares are of children whose distance is known, at the end of the horizon.
        """
        rows = []
        for assumption, cost, share in zip(self.assumptions, self.cost, self.share, strict=True):
            effect = cost[1] - cost[0]
            low, high = np.quantile(effect, (0.1, 0.9))
            near = np.nanmean(share, axis=1)
            rows.append((assumption.lever, *assumption.values, *cost.mean(axis=1), effect.mean(), low, high,
                         *near, near[1] - near[0]))  # fmt: skip
        columns = ["lever", "low", "high", "cost_low", "cost_high", "cost_effect", "cost_effect_p10",
                   "cost_effect_p90", "share_low", "share_high", "share_effect"]  # fmt: skip
        table = pd.DataFrame(rows, columns=columns)
        order = table["cost_effect"].abs().sort_values(ascending=False, kind="stable").index
        return table.loc[order].reset_index(drop=True)

    def finding(self) -> str:
        """The assumption that moves the cost most, in one sentence."""
        first = self.table().iloc[0]
        change = "lowers" if first["cost_effect"] < 0 else "raises"
        return (
            f"Of the assumptions without a source, {first['lever']} matters most: from {first['low']:g} to "
            f"{first['high']:g} it {change} the cost over the horizon by £{abs(first['cost_effect']) / 1e6:.1f}m "
            f"of £{self.as_it_stands[0].mean() / 1e6:.0f}m"
        )


def assumption_sensitivity(
    records: Records,
    scenario: Scenario,
    *,
    assumptions: Sequence[Assumption] | None = None,
    paths: int = PATHS,
    processes: int = 1,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> AssumptionSensitivity:
    """Run the scenario with each assumption low and high, on the same futures.

    ``assumptions``: by default those of :func:`unsourced`. ``progress`` is told the futures done; there are ``paths``
    for each assumption twice, and for the scenario once. Raises :class:`InputError` as :func:`run` does.
    """
    several = tuple(unsourced(records, scenario) if assumptions is None else assumptions)
    base = scenario.with_changes({"horizon.paths": paths}, why=WHY)
    with shared_by(processes, executor) as workers:
        demand, supply = project(records, base, executor=workers), forecast_places(records, base)

        def figures(changes: Mapping[str, float]) -> tuple[np.ndarray, np.ndarray]:
            changed = base.with_changes(changes, why=WHY)
            stays = place_children(records, demand, supply, changed, executor=workers, progress=progress)
            near = near_home_of(
                stays, supply.dates, paths, changed.matching.limit_miles, step_months=changed.horizon.step_months
            )
            return cost_of(stays, supply, changed).total().sum(axis=1), near.share_within()[:, -1]

        as_it_stands = figures({})
        ends = [[figures(changes) for changes in (one.low, one.high)] for one in several]
    shape = (len(several), 2, paths)
    return AssumptionSensitivity(
        stamp=stamp_of(records, scenario),
        assumptions=several,
        cost=np.array([[end[0] for end in pair] for pair in ends]).reshape(shape),
        share=np.array([[end[1] for end in pair] for pair in ends]).reshape(shape),
        as_it_stands=as_it_stands,
    )


def unsourced(records: Records, scenario: Scenario) -> tuple[Assumption, ...]:
    """The assumptions without a source, each with a low and a high value.

    Children with a family plan: the 80% range of the returns (:func:`~sufficiency.placing.spill.spill`); readiness to
    step down: half and twice the scenario's; places taken by others: a fifth of the places fewer and more than the
    registers have.
    """
    _, least, most = spill(records, scenario).family_plan_range()
    ready = scenario.supply.market.ready_to_step_down
    register = taken_by_others(records)
    taken: dict[str, float] = dict(zip(register["kind"], register["share"], strict=True))
    low, high = (
        {f"{MARKET}.share_taken_by_others.{kind}": float(np.clip(taken[kind] + step, 0, 1)) for kind in PRIVATE}
        for step in (-0.2, 0.2)
    )
    homes = f"{MARKET}.share_taken_by_others.residential"
    return (
        _one("family_plan_share", least, most),
        _one("ready_to_step_down", ready / 2, min(2 * ready, 1.0)),
        Assumption("share_taken_by_others", (low[homes], high[homes]), low, high),
    )


def _one(name: str, low: float, high: float) -> Assumption:
    setting = f"{MARKET}.{name}"
    return Assumption(name, (round(low, 4), round(high, 4)), {setting: low}, {setting: high})
