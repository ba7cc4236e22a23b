"""Where each authority stands and how it is moving, apart from chance: a filter of its log stock.

    log stock(t) = level(t) + chance(t)
    level(t)     = level(t-1) + common(t) + own(t),      own(t) = own_persistence · own(t-1) + shock(t)
    chance(t)    = kept · chance(t-1) + noise(t),        noise variance = net chance of a year's flows / stock

Chance fades as children leave (``kept`` is 1 less the exit rate), and is larger the smaller the authority: so a rise in
a large authority is taken as the beginning of more, and in a small one as luck that will pass. On average over
authorities of England the two cancel, which is why "no change" is hard to beat.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sufficiency.demand.totals.settings import TotalsSettings


@dataclass(frozen=True)
class Levels:
    """Level and own growth at the origin by authority.

    ``centre`` (n, 2) and ``covariance`` (n, 2, 2) of (log level, own growth a year); ``surprises`` (n,) sum of squared
    standardised one-year errors of the filter on the years held, ``count`` (n,) their number.
    """

    centre: np.ndarray
    covariance: np.ndarray
    surprises: np.ndarray
    count: np.ndarray


def estimate_levels(
    log_stock: np.ndarray, common: np.ndarray, chance: np.ndarray, kept: np.ndarray, settings: TotalsSettings
) -> Levels:
    """Kalman filter over years (n, t), missing years passed over; ``chance`` is the variance of noise times stock."""
    authorities = len(log_stock)
    own = settings.own_shock**2 / (1 - settings.own_persistence**2)
    move = _move(kept, settings)
    centre, spread = np.zeros((authorities, 3)), np.zeros((authorities, 3, 3))
    surprises, count = np.zeros(authorities), np.zeros(authorities)
    begun = np.zeros(authorities, dtype=bool)
    for year in range(log_stock.shape[1]):
        seen = log_stock[:, year]
        known = ~np.isnan(seen)
        if year:
            noise = chance / np.exp(np.where(begun, centre[:, 0], 1))
            centre = np.einsum("nij,nj->ni", move, centre)
            centre[:, 0] += common[year - 1]
            spread = np.einsum("nij,njk,nlk->nil", move, spread, move) + _noise(noise, settings)
        centre, spread, error = _update(centre, spread, seen, known & begun, settings.outlier)
        surprises, count = surprises + error**2, count + (known & begun)
        first = known & ~begun
        centre[first], spread[first] = _start(seen, chance, kept, own, first)
        begun |= known
    return Levels(centre[:, :2], spread[:, :2, :2], surprises, count)


def _move(kept: np.ndarray, settings: TotalsSettings) -> np.ndarray:
    """A year's step of (level, own growth, chance)."""
    move = np.zeros((len(kept), 3, 3))
    move[:, 0, 0] = 1
    move[:, 0, 1] = move[:, 1, 1] = settings.own_persistence
    move[:, 2, 2] = kept
    return move


def _noise(chance: np.ndarray, settings: TotalsSettings) -> np.ndarray:
    noise = np.zeros((len(chance), 3, 3))
    noise[:, :2, :2] = settings.own_shock**2
    noise[:, 2, 2] = chance
    return noise


def _start(
    seen: np.ndarray, chance: np.ndarray, kept: np.ndarray, own: float, first: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """State after an authority's first figure: the level is that figure, give or take lasting chance."""
    lasting = (chance / np.exp(seen) / (1 - kept**2))[first]
    centre, spread = np.zeros((first.sum(), 3)), np.zeros((first.sum(), 3, 3))
    centre[:, 0] = seen[first]
    spread[:, 0, 0] = spread[:, 2, 2] = lasting
    spread[:, 0, 2] = spread[:, 2, 0] = -lasting
    spread[:, 1, 1] = own
    return centre, spread


def _update(
    centre: np.ndarray, spread: np.ndarray, seen: np.ndarray, use: np.ndarray, outlier: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Take in a year's stock where ``use``; a surprise beyond ``outlier`` moves level and growth no further.

    The rest of such a surprise is left to chance, so that level and chance still add up to the figure.
    """
    total = spread[:, 0, 0] + 2 * spread[:, 0, 2] + spread[:, 2, 2]
    scale = np.sqrt(np.where(use, total, 1))
    surprise = np.where(use, seen - centre[:, 0] - centre[:, 2], 0)
    bounded = np.clip(surprise / scale, -outlier, outlier)
    reach = spread[:, :, 0] + spread[:, :, 2]
    gain = np.where(use, 1 / scale**2, 0)[:, None] * reach
    centre = centre + gain * (bounded * scale)[:, None]
    centre[:, 2] = np.where(use, seen - centre[:, 0], centre[:, 2])
    return centre, spread - gain[:, :, None] * reach[:, None, :], bounded
