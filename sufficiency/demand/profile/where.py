"""Where children live: inside the authority, how far from home, from which district to which."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sufficiency.demand.profile.authorities import by_authority
from sufficiency.demand.profile.past import (
    ALL,
    UNKNOWN,
    begun_in,
    every_year,
    first_day,
    first_placements,
    last_day,
    once_a_year,
    share,
    starts,
    stocks,
    years_of,
)
from sufficiency.figures import authority_of
from sufficiency.geography import locate
from sufficiency.records.model import Records

GROUPS = (ALL, "new_placements", "new_into_care")
DEFAULT_LIMIT_MILES = 20.0


@by_authority
def borough(records: Records) -> pd.DataFrame:
    """Inside or outside the authority's own area.

    ``year``; ``group``: ``all`` children on 31 March, ``new_placements`` begun in the year, children
    ``new_into_care`` in the year (each once, by the first placement); ``inside`` ``outside`` ``unknown``;
    ``share_inside_of_all`` ``share_inside_of_known``. The own area is the authority in which most home districts
    lie; where no home is known, nothing is.
    """
    own = own_codes(records.placements)
    parts = []
    for group, rows in _groups(records).items():
        code = rows["authority"].map(own).astype("string")
        there = rows["authority_of_place"].astype("string")
        known = code.notna() & there.notna()
        parts.append(_three_ways(rows, known, (code == there).fillna(False).astype(bool), group, records))
    return _in_order(parts, ("inside", "outside"), "inside")


@by_authority
def distance(records: Records, limit_miles: float = DEFAULT_LIMIT_MILES) -> pd.DataFrame:
    """Within or over the limit, straight line from the child's home to the placement.

    ``year`` ``group`` (as :func:`borough`) ``within`` ``over`` ``unknown`` ``share_over_of_all``
    ``share_over_of_known``.
    """
    parts = [
        _three_ways(rows, rows["miles"].notna(), rows["miles"] <= limit_miles, group, records)
        for group, rows in _groups(records).items()
    ]
    return _in_order(parts, ("within", "over"), "over")


def shares_near_and_far(placements: pd.DataFrame, limit_miles: float) -> tuple[float, float]:
    """Shares within and over the limit of the placements whose distance is known; NaN when none is."""
    miles = placements["miles"].dropna()
    if miles.empty:
        return np.nan, np.nan
    return float((miles <= limit_miles).mean()), float((miles > limit_miles).mean())


def own_codes(placements: pd.DataFrame) -> dict[str, str]:
    """Each authority's ONS code: where most of its placements' home districts lie. Without a known home it has none."""
    codes = {}
    for name, rows in placements.groupby("authority"):
        homes = rows["home_area"].value_counts()
        code = authority_of(pd.DataFrame({"area": homes.index.astype(str), "children": homes.to_numpy()}))
        if code:
            codes[str(name)] = code
    return codes


def _groups(records: Records) -> dict[str, pd.DataFrame]:
    """The rows that each group counts, with ``year``."""
    new = every_year(records, lambda year: begun_in(records.placements, first_day(year), last_day(year)))
    into_care = first_placements(records.placements, once_a_year(starts(records), "first"))
    return dict(zip(GROUPS, (stocks(records), new, into_care), strict=True))


def _three_ways(rows: pd.DataFrame, known: pd.Series, near: pd.Series, group: str, records: Records) -> pd.DataFrame:
    """Rows of each year that are near, far (known and not near) and unknown."""
    years = pd.Index(years_of(records), name="year", dtype=int)
    ways = {"near": known & near, "far": known & ~near, "unknown": ~known}
    found = {name: rows[way].groupby("year").size().reindex(years, fill_value=0) for name, way in ways.items()}
    return pd.DataFrame({"group": group, **found}, index=years).reset_index()


def _in_order(parts: list[pd.DataFrame], names: tuple[str, str], measured: str) -> pd.DataFrame:
    """The groups of each year together, with the shares of the one that is ``measured``."""
    near, far = names
    table = pd.concat(parts, ignore_index=True).sort_values("year", kind="stable", ignore_index=True)
    table = table.rename(columns={"near": near, "far": far})
    known = table[near] + table[far]
    return table.assign(
        **{
            f"share_{measured}_of_all": share(table[measured], known + table["unknown"]),
            f"share_{measured}_of_known": share(table[measured], known),
        }
    )


@by_authority
def origins_and_places(records: Records) -> pd.DataFrame:
    """From which postcode district to which, on the latest 31 March.

    ``home_area`` of the child's home and ``place_area`` of the placement (``unknown`` where the postcode is not
    known), ``children``.
    """
    rows = _latest(records)
    found = rows.groupby(["home_area", "place_area"]).size()
    return found.rename("children").astype(int).reset_index()


@by_authority
def areas(records: Records) -> pd.DataFrame:
    """Postcode districts on the latest 31 March: ``area``, ``latitude`` ``longitude`` (middle of its postcodes;
    empty for ``unknown``), ``children_from`` (whose home is there), ``children_placed`` (who live there)."""
    rows = _latest(records)
    sides = {"children_from": rows["home_area"], "children_placed": rows["place_area"]}
    found = pd.DataFrame({name: areas.value_counts() for name, areas in sides.items()}).fillna(0).astype(int)
    table = found.rename_axis("area").sort_index().reset_index().astype({"area": object})
    points = locate(table["area"].where(table["area"] != UNKNOWN))
    middle = {axis: points[axis].to_numpy(dtype=float) for axis in ("latitude", "longitude")}
    return table.assign(**middle)[["area", "latitude", "longitude", "children_from", "children_placed"]]


def _latest(records: Records) -> pd.DataFrame:
    """Both districts of the children of the latest 31 March, as text."""
    rows = stocks(records)
    rows = rows[rows["year"] == max(years_of(records), default=0)]
    return pd.DataFrame({side: rows[side].astype(object).fillna(UNKNOWN) for side in ("home_area", "place_area")})
