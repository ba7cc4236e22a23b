"""The plan's measures as the returns tell them for every past year, with the numbers that they are made of."""

from __future__ import annotations

import pandas as pd

from sufficiency.demand.profile.authorities import by_authority
from sufficiency.demand.profile.children import PLACEMENTS, placements_in_year
from sufficiency.demand.profile.moves import flows, in_order
from sufficiency.demand.profile.past import (
    SAME_CARER,
    ceases,
    counts,
    last_day,
    once_a_year,
    share,
    stocks,
    years_of,
)
from sufficiency.demand.profile.where import DEFAULT_LIMIT_MILES, GROUPS, distance
from sufficiency.records.model import Records
from sufficiency.vocabulary import EXIT_REASONS, FOSTERING_KINDS, KINDS

COLUMNS = ("year", "measure", "unit", "numerator", "denominator", "value")
PERMANENT = ("adopted", "sgo_or_order", "returned_home")
LONG_MONTHS = 30
"""Looked after for so long: long enough for a placement of two years to be expected [months]."""
STABLE_MONTHS = 24
UNDER_AGE = ("under 1", "1-4", "5-9", "10-15")
"""Bands of children under 16, whose placements DfE's measure of stability is about."""


@by_authority
def past_measures(records: Records, limit_miles: float = DEFAULT_LIMIT_MILES) -> pd.DataFrame:
    """The plan's measures by year: ``year`` ``measure`` ``unit`` ``numerator`` ``denominator`` ``value``.

    ``three_or_more_placements`` of children on 31 March; ``same_placement_two_years``: of children under 16 in care
    for two and a half years, those with the same carer for two (placed for adoption: with the placement before;
    empty where the returns do not reach back far enough); ``over_limit_all`` ``over_limit_new_into_care``
    ``over_limit_new_placements`` as a share of known and of all; ``residential_to_foster``: moves from children's
    homes into families in the year (no denominator); ``adopted`` ``sgo_or_order`` ``returned_home``: of children who
    ceased; ``in_house_share``: in-house of in-house and agency fostering; ``kinship_share`` of all fostering.
    """
    parts = [
        _three_or_more(records),
        _same_placement(records),
        *_over(records, limit_miles),
        _step_down(records),
        *_permanence(records),
        *_fostering(records),
    ]
    return pd.concat(parts, ignore_index=True)


def _measure(
    years: pd.Index, measure: str, unit: str, numerator: pd.Series, denominator: pd.Series | None = None
) -> pd.DataFrame:
    """One measure, counts by year; without a denominator the value is the number itself."""
    above = numerator.reindex(years).astype("Int64")
    below = pd.Series(pd.NA, index=years, dtype="Int64") if denominator is None else denominator.reindex(years)
    value = above.astype("Float64").astype(float) if denominator is None else share(above, below)
    columns = {"measure": measure, "unit": unit, "numerator": above, "denominator": below.astype("Int64")}
    return pd.DataFrame({**columns, "value": value}, index=years).reset_index()[list(COLUMNS)]


def _years(records: Records) -> pd.Index:
    return pd.Index(years_of(records), name="year", dtype=int)


def _three_or_more(records: Records) -> pd.DataFrame:
    table = placements_in_year(records)
    many = table[table["placements"] == PLACEMENTS[-1]].set_index("year")["children"]
    return _measure(_years(records), "three_or_more_placements", "share", many, table.groupby("year")["children"].sum())


def _same_placement(records: Records) -> pd.DataFrame:
    rows = stocks(records).merge(_with_carer_since(records), on=["period", "started"])
    rows = rows.merge(records.periods[["period", "started"]].rename(columns={"started": "in_care_since"}), on="period")
    window = records.coverage["first_day"].max()
    known = [year for year in years_of(records) if _months_before(year, LONG_MONTHS) >= window]
    day = {year: (_months_before(year, LONG_MONTHS), _months_before(year, STABLE_MONTHS)) for year in known}
    rows = rows[rows["year"].isin(known) & rows["age_band"].isin(UNDER_AGE)]
    long_ago, stable_since = (
        rows["year"].map({year: pair[place] for year, pair in day.items()}).astype("datetime64[us]") for place in (0, 1)
    )
    rows = rows.assign(stable=rows["carer_since"] <= stable_since)[rows["in_care_since"] <= long_ago]
    of = rows.groupby("year").size().reindex(known, fill_value=0)
    stable = rows.groupby("year")["stable"].sum().reindex(known, fill_value=0)
    return _measure(_years(records), "same_placement_two_years", "share", stable, of)


def _months_before(year: int, months: int) -> pd.Timestamp:
    """The last day of the month so many months before a year's 31 March."""
    return (last_day(year) + pd.DateOffset(days=1) - pd.DateOffset(months=months)) - pd.Timedelta(days=1)


def _with_carer_since(records: Records) -> pd.DataFrame:
    """For each placement since when the child has lived with its carer: ``period`` ``started`` ``carer_since``.

    A change of status with the same carer does not count; a placement for adoption goes on from the one before.
    """
    rows = in_order(records)
    goes_on = rows["follows"] & rows["reason_started"].isin(SAME_CARER)
    carer = (~goes_on).cumsum()
    since = rows.groupby(carer)["started"].transform("first")
    before = since.groupby(carer).first().shift(1)
    adopters = rows["kind"].eq("adoption") & rows.groupby(carer)["follows"].transform("first")
    joined = carer.map(before).where(adopters, since)
    return rows[["period", "started"]].assign(carer_since=joined)


def _over(records: Records, limit_miles: float) -> list[pd.DataFrame]:
    table = distance(records, limit_miles)
    parts = []
    for group in GROUPS:
        rows = table[table["group"] == group].set_index("year")
        known = rows["within"] + rows["over"]
        for unit, of in (("share of known", known), ("share of all", known + rows["unknown"])):
            parts.append(_measure(_years(records), f"over_limit_{group}", unit, rows["over"], of))
    return parts


def _step_down(records: Records) -> pd.DataFrame:
    table = flows(records)
    rows = table[(table["from"] == "residential") & table["to"].isin(FOSTERING_KINDS)]
    moves = rows.groupby("year")["moves"].sum().reindex(years_of(records), fill_value=0)
    return _measure(_years(records), "residential_to_foster", "moves", moves)


def _permanence(records: Records) -> list[pd.DataFrame]:
    ended = once_a_year(ceases(records), "last")
    table = counts(ended, years_of(records), "exit_reason", EXIT_REASONS)
    of = table.groupby("year")["children"].sum()
    return [
        _measure(
            _years(records),
            reason,
            "share of ceased",
            table[table["exit_reason"] == reason].set_index("year")["children"],
            of,
        )
        for reason in PERMANENT
    ]


def _fostering(records: Records) -> list[pd.DataFrame]:
    table = counts(stocks(records), years_of(records), "kind", KINDS)
    kinds = {kind: table[table["kind"] == kind].set_index("year")["children"] for kind in FOSTERING_KINDS}
    bought = kinds["in_house_fostering"] + kinds["ifa"]
    return [
        _measure(
            _years(records),
            "in_house_share",
            "share of fostering without kinship",
            kinds["in_house_fostering"],
            bought,
        ),
        _measure(_years(records), "kinship_share", "share of fostering", kinds["kinship"], bought + kinds["kinship"]),
    ]
