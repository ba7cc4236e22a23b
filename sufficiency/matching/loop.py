"""A fast engine for simulation loops: the model of ``model.py`` built as sparse arrays, without Pyomo.

The tests hold the two equal on every objective of every instance; a plan for real children is solved from the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sufficiency.matching.pairs import Instance
from sufficiency.matching.solve import Programme, optimise


@dataclass(frozen=True, eq=False)
class Assignment:
    """Who lives where: ``home_row`` is, for each row of the children given, the row of its home, or −1.

    Settled children, who are not matched, have −1. ``values``: objective → value reached (children; pence a week, as
    a negative, for ``weekly_cost``).
    """

    home_row: np.ndarray
    values: Mapping[str, int]


def solve_in_loop(instance: Instance, *, time_limit_seconds: float = 60.0) -> Assignment:
    """Match the instance exactly; the same optimum on every objective as the Pyomo model.

    Raises :class:`~sufficiency.errors.SolverError` when an optimum is not proven in time.
    """
    optimum = optimise(programme_of(instance), time_limit_seconds=time_limit_seconds)
    home = homes_chosen(instance, optimum.chosen)
    home_row = np.full(instance.rows_given, -1)
    housed = home >= 0
    home_row[instance.child_rows[housed]] = instance.home_rows[home[housed]]
    return Assignment(home_row, optimum.values)


def homes_chosen(instance: Instance, chosen: np.ndarray) -> np.ndarray:
    """Home of each child of the pool (−1 for none) from the variables at 1: pairs first, then group columns."""
    home = np.full(len(instance.children), -1)
    pairs = len(instance.pair_child)
    alone = chosen[:pairs]
    home[instance.pair_child[alone]] = instance.pair_home[alone]
    for column in np.flatnonzero(chosen[pairs:]):
        home[instance.members[instance.column_group[column]]] = instance.column_home[column]
    return home


def programme_of(instance: Instance) -> Programme:
    """The instance as sparse arrays. Columns: pairs, then group columns. Rows: children, homes, solo stayers."""
    children, homes, pairs = len(instance.children), len(instance.homes), len(instance.pair_child)
    columns = pairs + len(instance.column_group)
    solo_at_home = np.flatnonzero(instance.solo & (instance.present >= 0))
    parts = [_child_entries(instance), _place_entries(instance)]
    parts += [_solo_entries(instance, child, children + homes + n) for n, child in enumerate(solo_at_home.tolist())]
    row, column, value = (np.concatenate(lists) for lists in zip(*parts, strict=True))
    order = np.argsort(column, kind="stable")
    places = instance.offered + instance.leavers
    step_down = instance.present >= 0
    return Programme(
        starts=np.concatenate([[0], np.bincount(column, minlength=columns).cumsum()]).astype(np.int32),
        rows=row[order].astype(np.int32),
        values=value[order].astype(float),
        lower=np.concatenate([np.where(step_down, 1.0, -np.inf), np.full(homes + len(solo_at_home), -np.inf)]),
        upper=np.concatenate([np.ones(children), places, places[instance.present[solo_at_home]]]).astype(float),
        aims=_aims(instance),
    )


Entries = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Row, column and value of matrix entries."""


def _child_entries(instance: Instance) -> Entries:
    """One home each: a child's pairs, and the columns of its group."""
    pairs = len(instance.pair_child)
    row, column = [instance.pair_child], [np.arange(pairs)]
    for number, group in enumerate(instance.column_group):
        who = instance.members[group]
        row.append(who)
        column.append(np.full(len(who), pairs + number))
    rows = np.concatenate(row)
    return rows, np.concatenate(column), np.ones(len(rows), dtype=int)


def _place_entries(instance: Instance) -> Entries:
    """Places: those who come take theirs, those who stay keep the one that they would leave."""
    held = instance.pair_takes + instance.pair_stays
    value = np.concatenate([held, instance.column_takes + instance.column_stayers])
    home = np.concatenate([instance.pair_home, instance.column_home])
    used = np.flatnonzero(value)
    return len(instance.children) + home[used], used, value[used]


def _solo_entries(instance: Instance, child: int, row: int) -> Entries:
    """While a solo step-down child stays, nobody comes: its stay takes all that the home could offer."""
    home = instance.present[child]
    at_home = np.concatenate([instance.pair_home, instance.column_home]) == home
    value = np.where(at_home, np.concatenate([instance.pair_takes, instance.column_takes]), 0)
    stay = np.flatnonzero((instance.pair_child == child) & instance.pair_stays)
    value[stay] = instance.offered[home] + instance.leavers[home]
    used = np.flatnonzero(value)
    return np.full(len(used), row), used, value[used]


def _aims(instance: Instance) -> dict[str, np.ndarray]:
    """Objective → weight of each column, always to be maximised."""
    return {name: np.concatenate(instance.weights(name)) for name in instance.objectives}
