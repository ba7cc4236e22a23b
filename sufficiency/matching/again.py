"""A changed matching problem solved again from what the one before has proven; as exact as from the beginning.

Without sibling groups the prices of places say which pairs to begin with (:mod:`.near_flow`). With them, the aims
before the first that has changed keep their bounds, the rest are bounded again by relaxations begun with the columns
near the optimum before, and the homes of the groups are tried where they were. Where that reaches every bound it is the
optimum; where it does not, and where anything is no network, the problem is solved as if there were no other.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np

from sufficiency.matching.branching import best_point, is_on, outside_network, whole_point, with_everyone
from sufficiency.matching.flow import NoPlanError, joined
from sufficiency.matching.instance import Instance
from sufficiency.matching.loop import homes_chosen
from sufficiency.matching.narrow import Face, Master, fits, narrowed, network_of, priced
from sufficiency.matching.near_flow import NearFlow, Steps, flow_from, steps_of
from sufficiency.matching.optimum import BY_BRANCHING, BY_PRICES, BY_RELAXATION, Best, best
from sufficiency.matching.programme import programme_of
from sufficiency.matching.solve import SAFE

AS_IT_STANDS: Final = "as it stands"
"""The last aim of all: of plans as good as each other, one that leaves children where the plan before has them."""

DEARER: Final = 2
"""How many times the dearest price a changed one may be for the prices of places before to serve as a beginning."""


HALF: Final = 0.5
"""Above it a column of a relaxation is read as chosen; where that makes no plan, branching does."""


@dataclass(frozen=True, eq=False)
class Again:
    """An optimum found again: ``home`` of each child (−1 none), ``values`` and ``proofs`` by aim, and by its pairs and
    unit columns what the proof worked with, ``near`` (bool)."""

    home: np.ndarray
    values: Mapping[str, int]
    proofs: Mapping[str, str]
    chosen: np.ndarray
    near: np.ndarray

    def best(self, instance: Instance) -> Best:
        """The same as the optimum of an instance, to be held against the Pyomo model."""
        return Best(programme_of(instance), self.chosen, self.near, self.values, self.proofs)


class Solved:
    """A problem with its plan, ``home`` of each child, and what its proof leaves for problems a little different.

    What is worked out for one of them is kept for the next. ``seconds``: the time limit of each.
    """

    def __init__(self, instance: Instance, home: np.ndarray, seconds: float) -> None:
        self.instance, self.home, self.seconds = instance, home, seconds
        self._faces: dict[tuple[str, ...], Face] = {}

    def again(self, instance: Instance) -> Again:
        """The optimum of every aim in order of a problem a little different.

        Raises :class:`~sufficiency.errors.SolverError` when it is not proven in time, or when there is no plan.
        """
        found = None
        if len(instance.pair_child):
            try:
                by = self._by_flow if len(instance.column_group) == 0 else self._by_relaxation
                found = by(instance)
            except NoPlanError:  # over the columns begun with; there may be one over all
                found = None
        return _from_the_beginning(instance, self.seconds) if found is None else found

    # Without sibling groups

    @cached_property
    def _prices(self) -> NearFlow:
        """The prices of places in the problem as it stands."""
        aims, levels = self._aims(self.instance), self._levels(self.instance)
        network = network_of(self.instance)
        return flow_from(network, aims, levels, None, np.zeros(len(network.child), dtype=bool))

    def _aims(self, instance: Instance) -> dict[str, np.ndarray]:
        """The aims of the pairs, and that children stay where the plan before has them."""
        aims = {name: instance.weights(name)[0] for name in instance.objectives}
        stays = (self.home[instance.pair_child] == instance.pair_home).astype(np.int64)
        plain = instance.pair_takes + instance.pair_stays <= 1
        # a network does not know that a child who lives alone takes a home whole: where it can, it does without
        return aims | {AS_IT_STANDS: stays if plain.all() else stays + 2 * plain}

    def _levels(self, instance: Instance) -> list[Steps]:
        """Aims joined with room for dearer prices, so that prices of places mean the same for both problems."""
        most = {name: _most(weights) for name, weights in self._aims(instance).items()}
        if "weekly_cost" in most:
            most["weekly_cost"] = max(most["weekly_cost"], DEARER * _most(self.instance.pair_pence))
        return steps_of(most, len(self.home), len(self.home) + len(instance.homes))

    def _begin(self, instance: Instance, aims: Mapping[str, np.ndarray], levels: list[Steps]) -> np.ndarray | None:
        """Prices of places to begin with: those before, less or more by what the home itself now costs more or less;
        none with another limit, which may change every pair."""
        if instance.limit_miles != self.instance.limit_miles:
            return None
        before = self._prices.home_price
        if not _same_columns(instance, self.instance) or not levels:
            return before
        names, steps = levels[0]
        own = self._aims(self.instance)
        now, then = (joined([each[name] for name in names], steps) for each in (aims, own))
        change = np.full(len(before), np.iinfo(np.int64).min // 4)
        np.maximum.at(change, instance.pair_home, now - then)
        return np.where(before > 0, np.maximum(before + change, 0), 0)

    def _by_flow(self, instance: Instance) -> Again | None:
        """The optimum where a network is all that there is to say; none where its optimum breaks another rule."""
        network, aims = network_of(instance), self._aims(instance)
        more = aims[AS_IT_STANDS] % 2 == 1
        more |= instance.pair_stays
        levels = self._levels(instance)
        flow = flow_from(network, aims, levels, self._begin(instance, aims, levels), more)
        chosen = _mask(flow.chosen, len(more))
        own = programme_of(instance.kept(chosen, np.zeros(0, dtype=bool)))
        if not fits(own, np.ones(own.columns, dtype=bool)):
            return None
        values = {name: int(weights.sum()) for name, weights in own.aims.items()}
        proofs = dict.fromkeys(values, BY_PRICES)
        return Again(homes_chosen(instance, chosen), values, proofs, chosen, _mask(flow.near, len(more)) | chosen)

    # With them

    @cached_property
    def _found(self) -> Best:
        """The optimum of the problem as it stands."""
        return best(self.instance, time_limit_seconds=self.seconds)

    def _by_relaxation(self, instance: Instance) -> Again | None:
        """The optimum with sibling groups: a plan that reaches the bounds of the relaxations, else aim by aim."""
        deadline = time.monotonic() + self.seconds
        start: Face | None
        if _same_columns(instance, self.instance):
            start, proofs = self._unchanged_aims(instance, deadline)
            face, begin = start.copy(), self._found.near
            master = Master(face, begin, (len(instance.children), len(instance.homes)), deadline)
            for aim in face.left:
                master.settle(aim)
        else:
            programme = programme_of(instance)
            begin = _moved(self._found.near, self.instance, instance)
            narrow = narrowed(instance, programme, {}, begin, deadline)
            if narrow.master is None or narrow.chosen is not None:
                proofs = dict.fromkeys(programme.aims, BY_PRICES)
                chosen = self._stayed(instance, narrow.face)
                chosen = narrow.chosen if chosen is None else chosen
                return self._answer(instance, narrow.face, chosen, np.zeros(programme.columns, dtype=bool), proofs)
            face, master, start = narrow.face, narrow.master, narrow.before
            proofs = dict.fromkeys(programme.aims, BY_RELAXATION)
        near = _mask(master.columns[face.open[master.columns]], face.own.columns)
        chosen = self._whole(instance, face, master)
        if chosen is None and start is not None:
            chosen = self._aim_by_aim(instance, start, begin | near, deadline)
            proofs |= dict.fromkeys(start.left, BY_BRANCHING)
        return self._answer(instance, face, chosen, near, proofs)

    def _answer(
        self, instance: Instance, face: Face, chosen: np.ndarray | None, near: np.ndarray, proofs: Mapping[str, str]
    ) -> Again | None:
        if chosen is None:
            return None
        values = {name: int(weights[chosen].sum()) for name, weights in face.own.aims.items()}
        return Again(homes_chosen(instance, chosen), values, proofs, chosen, near | chosen)

    def _unchanged_aims(self, instance: Instance, deadline: float) -> tuple[Face, dict[str, str]]:
        """The plans that reach the aims before the first that has changed, where columns are those of before."""
        programme = self._found.programme
        aims = {name: np.concatenate(instance.weights(name)) for name in programme.aims}
        same = [np.array_equal(aims[name], programme.aims[name]) for name in aims]
        before = tuple(aims)[: same.index(False) if False in same else len(same) - 1]
        face = self._face(before, deadline).copy()
        face.own, face.programme = replace(face.own, aims=aims), replace(face.programme, aims=aims)
        return face, dict.fromkeys(aims, BY_RELAXATION) | {name: self._found.proofs[name] for name in before}

    def _aim_by_aim(self, instance: Instance, face: Face, near: np.ndarray, deadline: float) -> np.ndarray | None:
        """The aims that are left one after the other, by branch and bound over the columns that could still be better
        than where the groups were; none where they cannot be there."""
        sizes, chosen = (len(instance.children), len(instance.homes)), None
        for aim in face.left:
            before, face = face, face.copy()
            Master(face, near, sizes, deadline).settle(aim)
            bound, weights = face.bounds[-1], before.programme.aims[aim]
            plan = self._with_groups(instance, before, aim) if chosen is None else chosen
            if plan is None:
                return None
            value = int(weights[plan].sum())
            if value < bound.value:
                open_ones = before.copy()
                losses = priced(before.programme, _duals(face)) - weights
                open_ones.keep(losses <= bound.most - value + SAFE, np.zeros(len(before.full), dtype=bool))
                better = best_point(instance, open_ones, near, aim, weights, deadline)
                plan = better if weights[better].sum() > value else plan
                value = int(weights[plan].sum())
            if value < bound.value:
                face = before.copy()
                Master(face, near | plan, sizes, deadline).settle(aim, value)
            chosen = plan
        return chosen

    def _with_groups(self, instance: Instance, face: Face, last: str) -> np.ndarray | None:
        """The best plan for the aims up to one, with the sibling groups where they were."""
        names = list(face.own.aims)
        aims = {name: face.own.aims[name] for name in names[: names.index(last) + 1]}
        branched = outside_network(instance, face.own)
        before = self._where_they_were(instance)
        aims[AS_IT_STANDS] = before.astype(np.int64)
        decided = np.flatnonzero(before & branched)
        if not face.open[decided].all():
            return None
        plan = with_everyone(instance, face, branched, decided, aims)
        return plan if plan is not None and is_on(face, plan) else None

    def _face(self, before: tuple[str, ...], deadline: float) -> Face:
        """The plans of the problem as it stands that reach each of some aims, the first in order."""
        if before not in self._faces:
            found = self._found
            known = {name: found.values[name] for name in before if found.proofs[name] == BY_BRANCHING}
            aims = {name: found.programme.aims[name] for name in before}
            programme = replace(found.programme, aims=aims)
            self._faces[before] = narrowed(self.instance, programme, known, found.near, deadline).face
        return self._faces[before]

    def _whole(self, instance: Instance, face: Face, master: Master) -> np.ndarray | None:
        """A plan that reaches every bound: with the groups where they were, or where the relaxation or branching has
        them; none where no such plan is found."""
        values = np.zeros(face.own.columns)
        values[master.columns] = np.asarray(master.solver.getSolution().col_value)[: len(master.columns)]
        for groups in (None, values > HALF):
            chosen = self._stayed(instance, face, groups)
            if chosen is not None:
                return chosen
        return whole_point(instance, master)

    def _stayed(self, instance: Instance, face: Face, groups: np.ndarray | None = None) -> np.ndarray | None:
        """A plan that reaches every bound with some columns of ``groups``, where they were when they are left out, and
        as many others as can be where they were; none where there is no such plan."""
        before, branched = self._where_they_were(instance), outside_network(instance, face.own)
        decided = np.flatnonzero((before if groups is None else groups) & branched)
        if not face.open[decided].all():
            return None
        chosen = with_everyone(instance, face, branched, decided, {AS_IT_STANDS: before.astype(np.int64)})
        return chosen if chosen is not None and is_on(face, chosen) else None

    def _where_they_were(self, instance: Instance) -> np.ndarray:
        """Columns (bool) of the plan before."""
        answer = np.zeros(len(instance.pair_child) + len(instance.column_group), dtype=bool)
        together = np.zeros(len(instance.children), dtype=bool)
        for column in np.flatnonzero(self._unit_at_home(instance)):
            together[instance.members[instance.column_group[column]]] = True
            answer[len(instance.pair_child) + column] = True
        alone = (self.home[instance.pair_child] == instance.pair_home) & ~together[instance.pair_child]
        answer[: len(alone)] = alone
        return answer

    def _unit_at_home(self, instance: Instance) -> np.ndarray:
        """Unit columns (bool) whose children all lived there in the plan before."""
        lives = np.array([_only(self.home[who]) for who in instance.members], dtype=int)
        there = lives[instance.column_group] == instance.column_home
        return there & (instance.column_group < instance.groups)


def _duals(face: Face) -> np.ndarray:
    """Dual values of all rows where the last aim was settled by a relaxation."""
    rows = face.prices[-1].rows
    return np.zeros(len(face.programme.lower)) if rows is None else rows


def _only(homes: np.ndarray) -> int:
    """The home of all of them; −1 where they have several or none."""
    return int(homes[0]) if (homes == homes[0]).all() else -1


def _most(weights: np.ndarray) -> int:
    return int(np.abs(weights).max(initial=0))


def _mask(chosen: np.ndarray, count: int) -> np.ndarray:
    answer = np.zeros(count, dtype=bool)
    answer[chosen] = True
    return answer


def _from_the_beginning(instance: Instance, seconds: float) -> Again:
    """As if there were no problem before."""
    found = best(instance, time_limit_seconds=seconds)
    return Again(homes_chosen(instance, found.chosen), found.values, found.proofs, found.chosen, found.near)


def _same_columns(one: Instance, other: Instance) -> bool:
    """The two problems have the same pairs, unit columns and places."""
    names = ("offered", "pair_child", "pair_home", "pair_takes", "column_group", "column_home", "column_takes")
    open_too = np.array_equal(one.homes["registered"].to_numpy(), other.homes["registered"].to_numpy())
    return open_too and all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


def _moved(columns: np.ndarray, before: Instance, now: Instance) -> np.ndarray:
    """The same columns (bool) among those of another problem, as far as it has them."""
    pairs = len(before.pair_child)
    answer = np.zeros(len(now.pair_child) + len(now.column_group), dtype=bool)
    at = now.at(before.pair_child[columns[:pairs]], before.pair_home[columns[:pairs]])
    answer[at[at >= 0]] = True
    homes = len(now.homes)
    kept = before.column_group[columns[pairs:]] * homes + before.column_home[columns[pairs:]]
    answer[len(now.pair_child) :] = np.isin(now.column_group * homes + now.column_home, kept)
    return answer
