"""Figures of a tidy table laid across years."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Final

import pandas as pd

from sufficiency.calendar import financial_year
from sufficiency.report.workbook.looks import COUNT
from sufficiency.report.workbook.page import Cell, Column, Page

ALL: Final = "all"
RANGE: Final = {"p10": "Low", "p50": "Middle", "p90": "High"}
"""Quantile column → what the workbook calls it."""
MEAN: Final = "Mean"
MONTHS_IN_YEAR: Final = 12

LABEL_WIDTH: Final = 46
FIGURE_WIDTH: Final = 10
YEAR_WIDTH: Final = 14


def day(date: pd.Timestamp) -> str:
    """A day as people write it: 31 March 2026."""
    return f"{date.day} {date:%B %Y}"


def year_ends(table: pd.DataFrame) -> list[pd.Timestamp]:
    """The table's first date and every twelve months after it."""
    dates = sorted(table["date"].unique())
    months = [(date.year - dates[0].year) * MONTHS_IN_YEAR + date.month - dates[0].month for date in dates]
    return [date for date, month in zip(dates, months, strict=True) if month % MONTHS_IN_YEAR == 0]


def whole_years(monthly: pd.DataFrame) -> list[list[pd.Timestamp]]:
    """The month ends of a table of monthly flows in runs of twelve, the first first."""
    dates = sorted(monthly["date"].unique())
    return [dates[start : start + MONTHS_IN_YEAR] for start in range(0, len(dates), MONTHS_IN_YEAR)]


def months_covered(monthly: pd.DataFrame) -> dict[str, int]:
    """Financial year → how many of its months a table of monthly flows covers."""
    dates = pd.DatetimeIndex(sorted(monthly["date"].unique()))
    return {str(year): int(count) for year, count in financial_year(dates).value_counts(sort=False).items()}


def cell(value: Any) -> Cell:
    """A table's value as a cell: text stays text (a count suppressed), unknown is nothing."""
    if isinstance(value, str):
        return value
    return None if value is None or pd.isna(value) else float(value)


def across(table: pd.DataFrame, by: str, order: Sequence[Hashable], figure: str, **keys: Hashable) -> list[Cell]:
    """The column ``figure`` of the rows that have all of ``keys``, one cell for each value of ``by`` in order."""
    rows = table
    for name, value in keys.items():
        rows = rows[rows[name] == value]
    values = dict(zip(rows[by], rows[figure], strict=True))
    return [cell(values.get(each)) for each in order]


def summed(cells: Sequence[Cell]) -> Cell:
    """Sum of means (means of the same futures add up); the suppression mark where any part is suppressed."""
    text = [each for each in cells if isinstance(each, str)]
    numbers = [each for each in cells if isinstance(each, float)]
    return text[0] if text else (sum(numbers) if len(numbers) == len(cells) else None)


def year_columns(heads: Sequence[str], label: str = "", figure: str = "Figure") -> list[Column]:
    """What a row is, which figure of it, and a column a year."""
    first = [Column(label, LABEL_WIDTH, text=True), Column(figure, FIGURE_WIDTH, text=True)]
    return first + [Column(head, YEAR_WIDTH) for head in heads]


def range_rows(
    page: Page,
    label: str,
    table: pd.DataFrame,
    by: str,
    order: Sequence[Hashable],
    number: str = COUNT,
    lead: Sequence[Cell] = (),
    **keys: Hashable,
) -> None:
    """Three rows, low, middle and high; the middle stands out, a rule divides them from the rows above."""
    looks = {"p10": ("quiet", "rule"), "p50": ("strong",), "p90": ("quiet",)}
    for figure, name in RANGE.items():
        page.row([label, name, *lead, *across(table, by, order, figure, **keys)], *looks[figure], number=number)
