"""An instance as a programme of sparse arrays: one column for each pair and each unit's home, one row for each rule.

The same statement as the Pyomo model in ``model.py``; the tests hold the two equal.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sufficiency.matching.instance import Instance
from sufficiency.matching.rules import is_fostering, open_homes_of
from sufficiency.matching.solve import Programme


class Entries(NamedTuple):
    """Row, column and value of matrix entries."""

    row: np.ndarray
    column: np.ndarray
    value: np.ndarray


class Limit(NamedTuple):
    """A row of its own: the sum of ``value`` over the ``column`` chosen is at most ``upper``."""

    column: np.ndarray
    value: np.ndarray
    upper: int


def programme_of(instance: Instance) -> Programme:
    """The instance as sparse arrays. Columns: pairs, then units' columns. Rows: children, homes, further limits."""
    children, homes, pairs = len(instance.children), len(instance.homes), len(instance.pair_child)
    columns = pairs + len(instance.column_group)
    limits = further_limits(instance)
    parts = [_child_entries(instance), _place_entries(instance)]
    for number, limit in enumerate(limits):
        row = np.full(len(limit.column), children + homes + number)
        parts.append(Entries(row, limit.column, limit.value))
    row, column, value = (np.concatenate(lists) for lists in zip(*parts, strict=True))
    order = np.argsort(column, kind="stable")
    places = instance.offered + instance.leavers
    return Programme(
        starts=np.concatenate([[0], np.bincount(column, minlength=columns).cumsum()]).astype(np.int32),
        rows=row[order].astype(np.int32),
        values=value[order].astype(float),
        lower=np.concatenate([np.where(instance.must, 1.0, -np.inf), np.full(homes + len(limits), -np.inf)]),
        upper=np.concatenate([np.ones(children), places, [limit.upper for limit in limits]]).astype(float),
        aims={name: np.concatenate(instance.weights(name)) for name in instance.objectives},
    )


def _child_entries(instance: Instance) -> Entries:
    """One home each: a child's pairs, and the columns of its units."""
    pairs, sizes = len(instance.pair_child), instance.group_sizes
    if len(instance.column_group) == 0:
        return Entries(instance.pair_child, np.arange(pairs), np.ones(pairs, dtype=int))
    who = np.concatenate([instance.members[unit] for unit in instance.column_group])
    number = np.repeat(np.arange(len(instance.column_group)), sizes[instance.column_group])
    rows = np.concatenate([instance.pair_child, who])
    return Entries(rows, np.concatenate([np.arange(pairs), pairs + number]), np.ones(len(rows), dtype=int))


def _place_entries(instance: Instance) -> Entries:
    """Places: those who come take theirs, those who stay keep the one that they would leave."""
    held = instance.pair_takes + instance.pair_stays
    value = np.concatenate([held, instance.column_takes + instance.column_stayers])
    home = np.concatenate([instance.pair_home, instance.column_home])
    used = np.flatnonzero(value)
    return Entries(len(instance.children) + home[used], used, value[used])


def further_limits(instance: Instance) -> list[Limit]:
    """Rows beside those of children and homes: solo children who stay, one child of level 3, places kept free; and
    how many whole groups fit."""
    return [*_of_rules(instance), *_groups_that_fit(instance)]


def rows_before_whole_units(instance: Instance) -> int:
    """Rows of the programme before those of :func:`units_of_size`."""
    return len(instance.children) + len(instance.homes) + len(_of_rules(instance))


def _of_rules(instance: Instance) -> list[Limit]:
    return [*_nobody_joins(instance), *_one_level_3(instance), *_reserves(instance)]


def _nobody_joins(instance: Instance) -> list[Limit]:
    """While a solo step-down child stays, nobody comes: its stay takes all that the home could offer."""
    limits = []
    for child in np.flatnonzero(instance.solo & (instance.present >= 0)):
        home = instance.present[child]
        most = int(instance.offered[home] + instance.leavers[home])
        takes = np.concatenate([instance.pair_takes, instance.column_takes])
        value = np.where(np.concatenate([instance.pair_home, instance.column_home]) == home, takes, 0)
        value[np.flatnonzero((instance.pair_child == child) & instance.pair_stays)] = most
        used = np.flatnonzero(value)
        limits.append(Limit(used, value[used], most))
    return limits


