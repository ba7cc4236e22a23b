"""Placements that end sooner because the match is poor: far from home, or in a home below the child's needs."""

from __future__ import annotations

import numpy as np

from sufficiency.placing.stays import BEYOND, BOUGHT
from sufficiency.settings import Market
from sufficiency.streams import chance


def broken_down(
    *,
    key: np.ndarray,
    kind: np.ndarray,
    within: np.ndarray,
    since: np.ndarray,
    level: np.ndarray,
    home: np.ndarray,
    home_level: np.ndarray,
    moving: np.ndarray,
    month: int,
    months: int,
    settings: Market,
) -> np.ndarray:
    """Whether each placement ends before its time, in the ``months`` up to ``month``.

    The projection's own endings hold the usual rate of moves of each kind (``moving``, chance in a month). A factor f
    on a placement means f − 1 times that rate on top. ``within`` and ``since`` (month in which it began) tell matches
    of the projection beyond the limit; ``level`` of the child and ``home_level`` of all homes those below the level.
    """
    known = home > BOUGHT
    below = known & (np.append(home_level, 0)[np.where(known, home, -1)] < level)
    factor = np.where((within == BEYOND) & (since > 0), settings.breakdown_factor_beyond_limit, 1.0)
    factor = factor * np.where(below, settings.breakdown_factor_below_level, 1.0)
    more = 1 - (1 - moving[kind]) ** ((factor - 1) * months)
    return chance(key, "breakdown", month) < more
