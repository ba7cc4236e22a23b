"""Small cases worked by hand, each with the sentence that says why its answer is right."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from sufficiency.errors import InputError, SolverError
from sufficiency.matching.audit import audit
from sufficiency.matching.entrance import match
from sufficiency.matching.loop import solve_in_loop
from sufficiency.matching.pairs import build_instance
from sufficiency.matching.plan import MATCH_COLUMNS, Plan
from sufficiency.matching.solve import optimise
from sufficiency.records.registers import check_register

from .by_hand import child, home
from .instances import CHILD_COLUMNS, HOME_COLUMNS, prices

AS_OF = pd.Timestamp("2025-03-31")


def plan_of(children: list[dict[str, str]], homes: list[dict[str, str]], **settings: object) -> Plan:
    tables = pd.DataFrame(children, columns=CHILD_COLUMNS), pd.DataFrame(homes, columns=HOME_COLUMNS)
    return match(*tables, as_of=AS_OF, **settings)


def homes_of(children: list[dict[str, str]], homes: list[dict[str, str]], **settings: object) -> dict[str, str | None]:
    table = plan_of(children, homes, **settings).table()
    return {
        name: None if pd.isna(where) else where for name, where in zip(table["child_id"], table["home_id"], strict=True)
    }


SIBLINGS = [child(name, sibling_group="S") for name in "abcd"]


def test_nearer_home_wins_over_cheaper_one() -> None:
    """One child, a £600 home at 25 miles and a £900 home at 5: distance comes first, so £900."""
    plan = plan_of([child("a")], [home("far", miles=25), home("near", miles=5, weekly_cost="900")])
    row = plan.table().iloc[0]
    assert (row["home_id"], row["within_limit"], row["weekly_cost"]) == ("near", True, 900.0)
    assert row["miles"] == pytest.approx(5.0, abs=0.02)


def test_cheaper_of_two_homes_within_the_limit() -> None:
    """Both are within 20 miles, so cost decides: the further one at £600, not the nearer at £900."""
    assert homes_of([child("a")], [home("dear", miles=2, weekly_cost="900"), home("cheap", miles=19)]) == {"a": "cheap"}


def test_order_of_objectives_is_the_users() -> None:
    """With cost before distance the £600 home at 25 miles wins over £900 at 5."""
    homes = [home("far", miles=25), home("near", miles=5, weekly_cost="900")]
    assert homes_of([child("a")], homes, objectives=("placed", "weekly_cost", "within_limit")) == {"a": "far"}


def test_a_home_for_every_child_comes_before_distance() -> None:
    """Only a can live near (b is too old for it) and far takes either: both get a home, though c's place is near."""
    homes = [home("near", max_age="9"), home("far", miles=40)]
    young = child("a", date_of_birth="2016-06-01")
    assert homes_of([young, child("b")], homes) == {"a": "near", "b": "far"}


def test_needs_level_is_hard() -> None:
    """A level 3 child goes to the level 3 home at 60 miles, never to the level 2 home next door."""
    homes = [home("near", max_needs_level="2"), home("far", miles=60)]
    assert homes_of([child("a", needs_level="3")], homes) == {"a": "far"}


@pytest.mark.parametrize(("born", "where"), [("2009-04-01", None), ("2009-03-31", "lodge")])
def test_supported_accommodation_only_from_sixteen(born: str, where: str | None) -> None:
    """On 31 March 2025 a child born on 1 April 2009 is 15 and may not; one born the day before is 16 and may."""
    assert homes_of([child("a", date_of_birth=born)], [home("lodge", kind="supported")]) == {"a": where}


@pytest.mark.parametrize(
    ("cells", "fits"),
    [
        ({"registered": "false"}, False),
        ({"kind": "secure"}, False),
        ({"kind": "with_parents"}, False),
        ({"open_from": "2025-03-31"}, True),
        ({"open_from": "2025-04-01"}, False),
        ({"open_to": "2025-03-31"}, True),
        ({"open_to": "2025-03-30"}, False),
        ({"min_age": "10", "max_age": "10"}, True),
        ({"min_age": "11"}, False),
        ({"max_age": "9"}, False),
        ({"sex": "female"}, True),
        ({"sex": "male"}, False),
        ({"places_free": "0"}, False),
    ],
)
def test_each_term_of_approval_is_hard(cells: dict[str, str], fits: bool) -> None:
    """A girl of ten and one home: it takes her exactly when its terms do, even when the alternative is none."""
    assert homes_of([child("a")], [home("h", **cells)]) == {"a": "h" if fits else None}


