"""Who the simulated children are: needs level, home area, brothers and sisters, as the registers and starters tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.demand.history import Starters
from sufficiency.demand.simulation import Simulated
from sufficiency.records.model import Records
from sufficiency.settings import Demand as DemandSettings
from sufficiency.streams import chance
from sufficiency.vocabulary import KINDS

PRIOR_CHILDREN: Final = 10.0
"""Weight of the settings' needs levels against the register's [children]."""
RESIDENTIAL_LIKE: Final = ("residential", "secure")
LARGEST_GROUPS: Final = (2, 3)
"""Children who start in one month from families of several are joined in twos and threes by turns: 2.6 on average
at Ofsted's count (Fostering in England 2018-19) once single remainders are left out."""


@dataclass(frozen=True)
class People:
    """Attributes of the simulated children, one element per child as in :class:`Simulated`.

    ``level`` 1-3; ``latitude``, ``longitude`` of the child's home, unknown (NaN) for some; ``sex`` text;
    ``sibling_group`` number, -1 for none; ``register_row`` in the children's register, -1 for none.
    """

    level: np.ndarray
    latitude: np.ndarray
    longitude: np.ndarray
    sex: np.ndarray
    sibling_group: np.ndarray
    register_row: np.ndarray


def who_they_are(
    simulated: Simulated, placements: pd.DataFrame, started: Starters, records: Records, settings: DemandSettings
) -> People:
    """Attributes for the children in care now (from returns and register) and for those to come (from donors)."""
    count = len(placements)
    donor = simulated.child_donor[count:]
    first_kind = np.concatenate([placements["kind"].cat.codes.to_numpy(), started.kind[donor]]).astype(int)
    register = _register_rows(records, placements["child_id"])
    rows = np.concatenate([register, np.full(len(donor), -1)])
    level = _levels(simulated.child_key, first_kind, rows, records.child_register, settings)
    group = _sibling_groups(simulated, started, count)
    if records.child_register is not None:
        known = records.child_register["sibling_group"]
        codes = pd.factorize(known)[0]
        group[:count] = np.where(register >= 0, codes[register], -1)
        group[count:] = np.where(group[count:] >= 0, group[count:] + known.nunique(), -1)
    latitude = np.concatenate([placements["home_latitude"].to_numpy(dtype=float), started.latitude[donor]])
    longitude = np.concatenate([placements["home_longitude"].to_numpy(dtype=float), started.longitude[donor]])
    eldest = _first_of_group(group)
    return People(
        level=level,
        latitude=np.where(group >= 0, latitude[eldest], latitude),
        longitude=np.where(group >= 0, longitude[eldest], longitude),
        sex=np.concatenate([placements["sex"].to_numpy(dtype=object), started.sex[donor]]),
        sibling_group=group,
        register_row=rows,
    )


def _register_rows(records: Records, child_id: pd.Series) -> np.ndarray:
    if records.child_register is None:
        return np.full(len(child_id), -1)
    return pd.Index(records.child_register["child_id"]).get_indexer(pd.Index(child_id))


def _levels(
    key: np.ndarray, kind: np.ndarray, row: np.ndarray, register: pd.DataFrame | None, settings: DemandSettings
) -> np.ndarray:
    """The register's level where the child is in it, else drawn from the levels of children in such placements."""
    residential = np.isin(kind, [KINDS.index(name) for name in RESIDENTIAL_LIKE]).astype(int)
    counts = PRIOR_CHILDREN * np.array([settings.needs_levels_family, settings.needs_levels_residential])
    known = row >= 0
    listed = np.ones(len(row), dtype=int)
    if register is not None:
        listed = register["needs_level"].to_numpy(dtype=int)[row]
        np.add.at(counts, (residential[known], listed[known] - 1), 1)
    shares = np.cumsum(counts / counts.sum(axis=1, keepdims=True), axis=1)[residential]
    drawn = 1 + (shares[:, :2] < chance(key, "needs level")[:, None]).sum(axis=1)
    return np.where(known, listed, drawn)


def _sibling_groups(simulated: Simulated, started: Starters, count: int) -> np.ndarray:
    """Group numbers: children who start in the same month and path, and whose donors had siblings, go together."""
    group = np.full(len(simulated.child_key), -1)
    donor = simulated.child_donor[count:]
    joined = count + np.flatnonzero((started.siblings[donor] > 1) & (simulated.child_uasc[count:] == 0))
    if len(joined) == 0:
        return group
    month, path = simulated.child_month[joined], simulated.child_path[joined]
    joined = joined[np.lexsort((simulated.child_key[joined], month, path))]
    where = simulated.child_path[joined] * (simulated.child_month.max() + 1) + simulated.child_month[joined]
    begins = np.append(True, where[1:] != where[:-1])
    rank = np.arange(len(joined)) - np.flatnonzero(begins)[np.cumsum(begins) - 1]
    size = np.array(LARGEST_GROUPS)[where % len(LARGEST_GROUPS)]
    label = pd.factorize(pd.MultiIndex.from_arrays([where, rank // size]))[0]
    alone = np.bincount(label)[label] == 1
    group[joined] = np.where(alone, -1, label)
    return group


def _first_of_group(group: np.ndarray) -> np.ndarray:
    """For each child the first child of its group (any child for those without one)."""
    first = np.full(group.max(initial=-1) + 2, len(group))
    np.minimum.at(first, group, np.arange(len(group)))
    return np.minimum(first[group], len(group) - 1)
