"""The least change that meets a target: bisection on futures that share their luck, checked for turning back.

Positions run along the lever from the end that does least for the target to the end that does most.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from sufficiency.goals.target import Target

SCANNED: Final = 20
"""Steps of a scan along the whole lever, where its effect turns back on the way."""


@dataclass(frozen=True)
class Tried:
    """One value of the lever: the measure in every path, and whether it meets the target there."""

    value: float
    measured: np.ndarray
    met: np.ndarray

    @property
    def probability(self) -> float:
        """Share of the paths that meet the target."""
        return float(self.met.mean())

    def reached(self, target: Target, probability: float) -> float:
        """The best value that at least a stated share of the paths come up to; it is that of some path."""
        best_last = np.sort(self.measured) if target.upward else np.sort(self.measured)[::-1]
        spared = math.floor((1 - probability) * len(best_last) + 1e-9)
        return float(best_last[min(spared, len(best_last) - 1)])


@dataclass(frozen=True)
class Found:
    """The end of a search. ``position`` on the grid; ``met``: whether it meets the target; ``turns``: whether the
    effect turns back somewhere, so that the whole lever was scanned, every ``stride`` steps."""

    position: int
    met: bool
    turns: bool
    stride: int


def search(
    tried: Callable[[int], Tried],
    last: int,
    now: int | None,
    target: Target,
    probability: float,
    grain: Callable[[], float],
) -> Found:
    """Find the least change of a lever with values at 0, 1, … ``last`` that meets a target.

    ``tried`` gives the futures of a position and remembers them; ``now``: position of the present value, where there
    is one; ``grain``: difference of the measure that a tie may make. When the effect never turns back among the values
    tried, the answer is the first value that meets the target on the way from the end that does least; else, after a
    scan, the one nearest to the present value, or the last one back from it where it meets the target itself. The value
    one step less has been tried and does not meet it.
    """
    line = _Line(tried, last, target, probability)
    if line.meets(0):
        line.at(last // 2)
        position = 0
    elif not line.meets(last):
        line.at(last // 2)
        position = line.best()
    else:
        position = line.between(0, last)
    if not line.turns(grain()):
        return Found(line.index(position), line.meets(position), False, 1)
    stride = math.ceil(last / SCANNED)
    position = line.scan(stride, None if now is None else line.index(now))
    return Found(line.index(position), line.meets(position), True, stride)


class _Line:
    """The grid of the lever, turned so that position 0 does least for the target; what was tried is remembered."""

    def __init__(self, tried: Callable[[int], Tried], last: int, target: Target, probability: float) -> None:
        self.tried, self.last, self.target, self.probability = tried, last, target, probability
        self.seen: dict[int, Tried] = {}
        self.up = True
        self.up = self._rank(self.at(last)) >= self._rank(self.at(0))
        self.seen = {self.index(position): one for position, one in self.seen.items()}

    def index(self, position: int) -> int:
        """Position on the line → place on the grid, and back."""
        return position if self.up else self.last - position

    def at(self, position: int) -> Tried:
        if position not in self.seen:
            self.seen[position] = self.tried(self.index(position))
        return self.seen[position]

    def meets(self, position: int) -> bool:
        return enough(self.at(position).probability, self.probability)

    def _rank(self, one: Tried) -> tuple[float, float, float]:
        """How good a value is: its probability, then what it reaches with the probability asked, then the mean."""
        sign = 1 if self.target.upward else -1
        mean = float(one.measured.mean())
        return one.probability, sign * one.reached(self.target, self.probability), sign * mean

    def best(self) -> int:
        """The value tried that comes closest, the least of those that do."""
        return max(self.seen, key=lambda position: (self._rank(self.seen[position]), -position))

    def between(self, short: int, enough_at: int) -> int:
        """The value that meets the target next to one that does not, between a position of either sort."""
        while abs(enough_at - short) > 1:
            middle = (short + enough_at) // 2
            short, enough_at = (short, middle) if self.meets(middle) else (middle, enough_at)
        return enough_at

    def turns(self, grain: float) -> bool:
        """Whether, from one value tried to the next, more paths lose the target than gain it, ties left out."""
        line = [self.seen[position] for position in sorted(self.seen)]
        return any(_loses(before, after, grain) for before, after in pairwise(line))

    def scan(self, stride: int, now: int | None) -> int:
        """Try values all along the lever; the least change from ``now`` (or else from the end that does least)."""
        start = 0 if now is None else now
        line = sorted({*range(0, self.last + 1, stride), start, self.last})
        meeting = [position for position in line if self.meets(position)]
        if not meeting:
            return self.best()
        nearest = min(meeting, key=lambda position: abs(position - start))
        if nearest == start:
            short = [position for position in line if position < start and not self.meets(position)]
            return self.between(short[-1], start) if short else 0
        inner = line[line.index(nearest) + (1 if nearest < start else -1)]
        return self.between(inner, nearest)


def enough(share: float, asked: float) -> bool:
    """Whether a share of the paths comes up to the one asked, free of the noise of division."""
    return share >= asked - 1e-9


def _loses(before: Tried, after: Tried, grain: float) -> bool:
    apart = np.abs(after.measured - before.measured) > grain * (1 + 1e-9)
    lost = (before.met & ~after.met & apart).sum()
    return bool(lost > (after.met & ~before.met).sum())
