"""Where to recruit: what one more place of ours would have been worth at the ends of years to come, on average.

A valuation only. At the end of a financial year in a sampled path the children who live in no place of ours are matched
to our homes, each keeping its present placement if nothing better is free. Homes without a place stand among ours, one
of each description in each area, and what a place in each would be worth is read off that match. Nobody is moved in the
outlook: settled children are never moved for cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from itertools import product
from typing import Any, Final

import numpy as np
import pandas as pd

from sufficiency.answers.registers_then import Futures, registers_then
from sufficiency.calendar import year_ends
from sufficiency.geography import district_of
from sufficiency.matching import build_instance
from sufficiency.matching.loop import homes_chosen
from sufficiency.matching.optimum import best
from sufficiency.matching.plan import Plan
from sufficiency.matching.worth import worth_of_a_place
from sufficiency.matching.worth_by import BY, OLDEST, UNKNOWN
from sufficiency.shortfall import ALL
from sufficiency.supply import Supply
from sufficiency.vocabulary import AGE_BAND_STARTS, AGE_BANDS, NEEDS_LEVELS
from sufficiency.workers import shared_by

OBJECTIVES: Final = ("placed", "within_limit", "weekly_cost")
"""Nobody is without a home here, and whom brothers and sisters live with now is not known of placements bought."""

GAINS: Final = ("more_within_limit", "saves_per_week")
PATHS: Final = 4
LOW, HIGH = 0.1, 0.9
TIME_LIMIT_SECONDS: Final = 60.0

LAST_AGES: Final = (*(start - 1 for start in AGE_BAND_STARTS[1:]), OLDEST)
BANDS_OF: Final = {"in_house_fostering": AGE_BANDS, "residential": AGE_BANDS[2:], "supported": AGE_BANDS[4:]}
"""Kind → age bands for which a new place of it is looked at."""


def where_to_recruit(
    futures: Futures,
    *,
    paths: int = PATHS,
    by: Sequence[str] = BY,
    processes: int = 1,
    executor: Executor | None = None,
) -> pd.DataFrame:
    """A row for each combination of ``by`` (kind, max_needs_level, age_band, area), those of most worth first.

    ``cases``: year ends of the first ``paths`` paths. ``more_within_limit`` [children] and ``saves_per_week`` [£, at
    the prices of the list on the as-of day, so a home run for what others charge saves nothing]: worth of one new place
    that takes children of the level and below, of the age band alone, in the middle of our households of the
    ``area`` (postcode district); on average, with ``_p10`` and ``_p90`` over the cases. What ``by`` leaves out: a place
    for level 3, one for every age, the mean of all areas. Worths of rows are not to be added up: the first place filled
    takes the children whom the next would have had. Raises ``ValueError`` for an unknown name in ``by``.
    """
    if not by or not set(by) <= set(BY):
        raise ValueError(
            f"the worth of a place cannot be told by {', '.join(by) or 'nothing'}; choose from {', '.join(BY)}"
        )
    new = _new_places(_areas(futures.records.homes, futures.supply), by)
    ends = year_ends(futures.supply.dates)[1]
    sampled = range(min(paths, futures.supply.paths))
    cases = [registers_then(futures, path, month) for path in sampled for month in ends]
    given = [(futures.scenario.matching.limit_miles, futures.demand.as_of, futures.records.prices, new)] * len(cases)
    with shared_by(processes, executor) as workers:
        tables = list(map(_worth, cases, given) if workers is None else workers.map(_worth, cases, given))
    return _summed(new, tables, [name for name in BY if name in by])


def _areas(homes: pd.DataFrame | None, supply: Supply) -> pd.DataFrame:
    """Middle of our households by postcode district: ``area latitude longitude``; one of all where none is known."""
    today = supply.today[["home_id", "latitude", "longitude"]]
    area = pd.Series(pd.NA, index=today.index, dtype="string")
    if homes is not None and "postcode" in homes:
        area = district_of(today["home_id"].map(homes.set_index("home_id")["postcode"]).astype("string"))
    known = today.assign(area=area.fillna(UNKNOWN).astype("str")).dropna(subset=["latitude", "longitude"])
    return known.groupby("area")[["latitude", "longitude"]].median().reset_index()


def _new_places(areas: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """A home of each description in each area, without a place yet."""
    levels = NEEDS_LEVELS if "max_needs_level" in by else NEEDS_LEVELS[-1:]
    rows: list[dict[str, Any]] = []
    for (kind, bands), level, area in product(BANDS_OF.items(), levels, areas.to_dict("records")):
        for band in bands if "age_band" in by else (ALL,):
            first, last = AGE_BANDS.index(bands[0] if band == ALL else band), len(AGE_BANDS) - 1
            ages = {"min_age": AGE_BAND_STARTS[first], "max_age": LAST_AGES[last if band == ALL else first]}
            rows.append({"kind": kind, "max_needs_level": level, "age_band": band, **area, **ages})
    return pd.DataFrame(rows).assign(
        home_id=[f"new {number:05d}" for number in range(len(rows))],
        places=0,
        places_free=0,
        sex="any",
        weekly_cost=np.nan,
        registered=True,
    )


def _worth(
    registers: tuple[pd.DataFrame, pd.DataFrame], given: tuple[float, pd.Timestamp, pd.DataFrame | None, pd.DataFrame]
) -> pd.DataFrame:
    """Worth of a place in each of the new homes in one case, in their order; nought where no child could come."""
    limit, as_of, prices, new = given
    children, homes = registers
    instance = build_instance(
        children,
        pd.concat([homes, new.drop(columns=["age_band", "area"])], ignore_index=True).astype(homes.dtypes),
        limit_miles=limit,
        objectives=OBJECTIVES,
        as_of=as_of + pd.Timedelta(days=1),
        prices=prices,
    )
    plan = Plan(instance, homes_chosen(instance, best(instance).chosen))
    worth = worth_of_a_place(plan, time_limit_seconds=TIME_LIMIT_SECONDS).set_index("home_id")
    return worth[list(GAINS)].astype(float).reindex(new["home_id"], fill_value=0.0).reset_index(drop=True)


def _summed(new: pd.DataFrame, tables: list[pd.DataFrame], by: list[str]) -> pd.DataFrame:
    """Means over the areas and cases, ranges over the cases; in the order of the aims."""
    described = [
        table.groupby([new[name] for name in by], sort=False)[list(GAINS)].mean().assign(case=case)
        for case, table in enumerate(tables)
    ]
    grouped = pd.concat(described).reset_index().groupby(by, sort=False)
    figures = {"cases": grouped.size()}
    for name in GAINS:
        figures[name] = grouped[name].mean().round(4)
        figures[f"{name}_p10"], figures[f"{name}_p90"] = (grouped[name].quantile(at).round(4) for at in (LOW, HIGH))
    order = [*GAINS, *by]
    table = pd.DataFrame(figures).reset_index()
    return table.sort_values(order, ascending=[False] * len(GAINS) + [True] * len(by), ignore_index=True)
