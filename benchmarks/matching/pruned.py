"""HiGHS called with the arrays of just that model which the library states after leaving out what a proof allows.

This is the yardstick for the library's own statement and solving of it: same columns, same rows, no model language.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.matching.arrays import ask_for_whole_numbers, linear_in_order, new_highs, whole_in_order


def pruned_model(instance: Any, seconds: float) -> Any:
    """The instance with only the pairs and group columns that the library states in its model."""
    from sufficiency.matching.optimum import best

    near, pairs = best(instance, time_limit_seconds=seconds).near, len(instance.pair_child)
    return instance.kept(near[:pairs], near[pairs:])


def by_pruned_arrays(instance: Any) -> np.ndarray:
    """Home number of each child of an instance, −1 for none, from its arrays."""
    from sufficiency.matching.loop import homes_chosen
    from sufficiency.matching.programme import programme_of

    programme = programme_of(instance)
    solver = new_highs(programme.starts, programme.rows, programme.values, programme.lower, programme.upper)
    aims = [weights.astype(float) for weights in programme.aims.values() if weights.any()]
    if len(instance.column_group) == 0 and (instance.pair_takes <= 1).all():
        return homes_chosen(instance, linear_in_order(solver, aims))
    ask_for_whole_numbers(solver, programme.columns)
    return homes_chosen(instance, whole_in_order(solver, aims))
