"""The model, the engine for simulation loops and a programme written apart from them reach the same values."""

from __future__ import annotations

from itertools import permutations

import pandas as pd
import pytest

from sufficiency.matching.entrance import match
from sufficiency.matching.loop import solve_in_loop
from sufficiency.matching.plan import Plan

from . import instances, oracle, varied

ORDERS = [("placed", *rest) for rest in permutations(oracle.DEFAULT_ORDER[1:])]
DAY = instances.AS_OF.date()
PLAIN = [(seed, 8 + 3 * (seed % 8), 4 + 5 * (seed % 6)) for seed in range(24)]
ODD = [(seed, 6 + 4 * (seed % 7), 1 + 4 * (seed % 8)) for seed in range(1000, 1036)]


def home_of(plan: Plan) -> dict[str, str]:
    """Who lives where, as the table says."""
    placed = plan.table().dropna(subset="home_id")
    return dict(zip(placed["child_id"].astype(str), placed["home_id"].astype(str), strict=True))


def in_pence(values: dict[str, float], order: tuple[str, ...]) -> dict[str, int]:
    """A plan's values of the objectives asked for, the cost in pence."""
    return {name: round(values[name] * 100) if name == "weekly_cost" else int(values[name]) for name in order}


def _hold_equal(children: pd.DataFrame, homes: pd.DataFrame, limit: float, order: tuple[str, ...]) -> None:
    plan = match(children, homes, limit_miles=limit, as_of=instances.AS_OF, objectives=order)
    best = oracle.best_values(children, homes, limit_miles=limit, as_of=DAY, objectives=order)
    assert in_pence(plan.values, order) == best
    looped = dict(solve_in_loop(plan.instance).values)
    assert {name: -looped[name] if name == "weekly_cost" else looped[name] for name in order} == best
    lived = oracle.best_plan(children, homes, limit_miles=limit, as_of=DAY, objectives=order, lives_at=home_of(plan))
    assert lived.values == best


@pytest.mark.parametrize(("seed", "children", "homes"), PLAIN)
def test_every_objective_equals_the_independent_programme(seed: int, children: int, homes: int) -> None:
    """Random registers with siblings, lone children, step-downs and every odd cell; objectives in every order."""
    order = oracle.DEFAULT_ORDER if seed % 2 else ORDERS[seed // 2 % len(ORDERS)]
    _hold_equal(*instances.draw(seed, children, homes), 20.0, order)


@pytest.mark.parametrize(("seed", "children", "homes"), ODD)
def test_odd_registers_equal_the_independent_programme(seed: int, children: int, homes: int) -> None:
    """Groups of up to six, households over the usual limit, equal prices, homes at the very limit; some objectives."""
    _hold_equal(*varied.draw(seed, children, homes), varied.draw_objectives(seed))
