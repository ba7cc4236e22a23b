"""Where to recruit: what one more place of ours would have been worth at the ends of years to come, on average.

A valuation only. At the end of a financial year in a sampled path the children who live in no place of ours are matched
to our homes, each keeping its present placement if nothing better is free, and the worth of a place more in each of our
homes is read off that match. Nobody is moved in the outlook: settled children are never moved for cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.answers.registers_then import Futures, registers_then
from sufficiency.calendar import year_ends
from sufficiency.matching import build_instance
from sufficiency.matching.loop import homes_chosen
from sufficiency.matching.optimum import best
from sufficiency.matching.plan import Plan
from sufficiency.matching.worth_by import BY, worth_by
from sufficiency.workers import shared_by

OBJECTIVES: Final = ("placed", "within_limit", "weekly_cost")
"""Nobody is without a home here, and whom brothers and sisters live with now is not known of placements bought."""

GAINS: Final = {"mean_more_within_limit": "more_within_limit", "mean_saves_per_week": "saves_per_week"}
PATHS: Final = 4
LOW, HIGH = 0.1, 0.9


def where_to_recruit(
    futures: Futures,
    *,
    paths: int = PATHS,
    by: Sequence[str] = BY,
    processes: int = 1,
    executor: Executor | None = None,
) -> pd.DataFrame:
    """A row for each combination of ``by`` (kind, max_needs_level, age_band, area) that our homes have, best first.

    ``cases``: year ends of the first ``paths`` paths in which there were such homes; ``homes``: how many, on average.
    ``more_within_limit`` [children] and ``saves_per_week`` [£, at the prices of the as-of day]: worth of one more
    place in such a home, on average, with ``_p10`` and ``_p90`` over the cases. ``area``: postcode district of the
    register's home nearest to it. A home that takes several age bands counts in each. Worths of rows are not to be
    added up: the first place filled takes the children whom the next would have had.
    """
    ends = year_ends(futures.supply.dates)[1]
    sampled = range(min(paths, futures.supply.paths))
    cases = [registers_then(futures, path, month) for path in sampled for month in ends]
    settings = [(futures.scenario.matching.limit_miles, futures.demand.as_of, futures.records.prices, tuple(by))]
    areas = _known_points(futures.records.homes)
    located = [(children, homes.assign(postcode=_nearest(homes, areas))) for children, homes in cases]
    with shared_by(processes, executor) as workers:
        given = settings * len(located)
        tables = list(map(_worth, located, given) if workers is None else workers.map(_worth, located, given))
    return _summed([table for table in tables if len(table)], list(by))


Settings = tuple[float, pd.Timestamp, pd.DataFrame | None, tuple[str, ...]]


def _worth(registers: tuple[pd.DataFrame, pd.DataFrame], settings: Settings) -> pd.DataFrame:
    """Worth of a place by description in one case."""
    limit, as_of, prices, by = settings
    children, homes = registers
    instance = build_instance(
        children,
        homes,
        limit_miles=limit,
        objectives=OBJECTIVES,
        as_of=as_of + pd.Timedelta(days=1),
        prices=prices,
    )
    plan = Plan(instance, homes_chosen(instance, best(instance).chosen))
    return worth_by(plan, by, new_places=0)


def _summed(tables: list[pd.DataFrame], by: list[str]) -> pd.DataFrame:
    """Means and ranges over the cases, in the order of the aims."""
    columns = [*by, "cases", "homes", *(name + end for name in GAINS.values() for end in ("", "_p10", "_p90"))]
    if not tables:
        return pd.DataFrame(columns=columns)
    grouped = pd.concat(tables, ignore_index=True).groupby(by, observed=True)
    figures = {"cases": grouped.size(), "homes": grouped["homes"].mean().round(2)}
    for column, name in GAINS.items():
        figures[name] = grouped[column].mean().round(4)
        figures[f"{name}_p10"], figures[f"{name}_p90"] = (grouped[column].quantile(at).round(4) for at in (LOW, HIGH))
    table = pd.DataFrame(figures).reset_index()[columns]
    worth = list(GAINS.values())
    order = [*worth, *by]
    return table.sort_values(order, ascending=[False] * len(worth) + [True] * len(by), ignore_index=True)


def _known_points(homes: pd.DataFrame | None) -> pd.DataFrame:
    columns = ["postcode", "latitude", "longitude"]
    if homes is None or "postcode" not in homes:
        return pd.DataFrame(columns=columns)
    return homes[columns].dropna().reset_index(drop=True)


def _nearest(homes: pd.DataFrame, known: pd.DataFrame) -> pd.Series:
    """Postcode of the register's home nearest to each home; missing where its point is not known."""
    postcodes = pd.Series(pd.NA, index=homes.index, dtype="string")
    here = np.flatnonzero((homes["registered"] & homes["latitude"].notna() & homes["longitude"].notna()).to_numpy())
    if known.empty or len(here) == 0:
        return postcodes
    north = homes["latitude"].to_numpy(dtype=float)[here, None] - known["latitude"].to_numpy(dtype=float)
    east = homes["longitude"].to_numpy(dtype=float)[here, None] - known["longitude"].to_numpy(dtype=float)
    squared = north**2 + (east * np.cos(np.radians(known["latitude"].to_numpy(dtype=float)))) ** 2
    postcodes.iloc[here] = known["postcode"].to_numpy(dtype=object)[squared.argmin(axis=1)]
    return postcodes
