"""Assumptions without a source: what each of them moves, on the same futures."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from sufficiency import Records, Scenario
from sufficiency.assumptions import Assumption, assumption_sensitivity, unsourced

SHORT = Scenario(name="x").with_changes({"horizon.years": 1, "horizon.step_months": 6})
PLAN = "supply.market.family_plan_share"


def test_a_lever_that_goes_nowhere_moves_nothing_and_more_family_plans_save(sample_records: Records) -> None:
    several = (
        Assumption("nowhere", (0.25, 0.25), {PLAN: 0.25}, {PLAN: 0.25}),
        Assumption("family_plan_share", (0.0, 1.0), {PLAN: 0.0}, {PLAN: 1.0}),
    )
    done: list[int] = []
    answer = assumption_sensitivity(sample_records, SHORT, assumptions=several, paths=3, progress=done.append)
    table = answer.table()
    assert table["lever"].tolist() == ["family_plan_share", "nowhere"], "the largest effect first"
    assert table["cost_effect"].iloc[0] < 0
    assert table["cost_effect"].iloc[1] == 0
    assert table["share_effect"].iloc[1] == 0
    assert sum(done) == 3 * 5
    assert np.allclose(answer.cost[0, 0], answer.as_it_stands[0]), "0.25 is what the scenario has"
    assert "family_plan_share matters most" in answer.finding()
    with ThreadPoolExecutor(2) as executor:
        other = assumption_sensitivity(sample_records, SHORT, assumptions=several, paths=3, executor=executor)
    assert other.table().equals(table)


def test_the_unsourced_assumptions_have_a_low_and_a_high_value_around_the_scenarios(sample_records: Records) -> None:
    several = {one.lever: one for one in unsourced(sample_records, SHORT)}
    assert set(several) == {"family_plan_share", "ready_to_step_down", "share_taken_by_others"}
    assert several["ready_to_step_down"].values == (0.04, 0.16)
    for one in several.values():
        assert one.values[0] < one.values[1]
        for changes in (one.low, one.high):
            SHORT.with_changes(changes)