@pytest.mark.parametrize("sex", ["other", ""])
def test_child_of_other_or_unknown_sex_only_where_any_may_live(sex: str) -> None:
    homes = [home("girls", sex="female"), home("boys", sex="male")]
    assert homes_of([child("a", sex=sex)], homes) == {"a": None}
    assert homes_of([child("a", sex=sex)], [*homes, home("any", miles=90)]) == {"a": "any"}


def test_the_childs_own_exclusions_are_hard() -> None:
    """The avoided home and the kind not allowed are passed over, at whatever distance the third is."""
    homes = [home("avoided"), home("agency", kind="ifa"), home("third", miles=80)]
    picky = child("a", avoid_homes="avoided;elsewhere", allowed_kinds="in_house_fostering;kinship")
    assert homes_of([picky], homes) == {"a": "third"}


def test_settled_children_are_not_matched() -> None:
    """A settled child has no row, and takes nothing: its place was not among the free ones."""
    settled = child("s", status="settled", current_home_id="h")
    homes = [home("h", places="2", places_free="1")]
    assert homes_of([settled, child("a")], homes) == {"a": "h"}


def test_fostering_limit_of_three() -> None:
    """A household with four places, one lived in and three free takes two, so that three live there."""
    four = [home("h", places="4", places_free="3")]
    assert plan_of([child(name) for name in "abc"], four).values["placed"] == 2
    assert plan_of([child(name) for name in "abc"], [four[0] | {"kind": "residential"}]).values["placed"] == 3
    assert plan_of(SIBLINGS[:3], four).values["placed"] == 2


def test_household_over_the_limit_offers_only_the_place_that_a_child_leaves() -> None:
    """Four live in a household of five, which has an exemption for them: the fifth place is not offered, but when one
    of the four moves out its place may be filled again."""
    full = home("full", places="5", places_free="1", weekly_cost="9000")
    assert homes_of([child("a")], [full]) == {"a": None}
    leaver = child("x", status="step_down", current_home_id="full")
    plan = plan_of([leaver, child("a"), child("b")], [full, home("other")])
    assert plan.values["placed"] == 2
    assert plan.summary()["households_refilled_over_usual_limit"] == 1
    moved = homes_of([leaver, child("a", avoid_homes="other")], [full, home("other")])
    assert moved == {"x": "other", "a": "full"}


def test_group_of_four_takes_an_empty_household_and_all_of_it() -> None:
    """Five places, four siblings: they live there together, and the fifth place is not for another child."""
    big = home("big", places="5", miles=5)
    assert homes_of([*SIBLINGS, child("e")], [big]) == dict.fromkeys("abcd", "big") | {"e": None}
    plan = plan_of(SIBLINGS, [big])
    assert plan.values["siblings_together"] == 4
    assert set(plan.table()["siblings_together"]) == {True}


@pytest.mark.parametrize("cells", [{"places": "5", "places_free": "4"}, {"places": "3"}])
def test_group_of_four_needs_an_empty_household_that_holds_them(cells: dict[str, str]) -> None:
    """With someone living there, or only three places, at most the usual limit applies and the group is split."""
    plan = plan_of(SIBLINGS, [home("h", **cells)])
    assert plan.values["siblings_together"] == 0
    assert plan.values["placed"] == (2 if cells["places"] == "5" else 3)


def test_group_of_four_in_a_childrens_home_uses_ordinary_places() -> None:
    """A children's home of six with five free takes four siblings and one more."""
    crowd = [*SIBLINGS, child("e")]
    lived_in = home("h", kind="residential", places="6", places_free="5")
    assert homes_of(crowd, [lived_in]) == dict.fromkeys("abcde", "h")


def test_group_is_split_rather_than_left_without_homes() -> None:
    """Two siblings and two homes of one place: apart, both housed, and listed as split."""
    plan = plan_of(SIBLINGS[:2], [home("one"), home("two")])
    assert plan.values["placed"] == 2
    assert plan.summary()["sibling_groups_split"] == ["S"]
    assert plan.table()["reason"].str.contains("could not be kept together").all()


