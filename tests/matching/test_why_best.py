"""Best homes: what choosing another costs every objective, by hand and against every pin solved apart; refusals."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from sufficiency.errors import InputError
from sufficiency.matching.entrance import match
from sufficiency.matching.practice import Practice
from sufficiency.matching.why.best import best_homes, home_instead
from sufficiency.matching.why.bounds import least_losses
from sufficiency.matching.why.pinned import columns_with
from sufficiency.matching.why.refused import refused_homes

from . import instances, oracle, varied
from .test_golden import SIBLINGS, child, home, plan_of

DAY = instances.AS_OF.date()


def practice_of(options: oracle.Options) -> Practice:
    """The same options as the package takes them; it looks schools up by itself."""
    return Practice(**{each.name: getattr(options, each.name) for each in fields(Practice)})


def ranked(table: pd.DataFrame) -> list[str]:
    return table.sort_values("rank")["home_id"].tolist()


def test_each_home_with_what_it_costs_the_plan() -> None:
    """Within 20 miles at £600 is best; the nearer one costs £300 more; the one at 25 miles saves £100 and is beyond."""
    homes = [home("near", weekly_cost="900"), home("best", miles=19), home("far", miles=25, weekly_cost="500")]
    table = best_homes(plan_of([child("a")], homes))
    assert ranked(table) == ["best", "near", "far"]
    assert table["in_plan"].tolist() == [True, False, False]
    assert table["within_limit_change"].tolist() == [0, 0, -1]
    assert table["weekly_cost_change"].tolist() == [0.0, 300.0, -100.0]
    assert table["within_limit"].tolist() == [True, True, False]
    assert table["says"].tolist() == [
        "The home in this plan.",
        "Across the whole plan the homes would cost £300 a week more.",
        "Across the whole plan one child fewer would live within the distance set for them and the homes would cost "
        "£100 a week less.",
    ]


def test_what_another_child_loses_is_counted_and_said() -> None:
    """One of two children has no home: the one place is its best home, and taking it puts the other out."""
    plan = plan_of([child("a"), child("b")], [home("h")])
    without = plan.table().loc[lambda table: table["home_id"].isna(), "child_id"].iloc[0]
    row = best_homes(plan, without).iloc[0]
    assert (row["home_id"], row["in_plan"], row["placed_change"]) == ("h", False, 0)
    assert row["says"] == "Across the whole plan one other child would then have no home."


def test_another_child_left_without_a_home_comes_last() -> None:
    """b can only live at near, so a's taking it leaves b without; far costs a mile limit, and comes before it."""
    homes = [home("far", miles=30), home("near")]
    plan = plan_of([child("a"), child("b", avoid_homes="far")], homes)
    table = best_homes(plan, "a")
    assert ranked(table) == ["far", "near"]
    assert table["placed_change"].tolist() == [0, -1]
    assert "one other child would then have no home" in table["says"].iloc[1]


def test_equal_homes_come_by_distance() -> None:
    """Four homes at one price, all within the limit: the plan's own first, the others from the nearest."""
    homes = [home("12", miles=12), home("3", miles=3), home("9", miles=9), home("6", miles=6)]
    plan = plan_of([child("a")], homes)
    own = plan.table()["home_id"].iloc[0]
    assert ranked(best_homes(plan)) == [own, *(each for each in ["3", "6", "9", "12"] if each != own)]
    assert (best_homes(plan)["weekly_cost_change"] == 0).all()


def test_a_sister_who_moves_alone_parts_the_group() -> None:
    """The pair has one household together; elsewhere she lives alone and two children fewer are with their group."""
    homes = [home("both", places="2"), home("one", miles=1)]
    table = best_homes(plan_of(SIBLINGS[:2], homes), "a")
    assert ranked(table) == ["both", "one"]
    assert table["siblings_together"].tolist() == [True, False]
    assert table["siblings_together_change"].tolist() == [0, -2]


def test_a_group_can_be_pinned_as_one() -> None:
    """Choosing the dearer household for one sister brings the other along: £300 more for each."""
    homes = [home("both", places="2"), home("dear", places="2", weekly_cost="900"), home("one", miles=1)]
    row = best_homes(plan_of(SIBLINGS[:2], homes), "a").set_index("home_id").loc["dear"]
    assert (row["siblings_together"], row["siblings_together_change"], row["weekly_cost_change"]) == (True, 0, 600.0)


def test_staying_is_one_of_the_choices_of_a_step_down_child() -> None:
    """The move saves £4,400 a week; staying is the second best of two, and gives that up."""
    unit = home("unit", kind="residential", places_free="0", weekly_cost="5000")
    plan = plan_of([child("x", status="step_down", current_home_id="unit")], [unit, home("h")])
    assert ranked(best_homes(plan)) == ["h", "unit"]
    assert home_instead(plan, "x", "unit")["weekly_cost_change"].tolist() == [4400.0]


