"""A fast engine for simulation loops: the model of ``model.py`` built as sparse arrays, without Pyomo.

The tests hold the two equal on every objective of every instance; a plan for real children is solved from the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sufficiency.matching.instance import Instance
from sufficiency.matching.optimum import best


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
    optimum = best(replace(instance, one_of_many=True), time_limit_seconds=time_limit_seconds)
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
