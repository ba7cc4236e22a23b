"""An authority's folder in, one :class:`Records` out; or the whole list of what is wrong with it."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import pandas as pd

from sufficiency.errors import Fault, InputError, raise_faults
from sufficiency.records.contract import REGISTERS
from sufficiency.records.episode_rules import (
    FAULT_RULES,
    NOTICE_RULES,
    faults_by_file,
    rows_by_file,
)
from sufficiency.records.episodes import (
    UNREADABLE_DATE,
    children_of,
    lay_end_to_end,
    typed_episodes,
    typed_headers,
    with_whole_births,
)
from sufficiency.records.files import sha256
from sufficiency.records.model import Records, fault_table
from sufficiency.records.placements import (
    GAP,
    MERGES,
    on_the_map,
    periods_of,
    placements_of,
    with_periods,
    with_placements,
)
from sufficiency.records.reconcile import reconciled
from sufficiency.records.registers import check_register, check_registers_together, register_notices
from sufficiency.records.repairs import REPAIRS, mend
from sufficiency.records.returns import Return, find_returns
from sufficiency.records.tables import LINE, line_numbers, table_from_bytes

OnFault = Literal["raise", "set_aside"]
ABOUT: Final = "about.toml"


@dataclass
class _Reading:
    """What one pass over a folder has found so far; faults are gathered here so that none hides another."""

    faults: list[Fault] = field(default_factory=list)
    notices: list[Fault] = field(default_factory=list)
    set_aside: list[Fault] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)


def read_records(path: str | Path, *, on_fault: OnFault = "raise") -> Records:
    """Read an authority's data folder: returns, registers and ``about.toml``.

    ``on_fault="raise"`` raises one :class:`InputError` with every fault of every file; ``"set_aside"`` leaves the rows
    at fault out, lists them in ``Records.set_aside``, and raises only for what has no rows (a missing file or column).
    """
    reading = _Reading()
    records = _read(Path(path), reading, on_fault)
    raise_faults(reading.faults)
    if records is None:
        raise InputError([Fault("F07", Path(path).name, "", (), "no episode could be read", "Check the returns")])
    return records


def check(path: str | Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Everything that is wrong with a folder, without raising: faults, notices, and repairs with counts.

    Faults and notices have ``code`` ``table`` ``column`` ``rows`` ``says`` ``fix``; repairs ``code`` ``says`` ``rows``
    (a count). Repairs are counted on the rows that are left when those at fault are set aside.
    """
    reading = _Reading()
    records = _read(Path(path), reading, "set_aside")
    faults = fault_table([*reading.faults, *(fault for fault in reading.set_aside if fault.code[0] not in "M")])
    repairs = records.repairs if records is not None else pd.DataFrame(columns=["code", "says", "rows"])
    return faults, fault_table(reading.notices), repairs


def _read(folder: Path, reading: _Reading, on_fault: OnFault) -> Records | None:
    """Read what can be read; faults that stop it are left in ``reading``."""
    if not folder.is_dir():
        reading.faults.append(Fault("F01", folder.name, "", (), "the data folder is not there", "Give its path"))
        return None
    authority, synthetic = _about(folder, reading)
    registers = _registers(folder, reading, on_fault)
    returns = _returns(folder, reading)
    tables = _histories(returns, reading, on_fault) if returns else None
    if tables is None:
        return None
    data_to = pd.Timestamp(max(one.year for one in returns), 3, 31)
    reading.notices += reconciled(registers, tables["placements"], data_to)
    registers = {name: table.reset_index(drop=True) for name, table in registers.items()}
    return Records(
        **tables,
        child_register=registers.get("children"),
        homes=registers.get("homes"),
        carers=registers.get("carers"),
        prices=registers.get("prices"),
        population=registers.get("population"),
        set_aside=tuple(reading.set_aside),
        years=tuple(sorted({one.year for one in returns})),
        data_to=data_to,
        authority=authority,
        synthetic=synthetic,
        file_hashes=dict(sorted(reading.hashes.items())),
        notices=tuple(reading.notices),
    )


