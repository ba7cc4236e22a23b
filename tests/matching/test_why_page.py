"""The page on one child and the table of empty places: true sentences, and never a child named."""

from __future__ import annotations

import pandas as pd
import pytest

from sufficiency.errors import InputError
from sufficiency.matching.entrance import match
from sufficiency.matching.practice import Practice
from sufficiency.matching.why import empty_homes, explain
from sufficiency.matching.why.explanation import (
    APART,
    INSTEAD,
    KEY_STAGE_4,
    NOT_KNOWN,
    NOT_SAFE_NEAR,
    TO_CHANGE,
    TO_CHOOSE,
    _so_many_may,
)
from sufficiency.matching.why.words import lost_in_words, with_whom
from sufficiency.stamp import SHORTLIST_NOTE

from . import instances
from .test_golden import SIBLINGS, child, home, plan_of


def test_the_page_of_a_child_with_a_home() -> None:
    plan = plan_of([child("a")], [home("near", weekly_cost="900"), home("best", miles=19), home("boys", sex="male")])
    page = explain(plan, "a")
    assert page.text().splitlines() == [
        "A girl of 10 with needs of level 1, who needs a home. The home should be within 20 miles of the child's own.",
        "",
        "What the plan proposes",
        "  Moves to a home 19.0 miles away, within the limit of 20: costs less than the one nearer home with a free "
        "place.",
        "",
        "Homes to choose from, the best for all children together first",
        "  1. best: in-house foster carers, 19.0 miles away (within the limit), £600 a week. The home in this plan.",
        "  2. near: in-house foster carers, 5.0 miles away (within the limit), £900 a week. Across the whole plan the "
        "homes would cost £300 a week more.",
        "",
        "Which homes are possible",
        "  2 of the 3 homes in the register may take this child. The others: 1 for another sex.",
        "",
        "To bear in mind",
        f"  {NOT_KNOWN}",
        f"  {SHORTLIST_NOTE}",
    ]


def test_the_page_of_a_child_without_a_home_says_what_would_change_that() -> None:
    plan = plan_of([child("a", needs_level="3")], [home("h", max_needs_level="2")])
    page = explain(plan, "a")
    assert page.best.empty
    assert page.changes["change"].tolist() == ["needs_level", "new_home"]
    assert TO_CHANGE in page.text()
    assert TO_CHOOSE not in page.text()
    assert INSTEAD not in page.text()


def test_the_page_of_a_step_down_child_says_what_staying_means() -> None:
    unit = home("unit", kind="residential", places_free="0", weekly_cost="5000")
    others = [home(f"h{number}") for number in range(6)]
    plan = plan_of([child("x", status="step_down", current_home_id="unit")], [unit, *others])
    page = explain(plan, "x")
    assert "unit" not in page.best["home_id"].tolist()
    assert page.sections()["If the child stays at the present home"] == [
        "unit (where the child lives now): a children's home, 5.0 miles away (within the limit), £5,000 a week. "
        "Across the whole plan the homes would cost £4,400 a week more."
    ]


@pytest.mark.parametrize(("born", "noted"), [("2009-08-31", True), ("2009-09-01", True), ("2010-08-31", True),
                                             ("2008-08-31", False), ("2010-09-01", False)])  # fmt: skip
def test_key_stage_4_is_noted_for_years_10_and_11(born: str, noted: bool) -> None:
    """In March 2025 year 11 was born from September 2008 to August 2009, and year 10 in the year after."""
    page = explain(plan_of([child("a", date_of_birth=born)], [home("h")]), "a")
    assert (KEY_STAGE_4 in page.notes) is noted


def test_nearness_that_may_not_be_safe_is_never_praised() -> None:
    """Full homes next door and far off: the change named is not the nearest for its nearness, and the page says why."""
    homes = [home("a far one", miles=30, places_free="0"), home("next door", miles=0.2, places_free="0")]
    page = explain(plan_of([child("a", distance_exempt="true")], homes), "a")
    assert page.changes["home_id"].iloc[0] == "a far one"
    assert "30.0 miles away, if that is a safe place, could take this child" in page.text()
    assert NOT_SAFE_NEAR in page.notes


def test_a_fixed_home_is_said_to_be_fixed() -> None:
    fixed = pd.DataFrame([("a", "h", "pin")], columns=["child_id", "home_id", "decision"])
    page = explain(plan_of([child("a")], [home("h"), home("other")], practice=Practice(fixed=fixed)), "a")
    assert "fixed by hand" in page.proposal
    assert page.possible == "A person has fixed the home of this child, so no other is considered."


def test_a_place_kept_free_is_the_reason_and_not_that_it_is_full() -> None:
    practice = Practice(reserve={"in_house_fostering": 1})
    reason = plan_of([child("a")], [home("h")], practice=practice).table()["reason"].iloc[0]
    assert reason == (
        "The only home that may take this child has a place left in this plan, but local practice keeps it free."
    )


@pytest.mark.parametrize("seed", [0, 2])
def test_no_page_names_a_child(seed: int) -> None:
    """Ids, postcodes and dates of birth are in no text, no page and no sentence of any table."""
    children, homes = instances.draw(seed, 14, 12)
    children = children.assign(child_id="SECRET" + children["child_id"])
    plan = match(children, homes, as_of=instances.AS_OF)
    for child_id in plan.instance.children["child_id"]:
        page = explain(plan, child_id)
        for text in (page.text(), repr(page), page._repr_html_()):
            assert "SECRET" not in text
            assert not any(born in text for born in children["date_of_birth"])
    assert not empty_homes(plan)["says"].str.contains("SECRET").any()


