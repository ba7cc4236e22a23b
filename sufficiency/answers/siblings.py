"""Brothers and sisters who come into care together: whether their first homes keep them together."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sufficiency.answers.yearly import part_of, yearly_table
from sufficiency.calendar import year_ends
from sufficiency.placing import Stays
from sufficiency.placing.bridges import without_bridges
from sufficiency.placing.stays import BOUGHT, OPENED
from sufficiency.vocabulary import KINDS

FOSTERED = (KINDS.index("in_house_fostering"), KINDS.index("ifa"))
NOT_KNOWN, APART, TOGETHER = -1, 0, 1


def siblings(
    stays: Stays, sibling_group: np.ndarray, dates: pd.DatetimeIndex, paths: int, step_months: int
) -> pd.DataFrame:
    """``financial_year measure`` and ranges, of groups of two or more children who came into care at once.

    ``groups_started``; ``groups_together``: all of the group in one home at first; ``groups_not_known``: in bought
    placements of unknown distance, which the stays do not tell apart; ``share_of_known_groups_together``; the same of
    ``groups_all_fostered``, where every child is with a foster family, in-house or of an agency, so that one home
    could have had them all (the others have children in homes of different kinds); ``children_in_groups``;
    ``children_with_all_siblings``. Children in one placement bought have the same miles from home and the same kind;
    that tells it from another. ``sibling_group``: number of each child's group, -1 for none.
    """
    years, ends = year_ends(dates)
    groups = _first_homes(stays, sibling_group, step_months)
    year = np.searchsorted(ends, groups["first"].to_numpy())
    groups = groups.assign(year=year)[year < len(ends)]

    def count(rows: pd.Series, weight: pd.Series | None = None) -> np.ndarray:
        some = groups[rows.to_numpy()]
        cell = some["path"].to_numpy() * len(ends) + some["year"].to_numpy()
        held = None if weight is None else weight[rows].to_numpy()
        return np.bincount(cell, held, minlength=paths * len(ends)).reshape(paths, len(ends))

    every, together = groups["size"] > 0, groups["together"] == TOGETHER
    unknown, fostered = groups["together"] == NOT_KNOWN, groups["fostered"]
    return yearly_table(
        years,
        {
            "groups_started": count(every),
            "groups_together": count(together),
            "groups_not_known": count(unknown),
            "share_of_known_groups_together": part_of(count(together), count(~unknown)),
            "groups_all_fostered": count(fostered),
            "share_of_known_groups_all_fostered_together": part_of(
                count(fostered & together), count(fostered & ~unknown)
            ),
            "children_in_groups": count(every, groups["size"]),
            "children_with_all_siblings": count(together, groups["size"]),
        },
    )


def _first_homes(stays: Stays, sibling_group: np.ndarray, step_months: int) -> pd.DataFrame:
    """Groups who came into care in one month: ``path first size fostered together``."""
    homes = without_bridges(stays, step_months)
    came = homes.where((homes.opened == OPENED.index("started")) & (sibling_group[homes.child] >= 0))
    rows = pd.DataFrame(
        {
            "path": came.path,
            "group": sibling_group[came.child],
            "first": came.first,
            "home": came.home,
            "kind": came.kind,
            "fostered": np.isin(came.kind, FOSTERED),
            "miles": came.miles,
        }
    )
    each = rows.groupby(["path", "group", "first"])
    found = each.size().rename("size").to_frame().assign(fostered=each["fostered"].all())
    low, high = each[["home", "kind", "miles"]].min(), each[["home", "kind", "miles"]].max()
    one_home = (low["home"] == high["home"]) & (low["home"] >= 0)
    all_bought = (high["home"] == BOUGHT) & (low["kind"] == high["kind"])
    same_miles = all_bought & (low["miles"] == high["miles"]) & (each["miles"].count() == found["size"])
    unknown = all_bought & (each["miles"].count() < found["size"])
    found["together"] = np.select([one_home | same_miles, unknown], [TOGETHER, NOT_KNOWN], APART)
    return found[found["size"] > 1].reset_index()
