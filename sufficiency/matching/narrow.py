"""The few columns among which an optimum lies, and bounds that prove it: a network first, then linear relaxations.

The network gives exact prices for the aims that it knows. Sibling groups are columns that it does not know; for the
aims from theirs on, linear relaxations are solved over few columns and proved over all of them (column generation).
An answer that reaches the bound of every aim is an optimum of the whole problem, whatever was left out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from sufficiency.matching.flow import Flow, Level, Network, NoFlowError, NoPlanError, best_flow
from sufficiency.matching.instance import Instance
from sufficiency.matching.solve import (
    SAFE,
    WARM,
    Programme,
    held_scale,
    new_solver,
    row_sums,
    run,
    set_aim,
    some_columns,
)

NEAR_PER_CHILD: Final = 3
"""Pairs to begin with, per child. Any number gives the same bounds; this one was fastest."""

LET_IN_PER_ROW: Final = 1.0
"""Columns let in after one pricing, per row of the programme, the best first."""

MANY: Final = 20_000
"""Columns from which the first solve is by the interior point method: a fifth of the time of the simplex method."""

ZERO: Final = 1e-6
"""What a dual value or a reduced cost may be wrong by, as a share of an aim's largest weight beyond a thousand."""


@dataclass(frozen=True, eq=False)
class Bound:
    """What an aim can reach at most once those before it are at their ``value``, the whole part of that."""

    aim: str
    most: float
    value: int


@dataclass(frozen=True, eq=False)
class Prices:
    """What children and places cost where some aims are settled; ``steps`` as in :class:`~.flow.Level`.

    No column open before is worth more, in these aims, than its rows cost. ``rows``: of all rows of the programme.
    """

    aims: tuple[str, ...]
    steps: tuple[int, ...]
    child: np.ndarray
    home: np.ndarray
    rows: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Narrow:
    """``face``: what is left open at the bounds of all aims. ``chosen`` (bool): the optimum itself where the network
    alone has proven it, else ``None``, and ``master`` the relaxation that has proven the bounds. ``before``: the face
    as it was before the aim of the sibling groups."""

    face: Face
    chosen: np.ndarray | None
    master: Master | None
    before: Face | None = None


def network_of(instance: Instance) -> Network:
    """The pairs of an instance as a network; what a network cannot say of it is left out."""
    capacity = (instance.offered + instance.leavers).astype(np.int64)
    has_pairs = np.bincount(instance.pair_child, minlength=len(instance.children)) > 0
    nowhere = np.zeros(len(capacity), dtype=bool)
    must = instance.must & has_pairs
    return Network(instance.pair_child, instance.pair_home, capacity, must, nowhere, instance.one_of_many)


def narrowed(
    instance: Instance, programme: Programme, known: Mapping[str, int], more: np.ndarray, deadline: float
) -> Narrow:
    """The columns worth solving over and the bound of every aim, exact for the aims that the network settles.

    ``known``: aims of which branch and bound has proven what whole numbers can reach, below the relaxation's bound.
    ``more`` (bool): columns to begin with beside those of the network, a plan that reaches what is known among them.
    """
    flow = flow_of(instance, programme)
    chosen = flow_that_fits(instance, programme, flow)
    face = Face(programme)
    if not known and fits(programme, chosen):
        for level in flow.levels:
            if not face.settle_exactly(level, chosen):
                break
    face.settle_what_nobody_adds_to()
    if len(face.bounds) == len(programme.aims):
        return Narrow(face, chosen, None)
    loss = None
    if flow.levels:
        level = flow.levels[-1]
        loss = level.child_price[instance.pair_child] + level.home_price[instance.pair_home] - level.weight
    start = chosen | more | to_begin_with(instance, programme, loss)
    master = Master(face, start, (len(instance.children), len(instance.homes)), deadline)
    before = None
    for aim in face.left:
        if aim == "siblings_together":
            before = face.copy()
        master.settle(aim, known.get(aim))
    return Narrow(face, None, master, before)


