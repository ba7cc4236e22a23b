"""What local practice asks of a match, for each demand path: the options that name its children, groups and homes.

All options of :class:`~sufficiency.matching.practice.Practice` are meant as in a match, but for two. A child cannot be
pinned to a home that may never be opened, and scores are of homes that are there, so a siting has no use for them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.errors import Fault
from sufficiency.matching.pins import unknown_ids
from sufficiency.matching.practice import Practice, fault_of_no_plan, faults_of
from sufficiency.records import tables
from sufficiency.records.registers import check_register

FIXED: Final = "fixed.csv"
AGAIN: Final = "\N{NUMBER SIGN}"
"""Stands between a name and its number where the same candidate, child or group comes again under a name of its own."""

Pools = dict[int, pd.DataFrame]


def read_practice(practice: Practice) -> tuple[Practice, list[Fault]]:
    """The options with ``fixed`` typed, its index the lines of its file, and what cannot be read or meant."""
    faults = []
    if practice.scores is not None:
        says = "scores are of homes that are there, and a candidate has none"
        faults.append(Fault("L28", "scores.csv", "", (), says, "Leave the scores out; they count in a match"))
    if practice.fixed is None:
        return practice, faults
    typed, found = check_register("fixed", practice.fixed, FIXED)
    lines = pd.Index(tables.line_numbers(practice.fixed), name=tables.LINE)
    return replace(practice, fixed=typed if found else typed.set_axis(lines)), [*faults, *found]


def practice_faults(
    practice: Practice,
    pools: Pools,
    homes: pd.DataFrame,
    candidate_homes: pd.DataFrame,
    as_of: pd.Timestamp,
    objectives: Sequence[str],
) -> list[Fault]:
    """Everything wrong with options that could be read: names of no path's children, groups or homes; a child pinned to
    a candidate; and what each path's own match would refuse."""
    everyone = pd.concat(list(pools.values())) if pools else pd.DataFrame()
    everywhere = pd.concat([homes, candidate_homes], ignore_index=True)
    faults = faults_of(replace(practice, fixed=None), everyone, everywhere, as_of, objectives)
    if practice.fixed is None:
        return faults
    faults += unknown_ids(practice.fixed, everyone.drop_duplicates("child_id"), everywhere, FIXED)
    proposed = practice.fixed["home_id"].isin(candidate_homes["home_id"])
    pinned = proposed & practice.fixed["decision"].eq("pin")
    if pinned.any():
        says, fix = "the home is a candidate, which may not be opened", "Delete the row, or add the home to homes.csv"
        faults.append(Fault("L29", FIXED, "home_id", tables.rows_where(practice.fixed, pinned), says, fix))
    if faults:
        return faults
    there = replace(
        practice,
        fixed=practice.fixed[~proposed],
        parent_and_child_homes=tuple(each for each in practice.parent_and_child_homes if each in set(homes["home_id"])),
    )
    found = (faults_of(practice_in(there, pool), pool.reset_index(drop=True), homes, as_of) for pool in pools.values())
    return told_once(fault for each in found for fault in each)


def practice_in(practice: Practice, pool: pd.DataFrame, copies: pd.DataFrame | None = None) -> Practice:
    """The options as they are meant in one path; what is said of a candidate holds for each of its ``copies``
    (``home_id`` ``first_id``: of each copy, and of the candidate)."""
    groups, never_split = set(pool["sibling_group"].dropna()), practice.never_split
    homes, fixed = practice.parent_and_child_homes, practice.fixed
    if fixed is not None:
        fixed = fixed[fixed["child_id"].isin(pool["child_id"])]
    if copies is not None:
        homes = (*homes, *copies.loc[copies["first_id"].isin(homes), "home_id"])
        if fixed is not None:
            of_copies = fixed.reset_index(drop=True).merge(copies, left_on="home_id", right_on="first_id")
            more = of_copies.assign(home_id=of_copies["home_id_y"])[list(fixed.columns)]
            fixed = pd.concat([fixed, more]).drop_duplicates(["child_id", "home_id", "decision"])
    return replace(
        practice,
        never_split="all" if never_split == "all" else _named(never_split, groups),
        parent_and_child=_named(practice.parent_and_child, groups),
        parent_and_child_homes=tuple(dict.fromkeys(homes)),
        fixed=fixed,
    )


def _named(names: Collection[str], groups: Iterable[str]) -> tuple[str, ...]:
    """The groups that have one of the names, or have it again."""
    return tuple(sorted(group for group in groups if group in names or group.rpartition(AGAIN)[0] in names))


def faults_of_no_match(practice: Practice, pools: Pools, homes: pd.DataFrame, as_of: pd.Timestamp) -> list[Fault]:
    """Why no match of some path keeps every pin, although each is sound by itself."""
    found = [
        fault_of_no_plan(practice_in(practice, pool), pool.reset_index(drop=True), homes, as_of)
        for pool in pools.values()
    ]
    return told_once(fault for fault in found if fault is not None)


def told_once(faults: Iterable[Fault]) -> list[Fault]:
    """Faults of several paths, alike ones as one with the rows of all."""
    rows: dict[Fault, set[int]] = {}
    for fault in faults:
        rows.setdefault(replace(fault, rows=()), set()).update(int(row) for row in np.array(fault.rows, dtype=int))
    return [replace(fault, rows=tuple(sorted(where))) for fault, where in rows.items()]
