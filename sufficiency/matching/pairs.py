"""From the two registers to the frozen instance that is matched: allowed pairs with limit, cost and the other aims.

Pairs and unit columns that no plan could use (the home can never have that many places) are left out here, with that
as the proof; :meth:`Instance.may_take` still knows them, so that a reason can say that the home is full.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.matching import rules
from sufficiency.matching.columns import Units, summed, unit_columns, units_of
from sufficiency.matching.instance import KNOWN_OBJECTIVES, OBJECTIVES, Instance
from sufficiency.matching.pair_figures import (
    NOT_COUNTED,
    Pairs,
    limits_of,
    near_school,
    pence_of_pairs,
    positions,
    scores_of,
    within_given,
    within_limit,
)
from sufficiency.matching.practice import Practice

__all__ = [
    "DEFAULT_LIMIT_MILES",
    "KNOWN_OBJECTIVES",
    "NOT_COUNTED",
    "OBJECTIVES",
    "Instance",
    "build_instance",
    "limits_of",
]

DEFAULT_LIMIT_MILES: Final = 20.0
"""Swindon Ofsted Improvement Plan, November 2023: in the area, or not more than 20 miles from it."""

CELLS_AT_ONCE: Final = 2_000_000
"""Pairs of a child and a home for which the rules are read at once."""


def build_instance(
    children: pd.DataFrame,
    homes: pd.DataFrame,
    *,
    limit_miles: float = DEFAULT_LIMIT_MILES,
    objectives: Sequence[str] = OBJECTIVES,
    as_of: pd.Timestamp,
    prices: pd.DataFrame | None = None,
    miles: np.ndarray | None = None,
    barred: np.ndarray | None = None,
    practice: Practice | None = None,
    listed: Pairs | None = None,
    level_3_homes: Collection[str] = (),
) -> Instance:
    """The matching problem of two typed registers (columns as ``records.registers.check_register`` returns them).

    Nothing is checked but that every allowed pair has a price (:class:`~sufficiency.errors.InputError`). A column
    ``age_years`` stands in for ``date_of_birth``; ``miles`` (rows of ``children`` × rows of ``homes``) for geography;
    ``barred``, of the same shape, rules out pairs that only the caller knows of (a present home is never ruled out).
    A ``solo`` child is never part of a sibling group here. ``listed``: the only pairs to look at, in order and known to
    be allowed, by the numbers of children and homes in order of their ids. ``level_3_homes``: where settled children of
    needs level 3 live, for a caller whose ``children`` are the pool alone.
    """
    practice = Practice() if practice is None else practice
    pool = np.flatnonzero(children["status"].to_numpy(dtype=object) != "settled")
    child_rows = pool[np.argsort(children["child_id"].to_numpy(dtype=object)[pool], kind="stable")]
    home_rows = np.argsort(homes["home_id"].to_numpy(dtype=object), kind="stable")
    register, children, homes = children, children.iloc[child_rows], homes.iloc[home_rows]
    solo = children["solo"].to_numpy(dtype=bool)
    present = _present_homes(children, homes)
    offered = rules.places_offered(homes)
    leavers = np.bincount(present[present >= 0], minlength=len(homes))
    units = units_of(children, solo, present, practice)
    pinned, ruled_out = _by_hand(children, homes, practice, barred, child_rows, home_rows)

    pairs = listed or _allowed_pairs(children, homes, as_of, solo, present, offered, leavers, ruled_out)
    level_3_settled = _level_3_settled(register, homes) | homes["home_id"].isin(level_3_homes).to_numpy()
    pairs = _by_practice(pairs, level_3_settled, children, homes, units, present, practice)
    pairs = _pinned(pairs, pinned)
    given = None if miles is None else miles[child_rows[pairs[0]], home_rows[pairs[1]]]
    within = (
        within_limit(children, homes, pairs, limit_miles)
        if given is None
        else within_given(children, pairs, given, limit_miles)
    )
    pence = pence_of_pairs(children, homes, *pairs, prices, as_of, home_rows)
    school, score = near_school(children, homes, pairs, practice), scores_of(children, homes, pairs, practice.scores)
    columns = unit_columns(homes, units, present, offered, leavers, pairs)
    sums = summed([within == 1, pence, school, score], units.members, columns[:2], pairs, len(homes))
    stays = present[pairs[0]] == pairs[1]
    instance = Instance(
        children=children,
        homes=homes,
        child_rows=child_rows,
        home_rows=home_rows,
        rows_given=len(register),
        as_of=as_of,
        limit_miles=float(limit_miles),
        objectives=tuple(objectives),
        practice=practice,
        present=present,
        pinned=pinned,
        solo=solo,
        group=units.group,
        members=units.members,
        groups=units.groups,
        pair_child=pairs[0],
        pair_home=pairs[1],
        pair_stays=stays,
        pair_takes=np.where(stays, 0, np.where(solo[pairs[0]], offered[pairs[1]], 1)),
        pair_within=within,
        pair_pence=pence,
        pair_school=school,
        pair_score=score,
        column_group=columns[0],
        column_home=columns[1],
        column_takes=columns[2],
        column_stayers=columns[3],
        column_within=sums[0],
        column_pence=sums[1],
        column_school=sums[2],
        column_score=sums[3],
        offered=offered,
        leavers=leavers,
        level_3_settled=level_3_settled,
        ruled_out=ruled_out,
        prices=prices,
    )
    if units.alone.all():
        return instance
    return instance.kept(units.alone[pairs[0]] | stays, np.ones(len(columns[0]), dtype=bool))


def _present_homes(children: pd.DataFrame, homes: pd.DataFrame) -> np.ndarray:
    """Position of the present home of each step-down child; −1 for everyone else."""
    present = np.full(len(children), -1)
    steps_down = np.flatnonzero(children["status"].to_numpy(dtype=object) == "step_down")
    if len(steps_down):
        ids = homes["home_id"].to_numpy(dtype=object)
        wanted = children["current_home_id"].to_numpy(dtype=object)[steps_down]
        row = {name: number for number, name in enumerate(ids)}
        present[steps_down] = [row.get(name, -1) for name in wanted]
    return present


def _by_hand(
    children: pd.DataFrame,
    homes: pd.DataFrame,
    practice: Practice,
    barred: np.ndarray | None,
    child_rows: np.ndarray,
    home_rows: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Home that each child is pinned to (−1 for none), and the pairs ruled out, as child × homes + home."""
    pinned = np.full(len(children), -1)
    out = np.zeros(0, dtype=np.int64)
    if barred is not None:
        out = np.flatnonzero(barred[child_rows][:, home_rows])
    if practice.fixed is not None and len(practice.fixed):
        who, where = positions(children, homes, practice.fixed)
        decision, known = practice.fixed["decision"].to_numpy(dtype=object), (who >= 0) & (where >= 0)
        pin, rule_out = known & (decision == "pin"), known & (decision == "rule_out")
        pinned[who[pin]] = where[pin]
        out = np.union1d(out, who[rule_out] * len(homes) + where[rule_out])
    return pinned, out


