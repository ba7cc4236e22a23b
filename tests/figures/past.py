"""Tables of the needs analysis for the tests of its charts: made by hand, small, and the same in every run."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from sufficiency.figures import (
    against_published_chart,
    age_by_kind_chart,
    age_by_year_chart,
    areas_chart,
    borough_chart,
    children_by_year_chart,
    distance_chart,
    flows_chart,
    kind_by_year_chart,
    legal_status_chart,
    needs_chart,
    origins_and_places_chart,
    past_measures_chart,
    placements_in_year_chart,
    provider_codes_chart,
    providers_chart,
    sibling_groups_chart,
    time_in_care_chart,
    time_in_placement_chart,
    unaccompanied_chart,
)
from sufficiency.stamp import DataStamp
from sufficiency.vocabulary import AGE_BANDS, KINDS

YEARS = (2022, 2023, 2024, 2025)
STAMP = DataStamp("Anyshire", True, pd.Timestamp("2025-03-31"), "1.0")

CHARTS = {
    "against_published": against_published_chart,
    "age_by_kind": age_by_kind_chart,
    "age_by_year": age_by_year_chart,
    "areas": areas_chart,
    "borough": borough_chart,
    "children_by_year": children_by_year_chart,
    "distance": distance_chart,
    "flows": flows_chart,
    "kind_by_year": kind_by_year_chart,
    "legal_status": legal_status_chart,
    "needs": needs_chart,
    "origins_and_places": origins_and_places_chart,
    "past_measures": past_measures_chart,
    "placements_in_year": placements_in_year_chart,
    "provider_codes": provider_codes_chart,
    "providers": providers_chart,
    "sibling_groups": sibling_groups_chart,
    "time_in_care": time_in_care_chart,
    "time_in_placement": time_in_placement_chart,
    "unaccompanied": unaccompanied_chart,
}


def drawn(name: str, table: pd.DataFrame, **options: Any) -> Any:
    """The chart of a table, with a title of a usual length."""
    if name == "origins_and_places":
        options.setdefault("areas", areas())
    return CHARTS[name](
        table, STAMP, title="What the chart says, in one sentence", alt_text="What it looks like", **options
    )


def table_of(name: str) -> pd.DataFrame:
    """A table with every year, in the columns that the chart documents."""
    return TABLES[name]()


def _by_group(column: str, groups: tuple[str, ...], *, total: bool = False) -> pd.DataFrame:
    """``year`` ``column`` ``label`` ``children`` ``share``: 10, 20, 30 … children of each group, one more each year."""
    rows = [
        (year, group, group.replace("_", " ").capitalize(), 10 * (place + 1) + year - YEARS[0])
        for year, (place, group) in product(YEARS, enumerate(groups))
    ]
    table = pd.DataFrame(rows, columns=["year", column, "label", "children"])
    if total:
        sums = table.groupby("year", as_index=False)["children"].sum().assign(**{column: "all", "label": "All"})
        table = pd.concat([table, sums], ignore_index=True)
    known = table[table[column] != "all"].groupby("year")["children"].sum()
    return table.assign(share=table["children"] / table["year"].map(known))


def children_by_year() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "year": YEARS,
            "looked_after": [331, 337, 320, 307],
            "started": [135, 152, 122, 108],
            "ceased": [110, 150, 139, 125],
            "rate": [63.1, 63.5, 59.6, np.nan],
        }
    )


def age_by_kind() -> pd.DataFrame:
    cells = {(band, kind): 6 + 3 * place for place, (band, kind) in enumerate(product(AGE_BANDS, KINDS))}
    rows = []
    for year, band, kind in product(YEARS, ("all", *AGE_BANDS), ("all", *KINDS)):
        inside = [count for (one, other), count in cells.items() if band in ("all", one) and kind in ("all", other)]
        rows.append((year, band, kind, sum(inside)))
    return pd.DataFrame(rows, columns=["year", "age_band", "kind", "children"])


def unaccompanied() -> pd.DataFrame:
    counts = {"year": YEARS, "looked_after": [331, 337, 320, 307], "uasc": [33, 39, 29, 28]}
    table = pd.DataFrame(counts).assign(uasc_started=[30, 34, 24, np.nan])
    return table.assign(share=table["uasc"] / table["looked_after"])


def _near(near: str, far: str, measured: str) -> pd.DataFrame:
    rows = [
        (year, group, 160 - 10 * place, 90 + year - YEARS[0], 20)
        for year, (place, group) in product(YEARS, enumerate(("all", "new_placements", "new_into_care")))
    ]
    table = pd.DataFrame(rows, columns=["year", "group", near, far, "unknown"])
    known = table[near] + table[far]
    return table.assign(
        **{
            f"share_{measured}_of_all": table[measured] / (known + table["unknown"]),
            f"share_{measured}_of_known": table[measured] / known,
        }
    )


def _curves(groups: tuple[str, ...]) -> pd.DataFrame:
    months = np.arange(0, 61)
    parts = []
    for place, group in enumerate(groups):
        share = np.exp(-months / (10 + 6 * place))
        columns = {"months": months, "share_still_there": share, "low": share * 0.9, "high": np.minimum(share * 1.1, 1)}
        parts.append(pd.DataFrame(columns).assign(group=group, at_risk=np.maximum(200 - 3 * months, 0)))
    return pd.concat(parts, ignore_index=True)


def sibling_groups() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "size": ["1", "2", "3", "4_or_more"],
            "groups": [168, 35, 13, 7],
            "children": [168, 70, 39, 30],
            "together": pd.array([pd.NA, 34, 21, 8], dtype="Int64"),
            "apart": pd.array([pd.NA, 30, 18, 22], dtype="Int64"),
            "unknown": pd.array([pd.NA, 6, 0, 0], dtype="Int64"),
        }
    )


def flows() -> pd.DataFrame:
    """Ten moves or more of every pair of a few kinds, one thin flow, every year and all years together."""
    moves = {
        ("started", "kinship"): 214, ("started", "ifa"): 414, ("ifa", "ifa"): 313, ("ifa", "residential"): 40,
        ("residential", "ifa"): 31, ("ifa", "turned_18"): 142, ("kinship", "sgo_or_order"): 90,
        ("other", "other"): 60, ("other", "other_exit"): 50, ("kinship", "residential"): 6,
    }  # fmt: skip
    rows = [(year, *pair, count) for year, (pair, count) in product((*YEARS, "all"), moves.items())]
    return pd.DataFrame(rows, columns=["year", "from", "to", "moves"])


def areas() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "area": ["SN1", "SN2", "SN3", "BA", "GL", "unknown"],
            "latitude": [51.556, 51.579, 51.560, 51.285, 51.865, np.nan],
            "longitude": [-1.777, -1.778, -1.743, -2.450, -2.246, np.nan],
            "children_from": [52, 55, 40, 0, 0, 28],
            "children_placed": [38, 26, 30, 8, np.nan, 9],
        }
    )


def origins_and_places() -> pd.DataFrame:
    rows = [
        ("SN1", "SN1", 10), ("SN2", "SN1", 8), ("SN1", "SN3", 6), ("all homes", "BA", 13),
        ("all homes", "GL", np.nan), ("unknown", "SN1", 9),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["home_area", "place_area", "children"])


def against_published() -> pd.DataFrame:
    rows = [
        (year, area, measure, value + year - YEARS[0], unit)
        for year, (area, value), (measure, unit) in product(
            YEARS,
            {"Anyshire": 57, "England": 68, "Wiltshire": 42, "Oxfordshire": 48}.items(),
            (("rate", "per 10,000"), ("looked_after", "children")),
        )
    ]
    rows += [(year, area, "over_20_miles", 0.3, "share") for year in YEARS for area in ("Anyshire", "England")]
    return pd.DataFrame(rows, columns=["year", "area", "measure", "value", "unit"])


def past_measures() -> pd.DataFrame:
    rows = []
    for year in YEARS:
        rows += [
            (year, "three_or_more_placements", "share", 34, 307, 34 / 307),
            (year, "over_limit_all", "share of known", 114, 279, 114 / 279),
            (year, "over_limit_all", "share of all", 114, 307, 114 / 307),
            (year, "residential_to_foster", "moves", 9, np.nan, 9.0),
            (year, "a_new_measure", "share of something", 10, 20, 0.5),
        ]
    return pd.DataFrame(rows, columns=["year", "measure", "unit", "numerator", "denominator", "value"])


TABLES = {
    "against_published": against_published,
    "age_by_kind": age_by_kind,
    "age_by_year": age_by_kind,
    "areas": areas,
    "borough": lambda: _near("inside", "outside", "inside"),
    "children_by_year": children_by_year,
    "distance": lambda: _near("within", "over", "over"),
    "flows": flows,
    "kind_by_year": age_by_kind,
    "legal_status": lambda: _by_group("group", ("full_care_order", "voluntary_s20", "other")),
    "needs": lambda: _by_group("need", ("N1", "N5", "unknown")),
    "origins_and_places": origins_and_places,
    "past_measures": past_measures,
    "placements_in_year": lambda: _by_group("placements", ("1", "2", "3_or_more")),
    "provider_codes": lambda: _by_group("provider", ("PR1", "PR4")),
    "providers": lambda: _by_group(
        "group",
        ("in_house_fostering", "ifa", "kinship", "residential", "supported", "other_kinds"),
        total=True,
    ),
    "sibling_groups": sibling_groups,
    "time_in_care": lambda: _curves(("all", *AGE_BANDS)),
    "time_in_placement": lambda: _curves(("all", "kinship")),
    "unaccompanied": unaccompanied,
}
