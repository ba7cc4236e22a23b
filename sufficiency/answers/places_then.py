"""Our own homes in one path, month by month: what they may take and which places are free, as the stays have it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sufficiency.placing import Stays
from sufficiency.supply import Supply
from sufficiency.supply.homes import places_by_month
from sufficiency.vocabulary import ADULT_AGE


@dataclass(frozen=True)
class PlacesThen:
    """Households of a path, then the homes that the council runs.

    ``homes``: ``home`` (as in :class:`Stays`) ``home_id`` (of the home, or of today's household whose terms it has)
    ``kind`` ``min_age`` ``max_age`` ``sex`` ``latitude`` ``longitude``.
    ``level``, ``usable`` places and, of these, ``taken`` by children of ours or held by others since before the
    as-of day, shape (homes, months + 1).
    """

    homes: pd.DataFrame
    level: np.ndarray
    usable: np.ndarray
    taken: np.ndarray

    @property
    def free(self) -> np.ndarray:
        """Places free at each month end, after that month's match."""
        return np.maximum(self.usable - self.taken, 0)


def places_then(stays: Stays, supply: Supply, path: int) -> PlacesThen:
    """What the path's stays and the supply tell; ``stays`` may be those of every path."""
    mine = np.flatnonzero(supply.households.path == path)
    others = np.flatnonzero(supply.homes["council_run"].to_numpy(dtype=bool))
    numbers = np.concatenate([np.arange(len(mine)), len(mine) + others])
    months = range(supply.months + 1)
    own = np.stack([supply.usable_in(month)[mine] for month in months], axis=1)
    level = np.stack([supply.households.level_at(month)[mine] for month in months], axis=1)
    homes = supply.homes.iloc[others]
    theirs = np.repeat(homes["max_needs_level"].to_numpy(dtype=int)[:, None], len(months), axis=1)
    here = stays.where((stays.path == path) & np.isin(stays.home, numbers))
    row = np.searchsorted(numbers, here.home)
    taken = np.stack([np.bincount(row[here.present(month)], minlength=len(numbers)) for month in months], axis=1)
    held = _held_by_others(supply, mine, taken[: len(mine), 0])
    taken[: len(mine)] += held[:, None]
    return PlacesThen(
        homes=pd.concat([_households(supply, mine), _homes(homes)], ignore_index=True).assign(home=numbers),
        level=np.concatenate([level, theirs]),
        usable=np.concatenate([own, places_by_month(homes, supply.dates)]),
        taken=taken,
    )


def _held_by_others(supply: Supply, mine: np.ndarray, ours: np.ndarray) -> np.ndarray:
    """Places of today's households that the register has as filled and no child of the records holds."""
    households, today = supply.households, supply.today
    filled = np.append((today["places"] - today["places_free"]).to_numpy(dtype=int), 0)
    there = np.where(households.approved[mine] < 0, filled[households.term[mine]], 0)
    return np.maximum(there - ours, 0)


def _households(supply: Supply, mine: np.ndarray) -> pd.DataFrame:
    households = supply.households
    terms = supply.today[["home_id", "min_age", "max_age", "sex"]].reindex(households.term[mine]).reset_index(drop=True)
    defaults = {"min_age": 0, "max_age": ADULT_AGE - 1, "sex": "any"}
    return terms.fillna(defaults).assign(
        kind="in_house_fostering", latitude=households.latitude[mine], longitude=households.longitude[mine]
    )


def _homes(homes: pd.DataFrame) -> pd.DataFrame:
    return homes[["home_id", "min_age", "max_age", "sex", "kind", "latitude", "longitude"]].reset_index(drop=True)
