"""Scores of forecasts against what came: written for this check alone, sharing nothing with the library's own.

The weighted interval score is that of Bracher, Ray, Gneiting and Reich (2021), *Evaluating epidemic forecasts in an
interval format*, PLoS Computational Biology 17(2), equation 3, with the median and the 50, 80 and 95% intervals.
"""

from __future__ import annotations

from typing import Final

import numpy as np

QUANTILES: Final = (0.025, 0.10, 0.25, 0.50, 0.75, 0.90, 0.975)
MEDIAN: Final = 3
INTERVALS: Final = {0.50: (2, 4), 0.80: (1, 5), 0.95: (0, 6)}
"""Level → places of its two ends in ``QUANTILES``."""


def quantiles_of(paths: np.ndarray) -> np.ndarray:
    """(paths, ...) → (7, ...)."""
    return np.quantile(paths, QUANTILES, axis=0)


def interval_score(low: np.ndarray, high: np.ndarray, actual: np.ndarray, level: float) -> np.ndarray:
    """Width, and 2/alpha times the distance by which the interval was missed."""
    alpha = 1 - level
    below, above = np.maximum(low - actual, 0), np.maximum(actual - high, 0)
    return high - low + 2 / alpha * (below + above)


def weighted_interval_score(quantiles: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """(7, ...) and (...) → (...), in the unit of the series; half the distance of the median weighs as an interval."""
    total = 0.5 * np.abs(actual - quantiles[MEDIAN])
    for level, (low, high) in INTERVALS.items():
        total = total + (1 - level) / 2 * interval_score(quantiles[low], quantiles[high], actual, level)
    return total / (len(INTERVALS) + 0.5)


def held_by(quantiles: np.ndarray, actual: np.ndarray, level: float) -> np.ndarray:
    """Whether the interval holds the outcome, its ends included."""
    low, high = INTERVALS[level]
    return (quantiles[low] <= actual) & (actual <= quantiles[high])


def percentage_error(middle: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Absolute error in percent of the outcome; not a number where that is nought."""
    error = np.full(np.broadcast(middle, actual).shape, np.nan)
    return 100 * np.divide(np.abs(middle - actual), actual, out=error, where=actual > 0)


def rank_of(paths: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Share of the paths below the outcome, ties counted half (the probability integral transform)."""
    return (paths < actual).mean(axis=0) + 0.5 * (paths == actual).mean(axis=0)
