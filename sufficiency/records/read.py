"""An authority's folder in, one :class:`Records` out; or the whole list of what is wrong with it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from sufficiency.errors import Fault, InputError, raise_faults
from sufficiency.records.complete import is_whole
from sufficiency.records.contract import REGISTERS
from sufficiency.records.files import sha256
from sufficiency.records.find import find_returns
from sufficiency.records.histories import histories_of
from sufficiency.records.model import Records, fault_table
from sufficiency.records.reading import ON_FAULT, OnFault, Reading
from sufficiency.records.reconcile import Returned, held_together, reconciled
from sufficiency.records.register_files import RegisterFile, find_registers
from sufficiency.records.registers import check_register, register_notices
from sufficiency.records.returns import Return
from sufficiency.records.ssd import DATABASE, DATASET, named_as_ssd, returns_of_ssd, tables_of_connection
from sufficiency.records.tables import LINE, line_numbers

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

ABOUT: Final = "about.toml"
BESIDE: Final = frozenset(f"{name}{ending}" for name in (*REGISTERS, "registers") for ending in (".csv", ".xlsx"))
"""Files of a data folder that are no returns."""


def read_records(
    source: str | Path | Engine | Connection, *, on_fault: OnFault = "raise", registers: str | Path | None = None
) -> Records:
    """Read an authority's, or a region's, data folder: returns, registers and ``about.toml``.

    ``source``: the folder; or one zip, XML or Excel file of returns; or a SQLAlchemy engine or connection to a
    database with the tables of the Standard Safeguarding Dataset. ``registers``: another folder for the registers and
    ``about.toml``, as a database or a file has none beside it. ``on_fault="raise"`` raises one
    :class:`InputError` with every fault of every file; ``"set_aside"`` leaves the rows at fault out, lists them in
    ``Records.set_aside``, and raises only for what has no rows (a missing file or column); ``"report"`` leaves out
    whole files and returns at fault too, lists them there, and raises only when no episode can be read at all.
    """
    if on_fault not in ON_FAULT:
        fix = f"Use one of {', '.join(ON_FAULT)}"
        raise InputError([Fault("D02", "on_fault", "", (), "is not one of the ways to treat faults", fix)])
    reading = Reading(on_fault)
    records = _read(source, reading, None if registers is None else Path(registers))
    if records is None and not reading.faults:
        fault = Fault("F07", "returns", "", (), "no episode could be read", "Check the returns")
        raise InputError([*reading.set_aside, fault])
    left_out = [] if records is not None else [one for one in reading.set_aside if not one.code.startswith("M")]
    raise_faults([*reading.faults, *left_out] if reading.faults else [])
    assert records is not None
    return records


def check(path: str | Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Everything that is wrong with a folder, without raising: faults, notices, and repairs with counts.

    Faults and notices have ``code`` ``table`` ``column`` ``rows`` ``says`` ``fix``; repairs ``code`` ``says`` ``rows``
    (a count). Repairs are counted on the rows that are left when those at fault are set aside.
    """
    faults, notices, records = examine(path)
    repairs = records.repairs if records is not None else pd.DataFrame(columns=["code", "says", "rows"])
    return fault_table(faults), fault_table(notices), repairs


def examine(path: str | Path) -> tuple[list[Fault], list[Fault], Records | None]:
    """Faults and notices of a folder, and the records that are left when what is at fault is left out, if any are."""
    reading = Reading("report")
    records = _read(path, reading)
    faults = [*reading.faults, *(fault for fault in reading.set_aside if not fault.code.startswith("M"))]
    return faults, reading.notices, records


def _read(
    source: str | Path | Engine | Connection, reading: Reading, registers_at: Path | None = None
) -> Records | None:
    """Read what can be read; faults that stop it are left in ``reading``."""
    path = Path(source) if isinstance(source, str | Path) else None
    beside = registers_at or path
    for folder in (path, beside):
        if folder is not None and not folder.exists():
            reading.faults.append(Fault("F01", folder.name, "", (), "the data folder is not there", "Give its path"))
            return None
    authority, synthetic = _about(beside, reading) if beside is not None else (DATABASE, False)
    registers, sources = _registers(beside, reading) if beside is not None and beside.is_dir() else ({}, {})
    returns = _of_database(source, reading) if path is None else _returns(path, reading)
    histories = histories_of(returns, reading) if returns else None
    _in_own_words(returns, reading)
    if histories is None:
        return None
    coverage = _coverage(returns, reading)
    data_to = coverage.groupby("authority")["last_day"].max().min()
    reading.notices += reconciled(registers, sources, Returned(histories.children, histories.placements, data_to))
    registers = {name: table.reset_index(drop=True) for name, table in registers.items()}
    return Records(
        children=histories.children,
        placements=histories.placements,
        periods=histories.periods,
        repairs=histories.repairs,
        repaired_rows=histories.repaired_rows,
        legal_statuses=histories.legal_statuses,
        sums=histories.sums,
        child_register=registers.get("children"),
        homes=registers.get("homes"),
        carers=registers.get("carers"),
        prices=registers.get("prices"),
        population=registers.get("population"),
        fixed=registers.get("fixed"),
        scores=registers.get("scores"),
        set_aside=tuple(reading.set_aside),
        years=tuple(sorted({year for one in returns for year in one.years})),
        coverage=coverage,
        data_to=data_to,
        authority=authority,
        synthetic=synthetic,
        file_hashes=dict(sorted(reading.hashes.items())),
        notices=tuple(reading.notices),
    )


