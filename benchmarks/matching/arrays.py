"""HiGHS called directly with arrays: all pairs and group columns as they are, the aims one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.matching.allowed import Allowed

NOTHING = 1e-6
"""Reduced costs and dual values below this are the solver's tolerance."""


def by_arrays(allowed: Allowed) -> np.ndarray:
    """Home of each child, −1 for none; linear for a network, whole numbers asked for otherwise."""
    solver, columns = _model(allowed), len(allowed.child) + len(allowed.group)
    if allowed.is_network:
        chosen = linear_in_order(solver, aims_of(allowed))
    else:
        ask_for_whole_numbers(solver, columns)
        chosen = whole_in_order(solver, aims_of(allowed))
    return homes_of(allowed, chosen)


def aims_of(allowed: Allowed) -> list[np.ndarray]:
    """What each column adds to placed, within_limit, siblings_together and weekly_cost, all to be maximised."""
    size = allowed.group_sizes[allowed.group] if len(allowed.group) else allowed.group
    one = np.ones(len(allowed.child))
    aims = [np.r_[one, size], np.r_[allowed.near, allowed.group_near], np.r_[0 * one, size]]
    aims.append(np.r_[-allowed.pence, -allowed.group_pence])
    return [aim.astype(float) for aim in aims if aim.any()]


def homes_of(allowed: Allowed, chosen: np.ndarray) -> np.ndarray:
    """Home of each child from the columns at 1."""
    home = np.full(len(allowed.must), -1)
    pairs = len(allowed.child)
    alone = np.flatnonzero(chosen[:pairs])
    home[allowed.child[alone]] = allowed.home[alone]
    for column in np.flatnonzero(chosen[pairs:]):
        home[allowed.family == allowed.group[column]] = allowed.group_home[column]
    return home


def linear_in_order(solver: Any, aims: list[np.ndarray]) -> np.ndarray:
    """Columns at 1 when every aim is at its maximum.

    An aim is held by fixing what its reduced costs and dual values say cannot change, which adds no row and keeps the
    corners whole. The primal simplex method (4) starts well from nobody placed, the dual one from an optimum before.
    """
    solver.setOptionValue("presolve", "off")
    solver.setOptionValue("simplex_strategy", 4)
    for weights in aims:
        solution = _maximised(solver, weights)
        solver.setOptionValue("simplex_strategy", 1)
        point, used = np.rint(solution.col_value), np.rint(solution.row_value)
        columns = np.flatnonzero(np.abs(solution.col_dual) > NOTHING).astype(np.int32)
        rows = np.flatnonzero(np.abs(solution.row_dual) > NOTHING).astype(np.int32)
        solver.changeColsBounds(len(columns), columns, point[columns], point[columns])
        solver.changeRowsBounds(len(rows), rows, used[rows], used[rows])
    return point > 0.5


def whole_in_order(solver: Any, aims: list[np.ndarray]) -> np.ndarray:
    """Columns at 1 when every aim is at its maximum, those before it held by a row.

    Preparing the model and jumping about for a first point take minutes on held rows, and are left out.
    """
    import highspy

    solver.setOptionValue("presolve", "off")
    solver.setOptionValue("mip_heuristic_run_feasibility_jump", False)
    for weights in aims:
        chosen = np.asarray(_maximised(solver, weights).col_value) > 0.5
        used = np.flatnonzero(weights).astype(np.int32)
        solver.addRow(float(weights[chosen].sum()), highspy.kHighsInf, len(used), used, weights[used])
    return chosen


def _maximised(solver: Any, weights: np.ndarray) -> Any:
    import highspy

    solver.changeColsCost(len(weights), np.arange(len(weights), dtype=np.int32), weights.astype(float))
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise RuntimeError(f"HiGHS stopped: {solver.modelStatusToString(solver.getModelStatus())}")
    return solver.getSolution()


def ask_for_whole_numbers(solver: Any, columns: int) -> None:
    """Every column 0 or 1, to a proven gap of nothing."""
    import highspy

    whole = np.full(columns, int(highspy.HighsVarType.kInteger), dtype=np.uint8)
    solver.changeColsIntegrality(columns, np.arange(columns, dtype=np.int32), whole)


def new_highs(starts: np.ndarray, rows: np.ndarray, values: np.ndarray, lower: np.ndarray, upper: np.ndarray) -> Any:
    """HiGHS with a matrix by columns that are between 0 and 1, to be maximised; one thread, silent, no gap."""
    import highspy

    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(starts) - 1, len(lower)
    lp.col_cost_, lp.col_lower_ = np.zeros(len(starts) - 1), np.zeros(len(starts) - 1)
    lp.col_upper_ = np.ones(len(starts) - 1)
    lp.row_lower_, lp.row_upper_ = lower, upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = starts, rows, values
    lp.sense_ = highspy.ObjSense.kMaximize
    solver = highspy.Highs()
    for setting, value in {"output_flag": False, "threads": 1, "mip_rel_gap": 0.0, "mip_abs_gap": 0.0}.items():
        solver.setOptionValue(setting, value)
    solver.passModel(lp)
    return solver


def _model(allowed: Allowed) -> Any:
    """Rows: one home each child, places of each home. Columns: pairs, then groups; a column's rows stand in order."""
    children, homes, pairs = len(allowed.must), len(allowed.places), len(allowed.child)
    column, row, value = [np.arange(pairs)], [allowed.child], [np.ones(pairs)]
    for number, group in enumerate(allowed.group):
        who = np.flatnonzero(allowed.family == group)
        column.append(np.full(len(who), pairs + number))
        row.append(who)
        value.append(np.ones(len(who)))
    every = np.arange(pairs + len(allowed.group))
    columns = np.concatenate([*column, every])
    rows = np.concatenate([*row, children + np.r_[allowed.home, allowed.group_home]])
    values = np.concatenate([*value, np.r_[allowed.takes, allowed.group_takes]])
    order = np.argsort(columns, kind="stable")
    starts = np.r_[0, np.bincount(columns, minlength=len(every)).cumsum()].astype(np.int32)
    lower = np.r_[np.where(allowed.must, 1.0, -np.inf), np.full(homes, -np.inf)]
    upper = np.r_[np.ones(children), allowed.places].astype(float)
    return new_highs(starts, rows[order].astype(np.int32), values[order].astype(float), lower, upper)
