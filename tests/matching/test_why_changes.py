"""Changes that would house a child: worked by hand, and every one tried again by a programme that shares no code."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from sufficiency.matching.entrance import match
from sufficiency.matching.practice import Practice
from sufficiency.matching.why.changes import changes_that_house
from sufficiency.matching.why.widening import YEARS_WIDENED

from . import instances, oracle
from .test_golden import SIBLINGS, child, home, plan_of

DAY = instances.AS_OF.date()


def changes_for(children: list[dict[str, str]], homes: list[dict[str, str]], **settings: object) -> pd.DataFrame:
    return changes_that_house(plan_of(children, homes, **settings))


def lists(table: pd.DataFrame) -> list[str]:
    return table.sort_values("rank")["change"].tolist()


@pytest.mark.parametrize(
    ("needs", "cells", "change", "condition"),
    [
        (
            {"needs_level": "3"},
            {"max_needs_level": "2"},
            "needs_level",
            "it could meet needs of level 3 (now up to level 2)",
        ),
        ({}, {"sex": "male"}, "sex", "its terms covered boys and girls (now boys only)"),
        ({}, {"max_age": "8"}, "age", "its terms covered ages 0 to 10 (now 0 to 8)"),
        ({}, {"min_age": "11"}, "age", "its terms covered ages 10 to 17 (now 11 to 17)"),
        ({}, {"places_free": "0"}, "more_places", "it had one more place"),
        (
            {},
            {"open_from": "2025-06-01"},
            "open",
            "it opened by 31 March 2025 (planned for 1 June 2025)",
        ),
        (
            {},
            {"registered": "false"},
            "registered",
            "it were registered (until it is, no child may be placed there)",
        ),
    ],
)
def test_one_change_at_a_home(needs: dict, cells: dict, change: str, condition: str) -> None:
    """A girl of ten and a household five miles away that lacks one thing: that, and a new place, would house her."""
    table = changes_for([child("a", **needs)], [home("h", **cells)])
    assert lists(table) == [change, "new_home"]
    row = table.iloc[0]
    assert (row["home_id"], row["changes"], row["children_housed"], row["houses_this_child"]) == ("h", 1, 1, True)
    assert row["placed_change"] == 1
    assert row["weekly_cost_change"] == 600.0
    start = "An in-house fostering household 5.0 miles away (within the limit of 20) could take this child if "
    agreed = "" if change in ("open", "registered") else " and its carers and panel agreed"
    assert row["says"] == f"{start}{condition}{agreed}. That would house this child."


def test_a_new_place_is_described_by_what_the_child_needs() -> None:
    """No home at all: one place, its level, age, distance and kinds; nothing wider than this child needs."""
    boy = child("a", sex="male", date_of_birth="2010-06-01", needs_level="3", max_miles="31")
    says = changes_for([boy], [])["says"].iloc[0]
    assert says == (
        "One level 3 place that takes a boy of 14, within 31 miles of the child's own home, would be enough. "
        "That would house this child."
    )
    choosy = boy | {"solo": "true", "allowed_kinds": "residential", "home_latitude": "", "home_longitude": ""}
    start = "One level 3 place that takes a boy of 14, in a home where no other child lives, in a children's home, "
    assert changes_for([choosy], [])["says"].iloc[0].startswith(start)
    exempt = boy | {"distance_exempt": "true"}
    assert "wherever is safe for this child" in changes_for([exempt], [])["says"].iloc[0]


@pytest.mark.parametrize(
    ("needs", "cells"),
    [
        ({"date_of_birth": "2024-11-01"}, {"kind": "residential", "min_age": "2"}),
        ({}, {"max_age": str(9 - YEARS_WIDENED)}),
        ({"needs_level": "3"}, {"max_needs_level": "1"}),
        ({}, {"kind": "kinship", "places_free": "0"}),
        ({}, {"places": "3", "places_free": "0"}),
        ({}, {"kind": "supported", "min_age": "9"}),
        ({}, {"open_to": "2025-01-01"}),
        ({"solo": "true"}, {"places": "2", "places_free": "1"}),
        ({"avoid_homes": "h"}, {}),
    ],
)
def test_what_nobody_should_be_asked_for_is_not_proposed(needs: dict, cells: dict) -> None:
    """A baby in a children's home, ages or levels far off, relatives of others, a fourth child, what a child must be
    spared: only a new place is proposed."""
    assert lists(changes_for([child("a", **needs)], [home("h", **cells)])) == ["new_home"]


def test_two_changes_when_one_is_not_enough() -> None:
    """The household is for boys and one level too low: both at once, behind the one new place that does it alone."""
    table = changes_for([child("a", needs_level="2")], [home("h", sex="male", max_needs_level="1")])
    assert lists(table) == ["new_home", "sex;needs_level"]
    assert table["changes"].tolist() == [1, 2]
    assert "boys and girls (now boys only), it could meet needs of level 2" in table["says"].iloc[1]


def test_two_changes_are_left_out_where_one_is_enough() -> None:
    homes = [home("two", sex="male", max_needs_level="1"), home("one", sex="male", miles=9)]
    table = changes_for([child("a", needs_level="2")], homes)
    assert lists(table) == ["sex", "new_home"]


def test_like_homes_are_one_row_with_the_nearest() -> None:
    """Three full households of a kind: one row that names the nearest and counts the others."""
    full = [home(f"h{miles}", miles=miles, places_free="0") for miles in (12, 4, 8)]
    row = changes_for([child("a")], full).iloc[0]
    assert (row["home_id"], row["homes"]) == ("h4", 3)
    assert "So could 2 others of the same kind." in row["says"]


def test_a_child_who_could_move_on_makes_room() -> None:
    """c may only live in the household that d has, which cannot take a fourth; d could live at w if w met level 2."""
    far = child("c", home_latitude="54.0", avoid_homes="w")
    homes = [home("h", places="3", places_free="1", max_needs_level="2"), home("w", max_needs_level="1")]
    plan = plan_of([far, child("d", needs_level="2")], homes)
    assert plan.table().set_index("child_id")["home_id"].isna().to_dict() == {"c": True, "d": False}
    table = changes_that_house(plan)
    assert lists(table) == ["needs_level", "new_home"]
    assert "could take another child of this plan, who would leave a place for this one, if" in table["says"].iloc[0]
    assert table["houses_this_child"].iloc[0]


def test_the_place_that_another_child_would_get_is_said_so() -> None:
    """Two without a home, one of them far away: one more place houses the other, and could house this one instead."""
    far = child("far", home_latitude="54.0")
    table = changes_for([far, child("near")], [home("h", places_free="0")]).set_index("child_id")
    more = table[table["change"] == "more_places"]
    assert more["houses_this_child"].to_dict() == {"far": False, "near": True}
    assert more["says"]["far"].endswith(
        "That would house one more child; the plan's objectives would give the place to another who has none now, "
        "though as many would be housed if it were this child."
    )


def test_a_place_kept_free_can_be_used() -> None:
    """One child, one place, and one place of the kind held back for emergencies: the change is to use it.

    When three are to be held back, a new place would be held back too, and is not proposed.
    """
    one, three = (Practice(reserve={"in_house_fostering": number}) for number in (1, 3))
    assert lists(changes_for([child("a")], [home("h")], practice=three)) == ["reserve"]
    table = changes_for([child("a")], [home("h")], practice=one)
    assert lists(table) == ["reserve", "new_home"]
    assert "if one place kept free for emergencies could be used." in table["says"].iloc[0]


def test_a_group_that_may_not_be_split_needs_places_for_all() -> None:
    """Two sisters and a household of one place: one more houses both, and so would a new home with two."""
    practice = Practice(never_split=("S",))
    table = changes_for(SIBLINGS[:2], [home("h")], practice=practice)
    first = table[table["child_id"] == "a"]
    assert lists(first) == ["more_places", "new_home"]
    assert first["children_housed"].tolist() == [2, 2]
    assert (
        "could take these 2 children together if it had one more place and its carers and panel agreed."
        in first["says"].iloc[0]
    )
    assert "A home with 2 level 1 places that takes 2 of one family, aged 10 to 10, together" in first["says"].iloc[1]


def test_nobody_without_a_home_is_an_empty_table() -> None:
    for children in ([], [child("a")]):
        table = changes_for(children, [home("h")])
        assert table.empty
        assert table["houses_this_child"].dtype == "bool"


def _placed(children: pd.DataFrame, homes: pd.DataFrame) -> int:
    return oracle.best_values(children, homes, as_of=DAY, objectives=("placed",))["placed"]


def _with(homes: pd.DataFrame, home_id: str, change: str, one: pd.Series) -> pd.DataFrame:
    """The register's text after one change at a home for a child, written apart from the package."""
    born = date.fromisoformat(one["date_of_birth"])
    age = DAY.year - born.year - ((DAY.month, DAY.day) < (born.month, born.day))
    homes = homes.copy()
    row = homes.index[homes["home_id"] == home_id][0]
    cells = homes.loc[row]
    new = {
        "age": {"min_age": min(int(cells["min_age"]), age), "max_age": max(int(cells["max_age"]), age)},
        "sex": {"sex": "any"},
        "needs_level": {"max_needs_level": one["needs_level"]},
        "more_places": {"places": int(cells["places"]) + 1, "places_free": int(cells["places_free"]) + 1},
        "open": {"open_from": ""},
        "registered": {"registered": ""},
    }[change]
    for name, cell in new.items():
        homes.loc[row, name] = str(cell)
    return homes


