"""The words in which an explanation speaks of objectives, homes and children; plain, and never of another child."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from sufficiency.matching.instance import Instance
from sufficiency.matching.rules import ages
from sufficiency.vocabulary import FOSTERING_KINDS

CHANGE_OF: Final = {
    "placed": "placed_change",
    "within_limit": "within_limit_change",
    "siblings_together": "siblings_together_change",
    "weekly_cost": "weekly_cost_change",
    "school_within": "school_within_change",
    "in_house": "in_house_change",
    "preference": "preference_change",
}
"""Objective → the column that says by how much it changes: children; £ a week; points of the social workers' scores."""

AS_GOOD: Final = (
    "No objective of the plan changes: on these figures the plan as a whole would be as good, though other children "
    "may then be proposed other homes."
)
"""A home that costs more than the one in the plan can be as good: whoever has it now would go to the one left free."""

_OF_CHILDREN: Final = {
    "within_limit": "within the distance set for them",
    "siblings_together": "with all of their sibling group",
    "school_within": "near their school",
    "in_house": "with the council's own carers",
}

KINDS: Final = {
    "kinship": "kinship carers",
    "in_house_fostering": "in-house foster carers",
    "ifa": "agency foster carers",
    "residential": "a children's home",
    "supported": "supported accommodation",
    "secure": "a secure home",
    "with_parents": "parents",
    "adoption": "an adoptive family",
    "other": "another kind of home",
}
"""Kind of home → how a sentence says who would look after the child."""


def changes_of(objectives: Sequence[str], lost: Sequence[int]) -> dict[str, float]:
    """Columns of CHANGE_OF from what each objective loses: fewer children are negative, £ a week more positive."""
    return {
        CHANGE_OF[aim]: each / 100 if aim == "weekly_cost" else -each
        for aim, each in zip(objectives, lost, strict=True)
    }


def lost_in_words(objectives: Sequence[str], lost: Sequence[int], *, had_a_home: bool = True) -> str:
    """What the whole plan loses and wins by a choice, in one sentence; ``had_a_home``: the child has one there."""
    parts = [_of_aim(aim, each, had_a_home) for aim, each in zip(objectives, lost, strict=True)]
    said = [part for part in parts if part]
    if not said:
        return AS_GOOD
    return f"Across the whole plan {listed(said)}."


def _of_aim(aim: str, lost: int, had_a_home: bool) -> str:
    """One objective's part of the sentence; empty when it stays as it is."""
    if aim == "placed":
        without = lost if had_a_home else lost + 1
        return f"{counted(without, 'other child', 'other children')} would then have no home" if without else ""
    if lost == 0:
        return ""
    if aim == "weekly_cost":
        return f"the homes would cost {pounds(abs(lost))} a week {'more' if lost > 0 else 'less'}"
    if aim == "preference":
        way = "lower" if lost > 0 else "higher"
        return f"the social workers' scores would be {counted(abs(lost), 'point', 'points')} {way}"
    way = "fewer" if lost > 0 else "more"
    return f"{counted(abs(lost), f'child {way}', f'children {way}')} would live {_OF_CHILDREN[aim]}"


def pounds(pence: int) -> str:
    """£ with thousands, and pence only where there are some."""
    return f"£{pence / 100:,.2f}".removesuffix(".00")


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun: "one child", "3 children"."""
    return f"one {one}" if number == 1 else f"{number} {many}"


def listed(parts: Sequence[str], last: str = "and") -> str:
    """Parts as a sentence lists them."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def someone_of(instance: Instance, child: int) -> str:
    """Whom a home would have to take: "a girl of 14"; "a child of 3" where the sex is not recorded."""
    sex = instance.children["sex"].iloc[child]
    noun = {"female": "girl", "male": "boy"}.get(str(sex), "child")
    age = int(ages(instance.children.iloc[[child]], instance.as_of)[0])
    return f"a {noun} of {age}" if age else f"a baby {noun if noun != 'child' else ''}".strip()


def with_whom(kinds: Sequence[str]) -> str:
    """Kinds of home as where a child would live: "with in-house foster carers or in a children's home"."""
    carers = [KINDS[kind] for kind in kinds if kind in FOSTERING_KINDS]
    places = [KINDS[kind] for kind in kinds if kind not in FOSTERING_KINDS]
    said = [f"{word} {listed(some, 'or')}" for word, some in (("with", carers), ("in", places)) if some]
    return " or ".join(said)


def away(miles: float) -> str:
    """How far a home is, as a sentence says it."""
    if np.isnan(miles):
        return "at an unknown distance"
    return f"{miles:.1f} miles away" if miles >= 1 else "less than a mile away"