def test_siblings_stay_together_though_it_costs_more() -> None:
    """Together at £900 each, or apart at £600: together comes first."""
    homes = [home("one"), home("two"), home("both", places="2", weekly_cost="900")]
    assert homes_of(SIBLINGS[:2], homes) == {"a": "both", "b": "both"}


def test_siblings_are_together_only_where_each_is_allowed() -> None:
    """The home for girls cannot take the brother, so the pair is split and both are housed."""
    pair = [child("a", sibling_group="S"), child("b", sibling_group="S", sex="male")]
    homes = [home("girls", places="2", sex="female"), home("any")]
    assert homes_of(pair, homes) == {"a": "girls", "b": "any"}


def test_a_group_of_one_in_the_pool_is_a_single_child() -> None:
    """Its only sibling is settled, so there is no group to keep together and no mark in the table."""
    other = child("b", sibling_group="S", status="settled")
    plan = plan_of([child("a", sibling_group="S"), other], [home("h")])
    assert plan.table()["siblings_together"].isna().all()
    assert plan.summary()["sibling_groups"] == 0


def test_step_down_child_moves_and_frees_its_place() -> None:
    """x may leave the children's home for the household; y, whom only the children's home can take, gets its place."""
    unit = home("unit", kind="residential", places_free="0", weekly_cost="5000")
    steps_down = child("x", status="step_down", current_home_id="unit")
    only_unit = child("y", allowed_kinds="residential")
    assert homes_of([steps_down, only_unit], [unit, home("h")]) == {"x": "h", "y": "unit"}


def test_step_down_child_stays_whatever_the_rules() -> None:
    """Its home is closed, unregistered, for boys and of a kind never matched: it stays, and counts as placed."""
    cells = {"kind": "secure", "registered": "false", "sex": "male", "open_to": "2020-01-01", "places_free": "0"}
    plan = plan_of([child("x", status="step_down", current_home_id="unit")], [home("unit", **cells)])
    assert plan.values == {"placed": 1, "within_limit": 1, "siblings_together": 0, "weekly_cost": 600.0}


def test_step_down_child_is_never_put_out_for_another() -> None:
    """One household place, held by x; y has none. x keeps it, though y would live within the limit and x does not."""
    far_away = child("x", status="step_down", current_home_id="h", home_latitude="54.0")
    assert homes_of([far_away, child("y")], [home("h", places_free="0")]) == {"x": "h", "y": None}


def test_sibling_joins_a_step_down_child() -> None:
    """a lives at h already, which has one more place: the pair is together there and b takes the one place."""
    lives = child("a", sibling_group="S", status="step_down", current_home_id="h")
    joins = child("b", sibling_group="S")
    homes = [home("h", places="2", places_free="1", weekly_cost="900"), home("other")]
    assert homes_of([lives, joins], homes) == {"a": "h", "b": "h"}


def test_four_siblings_who_live_together_already_may_stay() -> None:
    """The household is full with them: nobody moves, and they count as together."""
    group = [cells | {"status": "step_down", "current_home_id": "h"} for cells in SIBLINGS]
    assert plan_of(group, [home("h", places="4", places_free="0")]).values["siblings_together"] == 4


def test_solo_child_takes_all_of_an_empty_home() -> None:
    """With a solo child in the home of three, nobody else fits; an occupied home is not for it."""
    solo = child("a", solo="true", allowed_kinds="residential")
    empty = home("empty", kind="residential", places="3")
    assert plan_of([solo, child("b")], [empty]).values["placed"] == 1
    assert homes_of([solo], [empty | {"places_free": "2"}]) == {"a": None}
    assert homes_of([solo, child("b"), child("c")], [empty]) == {"a": None, "b": "empty", "c": "empty"}


def test_nobody_joins_a_solo_child_that_stays() -> None:
    """x must live alone and stays; y may not come into the free place, z may once x has somewhere better to go."""
    unit = home("unit", kind="residential", places="2", places_free="1")
    solo = child("x", solo="true", status="step_down", current_home_id="unit")
    assert homes_of([solo, child("y")], [unit]) == {"x": "unit", "y": None}
    both = homes_of([solo, child("y")], [unit, home("h", max_age="10", sex="female")])
    assert None not in both.values()
    assert both["x"] != both["y"]