def test_a_home_that_is_full_of_children_who_stay_is_no_choice() -> None:
    """Nobody may be put out, so the household in which x stays is not on y's list, though its terms would take y."""
    stays = child("x", status="step_down", current_home_id="h", avoid_homes="other")
    plan = plan_of([stays, child("y")], [home("h", places_free="0"), home("other", miles=30)])
    assert ranked(best_homes(plan, "y")) == ["other"]
    assert home_instead(plan, "y", "h").empty


def test_a_lone_child_takes_the_whole_home() -> None:
    """Of three children two could share the second home; the lone child in it leaves them one place short."""
    solo = child("a", solo="true")
    plan = plan_of([solo, child("b"), child("c")], [home("one"), home("two", places="2")])
    table = best_homes(plan, "a").set_index("home_id")
    assert table["placed_change"].to_dict() == {"one": 0, "two": -1}


@pytest.mark.parametrize(("children", "homes"), [([], []), ([], [home("h")]), ([child("a")], [])])
def test_nothing_to_choose_is_an_empty_table(children: list, homes: list) -> None:
    plan = plan_of(children, homes)
    for table in (best_homes(plan), refused_homes(plan)):
        assert table.empty
        assert table["child_id"].dtype == "str"


def test_an_unknown_id_is_a_fault_that_does_not_repeat_it() -> None:
    plan = plan_of([child("a")], [home("h")])
    for ask in (lambda: best_homes(plan, ["SECRET"]), lambda: home_instead(plan, "a", "SECRET")):
        with pytest.raises(InputError) as raised:
            ask()
        assert "SECRET" not in str(raised.value)


def test_other_objectives_have_columns_of_their_own() -> None:
    """The council's own carers come first here, so the agency's cheaper home costs that objective one child."""
    homes = [home("own"), home("agency", kind="ifa", weekly_cost="500")]
    table = best_homes(plan_of([child("a")], homes, objectives=("placed", "in_house", "weekly_cost")))
    assert table["in_house_change"].tolist() == [0, -1]
    assert "one child fewer would live with the council's own carers" in table["says"].iloc[1]
    assert "within_limit_change" not in table


def pinned_values(
    registers: tuple[pd.DataFrame, pd.DataFrame],
    child_id: str,
    home_id: str,
    options: oracle.Options,
    **settings: object,
) -> tuple[int, ...] | None:
    """What the independent programme reaches with the child fixed in the home, each to be maximised."""
    pin = pd.DataFrame([(child_id, home_id, "pin")], columns=["child_id", "home_id", "decision"])
    try:
        values = oracle.best_values(*registers, as_of=DAY, options=replace(options, fixed=pin), **settings)
    except oracle.Infeasible:
        return None
    return tuple(-value if aim == "weekly_cost" else value for aim, value in values.items())


def hold_the_best_five(
    registers: tuple[pd.DataFrame, pd.DataFrame], options: oracle.Options, **settings: object
) -> None:
    """Every child in every home it could have, by a programme that shares no code: the same five costs, in order."""
    plan = match(*registers, as_of=instances.AS_OF, practice=practice_of(options), **settings)
    table, instance = best_homes(plan), plan.instance
    assert len(table)
    base = [round(plan.values[aim] * (-100 if aim == "weekly_cost" else 1)) for aim in instance.objectives]
    for number, child_id in enumerate(instance.children["child_id"]):
        where = instance.homes["home_id"].iloc[np.unique(columns_with(instance, number)[1])]
        pins = [pinned_values(registers, child_id, home_id, options, **settings) for home_id in where]
        changes = sorted(([a - b for a, b in zip(pin, base, strict=True)] for pin in pins if pin), reverse=True)
        mine = table.loc[table["child_id"] == child_id, [f"{aim}_change" for aim in instance.objectives]]
        in_pence = mine.assign(weekly_cost_change=mine.get("weekly_cost_change", 0) * -100)[mine.columns]
        assert in_pence.round().astype(int).to_numpy().tolist() == changes[:5]


@pytest.mark.parametrize("seed", [1, 4])
def test_the_best_five_are_those_of_every_pin_solved_apart(seed: int) -> None:
    hold_the_best_five(instances.draw(seed, 12, 12), oracle.Options())


