"""One true sentence for each child: why this home, or why none. Never a child's id, nor anything of another child.

The facts are worked out for some children at a time, so that memory stays the same for an authority and for England.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sufficiency.matching import rules
from sufficiency.matching.pairs import Instance, limits_of

CELLS_AT_ONCE: Final = 2_000_000
"""Children × homes whose facts are held at once."""


REFUSED: Final = (*rules.REFUSALS.values(), "ruled out by hand", "kept from this child by local practice")
"""How homes are described that may not take a child: the rules in their order, then what people have decided."""


@dataclass(frozen=True, eq=False)
class Facts:
    """What the sentence of one child is made from.

    ``home``: where everyone lives in the plan (−1 for none). Per home: ``may`` (it may take the child; the present home
    and full ones among them), ``refusal`` (number of the first of REFUSED that keeps the child from it), ``miles`` (of
    those that may take it; NaN unknown), ``pence`` (of those with a pair), ``room`` (it may take the child and still
    has a place, everyone else being where the plan says). ``limit`` [miles], ``exempt``: distance is no measure.
    """

    instance: Instance
    home: np.ndarray
    child: int
    may: np.ndarray
    refusal: np.ndarray
    miles: np.ndarray
    pence: np.ndarray
    room: np.ndarray
    limit: float
    exempt: bool


def reasons_for(instance: Instance, home: np.ndarray) -> list[str]:
    """A sentence or two for each child of the pool, in the order of ``instance.children``.

    ``home``: number of each child's home in ``instance.homes``, −1 for none.
    """
    return [
        _unplaced(facts) if home[facts.child] < 0 else _placed(facts)
        for facts in gather(instance, home, np.arange(len(home)))
    ]


def gather(instance: Instance, home: np.ndarray, children: np.ndarray) -> Iterator[Facts]:
    """The facts of some children (numbers, ascending) about a plan in which child *i* lives at ``home[i]``."""
    spare, untouched = spare_places(instance, home)
    limit = limits_of(instance.children, instance.limit_miles)
    exempt = instance.children["distance_exempt"].to_numpy(dtype=bool)
    pair_pence, listed = -instance.weights("weekly_cost")[0], _listed(instance)
    for who in in_chunks(children, len(instance.homes)):
        may, refusal = may_take_and_refusals(instance, who, listed)
        miles, pence = _miles(instance, who, may), _pence(instance, who, pair_pence)
        room = may & (spare >= 1) & (untouched | ~instance.solo[who][:, None])
        for row, child in enumerate(who.tolist()):
            of_child = (may[row], refusal[row], miles[row], pence[row], room[row])
            yield Facts(instance, home, child, *of_child, float(limit[child]), bool(exempt[child]))


def in_chunks(numbers: np.ndarray, across: int) -> Iterator[np.ndarray]:
    """The numbers some at a time, so that a table of them and ``across`` columns stays within CELLS_AT_ONCE."""
    size = max(CELLS_AT_ONCE // max(across, 1), 1)
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]


def may_take_and_refusals(instance: Instance, who: np.ndarray, listed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For some children (rows, ascending) and every home: it may take the child, and the number of what forbids it.

    ``listed``: the keys of :func:`_listed`. A home that could have a place and that the instance does not list for the
    child is kept from it by practice.
    """
    homes = len(instance.homes)
    shape = (len(who), homes)
    could = np.where(instance.solo[who][:, None], instance.offered >= 1, instance.offered + instance.leavers >= 1)
    by_practice = could & ~_inside(listed, who, homes)
    by_hand = _inside(instance.ruled_out, who, homes)
    checks = rules.passes(instance.children.iloc[who], instance.homes, instance.as_of)
    refusal = np.full(shape, -1, dtype=np.int8)
    forbidden = [*(~holds for holds in checks.values()), by_hand, by_practice]
    for number, forbids in reversed(list(enumerate(forbidden))):
        refusal[np.broadcast_to(forbids, shape)] = number
    lives = np.flatnonzero(instance.present[who] >= 0)
    refusal[lives, instance.present[who[lives]]] = -1
    return refusal < 0, refusal


