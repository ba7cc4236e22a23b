"""Calendar levels: by how much starts, or exits, run above or below their long-run rate, and where that may go.

The level of an authority is not fixed: policy, courts, thresholds and families' lives move it for years. Its log is a
mean plus a first-order autoregression in continuous time (an Ornstein-Uhlenbeck process), seen through counts:

    events(q) ~ Poisson(expected(q) · exp(mean + level(q) + noise(q)))

with ``level`` reverting to none with a half-life, ``noise`` a quarter's own, and quarters far out of line trusted less
(Student t). The posterior is Laplace's approximation (Rasmussen and Williams, Gaussian Processes for Machine Learning,
2006, section 3.4) on a grid of half-lives and sizes, each weighed by its marginal likelihood and prior. A level
reverts to its mean and is never extrapolated along a trend.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

HALF_LIVES: Final = (1.5, 3.0, 6.0)
"""Grid of half-lives [years]; a setting's half-life scales it, so that the middle one is the setting's."""
SIZES: Final = (0.5, 0.7, 1.0, 1.4, 2.0)
"""Grid of the innovation's standard deviation, against the setting's."""
QUARTER: Final = 0.25
"""Step of the counts [years]."""
TAIL_FREEDOM: Final = 4.0
"""Degrees of freedom of Student's t by which quarters out of line are trusted less."""
NEWTON_STEPS: Final = 30


@dataclass(frozen=True)
class LevelPrior:
    """What is assumed of a level before the authority's own counts are seen.

    ``sd``: innovation [log per root-year]; ``half_life`` [years]; ``noise``: a quarter's own [log, standard
    deviation]; ``size_spread`` and ``half_life_spread``: standard deviations of the logs of these two; ``mean`` and
    ``mean_sd`` of the long-run mean [log against what is expected], by default next to unknown.
    """

    sd: float
    half_life: float
    noise: float
    size_spread: float = 0.35
    half_life_spread: float = 0.5
    mean: float = 0.0
    mean_sd: float = 1.0


@dataclass(frozen=True)
class Level:
    """Posterior of a level: one element per grid point.

    ``weight`` (n,) sums to 1; ``sd`` [log per root-year], ``reversion`` [1 / year]; ``centre`` (n, 2) and
    ``covariance`` (n, 2, 2) of the mean and of the level above it on the last day.
    """

    weight: np.ndarray
    sd: np.ndarray
    reversion: np.ndarray
    centre: np.ndarray
    covariance: np.ndarray

    def now(self) -> float:
        """Log of the last day's level against what was expected, mean included."""
        return float(self.weight @ self.centre.sum(axis=1))

    def paths(self, generator: np.random.Generator, common: np.ndarray, share: float, widen: float = 1.0) -> np.ndarray:
        """Log levels of each path at the middles of the months ahead, shape (paths, months), mean included.

        Every path draws its grid point, its mean and its level of today, and then its shocks. ``common``: standard
        normal scores (paths, months) that every authority meets, ``share`` of the shocks' variance; ``widen``
        multiplies the standard deviation of the shocks.
        """
        paths, months = common.shape
        point = np.searchsorted(np.cumsum(self.weight), generator.random(paths)).clip(max=len(self.weight) - 1)
        score = generator.standard_normal((paths, 2))
        root = np.linalg.cholesky(self.covariance + 1e-12 * np.eye(2))
        start = self.centre[point] + np.einsum("pij,pj->pi", root[point], score)
        steps = np.full(months, 1 / 12)
        steps[:1] = 1 / 24
        keep = np.exp(-self.reversion[point][:, None] * steps)
        size = widen * self.sd[point][:, None] * np.sqrt((1 - keep**2) / (2 * self.reversion[point][:, None]))
        own = generator.standard_normal((paths, months))
        shocks = size * (np.sqrt(1 - share) * own + np.sqrt(share) * common)
        answer, level = np.empty((paths, months)), start[:, 1]
        for month in range(months):
            level = keep[:, month] * level + shocks[:, month]
            answer[:, month] = start[:, 0] + level
        return answer