@pytest.mark.parametrize("seed", [5, 6, 11])
def test_the_best_five_with_options_of_practice_and_every_objective(seed: int) -> None:
    """Groups never split, parent and child, places kept free, one child of level 3; seven objectives in any order."""
    children, homes, limit = varied.draw(seed, 9, 9)
    options = replace(varied.draw_options(seed, children, homes), fixed=None)
    order = varied.draw_objectives(seed, ("school_within", "in_house", "preference"))
    hold_the_best_five((children, homes), options, limit_miles=limit, objectives=order)


@pytest.mark.parametrize("seed", range(6))
def test_no_column_costs_less_than_its_bound(seed: int) -> None:
    """Each child pinned to each home loses at least what the least of its columns there must lose."""
    children, homes = instances.draw(seed, 10, 8)
    plan = match(children, homes, as_of=instances.AS_OF)
    instance = plan.instance
    losses = least_losses(instance, plan.home)
    assert (losses.level[losses.chosen] == len(instance.objectives)).all()
    checked = 0
    for number, child_id in enumerate(instance.children["child_id"]):
        mine, where = columns_with(instance, number)
        for choice in home_costs(plan, child_id, where):
            lost, columns = choice[1], mine[where == choice[0]]
            bounds = [[0] * losses.level[each] + [losses.least[each]] for each in columns]
            assert any(list(lost[: len(bound)]) >= bound[: len(lost)] for bound in bounds)
            checked += 1
    assert checked


def home_costs(plan, child_id: str, where: np.ndarray) -> list[tuple[int, list[int]]]:
    """Home and what each objective loses, for each home that a plan could give the child."""
    names = ["placed_change", "within_limit_change", "siblings_together_change", "weekly_cost_change"]
    answer = []
    for number in np.unique(where):
        table = home_instead(plan, child_id, plan.instance.homes["home_id"].iloc[number])
        for *counts, cost in table[names].to_numpy():
            answer.append((int(number), [*(-int(each) for each in counts), round(cost * 100)]))
    return answer


def test_refusals_name_the_term_and_the_childs_own_need() -> None:
    homes = [
        home("age", max_age="8", max_needs_level="1"),
        home("boys", sex="male"),
        home("full", places_free="0"),
        home("later", open_from="2025-06-01"),
        home("level", max_needs_level="1"),
        home("lodge", kind="supported", min_age="0"),
        home("not", registered="false"),
        home("shut", open_to="2025-01-31"),
        home("wrong", kind="residential"),
        home("avoided"),
    ]
    kinds = "in_house_fostering;supported"
    one = child("a", needs_level="2", allowed_kinds=kinds, avoid_homes="avoided")
    table = refused_homes(plan_of([one], homes)).set_index("home_id")
    assert table["says"].to_dict() == {
        "age": "It is for children of 0 to 8; this child is 10.",
        "avoided": "It is to be avoided for this child.",
        "boys": "It is for boys only; this child is a girl.",
        "later": "It opens only on 1 June 2025.",
        "level": "It can meet needs up to level 1; this child's are level 2.",
        "lodge": "Supported accommodation is only from 16; this child is 10.",
        "not": "It is not registered.",
        "shut": "It closed after 31 January 2025.",
        "wrong": "It is a children's home; what suits this child is in-house foster carers or supported accommodation.",
    }
    assert (table.loc["age", "rule"], table.loc["age", "also"]) == ("age", "needs_level")


def test_refusals_are_the_instances_own() -> None:
    """First rules and allowed homes as the instance itself has them, over random registers."""
    plan = match(*instances.draw(5, 25, 25), as_of=instances.AS_OF)
    instance, table = plan.instance, refused_homes(plan)
    from sufficiency.matching.rules import REFUSALS

    for number, child_id in enumerate(instance.children["child_id"]):
        mine = table[table["child_id"] == child_id].set_index("home_id")["rule"]
        first = instance.refusals(number)
        named = {
            instance.homes["home_id"].iloc[home]: list(REFUSALS)[first[home]] for home in np.flatnonzero(first >= 0)
        }
        assert mine.to_dict() == named


def test_what_a_panel_has_decided_is_said() -> None:
    """Ruled out by hand, and fixed elsewhere: neither is a rule of the home."""
    rows = [("a", "out", "rule_out"), ("b", "there", "pin")]
    fixed = pd.DataFrame(rows, columns=["child_id", "home_id", "decision"])
    homes = [home("other"), home("out"), home("there")]
    plan = plan_of([child("a"), child("b")], homes, practice=Practice(fixed=fixed))
    table = refused_homes(plan).set_index(["child_id", "home_id"])["says"]
    assert table["a", "out"] == "It was ruled out by hand."
    assert table["b", "other"] == "A person has fixed another home for this child."
    assert ranked(best_homes(plan, "b")) == ["there"]
    assert "fixed by hand" in plan.table().set_index("child_id")["reason"]["b"]
