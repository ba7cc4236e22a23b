"""The way for small instances: dense assignments, and branch and bound on all aims in one weight."""

from __future__ import annotations

import time

import numpy as np
import pytest

from sufficiency.matching.assignment import MOST_CELLS, assign, is_small
from sufficiency.matching.at_once import best_at_once
from sufficiency.matching.flow import Network, NoFlowError, best_flow
from sufficiency.matching.narrow import fits
from sufficiency.matching.optimum import best
from sufficiency.matching.pairs import build_instance
from sufficiency.matching.programme import programme_of
from sufficiency.matching.solve import optimise
from sufficiency.records.registers import check_register
from tests.matching import varied
from tests.matching.instances import AS_OF, draw

DRAWS = (*range(12), 26, 57)
"""The relaxation's bound is out of reach in the last two."""


def network(seed: int, *, dense: bool) -> tuple[Network, np.ndarray]:
    """A random network in which some children must be placed and some homes filled, and a weight per pair."""
    draws = np.random.default_rng(seed)
    children, homes = draws.integers(1, 12, 2)
    child, home = np.nonzero(draws.random((children, homes)) < 0.5)
    must, full = draws.random(children) < 0.2, draws.random(homes) < 0.1
    return (
        Network(child, home, draws.integers(0, 3, homes), must, full, dense),
        draws.integers(-50, 200, len(child)),
    )


def worth(seed: int, *, dense: bool) -> int | None:
    net, weight = network(seed, dense=dense)
    try:
        pair = best_flow(net, {"weight": weight}).pair
    except NoFlowError:
        return None
    assert (pair >= 0)[net.must].all()
    filled = np.bincount(net.home[pair[pair >= 0]], minlength=len(net.capacity))
    assert (filled <= net.capacity).all()
    assert (filled == net.capacity)[net.full].all()
    return int(weight[pair[pair >= 0]].sum())


def test_dense_assignment_equals_the_flow() -> None:
    answers = [(worth(seed, dense=True), worth(seed, dense=False)) for seed in range(300)]
    assert [dense for dense, _ in answers] == [flow for _, flow in answers]
    assert 20 < sum(dense is None for dense, _ in answers) < 250


def test_children_who_must_be_placed_and_cannot_be_have_no_assignment() -> None:
    two = Network(np.array([0, 1]), np.array([0, 0]), np.array([1]), np.array([True, True]), np.array([False]))
    assert assign(two, np.arange(2), np.array([5, 7]), two.must, two.full) is None
    only_one = assign(two, np.arange(2), np.array([5, 7]), np.array([True, False]), two.full)
    assert only_one is not None
    assert only_one.tolist() == [0, -1]


def test_dense_only_where_sums_stay_whole_and_the_table_is_small() -> None:
    net, weight = network(1, dense=True)
    assert is_small(net, weight)
    assert not is_small(net, weight.astype(np.int64) * 2**50)
    many = int(MOST_CELLS**0.5) + 1
    nobody = np.zeros(0, dtype=int)
    none = np.zeros(many, dtype=bool)
    assert not is_small(Network(nobody, nobody, np.zeros(many, dtype=int), none, none), nobody)


def test_all_aims_in_one_weight_equal_aim_by_aim() -> None:
    """Against HiGHS over every column as whole numbers."""
    found = []
    for seed in DRAWS:
        children, homes = draw(seed, 16, 12)
        children, _ = check_register("children", children, "children.csv")
        homes, _ = check_register("homes", homes, "homes.csv")
        instance = build_instance(children, homes, as_of=AS_OF)
        programme = programme_of(instance)
        answer = best_at_once(instance, programme, time.monotonic() + 60)
        if answer is None:
            continue
        assert fits(programme, answer.chosen)
        assert (answer.near >= answer.chosen).all()
        values = {name: int(weights[answer.chosen].sum()) for name, weights in programme.aims.items()}
        assert values == dict(optimise(programme).values)
        found.append(answer.branched)
    assert len(found) > len(DRAWS) // 3
    assert True in found
    assert False in found


@pytest.mark.parametrize("objectives", [("placed", "siblings_together", "weekly_cost", "within_limit")])
def test_other_orders_of_the_aims(objectives: tuple[str, ...]) -> None:
    for seed in range(8):
        children, homes = draw(seed, 16, 12)
        children, _ = check_register("children", children, "children.csv")
        homes, _ = check_register("homes", homes, "homes.csv")
        instance = build_instance(children, homes, as_of=AS_OF, objectives=objectives)
        programme = programme_of(instance)
        answer = best_at_once(instance, programme, time.monotonic() + 60)
        if answer is not None:
            values = {name: int(weights[answer.chosen].sum()) for name, weights in programme.aims.items()}
            assert values == dict(optimise(programme).values)


@pytest.mark.parametrize("seed", [300013, 300229])
def test_a_group_that_leaves_a_home_empty_that_must_be_full_is_no_plan(seed: int) -> None:
    """The only four children go together to an empty home, and no pair is left to say that another must be full."""
    order = ("placed", "weekly_cost", "siblings_together", "within_limit")
    draws = np.random.default_rng([seed, 9])
    number, homes = int(draws.integers(2, 46)), int(draws.integers(0, 41))
    children, register, limit = varied.draw(seed, number, homes)
    children, _ = check_register("children", children, "children.csv")
    register, _ = check_register("homes", register, "homes.csv")
    instance = build_instance(children, register, as_of=AS_OF, limit_miles=limit, objectives=order)
    assert best(instance).values == optimise(programme_of(instance)).values
