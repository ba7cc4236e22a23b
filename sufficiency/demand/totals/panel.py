"""Published totals by authority and year as arrays, once every fault in them has been told.

A panel has one row for each authority and year: ``la_code`` (text), ``year`` (that in which the year to 31 March
ends), ``cla`` (children looked after on 31 March), ``starts`` and ``ceases`` (children who started and ceased to be
looked after in the year), ``population`` (children aged 0-17; the column may be left out). Cells may be empty, or hold
the symbols by which the Department for Education says that a figure is not shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.errors import Fault, InputError, raise_faults
from sufficiency.records.cells import as_numbers, as_text, as_whole_numbers

COUNTS: Final = ("cla", "starts", "ceases")
REQUIRED: Final = ("la_code", "year", *COUNTS)
COLUMNS: Final = (*REQUIRED, "population")
ALSO_CALLED: Final = {"old_la_code": "la_code", "pop0_17": "population"}
"""Names under which the Department's own files, and extracts of them, hold two of the columns."""
NOT_SHOWN: Final = ("c", "z", "x", "u", ":", ".", "..", "low", "~")
"""Symbols for suppressed, not applicable, not available, unreliable and rounded to nought: read as missing."""
YEARS: Final = (1980, 2100)
NAME: Final = "panel"


@dataclass(frozen=True)
class Panel:
    """Totals of ``la_codes`` (n,) in ``years`` (t,), without gaps between the years: arrays (n, t), missing as nan."""

    la_codes: np.ndarray
    years: np.ndarray
    cla: np.ndarray
    starts: np.ndarray
    ceases: np.ndarray
    population: np.ndarray


def read_panel(path: str | Path) -> pd.DataFrame:
    """Read a panel from a CSV file (UTF-8) and check it; :class:`~sufficiency.InputError` tells every fault."""
    path = Path(path)
    try:
        frame = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig", skip_blank_lines=False)
    except FileNotFoundError:
        raise InputError(
            [_fault(path.name, "", "T01", "there is no such file", "Give the path of a CSV file")]
        ) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError):
        says = "cannot be read as a table"
        raise InputError([_fault(path.name, "", "T01", says, "Save it as CSV UTF-8 with a header row")]) from None
    return checked(frame, path.name)


def checked(frame: pd.DataFrame, name: str = NAME) -> pd.DataFrame:
    """The columns of a panel with their types, rows in the order given; raises every fault at once.

    ``la_code`` becomes text, ``year`` whole numbers, the rest floats with missing as nan. A frame that has been
    checked passes again unchanged. Rows in messages are lines of a file whose header is line 1.
    """
    frame = frame.rename(columns=lambda column: str(column).strip().lower())
    frame = frame.rename(columns={old: new for old, new in ALSO_CALLED.items() if new not in frame.columns})
    frame = frame.reset_index(drop=True)
    twice = sorted(set(frame.columns[frame.columns.duplicated()]) & set(COLUMNS))
    raise_faults(
        [_fault(name, column, "T02", "is missing", "Add it; its cells may be empty")
         for column in REQUIRED if column not in frame.columns]
        + [_fault(name, column, "T02", "stands twice in the header", "Keep one") for column in twice]
    )  # fmt: skip
    faults: list[Fault] = []
    answer = pd.DataFrame({"la_code": as_text(frame["la_code"]), "year": _years(frame["year"], name, faults)})
    for column in COLUMNS[2:]:
        answer[column] = _amounts(frame[column], name, faults) if column in frame else np.nan
    faults += _faults_of_keys(answer, name)
    raise_faults(faults)
    return answer.astype({"year": "int64"})


def _fault(name: str, column: str, code: str, says: str, fix: str, bad: pd.Series | None = None) -> Fault:
    rows = () if bad is None else tuple(int(row) + 2 for row in np.flatnonzero(bad))
    return Fault(code, name, column, rows, says, fix)


def _years(values: pd.Series, name: str, faults: list[Fault]) -> pd.Series:
    years, bad = as_whole_numbers(values)
    bad |= years.isna() | (years < YEARS[0]) | (years > YEARS[1])
    if bad.any():
        fix = "Give the year in which the year to 31 March ends, such as 2025"
        faults.append(_fault(name, "year", "T03", "is no year", fix, bad))
    return years


def _amounts(values: pd.Series, name: str, faults: list[Fault]) -> pd.Series:
    """A column of counts (whole) or population as floats; faults of its cells are added to ``faults``."""
    column = str(values.name)
    if not pd.api.types.is_numeric_dtype(values.dtype):
        text = as_text(values)
        values = text.mask(text.str.lower().isin((*NOT_SHOWN, "na", "n/a", "nan", "<na>", "none", "null", "-")), "")
    numbers, bad = as_whole_numbers(values) if column in COUNTS else as_numbers(values)
    unit = "a whole number of children" if column in COUNTS else "a number of children"
    if bad.any():
        faults.append(_fault(name, column, "T04", f"is not {unit}", "Correct the cells, or empty them", bad))
    below = numbers < 0
    if below.any():
        faults.append(_fault(name, column, "T05", "is below nought", "Correct the cells, or empty them", below))
    return numbers.mask(numbers == 0) if column == "population" else numbers


def _faults_of_keys(panel: pd.DataFrame, name: str) -> list[Fault]:
    nameless = panel["la_code"] == ""
    twice = panel.duplicated(["la_code", "year"], keep="first") & ~nameless & panel["year"].notna()
    faults = []
    if nameless.any():
        faults.append(_fault(name, "la_code", "T06", "is empty", "Give the authority's code", nameless))
    if twice.any():
        says = "the authority has this year already in a row above"
        faults.append(_fault(name, "year", "T07", says, "Keep one row for each authority and year", twice))
    if panel.empty:
        faults.append(_fault(name, "", "T08", "has no rows", "Give at least two years of an authority"))
    return faults


def up_to(frame: pd.DataFrame, as_of: int | None) -> Panel:
    """The panel as it was known at the origin: nothing later than ``as_of`` (default: the last year) is kept.

    Authorities are those with a stock at ``as_of``, in the order of their codes. Raises
    :class:`~sufficiency.InputError` for a malformed table, an origin without stocks, or a single year.
    """
    frame = checked(frame)
    origin = int(frame["year"].max()) if as_of is None else int(as_of)
    frame = frame[frame["year"] <= origin]
    held = np.sort(frame.loc[(frame["year"] == origin) & frame["cla"].notna(), "la_code"].unique())
    frame = frame[frame["la_code"].isin(held)]
    if len(held) == 0:
        says = f"no authority has a stock in {origin}, from which to project"
        raise InputError([_fault(NAME, "cla", "T09", says, "Give a year that the panel holds as the origin")])
    if frame.loc[frame["cla"].notna(), "year"].nunique() < 2:
        says = f"only {origin} is held, so that nothing tells how fast authorities change"
        raise InputError([_fault(NAME, "year", "T10", says, "Add an earlier year, or take a later one as the origin")])
    years = np.arange(int(frame["year"].min()), origin + 1)
    return Panel(held, years, *(_grid(frame, column, held, years) for column in COLUMNS[2:]))


def _grid(frame: pd.DataFrame, column: str, codes: np.ndarray, years: np.ndarray) -> np.ndarray:
    table = frame.pivot(index="la_code", columns="year", values=column)
    return table.reindex(index=codes, columns=years).to_numpy(dtype=float)