def _flow(instance: Instance, aims: Mapping[str, np.ndarray], breaks: Collection[str]) -> Flow:
    """The network's optimum; a mere beginning where children must be placed who can only be so with their unit."""
    network = network_of(instance)
    try:
        return best_flow(network, aims, breaks)
    except NoFlowError:
        return best_flow(replace(network, must=np.zeros_like(network.must)), aims, breaks)


def flow_of(instance: Instance, programme: Programme) -> Flow:
    """The network's optimum, aims from the siblings' on apart from those before where groups have columns."""
    pairs = len(instance.pair_child)
    breaks = {"siblings_together"} if pairs < programme.columns else set()
    return _flow(instance, {name: weights[:pairs] for name, weights in programme.aims.items()}, breaks)


def flow_that_fits(instance: Instance, programme: Programme, flow: Flow) -> np.ndarray:
    """The network's choice (bool per column), or one worth as much that keeps every rule.

    To the network a child who must be alone takes one place. If a flow without the pairs in which a child takes more is
    worth as much, it is the network's optimum too, and the same prices prove it.
    """
    chosen = np.zeros(programme.columns, dtype=bool)
    chosen[flow.pair[flow.pair >= 0]] = True
    plain = instance.pair_takes + instance.pair_stays <= 1
    if fits(programme, chosen) or plain.all() or not flow.levels:
        return chosen
    network, kept, first = network_of(instance), np.flatnonzero(plain), flow.levels[0]
    fewer = replace(network, child=network.child[kept], home=network.home[kept])
    try:
        other = best_flow(fewer, {"first": first.weight[kept]})
    except NoFlowError:
        return chosen
    instead = np.zeros_like(chosen)
    instead[kept[other.pair[other.pair >= 0]]] = True
    same = sum(first.weight[np.flatnonzero(instead)].tolist()) == sum(first.weight[np.flatnonzero(chosen)].tolist())
    return instead if same else chosen


def to_begin_with(
    instance: Instance, programme: Programme, loss: np.ndarray | None = None, each: int = NEAR_PER_CHILD
) -> np.ndarray:
    """Columns (bool) to begin with: all of the units, who stays put, and ``each`` child's pairs of least ``loss``."""
    answer = np.ones(programme.columns, dtype=bool)
    pairs = len(instance.pair_child)
    order = np.arange(pairs) if loss is None else np.lexsort((loss, instance.pair_child))
    rank = np.empty(pairs, dtype=int)
    rank[order] = np.arange(pairs) - np.searchsorted(instance.pair_child, instance.pair_child[order])
    answer[:pairs] = (rank < each) | instance.pair_stays
    return answer


