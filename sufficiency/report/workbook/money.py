"""The budget sheet: expected cost by line with live totals, the range of the total, child-weeks and average prices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from sufficiency.report.workbook.children import sum_of
from sufficiency.report.workbook.homes import financial_heads
from sufficiency.report.workbook.looks import COUNT, MONEY, MONEY_CHANGE, SHARE_CHANGE
from sufficiency.report.workbook.page import NOTHING, Cell, Column, Formula, Page
from sufficiency.report.workbook.years import MEAN, MONTHS_IN_YEAR, RANGE, across, months_covered, summed, year_columns
from sufficiency.vocabulary import KIND_LABELS

Tables = Mapping[str, pd.DataFrame]

TOTAL: Final = "total"
LINE_LABELS: Final = {
    **KIND_LABELS,
    "recruitment": "Recruiting carers",
    "support": "Supporting carers",
    "new_homes_running": "Running new homes",
    "capital": "Capital for new homes",
    "block_contracts_unfilled": "Places under block contracts that nobody fills",
}
FIRST: Final = 2
"""Column of the first financial year."""


@dataclass(frozen=True)
class Block:
    """Rows of one measure: where each line stands, what stands there, and where the total does."""

    rows: Mapping[str, int]
    cells: Mapping[str, Sequence[Cell]]
    total_row: int
    totals: Sequence[Cell]


def budget_columns(tables: Tables) -> list[Column]:
    """A column a financial year and one for all of them."""
    return year_columns([*financial_heads(_years(tables), tables["flows"]), "All years"], "Budget line")


def _years(tables: Tables) -> list[str]:
    return list(tables["budget"]["financial_year"].unique())


def budget(page: Page, tables: Tables) -> Sequence[str]:
    """Cost [£] and child-weeks by line and financial year, totals, changes and averages as formulas."""
    years = _years(tables)
    page.section("Expected cost (£ at the prices of each year; mean of the simulated futures, so the lines add up)")
    cost = _block(page, tables["budget"], "cost", years, "Total cost", MONEY)
    _changes(page, cost, _whole(tables, years))
    page.section("Range of the total cost (£)")
    _range_of_total(page, tables["budget"], years)
    page.note("A range of whole futures: every line is added up inside each future first. It is not a sum of lines.")
    page.section("Placements bought and provided (child-weeks; mean of the simulated futures)")
    weeks = _block(page, tables["budget"], "weeks", years, "Total child-weeks", COUNT)
    page.section("Average cost of a placement (£ per child-week: cost over child-weeks)")
    _averages(page, cost, weeks)
    return (
        "Totals, changes and averages are formulas and follow the cells above them. A child-week is one child placed "
        "for seven days. Prices and inflation are on the Assumptions sheet; ranges are values and do not recalculate.",
    )


def _whole(tables: Tables, years: Sequence[str]) -> list[bool]:
    months = months_covered(tables["flows"])
    return [months.get(year, MONTHS_IN_YEAR) == MONTHS_IN_YEAR for year in years]


def _block(page: Page, table: pd.DataFrame, measure: str, years: Sequence[str], total: str, number: str) -> Block:
    """A row for each line, summed at the right, and their total."""
    lines = [line for line in LINE_LABELS if line in set(table.loc[table["measure"] == measure, "line"])]
    rows, cells = {}, {}
    for line in lines:
        yearly = across(table, "financial_year", years, "mean", line=line, measure=measure)
        cells[line] = [*yearly, _all_years(page.next_row, yearly)]
        rows[line] = page.row([LINE_LABELS[line], MEAN, *cells[line]], "rule", number=number)
    stated = across(table, "financial_year", years, "mean", line=TOTAL, measure=measure)
    first, last = min(rows.values()), max(rows.values())
    totals: list[Cell] = []
    for position, value in enumerate(stated):
        parts = [cells[line][position] for line in lines]
        totals.append(_live_total(FIRST + position, first, last, parts, value))
    row = page.next_row
    totals.append(_all_years(row, stated))
    page.row([total, MEAN, *totals], "total", number=number)
    return Block(rows, cells, row, totals)


def _live_total(column: int, first: int, last: int, parts: Sequence[Cell], stated: Cell) -> Cell:
    """A sum where every part is shown; where one is suppressed the stated total, since a sum would leave it out."""
    if isinstance(stated, float) and all(isinstance(part, float) for part in parts):
        return sum_of(column, first, last, stated)
    return stated


def _all_years(row: int, yearly: Sequence[Cell]) -> Cell:
    from xlsxwriter.utility import xl_range

    value = summed(yearly)
    if not isinstance(value, float):
        return value
    return Formula(f"=SUM({xl_range(row, FIRST, row, FIRST + len(yearly) - 1)})", value)


def _number(cell: Cell) -> float | None:
    value = cell.value if isinstance(cell, Formula) else cell
    return value if isinstance(value, float) else None


def _changes(page: Page, cost: Block, whole: Sequence[bool]) -> None:
    """Change of the total on the year before, in £ and as a share; nothing beside a part year."""
    in_pounds: list[Cell] = [None]
    as_share: list[Cell] = [None]
    for position in range(1, len(whole)):
        pair = whole[position - 1] and whole[position]
        before, now = _number(cost.totals[position - 1]), _number(cost.totals[position])
        known = pair and before is not None and now is not None
        in_pounds.append(_change(cost.total_row, position, before, now, _difference) if known else None)
        as_share.append(_change(cost.total_row, position, before, now, _growth) if known else None)
    for label, cells, number in (
        ("Change on the year before (£)", in_pounds, MONEY_CHANGE),
        ("Change on the year before (%)", as_share, SHARE_CHANGE),
    ):
        row = page.row([label, MEAN, *cells], number=number)
        page.blank(row, page.last_column)


Change = Callable[[str, str, float, float], Formula]


def _change(row: int, position: int, before: float | None, now: float | None, change: Change) -> Cell:
    from xlsxwriter.utility import xl_rowcol_to_cell

    if before is None or now is None:
        return None
    column = FIRST + position
    return change(xl_rowcol_to_cell(row, column - 1), xl_rowcol_to_cell(row, column), before, now)


def _difference(earlier: str, later: str, before: float, now: float) -> Formula:
    return Formula(f"={later}-{earlier}", now - before)


def _growth(earlier: str, later: str, before: float, now: float) -> Formula:
    return Formula(f'=IFERROR({later}/{earlier}-1,"{NOTHING}")', now / before - 1 if before else NOTHING)


def _range_of_total(page: Page, table: pd.DataFrame, years: Sequence[str]) -> None:
    for figure, name in RANGE.items():
        cells = across(table, "financial_year", years, figure, line=TOTAL, measure="cost")
        row = page.row(["Total cost", name, *cells], "strong" if figure == "p50" else "quiet", "rule", number=MONEY)
        page.blank(row, page.last_column, "rule")


def _averages(page: Page, cost: Block, weeks: Block) -> None:
    """Cost over child-weeks by kind, and of all placements together."""
    from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

    kinds = [kind for kind in weeks.rows if kind in cost.rows]
    count = len(weeks.totals)
    for kind in kinds:
        cells = [
            _average(
                xl_rowcol_to_cell(cost.rows[kind], FIRST + position),
                xl_rowcol_to_cell(weeks.rows[kind], FIRST + position),
                _number(cost.cells[kind][position]),
                _number(weeks.cells[kind][position]),
            )
            for position in range(count)
        ]
        page.row([LINE_LABELS[kind], "Average", *cells], "rule", number=MONEY)
    together: list[Cell] = []
    for position in range(count):
        span = xl_range(cost.rows[kinds[0]], FIRST + position, cost.rows[kinds[-1]], FIRST + position)
        parts = [_number(cost.cells[kind][position]) for kind in kinds]
        placements = None if None in parts else sum(part for part in parts if part is not None)
        bought = xl_rowcol_to_cell(weeks.total_row, FIRST + position)
        together.append(_average(f"SUM({span})", bought, placements, _number(weeks.totals[position])))
    page.row(["All placements", "Average", *together], "total", number=MONEY)


def _average(cost: str, weeks: str, pounds: float | None, bought: float | None) -> Cell:
    """A live average; nothing where there are no child-weeks to divide by, or a part is suppressed."""
    if pounds is None or bought is None:
        return None
    return Formula(f'=IFERROR({cost}/{weeks},"{NOTHING}")', pounds / bought if bought else NOTHING)