def _one_level_3(instance: Instance) -> list[Limit]:
    """At most one child of needs level 3 comes to a household, and none to one in which another stays."""
    if not instance.practice.one_level_3:
        return []
    level_3 = instance.children["needs_level"].to_numpy(dtype=int) == 3
    alone = level_3[instance.pair_child] & ~instance.pair_stays
    coming = np.concatenate([alone.astype(int), np.array(level_3_in_units(instance, level_3), dtype=int)])
    home = np.concatenate([instance.pair_home, instance.column_home])
    households = np.flatnonzero(is_fostering(instance.homes))
    stayers = np.flatnonzero(level_3 & (instance.present >= 0))
    limits = []
    for household in households[np.isin(households, home[coming > 0])]:
        here = np.where(home == household, coming, 0)
        if here.sum() > 1:
            limits.append(Limit(np.flatnonzero(here), here[here > 0], 1))
        for child in stayers[instance.present[stayers] == household]:
            with_stay = here + _stay_of(instance, child)
            limits.append(Limit(np.flatnonzero(with_stay), with_stay[with_stay > 0], 1))
    return limits


def level_3_in_units(instance: Instance, level_3: np.ndarray) -> list[int]:
    """Children of level 3 who come with each unit's column."""
    units = zip(instance.column_group.tolist(), instance.column_home.tolist(), strict=True)
    who = [(instance.members[unit], home) for unit, home in units]
    return [int((level_3[members] & (instance.present[members] != home)).sum()) for members, home in who]


def _stay_of(instance: Instance, child: int) -> np.ndarray:
    """1 for each column in which a step-down child stays at its present home."""
    pairs = (instance.pair_child == child) & instance.pair_stays
    mine = np.array([child in who for who in instance.members], dtype=bool)
    units = (instance.column_home == instance.present[child]) & (
        mine[instance.column_group] if len(mine) else np.zeros(len(instance.column_group), dtype=bool)
    )
    return np.concatenate([pairs, units]).astype(int)


def _reserves(instance: Instance) -> list[Limit]:
    """Places that stay free over all homes of a kind, as far as that many are free now."""
    limits = []
    for kind, spare in instance.practice.reserve.items():
        of_kind = open_homes_of(instance.homes, instance.as_of, kind)
        takes = np.concatenate([instance.pair_takes, instance.column_takes])
        here = np.where(of_kind[np.concatenate([instance.pair_home, instance.column_home])], takes, 0)
        offered = int(instance.offered[of_kind].sum())
        if here.any():
            limits.append(Limit(np.flatnonzero(here), here[here > 0], offered - min(spare, offered)))
    return limits


def _groups_that_fit(instance: Instance) -> list[Limit]:
    """How many whole units of some size and above fit into a home; see :func:`units_of_size`."""
    pairs, homes = len(instance.pair_child), len(instance.homes)
    keys = instance.column_group * homes + instance.column_home
    order = np.argsort(keys, kind="stable")
    limits = []
    for (home, _), (units, most) in units_of_size(instance).items():
        column = pairs + order[np.searchsorted(keys[order], np.array(units) * homes + home)]
        limits.append(Limit(column, np.ones(len(column), dtype=int), most))
    return limits


def units_of_size(instance: Instance) -> dict[tuple[int, int], tuple[list[int], int]]:
    """Home and size → the units that would fill as many of its places or more, and how many of them fit whole.

    Only where that says more than the places do: one unit of two children fits into three places, not one and a half.
    """
    if len(instance.column_group) == 0:
        return {}
    places = (instance.offered + instance.leavers)[instance.column_home]
    held = instance.column_takes + instance.column_stayers
    order = np.argsort(instance.column_home, kind="stable")
    ends = np.flatnonzero(np.diff(instance.column_home[order], append=-1)) + 1
    answer: dict[tuple[int, int], tuple[list[int], int]] = {}
    for here in np.split(order, ends[:-1]):
        room, sizes, home = int(places[here[0]]), held[here], int(instance.column_home[here[0]])
        for size in np.unique(sizes[sizes > 1]).tolist():
            fitting = here[sizes >= size]
            if room % size and len(fitting) > room // size:
                answer[home, size] = (instance.column_group[fitting].tolist(), room // size)
    return answer