def test_own_limit_and_exemption() -> None:
    """At 12 miles: within the usual 20, beyond an own 10, and not counted where distance is no measure or unknown."""
    children = [
        child("a"),
        child("b", max_miles="10"),
        child("c", distance_exempt="true"),
        child("d", home_latitude="", home_longitude=""),
    ]
    plan = plan_of(children, [home("h", kind="residential", places="4", miles=12)])
    within = plan.table().set_index("child_id")["within_limit"]
    assert within["a"] is True or bool(within["a"])
    assert not within["b"]
    assert within[["c", "d"]].isna().all()
    assert plan.values["within_limit"] == 1
    assert plan.summary()["out_of"]["within_limit"] == 2


def test_empty_cost_takes_the_price_of_the_day() -> None:
    """On 31 March 2025 in-house is £600, and £900 at level 3; the older and the later prices do not hold."""
    empty = [home("h", places="2", weekly_cost="")]
    table = plan_of([child("a"), child("b", needs_level="3")], empty, prices=prices()).table()
    assert list(table["weekly_cost"]) == [600.0, 900.0]


def test_a_home_of_unknown_place_is_matched_without_a_distance() -> None:
    """It houses the child, but is neither within the limit nor beyond it."""
    plan = plan_of([child("a")], [home("h", latitude="", longitude="")])
    row = plan.table().iloc[0]
    assert row["home_id"] == "h"
    assert pd.isna(row["miles"])
    assert pd.isna(row["within_limit"])
    assert plan.values["within_limit"] == 0


def test_no_price_is_a_fault_that_names_the_row() -> None:
    with pytest.raises(InputError, match=r"homes.csv, column weekly_cost: .* \(row 3\)"):
        plan_of([child("a")], [home("x"), home("h", weekly_cost="", kind="ifa")], prices=prices())


@pytest.mark.parametrize(
    ("children", "homes", "says"),
    [
        ([child("a", status="step_down")], [home("h")], "no current_home_id"),
        ([child("a", status="step_down", current_home_id="q")], [home("h")], "not in homes.csv"),
        ([child("a", solo="true", sibling_group="S"), child("b", sibling_group="S")], [home("h")], "live alone"),
        (
            [child("a", status="settled", current_home_id="h"), child("b", status="step_down", current_home_id="h")],
            [home("h", places=1, places_free=0)],
            "more children live here",
        ),
        ([child("a")], [home("h"), home("h")], "more than once"),
        ([child("a")], [home("h", places_free="2")], "more places free"),
    ],
)
def test_faults_name_the_rule_and_no_child(children: list, homes: list, says: str) -> None:
    with pytest.raises(InputError) as raised:
        plan_of([cells | {"child_id": f"SECRET-{cells['child_id']}"} for cells in children], homes)
    assert says in str(raised.value)
    assert "SECRET" not in str(raised.value)


@pytest.mark.parametrize(
    "objectives",
    [(), ("within_limit", "placed"), ("placed", "happiness"), ("placed", "placed")],
)
def test_objectives_are_known_named_once_and_placed_is_first(objectives: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="matching settings, column objectives"):
        plan_of([child("a")], [home("h")], objectives=objectives)


@pytest.mark.parametrize(
    ("children", "homes"),
    [
        ([], []),
        ([], [home("h")]),
        ([child("a")], []),
        ([child("a", needs_level="3")], [home("h", max_needs_level="1")]),
    ],
)
def test_nothing_to_match_is_still_a_plan(children: list, homes: list, tmp_path) -> None:
    """No children, no homes, or no pair at all: a whole answer, with a reason for each child."""
    plan = plan_of(children, homes)
    plan.write(tmp_path / "out")
    assert tuple(pd.read_csv(tmp_path / "out" / "matches.csv").columns) == MATCH_COLUMNS
    assert (plan.table()["reason"] != "").all()
    assert json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))["objectives"]["placed"] == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_reasons_count_the_homes_that_fail_each_rule() -> None:
    homes = [home("1", max_needs_level="2"), home("2", max_needs_level="1"), home("3", max_age="9")]
    reason = plan_of([child("a", needs_level="3")], homes).table()["reason"].iloc[0]
    assert reason == (
        "None of the 3 homes in the register may take this child: 2 are for a lower needs level, 1 for another age."
    )


