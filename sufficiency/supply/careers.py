"""How long households go on, and whether they move up a level: year by year from approval to leaving."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sufficiency.recruitment import Recruitment
from sufficiency.streams import chance, stream
from sufficiency.vocabulary import NEEDS_LEVELS

MONTHS_SINCE: Final = (12, 36, 60)
"""Where the classes of ``attrition_by_years`` begin, after the first [whole months since approval]."""
MOVES: Final = NEEDS_LEVELS[-1] - NEEDS_LEVELS[0]
"""Levels that a household can move up at most."""


@dataclass(frozen=True)
class Chances:
    """What a household meets in a year: ``stopping`` and ``moving_up`` (paths, years) [shares], and how stopping
    differs ``by_years`` since approval and ``by_level`` [multipliers, scaled]."""

    stopping: np.ndarray
    moving_up: np.ndarray
    by_years: np.ndarray
    by_level: np.ndarray

    @property
    def never(self) -> int:
        """A month beyond every year, for what does not come to pass."""
        return 12 * self.stopping.shape[1] + 1

    def of_stopping(self, path: np.ndarray, year: int, since: np.ndarray, level: np.ndarray) -> np.ndarray:
        """Chance that each household stops in a year; ``since``: whole months since approval at its start."""
        differs = self.by_years[_class_of(since)] * self.by_level[level - NEEDS_LEVELS[0]]
        return np.minimum(self.stopping[path, year] * differs, 1)


def chances_of(
    settings: Recruitment, level: np.ndarray, since: np.ndarray, years: int, paths: int, seed: int
) -> Chances:
    """The settings' attrition and moves, for ``years``; ``level`` and ``since`` are those of today's households, which
    together stop at the stated share whatever the multipliers."""
    by_years, by_level = np.array(settings.attrition_by_years), np.array(settings.attrition_by_level)
    if len(level):
        mean = float((by_years[_class_of(since)] * by_level[level - NEEDS_LEVELS[0]]).mean())
        by_years = by_years / mean if mean > 0 else by_years
    stopping = settings.attrition.paths(years, paths, _draws(seed, "attrition"))
    paid = 1 + settings.allowance_uplift.paths(years, paths, _draws(seed, "allowance_uplift"))
    answers = settings.allowance_on_attrition.paths(years, paths, _draws(seed, "allowance_on_attrition"))
    moving_up = settings.level_up_per_year.paths(years, paths, _draws(seed, "level_up_per_year"))
    return Chances(stopping * paid**-answers, moving_up, by_years, by_level)


def career(
    key: np.ndarray, path: np.ndarray, level: np.ndarray, since: np.ndarray, first_year: int, chances: Chances
) -> tuple[np.ndarray, np.ndarray]:
    """Month in which each household stops, and the months in which it moves up (households, two).

    ``since``: whole months since approval on the as-of day, negative for those approved later. Only households open
    at the start of a year are at risk in it, as Ofsted counts; they may stop, or move up, in any month of it.
    """
    stopped = np.full(len(key), chances.never)
    raised = np.full((len(key), MOVES), chances.never)
    now = level.copy()
    for year in range(first_year, chances.stopping.shape[1]):
        going_on = stopped == chances.never
        likely = chances.of_stopping(path, year, since + 12 * year, now)
        stops = going_on & (chance(key, "stops", year) < likely)
        stopped = np.where(stops, _month(key, "stopping month", year), stopped)
        month = _month(key, "month of moving up", year)
        rises = going_on & (now < NEEDS_LEVELS[-1]) & (month < stopped)
        rises &= chance(key, "moves up", year) < chances.moving_up[path, year]
        raised[np.flatnonzero(rises), (now - level)[rises]] = month[rises]
        now = now + rises
    return stopped, raised


def _class_of(since: np.ndarray) -> np.ndarray:
    return np.searchsorted(MONTHS_SINCE, since, side="right")


def _month(key: np.ndarray, purpose: str, year: int) -> np.ndarray:
    return 12 * year + (chance(key, purpose, year) * 12).astype(int)


def _draws(seed: int, name: str) -> np.random.Generator:
    return stream(seed, "lever", f"supply.recruitment.{name}")
