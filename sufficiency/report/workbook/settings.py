"""Sheets of what the figures rest on: every setting in force, and what the scenario changes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from sufficiency.report.workbook.page import Cell, Column, Page

Tables = Mapping[str, pd.DataFrame]

_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
GENERAL: Final = "General"

_SETTING = Column("Setting", 44, text=True)
_SOURCE = Column("Set by", 24, text=True)


def assumption_columns(tables: Tables) -> list[Column]:
    """Setting, value, meaning with its unit and source of the figure, and what set it."""
    return [_SETTING, Column("Value", 24, text=True), Column("Meaning [unit] and source", 78, text=True), _SOURCE]


def assumptions(page: Page, tables: Tables) -> Sequence[str]:
    """Every setting in force."""
    for row in tables["assumptions"].to_dict("records"):
        cells = [str(row["setting"]), _value(row["value"]), str(row["meaning"]), str(row["source"])]
        page.row(cells, "rule", number=GENERAL)
    return ("Set by: the scenario's file, or the default of the package. To change a setting, change the scenario.",)


def change_columns(tables: Tables) -> list[Column]:
    """Setting, what it was, what it is now, and what changed it."""
    return [_SETTING, Column("Was", 30, text=True), Column("Is now", 30, text=True), _SOURCE]


def changes(page: Page, tables: Tables) -> Sequence[str]:
    """What the scenario changes against the one it extends."""
    table = tables["changes"]
    for row in table.to_dict("records"):
        cells = [str(row["setting"]), _value(row["was"]), _value(row["now"]), str(row["source"])]
        page.row(cells, "rule", number=GENERAL)
    if table.empty:
        page.row(["Nothing: every setting is as in the scenario it builds on.", "", "", ""], "rule")
    return ("Everything that this scenario changes, in the order of its file; what it does not name is as it was.",)


def _value(text: object) -> Cell:
    """A plain number as a number, so that it can be used in a formula; anything else as text."""
    value = str(text)
    return float(value) if _NUMBER.fullmatch(value) else value
