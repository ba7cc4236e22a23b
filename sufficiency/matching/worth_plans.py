"""Plans with one more place in a home: the homes of whole groups decided, everyone else by flow.

With the groups where the plan has them, the rest is a network, and the price of a place in it is what one more place
brings: in every home at once, every aim in order, in whole numbers.
"""

from __future__ import annotations

import numpy as np

from sufficiency.matching.flow import UNREACHED, Flow, Level, Network, NoFlowError, best_flow
from sufficiency.matching.narrow import to_begin_with
from sufficiency.matching.solve import Programme, row_sums
from sufficiency.matching.worth_rows import Wider


class Plans:
    """Plans of the programme with one more place somewhere; ``now`` (bool per column) is the plan as it is."""

    def __init__(self, wider: Wider, now: np.ndarray) -> None:
        self.wider, self.now = wider, now
        self.outside = wider.alone | self._in_further_rows(wider.programme)
        self.outside[len(wider.wide.pair_child) :] = True
        self.aims = wider.programme.aims

    def _in_further_rows(self, programme: Programme) -> np.ndarray:
        """Columns that are in other rows than those of a child, a home and the aims."""
        plain = len(self.wider.base.children) + len(self.wider.base.homes)
        further = (programme.rows >= plain) & (programme.rows < len(programme.lower) - len(programme.aims))
        return np.add.reduceat(further.astype(int), programme.starts[:-1]) > 0

    def values(self, chosen: np.ndarray) -> tuple[int, ...]:
        """What a plan reaches of each aim, in order."""
        return tuple(int(weights[chosen].sum()) for weights in self.aims.values())

    def with_a_place(self, decided: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """What the best plan with these columns outside the network reaches with one place more in each home.

        Shape (homes, aims); what it reaches without one where the place is of no use to the network. Also the columns
        (bool) that the prices put near the optimum. ``None`` where the places of now do not suffice for these columns.
        """
        programme = self.wider.programme
        rows = len(programme.lower) - len(programme.aims)
        if (decided & self.wider.shut).any() or (row_sums(programme, decided)[:rows] > programme.upper[:rows]).any():
            return None
        network, pairs = self._rest(decided, None)
        try:
            flow = best_flow(network, {name: weights[pairs] for name, weights in self.aims.items()})
        except NoFlowError:
            return None
        chosen = decided.copy()
        chosen[pairs[flow.pair[flow.pair >= 0]]] = True
        gains = np.zeros((len(self.wider.base.homes), len(self.aims)), dtype=np.int64)
        for level in flow.levels:
            self._split(level, gains)
        useless = ~self.wider.grows
        useless[self.wider.column_home[decided & self.wider.alone]] = True
        gains[useless] = 0
        return np.array(self.values(chosen)) + gains, self._near(flow, pairs)

    def _near(self, flow: Flow, pairs: np.ndarray) -> np.ndarray:
        """Columns (bool) to begin with: for each child those of least loss, and all of whole groups."""
        wide = self.wider.wide
        loss = np.zeros(len(wide.pair_child))
        if flow.levels:
            level = flow.levels[-1]
            loss = level.child_price[wide.pair_child] + level.home_price[wide.pair_home].astype(float)
            loss[pairs] -= level.weight
        return to_begin_with(wide, self.wider.programme, loss)

    def _split(self, level: Level, gains: np.ndarray) -> None:
        """The joined price of a place as what it is of each aim of a level."""
        rest = np.where(level.home_price > UNREACHED // 2, level.home_price, 0)
        names = list(self.aims)
        for aim, step in zip(level.aims[:0:-1], level.steps[::-1], strict=True):
            above = (rest + step // 2) // step
            gains[:, names.index(aim)] = rest - above * step
            rest = above
        gains[:, names.index(level.aims[0])] = rest

    def with_decided(self, home: int, decided: np.ndarray) -> np.ndarray | None:
        """The best plan with a place more in a home and these columns outside the network; ``None``: there is none."""
        try:
            network, pairs = self._rest(decided, home)
            if (network.capacity < 0).any():
                return None
            flow = best_flow(network, {name: weights[pairs] for name, weights in self.aims.items()})
        except NoFlowError:
            return None
        chosen = decided.copy()
        chosen[pairs[flow.pair[flow.pair >= 0]]] = True
        return chosen if self.wider.keeps_rules(home, chosen) else None

    def _rest(self, decided: np.ndarray, home: int | None) -> tuple[Network, np.ndarray]:
        """The network of those not decided, and the columns that are its pairs; ``home``: where one place more is."""
        wider, programme = self.wider, self.wider.programme
        children, homes = len(wider.base.children), len(wider.base.homes)
        taken = row_sums(programme, decided)
        capacity = np.rint(programme.upper[children : children + homes]).astype(np.int64)
        if home is not None:
            change = wider.changes[home]
            capacity[home] = round(change.uppers[children + home])
            taken[children + home] += sum(
                round(value) - round(float(wider.base.offered[home]))
                for (row, column), value in change.coefficients.items()
                if row == children + home and decided[column]
            )
        settled = taken[:children] > 0
        open_ = ~self.outside if home is None else ~self.outside & ~(wider.shut & (wider.column_home != home))
        pairs = np.flatnonzero(open_[: len(wider.wide.pair_child)])
        pairs = pairs[~settled[wider.wide.pair_child[pairs]]]
        network = Network(
            wider.wide.pair_child[pairs],
            wider.wide.pair_home[pairs],
            capacity - taken[children : children + homes],
            wider.base.must & ~settled,
            np.zeros(homes, dtype=bool),
        )
        return network, pairs
