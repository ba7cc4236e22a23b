"""Stays: who lives where, from when to when, in every path. Every figure about places, miles and money adds them up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from sufficiency.vocabulary import KINDS

BOUGHT: Final = -1
"""``home`` of a stay in a placement bought on the market, or of a kind that is not matched."""

UNPLACED: Final = -2
"""``home`` of a child for whom nothing can be bought, because the scenario limits what there is (kind: other)."""

OPENED: Final = ("now", "started", "moved", "carer_stopped", "stepped_down")
"""Why a stay began: it was there on the as-of day; the child started, or moved; its household stopped; it stepped
down from a children's home into a family."""

WITHIN, BEYOND, UNKNOWN = 1, 0, -1


@dataclass(frozen=True)
class Stays:
    """One element per path, child and home. The child is there at the month ends ``first`` ≤ t < ``last``.

    ``kind``: position in :data:`KINDS`; ``home``: row of the path's homes, :data:`BOUGHT` or
    :data:`UNPLACED` for none; ``level``: the
    child's needs level; ``age_band``; ``miles`` from the child's home (NaN unknown); ``within``: 1 within the limit,
    0 beyond, -1 unknown; ``weekly_cost``: £ a week at the prices of the as-of day; ``opened``: position in
    :data:`OPENED`.
    """

    path: np.ndarray
    child: np.ndarray
    kind: np.ndarray
    home: np.ndarray
    level: np.ndarray
    miles: np.ndarray
    within: np.ndarray
    weekly_cost: np.ndarray
    opened: np.ndarray
    first: np.ndarray
    last: np.ndarray

    def where(self, rows: np.ndarray) -> Stays:
        """The stays of a mask or of row numbers."""
        return Stays(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def present(self, month: int) -> np.ndarray:
        """Whether each stay is going on at a month end (0 is the as-of day)."""
        return (self.first <= month) & (month < self.last)

    def unplaced(self, paths: int, months: int) -> np.ndarray:
        """Children for whom nothing could be bought, by path and month end, shape (paths, months + 1)."""
        return self.where(self.home == UNPLACED).stock(paths, months).sum(axis=2).astype(int)

    def stock(self, paths: int, months: int, weight: np.ndarray | None = None) -> np.ndarray:
        """Children (or the sum of ``weight``) by path, month end and kind, shape (paths, months + 1, kinds)."""
        answer = np.zeros((paths, months + 1, len(KINDS)))
        for month in range(months + 1):
            here = self.present(month)
            cell = self.path[here] * len(KINDS) + self.kind[here]
            counts = np.bincount(cell, None if weight is None else weight[here], minlength=paths * len(KINDS))
            answer[:, month] = counts.reshape(paths, len(KINDS))
        return answer


def without_repeats(stays: Stays) -> Stays:
    """The stays with one for each time a child is unplaced: every match that finds nothing begins another."""
    order = np.lexsort((stays.first, stays.child, stays.path, stays.home != UNPLACED))
    begins = np.ones(len(order), dtype=bool)
    same = [getattr(stays, name)[order] for name in ("home", "path", "child")]
    goes_on = np.all([values[1:] == values[:-1] for values in same], axis=0) & (same[0][1:] == UNPLACED)
    begins[1:] = ~(goes_on & (stays.first[order][1:] == stays.last[order][:-1]))
    ends = np.append(begins[1:], True)
    last = stays.last.copy()
    last[order[begins]] = stays.last[order[ends]]
    return replace(stays, last=last).where(np.sort(order[begins]))


def joined(parts: Sequence[Stays]) -> Stays:
    """Stays of several paths behind one another."""
    return Stays(
        **{field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Stays)}
    )
