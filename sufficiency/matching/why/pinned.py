"""The best plan in which one child lives in one of some homes, and what it loses beside the plan itself: exact.

Such a plan is first solved over few columns. What it loses then bounds what the best one loses, and every column that
must cost more than that (:mod:`~sufficiency.matching.why.bounds`) is in no better plan. When all others were there
already, the answer is proven; else it is solved once more with all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Final, NamedTuple

import numpy as np

from sufficiency.matching.instance import Instance
from sufficiency.matching.loop import solve_in_loop
from sufficiency.matching.reasons import is_together
from sufficiency.matching.why.bounds import Losses

TO_BEGIN_WITH: Final = 8
"""Columns per child with which a plan is first solved. Any number gives the same answer; this one was fast."""

NEARER: Final = "nearer"
"""An aim after all others: the child lives near. It decides between homes that cost the plan the same."""

YARDS_IN_A_MILE: Final = 1760


@dataclass(frozen=True, eq=False)
class Pinned(Instance):
    """An instance in which ``child`` (its number) lives in one of ``where`` (bool per home) if any plan has it there.

    That counts for more in ``placed`` than all other children together. ``yards`` (per home): how far each home is from
    the child, for the aim NEARER.
    """

    child: int = -1
    where: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))
    yards: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @property
    def outweighs(self) -> int:
        """What the child counts for, beside its own one, where it is asked about."""
        return len(self.children) + 1

    def weights(self, aim: str) -> tuple[np.ndarray, np.ndarray]:
        """As :meth:`Instance.weights`, with the child's own weight in ``placed``, and NEARER."""
        pairs = len(self.pair_child)
        weights = np.zeros(pairs + len(self.column_group), dtype=np.int64)
        if aim not in ("placed", NEARER):
            return super().weights(aim)
        mine, home = columns_with(self, self.child)
        if aim == "placed":
            weights = np.concatenate(super().weights(aim))
            weights[mine] += self.outweighs * self.where[home]
        else:
            weights[mine] = -self.yards[home]
        return weights[:pairs], weights[pairs:]


class Question(NamedTuple):
    """A ``child`` (its number), the homes asked about (bool) and how far each home is [yards]."""

    child: int
    where: np.ndarray
    yards: np.ndarray


@dataclass(frozen=True)
class Choice:
    """A child's ``home`` (its number) in a plan made for it, and what each objective loses by it, in their order.

    Children, pence a week or points; negative where the objective wins. ``together``: its whole sibling group lives
    there, where it has one.
    """

    home: int
    lost: tuple[int, ...]
    together: bool = False


def columns_with(instance: Instance, child: int) -> tuple[np.ndarray, np.ndarray]:
    """Columns with which a child has a home, pairs first and then units, and the number of that home for each."""
    first, last = np.searchsorted(instance.pair_child, [child, child + 1])
    pairs, mine = np.arange(first, last), [unit for unit, who in enumerate(instance.members) if child in who]
    units = np.flatnonzero(np.isin(instance.column_group, mine))
    home = np.concatenate([instance.pair_home[pairs], instance.column_home[units]])
    return np.concatenate([pairs, len(instance.pair_child) + units]).astype(int), home.astype(int)


def best_choice(instance: Instance, losses: Losses, child: int, where: np.ndarray) -> Choice | None:
    """The best home for a child among some (bool per home), for the plan as a whole; of equals the nearest.

    ``None`` when no plan has the child in any of them. Raises :class:`~sufficiency.errors.SolverError` when an optimum
    is not proven in time.
    """
    mine, home = columns_with(instance, child)
    here, yards = where[home], yards_from(instance, child)
    if not here.any():
        return None
    possible = np.ones(len(losses.level), dtype=bool)
    possible[mine] = here | losses.chosen[mine]
    start = np.zeros_like(possible)
    start[losses.order()[: TO_BEGIN_WITH * len(instance.children)]] = True
    start[mine] = True
    start = (start | losses.chosen) & possible
    found = _solved(instance, losses, start, Question(child, where, yards))
    if found is None:
        return _solved(instance, losses, possible, Question(child, where, yards))
    needed = losses.may_cost_no_more_than(found.lost) & possible
    nearest = yards[home[here & needed[mine]]].min(initial=yards[found.home])
    if (needed <= start).all() or (not any(found.lost) and yards[found.home] == nearest):
        return found
    return _solved(instance, losses, (needed | losses.chosen) & possible, Question(child, where, yards))


def can_be_housed(instance: Instance, child: int, placed: int) -> bool:
    """A child can have a home in some plan in which so many children have one."""
    everywhere = np.ones(len(instance.homes), dtype=bool)
    inside = {each.name: getattr(instance, each.name) for each in fields(instance)}
    inside["objectives"] = ("placed",)
    asked = Pinned(**inside, child=child, where=everywhere)
    return solve_in_loop(asked).values["placed"] >= placed + asked.outweighs


def yards_from(instance: Instance, child: int) -> np.ndarray:
    """Yards from a child to each home, a home of unknown place last; all alike where distance is no measure."""
    miles = instance.miles_of(child)
    if instance.children["distance_exempt"].iloc[child] or np.isnan(miles).all():
        return np.zeros(len(miles), dtype=np.int64)
    return np.rint(np.where(np.isnan(miles), np.nanmax(miles) + 1, miles) * YARDS_IN_A_MILE).astype(np.int64)


def _solved(instance: Instance, losses: Losses, columns: np.ndarray, question: Question) -> Choice | None:
    """The best choice over some columns; ``None`` when there is none."""
    pairs = len(instance.pair_child)
    some = instance.kept(columns[:pairs], columns[pairs:])
    inside = {each.name: getattr(some, each.name) for each in fields(some)}
    inside["objectives"] = (*instance.objectives, *([NEARER] if question.yards.any() else []))
    asked = Pinned(**inside, **question._asdict())
    answer = solve_in_loop(asked)
    values = {aim: int(answer.values[aim]) for aim in instance.objectives}
    values["placed"] -= asked.outweighs
    if values["placed"] < 0:
        return None
    rows = answer.home_row[instance.child_rows]
    home = int(np.flatnonzero(instance.home_rows == rows[question.child])[0])
    group = int(instance.group[question.child])
    lost = tuple(losses.values[aim] - values[aim] for aim in instance.objectives)
    return Choice(home, lost, group >= 0 and is_together(rows, instance.members[group]))
