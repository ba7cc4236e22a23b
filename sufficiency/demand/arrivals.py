"""The children who start in the months ahead: how many, when, and whom of the past starters they are like."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from sufficiency.calendar import birthday
from sufficiency.demand.history import STREAMS, Starters
from sufficiency.demand.parameters import PathParameters
from sufficiency.streams import chance, child_keys

FEW: Final = 30.0
"""Mean up to which a count is found by adding up its probabilities one by one."""


@dataclass(frozen=True)
class Arrivals:
    """Children who start, in order of month: one element each. Days are whole days since 1970-01-01.

    ``path`` counts within the block; ``month`` 0 is the first after the as-of day; ``adult``: day of the 18th birthday.
    """

    path: np.ndarray
    month: np.ndarray
    key: np.ndarray
    donor: np.ndarray
    stream: np.ndarray
    kind: np.ndarray
    day: np.ndarray
    born: np.ndarray
    adult: np.ndarray

    def where(self, rows: np.ndarray | slice) -> Arrivals:
        """The arrivals of a mask, of row numbers or of a slice."""
        return Arrivals(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def arrivals(started: Starters, parameters: PathParameters, ends: np.ndarray, seed: int, paths: np.ndarray) -> Arrivals:
    """Everyone who starts in some paths. ``ends``: the as-of day and the month ends after it [days]."""
    mean = parameters.starts[paths].transpose(1, 0, 2)
    month, path, stream = np.indices(mean.shape)
    count = counts(mean, chance(child_keys(seed, paths[path], stream + 1, month), "starts")).ravel()
    month, path, stream = (np.repeat(index.ravel(), count) for index in (month, path, stream))
    order = np.arange(len(path)) - np.repeat(np.cumsum(count) - count, count)
    key = child_keys(seed, paths[path], stream + 1, month, order)
    kind = _kinds(parameters, paths[path], month, stream, chance(key, "first kind"))
    donor = _donors(started, parameters, stream, kind, chance(key, "donor"))
    span = ends[month + 1] - ends[month]
    day = ends[month] + 1 + (chance(key, "start day") * span).astype(np.int32)
    born = (day - started.age_days[donor]).astype(np.int32)
    adult = birthday(born.astype("datetime64[D]")).astype(np.int32)
    return Arrivals(path, month, key, donor, stream, kind, day, born, adult)


def counts(mean: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Poisson counts at given means and uniform numbers: the least count whose cumulative probability reaches these.

    A higher mean never gives fewer, so that a lever on starts adds or takes children and changes no other chance.
    """
    from scipy.special import pdtr, pdtrik

    answer = np.zeros(mean.shape, dtype=np.int32)
    few = (mean > 0) & (mean <= FEW)
    rows = np.flatnonzero(few)
    rate, target = mean.ravel()[rows], level.ravel()[rows]
    term = np.exp(-rate)
    reached, number, flat = term.copy(), 0, answer.ravel()
    open_rows = np.flatnonzero(reached < target)
    while len(open_rows):
        number += 1
        term[open_rows] *= rate[open_rows] / number
        reached[open_rows] += term[open_rows]
        flat[rows[open_rows]] = number
        # beyond the reach of rounding the terms add nothing more
        open_rows = open_rows[(reached[open_rows] < target[open_rows]) & (term[open_rows] > 1e-18)]
    many = mean > FEW
    guess = np.ceil(pdtrik(level[many], mean[many]))
    lower = np.maximum(guess - 1, 0)
    flat[np.flatnonzero(many)] = np.where(pdtr(lower, mean[many]) >= level[many], lower, np.maximum(guess, 0))
    return flat.reshape(mean.shape)


def _kinds(
    parameters: PathParameters, path: np.ndarray, month: np.ndarray, stream: np.ndarray, level: np.ndarray
) -> np.ndarray:
    """Kind of the first placement: the shares of past starters of the stream, as the path's mix has drifted."""
    year = np.minimum(month // 12, parameters.mix.shape[1] - 1)
    kind = np.empty(len(path), dtype=np.int8)
    for each in range(len(STREAMS)):
        rows = np.flatnonzero(stream == each)
        weights = parameters.first_kinds[each] * parameters.mix[path[rows], year[rows]]
        reached = np.cumsum(weights, axis=1)
        kind[rows] = (reached < level[rows, None] * reached[:, -1:]).sum(axis=1)
    return np.minimum(kind, parameters.mix.shape[2] - 1).astype(np.int8)


def _donors(
    started: Starters, parameters: PathParameters, stream: np.ndarray, kind: np.ndarray, level: np.ndarray
) -> np.ndarray:
    """A past starter of the same stream and first kind for each child, recent ones likelier."""
    weight = parameters.donor_weight
    donor = np.zeros(len(stream), dtype=np.int32)
    cell, wanted = started.stream * 100 + started.kind, stream * 100 + kind
    for each in np.unique(wanted):
        pool = np.flatnonzero(cell == each)
        if not len(pool):  # a stream without a past is like everyone
            pool = np.arange(len(cell))
        rows = np.flatnonzero(wanted == each)
        reached = np.cumsum(weight[pool])
        position = np.searchsorted(reached, level[rows] * reached[-1], side="right")
        donor[rows] = pool[np.minimum(position, len(pool) - 1)]
    return donor
