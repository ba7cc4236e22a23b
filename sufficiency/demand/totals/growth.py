"""Growth common to all authorities of a panel, filtered from the years up to the origin and damped ahead.

The change of log stock averaged over authorities in year t is

    mean change(t) = growth(t) + once(t) + sampling(t),   growth(t) = m + persistence · (growth(t-1) - m) + shock(t)

with m the setting ``national_growth``. The sampling error is that of a mean of n authorities, so the "national" growth
of a small panel counts for little, and that of a single authority for next to nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sufficiency.demand.totals.settings import TotalsSettings


@dataclass(frozen=True)
class Growth:
    """Common growth at the origin, ``centre`` and ``sd`` [log a year], and what of each past ``change`` (t - 1,) is
    believed to be common [log]."""

    centre: float
    sd: float
    change: np.ndarray


def estimate_growth(changes: np.ndarray, variance: np.ndarray, settings: TotalsSettings) -> Growth:
    """Filter the common growth from yearly changes of log stock (n, t - 1), of which each has its own ``variance``."""
    keep, shock, once = settings.growth_persistence, settings.growth_shock**2, settings.growth_once**2
    m = settings.national_growth
    centre, spread = m, shock / (1 - keep**2)
    common = np.zeros(changes.shape[1])
    for year in range(changes.shape[1]):
        centre, spread = m + keep * (centre - m), keep**2 * spread + shock
        mean, sampling = _mean(changes[:, year], variance[:, year], settings.outlier)
        share = (spread + once) / (spread + once + sampling)
        common[year] = centre + share * (mean - centre)
        gain = spread / (spread + once + sampling)
        centre += gain * (mean - centre)
        spread *= 1 - gain
    return Growth(centre, float(np.sqrt(spread)), common)


def _mean(changes: np.ndarray, variance: np.ndarray, outlier: float) -> tuple[float, float]:
    """Weighted mean of a year's changes, outliers pulled in, and its sampling variance (infinite without any)."""
    known = ~np.isnan(changes)
    if not known.any():
        return 0.0, np.inf
    changes, variance = changes[known], variance[known]
    middle, limit = np.median(changes), outlier * np.sqrt(variance)
    weight = 1 / variance
    mean = (weight * np.clip(changes, middle - limit, middle + limit)).sum() / weight.sum()
    return float(mean), float(1 / weight.sum())


def growth_paths(
    growth: Growth, settings: TotalsSettings, years: int, paths: int, generator: np.random.Generator
) -> np.ndarray:
    """Common change of log stock in each year ahead, shape (paths, years)."""
    first = generator.standard_normal(paths)
    shocks, once = generator.standard_normal((2, years, paths))
    m, keep = settings.national_growth, settings.growth_persistence
    level = growth.centre + growth.sd * first - m
    answer = np.empty((paths, years))
    for year in range(years):
        level = keep * level + settings.growth_shock * shocks[year]
        answer[:, year] = m + level + settings.growth_once * once[year]
    return answer
