"""Unaccompanied asylum-seeking children: a stream of their own, who start at 15 to 17 and leave at 18."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sufficiency.sample.chance import between
from sufficiency.sample.model import LAST_RETURN, YEARS, birthday, day, year_end
from sufficiency.sample.targets import Targets

OPENING: Final = 6
"""Unaccompanied children looked after at 31 March 2015: an assumption, the figure is not published."""

SHORTEST_STAY_DAYS: Final = 40
LATE_ARRIVALS_AT_15: Final = 3
"""Of those looked after at the end, how many are still 15: an assumption."""


@dataclass(frozen=True)
class Arrival:
    """One unaccompanied child: day of starting and, once known, the 18th birthday on which it leaves."""

    start: int
    adult: int = 0

    @property
    def born(self) -> int:
        """Date of birth, eighteen years before the 18th birthday."""
        return birthday(self.adult, -18)


def arrivals(targets: Targets, rng: np.random.Generator) -> list[Arrival]:
    """Everyone who was looked after as an unaccompanied child, with starts and ceases of each year exactly as set.

    Those who have been here longest turn 18 first, so stays are about as long as the published stock and flow imply.
    """
    waiting = [Arrival(between(rng, day(2014, 1, 1), year_end(2015))) for _ in range(OPENING)]
    gone: list[Arrival] = []
    for year in YEARS:
        first, last = year_end(year - 1) + 1, year_end(year)
        waiting += [Arrival(between(rng, first, last)) for _ in range(targets.count("started", year, "uasc"))]
        waiting.sort(key=lambda child: child.start)
        leavers = targets.count("ceased", year, "uasc")
        gone += [_turning_18(child, first, last, rng) for child in waiting[:leavers]]
        waiting = waiting[leavers:]
    return gone + [_still_here(child, number, rng) for number, child in enumerate(reversed(waiting))]


def _turning_18(child: Arrival, first: int, last: int, rng: np.random.Generator) -> Arrival:
    return replace(child, adult=between(rng, max(first, child.start + SHORTEST_STAY_DAYS), last))


def _still_here(child: Arrival, number: int, rng: np.random.Generator) -> Arrival:
    """Sixteen or seventeen at the end; the latest few to arrive are still fifteen."""
    year = LAST_RETURN + (2 if number < LATE_ARRIVALS_AT_15 else int(rng.integers(0, 2)))
    return replace(child, adult=between(rng, day(year, 4, 20), day(year + 1, 3, 10)))
