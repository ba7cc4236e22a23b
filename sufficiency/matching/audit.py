"""An independent reading of an answer, child by child and home by home, from the rules and not from the model."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sufficiency.errors import SolverError
from sufficiency.geography import miles_between
from sufficiency.matching.pairs import Instance
from sufficiency.vocabulary import FOSTERING_KINDS, MATCHED_KINDS, SUPPORTED_FROM_AGE, USUAL_FOSTERING_LIMIT

if TYPE_CHECKING:
    from sufficiency.matching.plan import Plan

Row = Any
"""One row of a typed register, as ``itertuples`` gives it."""


def audit(plan: Plan, instance: Instance) -> None:
    """Read every row of the plan against the rules, and its values against a fresh count.

    Raises :class:`~sufficiency.errors.SolverError` naming the rules that are broken, and how often.
    """
    children: dict[str, Row] = {str(row.child_id): row for row in _with_age(instance).itertuples()}
    homes: dict[str, Row] = {str(row.home_id): row for row in instance.homes.itertuples()}
    table = plan.table()
    housed = table[table["home_id"].notna()]
    lives = dict(zip(housed["child_id"], housed["home_id"], strict=True))
    breaches = [] if sorted(table["child_id"]) == sorted(children) else ["one row for each child of the pool"]
    for child_id, home_id in lives.items():
        child, home = children[child_id], homes[home_id]
        if not _at_present_home(child, home.home_id):
            breaches += _broken_by_pair(child, home, instance.as_of)
    breaches += [
        "a step-down child keeps a home"
        for child_id, child in children.items()
        if child.status == "step_down" and child_id not in lives
    ]
    breaches += _broken_by_home(children, homes, lives)
    breaches += _broken_by_values(plan, instance, children, homes, lives)
    if breaches:
        found = "; ".join(f"{rule} ({count})" for rule, count in sorted(Counter(breaches).items()))
        raise SolverError(f"The plan breaks rules and is not given: {found}. Please report this.")


def _with_age(instance: Instance) -> pd.DataFrame:
    """The pool with ``age``, counted by whether this year's birthday has come."""
    if "age_years" in instance.children:
        return instance.children.assign(age=instance.children["age_years"].astype(int))
    day = instance.as_of
    ages = [
        day.year - born.year - ((day.month, day.day) < (born.month, born.day))
        for born in instance.children["date_of_birth"]
    ]
    return instance.children.assign(age=ages)


def _at_present_home(child: Row, home_id: str) -> bool:
    return child.status == "step_down" and child.current_home_id == home_id


def _broken_by_pair(child: Row, home: Row, as_of: pd.Timestamp) -> list[str]:
    """Rules between one child and one home."""
    empty = home.places_free == home.places and home.places > 0
    checks = {
        "registered": bool(home.registered),
        "open on the date": not (home.open_from > as_of or home.open_to < as_of),
        "kind that is matched": home.kind in MATCHED_KINDS,
        "supported only from 16": home.kind != "supported" or child.age >= SUPPORTED_FROM_AGE,
        "age": home.min_age <= child.age <= home.max_age,
        "sex": home.sex in ("any", child.sex),
        "needs level": child.needs_level <= home.max_needs_level,
        "allowed kinds": not child.allowed_kinds or home.kind in child.allowed_kinds,
        "homes to avoid": home.home_id not in child.avoid_homes,
        "solo": not child.solo or empty,
    }
    return [rule for rule, holds in checks.items() if not holds]


def _broken_by_home(children: dict[str, Row], homes: dict[str, Row], lives: dict[str, str]) -> list[str]:
    """Rules of how many may live in each home, and with whom."""
    comers: dict[str, list[Row]] = defaultdict(list)
    stayers: dict[str, list[Row]] = defaultdict(list)
    gone: Counter[str] = Counter()
    for child_id, home_id in lives.items():
        child = children[child_id]
        (stayers if _at_present_home(child, home_id) else comers)[home_id].append(child)
        if child.status == "step_down" and child.current_home_id != home_id:
            gone[child.current_home_id] += 1
    breaches = []
    for home_id, come in comers.items():
        home, staying = homes[home_id], stayers[home_id]
        lived_in = home.places - home.places_free
        together = come + staying
        solo = any(child.solo for child in together)
        if solo and len(together) > 1 and (len(come) > 1 or any(child.solo for child in staying)):
            breaches.append("solo child alone in the home")
        if len(come) > home.places_free + gone[home_id]:
            breaches.append("places free")
        if home.kind in FOSTERING_KINDS and not _household_is_usual(home, lived_in, come, gone[home_id], children):
            breaches.append("usual fostering limit")
    return breaches


def _household_is_usual(home: Row, lived_in: int, come: list[Row], gone: int, children: dict[str, Row]) -> bool:
    """At most three children after the moves, or no more than there were (a household with an exemption), or one whole
    sibling group in a household that was empty."""
    if lived_in - gone + len(come) <= max(USUAL_FOSTERING_LIMIT, lived_in):
        return True
    groups = {child.sibling_group for child in come}
    whole = len(groups) == 1 and pd.notna(come[0].sibling_group) and len(come) == _group_size(children, *groups)
    return bool(whole and lived_in == 0 and len(come) <= home.places)


def _group_size(children: dict[str, Row], group: str) -> int:
    return sum(child.sibling_group == group for child in children.values())


def _broken_by_values(
    plan: Plan, instance: Instance, children: dict[str, Row], homes: dict[str, Row], lives: dict[str, str]
) -> list[str]:
    """The value of each objective in the plan against a count from its rows."""
    placed = list(lives)
    miles = miles_between(
        *(np.array([getattr(children[c], f"home_{axis}") for c in placed], dtype=float) for axis in _AXES),
        *(np.array([getattr(homes[lives[c]], axis) for c in placed], dtype=float) for axis in _AXES),
    )
    near = 0
    for child_id, distance in zip(placed, miles, strict=True):
        child = children[child_id]
        limit = child.max_miles if pd.notna(child.max_miles) else instance.limit_miles
        near += bool(not child.distance_exempt and distance <= limit)
    groups = defaultdict(list)
    for child_id, child in children.items():
        if pd.notna(child.sibling_group) and not child.solo:
            groups[child.sibling_group].append(lives.get(child_id))
    together = sum(len(g) for g in groups.values() if len(g) > 1 and len(set(g)) == 1 and g[0] is not None)
    costs = [_weekly_cost(children[c], homes[lives[c]], instance) for c in placed]
    counted = {
        "placed": len(placed),
        "within_limit": near,
        "siblings_together": together,
        "weekly_cost": round(sum(round(cost * 100) for cost in costs) / 100, 2),
    }
    return [f"value of {name}" for name, value in counted.items() if plan.values[name] != value]


_AXES = ("latitude", "longitude")


def _weekly_cost(child: Row, home: Row, instance: Instance) -> float:
    """The home's own cost, else the newest price in force: for the child's level where there is one, else for any."""
    if pd.notna(home.weekly_cost) or instance.prices is None:
        return float(home.weekly_cost)
    prices = instance.prices
    in_force = prices[(prices["kind"] == home.kind) & (prices["from_date"] <= instance.as_of)]
    own = in_force[in_force["needs_level"].eq(child.needs_level).fillna(False).astype(bool)]
    rows = own if len(own) else in_force[in_force["needs_level"].isna()]
    return float(rows.sort_values("from_date")["weekly_cost"].iloc[-1])
