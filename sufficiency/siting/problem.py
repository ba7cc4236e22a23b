"""The siting problem: candidates with what they cost, and for each demand path the children and all homes together.

A candidate of which several may be opened stands in the homes of a path as that many copies, each a home of its own
with its own limits; ``opened`` counts how many of them are open.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.errors import Fault, InputError, SolverError
from sufficiency.matching.flow import NoPlanError
from sufficiency.matching.loop import solve_in_loop
from sufficiency.matching.pairs import Instance, build_instance
from sufficiency.matching.practice import Practice
from sufficiency.matching.rules import is_fostering
from sufficiency.siting.practice_by_path import AGAIN, practice_in
from sufficiency.vocabulary import USUAL_FOSTERING_LIMIT

WELFARE_AIMS: Final = ("placed", "within_limit", "siblings_together", "school_within", "in_house")
COST: Final = "cost"
DEFAULT_AIMS: Final = ("placed", "within_limit", COST)
DAYS_A_YEAR: Final = 365.25
PENCE_IN_A_POUND: Final = 100
"""Costs are in £ a week in the relaxations, so that all coefficients are of like size."""

FIRST_LINE: Final = 2
"""Line of a table's first row in its file, below the header."""


@dataclass(frozen=True, eq=False)
class DemandPath:
    """One pool of children with the homes that are there and every copy of every candidate.

    ``candidate`` (per home of the instance): number of its candidate, −1 for a home that is there already; ``copy``:
    0 for a candidate's first copy, 1 for the second … ``held_out``: not used to choose, only to see how the choice
    does.
    """

    number: int
    instance: Instance
    candidate: np.ndarray
    copy: np.ndarray
    held_out: bool

    @property
    def has_whole_answers(self) -> bool:
        """Whatever is open, the relaxation's answers are whole: nobody is alone, no column is of a whole group, and
        practice sets no limit of its own."""
        practice = self.instance.practice
        limited = practice.one_level_3 or any(practice.reserve.values())
        return not limited and not self.instance.solo.any() and len(self.instance.column_group) == 0

    def with_open(self, opened: np.ndarray) -> Instance:
        """The matching problem when ``opened[c]`` homes of candidate *c* are open; others offer no place."""
        is_open = (self.candidate < 0) | (self.copy < np.append(opened, 0)[self.candidate])
        instance = self._at(is_open)
        return replace(instance, offered=np.where(is_open, instance.offered, 0))

    def first_of_each(self) -> Instance:
        """The instance with one home of each candidate, the others out of reach."""
        return self._at(self.copy == 0)

    def _at(self, homes: np.ndarray) -> Instance:
        return self.instance.kept(homes[self.instance.pair_home], homes[self.instance.column_home])


@dataclass(frozen=True, eq=False)
class SitingProblem:
    """What ``site`` decides. ``spend`` [pence per home opened, over the period] and ``at_most`` by candidate.

    ``weeks``: length of the period, by which weekly costs are multiplied. ``aims`` in order, ``cost`` the last.
    """

    candidates: pd.DataFrame
    spend: np.ndarray
    at_most: np.ndarray
    budget: int
    weeks: int
    aims: tuple[str, ...]
    paths: tuple[DemandPath, ...]

    @property
    def chosen_on(self) -> tuple[DemandPath, ...]:
        """The paths on which the choice is made."""
        return tuple(path for path in self.paths if not path.held_out)

    @property
    def as_of(self) -> pd.Timestamp:
        """The day of the registers."""
        return self.paths[0].instance.as_of

    @property
    def homes_there(self) -> pd.DataFrame:
        """The homes that are there already, as the register has them."""
        path = self.paths[0]
        return path.instance.homes[path.candidate < 0]

    def spend_of(self, opened: np.ndarray) -> int:
        """Pence that the opened homes cost over the period, before any child lives there."""
        return int(self.spend @ opened)


@dataclass(frozen=True, eq=False)
class Outcome:
    """One path's exact match: ``values``, welfare aims in children and ``cost`` as minus the pence a week of the
    children's homes; ``in_candidate`` (per candidate): children who would live in one of its homes."""

    values: tuple[int, ...]
    in_candidate: np.ndarray


class OutOfTime(SolverError):
    """The time was up before what a choice reaches was known."""

    def __init__(self) -> None:
        super().__init__("Siting ran out of time before any choice was valued. Raise time_limit_seconds.")


class NoMatch(SolverError):
    """Some path has no match that keeps every rule and everything that was fixed by hand."""


def matched(problem: SitingProblem, path: DemandPath, opened: np.ndarray, deadline: float) -> Outcome:
    """Match a path's children exactly when ``opened`` homes of the candidates are open.

    Raises :class:`OutOfTime` when that is not done by ``deadline`` on the monotonic clock.
    """
    try:
        answer = solve_in_loop(path.with_open(opened), time_limit_seconds=max(deadline - time.monotonic(), 0.0))
    except NoPlanError:
        raise NoMatch("A demand path has no match that keeps every rule and every pin; no answer is given.") from None
    except SolverError:
        if time.monotonic() >= deadline:
            raise OutOfTime from None
        raise
    by_row = np.full(len(path.candidate) + 1, -1)
    by_row[path.instance.home_rows] = path.candidate
    where = by_row[answer.home_row]
    values = tuple(int(answer.values[match_aim(aim)]) for aim in problem.aims)
    return Outcome(values, np.bincount(where[where >= 0], minlength=len(problem.spend)))


