"""From the two registers to the frozen instance that is matched: allowed pairs with miles, limit and cost.

Pairs and group columns that no plan could use (the home can never have that many places) are left out here, with that
as the proof; :attr:`Instance.may_live` still knows them, so that a reason can say that the home is full.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.errors import Fault, InputError
from sufficiency.geography import miles_between
from sufficiency.matching import rules
from sufficiency.vocabulary import NEEDS_LEVELS, USUAL_FOSTERING_LIMIT

OBJECTIVES: Final = ("placed", "within_limit", "siblings_together", "weekly_cost")
DEFAULT_LIMIT_MILES: Final = 20.0
"""Swindon Ofsted Improvement Plan, November 2023: in the area, or not more than 20 miles from it."""

NOT_COUNTED: Final = -1
"""``within`` of a pair whose distance is unknown or is no measure for the child (``distance_exempt``)."""


@dataclass(frozen=True, eq=False)
class Instance:
    """One matching problem. Children and homes are numbered in order of their ids, whatever the order of the input.

    ``children``, ``homes``: the pool and the homes, typed as the registers. ``child_rows``, ``home_rows``: the row of
    each in the input. ``may_live`` (children × homes, bool): the rules allow it, or it is the present home.
    ``present`` (per child): home of a step-down child, which frees a place there by moving out; else −1.
    ``group`` (per child): number of its sibling group of two or more in the pool, else −1; ``members``: who is in each.

    Per pair: ``pair_child`` ``pair_home``, ``pair_stays`` (the present home), ``pair_takes`` [places taken from those
    offered], ``pair_miles`` (NaN unknown), ``pair_within`` (1, 0, −1 not counted), ``pair_pence`` [pence a week].
    Per group and home that could take all of it: ``column_group`` ``column_home`` ``column_takes`` [places]
    ``column_stayers`` [members whose place there would otherwise be freed] ``column_within`` [children]
    ``column_pence`` [pence a week]. Per home: ``offered`` [places], ``leavers`` [step-down children whose place
    another may take].
    """

    children: pd.DataFrame
    homes: pd.DataFrame
    child_rows: np.ndarray
    home_rows: np.ndarray
    rows_given: int
    as_of: pd.Timestamp
    limit_miles: float
    objectives: tuple[str, ...]
    may_live: np.ndarray
    present: np.ndarray
    solo: np.ndarray
    group: np.ndarray
    members: tuple[np.ndarray, ...]
    pair_child: np.ndarray
    pair_home: np.ndarray
    pair_stays: np.ndarray
    pair_takes: np.ndarray
    pair_miles: np.ndarray
    pair_within: np.ndarray
    pair_pence: np.ndarray
    column_group: np.ndarray
    column_home: np.ndarray
    column_takes: np.ndarray
    column_stayers: np.ndarray
    column_within: np.ndarray
    column_pence: np.ndarray
    offered: np.ndarray
    leavers: np.ndarray
    prices: pd.DataFrame | None = field(repr=False, default=None)

    @property
    def group_sizes(self) -> np.ndarray:
        """Children in each sibling group."""
        return np.array([len(who) for who in self.members], dtype=int)

    def may_take(self, child: int) -> np.ndarray:
        """Homes (bool) that the rules allow a child, the present one and full ones among them."""
        return self.may_live[child]

    def refusals(self, child: int) -> np.ndarray:
        """Per home the number of the first rule that it breaks for a child, as :data:`rules.REFUSALS` counts them.

        −1 for a home that may take the child.
        """
        one = self.children.iloc[[child]]
        checks = rules.passes(one, self.homes, self.as_of)
        refused = np.stack([np.broadcast_to(~holds, (1, len(self.homes)))[0] for holds in checks.values()])
        return np.where(self.may_take(child), -1, refused.argmax(axis=0))

    def miles_of(self, child: int) -> np.ndarray:
        """Geodesic miles from a child's own home to each home; NaN unknown."""
        every = np.arange(len(self.homes))
        return miles_of_pairs(self.children, self.homes, np.full(len(every), child), every)

    def pence_of(self, child: int) -> np.ndarray:
        """Pence a week of each home for a child; 0 for homes that may not take it."""
        where = np.flatnonzero(self.may_take(child))
        pence = np.zeros(len(self.homes), dtype=np.int64)
        who = np.full(len(where), child)
        pence[where] = _pence(self.children, self.homes, who, where, self.prices, self.as_of, self.home_rows)
        return pence

    def weights(self, aim: str) -> tuple[np.ndarray, np.ndarray]:
        """What each pair and each group column adds to an aim, always to be maximised (int64; pence as a negative)."""
        size = self.group_sizes[self.column_group] if len(self.members) else np.zeros(0, dtype=int)
        of = {
            "placed": (np.ones(len(self.pair_child)), size),
            "within_limit": (self.pair_within == 1, self.column_within),
            "siblings_together": (np.zeros(len(self.pair_child)), size),
            "weekly_cost": (-self.pair_pence, -self.column_pence),
        }
        pairs, columns = of[aim]
        return pairs.astype(np.int64), columns.astype(np.int64)

    def kept(self, pairs: np.ndarray, columns: np.ndarray) -> Instance:
        """The same instance with only some of its pairs and group columns (masks); rules and places stay."""
        names = [each.name for each in fields(self)]
        of_pairs = {name: getattr(self, name)[pairs] for name in names if name.startswith("pair_")}
        of_columns = {name: getattr(self, name)[columns] for name in names if name.startswith("column_")}
        return replace(self, **of_pairs, **of_columns)


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
) -> Instance:
    """The matching problem of two typed registers (columns as ``records.registers.check_register`` returns them).

    Nothing is checked but that every allowed pair has a price (:class:`~sufficiency.errors.InputError`). A column
    ``age_years`` stands in for ``date_of_birth``; ``miles`` (rows of ``children`` × rows of ``homes``) for geography;
    ``barred``, of the same shape, rules out pairs that only the caller knows of (a present home is never ruled out).
    A ``solo`` child is never part of a sibling group here.
    """
    pool = np.flatnonzero(children["status"].to_numpy(dtype=object) != "settled")
    child_rows = pool[np.argsort(children["child_id"].to_numpy(dtype=object)[pool], kind="stable")]
    home_rows = np.argsort(homes["home_id"].to_numpy(dtype=object), kind="stable")
    children_in, homes_in = children.iloc[child_rows], homes.iloc[home_rows]
    solo = children_in["solo"].to_numpy(dtype=bool)
    present = _present_homes(children_in, homes_in)
    offered = rules.places_offered(homes_in)
    leavers = np.bincount(present[present >= 0], minlength=len(homes_in))
    may_live = rules.allowed(rules.passes(children_in, homes_in, as_of), (len(child_rows), len(home_rows)))
    if barred is not None:
        may_live &= ~barred[child_rows][:, home_rows]
    may_live[np.flatnonzero(present >= 0), present[present >= 0]] = True
    group, members = _sibling_groups(children_in["sibling_group"], solo)

    could_have_room = np.where(solo[:, None], offered >= 1, offered + leavers >= 1) & may_live
    could_have_room[np.flatnonzero(present >= 0), present[present >= 0]] = True
    pair_child, pair_home = np.nonzero(could_have_room)
    stays = present[pair_child] == pair_home
    given = None if miles is None else miles[child_rows][:, home_rows][pair_child, pair_home]
    pair_miles = miles_of_pairs(children_in, homes_in, pair_child, pair_home) if given is None else given
    within = _within(children_in, pair_child, pair_miles, limit_miles)
    pence = _pence(children_in, homes_in, pair_child, pair_home, prices, as_of, home_rows)
    dense_within = np.zeros(may_live.shape, dtype=int)
    dense_within[pair_child, pair_home] = within == 1
    dense_pence = np.zeros(may_live.shape, dtype=np.int64)
    dense_pence[pair_child, pair_home] = pence
    columns = _group_columns(homes_in, members, may_live, present, offered, leavers)
    return Instance(
        children=children_in,
        homes=homes_in,
        child_rows=child_rows,
        home_rows=home_rows,
        rows_given=len(children),
        as_of=as_of,
        limit_miles=float(limit_miles),
        objectives=tuple(objectives),
        may_live=may_live,
        present=present,
        solo=solo,
        group=group,
        members=members,
        pair_child=pair_child,
        pair_home=pair_home,
        pair_stays=stays,
        pair_takes=np.where(stays, 0, np.where(solo[pair_child], offered[pair_home], 1)),
        pair_miles=pair_miles,
        pair_within=within,
        pair_pence=pence,
        column_group=columns[0],
        column_home=columns[1],
        column_takes=columns[2],
        column_stayers=columns[3],
        column_within=_summed(dense_within, members, columns),
        column_pence=_summed(dense_pence, members, columns),
        offered=offered,
        leavers=leavers,
        prices=prices,
    )


