"""What local practice asks of a match beyond the rules: who stays together, what is kept free, what a panel fixed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from sufficiency.errors import Fault
from sufficiency.matching.pins import fault_of_places_not_left, faults_of_fixed, unknown_ids
from sufficiency.matching.rules import open_homes_of, places_offered
from sufficiency.records.registers import check_register
from sufficiency.records.tables import LINE, line_numbers
from sufficiency.vocabulary import MATCHED_KINDS

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


SETTINGS: Final = "matching settings"
LISTS: Final = ("never_split", "parent_and_child", "parent_and_child_homes")


def checked_practice(practice: Practice) -> Practice:
    """The same options with ``fixed`` and ``scores`` typed as their registers are.

    Only for options without a fault: :func:`faults_of` tells them all.
    """
    tables = {"fixed": practice.fixed, "scores": practice.scores}
    typed = {name: check_register(name, one, f"{name}.csv")[0] for name, one in tables.items() if one is not None}
    return replace(practice, **typed)  # type: ignore[arg-type]


def faults_of(
    practice: Practice,
    children: pd.DataFrame,
    homes: pd.DataFrame,
    as_of: pd.Timestamp,
    objectives: Sequence[str] = (),
) -> list[Fault]:
    """Everything that is wrong with the options, told at once, with files and rows and never a child's id.

    ``children`` and ``homes`` are checked registers; ``fixed`` and ``scores`` of the options may be text or typed;
    ``objectives`` those of the match, to see whether they have what they need.
    """
    faults = [*_of_lists(practice, children, homes), *_of_figures(practice)]
    faults += _of_objectives(practice, children, objectives)
    sound = _sound(practice)
    for name, table in (("fixed", practice.fixed), ("scores", practice.scores)):
        if table is None:
            continue
        checked, found = check_register(name, table, f"{name}.csv")
        faults += found
        if any(not fault.rows for fault in found):
            continue  # a column is missing
        checked = checked.set_axis(pd.Index(line_numbers(table), name=LINE))
        if name == "fixed":
            faults += faults_of_fixed(checked, children, homes, sound, as_of)
        else:
            faults += unknown_ids(checked, children, homes, f"{name}.csv")
    return faults


def fault_of_no_plan(
    practice: Practice, children: pd.DataFrame, homes: pd.DataFrame, as_of: pd.Timestamp
) -> Fault | None:
    """The fault to tell when a match proves that no plan keeps every pin, although :func:`faults_of` finds nothing.

    ``None`` when nothing is pinned, so that the pins are not the cause.
    """
    if practice.fixed is None or not practice.fixed["decision"].eq("pin").any():
        return None
    table = practice.fixed.set_axis(pd.Index(line_numbers(practice.fixed), name=LINE))
    return fault_of_places_not_left(table, children, homes, as_of)


def notices_of(
    practice: Practice, homes: pd.DataFrame, as_of: pd.Timestamp, objectives: Sequence[str] = ()
) -> list[Fault]:
    """What is worth knowing of the options and stops nothing: a reserve beyond what is free, scores that count not."""
    notices = []
    for kind, kept in _sound(practice).reserve.items():
        free = int(places_offered(homes)[open_homes_of(homes, as_of, kind)].sum())
        if kept > free:
            says = f"{kept} places are reserved in {kind}, {free} are free: none of these is used"
            notices.append(Fault("N167", SETTINGS, f"reserve.{kind}", (), says, "Nothing to do, or lower the reserve"))
    if practice.scores is not None and len(practice.scores) and objectives and "preference" not in objectives:
        says, fix = "scores are given, but preference is not an objective", "Add preference to the objectives"
        notices.append(Fault("N168", SETTINGS, "objectives", (), says, fix))
    return notices


def _of_lists(practice: Practice, children: pd.DataFrame, homes: pd.DataFrame) -> Iterator[Fault]:
    """Groups and homes that are no list of names, or names that no child or home has; a group's is not printed."""
    groups, known_homes = set(children["sibling_group"].dropna()), set(homes["home_id"])
    for setting in LISTS:
        names, of_groups = getattr(practice, setting), setting != "parent_and_child_homes"
        if names == "all" and setting == "never_split":
            continue
        if isinstance(names, str):
            or_all = ', or "all"' if setting == "never_split" else ""
            fix = f"Give a list of names{' of sibling_group' if of_groups else ''}{or_all}"
            yield Fault("K19", SETTINGS, setting, (), "is one word", fix)
        elif of_groups and not groups.issuperset(names):
            unknown = [str(number) for number, name in enumerate(names, start=1) if name not in groups]
            says = f"no child of children.csv has this sibling_group: number {', '.join(unknown)} of the list"
            yield Fault("K19", SETTINGS, setting, (), says, "Correct the name, or take it out")
        elif not of_groups and not known_homes.issuperset(names):
            says = f"not in the register of homes: {', '.join(str(name) for name in names if name not in known_homes)}"
            yield Fault("K09", SETTINGS, setting, (), says, "Correct the ids")


def _of_figures(practice: Practice) -> Iterator[Fault]:
    """Reserves and limits that are none."""
    for kind, kept in practice.reserve.items():
        if kind not in MATCHED_KINDS:
            fix = f"Use {', '.join(MATCHED_KINDS)}"
            yield Fault("K21", SETTINGS, "reserve", (), f"{kind} is not a kind that is matched", fix)
        elif not _is_places(kept):
            yield Fault("K21", SETTINGS, f"reserve.{kind}", (), f"is {kept}", "Give 0 or more whole places")
    if not 0 < practice.school_limit_miles < float("inf"):
        says = f"the limit is {practice.school_limit_miles:g} miles"
        yield Fault("K05", SETTINGS, "school_limit_miles", (), says, "Give more than 0 miles")


def _is_places(kept: object) -> bool:
    """Whether a reserve is a whole number of places."""
    return isinstance(kept, int | np.integer) and not isinstance(kept, bool) and bool(kept >= 0)


def _sound(practice: Practice) -> Practice:
    """The options without those that cannot be read, which have a fault of their own."""
    words = {name: () for name in LISTS if isinstance(getattr(practice, name), str)}
    if practice.never_split == "all":
        words.pop("never_split")
    reserve = {kind: kept for kind, kept in practice.reserve.items() if kind in MATCHED_KINDS and _is_places(kept)}
    return replace(practice, reserve=reserve, **words)  # type: ignore[arg-type]


def _of_objectives(practice: Practice, children: pd.DataFrame, objectives: Sequence[str]) -> Iterator[Fault]:
    """Objectives that nothing could count towards."""
    matched = children[children["status"] != "settled"]
    schools = matched.get("school_latitude", pd.Series(dtype=float))
    if "school_within" in objectives and len(matched) and schools.isna().all():
        says = "school_within is an objective, but no school of a child to be matched is known"
        fix = "Give school_postcode in children.csv, or take school_within out"
        yield Fault("K24", SETTINGS, "objectives", (), says, fix)
    if "preference" in objectives and (practice.scores is None or practice.scores.empty):
        says = "preference is an objective, but there are no scores"
        yield Fault("K24", SETTINGS, "objectives", (), says, "Give scores.csv, or take preference out")
