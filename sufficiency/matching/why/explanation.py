"""One page on one child for the social worker who decides: what the plan proposes, what else there is, at what cost."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sufficiency.matching import rules
from sufficiency.matching.pairs import Instance, limits_of
from sufficiency.matching.why.best import best_homes, home_instead
from sufficiency.matching.why.changes import changes_that_house, who_come_together
from sufficiency.matching.why.pinned import columns_with
from sufficiency.matching.why.pool import numbers_of
from sufficiency.matching.why.refused import refused_homes
from sufficiency.matching.why.words import KINDS, away, counted, listed, someone_of, with_whom
from sufficiency.stamp import SHORTLIST_NOTE

if TYPE_CHECKING:
    from sufficiency.matching.plan import Plan

NOT_KNOWN: Final = (
    "The figures know nothing of this child's wishes and feelings, of time with family, of faith, language and health, "
    "nor of how the children and carers of a home would get on."
)
"""What has to be weighed beside a shortlist: Children Act 1989, sections 1(3) and 22(4) and (5)."""

KEY_STAGE_4: Final = (
    "This child is of an age for Key Stage 4: a move that disrupts it needs the approval of a nominated officer."
)
"""Care Planning, Placement and Case Review (England) Regulations 2010, regulation 10."""

KEY_STAGE_4_AGES: Final = (14, 15)
"""Ages on 31 August of those who are in years 10 and 11 in the school year that follows."""

CHANGES_SHOWN: Final = 5

TO_CHOOSE: Final = "Homes to choose from, the best for all children together first"
INSTEAD: Final = "Homes that this child could have in another child's stead"
TO_CHANGE: Final = "What would house this child and leave nobody else without"
NUMBERED: Final = (TO_CHOOSE, INSTEAD, TO_CHANGE)
"""Headings whose lines are ranked."""

NOT_SAFE_NEAR: Final = "Being near may not be safe for this child: weigh where each home is."

APART: Final = (
    "A place for this child alone would part brothers and sisters who are to live together if at all possible."
)

SHORT_REASONS: Final = {
    **rules.REFUSALS,
    "supported": "supported accommodation (only from 16)",
    "solo": "where another child lives",
    "ruled_out": "ruled out by hand",
}


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """Why the plan proposes what it does for one child. Its text and its page name no child.

    ``about``: whom a home has to suit; ``proposal``: the plan's home and its reason, or why there is none;
    ``best``, ``refused`` and ``changes``: the child's rows of the tables of the same names; ``staying``: what
    staying at the present home would cost, where there is one and it is not among the best; ``present_home``: its
    id, else empty; ``possible``: how many homes may take the child, and why the others may not; ``notes``: what to
    bear in mind.
    """

    child_id: str
    about: str
    proposal: str
    possible: str
    best: pd.DataFrame
    staying: pd.DataFrame
    present_home: str
    refused: pd.DataFrame
    changes: pd.DataFrame
    notes: tuple[str, ...]

    def sections(self) -> dict[str, list[str]]:
        """Heading → its lines; a heading without lines is left out."""
        choices = [_choice(row, self.present_home) for row in self.best.itertuples()]
        staying = [_choice(row, self.present_home) for row in self.staying.itertuples()]
        changes = list(self.changes["says"].head(CHANGES_SHOWN))
        found = {
            "What the plan proposes": [self.proposal],
            self._of_choices: choices,
            "If the child stays at the present home": staying,
            TO_CHANGE: changes,
            "Which homes are possible": [self.possible],
            "To bear in mind": [*self.notes, NOT_KNOWN, SHORTLIST_NOTE],
        }
        return {heading: lines for heading, lines in found.items() if lines}

    @property
    def _of_choices(self) -> str:
        """Heading of the homes to choose from: a child without a home can have one only in another's stead."""
        return TO_CHOOSE if self.best["in_plan"].any() else INSTEAD

    def text(self) -> str:
        """The page as plain text."""
        parts = [self.about]
        for heading, lines in self.sections().items():
            numbered = heading in NUMBERED
            marks = (f"  {number}. " if numbered else "  " for number in range(1, len(lines) + 1))
            parts += ["", heading, *(f"{mark}{line}" for mark, line in zip(marks, lines, strict=True))]
        return "\n".join(parts)

    def __repr__(self) -> str:
        return self.text()

    def _repr_html_(self) -> str:
        parts = [f"<p><b>{html.escape(self.about)}</b></p>"]
        for heading, lines in self.sections().items():
            tag = "ol" if heading in NUMBERED else "ul"
            items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
            parts.append(f"<h4>{html.escape(heading)}</h4><{tag}>{items}</{tag}>")
        return "\n".join(parts)


def explain(plan: Plan, child_id: str) -> Explanation:
    """Everything about one child of the plan on one page.

    Raises :class:`~sufficiency.errors.InputError` when the id is not one of the children who are matched.
    """
    instance = plan.instance
    child = int(numbers_of(instance, child_id)[0])
    refused, best = refused_homes(plan, child_id), best_homes(plan, child_id)
    return Explanation(
        child_id=child_id,
        about=about(instance, child),
        proposal=str(plan.table()["reason"].iloc[child]),
        possible=_possible(instance, child, refused),
        best=best,
        staying=_staying(plan, child, best),
        present_home=_present_home(instance, child),
        refused=refused,
        changes=changes_that_house(plan, child_id),
        notes=tuple(_notes(plan, child)),
    )