def _present_homes(children: pd.DataFrame, homes: pd.DataFrame) -> np.ndarray:
    """Position of the present home of each step-down child; −1 for everyone else."""
    present = np.full(len(children), -1)
    steps_down = np.flatnonzero(children["status"].to_numpy(dtype=object) == "step_down")
    if len(steps_down):
        wanted = children["current_home_id"].iloc[steps_down]
        present[steps_down] = pd.Index(homes["home_id"]).get_indexer(wanted)
    return present


def _sibling_groups(named: pd.Series, solo: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Group number of each child (−1 outside any) and the members of each group of two or more."""
    codes = pd.factorize(named, sort=True)[0]
    codes[solo] = -1
    sizes = np.bincount(codes[codes >= 0], minlength=codes.max(initial=-1) + 1)
    number = np.full(len(sizes) + 1, -1)
    number[:-1][sizes >= 2] = np.arange((sizes >= 2).sum())
    group = number[codes]
    return group, tuple(np.flatnonzero(group == g) for g in range((sizes >= 2).sum()))


def miles_of_pairs(children: pd.DataFrame, homes: pd.DataFrame, who: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Geodesic miles of each pair; NaN when either point is unknown."""
    return miles_between(
        children["home_latitude"].to_numpy(dtype=float)[who],
        children["home_longitude"].to_numpy(dtype=float)[who],
        homes["latitude"].to_numpy(dtype=float)[where],
        homes["longitude"].to_numpy(dtype=float)[where],
    )


def limits_of(children: pd.DataFrame, limit_miles: float) -> np.ndarray:
    """Miles within which each child's home should be: its own limit where it has one."""
    own = children["max_miles"].to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isnan(own), limit_miles, own)


