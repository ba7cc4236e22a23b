"""Exact answers to integer programmes with aims in order, by HiGHS. This module knows no social care.

Each aim in turn is brought to its maximum and then held there exactly. The way there is short, and every step of it is
a proof:

1. Linear relaxations of all aims are solved one after the other, each aim held at the whole part of its bound. A
   variable whose reduced cost is larger than what the bound leaves to lose cannot change, and is fixed.
2. Branch and bound then looks for a whole-number point that reaches the last aim's optimum with all the others at
   their bounds. When there is one, no aim could have been higher and the answer is complete. When there is none, the
   same is tried one aim earlier, and the way goes on from the aims that are settled.

All coefficients are whole numbers, so every answer is recomputed and checked in exact integer arithmetic.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sufficiency.errors import SolverError

if TYPE_CHECKING:
    from pyomo.core import ConcreteModel

WHOLE: Final = 1e-6
"""How far from 0 or 1 the solver may leave a variable that is then read as 0 or 1."""

SAFE: Final = 1e-3
"""What a solver's bound or reduced cost may be wrong by, far above its tolerances and below one whole unit."""

HELD_ROW_SIZE: Final = 1e4
"""Largest coefficient of a held row: a breach by one whole unit then stays far above the solver's tolerance."""

WARM: Final = {"presolve": "off", "simplex_strategy": 4}
"""For relaxations solved one after the other: the primal simplex method (4) starts well from the optimum before."""

SURE_TO_BRANCH: Final = {"presolve": "off", "mip_heuristic_run_feasibility_jump": False}
"""Without presolve: that of HiGHS 1.14 cuts off optima where some variables are whole and others are not
(github.com/ERGO-Code/HiGHS, issues 3073 and 3094). What is left is small, so it is not slower either."""

RAISE_LIMIT: Final = "Raise matching.time_limit_seconds."


class StoppedError(SolverError):
    """The solver gave up before the time was out."""


@dataclass(frozen=True, eq=False)
class Programme:
    """Binary variables x with ``lower ≤ A x ≤ upper`` and aims to maximise, in order; all coefficients whole numbers.

    ``A`` in compressed columns: ``starts`` (columns + 1), ``rows``, ``values``. ``aims``: name → coefficient of each
    column (int64).
    """

    starts: np.ndarray
    rows: np.ndarray
    values: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    aims: Mapping[str, np.ndarray]

    @property
    def columns(self) -> int:
        """Number of variables."""
        return len(self.starts) - 1


@dataclass(frozen=True, eq=False)
class Optimum:
    """A proven optimum: ``chosen`` (bool per variable) and ``values``, aim → value reached."""

    chosen: np.ndarray
    values: Mapping[str, int]


def from_pyomo(model: ConcreteModel) -> tuple[Programme, list[Any]]:
    """The programme of a Pyomo model whose active objectives are aims to maximise, and its variables in column order.

    Pyomo's standard representation gives each linear row, without a file in between. (Its compiler to matrices would
    do the same, and load all of scipy.stats first: half a second.)
    """
    import pyomo.core as pyo
    from pyomo.repn import generate_standard_repn

    variables = list(model.component_data_objects(pyo.Var))
    position = {id(variable): column for column, variable in enumerate(variables)}
    entries: list[tuple[int, int, float]] = []
    lower, upper = [], []
    for row, constraint in enumerate(model.component_data_objects(pyo.Constraint, active=True)):
        terms = generate_standard_repn(constraint.body, quadratic=False)
        entries += [(position[id(v)], row, c) for v, c in zip(terms.linear_vars, terms.linear_coefs, strict=True)]
        lower.append(-np.inf if constraint.lb is None else constraint.lb - terms.constant)
        upper.append(np.inf if constraint.ub is None else constraint.ub - terms.constant)
    aims = {}
    for objective in model.component_data_objects(pyo.Objective, active=True):
        terms = generate_standard_repn(objective.expr, quadratic=False)
        weights = aims[objective.index()] = np.zeros(len(variables), dtype=np.int64)
        weights[[position[id(v)] for v in terms.linear_vars]] = terms.linear_coefs
    columns, rows, values = (np.array(each) for each in zip(*sorted(entries), strict=True))
    starts = np.searchsorted(columns, np.arange(len(variables) + 1)).astype(np.int32)
    limits = np.array(lower, dtype=float), np.array(upper, dtype=float)
    return Programme(starts, rows.astype(np.int32), values.astype(float), *limits, aims), variables


