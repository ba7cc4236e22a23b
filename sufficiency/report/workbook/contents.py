"""The contents sheet: what this is, what it finds, how to read it, and the way to each sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sufficiency.report.publication import Publication
from sufficiency.report.workbook.looks import Looks
from sufficiency.report.workbook.page import Column, set_print, write_across
from sufficiency.stamp import SHORTLIST_NOTE, SYNTHETIC_NOTE

COLUMNS: Final = (Column("Sheet", 26, text=True), Column("What it holds", 92, text=True), Column("Unit", 26, text=True))

HOW_TO_READ: Final = (
    "Every figure of the future is a range from many simulated futures. Low is the 10th percentile, middle the 50th, "
    "high the 90th: 8 futures of 10 lie between low and high.",
    "Ranges do not add up: the low of a total is not the sum of the lows of its parts. Means do add up, and a sheet "
    "that adds up shows means.",
    "c stands for a count of 1 to 5 children, or one that would give such a count away; – stands for no figure.",
    f"{SHORTLIST_NOTE} Nothing here places a child.",
)


def write_contents(sheet: Any, looks: Looks, publication: Publication, sheets: Sequence[tuple[str, str, str]]) -> None:
    """Fill the first sheet. ``sheets``: name, what it holds and its unit, in order."""
    stamp = publication.stamp
    sheet.hide_gridlines(2)
    for position, column in enumerate(COLUMNS):
        sheet.set_column(position, position, column.width, looks())
    sheet.set_row(0, 24)
    sheet.write_string(0, 0, f"Placement sufficiency: {stamp.scenario}", looks("title"))
    sheet.write_string(1, 0, stamp.authority, looks("strong"))
    row = 3
    if stamp.synthetic:
        write_across(sheet, looks, 2, COLUMNS, SYNTHETIC_NOTE.upper(), "banner")
    row = _lines(sheet, looks, row, "What it finds", publication.findings)
    row = _sheets(sheet, looks, row, sheets)
    row = _lines(sheet, looks, row, "How to read a range", HOW_TO_READ)
    row = _lines(sheet, looks, row, "Source", (stamp.source(),))
    set_print(sheet, stamp, row - 1, len(COLUMNS) - 1)


def _heading(sheet: Any, looks: Looks, row: int, texts: Sequence[str]) -> int:
    for position in range(len(COLUMNS)):
        sheet.write_string(row, position, texts[position] if position < len(texts) else "", looks("section"))
    return row + 1


def _lines(sheet: Any, looks: Looks, row: int, heading: str, lines: Sequence[str]) -> int:
    """A heading and its lines, each over the whole width; the row after the gap that follows them."""
    if not lines:
        return row
    row = _heading(sheet, looks, row, [heading])
    for line in lines:
        write_across(sheet, looks, row, COLUMNS, line, "rule")
        row += 1
    return row + 1


def _sheets(sheet: Any, looks: Looks, row: int, sheets: Sequence[tuple[str, str, str]]) -> int:
    row = _heading(sheet, looks, row, [column.head for column in COLUMNS])
    for name, holds, unit in sheets:
        sheet.write_url(row, 0, f"internal:'{name}'!A1", looks("rule", "link"), string=name)
        sheet.write_string(row, 1, holds, looks("rule", "wrap"))
        sheet.write_string(row, 2, unit, looks("rule", "wrap"))
        row += 1
    return row + 1
