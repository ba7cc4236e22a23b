"""Whole-number plans: the columns that a network does not know by branching, everyone else by flow.

With the homes of the sibling groups decided, the rest is a network, whose optimum is whole. So only the groups'
columns, and the few others that a network does not know, are branched on. The relaxation of a node is solved over some
columns and proved over all that are open, so a node that is cut off could not have held anything better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from sufficiency.errors import SolverError
from sufficiency.matching.flow import Network, NoFlowError, NoPlanError, best_flow
from sufficiency.matching.instance import Instance
from sufficiency.matching.narrow import Face, Master, Narrow, fits, network_of, priced
from sufficiency.matching.solve import SAFE, SURE_TO_BRANCH, Programme, new_solver, row_sums, run, set_aim, some_columns

MISSED: Final = 1e-5
"""How far a node may miss a row that must be full by the solver's tolerances, in children and places."""

NONE: Final = 1e-5
"""What the solver may leave of a column that is not used."""

MOST_NODES: Final = 30
"""Nodes after which aims are settled one by one instead; nearly every point lies on the first way down."""

MOST_PROPOSALS: Final = 40
"""Proposals of homes for the groups after which branch and bound takes over; two or three are usual."""

LET_IN: Final = 300
"""Columns let in after one pricing, the best first."""

Node = tuple[tuple[int, ...], tuple[int, ...]]
"""Columns set to 1 and columns set to 0."""


class NoPointError(NoPlanError):
    """No whole-number plan reaches the bounds of the aims settled so far."""


def whole_point(instance: Instance, master: Master) -> np.ndarray | None:
    """A point of zeros and ones (bool) that reaches the bound of every aim; ``None`` when none was found.

    Takes over the master's solver.
    """
    search = _Search(instance, master)
    nodes: list[Node] = [((), ())]
    for _ in range(MOST_NODES):
        if not nodes:
            return None
        ones, zeros = nodes.pop()
        values = search.relaxed((ones, zeros))
        if values is None:
            continue
        values = np.where(search.branched[search.columns], values, 0.0)
        between = np.flatnonzero(np.abs(values - np.rint(values)) > MISSED)
        if len(between) == 0:
            chosen = with_everyone(instance, master.face, search.branched, search.columns[values > 0.5], {})
            if chosen is not None and is_on(master.face, chosen):
                return chosen
            continue
        column = int(search.columns[between[np.argmax(values[between])]])
        nodes += [(ones, (*zeros, column)), ((*ones, column), zeros)]
    return None


def near_best(instance: Instance, narrow: Narrow, deadline: float) -> np.ndarray | None:
    """A plan with the sibling groups at their optimum, all aims before kept, and the aims after as good as these homes
    for the groups allow: those that the relaxation of the last aim finds cheapest are proposed first.

    ``None`` when there are no groups, or they could not be settled so: among them where an aim before theirs is held
    below its relaxation's bound, because the rest is then no network.
    """
    master, before = narrow.master, narrow.before
    if master is None or before is None or before.programme is not before.own:
        return None
    names = list(narrow.face.own.aims)
    after = {name: narrow.face.own.aims[name] for name in names[names.index("siblings_together") + 1 :]}
    inside = np.zeros(before.own.columns, dtype=bool)
    inside[master.columns] = True
    losses = _losses_of_last(narrow) / (2 * max(len(instance.members), 1))
    weights = narrow.face.own.aims["siblings_together"].astype(float) - losses
    try:
        chosen = _best_groups(instance, before, inside, weights, deadline)
    except NoPointError:
        return None
    if chosen is None:
        return None
    branched = outside_network(instance, before.programme)
    return with_everyone(instance, before, branched, np.flatnonzero(chosen & branched), after)


def _losses_of_last(narrow: Narrow) -> np.ndarray:
    """What each column loses of the last aim, as a share of the most that one loses."""
    programme, last = narrow.face.programme, narrow.face.prices[-1]
    rows = np.zeros(len(programme.lower))
    if last.rows is not None:
        rows[: len(last.rows)] = last.rows
    losses = np.maximum(priced(programme, rows) - programme.aims[last.aims[-1]], 0.0)
    largest = float(losses.max(initial=0))
    return losses / largest if largest else losses


def best_point(
    instance: Instance,
    face: Face,
    start: np.ndarray,
    aim: str,
    weights: np.ndarray,
    deadline: float,
) -> np.ndarray:
    """The best point of zeros and ones for an aim among those that reach the aims settled before it.

    ``start`` (bool): columns to begin with. Raises
    :class:`~sufficiency.errors.SolverError` when the best is not proven in time.
    """
    apart = face.programme is face.own and not weights[face.open & ~outside_network(instance, face.own)].any()
    chosen = _best_groups(instance, face, start, weights, deadline) if apart else None
    return _by_branch_and_bound(instance, face, aim, weights, deadline) if chosen is None else chosen


