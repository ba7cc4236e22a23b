"""An integer programme of the contract's text, written apart from the package: one variable per child and home.

It reads the registers' text cells, measures with geopy, and is solved by scipy. It shares no code with the package and
states sibling groups and lone children in another way (indicators on top of the children's own variables).

How the options of practice (:class:`Options`) are read here; "comes" means any pair but staying in the present home:

- ``never_split``: the group's children who need a home are all in one home or all without. A step-down child of the
  group stays, or moves to a home in which every other child of the group then lives.
- ``parent_and_child``: the same, and a child of the unit who needs a home comes only where all others of it then live.
  Where homes are named, children of the unit come to those only.
- ``reserve``: over the open, registered homes of a kind, places offered less places taken by those who come stay at or
  above the number, or above what is offered now if that is less. Offered: the free places, in a fostering household
  up to three children in all. A child takes one; a lone child, and a whole group above the usual limit, all that the
  home offers. A place that a step-down child leaves is nothing in reserve.
- ``one_level_3``: in a fostering household to which a child of needs level 3 comes, it is the only one of that level
  among those who come, stay, or live there as settled. Those who live there may always stay.
- ``fixed``: a pinned child lives there, a pair ruled out does not come about.
- ``school_within``: miles from home to the school's postcode within ``school_limit_miles``; unknown counts nothing.
- ``in_house``: kinship or in-house fostering. ``preference``: the scores of the pairs chosen, 0 where none is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd
from geopy.distance import geodesic
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

FOSTERING = ("kinship", "in_house_fostering", "ifa")
IN_HOUSE = ("kinship", "in_house_fostering")
MATCHED = (*FOSTERING, "residential", "supported")
DEFAULT_ORDER = ("placed", "within_limit", "siblings_together", "weekly_cost")
MORE_THAN_ANY_HOME_HOLDS = 100.0


class Infeasible(Exception):
    """No plan keeps the rules together with what was fixed."""


@dataclass(frozen=True)
class Options:
    """The options of practice, by the names of the contract; ``schools`` gives the point of each postcode."""

    never_split: tuple[str, ...] | Literal["all"] = ()
    parent_and_child: tuple[str, ...] = ()
    parent_and_child_homes: tuple[str, ...] = ()
    reserve: Mapping[str, int] = field(default_factory=dict)
    one_level_3: bool = False
    school_limit_miles: float = 3.0
    fixed: pd.DataFrame | None = None
    scores: pd.DataFrame | None = None
    schools: Mapping[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Best:
    """The best value of each objective (``weekly_cost`` in pence, as a cost) and one plan that has them."""

    values: dict[str, int]
    home_of: dict[str, str]


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


class Problem:
    """Children of the pool, homes, and the columns: one per pair that may be, one per group and home for all of it."""

    def __init__(self, children: pd.DataFrame, homes: pd.DataFrame, as_of: date, options: Options) -> None:
        self.options = options
        self.pool = [row for row in children.to_dict("records") if row["status"] != "settled"]
        self.settled = [row for row in children.to_dict("records") if row["status"] == "settled"]
        self.houses = homes.to_dict("records")
        self.open = [_is_open(home, as_of) for home in self.houses]
        pairs = [
            (i, h)
            for i, child in enumerate(self.pool)
            for h, home in enumerate(self.houses)
            if _stays(child, home) or _allowed(child, home, as_of)
        ]
        self.column = {pair: number for number, pair in enumerate(pairs)}
        named: dict[str, list[int]] = {}
        for i, child in enumerate(self.pool):
            if child["sibling_group"] and child["solo"] != "true":
                named.setdefault(child["sibling_group"], []).append(i)
        self.families = {name: who for name, who in named.items() if len(who) >= 2}
        everywhere = [
            (name, h)
            for name, who in self.families.items()
            for h in range(len(self.houses))
            if all((i, h) in self.column for i in who)
        ]
        self.whole = {key: len(pairs) + number for number, key in enumerate(everywhere)}
        self.size = len(pairs) + len(everywhere)
        self.rows = Rows()
        self.lower, self.upper = np.zeros(self.size), np.ones(self.size)

    def comers(self, h: int) -> dict[int, int]:
        """Columns of those who would come to a home, by child."""
        return {i: k for (i, at), k in self.column.items() if at == h and not _stays(self.pool[i], self.houses[h])}

    def stayers(self, h: int) -> dict[int, int]:
        """Columns of those who would stay in a home, by child."""
        return {i: k for (i, at), k in self.column.items() if at == h and _stays(self.pool[i], self.houses[h])}

    def offered(self, h: int) -> int:
        """Free places, in a fostering household up to three children in all."""
        home = self.houses[h]
        places, free = int(home["places"]), int(home["places_free"])
        return max(0, min(free, 3 - (places - free))) if home["kind"] in FOSTERING else free

    def takes_whole(self, name: str, h: int) -> bool:
        """Whether a whole group could take an empty fostering household above the usual limit."""
        home, size = self.houses[h], len(self.families[name])
        places = int(home["places"])
        return (
            (name, h) in self.whole
            and home["kind"] in FOSTERING
            and size > 3
            and int(home["places_free"]) == places
            and places >= size
        )


def best_values(
    children: pd.DataFrame,
    homes: pd.DataFrame,
    *,
    as_of: date,
    limit_miles: float = 20.0,
    objectives: tuple[str, ...] = DEFAULT_ORDER,
    options: Options | None = None,
) -> dict[str, int]:
    """Best value of each objective in order; ``weekly_cost`` in pence, as a cost."""
    return best_plan(
        children, homes, as_of=as_of, limit_miles=limit_miles, objectives=objectives, options=options
    ).values


def best_plan(
    children: pd.DataFrame,
    homes: pd.DataFrame,
    *,
    as_of: date,
    limit_miles: float = 20.0,
    objectives: tuple[str, ...] = DEFAULT_ORDER,
    options: Options | None = None,
    lives_at: Mapping[str, str] | None = None,
) -> Best:
    """Best value of each objective in order and a plan; with ``lives_at`` (child → home, all others without a home)
    what that plan is worth. Raises :class:`Infeasible` when no plan, or not that plan, keeps the rules."""
    problem = Problem(children, homes, as_of, options or Options())
    _fix(problem, lives_at)
    if problem.size == 0:
        return Best(dict.fromkeys(objectives, 0), {})
    _child_rows(problem)
    for h in range(len(problem.houses)):
        _home_rows(problem, h)
    _practice_rows(problem)
    gain = _gains(problem, objectives, limit_miles)
    values, chosen = {}, np.zeros(problem.size)
    for name in objectives:
        result = milp(
            -gain[name],
            constraints=problem.rows.constraint(problem.size),
            bounds=Bounds(problem.lower, problem.upper),
            integrality=np.ones(problem.size),
            options={"mip_rel_gap": 0.0},
        )
        if result.status == 2:
            raise Infeasible
        assert result.status == 0, result.message
        chosen = np.rint(result.x)
        values[name] = round(float(gain[name] @ chosen))
        held = {int(k): float(gain[name][k]) for k in np.flatnonzero(gain[name])}
        if held:
            problem.rows.add(held, values[name] - 0.25, np.inf)
    if "weekly_cost" in values:
        values["weekly_cost"] = -values["weekly_cost"]
    lives = {(i, h): k for (i, h), k in problem.column.items() if chosen[k]}
    return Best(values, {problem.pool[i]["child_id"]: problem.houses[h]["home_id"] for i, h in lives})


def _is_open(home: dict[str, str], as_of: date) -> bool:
    if home["registered"] == "false" or home["kind"] not in MATCHED:
        return False
    if home["open_from"] and date.fromisoformat(home["open_from"]) > as_of:
        return False
    return not (home["open_to"] and date.fromisoformat(home["open_to"]) < as_of)


def _stays(child: dict[str, str], home: dict[str, str]) -> bool:
    return child["status"] == "step_down" and child["current_home_id"] == home["home_id"]


def _allowed(child: dict[str, str], home: dict[str, str], as_of: date) -> bool:
    born = date.fromisoformat(child["date_of_birth"])
    age = as_of.year - born.year - ((as_of.month, as_of.day) < (born.month, born.day))
    if not _is_open(home, as_of):
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


def _fix(problem: Problem, lives_at: Mapping[str, str] | None) -> None:
    """Pins and pairs ruled out as bounds; a whole plan likewise."""
    at = {(problem.pool[i]["child_id"], problem.houses[h]["home_id"]): k for (i, h), k in problem.column.items()}
    if lives_at is not None:
        for (child, home), k in at.items():
            problem.lower[k] = problem.upper[k] = float(lives_at.get(child) == home)
        if not all((child, home) in at for child, home in lives_at.items()):
            raise Infeasible
    if problem.options.fixed is None:
        return
    for row in problem.options.fixed.to_dict("records"):
        pair = (row["child_id"], row["home_id"])
        if row["decision"] == "rule_out" and pair in at:
            problem.upper[at[pair]] = 0.0
        elif row["decision"] == "pin" and pair not in at:
            raise Infeasible
        elif row["decision"] == "pin":
            problem.lower[at[pair]] = 1.0
    if (problem.lower > problem.upper).any():
        raise Infeasible


def _child_rows(problem: Problem) -> None:
    """One home each, a step-down child always; a group is whole in a home when each of its children is there."""
    for i, child in enumerate(problem.pool):
        mine = {problem.column[i, h]: 1.0 for h in range(len(problem.houses)) if (i, h) in problem.column}
        if mine:
            problem.rows.add(mine, 1.0 if child["status"] == "step_down" else 0.0, 1.0)
    for (name, h), flag in problem.whole.items():
        for i in problem.families[name]:
            problem.rows.add({flag: 1.0, problem.column[i, h]: -1.0}, -np.inf, 0.0)


def _home_rows(problem: Problem, h: int) -> None:
    """Places, the fostering limit with its exception for large groups, and children who must live alone."""
    comers, stayers = problem.comers(h), problem.stayers(h)
    if not comers:
        return
    usual = problem.offered(h)
    terms = dict.fromkeys(comers.values(), 1.0) | dict.fromkeys(stayers.values(), 1.0)
    for name, who in problem.families.items():
        if problem.takes_whole(name, h):
            terms[problem.whole[name, h]] = -float(len(who) - usual)
            _nobody_else(problem, problem.whole[name, h], [k for i, k in comers.items() if i not in who])
    problem.rows.add(terms, -np.inf, float(usual + len(stayers)))
    for i, number in {**comers, **stayers}.items():
        if problem.pool[i]["solo"] == "true":
            _nobody_else(problem, number, [k for j, k in comers.items() if j != i])


def _nobody_else(problem: Problem, flag: int, others: list[int]) -> None:
    most = MORE_THAN_ANY_HOME_HOLDS
    problem.rows.add(dict.fromkeys(others, 1.0) | {flag: most}, -np.inf, most)


def _practice_rows(problem: Problem) -> None:
    options = problem.options
    groups = tuple(problem.families) if options.never_split == "all" else options.never_split
    for name in sorted(set(groups) | set(options.parent_and_child)):
        if name in problem.families:
            _together_rows(problem, problem.families[name], name in options.parent_and_child)
    for name in options.parent_and_child if options.parent_and_child_homes else ():
        for i in problem.families.get(name, []):
            for h, home in enumerate(problem.houses):
                coming = (i, h) in problem.column and not _stays(problem.pool[i], home)
                if coming and home["home_id"] not in options.parent_and_child_homes:
                    problem.rows.add({problem.column[i, h]: 1.0}, 0.0, 0.0)
    for kind, number in options.reserve.items():
        _reserve_row(problem, kind, number)
    if options.one_level_3:
        for h, home in enumerate(problem.houses):
            if home["kind"] in FOSTERING:
                _one_level_3_rows(problem, h)


def _together_rows(problem: Problem, who: list[int], unit: bool) -> None:
    """A child of the group comes to a home only if the others who must be with it are there too."""
    needing = [i for i in who if problem.pool[i]["status"] != "step_down"]
    for h, home in enumerate(problem.houses):
        for i in who:
            if (i, h) not in problem.column or _stays(problem.pool[i], home):
                continue
            all_needed = unit or i not in needing
            for other in who if all_needed else needing:
                terms = {problem.column[i, h]: 1.0}
                if other != i:
                    if (other, h) in problem.column:
                        terms[problem.column[other, h]] = -1.0
                    problem.rows.add(terms, -np.inf, 0.0)


def _reserve_row(problem: Problem, kind: str, number: int) -> None:
    """Offered less taken stays at the number, or at what is offered now if that is less."""
    taken: dict[int, float] = {}
    offered = 0
    for h, home in enumerate(problem.houses):
        if home["kind"] != kind or not problem.open[h]:
            continue
        offered += problem.offered(h)
        for i, k in problem.comers(h).items():
            taken[k] = float(problem.offered(h)) if problem.pool[i]["solo"] == "true" else 1.0
        for name, who in problem.families.items():
            if problem.takes_whole(name, h):
                taken[problem.whole[name, h]] = float(problem.offered(h) - len(who))
    if taken:
        problem.rows.add(taken, -np.inf, float(offered - min(number, offered)))


def _one_level_3_rows(problem: Problem, h: int) -> None:
    level_3 = [i for i, child in enumerate(problem.pool) if int(child["needs_level"]) == 3]
    comers = {k: 1.0 for i, k in problem.comers(h).items() if i in level_3}
    settled = any(
        child["current_home_id"] == problem.houses[h]["home_id"] and int(child["needs_level"]) == 3
        for child in problem.settled
    )
    if not comers:
        return
    problem.rows.add(comers, -np.inf, 0.0 if settled else 1.0)
    for i, k in problem.stayers(h).items():
        if i in level_3:
            problem.rows.add(comers | {k: 1.0}, -np.inf, 1.0)


def _gains(problem: Problem, objectives: tuple[str, ...], limit_miles: float) -> dict[str, np.ndarray]:
    """What each column adds to each objective."""
    gain = {name: np.zeros(problem.size) for name in objectives}
    scores: dict[tuple[str, str], int] = {}
    if problem.options.scores is not None:
        scores = {(r["child_id"], r["home_id"]): int(r["score"]) for r in problem.options.scores.to_dict("records")}
    for (i, h), number in problem.column.items():
        child, home = problem.pool[i], problem.houses[h]
        values = {
            "placed": 1.0,
            "within_limit": _near(child, home, limit_miles),
            "weekly_cost": -float(round(float(home["weekly_cost"]) * 100)),
            "in_house": float(home["kind"] in IN_HOUSE),
            "preference": float(scores.get((child["child_id"], home["home_id"]), 0)),
        }
        if "school_within" in gain:
            values["school_within"] = _near_school(child, home, problem.options)
        for name in gain.keys() & values.keys():
            gain[name][number] = values[name]
    if "siblings_together" in gain:
        for (name, _), flag in problem.whole.items():
            gain["siblings_together"][flag] = len(problem.families[name])
    return gain


def _near(child: dict[str, str], home: dict[str, str], limit_miles: float) -> float:
    if child["distance_exempt"] == "true" or not child["home_latitude"] or not home["latitude"]:
        return 0.0
    start = (float(child["home_latitude"]), float(child["home_longitude"]))
    miles = geodesic(start, (float(home["latitude"]), float(home["longitude"]))).miles
    return float(miles <= (float(child["max_miles"]) if child["max_miles"] else limit_miles))


def _near_school(child: dict[str, str], home: dict[str, str], options: Options) -> float:
    if not child["school_postcode"] or not home["latitude"]:
        return 0.0
    school = options.schools[child["school_postcode"]]
    miles = geodesic(school, (float(home["latitude"]), float(home["longitude"]))).miles
    return float(miles <= options.school_limit_miles)
