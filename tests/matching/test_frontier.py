"""The trade-off between two objectives against an independent integer programme with the floor as a row of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from sufficiency.errors import InputError
from sufficiency.matching.entrance import match
from sufficiency.matching.frontier import OUT_OF_TIME, Frontier
from sufficiency.matching.plan import Plan

from . import instances, oracle, varied

ORDERS = (
    ("placed", "within_limit", "siblings_together", "weekly_cost"),
    ("placed", "siblings_together", "weekly_cost", "within_limit"),
    ("placed", "weekly_cost", "within_limit"),
)


def _case(seed: int, order: tuple[str, ...], with_options: bool) -> tuple[Plan, dict[str, Any]]:
    children, homes, limit = varied.draw(seed, 12, 10)
    options = varied.draw_options(seed, children, homes) if with_options else oracle.Options()
    practice = varied.practice_of(options) if with_options else None
    plan = match(children, homes, limit_miles=limit, as_of=instances.AS_OF, objectives=order, practice=practice)
    return plan, {"children": children, "homes": homes, "limit": limit, "options": options}


def _by_oracle(
    case: dict[str, Any], order: tuple[str, ...], floor: int, second: str = "within_limit"
) -> tuple[int, int]:
    """Pence a week and children (of ``second``) of the cheapest plan with so many, by the independent programme."""
    problem = oracle.Problem(case["children"], case["homes"], instances.AS_OF.date(), case["options"])
    oracle._fix(problem, None)
    oracle._child_rows(problem)
    for home in range(len(problem.houses)):
        oracle._home_rows(problem, home)
    oracle._practice_rows(problem)
    gain = oracle._gains(problem, order, case["limit"])
    near = {int(k): float(gain[second][k]) for k in np.flatnonzero(gain[second])}
    before = order[: min(order.index("weekly_cost"), order.index(second))]
    values = {}
    for name in (*before, "weekly_cost", second):
        if name == "weekly_cost" and near:
            problem.rows.add(near, floor - 0.25, np.inf)
        chosen = np.rint(_solved(problem, gain[name]))
        values[name] = round(float(gain[name] @ chosen))
        problem.rows.add({int(k): float(gain[name][k]) for k in np.flatnonzero(gain[name])} or {0: 0.0},
                         values[name] - 0.25 if gain[name].any() else -np.inf, np.inf)  # fmt: skip
    return values["weekly_cost"], values[second]


def _solved(problem: oracle.Problem, gain: np.ndarray) -> np.ndarray:
    result = oracle.milp(
        -gain,
        constraints=problem.rows.constraint(problem.size),
        bounds=oracle.Bounds(problem.lower, problem.upper),
        integrality=np.ones(problem.size),
        options={"mip_rel_gap": 0.0},
    )
    assert result.status == 0, result.message
    return np.asarray(result.x)


@pytest.mark.parametrize("with_options", [False, True])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("seed", range(4100, 4105))
def test_each_point_is_the_best_with_as_many_near_home(seed: int, order: tuple[str, ...], with_options: bool) -> None:
    plan, case = _case(seed, order, with_options)
    frontier = plan.frontier("weekly_cost", "within_limit", points=50)
    floors = range(frontier.points[0].second, frontier.points[-1].second + 1)
    expected = sorted({_by_oracle(case, order, floor) for floor in floors}, key=lambda each: each[1])
    assert [(point.first, point.second) for point in frontier.points] == expected
    assert all(point.bound == point.first and point.by != OUT_OF_TIME for point in frontier.points)


@pytest.mark.parametrize("order", ORDERS[:2])
@pytest.mark.parametrize("seed", range(4120, 4130))
def test_each_point_is_the_best_with_as_many_together(seed: int, order: tuple[str, ...]) -> None:
    """Whole groups are what a relaxation halves: each point is proven all the same."""
    plan, case = _case(seed, order, False)
    frontier = plan.frontier("weekly_cost", "siblings_together", points=50)
    floors = range(frontier.points[0].second, frontier.points[-1].second + 1)
    expected = sorted({_by_oracle(case, order, floor, "siblings_together") for floor in floors}, key=lambda e: e[1])
    assert [(point.first, point.second) for point in frontier.points] == expected
    assert all(point.bound == point.first and point.by != OUT_OF_TIME for point in frontier.points)


@pytest.mark.parametrize("pair", [("weekly_cost", "within_limit"), ("weekly_cost", "siblings_together"),
                                  ("within_limit", "siblings_together"), ("in_house", "preference")])  # fmt: skip
@pytest.mark.parametrize("seed", range(4110, 4114))
def test_ends_are_the_two_plans_with_one_before_the_other(seed: int, pair: tuple[str, str]) -> None:
    order = ("placed", *pair)
    plan, case = _case(seed, order, True)
    first, second = pair
    other = match(case["children"], case["homes"], limit_miles=case["limit"], as_of=instances.AS_OF,
                  objectives=("placed", second, first), practice=plan.instance.practice)  # fmt: skip
    table = plan.frontier(first, second, points=5).table()
    for row, end in ((table.iloc[0], plan), (table.iloc[-1], other)):
        assert [row[first], row[second]] == [end.values[first], end.values[second]]


@pytest.fixture(scope="module")
def frontier() -> Frontier:
    seeds = (_case(seed, ORDERS[0], False)[0].frontier("weekly_cost", "within_limit") for seed in range(4100, 4130))
    return next(each for each in seeds if len(each.points) >= 3)


def test_more_near_home_never_costs_less(frontier: Frontier) -> None:
    table = frontier.table()
    assert table["within_limit"].is_monotonic_increasing
    assert table["within_limit"].is_unique
    assert (table["weekly_cost"].diff().iloc[1:] > 0).all()
    extra = table["weekly_cost"].diff() / table["within_limit"].diff()
    assert np.allclose(table["extra_per_further"].iloc[1:], extra.iloc[1:], atol=0.01)
    assert table["gap"].eq(0).all()


def test_chart_states_the_finding_with_units_and_source(frontier: Frontier) -> None:
    drawn = frontier.chart().to_dict()
    assert " ".join(drawn["title"]["text"]) == frontier.finding()
    assert "£" in frontier.finding()
    assert "£ a week" in str(drawn)
    assert "Source: registers of children and homes to 31 March 2025" in " ".join(drawn["title"]["subtitle"])
    assert drawn["description"]


def test_page_escapes_and_warns_of_small_numbers(frontier: Frontier) -> None:
    page = frontier._repr_html_()
    assert "each proven best" in page
    assert "not for publication" in page


@pytest.mark.parametrize("seed", range(4100, 4106))
def test_most_near_home_at_no_greater_cost(seed: int) -> None:
    """With the cost as the second: no plan has more near home for as much, by the independent programme."""
    plan, case = _case(seed, ORDERS[0], False)
    frontier = plan.frontier("within_limit", "weekly_cost", points=50)
    costs = [point.second for point in frontier.points]
    assert costs == sorted(costs)
    assert frontier.table()["weekly_cost"].is_monotonic_decreasing
    dearest = frontier.points[0].first
    for point in frontier.points:
        assert point.bound == point.first
        assert _by_oracle(case, ORDERS[0], point.first) == (point.second, point.first)
        if point.first < dearest:
            assert _by_oracle(case, ORDERS[0], point.first + 1)[0] < point.second
    assert "£" in frontier.finding() or len(frontier.points) == 1


def test_what_is_no_trade_off_is_refused() -> None:
    plan, _ = _case(4100, ORDERS[0], False)
    for first, second, points in (("placed", "within_limit", 5), ("weekly_cost", "weekly_cost", 5),
                                  ("in_house", "within_limit", 5), ("within_limit", "placed", 5),
                                  ("weekly_cost", "within_limit", 1)):  # fmt: skip
        with pytest.raises(InputError):
            plan.frontier(first, second, points)


def test_time_that_runs_out_is_told_as_a_gap(monkeypatch: pytest.MonkeyPatch, frontier: Frontier) -> None:
    """Nodes after the first are not looked at, so what is not proven at once keeps its gap."""
    plans = (_case(seed, ORDERS[0], False)[0] for seed in range(4100, 4130))
    monkeypatch.setattr("sufficiency.matching.constrained.GRACE", 60.0)
    tables = [plan.frontier("weekly_cost", "within_limit", time_limit_seconds=0.0).table() for plan in plans]
    every = pd.concat(tables)
    assert (every["gap"] > 0).any()
    assert (every.loc[every["gap"] > 0, "proven_by"] == OUT_OF_TIME).all()
