"""The best plan seen so far with one more place in each home."""

from __future__ import annotations

import numpy as np

from sufficiency.matching.solve import WHOLE
from sufficiency.matching.worth_plans import Plans


class Seen:
    """``reached`` (homes, aims): what the best plan seen with one more place in each home reaches; it only grows."""

    def __init__(self, plans: Plans) -> None:
        self.plans, self.wider = plans, plans.wider
        self.base = np.array(plans.values(plans.now), dtype=np.int64)
        self.reached = np.tile(self.base, (len(self.wider.base.homes), 1))
        self._ways: dict[bytes, bool] = {}
        self.near = self.look_everywhere(plans.now & plans.outside)

    def look_everywhere(self, decided: np.ndarray) -> np.ndarray | None:
        """One more place in every home with these whole groups where they are: where that is better, remember it.

        The columns (bool) near these plans; ``None`` where there are none.
        """
        found = self.plans.with_a_place(decided)
        self._ways[np.flatnonzero(decided).tobytes()] = found is not None
        if found is None:
            return None
        better = _is_better(found[0], self.reached)
        self.reached[better] = found[0][better]
        return found[1]

    def round(self, home: int, point: np.ndarray) -> None:
        """Look at the plans with whole groups where a point with one more place in a home has them, as far as they go
        together, and everyone else by flow."""
        values = np.where(self.plans.outside, point[: len(self.plans.outside)], 0.0)
        decided = self._that_go_together(home, values)
        key = np.flatnonzero(decided).tobytes()
        if key not in self._ways:
            self.look_everywhere(decided)
        if self._ways[key] and not (decided & self.wider.alone).any():
            return  # what everyone reaches with these groups and the place is among the plans seen everywhere
        chosen = self.plans.with_decided(home, decided)
        if chosen is not None and (reached := self.plans.values(chosen)) > tuple(self.reached[home].tolist()):
            self.reached[home] = reached

    def _that_go_together(self, home: int, values: np.ndarray) -> np.ndarray:
        """Columns (bool) of a positive value, the largest first, that no row forbids together."""
        programme = self.wider.programme
        left, decided = programme.upper.copy(), np.zeros(len(values), dtype=bool)
        for row, limit in self.wider.changes[home].uppers.items():
            left[row] = limit
        used = np.flatnonzero(values > WHOLE)
        for column in used[np.argsort(-values[used], kind="stable")].tolist():
            entries = slice(programme.starts[column], programme.starts[column + 1])
            rows, takes = programme.rows[entries], programme.values[entries]
            if (left[rows] >= takes).all():
                left[rows] -= takes
                decided[column] = True
        return decided


def _is_better(these: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Rows (bool) that come after the others in the order of their columns."""
    differs = these != others
    first = differs.argmax(axis=1)
    every = np.arange(len(these))
    return differs.any(axis=1) & (these[every, first] > others[every, first])
