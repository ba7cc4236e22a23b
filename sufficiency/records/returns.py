"""Find the SSDA903 returns: by folder, in a zip, or as one combined set; know each table by its columns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from sufficiency.errors import Fault, InputError
from sufficiency.records.files import TABLE_ENDINGS, SourceFile, files_below, other_forms
from sufficiency.records.forms import tables_of_workbook, tables_of_xml
from sufficiency.records.tables import as_dates, table_from_bytes

TABLES: Final = ("header", "episodes", "uasc")
NEEDED_COLUMNS: Final = {
    "header": ("CHILD", "SEX", "DOB"),
    "episodes": ("CHILD", "DECOM", "RNE", "LS", "PLACE", "PLACE_PROVIDER", "DEC", "REC"),
    "uasc": ("CHILD",),
}
"""Columns without which a count would be wrong; the rest of the return's columns may be missing, with a notice."""

OTHER_COLUMNS: Final = {"header": (), "episodes": ("CIN", "HOME_POST", "PL_POST", "URN"), "uasc": ()}

_EPISODE_SIGNS: Final = {"RNE", "LS", "REC", "PLACE_PROVIDER"}
_HEADER_SIGNS: Final = {"ETHNIC", "UPN", "MOTHER", "MC_DOB"}
_YEARS: Final = re.compile(r"(?<!\d)((?:19|20)\d{2})(?:\s*[-_/ ]\s*((?:19|20)?\d{2})(?!\d))?")
_LABEL_SHARE_WRONG: Final = 0.1
"""Share of a return's dates that must fit another year better before one folder alone is read as that year."""


@dataclass(frozen=True)
class Return:
    """One return as read: tables of text by name (header, episodes, uasc), their files, and the year it ends."""

    year: int
    label: str
    tables: dict[str, pd.DataFrame]
    sources: dict[str, str]


@dataclass(frozen=True)
class ReturnsFound:
    """Returns in order of year, the files they came from, and what was wrong or worth saying on the way."""

    returns: tuple[Return, ...]
    files: tuple[SourceFile, ...]
    faults: tuple[Fault, ...]
    notices: tuple[Fault, ...]


def find_returns(folder: Path, root: Path | None = None) -> ReturnsFound:
    """Read every return below ``folder``; file names are given from ``root`` (default: the folder itself)."""
    if not folder.is_dir():
        fault = Fault("F01", folder.name, "", (), "the folder is not there", "Put the SSDA903 returns in it by year")
        return ReturnsFound((), (), (fault,), ())
    files, faults = files_below(folder, root or folder)
    tables: list[tuple[str, str, SourceFile, pd.DataFrame]] = []
    read: list[SourceFile] = []
    for file in files:
        try:
            parts = list(_parts(file))
        except InputError as error:
            faults += error.faults
            continue
        for stem, table in parts:
            named = table.rename(columns=lambda column: str(column).upper())
            name = recognise(stem, set(named.columns))
            if name:
                read += [] if file in read else [file]
                tables += [(label, name, file, part) for label, part in _by_year(file, named, faults)]
    with_tables = {file.folder for _, _, file, _ in tables}
    faults += other_forms(file for file in files if file.folder not in with_tables)
    if not tables and not faults:
        fix = "Put header.csv, episodes.csv and uasc.csv of each return in a folder named by its year"
        faults.append(Fault("F07", folder.name, "", (), "no SSDA903 table was found", fix))
    grouped = _grouped(tables)
    unreadable = {fault.table for fault in faults}
    faults += [fault for fault in _missing_tables(grouped) if fault.table not in unreadable]
    returns, notices = _dated(grouped)
    return ReturnsFound(returns, tuple(read), tuple(faults), tuple(notices))


def _parts(file: SourceFile) -> Iterator[tuple[str, pd.DataFrame]]:
    """The tables of one file, each with a name to know it by: a CSV is one, XML and workbooks hold several."""
    if file.ending in TABLE_ENDINGS:
        yield file.stem, table_from_bytes(file.content, file.name)
    elif file.ending == ".xml":
        yield from tables_of_xml(file).items()
    elif file.ending == ".xlsx":
        sheets = list(tables_of_workbook(file))
        yield from [(file.stem if len(sheets) == 1 else name, table) for name, table in sheets]


def recognise(stem: str, columns: set[str]) -> str | None:
    """Which table a file is: by its columns, else by its name so that a missing column is a fault of that table."""
    if "DUC" in columns:
        return "uasc"
    if "DECOM" in columns and columns & _EPISODE_SIGNS:
        return "episodes"
    if "DOB" in columns and columns & _HEADER_SIGNS:
        return "header"
    name = stem.lower()
    known = [table for table in TABLES if table.rstrip("s") in name]
    if known:
        return known[0]
    return "header" if columns - {"LA", "YEAR"} == {"CHILD", "SEX", "DOB"} else None


def _by_year(file: SourceFile, table: pd.DataFrame, faults: list[Fault]) -> list[tuple[str, pd.DataFrame]]:
    """A combined table split by its YEAR column; any other table whole, under the label of its folder or file."""
    if "LA" in table.columns and table["LA"].nunique() > 1:
        says = "more than one authority in one set; regions cannot be read yet"
        faults.append(Fault("F08", file.name, "LA", (), says, "Give the rows of one authority"))
    if "YEAR" not in table.columns:
        return [(_label(file), table)]
    return [(str(year).replace("/", "-"), part) for year, part in table.groupby("YEAR", sort=True)]


