"""Sheets about children: how many and where they live, past years, and who starts and leaves."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import pandas as pd

from sufficiency.report.workbook.page import Cell, Column, Formula, Page
from sufficiency.report.workbook.years import (
    ALL,
    MEAN,
    across,
    day,
    range_rows,
    summed,
    whole_years,
    year_columns,
    year_ends,
)
from sufficiency.vocabulary import AGE_BANDS, EXIT_LABELS, EXIT_REASONS, KIND_LABELS, KINDS

Tables = Mapping[str, pd.DataFrame]

AGE_LABELS = {band: f"Aged {band}" for band in AGE_BANDS}
OTHER_EXIT = "other_exit"
"""What the flows table calls the ways out of care that have no name of their own."""


def children_columns(tables: Tables) -> list[Column]:
    """A column a year end; the first is the day of the count."""
    first, *ahead = year_ends(tables["population"])
    return year_columns([f"{day(first)} (counted)", *map(day, ahead)], "Children looked after")


def children(page: Page, tables: Tables) -> Sequence[str]:
    """Children at each year end, all, by age band and by kind of placement: low, middle and high [children]."""
    population = tables["population"]
    dates = year_ends(population)
    page.section("All children (children on the day)")
    range_rows(page, "All children", population, "date", dates, age_band=ALL, kind=ALL)
    page.section("By age (children on the day)")
    for band, label in AGE_LABELS.items():
        range_rows(page, label, population, "date", dates, age_band=band, kind=ALL)
    page.section("By kind of placement, as it follows from the homes there are (children on the day)")
    for kind in KINDS:
        range_rows(page, KIND_LABELS[kind], tables["placements"], "date", dates, kind=kind)
    return (
        "Each range is that of its own row, so the rows of an age band or a kind do not add up to the range of all "
        "children. The first column is a count, not a forecast.",
    )


def past_columns(tables: Tables) -> list[Column]:
    """A column for each past year end."""
    return year_columns([day(date) for date in _past_days(tables)], "Children looked after")


def past_years(page: Page, tables: Tables) -> Sequence[str]:
    """Children counted at each past year end, all, by age band and by kind of placement [children]."""
    history, dates = tables["history"], _past_days(tables)

    def row(label: str, *looks: str, **keys: Hashable) -> None:
        page.row([label, "Count", *across(history, "date", dates, "children", **keys)], "rule", *looks)

    page.section("All children (children on the day)")
    row("All children", "strong", age_band=ALL, kind=ALL)
    page.section("By age (children on the day)")
    for band, label in AGE_LABELS.items():
        row(label, age_band=band, kind=ALL)
    page.section("By kind of placement (children on the day)")
    for kind in KINDS:
        row(KIND_LABELS[kind], age_band=ALL, kind=kind)
    return ("Counted from the returns; children who have short breaks only are left out, as in official counts.",)


def _past_days(tables: Tables) -> list[pd.Timestamp]:
    return sorted(tables["history"]["date"].unique())


def flow_columns(tables: Tables) -> list[Column]:
    """A column for each twelve months of the projection."""
    return year_columns([f"Year to {day(months[-1])}" for months in whole_years(tables["flows"])], "Movement")


def flows(page: Page, tables: Tables) -> Sequence[str]:
    """Opening number, starts, ways out and closing number of each year [children], which add up; starts by age."""
    years = whole_years(tables["flows"])
    ends = year_ends(tables["population"])
    stock = across(tables["population"], "date", ends, "mean", age_band=ALL, kind=ALL)
    page.section("Movement of the year (children; mean of the simulated futures, so it adds up)")
    opening = page.row(["Looked after at the start", MEAN, *stock[: len(years)]], "strong", "rule")
    page.row(["Started to be looked after", MEAN, *_yearly(tables, "started", years)])
    for reason in EXIT_REASONS:
        flow = OTHER_EXIT if reason == "other" else reason
        last = page.row([EXIT_LABELS[reason], MEAN, *map(_taken_off, _yearly(tables, flow, years))])
    closing = stock[1 : len(years) + 1]
    page.row(["Looked after at the end", MEAN, *_closing(opening, last, closing)], "total")
    page.section("In the year (children, and moves; mean of the simulated futures)")
    page.row(["Left care, all reasons (children)", MEAN, *_yearly(tables, "ceased", years)], "rule")
    page.row(["Moved placement (moves)", MEAN, *_yearly(tables, "moved", years)], "rule")
    page.section("Started to be looked after, by age (children; mean of the simulated futures)")
    for band, label in AGE_LABELS.items():
        page.row([label, MEAN, *_yearly(tables, "started", years, band)], "rule")
    return (
        "Those who leave are shown with a minus sign; the number at the end is a formula: the start plus every line "
        "below it. Figures are shown without decimals, so that a sum may seem to be one out.",
    )


def _yearly(tables: Tables, flow: str, years: Sequence[Sequence[pd.Timestamp]], band: str = ALL) -> list[Cell]:
    """Monthly means of a flow added up by year."""
    table = tables["flows"]
    return [summed(across(table, "date", months, "mean", flow=flow, age_band=band)) for months in years]


def _taken_off(count: Cell) -> Cell:
    return -count if isinstance(count, float) else count


def _closing(first: int, last: int, stock: Sequence[Cell]) -> list[Cell]:
    """The sum of the movement as a formula; a suppressed or unknown figure stays as it is."""
    cells: list[Cell] = []
    for position, count in enumerate(stock, start=2):
        cells.append(sum_of(position, first, last, count) if isinstance(count, float) else count)
    return cells


def sum_of(column: int, first: int, last: int, value: float) -> Formula:
    """``=SUM()`` of rows ``first`` to ``last`` (numbered from 0) of a column, with its value."""
    from xlsxwriter.utility import xl_range

    return Formula(f"=SUM({xl_range(first, column, last, column)})", value)
