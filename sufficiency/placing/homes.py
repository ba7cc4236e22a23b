"""The homes of one path: households that come and go, homes that open and close, and the places free in each."""

from __future__ import annotations

from zlib import crc32

import numpy as np
import pandas as pd

from sufficiency.streams import chance, child_keys
from sufficiency.supply.homes import places_by_month
from sufficiency.vocabulary import ADULT_AGE, KINDS, NEEDS_LEVELS

NEVER = int(np.iinfo(np.int32).max)
MOST_PLACES = 1000
"""More than any home has: the luck of its places in a month stands apart from that of the next month."""


class PathHomes:
    """Homes numbered through, households first. ``taken``: our children there whose stays we follow; ``lost``: places
    that others hold (children of other authorities, or children whom the records do not place).

    Of the places that come free in a private or agency home, a share goes to other authorities' children, whoever
    leaves it; a place in a household or in a home of our own is always ours. A home that shrinks keeps who lives
    there until they leave; one that ramps up has its places month by month.
    """

    def __init__(self, households: pd.DataFrame, terms: pd.DataFrame, homes: pd.DataFrame, dates: np.ndarray) -> None:
        own = terms.reindex(households["term"].to_numpy()).reset_index(drop=True)
        count = len(households)
        self.households = count
        self.home_id = np.concatenate(
            [np.where(households["approved"] < 0, own["home_id"].astype(object), _names(count)), homes["home_id"]]
        ).astype(object)
        self.kind = np.concatenate([np.full(count, "in_house_fostering", dtype=object), homes["kind"]])
        self.kind_number = np.array([KINDS.index(kind) for kind in self.kind], dtype=int)
        self.latitude = np.concatenate([households["latitude"], homes["latitude"]]).astype(float)
        self.longitude = np.concatenate([households["longitude"], homes["longitude"]]).astype(float)
        self.min_age = np.concatenate([own["min_age"].fillna(0), homes["min_age"]]).astype(int)
        self.max_age = np.concatenate([own["max_age"].fillna(ADULT_AGE - 1), homes["max_age"]]).astype(int)
        self.sex = np.concatenate([own["sex"].fillna("any"), homes["sex"]]).astype(object)
        self.level = np.concatenate([households["level"], homes["max_needs_level"]]).astype(int)
        self.weekly_cost = np.concatenate([np.full(count, np.nan), homes["weekly_cost"]]).astype(float)
        self.places = np.concatenate([households["places"], homes["places"]]).astype(int)
        self.raised = households.filter(like="raised_").to_numpy(dtype=int)
        self.extended = households["extended"].to_numpy(dtype=int)
        self.sizes = places_by_month(homes, dates)
        self.paid_for = np.concatenate([np.zeros(count, dtype=bool), homes["block_contract"].to_numpy(dtype=bool)])
        self.name_key = np.array([crc32(str(name).encode()) for name in homes["home_id"]], dtype=np.uint64)
        self.opens = np.concatenate([households["ready"], _month(homes["open_from"], dates, 0)]).astype(int)
        closes = _month(homes["open_to"], dates, NEVER)
        self.stops = np.concatenate([households["stopped"], closes]).astype(np.int64)
        yearly = households.filter(like="unavailable_").to_numpy(dtype=int)
        self.unavailable = np.vstack([yearly, np.zeros((len(homes), yearly.shape[1]), dtype=int)])
        today = (households["approved"] < 0).to_numpy()
        held = np.where(today, (own["places"] - own["places_free"]).fillna(0), 0)
        self.lost = np.concatenate([held, homes["places"] - homes["places_free"]]).astype(int)
        self.taken = np.zeros(len(self.kind), dtype=int)
        self.council_run = self.kind == "in_house_fostering"
        self.council_run[count:] |= homes["council_run"].to_numpy(dtype=bool)

    def settle(self, home: np.ndarray) -> None:
        """Children who live there on the as-of day: they hold places that the register counts as filled."""
        np.add.at(self.taken, home, 1)
        self.lost = np.maximum(self.lost - self.taken, 0)

    def share_with_others(self, path: int, seed: int, open_to_us: np.ndarray) -> None:
        """Of the places free today in other people's homes, and of those that they add later, some go to other
        authorities before we can use them; ``open_to_us``: the share that is ours, by kind."""
        self.key = child_keys(seed, self.name_key, np.full(len(self.name_key), path))
        self.ours = np.where(self.council_run, 1.0, open_to_us[self.kind_number])[self.households :]
        private = ~self.council_run[self.households :]
        today, lost = self.places[self.households :], self.lost[self.households :]
        first_free, stated = np.where(private, lost, NEVER), self.sizes.copy()
        for place in range(int(self.sizes[private].max(initial=0))):
            gone = (place >= first_free) & (chance(self.key, "open to us", place) >= self.ours)
            lost += gone & (place < today)
            self.sizes -= (gone & (place >= today))[:, None] & (stated > place)

    def every_key(self) -> np.ndarray:
        """Chance of each home in this path; households, whose places are all ours, share one."""
        return np.concatenate([np.zeros(self.households, dtype=np.uint64), self.key])

    def turn_over(self, month: int, months: int, ending: np.ndarray) -> None:
        """Other authorities' children leave as ours do (``ending``: chance in a month by kind), and some of their
        places become ours to use; of the places that have waited since the last match, others take their share a month.
        """
        lost = self.lost[self.households :]
        leaves = 1 - (1 - ending[self.kind_number[self.households :]]) ** months
        private = ~self.council_run[self.households :]
        freed = np.zeros(len(lost), dtype=int)
        for place in range(int(lost[private].max(initial=0))):
            occasion = month * MOST_PLACES + place
            left = chance(self.key, "others leave", occasion) < leaves
            freed += private & (place < lost) & left & (chance(self.key, "left to us", occasion) < self.ours)
        free = self.sizes[:, month] - lost - self.taken[self.households :]
        gone = np.zeros(len(lost), dtype=int)
        for place in range(int(free[private].max(initial=0))):
            waited = chance(self.key, "taken meanwhile", month * MOST_PLACES + place) >= self.ours**months
            gone += private & (place < free) & waited
        lost += gone - freed

    def open_at(self, month: int) -> np.ndarray:
        """Whether children can live in each home at a month end."""
        return (self.opens <= month) & (self.stops >= month)

    def level_at(self, month: int) -> np.ndarray:
        """Highest needs level that each home can meet at a month end; households may have moved up."""
        return np.concatenate(
            [self.level[: self.households] + (self.raised < month).sum(axis=1), self.level[self.households :]]
        )

    def free_at(self, month: int) -> np.ndarray:
        """Places that a child could take in each home at a month end."""
        year = min(month // 12, self.unavailable.shape[1] - 1)
        size = np.concatenate([self.places[: self.households] + (self.extended < month), self.sizes[:, month]])
        usable = size - self.unavailable[:, year] - self.lost
        return np.where(self.open_at(month), np.maximum(usable - self.taken, 0), 0)

    def take(self, home: np.ndarray) -> None:
        """Children move in."""
        np.add.at(self.taken, home, 1)

    def leave(self, home: np.ndarray, kept: np.ndarray) -> None:
        """Children move out; ``kept`` tells which places of other people's homes stay open to us."""
        np.subtract.at(self.taken, home, 1)
        gone = home[~kept & ~self.council_run[home]]
        np.add.at(self.lost, gone, 1)

    def rows(
        self, month: int, real: np.ndarray, free: np.ndarray, kind: np.ndarray, unit: np.ndarray, stepping: int
    ) -> pd.DataFrame:
        """A register for the match of a month: the homes ``real`` with ``free`` places, then a market placement for
        each unit of children (``unit`` and the ``kind`` bought, per child), then the present homes of children who
        may step down. A place under a block contract is paid for already, so it costs nothing more.
        """
        sizes = np.bincount(unit)
        bought = np.array(KINDS, dtype=object)[kind[np.unique(unit, return_index=True)[1]]]
        extra, count = len(sizes), len(real) + len(sizes) + stepping
        highest, oldest = NEEDS_LEVELS[-1], ADULT_AGE - 1
        unknown = np.full(extra + stepping, np.nan)
        held = self.taken[real] + self.lost[real]
        return pd.DataFrame(
            {
                "home_id": [f"{number:05d}" for number in range(count)],
                "kind": np.concatenate([self.kind[real], bought, np.full(stepping, "residential", dtype=object)]),
                "latitude": np.concatenate([self.latitude[real], unknown]),
                "longitude": np.concatenate([self.longitude[real], unknown]),
                "places": np.concatenate([held + free, sizes, np.ones(stepping, int)]),
                "places_free": np.concatenate([free, sizes, np.zeros(stepping, int)]),
                "min_age": np.concatenate([self.min_age[real], np.zeros(extra + stepping, int)]),
                "max_age": np.concatenate([self.max_age[real], np.full(extra + stepping, oldest)]),
                "sex": np.concatenate([self.sex[real], np.full(extra + stepping, "any", dtype=object)]),
                "max_needs_level": np.concatenate([self.level_at(month)[real], np.full(extra + stepping, highest)]),
                "weekly_cost": np.concatenate([np.where(self.paid_for, 0.0, self.weekly_cost)[real], unknown]),
                "registered": True,
                "open_from": pd.NaT,
                "open_to": pd.NaT,
            }
        )


def _names(count: int) -> np.ndarray:
    return np.array([f"new household {number:04d}" for number in range(count)], dtype=object)


def _month(day: pd.Series, dates: np.ndarray, missing: int) -> np.ndarray:
    """First month end on or after each day (for a closing day: the last before it ends); ``missing`` for no day."""
    known = day.notna().to_numpy()
    month = np.full(len(day), missing, dtype=np.int64)
    days = day[known].to_numpy().astype("datetime64[D]")
    if missing == NEVER:
        month[known] = np.searchsorted(dates, days, side="right") - 1
    else:
        month[known] = np.searchsorted(dates, days, side="left")
    return month
