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
from sufficiency.matching.solve import WARM, WHOLE, Programme, held_scale, new_solver, run, set_aim, some_columns

LET_IN_AT_ONCE: Final = 200
"""Columns let in after one pricing, the best first."""

PRICED_OUT: Final = 1e-8
"""A column whose price is below this share of the largest coefficient cannot matter."""

MOST_SET: Final = 30
"""Columns set one after the other at most on the way to a whole point; a few are usual."""

SLACK: Final = 1e-6
"""What a held row is let fall by, ten times the solver's tolerance for rows."""


NOTHING: Final = np.zeros(0, dtype=int)


@dataclass(frozen=True, eq=False)
class Change:
    """Rows with other upper limits, columns ``opened`` that are shut otherwise, new ``coefficients`` by row, column."""

    uppers: Mapping[int, float]
    opened: np.ndarray
    coefficients: Mapping[tuple[int, int], float]


NO_CHANGE: Final = Change({}, NOTHING, {})


@dataclass(frozen=True, eq=False)
class Relaxed:
    """One aim's relaxation at its optimum over all columns: ``point`` (per column) and ``duals`` of the rows."""

    point: np.ndarray
    duals: np.ndarray


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


class Restricted:
    """A programme with its aim rows, over the columns near its optima; to be solved again after small changes.

    ``start`` (bool): columns to begin with; those ``shut`` (bool) are only there when a change opens them. The object
    keeps HiGHS warm between calls and is the only thing here that changes.
    """

    def __init__(self, programme: Programme, start: np.ndarray, shut: np.ndarray, deadline: float) -> None:
        self.programme, self.shut, self.deadline, self.aim = programme, shut, deadline, ""
        self.columns = np.flatnonzero(start & ~shut)
        if len(self.columns) == 0:  # nobody could come anywhere yet; HiGHS takes no model without a column
            self.columns = np.arange(min(programme.columns, 1))
        self.solver = new_solver(programme, self.columns, programme.lower, programme.upper)
        for setting, choice in {**WARM, "primal_simplex_bound_perturbation_multiplier": 0.0}.items():
            self.solver.setOptionValue(setting, choice)
        _shut(self.solver, np.flatnonzero(shut[self.columns]))

    def solve(self, aim: str, values: Mapping[str, int], change: Change, plan: np.ndarray) -> Relaxed:
        """The relaxation's optimum after a change, other aims held at ``values``; then the change is undone.

        ``plan`` (bool per column): one that keeps to them, so that there is a point to start from.
        """
        self._make(change, values, plan)
        if aim != self.aim:
            self.aim = aim
            set_aim(self.solver, self.programme.aims[aim][self.columns])
        if not run(self.solver, self.aim, self.deadline):
            raise SolverError(f"The worth of a place could not be worked out: no point left on {self.aim}.")
        while len(missing := self._improving(change)):
            self._let_in(missing, change)
            run(self.solver, self.aim, self.deadline)
        relaxed = Relaxed(self._point(), np.array(self.solver.getSolution().row_dual))
        self._undo(change)
        return relaxed

    def nearest(
        self, values: Mapping[str, int], change: Change, plan: np.ndarray, more: np.ndarray, whole: np.ndarray | None
    ) -> np.ndarray | None:
        """A point that has as much of a plan as it can while it reaches the ``values`` after a change.

        Over the columns that are in and ``more`` (bool), so it may not be the nearest of all. Columns that are to be
        ``whole`` (bool) are set to 1 one after the other, the last to 0 where that leads nowhere; ``None`` where
        neither leads anywhere.
        """
        self._make(change, values, plan | more)
        set_aim(self.solver, plan[self.columns].astype(float))
        self.aim = ""
        point = self._dived(np.flatnonzero(whole[self.columns]) if whole is not None else NOTHING)
        self._undo(change)
        return point

    def _dived(self, whole: np.ndarray) -> np.ndarray | None:
        """The point once the columns at these positions are whole, set one after the other; then all are free."""
        set_: list[int] = []
        point = None
        for _ in range(MOST_SET):
            if not run(self.solver, self.aim, self.deadline):
                if not set_ or point is None:
                    break
                self.solver.changeColBounds(set_[-1], 0.0, 0.0)
                if not run(self.solver, self.aim, self.deadline):
                    point = None
                    break
            point = self._point()
            values = point[self.columns[whole]]
            between = np.flatnonzero(np.abs(values - np.rint(values)) > WHOLE)
            if len(between) == 0:
                break
            set_.append(int(whole[between[np.argmax(values[between])]]))
            self.solver.changeColBounds(set_[-1], 1.0, 1.0)
        for position in set_:
            self.solver.changeColBounds(position, 0.0, 1.0)
        return point

    def _make(self, change: Change, values: Mapping[str, int], plan: np.ndarray) -> None:
        """The change, the aims held, and the columns of a plan let in."""
        self._limit(change.uppers)
        self._set(change, change.coefficients)
        self._let_in(np.setdiff1d(np.flatnonzero(plan), self.columns), change)
        for name, weights in self.programme.aims.items():
            floor = values[name] - SLACK * held_scale(weights) if name in values else -np.inf
            _hold(self.solver, self.programme, name, floor)

    def _undo(self, change: Change) -> None:
        self._limit({row: float(self.programme.upper[row]) for row in change.uppers})
        self._set(change, {(row, column): self._usual(row, column) for row, column in change.coefficients})
        _shut(self.solver, np.flatnonzero(self.shut[self.columns]))

    def _point(self) -> np.ndarray:
        point = np.zeros(self.programme.columns)
        point[self.columns] = self.solver.getSolution().col_value
        return point

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
        return entry_of(self.programme, row, column)

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
        costs = self.programme.aims[self.aim][columns].astype(float) if self.aim else np.zeros(count)
        self.solver.addCols(
            count, costs, np.zeros(count), np.ones(count), len(rows), starts[:-1].astype(np.int32), rows, values
        )
        self.columns = np.append(self.columns, columns)
        self._set(change, change.coefficients)


def entry_of(programme: Programme, row: int, column: int) -> float:
    """The coefficient of a column in a row."""
    entries = slice(programme.starts[column], programme.starts[column + 1])
    return float(programme.values[entries][programme.rows[entries] == row].sum())


def _hold(solver: Any, programme: Programme, aim: str, floor: float) -> None:
    """Keep an aim from falling below ``floor``, in the row that it has in the programme."""
    names = list(programme.aims)
    row = len(programme.lower) - len(names) + names.index(aim)
    solver.changeRowBounds(row, floor / held_scale(programme.aims[aim]), np.inf)


def _shut(solver: Any, columns: np.ndarray) -> None:
    """Hold columns at zero."""
    nothing = np.zeros(len(columns))
    solver.changeColsBounds(len(columns), columns.astype(np.int32), nothing, nothing)
