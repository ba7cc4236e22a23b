"""What can be bought when the market has limits: the kind sought, else the next one with room, else nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sufficiency.settings import Market
from sufficiency.vocabulary import KINDS, SUPPORTED_FROM_AGE

NOTHING = -1
"""In place of a kind: nothing can be bought."""


def limits_of(settings: Market) -> dict[int, int]:
    """Kinds with a limit (positions in :data:`KINDS`) → most placements at once."""
    return {KINDS.index(name): limit for name, limit in settings.market_limits if limit is not None}


def bought_within_limits(
    unit: np.ndarray,
    kind: np.ndarray,
    age: np.ndarray,
    bought: np.ndarray,
    limits: Mapping[int, int],
    order: Sequence[str],
) -> np.ndarray:
    """Kind that is bought for each child, :data:`NOTHING` where every kind that would do is full.

    ``unit``: children with the same number are bought for together or not at all; ``kind``: what is sought; ``age``
    in whole years; ``bought``: placements of each kind bought already. The first units come first.
    """
    answer, spent = kind.copy(), bought.astype(int).copy()
    for group in dict.fromkeys(unit.tolist()):
        children = np.flatnonzero(unit == group)
        choices = _choices(int(kind[children[0]]), int(age[children].min()), order)
        room = [one for one in choices if spent[one] + len(children) <= limits.get(one, np.iinfo(np.int64).max)]
        answer[children] = room[0] if room else NOTHING
        if room:
            spent[room[0]] += len(children)
    return answer


def _choices(kind: int, youngest: int, order: Sequence[str]) -> list[int]:
    """The kind sought, then the others in order; supported accommodation is for those of 16 and more."""
    others = [KINDS.index(name) for name in order if name != "supported" or youngest >= SUPPORTED_FROM_AGE]
    return [kind, *(other for other in others if other != kind)]


def free_within_limits(
    free: np.ndarray,
    kind: np.ndarray,
    private: np.ndarray,
    bought: np.ndarray,
    limits: Mapping[int, int],
    turn: np.ndarray,
) -> np.ndarray:
    """Free places of each home, in private homes no more than the limit of their kind still leaves.

    ``bought``: placements of each kind bought already; ``turn``: in whose homes, the lowest first.
    """
    answer = free.copy()
    for one, limit in limits.items():
        rows = np.flatnonzero(private & (kind == one))
        rows = rows[np.argsort(turn[rows], kind="stable")]
        before = np.cumsum(free[rows]) - free[rows]
        answer[rows] = np.clip(limit - bought[one] - before, 0, free[rows])
    return answer