def test_reason_of_the_child_for_whom_there_is_no_place() -> None:
    """One place and two children: the one without is told that a place would have to come from another child."""
    table = plan_of([child("a"), child("b")], [home("h")]).table()
    without = table.loc[table["home_id"].isna(), "reason"].iloc[0]
    assert "full in this plan" in without
    full = plan_of([child("a")], [home("h", places_free="0")]).table()["reason"].iloc[0]
    assert full == "The only home that may take this child is full already."


def test_worth_of_a_place_by_hand() -> None:
    """Two children, one place near at £600, one far (30 miles) at £500, and a full home near at £900.

    A place more at near brings the second child within the limit and costs £100 a week more; at the full home it
    brings it within the limit too and costs £400 more; at far it wins nothing.
    """
    homes = [home("near"), home("far", miles=30, weekly_cost="500"), home("full", places_free="0", weekly_cost="900")]
    worth = plan_of([child("a"), child("b")], homes).worth_of_a_place().set_index("home_id")
    assert list(worth["more_children_housed"]) == [0.0, 0.0, 0.0]
    assert worth["more_within_limit"].to_dict() == {"far": 0.0, "full": 1.0, "near": 1.0}
    assert worth["saves_per_week"].to_dict() == {"far": 0.0, "full": -400.0, "near": -100.0}
    assert worth["places_offered"].to_dict() == {"far": 1, "full": 0, "near": 1}


def test_worth_of_a_place_houses_a_child() -> None:
    """Two children for a household of one: one place more houses one more child, near, for £600 a week more."""
    worth = plan_of([child("a"), child("b")], [home("h")]).worth_of_a_place().iloc[0]
    assert (worth["more_children_housed"], worth["more_within_limit"], worth["saves_per_week"]) == (1.0, 1.0, -600.0)


def test_worth_of_the_place_that_keeps_siblings_together() -> None:
    """A pair, a household of one at £600 and another at £600: a place more in either keeps them together."""
    worth = plan_of(SIBLINGS[:2], [home("one"), home("two", weekly_cost="700")]).worth_of_a_place()
    assert list(worth["more_siblings_together"]) == [2.0, 2.0]
    assert list(worth["saves_per_week"]) == [100.0, -100.0]


def _typed(children: list[dict[str, str]], homes: list[dict[str, str]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    return (
        check_register("children", pd.DataFrame(children, columns=CHILD_COLUMNS), "children.csv")[0],
        check_register("homes", pd.DataFrame(homes, columns=HOME_COLUMNS), "homes.csv")[0],
    )


def test_loop_answers_in_the_rows_it_was_given() -> None:
    """Rows of the answer are rows of the input, not of the sorted ids; settled children have −1."""
    children, homes = _typed(
        [child("z"), child("m", status="settled"), child("a", needs_level="3")],
        [home("y", max_needs_level="1"), home("b")],
    )
    instance = build_instance(children.drop(columns="date_of_birth").assign(age_years=10), homes, as_of=AS_OF)
    assert list(solve_in_loop(instance).home_row) == [0, -1, 1]


def test_audit_refuses_a_plan_that_breaks_a_rule() -> None:
    """The same home given to two children where it has one place, and a home of too low a level."""
    children, homes = _typed([child("a"), child("b", needs_level="3")], [home("h", max_needs_level="2")])
    instance = build_instance(children, homes, as_of=AS_OF)
    with pytest.raises(SolverError, match="needs level"):
        audit(_given(instance, [-1, 0]), instance)
    with pytest.raises(SolverError, match="places free"):
        audit(_given(instance, [0, 0]), instance)


def _given(instance: object, home_numbers: list[int]) -> Plan:
    import numpy as np

    return Plan(instance, np.array(home_numbers))  # type: ignore[arg-type]


def test_no_answer_without_a_proven_optimum() -> None:
    """No time at all: an error that says what to raise, never a plan."""
    from sufficiency.matching.programme import programme_of

    from . import instances

    children, homes = instances.draw(3, 40, 40)
    children, _ = check_register("children", children, "children.csv")
    homes, _ = check_register("homes", homes, "homes.csv")
    programme = programme_of(build_instance(children, homes, as_of=AS_OF))
    with pytest.raises(SolverError, match="time_limit_seconds"):
        optimise(programme, time_limit_seconds=0.0)
