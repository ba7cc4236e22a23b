"""Registers in: children, homes and what goes with them, typed, checked and placed on the map."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from sufficiency.errors import Fault, InputError, raise_faults
from sufficiency.geography import locate
from sufficiency.records import tables
from sufficiency.records.child_rules import solo_in_sibling_group
from sufficiency.records.contract import PLACES, REGISTERS, Column
from sufficiency.records.home_rules import too_many_children
from sufficiency.records.reconcile import held_together, with_children
from sufficiency.records.register_files import RegisterFile, register_file, table_of_register
from sufficiency.records.register_rules import (
    CELL_RULES_OF_REGISTERS,
    IN_THE_SEA,
    REGISTER_RULES,
    broken_of,
    own_point,
)
from sufficiency.records.rules import broken_cells
from sufficiency.records.tables import LINE, line_numbers


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
    """What is worth knowing and stops nothing: columns that the contract does not have, and every rule that warns.

    ``table`` is the register as it came, ``checked`` the first answer of :func:`check_register` for it.
    """
    known = {column.name for column in REGISTERS[name]}
    extra = [str(column) for column in table.columns if str(column).strip().lower() not in known]
    says, fix = "not a column of this table, so kept out", "Nothing to do, or rename it"
    notices = [Fault("N01", source, column, (), says, fix) for column in extra]
    with_lines = checked.set_axis(pd.Index(line_numbers(table), name=LINE))
    named = table.rename(columns=lambda column: str(column).strip().lower())
    for place in PLACES.get(name, ()):
        given = named.get(place[1])
        with_lines[own_point(place)] = False if given is None else (tables.as_text(given) != "").to_numpy()
    return notices + broken_of(REGISTER_RULES[name], "warning", name, with_lines, source)


def read_register(name: str, path: Path, *, with_lines: bool = False) -> pd.DataFrame:
    """One register from its CSV or Excel file, as :func:`check_register` gives it.

    ``with_lines``: the index tells the lines of the file, for messages yet to come. Raises :class:`InputError` with
    all its faults.
    """
    return _read(name, table_of_register(path, name), with_lines=with_lines)


def read_register_beside(name: str, path: Path) -> pd.DataFrame | None:
    """The register that lies in the same folder as the file ``path``, in whatever form; ``None`` when it does not.

    Raises :class:`InputError` as :func:`read_register` does.
    """
    file = register_file(path.parent, name)
    return None if file is None else _read(name, file)


def _read(name: str, file: RegisterFile, *, with_lines: bool = False) -> pd.DataFrame:
    checked, faults = _checked(name, file.table, file.source)
    raise_faults(faults)
    return checked if with_lines else checked.reset_index(drop=True)


def read_children_and_homes(children: Path, homes: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The two registers that a match needs, from CSV or Excel files, which may be one workbook.

    Raises one :class:`InputError` with the faults of both and of the two together.
    """
    faults: list[Fault] = []
    frames: dict[str, pd.DataFrame] = {}
    sources: dict[str, str] = {}
    for name, path in (("children", children), ("homes", homes)):
        try:
            file = table_of_register(path, name)
        except InputError as error:
            faults += error.faults
            continue
        frames[name], found = _checked(name, file.table, file.source)
        sources[name] = file.source
        faults += found
    raise_faults(faults)
    raise_faults([fault for found in held_together(frames, sources).values() for fault in found])
    return frames["children"].reset_index(drop=True), frames["homes"].reset_index(drop=True)


def check_registers_together(
    children: pd.DataFrame, homes: pd.DataFrame, homes_source: str = "homes.csv"
) -> list[Fault]:
    """Faults of homes that only show when checked children and checked homes are held side by side.

    More children living in a home (settled or step_down) than its approved places, or more waiting to step down from
    it than it has places taken, is a fault of that home's row. Frames that still carry file lines (index ``line``)
    are reported by them.
    """
    return broken_of([too_many_children], "error", "homes", with_children(homes, children), homes_source)


