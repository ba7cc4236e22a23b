"""Registers as they come: each as CSV or as a workbook of its own, or all as the sheets of ``registers.xlsx``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from sufficiency.errors import Fault, InputError
from sufficiency.records.contract import REGISTERS
from sufficiency.records.files import SourceFile, other_forms
from sufficiency.records.forms import SheetRows, sheets_of_workbook, table_of_sheet
from sufficiency.records.header_rows import HEADER_WITHIN, header_at
from sufficiency.records.tables import missing_file, table_from_bytes

TOGETHER: Final = "registers.xlsx"
"""The workbook that may hold a sheet for each register."""

WORKBOOKS: Final = (".xlsx", ".xlsm")
FORMS: Final = (".csv", ".xlsx", ".xls", ".xlsb")
"""Endings of a register's own file; the last two are known, and told that they cannot be read."""


@dataclass(frozen=True)
class RegisterFile:
    """A register as text: ``source`` the file (and sheet) as the user knows it, ``table`` with its lines as index."""

    source: str
    table: pd.DataFrame
    file: SourceFile


@dataclass(frozen=True)
class RegistersFound:
    """The registers of a folder by name, the files they came from, and what was wrong or worth saying."""

    registers: Mapping[str, RegisterFile]
    files: tuple[SourceFile, ...]
    faults: tuple[Fault, ...]
    notices: tuple[Fault, ...]


def find_registers(folder: Path) -> RegistersFound:
    """Every register that lies in ``folder``, each read once; one that is not there is no fault."""
    registers: dict[str, RegisterFile] = {}
    faults: list[Fault] = []
    book: tuple[SourceFile, list[tuple[str, SheetRows]]] | None = None
    try:
        book = _book_of(folder)
    except InputError as error:
        faults += error.faults
    for name in REGISTERS:
        try:
            found = _found(folder, name, book)
        except InputError as error:
            faults += error.faults
            continue
        if found is not None:
            registers[name] = found
    files = {one.file.name: one.file for one in registers.values()}
    notices = _unread_sheets(book[1]) if book else []
    return RegistersFound(registers, tuple(files.values()), tuple(faults), tuple(notices))


def register_file(folder: Path, name: str) -> RegisterFile | None:
    """One register of a folder in whatever form it lies there, ``None`` when it does not.

    Raises :class:`InputError` when it cannot be read, or is there in two forms.
    """
    return _found(folder, name, _book_of(folder))


def table_of_register(path: Path, name: str) -> RegisterFile:
    """A register from the file that the user named: CSV, or a workbook with a sheet for it.

    Raises :class:`InputError` when it cannot be read or no sheet is the register.
    """
    file = _bytes_of(path)
    if file.ending not in WORKBOOKS:
        for fault in other_forms([file]):
            raise InputError([fault])
        wanted = [{column.upper() for column in _required(name)}]
        return RegisterFile(file.name, table_from_bytes(file.content, file.name, wanted), file)
    sheets = sheets_of_workbook(file)
    together = path.name.lower() == TOGETHER
    found = _of_sheets(file, sheets, name) or (None if together else _only_sheet(file, sheets, name))
    if found is None:
        columns = ", ".join(sorted(_required(name)))
        says = f"no sheet is called {name} or has its columns ({columns}) in its first {HEADER_WITHIN} rows"
        raise InputError([Fault("F31", file.name, "", (), says, f"Name the sheet {name}")])
    return found


def _found(folder: Path, name: str, book: tuple[SourceFile, list[tuple[str, SheetRows]]] | None) -> RegisterFile | None:
    """The register from its own file, or from its sheet of the common workbook; a fault when it is in both."""
    paths = [folder / f"{name}{ending}" for ending in FORMS if _there(folder / f"{name}{ending}")]
    sheet = _of_sheets(*book, name) if book else None
    sources = [path.name for path in paths] + ([sheet.source] if sheet else [])
    if len(sources) > 1:
        fault = Fault(
            "F30", " and ".join(sources), "", (), f"the register of {name} is there twice", "Keep one of them"
        )
        raise InputError([fault])
    return table_of_register(paths[0], name) if paths else sheet


