"""The sentences for changes that would house a child: what would have to change, who agrees to it, what it gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sufficiency.matching.pairs import Instance, limits_of
from sufficiency.matching.rules import ages
from sufficiency.matching.why.widening import NOT_CHANGED
from sufficiency.matching.why.words import away, counted, listed, someone_of, with_whom
from sufficiency.vocabulary import FOSTERING_KINDS, MATCHED_KINDS, SUPPORTED_FROM_AGE

if TYPE_CHECKING:
    from sufficiency.matching.why.changes import Tried

ONE: Final = {
    "kinship": "A kinship household",
    "in_house_fostering": "An in-house fostering household",
    "ifa": "An agency fostering household",
    "residential": "A children's home",
    "supported": "A supported accommodation home",
}
SEXES: Final = {"female": "girls only", "male": "boys only", "any": "any sex"}


def says_of(instance: Instance, child: int, who: np.ndarray, tried: Tried) -> str:
    """The proposal as a few sentences, with what it gives once all children are matched again."""
    new = tried.proposal.home < 0
    said = (
        _new_place(instance, child, who, dict(tried.proposal.cells)) if new else _at_home(instance, child, who, tried)
    )
    return f"{said} {_what_it_gives(tried, len(who))}"


def _at_home(instance: Instance, child: int, who: np.ndarray, tried: Tried) -> str:
    """A change at the nearest of the homes where it would do, how many others there are, and who has to agree."""
    proposal, home = tried.proposal, instance.homes.iloc[tried.proposal.home]
    cells: dict[str, Any] = dict(proposal.cells)
    parts = [_condition(change, home, cells, proposal.more, instance) for change in proposal.changes]
    conditions = listed([*parts, *_agreed(str(home["kind"]), proposal.changes)])
    whom = "another child of this plan, who would leave a place for this one," if tried.moves_on else _this(len(who))
    said = f"{ONE[str(home['kind'])]} {_where(instance, child, tried)} could take {whom} if {conditions}."
    others = tried.homes - 1
    if others:
        said += f" So could {counted(others, 'other', 'others')} of the same kind."
    return said


def _this(together: int) -> str:
    return "this child" if together == 1 else f"these {together} children together"


def _where(instance: Instance, child: int, tried: Tried) -> str:
    """How far the home is, and on which side of the child's limit where distance counts."""
    if np.isnan(tried.miles):
        return "at an unknown distance"
    if instance.children["distance_exempt"].iloc[child]:
        return f"{away(tried.miles)}, if that is a safe place,"
    limit = float(limits_of(instance.children.iloc[[child]], instance.limit_miles)[0])
    return f"{away(tried.miles)} ({'within' if tried.miles <= limit else 'beyond'} the limit of {limit:g})"


def _condition(change: str, home: Any, cells: dict[str, Any], more: int, instance: Instance) -> str:
    """One change as what would have to hold, with how it stands now."""
    if change == "age":
        now = f"{home['min_age']} to {home['max_age']}"
        return f"its terms covered ages {cells['min_age']} to {cells['max_age']} (now {now})"
    if change == "sex":
        return f"its terms covered boys and girls (now {SEXES[str(home['sex'])]})"
    if change == "needs_level":
        return f"it could meet needs of level {cells['max_needs_level']} (now up to level {home['max_needs_level']})"
    if change == "more_places":
        return f"it had {counted(more, 'more place', 'more places')}"
    if change == "reserve":
        return f"{counted(more, 'place', 'places')} kept free for emergencies could be used"
    if change == "open":
        return f"it opened by {instance.as_of:%-d %B %Y} (planned for {home['open_from']:%-d %B %Y})"
    return "it were registered (until it is, no child may be placed there)"


def _agreed(kind: str, changes: tuple[str, ...]) -> list[str]:
    """Who would have to agree, where terms or places change."""
    if not set(changes) - {"reserve", "open", "registered"}:
        return []
    return ["its carers and panel agreed"] if kind in FOSTERING_KINDS else ["its provider agreed"]


def _new_place(instance: Instance, child: int, who: np.ndarray, cells: dict[str, Any]) -> str:
    """One new place of the kind that is needed: at which level, whom it takes, how near, of which kind."""
    level = int(cells["max_needs_level"])
    places = f"One level {level} place" if len(who) == 1 else f"A home with {len(who)} level {level} places"
    alone = "in a home where no other child lives" if instance.solo[child] else ""
    further = [each for each in (_how_near(instance, child), alone, _of_kind(instance, who)) if each]
    said = ", ".join([f"{places} that takes {_whom(instance, who)}", *further])
    return f"{said}{',' if further else ''} would be enough."


def _whom(instance: Instance, who: np.ndarray) -> str:
    if len(who) == 1:
        return someone_of(instance, int(who[0]))
    years = ages(instance.children.iloc[who], instance.as_of)
    return f"{len(who)} of one family, aged {years.min()} to {years.max()}, together"


def _how_near(instance: Instance, child: int) -> str:
    one = instance.children.iloc[child]
    if one["distance_exempt"]:
        return "wherever is safe for this child"
    if np.isnan(one["home_latitude"]):
        return ""
    limit = float(limits_of(instance.children.iloc[[child]], instance.limit_miles)[0])
    return f"within {limit:g} miles of the child's own home"


def _of_kind(instance: Instance, who: np.ndarray) -> str:
    """The kinds that suit, where not every kind does."""
    lists = [set(each) for each in instance.children["allowed_kinds"].iloc[who] if each]
    if not lists:
        return ""
    youngest = int(ages(instance.children.iloc[who], instance.as_of).min())
    suits = [kind for kind in MATCHED_KINDS if kind not in NOT_CHANGED and all(kind in each for each in lists)]
    suits = [kind for kind in suits if kind != "supported" or youngest >= SUPPORTED_FROM_AGE]
    return with_whom(suits)


def _what_it_gives(tried: Tried, together: int) -> str:
    """What matching again gave: this child or another, honestly."""
    more = counted(tried.housed, "more child", "more children")
    whom = "this child" if together == 1 else "these children"
    if tried.here:
        return (
            f"That would house {whom}." if tried.housed == together else f"That would house {more}, {whom} among them."
        )
    said = f"That would house {more}; the plan's objectives would give the place to another who has none now"
    return f"{said}, though as many would be housed if it were {whom}." if tried.could_be else f"{said}."