def optimise(programme: Programme, *, time_limit_seconds: float = 60.0) -> Optimum:
    """The programme's optimum: the first aim at its maximum, each later one at its maximum without giving up any.

    Raises :class:`~sufficiency.errors.SolverError` when an optimum is not proven within the time limit.
    """
    if programme.columns == 0:
        return Optimum(np.zeros(0, dtype=bool), dict.fromkeys(programme.aims, 0))
    deadline = time.monotonic() + time_limit_seconds
    solver = relaxation(programme)
    settled: list[Stage] = []
    chosen = np.zeros(programme.columns, dtype=bool)
    while len(settled) < len(programme.aims):
        hoped = _relax_the_rest(solver, programme, settled, deadline)
        chosen, settled = _settle(programme, settled, hoped, deadline)
        _check(programme, chosen, settled)
    return Optimum(chosen, {stage.aim: stage.value for stage in settled})


@dataclass(frozen=True, eq=False)
class Stage:
    """One aim: the relaxation's ``bound``, ``point`` and ``losses`` (how much the bound falls when a variable at 0 or 1
    moves to the other), and the ``value`` at which the aim is held."""

    aim: str
    bound: float
    point: np.ndarray
    losses: np.ndarray
    value: int

    def fixed(self, at: int) -> np.ndarray:
        """Variables that stay ``at`` 0 or 1 in every point that reaches the value: to move one loses too much."""
        return (self.losses > self.bound - self.value + SAFE) & ((self.point > 0.5) == bool(at))

    @property
    def is_whole(self) -> bool:
        """The relaxation's own point has only zeros and ones."""
        return bool(np.abs(self.point - np.rint(self.point)).max() <= WHOLE)


def relaxation(programme: Programme) -> Any:
    """A HiGHS model of the linear relaxation, with one row for each aim after the programme's own, not yet held."""
    import highspy

    solver = new_solver(programme, range(programme.columns), programme.lower, programme.upper)
    for setting, choice in WARM.items():
        solver.setOptionValue(setting, choice)
    for weights in programme.aims.values():
        used = np.flatnonzero(weights).astype(np.int32)
        solver.addRow(-highspy.kHighsInf, highspy.kHighsInf, len(used), used, weights[used] / held_scale(weights))
    return solver


def held_scale(weights: np.ndarray) -> float:
    """What the row of an aim is divided by, so that its coefficients stay near 1."""
    return max(float(np.abs(weights).max(initial=1)) / HELD_ROW_SIZE, 1.0)


def relaxed_bounds(programme: Programme, values: Mapping[str, int], deadline: float) -> dict[str, float]:
    """Bound of each aim by the linear relaxation with those before it held at their values, as long as they reach it.

    Raises :class:`~sufficiency.errors.SolverError` when it is not worked out in time.
    """
    solver, bounds = relaxation(programme), dict[str, float]()
    for aim, weights in programme.aims.items():
        set_aim(solver, weights)
        if not run(solver, aim, deadline):
            raise SolverError(f"The relaxation has no point at all on {aim}; no answer is given.")
        bounds[aim] = float(solver.getInfo().objective_function_value)
        if np.floor(bounds[aim] + SAFE) > values[aim]:
            break
        hold(solver, programme, aim, values[aim])
    return bounds


def hold(solver: Any, programme: Programme, aim: str, value: float | None) -> None:
    """Keep an aim from falling below ``value``; ``None`` lets it go."""
    import highspy

    row = len(programme.lower) + list(programme.aims).index(aim)
    lower = -highspy.kHighsInf if value is None else value / held_scale(programme.aims[aim])
    solver.changeRowBounds(row, lower, highspy.kHighsInf)


