"""Disclosure control over tables that are tied by sums: small counts, and what would give them back, are hidden.

A reader adds and subtracts: parts from their total, one table from another, a year from all years. The sums that tie
the published cells are named here, so that a hidden cell is covered wherever it could be worked out.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from sufficiency.report.disclosure import SMALLEST_SHOWN

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

EXACT: Final = 1e-7
"""Below this a number is nought but for rounding."""
SOLVED: Final = 1e-12
"""How near the sums have to be solved to tell what they fix: well below :data:`EXACT`, and within a float's reach."""
ROUGH: Final = 1e-3
"""How near the weights of the sums that give a cell away have to be: enough to tell the large ones."""

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
        if not ledger.hidden.any() or not ledger.cover_what_is_given_away():
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
        self.kept = self.open.copy()
        self.useless = np.zeros(len(self.keys), dtype=bool)
        self.sums = [
            ({place[key]: times for key, times in one.parts.items() if counts[key]}, place[one.total]) for one in sums
        ]

        self.sums_of: dict[int, list[int]] = {}
        for number, (parts, total) in enumerate(self.sums):
            for cell in (*parts, total):
                self.sums_of.setdefault(cell, []).append(number)

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
        if len(left) == 1 and not small and (self.kept[left[0]] or not cover):
            self.useless[left[0]] = True
            self.hidden[left[0]] = self.kept[left[0]]
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
        from scipy.sparse.linalg import lsqr

        hidden = np.flatnonzero(self.hidden)
        matrix = self._matrix(hidden)
        limits = {"atol": SOLVED, "btol": SOLVED, "conlim": 0, "iter_lim": 20 * max(matrix.shape)}
        probe = np.random.default_rng(0).standard_normal(len(hidden))
        fixed = np.abs(probe - lsqr(matrix, matrix @ probe, **limits)[0]) < EXACT
        found, last = False, None
        for place in np.flatnonzero(fixed & self.small[hidden]):
            cover = self._best_cover(self.sums_of.get(int(hidden[place]), []))
            if cover is None:
                aim = (np.arange(len(hidden)) == place).astype(float)
                weights = np.abs(lsqr(matrix.T, aim, atol=ROUGH, btol=ROUGH, conlim=0)[0])
                telling = np.flatnonzero(weights > max(weights.max() / 2, EXACT))
                cover, last = self._best_cover(telling), telling
            if cover is not None:
                self.hidden[cover] = found = True
        return found or (last is not None and self._hide_whatever_is_left(last))

    def _hide_whatever_is_left(self, sums: Iterable[int]) -> bool:
        """Where nothing covers: the smallest cell of the telling sums that is still shown, useful by itself or not."""
        cells = {cell for number in sums for cell in (*self.sums[number][0], self.sums[number][1])}
        shown = [cell for cell in cells if not self.hidden[cell] and self.counts[cell] > 0]
        if shown:
            cell = min(shown, key=lambda one: (self.counts[one], one))
            self.hidden[cell] = self.kept[cell] = True
        return bool(shown)

    def _matrix(self, hidden: np.ndarray) -> csr_matrix:
        """The sums' hidden columns.

        What they leave open is their null space: a random vector is projected on it, and where the projection is
        nought a cell has one solution only. The weights with which the sums give such a cell tell which ones to break.
        """
        from scipy.sparse import csr_matrix

        column = {int(cell): number for number, cell in enumerate(hidden)}
        entries = [
            (row, column[cell], times)
            for row, (parts, total) in enumerate(self.sums)
            for cell, times in (*parts.items(), (total, -1))
            if cell in column
        ]
        rows, columns, values = zip(*entries, strict=True) if entries else ((), (), ())
        shape = (max(len(self.sums), 1), max(len(hidden), 1))
        return csr_matrix((np.array(values, dtype=float), (rows, columns)), shape=shape)

    def _best_cover(self, sums: Iterable[int]) -> int | None:
        """The smallest shown part of some sums, else their smallest total."""
        beside = [self._covers(*self.sums[number], with_total=False) for number in sums]
        totals = [self.sums[number][1] for number in sums if self._can_cover(self.sums[number][1])]
        covers = {cell for found in beside for cell in found[:1]} or set(totals)
        return min(covers, key=lambda cell: (self.counts[cell], cell), default=None)

    def answer(self) -> frozenset[Key]:
        """Keys of the published cells to hide."""
        return frozenset(
            key for key, hide, open_ in zip(self.keys, self.hidden, self.open, strict=True) if hide and not open_
        )
