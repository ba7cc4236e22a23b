"""Demand paths from one register: as many children again, drawn from those there are, brothers and sisters together.

A stand-in where there are no simulated futures: it says how far an answer hangs on who happens to need a home now, and
nothing of growth. The bootstrap of Efron (1979), with families as the units.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sufficiency.errors import Fault, raise_faults
from sufficiency.records.registers import check_register
from sufficiency.siting.demand_paths import SOURCE
from sufficiency.siting.practice_by_path import AGAIN
from sufficiency.streams import stream


def resampled_paths(children: pd.DataFrame, paths: int, seed: int) -> pd.DataFrame:
    """Children of ``paths`` demand paths, numbered in a column ``path`` from 0.

    Path 0 is the register as it is. In every other one the families whose children all need a home are drawn anew,
    with replacement, as many as there are; a family drawn again has ids and a sibling group of its own. Children who
    step down or are settled are there once in each. Raises :class:`~sufficiency.errors.InputError` with every fault of
    the register, and when its children are in paths already.
    """
    faults = []
    if "path" in {str(column).strip().lower() for column in children.columns}:
        says, fix = "the children are in demand paths already", "Leave out resample, or the column path"
        faults.append(Fault("L12", SOURCE, "path", (), says, fix))
    checked, found = check_register("children", children, SOURCE)
    raise_faults([*faults, *found])
    families = checked["sibling_group"].astype(object).where(checked["sibling_group"].notna(), -checked.index - 1)
    drawn_anew = checked["status"].eq("needs_home").groupby(families).transform("all").to_numpy(dtype=bool)
    here = checked[~drawn_anew]
    members = [rows.index.to_numpy() for _, rows in checked[drawn_anew].groupby(families[drawn_anew], sort=False)]
    rng = stream(seed, "siting", "families")
    pools = [checked.assign(path=0)]
    for path in range(1, paths):
        which = rng.integers(0, max(len(members), 1), len(members)).tolist()
        pools.append(pd.concat([here, *_families(checked, members, which)]).assign(path=path))
    return pd.concat(pools, ignore_index=True)


def _families(checked: pd.DataFrame, members: list[np.ndarray], which: list[int]) -> list[pd.DataFrame]:
    """The families drawn, each time one comes again under names of its own."""
    times: dict[int, int] = {}
    found = []
    for family in which:
        times[family] = times.get(family, 0) + 1
        rows = checked.loc[members[family]]
        if times[family] > 1:
            again = f"{AGAIN}{times[family]}"
            rows = rows.assign(child_id=rows["child_id"] + again, sibling_group=rows["sibling_group"] + again)
        found.append(rows)
    return found
