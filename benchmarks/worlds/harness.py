"""Project worlds at their origins and score what comes out: one long table, from which the printed ones are made."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.worlds import scores
from benchmarks.worlds.no_change import no_change
from benchmarks.worlds.projectors import DEFAULT, projector
from benchmarks.worlds.vocabulary import BANDS, HORIZONS, KINDS
from benchmarks.worlds.world import World, world

SERIES = (("total", "total"), *(("band", band) for band in BANDS), *(("kind", kind) for kind in KINDS))
"""What is scored: group and name, in the order of the series' columns."""


@dataclass(frozen=True)
class Task:
    """What a process is asked to do for every world."""

    seed: int
    paths: int
    projector: str = DEFAULT
    cache: Path | None = None


def score_worlds(task: Task, numbers: range, processes: int = 1) -> pd.DataFrame:
    """Rows ``world origin history method group name horizon actual middle low_80 high_80 ape wis in_50 in_80 in_95 rank
    seconds``, a row a world, origin, method, series and horizon."""
    one = partial(score_world, task)
    if processes == 1:
        return pd.concat(map(one, numbers), ignore_index=True)
    with ProcessPoolExecutor(processes) as pool:
        return pd.concat(pool.map(one, numbers), ignore_index=True)


def score_world(task: Task, number: int) -> pd.DataFrame:
    """The rows of one world."""
    return pd.concat(_rows(task, world(task.seed, number, task.cache)), ignore_index=True)


def _rows(task: Task, one: World) -> Iterator[pd.DataFrame]:
    project = projector(task.projector)
    for origin in one.council.origins:
        actual = series(one.outcome(origin, len(HORIZONS)))[1:]
        about = {"world": one.council.number, "origin": origin, "history": origin - one.council.first_year + 1}
        as_of = date(origin, 3, 31)
        begun = time.perf_counter()
        paths = np.asarray(project(one.records.as_of(as_of), as_of, task.paths, task.seed + one.council.number))
        about["seconds"] = time.perf_counter() - begun
        _starts_at_truth(paths, one, origin)
        ahead = series(paths)[:, 1:]
        yield _scored(scores.quantiles_of(ahead), actual, scores.rank_of(ahead, actual)).assign(**about, method="model")
        past = series(one.stock[one.years <= origin])
        same = no_change(past)
        unknown = np.full(actual.shape, np.nan)
        yield _scored(same, actual, unknown).assign(**about, method="no change")


def series(counts: np.ndarray) -> np.ndarray:
    """(..., bands, kinds) → (..., series): the total, the bands, the kinds."""
    return np.concatenate([counts.sum(axis=(-2, -1))[..., None], counts.sum(axis=-1), counts.sum(axis=-2)], axis=-1)


def _starts_at_truth(paths: np.ndarray, one: World, origin: int) -> None:
    if (paths[:, 0] != one.at(origin)).any():
        raise ValueError(f"world {one.council.number}: the projection from {origin} does not start at the count")


def _scored(quantiles: np.ndarray, actual: np.ndarray, rank: np.ndarray) -> pd.DataFrame:
    """(7, horizons, series), (horizons, series) twice → a row a horizon and series."""
    index = pd.MultiIndex.from_product([HORIZONS, range(len(SERIES))])
    columns = {
        "actual": actual,
        "middle": quantiles[scores.MEDIAN],
        "low_80": quantiles[scores.INTERVALS[0.8][0]],
        "high_80": quantiles[scores.INTERVALS[0.8][1]],
        "ape": scores.percentage_error(quantiles[scores.MEDIAN], actual),
        "wis": scores.weighted_interval_score(quantiles, actual),
        "rank": rank,
        **{f"in_{level:.0%}"[:-1]: scores.held_by(quantiles, actual, level) for level in scores.INTERVALS},
    }
    rows = pd.DataFrame({name: values.ravel() for name, values in columns.items()})
    group, name = zip(*SERIES, strict=True)
    place = index.get_level_values(1)
    return rows.assign(horizon=index.get_level_values(0), group=np.array(group)[place], name=np.array(name)[place])