def _label(file: SourceFile) -> str:
    """What tells a file's year: its folder when a year is in the path, else the year in the file's own name."""
    in_name = _YEARS.search(file.stem)
    if _YEARS.search(file.folder) or not in_name:
        return file.folder
    return f"{file.folder}/{in_name.group()}".lstrip("/")


def _grouped(tables: Iterable[tuple[str, str, SourceFile, pd.DataFrame]]) -> list[Return]:
    """Tables with one label as one return; a second table of the same kind is added below the first."""
    groups: dict[str, Return] = {}
    for label, name, file, table in tables:
        year_text = _year_text(label)
        one = groups.setdefault(label, Return(_year_of(year_text), label, {}, {}))
        before = one.tables.get(name)
        one.tables[name] = table if before is None else pd.concat([before, table])
        one.sources.setdefault(name, file.name)
    return list(groups.values())


def _year_text(label: str) -> str:
    parts = [part for part in reversed(label.split("/")) if _YEARS.search(part)]
    return parts[0] if parts else ""


def _year_of(text: str) -> int:
    """The year that a label names ("2024-25" names 2025); 0 when it names none."""
    found = _YEARS.search(text)
    if not found:
        return 0
    first, second = found.groups()
    follows = second is not None and int(second[-2:]) == (int(first) + 1) % 100
    return int(first) + 1 if follows else int(first)


def _missing_tables(returns: list[Return]) -> list[Fault]:
    """A return without its header or episodes; or without its UASC table when other returns have theirs."""
    some_uasc = any("uasc" in one.tables for one in returns)
    needed = TABLES if some_uasc else TABLES[:2]
    fix = "Put it there; a table without children is its header row alone"
    return [
        Fault("F09", _where(one, name), "", (), f"the {name} table of this return is missing", fix)
        for one in returns
        for name in needed
        if name not in one.tables
    ]


def _where(one: Return, name: str) -> str:
    known = next(iter(one.sources.values()), one.label)
    return f"{known.rpartition('/')[0]}/{name}.csv".lstrip("/")


def _dated(returns: list[Return]) -> tuple[tuple[Return, ...], list[Fault]]:
    """Returns with the year that their dates say, in its order, and a notice for each whose label said another.

    Some folders are named by the year in which a return starts. One shift is chosen for all labels, by the fewest
    dates outside the years they would then mean; a single folder may differ when a tenth of its dates say so.
    """
    pairs = list(zip(returns, _event_dates(returns), strict=True))
    shifts = {shift: sum(_outside(days, one.year + shift) for one, days in pairs) for shift in (0, 1)}
    common = min(shifts, key=lambda shift: (shifts[shift], shift))
    notices = []
    dated = []
    for one, days in pairs:
        year = _best_year(one.year + common if one.year else 0, days)
        if one.year and year != one.year:
            says = f"the label says {one.year}, the dates say the year to 31 March {year}; read as {year}"
            notices.append(Fault("N03", one.label, "", (), says, "Nothing to do if that is right"))
        dated.append(Return(year, one.label, one.tables, one.sources))
    return tuple(sorted(dated, key=lambda one: (one.year, one.label))), notices


def _event_dates(returns: list[Return]) -> list[pd.DataFrame]:
    """Columns ``starts`` and ``ends`` of each return's episodes, unreadable dates as missing; read in one go."""
    tables = [one.tables.get("episodes", pd.DataFrame()) for one in returns]
    wanted = [table.reindex(columns=["DECOM", "DEC"], fill_value="").reset_index(drop=True) for table in tables]
    together = pd.concat(wanted, keys=range(len(wanted))) if wanted else pd.DataFrame()
    if together.empty:
        return [pd.DataFrame({"starts": [], "ends": []}, dtype="datetime64[us]") for _ in returns]
    days = pd.DataFrame({"starts": as_dates(together["DECOM"])[0], "ends": as_dates(together["DEC"])[0]})
    belongs = days.index.get_level_values(0)
    return [days[belongs == number] for number in range(len(returns))]


def _outside(days: pd.DataFrame, year: int) -> int:
    """Dates that a return for the year to 31 March ``year`` cannot hold: later ones, and ends before its 1 April."""
    if not 1900 < year < 2200:
        return 0
    first, last = pd.Timestamp(year - 1, 4, 1), pd.Timestamp(year, 3, 31)
    late = (days["starts"] > last).sum() + (days["ends"] > last).sum()
    return int(late + (days["ends"] < first).sum())


def _best_year(year: int, days: pd.DataFrame) -> int:
    """``year`` unless a neighbour explains clearly more of the dates; the year of the latest date when unlabelled."""
    if not year:
        known = pd.concat([days["starts"], days["ends"]]).dropna()
        years = known.dt.year + (known.dt.month >= 4).astype(int)
        return 0 if years.empty else int(years.max())
    best = min((year, year - 1, year + 1, year + 2), key=lambda candidate: _outside(days, candidate))
    gain = _outside(days, year) - _outside(days, best)
    return best if gain > max(1, _LABEL_SHARE_WRONG * len(days)) else year
