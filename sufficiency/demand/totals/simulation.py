"""Years ahead, one authority at a time and all its paths at once: starts, ceases, residual, stock.

In each year of each path, with L the level, N the stock and g the growth of the level,

    growth       g = common + own - rate_reversion · (log rate per child - the panel's)
    base         s0 = (e0 - r) / (1 - w · e0),   e0 = turnover / (1 + w · turnover)     starts that keep L where it is
    starts       S ~ negative binomial, mean L · (s0 + growth_by_starts · G / (1 - w · e0)),   G = exp(g) - 1
    exit rate    e = (s + r - G) / (1 + w · s),   s = mean starts / L                     the rest of the growth
    ceases       C ~ Poisson, mean e · (N + w · S), at most N + S
    residual     R ~ Poisson, mean |r| · N, with the sign of r
    stock        N' = N + S - C + R,   level L' = L · exp(g)

w is ``new_children_exposure``, r the residual's share. Without chance N stays on L; a chance excess of N over L leaves
at the exit rate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sufficiency.demand.totals.settings import TotalsSettings

LEAST_RATE = 0.02
"""Starts and exit rate fall to no less than this [share of the stock a year]."""
SMALLEST_LEVEL = 0.5
"""An authority's level falls to no less than this, so that one without children can have some again [children]."""


@dataclass(frozen=True)
class Origin:
    """What is known of one authority at the origin, and how surely.

    ``stock`` [children]; ``centre`` (2,), ``covariance`` (2, 2) of (log level, own growth); ``gap`` between its log
    rate per child and the panel's, of which ``reversion`` closes in a year; ``turnover`` and ``turnover_sd``,
    ``pooled_turnover`` (logs); ``residual`` [share]; ``volatility`` its shocks against the settings' [ratio],
    ``weight`` of the evidence for that [years].
    """

    stock: float
    centre: np.ndarray
    covariance: np.ndarray
    gap: float
    reversion: float
    turnover: float
    turnover_sd: float
    pooled_turnover: float
    residual: float
    volatility: float
    weight: float


@dataclass(frozen=True)
class Ahead:
    """One authority's futures: ``stock`` (paths, years + 1), ``starts``, ``ceases``, ``residual`` (paths, years)."""

    stock: np.ndarray
    starts: np.ndarray
    ceases: np.ndarray
    residual: np.ndarray


def simulate(
    origin: Origin, common: np.ndarray, pace: np.ndarray, settings: TotalsSettings, generator: np.random.Generator
) -> Ahead:
    """Carry one authority ahead; ``common`` and ``pace`` (paths, years): common growth, and change of log turnover."""
    paths, years = common.shape
    counts = generator.spawn(1)[0]  # of its own, so that shocks stay the same whatever the rates
    stock = np.empty((paths, years + 1), dtype=np.int64)
    starts, ceases, residual = np.empty((3, paths, years), dtype=np.int64)
    stock[:, 0] = origin.stock
    volatility = origin.volatility * np.sqrt((origin.weight - 2) / generator.chisquare(origin.weight, paths))
    level, own = _drawn(origin, volatility, generator)
    turnover = origin.turnover - origin.pooled_turnover + origin.turnover_sd * generator.standard_normal(paths)
    gap = origin.gap + level - np.log(max(origin.stock, SMALLEST_LEVEL))
    for year in range(years):
        shock, turn = generator.standard_normal((2, paths))
        own = settings.own_persistence * own + settings.own_shock * volatility * shock
        turnover = settings.turnover_persistence * turnover + settings.turnover_shock * turn + pace[:, year]
        drift = own - origin.reversion * gap
        flows = _flows(
            stock[:, year], np.exp(level), common[:, year] + drift, np.exp(origin.pooled_turnover + turnover),
            origin.residual, settings, counts,
        )  # fmt: skip
        starts[:, year], ceases[:, year], residual[:, year] = flows
        stock[:, year + 1] = stock[:, year] + flows[0] - flows[1] + flows[2]
        level, gap = np.maximum(level + common[:, year] + drift, np.log(SMALLEST_LEVEL)), gap + drift
    return Ahead(stock, starts, ceases, residual)


def _drawn(origin: Origin, volatility: np.ndarray, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Log level and own growth of each path on the day of the origin."""
    root = np.linalg.cholesky(origin.covariance + 1e-12 * np.eye(2))
    drawn = origin.centre[:, None] + volatility * (root @ generator.standard_normal((2, len(volatility))))
    return drawn[0], drawn[1]


def _flows(
    stock: np.ndarray,
    level: np.ndarray,
    growth: np.ndarray,
    turnover: np.ndarray,
    share: float,
    settings: TotalsSettings,
    generator: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Starts, ceases and residual of a year; they never take the stock below nought."""
    w, change = settings.new_children_exposure, np.expm1(growth)
    exit_rate = turnover / (1 + w * turnover)
    base = (exit_rate - share) / (1 - w * exit_rate)
    rate = np.maximum(base + settings.growth_by_starts * change / (1 - w * exit_rate), LEAST_RATE)
    starts = _dispersed(level * rate, settings.starts_dispersion, generator)
    leaving = np.maximum((rate + share - change) / (1 + w * rate), LEAST_RATE)
    ceases = np.minimum(generator.poisson(leaving * (stock + w * starts)), stock + starts)
    residual = generator.poisson(abs(share) * stock)
    return starts, ceases, residual if share >= 0 else -np.minimum(residual, stock + starts - ceases)


def _dispersed(mean: np.ndarray, dispersion: float, generator: np.random.Generator) -> np.ndarray:
    """Counts whose variance is ``dispersion`` times their mean (negative binomial of the first kind)."""
    if dispersion <= 1:
        return generator.poisson(mean)
    return generator.negative_binomial(mean / (dispersion - 1), 1 / dispersion)
