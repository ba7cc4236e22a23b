"""What one demand path can reach, as a function of the homes that are open: values, and planes that lie above it.

With *b* = what is open, the relaxation's best value of an aim, those before it held at *v*, is a concave function of
(*b*, *v*). The dual values of its optimum at one point give a plane that lies above the function everywhere and touches
it there: a cut, in the sense of Benders (1962). A plane is computed anew from the dual values with every reduced cost
counted, so it lies above the function whatever the solver's tolerance was.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sufficiency.errors import SolverError
from sufficiency.siting.problem import COST, DemandPath, OutOfTime, match_aim

PENCE_IN_A_POUND: Final = 100
"""Costs are in £ a week in the relaxations, so that all coefficients are of like size."""

LET_FALL: Final = 1e-6
"""What a held aim may fall by where the solver sees no point that holds it exactly."""


@dataclass(frozen=True, eq=False)
class Cut:
    """value ≤ ``constant`` + ``by_open`` · opened + ``by_held`` · values of the aims before."""

    constant: float
    by_open: np.ndarray
    by_held: np.ndarray


@dataclass(frozen=True, eq=False)
class Columns:
    """A path's relaxation in compressed columns: pairs, then whole groups; a candidate's copies are one home.

    Rows: children, homes, step-down children who live alone. ``opens`` (per column): its candidate, −1 for a home that
    is there. ``candidate_row`` and ``places`` (per candidate): its row (−1 without one) and the places of one home.
    ``weights``: aim → what each column adds, always to be maximised. ``lumps``: columns that take more than one place,
    which fit into the places of several like homes only when one of them has room for it all.
    """

    starts: np.ndarray
    rows: np.ndarray
    values: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    opens: np.ndarray
    candidate_row: np.ndarray
    places: np.ndarray
    weights: tuple[np.ndarray, ...]
    lumps: np.ndarray

    @property
    def count(self) -> int:
        """Number of columns."""
        return len(self.opens)

    def row_limits(self, opened: np.ndarray) -> np.ndarray:
        """Upper limits of the rows when ``opened`` homes (whole or not) of each candidate are open."""
        upper = self.upper.copy()
        there = self.candidate_row >= 0
        upper[self.candidate_row[there]] = (self.places * opened)[there]
        return upper

    def column_limits(self, opened: np.ndarray) -> np.ndarray:
        """No column is more than the open homes of its candidate; where one is open, its child's row says enough."""
        open_here = np.append(opened, np.inf)[self.opens]
        return np.where(open_here < 1, open_here, np.inf)


def columns_of(path: DemandPath, aims: tuple[str, ...], candidates: int) -> Columns:
    """The relaxation of a path."""
    instance = path.instance
    pairs = np.flatnonzero(path.copy[instance.pair_home] == 0)
    groups = np.flatnonzero(path.copy[instance.column_home] == 0)
    row, column, value = (np.concatenate(part) for part in zip(*_entries(path, pairs, groups), strict=True))
    used = np.flatnonzero(value)
    row, column, value = row[used], column[used], value[used]
    order = np.lexsort((row, column))
    home = np.concatenate([instance.pair_home[pairs], instance.column_home[groups]])
    alone = _alone_at_home(path)
    first = np.flatnonzero((path.candidate >= 0) & (path.copy == 0))
    candidate_row, places = np.full(candidates, -1), np.zeros(candidates)
    candidate_row[path.candidate[first]] = len(instance.children) + first
    places[path.candidate[first]] = instance.offered[first]
    room = instance.offered + instance.leavers
    step_down = instance.present >= 0
    nothing = np.full(len(room) + len(alone), -np.inf)
    return Columns(
        starts=np.searchsorted(column[order], np.arange(len(home) + 1)).astype(np.int32),
        rows=row[order].astype(np.int32),
        values=value[order].astype(float),
        lower=np.concatenate([np.where(step_down, 1.0, -np.inf), nothing]),
        upper=np.concatenate([np.ones(len(step_down)), room, room[instance.present[alone]]]).astype(float),
        opens=path.candidate[home],
        candidate_row=candidate_row,
        places=places,
        weights=tuple(_weights(path, aim, pairs, groups) for aim in aims),
        lumps=np.concatenate([instance.pair_takes[pairs] > 1, np.ones(len(groups), dtype=bool)]),
    )


def _weights(path: DemandPath, aim: str, pairs: np.ndarray, groups: np.ndarray) -> np.ndarray:
    of_pairs, of_groups = path.instance.weights(match_aim(aim))
    weights = np.concatenate([of_pairs[pairs], of_groups[groups]]).astype(float)
    return weights / PENCE_IN_A_POUND if aim == COST else weights


