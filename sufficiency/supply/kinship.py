"""Kinship carers: a stream of their own, there for the children of their family and for nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sufficiency.demand import Demand
from sufficiency.vocabulary import KINDS

KINSHIP: Final = KINDS.index("kinship")


@dataclass(frozen=True)
class Kinship:
    """Kinship households, and their places, by path and month end, each of shape (paths, months + 1).

    A household is approved for the child who comes to it and stops when the child goes: it has as many places as
    children and none that is free, so it never stands among the homes that children are matched to.
    """

    households: np.ndarray
    places: np.ndarray


def kinship_of(demand: Demand) -> Kinship:
    """Kinship households behind the children in kinship placements; brothers and sisters share one."""
    simulated, months = demand.simulated, len(demand.dates)
    there = np.flatnonzero(simulated.spell_kind == KINSHIP)
    path, child = simulated.spell_path[there].astype(np.int64), simulated.spell_child[there]
    begins, ends = simulated.spell_from[there], simulated.spell_to[there]
    group = demand.people.sibling_group[child]
    family = np.where(group >= 0, group, group.max(initial=-1) + 1 + child)
    home = path * (family.max(initial=0) + 1) + family
    households, places = np.zeros((2, demand.paths, months), dtype=int)
    for month in range(months):
        now = (begins <= month) & (month < ends)
        places[:, month] = np.bincount(path[now], minlength=demand.paths)
        _, first = np.unique(home[now], return_index=True)
        households[:, month] = np.bincount(path[now][first], minlength=demand.paths)
    return Kinship(households, places)
