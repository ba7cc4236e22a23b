"""Chance with exact totals: who is chosen is random, how many is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

import numpy as np

Item = TypeVar("Item")
NEVER: Final = 1e6
"""Cost of what must not be."""


def choose_exactly(rng: np.random.Generator, weights: Sequence[float] | np.ndarray, count: int) -> list[int]:
    """Positions of ``count`` items drawn without replacement, likelier the larger their weight (Gumbel top-k)."""
    weight = np.asarray(weights, dtype=float)
    keys = np.log(np.maximum(weight, 1e-12)) + rng.gumbel(size=weight.size)
    return sorted(np.argsort(-keys, kind="stable")[: max(count, 0)].tolist())


def draw(rng: np.random.Generator, weights: Mapping[Item, float]) -> Item:
    """One key of ``weights``, with chances in their proportion."""
    keys = list(weights)
    share = np.fromiter(weights.values(), dtype=float)
    return keys[int(rng.choice(len(keys), p=share / share.sum()))]


def between(rng: np.random.Generator, first: int, last: int) -> int:
    """A day from ``first`` to ``last``, both included; ``first`` when the span is empty."""
    return int(rng.integers(first, last + 1)) if last > first else first


def fill_exactly(costs: np.ndarray, counts: Sequence[int]) -> np.ndarray:
    """Give each row one column so that column j is used ``counts[j]`` times, at the least total cost.

    ``costs`` is rows × columns; the counts add up to the number of rows.
    """
    from scipy.optimize import linear_sum_assignment

    columns = np.repeat(np.arange(len(counts)), counts)
    rows, slots = linear_sum_assignment(costs[:, columns])
    answer = np.empty(len(costs), dtype=int)
    answer[rows] = columns[slots]
    return answer
