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
from sufficiency.figures.profile_pairs import EVERY_HOME
from sufficiency.geography import locate, postcodes_of
from sufficiency.records.model import Records

GROUPS = (ALL, "new_placements", "new_into_care")
SIDES = ("home_area", "place_area")
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


def origins_and_places(records: Records) -> pd.DataFrame:
    """From which postcode district to which, on the latest 31 March, and to which postcode areas outside.

    ``home_area`` of the child's home and ``place_area`` of the placement, named as in :func:`areas`, ``children``.
    Those who live outside stand together, whatever their home (``all homes``): pairs of districts so far apart have
    few children each, which all would be hidden.
    """
    return _pairs(records, _own_districts(records))


@by_authority
def _pairs(records: Records, own: frozenset[str]) -> pd.DataFrame:
    rows = _latest(records, own)
    inside = rows["place_area"].isin([*own, UNKNOWN])
    found = rows.assign(home_area=rows["home_area"].where(inside, EVERY_HOME)).groupby(list(SIDES)).size()
    return found.rename("children").astype(int).reset_index()


def areas(records: Records) -> pd.DataFrame:
    """Where children come from and live on the latest 31 March.

    ``area``: a postcode district ("SN1") where most of its postcodes lie in the own authority (or another of the
    region), else the postcode area without those districts ("OX"), or ``unknown``; ``latitude`` ``longitude``
    (middle of its postcodes; empty for ``unknown``), ``children_from`` (whose home is there), ``children_placed``
    (who live there).
    """
    return _areas(records, _own_districts(records))


@by_authority
def _areas(records: Records, own: frozenset[str]) -> pd.DataFrame:
    rows = _latest(records, own)
    sides = {"children_from": rows["home_area"], "children_placed": rows["place_area"]}
    found = pd.DataFrame({name: areas.value_counts() for name, areas in sides.items()}).fillna(0).astype(int)
    table = found.rename_axis("area").sort_index().reset_index().astype({"area": object})
    middle = _middles(table["area"], own)
    return table.assign(**middle)[["area", "latitude", "longitude", "children_from", "children_placed"]]


def _own_districts(records: Records) -> frozenset[str]:
    """Districts that lie mostly in the own authority; of a region in any of its authorities, so that its tables have
    the same names and add up."""
    districts = pd.concat([records.placements[side].astype(object) for side in SIDES]).dropna().drop_duplicates()
    own = locate(districts)["authority"].isin(list(own_codes(records.placements).values()))
    return frozenset(districts[own.to_numpy(dtype=bool)])


def _middles(areas: pd.Series, own: frozenset[str]) -> dict[str, np.ndarray]:
    """Latitude and longitude of each area: the middle of the postcodes of a district, or of an area outside."""
    points = locate(areas.where(areas.isin(own)))[["latitude", "longitude"]].astype(float)
    for place, area in areas[~areas.isin([*own, UNKNOWN])].items():
        postcodes = postcodes_of(area)
        outside = ~postcodes.index.str.split(" ").str[0].isin(own)
        points.loc[place] = postcodes.loc[outside, ["latitude", "longitude"]].mean()
    return {str(axis): points[axis].to_numpy(dtype=float) for axis in points}


def _latest(records: Records, own: frozenset[str]) -> pd.DataFrame:
    """Home and place of the children of the latest 31 March, as :func:`areas` names them."""
    rows = stocks(records)
    rows = rows[rows["year"] == max(years_of(records), default=0)]
    found = {side: rows[side].astype(object) for side in SIDES}
    letters = {side: area.astype("string").str.extract(r"^([A-Z]+)", expand=False) for side, area in found.items()}
    named = {side: area.where(area.isin(own), letters[side].astype(object)) for side, area in found.items()}
    return pd.DataFrame({side: area.fillna(UNKNOWN) for side, area in named.items()})
