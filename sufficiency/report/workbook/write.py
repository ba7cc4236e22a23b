"""The workbook as a whole: which sheets it has, in which order, and the contents sheet that leads to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from sufficiency.errors import Fault, InputError
from sufficiency.report.publication import Publication
from sufficiency.report.workbook.children import (
    children,
    children_columns,
    flow_columns,
    flows,
    past_columns,
    past_years,
)
from sufficiency.report.workbook.contents import write_contents
from sufficiency.report.workbook.homes import (
    carer_columns,
    carers,
    near_columns,
    near_home,
    need_columns,
    places_against_need,
)
from sufficiency.report.workbook.looks import Looks
from sufficiency.report.workbook.money import budget, budget_columns
from sufficiency.report.workbook.page import CONTENTS, Column, Page
from sufficiency.report.workbook.settings import assumption_columns, assumptions, change_columns, changes
from sufficiency.report.workbook.targets import measure_columns, measures

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, what it holds, in which unit; its columns, and the rows with the notes under them."""

    name: str
    holds: str
    unit: str
    columns: Callable[[Tables], list[Column]]
    rows: Callable[[Page, Tables], Sequence[str]]
    frozen_columns: int = 2


SHEETS: Final = (
    Sheet("Children", "Children looked after at each year end, by age and by kind of placement, with ranges",
          "children", children_columns, children),
    Sheet("Past years", "Children looked after at each past year end, counted from the returns",
          "children", past_columns, past_years),
    Sheet("Flows", "Who starts, leaves and moves in each year; the movement adds up",
          "children a year", flow_columns, flows),
    Sheet("Carers", "From enquiry to approval to leaving; households and places at the end of each year",
          "households, places", carer_columns, carers),
    Sheet("Places against need", "Children who need each kind of place, the places we have, and the shortfall",
          "children, places", need_columns, places_against_need),
    Sheet("Near home", "Children and new placements within and over the limit; shares with their denominators",
          "children, placements, %", near_columns, near_home),
    Sheet("Budget", "Cost by line with live totals, the range of the total, child-weeks, average prices",
          "£, child-weeks", budget_columns, budget),
    Sheet("Measures", "The plan's measures: today, each year ahead, target and status",
          "as each row says", measure_columns, measures),
    Sheet("Assumptions", "Every setting in force, what it means, and where it comes from",
          "as each row says", assumption_columns, assumptions, 1),
    Sheet("Changes", "What this scenario changes, and what it was before",
          "as each row says", change_columns, changes, 1),
)  # fmt: skip


def write_workbook(publication: Publication, path: Path) -> None:
    """Write the publication as an Excel workbook: contents first, then a sheet a question.

    Totals, changes and averages are live formulas with their values stored; text from data is never a formula. The
    same publication gives the same bytes. Raises :class:`InputError` when the file cannot be written.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    as_text = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(path), as_text)
    _set_properties(book, publication)
    looks = Looks(book)
    contents = book.add_worksheet(CONTENTS)
    for sheet in SHEETS:
        columns = sheet.columns(publication.tables)
        page = Page(book.add_worksheet(sheet.name), looks, publication.stamp, sheet.name, columns)
        page.finish(sheet.rows(page, publication.tables), sheet.frozen_columns)
    write_contents(contents, looks, publication, [(sheet.name, sheet.holds, sheet.unit) for sheet in SHEETS])
    contents.activate()
    try:
        book.close()
    except FileCreateError as error:
        raise InputError([_cannot_write(path)]) from error


def _set_properties(book: Any, publication: Publication) -> None:
    """Properties without a clock: the file is dated to the day that its data reach."""
    stamp = publication.stamp
    book.set_properties(
        {
            "title": f"Placement sufficiency: {stamp.scenario}",
            "subject": stamp.authority,
            "author": "sufficiency",
            "comments": stamp.source(),
            "created": stamp.data_to.to_pydatetime(),
        }
    )


def _cannot_write(path: Path) -> Fault:
    fix = "Close it if it is open in Excel, and see that the folder may be written to."
    return Fault("W01", path.name, "", (), "cannot be written", fix)
