"""Regions for measuring: the sample authority's records several times over, under names of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd


def region_of(records: Any, authorities: int) -> Any:
    """Records of a region of so many authorities, each with the children of ``records``."""
    tables = {
        name: pd.concat([_renamed(getattr(records, name), number) for number in range(authorities)], ignore_index=True)
        for name in ("children", "placements", "periods", "coverage")
    }
    return replace(records, authority=f"{authorities} authorities", child_register=None, **tables)


def _renamed(table: pd.DataFrame, number: int) -> pd.DataFrame:
    changes: dict[str, Any] = {"authority": f"Authority {number:03d}"}
    if "child_id" in table:
        changes["child_id"] = f"{number:03d}" + table["child_id"]
    if "period" in table:
        changes["period"] = table["period"] + number * 1_000_000
    return table.assign(**changes)
