"""The measures sheet: today, where each measure is heading by year, its target, and its status in a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from sufficiency.measures import LIKELY, UNLIKELY
from sufficiency.report.workbook.homes import financial_heads
from sufficiency.report.workbook.looks import COUNT, MILLIONS, SHARE, STATUSES
from sufficiency.report.workbook.page import Cell, Column, Page
from sufficiency.report.workbook.years import RANGE, across, cell, year_columns

Tables = Mapping[str, pd.DataFrame]

FIGURE_HEAD_WIDTH: Final = 20


def measure_columns(tables: Tables) -> list[Column]:
    """Measure, figure, unit, today, and a column a financial year."""
    years = financial_heads(_years(tables), tables["flows"])
    label, _, *ahead = year_columns(years, "Measure")
    return [
        label,
        Column("Figure", FIGURE_HEAD_WIDTH, text=True),
        Column("Unit", 18, text=True),
        Column("Today", 10),
        *ahead,
    ]


def _years(tables: Tables) -> list[str]:
    return list(tables["measures"]["year"].unique())


def measures(page: Page, tables: Tables) -> Sequence[str]:
    """Each measure's range by year, and where it has a target: target, share of futures that meet it, status."""
    table, years = tables["measures"], _years(tables)
    with_target = table.groupby("measure", sort=False)["target"].apply(lambda targets: bool(targets.notna().any()))
    headings = {True: "Measures with a target", False: "Measures without a target"}
    for wanted, heading in headings.items():
        if (with_target == wanted).any():
            page.section(heading)
        for name in with_target.index[with_target == wanted]:
            _measure(page, table[table["measure"] == name], years, wanted)
    return (
        f"Status: on track when at least {LIKELY:.0%} of the simulated futures meet the target of the year, off track "
        f"when fewer than {UNLIKELY:.0%} do, at risk between. Today's figure is empty where a measure is of what "
        "happens in a year.",
    )


def _measure(page: Page, rows: pd.DataFrame, years: Sequence[str], with_target: bool) -> None:
    name, unit, today = rows["measure"].iloc[0], rows["unit"].iloc[0], cell(rows["today"].iloc[0])
    number = number_of(unit)
    looks = {"p10": ("quiet", "rule"), "p50": ("strong",), "p90": ("quiet",)}
    for figure, label in RANGE.items():
        now: Cell = today if figure == "p50" else ""
        page.row([name, label, unit, now, *across(rows, "year", years, figure)], *looks[figure], number=number)
    if with_target:
        targets = across(rows, "year", years, "target")
        page.row([name, "Target", unit, "", *targets], number=number)
        met = across(rows, "year", years, "share_of_futures_met")
        page.row([name, "Futures that meet it", "share of futures", "", *met], number=SHARE)
        _status(page, name, across(rows, "year", years, "status"))


def _status(page: Page, name: str, statuses: Sequence[Cell]) -> None:
    row = page.row([name, "Status", "", "", *("" for _ in statuses)], "strong")
    for position, status in enumerate(statuses, start=4):
        if status in STATUSES:
            page.status(row, position, str(status).capitalize(), str(status))


def number_of(unit: str) -> str:
    """The number format of a measure's unit."""
    if unit.startswith("share"):
        return SHARE
    return MILLIONS if unit.startswith("£ million") else COUNT
