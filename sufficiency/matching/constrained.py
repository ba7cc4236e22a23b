"""One aim at its most while others are kept above a floor: linear relaxations, branched on until they are whole.

A floor is a row that no network knows, so the relaxation's optimum may have halves in it, though never many. They are
branched on. Every node is a relaxation over few columns, proved over all of them, and its bound is worked out afresh
from the dual values: whatever tolerance the solver kept to, no plan of the node can be worth more.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from sufficiency.errors import SolverError
from sufficiency.matching.narrow import priced
from sufficiency.matching.solve import SAFE, WHOLE, Programme, new_solver, run, set_aim, some_columns

DUAL, PRIMAL = 1, 4
"""Simplex methods of HiGHS: a moved floor or a branch leaves the dual values feasible, another aim or further columns
the point; each method begins from the one that it is named for."""

GRACE: Final = 5.0
"""Seconds that a node under way may take beyond the time limit."""

PRICED_OUT: Final = 1e-6
"""A column whose price is below this, ten times the solver's tolerance, is not let in: the bound counts it as it is."""

LARGEST_COST: Final = 2.0**20
"""Weights are handed over divided by a power of two, which loses nothing, so that none is above this: the solver's
tolerances are absolute."""

Limits = dict[int, tuple[float, float]]
"""Counting row → the least and the most that it may be."""

Node = tuple[np.ndarray, np.ndarray, Limits, float]
"""Columns set to 1, columns set to 0, limits of counting rows, and what no plan in it can be worth more than."""

AMISS: Final = 64.0
"""How far the rows that ask for something may be missed, so that every node's relaxation has a point."""

PENALTY: Final = 100.0
"""What missing a row by one counts for, in weights of the largest column. Too small a one costs time and nothing else:
a node that it does not rule out is solved again with no row missed."""

NONE: Final = np.zeros(0, dtype=int)


@dataclass(frozen=True, eq=False)
class Point:
    """A plan (``chosen``, bool per column) with its exact ``value``; ``bound``: what no plan can exceed, the same where
    the best is proven; ``branched``: nodes beside the first that were needed."""

    chosen: np.ndarray
    value: int
    bound: int
    branched: int


@dataclass(frozen=True, eq=False)
class _Relaxed:
    """A node's relaxation: its ``bound``, the ``point`` of the columns that are in, the ``losses`` of all, and what the
    counting rows come to."""

    bound: float
    point: np.ndarray
    losses: np.ndarray
    counts: np.ndarray
    missed: bool


def _that_may_miss(programme: Programme, counts: range) -> Programme:
    """The programme with columns more, which no plan has, that let rows be missed: those of the aims held and the
    floor together, and each of the counting rows by itself."""
    asking = np.flatnonzero((programme.upper < 0) | (np.arange(len(programme.upper)) == len(programme.upper) - 1))
    lengths = [len(asking), *([1] * len(counts))]
    return replace(
        programme,
        starts=np.append(programme.starts, programme.starts[-1] + np.cumsum(lengths)).astype(np.int32),
        rows=np.concatenate([programme.rows, asking, counts]).astype(np.int32),
        values=np.concatenate([programme.values, np.full(len(asking), -AMISS), np.full(len(counts), AMISS)]),
        aims={},
    )


