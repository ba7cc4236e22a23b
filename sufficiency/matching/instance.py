"""The frozen matching problem: allowed pairs of children and homes with what each adds to every aim."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.geography import miles_between
from sufficiency.matching import rules
from sufficiency.matching.pair_figures import near_school, pence_of_pairs, scores_of, within_limit
from sufficiency.matching.practice import Practice
from sufficiency.vocabulary import IN_HOUSE_KINDS

OBJECTIVES: Final = ("placed", "within_limit", "siblings_together", "weekly_cost")
"""What is sought, and in which order, when nobody says otherwise."""

KNOWN_OBJECTIVES: Final = (*OBJECTIVES, "school_within", "in_house", "preference")


@dataclass(frozen=True, eq=False)
class Instance:
    """One matching problem. Children and homes are numbered in order of their ids, whatever the order of the input.

    ``children``, ``homes``: the pool and the homes, typed as the registers. ``child_rows``, ``home_rows``: the row of
    each in the input. ``present`` (per child): home of a step-down child, which frees a place there by moving out;
    else −1. ``pinned`` (per child): the home that a person has fixed, else −1. ``group`` (per child): number of its
    sibling group of two or more in the pool, else −1. ``members``: who is in each unit that can have a column: the
    groups first, ``groups`` of them, then those parts of a group that must stay together when the rest stays put.

    Per pair, in order of child and home: ``pair_child`` ``pair_home``, ``pair_stays`` (the present home),
    ``pair_takes`` [places taken from those offered], ``pair_within`` (1, 0, −1 not counted), ``pair_pence`` [pence a
    week], ``pair_school`` (1 near the school), ``pair_score`` (the social workers' preference). Per unit and home that
    could take all of it: ``column_group`` ``column_home`` ``column_takes`` [places] ``column_stayers`` [members whose
    place there would otherwise be freed] ``column_within`` [children] ``column_pence`` [pence a week]
    ``column_school`` [children] ``column_score``. Per home: ``offered`` [places], ``leavers`` [step-down children
    whose place another may take], ``level_3_settled`` (bool: a settled child of needs level 3 lives there).
    ``ruled_out``: pairs, as child × homes + home, that only the caller knows of. ``one_of_many``: matched in a loop, so
    that a way that is slow to load and fast to run is worth its while.
    """

    children: pd.DataFrame
    homes: pd.DataFrame
    child_rows: np.ndarray
    home_rows: np.ndarray
    rows_given: int
    as_of: pd.Timestamp
    limit_miles: float
    objectives: tuple[str, ...]
    practice: Practice
    present: np.ndarray
    pinned: np.ndarray
    solo: np.ndarray
    group: np.ndarray
    members: tuple[np.ndarray, ...]
    groups: int
    pair_child: np.ndarray
    pair_home: np.ndarray
    pair_stays: np.ndarray
    pair_takes: np.ndarray
    pair_within: np.ndarray
    pair_pence: np.ndarray
    pair_school: np.ndarray
    pair_score: np.ndarray
    column_group: np.ndarray
    column_home: np.ndarray
    column_takes: np.ndarray
    column_stayers: np.ndarray
    column_within: np.ndarray
    column_pence: np.ndarray
    column_school: np.ndarray
    column_score: np.ndarray
    offered: np.ndarray
    leavers: np.ndarray
    level_3_settled: np.ndarray
    ruled_out: np.ndarray
    prices: pd.DataFrame | None = field(repr=False, default=None)
    one_of_many: bool = False

    @property
    def group_sizes(self) -> np.ndarray:
        """Children in each unit."""
        return np.array([len(who) for who in self.members], dtype=int)

    @property
    def must(self) -> np.ndarray:
        """Children (bool) who live somewhere in every plan: those with a present home, and those pinned by hand."""
        return (self.present >= 0) | (self.pinned >= 0)

    @property
    def level_3_homes(self) -> tuple[str, ...]:
        """Ids of the homes in which a settled child of needs level 3 lives."""
        return tuple(self.homes["home_id"][self.level_3_settled])

    def may_take(self, child: int) -> np.ndarray:
        """Homes (bool) that the rules allow a child, the present one and full ones among them."""
        return self.allowed(np.array([child]))[0]

    def allowed(self, who: np.ndarray) -> np.ndarray:
        """Homes that the rules allow some of the children, shape (``who``, homes), full homes among them."""
        checks = rules.passes(self.children.iloc[who], self.homes, self.as_of)
        answer = rules.allowed(checks, (len(who), len(self.homes)))
        keys = who[:, None] * len(self.homes) + np.arange(len(self.homes))
        if len(self.ruled_out):
            answer &= ~np.isin(keys, self.ruled_out)
        steps_down = np.flatnonzero(self.present[who] >= 0)
        answer[steps_down, self.present[who[steps_down]]] = True
        return answer

    def refusals(self, child: int) -> np.ndarray:
        """Per home the number of the first rule that it breaks for a child, as :data:`rules.REFUSALS` counts them.

        −1 for a home that may take the child; one past the last for a home that was ruled out by hand.
        """
        checks = rules.passes(self.children.iloc[[child]], self.homes, self.as_of)
        refused = np.stack([np.broadcast_to(~holds, (1, len(self.homes)))[0] for holds in checks.values()])
        first = np.where(refused.any(axis=0), refused.argmax(axis=0), len(refused))
        return np.where(self.may_take(child), -1, first)

    def miles_of(self, child: int) -> np.ndarray:
        """Geodesic miles from a child's own home to each home; NaN unknown."""
        every = np.arange(len(self.homes))
        return self.miles(np.full(len(every), child), every)

    def miles(self, who: np.ndarray, where: np.ndarray) -> np.ndarray:
        """Geodesic miles of pairs of a child and a home; NaN unknown."""
        return miles_between(
            self.children["home_latitude"].to_numpy(dtype=float)[who],
            self.children["home_longitude"].to_numpy(dtype=float)[who],
            self.homes["latitude"].to_numpy(dtype=float)[where],
            self.homes["longitude"].to_numpy(dtype=float)[where],
        )

    def pence(self, who: np.ndarray, where: np.ndarray) -> np.ndarray:
        """Pence a week of pairs of a child and a home that may take it."""
        return pence_of_pairs(self.children, self.homes, who, where, self.prices, self.as_of, self.home_rows)

    def within(self, who: np.ndarray, where: np.ndarray) -> np.ndarray:
        """1 within the child's limit, 0 beyond it, −1 where distance is unknown or no measure for the child."""
        return within_limit(self.children, self.homes, (who, where), self.limit_miles)

    def at_school(self, who: np.ndarray, where: np.ndarray) -> np.ndarray:
        """1 where the home is near enough to the child's school to keep it, else 0."""
        return near_school(self.children, self.homes, (who, where), self.practice)

    def score(self, who: np.ndarray, where: np.ndarray) -> np.ndarray:
        """The social workers' preference for each pair, 0 where they gave none."""
        return scores_of(self.children, self.homes, (who, where), self.practice.scores)

    def at(self, who: np.ndarray, where: np.ndarray) -> np.ndarray:
        """Position of each pair of a child and a home among the listed pairs; −1 for one that is not listed."""
        keys = self.pair_child.astype(np.int64) * len(self.homes) + self.pair_home
        wanted = np.asarray(who, dtype=np.int64) * len(self.homes) + where
        place = np.searchsorted(keys, wanted)
        found = place < len(keys)
        found[found] = keys[place[found]] == wanted[found]
        return np.where(found, place, -1)

    def in_house(self) -> np.ndarray:
        """Homes (bool) of the authority's own carers, its relatives' and friends' among them."""
        return np.isin(self.homes["kind"].to_numpy(dtype=object).astype(str), IN_HOUSE_KINDS)

    def weights(self, aim: str) -> tuple[np.ndarray, np.ndarray]:
        """What each pair and each unit's column adds to an aim, always to be maximised (int64; pence as a negative)."""
        size = self.group_sizes[self.column_group] if len(self.column_group) else np.zeros(0, dtype=int)
        pairs = len(self.pair_child)
        if aim == "placed":
            return np.ones(pairs, dtype=np.int64), size
        if aim == "within_limit":
            return (self.pair_within == 1).astype(np.int64), self.column_within
        if aim == "siblings_together":
            return np.zeros(pairs, dtype=np.int64), np.where(self.column_group < self.groups, size, 0)
        if aim == "weekly_cost":
            return -self.pair_pence.astype(np.int64), -self.column_pence
        if aim == "school_within":
            return self.pair_school.astype(np.int64), self.column_school
        if aim == "in_house":
            own = self.in_house()
            return own[self.pair_home].astype(np.int64), np.where(own[self.column_home], size, 0)
        if aim == "preference":
            return self.pair_score.astype(np.int64), self.column_score
        raise KeyError(aim)

    def kept(self, pairs: np.ndarray, columns: np.ndarray) -> Instance:
        """The same instance with only some of its pairs and unit columns (masks); rules and places stay."""
        names = [each.name for each in fields(self)]
        of_pairs = {name: getattr(self, name)[pairs] for name in names if name.startswith("pair_")}
        of_columns = {name: getattr(self, name)[columns] for name in names if name.startswith("column_")}
        return replace(self, **of_pairs, **of_columns)
