"""Where to add homes under the options of practice: against every choice tried, by hand, and what is refused."""

from __future__ import annotations

import pandas as pd
import pytest

import sufficiency as sf
from sufficiency.errors import InputError
from sufficiency.matching.practice import Practice
from sufficiency.matching.solve import from_pyomo, optimise
from sufficiency.siting.model import siting_model
from tests.matching import varied
from tests.matching.by_hand import child, home
from tests.matching.instances import AS_OF, HOME_COLUMNS

from .varied_sites import best_by_trying, draw

AIMS = (
    ("placed", "within_limit", "cost"),
    ("within_limit", "placed", "in_house", "cost"),
    ("placed", "within_limit", "siblings_together", "cost"),
)


def candidate(candidate_id: str, cost: int, **cells: object) -> dict[str, object]:
    """A household that could be recruited 5 miles away for ``cost`` £, once."""
    row = home(candidate_id, **cells) | {"candidate_id": candidate_id, "opening_cost": cost}
    return {name: value for name, value in row.items() if name not in ("home_id", "places_free")}


def opened(
    children: list[dict], homes: list[dict], candidates: list[dict], budget: float, practice: Practice
) -> dict[str, int]:
    tables = pd.DataFrame(children), pd.DataFrame(homes, columns=HOME_COLUMNS), pd.DataFrame(candidates)
    table = sf.site(*tables, budget=budget, as_of=AS_OF, practice=practice).table()
    return {name: int(count) for name, count in zip(table["candidate_id"], table["opened"], strict=True) if count}


def decided(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["child_id", "home_id", "decision"])


@pytest.mark.parametrize("seed", range(24))
def test_best_of_every_choice_tried_under_every_option(seed: int) -> None:
    drawn, aims = draw(seed), AIMS[seed % 3]
    siting = sf.site(
        drawn.children,
        drawn.homes,
        drawn.candidates,
        budget=drawn.budget,
        as_of=AS_OF,
        objectives=aims,
        limit_miles=drawn.limit,
        practice=varied.practice_of(drawn.options),
    )
    values = {proof.aim: proof.value for proof in siting.decision.proofs}
    assert tuple(values.values()) == best_by_trying(drawn, aims)
    assert siting.summary()["proven_best"]
    if any(len(path.instance.pair_child) for path in siting.problem.chosen_on):
        assert dict(optimise(from_pyomo(siting_model(siting.problem))[0]).values) == values


PAIR = [child(name, sibling_group="S") for name in "ab"]
ONE_OR_TWO = [candidate("one", 10_000, at_most=2), candidate("two", 25_000, places="2")]


def test_a_group_that_is_never_split_needs_one_home_for_both() -> None:
    """Two households of one place do for £20,000, unless the two must live together: then one of two, for £25,000."""
    assert opened(PAIR, [], ONE_OR_TWO, 25_000, Practice()) == {"one": 2}
    assert opened(PAIR, [], ONE_OR_TWO, 25_000, Practice(never_split=("S",))) == {"two": 1}
    assert opened(PAIR, [], ONE_OR_TWO, 24_999, Practice(never_split="all")) == {}


def test_a_group_is_named_in_the_path_where_it_is() -> None:
    """The pair is in path 1 alone; path 0 knows no such group, and that is no fault."""
    people = [child("c", path=0), *(cells | {"path": 1} for cells in PAIR)]
    assert opened(people, [], ONE_OR_TWO, 25_000, Practice(never_split=("S",))) == {"two": 1}


def test_a_candidate_may_be_approved_for_a_parent_and_child() -> None:
    """Of two alike the dearer is opened when it alone is to take a parent and child, both copies of it as one."""
    both = [candidate("plain", 10_000, places="2"), candidate("approved", 11_000, places="2", at_most=2)]
    people = [*PAIR, *(child(name, sibling_group="T") for name in "cd")]
    practice = Practice(parent_and_child=("S", "T"), parent_and_child_homes=("approved",))
    assert opened(people, [], both, 30_000, Practice()) == {"plain": 1, "approved": 1}
    assert opened(people, [], both, 30_000, practice) == {"approved": 2}


