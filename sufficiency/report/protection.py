"""Disclosure control over tables that are tied by sums: small counts, and what would give them back, are hidden.

A reader adds and subtracts: parts from their total, one table from another, a year from all years. The sums that tie
the published cells are named here, so that a hidden cell is covered wherever it could be worked out.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sufficiency.report.disclosure import SMALLEST_SHOWN

EXACT: Final = 1e-7
"""Below this a number is nought but for rounding."""

Key = Hashable


@dataclass(frozen=True)
class Sum:
    """A relation that a reader knows: the cell ``total`` is the sum of ``parts`` (cell → how often it counts)."""

    total: Key
    parts: Mapping[Key, int]


def cells_to_hide(counts: Mapping[Key, int], sums: Sequence[Sum], unpublished: Collection[Key] = ()) -> frozenset[Key]:
    """Which cells of any number of tables to hide so that no count of 1 to 5 can be had from them.

    ``counts``: cell → count; ``unpublished``: cells that no table shows but sums name. Small cells are hidden. In a
    sum with one hidden cell left, or whose hidden parts must all be 1, the smallest shown part (the total when no
    part is left) is hidden too; a hidden cell that no part can cover is of no use as a cover, unless it is small.
    What sums give away together, without any of them doing so alone, is found by linear algebra.
    """
    ledger = _Ledger(counts, sums, unpublished)
    while True:
        ledger.close_sums()
        if not ledger.cover_what_is_given_away():
            return ledger.answer()


class _Ledger:
    """Cells as positions: which are small, hidden and worked out, and the sums that tie them."""

    def __init__(self, counts: Mapping[Key, int], sums: Sequence[Sum], unpublished: Collection[Key]) -> None:
        self.keys = list(counts)
        place = {key: number for number, key in enumerate(self.keys)}
        self.counts = np.array([counts[key] for key in self.keys], dtype=int)
        self.open = np.array([key in unpublished for key in self.keys], dtype=bool)
        self.small = (self.counts > 0) & (self.counts < SMALLEST_SHOWN)
        self.hidden = self.small | self.open
        self.useless = np.zeros(len(self.keys), dtype=bool)
        self.sums = [
            ({place[key]: times for key, times in one.parts.items() if counts[key]}, place[one.total]) for one in sums
        ]

    def close_sums(self) -> None:
        """Go over the sums until none gives a hidden cell away alone."""
        changed = True
        while changed:
            changed = sum(self._closed(parts, total) for parts, total in self.sums) > 0

    def _closed(self, parts: Mapping[int, int], total: int) -> bool:
        """Cover the last hidden cell of one sum; the answer says whether anything changed."""
        left = [cell for cell in (*parts, total) if self.hidden[cell] and not self.useless[cell]]
        if not left or (len(left) > 1 and not self._all_ones(left, parts, total)):
            return False
        small = any(self.small[cell] for cell in left)
        cover = self._covers(parts, total, with_total=small)
        if len(left) == 1 and not small and (self.open[left[0]] or not cover):
            self.useless[left[0]] = True
            self.hidden[left[0]] = self.open[left[0]]
            return True
        if cover:
            self.hidden[cover[0]] = True
        return bool(cover)

    def _all_ones(self, left: Sequence[int], parts: Mapping[int, int], total: int) -> bool:
        """Whether the hidden parts of a shown total must each be 1, as a hidden part is at least 1."""
        shown = not self.hidden[total] and all(times > 0 and not self.open[cell] for cell, times in parts.items())
        return shown and sum(self.counts[cell] for cell in left) == len(left)

    def _covers(self, parts: Mapping[int, int], total: int, *, with_total: bool) -> list[int]:
        """Shown cells of a sum that can be hidden, the best first: the smallest part, the total last."""
        able = [cell for cell in parts if self._can_cover(cell)]
        ordered = sorted(able, key=lambda cell: (self.counts[cell], cell))
        return [*ordered, *([total] if with_total and self._can_cover(total) else [])]

    def _can_cover(self, cell: int) -> bool:
        return bool(not self.hidden[cell] and not self.useless[cell] and self.counts[cell] > 0)

    def cover_what_is_given_away(self) -> bool:
        """Hide one more cell for each small one that the sums together give away; says whether there was any."""
        found = False
        for cell in np.flatnonzero(self._given_away()):
            beside = [
                self._covers(parts, total, with_total=True) for parts, total in self.sums if cell in (*parts, total)
            ]
            covers = sorted({cover[0] for cover in beside if cover}, key=lambda one: (self.counts[one], one))
            if covers:
                self.hidden[covers[0]] = found = True
        return found

    def _given_away(self) -> np.ndarray:
        """Small cells that the shown ones determine: those that no solution of the sums can change.

        A random vector is projected on the null space of the sums' hidden columns; where the projection is nought,
        so is the null space.
        """
        from scipy.sparse import csr_matrix
        from scipy.sparse.linalg import lsqr

        hidden = np.flatnonzero(self.hidden)
        column = {int(cell): number for number, cell in enumerate(hidden)}
        entries = [
            (row, column[cell], times)
            for row, (parts, total) in enumerate(self.sums)
            for cell, times in (*parts.items(), (total, -1))
            if cell in column
        ]
        if not entries:
            return np.zeros(len(self.keys), dtype=bool)
        rows, columns, values = zip(*entries, strict=True)
        matrix = csr_matrix((np.array(values, dtype=float), (rows, columns)), shape=(len(self.sums), len(hidden)))
        probe = np.random.default_rng(0).standard_normal(len(hidden))
        limit = 20 * max(matrix.shape)
        solved = lsqr(matrix, matrix @ probe, atol=EXACT**2, btol=EXACT**2, conlim=0, iter_lim=limit)[0]
        fixed = np.zeros(len(self.keys), dtype=bool)
        fixed[hidden] = np.abs(probe - solved) < EXACT
        return fixed & self.small

    def answer(self) -> frozenset[Key]:
        """Keys of the published cells to hide."""
        return frozenset(
            key for key, hide, open_ in zip(self.keys, self.hidden, self.open, strict=True) if hide and not open_
        )
