"""The audit of a plan against the independent programme: plans changed at random are let pass by both or by neither."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from sufficiency.errors import SolverError
from sufficiency.matching.audit import audit
from sufficiency.matching.entrance import match
from sufficiency.matching.plan import Plan

from . import instances, oracle, varied

CHANGES = 25


def _changed(rng: np.random.Generator, plan: Plan) -> Plan:
    """One or two children elsewhere, preferably where the rules of the pair allow it, or without a home."""
    home = plan.home.copy()
    for child in rng.choice(len(home), int(rng.integers(1, 3))):
        may = np.flatnonzero(plan.instance.may_take(int(child)))
        if rng.random() < 0.2 or not len(may):
            home[child] = rng.integers(-1, len(plan.instance.homes))
        else:
            home[child] = rng.choice(may)
    return dataclasses.replace(plan, home=home)


def _passes(plan: Plan) -> bool:
    try:
        audit(plan, plan.instance)
    except SolverError:
        return False
    return True


def _may_be(children: pd.DataFrame, homes: pd.DataFrame, plan: Plan, options: oracle.Options) -> bool:
    placed = plan.table().dropna(subset="home_id")
    lives_at = dict(zip(placed["child_id"].astype(str), placed["home_id"].astype(str), strict=True))
    day = instances.AS_OF.date()
    try:
        oracle.best_plan(children, homes, as_of=day, objectives=("placed",), options=options, lives_at=lives_at)
    except oracle.Infeasible:
        return False
    return True


def _hold_equal(seed: int, options_drawn: bool) -> None:
    rng = np.random.default_rng(seed)
    children, homes, limit = varied.draw(seed, 12, 10)
    options = varied.draw_options(seed, children, homes) if options_drawn else oracle.Options()
    practice = varied.practice_of(options) if options_drawn else None
    plan = match(children, homes, limit_miles=limit, as_of=instances.AS_OF, practice=practice)
    others = [plan, *(_changed(rng, plan) for _ in range(CHANGES))]
    passed = [_passes(other) for other in others]
    assert passed == [_may_be(children, homes, other, options) for other in others]
    assert passed[0]
    assert not all(passed)


@pytest.mark.parametrize("seed", range(3000, 3010))
def test_rules_of_every_match(seed: int) -> None:
    _hold_equal(seed, options_drawn=False)


@pytest.mark.parametrize("seed", range(3010, 3025))
def test_rules_of_practice(seed: int) -> None:
    _hold_equal(seed, options_drawn=True)
