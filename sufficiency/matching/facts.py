"""What is true of each child and every home in a plan: who may live where, what is nearer, where a place is left.

Worked out for some children at a time, so that memory stays the same for an authority and for England. The rules are
read once for all children to whom they are alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from sufficiency.matching import rules
from sufficiency.matching.near import are_within
from sufficiency.matching.pairs import Instance, limits_of

CELLS_AT_ONCE: Final = 2_000_000
"""Children × homes whose facts are held at once."""

REFUSED: Final = (*rules.REFUSALS.values(), "ruled out by hand", "kept from this child by local practice")
"""How homes are described that may not take a child: the rules in their order, then what people have decided."""


@dataclass(frozen=True, eq=False)
class Facts:
    """What is true of one child and every home beside a plan.

    ``home``: where everyone lives in the plan (−1 for none); ``miles``: from the child to its own home in the plan (NaN
    unknown); ``limit`` [miles]; ``exempt``: distance is no measure. Per home: ``may`` (it may take the child; the
    present home and full ones among them), ``refusal`` (number of the first of REFUSED that keeps the child from it),
    ``closer`` (it may, and lies within the limit where the plan's home does not; else: it is nearer than the plan's
    home), ``pence`` (of those with a pair), ``room`` (it may take the child and still has a place, everyone else being
    where the plan says).
    """

    instance: Instance
    home: np.ndarray
    child: int
    miles: float
    limit: float
    exempt: bool
    may: np.ndarray
    refusal: np.ndarray
    closer: np.ndarray
    pence: np.ndarray
    room: np.ndarray

    @property
    def is_beyond(self) -> bool:
        """The child's home in the plan is further than its limit, where distance counts."""
        return not self.exempt and self.miles > self.limit