class Constrained:
    """A programme whose last row is a floor that moves, kept warm from floor to floor.

    ``child``: whose home each column is, −1 for a whole unit's; ``side``: what each adds to the floor. ``start``
    (bool): columns to begin with, a plan among them; others are let in while they could matter. ``counts``: rows
    without limits that count columns, whole in every plan, which are branched on first.
    """

    def __init__(
        self,
        programme: Programme,
        child: np.ndarray,
        side: np.ndarray,
        start: np.ndarray,
        deadline: float,
        counts: range = range(0),
    ) -> None:
        self.programme, self.counts = _that_may_miss(programme, counts), counts
        self.misses, nothing = 1 + len(counts), np.zeros(1 + len(counts), dtype=np.int64)
        self.child, self.side, self.deadline = np.append(child, nothing - 1), np.append(side, nothing), deadline
        real = np.where(programme.rows < len(programme.upper) - 1 - len(counts), programme.values, 0)
        self.takes = np.append(np.maximum.reduceat(real, programme.starts[:-1]), nothing)
        self.lower, self.upper = self.programme.lower.copy(), self.programme.upper.copy()
        self.first_miss = programme.columns
        self.columns = np.append(np.flatnonzero(start), np.arange(programme.columns, self.programme.columns))
        self.open = np.ones(self.programme.columns, dtype=bool)
        self.set, self.scale, self.weights = NONE, 1.0, np.zeros(programme.columns, dtype=np.int64)
        self.asked = self.weights
        self.solver: Any = new_solver(self.programme, self.columns, self.lower, self.upper)
        self.solver.setOptionValue("presolve", "off")
        self.solver.setOptionValue("simplex_strategy", PRIMAL)

    def move_floor(self, upper: float) -> None:
        """Another upper limit for the last row."""
        self.upper[-1] = upper
        self.solver.changeRowBounds(len(self.upper) - 1, -np.inf, upper)

    def best(self, weights: np.ndarray, known: np.ndarray | None = None) -> Point | None:
        """The best plan for some whole weights; ``None`` when none keeps the rows.

        ``known`` (bool per column): a plan that keeps them, so that only better ones need be looked at. When the time
        is out, the best plan so far with the bound that is left; without one,
        :class:`~sufficiency.errors.SolverError`.
        """
        known = None if known is None else np.append(known, np.zeros(self.misses, dtype=bool))
        chosen = known if known is not None and self._keeps_rows(known) else None
        self.open[:] = True
        self._seek(weights)
        nodes: list[Node] = [(NONE, NONE, {}, np.inf)]
        count = 0
        while nodes and (count == 0 or time.monotonic() < self.deadline):
            ones, zeros, limits, above = nodes.pop()
            if chosen is not None and np.floor(above + SAFE) <= self._value(chosen):
                continue
            relaxed = self._relaxed(ones, zeros, limits)
            if relaxed is not None and relaxed.missed and (chosen is None or self._exceeds(relaxed, chosen)):
                relaxed = self._without_misses(ones, zeros, limits)
            count += 1
            if relaxed is None:
                continue
            chosen = self._better(chosen, relaxed)
            if count == 1:
                self._shut(relaxed, chosen)
            if chosen is None or self._exceeds(relaxed, chosen):
                nodes += self._branches(ones, zeros, limits, relaxed)
        return self._answer(chosen, nodes, count)

    def _exceeds(self, relaxed: _Relaxed, chosen: np.ndarray) -> bool:
        """A plan of the node could be better than the one there is."""
        return bool(np.floor(relaxed.bound + SAFE) > self._value(chosen))

    def _without_misses(self, ones: np.ndarray, zeros: np.ndarray, limits: Limits) -> _Relaxed | None:
        """A node's relaxation with no row missed, where the penalty for it did not say enough."""
        mine = np.flatnonzero(self.columns >= self.first_miss).astype(np.int32)
        nothing = np.zeros(len(mine))
        self.solver.changeColsBounds(len(mine), mine, nothing, nothing)
        relaxed = self._relaxed(ones, zeros, limits)
        self.solver.changeColsBounds(len(mine), mine, nothing, nothing + 1.0)
        return relaxed

    def _seek(self, weights: np.ndarray) -> None:
        """Other weights to bring to their most."""
        if self.asked is weights:
            return
        self.asked, self.weights = weights, np.append(weights, np.zeros(self.misses, dtype=np.int64))
        self.scale = 2.0 ** max(np.ceil(np.log2(np.abs(weights).max(initial=1) / LARGEST_COST)), 0)
        set_aim(self.solver, self._costs(self.columns))
        self.solver.setOptionValue("simplex_strategy", PRIMAL)

    def _costs(self, columns: np.ndarray) -> np.ndarray:
        """What the solver is told of columns; to miss a row is dear."""
        costs = self.weights[columns] / self.scale
        costs[columns >= self.first_miss] = -AMISS * PENALTY * max(float(np.abs(self.weights).max()) / self.scale, 1.0)
        return costs

    def _answer(self, chosen: np.ndarray | None, nodes: Sequence[Node], count: int) -> Point | None:
        if chosen is None:
            if nodes:
                raise SolverError("No plan on the frontier was found in time. Raise time_limit_seconds.")
            return None
        value = self._value(chosen)
        bound = max([value, *(int(np.floor(above + SAFE)) for *_, above in nodes)])
        return Point(chosen[: self.first_miss], value, bound, count - 1)

    def _value(self, chosen: np.ndarray) -> int:
        return int(self.weights[chosen].sum())

    def _keeps_rows(self, chosen: np.ndarray) -> bool:
        """All rows, the floor among them, in whole numbers but for the rows that hold an aim, which are scaled."""
        programme = self.programme
        sums = np.bincount(
            programme.rows, programme.values * np.repeat(chosen, np.diff(programme.starts)), len(self.upper)
        )
        return bool(((sums >= self.lower - WHOLE) & (sums <= self.upper + WHOLE)).all())

    def _better(self, chosen: np.ndarray | None, relaxed: _Relaxed) -> np.ndarray | None:
        """The relaxation's own point where it is whole and better than what there is."""
        if relaxed.missed or np.abs(relaxed.point - np.rint(relaxed.point)).max(initial=0) > WHOLE:
            return chosen
        whole = np.zeros(self.programme.columns, dtype=bool)
        whole[self.columns[relaxed.point > 0.5]] = True
        whole[self.first_miss :] = False
        if not self._keeps_rows(whole):
            raise SolverError("A plan on the frontier breaks a rule; no answer is given. Please report this.")
        return whole if chosen is None or self._value(whole) > self._value(chosen) else chosen

    def _shut(self, root: _Relaxed, chosen: np.ndarray | None) -> None:
        """Leave out columns that lose more than a better plan than the one there is could."""
        if chosen is not None:
            self.open = root.losses <= root.bound - self._value(chosen) + SAFE
            self.open |= chosen

    def _branches(self, ones: np.ndarray, zeros: np.ndarray, limits: Limits, relaxed: _Relaxed) -> list[Node]:
        """Nodes that every plan of this one is in: none where its point is whole.

        First about how many columns a row counts; then about those who take more than a place, whom no network knows;
        then about a child who is partly in homes that add to the floor and partly in others; last about any one column.
        """
        between = np.flatnonzero(np.abs(relaxed.point - np.rint(relaxed.point)) > WHOLE)
        between = between[self.columns[between] < self.first_miss]
        if len(between) == 0:
            return []
        for row, count in zip(self.counts, relaxed.counts.tolist(), strict=True):
            if abs(count - round(count)) > WHOLE:
                least, most = limits.get(row, (-np.inf, np.inf))
                fewer, more = ({**limits, row: each} for each in ((least, np.floor(count)), (np.ceil(count), most)))
                return [(ones, zeros, fewer, relaxed.bound), (ones, zeros, more, relaxed.bound)]
        columns, share = self.columns[between], relaxed.point[between]
        large = self.takes[columns] > 1
        if not large.any():
            for child in np.unique(self.child[columns]):
                mine = self.side[columns[self.child[columns] == child]]
                if child >= 0 and mine.min() < mine.max():
                    return self._about(child, (mine.min() + mine.max()) / 2, ones, zeros, limits, relaxed.bound)
        column = columns[np.argmin(np.abs(share - 0.5) + ~large)]
        return [
            (ones, np.append(zeros, column), limits, relaxed.bound),
            (np.append(ones, column), zeros, limits, relaxed.bound),
        ]

    def _about(
        self, child: int, middle: float, ones: np.ndarray, zeros: np.ndarray, limits: Limits, above: float
    ) -> list[Node]:
        """The child in homes that add less to the floor, and in those that add more, which comes first."""
        mine = np.flatnonzero((self.child == child) & self.open)
        less = self.side[mine] <= middle
        return [(ones, np.union1d(zeros, mine[shut]), limits, above) for shut in (~less, less)]

    def _relaxed(self, ones: np.ndarray, zeros: np.ndarray, limits: Limits) -> _Relaxed | None:
        """The optimum of a node over all columns that are open; ``None`` when it has no point."""
        self._fix(ones, zeros)
        self._limit(limits)
        while True:
            if not run(self.solver, "the frontier", self.deadline + GRACE):
                missing = self._out(zeros)
                if len(missing) == 0:
                    return None
                self._let_in(missing)
                continue
            self.solver.setOptionValue("simplex_strategy", DUAL)
            duals = np.clip(np.asarray(self.solver.getSolution().row_dual), *self._signs())
            losses = priced(self.programme, duals) - self.weights / self.scale
            out = self._out(zeros)
            missing = out[losses[out] < -PRICED_OUT]
            missing = missing[np.argsort(losses[missing], kind="stable")[: len(duals)]]
            if len(missing) == 0:
                solution = self.solver.getSolution()
                point, rows = np.asarray(solution.col_value), np.asarray(solution.row_value)
                bound = self._bound(duals, losses, ones, zeros)
                missed = bool(point[self.columns >= self.first_miss].sum() * AMISS > WHOLE)
                return _Relaxed(bound * self.scale, point, losses * self.scale, rows[list(self.counts)], missed)
            self._let_in(missing)

    def _limit(self, limits: Limits) -> None:
        """Limits of the counting rows."""
        for row in self.counts:
            least, most = limits.get(row, (-np.inf, np.inf))
            if (least, most) != (self.lower[row], self.upper[row]):
                self.lower[row], self.upper[row] = least, most
                self.solver.changeRowBounds(row, least, most)

    def _signs(self) -> tuple[np.ndarray, np.ndarray]:
        """Least and most that each row's dual value can be: none is below 0 without a lower limit, nor above 0 without
        an upper one."""
        below, above = np.isfinite(self.lower), np.isfinite(self.upper)
        return np.where(below, -np.inf, 0.0), np.where(above, np.inf, 0.0)

    def _bound(self, duals: np.ndarray, losses: np.ndarray, ones: np.ndarray, zeros: np.ndarray) -> float:
        """What the rows are worth at the dual values, and what columns are worth beyond them: more than any plan."""
        limits = np.where(duals >= 0, self.upper, self.lower)
        gains = np.where(self.open, np.maximum(-losses, 0), 0.0)
        gains[ones] = -losses[ones]
        gains[zeros] = 0.0
        gains[self.first_miss :] = 0.0
        used = duals != 0
        return float(duals[used] @ limits[used] + gains.sum())

    def _out(self, zeros: np.ndarray) -> np.ndarray:
        """Open columns that the solver has not got."""
        out = self.open.copy()
        out[self.columns] = False
        out[zeros] = False
        return np.flatnonzero(out)

    def _fix(self, ones: np.ndarray, zeros: np.ndarray) -> None:
        """Bounds of a node's columns; those of the node before free again."""
        self._let_in(np.setdiff1d(ones, self.columns))
        mine = np.flatnonzero(np.isin(self.columns, np.concatenate([self.set, ones, zeros])))
        lower = np.isin(self.columns[mine], ones).astype(float)
        upper = 1.0 - np.isin(self.columns[mine], zeros)
        self.solver.changeColsBounds(len(mine), mine.astype(np.int32), lower, upper)
        self.set = np.concatenate([ones, zeros])

    def _let_in(self, columns: np.ndarray) -> None:
        if len(columns) == 0:
            return
        starts, rows, values = some_columns(self.programme, columns)
        count, costs = len(columns), self._costs(columns)
        self.solver.addCols(
            count, costs, np.zeros(count), np.ones(count), len(rows), starts[:-1].astype(np.int32), rows, values
        )
        self.columns = np.append(self.columns, columns)
        self.solver.setOptionValue("simplex_strategy", PRIMAL)
