"""Registers in: children, homes, carers, prices and population, typed, checked and placed on the map."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pandas as pd

from sufficiency.errors import Fault, InputError, raise_faults
from sufficiency.geography import locate
from sufficiency.records import tables
from sufficiency.records.contract import PLACES, REGISTERS, Column
from sufficiency.records.register_rules import (
    REGISTER_RULES,
    points_outside,
    repeated_keys,
    solo_in_sibling_group,
    too_many_children,
)
from sufficiency.records.rules import broken_rules
from sufficiency.records.tables import read_table, rows_where

_COORDINATES: Final = frozenset(name for places in PLACES.values() for name in places[1:])


def check_register(name: str, table: pd.DataFrame, source: str) -> tuple[pd.DataFrame, list[Fault]]:
    """A register with every contract column, typed, defaults filled and placed; and everything wrong with it.

    ``name`` is one of :data:`~sufficiency.records.contract.REGISTERS`, ``table`` text as read from a file or a typed
    frame, ``source`` the file as the user knows it. Dates are datetime64[us]; whole numbers are int64, nullable Int64
    where a cell may be empty; numbers float64; ``avoid_homes`` and ``allowed_kinds`` tuples of text. The answer has a
    fresh index, and checking it again gives it back unchanged. With faults, the frame is only good for looking at.
    """
    checked, faults = _checked(name, table, source)
    return checked.reset_index(drop=True), faults


def register_notices(name: str, table: pd.DataFrame, checked: pd.DataFrame, source: str) -> list[Fault]:
    """What was left out without stopping anything: columns the contract does not have, postcodes not found.

    ``table`` is the register as it came, ``checked`` the first answer of :func:`check_register` for it.
    """
    known = {column.name for column in REGISTERS[name]}
    extra = [str(column) for column in table.columns if str(column).strip().lower() not in known]
    says, fix = "not a column of this table, so kept out", "Nothing to do, or rename it"
    notices = [Fault("N01", source, column, (), says, fix) for column in extra]
    if name in PLACES:
        postcode, latitude, _ = PLACES[name]
        rows = rows_where(table, (checked[postcode].notna() & checked[latitude].isna()).to_numpy())
        says = "the ONS directory does not have the postcode, so the place is unknown"
        notices += [Fault("N02", source, postcode, rows, says, "Correct it, or give coordinates")] if rows else []
        if name == "homes":
            rows = rows_where(table, (checked[postcode].isna() & checked[latitude].isna()).to_numpy())
            says = "no place is known, so no child's distance to the home is"
            notices += [Fault("N05", source, postcode, rows, says, "Give a postcode or coordinates")] if rows else []
    return notices


def read_register(name: str, path: Path) -> pd.DataFrame:
    """One register from its CSV file, as :func:`check_register` gives it; raises InputError with all its faults."""
    checked, faults = check_register(name, read_table(path), path.name)
    raise_faults(faults)
    return checked


def read_children_and_homes(children: Path, homes: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The two registers that a match needs; raises one InputError with the faults of both and of the two together."""
    faults: list[Fault] = []
    frames: dict[str, pd.DataFrame] = {}
    for name, path in (("children", children), ("homes", homes)):
        try:
            frames[name], found = _checked(name, read_table(path), path.name)
            faults += found
        except InputError as error:
            faults += error.faults
    if not faults:
        faults = check_registers_together(frames["children"], frames["homes"], homes.name)
    raise_faults(faults)
    return frames["children"].reset_index(drop=True), frames["homes"].reset_index(drop=True)


def check_registers_together(
    children: pd.DataFrame, homes: pd.DataFrame, homes_source: str = "homes.csv"
) -> list[Fault]:
    """Faults that only show when checked children and checked homes are held side by side.

    More children living in a home (settled or step_down) than its approved places, or more waiting to step down from
    it than it has places taken, is a fault of that home's row. Frames that still carry file lines (index ``line``)
    are reported by them.
    """
    rows = rows_where(homes, too_many_children(children, homes).to_numpy())
    if not rows:
        return []
    says = "more children live here (settled or step_down) than the register allows"
    fix = "Correct places, places_free (a step-down child's place is not free) or the children's current_home_id"
    return [Fault("H05", homes_source, "places, places_free", rows, says, fix)]


def solo_siblings(children: pd.DataFrame, source: str = "children.csv") -> list[Fault]:
    """The fault of sibling groups, two or more children, with a child in them who must live alone."""
    return solo_in_sibling_group.faults(children, source)


