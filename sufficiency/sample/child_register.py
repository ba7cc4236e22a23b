"""``children.csv``: every child looked after at the end of the returns, with what the 903 does not hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.sample.chance import choose_exactly, draw
from sufficiency.sample.homes import Home, Residents
from sufficiency.sample.postcodes import Place

STEP_DOWN: Final = 24
NEEDS_HOME: Final = 44
"""Children whose plan is a family, and whose placement is ending or new: assumptions within the brief of an authority
of this size (64 children in residential care against 44 budgeted, Swindon 2025)."""

TOGETHER_SHARE: Final = 0.95
SCHOOL_SHARE: Final = 0.7
FAMILY_KINDS: Final = "kinship;in_house_fostering;ifa"
COLUMNS: Final = (
    "child_id date_of_birth sex needs_level home_postcode school_postcode sibling_group status current_home_id "
    "max_miles distance_exempt avoid_homes solo allowed_kinds"
).split()
MOVABLE: Final = {"ifa": 1.0, "residential": 1.5, "supported": 0.8, "kinship": 0.5, "other": 3.0}


@dataclass(frozen=True)
class Statuses:
    """Who waits for a home and whose plan is to step down; everyone else is settled."""

    step_down: frozenset[int]
    needs_home: frozenset[int]

    def of(self, period: int) -> str:
        """The register's word."""
        if period in self.step_down:
            return "step_down"
        return "needs_home" if period in self.needs_home else "settled"


def child_register(
    who: Residents, homes: list[Home], places: tuple[Place, ...], rng: np.random.Generator
) -> pd.DataFrame:
    """The register, one row per child, in the contract's columns."""
    lives = {period: home.home_id for home in homes for period in home.ours}
    groups = _sibling_groups(who, rng)
    statuses = _statuses(who, groups, rng)
    schools = [place.postcode for place in places if place.zone == "inside"][:40]
    rows = [_row(who, period, lives.get(period, ""), groups, statuses, schools, rng) for period in who.kind]
    return pd.DataFrame(rows, columns=COLUMNS).sort_values("child_id")


def _sibling_groups(who: Residents, rng: np.random.Generator) -> dict[int, str]:
    """Brothers and sisters in care who are assessed to live together."""
    families: dict[int, list[int]] = {}
    for period in who.kind:
        families.setdefault(who.family(period), []).append(period)
    together = [unit for unit in families.values() if len(unit) > 1 and rng.random() < TOGETHER_SHARE]
    return {period: f"SIB{number:03d}" for number, unit in enumerate(together, 1) for period in unit}


def _statuses(who: Residents, groups: dict[int, str], rng: np.random.Generator) -> Statuses:
    homes = [period for period in who.of("residential") if who.age(period) <= 15]
    down = {homes[position] for position in choose_exactly(rng, np.ones(len(homes)), STEP_DOWN)}
    able = [period for period, kind in who.kind.items() if kind in MOVABLE and period not in down]
    weights = [MOVABLE[who.kind[period]] * (0.3 if who.age(period) == 17 else 1.0) for period in able]
    order = [able[position] for position in choose_exactly(rng, weights, NEEDS_HOME)]
    chosen: list[int] = []
    for period in [order[position] for position in rng.permutation(len(order))]:
        unit = [other for other in able if other == period or groups.get(other, "") == groups.get(period, "-")]
        chosen += [other for other in unit if other not in chosen]
        if len(chosen) >= NEEDS_HOME:
            break
    return Statuses(frozenset(down), frozenset(chosen[: NEEDS_HOME + 2]))


def _row(
    who: Residents,
    period: int,
    home_id: str,
    groups: dict[int, str],
    statuses: Statuses,
    schools: list[str],
    rng: np.random.Generator,
) -> dict[str, object]:
    child = who.book.children[who.book.periods[period].child]
    status, in_pool = statuses.of(period), statuses.of(period) != "settled"
    at_school = 5 <= who.age(period) <= 16 and rng.random() < SCHOOL_SHARE
    own_limit, exempt, avoids, solo = (rng.random() < share for share in (0.1, 0.08, 0.2, 0.12))
    return {
        "child_id": child.child_id,
        "date_of_birth": date.fromordinal(child.born).isoformat(),
        "sex": child.sex,
        "needs_level": who.needs[period],
        "home_postcode": child.home.postcode if child.home else "",
        "school_postcode": schools[int(rng.integers(len(schools)))] if at_school else "",
        "sibling_group": groups.get(period, ""),
        "status": status,
        "current_home_id": home_id,
        "max_miles": draw(rng, {10: 0.4, 15: 0.3, 30: 0.3}) if in_pool and own_limit else "",
        "distance_exempt": "true" if in_pool and exempt else "",
        "avoid_homes": home_id if status == "needs_home" and avoids else "",
        "solo": "true" if in_pool and solo and period not in groups else "",
        "allowed_kinds": _allowed(status, who.age(period), rng),
    }


def _allowed(status: str, age: int, rng: np.random.Generator) -> str:
    if status == "step_down" or (status == "needs_home" and age < 10):
        return FAMILY_KINDS
    if status == "needs_home" and age >= 16 and rng.random() < 0.4:
        return "in_house_fostering;ifa;supported"
    return ""
