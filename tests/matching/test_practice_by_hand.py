"""Each option of practice on a few children and homes, the answer worked out by hand; match, loop and oracle agree."""

from __future__ import annotations

import pandas as pd
import pytest

from sufficiency.matching.entrance import match
from sufficiency.matching.loop import solve_in_loop

from . import instances, oracle, varied

HERE = ("51.556", "-1.780")
"""A point in Swindon, about 0.1 mile from the school of SN1 3XN and 26 from that of OX1 1DP in Oxford."""
OXFORD = ("51.750", "-1.257")


def child(child_id: str, **cells: str) -> dict[str, str]:
    """A girl of ten who needs a home, level 1, from the middle of Swindon."""
    plain = {"child_id": child_id, "date_of_birth": "2015-01-10", "sex": "female", "needs_level": "1"}
    at = {"home_latitude": HERE[0], "home_longitude": HERE[1], "status": "needs_home"}
    return dict.fromkeys(instances.CHILD_COLUMNS, "") | plain | at | cells


def home(home_id: str, places: int, free: int | None = None, **cells: str) -> dict[str, str]:
    """An in-house household that may take anyone, at £600, all its places free."""
    plain = {"home_id": home_id, "kind": "in_house_fostering", "latitude": HERE[0], "longitude": HERE[1]}
    terms = {"min_age": "0", "max_age": "17", "sex": "any", "max_needs_level": "3", "weekly_cost": "600"}
    size = {"places": str(places), "places_free": str(places if free is None else free)}
    return dict.fromkeys(instances.HOME_COLUMNS, "") | plain | terms | size | cells


def values(
    children: list[dict[str, str]],
    homes: list[dict[str, str]],
    order: tuple[str, ...] = oracle.DEFAULT_ORDER,
    **options: object,
) -> dict[str, int]:
    """The values on which match, the loop's engine and the independent programme agree; pence."""
    registers = pd.DataFrame(children), pd.DataFrame(homes)
    asked = oracle.Options(schools=varied.SCHOOLS, **options)  # type: ignore[arg-type]
    best = oracle.best_values(*registers, as_of=instances.AS_OF.date(), objectives=order, options=asked)
    plan = match(*registers, as_of=instances.AS_OF, objectives=order, practice=varied.practice_of(asked))
    reached = {name: round(plan.values[name] * (100 if name == "weekly_cost" else 1)) for name in order}
    looped = {name: abs(v) if name == "weekly_cost" else v for name, v in solve_in_loop(plan.instance).values.items()}
    assert reached == best == {name: looped[name] for name in order}
    return best


def fixed(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["child_id", "home_id", "decision"], dtype="str")


