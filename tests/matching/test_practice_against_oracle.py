"""The options of practice: equal to the independent programme on every objective, and what must hold between runs."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from sufficiency.matching.entrance import match
from sufficiency.matching.loop import solve_in_loop
from sufficiency.matching.plan import Plan
from sufficiency.matching.practice import Practice

from . import instances, oracle, varied

DAY = instances.AS_OF.date()
CASES = [(seed, 6 + 4 * (seed % 7), 3 + 4 * (seed % 8)) for seed in range(2000, 2030)]
FULL_ORDER = ("placed", "school_within", "within_limit", "in_house", "siblings_together", "preference", "weekly_cost")


def _askable(order: tuple[str, ...], children: pd.DataFrame, practice: Practice | None) -> tuple[str, ...]:
    """The objectives for which there is something to count; to ask for another is a fault."""
    scored = practice is not None and practice.scores is not None and len(practice.scores) > 0
    schooled = (children["school_postcode"] != "").any()
    nothing = {"preference": not scored, "school_within": not schooled}
    return tuple(name for name in order if not nothing.get(name, False))


def _plan(
    children: pd.DataFrame,
    homes: pd.DataFrame,
    limit: float,
    order: tuple[str, ...] = FULL_ORDER,
    practice: Practice | None = None,
) -> Plan:
    asked = _askable(order, children, practice)
    return match(children, homes, limit_miles=limit, as_of=instances.AS_OF, objectives=asked, practice=practice)


def _values(plan: Plan) -> dict[str, int]:
    """The cost in pence and as a negative: the larger the better in each."""
    order = plan.instance.objectives
    return {name: round(plan.values[name] * (-100 if name == "weekly_cost" else 1)) for name in order}


def _homes_of(plan: Plan) -> dict[str, str]:
    placed = plan.table().dropna(subset="home_id")
    return dict(zip(placed["child_id"].astype(str), placed["home_id"].astype(str), strict=True))


@pytest.mark.parametrize(("seed", "children", "homes"), CASES)
def test_every_option_equals_the_independent_programme(seed: int, children: int, homes: int) -> None:
    """Several options at once and objectives in any order; the plan itself read back under them too."""
    child_table, home_table, limit = varied.draw(seed, children, homes)
    options = varied.draw_options(seed, child_table, home_table)
    order = _askable(varied.draw_objectives(seed, varied.OPTIONAL), child_table, varied.practice_of(options))
    plan = _plan(child_table, home_table, limit, order, varied.practice_of(options))
    ask = {"limit_miles": limit, "as_of": DAY, "objectives": order, "options": options}
    best = oracle.best_values(child_table, home_table, **ask)
    reached = {name: abs(value) if name == "weekly_cost" else value for name, value in _values(plan).items()}
    assert reached == best
    looped = dict(solve_in_loop(plan.instance).values)
    assert {name: -looped[name] if name == "weekly_cost" else looped[name] for name in order} == best
    assert oracle.best_plan(child_table, home_table, lives_at=_homes_of(plan), **ask).values == best


@pytest.mark.parametrize("seed", range(2100, 2106))
def test_pinning_the_whole_plan_reaches_the_same_values(seed: int) -> None:
    """A panel that fixes all that was found and matches again gets the same plan."""
    children, homes, limit = varied.draw(seed, 24, 20)
    scores = varied.draw_options(seed, children, homes).scores
    plan = _plan(children, homes, limit, practice=Practice(scores=scores))
    rows = [(who, where, "pin") for who, where in _homes_of(plan).items()]
    fixed = pd.DataFrame(rows, columns=["child_id", "home_id", "decision"])
    again = _plan(children, homes, limit, practice=Practice(scores=scores, fixed=fixed))
    assert _values(again) == _values(plan)
    assert _homes_of(again) == _homes_of(plan)


@pytest.mark.parametrize("seed", range(2110, 2116))
def test_ruling_out_a_home_that_nobody_uses_changes_nothing(seed: int) -> None:
    children, homes, limit = varied.draw(seed, 24, 24)
    plan = _plan(children, homes, limit)
    used = {*_homes_of(plan).values(), *children["current_home_id"]}
    empty = homes.loc[~homes["home_id"].isin(used), ["home_id"]]
    assert len(empty)
    pool = children.loc[children["status"] != "settled", ["child_id"]]
    fixed = pool.merge(empty, how="cross").assign(decision="rule_out")
    assert _values(_plan(children, homes, limit, practice=Practice(fixed=fixed))) == _values(plan)


@pytest.mark.parametrize("seed", range(2120, 2124))
def test_no_option_is_the_plain_match(seed: int) -> None:
    children, homes, limit = varied.draw(seed, 24, 20)
    plain, with_none = (_plan(children, homes, limit, practice=each) for each in (None, Practice()))
    assert _values(plain) == _values(with_none)
    assert plain.table().equals(with_none.table())


@pytest.mark.parametrize("seed", range(2130, 2138))
def test_an_option_never_makes_a_plan_better(seed: int) -> None:
    """Each option takes plans away and adds none: the values in their order do not rise."""
    children, homes, limit = varied.draw(seed, 26, 20)
    options = varied.draw_options(seed, children, homes)
    drawn = varied.practice_of(dataclasses.replace(options, never_split="all", one_level_3=True, fixed=None))
    free = Practice(scores=drawn.scores, school_limit_miles=drawn.school_limit_miles)
    bound, loose = (_values(_plan(children, homes, limit, practice=each)) for each in (drawn, free))
    assert tuple(bound.values()) <= tuple(loose.values())


@pytest.mark.parametrize("seed", range(2140, 2144))
def test_a_larger_reserve_places_no_more(seed: int) -> None:
    """And one above all that is free leaves only those who stay where they are, or move elsewhere."""
    children, homes, limit = varied.draw(seed, 30, 16)
    placed = [
        _plan(children, homes, limit, practice=Practice(reserve=dict.fromkeys(oracle.MATCHED, kept))).values["placed"]
        for kept in (0, 1, 3, 99)
    ]
    assert placed == sorted(placed, reverse=True)
    assert placed[-1] == (children["status"] == "step_down").sum()


@pytest.mark.parametrize("seed", range(2150, 2156))
def test_no_group_is_split_in_the_table(seed: int) -> None:
    """Read off the answer: the children of a group who needed a home have one home, or none of them has."""
    children, homes, limit = varied.draw(seed, 30, 24)
    lives = _homes_of(_plan(children, homes, limit, practice=Practice(never_split="all")))
    needing = children[~children["status"].isin(["settled", "step_down"]) & (children["sibling_group"] != "")]
    for _, group in needing.groupby("sibling_group"):
        assert len({lives.get(child, "") for child in group["child_id"]}) == 1
