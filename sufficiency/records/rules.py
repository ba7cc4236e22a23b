"""A data rule is data: a code, the columns, a sentence, the fix, how grave it is, and what finds the bad rows.

A :class:`CellRule` speaks of one cell at a time and is checked by a pandera schema made from it; a :class:`Rule` speaks
of a row, or of rows together, and carries a function. Both are listed on the rules page from what stands in them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from sufficiency.errors import Fault
from sufficiency.records.tables import rows_where

BadRows = Callable[[pd.DataFrame], pd.Series]
Severity = Literal["error", "warning"]
"""An error would make a count wrong, so its rows cannot be used; a warning is worth knowing and changes no count."""


@dataclass(frozen=True)
class Rule:
    """One rule that rows of one table must keep; ``bad_rows`` answers True for each row that breaks it."""

    code: str
    table: str
    columns: tuple[str, ...]
    says: str
    fix: str
    bad_rows: BadRows
    severity: Severity = "error"

    def faults(self, table: pd.DataFrame, source: str) -> list[Fault]:
        """No fault, or one that names every row that breaks the rule. ``source`` is the file as the user knows it."""
        if not set(self.columns) <= set(table.columns) or table.empty:
            return []  # a missing column has a fault of its own
        rows = rows_where(table, self.bad_rows(table))
        return [Fault(self.code, source, ", ".join(self.columns), rows, self.says, self.fix)] if rows else []


def rule(
    code: str, table: str, columns: tuple[str, ...], says: str, fix: str, severity: Severity = "error"
) -> Callable[[BadRows], Rule]:
    """Turn a function from a table to its bad rows into a :class:`Rule`."""

    def made(bad_rows: BadRows) -> Rule:
        return Rule(code, table, columns, says, fix, bad_rows, severity)

    return made


def broken_rules(rules: Iterable[Rule], table: pd.DataFrame, source: str) -> list[Fault]:
    """The faults of every rule on one table, in the order of the rules."""
    return [fault for one in rules for fault in one.faults(table, source)]


@dataclass(frozen=True)
class CellRule:
    """One rule that every cell of a column must keep; a missing cell breaks only ``filled``.

    One of: ``filled``, the cell must hold something; ``allowed``, the values that there are; ``pattern``, what the
    whole text must match; ``low`` or ``high``, a limit, inclusive.
    """

    code: str
    table: str
    column: str
    says: str
    fix: str
    severity: Severity = "error"
    allowed: tuple[object, ...] = ()
    pattern: str = ""
    low: Any = None
    high: Any = None
    filled: bool = False

    def check(self) -> Any:
        """The rule as a pandera check that names itself by its place among the rules of its column."""
        import pandera.pandas as pa

        if self.filled:
            return pa.Check(lambda cells: cells.notna(), ignore_na=False, error=self.name)
        if self.allowed:
            return pa.Check.isin(self.allowed, error=self.name)
        if self.pattern:
            return pa.Check(lambda cells: cells.str.fullmatch(self.pattern), error=self.name)
        return pa.Check.ge(self.low, error=self.name) if self.high is None else pa.Check.le(self.high, error=self.name)

    @property
    def name(self) -> str:
        """What tells the rule from the others of its column."""
        return f"{self.code} {self.says}"


def broken_cells(rules: Sequence[CellRule], table: pd.DataFrame) -> Iterator[tuple[CellRule, np.ndarray]]:
    """Each rule that some cell breaks, with the rows that do (bool), by one pandera schema of all rules.

    Rules whose column the table does not have are passed over: a missing column has a fault of its own.
    """
    import pandera.pandas as pa

    known = [one for one in rules if one.column in table.columns]
    by_column: dict[str, list[CellRule]] = {}
    for one in known:
        by_column.setdefault(one.column, []).append(one)
    columns = {
        name: pa.Column(nullable=True, checks=[one.check() for one in found]) for name, found in by_column.items()
    }
    try:
        pa.DataFrameSchema(columns).validate(table.reset_index(drop=True)[list(columns)], lazy=True)
    except pa.errors.SchemaErrors as broken:
        answers = {(error.schema.name, error.check.error): error.check_output for error in broken.schema_errors}
    else:
        return
    for one in known:
        answer = answers.get((one.column, one.name))
        if answer is not None:
            bad = np.zeros(len(table), dtype=bool)
            bad[answer.index[~answer.astype(bool)]] = True
            yield one, bad
