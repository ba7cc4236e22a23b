"""What one more place in each home can add to an aim at most: every vector of dual values bounds all homes at once.

Weak duality: whatever the dual values, the limits of the rows weighted by them, and what columns are worth beyond
them, are more than any plan reaches. One more place changes few limits and few columns, so the bound for every home
follows from one vector; the least over several vectors is kept. Nothing rests on the solver's tolerances.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sufficiency.matching.restricted import entry_of
from sufficiency.matching.worth_rows import Wider


@dataclass(frozen=True)
class Case:
    """Columns set to 1 and to 0; rows of groups that are ``together``, at 1, and those that are ``apart``, at 0."""

    ones: tuple[int, ...] = ()
    zeros: tuple[int, ...] = ()
    together: tuple[int, ...] = ()
    apart: tuple[int, ...] = ()


EVERY_CASE: Final = Case()


class Bounds:
    """For one aim the most that a plan with one more place in each home can reach, the aims before it at ``values``."""

    def __init__(self, wider: Wider, aim: str, values: np.ndarray) -> None:
        self.wider, self.aim, self.values = wider, aim, values
        pieces = [
            (home, row, limit - wider.programme.upper[row])
            for home, change in enumerate(wider.changes)
            for row, limit in change.uppers.items()
        ]
        self._home, self._row, self._more = (np.array(each) for each in zip(*pieces, strict=True))
        taken = [
            (home, row, column, value - entry_of(wider.programme, row, column))
            for home, change in enumerate(wider.changes)
            for (row, column), value in change.coefficients.items()
        ]
        self._taken = np.array(taken, dtype=float).reshape(-1, 4)

    def above(self, duals: np.ndarray, case: Case = EVERY_CASE) -> np.ndarray:
        """The bound per home by a vector of dual values of any sign, of the plans of a case.

        Minus infinity where a column set to 1 is only there with one more place in another home.
        """
        programme, homes = self.wider.programme, len(self.wider.base.homes)
        rows = len(programme.lower) - len(programme.aims)
        duals, held = self._of_signs(duals, rows), list(programme.aims).index(self.aim)
        duals[rows + held :] = 0.0
        gains = programme.aims[self.aim] - np.add.reduceat(
            programme.values * duals[programme.rows], programme.starts[:-1]
        )
        upper, lower = programme.upper[:rows].copy(), programme.lower[:rows].copy()
        upper[list(case.apart)], lower[list(case.together)] = 0.0, 1.0
        own = np.where(duals[:rows] >= 0, upper, lower)
        used = duals[:rows] != 0
        most = _most(gains, case)
        bound = duals[:rows][used] @ own[used] + most[~self.wider.shut].sum()
        bound = bound + self._floors(duals[rows : rows + held], held)
        bound += np.bincount(self._home, np.maximum(duals[self._row], 0.0) * self._more, homes)
        shut = self.wider.shut[: len(self.wider.column_home)]
        bound += np.bincount(self.wider.column_home[shut], most[: len(shut)][shut], homes)
        bound += self._takers(duals, gains, case)
        for column in case.ones:
            if self.wider.shut[column]:
                bound[np.arange(homes) != self.wider.column_home[column]] = -np.inf
        return bound

    def _of_signs(self, duals: np.ndarray, rows: int) -> np.ndarray:
        """The dual values, none of a sign that its row's limits do not allow."""
        duals = duals.copy()
        unlimited = np.zeros(len(duals), dtype=bool)
        unlimited[:rows] = ~np.isfinite(self.wider.programme.lower[:rows])
        duals[unlimited] = np.maximum(duals[unlimited], 0.0)
        duals[rows:] = np.minimum(duals[rows:], 0.0)
        return duals

    def _floors(self, duals: np.ndarray, held: int) -> np.ndarray:
        """What the aims before are worth at the values that they keep, per home."""
        return self.values[:, :held] @ (duals / self.wider.scales[:held]) if held else np.zeros(len(self.values))

    def _takers(self, duals: np.ndarray, gains: np.ndarray, case: Case) -> np.ndarray:
        """How much less columns are worth that take one place more, per home."""
        homes = len(self.values)
        if len(self._taken) == 0:
            return np.zeros(homes)
        home, row, column = self._taken[:, :3].astype(int).T
        pair, first = np.unique(column, return_index=True)
        less = np.zeros(len(gains))
        less[pair] = np.bincount(np.searchsorted(pair, column), duals[row] * self._taken[:, 3], len(pair))
        change = _most(gains - less, case) - _most(gains, case)
        return np.bincount(home[first], change[pair], homes)


def _most(gains: np.ndarray, case: Case) -> np.ndarray:
    """What each column adds at most: its gain when it is set to 1, nothing when it is set to 0, else the better."""
    most = np.maximum(gains, 0.0)
    most[list(case.ones)] = gains[list(case.ones)]
    most[list(case.zeros)] = 0.0
    return most
