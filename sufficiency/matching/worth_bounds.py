"""What one more place in each home can add to an aim at most: every vector of dual values bounds all homes at once.

Weak duality: whatever the dual values, the limits of the rows weighted by them, and what columns are worth beyond
them, are more than any plan reaches. One more place changes few limits and few columns, so the bound for every home
follows from one vector; the least over several vectors is kept. Nothing rests on the solver's tolerances.
"""

from __future__ import annotations

import numpy as np

from sufficiency.matching.restricted import entry_of
from sufficiency.matching.solve import held_scale
from sufficiency.matching.worth_rows import Wider


class Bounds:
    """For one aim the most that a plan with one more place in each home can reach, the aims before it at ``values``.

    ``most`` (per home) falls with each vector of dual values seen; nothing else changes.
    """

    def __init__(self, wider: Wider, aim: str, values: np.ndarray) -> None:
        self.wider, self.aim, self.values = wider, aim, values
        self.most = np.full(len(wider.base.homes), np.inf)
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

    def see(self, duals: np.ndarray) -> None:
        """Take one more vector of dual values into account, of any sign."""
        programme, homes = self.wider.programme, len(self.most)
        rows = len(programme.lower) - len(programme.aims)
        duals = duals.copy()
        unlimited = np.zeros(len(duals), dtype=bool)
        unlimited[:rows] = ~np.isfinite(programme.lower[:rows])
        duals[unlimited] = np.maximum(duals[unlimited], 0.0)
        duals[rows:] = np.minimum(duals[rows:], 0.0)
        held = list(programme.aims).index(self.aim)
        duals[rows + held :] = 0.0
        cost = np.add.reduceat(programme.values * duals[programme.rows], programme.starts[:-1])
        gains = programme.aims[self.aim] - cost
        own = np.where(duals[:rows] >= 0, programme.upper[:rows], programme.lower[:rows])
        used = duals[:rows] != 0
        bound = duals[:rows][used] @ own[used] + np.maximum(gains[~self.wider.shut], 0.0).sum()
        bound = bound + self._floors(duals[rows : rows + held], held)
        bound += np.bincount(self._home, np.maximum(duals[self._row], 0.0) * self._more, homes)
        opened = np.where(self.wider.shut, np.maximum(gains, 0.0), 0.0)
        bound += np.bincount(self.wider.column_home, opened, homes)
        np.minimum(self.most, bound + self._takers(duals, gains, homes), out=self.most)

    def _floors(self, duals: np.ndarray, held: int) -> np.ndarray:
        """What the aims before are worth at the values that they keep, per home."""
        programme = self.wider.programme
        scales = np.array([held_scale(weights) for weights in list(programme.aims.values())[:held]])
        return self.values[:, :held] @ (duals / scales) if held else np.zeros(len(self.most))

    def _takers(self, duals: np.ndarray, gains: np.ndarray, homes: int) -> np.ndarray:
        """How much less columns are worth that take one place more, per home."""
        if len(self._taken) == 0:
            return np.zeros(homes)
        home, row, column = self._taken[:, :3].astype(int).T
        pair, first = np.unique(column, return_index=True)
        less = np.bincount(np.searchsorted(pair, column), duals[row] * self._taken[:, 3], len(pair))
        change = np.maximum(gains[pair] - less, 0.0) - np.maximum(gains[pair], 0.0)
        return np.bincount(home[first], change, homes)
