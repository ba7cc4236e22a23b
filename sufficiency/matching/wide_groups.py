"""Sibling groups of all England: homes for whole groups proposed by a small programme, everyone else by flow.

The network's prices say which homes a whole group can have at no loss to the aims before theirs. A linear programme of
those alone proposes; the network houses everyone else, or answers with a cut that says what it cannot house. What such
a proposal misses by the end is given up group by group, so the plan loses nothing of the aims before.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sufficiency.matching.flow import Flow, Level, best_flow, joined
from sufficiency.matching.instance import Instance
from sufficiency.matching.narrow import network_of, priced
from sufficiency.matching.rules import is_empty, is_fostering
from sufficiency.matching.solve import Programme, new_solver, run, set_aim
from sufficiency.matching.wide import Wide
from sufficiency.vocabulary import USUAL_FOSTERING_LIMIT

PRICED: Final = frozenset({"placed", "within_limit", "siblings_together", "weekly_cost", "in_house"})
"""Aims whose weight is known of every home for every unit, listed or not."""

MOST_PROPOSALS: Final = 8
"""Proposals of homes for all groups; each costs a linear programme and a flow, and later ones add little."""

MOST_GIVEN_UP: Final = 12
"""Times that groups are given up until everyone else is housed as well as without them."""

SLOWLY: Final = 3
"""Times after which twice as much is given up as the cut asks for."""

SHARE_OF_PRICE: Final = 0.2
"""What the dearest homes count against a group, as a share of one child together: proposals only, never a proof."""

SHOWN: Final = 1e-4
"""Share of a group in a home from which a proposal counts."""


@dataclass(frozen=True, eq=False)
class UnitHomes:
    """Every home that could take all of a unit, listed or not: ``unit``, ``home``, ``loss`` of the network's first
    level, and ``surcharge``, that of its second."""

    unit: np.ndarray
    home: np.ndarray
    loss: np.ndarray
    surcharge: np.ndarray


def unit_homes(wide: Wide, flow: Flow) -> UnitHomes:
    """Homes of every unit that lose nothing of the network's first level, or would gain, at the network's prices."""
    nothing = np.zeros(0, dtype=np.int64)
    starts = np.searchsorted(wide.near[0], np.arange(len(wide.instance.children) + 1))
    bare = wide.instance
    empty = is_fostering(bare.homes) & is_empty(bare.homes)
    large, own = np.where(empty, bare.homes["places"].to_numpy(dtype=int), 0), bare.in_house()
    needs = bare.children["needs_level"].to_numpy(dtype=int) - 1
    of_homes = (starts, empty, large, own, needs)
    parts = [_homes_of(wide, flow, of_homes, number) for number in range(len(bare.members))]
    return UnitHomes(*(np.concatenate([nothing, *(part[i] for part in parts)]) for i in range(4)))


def _homes_of(wide: Wide, flow: Flow, facts: tuple[np.ndarray, ...], number: int) -> tuple[np.ndarray, ...]:
    """As :func:`unit_homes`, of one unit. ``facts``: first pair of each child; of homes, empty households (bool) with
    their places, and the authority's own (bool); needs level − 1 of each child."""
    starts, empty, large, own, needs = facts
    bare, who = wide.instance, wide.instance.members[number]
    level = needs[who]
    suits = wide.classes.suits[np.unique(wide.classes.child[who])].all(axis=0)[wide.classes.home]
    whole = empty & (len(who) > USUAL_FOSTERING_LIMIT)
    room = np.where(whole, (large >= len(who)) & (number < bare.groups), bare.offered + bare.leavers >= len(who))
    homes = np.flatnonzero(suits & room)
    near = np.zeros(len(bare.homes), dtype=np.int64)
    for child in who:
        near[wide.near[1][starts[child] : starts[child + 1]]] += 1
    places = np.where(whole, bare.offered, len(who))[homes]
    of = {
        "placed": np.full(len(homes), len(who)),
        "within_limit": near[homes],
        "weekly_cost": -sum(wide.pence[each][homes] for each in level),
        "in_house": own[homes] * len(who),
    }
    losses = [_loss(level, of, who, places, homes) for level in flow.levels[:2]]
    keep = np.flatnonzero(losses[0] <= 0)
    return np.full(len(keep), number), homes[keep], losses[0][keep], losses[-1][keep]


