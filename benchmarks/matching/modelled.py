"""The problem written to be read, in Pyomo, and handed to HiGHS by Pyomo's own interface: sparse, and dense."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np

from benchmarks.matching.allowed import Allowed


def by_sparse_pyomo(allowed: Allowed) -> np.ndarray:
    """Home of each child, −1 for none: a variable for each allowed pair, and for each group and home."""
    pairs = list(zip(allowed.child.tolist(), allowed.home.tolist(), strict=True))
    return _solved(_model(allowed, pairs), allowed)


def by_dense_pyomo(allowed: Allowed) -> np.ndarray:
    """The same with a variable for every child and home, those not allowed held at 0."""
    children, homes = len(allowed.must), len(allowed.places)
    m = _model(allowed, [(child, home) for child in range(children) for home in range(homes)])
    for pair in set(m.lives) - m.pence.keys():
        m.lives[pair].fix(0)
    return _solved(m, allowed)


def _model(allowed: Allowed, pairs: list[tuple[int, int]]) -> Any:
    """``lives[child, home]``, ``together[group, home]``, two kinds of constraint and the aims in order."""
    import pyomo.environ as pyo

    m = pyo.ConcreteModel()
    _data(m, allowed)
    together = list(m.group_pence)
    m.lives = pyo.Var(pairs, domain=pyo.Binary if together else pyo.UnitInterval)
    m.together = pyo.Var(together, domain=pyo.Binary)
    homes_for, children_for = defaultdict(list), defaultdict(list)
    for child, home in pairs:
        homes_for[child].append(m.lives[child, home])
        children_for[home].append(m.takes.get((child, home), 1) * m.lives[child, home])
    for group, home in together:
        for child in m.members[group]:
            homes_for[child].append(m.together[group, home])
        children_for[home].append(m.group_takes[group, home] * m.together[group, home])

    @m.Constraint(list(homes_for))
    def one_home_each_child(m: Any, child: int) -> Any:
        homes = pyo.quicksum(homes_for[child])
        return homes == 1 if allowed.must[child] else homes <= 1

    @m.Constraint(list(children_for))
    def places_not_exceeded(m: Any, home: int) -> Any:
        return pyo.quicksum(children_for[home]) <= int(allowed.places[home])

    size = {group: len(who) for group, who in m.members.items()}
    siblings = pyo.quicksum(size[group] * m.together[group, home] for group, home in together)
    m.aims = [
        pyo.quicksum(m.lives[pair] for pair in m.pence) + siblings,
        pyo.quicksum(m.lives[pair] for pair in m.near)
        + pyo.quicksum(m.group_near[column] * m.together[column] for column in together),
        *([siblings] if together else []),
        -pyo.quicksum(pence * m.lives[pair] for pair, pence in m.pence.items())
        - pyo.quicksum(m.group_pence[column] * m.together[column] for column in together),
    ]
    return m


def _data(m: Any, allowed: Allowed) -> None:
    """The arrays as dictionaries by pair and by group and home."""
    pairs = list(zip(allowed.child.tolist(), allowed.home.tolist(), strict=True))
    columns = list(zip(allowed.group.tolist(), allowed.group_home.tolist(), strict=True))
    m.pence = dict(zip(pairs, allowed.pence.tolist(), strict=True))
    m.takes = dict(zip(pairs, allowed.takes.tolist(), strict=True))
    m.near = [pair for pair, near in zip(pairs, allowed.near.tolist(), strict=True) if near]
    for name in ("takes", "near", "pence"):
        figures = getattr(allowed, f"group_{name}").tolist()
        setattr(m, f"group_{name}", dict(zip(columns, figures, strict=True)))
    m.members = {group: np.flatnonzero(allowed.family == group).tolist() for group in np.unique(allowed.group).tolist()}


def _solved(m: Any, allowed: Allowed) -> np.ndarray:
    """Each aim in turn at its maximum, those before it held by a constraint."""
    import pyomo.environ as pyo

    solver = pyo.SolverFactory("appsi_highs")
    solver.highs_options = {"threads": 1, "mip_rel_gap": 0.0, "mip_abs_gap": 0.0}
    m.held = pyo.ConstraintList()
    m.aim = pyo.Objective(expr=0, sense=pyo.maximize)
    for aim in m.aims:
        m.aim.set_value(aim)
        pyo.assert_optimal_termination(solver.solve(m))
        m.held.add(aim >= round(pyo.value(aim)))
    home = np.full(len(allowed.must), -1)
    for (child, where), variable in m.lives.items():
        if variable.value is not None and variable.value > 0.5:
            home[child] = where
    for (group, where), variable in m.together.items():
        if variable.value > 0.5:
            home[m.members[group]] = where
    return home
