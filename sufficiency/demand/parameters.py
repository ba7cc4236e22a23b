"""What differs from path to path: every path draws its rates, its levels and their shocks, before a child is moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from sufficiency.demand.entries import GROUP_OF, Entries
from sufficiency.demand.history import STREAMS
from sufficiency.demand.levels import Level
from sufficiency.demand.levers import entry_factors, exit_factors
from sufficiency.demand.population import draw_variants, growth_by_month
from sufficiency.demand.rates import Exits
from sufficiency.settings import Demand as DemandSettings
from sufficiency.streams import stream
from sufficiency.vocabulary import AGE_BANDS, KINDS

LOG_BOUNDS: Final = (-8.0, 2.5)
"""Bounds of a level's log: from next to nothing to twelve times the long-run rate."""


@dataclass(frozen=True)
class PathParameters:
    """Rates of every path.

    ``starts`` (paths, months, streams) [expected starts a month]; ``leaving`` and ``moving`` (paths, cells) [rate a
    month, cells as in HAZARD_SHAPE laid flat]; ``leave_factor`` and ``move_factor`` (paths, months); ``destinations``
    (paths, move ages, stay groups, kinds, kinds) and ``reasons`` (paths, age bands, kinds, care groups, reasons)
    [weights]; ``mix`` (paths, years, kinds) [factor on the weight of each kind that children enter or move to];
    ``reason_factors`` (paths, months, age bands, reasons) or None; ``first_kinds`` (streams, kinds) and
    ``donor_weight``: as in :class:`Entries`.
    """

    starts: np.ndarray
    leaving: np.ndarray
    moving: np.ndarray
    leave_factor: np.ndarray
    move_factor: np.ndarray
    destinations: np.ndarray
    reasons: np.ndarray
    mix: np.ndarray
    reason_factors: np.ndarray | None
    first_kinds: np.ndarray
    donor_weight: np.ndarray


def draw_parameters(
    entries: Entries,
    exits: Exits,
    population: pd.DataFrame | None,
    settings: DemandSettings,
    dates: pd.DatetimeIndex,
    paths: int,
    seed: int,
    *,
    authority: str = "",
    widen: float = 1.0,
) -> PathParameters:
    """Draw every path's parameters, shocks and levers for the months between ``dates`` (the as-of day first).

    ``authority`` names the streams of one authority of a region; ``widen`` multiplies the shocks' size.
    """
    months = len(dates) - 1

    def generator(purpose: str) -> np.random.Generator:
        return stream(seed, "demand", purpose, *([authority] if authority else []))

    def common(purpose: str) -> np.ndarray:
        """Scores that all authorities of a region meet alike."""
        return stream(seed, "demand", "common", purpose).standard_normal((paths, months))

    def by_year(lever_name: str) -> np.ndarray:
        lever: Any = getattr(settings, lever_name)
        values = lever.paths(-(-months // 12), paths, stream(seed, "lever", f"demand.{lever_name}"))
        return np.repeat(values, 12, axis=1)[:, :months]

    def drawn(weights: np.ndarray, purpose: str) -> np.ndarray:
        shape = (paths, *weights.shape)
        return generator(purpose).standard_gamma(np.broadcast_to(weights, shape)).astype(np.float32)

    years = -(-months // 12)
    return PathParameters(
        starts=_starts(entries, population, settings, dates, paths, generator, common, by_year, seed, widen),
        leaving=exits.leaving.draw(paths, generator("leaving")).astype(np.float32),
        moving=exits.moving.draw(paths, generator("moving")).astype(np.float32),
        leave_factor=by_year("exits")
        * _level(exits.level, generator("exit level"), common("exit level"), settings.common_exits, widen),
        move_factor=by_year("moves"),
        destinations=drawn(exits.destinations, "destinations"),
        reasons=drawn(exits.reasons, "reasons"),
        mix=np.exp(_drift(settings.mix_drift, years, (paths, len(KINDS)), generator("mix"))).astype(np.float32),
        reason_factors=exit_factors(settings, dates, paths, seed),
        first_kinds=np.where(entries.kinds.sum(axis=1, keepdims=True) > 0, entries.kinds, entries.kinds.sum(axis=0)),
        donor_weight=entries.donor_weight,
    )


def _drift(sd: float, years: int, shape: tuple[int, int], generator: np.random.Generator) -> np.ndarray:
    """Random walks on the log scale at the middle of each year, shape (paths, years, n)."""
    steps = np.full(years, sd)
    steps[:1] *= np.sqrt(0.5)
    scores = generator.standard_normal((shape[0], years, shape[1])) * steps[:, None]
    return np.cumsum(scores, axis=1)


def _starts(
    entries: Entries,
    population: pd.DataFrame | None,
    settings: DemandSettings,
    dates: pd.DatetimeIndex,
    paths: int,
    generator: Any,
    common: Any,
    by_year: Any,
    seed: int,
    widen: float,
) -> np.ndarray:
    """Expected starts by path, month and stream: level, season, month's own noise, ages, population and levers."""
    months = len(dates) - 1
    years = -(-months // 12)
    growth = growth_by_month(population, dates[0], months, draw_variants(settings, paths, generator("population")))
    purposes = [f"starts {number}" for number in range(len(entries.levels))]
    level = np.stack(
        [
            _level(each, generator(purpose), common(purpose), settings.common_entries, widen)
            for each, purpose in zip(entries.levels, purposes, strict=True)
        ],
        axis=2,
    )
    shape = 1 / np.maximum(entries.noise, 1e-6)
    own = generator("month").standard_gamma(shape, (paths, months, len(shape))) / shape
    middle = (dates[:-1] + (dates[1:] - dates[:-1]) / 2).month.to_numpy() - 1
    rate = level * own * (entries.monthly[:, None] * entries.season[:, middle]).T
    shares = generator("ages").standard_gamma(np.broadcast_to(entries.shares, (paths, len(AGE_BANDS))))
    drift = np.exp(_drift(settings.mix_drift, years, shares.shape, generator("age drift")))
    ages = shares[:, None, :] * drift
    ages = np.repeat(ages / ages.sum(axis=2, keepdims=True), 12, axis=1)[:, :months]
    starts = rate[:, :, GROUP_OF] * growth
    starts[:, :, :-1] *= ages * by_year("entries")[:, :, None]
    starts[:, :, -1] *= by_year("uasc_entries")
    return np.asarray(starts * entry_factors(settings, dates, paths, seed)).reshape(paths, months, len(STREAMS))


def _level(level: Level, generator: np.random.Generator, common: np.ndarray, share: float, widen: float) -> np.ndarray:
    """Factor by path and month; bounds keep a wild draw from filling the memory."""
    return np.exp(np.clip(level.paths(generator, common, share, widen), *LOG_BOUNDS))