def points_in_the_sea(name: str, checked: pd.DataFrame, source: str) -> list[Fault]:
    """The notices of rows of a checked register whose point is in the sea, which a match takes as it stands."""
    rules = [rule for rule in REGISTER_RULES[name] if rule.code == IN_THE_SEA]
    return broken_of(rules, "warning", name, checked, source)


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
    frame, faults = _read_cells(name, named, source)
    for place in PLACES.get(name, ()):
        frame = _placed(frame, *place)
    faults += broken_of(REGISTER_RULES[name], "error", name, frame, source)
    return _finished(columns, frame), faults


def _shape_faults(columns: tuple[Column, ...], table: pd.DataFrame, source: str) -> list[Fault]:
    """Columns that are missing, or that are the same name in different letters."""
    missing = [column.name for column in columns if column.required and column.name not in table.columns]
    twice = sorted(set(table.columns[table.columns.duplicated()]))
    fix = "Add the column; the sample authority's own file shows it"
    absent = [Fault("F04", source, name, (), "a required column is missing", fix) for name in missing]
    repeated = [Fault("F03", source, name, (), "a column name comes twice", "Keep one of them") for name in twice]
    return absent + repeated


def _read_cells(name: str, table: pd.DataFrame, source: str) -> tuple[pd.DataFrame, list[Fault]]:
    """The columns of the contract with defaults filled, and the faults of their cells in the order of the columns.

    A cell that cannot be read, or holds what it must not, has that fault alone and counts as missing from then on.
    """
    columns = REGISTERS[name]
    faults: dict[str, list[Fault]] = {column.name: [] for column in columns}
    values: dict[str, pd.Series] = {}
    unreadable: dict[str, np.ndarray] = {}

    def found(code: str, column: str, bad: np.ndarray, says: str, fix: str) -> None:
        rows = tuple(int(line) for line in table.index[bad])
        if rows:
            faults[column].append(Fault(code, source, column, rows, says, fix))

    for column in columns:
        cells = table.get(column.name, pd.Series("", index=table.index, dtype="str"))
        values[column.name], bad, says, fix = _values_of(column, cells)
        unreadable[column.name] = np.array(bad, dtype=bool)
        found("R03", column.name, unreadable[column.name], says, fix)
    frame = pd.DataFrame(values, index=table.index)
    for rule, broken in broken_cells(CELL_RULES_OF_REGISTERS[name], frame):
        broken &= ~unreadable[rule.column]
        found(rule.code, rule.column, broken, rule.says, rule.fix)
        if not rule.filled:
            unreadable[rule.column] |= broken
    for _, latitude, longitude in PLACES.get(name, ()):
        unreadable[latitude] = unreadable[longitude] = unreadable[latitude] | unreadable[longitude]
    for column in columns:
        frame[column.name] = _sound(column, frame[column.name], unreadable[column.name])
    return frame, [fault for own in faults.values() for fault in own]


def _sound(column: Column, values: pd.Series, bad: np.ndarray) -> pd.Series:
    """Values without those that cannot be used, then with the default."""
    values = values.mask(bad) if bad.any() else values
    return values if column.default is None else values.where(values.notna(), column.default)


def _values_of(column: Column, cells: pd.Series) -> tuple[pd.Series, pd.Series, str, str]:
    """Values, where a value is there but cannot be read, what then is wrong and how to put that right."""
    match column.holds:
        case "date":
            dates, bad = tables.as_dates(cells)
            return dates, bad, "not a date", tables.date_fix(cells[bad])
        case "number":
            return *tables.as_numbers(cells), "not a number", tables.NUMBER_FIX
        case "flag":
            return *tables.as_flags(cells), "neither true nor false", tables.FLAG_FIX
        case "whole":
            says, fix = "not a whole number", "Give a whole number"
            return *tables.as_whole_numbers(cells), says, fix
        case "list" | "words":
            lists = tables.as_lists(cells)
            allowed = set(column.choices)
            bad = lists.map(lambda items: bool(allowed) and not allowed.issuperset(items)).astype(bool)
            fix = f"Use {', '.join(str(choice) for choice in column.choices)}, separated by ;"
            return lists, bad, "not one of the words for this column", fix
        case _:
            text = tables.as_text(cells)
            text = text.str.lower() if column.holds == "word" else text
            return text.where(text != ""), pd.Series(False, index=cells.index), "", ""


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
