"""The siting model, to be read: which homes to open, who then lives where in each demand path, and the aims in order.

For home *h* that could be opened, demand path *s*, child *i*, and sibling group *g*: ``opens[h]`` is 1 when the home is
opened, ``lives[s, i, h]`` when the child lives there, ``together[s, g, h]`` when the whole group does. All are 0 or 1
[no unit]; money is in whole pence. Choosing to open comes before the path is known, living somewhere after it: the
choice is one, the matches are as many as there are paths (sample average approximation).

This is the statement of the problem. :mod:`~sufficiency.siting.decide` solves it by decomposition, path by path; the
tests hold the two equal on every aim of every instance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from sufficiency.matching.model import total
from sufficiency.siting.problem import COST, DemandPath, SitingProblem, match_aim

if TYPE_CHECKING:
    import pyomo.core as pyo

Key = tuple[int, int]
"""Number of a path, and of a child, a group or a home in it."""


def siting_model(problem: SitingProblem) -> pyo.ConcreteModel:
    """The Pyomo model of the paths on which the choice is made, with one active objective for each aim, in order."""
    import pyomo.core as pyo

    m = pyo.ConcreteModel("homes to open")
    _sets_and_data(m, problem)
    m.opens = pyo.Var(m.OPENINGS, domain=pyo.Binary)
    m.lives = pyo.Var(m.PAIRS, domain=pyo.Binary)
    m.together = pyo.Var(m.GROUP_HOMES, domain=pyo.Binary)
    m.within_budget = pyo.Constraint(rule=within_budget)
    m.first_before_second = pyo.Constraint(m.OPENINGS, rule=first_before_second)
    m.one_home_each_child = pyo.Constraint(m.CHILDREN, rule=one_home_each_child)
    m.places_not_exceeded = pyo.Constraint(m.HOMES, rule=places_not_exceeded)
    m.nobody_joins_a_solo_child = pyo.Constraint(m.SOLO_AT_HOME, rule=nobody_joins_a_solo_child)
    m.only_in_an_open_home = pyo.Constraint(m.PAIRS, rule=only_in_an_open_home)
    m.aims = pyo.Objective(list(problem.aims), rule=_aim, sense=pyo.maximize)
    return m


def within_budget(m: Any) -> Any:
    """What the opened homes cost over the period is at most the budget [pence]."""
    spent = total(m.spend[candidate] * m.opens[candidate, copy] for candidate, copy in m.OPENINGS)
    return _skip() if isinstance(spent, int) else spent <= m.budget


def first_before_second(m: Any, candidate: int, copy: int) -> Any:
    """Of homes that are alike the second opens only after the first, so that each choice is counted once."""
    return m.opens[candidate, copy] <= m.opens[candidate, copy - 1] if copy else _skip()


def one_home_each_child(m: Any, path: int, child: int) -> Any:
    """A child lives in at most one home, alone or with its whole group; a step-down child in exactly one."""
    homes = total(m.lives[path, child, home] for home in m.homes_for[path, child])
    group = m.group[path, child]
    homes += total(m.together[path, group, home] for home in m.homes_for_group[path, group])
    if isinstance(homes, int):
        return _skip()
    return homes == 1 if (path, child) in m.present else homes <= 1


def places_not_exceeded(m: Any, path: int, home: int) -> Any:
    """Places taken are at most those offered, in a home that could be opened only when it is, and those left."""
    coming = places_taken(m, path, home)
    if isinstance(coming, int):
        return _skip()
    left = total(1 - stays(m, path, child) for child in m.leavers[path, home])
    return coming <= m.offered[path, home] * open_or_there(m, path, home) + left


def nobody_joins_a_solo_child(m: Any, path: int, child: int) -> Any:
    """While a solo step-down child stays at its present home, nobody comes to live there."""
    home = m.present[path, child]
    coming = places_taken(m, path, home)
    if isinstance(coming, int):
        return _skip()
    most = m.offered[path, home] + len(m.leavers[path, home])
    return coming <= most * (1 - stays(m, path, child))


def only_in_an_open_home(m: Any, path: int, child: int, home: int) -> Any:
    """Nobody lives in a home that is not opened: follows from its places, and makes the relaxation tighter."""
    return m.lives[path, child, home] <= m.opens[m.opening[path, home]] if (path, home) in m.opening else _skip()


def most_of(m: Any, weights: dict[Any, int], of_groups: dict[Any, int]) -> Any:
    """An aim of the match, summed over the paths: children, or pence a week as a negative."""
    alone = total(weights[pair] * m.lives[pair] for pair in m.PAIRS if weights[pair])
    return alone + total(of_groups[column] * m.together[column] for column in m.GROUP_HOMES if of_groups[column])


def least_cost(m: Any) -> Any:
    """Minus what is spent to open and what the children's homes cost over the period, summed over the paths [pence]."""
    opening = total(m.paths * m.spend[candidate] * m.opens[candidate, copy] for candidate, copy in m.OPENINGS)
    return m.weeks * most_of(m, *m.weights[COST]) - opening


