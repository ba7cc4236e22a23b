"""The best plan in which one child lives in one of some homes, and what it loses beside the plan itself: exact.

Such a plan is first solved over few columns. What it loses then bounds what the best one loses, and every column that
must cost more than that (:mod:`~sufficiency.matching.why.bounds`) is in no better plan. When all others were there
already, the answer is proven; else it is solved once more with all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Final

import numpy as np

from sufficiency.matching.branching import outside_network, with_everyone
from sufficiency.matching.instance import Instance
from sufficiency.matching.loop import homes_chosen, solve_in_loop
from sufficiency.matching.narrow import Face
from sufficiency.matching.reasons import is_together
from sufficiency.matching.solve import Programme
from sufficiency.matching.why.bounds import Losses

TO_BEGIN_WITH: Final = 8
"""Columns per child with which a plan is first solved. Any number gives the same answer; this one was fast."""


@dataclass(frozen=True, eq=False)
class Pinned(Instance):
    """An instance in which ``child`` (its number) lives in one of ``where`` (bool per home) if any plan has it there.

    That counts for more in ``placed`` than all other children together.
    """

    child: int = -1
    where: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))

    @property
    def outweighs(self) -> int:
        """What the child counts for, beside its own one, where it is asked about."""
        return len(self.children) + 1

    def weights(self, aim: str) -> tuple[np.ndarray, np.ndarray]:
        """As :meth:`Instance.weights`, with the child's own weight in ``placed``."""
        pairs, units = super().weights(aim)
        if aim != "placed":
            return pairs, units
        weights = np.concatenate([pairs, units])
        mine, home = columns_with(self, self.child)
        weights[mine] += self.outweighs * self.where[home]
        return weights[: len(pairs)], weights[len(pairs) :]


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
    """The best home for a child among some (bool per home), for the plan as a whole; of equals any.

    ``None`` when no plan has the child in any of them. Raises :class:`~sufficiency.errors.SolverError` when an optimum
    is not proven in time.
    """
    mine, home = columns_with(instance, child)
    if not where[home].any():
        return None
    own = losses.chosen | np.concatenate([instance.pair_stays, np.zeros(len(instance.column_group), dtype=bool)])
    possible = np.ones(len(losses.level), dtype=bool)
    possible[mine] = where[home] | own[mine]
    start = own.copy()
    start[losses.order()[: TO_BEGIN_WITH * len(instance.children)]] = True
    start[mine] = True
    start &= possible
    found = _solved(instance, losses, start, child, where)
    if found is None:
        return _solved(instance, losses, possible, child, where)
    needed = losses.may_cost_no_more_than(found.lost) & possible
    if not any(found.lost) or (needed <= start).all():
        return found
    return _solved(instance, losses, (needed | own) & possible, child, where)


def choice_by_flow(instance: Instance, programme: Programme, losses: Losses, child: int, home: int) -> Choice | None:
    """What the plan loses at most with the child in a home: whole groups stay where they are, all others move by flow.

    Quick, but proven only where no plan can lose less. ``None`` where the child alone has no such pair, or none fits.
    """
    pair = int(instance.at(np.array([child]), np.array([home]))[0])
    if pair < 0:
        return None
    outside = outside_network(instance, programme)
    decided = losses.chosen & outside
    decided[columns_with(instance, child)[0]] = False
    decided[pair] = True
    chosen = with_everyone(instance, Face(programme), outside, np.flatnonzero(decided), programme.aims)
    if chosen is None:
        return None
    where = homes_chosen(instance, chosen)
    group = int(instance.group[child])
    lost = tuple(losses.values[aim] - int(weights[chosen].sum()) for aim, weights in programme.aims.items())
    return Choice(home, lost, group >= 0 and is_together(where, instance.members[group]))


def can_be_housed(instance: Instance, child: int, placed: int) -> bool:
    """A child can have a home in some plan in which so many children have one."""
    everywhere = np.ones(len(instance.homes), dtype=bool)
    inside = {each.name: getattr(instance, each.name) for each in fields(instance)}
    inside["objectives"] = ("placed",)
    asked = Pinned(**inside, child=child, where=everywhere)
    return solve_in_loop(asked).values["placed"] >= placed + asked.outweighs


def _solved(instance: Instance, losses: Losses, columns: np.ndarray, child: int, where: np.ndarray) -> Choice | None:
    """The best choice over some columns; ``None`` when there is none."""
    pairs = len(instance.pair_child)
    some = instance.kept(columns[:pairs], columns[pairs:])
    inside = {each.name: getattr(some, each.name) for each in fields(some)}
    asked = Pinned(**inside, child=child, where=where)
    answer = solve_in_loop(asked)
    values = {aim: int(answer.values[aim]) for aim in instance.objectives}
    values["placed"] -= asked.outweighs
    if values["placed"] < 0:
        return None
    rows = answer.home_row[instance.child_rows]
    home = int(np.flatnonzero(instance.home_rows == rows[child])[0])
    group = int(instance.group[child])
    lost = tuple(losses.values[aim] - values[aim] for aim in instance.objectives)
    return Choice(home, lost, group >= 0 and is_together(rows, instance.members[group]))
