"""How many children come and go in a year against those there, and what published flows leave unexplained.

Turnover is (starts + ceases) / 2 of a year against the stock at its beginning. Each authority's is filtered toward the
panel's: one with few years, or none, is given the pooled one, with the spread between authorities around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sufficiency.demand.totals.panel import Panel
from sufficiency.demand.totals.settings import LOG_TURNOVER, TotalsSettings

POOLED_YEARS = 3
"""Latest years whose mean over authorities is the pooled turnover: it moves for the whole country [years]."""
LARGEST_RESIDUAL = 0.05
"""Residuals beyond this are taken for slips in a flow and count as this much [share of the opening stock]."""


@dataclass(frozen=True)
class Turnover:
    """Log turnover on the day of the origin by authority, (n,): ``centre``, ``sd``, the ``pooled`` one to which it
    returns, and the ``residual`` [share of the opening stock a year]."""

    centre: np.ndarray
    sd: np.ndarray
    pooled: float
    residual: np.ndarray


def estimate_turnover(panel: Panel, settings: TotalsSettings) -> Turnover:
    """Filter turnover and shrink residuals, authority by authority, from the flows of a panel."""
    opening = np.maximum(panel.cla[:, :-1], 1)
    flows = (panel.starts[:, 1:] + panel.ceases[:, 1:]) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        seen = np.where(flows > 0, np.log(flows / opening), np.nan)
    pooled = _pooled(seen)
    centre, sd = _filtered(seen, np.maximum(flows, 1), pooled, settings)
    return Turnover(centre, sd, pooled, _residual(panel, opening, settings))


def _pooled(seen: np.ndarray) -> float:
    """Median over authorities in the latest years with flows; the default where there are none at all."""
    years = np.flatnonzero(~np.isnan(seen).all(axis=0))[-POOLED_YEARS:]
    return float(np.nanmedian(seen[:, years])) if len(years) else LOG_TURNOVER


def _filtered(
    seen: np.ndarray, flows: np.ndarray, pooled: float, settings: TotalsSettings
) -> tuple[np.ndarray, np.ndarray]:
    """Kalman filter of an AR(1) about ``pooled``; a year out of line by more than ``outlier`` counts as that much."""
    keep, spread = settings.turnover_persistence, settings.turnover_spread**2
    centre, variance = np.zeros(len(seen)), np.full(len(seen), spread)
    shock = settings.turnover_shock**2
    for year in range(seen.shape[1]):
        centre, variance = keep * centre, keep**2 * variance + shock
        chance = (1 + settings.starts_dispersion) / (4 * flows[:, year])
        total = variance + np.where(np.isnan(chance), 1, chance)
        surprise = seen[:, year] - pooled - centre
        limit = settings.outlier * np.sqrt(total)
        gain = np.where(np.isnan(surprise), 0, variance / total)
        centre = centre + gain * np.nan_to_num(np.clip(surprise, -limit, limit))
        variance = (1 - gain) * variance
    return pooled + centre, np.sqrt(variance)


def _residual(panel: Panel, opening: np.ndarray, settings: TotalsSettings) -> np.ndarray:
    """Mean residual by authority [share of the opening stock], shrunk to the panel's, and that to the setting."""
    explained = panel.cla[:, :-1] + panel.starts[:, 1:] - panel.ceases[:, 1:]
    share = np.clip((panel.cla[:, 1:] - explained) / opening, -LARGEST_RESIDUAL, LARGEST_RESIDUAL)
    count = (~np.isnan(share)).sum(axis=1)
    total = np.nansum(share, axis=1)
    weight = (settings.residual_noise / max(settings.residual_spread, 1e-9)) ** 2
    pooled = (weight * settings.residual + total.sum()) / (weight + count.sum())
    return np.asarray((weight * pooled + total) / (weight + count))