def set_aim(solver: Any, weights: np.ndarray) -> None:
    """Make ``weights`` what the solver maximises."""
    every = np.arange(len(weights), dtype=np.int32)
    solver.changeColsCost(len(weights), every, weights.astype(float))


def run(solver: Any, aim: str, deadline: float) -> bool:
    """Run the solver within the time that is left; False when it proves that there is no point at all.

    Raises :class:`~sufficiency.errors.SolverError` for any other end than a proven optimum.
    """
    import highspy

    solver.setOptionValue("time_limit", solver.getRunTime() + max(deadline - time.monotonic(), 0.0))
    solver.run()
    status = solver.getModelStatus()
    if status in (
        highspy.HighsModelStatus.kUnknown,
        highspy.HighsModelStatus.kSolveError,
    ):  # a warm start that led nowhere: the same from scratch
        solver.clearSolver()
        solver.run()
        status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kTimeLimit:
        raise SolverError(f"Matching ran out of time on {aim} before its optimum was proven. {RAISE_LIMIT}")
    if status == highspy.HighsModelStatus.kInfeasible:
        return False
    if status != highspy.HighsModelStatus.kOptimal:
        raise StoppedError(f"Matching stopped on {aim} without an optimum ({solver.modelStatusToString(status)}).")
    return True


def new_solver(programme: Programme, columns: Any, lower: np.ndarray, upper: np.ndarray, most: float = 1.0) -> Any:
    """HiGHS with some of the columns, each ``most`` at most, and given row limits: one thread, fixed seed, silent."""
    import highspy

    starts, rows, values = some_columns(programme, np.asarray(columns))
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(starts) - 1, len(lower)
    lp.col_cost_, lp.col_lower_ = np.zeros(len(starts) - 1), np.zeros(len(starts) - 1)
    lp.col_upper_ = np.full(len(starts) - 1, most)
    lp.row_lower_, lp.row_upper_ = lower, upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = starts, rows, values
    lp.sense_ = highspy.ObjSense.kMaximize
    solver = highspy.Highs()
    exact = {"output_flag": False, "threads": 1, "random_seed": 0, "mip_rel_gap": 0.0, "mip_abs_gap": 0.0}
    for setting, value in exact.items():
        solver.setOptionValue(setting, value)
    solver.passModel(lp)
    return solver


