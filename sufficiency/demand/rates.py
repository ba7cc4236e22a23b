"""Rates of starting, leaving and moving, with how surely they are known; small cells shrink toward the pooled rate."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sufficiency.demand.history import HAZARD_SHAPE, ChildMonths, Window
from sufficiency.demand.levels import Level, LevelPrior, fit_level
from sufficiency.settings import Demand as DemandSettings
from sufficiency.vocabulary import AGE_BANDS, EXIT_REASONS, KINDS

MOVE_AGES: Final = 4
"""Age groups for where a move leads: under 5, 5-9, 10-15, 16-17."""
CARE_GROUPS: Final = 3
"""Groups of time in care for ways out, and in placement for moves: under 6 months, 6-24 months, longer."""
CARE_GROUP_OF: Final = np.array([0, 0, 0, 1, 1, 2, 2])
"""Group of each duration class (:data:`DURATION_MONTHS`)."""
MOVE_AGE_OF: Final = np.array([0, 0, 1, 2, 3])
"""Age group of each age band, for where a move leads."""
HIGHEST_LOG_RATE: Final = 3.0
"""Beyond it the event is certain within the month."""
NEVER: Final = 1e-9
"""Weight of what the rules rule out, so that a row of weights always has a sum."""


@dataclass(frozen=True)
class Hazard:
    """Log rate of an event in a month of exposure: effects by factor, with their covariance.

    The chance of the event in a month is 1 - exp(-exp(log rate)): a complementary log-log model, so that a
    multiplier acts on the rate itself and two rates add up. ``design`` (cells of HAZARD_SHAPE laid flat, n): which
    of the ``effects`` (n,) each cell has; ``covariance`` (n, n); ``together`` (cells,): log of what age band and kind
    do together beyond each alone.
    """

    design: np.ndarray
    effects: np.ndarray
    covariance: np.ndarray
    together: np.ndarray

    def rates(self, effects: np.ndarray | None = None) -> np.ndarray:
        """Rate a month in every cell, shape (..., cells), from given or the estimated effects (..., n)."""
        log = (self.effects if effects is None else effects) @ self.design.T + self.together
        return np.asarray(np.exp(np.minimum(log, HIGHEST_LOG_RATE)))

    def draw(self, paths: int, generator: np.random.Generator) -> np.ndarray:
        """Rates of each path, shape (paths, cells), effects drawn with their covariance."""
        values, vectors = np.linalg.eigh(self.covariance)
        scores = generator.standard_normal((paths, len(self.effects)))
        return self.rates(self.effects + scores @ (vectors * np.sqrt(np.clip(values, 0, None))).T)


def _factor_columns(trials: np.ndarray) -> list[np.ndarray]:
    """Columns of the design: age band, kind, unaccompanied, and time for those under 5 and for the others.

    Time in care works otherwise on the youngest, who leave later by adoption, than on the others, who leave early by
    going home: one effect of time for both would keep too many of the youngest for years. Of each factor the level
    most seen has no column: the others are measured against it.
    """
    age, kind, duration, uasc = (index.ravel() for index in np.indices(HAZARD_SHAPE))
    young = age < AGE_BANDS.index("5-9")
    everyone = np.ones(len(age), dtype=bool)
    columns = []
    for level, whom in ((age, everyone), (kind, everyone), (uasc, everyone), (duration, young), (duration, ~young)):
        weight = np.bincount(level, trials * whom)
        columns += [
            (whom & (level == each)).astype(float) for each in np.flatnonzero(weight) if each != weight.argmax()
        ]
    return columns


def fit_hazard(trials: np.ndarray, events: np.ndarray, prior_months: float, prior_events: float) -> Hazard:
    """Binomial regression (complementary log-log) of a monthly event on age, kind, unaccompanied or not, and time.

    ``trials``, ``events``: child-months and events by cell, weighted or not. Each cell that was seen also gets
    ``prior_months`` at the pooled rate, so that a few child-months are never certain of zero; what an age band and a
    kind do together counts against ``prior_events`` as the main effects expect.
    """
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.families.links import CLogLog
    from statsmodels.genmod.generalized_linear_model import GLM
    from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

    pooled = (events.sum() + 0.5) / (trials.sum() + 1.0)
    design = np.column_stack([np.ones(len(trials)), *_factor_columns(trials)])
    seen = np.flatnonzero(trials > 0)
    if not len(seen):
        return Hazard(design, np.array([np.log(pooled)]), np.eye(1), np.zeros(len(trials)))
    happened = events[seen] + prior_months * pooled
    quiet = np.maximum(trials[seen] - events[seen], 0.0) + prior_months * (1 - pooled)
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        # as many cells as effects leave no residual; the pooled months keep every effect finite
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        model = GLM(np.column_stack([happened, quiet]), design[seen], family=Binomial(link=CLogLog()))
        fit = model.fit(maxiter=50)
    main = Hazard(design, np.asarray(fit.params), np.asarray(fit.cov_params()), np.zeros(len(trials)))
    return replace(main, together=_together(trials * (1 - np.exp(-main.rates())), events, prior_events))


def _together(expected: np.ndarray, events: np.ndarray, prior_events: float) -> np.ndarray:
    """Log of events against what the main effects expect by age band and kind, shrunk toward none."""
    of_kind = [cells.reshape(HAZARD_SHAPE).sum(axis=(2, 3), keepdims=True) for cells in (events, expected)]
    ratio = (of_kind[0] + prior_events) / (of_kind[1] + prior_events)
    return np.asarray(np.broadcast_to(np.log(ratio), HAZARD_SHAPE).ravel())


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
    priors = settings.prior_months, settings.prior_events
    leaving = fit_hazard(*_cells(by_child, by_child.care, by_child.left, window, settings), *priors)
    moving = fit_hazard(*_cells(months, months.stay, months.moved, window, settings), *priors)
    chance = 1 - np.exp(-leaving.rates()[by_child.cell(by_child.care)])
    quarter = by_child.month // 3
    quarters = window.months // 3
    left = np.bincount(quarter, by_child.left, minlength=quarters)
    expected = np.bincount(quarter, chance, minlength=quarters)
    prior = LevelPrior(settings.exit_sd, settings.exit_half_life, settings.exit_noise)
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
    return trials, events


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
    smoothed[2:, ..., KINDS.index("adoption")] = NEVER  # placing for adoption from 10 on is too rare to model
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
