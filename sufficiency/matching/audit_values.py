"""The value of each objective counted afresh from the rows of a plan: see :mod:`.audit`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial

import numpy as np
import pandas as pd

from sufficiency.geography import miles_between
from sufficiency.matching.audit_practice import Reading, Row
from sufficiency.matching.instance import Instance
from sufficiency.vocabulary import IN_HOUSE_KINDS


def counted(plan: Reading, instance: Instance) -> dict[str, float]:
    """Objective → value: children or points, and £ a week; the four usual ones and those that are sought beside."""
    price = cache(partial(_price, instance.prices, instance.as_of))
    pairs = [(plan.children[child], plan.homes[home]) for child, home in plan.lives.items()]
    costs = [
        float(home.weekly_cost) if pd.notna(home.weekly_cost) else price(home.kind, child.needs_level)
        for child, home in pairs
    ]
    usual = {
        "placed": len(plan.lives),
        "within_limit": _near_home(plan, instance.limit_miles),
        "siblings_together": _together(plan),
        "weekly_cost": round(sum(round(cost * 100) for cost in costs) / 100, 2),
    }
    further: dict[str, Callable[[Reading], float]] = {
        "school_within": _near_school,
        "in_house": _in_house,
        "preference": _preference,
    }
    return usual | {name: count(plan) for name, count in further.items() if name in instance.objectives}


def _near_home(plan: Reading, limit_miles: float) -> int:
    """Children whose home is within their own limit, or the one for all; distance a measure for them."""
    near = 0
    for child_id, distance in zip(plan.lives, _miles(plan, "home_"), strict=True):
        child = plan.children[child_id]
        limit = child.max_miles if pd.notna(child.max_miles) else limit_miles
        near += bool(not child.distance_exempt and distance <= limit)
    return near


def _near_school(plan: Reading) -> int:
    """Children whose home is near enough to their school."""
    if not all(hasattr(child, "school_latitude") for child in plan.children.values()):
        return 0
    return int((_miles(plan, "school_") <= plan.practice.school_limit_miles).sum())


def _miles(plan: Reading, of: str) -> np.ndarray:
    """Miles from a point of each child who is placed to its home; NaN where one is unknown."""
    points = [(plan.children[child], f"{of}{axis}") for axis in _AXES for child in plan.lives]
    points += [(plan.homes[home], axis) for axis in _AXES for home in plan.lives.values()]
    degrees = np.array([getattr(row, name) for row, name in points], dtype=float).reshape(4, len(plan.lives))
    return miles_between(*degrees)


_AXES = ("latitude", "longitude")


def _together(plan: Reading) -> int:
    """Children who live with the whole of their group."""
    homes = [[plan.lives.get(child) for child in who] for who in plan.groups.values()]
    return sum(len(each) for each in homes if each[0] is not None and len(set(each)) == 1)


def _in_house(plan: Reading) -> int:
    """Children with the authority's own carers."""
    return sum(plan.homes[home].kind in IN_HOUSE_KINDS for home in plan.lives.values())


def _preference(plan: Reading) -> int:
    """The social workers' scores, added up."""
    if plan.practice.scores is None:
        return 0
    rows: Iterable[Row] = plan.practice.scores.itertuples()
    return sum(int(row.score) for row in rows if plan.lives.get(row.child_id) == row.home_id)


def _price(prices: pd.DataFrame | None, as_of: pd.Timestamp, kind: str, level: int) -> float:
    """The newest price in force for a kind: for the child's needs level where there is one, else for any."""
    if prices is None:
        return float("nan")
    in_force = prices[(prices["kind"] == kind) & (prices["from_date"] <= as_of)]
    own = in_force[in_force["needs_level"].eq(level).fillna(False).astype(bool)]
    rows = own if len(own) else in_force[in_force["needs_level"].isna()]
    return float(rows.sort_values("from_date")["weekly_cost"].iloc[-1])
