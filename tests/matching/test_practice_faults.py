"""Practice options and panel decisions that cannot be: each one fault with its file and rows, and no child named."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sufficiency.errors import Fault
from sufficiency.matching.practice import (
    SCHOOL_LIMIT_MILES,
    Practice,
    checked_practice,
    fault_of_no_plan,
    faults_of,
    notices_of,
    practice_of,
)
from sufficiency.records.catalogue import rules_page
from sufficiency.records.registers import check_register
from sufficiency.settings import Matching

ROOT = Path(__file__).resolve().parents[2]
AS_OF = pd.Timestamp("2025-03-31")
CHILD = {"date_of_birth": "2013-05-04", "sex": "female", "needs_level": "1", "status": "needs_home"}
HOME = {"kind": "ifa", "places": "3", "places_free": "3", "min_age": "0", "max_age": "17", "max_needs_level": "3",
        "weekly_cost": "900"}  # fmt: skip

CHILDREN: dict[str, dict[str, str]] = {
    "SECRETa": {},
    "SECRETb": {},
    "SECRETc": {"solo": "true"},
    "SECRETd": {"needs_level": "3"},
    "SECRETe": {"needs_level": "3"},
    "SECRETf": {"status": "step_down", "current_home_id": "staying"},
    "SECRETg": {"status": "settled", "current_home_id": "staying"},
    "SECRETh": {"sibling_group": "S1"},
    "SECRETi": {"sibling_group": "S1", "date_of_birth": "2009-01-01"},
    "SECRETj": {"sibling_group": "S2", "status": "step_down", "current_home_id": "staying"},
    "SECRETk": {"sibling_group": "S2"},
    "SECRETl": {"avoid_homes": "small", "allowed_kinds": "ifa"},
}
HOMES: dict[str, dict[str, str]] = {
    "large": {},
    "small": {"places": "1", "places_free": "1"},
    "young": {"max_age": "12"},
    "staying": {"kind": "residential", "places": "4", "places_free": "1", "max_needs_level": "2"},
    "full": {"places": "2", "places_free": "0"},
    "boys": {"sex": "male"},
    "closed": {"open_to": "2025-03-30"},
    "unregistered": {"registered": "false"},
    "flat": {"kind": "supported"},
}


def register(name: str, rows: dict[str, dict[str, str]]) -> pd.DataFrame:
    common = CHILD if name == "children" else HOME
    key = "child_id" if name == "children" else "home_id"
    table, faults = check_register(
        name, pd.DataFrame([common | row | {key: each} for each, row in rows.items()]).fillna(""), f"{name}.csv"
    )
    assert not faults
    return table


def table(column: str, *rows: tuple[str, str, object]) -> pd.DataFrame:
    return pd.DataFrame([(f"SECRET{child}", home, value) for child, home, value in rows],
                        columns=["child_id", "home_id", column])  # fmt: skip


def fixed(*rows: tuple[str, str, object]) -> pd.DataFrame:
    return table("decision", *rows)


def pins(*rows: tuple[str, str]) -> pd.DataFrame:
    return fixed(*((child, home, "pin") for child, home in rows))


def told(practice: Practice, objectives: tuple[str, ...] = (), **more: dict[str, dict[str, str]]) -> list[Fault]:
    children = register("children", CHILDREN | more.get("children", {}))
    homes = register("homes", HOMES | more.get("homes", {}))
    faults = faults_of(practice, children, homes, AS_OF, objectives)
    assert all(fault.says and fault.fix for fault in faults)
    assert not [fault for fault in faults if "SECRET" in str(fault) or "2013" in str(fault)]
    return faults


def sum_free(*homes: str) -> int:
    """Places free in some of the homes."""
    return sum(int((HOME | HOMES[home])["places_free"]) for home in homes)


def only(practice: Practice, code: str, rows: tuple[int, ...], says: str, file: str = "fixed.csv") -> None:
    (fault,) = told(practice)
    assert (fault.code, fault.table, fault.rows) == (code, file, rows)
    assert says in fault.says


def test_nothing_is_switched_on_and_nothing_is_wrong_with_that() -> None:
    assert told(Practice()) == []
    assert practice_of(Matching()).__dict__ == Practice().__dict__
    assert Matching().school_limit_miles == SCHOOL_LIMIT_MILES


def test_pins_that_can_be_kept_are_no_fault() -> None:
    """A home with room, the present home of a step-down child, a settled child's own home, a home ruled out for one
    child and pinned for another, and a step-down child of a group that is never split who stays while the rest goes."""
    decided = fixed(
        ("a", "large", "pin"), ("b", "large", "pin"), ("f", "staying", "pin"), ("g", "staying", "pin"),
        ("a", "small", "rule_out"), ("c", "small", "pin"), ("j", "staying", "pin"), ("k", "young", "pin"),
    )  # fmt: skip
    assert told(Practice(never_split=("S2",), fixed=decided, reserve={"ifa": 2}, one_level_3=True)) == []


def test_a_child_that_the_register_does_not_have_is_told_by_its_row() -> None:
    only(Practice(fixed=pins(("a", "large"), ("z", "large"))), "K08", (3,), "register of children")
    scores = table("score", ("z", "large", 10), ("a", "large", 10))
    only(Practice(scores=scores), "K08", (2,), "register of children", "scores.csv")


def test_a_home_that_the_register_does_not_have_is_told_by_its_row() -> None:
    only(Practice(fixed=fixed(("a", "nowhere", "rule_out"))), "K09", (2,), "register of homes")
    only(Practice(scores=table("score", ("a", "nowhere", -5))), "K09", (2,), "register of homes", "scores.csv")
    only(Practice(parent_and_child_homes=("large", "nowhere")), "K09", (), "nowhere", "matching settings")


def test_a_settled_child_is_not_pinned_elsewhere() -> None:
    only(Practice(fixed=pins(("g", "large"))), "K10", (2,), "not matched")


@pytest.mark.parametrize(
    ("child", "home", "says"),
    [
        ("a", "unregistered", "not registered"),
        ("a", "closed", "not open on the date"),
        ("a", "flat", "supported accommodation, which is only from 16"),
        ("i", "young", "for another age"),
        ("a", "boys", "for another sex"),
        ("d", "staying", "for a lower needs level"),
        ("l", "staying", "of a kind that does not suit this child"),
        ("l", "small", "to be avoided for this child"),
        ("c", "staying", "already home to another child"),
    ],
)
def test_a_pin_that_breaks_a_rule_says_which(child: str, home: str, says: str) -> None:
    only(Practice(fixed=pins(("b", "large"), (child, home))), "K11", (3,), says)


def test_a_child_is_not_pinned_to_two_homes() -> None:
    only(Practice(fixed=pins(("a", "large"), ("b", "large"), ("a", "small"))), "K12", (2, 4), "several homes")


def test_a_home_is_not_both_pinned_and_ruled_out() -> None:
    both = fixed(("a", "large", "pin"), ("a", "large", "rule_out"), ("b", "large", "pin"))
    only(Practice(fixed=both), "K13", (2, 3), "both pinned and ruled out")


def test_no_more_children_are_pinned_than_a_home_takes() -> None:
    """The place of a step-down child who may leave counts, unless the child is pinned to stay."""
    only(Practice(fixed=pins(("a", "small"), ("b", "small"), ("d", "large"))), "K14", (2, 3), "more children")
    only(Practice(fixed=pins(("a", "full"))), "K14", (2,), "more children")
    three = pins(("a", "staying"), ("b", "staying"), ("k", "staying"))
    assert told(Practice(fixed=three)) == []
    staying = pins(("a", "staying"), ("b", "staying"), ("k", "staying"), ("f", "staying"))
    only(Practice(fixed=staying), "K14", (2, 3, 4), "more children")


def test_a_household_takes_more_than_three_only_of_one_group() -> None:
    """Four siblings in an empty household of four are no fault; four strangers are."""
    big = {"big": {"places": "4", "places_free": "4"}}
    four = {f"SECRET{name}": {"sibling_group": "S4"} for name in "wxyz"}
    all_four = pins(*((name, "big") for name in "wxyz"))
    assert told(Practice(fixed=all_four), children=four, homes=big) == []
    spare = sum_free("large", "small", "young", "full", "boys")
    assert told(Practice(fixed=all_four, reserve={"ifa": spare}), children=four, homes=big) == []
    not_all = Practice(fixed=fixed(*((name, "big", "pin") for name in "wxyz"), ("v", "big", "rule_out")))
    five = four | {"SECRETv": {"sibling_group": "S4"}}
    assert [fault.code for fault in told(not_all, children=five, homes=big)] == ["K14"]
    strangers = Practice(fixed=pins(*((name, "big") for name in "wxab")))
    assert [fault.code for fault in told(strangers, children=four, homes=big)] == ["K14"]


def test_nobody_is_pinned_beside_a_child_who_lives_alone() -> None:
    only(Practice(fixed=pins(("c", "large"), ("a", "large"), ("b", "small"))), "K15", (2, 3), "must live alone")


def test_children_who_stay_together_are_not_pinned_apart() -> None:
    apart = pins(("h", "large"), ("i", "small"))
    for practice in (Practice(never_split=("S1",)), Practice(never_split="all"), Practice(parent_and_child=("S1",))):
        only(replace(practice, fixed=apart), "K16", (2, 3), "pinned apart")
    assert told(Practice(fixed=apart)) == []


def test_when_a_step_down_child_of_a_group_moves_all_go_with_it() -> None:
    apart = pins(("j", "large"), ("k", "young"))
    only(Practice(never_split=("S2",), fixed=apart), "K16", (2, 3), "pinned apart")
    stays = pins(("j", "staying"), ("k", "young"))
    assert told(Practice(never_split=("S2",), fixed=stays)) == []
    only(Practice(parent_and_child=("S2",), fixed=stays), "K16", (2, 3), "pinned apart")
    assert told(Practice(parent_and_child=("S2",), fixed=pins(("j", "staying")))) == []


def test_a_home_pinned_for_one_of_a_group_must_be_open_to_the_others() -> None:
    """The second of the group is 16, the home takes children to 12; or a person ruled it out for the second."""
    only(Practice(never_split=("S1",), fixed=pins(("h", "young"))), "K17", (2,), "for another age")
    ruled_out = fixed(("h", "large", "pin"), ("i", "large", "rule_out"))
    only(Practice(never_split=("S1",), fixed=ruled_out), "K17", (2,), "ruled out")
    assert told(Practice(fixed=ruled_out)) == []


def test_a_home_pinned_for_one_of_a_group_must_have_room_for_the_others() -> None:
    only(Practice(never_split=("S1",), fixed=pins(("h", "small"))), "K14", (2,), "more children")


def test_a_present_home_is_never_ruled_out() -> None:
    only(Practice(fixed=fixed(("f", "staying", "rule_out"), ("a", "staying", "rule_out"))), "K18", (2,), "present home")


def test_groups_that_nobody_belongs_to_are_told_by_their_number_in_the_list() -> None:
    only(Practice(never_split=("S1", "S9")), "K19", (), "number 2 of the list", "matching settings")
    only(Practice(parent_and_child=("S9",)), "K19", (), "number 1 of the list", "matching settings")
    for setting in ("never_split", "parent_and_child", "parent_and_child_homes"):
        one_word: dict[str, Any] = {setting: "S1"}
        only(Practice(**one_word, fixed=pins(("h", "large"))), "K19", (), "one word", "matching settings")


def test_a_parent_and_child_are_not_pinned_to_a_home_not_approved_for_them() -> None:
    practice = Practice(parent_and_child=("S1",), parent_and_child_homes=("large",))
    only(replace(practice, fixed=pins(("h", "staying"), ("i", "staying"))), "K20", (2, 3), "not approved")
    assert told(replace(practice, fixed=pins(("h", "large"), ("i", "large")))) == []


@pytest.mark.parametrize("reserve", [{"secure": 1}, {"ifa": -1}, {"ifa": 1.5}, {"ifa": "2"}, {"ifa": None}])
def test_a_reserve_is_whole_places_of_a_kind_that_is_matched(reserve: dict[str, Any]) -> None:
    only(Practice(reserve=reserve, fixed=pins(("a", "large"))), "K21", (), "", "matching settings")


def test_pins_leave_the_reserve_alone() -> None:
    """Of 7 ifa places that are open and registered, 5 are kept and 3 pinned; only as many as are free can be kept."""
    three = pins(("a", "large"), ("b", "large"), ("d", "small"))
    assert told(Practice(reserve={"ifa": 7}, fixed=pins(("f", "staying")))) == []
    free = sum_free("large", "small", "young", "full", "boys")
    assert told(Practice(reserve={"ifa": free - 3}, fixed=three)) == []
    only(Practice(reserve={"ifa": free - 2}, fixed=three), "K22", (2, 3, 4), "in ifa that reserve keeps free")
    only(Practice(reserve={"ifa": 99}, fixed=pins(("a", "large"))), "K22", (2,), "in ifa that reserve keeps free")


def test_one_child_of_level_3_a_household() -> None:
    both = pins(("d", "large"), ("e", "large"), ("a", "large"))
    only(Practice(one_level_3=True, fixed=both), "K23", (2, 3), "needs level 3")
    assert told(Practice(fixed=both)) == []
    settled = {"SECRETs": {"status": "settled", "current_home_id": "large", "needs_level": "3"}}
    taken = {"large": {"places": "4", "places_free": "2"}}
    joining = Practice(one_level_3=True, fixed=pins(("d", "large")))
    assert [fault.code for fault in told(joining, children=settled, homes=taken)] == ["K23"]


def test_objectives_need_something_to_count() -> None:
    assert [fault.code for fault in told(Practice(), ("placed", "school_within", "preference"))] == ["K24", "K24"]
    scores = table("score", ("a", "large", 10))
    at_school = {"SECRETx": {"school_postcode": "SN1 2AB"}}
    assert told(Practice(scores=scores), ("placed", "school_within", "preference"), children=at_school) == []


@pytest.mark.parametrize("miles", [0.0, -1.0, float("inf"), float("nan")])
def test_a_school_limit_is_a_distance(miles: float) -> None:
    only(Practice(school_limit_miles=miles), "K05", (), "miles", "matching settings")


@pytest.mark.parametrize(
    ("scores", "code", "rows"),
    [
        (table("score", ("a", "large", 101), ("b", "large", 100)), "R06", (2,)),
        (table("score", ("a", "large", "-100.5")), "R03", (2,)),
        (table("score", ("a", "large", 1), ("b", "large", 1), ("a", "large", 2)), "R07", (2, 4)),
        (table("score", ("a", "large", "")), "R02", (2,)),
    ],
)
def test_scores_are_whole_within_their_range_and_one_a_pair(scores: pd.DataFrame, code: str, rows) -> None:
    only(Practice(scores=scores), code, rows, "", "scores.csv")


def test_decisions_are_words_and_come_once() -> None:
    only(Practice(fixed=fixed(("a", "large", "perhaps"))), "R03", (2,), "words")
    only(Practice(fixed=fixed(("a", "large", "pin"), ("a", "large", "Pin"))), "R07", (2, 3), "more than once")
    only(Practice(fixed=pins(("a", "large")).drop(columns="decision")), "F04", (), "missing")


def test_all_faults_come_at_once() -> None:
    decided = fixed(("z", "large", "pin"), ("a", "nowhere", "pin"), ("i", "young", "pin"), ("b", "small", "what"))
    practice = Practice(
        never_split=("S9",), reserve={"other": 1}, fixed=decided, scores=table("score", ("z", "x", 999))
    )
    codes = [fault.code for fault in told(practice, ("school_within",))]
    assert codes == ["K19", "K21", "K24", "R03", "K08", "K09", "K11", "R06", "K08", "K09"]


def test_a_table_read_from_a_file_keeps_its_lines() -> None:
    lines = pins(("a", "large"), ("z", "large")).set_axis(pd.Index([7, 9], name="line"))
    only(Practice(fixed=lines), "K08", (9,), "register of children")


def test_typed_tables_are_those_of_the_registers() -> None:
    practice = checked_practice(
        Practice(fixed=fixed(("a", "large", " PIN ")), scores=table("score", ("a", "large", "7")))
    )
    assert practice.fixed is not None
    assert practice.scores is not None
    assert practice.fixed["decision"].tolist() == ["pin"]
    assert practice.scores["score"].tolist() == [7]


def test_a_reserve_beyond_what_is_free_and_scores_without_their_objective_are_noticed() -> None:
    homes = register("homes", HOMES)
    practice = Practice(reserve={"residential": 2}, scores=table("score", ("a", "large", 7)))
    notices = notices_of(practice, homes, AS_OF, ("placed",))
    assert [notice.code for notice in notices] == ["N167", "N168"]
    assert "2 places are reserved in residential, 1 are free" in notices[0].says
    assert notices_of(replace(practice, reserve={"residential": 1}), homes, AS_OF, ("placed", "preference")) == []


def test_a_child_is_not_in_the_text_of_the_options() -> None:
    practice = Practice(never_split=("S1",), fixed=pins(("a", "large")), scores=table("score", ("a", "large", 7)))
    assert "SECRET" not in repr(practice)
    assert "S1" not in repr(practice)


def test_thousands_of_pins_are_checked_soon() -> None:
    """Chunks of pairs, not all children against all homes: 3,000 pins to 3,000 homes of one place."""
    count = 3000
    children, _ = check_register(
        "children", pd.DataFrame([CHILD] * count).assign(child_id=np.arange(count).astype(str)), "children.csv"
    )
    one = HOME | {"places": "1", "places_free": "1"}
    homes, _ = check_register(
        "homes", pd.DataFrame([one] * count).assign(home_id=[f"H{n}" for n in range(count)]), "homes.csv"
    )
    decided = pd.DataFrame({"child_id": children["child_id"], "home_id": homes["home_id"], "decision": "pin"})
    assert faults_of(Practice(fixed=decided), children, homes, AS_OF) == []
    shifted = decided.assign(home_id=np.where(np.arange(count) == 5, "H4", decided["home_id"]))
    assert [(fault.code, fault.rows) for fault in faults_of(Practice(fixed=shifted), children, homes, AS_OF)] == [
        ("K14", (6, 7))
    ]


def test_every_code_of_a_match_is_on_the_rules_page() -> None:
    used = {
        code
        for part in ("matching", "siting")
        for path in (ROOT / "sufficiency" / part).rglob("*.py")
        for code in re.findall(r'"([KLN]\d{2,3})"', path.read_text(encoding="utf-8"))
    }
    shown = set(re.findall(r"^\| ([KLN]\d{2,3}) \|", rules_page(), re.MULTILINE))
    assert {"K05", "K11", "K22", "N167"} <= used
    assert used <= shown, used - shown


def test_a_pin_that_needs_a_place_which_nobody_can_leave_is_told_when_no_plan_is_found() -> None:
    """The only place of the home is that of a step-down child; by itself the pin is sound, as the child might move."""
    one = {"one": {"places": "1", "places_free": "0"}}
    stepping = {"SECRETs": {"status": "step_down", "current_home_id": "one"}}
    practice = Practice(fixed=pins(("b", "large"), ("a", "one")))
    assert told(practice, children=stepping, homes=one) == []
    registers = register("children", CHILDREN | stepping), register("homes", HOMES | one)
    fault = fault_of_no_plan(practice, *registers, AS_OF)
    assert fault is not None
    assert (fault.code, fault.rows) == ("K25", (3,))
    assert fault_of_no_plan(Practice(fixed=fixed(("a", "one", "rule_out"))), *registers, AS_OF) is None
