"""What-ifs against the changed registers matched from the beginning, and by hand; faults of changes; many at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import fields
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sufficiency.errors import InputError, SolverError
from sufficiency.matching import Change, Instance, build_instance, match, match_many, solve_in_loop, solve_many
from sufficiency.matching.again import Solved
from sufficiency.matching.changed import changed, from_registers
from sufficiency.matching.loop import homes_chosen
from sufficiency.matching.optimum import best
from sufficiency.matching.plan import Plan
from sufficiency.matching.practice import Practice, checked_practice
from sufficiency.records.registers import check_register

from . import instances, oracle, varied

KINDS = ("kinship", "in_house_fostering", "ifa", "residential", "supported")
NOT_OF_THE_PROBLEM = ("children", "homes", "child_rows", "home_rows", "rows_given", "prices", "practice", "members")


def _instance(seed: int, options: bool, siblings: bool) -> Instance:
    children, homes, limit = varied.draw(seed, 14, 12)
    drawn = varied.draw_options(seed, children, homes) if options and siblings else oracle.Options()
    if not siblings:
        children = children.assign(sibling_group="")
    order = varied.draw_objectives(seed, varied.OPTIONAL if options else ())
    tables = [check_register(n, t, f"{n}.csv")[0] for n, t in (("children", children), ("homes", homes))]
    practice = checked_practice(varied.practice_of(drawn))
    return build_instance(*tables, limit_miles=limit, objectives=order, as_of=instances.AS_OF, practice=practice)


def _change(seed: int, instance: Instance) -> Change:
    """Prices, places, homes closed and the limit, each now and then."""
    rng = np.random.default_rng([seed, 7])
    homes = instance.homes.set_index("home_id").assign(leavers=instance.leavers)
    some = [[str(home) for home in rng.choice(homes.index, 3, replace=False)] for _ in range(4)]
    most = {home: int(homes.at[home, "places"] - homes.at[home, "leavers"]) for home in some[1]}
    more = {home: int(rng.integers(-homes.at[home, "places_free"], 4)) for home in some[2] if home not in most}
    given = {
        "weekly_cost": {home: round(float(rng.uniform(0, 6000)), 2) for home in some[0]},
        "cost_factor": {str(kind): float(rng.uniform(0.5, 1.6)) for kind in rng.choice(KINDS, 2, replace=False)},
        "places_free": {home: int(rng.integers(0, places + 1)) for home, places in most.items()},
        "more_places": more,
        "close": tuple(some[3]),
        "limit_miles": float(rng.uniform(0, 40)),
    }
    return Change(**{name: value for name, value in given.items() if rng.random() < 0.4})


def _values(solve: object) -> object:
    """What a way reaches; or that there is no plan."""
    try:
        return dict(solve().values)  # type: ignore[operator]
    except SolverError:
        return "no plan"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 10**6), st.booleans(), st.booleans())
def test_the_changed_problem_is_the_one_of_the_changed_registers(
    seed: int, other: int, options: bool, siblings: bool
) -> None:
    before = _instance(seed, options, siblings)
    change = _change(other, before)
    warm, cold = changed(before, change), from_registers(before, change)
    for each in fields(Instance):
        if each.name not in NOT_OF_THE_PROBLEM:
            here, there = getattr(warm, each.name), getattr(cold, each.name)
            same = np.array_equal(here, there) if isinstance(here, np.ndarray) else here == there
            assert same, each.name


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 10**6), st.booleans(), st.booleans())
def test_a_changed_problem_solved_again_reaches_what_it_does_from_the_beginning(
    seed: int, other: int, options: bool, siblings: bool
) -> None:
    before = _instance(seed, options, siblings)
    try:
        stands = best(before)
    except SolverError:
        return
    solved = Solved(before, homes_chosen(before, stands.chosen), 60.0)
    for number in range(3):
        change = _change(other + number, before)
        again = _values(lambda change=change: solved.again(changed(before, change)))  # type: ignore[misc]
        assert again == _values(lambda change=change: best(from_registers(before, change)))  # type: ignore[misc]


@cache
def _plan(siblings: bool = True) -> Plan:
    children, homes = instances.draw(3, 30, 30)
    homes["provider"] = np.where(homes["kind"] == "ifa", "An Agency", "")
    children = children if siblings else children.assign(sibling_group="")
    return match(children, homes, as_of=instances.AS_OF)


CHANGES = {
    "agency 10% dearer": Change(cost_factor={"An Agency": 1.1}),
    "two more places": Change(more_places={"H004": 2}),
    "near is 10 miles": Change(limit_miles=10.0),
    "closed": Change(close=("H002", "H003")),
    "nothing": Change(),
}


def _changed_by_hand(plan: Plan, name: str) -> pd.DataFrame:
    """The register of homes changed without the module that is tested."""
    homes = plan.instance.homes.reset_index(drop=True).copy()
    if name == "agency 10% dearer":
        homes.loc[homes["provider"] == "An Agency", "weekly_cost"] *= 1.1
    elif name == "two more places":
        homes.loc[homes["home_id"] == "H004", ["places", "places_free"]] += 2
    elif name == "closed":
        homes.loc[homes["home_id"].isin(["H002", "H003"]), "registered"] = False
    return homes


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("siblings", [True, False])
def test_each_row_is_a_match_of_registers_changed_by_hand(name: str, siblings: bool) -> None:
    plan = _plan(siblings)
    answer = plan.what_if(CHANGES)
    row = answer.table().set_index("change").loc[name]
    limit = 10.0 if name == "near is 10 miles" else 20.0
    by_hand = match(plan.instance.children, _changed_by_hand(plan, name), as_of=instances.AS_OF, limit_miles=limit)
    for aim in plan.instance.objectives:
        assert row[aim] == by_hand.values[aim], aim
        assert row[f"{aim}_difference"] == pytest.approx(by_hand.values[aim] - plan.values[aim], abs=0.005)
    shown = answer.plan(name)
    assert dict(shown.values) == dict(by_hand.values)
    assert row["live_elsewhere"] == (shown.home != plan.home).sum()


@pytest.mark.parametrize("siblings", [True, False])
def test_nobody_moves_when_nothing_changes(siblings: bool) -> None:
    row = _plan(siblings).what_if({"nothing": Change(), "same price": Change(cost_factor={"ifa": 1.0})}).table()
    assert row["live_elsewhere"].tolist() == [0, 0]
    assert not row.filter(like="_difference").to_numpy().any()


def test_a_table_of_changes_is_the_same_as_the_changes() -> None:
    rows = [
        {"change": "agency 10% dearer", "of": "An Agency", "cost_factor": 1.1},
        {"change": "two more places", "of": "H004", "more_places": 2},
        {"change": "near is 10 miles", "limit_miles": 10.0},
        {"change": "closed", "of": "H002", "close": True},
        {"change": "closed", "of": "H003", "close": True},
    ]
    by_table = _plan().what_if(pd.DataFrame(rows)).table()
    by_name = _plan().what_if({name: CHANGES[name] for name in by_table["change"]}).table()
    pd.testing.assert_frame_equal(by_table, by_name)


def test_the_answer_says_itself_in_words_without_a_child() -> None:
    said = str(_plan().what_if(CHANGES))
    assert "5 what-ifs" in said
    assert "agency 10% dearer: " in said
    assert "nothing: nothing reached changes; 0 " in said
    assert not any(str(child) in said for child in _plan().instance.children["child_id"])


BAD = {
    "K40": Change(weekly_cost={"H999": 100.0}, close=("H998",)),
    "K41": Change(cost_factor={"ifaa": 1.1}),
    "K42": Change(weekly_cost={"H001": -1.0}, cost_factor={"ifa": float("nan")}),
    "K43": Change(places_free={"H001": -1, "H002": 99}, more_places={"H003": 1.5}),  # type: ignore[dict-item]
    "K44": Change(limit_miles=-3.0),
    "K45": Change(places_free={"H001": 0}, more_places={"H001": 1}),
}


def test_every_fault_of_all_changes_is_told_at_once() -> None:
    with pytest.raises(InputError) as raised:
        _plan().what_if(BAD)
    told = [fault.code for fault in raised.value.faults]
    assert {code: told.count(code) for code in BAD} == {"K40": 2, "K41": 1, "K42": 2, "K43": 3, "K44": 1, "K45": 1}
    assert all(fault.column.startswith(fault.code) for fault in raised.value.faults)  # the change's name


def test_a_provider_without_prices_of_its_own_has_none_to_raise() -> None:
    children, homes = instances.draw(3, 12, 12)
    homes = homes.assign(provider="An Agency", kind="residential", min_age="0", weekly_cost="")
    plan = match(children, homes, as_of=instances.AS_OF, prices=instances.prices())
    with pytest.raises(InputError, match="no weekly cost of their own"):
        plan.what_if({"dearer": Change(cost_factor={"An Agency": 1.1})})
    dearer = plan.what_if({"dearer": Change(cost_factor={"residential": 1.1})}).table()["weekly_cost"].iloc[0]
    assert dearer == pytest.approx(1.1 * plan.values["weekly_cost"])


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([{"change": "a", "of": "H001", "weekly_coast": 1.0}], "no such column"),
        ([{"of": "H001", "weekly_cost": 1.0}], "the column is missing"),
        ([{"change": "a", "of": "H001", "weekly_cost": 1.0}] * 2, "names it twice"),
        ([{"change": "a", "of": None, "weekly_cost": 1.0}], "no home, kind or provider"),
        ([{"change": None, "of": "H001", "weekly_cost": 1.0}], "the change has no name"),
    ],
)
def test_a_table_at_fault_says_where(rows: list[dict[str, object]], says: str) -> None:
    with pytest.raises(InputError, match=says):
        _plan().what_if(pd.DataFrame(rows))


def test_a_change_that_leaves_a_pinned_child_no_place_is_named() -> None:
    children, homes = instances.draw(3, 30, 30)
    free = match(children, homes, as_of=instances.AS_OF).table().set_index("child_id")["home_id"].dropna()
    child = children.set_index("child_id").loc[free.index].query("status == 'needs_home'").index[0]
    pins = pd.DataFrame({"child_id": [child], "home_id": [free[child]], "decision": ["pin"]})
    plan = match(children, homes, as_of=instances.AS_OF, practice=Practice(fixed=pins))
    with pytest.raises(InputError, match=r"none free.*keeps every pin") as raised:
        plan.what_if({"none free": Change(close=(free[child],))})
    assert str(child) not in str(raised.value)


def test_the_answer_is_the_same_for_any_executor() -> None:
    alone = _plan().what_if(CHANGES)
    finished: list[int] = []
    with ThreadPoolExecutor(2) as pool:
        shared = _plan().what_if(CHANGES, executor=pool, progress=finished.append)
    pd.testing.assert_frame_equal(alone.table(), shared.table())
    for name in CHANGES:
        assert np.array_equal(alone.found[name].home, shared.found[name].home)
    assert sum(finished) == len(CHANGES)


def test_many_matchings_are_each_as_alone_whatever_their_executor() -> None:
    registers = [instances.draw(seed, 12, 10) for seed in range(7)]
    finished: list[int] = []
    with ProcessPoolExecutor(2) as pool:
        shared = match_many(registers, as_of=instances.AS_OF, executor=pool, progress=finished.append)
    assert sum(finished) == len(registers)
    for (children, homes), plan in zip(registers, shared, strict=True):
        pd.testing.assert_frame_equal(plan.table(), match(children, homes, as_of=instances.AS_OF).table())
    problems = [plan.instance for plan in shared]
    by_threads = solve_many(problems, executor=ThreadPoolExecutor(3))
    for problem, answer, one in zip(problems, by_threads, solve_many(problems), strict=True):
        assert np.array_equal(answer.home_row, one.home_row)
        assert np.array_equal(answer.home_row, solve_in_loop(problem).home_row)
    assert match_many([]) == []


def test_a_fault_in_one_of_many_is_raised_from_its_process() -> None:
    children, homes = instances.draw(1, 8, 8)
    wrong = homes.assign(places="many")
    with pytest.raises(InputError, match=r"homes\.csv"), ThreadPoolExecutor(2) as pool:
        match_many([(children, homes), (children, wrong)], as_of=instances.AS_OF, executor=pool)


LONG = """
from tests.matching import instances
from sufficiency.matching import match_many
if __name__ == "__main__":
    registers = [instances.draw(seed, 20, 20) for seed in range(5)] * 400
    match_many(registers, as_of=instances.AS_OF, processes=2, progress=lambda n: print("done", flush=True))
"""


@pytest.mark.skipif(os.name == "nt", reason="interrupts are sent otherwise there")
def test_an_interrupt_ends_all_processes(tmp_path) -> None:  # type: ignore[no-untyped-def]
    script = tmp_path / "long.py"
    script.write_text(LONG, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": os.getcwd()}
    child = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             env=environment)  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "done\n"
    begun = time.monotonic()
    os.kill(child.pid, signal.SIGINT)
    _, errors = child.communicate(timeout=60)  # returns when every process that prints has ended
    assert "KeyboardInterrupt" in errors
    assert time.monotonic() - begun < 30
