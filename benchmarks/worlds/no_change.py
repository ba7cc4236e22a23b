"""The forecast to beat: as many children as today, with a range from how far past years moved.

The range is normal about today's count. Its spread over a horizon is the root mean square of the past changes over as
many years in the year-end counts held at the origin; with fewer than three of these, that of the changes over one year
times the root of the horizon. Each series (total, band, kind) has its own; no count falls below nought.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from benchmarks.worlds.scores import QUANTILES
from benchmarks.worlds.vocabulary import HORIZONS

FEWEST_CHANGES: Final = 3


def no_change(past: np.ndarray) -> np.ndarray:
    """Year-end counts to the origin (years, series) → quantiles (7, horizons, series)."""
    from scipy.stats import norm

    spread = np.stack([_spread(past, horizon) for horizon in HORIZONS])
    return np.maximum(past[-1] + norm.ppf(QUANTILES)[:, None, None] * spread, 0)


def _spread(past: np.ndarray, horizon: int) -> np.ndarray:
    """Root mean square of the changes over a horizon."""
    if len(past) - horizon >= FEWEST_CHANGES:
        return np.sqrt(((past[horizon:] - past[:-horizon]) ** 2).mean(axis=0))
    return np.sqrt((np.diff(past, axis=0) ** 2).mean(axis=0) * horizon)
