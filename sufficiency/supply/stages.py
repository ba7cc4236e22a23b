"""How many cases of one stage go on to the next, and after how long, when some are still open on the day.

A mixture cure model (Boag 1949; Farewell 1982): a case goes on with a chance *p*, after a gamma delay of mean *m* and
spread *c* (standard deviation over mean), or never. A case that has not gone on after *a* months does so with the
chance 1 − p + p·S(a): it may have come to nothing, or still be under way, and nobody needs to say which.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.supply.register import DAYS_A_MONTH, CarerRegister

LONG_ENOUGH: Final = 12.0
"""Months after which a case that has not gone on shows that the register keeps those that come to nothing."""
_ON_ONE_DAY: Final = 0.5
"""Between two events of one day [days]: a gamma delay is never nothing."""
_BOUNDS: Final = ((-9.0, 9.0), (np.log(0.1), np.log(36.0)), (np.log(0.05), np.log(2.0)))
"""Of logit share, log mean delay [months], log spread: as far as the settings go."""


@dataclass(frozen=True)
class Cases:
    """Cases of one stage. ``delays`` [months]: of those that went on, where known; ``gone_on``: how many did.

    ``ages`` [months]: of those that have not, up to the day; without end when they are known to have come to nothing.
    ``since``: the day after which they began, none where there are none.
    """

    delays: np.ndarray
    gone_on: int
    ages: np.ndarray
    since: pd.Timestamp | None

    @property
    def count(self) -> int:
        """All cases."""
        return self.gone_on + len(self.ages)


@dataclass(frozen=True)
class StagePrior:
    """What is believed before any case: share, mean [months] and spread, and the cases that each belief is worth."""

    share: float
    months: float
    spread: float
    worth_share: float
    worth_months: float
    worth_spread: float


@dataclass(frozen=True)
class StageFit:
    """Normal posterior of (logit share, log mean, log spread): ``middle``, ``deviation``; ``weight`` of own cases."""

    middle: np.ndarray
    deviation: np.ndarray
    weight: np.ndarray


def cases_of(register: CarerRegister, began: np.ndarray, ended: np.ndarray) -> Cases:
    """Cases of the register's window; ``began``, ``ended``: two of its columns.

    Many registers keep old cases only if they led to an approval. So the count starts after the first case that, a
    year on, had come to nothing; where there is none, the register cannot tell a share and there are no cases.
    Rows whose dates are out of order are left out. Approval shows that a case went on, though not always when.
    """
    gone_on = ~np.isnan(ended) | ~np.isnan(register.approved)
    sound = ~np.isnan(began) & ~(ended < began) & ~(register.approved < began)
    came_to_nothing = began[sound & ~gone_on & (began < -LONG_ENOUGH * DAYS_A_MONTH)]
    if not len(came_to_nothing):
        return Cases(np.zeros(0), 0, np.zeros(0), None)
    since = max(register.window, came_to_nothing.min())
    counted = sound & (began > since)
    age = np.where(np.isnan(register.left), -began / DAYS_A_MONTH, np.inf)
    delay = np.maximum(ended - began, _ON_ONE_DAY) / DAYS_A_MONTH
    return Cases(
        delays=delay[counted & ~np.isnan(ended)],
        gone_on=int((counted & gone_on).sum()),
        ages=age[counted & ~gone_on],
        since=register.date(since),
    )


def fit(cases: Cases, prior: StagePrior) -> StageFit:
    """The posterior by Laplace's method: its mode, and the curvature there.

    The prior of the share is a Beta; of log mean and log spread normal, as wide as those of a sample of so many delays
    would be.
    """
    from scipy.optimize import minimize
    from statsmodels.tools.numdiff import approx_hess

    likelihood = _Likelihood(cases)
    start = np.array([_logit(prior.share), np.log(prior.months), np.log(prior.spread)])
    best = minimize(lambda at: likelihood(at) + _surprise(at, start, prior), start, method="L-BFGS-B", bounds=_BOUNDS).x
    from_cases = _not_negative(approx_hess(best, likelihood))
    from_prior = np.diag(_precision(best, prior))
    deviation = np.sqrt(np.diag(np.linalg.inv(from_cases + from_prior)))
    weight = np.clip(1 - np.diag(from_prior) * deviation**2, 0, 1)
    return StageFit(best, deviation, weight)


class _Likelihood:
    """Minus the log likelihood of the cases at (logit share, log mean, log spread)."""

    def __init__(self, cases: Cases) -> None:
        self.gone_on, self.known = cases.gone_on, len(cases.delays)
        self.sum, self.sum_of_logs = cases.delays.sum(), np.log(cases.delays).sum()
        still = cases.ages < _SURELY_ENDED
        self.ages, self.ended = cases.ages[still], int((~still).sum())

    def __call__(self, at: np.ndarray) -> float:
        from scipy.special import gammaincc, gammaln

        share, shape = 1 / (1 + np.exp(-at[0])), np.exp(-2 * at[2])
        scale = np.exp(at[1]) / shape
        delays = (
            (shape - 1) * self.sum_of_logs - self.sum / scale - self.known * (shape * np.log(scale) + gammaln(shape))
        )
        open_still = np.log1p(-share * (1 - gammaincc(shape, self.ages / scale))).sum()
        return float(-(self.gone_on * np.log(share) + delays + open_still + self.ended * np.log1p(-share)))


_SURELY_ENDED: Final = 60.0
"""Months after which a case that has not gone on never will."""


def _surprise(at: np.ndarray, start: np.ndarray, prior: StagePrior) -> float:
    """Minus the log prior density."""
    share = 1 / (1 + np.exp(-at[0]))
    beta = prior.worth_share * (prior.share * np.log(share) + (1 - prior.share) * np.log1p(-share))
    normal = _precision(start, prior)[1:] * (at - start)[1:] ** 2 / 2
    return float(normal.sum() - beta)


def _precision(at: np.ndarray, prior: StagePrior) -> np.ndarray:
    """Prior precision of each parameter: what so many cases would tell of it."""
    share = 1 / (1 + np.exp(-at[0]))
    return np.array(
        [prior.worth_share * share * (1 - share), prior.worth_months / prior.spread**2, 2 * prior.worth_spread]
    )


def _not_negative(matrix: np.ndarray) -> np.ndarray:
    """The nearest curvature that no direction makes negative (a likelihood can be flat, or bent up by few cases)."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return np.asarray(vectors @ np.diag(np.maximum(values, 0)) @ vectors.T)


def _logit(share: float) -> float:
    return float(np.log(share / (1 - share)))
