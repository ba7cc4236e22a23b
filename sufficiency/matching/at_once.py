"""All aims from the sibling groups' on in one weight: branch and bound on the groups' homes, everyone else by flow.

Beyond the aims that the network has proven, the others are joined to one whole number per column, each aim outweighing
all that the next can add up to. A relaxation over few columns gives dual values; rounded to fractions with one
denominator they are a bound of every plan in whole numbers, over all columns, whatever was left out and however the
solver rounds. A plan that reaches the bound is the optimum of every aim at once.

Most relaxations of a quarter's children have whole groups in them or can be rounded to such; the rest are branched on.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sufficiency.matching.branching import NONE, outside_network, that_go_together, used_most_first, with_everyone
from sufficiency.matching.flow import NoFlowError, best_flow, joined
from sufficiency.matching.instance import Instance
from sufficiency.matching.narrow import Face, fits, flow_that_fits, network_of, priced, to_begin_with
from sufficiency.matching.solve import WARM, Programme, StoppedError, new_solver, run, set_aim, some_columns

DENOMINATOR: Final = 4096
"""Of the dual values as fractions: rounding moves the bound of a few hundred rows and columns by less than one unit."""

ROUNDING: Final = 8
"""What a column's gain may seem to be, in such fractions, when the duals of its rows are rounded."""

LARGEST: Final = 2**58
"""Fractions of the weights of all children together stay below this, so that sums of a few cannot overflow."""

COST_BITS: Final = 28
"""Costs that the solver sees are below two to this power: its tolerance for duals, 1e-7, is then near what floating
point can tell apart, and after scaling back far below one unit."""

SLACK: Final = 8
"""What the slack of a row that must be full costs, in largest weights. The bound holds with any cost."""

MOST_NODES: Final = 25
"""Nodes after which aims are settled one by one instead; one or two are usual."""

MOST_COLUMNS: Final = 8_000
"""Columns of the programme up to which this is the faster way (median, mean and most of 16 draws of 100 children and
150 homes: 22, 22 and 27 ms against 30, 40 and 198 aim by aim); with 200 and 250 it takes a fifth longer."""

NEAR_PER_CHILD: Final = 8
"""Pairs to begin with, per child: of 3, 6, 8 and 10 the fastest for 60 children and 150 homes."""

LET_IN: Final = 300
"""Columns let in after one pricing, the best first."""

Node = tuple[tuple[int, ...], tuple[int, ...]]
"""Columns set to 1 and columns set to 0."""


@dataclass(frozen=True, eq=False)
class AtOnce:
    """``chosen`` (bool per column), ``near`` (bool): columns that cost nothing where a bound was proven.
    ``branched``: the relaxation's bound was not reached, and branching has proven that none is better."""

    chosen: np.ndarray
    near: np.ndarray
    branched: bool


def best_at_once(instance: Instance, programme: Programme, deadline: float) -> AtOnce | None:
    """The optimum of every aim; ``None`` where this way does not lead to a proof.

    It is not tried on large programmes, and it does not without sibling groups, where an aim before theirs is not the
    network's alone, or after many nodes.
    """
    if programme.columns > MOST_COLUMNS:
        return None
    face = _before_groups(instance, programme)
    weight = None if face is None else _joined_after(face, len(instance.children))
    if face is None or weight is None:
        return None
    try:
        return _Tree(instance, face, weight, deadline).best()
    except StoppedError:
        return None


def _before_groups(instance: Instance, programme: Programme) -> Face | None:
    """The plans that reach all aims before the groups', which the network's prices have to prove."""
    pairs, names = len(instance.pair_child), list(programme.aims)
    if pairs == programme.columns or "siblings_together" not in names:
        return None
    before = names[: names.index("siblings_together")]
    try:
        flow = best_flow(network_of(instance), {name: programme.aims[name][:pairs] for name in before})
    except NoFlowError:  # some children can only be placed with their unit
        return None
    chosen = flow_that_fits(instance, programme, flow)
    face = Face(programme)
    if not fits(programme, chosen) or not all(face.settle_exactly(level, chosen) for level in flow.levels):
        return None
    return face if len(face.bounds) == len(before) else None


