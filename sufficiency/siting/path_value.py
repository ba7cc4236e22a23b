"""What one demand path can reach, as a function of the homes that are open: values, and planes that lie above it.

With *b* = what is open, the relaxation's best value of an aim, those before it held at *v*, is a concave function of
(*b*, *v*). The dual values of its optimum at one point give a plane that lies above the function everywhere and touches
it there: a cut, in the sense of Benders (1962). A plane is computed anew from the dual values with every reduced cost
counted, so it lies above the function whatever the solver's tolerance was and whichever columns the solver knows.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sufficiency.errors import SolverError
from sufficiency.matching.narrow import priced
from sufficiency.matching.solve import some_columns
from sufficiency.siting.problem import NoMatch, OutOfTime
from sufficiency.siting.relaxation import Relaxation

LET_FALL: Final = 1e-6
"""What a held aim may fall by where the solver sees no point that holds it exactly."""

GAINS: Final = 1e-7
"""Reduced cost above which a column is let in: the solver's own tolerance [children or £]."""

DUAL_SIMPLEX, PRIMAL_SIMPLEX = 1, 4
"""Ways of HiGHS: the first starts well where limits have changed, the second where columns came in."""


@dataclass(frozen=True, eq=False)
class Cut:
    """value ≤ ``constant`` + ``by_open`` · opened + ``by_held`` · values of the aims before."""

    constant: float
    by_open: np.ndarray
    by_held: np.ndarray


Reached = tuple[float, Cut, np.ndarray]
"""Value, cut and point of an aim."""


class PathValue:
    """The relaxations of one path, one HiGHS model an aim, kept warm between calls: all that changes here.

    Each model has some of the columns; others come in while they could improve it, and stay (column generation).
    """

    def __init__(self, relaxation: Relaxation, first: np.ndarray) -> None:
        self.relaxation, self.known = relaxation, first.copy()
        self.models: list[_Model] = []

    def reach(self, opened: np.ndarray, levels: int, deadline: float) -> list[Reached]:
        """The first ``levels`` aims in order, each held for those after it: value, cut and point of each."""
        found: list[Reached] = []
        if self.relaxation.programme.columns == 0:
            nothing = np.zeros(len(opened))
            return [(0.0, Cut(0.0, nothing, np.zeros(level)), np.zeros(0)) for level in range(levels)]
        for level in range(levels):
            if level == len(self.models):
                self.models.append(_Model(self.relaxation, level))
            held = np.array([value for value, _, _ in found])
            found.append(self.models[level].best(opened, held, self.known, deadline))
        return found


class _Model:
    """The relaxation of one aim, with a row for each aim before it: one thread, fixed seed, silent."""

    def __init__(self, relaxation: Relaxation, level: int) -> None:
        import highspy

        self.relaxation, self.level = relaxation, level
        self.programme = relaxation.programme
        self.columns = np.zeros(0, dtype=int)
        self.solver = highspy.Highs()
        for setting, value in {"output_flag": False, "threads": 1, "random_seed": 0, "presolve": "off"}.items():
            self.solver.setOptionValue(setting, value)
        self.solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
        lower = np.concatenate([self.programme.lower, np.full(level, -np.inf)])
        for limit in lower:
            self.solver.addRow(float(limit), np.inf, 0, np.zeros(0, dtype=np.int32), np.zeros(0))
        self.adjustable = np.unique(relaxation.adds[0]).astype(np.int32)
        every = np.arange(relaxation.rows, dtype=np.int32)
        self.solver.changeRowsBounds(len(every), every, self.programme.lower, self.programme.upper)

    def best(self, opened: np.ndarray, held: np.ndarray, known: np.ndarray, deadline: float) -> Reached:
        """The optimum over all columns; ``known`` (bool) are those in the models, and more may become known here."""
        self._set(opened, held, known)
        limits = self.relaxation.column_limits(opened)
        while True:
            self._solve(held, known, limits, deadline)
            duals = np.asarray(self.solver.getSolution().row_dual)
            cut, left = plane_of(self.relaxation, self.level, duals, opened)
            missing = (left > GAINS) & (limits > 0)
            missing[self.columns] = False
            if not missing.any():
                break
            self._let_in(np.flatnonzero(missing), known, limits)
        point = np.zeros(self.programme.columns)
        point[self.columns] = np.asarray(self.solver.getSolution().col_value)
        return float(self.solver.getInfo().objective_function_value), cut, point

    def _set(self, opened: np.ndarray, held: np.ndarray, known: np.ndarray) -> None:
        """Limits of rows and columns for what is open, and every column that is known."""
        limits = self.relaxation.column_limits(opened)
        mine = np.flatnonzero(self.relaxation.opens[self.columns] >= 0).astype(np.int32)
        upper = limits[self.columns[mine]]
        self.solver.changeColsBounds(len(mine), mine, np.zeros(len(mine)), upper)
        rows = self.adjustable
        self.solver.changeRowsBounds(
            len(rows), rows, self.programme.lower[rows], self.relaxation.row_limits(opened)[rows]
        )
        there = np.zeros(len(known), dtype=bool)
        there[self.columns] = True
        self._let_in(np.flatnonzero(known & ~there), known, limits)
        self.solver.setOptionValue("simplex_strategy", DUAL_SIMPLEX)

    def _let_in(self, columns: np.ndarray, known: np.ndarray, limits: np.ndarray) -> None:
        if len(columns) == 0:
            return
        starts, rows, values = some_columns(self.programme, columns)
        weights, count = self.relaxation.weights, len(columns)
        for before in range(self.level):
            used = np.flatnonzero(weights[before][columns])
            at = starts[1:][used]
            rows = np.insert(rows, at, self.relaxation.rows + before).astype(np.int32)
            values = np.insert(values, at, weights[before][columns[used]])
            starts = (starts + np.searchsorted(used, np.arange(count + 1))).astype(np.int32)
        self.solver.addCols(
            count,
            weights[self.level][columns],
            np.zeros(count),
            limits[columns],
            len(rows),
            starts[:-1].astype(np.int32),
            rows,
            values,
        )
        self.columns = np.append(self.columns, columns)
        known[columns] = True
        self.solver.setOptionValue("simplex_strategy", PRIMAL_SIMPLEX)

    def _solve(self, held: np.ndarray, known: np.ndarray, limits: np.ndarray, deadline: float) -> None:
        """Run with the aims before held; with all columns, or let fall by a hair, where there is no point else."""
        for let_fall in (0.0, LET_FALL):
            for number, floor in enumerate(held):
                row = self.relaxation.rows + number
                self.solver.changeRowBounds(row, float(floor) - let_fall * max(1.0, abs(floor)), np.inf)
            if _solved(self.solver, deadline):
                return
        missing = np.ones(self.programme.columns, dtype=bool)
        missing[self.columns] = False
        if not missing.any() and not len(held):
            raise NoMatch("A demand path has no match that keeps every rule and every pin; no answer is given.")
        if not missing.any():
            raise SolverError("Siting found no point that keeps what an earlier aim had reached; no answer is given.")
        self._let_in(np.flatnonzero(missing), known, limits)
        self._solve(held, known, limits, deadline)


