"""The master problem: which homes to open, with what each path reaches known only from above, by cuts.

Variables: a 0-or-1 step for each home that could be opened (the second of a candidate only after the first), and for
each path and aim the value it reaches. This module knows no social care.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np

from sufficiency.errors import SolverError
from sufficiency.matching.solve import SURE_TO_BRANCH
from sufficiency.siting.path_value import Cut

LIFTED: Final = 1e-6
"""What planes are lifted by, so that rounding never puts one below a whole value that is reached."""

FREE_OF_DUST: Final = 1e-11
"""Coefficients of cuts below this share of the largest are left out: the plane is lifted by what they could add."""


class Master:
    """A HiGHS model that grows by cuts. ``spend`` and ``budget`` in pence; ``most``: upper bound by path and aim;
    ``counts``: aims whose value in a path is a whole number."""

    def __init__(
        self, spend: np.ndarray, at_most: np.ndarray, budget: int, most: np.ndarray, counts: Sequence[int]
    ) -> None:
        import highspy

        self.inf = highspy.kHighsInf
        self.at_most, self.paths, self.aims = at_most, *most.shape
        self.candidate = np.repeat(np.arange(len(at_most)), at_most)
        self.first = at_most.cumsum() - at_most
        self.steps, self.counts = len(self.candidate), counts
        self.solver = highspy.Highs()
        exact = {"output_flag": False, "threads": 1, "random_seed": 0, "mip_rel_gap": 0.0, "mip_abs_gap": 0.0}
        for setting, value in (exact | SURE_TO_BRANCH).items():
            self.solver.setOptionValue(setting, value)
        self.solver.changeObjectiveSense(highspy.ObjSense.kMaximize)
        for _ in range(self.steps):
            self.solver.addVar(0.0, 1.0)
        for bound in most.ravel():
            self.solver.addVar(-self.inf, float(bound))
        self._open_in_order()
        scale = max(float(spend.max(initial=1)), 1.0)
        self._row(-self.inf, budget / scale, range(self.steps), spend[self.candidate] / scale)

    def seek(self, aim: int, per_step: np.ndarray) -> None:
        """Maximise the sum over the paths of an aim, and ``per_step`` of what is opened [units of the aim]."""
        costs = np.zeros(self.steps + self.paths * self.aims)
        costs[: self.steps] = per_step[self.candidate]
        costs[self.values_of(aim)] = 1.0
        self.solver.changeColsCost(len(costs), np.arange(len(costs), dtype=np.int32), costs)

    def hold(self, aim: int, total: float) -> None:
        """Keep the sum over the paths of an aim from falling below ``total``."""
        self._row(total, self.inf, self.values_of(aim), np.ones(self.paths))

    def add(self, path: int, aim: int, cut: Cut) -> None:
        """A path's value of an aim lies below a plane."""
        by_step = cut.by_open[self.candidate]
        small = np.abs(by_step) < FREE_OF_DUST * np.abs(by_step).max(initial=0)
        constant = cut.constant + float(np.maximum(by_step[small], 0.0).sum())
        columns = [
            *np.flatnonzero(~small),
            *(self._value(path, before) for before in range(aim)),
            self._value(path, aim),
        ]
        self._row(-self.inf, constant + LIFTED, columns, [*-by_step[~small], *-cut.by_held, 1.0])

    def forbid(self, opened: np.ndarray) -> None:
        """Rule out exactly this choice."""
        columns, signs, constant = self._steps_away(opened)
        self._row(1.0 - constant, self.inf, columns, signs)

    def forbid_this_and_more(self, opened: np.ndarray) -> None:
        """Rule out this choice and every one that opens more: it costs more than there is."""
        last = np.flatnonzero(opened > 0)
        self._row(-self.inf, len(last) - 1.0, self.first[last] + opened[last] - 1, np.ones(len(last)))

    def cap(self, aim: int, opened: np.ndarray, total: float, elsewhere: float, per_step: np.ndarray) -> None:
        """With exactly this choice the aim (and ``per_step``) is at most ``total``; with any other, ``elsewhere``."""
        columns, signs, constant = self._steps_away(opened)
        rise = elsewhere - total
        by_step = per_step[self.candidate].astype(float)
        by_step[columns] -= rise * signs
        own = self.values_of(aim)
        self._row(-self.inf, total + rise * constant, [*range(self.steps), *own], [*by_step, *np.ones(len(own))])

    def best(self, *, whole: bool, deadline: float) -> tuple[np.ndarray | None, float] | None:
        """What to open at the optimum, and a proven bound on the aim; ``None`` when nothing is left to choose.

        ``whole``: homes are opened whole, and what counts children does so in whole numbers; else the relaxation. Out
        of time there is no choice, and the bound holds.
        """
        import highspy

        whole = whole and self.steps + len(self.counts) > 0
        counted = np.concatenate([np.arange(self.steps), *(self.values_of(aim) for aim in self.counts)]).astype(
            np.int32
        )
        kind = highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous
        self.solver.changeColsIntegrality(len(counted), counted, np.full(len(counted), int(kind), dtype=np.uint8))
        self.solver.setOptionValue("time_limit", self.solver.getRunTime() + max(deadline - time.monotonic(), 0.0))
        self.solver.run()
        status, info = self.solver.getModelStatus(), self.solver.getInfo()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status == highspy.HighsModelStatus.kTimeLimit:
            bound = info.mip_dual_bound if whole else np.inf
            return None, float(bound if np.isfinite(bound) else np.inf)
        if status != highspy.HighsModelStatus.kOptimal:
            raise SolverError(f"Siting stopped without an optimum ({self.solver.modelStatusToString(status)}).")
        steps = np.asarray(self.solver.getSolution().col_value)[: self.steps]
        bound = info.mip_dual_bound if whole else info.objective_function_value
        opened = np.bincount(self.candidate, np.rint(steps) if whole else steps, minlength=len(self.at_most))
        return opened, float(bound)

    def values_of(self, aim: int) -> np.ndarray:
        """Columns of an aim's values."""
        return self.steps + np.arange(self.paths) * self.aims + aim

    def _value(self, path: int, aim: int) -> int:
        return self.steps + path * self.aims + aim

    def _open_in_order(self) -> None:
        for step in np.flatnonzero(self.candidate[1:] == self.candidate[:-1]):
            self._row(0.0, self.inf, [step, step + 1], [1.0, -1.0])

    def _steps_away(self, opened: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        """Steps that differ when another choice is made: their number is constant + signs · steps, 0 only here."""
        last, following = np.flatnonzero(opened > 0), np.flatnonzero(opened < self.at_most)
        columns = np.concatenate([self.first[last] + opened[last] - 1, self.first[following] + opened[following]])
        signs = np.concatenate([-np.ones(len(last)), np.ones(len(following))])
        return columns.astype(int), signs, float(len(last))

    def _row(self, lower: float, upper: float, columns: Iterable[Any], values: Sequence[float] | np.ndarray) -> None:
        used = np.fromiter(columns, dtype=np.int32)
        self.solver.addRow(lower, upper, len(used), used, np.asarray(values, dtype=float))
