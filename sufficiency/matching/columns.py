"""Sibling groups as columns of their own: a unit of children and a home that could take all of it.

A variable for the whole group keeps the linear relaxation tight: half a group in each of two homes is then worth
nothing, where pairwise variables would count it as together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from sufficiency.matching import rules
from sufficiency.matching.practice import Practice
from sufficiency.vocabulary import USUAL_FOSTERING_LIMIT


@dataclass(frozen=True, eq=False)
class Units:
    """Who can have a column. ``group`` (per child): its sibling group of two or more, else −1; ``members``: the groups,
    ``groups`` of them, and after them the parts of a group that need a home together while the rest may stay put.

    ``never_apart`` (per child): 1 for the children of a group that is never split, 2 for a parent and child, else 0;
    ``alone`` (per child): may have a home that the others of its unit do not share.
    """

    group: np.ndarray
    members: tuple[np.ndarray, ...]
    groups: int
    never_apart: np.ndarray
    alone: np.ndarray


def units_of(children: pd.DataFrame, solo: np.ndarray, present: np.ndarray, practice: Practice) -> Units:
    """Sibling groups of the pool, a solo child never in one, and what practice says of them.

    A group that is never split has one home together or none; its step-down children may also stay where they are.
    When just one of it needs a home, that child may live anywhere. A parent and child have one home or none.
    """
    codes, names = pd.factorize(children["sibling_group"], sort=True)
    codes = codes.copy()
    codes[solo] = -1
    sizes = np.bincount(codes[codes >= 0], minlength=len(names))
    number = np.full(len(sizes) + 1, -1)
    number[:-1][sizes >= 2] = np.arange((sizes >= 2).sum())
    group = number[codes]
    order = np.argsort(group, kind="stable")
    ends = np.searchsorted(group[order], np.arange((sizes >= 2).sum() + 1))
    members = [order[start:end] for start, end in pairwise(ends)]
    if not (practice.never_split or practice.parent_and_child):
        return Units(group, tuple(members), len(members), np.zeros(len(group), dtype=int), group >= -1)
    own = np.asarray(names, dtype=object)[sizes >= 2]
    unsplit = np.ones(len(own), dtype=bool) if practice.never_split == "all" else np.isin(own, practice.never_split)
    kinds = np.where(np.isin(own, practice.parent_and_child), 2, np.where(unsplit, 1, 0))
    never_apart = np.where(group >= 0, np.append(kinds, 0)[group], 0)
    alone = never_apart == 0
    for number_of, who in enumerate(list(members)):
        seeking = who[present[who] < 0]
        if kinds[number_of] == 1 and len(seeking) < len(who):
            alone[seeking] = len(seeking) == 1
            if len(seeking) >= 2:
                members.append(seeking)
    return Units(group, tuple(members), len(own), never_apart, alone)


def unit_columns(
    homes: pd.DataFrame,
    units: Units,
    present: np.ndarray,
    offered: np.ndarray,
    leavers: np.ndarray,
    pairs: tuple[np.ndarray, np.ndarray],
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Unit, home, places taken and stayers, for every home that could take all of a unit.

    ``pairs``: child and home of every allowed pair, in order. More than three siblings may live in a fostering
    household only when nobody else does: an empty one, which they take whole (all that it offers), or one over the
    limit already, in the places of those who leave.
    """
    found: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []
    household, empty, places = rules.is_fostering(homes), rules.is_empty(homes), homes["places"].to_numpy(dtype=int)
    starts = np.searchsorted(pairs[0], np.arange(len(present) + 1))
    for number, who in enumerate(units.members):
        lists = [pairs[1][starts[child] : starts[child + 1]] for child in who]
        where = np.flatnonzero(np.bincount(np.concatenate(lists), minlength=len(homes)) == len(who))
        at_home = present[who]
        stayers = (at_home[:, None] == where).sum(axis=0) if (at_home >= 0).any() else np.zeros(len(where), dtype=int)
        incoming = len(who) - stayers
        room = incoming <= offered[where] + leavers[where] - stayers
        takes = incoming
        if len(who) > USUAL_FOSTERING_LIMIT:
            nobody_there = household[where] & empty[where] & (incoming > 0)
            takes = np.where(nobody_there, offered[where], incoming)
            whole = number < units.groups
            room = np.where(nobody_there, whole & (places[where] >= len(who)), room)
        keep = room | (incoming == 0)
        found.append((np.full(keep.sum(), number), where[keep], takes[keep], stayers[keep]))
    nothing = np.zeros(0, dtype=np.int64)
    return tuple(np.concatenate([nothing, *(part[i] for part in found)]) for i in range(4))  # type: ignore[return-value]


def summed(
    figures: Sequence[np.ndarray],
    members: tuple[np.ndarray, ...],
    column: tuple[np.ndarray, np.ndarray],
    pairs: tuple[np.ndarray, np.ndarray],
    homes: int,
) -> list[np.ndarray]:
    """Sum of each figure of the pairs over the members of each column's unit; ``column``: unit and home."""
    unit, home = column
    if len(unit) == 0:
        return [np.zeros(0, dtype=np.int64) for _ in figures]
    sizes = np.array([len(who) for who in members])[unit]
    who = np.concatenate([members[each] for each in unit])
    keys = pairs[0].astype(np.int64) * homes + pairs[1]
    place = np.searchsorted(keys, who * homes + np.repeat(home, sizes))
    starts = np.concatenate([[0], sizes.cumsum()[:-1]])
    return [np.add.reduceat(each[place].astype(np.int64), starts) for each in figures]
