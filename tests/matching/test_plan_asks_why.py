"""The plan's own methods give the tables of why, and its summary the proof."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from sufficiency.matching import why
from sufficiency.matching.entrance import match
from sufficiency.matching.plan import Plan

from . import instances


@pytest.fixture(scope="module")
def plan() -> Plan:
    return match(*instances.draw(4, 10, 6), as_of=instances.AS_OF)


@pytest.mark.parametrize("name", ["best_homes", "refused_homes", "changes_that_house"])
def test_tables_for_all_and_for_one_child(plan: Plan, name: str) -> None:
    everyone: pd.DataFrame = getattr(plan, name)()
    pd.testing.assert_frame_equal(everyone, getattr(why, name)(plan))
    assert len(everyone)
    one = str(everyone["child_id"].iloc[-1])
    assert set(getattr(plan, name)(one)["child_id"]) == {one}


def test_best_so_many(plan: Plan) -> None:
    assert plan.best_homes(best=1).groupby("child_id").size().max() == 1


def test_empty_homes_and_the_page_of_a_child(plan: Plan) -> None:
    pd.testing.assert_frame_equal(plan.empty_homes(), why.empty_homes(plan))
    child = str(plan.instance.children["child_id"].iloc[0])
    assert plan.explain(child).text() == why.explain(plan, child).text()


def test_summary_has_the_proof_of_each_objective(plan: Plan) -> None:
    summary: dict[str, Any] = json.loads(json.dumps(plan.summary()))
    table = plan.proof().set_index("objective")
    assert list(summary["proof"]) == list(plan.instance.objectives) == list(table.index)
    for name, proof in summary["proof"].items():
        assert proof["gap"] == table["gap"][name] == 0
        assert proof["bound"] == table["bound"][name] == summary["objectives"][name]
        assert proof["proven_by"] == table["proven_by"][name]
