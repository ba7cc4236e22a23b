"""Rates of starting, leaving and moving, with how surely they are known; small cells shrink toward the pooled rate."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Final

import numpy as np

from sufficiency.demand.history import HAZARD_AXES, HAZARD_SHAPE, ChildMonths, Window
from sufficiency.demand.levels import Level, LevelPrior, fit_level
from sufficiency.settings import Demand as DemandSettings
from sufficiency.vocabulary import AGE_BANDS, EXIT_REASONS, KINDS

MOVE_AGES: Final = 3
"""Age groups for where a move leads: under 10, 10-15, 16-17."""
CARE_GROUPS: Final = 3
"""Groups of time in care for ways out, and in placement for moves: under 6 months, 6-24 months, longer."""
CARE_GROUP_OF: Final = np.array([0, 0, 0, 1, 1, 2, 2])
"""Group of each duration class (:data:`DURATION_MONTHS`)."""
MOVE_AGE_OF: Final = np.array([0, 0, 0, 1, 2])
"""Age group of each age band, for where a move leads."""
NEVER: Final = 1e-9
"""Weight of what the rules rule out, so that a row of weights always has a sum."""


@dataclass(frozen=True)
class Hazard:
    """Log rate of an event in a month of exposure: an intercept and effects by factor, with their covariance.

    The chance of the event in a month is 1 - exp(-exp(log rate)): a complementary log-log model, so that a
    multiplier acts on the rate itself and two rates add up. ``effects`` are the coefficients behind one another: the
    intercept, then those of ``columns`` (factor, level); the reference level of each factor is left out.
    """

    columns: tuple[tuple[str, int], ...]
    effects: np.ndarray
    covariance: np.ndarray

    def rates(self, effects: np.ndarray | None = None) -> np.ndarray:
        """Rate a month in every cell, shape (..., *HAZARD_SHAPE), from given or the estimated effects (..., n)."""
        values = self.effects if effects is None else effects
        log = np.empty((*values.shape[:-1], *HAZARD_SHAPE))
        log[...] = values[..., 0][..., None, None, None, None]
        for axis, factor in enumerate(HAZARD_AXES):
            levels = np.zeros((*values.shape[:-1], HAZARD_SHAPE[axis]))
            for position, (name, level) in enumerate(self.columns, start=1):
                if name == factor:
                    levels[..., level] = values[..., position]
            shape = [1] * len(HAZARD_SHAPE)
            shape[axis] = HAZARD_SHAPE[axis]
            log += levels.reshape(*values.shape[:-1], *shape)
        return np.exp(np.minimum(log, 3.0))

    def draw(self, paths: int, generator: np.random.Generator) -> np.ndarray:
        """Rates of each path, shape (paths, *HAZARD_SHAPE), effects drawn with their covariance."""
        values, vectors = np.linalg.eigh(self.covariance)
        scores = generator.standard_normal((paths, len(self.effects)))
        return self.rates(self.effects + scores @ (vectors * np.sqrt(np.clip(values, 0, None))).T)


def fit_hazard(trials: np.ndarray, events: np.ndarray, prior_months: float) -> Hazard:
    """Binomial regression (complementary log-log) of a monthly event on age band, kind, duration and UASC.

    ``trials``, ``events``: child-months and events by cell, shape :data:`HAZARD_SHAPE`, weighted or not. Each cell
    that was seen also gets ``prior_months`` at the pooled rate, so that a few child-months are never certain of zero.
    """
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.families.links import CLogLog
    from statsmodels.genmod.generalized_linear_model import GLM
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    pooled = (events.sum() + 0.5) / (trials.sum() + 1.0)
    cells = np.nonzero(trials > 0)
    if not len(cells[0]):
        return Hazard((), np.array([np.log(pooled)]), np.eye(1))
    happened = events[cells] + prior_months * pooled
    quiet = np.maximum(trials[cells] - events[cells], 0.0) + prior_months * (1 - pooled)
    columns = []
    for axis, factor in enumerate(HAZARD_AXES):
        weight = trials.sum(axis=tuple(other for other in range(len(HAZARD_AXES)) if other != axis))
        columns += [(factor, int(level)) for level in np.flatnonzero(weight) if level != weight.argmax()]
    position = dict(zip(HAZARD_AXES, cells, strict=True))
    design = np.column_stack(
        [np.ones(len(happened))] + [(position[factor] == level).astype(float) for factor, level in columns]
    )
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        # as many cells as effects leave no residual; the pooled months keep every effect finite
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        fit = GLM(np.column_stack([happened, quiet]), design, family=Binomial(link=CLogLog())).fit(maxiter=50)
    return Hazard(tuple(columns), np.asarray(fit.params), np.asarray(fit.cov_params()))


@dataclass(frozen=True)
class Exits:
    """Leaving and moving: hazards, the calendar level of leaving, and the weights of where they lead.

    ``destinations`` (move ages, stay groups, kinds, kinds) and ``reasons`` (age bands, kinds, care groups, reasons):
    Dirichlet counts.
    """

    leaving: Hazard
    moving: Hazard
    level: Level
    destinations: np.ndarray
    reasons: np.ndarray


def estimate_exits(months: ChildMonths, window: Window, settings: DemandSettings) -> Exits:
    """Hazards of leaving and moving from child-months, recent years weighing most, and the level of leaving."""
    by_child = months.of_children()
    leaving = fit_hazard(*_cells(by_child, by_child.care, by_child.left, window, settings), settings.prior_months)
    moving = fit_hazard(*_cells(months, months.stay, months.moved, window, settings), settings.prior_months)
    chance = 1 - np.exp(-leaving.rates().ravel()[by_child.cell(by_child.care)])
    quarter = by_child.month // 3
    quarters = window.months // 3
    left = np.bincount(quarter, by_child.left, minlength=quarters)
    expected = np.bincount(quarter, chance, minlength=quarters)
    prior = LevelPrior(settings.exit_sd, settings.level_half_life, settings.exit_noise)
    return Exits(
        leaving=leaving,
        moving=moving,
        level=fit_level(left, expected, prior),
        destinations=_destinations(months, window, settings),
        reasons=_reasons(by_child, window, settings),
    )


def _weights(month: np.ndarray, window: Window, settings: DemandSettings) -> np.ndarray:
    """Weight of what was seen in each month: 1 in the last year, less for every year before it."""
    return np.asarray(settings.recent_weight ** window.years_before(month), dtype=float)


def _cells(
    months: ChildMonths, duration: np.ndarray, event: np.ndarray, window: Window, settings: DemandSettings
) -> tuple[np.ndarray, np.ndarray]:
    """Weighted child-months and events by cell of a hazard."""
    weight, cell = _weights(months.month, window, settings), months.cell(duration)
    size = int(np.prod(HAZARD_SHAPE))
    trials = np.bincount(cell, weight, minlength=size)
    events = np.bincount(cell, weight * event, minlength=size)
    return trials.reshape(HAZARD_SHAPE), events.reshape(HAZARD_SHAPE)


def _destinations(months: ChildMonths, window: Window, settings: DemandSettings) -> np.ndarray:
    """Counts of moves by age group, stay group, from and to kind, smoothed with moves spread as in wider cells."""
    moved = np.flatnonzero(months.next_kind >= 0)
    moved = moved[months.moved[moved] == 1]
    counts = np.zeros((MOVE_AGES, CARE_GROUPS, len(KINDS), len(KINDS)))
    cell = (
        MOVE_AGE_OF[months.age_band[moved]], CARE_GROUP_OF[months.stay[moved]], months.kind[moved],
        months.next_kind[moved],
    )  # fmt: skip
    np.add.at(counts, cell, _weights(months.month[moved], window, settings))
    anywhere = counts.sum(axis=(1, 2), keepdims=True) + 1e-3
    by_kind = counts.sum(axis=1, keepdims=True) + anywhere / anywhere.sum(axis=3, keepdims=True)
    smoothed = counts + settings.prior_moves * by_kind / by_kind.sum(axis=3, keepdims=True)
    young = MOVE_AGES - 1
    smoothed[:young, ..., KINDS.index("supported")] = NEVER  # for 16 and 17 year olds only
    smoothed[1:, ..., KINDS.index("adoption")] = NEVER  # placing for adoption from 10 on is too rare to model
    return smoothed


def _reasons(months: ChildMonths, window: Window, settings: DemandSettings) -> np.ndarray:
    """Counts of ways out by age band, kind and time in care, smoothed with departures spread as in wider cells."""
    left = np.flatnonzero((months.left == 1) & (months.reason >= 0))
    counts = np.zeros((len(AGE_BANDS), len(KINDS), CARE_GROUPS, len(EXIT_REASONS)))
    cell = (months.age_band[left], months.kind[left], CARE_GROUP_OF[months.care[left]], months.reason[left])
    np.add.at(counts, cell, _weights(months.month[left], window, settings))
    by_chance = np.array(EXIT_REASONS) != "turned_18"
    counts *= by_chance
    band = counts.sum(axis=(1, 2), keepdims=True) + by_chance * 1e-2
    by_kind = counts.sum(axis=2, keepdims=True) + band / band.sum(axis=3, keepdims=True)
    return counts + settings.prior_moves * by_kind / by_kind.sum(axis=3, keepdims=True)
