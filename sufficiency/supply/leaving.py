"""How fast households stop, by years since approval and by level, from who was approved and who left.

A household counts for the time in which it is watched, so one approved last month weighs a month. The chance of
stopping in a year is 1 − exp(−rate). Each rate has a gamma prior worth some years of watching and, as leavers are
Poisson, a gamma posterior.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.supply.register import DAYS_A_YEAR, CarerRegister
from sufficiency.vocabulary import NEEDS_LEVELS

YEARS_SINCE_APPROVAL: Final = (0.0, 1.0, 3.0, 5.0)
"""Lower ends of the bands of years since approval; the last has no upper end."""
_ALL_LEVELS: Final = (*NEEDS_LEVELS, 0)
"""0: level not known."""


@dataclass(frozen=True)
class Watched:
    """Household-years and leavers by band of years since approval (rows) and level (columns; the last: not known)."""

    years: np.ndarray
    leavers: np.ndarray
    since: pd.Timestamp | None


@dataclass(frozen=True)
class Gamma:
    """A gamma distribution of a rate."""

    shape: float
    rate: float

    @property
    def mean(self) -> float:
        """Its mean."""
        return self.shape / self.rate

    def range(self) -> tuple[float, float]:
        """Its 80% range."""
        from scipy.stats import gamma

        low, high = gamma.ppf((0.1, 0.9), self.shape, scale=1 / self.rate)
        return float(low), float(high)


def watched(register: CarerRegister) -> Watched:
    """Approved households of the register's window.

    Many registers began to keep leavers at some time only. So the watch starts after the first who left; where
    nobody has, the register cannot tell and there is no time watched. Rows whose dates are out of order are left out.
    """
    shape = (len(YEARS_SINCE_APPROVAL), len(_ALL_LEVELS))
    sound = ~np.isnan(register.approved) & ~(register.left < register.approved)
    approved, left = register.approved[sound], register.left[sound]
    level = np.nan_to_num(register.level[sound]).astype(int)
    if np.isnan(left).all():
        return Watched(np.zeros(shape), np.zeros(shape), None)
    since = max(register.window, np.nanmin(left))
    begins = np.maximum(since - approved, 0) / DAYS_A_YEAR
    ends = (np.nan_to_num(left) - approved) / DAYS_A_YEAR
    years, leavers = np.zeros(shape), np.zeros(shape)
    for band, (low, high) in enumerate(zip(YEARS_SINCE_APPROVAL, (*YEARS_SINCE_APPROVAL[1:], np.inf), strict=True)):
        inside = np.clip(np.minimum(ends, high) - np.maximum(begins, low), 0, None)
        leaving = (left > since) & (ends >= low) & (ends < high)
        for column, one in enumerate(_ALL_LEVELS):
            years[band, column] = inside[level == one].sum()
            leavers[band, column] = leaving[level == one].sum()
    return Watched(years, leavers, register.date(since))


def posterior(leavers: float, years: float, prior_mean: float, worth: float) -> Gamma:
    """Rate of leaving after ``leavers`` in ``years``, with a prior worth so many years (or leavers expected)."""
    return Gamma(prior_mean * worth + leavers, worth + years)


def rate_of(share: float) -> float:
    """Yearly share of opening stock → rate a year."""
    return float(-np.log1p(-share))


def share_of(rate: float) -> float:
    """Rate a year → yearly share of opening stock."""
    return float(-np.expm1(-rate))