def fit_level(events: np.ndarray, expected: np.ndarray, prior: LevelPrior) -> Level:
    """Posterior of a level from counts by quarter, oldest first, and what was expected of each.

    Quarters in which nothing was expected tell nothing. With no quarter left, the prior alone is returned.
    """
    known = expected > 0
    since = QUARTER * (np.arange(len(events)) - len(events) + 0.5)[known]
    events, expected = events[known].astype(float), expected[known] * np.exp(prior.mean)
    points = [
        _posterior(events, expected, since, prior, size * prior.sd, np.log(2) / (prior.half_life * scale))
        for size in SIZES
        for scale in np.array(HALF_LIVES) / HALF_LIVES[1]
    ]
    prior_log = [
        -0.5 * (np.log(size) / prior.size_spread) ** 2 - 0.5 * (np.log(scale) / prior.half_life_spread) ** 2
        for size in SIZES
        for scale in np.array(HALF_LIVES) / HALF_LIVES[1]
    ]
    log = np.array([point[0] for point in points]) + prior_log
    weight = np.exp(log - log.max())
    return Level(
        weight=weight / weight.sum(),
        sd=np.array([point[1] for point in points]),
        reversion=np.array([point[2] for point in points]),
        centre=np.array([point[3] + np.array([prior.mean, 0.0]) for point in points]),
        covariance=np.array([point[4] for point in points]),
    )


def _posterior(
    events: np.ndarray, expected: np.ndarray, since: np.ndarray, prior: LevelPrior, sd: float, reversion: float
) -> tuple[float, float, float, np.ndarray, np.ndarray]:
    """Log marginal likelihood, the two parameters, and mean and covariance of (mean, level on the last day)."""
    stationary, mean = sd**2 / (2 * reversion), prior.mean_sd**2
    if len(events) == 0:
        return 0.0, sd, reversion, np.zeros(2), np.diag([mean, stationary])
    level = stationary * np.exp(-reversion * np.abs(since[:, None] - since[None, :]))
    ahead = stationary * np.exp(reversion * since)
    noise = np.full(len(events), max(prior.noise, 1e-3) ** 2)
    for _ in range(3):
        covariance = mean + level + np.diag(noise)
        mode, curvature, evidence = _mode(events, expected, covariance)
        solved = np.linalg.solve(covariance, mode)
        residual = (noise * solved) / np.sqrt(noise)
        trusted = max(prior.noise, 1e-3) ** 2 * (TAIL_FREEDOM + residual**2) / (TAIL_FREEDOM + 1)
        if np.allclose(trusted, noise, rtol=0.02):
            break
        noise = np.maximum(trusted, max(prior.noise, 1e-3) ** 2)
    cross = np.vstack([np.full(len(events), mean), ahead])
    centre = cross @ solved
    spread = np.diag([mean, stationary]) - cross @ np.linalg.solve(covariance + np.diag(1 / curvature), cross.T)
    return evidence, sd, reversion, centre, (spread + spread.T) / 2


def _mode(events: np.ndarray, expected: np.ndarray, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Most likely log rates under a normal prior and Poisson counts (Newton), their curvature and the evidence."""
    rate = np.log((events + 0.5) / (expected + 0.5))
    identity = np.eye(len(events))
    for _ in range(NEWTON_STEPS):
        curvature = np.maximum(expected * np.exp(np.clip(rate, -20, 20)), 1e-6)
        target = curvature * rate + events - curvature
        new = covariance @ np.linalg.solve(identity + curvature[:, None] * covariance, target)
        step, rate = np.abs(new - rate).max(), rate + np.clip(new - rate, -2, 2)
        if step < 1e-6:
            break
    curvature = np.maximum(expected * np.exp(np.clip(rate, -20, 20)), 1e-6)
    _, volume = np.linalg.slogdet(identity + curvature[:, None] * covariance)
    evidence = -0.5 * rate @ np.linalg.solve(covariance, rate) + float(np.sum(events * rate - curvature)) - 0.5 * volume
    return rate, curvature, evidence
