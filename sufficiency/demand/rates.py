"""Rates of starting, leaving and moving, with how surely they are known; small cells shrink toward the pooled rate."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.demand.history import DURATION_MONTHS, STREAMS, ChildMonths, Starters
from sufficiency.settings import Demand as DemandSettings
from sufficiency.vocabulary import AGE_BANDS, EXIT_REASONS, KINDS

FACTORS: Final = {
    "age_band": len(AGE_BANDS),
    "kind": len(KINDS),
    "duration": len(DURATION_MONTHS) + 1,
    "uasc": 2,
}
MOVE_AGES: Final = 3
"""Age groups for where a move leads: under 10, 10-15, 16-17."""


@dataclass(frozen=True)
class Hazard:
    """Log odds of an event in a month: an intercept and effects by factor, with their covariance.

    ``effects`` are the coefficients behind one another: intercept, then the levels of each factor in
    :data:`FACTORS` order, the reference level (the one with most child-months) of each being 0 and left out.
    """

    columns: tuple[tuple[str, int], ...]
    effects: np.ndarray
    covariance: np.ndarray

    def draw(self, paths: int, generator: np.random.Generator) -> dict[str, np.ndarray]:
        """Coefficients for each path: ``intercept`` (paths,) and each factor (paths, levels)."""
        scores = generator.standard_normal((paths, len(self.effects)))
        values, vectors = np.linalg.eigh(self.covariance)
        drawn = self.effects + scores @ (vectors * np.sqrt(np.clip(values, 0, None))).T
        answer = {"intercept": drawn[:, 0]}
        for factor, levels in FACTORS.items():
            answer[factor] = np.zeros((paths, levels))
        for position, (factor, level) in enumerate(self.columns, start=1):
            answer[factor][:, level] = drawn[:, position]
        return answer


def fit_hazard(cells: pd.DataFrame, prior_months: float) -> Hazard:
    """Binomial regression (logit) of a monthly event on age band, kind, duration and UASC.

    ``cells``: ``age_band kind duration uasc trials events``. Each cell also gets ``prior_months`` at the pooled
    rate, so that a cell of a few child-months is never certain of zero.
    """
    import statsmodels.api as sm
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    pooled = (cells["events"].sum() + 0.5) / (cells["trials"].sum() + 1.0)
    events = cells["events"].to_numpy() + prior_months * pooled
    quiet = cells["trials"].to_numpy() + prior_months - events
    columns = []
    for factor in FACTORS:
        weight = cells.groupby(factor)["trials"].sum()
        columns += [(factor, int(level)) for level in weight.index if level != weight.idxmax()]
    design = np.column_stack(
        [np.ones(len(cells))] + [(cells[factor] == level).to_numpy(dtype=float) for factor, level in columns]
    )
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        # as many cells as effects leave no residual; the pooled months keep every effect finite
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        fit = sm.GLM(np.column_stack([events, quiet]), design, family=sm.families.Binomial()).fit()
    return Hazard(tuple(columns), np.asarray(fit.params), np.asarray(fit.cov_params()))


@dataclass(frozen=True)
class Rates:
    """All that the simulation needs: streams of entries, hazards of leaving and moving, where these lead.

    ``entry_shape``/``entry_rate``: Gamma distribution of yearly starts per stream. ``destinations`` (age groups,
    kinds, kinds) and ``reasons`` (age bands, kinds, reasons): Dirichlet counts.
    """

    entry_shape: np.ndarray
    entry_rate: np.ndarray
    leaving: Hazard
    moving: Hazard
    destinations: np.ndarray
    reasons: np.ndarray


def estimate(months: ChildMonths, started: Starters, settings: DemandSettings) -> Rates:
    """Estimate every rate from the child-months and starters of the past."""
    shape, rate = _entries(started, settings)
    return Rates(
        entry_shape=shape,
        entry_rate=rate,
        leaving=fit_hazard(months.cells("care", "left"), settings.prior_months),
        moving=fit_hazard(months.cells("stay", "moved"), settings.prior_months),
        destinations=_destinations(months.table),
        reasons=_reasons(months.table),
    )


def _entries(started: Starters, settings: DemandSettings) -> tuple[np.ndarray, np.ndarray]:
    """Gamma distribution of the yearly starts of each stream: recent years weigh most, none is extrapolated."""
    years = settings.history_years
    weights = settings.recent_weight ** np.arange(years)
    counts = np.zeros((years, len(STREAMS)))
    np.add.at(counts, (started.year, started.stream), 1)
    return weights @ counts + 0.5, np.full(len(STREAMS), weights.sum())


def move_age(age_band: np.ndarray) -> np.ndarray:
    """Age group for where a move leads, from the position of the age band."""
    return np.searchsorted((3, 4), age_band, side="right")


def _destinations(months: pd.DataFrame) -> np.ndarray:
    """Counts of moves by age group, from and to kind, each row smoothed with one move spread as all rows together."""
    moved = months[months["next_kind"] >= 0]
    counts = np.zeros((MOVE_AGES, len(KINDS), len(KINDS)))
    np.add.at(counts, (move_age(moved["age_band"].to_numpy()), moved["kind"], moved["next_kind"]), 1)
    pooled = counts.sum(axis=1, keepdims=True) + 1e-3
    smoothed = counts + pooled / pooled.sum(axis=2, keepdims=True)
    young = MOVE_AGES - 1
    smoothed[:young, :, KINDS.index("supported")] = 1e-9  # for 16 and 17 year olds only
    smoothed[1:, :, KINDS.index("adoption")] = 1e-9  # placing for adoption from 10 on is too rare to model
    return smoothed


def _reasons(months: pd.DataFrame) -> np.ndarray:
    """Counts of ways out by age band and kind, smoothed with two departures spread as in the whole age band."""
    left = months[(months["left"] == 1) & months["first_of_month"] & (months["reason"] >= 0)]
    counts = np.zeros((len(AGE_BANDS), len(KINDS), len(EXIT_REASONS)))
    np.add.at(counts, (left["age_band"], left["kind"], left["reason"]), 1)
    counts[:, :, EXIT_REASONS.index("turned_18")] = 0
    band = counts.sum(axis=1, keepdims=True) + (np.array(EXIT_REASONS) != "turned_18") * 1e-2
    return counts + 2 * band / band.sum(axis=2, keepdims=True)
