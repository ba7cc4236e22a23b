"""Registers held against the returns and against each other: what does not fit is said, and stops nothing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sufficiency.errors import Fault
from sufficiency.records.tables import rows_where


def reconciled(registers: Mapping[str, pd.DataFrame], placements: pd.DataFrame, day: pd.Timestamp) -> list[Fault]:
    """Notices on what does not fit on the day the returns end.

    ``registers``: typed registers by name, their index the lines of their files. Counts only; no child is named.
    """
    here = (placements["started"] <= day) & ~(placements["ended"] <= day)
    looked_after = set(placements.loc[here, "child_id"])
    notices = []
    if "children" in registers:
        notices += _children(registers["children"], looked_after, day)
    if "children" in registers and "homes" in registers:
        notices += _fuller_than_said(registers["children"], registers["homes"])
    if "carers" in registers:
        notices += _approved_for_nobody(registers["carers"])
    return notices


def _children(register: pd.DataFrame, looked_after: set[str], day: pd.Timestamp) -> list[Fault]:
    notices = []
    rows = rows_where(register, ~register["child_id"].isin(looked_after))
    if rows:
        says = f"in the register, but by the returns not looked after on {day:%d %B %Y}"
        fix = "Nothing to do for children who started since; else correct the id or the return"
        notices.append(Fault("N08", "children.csv", "child_id", rows, says, fix))
    absent = len(looked_after - set(register["child_id"]))
    if absent:
        says = f"{absent} of {len(looked_after)} children looked after on {day:%d %B %Y} are not in the register"
        fix = "Nothing to do if the register holds only those who need a home; else add them"
        notices.append(Fault("N09", "children.csv", "child_id", (), says, fix))
    return notices


def _fuller_than_said(children: pd.DataFrame, homes: pd.DataFrame) -> list[Fault]:
    """Homes in which more of our children live than the register counts as taken; beyond the approval is a fault."""
    living = children.loc[children["status"] != "needs_home", "current_home_id"].dropna().value_counts()
    held = living.reindex(homes["home_id"]).fillna(0).to_numpy()
    rows = rows_where(homes, held > (homes["places"] - homes["places_free"]).to_numpy())
    if not rows:
        return []
    says = "more of our children live here than places - places_free says, so a free place may be none"
    return [Fault("N10", "homes.csv", "places_free", rows, says, "Correct places_free or current_home_id")]


def _approved_for_nobody(carers: pd.DataFrame) -> list[Fault]:
    open_now = carers["approved_on"].notna() & carers["left_on"].isna()
    places = carers["places"].to_numpy(dtype=float, na_value=np.nan)
    rows = rows_where(carers, open_now & ~(places > 0))
    if not rows:
        return []
    says = "approved and not left, but with no places"
    return [Fault("N11", "carers.csv", "places", rows, says, "Give the places of the approval")]
