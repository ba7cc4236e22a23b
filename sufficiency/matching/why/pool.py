"""The children of a plan that an explanation is asked for, by their ids."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from sufficiency.errors import Fault, InputError
from sufficiency.matching.instance import Instance


def numbers_of(instance: Instance, child_ids: Iterable[str] | str | None) -> np.ndarray:
    """Numbers of the children asked about, ascending; every child of the pool when none is named.

    Raises :class:`~sufficiency.errors.InputError` for ids that are not in the pool, without repeating them.
    """
    if child_ids is None:
        return np.arange(len(instance.children))
    wanted = [child_ids] if isinstance(child_ids, str) else list(child_ids)
    numbers = pd.Index(instance.children["child_id"]).get_indexer(pd.Index(wanted))
    missing = int((numbers < 0).sum())
    if missing:
        says = f"{missing} of the {len(wanted)} ids asked about are not among the children who are matched"
        fix = "Give ids of children with status needs_home or step_down; settled children are not matched"
        raise InputError([Fault("K30", "children.csv", "child_id", (), says, fix)])
    return np.unique(numbers)


def one_home(instance: Instance, home_id: str) -> np.ndarray:
    """True for the one home asked about. Raises :class:`~sufficiency.errors.InputError` when there is none."""
    where = (instance.homes["home_id"] == home_id).to_numpy(dtype=bool)
    if not where.any():
        says, fix = "the home asked about is not in the register", "Give a home_id of homes.csv"
        raise InputError([Fault("K31", "homes.csv", "home_id", (), says, fix)])
    return where