@pytest.mark.parametrize("seed", [0, 1, 3, 4, 5, 6, 7])
def test_every_change_houses_as_many_as_it_says(seed: int) -> None:
    """Each list of changes at a home, but those by which another child moves on, tried by the independent programme."""
    children, homes = instances.draw(seed, 24, 14)
    by_id = children.set_index("child_id")
    table = changes_that_house(match(children, homes, as_of=instances.AS_OF))
    base = _placed(children, homes)
    checked = table[table["home_id"].notna() & ~table["says"].str.contains("another child of this plan, who")]
    for row in checked.itertuples():
        changed = homes
        for change in row.change.split(";"):
            changed = _with(changed, row.home_id, change, by_id.loc[row.child_id])
        assert _placed(children, changed) == base + row.children_housed
    assert len(checked)


@pytest.mark.parametrize("seed", [0, 3, 5])
def test_no_single_change_was_overlooked(seed: int) -> None:
    """Where no one change at a home is listed, none that may be asked for houses a child more with this one there."""
    children, homes = instances.draw(seed, 16, 8)
    by_id = children.set_index("child_id")
    plan = match(children, homes, as_of=instances.AS_OF)
    table = changes_that_house(plan)
    base = _placed(children, homes)
    for child_id, mine in table.groupby("child_id"):
        if ((mine["changes"] == 1) & mine["home_id"].notna()).any():
            continue
        one = by_id.loc[child_id]
        for cells in homes.to_dict("records"):
            for change in ("sex", "more_places", "registered", "needs_level"):
                far = change == "needs_level" and int(one["needs_level"]) - int(cells["max_needs_level"]) != 1
                if far or cells["kind"] == "kinship":
                    continue
                changed = _with(homes, cells["home_id"], change, one)
                pin = pd.DataFrame([(child_id, cells["home_id"], "pin")], columns=["child_id", "home_id", "decision"])
                options = oracle.Options(fixed=pin)
                try:
                    reached = oracle.best_values(children, changed, as_of=DAY, objectives=("placed",), options=options)[
                        "placed"
                    ]
                except oracle.Infeasible:
                    continue
                assert reached <= base