def _checked(name: str, table: pd.DataFrame, source: str) -> tuple[pd.DataFrame, list[Fault]]:
    """:func:`check_register` with the lines of the file kept as index."""
    columns = REGISTERS[name]
    named = table.rename(columns=lambda column: str(column).strip().lower())
    named.index = pd.Index(tables.line_numbers(table), name=tables.LINE)
    faults = _shape_faults(columns, named, source)
    if faults:
        return pd.DataFrame(columns=[column.name for column in columns], index=named.index), faults
    read = {}
    for column in columns:
        cells = named.get(column.name, pd.Series("", index=named.index, dtype="str"))
        read[column.name], found = _read_column(column, cells, source)
        faults += found
    frame = pd.DataFrame(read, index=named.index)
    if name in PLACES:
        unread = {line for fault in faults if fault.column in _COORDINATES for line in fault.rows}
        frame = _placed(frame, *PLACES[name])
        readable = frame[~frame.index.isin(unread)]
        faults += points_outside(readable, *PLACES[name][1:], source)
    faults += repeated_keys(name, frame, source)
    faults += broken_rules(REGISTER_RULES[name], frame, source)
    return _finished(columns, frame), faults


def _shape_faults(columns: tuple[Column, ...], table: pd.DataFrame, source: str) -> list[Fault]:
    """Columns that are missing, or that are the same name in different letters."""
    missing = [column.name for column in columns if column.required and column.name not in table.columns]
    twice = sorted(set(table.columns[table.columns.duplicated()]))
    fix = "Add the column; the sample authority's own file shows it"
    absent = [Fault("F04", source, name, (), "a required column is missing", fix) for name in missing]
    repeated = [Fault("F03", source, name, (1,), "a column name comes twice", "Keep one of them") for name in twice]
    return absent + repeated


def _read_column(column: Column, cells: pd.Series, source: str) -> tuple[pd.Series, list[Fault]]:
    """One column's values with defaults filled, and the faults of its cells."""
    values, unreadable, fix = _values_of(column, cells)
    empty = values.isna() & ~unreadable
    found: list[tuple[str, pd.Series, str, str]] = [("R03", unreadable, _unreadable(column), fix)]
    if column.filled:
        found.append(("R02", empty, "the cell is empty", "Give a value in every row"))
    if column.low is not None and column.name not in _COORDINATES:
        found.append(("R06", values < column.low, f"below {column.low:g}", f"Give {column.low:g} or more"))
    if column.high is not None and column.name not in _COORDINATES:
        found.append(("R06", values > column.high, f"above {column.high:g}", f"Give {column.high:g} or less"))
    faults = [
        Fault(code, source, column.name, rows, says, fix)
        for code, bad, says, fix in found
        if (rows := tuple(int(line) for line in cells.index[bad.fillna(False).astype(bool)]))
    ]
    if column.default is not None:
        values = values.where(values.notna(), column.default)
    return values, faults


def _unreadable(column: Column) -> str:
    if column.choices:
        return "not one of the words for this column" if column.holds != "whole" else "not one of the levels"
    return {"date": "not a date", "whole": "not a whole number", "number": "not a number"}.get(
        column.holds, "neither true nor false"
    )


def _values_of(column: Column, cells: pd.Series) -> tuple[pd.Series, pd.Series, str]:
    """Values, where a value is there but cannot be read, and how to put that right."""
    choices = "Use " + ", ".join(str(choice) for choice in column.choices)
    none_bad = pd.Series(False, index=cells.index)
    match column.holds:
        case "date":
            return *tables.as_dates(cells), tables.DATE_FIX
        case "number":
            return *tables.as_numbers(cells), tables.NUMBER_FIX
        case "flag":
            return *tables.as_flags(cells), tables.FLAG_FIX
        case "whole":
            numbers, bad = tables.as_whole_numbers(cells)
            if column.choices:
                bad = bad | (numbers.notna() & ~numbers.isin(column.choices))
            return numbers, bad, choices if column.choices else "Give a whole number"
        case "word":
            words = tables.as_text(cells).str.lower()
            known = words.isin(column.choices)
            return words.where(known), ~known & (words != ""), choices
        case "list" | "words":
            lists = tables.as_lists(cells)
            allowed = set(column.choices)
            bad = lists.map(lambda items: bool(allowed) and not allowed.issuperset(items)).astype(bool)
            return lists, bad, f"{choices}, separated by ;"
        case _:
            text = tables.as_text(cells)
            return text.where(text != ""), none_bad, ""


def _placed(frame: pd.DataFrame, postcode: str, latitude: str, longitude: str) -> pd.DataFrame:
    """Points filled from postcodes where neither coordinate is given."""
    missing = frame[latitude].isna() & frame[longitude].isna() & frame[postcode].notna()
    if not missing.any():
        return frame
    points = locate(frame.loc[missing, postcode])
    return frame.assign(
        **{
            latitude: frame[latitude].fillna(points["latitude"]),
            longitude: frame[longitude].fillna(points["longitude"]),
        }
    )


def _finished(columns: tuple[Column, ...], frame: pd.DataFrame) -> pd.DataFrame:
    """Columns in the types of the contract: whole numbers and flags without a place for missing where none can be."""
    types: dict[str, str] = {}
    for column in columns:
        complete = bool(frame[column.name].notna().all()) and (column.filled or column.default is not None)
        if column.holds == "whole":
            types[column.name] = "int64" if complete else "Int64"
        elif column.holds == "flag":
            types[column.name] = "bool" if complete else "boolean"
        elif column.holds in ("text", "word"):
            types[column.name] = "str"
    return frame.astype(types)