def match_aim(aim: str) -> str:
    """The name that an aim has in a match."""
    return "weekly_cost" if aim == COST else aim


def build_problem(
    pools: dict[int, pd.DataFrame],
    homes: pd.DataFrame,
    candidates: pd.DataFrame,
    candidate_homes: pd.DataFrame,
    *,
    budget: float,
    years: float,
    aims: Sequence[str],
    held_out: int,
    limit_miles: float,
    as_of: pd.Timestamp,
    prices: pd.DataFrame | None,
    practice: Practice,
) -> SitingProblem:
    """The problem of checked tables; the last ``held_out`` of the paths are kept for the test."""
    spend = candidates["opening_cost"].to_numpy() + years * candidates["yearly_cost"].to_numpy()
    pence, budget_pence = np.rint(spend * 100).astype(np.int64), int(np.floor(budget * 100 + 0.5))
    most_children = max((len(pool) for pool in pools.values()), default=0)
    at_most = np.minimum(candidates["at_most"].to_numpy(), most_children)
    at_most = np.where(pence > 0, np.minimum(at_most, budget_pence // np.maximum(pence, 1)), at_most)
    copies = _copies(candidate_homes, at_most)
    everywhere = pd.concat([homes, copies.drop(columns=["candidate", "copy", "first_id"])], ignore_index=True)
    candidate = np.concatenate([np.full(len(homes), -1), copies["candidate"].to_numpy(dtype=int)])
    copy = np.concatenate([np.zeros(len(homes), dtype=int), copies["copy"].to_numpy(dtype=int)])
    names = [match_aim(aim) for aim in aims]
    first_held_out = len(pools) - held_out
    paths = []
    for position, (number, pool) in enumerate(pools.items()):
        children = pool.reset_index(drop=True)
        try:
            instance = build_instance(
                children,
                everywhere,
                limit_miles=limit_miles,
                objectives=names,
                as_of=as_of,
                prices=prices,
                practice=practice_in(practice, children, copies[["home_id", "first_id"]]),
            )
            instance.weights(match_aim(COST))
        except InputError as error:
            raise InputError(_in_own_rows(error.faults, candidate)) from None
        rows = instance.home_rows
        lean = instance if "siblings_together" in aims else _without_spare_columns(instance)
        paths.append(DemandPath(number, lean, candidate[rows], copy[rows], position >= first_held_out))
    weeks = max(round(years * DAYS_A_YEAR / 7), 1)
    return SitingProblem(candidates, pence, at_most, budget_pence, weeks, tuple(aims), tuple(paths))


def _in_own_rows(faults: Iterable[Fault], candidate: np.ndarray) -> list[Fault]:
    """Faults of homes and candidates together, each told by the rows of the table that it is in."""
    found = []
    for fault in faults:
        rows = np.array(fault.rows, dtype=int)
        of_candidate = candidate[rows - FIRST_LINE]
        there = tuple(rows[of_candidate < 0].tolist())
        proposed = tuple(sorted({int(row) + FIRST_LINE for row in of_candidate[of_candidate >= 0]}))
        found += [replace(fault, rows=there)] if there else []
        found += [replace(fault, table="candidates", rows=proposed)] if proposed else []
    return found


def _copies(candidate_homes: pd.DataFrame, at_most: np.ndarray) -> pd.DataFrame:
    """A row for each home that could be opened, with ``candidate`` ``copy`` and ``first_id``, the id as given."""
    candidate = np.repeat(np.arange(len(at_most)), at_most)
    copy = np.arange(len(candidate)) - np.repeat(at_most.cumsum() - at_most, at_most)
    rows = candidate_homes.iloc[candidate].assign(candidate=candidate, copy=copy)
    rows["first_id"] = rows["home_id"]
    suffix = pd.Series([f"{AGAIN}{number + 1}" if number else "" for number in copy], index=rows.index)
    return rows.assign(home_id=rows["home_id"].astype(str) + suffix.astype(str))


def _without_spare_columns(instance: Instance) -> Instance:
    """Where keeping siblings together is no aim, a group of three or fewer can do no more than its members one by one.

    Larger groups keep theirs: they may fill an empty fostering household beyond the usual limit. So do those that
    practice does not split, whose members may not live there one by one.
    """
    large = np.array([len(who) > USUAL_FOSTERING_LIMIT for who in instance.members], dtype=bool)
    household = is_fostering(instance.homes)
    columns = large[instance.column_group] & household[instance.column_home]
    for column in np.flatnonzero(~columns):
        who = instance.members[instance.column_group[column]]
        columns[column] = (instance.at(who, instance.column_home[column]) < 0).any()
    return instance.kept(np.ones(len(instance.pair_child), dtype=bool), columns)