def open_or_there(m: Any, path: int, home: int) -> Any:
    """1 for a home that is there already, else 1 when it is opened."""
    return m.opens[m.opening[path, home]] if (path, home) in m.opening else 1


def places_taken(m: Any, path: int, home: int) -> Any:
    """Places that those who come to live in a home take: one each, all that it offers when they must be alone."""
    alone = total(m.takes[path, child, home] * m.lives[path, child, home] for child in m.children_for[path, home])
    groups = m.groups_for[path, home]
    return alone + total(m.group_takes[path, group, home] * m.together[path, group, home] for group in groups)


def stays(m: Any, path: int, child: int) -> Any:
    """1 when a step-down child stays at its present home, alone or joined there by its whole group."""
    home, group = m.present[path, child], m.group[path, child]
    joined = m.together[path, group, home] if home in m.homes_for_group[path, group] else 0
    return m.lives[path, child, home] + joined


def _aim(m: Any, name: str) -> Any:
    return least_cost(m) if name == COST else most_of(m, *m.weights[name])


def _skip() -> Any:
    import pyomo.core as pyo

    return pyo.Constraint.Skip


def _sets_and_data(m: Any, problem: SitingProblem) -> None:
    """Sets and figures as the rules above name them; paths by position, children, groups and homes by number."""
    import pyomo.core as pyo

    m.spend, m.budget, m.weeks = problem.spend.tolist(), problem.budget, problem.weeks
    m.paths = len(problem.chosen_on)
    openings = [(c, copy) for c, most in enumerate(problem.at_most.tolist()) for copy in range(most)]
    m.OPENINGS = pyo.Set(initialize=openings, dimen=2)
    for name in ("present", "opening", "offered", "group", "takes", "group_takes"):
        setattr(m, name, {})
    for name in ("homes_for", "children_for", "homes_for_group", "groups_for", "leavers"):
        setattr(m, name, defaultdict(list))
    m.weights = {aim: ({}, {}) for aim in problem.aims}
    children, homes, alone = [], [], []
    for number, path in enumerate(problem.chosen_on):
        children += [(number, child) for child in range(len(path.instance.children))]
        homes += [(number, home) for home in range(len(path.instance.homes))]
        alone += [
            (number, child) for child in np.flatnonzero(path.instance.solo & (path.instance.present >= 0)).tolist()
        ]
        _add_path(m, number, path)
    m.CHILDREN = pyo.Set(initialize=children, dimen=2)
    m.HOMES = pyo.Set(initialize=homes, dimen=2)
    m.SOLO_AT_HOME = pyo.Set(initialize=alone, dimen=2)
    m.PAIRS = pyo.Set(initialize=list(m.takes), dimen=3)
    m.GROUP_HOMES = pyo.Set(initialize=list(m.group_takes), dimen=3)


def _add_path(m: Any, number: int, path: DemandPath) -> None:
    """The figures of one path, under its number."""
    instance = path.instance
    m.offered |= _keyed(number, instance.offered.tolist())
    m.group |= _keyed(number, instance.group.tolist())
    m.present |= {key: home for key, home in _keyed(number, instance.present.tolist()).items() if home >= 0}
    copies = zip(path.candidate.tolist(), path.copy.tolist(), strict=True)
    m.opening |= {(number, home): copy for home, copy in enumerate(copies) if copy[0] >= 0}
    for child in np.flatnonzero(instance.present >= 0).tolist():
        m.leavers[number, m.present[number, child]].append(child)
    pairs = _triples(number, instance.pair_child, instance.pair_home)
    columns = _triples(number, instance.column_group, instance.column_home)
    m.takes |= dict(zip(pairs, instance.pair_takes.tolist(), strict=True))
    m.group_takes |= dict(zip(columns, instance.column_takes.tolist(), strict=True))
    for aim, (of_pairs, of_groups) in m.weights.items():
        weights, weights_of_groups = instance.weights(match_aim(aim))
        of_pairs |= dict(zip(pairs, weights.tolist(), strict=True))
        of_groups |= dict(zip(columns, weights_of_groups.tolist(), strict=True))
    for (_, child, home), comes in zip(pairs, (~instance.pair_stays).tolist(), strict=True):
        m.homes_for[number, child].append(home)
        if comes:
            m.children_for[number, home].append(child)
    for _, group, home in columns:
        m.homes_for_group[number, group].append(home)
        m.groups_for[number, home].append(group)


def _keyed(number: int, values: Iterable[Any]) -> dict[Key, Any]:
    return {(number, position): value for position, value in enumerate(values)}


def _triples(number: int, who: np.ndarray, where: np.ndarray) -> list[tuple[int, int, int]]:
    return [(number, one, home) for one, home in zip(who.tolist(), where.tolist(), strict=True)]
