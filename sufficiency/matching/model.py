"""The matching model, to be read: who may live where, what fits, and the aims in order.

For child *i*, home *h* and unit *g* (a sibling group, or the part of one that needs a home together):
``lives[i, h]`` is 1 when the child lives there, ``together[g, h]`` is 1 when the whole unit does. Both are 0 or 1
[no unit]; costs are in whole pence a week. The model reads no file and calls no solver.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from sufficiency.matching.instance import Instance
from sufficiency.matching.programme import level_3_in_units, units_of_size
from sufficiency.matching.rules import is_fostering, open_homes_of

if TYPE_CHECKING:
    import pyomo.core as pyo


def matching_model(instance: Instance) -> pyo.ConcreteModel:
    """The Pyomo model of an instance, with one active objective for each of ``instance.objectives``, in order."""
    import pyomo.core as pyo  # pyomo.environ would load every solver interface as well, in 0.3 s

    m = pyo.ConcreteModel("children to homes")
    _sets_and_data(m, instance)
    m.lives = pyo.Var(m.PAIRS, domain=pyo.Binary)
    m.together = pyo.Var(m.GROUP_HOMES, domain=pyo.Binary)
    m.one_home_each_child = pyo.Constraint(m.CHILDREN, rule=one_home_each_child)
    m.places_not_exceeded = pyo.Constraint(m.HOMES, rule=places_not_exceeded)
    m.nobody_joins_a_solo_child = pyo.Constraint(m.SOLO_AT_HOME, rule=nobody_joins_a_solo_child)
    m.one_level_3_comes = pyo.Constraint(m.HOUSEHOLDS, rule=one_level_3_comes)
    m.none_joins_level_3 = pyo.Constraint(m.LEVEL_3_AT_HOME, rule=none_joins_level_3)
    m.reserve_kept = pyo.Constraint(m.RESERVED_KINDS, rule=reserve_kept)
    m.whole_groups_fit = pyo.Constraint(m.SIZES_AT_HOME, rule=whole_groups_fit)
    m.aims = pyo.Objective(list(instance.objectives), rule=lambda m, name: aim(m, name), sense=pyo.maximize)
    return m


def one_home_each_child(m: Any, child: int) -> Any:
    """A child lives in at most one home, alone or with its whole unit; one that must, in exactly one.

    A step-down child keeps a home, and a child whom a person has pinned has that one.
    """
    homes = total(m.lives[child, home] for home in m.homes_for[child])
    homes += total(m.together[column] for column in m.columns_with[child])
    if isinstance(homes, int):
        return _never() if child in m.must else _skip()
    return homes == 1 if child in m.must else homes <= 1


def places_not_exceeded(m: Any, home: int) -> Any:
    """Places taken by those who come are at most those offered and those that step-down children leave."""
    coming = places_taken(m, home)
    if isinstance(coming, int):
        return _skip()
    return coming <= m.offered[home] + total(1 - stays(m, child) for child in m.leavers[home])


def nobody_joins_a_solo_child(m: Any, child: int) -> Any:
    """While a solo step-down child stays at its present home, nobody comes to live there."""
    home = m.present[child]
    coming = places_taken(m, home)
    if isinstance(coming, int):
        return _skip()
    most = m.offered[home] + len(m.leavers[home])
    return coming <= most * (1 - stays(m, child))


def one_level_3_comes(m: Any, home: int) -> Any:
    """Where carers take one child of needs level 3 at most, no more than one comes."""
    coming = level_3_coming(m, home)
    return _skip() if isinstance(coming, int) else coming <= 1


def none_joins_level_3(m: Any, child: int) -> Any:
    """While a step-down child of level 3 stays in such a household, no other of level 3 comes."""
    coming = level_3_coming(m, m.present[child])
    return _skip() if isinstance(coming, int) else coming <= 1 - stays(m, child)


def reserve_kept(m: Any, kind: str) -> Any:
    """Over all homes of a kind, the places not taken are at least those kept free."""
    coming = total(places_taken(m, home) for home in m.homes_of[kind])
    return _skip() if isinstance(coming, int) else coming <= m.beyond_reserve[kind]


def whole_groups_fit(m: Any, home: int, size: int) -> Any:
    """Of the units that fill ``size`` places or more, only as many as fit whole: one of two children in three places.

    It follows from the places for whole numbers, and keeps the relaxation from halving groups.
    """
    units, most = m.units_of_size[home, size]
    return total(m.together[g, home] for g in units) <= most


def aim(m: Any, name: str) -> Any:
    """An objective as the scenario names it, always a maximum: the sum of what each choice adds to it.

    ``placed``: children with a home. ``within_limit``: children whose home is within their limit, where distance is
    known and is a measure for them. ``siblings_together``: children who live with their whole group. ``weekly_cost``:
    what the homes cost [pence a week], as a negative. ``school_within``: children near enough to keep their school.
    ``in_house``: children with the authority's own carers. ``preference``: the social workers' scores, added up.
    """
    alone, unit = m.adds[name]
    return total(alone[pair] * m.lives[pair] for pair in alone) + total(unit[each] * m.together[each] for each in unit)


def places_taken(m: Any, home: int) -> Any:
    """Places that those who come to live in a home take: one each, all that it offers when they must be alone."""
    alone = total(m.takes[child, home] * m.lives[child, home] for child in m.children_for[home])
    return alone + total(m.group_takes[g, home] * m.together[g, home] for g in m.groups_for[home])


def level_3_coming(m: Any, home: int) -> Any:
    """Children of needs level 3 who come to live in a home."""
    alone = total(m.lives[child, home] for child in m.children_for[home] if child in m.level_3)
    units = [(g, m.level_3_in[g, home]) for g in m.groups_for[home] if m.level_3_in[g, home]]
    return alone + total(number * m.together[g, home] for g, number in units)


def stays(m: Any, child: int) -> Any:
    """1 when a step-down child stays at its present home, alone or joined there by its whole unit."""
    home = m.present[child]
    joined = total(m.together[g, there] for g, there in m.columns_with[child] if there == home)
    return m.lives[child, home] + joined if (child, home) in m.takes else joined


def total(terms: Iterable[Any]) -> Any:
    """Sum of linear terms; the whole number 0 when there are none."""
    import pyomo.core as pyo

    return pyo.quicksum(terms)


def _skip() -> Any:
    import pyomo.core as pyo

    return pyo.Constraint.Skip


def _never() -> Any:
    import pyomo.core as pyo

    return pyo.Constraint.Infeasible


def _sets_and_data(m: Any, instance: Instance) -> None:
    """Sets and figures of the instance as the rules above name them; children and homes by their number."""
    import pyomo.core as pyo

    pairs = _tuples(instance.pair_child, instance.pair_home)
    columns = _tuples(instance.column_group, instance.column_home)
    comes = ~instance.pair_stays
    present = {child: int(home) for child, home in enumerate(instance.present) if home >= 0}
    m.CHILDREN = pyo.RangeSet(0, len(instance.children) - 1)
    m.HOMES = pyo.RangeSet(0, len(instance.homes) - 1)
    m.PAIRS = pyo.Set(initialize=pairs, dimen=2)
    m.GROUP_HOMES = pyo.Set(initialize=columns, dimen=2)
    m.SOLO_AT_HOME = pyo.Set(initialize=[child for child in present if instance.solo[child]])
    m.present, m.must = present, set(np.flatnonzero(instance.must).tolist())
    m.homes_for = _listed(pairs)
    m.columns_with = _listed((child, each) for each in columns for child in instance.members[each[0]].tolist())
    m.children_for = _listed(_tuples(instance.pair_home[comes], instance.pair_child[comes]))
    m.groups_for = _listed(_tuples(instance.column_home, instance.column_group))
    m.leavers = _listed([(home, child) for child, home in present.items()])
    m.offered = instance.offered.tolist()
    m.takes = dict(zip(pairs, instance.pair_takes.tolist(), strict=True))
    m.group_takes = dict(zip(columns, instance.column_takes.tolist(), strict=True))
    m.adds = {name: _adds(instance, name, pairs, columns) for name in instance.objectives}
    _practice(m, instance, columns)
    m.units_of_size = units_of_size(instance)
    m.SIZES_AT_HOME = pyo.Set(initialize=list(m.units_of_size), dimen=2)


def _practice(m: Any, instance: Instance, columns: list[tuple[int, int]]) -> None:
    """Sets and figures for the limits that a council's practice adds."""
    import pyomo.core as pyo

    practice = instance.practice
    level_3 = instance.children["needs_level"].to_numpy(dtype=int) == 3
    households = is_fostering(instance.homes) if practice.one_level_3 else np.zeros(len(instance.homes), dtype=bool)
    m.level_3 = set(np.flatnonzero(level_3).tolist())
    in_units = level_3_in_units(instance, level_3) if practice.one_level_3 else []
    m.level_3_in = dict(zip(columns, in_units, strict=True)) if practice.one_level_3 else {}
    m.HOUSEHOLDS = pyo.Set(initialize=np.flatnonzero(households).tolist())
    m.LEVEL_3_AT_HOME = pyo.Set(
        initialize=[child for child, home in m.present.items() if level_3[child] and households[home]]
    )
    of_kind = {kind: open_homes_of(instance.homes, instance.as_of, kind) for kind in practice.reserve}
    offered = {kind: int(instance.offered[homes].sum()) for kind, homes in of_kind.items()}
    m.RESERVED_KINDS = pyo.Set(initialize=list(practice.reserve))
    m.homes_of = {kind: np.flatnonzero(homes).tolist() for kind, homes in of_kind.items()}
    m.beyond_reserve = {kind: offered[kind] - min(spare, offered[kind]) for kind, spare in practice.reserve.items()}


Adds = tuple[dict[tuple[int, int], int], dict[tuple[int, int], int]]


def _adds(instance: Instance, name: str, pairs: list[tuple[int, int]], columns: list[tuple[int, int]]) -> Adds:
    """What each pair and each unit's column adds to an objective, without those that add nothing."""
    alone, unit = (weights.tolist() for weights in instance.weights(name))
    return (
        {pair: weight for pair, weight in zip(pairs, alone, strict=True) if weight},
        {column: weight for column, weight in zip(columns, unit, strict=True) if weight},
    )


def _tuples(first: np.ndarray, second: np.ndarray) -> list[tuple[int, int]]:
    return list(zip(first.tolist(), second.tolist(), strict=True))


def _listed(pairs: Iterable[tuple[Hashable, Any]]) -> dict[Any, list[Any]]:
    """First of each pair → the seconds that go with it, in order."""
    answer: dict[Any, list[Any]] = defaultdict(list)
    for first, second in pairs:
        answer[first].append(second)
    return answer
