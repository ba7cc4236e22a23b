"""The shortlist for children now, as it may leave: counted by area, homes without names."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sufficiency.figures import authority_outline, match_map
from sufficiency.geography import locate, postcode_key
from sufficiency.outlook import Outlook


def matches_by_area(outlook: Outlook) -> pd.DataFrame:
    """Children of the pool by the postcode sector of their home: ``area latitude longitude children within_limit
    over_limit unplaced``; children whose sector is not known are not in it. Empty without a shortlist."""
    columns = ["area", "latitude", "longitude", "children", "within_limit", "over_limit", "unplaced"]
    register = outlook.records.child_register
    if outlook.matching is None or register is None:
        return pd.DataFrame(columns=columns)
    rows = outlook.matching.table().merge(register[["child_id", "home_postcode"]], on="child_id")
    rows = rows.assign(area=postcode_key(rows["home_postcode"]).str.extract(r"^(\S+ \d)", expand=False))
    rows = rows.dropna(subset=["area"])
    within = rows["within_limit"].astype("boolean")
    counted = rows.assign(
        within_limit=within.fillna(False).astype(int),
        over_limit=(~within).fillna(False).astype(int),
        unplaced=rows["home_id"].isna().astype(int),
        children=1,
    )
    areas = counted.groupby("area", as_index=False)[columns[3:]].sum()
    points = locate(areas["area"])
    return areas.assign(latitude=points["latitude"], longitude=points["longitude"])[columns].dropna(subset=["latitude"])


def homes_on_map(outlook: Outlook) -> pd.DataFrame:
    """Homes of the register without their names: ``kind latitude longitude in_plan``."""
    homes = outlook.records.homes
    if outlook.matching is None or homes is None:
        return pd.DataFrame(columns=["kind", "latitude", "longitude", "in_plan"])
    chosen = set(outlook.matching.table()["home_id"].dropna())
    return homes[["kind", "latitude", "longitude"]].assign(in_plan=homes["home_id"].isin(chosen).to_numpy())


def map_of_matches(outlook: Outlook) -> Any | None:
    """The map of the shortlist with the circle of the limit; ``None`` without a shortlist or without known areas."""
    areas, homes = matches_by_area(outlook), homes_on_map(outlook)
    if areas.empty or outlook.matching is None:
        return None
    summary = outlook.matching.summary()
    limit = outlook.scenario.matching.limit_miles
    near, known = summary["objectives"].get("within_limit"), summary["out_of"]["within_limit"]
    title = f"{near} of {known} children who need a home now can live within {limit:g} miles of their own"
    alt_text = (
        f"{title}. Map of the areas they come from, the register's homes by kind, and a circle of {limit:g} miles. "
        f"Children whose distance is not known are not counted in it. {summary['children_without_a_home']} of "
        f"{summary['children_in_pool']} have no home in the shortlist."
    )
    outline = authority_outline(areas)
    return match_map(areas, homes, outlook.stamp, limit_miles=limit, title=title, alt_text=alt_text, outline=outline)
