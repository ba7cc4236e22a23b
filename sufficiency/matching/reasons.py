"""One true sentence for each child: why this home, or why none. Never a child's id, nor anything of another child."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sufficiency.matching.facts import REFUSED, Facts, gather
from sufficiency.matching.instance import Instance


def reasons_for(instance: Instance, home: np.ndarray) -> list[str]:
    """A sentence or two for each child of the pool, in the order of ``instance.children``.

    ``home``: number of each child's home in ``instance.homes``, −1 for none.
    """
    said = {
        facts.child: _unplaced(facts) if home[facts.child] < 0 else _placed(facts) for facts in gather(instance, home)
    }
    return [said[child] for child in range(len(home))]


def _unplaced(facts: Facts) -> str:
    """Why a child has no home."""
    number, homes = int(facts.may.sum()), facts.may.size
    if homes == 0:
        return "There is no home in the register."
    if number == 0:
        return f"{_none_of(homes)} may take this child: {_refusals(facts)}."
    if facts.room.any():
        left = int(facts.room.sum())
        return f"{_places_left(left, number)}, but local practice keeps {'it' if left == 1 else 'them'} free."
    offers = (facts.instance.offered + facts.instance.leavers)[facts.may]
    which = "The only home" if number == 1 else f"All {number} homes"
    verb = "is" if number == 1 else "are"
    if (offers == 0).all():
        return f"{which} that may take this child {verb} full already."
    return (
        f"{which} that may take this child {verb} full in this plan: a place there would have to come from a child "
        "who would then be left without one."
    )


def _places_left(left: int, number: int) -> str:
    if number == 1:
        return "The only home that may take this child has a place left in this plan"
    return f"{left} of the {number} homes that may take this child {'has' if left == 1 else 'have'} a place left"


def _none_of(homes: int) -> str:
    return "Not even the only home in the register" if homes == 1 else f"None of the {homes} homes in the register"


def _refusals(facts: Facts) -> str:
    """Counts of homes by the first rule that each breaks, the largest first."""
    counts = np.bincount(facts.refusal[facts.refusal >= 0], minlength=len(REFUSED))
    order = [rule for rule in np.argsort(-counts, kind="stable") if counts[rule]]
    parts = [f"{counts[rule]} {REFUSED[rule]}" for rule in order]
    verb = "is" if counts[order[0]] == 1 else "are"
    first, rest = parts[0].split(" ", 1)
    return ", ".join([f"{first} {verb} {rest}", *parts[1:]])


def _placed(facts: Facts) -> str:
    """Why a child has this home: the move, the distance, the brothers and sisters."""
    sentences = [_distance(facts), _siblings(facts)]
    return " ".join(sentence for sentence in sentences if sentence)


def _distance(facts: Facts) -> str:
    """Where the home lies, and why this one."""
    home, present = int(facts.home[facts.child]), int(facts.instance.present[facts.child])
    stays = home == present
    opening = "Stays at the present home" if stays else "Moves to a home"
    if present >= 0 and not stays:
        opening = "Moves on from the present home to one"
    miles = facts.miles
    why = _why_here(facts, home, stays)
    if facts.exempt:
        return f"{opening}; distance is not counted for this child{why}."
    if np.isnan(miles):
        return f"{opening} at an unknown distance{why}."
    side = "beyond" if facts.is_beyond else "within"
    return f"{opening} {miles:.1f} miles away, {side} the limit of {facts.limit:g}{why}."


def _why_here(facts: Facts, home: int, stays: bool) -> str:
    """The rest of the sentence on distance."""
    if facts.instance.pinned[facts.child] == home:
        return "; fixed by hand"
    if stays:
        return "; no move would make the plan better"
    others = facts.may.copy()
    others[home] = False
    if not others.any():
        return ": the only home that may take this child"
    return _why_beyond(facts, others) if facts.is_beyond else _why_not_nearer(facts, home, others)


def _why_beyond(facts: Facts, others: np.ndarray) -> str:
    """Why a home beyond the limit."""
    near = others & facts.closer
    if not near.any():
        return f": none of the {int(others.sum()) + 1} homes that may take this child is within it"
    if not (near & facts.room).any():
        return f": {_homes(near)} within it that may take this child {_is(near)} full in this plan"
    return ": a place within it was given up for an earlier objective"


def _why_not_nearer(facts: Facts, home: int, others: np.ndarray) -> str:
    """Why not one of the nearer homes."""
    if np.isnan(facts.miles):
        return f": one of {int(others.sum()) + 1} homes that may take this child"
    nearer = others & facts.closer
    if not nearer.any():
        return f": the nearest of {int(others.sum()) + 1} homes that may take this child"
    free = nearer & facts.room
    if not free.any():
        return f": {_homes(nearer, 'nearer ')} that may take this child {_is(nearer)} full in this plan"
    if (facts.pence[free] > facts.pence[home]).all():
        return f": costs less than {_homes(free, 'nearer ')} with a free place"
    return f": {_homes(free, 'nearer ')} with a free place would not make the plan better"


def _homes(which: np.ndarray, what: str = "") -> str:
    number = int(which.sum())
    return f"the one {what}home" if number == 1 else f"the {number} {what}homes"


def _is(which: np.ndarray) -> str:
    return "is" if int(which.sum()) == 1 else "are"


def _siblings(facts: Facts) -> str:
    """With whom of its sibling group the child lives, and why not with all."""
    group = facts.instance.group[facts.child]
    if group < 0:
        return ""
    who = facts.instance.members[group]
    others = len(who) - 1
    if is_together(facts.home, who):
        return (
            "Lives with the brother or sister of the group."
            if others == 1
            else f"Lives with all {others} brothers and sisters."
        )
    return f"The sibling group of {len(who)} could not be kept together: {_why_split(facts.instance, group, who)}."


def _why_split(instance: Instance, group: int, who: Sequence[int] | np.ndarray) -> str:
    could = int((instance.column_group == group).sum())
    if could:
        homes = "one home" if could == 1 else f"{could} homes"
        return f"{homes} could take them all, but only by giving up an earlier objective or parting another group"
    if instance.allowed(np.asarray(who)).all(axis=0).any():
        return "no home that may take each of them has places for all"
    return "no home may take every one of them"


def is_together(home: np.ndarray, who: np.ndarray) -> bool:
    """The whole group lives in one home."""
    return bool(home[who[0]] >= 0 and (home[who] == home[who[0]]).all())