def _about(folder: Path, reading: _Reading) -> tuple[str, bool]:
    """Display name and whether the data are made up: ``authority`` and ``synthetic`` in about.toml."""
    path = folder / ABOUT
    if not path.is_file():
        return folder.resolve().name, False
    content = path.read_bytes()
    reading.hashes[ABOUT] = sha256(content)
    try:
        about = tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        fix = 'Write lines such as authority = "Our council" and synthetic = false'
        reading.faults.append(Fault("F10", ABOUT, "", (), "not a TOML file", fix))
        return folder.resolve().name, False
    return str(about.get("authority", folder.resolve().name)), about.get("synthetic", False) is True


def _returns(folder: Path, reading: _Reading) -> tuple[Return, ...]:
    below = folder / "returns"
    zipped = folder / "returns.zip"
    where = below if below.is_dir() or not (_has_year_folders(folder) or zipped.is_file()) else folder
    found = find_returns(where, folder)
    reading.faults += found.faults
    reading.notices += found.notices
    reading.hashes |= {file.name: sha256(file.content) for file in found.files}
    years = {one.year for one in found.returns if one.year}
    absent = sorted(set(range(min(years, default=0), max(years, default=0))) - years)
    if absent:
        says = f"no return for {', '.join(map(str, absent))}: starts, ends and moves within that time are not seen"
        reading.notices.append(Fault("N06", "returns", "", (), says, "Add the missing return"))
    undated = [one.label for one in found.returns if not one.year]
    fix = "Name its folder by the year in which the return ends"
    reading.faults += [Fault("F11", label, "", (), "nothing tells the return's year", fix) for label in undated]
    return () if undated else found.returns


def _has_year_folders(folder: Path) -> bool:
    """Whether the folder itself holds the returns: folders with a year in their name, or episodes in plain sight."""
    names = [path.name.lower() for path in folder.iterdir()]
    return any(any(mark in name for mark in ("19", "20", "episode")) for name in names)


def _registers(folder: Path, reading: _Reading, on_fault: OnFault) -> dict[str, pd.DataFrame]:
    """The registers that are there, checked, with the lines of their files; children held against homes."""
    read: dict[str, pd.DataFrame] = {}
    for name in REGISTERS:
        path = folder / f"{name}.csv"
        if not path.is_file():
            continue
        content = path.read_bytes()
        reading.hashes[path.name] = sha256(content)
        try:
            table = table_from_bytes(content, path.name)
        except InputError as error:
            reading.faults += error.faults
            continue
        checked = _one_register(name, table, reading, on_fault)
        if checked is not None:
            read[name] = checked
    if {"children", "homes"} <= set(read):
        together = check_registers_together(read["children"], read["homes"])
        (reading.faults if on_fault == "raise" else reading.set_aside).extend(together)
        if together and on_fault == "set_aside":
            lines = [line for fault in together for line in fault.rows]
            read["homes"] = read["homes"][~read["homes"].index.isin(lines)]
    return read


def _one_register(name: str, table: pd.DataFrame, reading: _Reading, on_fault: OnFault) -> pd.DataFrame | None:
    """One register with the lines of its file as index, rows at fault left out when they may be; None when it fails."""
    source = f"{name}.csv"
    checked, faults = check_register(name, table, source)
    structural = [fault for fault in faults if not fault.rows or fault.rows == (1,)]
    if structural or (faults and on_fault == "raise"):
        reading.faults += faults
        return None
    if faults:
        reading.set_aside += faults
        bad = {line for fault in faults for line in fault.rows}
        table = table[~table.index.isin(bad)]
        checked, faults = check_register(name, table, source)
        reading.faults += faults
    reading.notices += register_notices(name, table, checked, source)
    return checked.set_axis(pd.Index(line_numbers(table), name=LINE))


