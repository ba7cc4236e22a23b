"""What local practice asks of a match beyond the rules: who stays together, what is kept free, what a panel fixed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

import pandas as pd

if TYPE_CHECKING:
    from sufficiency.settings import Matching

SCHOOL_LIMIT_MILES: Final = 3.0
"""Walking distance to school from the age of 8: Education Act 1996, section 444(5), there by road, here straight."""


@dataclass(frozen=True, eq=False)
class Practice:
    """Options of a match that a local authority may switch on; by default none is.

    Names of groups are those of ``sibling_group`` in ``children.csv``. Nothing here opens a home that the rules close.
    """

    never_split: tuple[str, ...] | Literal["all"] = field(default=(), repr=False)
    """Groups whose children who need a home get one home together, or none [names; or ``"all"``].

    A step-down child of such a group may stay where it is, or move together with all of them. Brothers and sisters
    live together so far as is reasonably practicable: Children Act 1989, section 22C(8)(c).
    """
    parent_and_child: tuple[str, ...] = field(default=(), repr=False)
    """Groups that are a young parent and her or his child, both looked after: never apart [names].

    Each of the two takes a place: Children Act 1989, Schedule 7, counts every child fostered.
    """
    parent_and_child_homes: tuple[str, ...] = ()
    """Homes approved for a parent with a child [home ids]; empty: any whose terms take both.

    Terms of approval: Fostering Services (England) Regulations 2011, regulation 27.
    """
    reserve: Mapping[str, int] = field(default_factory=dict)
    """Places kept free for short notice and emergencies, over all homes of a kind [kind → places].

    As far as that many are free now. Part of the duty to have accommodation enough: Children Act 1989, section 22G.
    """
    one_level_3: bool = False
    """At most one child of needs level 3 in a fostering household, those who live there counted [assumption].

    A carer's own limit, beyond the terms of approval; who lives there is known as far as ``children.csv`` has them.
    """
    school_limit_miles: float = SCHOOL_LIMIT_MILES
    """For the objective ``school_within``: a home at most this far from the child's school keeps it [miles].

    Education Act 1996, section 444(5): walking distance from the age of 8. A placement that does not disrupt
    education: Children Act 1989, section 22C(8)(b).
    """
    fixed: pd.DataFrame | None = field(default=None, repr=False)
    """What a panel has decided, as ``fixed.csv``: ``child_id home_id decision`` (``pin`` or ``rule_out``)."""
    scores: pd.DataFrame | None = field(default=None, repr=False)
    """Social workers' scores, as ``scores.csv``: ``child_id home_id score`` (−100 to 100; no row is 0)."""


def practice_of(
    settings: Matching, *, fixed: pd.DataFrame | None = None, scores: pd.DataFrame | None = None
) -> Practice:
    """The options of a scenario's ``[matching]``, with what a panel has fixed and the scores, when there are any."""
    return Practice(
        never_split=settings.never_split,
        parent_and_child=settings.parent_and_child,
        parent_and_child_homes=settings.parent_and_child_homes,
        reserve=settings.reserve.places(),
        one_level_3=settings.one_level_3,
        school_limit_miles=settings.school_limit_miles,
        fixed=fixed,
        scores=scores,
    )