def _loss(
    level: Level, of: dict[str, np.ndarray], who: np.ndarray, places: np.ndarray, homes: np.ndarray
) -> np.ndarray:
    worth = joined([of.get(name, np.zeros(len(homes), dtype=np.int64)) for name in level.aims], level.steps)
    return level.child_price[who].sum() + places * level.home_price[homes] - worth


def with_a_home(instance: Instance) -> np.ndarray:
    """Units (bool) of which a child has a home now, or one pinned by hand: no rule of class keeps the others away."""
    return np.array([bool(instance.must[who].any()) for who in instance.members], dtype=bool)


def least_surcharge(instance: Instance, homes: UnitHomes, together: int) -> int:
    """What the second level loses at least with so many children in whole groups, at the network's prices.

    Each group loses the surcharge of its best home or more; the dearest are left out as far as the number allows.
    """
    least = np.full(len(instance.members), np.iinfo(np.int64).max)
    np.minimum.at(least, homes.unit, homes.surcharge)
    least[with_a_home(instance)] = 0
    has = np.flatnonzero((least < np.iinfo(np.int64).max) & (np.arange(len(least)) < instance.groups))
    order = has[np.argsort(least[has] / instance.group_sizes[has], kind="stable")]
    full = int((instance.group_sizes[order].cumsum() <= together).sum())
    return int(least[order[:full]].sum())


@dataclass(frozen=True, eq=False)
class _Rest:
    """Everyone beside the groups on the network's optimal face: ``worth`` [children who must be placed and places that
    must be filled] of each open pair and of each group's column in ``columns``, and the ``target`` to keep."""

    instance: Instance
    programme: Programme
    pairs: np.ndarray
    worth: np.ndarray
    columns: np.ndarray
    column_worth: np.ndarray
    target: int

    def answer(self, decided: np.ndarray) -> tuple[int, np.ndarray, float]:
        """By how much everyone else misses the target; and a cut (coefficient of each column, right-hand side) that
        every proposal keeps which misses none of it."""
        instance, network = self.instance, network_of(self.instance)
        children, taken = len(instance.children), np.zeros(len(instance.homes), dtype=np.int64)
        with_group = np.zeros(children, dtype=bool)
        chosen = self.columns[decided] - len(instance.pair_child)
        for unit in instance.column_group[chosen]:
            with_group[instance.members[unit]] = True
        np.add.at(taken, instance.column_home[chosen], _held(instance)[chosen])
        free = np.flatnonzero(~with_group[network.child[self.pairs]])
        must, nobody = np.zeros(children, dtype=bool), np.zeros(len(taken), dtype=bool)
        child, home = network.child[self.pairs], network.home[self.pairs]
        rest = replace(
            network, child=child[free], home=home[free], capacity=network.capacity - taken, must=must, full=nobody
        )
        flow = best_flow(rest, {"kept": self.worth[free]})
        reached = int(self.worth[free[flow.pair[flow.pair >= 0]]].sum() + self.column_worth[decided].sum())
        place = flow.levels[0].home_price if flow.levels else np.zeros(len(taken), dtype=np.int64)
        own = np.zeros(children, dtype=np.int64)
        np.maximum.at(own, child, self.worth - place[home])
        duals = np.zeros(len(self.programme.lower), dtype=np.int64)
        duals[: children + len(taken)] = np.concatenate([own, place])
        right = int(own.sum() + place @ network.capacity) - self.target
        return self.target - reached, priced(self.programme, duals)[self.columns] - self.column_worth, float(right)


def _held(instance: Instance) -> np.ndarray:
    return np.asarray(instance.column_takes + instance.column_stayers)


