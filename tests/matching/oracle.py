"""An integer programme of the contract's text, written apart from the package: one variable per child and home.

It reads the registers' text cells, measures with geopy, and is solved by scipy. It shares no code with the package and
states sibling groups and lone children in another way (indicators on top of the children's own variables).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd
from geopy.distance import geodesic
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

FOSTERING = ("kinship", "in_house_fostering", "ifa")
MATCHED = (*FOSTERING, "residential", "supported")


@dataclass
class Rows:
    """Constraints as they are gathered: each a dict of column → coefficient with a lower and an upper bound."""

    terms: list[dict[int, float]] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)

    def add(self, terms: dict[int, float], lower: float, upper: float) -> None:
        self.terms.append(terms)
        self.lower.append(lower)
        self.upper.append(upper)

    def constraint(self, columns: int) -> LinearConstraint:
        entries = [(row, column, value) for row, terms in enumerate(self.terms) for column, value in terms.items()]
        row, column, value = zip(*entries, strict=True)
        return LinearConstraint(csr_array((value, (row, column)), (len(self.terms), columns)), self.lower, self.upper)


def best_values(
    children: pd.DataFrame,
    homes: pd.DataFrame,
    *,
    as_of: date,
    limit_miles: float = 20.0,
    objectives: tuple[str, ...] = ("placed", "within_limit", "siblings_together", "weekly_cost"),
) -> dict[str, int]:
    """Best value of each objective in order; ``weekly_cost`` in pence, as a cost."""
    pool = [row for row in children.to_dict("records") if row["status"] != "settled"]
    houses = homes.to_dict("records")
    column = {
        (i, h): number
        for number, (i, h) in enumerate(
            (i, h)
            for i, child in enumerate(pool)
            for h, home in enumerate(houses)
            if _stays(child, home) or _allowed(child, home, as_of)
        )
    }
    families: dict[str, list[int]] = {}
    for i, child in enumerate(pool):
        if child["sibling_group"]:
            families.setdefault(child["sibling_group"], []).append(i)
    families = {name: who for name, who in families.items() if len(who) >= 2}
    whole = {
        (name, h): len(column) + number
        for number, (name, h) in enumerate(
            (name, h)
            for name, who in families.items()
            for h in range(len(houses))
            if all((i, h) in column for i in who)
        )
    }
    size = len(column) + len(whole)
    if size == 0:
        return dict.fromkeys(objectives, 0)
    rows = Rows()
    for i, child in enumerate(pool):
        mine = {column[i, h]: 1.0 for h in range(len(houses)) if (i, h) in column}
        if mine:
            rows.add(mine, 1.0 if child["status"] == "step_down" else 0.0, 1.0)
    for (name, h), flag in whole.items():
        for i in families[name]:
            rows.add({flag: 1.0, column[i, h]: -1.0}, -np.inf, 0.0)
    for h, home in enumerate(houses):
        _home_rows(rows, h, home, pool, column, families, whole)
    gain = {name: np.zeros(size) for name in objectives}
    for (i, h), number in column.items():
        for name, value in _gains(pool[i], houses[h], limit_miles).items():
            if name in gain:
                gain[name][number] = value
    if "siblings_together" in gain:
        for (name, _), flag in whole.items():
            gain["siblings_together"][flag] = len(families[name])
    answer: dict[str, int] = {}
    for name in objectives:
        result = milp(
            -gain[name],
            constraints=rows.constraint(size),
            bounds=Bounds(0, 1),
            integrality=np.ones(size),
            options={"mip_rel_gap": 0.0},
        )
        assert result.status == 0, result.message
        answer[name] = round(float(gain[name] @ np.rint(result.x)))
        held = {int(k): float(gain[name][k]) for k in np.flatnonzero(gain[name])}
        if held:
            rows.add(held, answer[name] - 0.25, np.inf)
    return {name: abs(value) for name, value in answer.items()}


def _stays(child: dict[str, str], home: dict[str, str]) -> bool:
    return child["status"] == "step_down" and child["current_home_id"] == home["home_id"]


def _allowed(child: dict[str, str], home: dict[str, str], as_of: date) -> bool:
    born = date.fromisoformat(child["date_of_birth"])
    age = as_of.year - born.year - ((as_of.month, as_of.day) < (born.month, born.day))
    if home["registered"] == "false" or home["kind"] not in MATCHED:
        return False
    if home["open_from"] and date.fromisoformat(home["open_from"]) > as_of:
        return False
    if home["open_to"] and date.fromisoformat(home["open_to"]) < as_of:
        return False
    if home["kind"] == "supported" and age < 16:
        return False
    if not int(home["min_age"]) <= age <= int(home["max_age"]):
        return False
    if home["sex"] in ("female", "male") and home["sex"] != child["sex"]:
        return False
    if int(child["needs_level"]) > int(home["max_needs_level"]):
        return False
    if child["allowed_kinds"] and home["kind"] not in child["allowed_kinds"].split(";"):
        return False
    if home["home_id"] in child["avoid_homes"].split(";"):
        return False
    return not (child["solo"] == "true" and home["places_free"] != home["places"])


def _home_rows(
    rows: Rows,
    h: int,
    home: dict[str, str],
    pool: list[dict[str, str]],
    column: dict[tuple[int, int], int],
    families: dict[str, list[int]],
    whole: dict[tuple[str, int], int],
) -> None:
    """Places, the fostering limit with its exception for large groups, and children who must live alone."""
    places, free = int(home["places"]), int(home["places_free"])
    lived_in = places - free
    comers = {i: column[i, h] for i in range(len(pool)) if (i, h) in column and not _stays(pool[i], home)}
    stayers = {i: column[i, h] for i in range(len(pool)) if (i, h) in column and _stays(pool[i], home)}
    if not comers:
        return
    usual = max(0, min(free, 3 - lived_in)) if home["kind"] in FOSTERING else free
    terms = dict.fromkeys(comers.values(), 1.0)
    limit = float(usual + len(stayers))
    terms |= dict.fromkeys(stayers.values(), 1.0)
    for name, who in families.items():
        if (name, h) in whole and home["kind"] in FOSTERING and len(who) > 3 and free == places >= len(who):
            terms[whole[name, h]] = -float(len(who) - usual)
            others = {number: 1.0 for i, number in comers.items() if i not in who}
            rows.add(others | {whole[name, h]: 100.0}, -np.inf, 100.0)
    rows.add(terms, -np.inf, limit)
    for i, number in {**comers, **stayers}.items():
        if pool[i]["solo"] == "true":
            others = {other: 1.0 for j, other in comers.items() if j != i}
            rows.add(others | {number: 100.0}, -np.inf, 100.0)


def _gains(child: dict[str, str], home: dict[str, str], limit_miles: float) -> dict[str, float]:
    """What one pair adds to each objective but siblings."""
    near = 0.0
    if child["distance_exempt"] != "true" and child["home_latitude"]:
        start = (float(child["home_latitude"]), float(child["home_longitude"]))
        miles = geodesic(start, (float(home["latitude"]), float(home["longitude"]))).miles
        near = float(miles <= (float(child["max_miles"]) if child["max_miles"] else limit_miles))
    return {"placed": 1.0, "within_limit": near, "weekly_cost": -float(round(float(home["weekly_cost"]) * 100))}
