"""Placements bought because nothing of ours fitted, by the rule that left the child out, as far as the stays tell."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from sufficiency.answers.places_then import EveryPath, PlacesThen
from sufficiency.answers.yearly import yearly_table
from sufficiency.calendar import age_in_years, days, year_ends
from sufficiency.demand import Demand
from sufficiency.geography import miles_between
from sufficiency.placing import Stays
from sufficiency.placing.bridges import without_bridges
from sufficiency.placing.stays import OPENED
from sufficiency.shortfall import ALL, NEED_OF_KIND, NEEDS
from sufficiency.supply import Supply

WHY: Final = ("no_home_of_ours", "age", "level", "full", "distance", "other")
"""In the order in which they are asked; the first that leaves no home of ours is the reason."""


def bought(stays: Stays, demand: Demand, supply: Supply, limit_miles: float, step_months: int) -> pd.DataFrame:
    """``financial_year kind measure`` and ranges [placements begun in the year], ``kind`` that of our own place that
    was wanted.

    ``bought``: placements begun in the year in no place of ours (households, and homes that the council runs); of
    these, because of our homes of the kind open at the match ``no_home_of_ours`` was there, none takes the child's
    ``age``, none of those its ``level``, all of those were ``full``, or those with a place were beyond the limit
    (``distance``). ``other``: a place was free and near enough, or at an unknown distance, and what the stays do not
    tell decided (brothers and sisters, sex, homes to avoid, a home nearer or at less cost). ``kind`` ``all`` has
    ``unplaced_at_the_end``: children at the year's end for whom nothing could be bought either, when the scenario
    limits what there is (none without limits).
    """
    years, ends = year_ends(supply.dates)
    homes = without_bridges(stays, step_months)
    match = -(-homes.first // step_months) * step_months
    wanted = (NEED_OF_KIND[homes.kind] >= 0) & (homes.opened != OPENED.index("now")) & (match <= ends[-1])
    counts = np.zeros((supply.paths, len(years), len(NEEDS), len(WHY)), dtype=int)
    places, starts = EveryPath(stays, supply), np.searchsorted(homes.path, np.arange(supply.paths + 1))
    for path in range(supply.paths):
        ours = places.then(path)
        mine = np.arange(starts[path], starts[path + 1])
        mine = mine[wanted[mine] & ~np.isin(homes.home[mine], ours.homes["home"])]
        rows, month = homes.where(mine), match[mine]
        cells = (
            np.searchsorted(ends, rows.first),
            NEED_OF_KIND[rows.kind],
            _why(rows, month, ours, demand, limit_miles),
        )
        np.add.at(counts[path], cells, 1)
    parts = []
    for position, kind in enumerate(NEEDS):
        held = counts[:, :, position]
        measures = {"bought": held.sum(axis=2), **{name: held[:, :, number] for number, name in enumerate(WHY)}}
        parts.append(yearly_table(years, measures, kind=kind))
    unplaced = stays.unplaced(supply.paths, supply.months)[:, ends]
    return pd.concat([*parts, yearly_table(years, {"unplaced_at_the_end": unplaced}, kind=ALL)], ignore_index=True)


def _why(rows: Stays, month: np.ndarray, ours: PlacesThen, demand: Demand, limit_miles: float) -> np.ndarray:
    """Position in :data:`WHY` for each placement bought in one path, at the ``month`` of its match."""
    born = days(demand.simulated.child_born)[rows.child]
    age = age_in_years(born, days(demand.dates)[month])[:, None]
    kinds = ours.homes["kind"].map(list(NEEDS).index).to_numpy(dtype=int)
    there = (kinds == NEED_OF_KIND[rows.kind][:, None]) & (ours.usable[:, month].T > 0)
    suits = there & (ours.homes["min_age"].to_numpy() <= age) & (age <= ours.homes["max_age"].to_numpy())
    able = suits & (rows.level[:, None] <= ours.level[:, month].T)
    free = able & (ours.free[:, month].T > 0)
    near = free & ~_beyond(free, rows, ours, demand, limit_miles)
    left_out = [~homes.any(axis=1) for homes in (there, suits, able, free, near)]
    return np.select(left_out, range(len(left_out)), WHY.index("other"))


def _beyond(free: np.ndarray, rows: Stays, ours: PlacesThen, demand: Demand, limit_miles: float) -> np.ndarray:
    """Whether each home with a free place is known to lie beyond the limit from the child's home."""
    child, home = np.nonzero(free)
    points = ours.homes.iloc[home]
    who = rows.child[child]
    miles = miles_between(
        demand.people.latitude[who],
        demand.people.longitude[who],
        points["latitude"].to_numpy(dtype=float),
        points["longitude"].to_numpy(dtype=float),
    )
    answer = np.zeros(free.shape, dtype=bool)
    answer[child, home] = miles > limit_miles
    return answer
