"""Registers of carers made from known rates, to see whether the estimates find them again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

AS_OF = pd.Timestamp("2025-03-31")
BAND_EDGES = np.array([0.0, 1.0, 3.0, 5.0])


@dataclass(frozen=True)
class Truth:
    """The rates behind a register: shares, mean delays [months], spreads, yearly hazards, mixes."""

    shares: tuple[float, float]
    months: tuple[float, float]
    spreads: tuple[float, float]
    hazards: np.ndarray
    """By band of years since approval [a year], for a household at level 1; shape (4,)."""
    by_level: np.ndarray
    """Multipliers of the hazards, shape (3,)."""
    levels: np.ndarray
    places: np.ndarray


def register_from(truth: Truth, years: float, generator: np.random.Generator, enquiries_a_year: float = 130.0,
                  opening: int = 50) -> pd.DataFrame:  # fmt: skip
    """A register of ``years`` up to the as-of day, with the households that were approved before it began.

    What happens after the as-of day is not in it; nor are those who left before it began.
    """
    count = generator.poisson(enquiries_a_year * years)
    enquired = -generator.uniform(0, years, count)
    applied = _next(enquired, truth.shares[0], truth.months[0], truth.spreads[0], generator)
    approved = _next(applied, truth.shares[1], truth.months[1], truth.spreads[1], generator)
    enquired = np.concatenate([enquired, np.full(opening, np.nan)])
    applied = np.concatenate([applied, np.full(opening, np.nan)])
    approved = np.concatenate([approved, -years - generator.uniform(0, 12, opening)])
    level = generator.choice([1, 2, 3], len(approved), p=truth.levels)
    places = generator.choice([1, 2, 3, 4], len(approved), p=truth.places)
    left = approved + _lifetimes(truth.hazards, truth.by_level[level - 1], generator)
    known = ~(left < -years)
    dates = {
        "enquired_on": enquired, "applied_on": applied, "approved_on": approved, "left_on": left
    }  # fmt: skip
    frame = pd.DataFrame({name: _dates(when) for name, when in dates.items()})
    has_terms = frame["approved_on"].notna()
    frame["level"] = pd.Series(level).where(has_terms).astype("Int64")
    frame["places"] = pd.Series(places).where(has_terms).astype("Int64")
    return frame[known].reset_index(drop=True)


def _next(began: np.ndarray, share: float, months: float, spread: float, generator: np.random.Generator) -> np.ndarray:
    shape = 1 / spread**2
    delay = generator.gamma(shape, months / shape, len(began)) / 12
    return np.where(generator.random(len(began)) < share, began + delay, np.nan)


def _lifetimes(hazards: np.ndarray, multiplier: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Years from approval to leaving: the cumulated hazard reaches a standard exponential draw."""
    target = generator.exponential(size=len(multiplier)) / multiplier
    reached = np.concatenate([[0.0], np.cumsum(hazards[:-1] * np.diff(BAND_EDGES))])
    band = np.searchsorted(reached, target, side="right") - 1
    return BAND_EDGES[band] + (target - reached[band]) / hazards[band]


def _dates(years: np.ndarray) -> pd.Series:
    seen = np.where(years <= 0, np.floor(years * 365.25), np.nan)
    return AS_OF + pd.to_timedelta(pd.Series(seen), unit="D")