def _listed(instance: Instance) -> np.ndarray:
    """Every child and home that a plan could bring together, alone or with a unit, as child × homes + home, sorted."""
    units = instance.column_group.tolist()
    who = np.concatenate([instance.pair_child, *(instance.members[unit] for unit in units)]).astype(np.int64)
    where = np.repeat(instance.column_home, instance.group_sizes[units] if units else 0)
    return np.unique(who * len(instance.homes) + np.concatenate([instance.pair_home, where]))


def _inside(keys: np.ndarray, who: np.ndarray, homes: int) -> np.ndarray:
    """Which of some children (ascending) and homes are among sorted keys, as a table."""
    answer = np.zeros((len(who), homes), dtype=bool)
    first, last = np.searchsorted(keys, [who[0] * homes, (who[-1] + 1) * homes])
    child, home = np.divmod(keys[first:last], max(homes, 1))
    mine = np.isin(child, who)
    answer[np.searchsorted(who, child[mine]), home[mine]] = True
    return answer


def _miles(instance: Instance, who: np.ndarray, may: np.ndarray) -> np.ndarray:
    """Miles of every pair that the rules allow, full homes too; NaN elsewhere and where unknown."""
    miles = np.full(may.shape, np.nan)
    row, where = np.nonzero(may)
    miles[row, where] = instance.miles(who[row], where)
    return miles


def _pence(instance: Instance, who: np.ndarray, pair_pence: np.ndarray) -> np.ndarray:
    """Pence a week of each pair of some children (ascending, as the pairs are); 0 where there is no pair."""
    pence = np.zeros((len(who), len(instance.homes)), dtype=np.int64)
    first, last = np.searchsorted(instance.pair_child, [who[0], who[-1] + 1])
    mine = np.flatnonzero(np.isin(instance.pair_child[first:last], who)) + first
    pence[np.searchsorted(who, instance.pair_child[mine]), instance.pair_home[mine]] = pair_pence[mine]
    return pence


def spare_places(instance: Instance, home: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places left in each home in the plan, and homes (bool) where nobody lives now nor in the plan.

    A lone child takes all that its home offers.
    """
    homes, present, solo = len(instance.homes), instance.present, instance.solo
    comes, leaves = (home >= 0) & (home != present), (present >= 0) & (home != present)
    stays_alone = (present >= 0) & (home == present) & solo
    taken = np.bincount(home[comes & ~solo], minlength=homes)
    for everything in (home[comes & solo], home[stays_alone]):
        np.add.at(taken, everything, instance.offered[everything])
    np.add.at(taken, home[stays_alone], instance.leavers[home[stays_alone]])
    moved = np.bincount(present[leaves], minlength=homes)
    spare = instance.offered + moved - taken
    return spare, (taken == 0) & rules.is_empty(instance.homes)


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
    miles = facts.miles[home]
    why = _why_here(facts, home, stays)
    if facts.exempt:
        return f"{opening}; distance is not counted for this child{why}."
    if np.isnan(miles):
        return f"{opening} at an unknown distance{why}."
    side = "beyond" if _is_beyond(facts, home) else "within"
    return f"{opening} {miles:.1f} miles away, {side} the limit of {facts.limit:g}{why}."


def _is_beyond(facts: Facts, home: int) -> bool:
    """The child's home in the plan is further than its limit, where distance counts."""
    return bool(not facts.exempt and facts.miles[home] > facts.limit)


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
    return _why_beyond(facts, others) if _is_beyond(facts, home) else _why_not_nearer(facts, home, others)


def _why_beyond(facts: Facts, others: np.ndarray) -> str:
    """Why a home beyond the limit."""
    near = others & (facts.miles <= facts.limit)
    if not near.any():
        return f": none of the {int(others.sum()) + 1} homes that may take this child is within it"
    if not (near & facts.room).any():
        return f": {_homes(near)} within it that may take this child {_is(near)} full in this plan"
    return ": a place within it was given up for an earlier objective"


def _why_not_nearer(facts: Facts, home: int, others: np.ndarray) -> str:
    """Why not one of the nearer homes."""
    if np.isnan(facts.miles[home]):
        return f": one of {int(others.sum()) + 1} homes that may take this child"
    nearer = others & (facts.miles < facts.miles[home])
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