def plane_of(relaxation: Relaxation, level: int, duals: np.ndarray, opened: np.ndarray) -> tuple[Cut, np.ndarray]:
    """The plane of dual values, made valid (signs as they must be, every positive reduced cost counted), and the
    reduced cost of every column.

    Where less than one home of a candidate is open its places have no price of their own yet: they are given the one
    that makes the plane lowest, which is that of its last place once the children who gain most by it live there.
    """
    programme, rows = relaxation.programme, relaxation.rows
    prices, held = duals[:rows].copy(), np.minimum(duals[rows : rows + level], 0.0)
    prices = np.where(np.isneginf(programme.lower), np.maximum(prices, 0.0), prices)
    left = relaxation.weights[level] - priced(programme, prices)
    for number, price in enumerate(held):
        left = left - price * relaxation.weights[number]
    for candidate in np.flatnonzero((opened < 1) & (relaxation.place_row >= 0)).tolist():
        columns, row = relaxation.of_candidate[candidate], int(relaxation.place_row[candidate])
        takes = relaxation.takes[columns]
        gains = left[columns] + prices[row] * takes
        prices[row] = _price_of_last_place(gains, takes, relaxation.places[candidate])
        left[columns] = gains - prices[row] * takes
    gained = np.maximum(left, 0.0)
    by_open = np.bincount(relaxation.opens + 1, gained, minlength=len(opened) + 1)
    constant = float(prices @ programme.upper) + float(by_open[0])
    rows_of, candidates, added = relaxation.adds
    by_limits = np.bincount(candidates, prices[rows_of] * added, minlength=len(opened))
    return Cut(constant, by_open[1:] + by_limits, held), left


def _price_of_last_place(gains: np.ndarray, takes: np.ndarray, places: float) -> float:
    """The price of a place at which those who still gain take no more than the places there are."""
    useful = np.flatnonzero(gains > 0)
    each = gains[useful] / takes[useful]
    order = np.argsort(-each, kind="stable")
    last = int(np.searchsorted(takes[useful][order].cumsum(), places))
    return float(each[order[last]]) if last < len(order) else 0.0


def _solved(solver: Any, deadline: float) -> bool:
    """Run within the time left; False when there is no point. Raises SolverError for any other end."""
    import highspy

    solver.setOptionValue("time_limit", solver.getRunTime() + max(deadline - time.monotonic(), 0.0))
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kTimeLimit:
        raise OutOfTime
    if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible):
        raise SolverError(f"Siting stopped without an optimum ({solver.modelStatusToString(status)}).")
    return status == highspy.HighsModelStatus.kOptimal
