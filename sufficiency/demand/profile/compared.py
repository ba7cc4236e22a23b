"""The authority beside England and its neighbours, measure by measure, from its own tables and a published file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.demand.profile.authorities import ALL, AUTHORITY
from sufficiency.demand.profile.past import UNKNOWN
from sufficiency.demand.profile.published_file import NATIONAL
from sufficiency.demand.profile.words import LEGAL_GROUP_OF_CODE, NEED_LABELS, slug
from sufficiency.vocabulary import AGE_BANDS, FOSTERING_KINDS

COLUMNS: Final = ("year", "area", "measure", "value", "unit")
SHARE: Final = "share"
UNITS: Final = {
    "looked_after": "children",
    "started": "children",
    "ceased": "children",
    "rate": "per 10,000",
    "started_rate": "per 10,000",
    "ceased_rate": "per 10,000",
}
"""Unit of the measures that are no shares."""
PUBLISHED_LIMIT_MILES: Final = 20.0
MOST_NEIGHBOURS: Final = 15
"""Authorities of a file beyond which only those of the own region are its neighbours."""
UNNAMED: Final = "This authority"
AGE_MEASURES: Final = ("aged_under_1", "aged_1_to_4", "aged_5_to_9", "aged_10_to_15", "aged_16_and_over")
LEGAL: Final = tuple(LEGAL_GROUP_OF_CODE.values())
NEEDS: Final = {f"need_{slug(label)}": need for need, label in NEED_LABELS.items() if need != UNKNOWN}
PROVISION: Final = {"own_provision": "PR1", "private_provision": "PR4", "voluntary_provision": "PR5"}


def against_published(
    tables: Mapping[str, pd.DataFrame],
    published: pd.DataFrame,
    *,
    area: str,
    codes: Collection[str] = (),
    limit_miles: float = PUBLISHED_LIMIT_MILES,
) -> pd.DataFrame:
    """Own and published values of the measures that the published file has: ``year area measure value unit``.

    ``tables``: those of the needs analysis, as numbers (missing where hidden); ``published``: from ``read_published``;
    ``area``: the own name; ``codes``: the own ONS codes. Of a file with many authorities, those of the own region
    stay, with England and that region. The authority as published is told from its own row by "(published)".
    """
    others = _neighbours(published, area, codes)
    own = own_measures(tables, area, limit_miles)
    own = own[own["measure"].isin(set(others["measure"]))]
    both = pd.concat([part for part in (own, others) if len(part)] or [own], ignore_index=True)
    unit = both["measure"].map(UNITS)
    known = set(own_names()) | set(own["measure"])
    unit = unit.fillna(both["measure"].isin(known).map({True: SHARE, False: ""}))
    ordered = both.assign(unit=unit).sort_values(["measure", "year"], kind="stable", ignore_index=True)
    return ordered[list(COLUMNS)]


def _neighbours(published: pd.DataFrame, area: str, codes: Collection[str]) -> pd.DataFrame:
    own = published["code"].isin(list(codes)) | published["area"].str.lower().eq(area.lower())
    local = published["level"].eq("local authority")
    kept = pd.Series(True, index=published.index)
    if published.loc[local, "area"].nunique() > MOST_NEIGHBOURS:
        regions = set(published.loc[own, "region"]) - {""}
        kept = published["level"].eq(NATIONAL) | published["region"].isin(regions)
    names = published["area"].mask(published["area"].eq(area) & local, f"{area} (published)")
    return published.assign(area=names)[kept][["year", "area", "measure", "value"]]


def own_names() -> tuple[str, ...]:
    """Shares that the tables of the needs analysis can give."""
    return (*AGE_MEASURES, *_MIX, *PROVISION, *LEGAL, *NEEDS, "inside_area", "over_20_miles", "unaccompanied",
            "three_or_more_placements", "same_placement_two_years")  # fmt: skip


_MIX: Final = {
    "fostered": FOSTERING_KINDS,
    "secure_and_childrens_homes": ("secure", "residential"),
    "supported": ("supported",),
    "with_parents": ("with_parents",),
    "placed_for_adoption": ("adoption",),
}
"""Share → kinds of placement. Ours count residential schools and other residential settings as children's homes."""


def own_measures(tables: Mapping[str, pd.DataFrame], area: str, limit_miles: float) -> pd.DataFrame:
    """The authority's own ``year area measure value``; of a region the whole under its name, then each authority."""
    first = tables["children_by_year"]
    if AUTHORITY not in first.columns:
        return _own(tables, limit_miles).assign(area=area)
    parts = []
    for name in dict.fromkeys(first[AUTHORITY]):
        part = {key: table[table[AUTHORITY] == name] for key, table in tables.items() if AUTHORITY in table.columns}
        parts.append(_own(part, limit_miles).assign(area=area if name == ALL else name))
    return pd.concat(parts, ignore_index=True)


def _own(tables: Mapping[str, pd.DataFrame], limit_miles: float) -> pd.DataFrame:
    children = tables["children_by_year"].set_index("year")
    found: dict[str, pd.Series] = {name: children[name] for name in ("looked_after", "rate", "started", "ceased")}
    per_child = 10_000 / children["population"].astype("Float64").astype(float)
    found |= {f"{name}_rate": children[name] * per_child for name in ("started", "ceased")}
    cells = tables["age_by_kind"].pivot(index="year", columns=["age_band", "kind"], values="children").astype(float)
    if len(cells):
        whole = cells[ALL, ALL].where(cells[ALL, ALL] > 0)
        found |= {name: cells[band, ALL] / whole for name, band in zip(AGE_MEASURES, AGE_BANDS, strict=True)}
        found |= {name: sum((cells[ALL, kind] for kind in kinds), 0.0 * whole) / whole for name, kinds in _MIX.items()}
    found |= {name: _share_of(tables["legal_status"], "group", name) for name in LEGAL}
    found |= {name: _share_of(tables["needs"], "need", need) for name, need in NEEDS.items()}
    found |= {name: _share_of(tables["provider_codes"], "provider", code) for name, code in PROVISION.items()}
    found["unaccompanied"] = tables["unaccompanied"].set_index("year")["share"]
    found["inside_area"] = _share_of(tables["borough"], "group", ALL, "share_inside_of_all")
    if limit_miles == PUBLISHED_LIMIT_MILES:
        found["over_20_miles"] = _share_of(tables["distance"], "group", ALL, "share_over_of_all")
    for name in ("three_or_more_placements", "same_placement_two_years"):
        found[name] = _share_of(tables["past_measures"], "measure", name, "value")
    parts = [pd.DataFrame({"year": values.index, "measure": name, "value": values.astype(float).to_numpy()})
             for name, values in found.items()]  # fmt: skip
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(value=rows["value"].where(np.isfinite(rows["value"])))


def _share_of(table: pd.DataFrame, column: str, name: str, value: str = "share") -> pd.Series:
    """A column of the rows of one group, by year."""
    return table[table[column] == name].set_index("year")[value].astype("Float64").astype(float)
