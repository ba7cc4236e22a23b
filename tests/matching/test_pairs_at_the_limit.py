"""Which pairs are within the limit is what geopy says, pair for pair, with homes within metres of it or on it."""

from __future__ import annotations

import geopy.distance
import numpy as np
import pandas as pd
import pytest

from sufficiency.matching.pairs import build_instance
from sufficiency.records.registers import check_register

from . import instances

LIMITS = (1.0, 5.0, 20.0, 31.4, 100.0, 300.0)
METRES_OFF = (5.0, 1.0, 0.1, 0.01, 0.001, 0.00001)
BEARINGS = (0.0, 90.0, 180.0, 270.0)
"""Due north and south share the meridian; due east and west leave the parallel only slowly."""
SOUTH, NORTH, WEST, EAST = 49.0, 61.0, -9.0, 2.0
"""The British Isles, as far as a register's point may lie."""

Point = tuple[float, float]


def _inside(point: Point) -> bool:
    return SOUTH <= point[0] <= NORTH and WEST <= point[1] <= EAST


def _homes_about(rng: np.random.Generator, start: Point, miles: float) -> list[Point]:
    """The point itself, and points just within and just beyond the limit, some straight north, south, east and west."""
    bearings = [*BEARINGS, *rng.uniform(0, 360, 6)]
    points = [start]
    for bearing in bearings:
        metres = float(rng.choice(METRES_OFF)) * float(rng.choice([-1, 1]))
        there = geopy.distance.geodesic(miles=miles, meters=metres).destination(start, bearing=bearing)
        points.append((there.latitude, there.longitude))
    return [point for point in points if _inside(point)]


def _registers(
    starts: list[Point | None], limits: list[float | None], exempt: list[bool], homes: list[Point | None]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Typed registers in which every child may live in every home; points go in past the check, as many are at sea."""
    born = (instances.AS_OF - pd.DateOffset(years=10)).strftime("%Y-%m-%d")
    children = pd.DataFrame(
        {
            "child_id": [f"C{number:04d}" for number in range(len(starts))],
            "max_miles": ["" if limit is None else repr(limit) for limit in limits],
            "distance_exempt": ["true" if each else "" for each in exempt],
        }
    ).assign(date_of_birth=born, needs_level="1")
    register = pd.DataFrame({"home_id": [f"H{number:04d}" for number in range(len(homes))]}).assign(
        kind="residential", places="9", places_free="9", min_age="0", max_age="17", max_needs_level="3", weekly_cost="5"
    )
    children, faults = check_register("children", children, "children.csv")
    register, more = check_register("homes", register, "homes.csv")
    assert not faults + more
    latitude, longitude = zip(*[point or (np.nan, np.nan) for point in starts], strict=True)
    children = children.assign(home_latitude=latitude, home_longitude=longitude)
    latitude, longitude = zip(*[point or (np.nan, np.nan) for point in homes], strict=True)
    return children, register.assign(latitude=latitude, longitude=longitude)


def _within(children: pd.DataFrame, homes: pd.DataFrame, limit_miles: float) -> dict[tuple[int, int], int]:
    instance = build_instance(children, homes, limit_miles=limit_miles, as_of=instances.AS_OF)
    pairs = zip(instance.pair_child.tolist(), instance.pair_home.tolist(), strict=True)
    return dict(zip(pairs, instance.pair_within.tolist(), strict=True))


def _as_geopy_says(start: Point | None, home: Point | None, limit_miles: float, exempt: bool = False) -> int:
    if exempt or start is None or home is None:
        return -1
    return int(geopy.distance.geodesic(start, home).miles <= limit_miles)


@pytest.mark.parametrize("limit_miles", LIMITS)
def test_pairs_within_the_limit_are_those_of_geopy(limit_miles: float) -> None:
    """Children all over the country; some with limits of their own, exempt, or without a known home."""
    rng = np.random.default_rng(int(limit_miles * 10))
    starts: list[Point | None] = [(rng.uniform(SOUTH, NORTH), rng.uniform(WEST, EAST)) for _ in range(12)]
    starts += [(SOUTH, WEST), (NORTH, EAST), (51.5, 0.0), None]
    own = [float(rng.choice(LIMITS)) if rng.random() < 0.25 else None for _ in starts]
    exempt = [bool(rng.random() < 0.1) for _ in starts]
    homes: list[Point | None] = [None]
    for start, limit in zip(starts, own, strict=True):
        homes += _homes_about(rng, start, limit or limit_miles) if start else []
    found = _within(*_registers(starts, own, exempt, homes), limit_miles)
    assert found == {
        (i, h): _as_geopy_says(start, home, own[i] or limit_miles, exempt[i])
        for i, start in enumerate(starts)
        for h, home in enumerate(homes)
    }
    assert {-1, 0, 1} <= set(found.values())


def test_a_hair_decides() -> None:
    """A home a hundredth of a millimetre beyond 20 miles is beyond them, and one as much nearer is within."""
    start, bearings = (51.5584, -1.7820), range(0, 360, 7)
    homes: list[Point | None] = []
    for metres in (-0.00001, 0.00001):
        reach = geopy.distance.geodesic(miles=20, meters=metres)
        there = [reach.destination(start, bearing=bearing) for bearing in bearings]
        homes += [(point.latitude, point.longitude) for point in there]
    found = _within(*_registers([start], [None], [False], homes), 20.0)
    assert [found[0, h] for h in range(len(homes))] == [1] * len(bearings) + [0] * len(bearings)


def test_no_distance_is_within_no_miles() -> None:
    """With a limit of 0 the home at the very same point is within it, and one a millimetre off is not."""
    start = (54.9, -3.2)
    near = geopy.distance.geodesic(meters=0.001).destination(start, bearing=33)
    found = _within(*_registers([start], [None], [False], [start, (near.latitude, near.longitude)]), 0.0)
    assert found == {(0, 0): 1, (0, 1): 0}


def test_many_homes_around_many_children() -> None:
    """A crowd on one town and its ring: every pair lies within a few hundred metres of the limit or well inside."""
    rng = np.random.default_rng(20)
    starts: list[Point | None] = [(51.56 + rng.normal(0, 0.003), -1.78 + rng.normal(0, 0.003)) for _ in range(25)]
    homes: list[Point | None] = []
    for _ in range(60):
        reach = geopy.distance.geodesic(miles=20 + rng.normal(0, 0.2))
        there = reach.destination((51.56, -1.78), bearing=rng.uniform(0, 360))
        homes.append((there.latitude, there.longitude))
    found = _within(*_registers(starts, [None] * 25, [False] * 25, homes), 20.0)
    expected = {
        (i, h): _as_geopy_says(start, home, 20.0) for i, start in enumerate(starts) for h, home in enumerate(homes)
    }
    assert found == expected
    assert 0.2 < np.mean(list(found.values())) < 0.8
