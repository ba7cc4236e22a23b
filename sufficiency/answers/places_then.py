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


class EveryPath:
    """The places of every path, of which :meth:`then` gives one; what all need is worked out once."""

    def __init__(self, stays: Stays, supply: Supply) -> None:
        self.supply, self.months = supply, range(supply.months + 1)
        self.order = np.argsort(stays.path, kind="stable")
        self.stays, self.starts = stays, np.searchsorted(stays.path[self.order], np.arange(supply.paths + 1))
        own = supply.households.path
        self.own = np.argsort(own, kind="stable")
        self.own_starts = np.searchsorted(own[self.own], np.arange(supply.paths + 1))
        self.usable = np.stack([supply.usable_in(month) for month in self.months], axis=1)
        self.level = np.stack([supply.households.level_at(month) for month in self.months], axis=1)
        self.others = np.flatnonzero(supply.homes["council_run"].to_numpy(dtype=bool))
        self.theirs = places_by_month(supply.homes.iloc[self.others], supply.dates)

    def rows(self, path: int) -> np.ndarray:
        """Rows of the path's stays."""
        return self.order[self.starts[path] : self.starts[path + 1]]

    def then(self, path: int) -> PlacesThen:
        """What the path's stays and the supply tell of our homes."""
        mine = self.own[self.own_starts[path] : self.own_starts[path + 1]]
        numbers = np.concatenate([np.arange(len(mine)), len(mine) + self.others])
        homes = self.supply.homes.iloc[self.others]
        highest = np.repeat(homes["max_needs_level"].to_numpy(dtype=int)[:, None], len(self.months), axis=1)
        taken = self._taken(path, numbers)
        taken[: len(mine)] += _held_by_others(self.supply, mine, taken[: len(mine), 0])[:, None]
        return PlacesThen(
            homes=pd.concat([_households(self.supply, mine), _homes(homes)], ignore_index=True).assign(home=numbers),
            level=np.concatenate([self.level[mine], highest]),
            usable=np.concatenate([self.usable[mine], self.theirs]),
            taken=taken,
        )

    def _taken(self, path: int, numbers: np.ndarray) -> np.ndarray:
        """Children of ours in each of some homes at each month end."""
        stays = self.stays.where(self.rows(path))
        here = stays.where(np.isin(stays.home, numbers))
        row, after = np.searchsorted(numbers, here.home), len(self.months)
        change = np.zeros((len(numbers), after + 1), dtype=int)
        np.add.at(change, (row, np.minimum(here.first, after)), 1)
        np.add.at(change, (row, np.minimum(here.last, after)), -1)
        return change[:, :after].cumsum(axis=1)


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
