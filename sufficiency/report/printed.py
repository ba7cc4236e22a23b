"""Tables as they are printed: cells in words, the middle of the futures with its 80% range beneath."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from sufficiency.report.disclosure import HIDDEN

NOTHING: Final = "–"
LOW, MIDDLE, HIGH = "p10", "p50", "p90"

Wording = Callable[[float], str]


@dataclass(frozen=True)
class Cell:
    """One printed cell: ``text``, a smaller line ``under`` it, and the ``status`` of a measure in words, if any."""

    text: str
    under: str = ""
    status: str = ""


@dataclass(frozen=True)
class Row:
    """A row: its heading and one cell a column."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Group:
    """Rows under a heading of their own; an empty ``title`` has no heading."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class PrintedTable:
    """A table ready for a page of paper or screen.

    ``stub`` heads the row headings, ``headers`` the other columns. ``widths`` are relative, row headings first.
    ``numeric`` cells stand to the right. ``note`` says what the reader must know: unit, denominator, how parts add up.
    """

    caption: str
    stub: str
    headers: tuple[str, ...]
    groups: tuple[Group, ...]
    widths: tuple[float, ...]
    note: str
    numeric: bool = True

    def cells(self) -> list[Cell]:
        """Every cell, row by row."""
        return [cell for group in self.groups for row in group.rows for cell in row.cells]

    def hides_small_numbers(self) -> bool:
        """Whether any number of this table is hidden."""
        return any(cell.text == HIDDEN for cell in self.cells())


def count(value: float) -> str:
    """A whole number with thousands marked and a true minus: ``1,204``, ``−3``."""
    text = f"{value:,.0f}"
    return "0" if text == "-0" else signed(text)


def share(value: float) -> str:
    """A share between 0 and 1 as a percentage without decimals: ``71%``."""
    return f"{value:.0%}"


def thousands(value: float) -> str:
    """Pounds in thousands: ``27,414``."""
    return count(value / 1e3)


def one_decimal(value: float) -> str:
    """A figure with one decimal: ``27.4``."""
    return signed(f"{value:,.1f}")


def signed(text: str) -> str:
    """A figure with a true minus sign."""
    return text.replace("-", "−")


def known(value: Any, words: Wording) -> Cell:
    """A known figure, also one that a suppressed table holds as text; hidden and missing ones as such."""
    if value == HIDDEN:
        return Cell(HIDDEN)
    return Cell(NOTHING) if pd.isna(value) else Cell(words(float(value)))


def ranged(row: pd.Series, words: Wording, middle: str = MIDDLE, status: str = "") -> Cell:
    """The ``middle`` column of a table's row with its 80% range under it; no range where there is nothing to range."""
    cell = known(row[middle], words)
    ends = [row[LOW], row[HIGH]]
    if cell.text in (HIDDEN, NOTHING) or any(isinstance(end, str) or pd.isna(end) for end in ends):
        return Cell(cell.text, status=status)
    low, high = (words(float(end)) for end in ends)
    return Cell(cell.text, "" if low == high == cell.text else f"{low} to {high}", status)


def across(
    rows: pd.DataFrame, column: str, values: Sequence[Any], words: Wording, middle: str = MIDDLE
) -> tuple[Cell, ...]:
    """One cell for each of ``values`` of ``column``, empty where the table has no such row."""
    at = rows.set_index(column)
    return tuple(ranged(at.loc[value], words, middle) if value in at.index else Cell(NOTHING) for value in values)


def spread(values: Sequence[Any], most: int) -> list[Any]:
    """At most ``most`` of ``values``, first and last among them, as evenly as they fall."""
    if len(values) <= most:
        return list(values)
    return [values[round(place * (len(values) - 1) / (most - 1))] for place in range(most)]


def day(date: pd.Timestamp) -> str:
    """A date as written in a heading: ``31 Mar 2026``."""
    return f"{date.day} {date:%b %Y}"
