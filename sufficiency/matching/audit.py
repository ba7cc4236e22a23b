"""An independent reading of an answer, child by child and home by home, from the rules and not from the model."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pandas as pd

from sufficiency.errors import SolverError
from sufficiency.matching.audit_practice import Reading, Row, broken_by_practice
from sufficiency.matching.audit_values import counted
from sufficiency.matching.pairs import Instance
from sufficiency.vocabulary import FOSTERING_KINDS, MATCHED_KINDS, SUPPORTED_FROM_AGE, USUAL_FOSTERING_LIMIT

if TYPE_CHECKING:
    from sufficiency.matching.plan import Plan


def audit(plan: Plan, instance: Instance) -> None:
    """Read every row of the plan against the rules and local practice, and its values against a fresh count.

    Raises :class:`~sufficiency.errors.SolverError` naming the rules that are broken, and how often.
    """
    read = _reading(plan, instance)
    complete = sorted(plan.placements["child_id"]) == sorted(read.children)
    breaches = [] if complete else ["one row for each child of the pool"]
    for child_id in filter(read.comes, read.lives):
        breaches += _broken_by_pair(read.children[child_id], read.homes[read.lives[child_id]], instance.as_of)
    breaches += [
        "a step-down child keeps a home"
        for child_id, child in read.children.items()
        if child.status == "step_down" and child_id not in read.lives
    ]
    breaches += [*_broken_by_home(read), *broken_by_practice(read)]
    values = counted(read, instance)
    breaches += [f"value of {name}" for name, value in values.items() if plan.values[name] != value]
    if breaches:
        found = "; ".join(f"{rule} ({count})" for rule, count in sorted(Counter(breaches).items()))
        raise SolverError(f"The plan breaks rules and is not given: {found}. Please report this.")


def _reading(plan: Plan, instance: Instance) -> Reading:
    """The rows of the plan, and of the registers that they name."""
    table = plan.placements
    housed = table[table["home_id"].notna()]
    return Reading(
        children={str(row.child_id): row for row in _with_age(instance).itertuples()},
        homes={str(row.home_id): row for row in instance.homes.itertuples()},
        lives=dict(zip(housed["child_id"], housed["home_id"], strict=True)),
        practice=instance.practice,
        as_of=instance.as_of,
        level_3_settled=frozenset(instance.level_3_homes),
    )


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


def _broken_by_home(read: Reading) -> list[str]:
    """Rules of how many may live in each home, and with whom."""
    gone = Counter(
        child.current_home_id
        for child_id, child in read.children.items()
        if child.status == "step_down" and read.comes(child_id)
    )
    breaches = []
    for home_id, come in read.comers.items():
        home, staying = read.homes[home_id], read.stayers.get(home_id, [])
        lived_in = home.places - home.places_free
        together = come + staying
        solo = any(child.solo for child in together)
        if solo and len(together) > 1 and (len(come) > 1 or any(child.solo for child in staying)):
            breaches.append("solo child alone in the home")
        if len(come) > home.places_free + gone[home_id]:
            breaches.append("places free")
        if home.kind in FOSTERING_KINDS and not _household_is_usual(home, lived_in, come, gone[home_id], read):
            breaches.append("usual fostering limit")
    return breaches


def _household_is_usual(home: Row, lived_in: int, come: list[Row], gone: int, read: Reading) -> bool:
    """At most three children after the moves, or no more than there were (a household with an exemption), or one whole
    sibling group in a household that was empty."""
    if lived_in - gone + len(come) <= max(USUAL_FOSTERING_LIMIT, lived_in):
        return True
    groups = {child.sibling_group for child in come}
    whole = len(groups) == 1 and pd.notna(come[0].sibling_group) and len(come) == _group_size(read, *groups)
    return bool(whole and lived_in == 0 and len(come) <= home.places)


def _group_size(read: Reading, group: str) -> int:
    return sum(child.sibling_group == group for child in read.children.values())
