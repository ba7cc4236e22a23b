"""Starts of being looked after: how many a month, at what ages and in what homes, by the years held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sufficiency.demand.history import STREAMS, UASC_STREAM, Starters, Window
from sufficiency.demand.levels import Level, LevelPrior, fit_level
from sufficiency.settings import Demand as DemandSettings
from sufficiency.vocabulary import AGE_BANDS, KINDS

GROUPS: Final = ("children", "unaccompanied")
"""Starts have two levels: that of the area's children, in all age bands, and that of unaccompanied children."""
GROUP_OF: Final = np.array([0] * len(AGE_BANDS) + [1])
"""Group of each stream."""
MONTHS_IN_YEAR: Final = 12
BALANCE_YEARS: Final = 3
PRIOR_STARTS: Final = 0.5
"""Starts in every age band before any is seen (Jeffreys), so that none is impossible."""
PRIOR_QUARTERS: Final = 12
"""Weight of the prior overdispersion [quarters]."""


@dataclass(frozen=True)
class Entries:
    """What starts are drawn from. Groups: :data:`GROUPS`; streams: :data:`STREAMS`.

    ``levels``: by group; ``monthly`` (groups,): starts a month at a level of none, today's population and a middling
    month; ``season`` (groups, 12) by calendar month, mean 1; ``noise`` (groups,): variance of a month's own factor;
    ``shares`` (age bands,): Dirichlet counts; ``kinds`` (streams, kinds): weights of the first placement's kind;
    ``donor_weight``: weight of each past starter.
    """

    levels: tuple[Level, Level]
    monthly: np.ndarray
    season: np.ndarray
    noise: np.ndarray
    shares: np.ndarray
    kinds: np.ndarray
    donor_weight: np.ndarray


def estimate_entries(
    started: Starters,
    window: Window,
    calendar_month: np.ndarray,
    exposure: np.ndarray,
    balance: float,
    settings: DemandSettings,
) -> Entries:
    """Estimate from past starters.

    ``calendar_month``: 0-11 of each month of the window; ``exposure`` (months,): child population of 0-17 against
    that of the as-of day; ``balance``: starts that would hold the number looked after, against those of the last
    :data:`BALANCE_YEARS` years. The long-run mean of the area's children is expected there, ``balance_sd`` about it.
    """
    counts = np.zeros((len(GROUPS), window.months))
    np.add.at(counts, (GROUP_OF[started.stream], started.month), 1)
    season = np.array([_season(group, calendar_month, window.covered, settings.season_sd) for group in counts])
    at_risk = exposure * season[:, calendar_month] * window.covered
    monthly = (counts.sum(axis=1) + PRIOR_STARTS) / np.maximum(at_risk.sum(axis=1), 1.0)
    noise = np.array([_noise(group, window.covered, settings.entry_noise) for group in counts])
    last = slice(-BALANCE_YEARS * MONTHS_IN_YEAR, None)
    recent = (counts[0, last].sum() + PRIOR_STARTS) / max(at_risk[0, last].sum(), 1.0)
    means = ((np.log(balance * recent / monthly[0]), settings.balance_sd), (0.0, 1.0))
    levels = [
        fit_level(
            _by_quarter(counts[group]),
            _by_quarter(at_risk[group] * monthly[group]),
            LevelPrior(
                sd,
                settings.entry_half_life,
                float(np.sqrt(noise[group] / 3)),
                mean=means[group][0],
                mean_sd=means[group][1],
            ),
        )
        for group, sd in enumerate((settings.entry_sd, settings.uasc_sd))
    ]
    weight = np.asarray(settings.recent_weight ** window.years_before(started.month), dtype=float)
    kinds = np.zeros((len(STREAMS), len(KINDS)))
    np.add.at(kinds, (started.stream, started.kind), weight)
    children = started.stream != UASC_STREAM
    return Entries(
        levels=(levels[0], levels[1]),
        monthly=monthly,
        season=season,
        noise=noise,
        shares=PRIOR_STARTS + np.bincount(started.stream[children], weight[children], minlength=len(AGE_BANDS)),
        kinds=kinds,
        donor_weight=weight,
    )


def _by_quarter(months: np.ndarray) -> np.ndarray:
    return months.reshape(-1, 3).sum(axis=1)


def _season(counts: np.ndarray, calendar_month: np.ndarray, covered: np.ndarray, sd: float) -> np.ndarray:
    """Starts of each calendar month against the mean, shrunk toward 1 as a Gamma prior of that spread says."""
    seen = np.bincount(calendar_month[covered], counts[covered], minlength=MONTHS_IN_YEAR)
    mean = counts[covered].sum() / max(covered.sum(), 1)
    months = np.bincount(calendar_month[covered], minlength=MONTHS_IN_YEAR)
    prior = 1 / max(sd, 1e-3) ** 2
    factor = (seen + prior) / (months * mean + prior)
    return np.asarray(factor / factor.mean())


def _noise(counts: np.ndarray, covered: np.ndarray, prior: float) -> float:
    """Variance of a month's own factor: what the spread within quarters has over chance, shrunk toward the prior.

    Brothers and sisters start together, which makes months more uneven than single starts would.
    """
    quarters = counts.reshape(-1, 3)[covered.reshape(-1, 3).all(axis=1)]
    if not len(quarters):
        return prior
    mean = quarters.mean(axis=1)
    surplus = quarters.var(axis=1, ddof=1) - mean
    typical = max(float(np.mean(mean**2)), 1e-6)
    # a quarter tells the less of the factor's variance the fewer starts it has
    told = len(quarters) * typical / (typical + float(mean.mean()))
    estimate = max(float(surplus.mean()) / typical, 0.0)
    return (told * estimate + PRIOR_QUARTERS * prior) / (told + PRIOR_QUARTERS)
