"""What every table of the needs analysis counts: the children of each 31 March, and what began and ended in each year.

A year is that in which the return ends: 2025 is 1 April 2024 to 31 March 2025. In a region each authority counts in
the years that its returns cover.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal

import numpy as np
import pandas as pd

from sufficiency.calendar import age_in_years, days
from sufficiency.records.model import Records
from sufficiency.vocabulary import AGE_BANDS, age_band_index

ALL: Final = "all"
UNKNOWN: Final = "unknown"
FIRST_MONTH: Final = 4
"""Month in which a year begins."""
SAME_CARER: Final = ("T", "U")
"""RNE codes of a change in a placement's status while the child stays with the same carer."""


def years_of(records: Records) -> tuple[int, ...]:
    """The years held whose 31 March the data reach."""
    return tuple(year for year in records.years if last_day(year) <= records.data_to)


def first_day(year: int) -> pd.Timestamp:
    """1 April with which a year begins."""
    return pd.Timestamp(year - 1, FIRST_MONTH, 1)


def last_day(year: int) -> pd.Timestamp:
    """31 March with which a year ends."""
    return first_day(year + 1) - pd.Timedelta(days=1)


def year_of(dates: pd.Series) -> pd.Series:
    """The year that each date falls in; missing where the date is."""
    return dates.dt.year + (dates.dt.month >= FIRST_MONTH)


def placements_on(placements: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Placements that hold on a day; on the day it ends a child is no longer there."""
    return placements[(placements["started"] <= day) & ~(placements["ended"] <= day)]


def begun_in(placements: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """Placements that began on a day from ``first`` to ``last``."""
    return placements[placements["started"].between(first, last)]


def stocks(records: Records) -> pd.DataFrame:
    """Children looked after on each 31 March, one row a child and year with the placement of that day.

    ``year``, the columns of ``Records.placements``, and ``uasc`` ``date_of_birth`` ``age_band`` as on that day.
    """
    days_of = {year: last_day(year) for year in years_of(records)}
    rows = every_year(records, lambda year: placements_on(records.placements, days_of[year]))
    return with_children(rows, records, on=rows["year"].map(days_of).astype("datetime64[us]"))


def every_year(records: Records, rows_of: Callable[[int], pd.DataFrame]) -> pd.DataFrame:
    """Placements that ``rows_of`` picks for each year held, with their ``year``, of the authorities that cover it."""
    parts = [rows_of(year).assign(year=year) for year in years_of(records)]
    rows = pd.concat(parts, ignore_index=True) if parts else records.placements.iloc[:0].assign(year=0)
    return covered(rows, records).reset_index(drop=True)


def covered(rows: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Rows (``authority``, ``year``) of the years held that the returns of their authority cover."""
    bounds = records.coverage.set_index("authority")
    first = rows["authority"].map(year_of(bounds["first_day"])).astype(float)
    last = rows["authority"].map(year_of(bounds["last_day"] + pd.Timedelta(days=1)) - 1).astype(float)
    return rows[rows["year"].isin(years_of(records)) & rows["year"].between(first, last)]


def with_children(rows: pd.DataFrame, records: Records, on: pd.Series) -> pd.DataFrame:
    """Rows with ``uasc``, ``date_of_birth`` and ``age_band`` (on the date ``on``) of their ``child_id``."""
    children = records.children.set_index("child_id")[["uasc", "date_of_birth"]]
    known = children.reindex(rows["child_id"])
    born = known["date_of_birth"].set_axis(rows.index)
    bands = age_band_index(age_in_years(days(born), days(on)))
    return rows.assign(
        uasc=known["uasc"].to_numpy(dtype=bool), date_of_birth=born, age_band=np.array(AGE_BANDS, dtype=object)[bands]
    )


def starts(records: Records) -> pd.DataFrame:
    """Periods of care whose start is known, with the ``year`` of the start, of the years held."""
    periods = records.periods[~records.periods["left_censored"]]
    return covered(periods.assign(year=year_of(periods["started"])), records)


def ceases(records: Records) -> pd.DataFrame:
    """Periods of care that ended, with the ``year`` of the end, of the years held."""
    periods = records.periods[records.periods["ended"].notna()]
    return covered(periods.assign(year=year_of(periods["ended"]).astype(int)), records)


def once_a_year(periods: pd.DataFrame, keep: Literal["first", "last"]) -> pd.DataFrame:
    """Each child once a year, as DfE counts: the ``first`` start, the ``last`` cease."""
    by = "started" if keep == "first" else "ended"
    return periods.sort_values(["child_id", by], kind="stable").drop_duplicates(["child_id", "year"], keep=keep)


def first_placements(placements: pd.DataFrame, periods: pd.DataFrame) -> pd.DataFrame:
    """The placement in which each of the ``periods`` began, with the ``year`` of the period."""
    first = placements.sort_values(["period", "started"], kind="stable").drop_duplicates("period")
    return first.merge(periods[["period", "year"]], on="period")


def counts(rows: pd.DataFrame, years: Sequence[int], column: str, categories: Sequence[str]) -> pd.DataFrame:
    """``year``, ``column`` and ``children``: rows of each category in each year, noughts kept."""
    keys = pd.MultiIndex.from_product([list(years), list(categories)], names=["year", column])
    found = rows.groupby([rows["year"], rows[column].astype(object)]).size()
    return found.reindex(keys, fill_value=0).rename("children").reset_index().astype({"year": int, "children": int})


def with_share(table: pd.DataFrame) -> pd.DataFrame:
    """A table of :func:`counts` with each category's ``share`` of its year's total (0 to 1; empty for no child)."""
    total = table.groupby("year")["children"].transform("sum")
    return table.assign(share=share(table["children"], total))


def share(part: pd.Series, whole: pd.Series) -> pd.Series:
    """``part`` / ``whole``, missing where the whole is nought or missing."""
    of = whole.astype("Float64").astype(float)
    return part.astype("Float64").astype(float) / of.where(of > 0)
