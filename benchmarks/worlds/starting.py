"""Who starts in a month: families and single children by age, unaccompanied children, and those who come back."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

import numpy as np

from benchmarks.worlds import habits
from benchmarks.worlds.council import CALM_YEARS, Council
from benchmarks.worlds.vocabulary import (
    ADOPTED,
    BAND_ENDS,
    BAND_STARTS,
    DAYS_IN_YEAR,
    GROWN_UP,
    birthday,
)

Children = dict[str, np.ndarray]

FIRST_TURNOVER: Final = 0.42
"""Starts a year for each child looked after before the calm years have scaled them."""

OLDEST: Final = 17.9
"""Age up to which children start [years]."""


class Starters:
    """Draws the children who start. ``scale`` is starts a year at level nought, set within the calm years."""

    def __init__(self, council: Council, rng: np.random.Generator) -> None:
        self.council, self.rng = council, rng
        self.scale = FIRST_TURNOVER * council.size
        self.children = self.families = 0
        self.returning: dict[int, list[Children]] = defaultdict(list)
        self.seen_month = 0

    def nobody(self) -> Children:
        """No children, with every column."""
        return self._children(np.zeros(0, np.int64), np.zeros(0), np.zeros(0, bool), np.zeros(0, np.int64))

    def scale_to(self, size: int, now: int, year: int) -> None:
        """Within the calm years, bring starts to where the stock keeps its size."""
        if 3 < year <= CALM_YEARS:
            self.scale *= (size / max(now, 1)) ** 0.3

    def of_month(self, month: int, first: int, after: int) -> Children:
        """All who start in a month; ``kind`` is not drawn yet."""
        groups = [self._families(month, first, after), self._unaccompanied(month, first, after)]
        groups += [self._back(one, first) for one in self.returning.pop(self._month(first), [])]
        return {name: np.concatenate([one[name] for one in groups]) for name in groups[0]}

    def may_return(self, left: Children, day: np.ndarray, way: np.ndarray) -> None:
        """Some of those who left come back after a while, unless they are adopted or 18."""
        back = day + 20 + self.rng.gamma(0.9, 330, len(day)).astype(np.int64)
        young = back < left["born"] + OLDEST * DAYS_IN_YEAR
        comes = young & (way != ADOPTED) & (way != GROWN_UP) & (self.rng.random(len(day)) < self.council.reentry)
        for one in np.flatnonzero(comes):
            child = {name: values[one : one + 1] for name, values in left.items()}
            day_back = back[one : one + 1]
            self.returning[self._month(int(back[one]))].append({**child, "started": day_back, "placed": day_back})

    def _families(self, month: int, first: int, after: int) -> Children:
        """Single children and sibling groups, by the age of the first of them."""
        rng, council = self.rng, self.council
        mean_size = (habits.GROUP_SIZES * np.arange(1, 6)).sum()
        level = council.calendar.starts[month] + self._noise()
        share = council.start_shares * np.exp(council.calendar.ages[month])
        share = share / share.sum() * council.calendar.population[month]
        expected = self._expected(month, first) * (1 - council.uasc_share) * (1 - council.reentry / 2)
        groups = rng.poisson(expected * np.exp(level) * share / mean_size)
        band = np.repeat(np.arange(len(share)), groups)
        size = rng.choice(np.arange(1, 6), len(band), p=habits.GROUP_SIZES)
        age = _age_at_start(rng, band)
        day = rng.integers(first, after, len(band))
        who = np.repeat(np.arange(len(band)), size)
        lead = np.r_[True, who[1:] != who[:-1]] if len(who) else np.zeros(0, bool)
        apart = np.where(lead, 0.0, rng.uniform(1.0, 6.0, len(who)) * rng.choice([-1, 1], len(who)))
        ages = np.where(lead, age[who], np.clip(np.abs(age[who] + apart), 0.0, 17.0))
        return self._children(day[who], ages, np.zeros(len(who), bool), who)

    def _unaccompanied(self, month: int, first: int, after: int) -> Children:
        """Unaccompanied asylum-seeking children: 16 and 17 mostly, alone."""
        rng = self.rng
        expected = self._expected(month, first) * self.council.uasc_share
        count = rng.poisson(expected * np.exp(self.council.calendar.uasc[month]))
        age = np.where(rng.random(count) < 0.15, rng.uniform(12.5, 16, count), rng.triangular(16, 16.8, OLDEST, count))
        return self._children(rng.integers(first, after, count), age, np.ones(count, bool), np.arange(count))

    def _expected(self, month: int, first: int) -> float:
        """Children who start in a month at level nought."""
        return self.scale / 12 * self.council.season[(month + 3) % 12]

    def _noise(self) -> float:
        """Log of a gamma factor with mean 1: more chance in a month than independent families have."""
        spread = self.council.noise
        return float(np.log(self.rng.gamma(1 / spread**2, spread**2))) if spread > 0.02 else 0.0

    def _back(self, one: Children, first: int) -> Children:
        """Children who come back, alone, as new periods of care."""
        self.families += 1
        return {**one, "family": np.array([self.families]), "siblings": np.array([1]), "first": np.array([True])}

    def _children(self, day: np.ndarray, age: np.ndarray, uasc: np.ndarray, who: np.ndarray) -> Children:
        """Columns of children who start for the first time; ``who`` numbers their families."""
        count = len(day)
        born = day - np.floor(age * DAYS_IN_YEAR).astype(np.int64)
        family = self.families + 1 + who
        siblings = np.bincount(who, minlength=1)[who] if count else np.zeros(0, np.int64)
        self.families += int(who.max()) + 1 if count else 0
        child = self.children + 1 + np.arange(count)
        self.children += count
        return {
            "child": child,
            "born": born,
            "sex": np.where(self.rng.random(count) < np.where(uasc, 0.94, 0.53), 1, 2),
            "uasc": uasc,
            "family": family,
            "siblings": siblings,
            "frailty": self._frailty(who),
            "adult": birthday(born, 18),
            "started": day,
            "placed": day,
            "kind": np.zeros(count, np.int64),
            "first": np.ones(count, bool),
        }

    def _frailty(self, who: np.ndarray) -> np.ndarray:
        """How readily a family's children leave, with mean 1: of two classes, or log-normal."""
        shape, spread = self.council.frailty
        families = int(who.max()) + 1 if len(who) else 0
        if shape == "classes":
            quick = self.rng.random(families) < 0.4
            return np.where(quick, 1 + 1.5 * spread, 1 - spread)[who]
        return np.exp(self.rng.normal(-(spread**2) / 2, spread, families))[who]

    @staticmethod
    def _month(day: int) -> int:
        """Number of the calendar month that a day falls in."""
        return int(np.datetime64(int(day), "D").astype("datetime64[M]").astype(np.int64))


def _age_at_start(rng: np.random.Generator, band: np.ndarray) -> np.ndarray:
    """Ages within bands [years]: many newborns among the babies, few just before 18."""
    low, high = np.array(BAND_STARTS)[band], np.minimum(np.array(BAND_ENDS), OLDEST)[band]
    age = rng.uniform(low, high)
    newborn = (band == 0) & (rng.random(len(band)) < 0.5)
    oldest = band == len(BAND_STARTS) - 1
    age = np.where(newborn, rng.exponential(0.03, len(band)).clip(0, 0.9), age)
    return np.where(oldest, rng.triangular(16, 16.2, OLDEST, len(band)), age)