def _within(children: pd.DataFrame, who: np.ndarray, miles: np.ndarray, limit_miles: float) -> np.ndarray:
    """1 within the child's limit, 0 beyond it, −1 where distance is unknown or no measure for the child."""
    counted = ~children["distance_exempt"].to_numpy(dtype=bool)[who] & ~np.isnan(miles)
    return np.where(counted, miles <= limits_of(children, limit_miles)[who], NOT_COUNTED).astype(np.int8)


def _pence(
    children: pd.DataFrame,
    homes: pd.DataFrame,
    who: np.ndarray,
    where: np.ndarray,
    prices: pd.DataFrame | None,
    as_of: pd.Timestamp,
    home_rows: np.ndarray,
) -> np.ndarray:
    """Pence a week of each pair: the home's own cost, else the price of its kind for the child's needs level."""
    own = homes["weekly_cost"].to_numpy(dtype=float, na_value=np.nan)[where]
    unpriced = np.isnan(own)
    if unpriced.any():
        level = children["needs_level"].to_numpy(dtype=int)[who[unpriced]]
        kind = homes["kind"].to_numpy(dtype=object)[where[unpriced]]
        own[unpriced] = _prices_for(kind, level, prices, as_of)
    missing = np.unique(home_rows[where[np.isnan(own)]])
    if len(missing):
        raise InputError([_no_price(missing)])
    return np.rint(own * 100).astype(np.int64)


def _prices_for(kind: np.ndarray, level: np.ndarray, prices: pd.DataFrame | None, as_of: pd.Timestamp) -> np.ndarray:
    """£ a week by kind and needs level: the latest row from the date back, one for the level before one for any."""
    table: dict[tuple[str, int], float] = {}
    if prices is not None:
        started = prices[prices["from_date"] <= as_of].sort_values("from_date", kind="stable")
        levels = started["needs_level"].to_numpy(dtype=float, na_value=np.nan)
        for name, given, cost in zip(started["kind"], levels, started["weekly_cost"], strict=True):
            table[str(name), 0 if np.isnan(given) else int(given)] = float(cost)
    by_pair = {
        (name, number): table.get((name, number), table.get((name, 0), np.nan))
        for name in set(kind)
        for number in NEEDS_LEVELS
    }
    return np.array([by_pair[name, number] for name, number in zip(kind, level, strict=True)], dtype=float)


def _no_price(home_rows: np.ndarray) -> Fault:
    """The fault of homes whose cost is empty and whose kind has no price on the date."""
    return Fault(
        code="K04",
        table="homes.csv",
        column="weekly_cost",
        rows=tuple(int(row) + 2 for row in home_rows),
        says="weekly_cost is empty and prices.csv has no price for this kind and needs level on the date",
        fix="Give the home's weekly cost, or a row in prices.csv with a from_date on or before the date",
    )


def _group_columns(
    homes: pd.DataFrame,
    members: tuple[np.ndarray, ...],
    may_live: np.ndarray,
    present: np.ndarray,
    offered: np.ndarray,
    leavers: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Group, home, places taken and stayers, for every home that could take a whole sibling group.

    More than three siblings may live in a fostering household only when nobody else does: an empty one, which they
    take whole (all that it offers), or one in which all of them live already.
    """
    found: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []
    household, empty, places = rules.is_fostering(homes), rules.is_empty(homes), homes["places"].to_numpy(dtype=int)
    every_home = np.arange(len(homes))
    for number, who in enumerate(members):
        stayers = (present[who][:, None] == every_home).sum(axis=0)
        incoming = len(who) - stayers
        room = incoming <= offered + leavers - stayers
        takes = incoming
        if len(who) > USUAL_FOSTERING_LIMIT:
            takes = np.where(household & (incoming > 0), offered, incoming)
            room = np.where(household & (incoming > 0), empty & (places >= len(who)), room)
        where = np.flatnonzero(may_live[who].all(axis=0) & (room | (incoming == 0)))
        found.append((np.full(len(where), number), where, takes[where], stayers[where]))
    nothing = np.zeros(0, dtype=int)
    return tuple(np.concatenate([nothing, *(part[i] for part in found)]) for i in range(4))  # type: ignore[return-value]


def _summed(dense: np.ndarray, members: tuple[np.ndarray, ...], columns: tuple[np.ndarray, ...]) -> np.ndarray:
    """Sum of a per-child-and-home figure over the members of each group column's group."""
    by_group = [dense[who].sum(axis=0) for who in members]
    return np.array([by_group[g][h] for g, h in zip(columns[0], columns[1], strict=True)], dtype=np.int64)
