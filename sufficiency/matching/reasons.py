"""One true sentence for each child: why this home, or why none. Never a child's id, nor anything of another child."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sufficiency.matching import rules
from sufficiency.matching.pairs import Instance, limits_of, miles_of_pairs


@dataclass(frozen=True, eq=False)
class Facts:
    """What the sentences are made from. Per child and home that may take it: ``miles`` (NaN unknown), ``pence``.

    Per child: ``limit`` [miles], ``exempt``, and ``home``, where it lives in the plan (−1 for none). ``room`` (children
    × homes): the home could still take the child beside everyone in the plan; ``refusal`` (likewise): number
    of the first rule broken.
    """

    instance: Instance
    home: np.ndarray
    miles: np.ndarray
    pence: np.ndarray
    limit: np.ndarray
    exempt: np.ndarray
    room: np.ndarray
    rule_names: tuple[str, ...]
    refusal: np.ndarray


def reasons_for(instance: Instance, home: np.ndarray) -> list[str]:
    """A sentence or two for each child of the pool, in the order of ``instance.children``."""
    facts = gather(instance, home)
    return [_unplaced(facts, child) if home[child] < 0 else _placed(facts, child) for child in range(len(home))]


def gather(instance: Instance, home: np.ndarray) -> Facts:
    """The facts about a plan in which child *i* lives at ``home[i]`` (−1 for none)."""
    shape = instance.may_live.shape
    pence = np.zeros(shape, dtype=np.int64)
    pence[instance.pair_child, instance.pair_home] = instance.pair_pence
    checks = rules.passes(instance.children, instance.homes, instance.as_of)
    refused = np.stack([np.broadcast_to(~holds, shape) for holds in checks.values()])
    return Facts(
        instance=instance,
        home=home,
        miles=_miles(instance),
        pence=pence,
        limit=limits_of(instance.children, instance.limit_miles),
        exempt=instance.children["distance_exempt"].to_numpy(dtype=bool),
        room=_room(instance, home),
        rule_names=tuple(checks),
        refusal=refused.argmax(axis=0),
    )


def _miles(instance: Instance) -> np.ndarray:
    """Miles of every pair that the rules allow, full homes too, whose pairs the instance leaves out."""
    miles = np.full(instance.may_live.shape, np.nan)
    miles[instance.pair_child, instance.pair_home] = instance.pair_miles
    left_out = instance.may_live.copy()
    left_out[instance.pair_child, instance.pair_home] = False
    who, where = np.nonzero(left_out)
    miles[who, where] = miles_of_pairs(instance.children, instance.homes, who, where)
    return miles


def _room(instance: Instance, home: np.ndarray) -> np.ndarray:
    """Pairs of a child and a home that may take it and still has a place, everyone else being where the plan says."""
    taken, homes = np.zeros(len(instance.homes), dtype=int), len(instance.homes)
    moved = np.zeros(homes, dtype=int)
    for child, where in enumerate(home):
        present = instance.present[child]
        if where >= 0 and where != present:
            taken[where] += instance.offered[where] if instance.solo[child] else 1
        if present >= 0 and where != present:
            moved[present] += 1
        if present >= 0 and where == present and instance.solo[child]:
            taken[where] += instance.offered[where] + instance.leavers[where]
    spare = instance.offered + moved - taken
    room = instance.may_live & (spare >= 1)
    untouched = (taken == 0) & rules.is_empty(instance.homes)
    room[instance.solo] &= untouched
    return room


def _unplaced(facts: Facts, child: int) -> str:
    """Why a child has no home."""
    may = facts.instance.may_live[child]
    number, homes = int(may.sum()), may.size
    if homes == 0:
        return "There is no home in the register."
    if number == 0:
        return f"{_none_of(homes)} may take this child: {_refusals(facts, child)}."
    offers = (facts.instance.offered + facts.instance.leavers)[may]
    which = "The only home" if number == 1 else f"All {number} homes"
    verb = "is" if number == 1 else "are"
    if (offers == 0).all():
        return f"{which} that may take this child {verb} full already."
    return (
        f"{which} that may take this child {verb} full in this plan: a place there would have to come from a child "
        "who would then be left without one."
    )


def _none_of(homes: int) -> str:
    return "Not even the only home in the register" if homes == 1 else f"None of the {homes} homes in the register"


def _refusals(facts: Facts, child: int) -> str:
    """Counts of homes by the first rule that each breaks, the largest first."""
    counts = np.bincount(facts.refusal[child], minlength=len(facts.rule_names))
    order = [rule for rule in np.argsort(-counts, kind="stable") if counts[rule]]
    parts = [f"{counts[rule]} {rules.REFUSALS[facts.rule_names[rule]]}" for rule in order]
    verb = "is" if counts[order[0]] == 1 else "are"
    first, rest = parts[0].split(" ", 1)
    return ", ".join([f"{first} {verb} {rest}", *parts[1:]])


def _placed(facts: Facts, child: int) -> str:
    """Why a child has this home: the move, the distance, the brothers and sisters."""
    sentences = [_distance(facts, child), _siblings(facts, child)]
    return " ".join(sentence for sentence in sentences if sentence)


def _distance(facts: Facts, child: int) -> str:
    """Where the home lies, and why this one."""
    instance, home = facts.instance, int(facts.home[child])
    stays = home == instance.present[child]
    opening = "Stays at the present home" if stays else "Moves to a home"
    if instance.present[child] >= 0 and not stays:
        opening = "Moves on from the present home to one"
    miles = facts.miles[child, home]
    why = _why_here(facts, child, stays)
    if facts.exempt[child]:
        return f"{opening}; distance is not counted for this child{why}."
    if np.isnan(miles):
        return f"{opening} at an unknown distance{why}."
    side = "beyond" if _is_beyond(facts, child) else "within"
    return f"{opening} {miles:.1f} miles away, {side} the limit of {facts.limit[child]:g}{why}."


def _is_beyond(facts: Facts, child: int) -> bool:
    """The child's home in the plan is further than its limit, where distance counts."""
    return bool(not facts.exempt[child] and facts.miles[child, facts.home[child]] > facts.limit[child])


