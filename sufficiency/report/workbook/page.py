"""One sheet, written from the top down: heading, years across, sections, rows, notes, and how it prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from sufficiency.report.workbook.looks import COUNT, Looks
from sufficiency.stamp import SYNTHETIC_NOTE, Stamp

CONTENTS: Final = "Contents"
NOTHING: Final = "–"
"""What stands in a cell that has no figure."""

HEAD_ROW: Final = 3
LINE_HEIGHT: Final = 13.5
"""Height of one line of text [points]."""
WRAPS_AT: Final = 0.95
"""Share of a column's width that a line of text fills before it wraps, so that rows are not too low."""
HEAD_HEIGHT: Final = 30
A4: Final = 9
FOOTER_LIMIT: Final = 255
"""Longest header or footer that Excel accepts [characters]."""
FOOTER_SIZE: Final = "&7"


@dataclass(frozen=True)
class Formula:
    """A live formula and the value that a viewer shows until it recalculates."""

    text: str
    value: float | str


Cell = float | str | Formula | None


@dataclass(frozen=True)
class Column:
    """A column's heading and width [characters]; ``text`` columns are set to the left."""

    head: str
    width: float
    text: bool = False


class Page:
    """A sheet being written. Rows are numbered from 0, as the formulas' maker counts them."""

    def __init__(self, sheet: Any, looks: Looks, stamp: Stamp, title: str, columns: Sequence[Column]) -> None:
        self._sheet, self._looks, self._stamp, self.columns = sheet, looks, stamp, tuple(columns)
        self.next_row = HEAD_ROW + 1
        self._heading(title)

    @property
    def last_column(self) -> int:
        """Position of the last column."""
        return len(self.columns) - 1

    def _heading(self, title: str) -> None:
        sheet, looks = self._sheet, self._looks
        made_up = f" · {SYNTHETIC_NOTE}" if self._stamp.synthetic else ""
        sheet.hide_gridlines(2)
        sheet.set_row(0, 24)
        sheet.write_string(0, 0, title, looks("title"))
        sheet.write_string(1, 0, f"{self._stamp.scenario} · {self._stamp.authority}{made_up}", looks("subtitle"))
        sheet.write_url(2, 0, f"internal:'{CONTENTS}'!A1", looks("link"), string="Back to contents")
        sheet.set_row(HEAD_ROW, HEAD_HEIGHT)
        for position, column in enumerate(self.columns):
            side = "left" if column.text else "right"
            sheet.set_column(position, position, column.width, looks())
            sheet.write_string(HEAD_ROW, position, column.head, looks("head", side))

    def section(self, text: str) -> None:
        """A row that says what the rows below it are, with their unit."""
        if self.next_row > HEAD_ROW + 1:
            self.next_row += 1
        for position in range(len(self.columns)):
            self._sheet.write_blank(self.next_row, position, None, self._looks("section"))
        self._sheet.write_string(self.next_row, 0, text, self._looks("section"))
        self.next_row += 1

    def row(self, cells: Sequence[Cell], *looks: str, number: str = COUNT) -> int:
        """One row of cells from the first column on; returns its number. Text is never read as a formula."""
        for position, cell in enumerate(cells):
            self._write(self.next_row, position, cell, looks, number)
        lines = [
            ceil(len(cell) / (column.width * WRAPS_AT))
            for cell, column in zip(cells, self.columns, strict=False)
            if isinstance(cell, str) and column.text
        ]
        if max(lines, default=1) > 1:
            self._sheet.set_row(self.next_row, LINE_HEIGHT * max(lines))
        self.next_row += 1
        return self.next_row - 1

    def _write(self, row: int, position: int, cell: Cell, looks: Sequence[str], number: str) -> None:
        sheet, text = self._sheet, self.columns[position].text
        if isinstance(cell, Formula):
            sheet.write_formula(row, position, cell.text, self._looks(*looks, "right", number=number), cell.value)
        elif isinstance(cell, str):
            sheet.write_string(row, position, cell, self._looks(*looks, *(("left", "wrap") if text else ("right",))))
        elif cell is None:
            sheet.write_string(row, position, "" if text else NOTHING, self._looks(*looks, "right"))
        else:
            sheet.write_number(row, position, cell, self._looks(*looks, "left" if text else "right", number=number))

    def status(self, row: int, position: int, word: str, look: str) -> None:
        """A status as a word on its colour, over what stands in the cell."""
        self._sheet.write_string(row, position, word, self._looks(look))

    def blank(self, row: int, position: int, *looks: str) -> None:
        """Empty a cell that would say that a figure is missing where none is meant."""
        self._sheet.write_blank(row, position, None, self._looks(*looks))

    def note(self, text: str, *looks: str) -> None:
        """A line under the table, over its whole width."""
        write_across(self._sheet, self._looks, self.next_row, self.columns, text, *(looks or ("quiet",)))
        self.next_row += 1

    def finish(self, notes: Sequence[str], frozen_columns: int = 2) -> None:
        """Notes and the source under the table; panes, filter and print set-up."""
        self.next_row += 1
        for text in (*notes, self._stamp.source()):
            self.note(text)
        self._sheet.freeze_panes(HEAD_ROW + 1, frozen_columns)
        self._sheet.repeat_rows(HEAD_ROW)
        set_print(self._sheet, self._stamp, self.next_row - 1, self.last_column)


def write_across(sheet: Any, looks: Looks, row: int, columns: Sequence[Column], text: str, *names: str) -> None:
    """Text over several columns as one cell, as high as its lines need."""
    width = sum(column.width for column in columns)
    sheet.set_row(row, LINE_HEIGHT * ceil(len(text) / width))
    if len(columns) > 1:
        sheet.merge_range(row, 0, row, len(columns) - 1, "", looks(*names, "wrap"))
    sheet.write_string(row, 0, text, looks(*names, "wrap"))


def set_print(sheet: Any, stamp: Stamp, last_row: int, last_column: int) -> None:
    """A4 on its side, one page wide, with source and page number at the foot."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.5, bottom=0.9)
    sheet.print_area(0, 0, last_row, last_column)
    sheet.set_footer(footer(stamp))


def footer(stamp: Stamp) -> str:
    """The source line at the left and the page number at the right, within Excel's limit on length.

    A source too long for it gives way from its end, except that synthetic data are always said to be so.
    """
    made_up = f"\n{SYNTHETIC_NOTE}" if stamp.synthetic else ""
    end = f"{made_up}&R{FOOTER_SIZE}&A, page &P of &N"
    start = f"&L{FOOTER_SIZE}"
    source = stamp.source().replace(SYNTHETIC_NOTE, "").strip().replace(" Source: ", "\nSource: ")
    # A digit straight after the size code would be read as part of the size, and & starts a code.
    lines = source.replace("&", "&&")
    room = FOOTER_LIMIT - len(start) - len(end)
    if len(lines) > room:
        lines = lines[: room - 1].removesuffix("&") + "…"
    return start + lines + end
