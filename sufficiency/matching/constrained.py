"""One aim at its most while others are kept above a floor: linear relaxations, branched on until they are whole.

A floor is a row that no network knows, so the relaxation's optimum may have halves in it, though never many. They are
branched on. Every node is a relaxation over few columns, proved over all of them, and its bound is worked out afresh
from the dual values: whatever tolerance the solver kept to, no plan of the node can be worth more.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
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

Node = tuple[np.ndarray, np.ndarray, float]
"""Columns set to 1, columns set to 0, and what no plan in it can be worth more than."""

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
    """A node's relaxation: its ``bound``, the ``point`` of the columns that are in, and the ``losses`` of all."""

    bound: float
    point: np.ndarray
    losses: np.ndarray


class Constrained:
    """A programme whose last row is a floor that moves, kept warm from floor to floor.

    ``child``: whose home each column is, −1 for a whole unit's; ``side``: what each adds to the floor. ``start``
    (bool): columns to begin with, a plan among them; others are let in while they could matter.
    """

    def __init__(
        self, programme: Programme, child: np.ndarray, side: np.ndarray, start: np.ndarray, deadline: float
    ) -> None:
        self.programme, self.child, self.side, self.deadline = programme, child, side, deadline
        self.takes = np.maximum.reduceat(
            np.where(programme.rows < len(programme.upper) - 1, programme.values, 0), programme.starts[:-1]
        )
        self.upper = programme.upper.copy()
        self.columns = np.flatnonzero(start)
        self.open = np.ones(programme.columns, dtype=bool)
        self.set, self.scale, self.weights = NONE, 1.0, np.zeros(programme.columns, dtype=np.int64)
        self.solver: Any = new_solver(programme, self.columns, programme.lower, programme.upper)
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
        chosen = known if known is not None and self._keeps_rows(known) else None
        self.open[:] = True
        if self.weights is not weights:
            self.weights = weights
            self.scale = 2.0 ** max(np.ceil(np.log2(np.abs(weights).max(initial=1) / LARGEST_COST)), 0)
            set_aim(self.solver, weights[self.columns] / self.scale)
            self.solver.setOptionValue("simplex_strategy", PRIMAL)
        nodes: list[Node] = [(NONE, NONE, np.inf)]
        count = 0
        while nodes and (count == 0 or time.monotonic() < self.deadline):
            ones, zeros, above = nodes.pop()
            if chosen is not None and np.floor(above + SAFE) <= self._value(chosen):
                continue
            relaxed = self._relaxed(ones, zeros)
            count += 1
            if relaxed is None:
                continue
            chosen = self._better(chosen, relaxed)
            if count == 1:
                self._shut(relaxed, chosen)
            if chosen is None or np.floor(relaxed.bound + SAFE) > self._value(chosen):
                nodes += self._branches(ones, zeros, relaxed)
        return self._answer(chosen, nodes, count)

    def _answer(self, chosen: np.ndarray | None, nodes: Sequence[Node], count: int) -> Point | None:
        if chosen is None:
            if nodes:
                raise SolverError("No plan on the frontier was found in time. Raise time_limit_seconds.")
            return None
        value = self._value(chosen)
        bound = max([value, *(int(np.floor(above + SAFE)) for _, _, above in nodes)])
        return Point(chosen, value, bound, count - 1)

    def _value(self, chosen: np.ndarray) -> int:
        return int(self.weights[chosen].sum())

    def _keeps_rows(self, chosen: np.ndarray) -> bool:
        """All rows, the floor among them, in whole numbers but for the rows that hold an aim, which are scaled."""
        programme = self.programme
        sums = np.bincount(
            programme.rows, programme.values * np.repeat(chosen, np.diff(programme.starts)), len(self.upper)
        )
        return bool(((sums >= programme.lower - WHOLE) & (sums <= self.upper + WHOLE)).all())

    def _better(self, chosen: np.ndarray | None, relaxed: _Relaxed) -> np.ndarray | None:
        """The relaxation's own point where it is whole and better than what there is."""
        if np.abs(relaxed.point - np.rint(relaxed.point)).max(initial=0) > WHOLE:
            return chosen
        whole = np.zeros(self.programme.columns, dtype=bool)
        whole[self.columns[relaxed.point > 0.5]] = True
        if not self._keeps_rows(whole):
            raise SolverError("A plan on the frontier breaks a rule; no answer is given. Please report this.")
        return whole if chosen is None or self._value(whole) > self._value(chosen) else chosen

    def _shut(self, root: _Relaxed, chosen: np.ndarray | None) -> None:
        """Leave out columns that lose more than a better plan than the one there is could."""
        if chosen is not None:
            self.open = root.losses <= root.bound - self._value(chosen) + SAFE
            self.open |= chosen

    def _branches(self, ones: np.ndarray, zeros: np.ndarray, relaxed: _Relaxed) -> list[Node]:
        """Nodes that every plan of this one is in: none where its point is whole.

        First about those who take more than a place, whom no network knows; then about a child who is partly in homes
        that add to the floor and partly in others; last about any one column.
        """
        between = np.flatnonzero(np.abs(relaxed.point - np.rint(relaxed.point)) > WHOLE)
        if len(between) == 0:
            return []
        columns, share = self.columns[between], relaxed.point[between]
        large = self.takes[columns] > 1
        if not large.any():
            for child in np.unique(self.child[columns]):
                mine = self.side[columns[self.child[columns] == child]]
                if child >= 0 and mine.min() < mine.max():
                    return self._about(child, (mine.min() + mine.max()) / 2, ones, zeros, relaxed.bound)
        column = columns[np.argmin(np.abs(share - 0.5) + ~large)]
        return [(ones, np.append(zeros, column), relaxed.bound), (np.append(ones, column), zeros, relaxed.bound)]

    def _about(self, child: int, middle: float, ones: np.ndarray, zeros: np.ndarray, above: float) -> list[Node]:
        """The child in homes that add less to the floor, and in those that add more, which comes first."""
        mine = np.flatnonzero((self.child == child) & self.open)
        less = self.side[mine] <= middle
        return [(ones, np.union1d(zeros, mine[shut]), above) for shut in (~less, less)]

    def _relaxed(self, ones: np.ndarray, zeros: np.ndarray) -> _Relaxed | None:
        """The optimum of a node over all columns that are open; ``None`` when it has no point."""
        self._fix(ones, zeros)
        while True:
            if not run(self.solver, "the frontier", self.deadline + GRACE):
                missing = self._out(zeros)
                if len(missing) == 0:
                    return None
            else:
                self.solver.setOptionValue("simplex_strategy", DUAL)
                duals = np.clip(np.asarray(self.solver.getSolution().row_dual), *self._signs())
                losses = priced(self.programme, duals) - self.weights / self.scale
                out = self._out(zeros)
                missing = out[losses[out] < -PRICED_OUT]
                missing = missing[np.argsort(losses[missing], kind="stable")[: len(duals)]]
                if len(missing) == 0:
                    point = np.asarray(self.solver.getSolution().col_value)
                    bound = self._bound(duals, losses, ones, zeros)
                    return _Relaxed(bound * self.scale, point, losses * self.scale)
            self._let_in(missing)

    def _signs(self) -> tuple[np.ndarray, np.ndarray]:
        """Least and most that each row's dual value can be: none is below 0 without a lower limit, nor above 0 without
        an upper one."""
        below, above = np.isfinite(self.programme.lower), np.isfinite(self.upper)
        return np.where(below, -np.inf, 0.0), np.where(above, np.inf, 0.0)

    def _bound(self, duals: np.ndarray, losses: np.ndarray, ones: np.ndarray, zeros: np.ndarray) -> float:
        """What the rows are worth at the dual values, and what columns are worth beyond them: more than any plan."""
        limits = np.where(duals >= 0, self.upper, self.programme.lower)
        gains = np.where(self.open, np.maximum(-losses, 0), 0.0)
        gains[ones] = -losses[ones]
        gains[zeros] = 0.0
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
        count, costs = len(columns), self.weights[columns] / self.scale
        self.solver.addCols(
            count, costs, np.zeros(count), np.ones(count), len(rows), starts[:-1].astype(np.int32), rows, values
        )
        self.columns = np.append(self.columns, columns)
        self.solver.setOptionValue("simplex_strategy", PRIMAL)