def groups_on_the_face(
    instance: Instance, programme: Programme, flow: Flow, outside: np.ndarray, until: float, deadline: float
) -> np.ndarray:
    """Columns of sibling groups that cost the aims before theirs nothing, as many children in them as were found.

    No new proposal is made after ``until``. If the first cannot be mended, what is left of it is the answer, and may
    still miss something.
    """
    rest, score = _rest_of(instance, programme, flow, outside)
    best, most = np.zeros(0, dtype=int), 0
    if len(rest.columns) == 0:
        return best
    sizes = instance.group_sizes[instance.column_group[rest.columns - len(instance.pair_child)]]
    solver = new_solver(programme, rest.columns, np.full(len(programme.lower), -np.inf), programme.upper, most=np.inf)
    set_aim(solver, score)
    for _ in range(MOST_PROPOSALS):
        if (most and time.monotonic() > until) or not run(solver, "sibling groups", deadline):
            break
        values = np.asarray(solver.getSolution().col_value)
        decided = _rounded(instance, rest.columns, values, score)
        if int(sizes[decided].sum()) <= most:
            break
        for attempt in range(MOST_GIVEN_UP):
            short, cut, right = rest.answer(decided)
            used = np.flatnonzero(cut).astype(np.int32)
            solver.addRow(-np.inf, right, len(used), used, cut[used].astype(float))
            if short <= 0 or time.monotonic() > until:
                break
            decided = _given_up(decided, cut, right - short * (attempt >= SLOWLY), sizes)
        if (short <= 0 or not most) and int(sizes[decided].sum()) > most:
            best, most = rest.columns[decided], int(sizes[decided].sum())
    return best


def _rest_of(instance: Instance, programme: Programme, flow: Flow, outside: np.ndarray) -> tuple[_Rest, np.ndarray]:
    """The face of the network's first level, and how good each group's column on it is to propose."""
    level, pairs = flow.levels[0], len(instance.pair_child)
    duals = np.zeros(len(programme.lower), dtype=np.int64)
    network = np.concatenate([level.child_price, level.home_price])
    duals[: len(network)] = network
    is_open = priced(programme, duals) == level.of(programme.aims)
    must, full = level.child_price > 0, level.home_price > 0
    alone = np.flatnonzero(is_open[:pairs] & ~outside[:pairs])
    columns = pairs + np.flatnonzero(is_open[pairs:] & (instance.column_group < instance.groups))
    kept = np.zeros(len(programme.lower), dtype=np.int64)
    kept[: len(network)] = np.concatenate([must, full])
    worth = priced(programme, kept)
    rest = _Rest(instance, programme, alone, worth[alone], columns, worth[columns], 0)
    short, _, _ = rest.answer(np.zeros(0, dtype=int))
    second = flow.levels[min(1, len(flow.levels) - 1)]
    duals[: len(network)] = np.concatenate([second.child_price, second.home_price])
    surcharge = (priced(programme, duals) - second.of(programme.aims))[columns].astype(float)
    scale = max(float(np.quantile(surcharge, 0.9)), 1.0) if len(columns) else 1.0
    sizes = instance.group_sizes[instance.column_group[columns - pairs]]
    return replace(rest, target=-short), sizes - SHARE_OF_PRICE * np.clip(surcharge / scale, 0, 1)


def _rounded(instance: Instance, columns: np.ndarray, values: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Positions in ``columns``: one home for each group at most, the largest shares of the proposal first, as they
    fit."""
    of = columns - len(instance.pair_child)
    unit, home, held = instance.column_group[of], instance.column_home[of], _held(instance)[of]
    left, housed = instance.offered + instance.leavers, np.zeros(len(instance.members), dtype=bool)
    some = np.flatnonzero(values > SHOWN)
    found = []
    for at in some[np.lexsort((-score[some], -np.rint(values[some] * 10)))].tolist():
        if not housed[unit[at]] and left[home[at]] >= held[at]:
            housed[unit[at]] = True
            left[home[at]] -= held[at]
            found.append(at)
    return np.array(found, dtype=int)


def _given_up(decided: np.ndarray, cut: np.ndarray, right: float, sizes: np.ndarray) -> np.ndarray:
    """The proposal without the groups that add most to a cut for each child, until the cut is kept."""
    order = decided[np.argsort(-cut[decided] / sizes[decided], kind="stable")]
    over = cut[decided].sum() - right - np.concatenate([[0], cut[order].cumsum()])
    return order[int(np.argmax(over <= 0)) if (over <= 0).any() else len(order) :]