def _why_here(facts: Facts, child: int, stays: bool) -> str:
    """The rest of the sentence on distance."""
    if stays:
        return "; no move would make the plan better"
    home = int(facts.home[child])
    may = facts.instance.may_live[child].copy()
    may[home] = False
    if not may.any():
        return ": the only home that may take this child"
    if _is_beyond(facts, child):
        return _why_beyond(facts, child, may)
    return _why_not_nearer(facts, child, may)


def _why_beyond(facts: Facts, child: int, may: np.ndarray) -> str:
    """Why a home beyond the limit."""
    near = may & (facts.miles[child] <= facts.limit[child])
    if not near.any():
        return f": none of the {int(may.sum()) + 1} homes that may take this child is within it"
    if not (near & facts.room[child]).any():
        return f": {_homes(near)} within it that may take this child {_is(near)} full in this plan"
    return ": a place within it was given up for an earlier objective"


def _why_not_nearer(facts: Facts, child: int, may: np.ndarray) -> str:
    """Why not one of the nearer homes."""
    home = int(facts.home[child])
    away = facts.miles[child]
    if np.isnan(away[home]):
        return f": one of {int(may.sum()) + 1} homes that may take this child"
    nearer = may & (away < away[home])
    if not nearer.any():
        return f": the nearest of {int(may.sum()) + 1} homes that may take this child"
    free = nearer & facts.room[child]
    if not free.any():
        return f": {_homes(nearer, 'nearer ')} that may take this child {_is(nearer)} full in this plan"
    if (facts.pence[child, free] > facts.pence[child, home]).all():
        return f": costs less than {_homes(free, 'nearer ')} with a free place"
    return f": {_homes(free, 'nearer ')} with a free place would not make the plan better"


def _homes(which: np.ndarray, what: str = "") -> str:
    number = int(which.sum())
    return f"the one {what}home" if number == 1 else f"the {number} {what}homes"


def _is(which: np.ndarray) -> str:
    return "is" if int(which.sum()) == 1 else "are"


def _siblings(facts: Facts, child: int) -> str:
    """With whom of its sibling group the child lives, and why not with all."""
    instance = facts.instance
    group = instance.group[child]
    if group < 0:
        return ""
    who = instance.members[group]
    others = len(who) - 1
    if is_together(facts.home, who):
        return (
            "Lives with the brother or sister of the group."
            if others == 1
            else f"Lives with all {others} brothers and sisters."
        )
    return f"The sibling group of {len(who)} could not be kept together: {_why_split(instance, group, who)}."


def _why_split(instance: Instance, group: int, who: Sequence[int] | np.ndarray) -> str:
    could = int((instance.column_group == group).sum())
    if could:
        homes = "one home" if could == 1 else f"{could} homes"
        return f"{homes} could take them all, but only by giving up an earlier objective or parting another group"
    if instance.may_live[who].all(axis=0).any():
        return "no home that may take each of them has places for all"
    return "no home may take every one of them"


def is_together(home: np.ndarray, who: np.ndarray) -> bool:
    """The whole group lives in one home."""
    return bool(home[who[0]] >= 0 and (home[who] == home[who[0]]).all())
