"""The simple methods that a projection must beat: no change, a damped trend, exponential smoothing.

Each gives yearly points from the counts known at the origin. Its range is lognormal about the point, as wide as its own
past errors: the root mean square of the log errors that the same method made in the same series, so many years ahead,
at earlier origins. With fewer than :data:`ERRORS_NEEDED` of them it is that of the yearly log changes known, growing
with the square root of the horizon, and with fewer than three changes :data:`USUAL_CHANGE`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Final

import numpy as np

from sufficiency.demand.scores import LEVELS

DAMPING: Final = 0.7
"""Share of the last year's change that goes on in the next, and so on."""
ERRORS_NEEDED: Final = 4
USUAL_CHANGE: Final = 0.08
"""Standard deviation of an authority's yearly log change in children looked after. About 80 authorities, 2010-2025,
Department for Education, children looked after in England."""
ETS_NEEDS: Final = 6
"""Yearly counts below which exponential smoothing has too little to estimate and is no change."""
HALF: Final = 0.5
"""Added to counts before their logs are taken, so that none is allowed."""

Points = Callable[[np.ndarray, int], np.ndarray]


def no_change(known: np.ndarray, ahead: int) -> np.ndarray:
    """The last count goes on."""
    return np.full(ahead, known[-1], dtype=float)


def damped_trend(known: np.ndarray, ahead: int) -> np.ndarray:
    """The last yearly change goes on, each year :data:`DAMPING` of the one before."""
    change = known[-1] - known[-2] if len(known) > 1 else 0.0
    return np.maximum(known[-1] + change * np.cumsum(DAMPING ** np.arange(1, ahead + 1)), 0.0)


def exponential_smoothing(known: np.ndarray, ahead: int) -> np.ndarray:
    """Damped additive exponential smoothing (ETS(A,Ad,N), statsmodels); no change with fewer than six counts."""
    if len(known) < ETS_NEEDS or np.ptp(known) == 0:
        return no_change(known, ahead)
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an optimiser that stops at a bound says so; its point is still the answer
        model = ExponentialSmoothing(known, trend="add", damped_trend=True, initialization_method="estimated")
        points = np.asarray(model.fit().forecast(ahead))
    return np.maximum(points, 0.0) if np.isfinite(points).all() else no_change(known, ahead)


METHODS: Final[dict[str, Points]] = {
    "no_change": no_change,
    "damped_trend": damped_trend,
    "ets": exponential_smoothing,
}


def quantiles(method: Points, known: np.ndarray, ahead: int, made: dict[int, np.ndarray]) -> np.ndarray:
    """Quantiles (ahead, 7) of a method from the ``known`` yearly counts, oldest first, none missing.

    ``made``: points that the method made from the first so many counts of the same series; filled in as needed, so
    that the next origin need not make them again.
    """
    from scipy.special import ndtri

    longest = max(ahead, 1)
    for held in range(1, len(known) + 1):
        if held not in made:
            made[held] = method(known[:held], longest)
    points = made[len(known)][:ahead]
    spread = np.array([_spread(known, made, years) for years in range(1, ahead + 1)])
    scores = ndtri(np.array(LEVELS))
    return np.maximum((points[:, None] + HALF) * np.exp(spread[:, None] * scores) - HALF, 0.0)


def _spread(known: np.ndarray, made: dict[int, np.ndarray], years: int) -> float:
    """Standard deviation of the log error so many years ahead, as known at the origin."""
    origins = range(2, len(known) - years + 1)
    errors = [np.log((known[held + years - 1] + HALF) / (made[held][years - 1] + HALF)) for held in origins]
    if len(errors) >= ERRORS_NEEDED:
        return float(np.sqrt(np.mean(np.square(errors))))
    changes = np.diff(np.log(known + HALF))
    yearly = float(np.sqrt(np.mean(np.square(changes)))) if len(changes) > 2 else USUAL_CHANGE
    return yearly * float(np.sqrt(years))
