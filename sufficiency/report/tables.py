"""Tables as CSV: tidy, stamped with their scenario, the same bytes for the same figures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from sufficiency.ranges import RANGE_COLUMNS
from sufficiency.report.files import written_together
from sufficiency.stamp import Stamp

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
DECIMALS: Final = 4


def scenario_label(stamp: Stamp) -> str:
    """Name of the scenario as every table carries it; made-up data say so."""
    return f"{stamp.scenario} (synthetic data)" if stamp.synthetic else stamp.scenario


def as_csv(table: pd.DataFrame, stamp: Stamp) -> str:
    """A table as CSV text with the scenario in the last column; see :func:`csv_text`."""
    return csv_text(table.assign(scenario=scenario_label(stamp)))


def csv_text(table: pd.DataFrame) -> str:
    """A table as CSV text: ISO dates, ``true`` and ``false``, ranges to four decimals, line feeds.

    Text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    shown = table.copy()
    for column in shown.columns:
        if pd.api.types.is_datetime64_any_dtype(shown[column]):
            shown[column] = shown[column].dt.strftime("%Y-%m-%d")
        elif pd.api.types.is_bool_dtype(shown[column]):
            shown[column] = shown[column].map({True: "true", False: "false"})
        elif column in RANGE_COLUMNS or pd.api.types.is_float_dtype(shown[column]):
            shown[column] = shown[column].astype(float).round(DECIMALS)
        elif not pd.api.types.is_numeric_dtype(shown[column]):
            shown[column] = shown[column].map(defused, na_action="ignore")
    return shown.to_csv(index=False, lineterminator="\n")


def defused(text: object) -> object:
    """Text that begins like a formula, with an apostrophe in front; anything else as it is."""
    risky = isinstance(text, str) and text.startswith(FORMULA_STARTS) and not _is_number(text)
    return f"'{text}" if risky else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def write_chart(chart: Any, folder: Path, name: str) -> None:
    """Write a chart as ``<name>.png`` and ``.svg`` into ``folder``, both or neither.

    Raises :class:`~sufficiency.errors.InputError` when the folder cannot be written.
    """
    from sufficiency.figures import save

    with written_together(folder) as beside:
        save(chart, beside / name)


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path, stamp: Stamp) -> None:
    """Write each table as ``<name>.csv`` into ``folder``, all of them or none.

    Raises :class:`~sufficiency.errors.InputError` when the folder cannot be written.
    """
    with written_together(folder) as beside:
        for name, table in tables.items():
            (beside / f"{name}.csv").write_bytes(as_csv(table, stamp).encode("utf-8"))