def test_the_page_is_safe_html() -> None:
    page = explain(plan_of([child("a")], [home("<b>&h")]), "a")
    assert "&lt;b&gt;&amp;h" in page._repr_html_()


def test_an_unknown_child_has_no_page() -> None:
    with pytest.raises(InputError):
        explain(plan_of([child("a")], [home("h")]), "b")


def says(children: list[dict[str, str]], homes: list[dict[str, str]], **settings: object) -> dict[str, str]:
    return empty_homes(plan_of(children, homes, **settings)).set_index("home_id")["says"].to_dict()


def test_why_a_home_stays_empty() -> None:
    """One girl of ten with level 2 needs lives at best; every other home says why she does not live there."""
    homes = [
        home("best"),
        home("boys", sex="male"),
        home("dear", weekly_cost="900"),
        home("equal"),
        home("far", miles=40),
        home("later", open_from="2025-06-01"),
        home("low", max_needs_level="1"),
        home("not", registered="false"),
        home("old", min_age="12"),
        home("secure", kind="secure"),
    ]
    found = says([child("a", needs_level="2")], homes)
    found.pop("best", None), found.pop("equal", None)
    assert found == {
        "boys": "No other child of this plan may live here: 1 is of another sex.",
        "dear": "The one child of this plan who could live here instead would be cared for at a higher cost.",
        "far": "The one child of this plan who could live here instead would not be within the distance set for them.",
        "later": "It is not open on the date.",
        "low": "No other child of this plan may live here: 1 is in need of a higher level of care.",
        "not": "It is not registered, so no child may be placed there.",
        "old": "No other child of this plan may live here: 1 is of another age.",
        "secure": "Homes of this kind are decided elsewhere and are not matched.",
    }


def test_a_home_left_empty_for_siblings_sake() -> None:
    """Each sister could live alone at one; there they would be parted, two children not with their group."""
    homes = [home("both", places="2", weekly_cost="900"), home("one")]
    table = empty_homes(plan_of(SIBLINGS[:2], homes))
    assert table["home_id"].tolist() == ["one"]
    assert table["children_who_may"].tolist() == [2]
    assert table["says"].tolist() == [
        "Both children of this plan who could live here instead would be parted from their sibling group."
    ]


def test_places_left_are_counted_beside_everyone() -> None:
    """Three places, one taken by the child who comes: two left, and every child who could live here does."""
    table = empty_homes(plan_of([child("a")], [home("h", kind="residential", places="3")]))
    assert table[["places_left", "children_who_may"]].to_numpy().tolist() == [[2, 0]]
    assert table["says"].tolist() == ["Every child of this plan who could live here does."]
    assert empty_homes(plan_of([child("a")], [home("h")])).empty
    assert empty_homes(plan_of([], [])).empty


def test_a_place_kept_free_is_why_a_home_is_empty() -> None:
    found = says([child("a")], [home("h")], practice=Practice(reserve={"in_house_fostering": 1}))
    assert found["h"] == (
        "The one child of this plan who could live here instead would take a place held free, or break another rule on "
        "who may live together."
    )


def test_sentences_of_changes() -> None:
    order = ("placed", "within_limit", "weekly_cost", "preference")
    assert lost_in_words(order, (0, 0, 0, 0)).startswith("No objective of the plan changes")
    assert lost_in_words(order, (2, -1, -12345, 3)) == (
        "Across the whole plan 2 other children would then have no home, one child more would live within the distance "
        "set for them, the homes would cost £123.45 a week less and the social workers' scores would be 3 points lower."
    )
    assert "one other child would then have no home" in lost_in_words(order, (0, 0, 0, 0), had_a_home=False)


def test_kinds_are_said_as_where_a_child_would_live() -> None:
    assert with_whom(["ifa"]) == "with agency foster carers"
    assert with_whom(["kinship", "residential", "ifa"]) == (
        "with kinship carers or agency foster carers or in a children's home"
    )


def test_how_many_homes_may_take_a_child_in_words() -> None:
    """One, none and all are said as people say them."""
    assert _so_many_may(0, 0, "14 homes") == "None of the 14 homes in the register may take this child."
    assert (
        _so_many_may(1, 1, "3 homes")
        == "One of the 3 homes in the register may take this child, and it is full already."
    )
    assert (
        _so_many_may(2, 2, "3 homes")
        == "2 of the 3 homes in the register may take this child, all of them full already."
    )
    assert (
        _so_many_may(3, 1, "9 homes") == "3 of the 9 homes in the register may take this child, 1 of them full already."
    )


def test_a_place_for_one_of_a_group_is_said_to_part_it() -> None:
    """A place for one of four alone would part them; a group never split is offered places together."""
    homes = [home("other", sex="male")]
    assert APART in explain(plan_of(SIBLINGS, homes), SIBLINGS[0]["child_id"]).notes
    together = plan_of(SIBLINGS, homes, practice=Practice(never_split="all"))
    assert APART not in explain(together, SIBLINGS[0]["child_id"]).notes
