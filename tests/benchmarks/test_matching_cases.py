"""The matching benchmark: registers that pass every check, pairs read as the library reads them, rivals that agree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.matching.allowed import Allowed, read_allowed, values_of
from benchmarks.matching.arrays import by_arrays
from benchmarks.matching.harness import Case, prepare, run_way, table_of, with_agreement
from benchmarks.matching.modelled import by_dense_pyomo, by_sparse_pyomo
from benchmarks.matching.registers import AS_OF, PLAIN, WITH_SIBLINGS, Registers, Size, draw_registers
from benchmarks.matching.ways import LOOP, MATCH, RIVALS, rivals_for
from sufficiency import match
from sufficiency.matching import build_instance
from sufficiency.records.registers import check_register

SMALL = Size(40, 50, ("SN",), ("SN",))


@pytest.fixture(scope="module", params=[PLAIN, WITH_SIBLINGS], ids=["plain", "siblings"])
def registers(request: pytest.FixtureRequest) -> Registers:
    return draw_registers(SMALL, request.param, seed=3)


@pytest.fixture(scope="module")
def allowed(registers: Registers) -> Allowed:
    return read_allowed(registers)


def test_registers_have_no_fault_and_stay_as_they_are_when_checked_again(registers: Registers) -> None:
    for name in ("children", "homes", "prices"):
        table = getattr(registers, name)
        checked, faults = check_register(name, table, f"{name}.csv")
        assert faults == []
        pd.testing.assert_frame_equal(checked, table)


def test_the_same_seed_draws_the_same_and_another_seed_another() -> None:
    once, again, other = (draw_registers(SMALL, WITH_SIBLINGS, seed) for seed in (7, 7, 8))
    pd.testing.assert_frame_equal(once.children, again.children)
    pd.testing.assert_frame_equal(once.homes, again.homes)
    assert not once.children.equals(other.children)


def test_shares_are_those_asked_for() -> None:
    mix = replace(WITH_SIBLINGS, solo=0.1, step_down=0.1)
    children = draw_registers(Size(1_000, 400, ("SN",), ("SN",)), mix).children
    sizes = children["sibling_group"].value_counts()
    assert 0.24 <= children["sibling_group"].notna().mean() <= 0.25
    assert set(sizes) == {2, 3, 4, 5}
    assert 0.05 <= children["solo"].mean() <= 0.1
    assert (children["status"] == "step_down").sum() == 100
    assert children.loc[children["solo"], "sibling_group"].isna().all()
    assert children["needs_level"].nunique() == 3
    born_apart = children.dropna(subset=["sibling_group"]).groupby("sibling_group")["home_latitude"].nunique()
    assert (born_apart == 1).all()


def test_pairs_and_group_columns_are_those_of_the_library(registers: Registers, allowed: Allowed) -> None:
    instance = build_instance(registers.children, registers.homes, as_of=AS_OF, prices=registers.prices)
    child, home = instance.child_rows[instance.pair_child], instance.home_rows[instance.pair_home]
    takes = np.where(instance.pair_stays, 1, instance.pair_takes)
    theirs = set(zip(child, home, takes, instance.pair_within == 1, instance.pair_pence, strict=True))
    ours = set(zip(allowed.child, allowed.home, allowed.takes, allowed.near, allowed.pence, strict=True))
    assert ours == theirs
    columns = (instance.column_takes, instance.column_within, instance.column_pence)
    their_groups = sorted(zip(instance.home_rows[instance.column_home], *columns, strict=True))
    figures = (allowed.group_takes, allowed.group_near, allowed.group_pence)
    assert sorted(zip(allowed.group_home, *figures, strict=True)) == their_groups


def test_rivals_reach_what_the_library_reaches(registers: Registers, allowed: Allowed) -> None:
    plan = match(registers.children, registers.homes, as_of=AS_OF, prices=registers.prices)
    wanted = plan.values | {"weekly_cost": round(plan.values["weekly_cost"] * 100)}
    for way in (by_arrays, by_sparse_pyomo, by_dense_pyomo):
        found = values_of(allowed, way(allowed))
        assert found == {name: wanted[name] for name in found}, way.__name__


def test_an_answer_that_breaks_a_rule_is_not_counted(allowed: Allowed) -> None:
    answer = by_arrays(allowed)
    not_allowed = np.setdiff1d(np.arange(SMALL.homes), allowed.home[allowed.child == 0])[0]
    with pytest.raises(ValueError, match="breaks a rule"):
        values_of(allowed, np.r_[not_allowed, answer[1:]])
    full = np.bincount(answer[answer >= 0], minlength=SMALL.homes) >= allowed.places
    crowded = next(
        (child, home)
        for child, home in zip(allowed.child, allowed.home, strict=True)
        if full[home] and answer[child] not in (-1, home)
    )
    answer[crowded[0]] = crowded[1]
    with pytest.raises(ValueError, match="breaks a rule"):
        values_of(allowed, answer)


def test_every_way_runs_in_a_process_of_its_own_and_agrees(tmp_path: Path) -> None:
    facts = prepare(Case("small", SMALL, PLAIN), tmp_path, pairs=True)
    assert facts["network"]
    assert 0 < facts["of_these_within_the_limit"] < facts["allowed_pairs"]
    ways = (MATCH, "OR-Tools min-cost flow", "SciPy bipartite matching")
    results = with_agreement({name: run_way(name, tmp_path, 2, 120) for name in ways})
    assert [result.get("agrees") for result in results.values()] == [True, True, True], results
    assert all(len(result["seconds"]) == 2 and result["MiB"] >= result["MiB_before"] for result in results.values())
    assert "DIFFERENT" not in table_of(results)


def test_the_loop_is_timed_quarter_by_quarter(tmp_path: Path) -> None:
    prepare(Case("loop", SMALL, WITH_SIBLINGS, quarters=3), tmp_path, pairs=True)
    results = with_agreement({name: run_way(name, tmp_path, 1, 120) for name in (LOOP, "HiGHS called with arrays")})
    assert [result.get("agrees") for result in results.values()] == [True, True], results
    assert all(len(result["seconds"]) == 3 for result in results.values())


def test_a_different_answer_a_failure_and_a_long_wait_are_said(tmp_path: Path) -> None:
    values = {"placed": 3, "within_limit": 2, "siblings_together": 0, "weekly_cost": 100}
    run = {"seconds": [1.0], "processor": [1.0], "MiB": 1, "values": values}
    worse = run | {"values": values | {"within_limit": 1}}
    failed = run_way("no such way", tmp_path, 1, 60)
    slow = run_way(MATCH, tmp_path, 1, 0.01)
    table = table_of(with_agreement({"first": run, "second": worse, "third": failed, "fourth": slow})).splitlines()
    assert "DIFFERENT" not in table[2]
    assert "DIFFERENT" in table[3]
    assert "no such way" in table[4]
    assert "not within 0.01 s" in table[5]


def test_only_rivals_that_can_say_it_take_on_siblings() -> None:
    assert rivals_for("authority", network=True) == list(RIVALS)
    assert "OR-Tools min-cost flow" not in rivals_for("authority", network=False)
    assert rivals_for("england", network=True) == []
