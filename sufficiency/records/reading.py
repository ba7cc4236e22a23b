"""What one pass over a folder has found so far; faults are gathered here so that none hides another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

import pandas as pd

from sufficiency.errors import Fault

OnFault = Literal["raise", "set_aside", "report"]
ON_FAULT: Final = ("raise", "set_aside", "report")


@dataclass
class Reading:
    """``faults`` stop the reading, ``set_aside`` are rows (or, with "report", files) left out, ``notices`` neither."""

    on_fault: OnFault = "raise"
    faults: list[Fault] = field(default_factory=list)
    notices: list[Fault] = field(default_factory=list)
    set_aside: list[Fault] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)

    def rows_at_fault(self, faults: Iterable[Fault]) -> None:
        """Rows that cannot be used: they stop the reading, or are left out and listed."""
        (self.faults if self.on_fault == "raise" else self.set_aside).extend(faults)

    def file_at_fault(self, faults: Iterable[Fault]) -> None:
        """A file, table or column that cannot be used: it stops the reading, or is left out when all is to be told."""
        (self.set_aside if self.on_fault == "report" else self.faults).extend(faults)


def rows_by_file(code: str, column: str, bad: pd.DataFrame, says: str, fix: str) -> list[Fault]:
    """Bad rows (columns ``table`` and ``line``) as one fault per file."""
    if bad.empty:
        return []
    return [
        Fault(code, str(source), column, tuple(sorted({int(line) for line in lines})), says, fix)
        for source, lines in bad.groupby("table", sort=True)["line"]
    ]
