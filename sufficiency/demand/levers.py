"""What named levers and programmes do to starts and to ways out, month by month: factors, 1 where nothing changes.

A lever of strength m works with the share w of its full effect, so the factor of a month is ``1 + w (m - 1)``: a
straight line between none and all. ``w`` is the mean over the days of the month: 0 before the first day and after the
last, growing evenly over the ramp, 1 from then on. So a lever from the 16th of a month of thirty days has half its
effect in it. Levers on the same children multiply. A range is drawn once for each path, from a stream named after
the lever, so that scenarios that share a lever share its draws.

The levers by year (``demand.entries``, ``uasc_entries``, ``exits``, ``moves``) are not among these factors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sufficiency.calendar import DAYS_IN_MONTH, days
from sufficiency.demand.history import STREAMS, UASC_STREAM
from sufficiency.lever import Lever
from sufficiency.programmes import Adoption, Dated, DemandLever, Reunification, SpecialGuardianship, some_ages
from sufficiency.settings import Demand as DemandSettings
from sufficiency.streams import stream
from sufficiency.vocabulary import AGE_BANDS, EXIT_REASONS

Support = Reunification | SpecialGuardianship | Adoption

BY_CHANCE = tuple(reason for reason in EXIT_REASONS if reason != "turned_18")
"""Ways out that a lever may change; an 18th birthday is none."""


@dataclass(frozen=True)
class _Effect:
    """A lever's strength, when it works, and the cells it works on (streams, or age bands × reasons).

    ``prevents``: the strength is the share that no longer happens, not a multiplier.
    """

    setting: str
    strength: Lever
    prevents: bool
    dated: Dated
    cells: np.ndarray

    @property
    def is_none(self) -> bool:
        nothing = 0.0 if self.prevents else 1.0
        return set(self.strength.low) | set(self.strength.high) == {nothing}


def entry_factors(settings: DemandSettings, dates: pd.DatetimeIndex, paths: int, seed: int) -> np.ndarray:
    """What expected starts are multiplied by, shape (paths, months, streams).

    ``dates``: the as-of day and the end of each month after it. Streams are :data:`STREAMS`.
    """
    factors = np.ones((paths, len(dates) - 1, len(STREAMS)))
    for effect in _on_entries(settings):
        factors[:, :, effect.cells] *= _by_month(effect, dates, paths, seed)[:, :, None]
    return factors


def exit_factors(settings: DemandSettings, dates: pd.DatetimeIndex, paths: int, seed: int) -> np.ndarray | None:
    """What the chance of leaving is multiplied by, shape (paths, months, age bands, reasons); None where all are 1.

    ``turned_18`` is always 1. ``dates`` as for :func:`entry_factors`.
    """
    effects = _on_exits(settings)
    if not effects:
        return None
    factors = np.ones((paths, len(dates) - 1, len(AGE_BANDS), len(EXIT_REASONS)))
    for effect in effects:
        factors[:, :, effect.cells] *= _by_month(effect, dates, paths, seed)[:, :, None]
    return factors


def _on_entries(settings: DemandSettings) -> list[_Effect]:
    edge, transfer = settings.edge_of_care, settings.uasc_transfer
    effects = [
        _Effect("demand.edge_of_care.averted", edge.averted, True, edge, _streams(edge.ages, False)),
        _Effect("demand.uasc_transfer.transferred", transfer.transferred, True, transfer, _streams((), True)),
    ]
    effects += [_named(lever, _started(lever)) for lever in settings.levers if lever.what == "entries"]
    return [effect for effect in effects if not effect.is_none]


def _on_exits(settings: DemandSettings) -> list[_Effect]:
    home, guardians, adoption = settings.reunification, settings.special_guardianship, settings.adoption
    effects = [
        _support("reunification", home, "returned_home"),
        _support("special_guardianship", guardians, "sgo_or_order"),
        _support("adoption", adoption, "adopted"),
    ]
    effects += [
        _named(lever, _ways_out(lever.ages, lever.reasons or BY_CHANCE))
        for lever in settings.levers
        if lever.what == "exits"
    ]
    return [effect for effect in effects if not effect.is_none]


def _support(programme: str, support: Support, reason: str) -> _Effect:
    cells = _ways_out(support.ages, (reason,))
    return _Effect(f"demand.{programme}.multiplier", support.multiplier, False, support, cells)


def _named(lever: DemandLever, cells: np.ndarray) -> _Effect:
    return _Effect(f"demand.levers.{lever.name}", lever.multiplier, False, lever, cells)


def _streams(ages: Sequence[str], unaccompanied: bool) -> np.ndarray:
    cells = np.isin(STREAMS, list(ages))
    cells[UASC_STREAM] = unaccompanied
    return cells


def _started(lever: DemandLever) -> np.ndarray:
    """Streams that a lever on entries works on; where ages are named, unaccompanied children are not among them."""
    unaccompanied = lever.unaccompanied is not False and not some_ages(lever.ages)
    return _streams(() if lever.unaccompanied else lever.ages, unaccompanied)


def _ways_out(ages: Sequence[str], reasons: Sequence[str]) -> np.ndarray:
    return np.isin(AGE_BANDS, list(ages))[:, None] & np.isin(EXIT_REASONS, list(reasons))


def _by_month(effect: _Effect, dates: pd.DatetimeIndex, paths: int, seed: int) -> np.ndarray:
    """Factor by path and month."""
    months = len(dates) - 1
    drawn = effect.strength.paths(-(-months // 12), paths, stream(seed, "lever", effect.setting))
    strength = np.repeat(drawn, 12, axis=1)[:, :months]
    change = -strength if effect.prevents else strength - 1
    return 1 + share_at_work(effect.dated, dates) * change


def share_at_work(dated: Dated, dates: pd.DatetimeIndex) -> np.ndarray:
    """Share of its full effect with which a lever works in each month between ``dates``, mean over the days."""
    edges = days(dates)
    begins = edges[0] + 1 if dated.begins is None else np.datetime64(dated.begins, "D")
    since = (edges + 1 - begins).astype(float)
    if dated.ends is not None:
        since = np.minimum(since, (np.datetime64(dated.ends, "D") + 1 - begins).astype(float))
    worked = np.diff(_days_at_work(since, dated.ramp_months * DAYS_IN_MONTH))
    return np.clip(worked / np.diff(edges).astype(float), 0, 1)  # rounding may leave a hair more than all


def _days_at_work(since: np.ndarray, ramp: float) -> np.ndarray:
    """Days of full effect from the first day until ``since`` days after it: the integral of a ramp of ``ramp`` days."""
    on_ramp = np.clip(since, 0, ramp)
    growing = on_ramp**2 / (2 * ramp) if ramp > 0 else 0.0
    return growing + np.maximum(since - ramp, 0)
