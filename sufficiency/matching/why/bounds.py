"""What choosing one pair of a child and a home must cost the whole plan at least, aim by aim, with proof.

The relaxation of each aim is solved with the aims before it held at the plan's values. The reduced cost of a column is
what its choice takes from the relaxation's bound; what it takes beyond the distance between bound and plan, the plan
loses too. A column that must cost an earlier aim something is shut for the later ones, which only tightens them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sufficiency.matching.instance import Instance
from sufficiency.matching.programme import programme_of
from sufficiency.matching.reasons import is_together
from sufficiency.matching.solve import SAFE, Programme, hold, relaxation, run, set_aim


@dataclass(frozen=True, eq=False)
class Losses:
    """The least that each column of an instance costs, the columns in the order of its pairs and then its units.

    ``level``: the number of the first aim that must lose when the column is chosen (the number of aims when none
    must), ``least``: what that aim loses at least when none before it loses anything [children; pence; points].
    ``chosen``: the plan's own columns; ``values``: aim → what the plan reaches, to be maximised.
    """

    level: np.ndarray
    least: np.ndarray
    chosen: np.ndarray
    values: Mapping[str, int]

    def order(self) -> np.ndarray:
        """Columns from the least to the most that they must cost."""
        return np.lexsort((self.least, -self.level))

    def may_cost_no_more_than(self, lost: tuple[int, ...]) -> np.ndarray:
        """Columns (bool) that a plan with this loss on each aim, or a better one, could still choose."""
        untouched = next((number for number, each in enumerate(lost) if each), len(lost))
        amounts = np.append(np.array(lost, dtype=np.int64), 0)[self.level]
        return (self.level > untouched) | ((self.level == untouched) & (self.least <= amounts))


def columns_of(instance: Instance, home: np.ndarray) -> np.ndarray:
    """The columns (bool) of the plan in which child *i* lives at ``home[i]``: a unit's where all of it lives there."""
    pairs, units = np.zeros(len(instance.pair_child), dtype=bool), np.zeros(len(instance.column_group), dtype=bool)
    single = home >= 0
    for unit, who in enumerate(instance.members):
        if single[who].all() and is_together(home, who):
            here = np.flatnonzero((instance.column_group == unit) & (instance.column_home == home[who[0]]))
            units[here] = True
            single[who] &= len(here) == 0
    alone = np.flatnonzero(single)
    pairs[instance.at(alone, home[alone])] = True
    return np.concatenate([pairs, units])


def values_of(instance: Instance, home: np.ndarray) -> dict[str, int]:
    """Objective → what the plan in which child *i* lives at ``home[i]`` reaches, to be maximised (pence a negative)."""
    chosen = columns_of(instance, home)
    return {aim: int(np.concatenate(instance.weights(aim))[chosen].sum()) for aim in instance.objectives}


def least_losses(instance: Instance, home: np.ndarray, *, time_limit_seconds: float = 60.0) -> Losses:
    """What each column must cost a plan that is the instance's optimum (``home`` per child, −1 for none).

    Raises :class:`~sufficiency.errors.SolverError` when a relaxation is not solved in time.
    """
    programme, chosen = programme_of(instance), columns_of(instance, home)
    values = values_of(instance, home)
    level = np.full(programme.columns, len(values))
    least = np.zeros(programme.columns, dtype=np.int64)
    if programme.columns == 0:
        return Losses(level, least, chosen, values)
    deadline, solver = time.monotonic() + time_limit_seconds, relaxation(programme)
    for number, (aim, value) in enumerate(values.items()):
        lost = _least_lost(solver, programme, aim, value, deadline)
        lost[chosen] = 0
        found = (level == len(values)) & (lost > 0)
        level[found], least[found] = number, lost[found]
        _shut(solver, np.flatnonzero(found))
        hold(solver, programme, aim, value)
    return Losses(level, least, chosen, values)


def _least_lost(solver: Any, programme: Programme, aim: str, value: int, deadline: float) -> np.ndarray:
    """What the aim falls below the plan's ``value`` by at least, for each column that is chosen."""
    set_aim(solver, programme.aims[aim])
    run(solver, aim, deadline)
    solution, bound = solver.getSolution(), solver.getInfo().objective_function_value
    prices = np.where(np.asarray(solution.col_value) < SAFE, np.abs(np.asarray(solution.col_dual)), 0.0)
    return np.maximum(np.ceil(prices - max(bound - value, 0.0) - _error(bound)), 0).astype(np.int64)


SHARE_OF_BOUND: Final = 1e-9
"""What a solver's bound may be wrong by as a share of it, beside what :data:`solve.SAFE` allows."""


def _error(bound: float) -> float:
    return SAFE + SHARE_OF_BOUND * abs(bound)


def _shut(solver: Any, columns: np.ndarray) -> None:
    nothing = np.zeros(len(columns))
    solver.changeColsBounds(len(columns), columns.astype(np.int32), nothing, nothing)
