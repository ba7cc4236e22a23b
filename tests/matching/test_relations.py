"""What must hold between two runs: more places never hurt, names and row order mean nothing, halves add up."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from sufficiency.matching.entrance import match
from sufficiency.matching.plan import Plan

from . import instances, oracle, varied

ORDERS = [("placed", *rest) for rest in permutations(oracle.DEFAULT_ORDER[1:])]
Registers = tuple[pd.DataFrame, pd.DataFrame, float]


def _plan(children: pd.DataFrame, homes: pd.DataFrame, limit: float, order: tuple[str, ...]) -> Plan:
    return match(children, homes, limit_miles=limit, objectives=order, as_of=instances.AS_OF)


def _values(
    children: pd.DataFrame, homes: pd.DataFrame, limit: float, order: tuple[str, ...] = oracle.DEFAULT_ORDER
) -> tuple[int, ...]:
    """The values in their order, the cost in pence and as a negative: the larger the better in each."""
    values = dict(_plan(children, homes, limit, order).values)
    values["weekly_cost"] = -round(values["weekly_cost"] * 100)
    return tuple(int(values[name]) for name in order)


def _order(seed: int) -> tuple[str, ...]:
    return ORDERS[seed % len(ORDERS)]


def _with_row(table: pd.DataFrame, row: int, **cells: str) -> pd.DataFrame:
    """The table with a copy of one of its rows in which some cells are others."""
    return pd.concat([table, table.iloc[[row]].assign(**cells)], ignore_index=True)


@pytest.mark.parametrize("seed", range(200, 212))
def test_one_more_place_never_makes_the_plan_worse(seed: int) -> None:
    """A place more widens the choice, so no value falls before another has risen.

    (An empty home would offer a lone child the same home, and the lone child would still take all of it.)
    """
    children, homes, limit = varied.draw(seed, 24, 18)
    wider = homes.copy()
    row = int(np.flatnonzero(homes["kind"] != "secure")[seed % 10])
    for column in ("places", "places_free"):
        wider.loc[row, column] = str(int(homes.loc[row, column]) + 1)
    assert _values(children, wider, limit, _order(seed)) >= _values(children, homes, limit, _order(seed))


@pytest.mark.parametrize("seed", range(210, 218))
def test_names_and_row_order_change_no_value(seed: int) -> None:
    children, homes, limit = varied.draw(seed, 24, 18)
    rng = np.random.default_rng(seed)
    renamed = {name: f"home {number}" for number, name in enumerate(rng.permutation(homes["home_id"]))}
    groups = {name: f"g{number}" for number, name in enumerate(rng.permutation(children["sibling_group"].unique()))}
    other_homes = homes.assign(home_id=homes["home_id"].map(renamed)).sample(frac=1, random_state=seed)
    other_children = children.assign(
        child_id=[f"x{number}" for number in rng.permutation(len(children))],
        sibling_group=children["sibling_group"].map(groups | {"": ""}),
        current_home_id=children["current_home_id"].map(lambda name: renamed.get(name, name)),
        avoid_homes=children["avoid_homes"].map(lambda cell: ";".join(renamed.get(n, n) for n in cell.split(";"))),
    ).sample(frac=1, random_state=seed)
    same = _values(children, homes, limit, _order(seed))
    assert _values(other_children, other_homes, limit, _order(seed)) == same


def test_row_order_changes_no_byte(tmp_path) -> None:
    children, homes = instances.draw(5, 24, 18)
    match(children, homes, as_of=instances.AS_OF).write(tmp_path / "as_given")
    shuffled = children.sample(frac=1, random_state=1), homes.sample(frac=1, random_state=2)
    match(*shuffled, as_of=instances.AS_OF).write(tmp_path / "shuffled")
    for name in ("matches.csv", "worth_of_a_place.csv", "summary.json"):
        assert (tmp_path / "as_given" / name).read_bytes() == (tmp_path / "shuffled" / name).read_bytes()


USELESS = {
    "full": {"places": "2", "places_free": "0"},
    "unregistered": {"registered": "false"},
    "outside the pool": {"kind": "secure"},
    "not open yet": {"open_from": "2025-04-01"},
    "closed": {"open_to": "2025-03-30"},
    "for nobody's age": {"min_age": "18", "max_age": "20"},
}


@pytest.mark.parametrize(("seed", "why"), [*enumerate(USELESS)])
def test_a_home_that_nobody_can_use_changes_nothing(seed: int, why: str) -> None:
    """However near and cheap the home is."""
    children, homes, limit = varied.draw(seed + 220, 24, 18)
    best = {"kind": "in_house_fostering", "min_age": "0", "max_age": "17", "sex": "any", "max_needs_level": "3"}
    cells = best | {"places": "3", "places_free": "3", "weekly_cost": "1", "registered": "", "open_from": ""}
    more = _with_row(homes, 0, **(cells | {"open_to": "", "home_id": "NEW"} | USELESS[why]))
    assert _values(children, more, limit, _order(seed)) == _values(children, homes, limit, _order(seed))
    of_use = _with_row(homes, 0, **(cells | {"open_to": "", "home_id": "NEW"}))
    assert _values(children, of_use, limit, _order(seed)) > _values(children, homes, limit, _order(seed))


def _split(homes: pd.DataFrame, row: int) -> pd.DataFrame:
    """One of the free places of a home as a second home at the same address, on the same terms."""
    halves = _with_row(homes, row, home_id="SPLIT", places="1", places_free="1")
    for name in ("places", "places_free"):
        halves.loc[row, name] = str(int(homes.loc[row, name]) - 1)
    return halves


def _splittable(seed: int) -> tuple[pd.DataFrame, pd.DataFrame, float, int]:
    """An instance with a residential home of two or more free places that all may use but lone children."""
    children, homes, limit = varied.draw(seed, 28, 18)
    row = int(np.flatnonzero(homes["kind"] == "residential")[0])
    terms = {"min_age": "0", "max_age": "17", "sex": "any", "max_needs_level": "3", "registered": "", "open_from": ""}
    lived_in = int(homes.loc[row, "places"]) - int(homes.loc[row, "places_free"])
    size = {"places": str(lived_in + 3), "places_free": "3", "open_to": "", "weekly_cost": "700"}
    for name, cell in (terms | size).items():
        homes.loc[row, name] = cell
    return children.assign(solo="", avoid_homes="", allowed_kinds=""), homes, limit, row


@pytest.mark.parametrize("seed", range(230, 236))
def test_a_home_split_in_two_serves_as_before_without_siblings(seed: int) -> None:
    """Without siblings and lone children every objective in every order stays: only the sum of the places counts."""
    children, homes, limit, row = _splittable(seed)
    children["sibling_group"] = ""
    same = _values(children, homes, limit, _order(seed))
    assert _values(children, _split(homes, row), limit, _order(seed)) == same


@pytest.mark.parametrize("seed", range(236, 242))
def test_a_home_split_in_two_can_part_siblings_and_nothing_else(seed: int) -> None:
    """Placed, within the limit and cost stay when they come first; fewer siblings may be together, never more."""
    children, homes, limit, row = _splittable(seed)
    order = ("placed", "within_limit", "weekly_cost", "siblings_together")
    *before, together = _values(children, homes, limit, order)
    *after, still_together = _values(children, _split(homes, row), limit, order)
    assert after == before
    assert still_together <= together


@pytest.mark.parametrize("seed", range(240, 248))
def test_one_more_child_never_costs_another_its_home(seed: int) -> None:
    """A child without siblings adds one to the placed or none; it never lowers them."""
    children, homes, limit = varied.draw(seed, 24, 14)
    row = int(np.flatnonzero(children["status"] != "step_down")[0])
    alone = {"child_id": "NEW", "status": "needs_home", "sibling_group": "", "current_home_id": ""}
    before = _values(children, homes, limit, _order(seed))[0]
    after = _values(_with_row(children, row, **alone), homes, limit, _order(seed))[0]
    assert before <= after <= before + 1


@pytest.mark.parametrize("seed", range(250, 256))
def test_a_tighter_limit_never_brings_more_within(seed: int) -> None:
    """From 40 miles down to none: as many placed, and ever fewer within the limit."""
    children, homes, _ = varied.draw(seed, 24, 18)
    reached = [_values(children, homes, limit)[:2] for limit in (40.0, 20.0, 12.0, 6.0, 2.0, 0.0)]
    assert len({placed for placed, _ in reached}) == 1
    within = [number for _, number in reached]
    assert within == sorted(within, reverse=True)
    assert within[0] > within[-1]


@pytest.mark.parametrize("seed", range(260, 264))
def test_a_home_that_the_plan_leaves_empty_can_go(seed: int) -> None:
    children, homes, limit = varied.draw(seed, 24, 24)
    plan = _plan(children, homes, limit, _order(seed))
    used = {*plan.table()["home_id"].dropna(), *children["current_home_id"]}
    empty = homes[~homes["home_id"].isin(used)]
    assert len(empty)
    kept = homes.drop(empty.index)
    assert _values(children, kept, limit, _order(seed)) == _values(children, homes, limit, _order(seed))


@pytest.mark.parametrize("seed", range(264, 268))
def test_twice_the_price_costs_twice_as_much(seed: int) -> None:
    children, homes, limit = varied.draw(seed, 24, 20)
    dearer = homes.assign(weekly_cost=homes["weekly_cost"].map(lambda pounds: f"{2 * float(pounds):.2f}"))
    now, then = (
        dict(zip(_order(seed), _values(children, register, limit, _order(seed)), strict=True))
        for register in (homes, dearer)
    )
    assert then == now | {"weekly_cost": 2 * now["weekly_cost"]}


def _other_place(side: Registers, mark: str) -> Registers:
    """The same instance with all its names marked."""

    def marked(cell: str) -> str:
        return ";".join(f"{mark}{name}" for name in cell.split(";")) if cell else ""

    children, homes, limit = side
    columns = ("child_id", "sibling_group", "current_home_id", "avoid_homes")
    return (
        children.assign(**{name: children[name].map(marked) for name in columns}),
        homes.assign(home_id=homes["home_id"].map(marked)),
        limit,
    )


@pytest.mark.parametrize("seed", range(270, 276))
def test_two_councils_side_by_side_add_up(seed: int) -> None:
    """Where no child may live in the other's homes, every value of both together is the sum of the two."""
    sides = [_other_place(varied.draw(seed + shift, 16, 12), mark) for shift, mark in ((0, "a"), (100, "b"))]
    parted = [
        children.assign(avoid_homes=children["avoid_homes"].map(lambda cell, away=away: ";".join([cell, *away])))
        for (children, _, _), (_, other, _) in zip(sides, sides[::-1], strict=True)
        for away in [other["home_id"]]
    ]
    children, homes = pd.concat(parted), pd.concat([homes for _, homes, _ in sides])
    apart = [_values(*side[:2], 20.0, _order(seed)) for side in sides]
    assert _values(children, homes, 20.0, _order(seed)) == tuple(a + b for a, b in zip(*apart, strict=True))