class Lists(NamedTuple):
    """Sorted keys (child × homes + home), and where those of each child start and, at the end, stop."""

    keys: np.ndarray
    starts: np.ndarray

    def of(self, who: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Position of every key of some children, and which of them (their number in ``who``) it belongs to."""
        spans = self.starts[who + 1] - self.starts[who]
        before = spans.cumsum() - spans
        positions = np.repeat(self.starts[who] - before, spans) + np.arange(spans.sum())
        return positions, np.repeat(np.arange(len(who)), spans)


def gather(instance: Instance, home: np.ndarray) -> Iterator[Facts]:
    """The facts of every child, in no order, about a plan in which child *i* lives at ``home[i]``."""
    spare, untouched = spare_places(instance, home)
    limit = limits_of(instance.children, instance.limit_miles)
    exempt = instance.children["distance_exempt"].to_numpy(dtype=bool)
    own = _miles_of_own_home(instance, home)
    closer_than = np.where(~exempt & (own > limit), limit, np.nextafter(own, -np.inf))
    lists, alike = (_lists(instance, each) for each in (_listed(instance), instance.ruled_out)), _alike(instance)
    listed, ruled_out = lists
    pairs, pair_pence = _lists(instance, _keys(instance)), -instance.weights("weekly_cost")[0]
    for who in in_chunks(np.argsort(alike, kind="stable"), len(instance.homes)):
        may, refusal = _may_take(instance, who, alike, listed, ruled_out)
        closer = _within(instance, who, may & (home[who] >= 0)[:, None], closer_than)
        pence = np.zeros(may.shape, dtype=np.int64)
        positions, row = pairs.of(who)
        pence[row, instance.pair_home[positions]] = pair_pence[positions]
        room = may & (spare >= 1) & (untouched | ~instance.solo[who][:, None])
        for number, child in enumerate(who.tolist()):
            of_child = (each[number] for each in (may, refusal, closer, pence, room))
            yield Facts(instance, home, child, float(own[child]), float(limit[child]), bool(exempt[child]), *of_child)


def in_chunks(numbers: np.ndarray, across: int) -> Iterator[np.ndarray]:
    """The numbers some at a time, so that a table of them and ``across`` columns stays within CELLS_AT_ONCE."""
    size = max(CELLS_AT_ONCE // max(across, 1), 1)
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]


def _alike(instance: Instance) -> np.ndarray:
    """A number for each child, the same for those to whom every rule is the same."""
    children = instance.children
    columns = [children[name] for name in ("sex", "needs_level", "solo")]
    lists = [map(tuple, children[name]) for name in ("allowed_kinds", "avoid_homes")]
    seen: dict[tuple[object, ...], int] = {}
    rows = zip(
        rules.ages(children, instance.as_of).tolist(), *(map(str, each) for each in columns), *lists, strict=True
    )
    return np.array([seen.setdefault(row, len(seen)) for row in rows], dtype=int)


def _may_take(
    instance: Instance, who: np.ndarray, alike: np.ndarray, listed: Lists, ruled_out: Lists
) -> tuple[np.ndarray, np.ndarray]:
    """For some children (rows) and every home: it may take the child, and the number of what forbids it (−1 nothing).

    A home that could have a place and that the instance does not list for the child is kept from it by practice.
    """
    _, first, number = np.unique(alike[who], return_index=True, return_inverse=True)
    refusal = _by_rule(instance, who[first])[number]
    for further, forbids in (
        (len(rules.REFUSALS), _inside(ruled_out, who, instance)),
        (len(rules.REFUSALS) + 1, _could_have_room(instance, who) & ~_inside(listed, who, instance)),
    ):
        refusal[forbids & (refusal < 0)] = further
    lives = np.flatnonzero(instance.present[who] >= 0)
    refusal[lives, instance.present[who[lives]]] = -1
    return refusal < 0, refusal


def _by_rule(instance: Instance, who: np.ndarray) -> np.ndarray:
    """Number of the first rule that each home breaks for some children, −1 for none."""
    shape = (len(who), len(instance.homes))
    checks = rules.passes(instance.children.iloc[who], instance.homes, instance.as_of)
    refusal = np.full(shape, -1, dtype=np.int8)
    for number, holds in reversed(list(enumerate(checks.values()))):
        refusal[np.broadcast_to(~holds, shape)] = number
    return refusal


def _could_have_room(instance: Instance, who: np.ndarray) -> np.ndarray:
    """Homes that could have a place for some children in any plan."""
    anyone, lone = instance.offered + instance.leavers >= 1, instance.offered >= 1
    return np.where(instance.solo[who][:, None], lone, anyone)


def _keys(instance: Instance) -> np.ndarray:
    return instance.pair_child.astype(np.int64) * len(instance.homes) + instance.pair_home


def _listed(instance: Instance) -> np.ndarray:
    """Every child and home that a plan could bring together, alone or with a unit, as sorted keys."""
    if len(instance.column_group) == 0:
        return _keys(instance)
    who = np.concatenate([instance.members[unit] for unit in instance.column_group]).astype(np.int64)
    where = np.repeat(instance.column_home, instance.group_sizes[instance.column_group])
    return np.sort(np.concatenate([_keys(instance), who * len(instance.homes) + where]), kind="stable")


def _lists(instance: Instance, keys: np.ndarray) -> Lists:
    ends = np.arange(len(instance.children) + 1, dtype=np.int64) * len(instance.homes)
    return Lists(keys, np.searchsorted(keys, ends))


def _inside(lists: Lists, who: np.ndarray, instance: Instance) -> np.ndarray:
    """Which of some children (rows) and homes are listed."""
    answer = np.zeros((len(who), len(instance.homes)), dtype=bool)
    positions, row = lists.of(who)
    answer[row, lists.keys[positions] - who[row] * len(instance.homes)] = True
    return answer


def _within(instance: Instance, who: np.ndarray, may: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """Which of the homes that may take some children (rows) lie within so many miles [per child of the pool]."""
    row, where = np.nonzero(may)
    here, there = (
        [table[f"{of}{axis}"].to_numpy(dtype=float) for axis in ("latitude", "longitude")]
        for table, of in ((instance.children, "home_"), (instance.homes, ""))
    )
    answer = np.zeros(may.shape, dtype=bool)
    from_here = (here[0][who], here[1][who])
    answer[row, where] = are_within(from_here, (there[0], there[1]), row, where, limit[who])
    return answer


def _miles_of_own_home(instance: Instance, home: np.ndarray) -> np.ndarray:
    """Miles from each child to its home in the plan; NaN without one."""
    miles, housed = np.full(len(home), np.nan), np.flatnonzero(home >= 0)
    miles[housed] = instance.miles(housed, home[housed])
    return miles


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