def scores(*rows: tuple[str, str, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["child_id", "home_id", "score"])


TWO = [child("a", sibling_group="G"), child("b", sibling_group="G")]


def test_a_group_never_split_goes_together_or_not_at_all() -> None:
    """Two sisters, two households of one place: apart they could live there; a household for two houses them."""
    apart = [home("h1", 1), home("h2", 1)]
    assert values(TWO, apart)["placed"] == 2
    assert values(TWO, apart, never_split=("G",))["placed"] == 0
    assert values(TWO, apart, never_split="all")["placed"] == 0
    together = values(TWO, [*apart, home("h3", 2)], never_split=("G",))
    assert (together["placed"], together["siblings_together"]) == (2, 2)


def test_a_step_down_sister_of_a_group_never_split_may_stay() -> None:
    """She lives in a children's home; the two who need a home go to one household, and she stays, as it is full."""
    away = child("c", sibling_group="G", status="step_down", current_home_id="r")
    homes = [home("h", 2), home("r", 3, 0, kind="residential", weekly_cost="5000")]
    found = values([*TWO, away], homes, never_split=("G",))
    assert found == {"placed": 3, "within_limit": 3, "siblings_together": 0, "weekly_cost": 620000}


def test_a_step_down_sister_moves_only_to_all_the_others() -> None:
    """A household for one is cheaper than her children's home, but she may go only where both sisters are."""
    away = child("c", sibling_group="G", status="step_down", current_home_id="r")
    homes = [home("h", 2), home("i", 1), home("r", 3, 0, kind="residential", weekly_cost="5000")]
    assert values([*TWO, away], homes)["weekly_cost"] == 180000
    assert values([*TWO, away], homes, never_split=("G",))["weekly_cost"] == 620000
    roomy = [home("h", 3), *homes[1:]]
    found = values([*TWO, away], roomy, never_split=("G",))
    assert (found["siblings_together"], found["weekly_cost"]) == (3, 180000)


PAIR = [child("p", sibling_group="U", date_of_birth="2008-02-01"), child("q", sibling_group="U")]


def test_parent_and_child_go_to_a_home_approved_for_them() -> None:
    """With approved homes named, only those; without, any home whose terms take both."""
    homes = [home("h1", 2, weekly_cost="500"), home("h2", 2, weekly_cost="900"), home("h3", 1)]
    assert values(PAIR, homes, parent_and_child=("U",))["weekly_cost"] == 100000
    named = values(PAIR, homes, parent_and_child=("U",), parent_and_child_homes=("h2", "h3"))
    assert (named["placed"], named["weekly_cost"]) == (2, 180000)
    assert values(PAIR, homes, parent_and_child=("U",), parent_and_child_homes=("h3",))["placed"] == 0


def test_terms_of_approval_hold_for_the_parent_too() -> None:
    """A household for children up to 12 takes the child, not the parent of 17: neither goes, unless they may part."""
    homes = [home("h", 2, max_age="12")]
    assert values(PAIR, homes)["placed"] == 1
    assert values(PAIR, homes, parent_and_child=("U",))["placed"] == 0


def test_others_may_live_in_a_home_approved_for_parent_and_child() -> None:
    found = values([child("x")], [home("h", 2)], parent_and_child_homes=("h",))
    assert found["placed"] == 1


@pytest.mark.parametrize(("kept", "placed"), [(0, 3), (1, 2), (2, 1), (3, 0), (9, 0)])
def test_a_reserve_is_kept_over_all_homes_of_the_kind(kept: int, placed: int) -> None:
    """Three places in two households and three children: each place kept is a child less; no more than are free."""
    three = [child(name) for name in "abc"]
    homes = [home("h1", 1), home("h2", 2)]
    assert values(three, homes, reserve={"in_house_fostering": kept})["placed"] == placed
    assert values(three, homes, reserve={"ifa": kept})["placed"] == 3


def test_a_reserve_turns_nobody_out() -> None:
    """A step-down child stays in a home of the kind of which every free place is kept."""
    lives = child("s", status="step_down", current_home_id="h")
    found = values([lives, child("a")], [home("h", 2, 1)], reserve={"in_house_fostering": 5})
    assert found["placed"] == 1


def test_one_child_of_level_3_in_a_household() -> None:
    """Two of level 3 and one of level 1, a household for three: one of the two goes without; a children's home
    takes all."""
    children = [child("a", needs_level="3"), child("b", needs_level="3"), child("c")]
    assert values(children, [home("h", 3)])["placed"] == 3
    assert values(children, [home("h", 3)], one_level_3=True)["placed"] == 2
    assert values(children, [home("h", 3, kind="residential")], one_level_3=True)["placed"] == 3


@pytest.mark.parametrize(("level", "placed"), [("3", 1), ("2", 2)])
def test_a_settled_child_of_level_3_counts(level: str, placed: int) -> None:
    settled = child("s", status="settled", current_home_id="h", needs_level=level)
    children = [settled, child("a", needs_level="3"), child("b")]
    assert values(children, [home("h", 3, 2)], one_level_3=True)["placed"] == placed


def test_a_step_down_child_of_level_3_counts_while_it_stays() -> None:
    """While one of level 3 lives there no other comes; when it can move for less, the other takes its place."""
    lives = child("s", status="step_down", current_home_id="h", needs_level="3")
    children = [lives, child("a", needs_level="3")]
    assert values(children, [home("h", 3, 2)], one_level_3=True)["placed"] == 1
    assert values(children, [home("h", 3, 2), home("i", 1)], one_level_3=True)["placed"] == 2


def test_two_of_level_3_who_live_in_one_household_may_stay() -> None:
    lives = {"status": "step_down", "current_home_id": "h", "needs_level": "3"}
    assert values([child("s", **lives), child("t", **lives)], [home("h", 2, 0)], one_level_3=True)["placed"] == 2


def test_a_pin_holds_and_a_pair_ruled_out_does_not_come_about() -> None:
    """The dearer home is taken when the panel pins it, and when the cheaper one is ruled out."""
    homes = [home("h1", 1), home("h2", 1, weekly_cost="900")]
    assert values([child("a")], homes)["weekly_cost"] == 60000
    assert values([child("a")], homes, fixed=fixed(("a", "h2", "pin")))["weekly_cost"] == 90000
    assert values([child("a")], homes, fixed=fixed(("a", "h1", "rule_out")))["weekly_cost"] == 90000
    out = fixed(("a", "h1", "rule_out"), ("a", "h2", "rule_out"))
    assert values([child("a")], homes, fixed=out)["placed"] == 0


def test_a_pin_can_cost_another_child_its_home() -> None:
    """Only h1 takes boys, and the panel has given it to a girl."""
    homes = [home("h1", 1), home("h2", 1, sex="female")]
    children = [child("a"), child("b", sex="male")]
    assert values(children, homes)["placed"] == 2
    assert values(children, homes, fixed=fixed(("a", "h1", "pin")))["placed"] == 1


def test_scores_decide_where_they_stand_in_the_order() -> None:
    """Before cost the better liked home wins, after it the cheaper one; dislike leaves no child without a home."""
    homes = [home("h1", 1), home("h2", 1, weekly_cost="900")]
    liked = scores(("a", "h1", -100), ("a", "h2", -40))
    first = values([child("a")], homes, ("placed", "preference", "weekly_cost"), scores=liked)
    assert first == {"placed": 1, "preference": -40, "weekly_cost": 90000}
    last = values([child("a")], homes, ("placed", "weekly_cost", "preference"), scores=liked)
    assert last == {"placed": 1, "weekly_cost": 60000, "preference": -100}


@pytest.mark.parametrize(("miles", "kept"), [(0.05, 0), (3.0, 1), (40.0, 2)])
def test_the_school_is_kept_within_its_own_limit(miles: float, kept: int) -> None:
    """Schools beside the home, in Oxford, and unknown; being exempt from distance to home does not matter."""
    children = [
        child("a", school_postcode="SN1 3XN", distance_exempt="true"),
        child("b", school_postcode="OX1 1DP", max_miles="1"),
        child("c"),
    ]
    order = ("placed", "school_within", "weekly_cost")
    assert values(children, [home("h", 3)], order, school_limit_miles=miles)["school_within"] == kept


def test_the_school_wins_over_cost_when_it_comes_first() -> None:
    pupil = [child("a", school_postcode="OX1 1DP")]
    homes = [home("h1", 1), home("h2", 1, latitude=OXFORD[0], longitude=OXFORD[1], weekly_cost="900")]
    found = values(pupil, homes, ("placed", "school_within", "within_limit", "weekly_cost"))
    assert (found["school_within"], found["weekly_cost"]) == (1, 90000)
    found = values(pupil, homes, ("placed", "weekly_cost", "school_within"))
    assert (found["school_within"], found["weekly_cost"]) == (0, 60000)


def test_in_house_counts_kinship_and_own_carers() -> None:
    """Three children, four homes of one place: kinship and in-house both before the cheaper agency and supported."""
    homes = [home("h1", 1, kind="kinship"), home("h2", 1)]
    homes += [home("h3", 1, kind="ifa", weekly_cost="100"), home("h4", 1, kind="residential", weekly_cost="90")]
    three = [child(name) for name in "abc"]
    found = values(three, homes, ("placed", "in_house", "weekly_cost"))
    assert found == {"placed": 3, "in_house": 2, "weekly_cost": 129000}
    assert values(three[:2], homes, ("placed", "weekly_cost", "in_house"))["in_house"] == 0