def _histories(returns: Sequence[Return], reading: _Reading, on_fault: OnFault) -> dict[str, Any] | None:
    """Children, placements, periods, repairs and row counts from the returns; None when columns are missing."""
    text = {}
    stopped = False
    faults_before = len(reading.faults)
    for name in ("header", "episodes", "uasc"):
        text[name], faults, notices = lay_end_to_end(returns, name)
        reading.faults += faults
        reading.notices += notices
        stopped |= bool(faults) or (name != "uasc" and text[name].empty)
    if stopped:
        return None
    whole, notices = with_whole_births(text["header"])
    reading.notices += notices
    headers, unreadable = typed_headers(whole)
    headers = _sound(headers, "header", unreadable, reading, on_fault)
    children = children_of(headers, text["uasc"])
    episodes, unreadable = typed_episodes(text["episodes"])
    read = len(episodes)
    episodes = _with_header(episodes, headers, children)
    episodes = _sound(episodes, "episodes", unreadable, reading, on_fault)
    if len(reading.faults) > faults_before or episodes.empty:
        return None
    tables = _as_tables(episodes, children, read, reading)
    if tables is None:
        says = "no placement is left once short breaks and rows after the 18th birthday are set apart"
        reading.faults.append(Fault("F12", "returns", "", (), says, "Check the extract"))
    return tables


def _with_header(episodes: pd.DataFrame, headers: pd.DataFrame, children: pd.DataFrame) -> pd.DataFrame:
    """Episodes with ``born`` and whether the child is in the header of the same return."""
    born = children.set_index("child_id")["date_of_birth"]
    there = pd.MultiIndex.from_frame(headers[["child", "order"]])
    in_header = pd.MultiIndex.from_frame(episodes[["child", "order"]]).isin(there)
    return episodes.assign(born=episodes["child"].map(born).astype(born.dtype), in_header=in_header)


def _sound(
    table: pd.DataFrame, name: str, unreadable: dict[str, pd.Series], reading: _Reading, on_fault: OnFault
) -> pd.DataFrame:
    """The rows without a fault; the others raise later or are set aside. Notices are taken from what is left."""
    code, says, fix = UNREADABLE_DATE
    faults = [
        fault for column, bad in unreadable.items() for fault in rows_by_file(code, column, table[bad], says, fix)
    ]
    faults += faults_by_file(FAULT_RULES[name], table)
    (reading.faults if on_fault == "raise" else reading.set_aside).extend(faults)
    bad_rows = {(fault.table, line) for fault in faults for line in fault.rows}
    if bad_rows:
        keys = list(zip(table["table"], table["line"], strict=True))
        table = table[[key not in bad_rows for key in keys]]
    reading.notices += faults_by_file(NOTICE_RULES[name], table)
    return table


def _as_tables(episodes: pd.DataFrame, children: pd.DataFrame, read: int, reading: _Reading) -> dict[str, Any] | None:
    """Repair, merge, place on the map, and account for every row read; None when no placement is left."""
    mended, log = mend(episodes)
    if mended.empty:
        return None
    in_periods, gaps = with_periods(mended)
    merged, merge_log = with_placements(in_periods)
    gap_log = in_periods.loc[gaps, ["table", "line"]].assign(code=GAP)
    rows = pd.concat([log, gap_log, merge_log], ignore_index=True)[["code", "table", "line"]]
    effects = {one.code: one.effect for one in REPAIRS}
    for one in REPAIRS:
        if one.effect == "set aside":
            reading.set_aside += rows_by_file(one.code, "", rows[rows["code"] == one.code], one.says, "Nothing to do")
    placements = on_the_map(placements_of(merged))
    aside = read - len(episodes) + int(rows["code"].map(effects).eq("set aside").sum())
    gone = int(rows["code"].map(effects).eq("removed").sum()) + len(merge_log)
    return {
        "children": children,
        "placements": placements,
        "periods": periods_of(placements, children.set_index("child_id")["date_of_birth"]),
        "repairs": _counted(rows),
        "repaired_rows": rows,
        "row_counts": {"read": read, "used": len(placements), "repaired": gone, "set_aside": aside},
    }


def _counted(rows: pd.DataFrame) -> pd.DataFrame:
    """Every repair with the number of rows it touched, none left out, in the order of the repairs."""
    says = {one.code: one.says for one in REPAIRS} | MERGES
    counts = rows["code"].value_counts()
    table = pd.DataFrame({"code": list(says), "says": list(says.values())})
    return table.assign(rows=table["code"].map(counts).fillna(0).astype("int64"))
