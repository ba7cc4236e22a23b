"""What changes with the calendar: log levels of starts and of leaving, drawn from several families of processes.

No one process is the truth. A level reverts to its mean, walks, jumps and fades, or follows a trend that turns; which,
and how strongly, differs by world and between starts and leaving within a world. All series are monthly.
"""

from __future__ import annotations

from typing import Final

import numpy as np

MONTHS: Final = 12


def _decaying(shocks: np.ndarray, half_life: float, start: float | np.ndarray = 0.0) -> np.ndarray:
    """Sum of past shocks, each halved every ``half_life`` years; along the first axis."""
    keep = 0.5 ** (1 / (MONTHS * half_life))
    level = np.empty_like(shocks)
    now = np.zeros(shocks.shape[1:]) + start
    for month, shock in enumerate(shocks):
        now = keep * now + shock
        level[month] = now
    return level


def reverting(rng: np.random.Generator, months: int, size: float, half_life: float | None = None) -> np.ndarray:
    """AR(1) about its mean. ``size`` is its sd over a year's shocks; half-life 2 to 6 years."""
    half_life = half_life or rng.uniform(2, 6)
    monthly = size / np.sqrt(MONTHS)
    keep = 0.5 ** (1 / (MONTHS * half_life))
    start = rng.normal(0, monthly / np.sqrt(1 - keep**2))
    return _decaying(rng.normal(0, monthly, months), half_life, start)


def walking(rng: np.random.Generator, months: int, size: float) -> np.ndarray:
    """Nearly a random walk: half-life 15 to 40 years."""
    return _decaying(rng.normal(0, 0.6 * size / np.sqrt(MONTHS), months), rng.uniform(12, 30))


def stepping(rng: np.random.Generator, months: int, size: float) -> np.ndarray:
    """Policy shocks: one in about four years, over some months, fading slowly; small noise beside them."""
    shocks = np.zeros(months)
    for month in np.flatnonzero(rng.random(months) < 1 / (4 * MONTHS)):
        ramp = int(rng.integers(1, 13))
        reached = shocks[month : month + ramp]
        reached += rng.normal(0, 1.3 * size) / ramp
    return _decaying(shocks, rng.uniform(3, 8)) + reverting(rng, months, 0.4 * size)


def turning(rng: np.random.Generator, months: int, size: float) -> np.ndarray:
    """A slow trend that turns: its slope reverts to nought over one to three years; the level over six to twelve."""
    half_life = rng.uniform(1, 3)
    slope = reverting(rng, months, 0.22 * size, half_life)
    return _decaying(slope / MONTHS, rng.uniform(6, 12)) + reverting(rng, months, 0.4 * size)


def mixing(rng: np.random.Generator, months: int, size: float) -> np.ndarray:
    """A fast and a slow AR(1) together: half-lives of half a year to a year, and 6 to 10."""
    fast = reverting(rng, months, 0.9 * size, rng.uniform(0.5, 1))
    return fast + reverting(rng, months, 0.65 * size, rng.uniform(6, 10))


FAMILIES: Final = {
    "reverting": (reverting, 0.35),
    "walking": (walking, 0.15),
    "stepping": (stepping, 0.20),
    "turning": (turning, 0.15),
    "mixing": (mixing, 0.15),
}
"""Family → process, and its share of worlds."""


def drifting(rng: np.random.Generator, months: int, size: float, columns: int) -> np.ndarray:
    """Log shares that walk, ``size`` a root-year, with a half-life of 10 years so that no kind dies out."""
    return _decaying(rng.normal(0, size / np.sqrt(MONTHS), (months, columns)), 10.0)


def surge(rng: np.random.Generator, months: int, first: int) -> np.ndarray:
    """Log factor of a wave of arrivals: up within half a year after month ``first``, ebbing over one to four years."""
    since = np.arange(months) - rng.integers(first, months)
    rise = np.clip(since / rng.uniform(1, 6), 0, 1)
    ebb = 0.5 ** (np.maximum(since, 0) / MONTHS / rng.uniform(1, 4))
    return rng.uniform(0.6, 1.5) * rise * ebb


def outliers(rng: np.random.Generator, months: int) -> np.ndarray:
    """Log factor of single quarters that stand out, one in eight years."""
    quarters = -(-months // 3)
    odd = (rng.random(quarters) < 1 / 32) * rng.normal(-0.1, 0.35, quarters)
    return np.repeat(odd, 3)[:months]
