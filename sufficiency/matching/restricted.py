"""Relaxations solved over few columns and proved over all of them: column generation. Knows no social care.

Changing one row and solving again touches a handful of variables. The solver therefore holds only the columns near
the optimum; after each solve every other column is priced with the dual values, and let in when it could improve.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from sufficiency.errors import SolverError
from sufficiency.matching.solve import WARM, Programme, held_scale, new_solver, run, set_aim, some_columns

COLUMNS_PER_ROW: Final = 1.5
"""Columns to begin with, per row of the programme. Any number gives the same optimum; this one was fastest."""

LET_IN_AT_ONCE: Final = 50
"""Columns let in after one pricing, the best first."""

PRICED_OUT: Final = 1e-8
"""A column whose price is below this share of the largest coefficient cannot matter."""

SLACK: Final = 1e-6
"""What a held row is let fall by, ten times the solver's tolerance for rows."""


@dataclass(frozen=True, eq=False)
class Change:
    """Rows with other upper limits, columns ``opened`` that are shut otherwise, new ``coefficients`` by row, column."""

    uppers: Mapping[int, float]
    opened: np.ndarray
    coefficients: Mapping[tuple[int, int], float]


@dataclass(frozen=True, eq=False)
class Relaxed:
    """One aim's relaxation at its optimum over all columns: ``value``, ``duals`` of the rows, ``prices`` of columns."""

    aim: str
    value: float
    point: np.ndarray
    duals: np.ndarray
    prices: np.ndarray


def with_aim_rows(programme: Programme) -> Programme:
    """The programme with one unlimited row for each aim after its own rows, in which the aim can be held."""
    rows, count = len(programme.lower), len(programme.aims)
    weights = np.stack([each / held_scale(each) for each in programme.aims.values()], axis=1)
    column, aim = np.nonzero(weights)
    at = np.searchsorted(column, np.arange(programme.columns + 1))
    ends = programme.starts[1:][column]
    return replace(
        programme,
        starts=(programme.starts + at).astype(np.int32),
        rows=np.insert(programme.rows, ends, rows + aim).astype(np.int32),
        values=np.insert(programme.values, ends, weights[column, aim]),
        lower=np.concatenate([programme.lower, np.full(count, -np.inf)]),
        upper=np.concatenate([programme.upper, np.full(count, np.inf)]),
    )


def floor_of(weights: np.ndarray, value: float) -> float:
    """Where an aim is held once it has reached a value: less by what the solver's tolerance needs."""
    return value - SLACK * held_scale(weights)


def relax_in_order(programme: Programme, shut: np.ndarray, deadline: float) -> list[Relaxed]:
    """The relaxation of each aim with those before it held; ``programme`` has its aim rows."""
    solver = new_solver(programme, np.arange(programme.columns), programme.lower, programme.upper)
    for setting, choice in WARM.items():
        solver.setOptionValue(setting, choice)
    _shut(solver, np.flatnonzero(shut))
    answers = []
    for name, weights in programme.aims.items():
        set_aim(solver, weights)
        _optimum(solver, name, deadline)
        solution, value = solver.getSolution(), float(solver.getInfo().objective_function_value)
        arrays = (np.array(each) for each in (solution.col_value, solution.row_dual, solution.col_dual))
        answers.append(Relaxed(name, value, *arrays))
        _hold(solver, programme, name, floor_of(weights, value))
    return answers


