"""The matching model, to be read: who may live where, what fits, and the aims in order.

For child *i*, home *h* and sibling group *g*: ``lives[i, h]`` is 1 when the child lives there, ``together[g, h]`` is 1
when the whole group does. Both are 0 or 1 [no unit]; costs are in whole pence a week. The model reads no file and
calls no solver.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from sufficiency.matching.pairs import Instance

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
    m.aims = pyo.Objective(list(instance.objectives), rule=lambda m, name: AIMS[name](m), sense=pyo.maximize)
    return m


def one_home_each_child(m: Any, child: int) -> Any:
    """A child lives in at most one home, alone or with its whole group; a step-down child in exactly one."""
    homes = total(m.lives[child, home] for home in m.homes_for[child])
    with_group = total(m.together[m.group[child], home] for home in m.homes_for_group[m.group[child]])
    if isinstance(homes + with_group, int):
        return _skip()
    return homes + with_group == 1 if child in m.present else homes + with_group <= 1


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


def most_placed(m: Any) -> Any:
    """Children with a home [children]."""
    return total(m.lives.values()) + total(m.size[g] * m.together[g, home] for g, home in m.GROUP_HOMES)


def most_within_limit(m: Any) -> Any:
    """Children whose home is within their limit, where distance is known and is a measure for them [children]."""
    alone = total(m.lives[pair] for pair in m.PAIRS if m.within[pair] == 1)
    return alone + total(m.group_within[column] * m.together[column] for column in m.GROUP_HOMES)


def most_siblings_together(m: Any) -> Any:
    """Children who live with their whole group [children]."""
    return total(m.size[g] * m.together[g, home] for g, home in m.GROUP_HOMES)


def least_weekly_cost(m: Any) -> Any:
    """What the homes cost [pence a week], as a negative so that every aim is a maximum."""
    alone = total(m.pence[pair] * m.lives[pair] for pair in m.PAIRS)
    return -alone - total(m.group_pence[column] * m.together[column] for column in m.GROUP_HOMES)


AIMS = {
    "placed": most_placed,
    "within_limit": most_within_limit,
    "siblings_together": most_siblings_together,
    "weekly_cost": least_weekly_cost,
}
"""Objective as the scenario names it → its formula, always a maximum."""


def places_taken(m: Any, home: int) -> Any:
    """Places that those who come to live in a home take: one each, all that it offers when they must be alone."""
    alone = total(m.takes[child, home] * m.lives[child, home] for child in m.children_for[home])
    return alone + total(m.group_takes[g, home] * m.together[g, home] for g in m.groups_for[home])


def stays(m: Any, child: int) -> Any:
    """1 when a step-down child stays at its present home, alone or joined there by its whole group."""
    home, group = m.present[child], m.group[child]
    joined = m.together[group, home] if home in m.homes_for_group[group] else 0
    return m.lives[child, home] + joined


def total(terms: Iterable[Any]) -> Any:
    """Sum of linear terms; the whole number 0 when there are none."""
    import pyomo.core as pyo

    return pyo.quicksum(terms)


def _skip() -> Any:
    import pyomo.core as pyo

    return pyo.Constraint.Skip


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
    m.present, m.group = present, instance.group.tolist()
    m.homes_for = _listed(pairs)
    m.children_for = _listed(_tuples(instance.pair_home[comes], instance.pair_child[comes]))
    m.homes_for_group = _listed(columns)
    m.groups_for = _listed(_tuples(instance.column_home, instance.column_group))
    m.leavers = _listed([(home, child) for child, home in present.items()])
    m.offered, m.size = instance.offered.tolist(), instance.group_sizes.tolist()
    m.takes = dict(zip(pairs, instance.pair_takes.tolist(), strict=True))
    m.within = dict(zip(pairs, instance.pair_within.tolist(), strict=True))
    m.pence = dict(zip(pairs, instance.pair_pence.tolist(), strict=True))
    m.group_takes = dict(zip(columns, instance.column_takes.tolist(), strict=True))
    m.group_within = dict(zip(columns, instance.column_within.tolist(), strict=True))
    m.group_pence = dict(zip(columns, instance.column_pence.tolist(), strict=True))


def _tuples(first: np.ndarray, second: np.ndarray) -> list[tuple[int, int]]:
    return list(zip(first.tolist(), second.tolist(), strict=True))


def _listed(pairs: Iterable[tuple[Hashable, Any]]) -> dict[Any, list[Any]]:
    """First of each pair → the seconds that go with it, in order."""
    answer: dict[Any, list[Any]] = defaultdict(list)
    for first, second in pairs:
        answer[first].append(second)
    return answer