def _joined_after(face: Face, children: int) -> np.ndarray | None:
    """One weight of the aims that are left; ``None`` where it is too large."""
    weights = [face.own.aims[name] for name in face.left]
    most = [int(np.abs(weight).max(initial=0)) for weight in weights]
    steps = [2 * children * each + 1 for each in most[1:]]
    if most[0] * math.prod(steps) >= LARGEST:
        return None
    weight = joined(weights, steps)
    return weight if more_than_all(weight, children) * DENOMINATOR < LARGEST else None


def more_than_all(weight: np.ndarray, children: int) -> int:
    """More than the weights of all children together."""
    return int(np.abs(weight).max(initial=0)) * (children + 1) + 1


class _Tree:
    """Branch and bound over the columns that a network does not know, with one relaxation kept warm.

    A row that must be full has a dear slack, so that every node has a point.
    """

    def __init__(self, instance: Instance, face: Face, weight: np.ndarray, deadline: float) -> None:
        self.instance, self.face, self.weight, self.deadline = instance, face, weight, deadline
        self.programme = face.own
        self.branched = outside_network(instance, self.programme)
        self.upper = np.where(np.isfinite(self.programme.upper), self.programme.upper, 0).astype(np.int64)
        self.either_sign = face.full | np.isfinite(self.programme.lower)
        self.scale = float(2 ** max(int(np.abs(weight).max()).bit_length() - COST_BITS, 0))
        self.most = more_than_all(weight, len(instance.children))
        firsts = [instance.members[unit][0] for unit in instance.column_group.tolist()]
        self.owner = np.concatenate([instance.pair_child, np.array(firsts, dtype=int)])
        pairs = len(instance.pair_child)
        losses = np.where(face.open, -weight, self.most)[:pairs]
        self.columns = np.flatnonzero(to_begin_with(instance, self.programme, losses, NEAR_PER_CHILD) & face.open)
        self.where = np.arange(len(self.columns))
        self.solver = self._solver()
        self.near = np.zeros(self.programme.columns, dtype=bool)
        self.value, self.chosen = -self.most, np.zeros(self.programme.columns, dtype=bool)

    def _solver(self) -> Any:
        solver = new_solver(self.programme, self.columns, self.face.lower, self.programme.upper, most=np.inf)
        for setting, choice in WARM.items():
            solver.setOptionValue(setting, choice)
        set_aim(solver, self.weight[self.columns] / self.scale)
        full = np.flatnonzero(self.either_sign).astype(np.int32)
        count, ones = len(full), np.ones(len(full))
        starts = np.arange(count, dtype=np.int32)
        slack = SLACK * np.abs(self.weight).max() / self.scale
        solver.addCols(count, -slack * ones, 0 * ones, np.inf * ones, count, starts, full, ones)
        return solver

    def best(self) -> AtOnce | None:
        """The best plan; ``None`` where none was proven to be so."""
        first: Node = ((), ())
        nodes: list[tuple[int, int, Node]] = [(0, 0, first)]
        root = None
        for count in range(MOST_NODES):
            above, _, node = heapq.heappop(nodes)
            if root is not None and -above <= self.value:
                break  # no node that is left is better
            bound, values = self._relaxed(node)
            root = bound if root is None else root
            if values is not None and bound > self.value:
                column = self._look_for_plan(node, bound, values)
                if self.value < bound:
                    if column is None:
                        return None
                    ones, zeros = node
                    heapq.heappush(nodes, (-bound, -2 * count - 2, ((*ones, column), zeros)))
                    heapq.heappush(nodes, (-bound, -2 * count - 1, (ones, (*zeros, column))))
            if not nodes:
                break
        else:
            return None
        if self.value == -self.most:
            return None
        return AtOnce(self.chosen, self.near | self.chosen, branched=self.value != root)

    def _look_for_plan(self, node: Node, bound: int, values: np.ndarray) -> int | None:
        """Round the groups' columns to homes that go together, and keep the plan if it is the best; then the column to
        branch on, ``None`` where all are whole."""
        used = used_most_first(values)
        proposed = that_go_together(self.programme, [*node[0], *self.columns[used].tolist()])
        chosen = with_everyone(self.instance, self.face, self.branched, proposed, {"all": self.weight})
        if chosen is not None and (value := int(self.weight[chosen].sum())) > self.value:
            self.value, self.chosen = value, chosen
        between = used[np.abs(values[used] - np.rint(values[used])) > NONE]
        return int(self.columns[between[0]]) if len(between) else None

    def _relaxed(self, node: Node) -> tuple[int, np.ndarray | None]:
        """A bound of all plans of a node, in whole numbers, and the values of the columns branched on (0 for others);
        no values where the columns set to 1 do not go together, since no other column could help."""
        ones, shut = np.zeros(self.programme.columns, dtype=bool), np.zeros(self.programme.columns, dtype=bool)
        ones[list(node[0])], shut[list(node[1])] = True, True
        self._set(ones, shut)
        may = self.face.open & ~shut & ~ones
        while run(self.solver, "sibling groups", self.deadline):
            solution = self.solver.getSolution()
            duals = np.rint(np.asarray(solution.row_dual) * (self.scale * DENOMINATOR)).astype(np.int64)
            duals = np.where(self.either_sign, duals, np.maximum(duals, 0))
            gains = self.weight * DENOMINATOR - priced(self.programme, duals)
            better = np.where(may & (gains > ROUNDING), gains, 0)
            better[self.columns] = 0
            promising = np.flatnonzero(better)
            if len(promising) == 0:
                self.near[self.columns] |= self.face.open[self.columns] & (gains[self.columns] >= -ROUNDING)
                bound = _exact_sum(duals, self.upper) + self._most_gained(gains, may, ones)
                values = np.asarray(solution.col_value)[self.where]
                return bound // DENOMINATOR, np.where(self.branched[self.columns], values, 0.0)
            self._let_in(promising[np.argsort(-better[promising], kind="stable")[:LET_IN]])
        return -self.most, None

    def _most_gained(self, gains: np.ndarray, may: np.ndarray, ones: np.ndarray) -> int:
        """What columns can bring beyond what their rows cost: those set to 1, and for each child the best of the others
        of which it is the first member, since a child is in one column at most."""
        gaining = np.flatnonzero(may & (gains > 0))
        best = np.zeros(len(self.instance.children), dtype=np.int64)
        np.maximum.at(best, self.owner[gaining], gains[gaining])
        return sum(best.tolist()) + sum(gains[ones].tolist())

    def _set(self, ones: np.ndarray, shut: np.ndarray) -> None:
        """Bounds of the columns branched on."""
        mine = np.flatnonzero(self.branched[self.columns])
        lower = np.where(ones[self.columns[mine]], 1.0, 0.0)
        upper = np.where(shut[self.columns[mine]], 0.0, np.inf)
        self.solver.changeColsBounds(len(mine), self.where[mine].astype(np.int32), lower, upper)

    def _let_in(self, columns: np.ndarray) -> None:
        starts, rows, values = some_columns(self.programme, columns)
        count, first, nothing = len(columns), self.solver.getNumCol(), np.zeros(len(columns))
        costs, most = self.weight[columns] / self.scale, np.full(len(columns), np.inf)
        self.solver.addCols(count, costs, nothing, most, len(rows), starts[:-1].astype(np.int32), rows, values)
        self.columns = np.append(self.columns, columns)
        self.where = np.append(self.where, np.arange(first, first + count))


def _exact_sum(one: np.ndarray, other: np.ndarray) -> int:
    """The sum of products, in whole numbers of any size."""
    used = np.flatnonzero(one)
    return sum(a * b for a, b in zip(one[used].tolist(), other[used].tolist(), strict=True))