class Restricted:
    """One aim, those before it held, over the columns near its optimum; to be solved again after small changes.

    The object keeps HiGHS warm between calls and is the only thing here that changes.
    """

    def __init__(
        self, programme: Programme, relaxed: Relaxed, floors: Mapping[str, float], shut: np.ndarray, deadline: float
    ) -> None:
        self.programme, self.aim, self.floors, self.shut = programme, relaxed.aim, floors, shut
        losses = np.where(relaxed.point > 0, -1.0, np.abs(relaxed.prices))
        losses[shut] = np.inf
        size = int(COLUMNS_PER_ROW * len(programme.lower))
        near = np.argsort(losses, kind="stable")[:size]
        self.columns = np.sort(near[np.isfinite(losses[near])])
        if len(self.columns) == 0:  # nobody could come anywhere yet; HiGHS takes no model without a column
            self.columns = near[:1]
        self.solver = new_solver(programme, self.columns, programme.lower, programme.upper)
        for setting, choice in {**WARM, "primal_simplex_bound_perturbation_multiplier": 0.0}.items():
            self.solver.setOptionValue(setting, choice)
        _shut(self.solver, np.flatnonzero(shut[self.columns]))
        for name, floor in floors.items():
            _hold(self.solver, programme, name, floor)
        set_aim(self.solver, programme.aims[self.aim][self.columns])
        _optimum(self.solver, self.aim, deadline)

    def value_after(
        self, change: Change, floors: Mapping[str, float], support: np.ndarray, deadline: float
    ) -> tuple[float, np.ndarray]:
        """The optimum after a change, with other floors for the aims before; then all is put back.

        ``support``: columns of a point that keeps the floors, so that there is one to start from; the answer's second
        part are those of the optimum, which serve the next aim.
        """
        solver = self.solver
        self._limit(change.uppers)
        self._set(change, change.coefficients)
        self._let_in(np.setdiff1d(support, self.columns), change)
        for name, floor in floors.items():
            _hold(solver, self.programme, name, floor)
        _optimum(solver, self.aim, deadline)
        while len(missing := self._improving(change)):
            self._let_in(missing, change)
            _optimum(solver, self.aim, deadline)
        value = float(solver.getInfo().objective_function_value)
        used = self.columns[np.asarray(solver.getSolution().col_value) > 0]
        self._limit({row: float(self.programme.upper[row]) for row in change.uppers})
        self._set(change, {(row, column): self._usual(row, column) for row, column in change.coefficients})
        _shut(solver, np.flatnonzero(self.shut[self.columns]))
        for name, floor in self.floors.items():
            _hold(solver, self.programme, name, floor)
        return value, used

    def _limit(self, uppers: Mapping[int, float]) -> None:
        """Upper limits of some rows."""
        for row, upper in uppers.items():
            self.solver.changeRowBounds(row, float(self.programme.lower[row]), upper)

    def _set(self, change: Change, coefficients: Mapping[tuple[int, int], float]) -> None:
        """Coefficients of the columns that are in, and the opened ones among them free."""
        for (row, column), value in coefficients.items():
            position = np.flatnonzero(self.columns == column)
            if len(position):
                self.solver.changeCoeff(row, int(position[0]), value)
        inside = np.flatnonzero(np.isin(self.columns, change.opened)).astype(np.int32)
        self.solver.changeColsBounds(len(inside), inside, np.zeros(len(inside)), np.ones(len(inside)))

    def _usual(self, row: int, column: int) -> float:
        entries = slice(self.programme.starts[column], self.programme.starts[column + 1])
        return float(self.programme.values[entries][self.programme.rows[entries] == row].sum())

    def _improving(self, change: Change) -> np.ndarray:
        """Columns that are not in and whose price under the present duals could improve the aim."""
        programme, weights = self.programme, self.programme.aims[self.aim]
        duals = np.asarray(self.solver.getSolution().row_dual)
        cost = np.add.reduceat(programme.values * duals[programme.rows], programme.starts[:-1])
        prices = weights - cost
        for (row, column), value in change.coefficients.items():
            prices[column] -= duals[row] * (value - self._usual(row, column))
        out = ~self.shut
        out[change.opened] = True
        out[self.columns] = False
        promising = np.flatnonzero(out & (prices > max(1e-7, PRICED_OUT * float(np.abs(weights).max()))))
        return promising[np.argsort(-prices[promising], kind="stable")[:LET_IN_AT_ONCE]]

    def _let_in(self, columns: np.ndarray, change: Change) -> None:
        """Add columns to the solver, at zero."""
        if len(columns) == 0:
            return
        starts, rows, values = some_columns(self.programme, columns)
        count = len(columns)
        costs = self.programme.aims[self.aim][columns].astype(float)
        self.solver.addCols(
            count, costs, np.zeros(count), np.ones(count), len(rows), starts[:-1].astype(np.int32), rows, values
        )
        self.columns = np.append(self.columns, columns)
        self._set(change, change.coefficients)


def _hold(solver: Any, programme: Programme, aim: str, floor: float) -> None:
    """Keep an aim from falling below ``floor``, in the row that it has in the programme."""
    names = list(programme.aims)
    row = len(programme.lower) - len(names) + names.index(aim)
    solver.changeRowBounds(row, floor / held_scale(programme.aims[aim]), np.inf)


def _shut(solver: Any, columns: np.ndarray) -> None:
    """Hold columns at zero."""
    nothing = np.zeros(len(columns))
    solver.changeColsBounds(len(columns), columns.astype(np.int32), nothing, nothing)


def _optimum(solver: Any, aim: str, deadline: float) -> None:
    if not run(solver, aim, deadline):
        raise SolverError(f"The worth of a place could not be worked out: no point left on {aim}.")
