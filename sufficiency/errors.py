"""What goes wrong because of the user's input, gathered and printed so that it can be put right.

A fault names the table, the column, the rows and the fix, and never a child's values. Faults are gathered
for a whole file (or folder) and raised once, as an :class:`InputError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

ROWS_SHOWN = 10
FILES_SHOWN = 3


class SufficiencyError(Exception):
    """Anything this package raises on purpose."""


class SolverError(SufficiencyError):
    """The optimiser stopped without a proven optimum, so there is no answer to give."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with the user's input.

    ``code`` names the rule, ``table`` the file as the user knows it, ``column`` the column or setting ("" for the
    whole file), ``rows`` the line numbers in the file (the header is line 1), ``says`` what is wrong and ``fix``
    what to do about it.
    """

    code: str
    table: str
    column: str
    rows: tuple[int, ...]
    says: str
    fix: str

    def __str__(self) -> str:
        name = "setting" if self.table.endswith(".toml") else "column"
        where = self.table + (f", {name} {self.column}" if self.column else "")
        return f"{where}: {self.says}{rows_text(self.rows)}. {self.fix}"


class InputError(SufficiencyError):
    """The user's input is at fault; ``faults`` holds every fault found, the message prints them all."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        count = len(self.faults)
        head = f"{count} fault{'' if count == 1 else 's'} in the input:"
        super().__init__("\n".join([head, *(f"  {line}" for line in told_by_rule(self.faults))]))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Fault, ...]]]:
        return (InputError, (self.faults,))


def raise_faults(faults: Sequence[Fault]) -> None:
    """Raise one :class:`InputError` for all ``faults``; do nothing when there are none."""
    if faults:
        raise InputError(faults)


def told_by_rule(faults: Iterable[Fault]) -> list[str]:
    """A line for each fault; one for all of a kind when it stands in more than three files."""
    kinds: dict[tuple[str, ...], list[Fault]] = {}
    for fault in faults:
        kinds.setdefault((fault.code, fault.column, fault.says, fault.fix), []).append(fault)
    return [line for alike in kinds.values() for line in _lines_of(alike)]


def _lines_of(alike: Sequence[Fault]) -> list[str]:
    """The lines of faults that differ in file and rows only."""
    if len(alike) <= FILES_SHOWN:
        return [str(fault) for fault in alike]
    first = alike[0]
    count = sum(len(fault.rows) for fault in alike)
    where = f"{len(alike)} files" + (f", column {first.column}" if first.column else "")
    rows = f"{count:,} row{'' if count == 1 else 's'}, " if count else ""
    places = "; ".join(f"{fault.table}{rows_text(fault.rows)}" for fault in alike[:FILES_SHOWN])
    return [f"{where}: {first.says} ({rows}as in {places}). {first.fix}"]


def rows_text(rows: Sequence[int]) -> str:
    """Row numbers as they stand in a message: `` (rows 14, 208, 977)``, at most ten of them spelt out."""
    if not rows:
        return ""
    shown = ", ".join(str(row) for row in rows[:ROWS_SHOWN])
    more = f" and {len(rows) - ROWS_SHOWN} more" if len(rows) > ROWS_SHOWN else ""
    return f" (row{'' if len(rows) == 1 else 's'} {shown}{more})"
