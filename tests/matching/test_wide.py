"""The way of regions and of England on small registers: the same values as the way of one authority."""

from __future__ import annotations

import pandas as pd
import pytest

from sufficiency.errors import InputError
from sufficiency.matching import entrance, wide_plan
from sufficiency.matching.entrance import match
from sufficiency.matching.plan import Plan
from sufficiency.matching.practice import Practice

from . import instances, varied


def _both(monkeypatch: pytest.MonkeyPatch, children: pd.DataFrame, homes: pd.DataFrame) -> tuple[Plan, Plan]:
    """The plan with every pair listed, and the one over the pairs that matter."""
    listed = match(children, homes, as_of=instances.AS_OF)
    monkeypatch.setattr(entrance, "WIDE", 0)
    return listed, match(children, homes, as_of=instances.AS_OF)


@pytest.mark.parametrize("seed", range(400, 412))
def test_without_groups_pairs_that_are_not_listed_change_no_value(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    children, homes = instances.draw(seed, 60, 50)
    children["sibling_group"] = ""
    children["solo"] = ""
    listed, wide = _both(monkeypatch, children, homes)
    assert wide.values == listed.values
    assert (wide.proof()["gap"] == 0).all()


@pytest.mark.parametrize("seed", range(420, 430))
def test_with_groups_values_are_equal_or_the_gap_is_told(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """The bound holds for the optimum, and the aims before the first gap are at theirs."""
    children, homes = instances.draw(seed, 45, 40)
    listed, wide = _both(monkeypatch, children, homes)
    proof = wide.proof().set_index("objective")
    for name in wide.instance.objectives:
        if proof.loc[name, "gap"] > 0:
            break
        assert wide.values[name] == listed.values[name], name


@pytest.mark.parametrize("seed", range(440, 452))
def test_as_for_all_of_england_the_bounds_hold_and_the_plan_keeps_the_rules(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """By the network's prices alone, with groups and lone children: audited, and the optimum is within the bounds."""
    children, homes = instances.draw(seed, 45, 40)
    monkeypatch.setattr(wide_plan, "RELAXED_UP_TO", 0)
    listed, wide = _both(monkeypatch, children, homes)
    proof = wide.proof().set_index("objective")["bound"]
    for name in wide.instance.objectives:
        sign = -1 if name == "weekly_cost" else 1
        if pd.isna(proof[name]) or proof[name] != listed.values[name]:
            assert pd.isna(proof[name]) or sign * proof[name] > sign * listed.values[name], name
            break
    order = [(-1 if name == "weekly_cost" else 1) * wide.values[name] for name in wide.instance.objectives]
    best = [(-1 if name == "weekly_cost" else 1) * listed.values[name] for name in wide.instance.objectives]
    assert order <= best


@pytest.mark.parametrize("seed", [460, 461, 463, 464, 465])  # seed 462 has no school
def test_schools_own_carers_and_scores_count_as_they_do_listed(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    children, homes, _ = varied.draw(seed, 40, 30)
    children["sibling_group"], children["solo"] = "", ""
    scores = varied.draw_options(seed, children, homes).scores
    order = ("placed", "school_within", "in_house", "preference", "within_limit", "weekly_cost")
    order = tuple(name for name in order if scores is not None or name != "preference")
    ask = {"as_of": instances.AS_OF, "objectives": order, "practice": Practice(scores=scores)}
    listed = match(children, homes, **ask)
    monkeypatch.setattr(entrance, "WIDE", 0)
    assert match(children, homes, **ask).values == listed.values


def test_homes_without_a_price_are_told_only_where_a_child_may_live(monkeypatch: pytest.MonkeyPatch) -> None:
    children, homes = instances.draw(431, 20, 20)
    homes["weekly_cost"] = ""
    monkeypatch.setattr(entrance, "WIDE", 0)
    with pytest.raises(InputError, match="weekly_cost is empty"):
        match(children, homes, as_of=instances.AS_OF)
    kinds = pd.DataFrame({"kind": homes["kind"].unique(), "needs_level": "", "from_date": "2020-04-01"})
    priced = match(children, homes, as_of=instances.AS_OF, prices=kinds.assign(weekly_cost="500", source="made up"))
    assert priced.values["weekly_cost"] == 500 * priced.values["placed"]


def test_as_for_all_of_england_siblings_share_the_dearer_home_and_its_surcharge_is_the_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Apart they cost £500 each, together £900: the network's £1,000 and their surcharge of £800 bound the cost."""
    children, homes = instances.draw(431, 2, 3)
    children = children.assign(sibling_group="one", sex="female", needs_level="1", solo="", status="needs_home")
    children = children.assign(date_of_birth="2015-01-01", current_home_id="", home_latitude="", home_longitude="")
    children = children.assign(avoid_homes="", allowed_kinds="", distance_exempt="", max_miles="")
    homes = homes.assign(kind="ifa", min_age="0", max_age="17", sex="any", max_needs_level="3", registered="yes")
    homes = homes.assign(places=["2", "1", "1"], places_free=["2", "1", "1"], weekly_cost=["900", "500", "500"])
    monkeypatch.setattr(wide_plan, "RELAXED_UP_TO", 0)
    _, wide = _both(monkeypatch, children, homes)
    proof = wide.proof().set_index("objective")
    assert wide.values["siblings_together"] == proof.loc["siblings_together", "bound"] == 2
    assert wide.values["weekly_cost"] == proof.loc["weekly_cost", "bound"] == 1800
