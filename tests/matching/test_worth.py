"""The worth of a place against a new match with that place; what it says when the time runs out; its own shortcuts."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sufficiency.matching import worth as worth_module
from sufficiency.matching import worth_branching
from sufficiency.matching.entrance import match
from sufficiency.matching.optimum import best
from sufficiency.matching.plan import Plan
from sufficiency.matching.programme import programme_of
from sufficiency.matching.solve import Programme, row_sums
from sufficiency.matching.why.bounds import columns_of
from sufficiency.matching.worth import AT_MOST, COLUMN_OF, NOT_LOOKED_AT, with_a_place_more, worth_of_a_place
from sufficiency.matching.worth_rows import alike, wider

from . import instances, varied


def _plan(seed: int, children: int = 40, homes: int = 24) -> Plan:
    child_table, home_table = instances.draw(seed, children, homes)
    return match(child_table, home_table, as_of=instances.AS_OF)


def _with_options(seed: int) -> Plan:
    """A match with options of practice, sibling groups and lone children among them."""
    children, homes, limit = varied.draw(seed, 18, 10)
    practice = varied.practice_of(varied.draw_options(seed, children, homes))
    return match(children, homes, limit_miles=limit, as_of=instances.AS_OF, practice=practice,
                 objectives=varied.draw_objectives(seed))  # fmt: skip


def _gains(plan: Plan, home_id: str) -> dict[str, float]:
    """What everyone matched again reaches beyond the plan, with one more place in a home."""
    home = list(plan.instance.homes["home_id"]).index(home_id)
    now, then = (best(each).values for each in (plan.instance, with_a_place_more(plan.instance, home)))
    unit = {"weekly_cost": 100}
    return {COLUMN_OF[aim]: (then[aim] - now[aim]) / unit.get(aim, 1) for aim in now if aim in COLUMN_OF}


def _assert_is_the_resolve(plan: Plan) -> None:
    table = plan.worth_of_a_place().set_index("home_id")
    for home_id, row in table.iterrows():
        gains = _gains(plan, str(home_id))
        assert row[list(gains)].astype(float).to_dict() == pytest.approx(gains, abs=1e-6), home_id


@pytest.mark.parametrize("seed", range(7000, 7011))
def test_with_options_of_practice_each_row_is_the_new_match(seed: int) -> None:
    """Places kept free, one child of level 3, parent and child, pins, other orders of the objectives."""
    _assert_is_the_resolve(_with_options(seed))


@pytest.mark.parametrize("seed", [300, 301])
def test_larger_registers_each_row_is_the_new_match(seed: int) -> None:
    plan = _plan(seed)
    assert len(plan.worth_of_a_place()) > 10
    _assert_is_the_resolve(plan)


def test_without_a_bound_that_is_met_each_home_is_matched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound and the new match are two ways to one figure."""
    by_bounds = _plan(305).worth_of_a_place()
    monkeypatch.setattr(worth_module.Cases, "look", lambda self: None)
    by_matching = _plan(305).worth_of_a_place()
    assert set(by_matching["method"]) == {worth_module.BY_MATCHING}
    assert worth_module.BY_BOUNDS in set(by_bounds["method"])
    pd.testing.assert_frame_equal(by_bounds.drop(columns="method"), by_matching.drop(columns="method"))


def test_time_that_runs_out_is_told_in_the_row() -> None:
    """With no time at all nothing is claimed that is not proven."""
    plan = _plan(303)
    table = worth_of_a_place(plan, time_limit_seconds=0.0)
    assert set(table["method"]) <= {AT_MOST, NOT_LOOKED_AT}
    assert table["saves_per_week"].isna().all()


def test_a_bound_is_shown_as_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Homes that need a new match when the time is out show what the relaxation allows, never less than the truth."""
    plan = _plan(302)
    proven = plan.worth_of_a_place().set_index("home_id")

    def out_of_time(self: Any, home: int) -> None:
        self.deadline = time.monotonic() - 1.0
        raise worth_module.SolverError("out of time")

    monkeypatch.setattr(worth_module._Worth, "_match_again", out_of_time)
    monkeypatch.setattr(worth_branching.Cases, "_look_at", lambda self, node, home: {})
    table = worth_of_a_place(plan).set_index("home_id")
    at_most = table[table["method"] == AT_MOST]
    assert len(at_most)
    for home_id, row in at_most.iterrows():
        last = row[list(COLUMN_OF.values())].astype(float).dropna()
        assert last.iloc[-1] >= proven.loc[home_id, last.index[-1]] - 1e-6
        assert (last.iloc[:-1] == proven.loc[home_id, last.index[:-1]].astype(float)).all()


def test_a_place_more_is_worth_something_somewhere_and_nothing_elsewhere() -> None:
    """In a register that is short of places some homes are worth more of and others are not."""
    housed = _plan(303).worth_of_a_place()["more_children_housed"]
    assert housed.max() > 0
    assert housed.min() == 0
    assert set(housed) <= {0.0, 1.0}


def _own_rows(programme: Programme, chosen: np.ndarray) -> bool:
    sums = row_sums(programme, chosen)
    return bool(((sums >= programme.lower) & (sums <= programme.upper)).all())


@pytest.mark.parametrize("seed", range(7100, 7110))
def test_one_programme_says_of_every_home_what_its_own_would(seed: int) -> None:
    """A plan of the register with a place more keeps the changed rows; one without the place keeps those of now."""
    plan = _with_options(seed)
    ready = wider(plan.instance)
    now = ready.columns_of(plan.instance, columns_of(plan.instance, plan.home))
    rng = np.random.default_rng(seed)
    for home in range(len(plan.instance.homes)):
        changed = with_a_place_more(plan.instance, home)
        programme, found = programme_of(changed), best(changed)
        assert ready.keeps_rules(home, ready.columns_of(changed, found.chosen))
        assert ready.keeps_rules(home, now) == _own_rows(programme, _there(plan, changed, found.chosen, now, ready))
        for _ in range(20):
            some = found.chosen.copy()
            some[rng.integers(0, len(some), 2)] ^= True
            assert ready.keeps_rules(home, ready.columns_of(changed, some)) == _own_rows(programme, some)


def _there(plan: Plan, changed: Any, like: np.ndarray, now: np.ndarray, ready: Any) -> np.ndarray:
    """The plan's columns in the register with a place more."""
    every = np.ones(len(like), dtype=bool)
    position = np.flatnonzero(ready.columns_of(changed, every))
    return now[position]


def test_homes_that_nothing_tells_apart_share_their_worth() -> None:
    """Two households of one street with the same terms; a third that costs a penny more is another."""
    children, homes = instances.draw(304, 12, 6)
    plan = match(children, homes, as_of=instances.AS_OF)
    twin = homes[homes["home_id"] == plan.table()["home_id"].dropna().iloc[0]]
    twins = pd.concat([homes, twin.assign(home_id="twin"), twin.assign(home_id="dearer", weekly_cost="4001.01")])
    plan = match(children.assign(status="needs_home", current_home_id=""), twins, as_of=instances.AS_OF)
    ids = list(plan.instance.homes["home_id"])
    like = alike(wider(plan.instance))
    first, second, dearer = (ids.index(name) for name in (str(twin["home_id"].iloc[0]), "twin", "dearer"))
    assert like[first] == like[second]
    assert like[dearer] != like[first]