def _about(folder: Path, reading: Reading) -> tuple[str, bool]:
    """Display name and whether the data are made up: ``authority`` and ``synthetic`` in about.toml."""
    path = folder / ABOUT
    name = folder.resolve().stem if folder.is_file() else folder.resolve().name
    if not path.is_file():
        return name, False
    content = path.read_bytes()
    reading.hashes[ABOUT] = sha256(content)
    try:
        about = tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        fix = 'Write lines such as authority = "Our council" and synthetic = false'
        reading.file_at_fault([Fault("F10", ABOUT, "", (), "not a TOML file", fix)])
        return name, False
    return str(about.get("authority", name)), about.get("synthetic", False) is True


def _of_database(connection: Any, reading: Reading) -> tuple[Return, ...]:
    """The Standard Safeguarding Dataset of a database as one return."""
    try:
        one, faults, notices = returns_of_ssd(tables_of_connection(connection), {})
    except InputError as error:
        reading.file_at_fault(error.faults)
        return ()
    reading.file_at_fault(faults)
    reading.notices += notices
    return (one,) if one is not None else ()


def _in_own_words(returns: Iterable[Return], reading: Reading) -> None:
    """Faults of the Standard Safeguarding Dataset's tables with its own columns in the stead of the SSDA903's."""
    for one in returns:
        if one.label == DATASET:
            for told in (reading.faults, reading.set_aside, reading.notices):
                told[:] = named_as_ssd(told, one)


def _returns(path: Path, reading: Reading) -> tuple[Return, ...]:
    """The returns that can be read; what is wrong with the others is told."""
    below = path / "returns"
    where = below if below.is_dir() else path
    found = find_returns(where, path if path.is_dir() else path.parent, BESIDE if where == path else frozenset())
    reading.file_at_fault(found.faults)
    reading.notices += found.notices
    reading.hashes |= {file.name: sha256(file.content) for file in found.files}
    undated = [one.label for one in found.returns if not one.year]
    fix = "Name its folder by the year in which the return ends"
    reading.file_at_fault(Fault("F11", label, "", (), "nothing tells the return's year", fix) for label in undated)
    usable = tuple(one for one in found.returns if one.year)
    if reading.on_fault == "report":
        usable = tuple(one for one in usable if is_whole(one))
    elif undated or not all(is_whole(one) for one in usable):
        return ()
    for authority in sorted({one.authority for one in usable}):
        reading.notices += _gaps(authority, [one for one in usable if one.authority == authority])
    return usable


def _gaps(authority: str, returns: Iterable[Return]) -> list[Fault]:
    """The notice of years without a return between those that there are."""
    years = {year for one in returns for year in one.years}
    absent = sorted(set(range(min(years), max(years))) - years)
    if not absent:
        return []
    whose = f"{authority}: " if authority else ""
    says = f"{whose}no return for {', '.join(map(str, absent))}: starts, ends and moves within that time are not seen"
    return [Fault("N06", "returns", "", (), says, "Add the missing return")]


def _coverage(returns: Iterable[Return], reading: Reading) -> pd.DataFrame:
    """``authority first_day last_day`` of each run of years that an authority's returns cover without a gap.

    In a region, runs that differ between authorities are told.
    """
    held: dict[str, set[int]] = {}
    for one in returns:
        held.setdefault(one.authority, set()).update(one.years)
    if len({tuple(sorted(years)) for years in held.values()}) > 1:
        said = "; ".join(f"{name} {min(years)} to {max(years)}" for name, years in sorted(held.items()))
        says = f"the authorities' returns cover different years ({said}); a count of a day has those that cover it"
        reading.notices.append(Fault("N108", "returns", "", (), says, "Add the missing returns, or count by authority"))
    rows = [
        (authority, pd.Timestamp(first - 1, 4, 1), pd.Timestamp(last, 3, 31))
        for authority, years in sorted(held.items())
        for first, last in _runs(sorted(years))
    ]
    spans = pd.DataFrame(rows, columns=["authority", "first_day", "last_day"])
    return spans.astype({"first_day": "datetime64[us]", "last_day": "datetime64[us]"})


def _runs(years: list[int]) -> list[tuple[int, int]]:
    """First and last of each run of years without a gap."""
    starts = [year for year in years if year - 1 not in years]
    ends = [year for year in years if year + 1 not in years]
    return list(zip(starts, ends, strict=True))


def _registers(folder: Path, reading: Reading) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    """The registers that are there, checked, with the lines of their files, and these files; children against homes."""
    found = find_registers(folder)
    reading.file_at_fault(found.faults)
    reading.notices += found.notices
    reading.hashes |= {file.name: sha256(file.content) for file in found.files}
    sources = {name: register.source for name, register in found.registers.items()}
    checked = {name: _one_register(name, register, reading) for name, register in found.registers.items()}
    read = {name: table for name, table in checked.items() if table is not None}
    while together := held_together(read, sources):
        for name, faults in together.items():
            reading.rows_at_fault(faults)
            lines = [line for fault in faults for line in fault.rows]
            read[name] = read[name][~read[name].index.isin(lines)]
        if reading.on_fault == "raise":
            break
    return read, sources


def _one_register(name: str, register: RegisterFile, reading: Reading) -> pd.DataFrame | None:
    """One register with the lines of its file as index, rows at fault left out when they may be; None when it fails.

    Leaving rows out may put others at fault, such as the rest of a year that now lacks an age; so until none is left.
    """
    table, source = register.table, register.source
    checked, faults = check_register(name, table, source)
    while faults:
        structural = [fault for fault in faults if not fault.rows]
        if structural or reading.on_fault == "raise":
            reading.file_at_fault(faults)
            return None
        reading.set_aside += faults
        bad = {line for fault in faults for line in fault.rows}
        table = table[~table.index.isin(bad)]
        checked, faults = check_register(name, table, source)
    reading.notices += register_notices(name, table, checked, source)
    return checked.set_axis(pd.Index(line_numbers(table), name=LINE))
