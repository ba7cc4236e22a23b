"""One tree of cases for the worth of a place in all homes: where the relaxation promises more than whole groups keep.

A node sets columns that a network does not know to 1 or 0. Its relaxation's dual values bound every home at once; it is
branched on for those homes alone whose bound is above the best plan seen. A home without a node left is proven.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sufficiency.matching.restricted import NO_CHANGE, Change, Relaxed, Restricted
from sufficiency.matching.solve import SAFE, WHOLE, Programme
from sufficiency.matching.worth_bounds import EVERY_CASE, Bounds, Case
from sufficiency.matching.worth_rows import Wider
from sufficiency.matching.worth_seen import Seen

MOST_NODES: Final = 2_000
"""Nodes after which the homes that are left are matched again one by one."""

MOST_ALONE: Final = 12
"""Nodes looked at for one or two homes alone after which they are matched again, once all others are settled: a match
usually takes no longer."""

FEW: Final = 8
"""So few homes are not branched on but matched again: a tree pays where many share it."""

ENOUGH: Final = 5
"""When so many homes in turn have to be branched on, all that are left in the node are."""

DEAR: Final = 8
"""What a row may be broken for, in largest weights per unit. The bounds hold with any price."""


@dataclass(frozen=True, eq=False)
class Node:
    """A case, the ``homes`` it is still looked at for, and ``most`` per home, which falls as bounds are seen."""

    case: Case
    homes: Sequence[int]
    most: np.ndarray


class Cases:
    """One aim by cases, those before it proven: which homes' best plans seen are the best there are.

    ``failed``: homes not settled although they were looked at; ``most`` (per home): bounds before any branching.
    """

    def __init__(self, wider: Wider, seen: Seen, relaxed: Restricted, number: int, homes: Sequence[int]) -> None:
        """``wider`` and ``relaxed`` with escapes; ``number`` of the aim."""
        self.wider, self.seen, self.relaxed, self.number = wider, seen, relaxed, number
        self.aims = list(wider.programme.aims)
        self.bounds = Bounds(wider, self.aims[number], seen.reached)
        self.failed: set[int] = set()
        self.most = np.full(len(wider.base.homes), np.inf)
        self.nodes = [Node(EVERY_CASE, homes, self.most)]
        self.branched: set[int] = set()
        self.alone: Counter[int] = Counter()

    def look(self) -> None:
        """Branch until every home is settled or has failed."""
        for _ in range(MOST_NODES):
            if not self.nodes:
                return
            node = self.nodes[-1]
            if len(node.homes) <= 2:
                self.alone.update(node.homes)
                self.failed.update(home for home in node.homes if self.alone[home] > MOST_ALONE)
            self.nodes[-1:] = self._halves(node)
        self.failed |= self.open

    @property
    def open(self) -> set[int]:
        """Homes not settled."""
        return self.failed | {home for node in self.nodes for home in node.homes if not self._is_best(node, home)}

    def _is_best(self, node: Node, home: int) -> bool:
        return bool(np.floor(node.most[home] + SAFE) <= self.seen.reached[home, self.number])

    def _halves(self, node: Node) -> list[Node]:
        """The nodes that a node leaves, those with a group together or a column set to 1 last."""
        if any(home not in self.failed and not self._is_best(node, home) for home in node.homes):
            self._see(node, self._solved(node, NO_CHANGE, self.seen.base))
        between = self._look_at_some(node)
        left = {home: values for home, values in between.items() if not self._is_best(node, home)}
        self.failed |= {home for home, values in left.items() if not values}
        open_ = [home for home in node.homes if home not in between and not self._is_best(node, home)]
        if node.case == EVERY_CASE and len(left) + len(open_) <= FEW:
            self.failed |= {*left, *open_}
        open_ = [home for home in open_ if home not in self.failed]
        nodes = []
        for choice, homes in _by_choice({home: left[home] for home in left if home not in self.failed}):
            homes += open_
            open_ = []
            self.branched.update(homes)
            nodes += [Node(case, homes, node.most.copy()) for case in self._cases(node.case, choice)]
        self.failed.update(open_)  # nothing to branch on: never taken for settled
        return nodes

    def _look_at_some(self, node: Node) -> dict[int, dict[int, float]]:
        """Home → choices between 0 and 1, of those looked at: all, unless the first few are all to be branched on."""
        between: dict[int, dict[int, float]] = {}
        for home in node.homes:
            if home in self.failed or self._is_best(node, home):
                continue
            between[home] = self._look_at(node, home)
            if len(between) == ENOUGH and all(between[each] and not self._is_best(node, each) for each in between):
                break
        return between

    def _cases(self, case: Case, choice: int) -> tuple[Case, Case]:
        """The two halves of a case by a column, or by the row of a group (below zero: -1 is the first row)."""
        if choice >= 0:
            return replace(case, zeros=(*case.zeros, choice)), replace(case, ones=(*case.ones, choice))
        row = -1 - choice
        return replace(case, apart=(*case.apart, row)), replace(case, together=(*case.together, row))

    def _look_at(self, node: Node, home: int) -> dict[int, float]:
        """The relaxation with one more place in a home: a bound, a plan near it, and the choices between 0 and 1."""
        change = self.wider.changes[home]
        relaxed = self._solved(node, change, self.seen.reached[home])
        if relaxed is None:
            if self._go_together(node, change):
                self.failed.add(home)
            else:
                node.most[home] = -np.inf
            return {}
        self._see(node, relaxed)
        if self._is_best(node, home):
            return {}
        between = self._between(relaxed)
        if not between or node.case == EVERY_CASE:
            self.seen.round(home, relaxed.point)
        return between

    def _between(self, relaxed: Relaxed) -> dict[int, float]:
        """Groups that are neither together nor apart, else columns that a network does not know and that are neither 0
        nor 1, and their values."""
        point = np.where(self.seen.plans.outside, relaxed.point[: len(self.seen.plans.outside)], 0.0)
        pairs = len(self.wider.wide.pair_child)
        groups = np.bincount(self.wider.wide.column_group, point[pairs:], len(self.wider.wide.members))
        first = len(self.wider.programme.lower) - len(self.aims) - len(groups)
        found = np.flatnonzero(np.abs(groups - np.rint(groups)) > WHOLE)
        if len(found):
            return dict(zip((-1 - first - found).tolist(), groups[found].tolist(), strict=True))
        found = np.flatnonzero(np.abs(point - np.rint(point)) > WHOLE)
        return dict(zip(found.tolist(), point[found].tolist(), strict=True))

    def _see(self, node: Node, relaxed: Relaxed | None) -> None:
        if relaxed is not None:
            np.minimum(node.most, self.bounds.above(relaxed.duals, node.case), out=node.most)

    def _solved(self, node: Node, change: Change, reached: np.ndarray) -> Relaxed | None:
        held = dict(zip(self.aims[: self.number], reached[: self.number].tolist(), strict=True))
        case = node.case
        change = replace(
            change,
            uppers={**change.uppers, **dict.fromkeys(case.apart, 0.0)},
            floors=dict.fromkeys(case.together, 1.0),
            ones=case.ones,
            zeros=case.zeros,
        )
        nothing = np.zeros(self.wider.programme.columns, dtype=bool)
        return self.relaxed.solve(self.aims[self.number], held, change, nothing)

    def _go_together(self, node: Node, change: Change) -> bool:
        """Whether the columns set to 1 keep every upper limit after a change."""
        programme = self.wider.programme
        sums, upper = np.zeros(len(programme.lower)), programme.upper.copy()
        for column in node.case.ones:
            entries = slice(programme.starts[column], programme.starts[column + 1])
            for row, value in zip(programme.rows[entries].tolist(), programme.values[entries].tolist(), strict=True):
                sums[row] += change.coefficients.get((row, column), value)
        for row, limit in change.uppers.items():
            upper[row] = limit
        return bool((sums <= upper).all())


def _by_choice(between: dict[int, dict[int, float]]) -> list[tuple[int, list[int]]]:
    """Homes by the choice to branch on: the one that most of them have between 0 and 1, the larger the sooner."""
    answer = []
    while between:
        votes: Counter[int] = Counter()
        for values in between.values():
            votes.update(values)
        column = max(votes, key=lambda each: (votes[each], -each))
        homes = [home for home, values in between.items() if column in values]
        answer.append((column, homes))
        between = {home: values for home, values in between.items() if column not in values}
    return answer


def with_escapes(wider: Wider) -> Wider:
    """The programme with a row for each group, 1 when it is together, before the rows of the aims; and with columns
    that break limits of homes, and floors of aims, groups and children who must have a home, at a price: every node
    then has a point over any few columns."""
    wider = replace(wider, programme=_with_groups(wider))
    programme = wider.programme
    rows, takes = _escapes(wider)
    units = {aim: DEAR * int(np.abs(weights).max(initial=1)) for aim, weights in programme.aims.items()}
    prices = np.maximum(np.rint(np.abs(takes)), 1).astype(np.int64)
    longer = replace(
        programme,
        starts=np.append(programme.starts, programme.starts[-1] + 1 + np.arange(len(rows))).astype(np.int32),
        rows=np.append(programme.rows, rows).astype(np.int32),
        values=np.append(programme.values, takes),
        aims={aim: np.append(weights, -units[aim] * prices) for aim, weights in programme.aims.items()},
    )
    return replace(wider, programme=longer, shut=np.append(wider.shut, np.zeros(len(rows), bool)), escapes=len(rows))


def _with_groups(wider: Wider) -> Programme:
    programme, groups = wider.programme, wider.wide.column_group.astype(np.int64)
    own, count, pairs = len(programme.lower) - len(programme.aims), len(wider.wide.members), len(wider.wide.pair_child)
    columns = pairs + np.arange(len(groups))
    ends = programme.starts[1:][columns]
    return replace(
        programme,
        starts=(programme.starts + np.searchsorted(columns, np.arange(programme.columns + 1))).astype(np.int32),
        rows=np.insert(
            np.where(programme.rows < own, programme.rows, programme.rows + count), ends, own + groups
        ).astype(np.int32),
        values=np.insert(programme.values, ends, 1.0),
        lower=np.insert(programme.lower, own, np.zeros(count)),
        upper=np.insert(programme.upper, own, np.ones(count)),
    )


def _escapes(wider: Wider) -> tuple[np.ndarray, np.ndarray]:
    """Rows that can be broken, and by how much and in which direction."""
    programme = wider.programme
    own, children = len(programme.lower) - len(programme.aims), len(wider.base.children)
    most = _largest(programme)
    above = np.arange(children, own)
    below = np.flatnonzero(np.isfinite(programme.lower[:own]))
    floors = np.arange(own, len(programme.lower))
    rows = np.concatenate([above, below, floors])
    return rows, np.concatenate([-most[above], most[below], most[floors] * children])


def _largest(programme: Programme) -> np.ndarray:
    """The largest coefficient of each row, 1 at least."""
    largest = np.ones(len(programme.lower))
    np.maximum.at(largest, programme.rows, np.abs(programme.values))
    return largest