def some_columns(programme: Programme, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Starts, rows and values of some of the matrix's columns, in the order given."""
    lengths = np.diff(programme.starts)[columns]
    starts = np.concatenate([[0], lengths.cumsum()]).astype(np.int32)
    entries = np.repeat(programme.starts[columns] - starts[:-1], lengths) + np.arange(starts[-1])
    return starts, programme.rows[entries], programme.values[entries]


def _relax_the_rest(solver: Any, programme: Programme, settled: list[Stage], deadline: float) -> list[Stage]:
    """Relaxations of the aims not yet settled, each held at the whole part of its bound for those after it."""
    stages = list(settled)
    for position, aim in enumerate(programme.aims):
        hold(solver, programme, aim, settled[position].value if position < len(settled) else None)
    for aim in list(programme.aims)[len(settled) :]:
        _fix(solver, programme.columns, stages)
        set_aim(solver, programme.aims[aim])
        if not run(solver, aim, deadline):
            raise SolverError(f"Matching found no point at all on {aim}; no answer is given.")
        solution, bound = solver.getSolution(), solver.getInfo().objective_function_value
        point, losses = np.asarray(solution.col_value), np.abs(np.asarray(solution.col_dual))
        stages.append(Stage(aim, bound, point, losses, int(np.floor(bound + SAFE))))
        hold(solver, programme, aim, stages[-1].value)
    return stages[len(settled) :]


def _fix(solver: Any, columns: int, stages: Sequence[Stage]) -> None:
    """Fix what the stages prove cannot change, and set every other variable free between 0 and 1."""
    lower, upper = _fixings(columns, stages)
    solver.changeColsBounds(columns, np.arange(columns, dtype=np.int32), lower.astype(float), upper.astype(float))


def _fixings(columns: int, stages: Sequence[Stage]) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper bound (bool) of each variable once the stages are held at their values."""
    lower, upper = np.zeros(columns, dtype=bool), np.ones(columns, dtype=bool)
    for stage in stages:
        lower |= stage.fixed(1)
        upper &= ~stage.fixed(0)
    return lower, upper


def _settle(
    programme: Programme, settled: list[Stage], hoped: list[Stage], deadline: float
) -> tuple[np.ndarray, list[Stage]]:
    """A point that settles as many of the hoped stages as can be: the last at its optimum, those before as hoped."""
    for last in range(len(hoped) - 1, -1, -1):
        stage, before = hoped[last], [*settled, *hoped[:last]]
        chosen = stage.point > 0.5 if stage.is_whole else _branch_and_bound(programme, stage, before, deadline)
        if chosen is not None:
            value = int(programme.aims[stage.aim][chosen].sum())
            return chosen, [*before, replace(stage, value=value)]
    raise SolverError("Matching found no whole-number point; no answer is given.")


def _branch_and_bound(
    programme: Programme, stage: Stage, before: Sequence[Stage], deadline: float
) -> np.ndarray | None:
    """The best whole-number point for a stage with those before it held; ``None`` when there is none."""
    import highspy

    ones, upper = _fixings(programme.columns, before)
    columns = np.flatnonzero(upper & ~ones)
    taken = row_sums(programme, ones)
    solver = new_solver(programme, columns, programme.lower - taken, programme.upper - taken)
    for held in before:
        weights = programme.aims[held.aim]
        used = np.flatnonzero(weights[columns]).astype(np.int32)
        scale, wanted = held_scale(weights), held.value - int(weights[ones].sum())
        solver.addRow(wanted / scale, highspy.kHighsInf, len(used), used, weights[columns][used] / scale)
    set_aim(solver, programme.aims[stage.aim][columns])
    whole = np.full(len(columns), int(highspy.HighsVarType.kInteger), dtype=np.uint8)
    solver.changeColsIntegrality(len(columns), np.arange(len(columns), dtype=np.int32), whole)
    for setting, choice in SURE_TO_BRANCH.items():
        solver.setOptionValue(setting, choice)
    if not run(solver, stage.aim, deadline):
        return None
    chosen = ones.copy()
    chosen[columns] = np.asarray(solver.getSolution().col_value) > 0.5
    return _proven(programme, stage, chosen, solver.getInfo().mip_dual_bound, ones)


def _proven(programme: Programme, stage: Stage, chosen: np.ndarray, bound: float, ones: np.ndarray) -> np.ndarray:
    """The point itself, once it is seen to reach the bound that branch and bound has proven."""
    weights = programme.aims[stage.aim]
    reached, most = int(weights[chosen].sum()), bound + int(weights[ones].sum())
    if not reached >= most - 0.5:
        raise SolverError(f"Matching stopped on {stage.aim} at {reached} of at most {most:.1f}. {RAISE_LIMIT}")
    return chosen


def row_sums(programme: Programme, chosen: np.ndarray) -> np.ndarray:
    """A x for a point of zeros and ones, in whole numbers."""
    used = np.repeat(chosen, np.diff(programme.starts))
    weights = programme.values[used]
    return np.rint(np.bincount(programme.rows[used], weights, minlength=len(programme.lower))).astype(np.int64)


def _check(programme: Programme, chosen: np.ndarray, settled: Sequence[Stage]) -> None:
    """Re-read the rounded point in exact integers against every row and every aim settled so far."""
    sums = row_sums(programme, chosen)
    if (sums < programme.lower).any() or (sums > programme.upper).any():
        raise SolverError("Matching gave a point that breaks a rule once it is rounded; no answer is given.")
    lost = [stage.aim for stage in settled if int(programme.aims[stage.aim][chosen].sum()) != stage.value]
    if lost:
        raise SolverError(f"Matching gave up some of {', '.join(lost)} for a later objective; no answer is given.")
