"""How good a forecast was, once the outcome is known: pure functions on arrays, in the forecast's own unit.

A forecast is its seven quantiles at :data:`LEVELS`, on the last axis; outcomes have the shape without that axis.

Sources: weighted interval score, J. Bracher, E. L. Ray, T. Gneiting and N. G. Reich, *Evaluating epidemic forecasts in
an interval format*, PLOS Computational Biology 17 (2021); interval score and probability integral transform,
T. Gneiting and A. E. Raftery, *Strictly proper scoring rules*, JASA 102 (2007); absolute scaled error, R. J. Hyndman
and A. B. Koehler, *Another look at measures of forecast accuracy*, International Journal of Forecasting 22 (2006).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from sufficiency.ranges import QUANTILES

LEVELS: Final = tuple(QUANTILES.values())
"""Levels of the seven quantiles that a forecast is given by, the median in the middle."""
MEDIAN: Final = LEVELS.index(0.5)
RANGES: Final = {0.5: (2, 4), 0.8: (1, 5), 0.95: (0, 6)}
"""Share of the futures in a range → positions of its two ends among :data:`LEVELS`."""


def quantiles_of(paths: ArrayLike) -> np.ndarray:
    """Simulated futures, paths on the last axis, as their quantiles at :data:`LEVELS` on the last axis."""
    return np.moveaxis(np.quantile(np.asarray(paths), LEVELS, axis=-1), 0, -1)


def interval_score(low: ArrayLike, high: ArrayLike, actual: ArrayLike, level: float) -> np.ndarray:
    """Width of a range plus a penalty for each unit by which the outcome lies outside; less is better.

    ``level`` is the share of outcomes that the range should hold; the penalty is 2 / (1 - level).
    """
    low, high, actual = (np.asarray(values, dtype=float) for values in (low, high, actual))
    outside = np.maximum(low - actual, 0) + np.maximum(actual - high, 0)
    return np.asarray(high - low + 2 / (1 - level) * outside)


def wis(quantiles: ArrayLike, actual: ArrayLike) -> np.ndarray:
    """Weighted interval score of the median and the 50, 80 and 95% ranges; less is better.

    (½ |outcome − median| + Σ (1 − level)/2 × interval score) / (3 + ½), as in Bracher et al. (2021), equation 3. Of a
    forecast that is a single number it is the absolute error.
    """
    quantiles, actual = np.asarray(quantiles, dtype=float), np.asarray(actual, dtype=float)
    total = 0.5 * np.abs(actual - quantiles[..., MEDIAN])
    for level, (low, high) in RANGES.items():
        total = total + (1 - level) / 2 * interval_score(quantiles[..., low], quantiles[..., high], actual, level)
    return total / (len(RANGES) + 0.5)


def covered(quantiles: ArrayLike, actual: ArrayLike, level: float) -> np.ndarray:
    """Whether the outcome lies in the range of a level (0.5, 0.8 or 0.95), its ends included."""
    quantiles, actual = np.asarray(quantiles, dtype=float), np.asarray(actual, dtype=float)
    low, high = RANGES[level]
    return (quantiles[..., low] <= actual) & (actual <= quantiles[..., high])


def width(quantiles: ArrayLike, level: float) -> np.ndarray:
    """Width of the range of a level (0.5, 0.8 or 0.95)."""
    quantiles = np.asarray(quantiles, dtype=float)
    low, high = RANGES[level]
    return quantiles[..., high] - quantiles[..., low]


def absolute_percentage_error(forecast: ArrayLike, actual: ArrayLike) -> np.ndarray:
    """Distance from the outcome as a share of it (0.05 is 5%); missing where the outcome is nought.

    Their mean is the mean absolute percentage error (MAPE).
    """
    forecast, actual = np.asarray(forecast, dtype=float), np.asarray(actual, dtype=float)
    return np.abs(forecast - actual) / np.where(actual == 0, np.nan, actual)


def naive_error(history: ArrayLike) -> np.ndarray:
    """Mean absolute change from one value to the next on the last axis: what "as last year" missed by so far.

    Missing values are left out. Missing where no change is known or nothing ever changed.
    """
    change = np.abs(np.diff(np.asarray(history, dtype=float), axis=-1))
    known = ~np.isnan(change)
    total = np.where(known, change, 0).sum(axis=-1)
    return np.where(total > 0, total, np.nan) / np.maximum(known.sum(axis=-1), 1)


def absolute_scaled_error(forecast: ArrayLike, actual: ArrayLike, scale: ArrayLike) -> np.ndarray:
    """Distance from the outcome in units of :func:`naive_error` before the origin; their mean is MASE."""
    forecast, actual = np.asarray(forecast, dtype=float), np.asarray(actual, dtype=float)
    return np.abs(forecast - actual) / np.asarray(scale, dtype=float)


def pit(paths: ArrayLike, actual: ArrayLike) -> np.ndarray:
    """Where the outcome lies among the simulated futures: the share below it, those equal counting half.

    ``paths`` has the futures on its last axis. Over many honest forecasts the values spread evenly from 0 to 1.
    """
    paths, actual = np.asarray(paths), np.asarray(actual)[..., None]
    return ((paths < actual).sum(axis=-1) + 0.5 * (paths == actual).sum(axis=-1)) / paths.shape[-1]
