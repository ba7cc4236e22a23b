"""Which rule keeps a child from each home that may not take it, in words that name the term and the child's need."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from sufficiency.matching import rules
from sufficiency.matching.instance import Instance
from sufficiency.matching.why.pinned import columns_with
from sufficiency.matching.why.pool import numbers_of
from sufficiency.matching.why.words import KINDS, listed
from sufficiency.vocabulary import KIND_LABELS, SUPPORTED_FROM_AGE

if TYPE_CHECKING:
    from sufficiency.matching.plan import Plan

REFUSED_COLUMNS: Final = ("child_id", "home_id", "kind", "rule", "says", "also")

Row = Any
"""One row of a typed register, as ``itertuples`` gives it."""

BY_HAND: Final = "ruled_out"
BY_PRACTICE: Final = {
    "fixed": "A person has fixed another home for this child.",
    "one_level_3": "Another child of needs level 3 lives with these carers, who take one at a time.",
    "parent_and_child_homes": "Not among the homes that are approved for a parent with a child.",
    "never_split": "Without places for the whole sibling group, which is not to be split.",
}
"""Option of local practice → how it keeps a child from a home that the rules would allow."""


def refused_homes(plan: Plan, child_ids: Iterable[str] | str | None = None) -> pd.DataFrame:
    """A row for each child and each home that may not take it, in order of both ids; columns REFUSED_COLUMNS.

    ``rule``: key of the first rule that refuses (of ``rules.REFUSALS``, BY_PRACTICE, or ``ruled_out`` by hand);
    ``says``: the rule as it stands between this home and this child; ``also``: keys of the other rules broken,
    separated by ``;``. A home that is only full is not refused.
    """
    instance = plan.instance
    tables = [_of_child(instance, child) for child in numbers_of(instance, child_ids).tolist()]
    empty = pd.DataFrame(columns=list(REFUSED_COLUMNS))
    return pd.concat([empty, *tables], ignore_index=True).astype("str") if tables else empty.astype("str")


def _of_child(instance: Instance, child: int) -> pd.DataFrame:
    broken = broken_rules(instance, child)
    homes = np.flatnonzero([bool(each) for each in broken])
    one = next(instance.children.iloc[[child]].itertuples())
    age = int(rules.ages(instance.children.iloc[[child]], instance.as_of)[0])
    of_home = zip(homes.tolist(), instance.homes.iloc[homes].itertuples(), strict=True)
    rows = [
        (one.child_id, home.home_id, home.kind, broken[number][0], _says(broken[number][0], one, age, home, instance))
        for number, home in of_home
    ]
    table = pd.DataFrame(rows, columns=list(REFUSED_COLUMNS[:-1]))
    return table.assign(also=[";".join(broken[number][1:]) for number in homes.tolist()])


def broken_rules(instance: Instance, child: int) -> list[tuple[str, ...]]:
    """For each home the keys of all that keeps a child from it, in the order in which the rules are read."""
    homes = len(instance.homes)
    checks = rules.passes(instance.children.iloc[[child]], instance.homes, instance.as_of)
    refused = {key: np.broadcast_to(~holds, (1, homes))[0] for key, holds in checks.items()}
    refused[BY_HAND] = np.isin(child * homes + np.arange(homes), instance.ruled_out)
    refused |= _by_practice(instance, child)
    if instance.present[child] >= 0:
        for each in refused:
            refused[each] = refused[each] & (np.arange(homes) != instance.present[child])
    return [tuple(key for key, broken in refused.items() if broken[home]) for home in range(homes)]


def _by_practice(instance: Instance, child: int) -> dict[str, np.ndarray]:
    """Homes that the rules allow and that practice keeps from a child, by the option that does."""
    practice, homes = instance.practice, len(instance.homes)
    could = instance.offered if instance.solo[child] else instance.offered + instance.leavers
    kept = instance.may_take(child) & (could >= 1)
    kept[columns_with(instance, child)[1]] = False
    pinned = bool(instance.pinned[child] >= 0)
    level_3 = practice.one_level_3 and int(instance.children["needs_level"].iloc[child]) == 3
    lone = kept & level_3 & rules.is_fostering(instance.homes)
    approved = np.isin(instance.homes["home_id"].to_numpy(dtype=object), practice.parent_and_child_homes)
    named = str(instance.children["sibling_group"].iloc[child]) in practice.parent_and_child
    apart = kept & named & ~approved if practice.parent_and_child_homes else np.zeros(homes, dtype=bool)
    if pinned:
        return {"fixed": kept}
    return {"one_level_3": lone, "parent_and_child_homes": apart, "never_split": kept & ~lone & ~apart}


def _says(rule: str, child: Row, age: int, home: Row, instance: Instance) -> str:
    """The rule as it stands between one home and one child."""
    if rule in BY_PRACTICE:
        return BY_PRACTICE[rule]
    return _SENTENCES[rule](child, age, home, instance)


def _not_open(_child: Row, _age: int, home: Row, instance: Instance) -> str:
    if pd.notna(home.open_from) and home.open_from > instance.as_of:
        return f"It opens only on {home.open_from:%-d %B %Y}."
    return f"It closed after {home.open_to:%-d %B %Y}."


def _wrong_kind(child: Row, _age: int, home: Row, _instance: Instance) -> str:
    suits = listed([KINDS[kind] for kind in child.allowed_kinds], "or")
    return f"It is {KINDS[home.kind]}; what suits this child is {suits}."


def _wrong_sex(child: Row, _age: int, home: Row, _instance: Instance) -> str:
    recorded = {"female": "a girl", "male": "a boy"}.get(str(child.sex), "recorded as neither, or not recorded")
    return f"It is for {'girls' if home.sex == 'female' else 'boys'} only; this child is {recorded}."


def _ages(home: Row) -> str:
    youngest, oldest = int(home.min_age), int(home.max_age)
    return f"children of {youngest}" if youngest == oldest else f"children of {youngest} to {oldest}"


_SENTENCES: Final[dict[str, Callable[[Row, int, Row, Instance], str]]] = {
    "registered": lambda *_: "It is not registered.",
    "open": _not_open,
    "kind": lambda child, age, home, instance: f"{KIND_LABELS[home.kind]}: a kind that is decided elsewhere.",
    "supported": lambda child, age, home, instance: (
        f"Supported accommodation is only from {SUPPORTED_FROM_AGE}; this child is {age}."
    ),
    "age": lambda child, age, home, instance: f"It is for {_ages(home)}; this child is {age}.",
    "sex": _wrong_sex,
    "needs_level": lambda child, age, home, instance: (
        f"It can meet needs up to level {home.max_needs_level}; this child's are level {child.needs_level}."
    ),
    "allowed_kinds": _wrong_kind,
    "avoid_homes": lambda *_: "It is to be avoided for this child.",
    "solo": lambda *_: "Another child lives there already; this child needs to be the only one.",
    BY_HAND: lambda *_: "It was ruled out by hand.",
}
"""Rule → its sentence from the child, its age, the home and the instance."""