Entries = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Row, column and value of matrix entries."""


def _entries(path: DemandPath, pairs: np.ndarray, groups: np.ndarray) -> list[Entries]:
    """One home a child; places, of which those who stay keep their own; nobody beside a child who is to be alone."""
    instance = path.instance
    children, homes = len(instance.children), len(instance.homes)
    who = [instance.members[group] for group in instance.column_group[groups].tolist()]
    sizes = np.array([len(each) for each in who], dtype=int)
    group_columns = len(pairs) + np.arange(len(groups))
    child = np.concatenate([instance.pair_child[pairs], *who]).astype(int)
    of_child = np.concatenate([np.arange(len(pairs)), np.repeat(group_columns, sizes)])
    home = np.concatenate([instance.pair_home[pairs], instance.column_home[groups]])
    comes = np.concatenate([instance.pair_takes[pairs], instance.column_takes[groups]])
    stays = np.concatenate([instance.pair_stays[pairs], instance.column_stayers[groups]])
    every = np.arange(len(home))
    found = [(child, of_child, np.ones(len(child))), (children + home, every, comes + stays)]
    for number, lone in enumerate(_alone_at_home(path).tolist()):
        at = instance.present[lone]
        value = np.where(home == at, comes, 0)
        mine = np.flatnonzero((instance.pair_child[pairs] == lone) & instance.pair_stays[pairs])
        value[mine] = instance.offered[at] + instance.leavers[at]
        found.append((np.full(len(home), children + homes + number), every, value))
    return found


def _alone_at_home(path: DemandPath) -> np.ndarray:
    """Step-down children who must live alone, beside whom nobody may come while they stay."""
    return np.flatnonzero(path.instance.solo & (path.instance.present >= 0))


class PathValue:
    """The relaxations of one path, one HiGHS model an aim, kept warm between calls: all that changes here."""

    def __init__(self, path: DemandPath, aims: tuple[str, ...], candidates: int) -> None:
        self.columns = columns_of(path, aims, candidates)
        self.solvers: list[Any] = []

    def reach(self, opened: np.ndarray, levels: int, deadline: float) -> list[tuple[float, Cut, np.ndarray]]:
        """The first ``levels`` aims in order, each held for those after it: value, cut and point of each."""
        found: list[tuple[float, Cut, np.ndarray]] = []
        for level in range(levels):
            held = np.array([value for value, _, _ in found])
            found.append(self._level(level, opened, held, deadline))
        return found

    def _level(
        self, level: int, opened: np.ndarray, held: np.ndarray, deadline: float
    ) -> tuple[float, Cut, np.ndarray]:
        columns = self.columns
        if columns.count == 0:
            return 0.0, Cut(0.0, np.zeros(len(columns.places)), np.zeros(level)), np.zeros(0)
        if level == len(self.solvers):
            self.solvers.append(_solver(columns, level))
        solver, rows = self.solvers[level], len(columns.lower)
        limits = columns.column_limits(opened)
        solver.changeColsBounds(columns.count, np.arange(columns.count, dtype=np.int32), np.zeros_like(limits), limits)
        upper = columns.row_limits(opened)
        there = columns.candidate_row[columns.candidate_row >= 0].astype(np.int32)
        solver.changeRowsBounds(len(there), there, columns.lower[there], upper[there])
        for let_fall in (0.0, LET_FALL):
            for number, floor in enumerate(held):
                solver.changeRowBounds(rows + number, float(floor) - let_fall * max(1.0, abs(floor)), np.inf)
            if _solved(solver, deadline):
                break
        else:
            raise SolverError("Siting found no point that keeps what an earlier aim had reached; no answer is given.")
        solution = solver.getSolution()
        cut = _cut(columns, level, np.asarray(solution.row_dual))
        return float(solver.getInfo().objective_function_value), cut, np.asarray(solution.col_value)


def _cut(columns: Columns, level: int, duals: np.ndarray) -> Cut:
    """The plane of dual values, made valid: signs as they must be, every positive reduced cost counted."""
    rows = len(columns.lower)
    prices, held = duals[:rows], np.minimum(duals[rows : rows + level], 0.0)
    prices = np.where(np.isneginf(columns.lower), np.maximum(prices, 0.0), prices)
    paid = np.add.reduceat(columns.values * prices[columns.rows], columns.starts[:-1])
    left = columns.weights[level] - paid
    for number, price in enumerate(held):
        left = left - price * columns.weights[number]
    gains = np.maximum(left, 0.0)
    candidates = len(columns.places)
    there = columns.candidate_row >= 0
    by_open = np.zeros(candidates)
    np.add.at(by_open, columns.opens[columns.opens >= 0], gains[columns.opens >= 0])
    by_open[there] += prices[columns.candidate_row[there]] * columns.places[there]
    always = np.ones(rows, dtype=bool)
    always[columns.candidate_row[there]] = False
    constant = float(prices[always] @ columns.upper[always]) + float(gains[columns.opens < 0].sum())
    return Cut(constant, by_open, held)


def _solver(columns: Columns, level: int) -> Any:
    """HiGHS with the relaxation of one aim and a row for each aim before it: one thread, fixed seed, silent."""
    import highspy

    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = columns.count, len(columns.lower)
    lp.col_cost_ = columns.weights[level]
    lp.col_lower_, lp.col_upper_ = np.zeros(columns.count), np.full(columns.count, np.inf)
    lp.row_lower_, lp.row_upper_ = columns.lower, columns.upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = columns.starts, columns.rows, columns.values
    lp.sense_ = highspy.ObjSense.kMaximize
    solver = highspy.Highs()
    for setting, value in {"output_flag": False, "threads": 1, "random_seed": 0}.items():
        solver.setOptionValue(setting, value)
    solver.passModel(lp)
    for before in range(level):
        used = np.flatnonzero(columns.weights[before]).astype(np.int32)
        solver.addRow(-np.inf, np.inf, len(used), used, columns.weights[before][used])
    return solver


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
