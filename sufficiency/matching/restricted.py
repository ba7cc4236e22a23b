"""Relaxations solved over few columns and proved over all of them: column generation. Knows no social care.

Changing one row and solving again touches a handful of variables. The solver therefore holds only the columns near
the optimum; after each solve every other column is priced with the dual values, and let in when it could improve.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from sufficiency.matching.solve import WARM, Programme, held_scale, new_solver, run, set_aim, some_columns

LET_IN_AT_ONCE: Final = 200
"""Columns let in after one pricing, the best first."""

PRICED_OUT: Final = 1e-8
"""A column whose price is below this share of the largest coefficient cannot matter."""

SLACK: Final = 1e-6
"""What a held row is let fall by, ten times the solver's tolerance for rows."""


NOTHING: Final = np.zeros(0, dtype=int)


@dataclass(frozen=True, eq=False)
class Change:
    """Rows with other upper limits, columns ``opened`` that are shut otherwise, new ``coefficients`` by row, column;
    ``floors``: rows with other lower limits; columns set to 1 (``ones``) and to 0 (``zeros``), as in branch and bound.
    """

    uppers: Mapping[int, float]
    opened: np.ndarray
    coefficients: Mapping[tuple[int, int], float]
    ones: tuple[int, ...] = ()
    zeros: tuple[int, ...] = ()
    floors: Mapping[int, float] = field(default_factory=dict)


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

    ``start`` (bool): columns to begin with; those ``shut`` (bool) are only there when a change opens them; the last
    ``escapes`` columns only break rows, at a price. The object keeps HiGHS warm between calls and is the only thing
    here that changes.
    """

    def __init__(
        self, programme: Programme, start: np.ndarray, shut: np.ndarray, deadline: float, escapes: int = 0
    ) -> None:
        self.programme, self.shut, self.deadline, self.aim = programme, shut, deadline, ""
        own = {aim: weights[: len(weights) - escapes] for aim, weights in programme.aims.items()}
        self.scales = {aim: held_scale(weights) for aim, weights in own.items()}
        self.least = {aim: max(1e-7, PRICED_OUT * float(np.abs(each).max(initial=1))) for aim, each in own.items()}
        self.columns = np.flatnonzero(start & ~shut)
        if len(self.columns) == 0:  # nobody could come anywhere yet; HiGHS takes no model without a column
            self.columns = np.arange(min(programme.columns, 1))
        self.solver = new_solver(programme, self.columns, programme.lower, programme.upper)
        for setting, choice in {**WARM, "primal_simplex_bound_perturbation_multiplier": 0.0}.items():
            self.solver.setOptionValue(setting, choice)
        _bound(self.solver, np.flatnonzero(shut[self.columns]), 0.0, 0.0)

    def solve(self, aim: str, values: Mapping[str, int], change: Change, plan: np.ndarray) -> Relaxed | None:
        """The relaxation's optimum after a change, other aims held at ``values``; then the change is undone.

        ``plan`` (bool per column): columns to begin with beside those that are in. ``None``: there is no point.
        """
        self._make(change, values, plan)
        if aim != self.aim:
            self.aim = aim
            set_aim(self.solver, self.programme.aims[aim][self.columns])
        there = run(self.solver, self.aim, self.deadline)
        while there and len(missing := self._improving(change)):
            self._let_in(missing, change)
            there = run(self.solver, self.aim, self.deadline)
        relaxed = Relaxed(self._point(), np.array(self.solver.getSolution().row_dual)) if there else None
        self._undo(change)
        return relaxed

    def _make(self, change: Change, values: Mapping[str, int], plan: np.ndarray) -> None:
        """The change, the aims held, and the columns of a plan let in."""
        self._limit(change.uppers, change.floors)
        self._set(change, change.coefficients)
        self._let_in(np.setdiff1d([*np.flatnonzero(plan), *change.ones], self.columns).astype(int), change)
        for name in self.programme.aims:
            floor = values[name] / self.scales[name] - SLACK if name in values else -np.inf
            _hold(self.solver, self.programme, name, floor)

    def _undo(self, change: Change) -> None:
        self._limit({row: float(self.programme.upper[row]) for row in {*change.uppers, *change.floors}}, {})
        self._set(change, {(row, column): self._usual(row, column) for row, column in change.coefficients})
        _bound(self.solver, self._inside([*change.ones, *change.zeros]), 0.0, 1.0)
        _bound(self.solver, np.flatnonzero(self.shut[self.columns]), 0.0, 0.0)

    def _inside(self, columns: Sequence[int] | np.ndarray) -> np.ndarray:
        """Positions of those of some columns that are in."""
        return np.flatnonzero(np.isin(self.columns, columns))

    def _point(self) -> np.ndarray:
        point = np.zeros(self.programme.columns)
        point[self.columns] = self.solver.getSolution().col_value
        return point

    def _limit(self, uppers: Mapping[int, float], floors: Mapping[int, float]) -> None:
        """Limits of some rows, those not given as the programme has them."""
        for row in dict.fromkeys([*uppers, *floors]):
            lower, upper = (float(limits[row]) for limits in (self.programme.lower, self.programme.upper))
            self.solver.changeRowBounds(row, floors.get(row, lower), uppers.get(row, upper))

    def _set(self, change: Change, coefficients: Mapping[tuple[int, int], float]) -> None:
        """Coefficients of the columns that are in, the opened ones among them free, and those set that are set."""
        for (row, column), value in coefficients.items():
            position = np.flatnonzero(self.columns == column)
            if len(position):
                self.solver.changeCoeff(row, int(position[0]), value)
        _bound(self.solver, self._inside(change.opened), 0.0, 1.0)
        _bound(self.solver, self._inside(change.ones), 1.0, 1.0)
        _bound(self.solver, self._inside(change.zeros), 0.0, 0.0)

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
        out[list(change.zeros)] = False
        out[self.columns] = False
        promising = np.flatnonzero(out & (prices > self.least[self.aim]))
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
    """Keep the row of an aim in the programme, a scaled one, from falling below ``floor``."""
    names = list(programme.aims)
    solver.changeRowBounds(len(programme.lower) - len(names) + names.index(aim), floor, np.inf)


def _bound(solver: Any, positions: np.ndarray, lower: float, upper: float) -> None:
    """Hold columns between two values."""
    count = len(positions)
    if count:
        solver.changeColsBounds(count, positions.astype(np.int32), np.full(count, lower), np.full(count, upper))
