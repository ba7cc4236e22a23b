"""One return of the SSDA903 as read: its tables as the files have them, whose it is, and the years it covers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

TABLES: Final = ("header", "episodes", "uasc")
NEEDED_COLUMNS: Final = {
    "header": ("CHILD", "SEX", "DOB"),
    "episodes": ("CHILD", "DECOM", "RNE", "LS", "PLACE", "PLACE_PROVIDER", "DEC", "REC"),
    "uasc": ("CHILD",),
}
"""Columns without which a count would be wrong; the rest of the return's columns may be missing, with a notice."""

OTHER_COLUMNS: Final = {"header": (), "episodes": ("CIN", "HOME_POST", "PL_POST", "URN"), "uasc": ("DOB",)}


@dataclass(frozen=True)
class Part:
    """A table of text as one file has it: the file as the user knows it, and its rows with their lines as index."""

    source: str
    table: pd.DataFrame = field(repr=False)


@dataclass(frozen=True)
class Return:
    """One return as read: the parts of each table (header, episodes, uasc), whose it is, and the year it ends.

    ``first_year`` is earlier than ``year`` for an extract that holds several years at once. ``authority`` is "" when
    nothing tells it.
    """

    year: int
    label: str
    tables: Mapping[str, tuple[Part, ...]]
    authority: str = ""
    first_year: int = 0

    @property
    def years(self) -> range:
        """The years that it covers."""
        return range(self.first_year or self.year, self.year + 1)
