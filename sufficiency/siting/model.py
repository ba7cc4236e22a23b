"""The siting model, to be read: which homes to open, who then lives where in each demand path, and the aims in order.

For home *h* that could be opened, ``opens[h]`` is 1 when it is [no unit]; money is in whole pence. Each demand path *s*
is a matching model of its own (:mod:`sufficiency.matching.model`) with every home in it, and nobody lives in one that
is not opened. Choosing to open comes before the path is known, living somewhere after it: the choice is one, the
matches are as many as there are paths (sample average approximation).

This is the statement of the problem. :mod:`~sufficiency.siting.decide` solves it by decomposition, path by path; the
tests hold the two equal on every aim of every instance.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sufficiency.matching.model import aim, matching_model, places_taken, total
from sufficiency.matching.rules import open_homes_of
from sufficiency.siting.problem import COST, DemandPath, SitingProblem, match_aim

if TYPE_CHECKING:
    import pyomo.core as pyo


def siting_model(problem: SitingProblem) -> pyo.ConcreteModel:
    """The Pyomo model of the paths on which the choice is made, with one active objective for each aim, in order."""
    import pyomo.core as pyo

    m = pyo.ConcreteModel("homes to open")
    _sets_and_data(m, problem)
    m.path = pyo.Block(m.PATHS, rule=lambda block, path: _match(block, problem.chosen_on[path]))
    m.opens = pyo.Var(m.OPENINGS, domain=pyo.Binary)
    m.is_short = pyo.Var(m.RESERVES, domain=pyo.Binary)
    m.within_budget = pyo.Constraint(rule=within_budget)
    m.first_before_second = pyo.Constraint(m.OPENINGS, rule=first_before_second)
    m.lives_in_an_open_home = pyo.Constraint(m.PAIRS_THERE, rule=lives_in_an_open_home)
    m.together_in_an_open_home = pyo.Constraint(m.UNITS_THERE, rule=together_in_an_open_home)
    m.reserve_kept = pyo.Constraint(m.RESERVES, rule=reserve_kept)
    m.none_taken_when_short = pyo.Constraint(m.RESERVES, rule=none_taken_when_short)
    m.aims = pyo.Objective(list(problem.aims), rule=_aim, sense=pyo.maximize)
    return m


def within_budget(m: Any) -> Any:
    """What the opened homes cost over the period is at most the budget [pence]."""
    spent = total(m.spend[candidate] * m.opens[candidate, copy] for candidate, copy in m.OPENINGS)
    return _skip() if isinstance(spent, int) else spent <= m.budget


def first_before_second(m: Any, candidate: int, copy: int) -> Any:
    """Of homes that are alike the second opens only after the first, so that each choice is counted once."""
    return m.opens[candidate, copy] <= m.opens[candidate, copy - 1] if copy else _skip()


def lives_in_an_open_home(m: Any, path: int, child: int, home: int) -> Any:
    """Nobody lives in a home that is not opened."""
    return m.path[path].lives[child, home] <= m.opens[m.opening[path, home]]


def together_in_an_open_home(m: Any, path: int, group: int, home: int) -> Any:
    """No siblings live together in a home that is not opened."""
    return m.path[path].together[group, home] <= m.opens[m.opening[path, home]]


def reserve_kept(m: Any, path: int, kind: str) -> Any:
    """Over all open homes of a kind, the places not taken are at least those kept free, unless fewer are free."""
    coming = _taken_in(m, path, kind)
    if isinstance(coming, int):
        return _skip()
    offered = total(m.offered[path][home] * _is_open(m, path, home) for home in m.homes_of[path, kind])
    return coming <= offered - m.spare[path, kind] * (1 - m.is_short[path, kind])


def none_taken_when_short(m: Any, path: int, kind: str) -> Any:
    """Where fewer places are free than are to be kept, none is taken."""
    coming = _taken_in(m, path, kind)
    if isinstance(coming, int):
        return _skip()
    return coming <= sum(m.offered[path][home] for home in m.homes_of[path, kind]) * (1 - m.is_short[path, kind])


def least_cost(m: Any) -> Any:
    """Minus what is spent to open and what the children's homes cost over the period, summed over the paths [pence]."""
    opening = total(len(m.PATHS) * m.spend[candidate] * m.opens[candidate, copy] for candidate, copy in m.OPENINGS)
    return m.weeks * total(aim(m.path[path], match_aim(COST)) for path in m.PATHS) - opening


def _aim(m: Any, name: str) -> Any:
    """An aim of the match, summed over the paths; the cost with what is opened."""
    return least_cost(m) if name == COST else total(aim(m.path[path], name) for path in m.PATHS)


def _is_open(m: Any, path: int, home: int) -> Any:
    """1 for a home that is there already, else 1 when it is opened."""
    return m.opens[m.opening[path, home]] if (path, home) in m.opening else 1


def _taken_in(m: Any, path: int, kind: str) -> Any:
    """Places that those who come take in the homes of a kind."""
    return total(places_taken(m.path[path], home) for home in m.homes_of[path, kind])


def _match(block: Any, path: DemandPath) -> None:
    """The match of a path with every home; the reserve is stated here, as it counts the open homes alone."""
    instance = replace(path.instance, practice=replace(path.instance.practice, reserve={}))
    block.transfer_attributes_from(matching_model(instance))
    block.aims.deactivate()


def _skip() -> Any:
    import pyomo.core as pyo

    return pyo.Constraint.Skip


def _sets_and_data(m: Any, problem: SitingProblem) -> None:
    """Sets and figures as the rules above name them; paths by position, children, groups and homes by number."""
    import pyomo.core as pyo

    m.spend, m.budget, m.weeks = problem.spend.tolist(), problem.budget, problem.weeks
    openings = [(c, copy) for c, most in enumerate(problem.at_most.tolist()) for copy in range(most)]
    m.OPENINGS = pyo.Set(initialize=openings, dimen=2)
    m.PATHS = pyo.RangeSet(0, len(problem.chosen_on) - 1)
    m.opening, m.offered, m.homes_of, m.spare = {}, {}, {}, {}
    pairs, units = [], []
    for number, path in enumerate(problem.chosen_on):
        instance, copies = path.instance, zip(path.candidate.tolist(), path.copy.tolist(), strict=True)
        m.opening |= {(number, home): copy for home, copy in enumerate(copies) if copy[0] >= 0}
        m.offered[number] = instance.offered.tolist()
        for kind, spare in instance.practice.reserve.items():
            of_kind = open_homes_of(instance.homes, instance.as_of, kind)
            m.homes_of[number, kind] = np.flatnonzero(of_kind).tolist()
            m.spare[number, kind] = spare
        pairs += _there(number, path, instance.pair_child, instance.pair_home)
        units += _there(number, path, instance.column_group, instance.column_home)
    m.RESERVES = pyo.Set(initialize=list(m.spare), dimen=2)
    m.PAIRS_THERE = pyo.Set(initialize=pairs, dimen=3)
    m.UNITS_THERE = pyo.Set(initialize=units, dimen=3)


def _there(number: int, path: DemandPath, who: np.ndarray, where: np.ndarray) -> list[tuple[int, int, int]]:
    """Number of the path, child or unit, and home, of those in homes that could be opened."""
    proposed = path.candidate[where] >= 0
    pairs = zip(who[proposed].tolist(), where[proposed].tolist(), strict=True)
    return [(number, one, home) for one, home in pairs]
