"""A region's tables: the whole region first, then each authority's own rows, made in this one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Concatenate, Final, ParamSpec

import pandas as pd

from sufficiency.records.model import Records

ALL: Final = "all"
AUTHORITY: Final = "authority"

Rest = ParamSpec("Rest")
Table = Callable[Concatenate[Records, Rest], pd.DataFrame]


def by_authority(table: Table[Rest]) -> Table[Rest]:
    """A table of the needs analysis that, for the records of several authorities, has a first column ``authority``.

    Its rows are those of the whole region (``all``), then those of each authority.
    """

    @wraps(table)
    def every(records: Records, *args: Rest.args, **kwargs: Rest.kwargs) -> pd.DataFrame:
        if len(records.authorities) < 2:
            return table(records, *args, **kwargs)
        as_one = replace(records, children=records.children.assign(authority=""))
        parts = []
        for name, part in [(ALL, as_one), *((name, part_of(records, name)) for name in records.authorities)]:
            rows = table(part, *args, **kwargs)
            rows.insert(0, AUTHORITY, name)
            parts.append(rows)
        return pd.concat(parts, ignore_index=True)

    return every


def part_of(region: Records, authority: str) -> Records:
    """One authority of a region, with its children of the region's register; the population is known for all only."""
    part = region.of_authority(authority)
    register = region.child_register
    if register is not None:
        own = register["child_id"].isin(part.children["child_id"])
        register = register[own].reset_index(drop=True)
    return replace(part, child_register=register, population=None)
