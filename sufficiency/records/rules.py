"""A data rule is data: a code, the columns, a sentence, the fix, and a function that returns the bad rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pandas as pd

from sufficiency.errors import Fault
from sufficiency.records.tables import rows_where

BadRows = Callable[[pd.DataFrame], pd.Series]


@dataclass(frozen=True)
class Rule:
    """One rule that rows of one table must keep; ``bad_rows`` answers True for each row that breaks it."""

    code: str
    table: str
    columns: tuple[str, ...]
    says: str
    fix: str
    bad_rows: BadRows

    def faults(self, table: pd.DataFrame, source: str) -> list[Fault]:
        """No fault, or one that names every row that breaks the rule. ``source`` is the file as the user knows it."""
        if not set(self.columns) <= set(table.columns) or table.empty:
            return []  # a missing column has a fault of its own
        rows = rows_where(table, self.bad_rows(table))
        return [Fault(self.code, source, ", ".join(self.columns), rows, self.says, self.fix)] if rows else []


def rule(code: str, table: str, columns: tuple[str, ...], says: str, fix: str) -> Callable[[BadRows], Rule]:
    """Turn a function from a table to its bad rows into a :class:`Rule`."""

    def made(bad_rows: BadRows) -> Rule:
        return Rule(code, table, columns, says, fix, bad_rows)

    return made


def broken_rules(rules: Iterable[Rule], table: pd.DataFrame, source: str) -> list[Fault]:
    """The faults of every rule on one table, in the order of the rules."""
    return [fault for one in rules for fault in one.faults(table, source)]