def used_most_first(values: np.ndarray) -> np.ndarray:
    """Positions of the values that are not 0, the largest first."""
    used = np.flatnonzero(values > NONE)
    return used[np.argsort(-values[used], kind="stable")]


def that_go_together(programme: Programme, columns: Sequence[int]) -> np.ndarray:
    """Those columns, the first ones first, that no row forbids together."""
    left = np.where(np.isfinite(programme.upper), programme.upper, np.inf)
    taken = []
    for column in dict.fromkeys(columns):
        entries = slice(programme.starts[column], programme.starts[column + 1])
        rows, values = programme.rows[entries], programme.values[entries]
        if (left[rows] >= values).all():
            left[rows] -= values
            taken.append(column)
    return np.array(taken, dtype=int)


def _by_branch_and_bound(instance: Instance, face: Face, aim: str, weights: np.ndarray, deadline: float) -> np.ndarray:
    """As :func:`best_point`, by HiGHS over every open column.

    All columns are whole numbers to the solver, though the rest would follow from the groups' by flow: it finds more
    cuts so, and needs a fifth of the nodes.
    """
    programme, columns = face.programme, np.flatnonzero(face.open)
    solver = new_solver(programme, columns, face.lower, programme.upper)
    for setting, choice in SURE_TO_BRANCH.items():
        solver.setOptionValue(setting, choice)
    set_aim(solver, weights[columns])
    every = np.arange(len(columns), dtype=np.int32)
    solver.changeColsIntegrality(len(columns), every, np.ones(len(columns), dtype=np.uint8))
    if not run(solver, aim, deadline):
        raise NoPointError(f"Matching found no whole-number point on {aim}; no answer is given.")
    chosen = np.zeros(programme.columns, dtype=bool)
    chosen[columns] = np.asarray(solver.getSolution().col_value) > 0.5
    bound = np.floor(solver.getInfo().mip_dual_bound + SAFE)
    if not is_on(face, chosen):
        raise NoPointError(f"Matching found no whole-number point on {aim}; no answer is given.")
    if int(weights[chosen].sum()) < bound:
        raise SolverError(f"Matching did not reach the bound of {aim}; no answer is given. Please report this.")
    return chosen


def _best_groups(
    instance: Instance, face: Face, start: np.ndarray, weights: np.ndarray, deadline: float
) -> np.ndarray | None:
    """The best point for an aim to which only the columns branched on add anything, by Benders' decomposition.

    A small programme of those columns alone proposes; the network of everyone else accepts, or answers with a cut that
    forbids what it cannot house. The first proposal accepted is the optimum: every one before it was a bound.
    ``None`` when none was accepted among the first few.
    """
    programme = face.programme
    outside = outside_network(instance, programme)
    branched = np.flatnonzero(outside & face.open)
    if len(branched) == 0:
        chosen = with_everyone(instance, face, outside, branched, {})
        return chosen if chosen is not None and is_on(face, chosen) else None
    search = _Search(instance, Master(face, start, (len(instance.children), len(instance.homes)), deadline))
    solver = new_solver(programme, branched, np.full(len(programme.lower), -np.inf), programme.upper)
    for setting, choice in SURE_TO_BRANCH.items():
        solver.setOptionValue(setting, choice)
    set_aim(solver, weights[branched])
    every = np.arange(len(branched), dtype=np.int32)
    solver.changeColsIntegrality(len(branched), every, np.ones(len(branched), dtype=np.uint8))
    right = np.where(np.isfinite(programme.upper), programme.upper, 0.0)
    for _ in range(MOST_PROPOSALS):
        if not run(solver, "sibling groups", deadline):
            raise NoPointError("Matching found no whole-number point for the sibling groups; no answer is given.")
        decided = branched[np.asarray(solver.getSolution().col_value) > 0.5]
        duals = search.with_decided(decided)
        if duals is None:
            chosen = with_everyone(instance, face, search.branched, decided, {})
            return chosen if chosen is not None and is_on(face, chosen) else None
        cut = priced(programme, duals)[branched]
        used = np.flatnonzero(np.abs(cut) > MISSED).astype(np.int32)
        solver.addRow(-np.inf, float(duals @ right) + MISSED, len(used), used, cut[used])
    return None


def is_on(face: Face, chosen: np.ndarray) -> bool:
    """The point keeps every rule and reaches every bound, in whole numbers."""
    values = {name: int(weights[chosen].sum()) for name, weights in face.own.aims.items()}
    return fits(face.own, chosen) and all(values[bound.aim] == bound.value for bound in face.bounds)


def outside_network(instance: Instance, programme: Programme) -> np.ndarray:
    """Columns (bool) that are not one child taking one place of one home and nothing else."""
    pairs = len(instance.pair_child)
    entries, sums = np.diff(programme.starts), np.add.reduceat(programme.values, programme.starts[:-1])
    plain = (entries == 2) & (sums == 2)
    plain[pairs:] = False
    return ~plain