def _allowed_pairs(
    children: pd.DataFrame,
    homes: pd.DataFrame,
    as_of: pd.Timestamp,
    solo: np.ndarray,
    present: np.ndarray,
    offered: np.ndarray,
    leavers: np.ndarray,
    ruled_out: np.ndarray,
) -> Pairs:
    """Pairs that the rules allow in homes that could have a place; a present home is never ruled out."""
    found: list[Pairs] = []
    rows = max(CELLS_AT_ONCE // max(len(homes), 1), 1)
    for first in range(0, len(children), rows):
        some = slice(first, first + rows)
        here, alone = children.iloc[some], solo[some]
        may = rules.allowed(rules.passes(here, homes, as_of), (len(here), len(homes)))
        may &= np.where(alone[:, None], offered >= 1, offered + leavers >= 1)
        if len(ruled_out):
            mine = ruled_out[(ruled_out >= first * len(homes)) & (ruled_out < (first + len(here)) * len(homes))]
            may.reshape(-1)[mine - first * len(homes)] = False
        at_home = np.flatnonzero(present[some] >= 0)
        may[at_home, present[some][at_home]] = True
        who, where = np.nonzero(may)
        found.append((who + first, where))
    if not found:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    return np.concatenate([who for who, _ in found]), np.concatenate([where for _, where in found])


def _level_3_settled(register: pd.DataFrame, homes: pd.DataFrame) -> np.ndarray:
    """Homes (bool) in which a settled child of needs level 3 lives."""
    settled = (register["status"].to_numpy(dtype=object) == "settled") & (register["needs_level"].to_numpy() == 3)
    if "current_home_id" not in register or not settled.any():
        return np.zeros(len(homes), dtype=bool)
    return homes["home_id"].isin(register["current_home_id"][settled].dropna()).to_numpy()


def _by_practice(
    pairs: Pairs,
    level_3_settled: np.ndarray,
    children: pd.DataFrame,
    homes: pd.DataFrame,
    units: Units,
    present: np.ndarray,
    practice: Practice,
) -> Pairs:
    """Without the pairs that a council's practice leaves out, the present home always among what is left."""
    keep = np.ones(len(pairs[0]), dtype=bool)
    if practice.one_level_3:
        level_3 = children["needs_level"].to_numpy(dtype=int) == 3
        keep &= ~(level_3[pairs[0]] & (level_3_settled & rules.is_fostering(homes))[pairs[1]])
    if practice.parent_and_child_homes:
        listed = np.isin(homes["home_id"].to_numpy(dtype=object), practice.parent_and_child_homes)
        keep &= (units.never_apart[pairs[0]] != 2) | listed[pairs[1]]
    keep |= present[pairs[0]] == pairs[1]
    return pairs[0][keep], pairs[1][keep]


def _pinned(pairs: Pairs, pinned: np.ndarray) -> Pairs:
    """Only the pair that a person has fixed, for each child who is pinned."""
    keep = (pinned[pairs[0]] < 0) | (pinned[pairs[0]] == pairs[1])
    return pairs[0][keep], pairs[1][keep]