class Face:
    """The plans that reach every aim settled so far: the columns still ``open``, the rows that must be ``full``.

    ``own`` is the programme as it was given; ``programme`` has a row more for each aim held below its relaxation's
    bound. Changes as one aim after the other is settled, and serves no other problem.
    """

    def __init__(self, programme: Programme) -> None:
        self.programme = self.own = programme
        self.open = np.ones(programme.columns, dtype=bool)
        self.full = np.zeros(len(programme.lower), dtype=bool)
        self.bounds: list[Bound] = []
        self.prices: list[Prices] = []

    @property
    def lower(self) -> np.ndarray:
        """Lower limits of the rows: those that must be full at their upper ones."""
        return np.where(self.full, self.programme.upper, self.programme.lower)

    def copy(self) -> Face:
        """The face as it is now."""
        answer = Face(self.own)
        answer.programme, answer.open, answer.full = self.programme, self.open.copy(), self.full.copy()
        answer.bounds, answer.prices = [*self.bounds], [*self.prices]
        return answer

    @property
    def left(self) -> list[str]:
        """Aims not settled yet, in order."""
        return list(self.programme.aims)[len(self.bounds) :]

    def settle_exactly(self, level: Level, chosen: np.ndarray) -> bool:
        """Settle the aims of one level of the network, when its prices bound every open column of the programme.

        The prices of rows that the network does not know are 0, which is always allowed. All in whole numbers.
        """
        programme = self.programme
        names = self.left[: self.left.index(level.aims[-1]) + 1]
        if any(programme.aims[name][self.open].any() for name in names if name not in level.aims):
            return False
        duals = np.zeros(len(programme.lower), dtype=np.int64)
        network = np.concatenate([level.child_price, level.home_price])
        duals[: len(network)] = network
        prices = priced(programme, duals)
        losses = prices - level.of(programme.aims)
        if (losses[self.open] < 0).any() or losses[chosen].any():
            return False
        self.bounds += [_reached(programme, name, chosen) for name in names]
        self.prices.append(Prices(level.aims, level.steps, level.child_price, level.home_price))
        self.keep(losses == 0, duals != 0)
        return True

    def settle_what_nobody_adds_to(self) -> None:
        """Settle aims at the end to which no open column adds anything."""
        nobody = np.zeros(self.programme.columns, dtype=bool)
        while self.left and not self.programme.aims[self.left[0]][self.open].any():
            self.bounds.append(_reached(self.programme, self.left[0], nobody))

    def hold(self, programme: Programme) -> None:
        """Take over the programme with one row more."""
        self.programme, self.full = programme, np.append(self.full, False)

    def keep(self, columns: np.ndarray, rows: np.ndarray) -> None:
        """Only these columns stay open, and these rows must be full."""
        self.open &= columns
        self.full |= rows


def _reached(programme: Programme, aim: str, chosen: np.ndarray) -> Bound:
    value = int(programme.aims[aim][chosen].sum())
    return Bound(aim, float(value), value)


def fits(programme: Programme, chosen: np.ndarray) -> bool:
    """A point of zeros and ones keeps every row of the programme."""
    sums = row_sums(programme, chosen)
    return bool(((sums >= programme.lower) & (sums <= programme.upper)).all())


def priced(programme: Programme, duals: np.ndarray) -> np.ndarray:
    """What the rows used by each column cost at the dual values, in whole numbers when those are whole."""
    values = programme.values if duals.dtype == float else programme.values.astype(np.int64)
    return np.add.reduceat(values * duals[programme.rows], programme.starts[:-1])


def with_held(programme: Programme, weights: np.ndarray, value: int) -> Programme:
    """The programme with one row more, in which the sum of the weights chosen does not fall below a value."""
    used, scale = np.flatnonzero(weights), held_scale(weights)
    return replace(
        programme,
        starts=(programme.starts + np.searchsorted(used, np.arange(programme.columns + 1))).astype(np.int32),
        rows=np.insert(programme.rows, programme.starts[1:][used], len(programme.lower)).astype(np.int32),
        values=np.insert(programme.values, programme.starts[1:][used], -weights[used] / scale),
        lower=np.append(programme.lower, -np.inf),
        upper=np.append(programme.upper, -value / scale),
    )