def with_everyone(
    instance: Instance, face: Face, branched: np.ndarray, decided: np.ndarray, weights: Mapping[str, np.ndarray]
) -> np.ndarray | None:
    """The columns decided, and everyone else by flow over the open pairs, for the most of some aims in order.

    ``None`` when those who must be placed, and the homes that must be full, cannot all be.
    """
    programme, pairs = face.programme, len(instance.pair_child)
    children, homes = len(instance.children), len(instance.homes)
    chosen = np.zeros(programme.columns, dtype=bool)
    chosen[decided] = True
    taken = row_sums(programme, chosen)
    with_home, places = taken[:children] > 0, taken[children : children + homes]
    network = network_of(instance)
    free = np.flatnonzero(face.open[:pairs] & ~branched[:pairs] & ~with_home[network.child])
    rest = Network(
        network.child[free],
        network.home[free],
        network.capacity - places,
        (face.full[:children] | network.must) & ~with_home,
        face.full[children : children + homes],
        network.dense,
    )
    aims = {name: each[free] for name, each in weights.items() if each[free].any()}
    try:
        flow = best_flow(rest, aims or {"everyone": np.ones(len(free), dtype=np.int64)})
    except NoFlowError:
        return None
    chosen[free[flow.pair[flow.pair >= 0]]] = True
    # without a pair that is left there is no flow, which could have told that a home stays empty that must be full
    filled = (row_sums(face.own, chosen) >= face.lower[: len(face.own.lower)]).all()
    return chosen if filled and fits(face.own, chosen) else None


class _Search:
    """The face's linear relaxation, with some columns set, and a slack in every row that must be full.

    A node without a point shows itself by its slack, and columns that could mend it are let in.
    """

    def __init__(self, instance: Instance, master: Master) -> None:
        self.face, self.programme, self.deadline = master.face, master.programme, master.deadline
        self.branched = outside_network(instance, self.programme)
        self.columns, self.where = master.columns, np.arange(len(master.columns))
        self.solver = master.solver
        self.slack = self._slacks()

    def _slacks(self) -> np.ndarray:
        """A variable for each row that must be full, counted against the point; every other one counts nothing."""
        must = self.face.full | np.isfinite(self.programme.lower)
        full, first = np.flatnonzero(must).astype(np.int32), self.solver.getNumCol()
        set_aim(self.solver, np.zeros(first))
        count = len(full)
        ones, starts = np.ones(count), np.arange(count, dtype=np.int32)
        self.solver.addCols(count, -ones, 0 * ones, np.full(count, np.inf), count, starts, full, ones)
        return np.arange(first, first + count)

    def relaxed(self, node: Node) -> np.ndarray | None:
        """Values of :attr:`columns` in a node; none where it misses the face."""
        self._set(node)
        shut = np.zeros(self.programme.columns, dtype=bool)
        shut[list(node[1])] = True
        return self._solved(shut)

    def with_decided(self, decided: np.ndarray) -> np.ndarray | None:
        """Dual values of the rows where no plan on the face has just these of the columns branched on; else none.

        They are the proof: weighted by them, the rows cannot be kept, nor can they with any choice that breaks the cut
        that follows.
        """
        self._let_in(np.setdiff1d(decided, self.columns))
        self._set((tuple(decided.tolist()), tuple(np.setdiff1d(np.flatnonzero(self.branched), decided).tolist())))
        if self._solved(self.branched) is not None:
            return None
        return np.asarray(self.solver.getSolution().row_dual)

    def _solved(self, shut: np.ndarray) -> np.ndarray | None:
        while run(self.solver, "sibling groups", self.deadline):
            solution = self.solver.getSolution()
            values = np.asarray(solution.col_value)
            if values[self.slack].sum() <= MISSED:
                return values[self.where]
            prices = -priced(self.programme, np.asarray(solution.row_dual))
            prices[self.columns] = 0
            promising = np.flatnonzero(self.face.open & ~shut & (prices > MISSED))
            if len(promising) == 0:
                return None
            self._let_in(promising[np.argsort(-prices[promising], kind="stable")[:LET_IN]])
        return None

    def _set(self, node: Node) -> None:
        """Bounds of the columns branched on, all others of them free again."""
        mine = np.flatnonzero(self.branched[self.columns] & self.face.open[self.columns])
        ones, zeros = np.isin(self.columns[mine], node[0]), np.isin(self.columns[mine], node[1])
        lower, upper = np.where(ones, 1.0, 0.0), np.where(zeros, 0.0, np.inf)
        self.solver.changeColsBounds(len(mine), self.where[mine].astype(np.int32), lower, upper)

    def _let_in(self, columns: np.ndarray) -> None:
        starts, rows, values = some_columns(self.programme, columns)
        count, first, nothing = len(columns), self.solver.getNumCol(), np.zeros(len(columns))
        self.solver.addCols(
            count, nothing, nothing, np.full(count, np.inf), len(rows), starts[:-1].astype(np.int32), rows, values
        )
        self.columns = np.append(self.columns, columns)
        self.where = np.append(self.where, np.arange(first, first + count))