def about(instance: Instance, child: int) -> str:
    """Whom a home has to suit, in one sentence."""
    one = instance.children.iloc[child]
    whom = someone_of(instance, child)
    parts = [f"{whom[0].upper()}{whom[1:]} with needs of level {one['needs_level']}"]
    stays = instance.present[child] >= 0
    parts.append("who may move on from the present home" if stays else "who needs a home")
    group = int(instance.group[child])
    if group >= 0:
        others = counted(len(instance.members[group]) - 1, "brother or sister", "brothers and sisters")
        parts.append(f"to live with {others} if at all possible")
    if instance.solo[child]:
        parts.append("as the only child in the home")
    if one["allowed_kinds"]:
        parts.append(with_whom(one["allowed_kinds"]))
    return f"{', '.join(parts)}. {_limit(instance, child)}"


def _limit(instance: Instance, child: int) -> str:
    one = instance.children.iloc[child]
    if one["distance_exempt"]:
        return "Distance is not counted for this child."
    if np.isnan(one["home_latitude"]):
        return "The child's own home is not known, so no distance is given."
    limit = float(limits_of(instance.children.iloc[[child]], instance.limit_miles)[0])
    return f"The home should be within {limit:g} miles of the child's own."


def _staying(plan: Plan, child: int, best: pd.DataFrame) -> pd.DataFrame:
    """What it costs the plan when a child stays whom the plan would move on; no row for any other child."""
    instance = plan.instance
    home_id = _present_home(instance, child)
    if not home_id or home_id in set(best["home_id"]):
        return best.iloc[:0]
    return home_instead(plan, str(instance.children["child_id"].iloc[child]), home_id)


def _present_home(instance: Instance, child: int) -> str:
    present = int(instance.present[child])
    return str(instance.homes["home_id"].iloc[present]) if present >= 0 else ""


def _choice(row: object, present_home: str) -> str:
    """One of the best homes: where, with whom, at what cost, and what choosing it means for the plan."""
    stays = " (where the child lives now)" if row.home_id == present_home else ""  # type: ignore[attr-defined]
    place = f"{row.home_id}{stays}: {KINDS[row.kind]}, {away(row.miles)}"  # type: ignore[attr-defined]
    within = row.within_limit  # type: ignore[attr-defined]
    side = "" if pd.isna(within) else " (within the limit)" if within else " (beyond the limit)"
    cost = f"£{row.weekly_cost:,.2f}".removesuffix(".00")  # type: ignore[attr-defined]
    group = row.siblings_together  # type: ignore[attr-defined]
    siblings = (
        "" if pd.isna(group) else ", with all of the sibling group" if group else ", not with all of the sibling group"
    )
    return f"{place}{side}, {cost} a week{siblings}. {row.says}"  # type: ignore[attr-defined]


def _possible(instance: Instance, child: int, refused: pd.DataFrame) -> str:
    """How many homes may take the child and have a place at all, and what keeps the others away."""
    homes = len(instance.homes)
    if homes == 0:
        return "There is no home in the register."
    if instance.pinned[child] >= 0:
        return "A person has fixed the home of this child, so no other is considered."
    may = homes - len(refused)
    full = may - len(np.unique(columns_with(instance, child)[1]))
    said = _so_many_may(may, full, counted(homes, "home", "homes"))
    counts = refused["rule"].value_counts(sort=False)
    order = counts.sort_values(ascending=False, kind="stable")
    parts = [f"{count} {SHORT_REASONS.get(str(rule), 'kept back by local practice')}" for rule, count in order.items()]
    return f"{said} {'The others' if may else 'They are'}: {listed(parts)}." if parts else said


def _so_many_may(may: int, full: int, homes: str) -> str:
    """How many homes of the register may take the child, and how many of those are full whatever the plan."""
    if may == 0:
        return f"None of the {homes} in the register may take this child."
    if may == 1:
        return f"One of the {homes} in the register may take this child{', and it is full already' if full else ''}."
    said = f"{may} of the {homes} in the register may take this child"
    return f"{said}, {'all' if full == may else full} of them full already." if full else f"{said}."


def _notes(plan: Plan, child: int) -> list[str]:
    """What a social worker has to bear in mind for this child in particular."""
    instance, home = plan.instance, int(plan.home[child])
    notes = []
    if home >= 0 and home != instance.present[child] and _is_in_key_stage_4(instance, child):
        notes.append(KEY_STAGE_4)
    if instance.children["distance_exempt"].iloc[child]:
        notes.append(NOT_SAFE_NEAR)
    if home < 0 and instance.group[child] >= 0 and len(who_come_together(instance, child)) == 1:
        notes.append(APART)
    return notes


def _is_in_key_stage_4(instance: Instance, child: int) -> bool:
    """The child is of the age of years 10 and 11 on the date of the match."""
    if "date_of_birth" not in instance.children:
        return False
    day = instance.as_of
    last_august = pd.Timestamp(day.year if day.month >= 9 else day.year - 1, 8, 31)
    one = instance.children[["date_of_birth"]].iloc[[child]]
    return int(rules.ages(one, last_august)[0]) in KEY_STAGE_4_AGES
