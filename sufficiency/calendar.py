"""Dates as the projection counts them: months from the as-of day, ages in whole years, financial years."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sufficiency.vocabulary import ADULT_AGE

DAYS_IN_MONTH = 365.25 / 12
"""Mean length of a month [days]."""


def month_ends(as_of: pd.Timestamp, months: int, back: int = 0) -> pd.DatetimeIndex:
    """The as-of day, the same day of each of the ``months`` after it and of the ``back`` months before it."""
    return pd.DatetimeIndex([as_of + pd.DateOffset(months=step) for step in range(-back, months + 1)])


def days(dates: pd.Series | pd.DatetimeIndex | np.ndarray) -> np.ndarray:
    """Dates as whole days (``datetime64[D]``)."""
    return np.asarray(dates).astype("datetime64[D]")


def birthday(born: np.ndarray, age: int = ADULT_AGE) -> np.ndarray:
    """Day on which a child turns ``age``; born on 29 February counts 1 March in a common year."""
    month = born.astype("datetime64[M]")
    day_of_month = born - month.astype("datetime64[D]")
    return (month + 12 * age).astype("datetime64[D]") + day_of_month


def birthdays(born: pd.Series, age: int = ADULT_AGE) -> pd.Series:
    """:func:`birthday` for a column of dates; missing where the date of birth is."""
    return pd.Series(birthday(days(born), age), index=born.index).astype("datetime64[us]")


def age_in_years(born: np.ndarray, on: np.datetime64 | np.ndarray) -> np.ndarray:
    """Age in whole years on a day, by the calendar."""
    day = np.asarray(on, dtype="datetime64[D]")
    months = (day.astype("datetime64[M]") - born.astype("datetime64[M]")).astype(int)
    before = (day - day.astype("datetime64[M]")) < (born - born.astype("datetime64[M]"))
    return (months - before) // 12


def financial_year(dates: pd.DatetimeIndex) -> pd.Index:
    """Financial year (April to March) that a day falls in, as "2025-26"."""
    first = dates.year - (dates.month < 4)
    return pd.Index([f"{year}-{(year + 1) % 100:02d}" for year in first], name="financial_year")


def year_ends(dates: pd.DatetimeIndex) -> tuple[tuple[str, ...], list[int]]:
    """Financial years of the month ends after the first, and the position in ``dates`` of the last one in each.

    The last year may be cut short by the end of the projection, the first by its start.
    """
    names = financial_year(dates[1:])
    years = tuple(dict.fromkeys(names))
    return years, [int(np.flatnonzero(names == name)[-1]) + 1 for name in years]
