"""Rules that rows of the registers must keep beyond what one cell can say."""

from __future__ import annotations

from typing import Final

import pandas as pd

from sufficiency.errors import Fault
from sufficiency.records.contract import KEYS, LATITUDES, LONGITUDES
from sufficiency.records.rules import Rule, rule
from sufficiency.records.tables import rows_where

_WHO_LIVE_IN: Final = ("settled", "step_down")


@rule("H01", "homes", ("places_free", "places"), "more places free than approved", "Places free are part of the places")
def more_free_than_places(homes: pd.DataFrame) -> pd.Series:
    """Homes that say more places are free than they have."""
    return homes["places_free"] > homes["places"]


@rule("H02", "homes", ("min_age", "max_age"), "min_age is above max_age", "Give the youngest age first")
def ages_upside_down(homes: pd.DataFrame) -> pd.Series:
    """Homes whose youngest age is above their oldest."""
    return homes["min_age"] > homes["max_age"]


@rule("H03", "homes", ("open_from", "open_to"), "open_to is before open_from", "Correct one of the two dates")
def closes_before_it_opens(homes: pd.DataFrame) -> pd.Series:
    """Homes that close before they open."""
    return homes["open_to"] < homes["open_from"]


@rule(
    "C01",
    "children",
    ("sibling_group", "solo"),
    "a sibling group to live together has a child who must live alone",
    "Empty sibling_group or set solo to false for that child",
)
def solo_in_sibling_group(children: pd.DataFrame) -> pd.Series:
    """Every solo child whose sibling group has another child in it."""
    size = children.groupby("sibling_group")["child_id"].transform("size")
    return children["solo"].astype("boolean").fillna(False) & (size >= 2)


def _out_of_order(earlier: str, later: str, code: str) -> Rule:
    says = f"{later} is before {earlier}"

    @rule(code, "carers", (earlier, later), says, "Correct one of the two dates")
    def out_of_order(carers: pd.DataFrame) -> pd.Series:
        return carers[later] < carers[earlier]

    return out_of_order


@rule("A05", "carers", ("approved_on", "places"), "approved without places", "Give the places approved for")
def approved_without_places(carers: pd.DataFrame) -> pd.Series:
    """Households approved for no child at all."""
    return carers["approved_on"].notna() & (carers["places"] == 0)


REGISTER_RULES: Final[dict[str, tuple[Rule, ...]]] = {
    "children": (solo_in_sibling_group,),
    "homes": (more_free_than_places, ages_upside_down, closes_before_it_opens),
    "carers": (
        _out_of_order("enquired_on", "applied_on", "A01"),
        _out_of_order("applied_on", "approved_on", "A02"),
        _out_of_order("enquired_on", "approved_on", "A03"),
        _out_of_order("approved_on", "left_on", "A04"),
        approved_without_places,
    ),
    "prices": (),
    "population": (),
}
"""Register → rules on whole rows, which run when the cells have been read."""


def repeated_keys(name: str, table: pd.DataFrame, source: str) -> list[Fault]:
    """Rows of a register that name the same child, home, household, price or population twice."""
    keys = list(KEYS[name])
    named = table[keys].notna().all(axis=1) if name != "prices" else table[["kind", "from_date"]].notna().all(axis=1)
    repeated = table.duplicated(keys, keep=False) & named
    rows = rows_where(table, repeated)
    says = f"the same {' and '.join(keys)} comes more than once"
    return [Fault("R07", source, ", ".join(keys), rows, says, "Keep one row of them")] if rows else []


def points_outside(table: pd.DataFrame, latitude: str, longitude: str, source: str) -> list[Fault]:
    """Points outside the British Isles, told apart from points whose two coordinates have changed places."""
    north, east = table[latitude], table[longitude]
    one_only = north.isna() ^ east.isna()
    inside = north.between(*LATITUDES) & east.between(*LONGITUDES)
    swapped = east.between(*LATITUDES) & north.between(*LONGITUDES)
    outside = north.notna() & east.notna() & ~inside & ~swapped
    columns = f"{latitude}, {longitude}"
    limits = f"latitude {LATITUDES[0]:g} to {LATITUDES[1]:g}, longitude {LONGITUDES[0]:g} to {LONGITUDES[1]:g}"
    cases = (
        (swapped, "latitude and longitude have changed places", "Swap the two columns"),
        (outside, "the point is outside the British Isles", f"Give degrees: {limits}"),
        (one_only, "one coordinate without the other", "Give both, or neither and a postcode"),
    )
    found = ((rows_where(table, bad), says, fix) for bad, says, fix in cases)
    return [Fault("R08", source, columns, rows, says, fix) for rows, says, fix in found if rows]


def too_many_children(children: pd.DataFrame, homes: pd.DataFrame) -> pd.Series:
    """True for each home with more children living in it than the register can mean.

    The present place of a step-down child is never one of the free ones, so such children are at most the places
    taken; with the settled children they are at most the places approved.
    """
    taken = homes["places"].to_numpy() - homes["places_free"].to_numpy()
    stepping = children.loc[children["status"] == "step_down", "current_home_id"].dropna()
    waiting = stepping.value_counts().reindex(homes["home_id"]).fillna(0).to_numpy()
    living = children.loc[children["status"].isin(_WHO_LIVE_IN), "current_home_id"].dropna()
    count = living.value_counts().reindex(homes["home_id"]).fillna(0).to_numpy()
    return pd.Series((count > homes["places"].to_numpy()) | (waiting > taken), index=homes.index)
