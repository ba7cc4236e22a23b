"""Brothers and sisters who are to live together, from the children register."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sufficiency.demand.profile.authorities import by_authority
from sufficiency.records.model import Records

SIZES = ("1", "2", "3", "4_or_more")
COLUMNS = ("groups", "children", "together", "apart", "unknown")


@by_authority
def sibling_groups(records: Records) -> pd.DataFrame:
    """Sibling groups of the children register by size: ``size`` (1, 2, 3, 4_or_more), ``groups``, ``children``.

    ``together``: children of groups that all live in one home; ``apart``: of groups in two homes or more;
    ``unknown``: of groups where a home is not known and no two known ones differ. A child without a group is one of
    size 1 and has nobody to live with, so these are empty. Without a register there are no rows.
    """
    register = records.child_register
    if register is None:
        columns = {"size": pd.Series(dtype=object)} | {name: pd.Series(dtype="Int64") for name in COLUMNS}
        return pd.DataFrame(columns)
    groups = _groups(register)
    rows = [_of_size(groups[groups["size"] == size], size) for size in SIZES]
    return pd.DataFrame(rows).astype(dict.fromkeys(COLUMNS, "Int64"))


def _groups(register: pd.DataFrame) -> pd.DataFrame:
    """One row a group: how many ``members``, its ``size`` as a word, and how it lives."""
    alone = "alone " + register["child_id"].astype(str)
    rows = register.assign(
        group=register["sibling_group"].astype(object).where(register["sibling_group"].notna(), alone)
    )
    by_group = rows.groupby("group")["current_home_id"]
    found = pd.DataFrame({"members": by_group.size(), "known": by_group.count(), "homes": by_group.nunique()})
    size = np.array(SIZES, dtype=object)[found["members"].clip(1, len(SIZES)) - 1]
    together = (found["homes"] == 1) & (found["known"] == found["members"])
    how = np.select([together, found["homes"] > 1], ["together", "apart"], "unknown")
    return found.assign(size=size, how=how)


def _of_size(groups: pd.DataFrame, size: str) -> dict[str, object]:
    living = groups.groupby("how")["members"].sum()
    ways = {how: pd.NA if size == SIZES[0] else int(living.get(how, 0)) for how in COLUMNS[2:]}
    return {"size": size, "groups": len(groups), "children": int(groups["members"].sum()), **ways}