class Master:
    """The linear relaxation over some of the open columns of a face; others are let in while they could improve it.

    That no variable is above 1 follows from the children's rows, so the rows' dual values are all the prices there are.
    Holds HiGHS warm from aim to aim, and settles the face's aims as it goes. ``sizes``: children and homes, whose rows
    come first.
    """

    def __init__(self, face: Face, start: np.ndarray, sizes: tuple[int, int], deadline: float) -> None:
        self.face, self.sizes, self.deadline = face, sizes, deadline
        self.programme = face.programme
        self.columns = np.flatnonzero(start & face.open)
        self.solver, self.cold = self._solver(), True

    def _solver(self) -> Any:
        programme = self.programme
        solver = new_solver(programme, self.columns, self.face.lower, programme.upper, most=np.inf)
        for setting, choice in WARM.items():
            solver.setOptionValue(setting, choice)
        return solver

    def settle(self, aim: str, value: int | None = None) -> None:
        """Work out the bound of the next aim, and keep to the plans that reach it.

        ``value``: what is known to be the most that whole numbers can reach, below the relaxation's bound.
        """
        weights = self.programme.aims[aim]
        zero = ZERO * max(1.0, float(np.abs(weights).max(initial=0)) / 1000)
        set_aim(self.solver, weights[self.columns])
        self._solve(aim, weights, zero)
        most = float(self.solver.getInfo().objective_function_value)
        value = int(np.floor(most + SAFE)) if value is None else value
        duals = np.asarray(self.solver.getSolution().row_dual)
        losses = priced(self.programme, duals) - weights
        self.face.bounds.append(Bound(aim, most, value))
        self.face.prices.append(self._prices(aim, duals))
        if most - value <= SAFE:
            self.face.keep(losses <= zero, np.abs(duals) > zero)
            self._apply()
        else:
            self.face.keep(losses <= most - value + SAFE, np.zeros(len(duals), dtype=bool))
            self._hold(aim, value)

    def _prices(self, aim: str, duals: np.ndarray) -> Prices:
        children, homes = self.sizes
        return Prices((aim,), (), duals[:children], duals[children : children + homes], duals)

    def _solve(self, aim: str, weights: np.ndarray, zero: float) -> None:
        """The relaxation's optimum over all open columns."""
        self._run(aim)
        while len(missing := self._improving(weights, zero)):
            self._let_in(missing, weights)
            self._run(aim)

    def _run(self, aim: str) -> None:
        if self.cold and len(self.columns) > MANY:
            self.solver.setOptionValue("solver", "ipm")
        if not run(self.solver, aim, self.deadline):
            self._let_in_all(aim)
        self.solver.setOptionValue("solver", "simplex")
        self.cold = False

    def _let_in_all(self, aim: str) -> None:
        """All open columns, where those that are in allow no point at all."""
        missing = self.face.open.copy()
        missing[self.columns] = False
        if missing.any():
            self._let_in(np.flatnonzero(missing), self.programme.aims[aim])
        if not missing.any() or not run(self.solver, aim, self.deadline):
            raise NoPlanError(f"Matching found no point at all on {aim}; no answer is given.")

    def _improving(self, weights: np.ndarray, zero: float) -> np.ndarray:
        """Open columns that are not in and could improve the aim at the present dual values, the best first."""
        duals = np.asarray(self.solver.getSolution().row_dual)
        prices = weights - priced(self.programme, duals)
        prices[self.columns] = 0
        promising = np.flatnonzero(self.face.open & (prices > zero))
        most = int(LET_IN_PER_ROW * len(duals)) + 1
        return promising[np.argsort(-prices[promising], kind="stable")[:most]]

    def _let_in(self, columns: np.ndarray, weights: np.ndarray) -> None:
        starts, rows, values = some_columns(self.programme, columns)
        count = len(columns)
        nothing, costs = np.zeros(count), weights[columns].astype(float)
        self.solver.addCols(
            count, costs, nothing, np.full(count, np.inf), len(rows), starts[:-1].astype(np.int32), rows, values
        )
        self.columns = np.append(self.columns, columns)

    def _apply(self) -> None:
        """Shut the columns and fill the rows that the face says."""
        upper = np.where(self.face.open[self.columns], np.inf, 0.0)
        every = np.arange(len(upper), dtype=np.int32)
        self.solver.changeColsBounds(len(upper), every, np.zeros(len(upper)), upper)
        full = np.flatnonzero(self.face.full).astype(np.int32)
        self.solver.changeRowsBounds(len(full), full, self.programme.upper[full], self.programme.upper[full])

    def _hold(self, aim: str, value: int) -> None:
        """Keep an aim at a whole value below its bound, in a row of its own, from now on."""
        self.programme = with_held(self.programme, self.programme.aims[aim], value)
        self.face.hold(self.programme)
        self.columns = self.columns[self.face.open[self.columns]]
        self.solver, self.cold = self._solver(), True