def _there(path: Path) -> bool:
    """Whether something has the name, a folder or a broken link too."""
    return path.exists() or path.is_symlink()


def _book_of(folder: Path) -> tuple[SourceFile, list[tuple[str, SheetRows]]] | None:
    """The common workbook with its sheets, when there is one."""
    path = folder / TOGETHER
    if not _there(path):
        return None
    file = _bytes_of(path)
    return file, sheets_of_workbook(file)


def _bytes_of(path: Path) -> SourceFile:
    """A file's bytes, or the fault of a folder in its place or of a file that cannot be opened."""
    if path.is_dir():
        raise InputError([Fault("F01", path.name, "", (), "is a folder, not a file", "Put the file itself there")])
    try:
        return SourceFile(path.name, path.read_bytes())
    except OSError:
        raise InputError([missing_file(path.name)]) from None


def _of_sheets(file: SourceFile, sheets: Sequence[tuple[str, SheetRows]], name: str) -> RegisterFile | None:
    """The sheet called like the register, else the only one with its required columns; None when there is none."""
    called = [rows for title, rows in sheets if _plain(title) == name]
    by_columns = [
        (number, rows)
        for number, (title, rows) in enumerate(sheets, start=1)
        if _plain(title) not in REGISTERS and _header(rows, name) is not None
    ]
    if called and not called[0]:
        fault = Fault("F31", file.name, "", (), f"the sheet {name} is empty", "Fill it, or delete it")
        raise InputError([fault])
    if called:
        return _as_register(file, called[0], name)
    if len(by_columns) > 1:
        listed = " and ".join(str(number) for number, _ in by_columns)
        says = f"sheets {listed} each have the columns of {name}"
        raise InputError([Fault("F32", file.name, "", (), says, f"Name the right one {name}")])
    return _as_register(file, by_columns[0][1], name) if by_columns else None


def _only_sheet(file: SourceFile, sheets: Sequence[tuple[str, SheetRows]], name: str) -> RegisterFile | None:
    """The only sheet that holds anything, so that what it lacks is told column by column."""
    filled = [rows for _, rows in sheets if rows]
    return _as_register(file, filled[0], name) if len(filled) == 1 else None


def _as_register(file: SourceFile, rows: SheetRows, name: str) -> RegisterFile:
    source = f"{file.name}, sheet {name}" if file.name.lower() == TOGETHER else file.name
    header = _header(rows, name)
    return RegisterFile(source, table_of_sheet(rows[_likest(rows, name) if header is None else header :]), file)


def _header(rows: SheetRows, name: str) -> int | None:
    """Position of the first row that holds the required columns; None when none of the first rows does."""
    return header_at((cells for _, cells in rows), [_required(name)], _plain)


def _likest(rows: SheetRows, name: str) -> int:
    """Position of the row that holds most of the register's columns."""
    known = {column.name for column in REGISTERS[name]}
    alike = [len({_plain(cell) for cell in cells} & known) for _, cells in rows[:HEADER_WITHIN]]
    return alike.index(max(alike))


def _required(name: str) -> set[str]:
    return {column.name for column in REGISTERS[name] if column.required}


def _plain(text: str) -> str:
    return text.strip().lower()


def _unread_sheets(sheets: Sequence[tuple[str, SheetRows]]) -> list[Fault]:
    """The notice of sheets of the common workbook that are none of the registers; by number, not by their names."""
    unread = [
        str(number)
        for number, (title, rows) in enumerate(sheets, start=1)
        if rows and _plain(title) not in REGISTERS and all(_header(rows, name) is None for name in REGISTERS)
    ]
    if not unread:
        return []
    says = f"none of the registers by name or columns, so not read: sheet {', '.join(unread)}"
    return [Fault("N162", TOGETHER, "", (), says, f"Nothing to do, or name it {', '.join(REGISTERS)}")]