def test_a_reserve_is_filled_before_a_new_home_serves_anyone() -> None:
    """One place is to stay free in households and none is there: the first new place is that one, the second a home."""
    small, large = candidate("small", 10_000), candidate("large", 30_000, places="2")
    reserve = Practice(reserve={"in_house_fostering": 1})
    assert opened(PAIR, [], [small], 50_000, reserve) == {}
    assert opened(PAIR, [], [small, large], 50_000, reserve) == {"small": 1, "large": 1}
    assert opened(PAIR[:1], [], [small, large], 35_000, reserve) == {"large": 1}


def test_one_child_of_level_3_in_each_household() -> None:
    """Two of level 3: one household of two places serves one of them, two households of one place serve both."""
    two = [child(name, needs_level="3") for name in "ab"]
    large, small = candidate("large", 10_000, places="2"), candidate("small", 10_000, at_most=2)
    assert opened(two, [], [large, small], 20_000, Practice()) == {"large": 1}
    assert opened(two, [], [large, small], 20_000, Practice(one_level_3=True)) in (
        {"large": 1, "small": 1},
        {"small": 2},
    )


def test_what_a_panel_fixed_is_kept_and_the_rest_follows() -> None:
    """Pinned to the home 30 miles away, the child gains nothing from a new home; ruled out of it, nobody does."""
    far, near = [home("far", miles=30)], [candidate("near", 10_000, at_most=2)]
    people = [child("a")]
    assert opened(people, far, near, 10_000, Practice()) == {"near": 1}
    assert opened(people, far, near, 10_000, Practice(fixed=decided(("a", "far", "pin")))) == {}
    assert opened(people, far, near, 20_000, Practice(fixed=decided(("a", "near", "rule_out")))) == {}


@pytest.mark.parametrize(
    ("practice", "says"),
    [
        (Practice(fixed=decided(("a", "near", "pin"))), r"home_id: the home is a candidate.*\(row 2\)"),
        (Practice(fixed=decided(("SECRET", "far", "pin"))), r"child_id: the child is not in the register.*\(row 2\)"),
        (Practice(fixed=decided(("a", "far", "pin"), ("b", "far", "pin"))), r"fixed\.csv"),
        (Practice(fixed=decided(("a", "nowhere", "pin"))), "the home is not in the register"),
        (Practice(fixed=decided(("a", "far", "maybe"))), "column decision"),
        (
            Practice(scores=pd.DataFrame({"child_id": ["a"], "home_id": ["far"], "score": [5]})),
            "scores.csv: scores are",
        ),
        (Practice(never_split=("T",)), "number 1 of the list"),
        (Practice(reserve={"hotel": 1}), "hotel is not a kind"),
        (Practice(parent_and_child_homes=("nowhere",)), "not in the register of homes: nowhere"),
    ],
)
def test_what_cannot_be_meant_is_refused(practice: Practice, says: str) -> None:
    with pytest.raises(InputError, match=says) as raised:
        opened(PAIR, [home("far", miles=30)], [candidate("near", 10_000)], 10_000, practice)
    assert "SECRET" not in str(raised.value)


def test_a_fault_of_every_path_is_told_once() -> None:
    """The same pin is broken in both paths: one fault, with its row once."""
    people = [child("a", path=number, needs_level="3") for number in (0, 1)]
    practice = Practice(fixed=decided(("a", "far", "pin")))
    with pytest.raises(InputError) as raised:
        opened(people, [home("far", max_needs_level="2")], [candidate("near", 1)], 10, practice)
    assert [fault.rows for fault in raised.value.faults] == [(2,)]


def test_a_pin_that_nobody_can_make_room_for_is_told() -> None:
    """The only place is that of a step-down child who has nowhere else to go, whatever is opened."""
    stepping = child("s", status="step_down", current_home_id="full", date_of_birth="2008-01-15")
    full = home("full") | {"places_free": "0"}
    with pytest.raises(InputError, match=r"fixed\.csv.*\(row 2\)"):
        opened(
            [child("a"), stepping],
            [full],
            [candidate("young", 1, max_age="11")],
            10,
            Practice(fixed=decided(("a", "full", "pin"))),
        )
