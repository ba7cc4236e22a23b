"""Find the SSDA903 returns: by folder, in a zip, or as one combined set; know each table by its columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import pandas as pd

from sufficiency.errors import Fault, InputError
from sufficiency.records.authorities import authorities_by_folder
from sufficiency.records.complete import (
    copied,
    missing_columns,
    missing_tables,
    without_codes,
    without_dates,
    without_rows,
    without_uasc,
)
from sufficiency.records.files import TABLE_ENDINGS, SourceFile, files_below, other_forms
from sufficiency.records.forms import tables_of_workbook, tables_of_xml
from sufficiency.records.header_rows import column_name
from sufficiency.records.returns import NEEDED_COLUMNS, TABLES, Part, Return
from sufficiency.records.ssd import is_ssd, returns_of_ssd
from sufficiency.records.tables import header_of, rows_where, table_from_bytes
from sufficiency.records.years import YEARS_NAMED, event_dates, first_year_seen, year_of, year_text, years_by_dates

WANTED: Final = ({"CHILD", "DECOM"}, {"CHILD", "DOB"}, {"CHILD", "DUC"})
"""Columns of which a header row has some: titles above it are passed over."""

EPISODE_SIGNS: Final = frozenset({"RNE", "LS", "REC", "PLACE_PROVIDER"})
HEADER_SIGNS: Final = frozenset({"ETHNIC", "UPN", "MOTHER", "MC_DOB"})
NO_TABLES_OF_OURS: Final = ("readme", "about", "sources")
"""Files that lie beside returns and are read by people."""


@dataclass(frozen=True)
class ReturnsFound:
    """Returns in order of authority and year, the files they came from, and what was wrong or worth saying."""

    returns: tuple[Return, ...]
    files: tuple[SourceFile, ...]
    faults: tuple[Fault, ...]
    notices: tuple[Fault, ...]


@dataclass(frozen=True)
class _Found:
    """One table on its way into a return. ``combined``: its own YEAR column told its year."""

    name: str
    folder: str
    label: str
    authority: str
    part: Part
    combined: bool = False


@dataclass
class _Search:
    """What a search has found so far; ``dataset``: tables of the Standard Safeguarding Dataset by name."""

    found: list[_Found] = field(default_factory=list)
    dataset: dict[str, Part] = field(default_factory=dict)
    read: list[SourceFile] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notices: list[Fault] = field(default_factory=list)
    authorities: dict[str, str] = field(default_factory=dict)

    def spelling(self, authority: str) -> str:
        """An authority's name as it was first written: capitals and spaces make no other authority."""
        return self.authorities.setdefault(" ".join(authority.casefold().split()), authority)


def find_returns(folder: Path, root: Path | None = None, beside: frozenset[str] = frozenset()) -> ReturnsFound:
    """Read every return below ``folder``; file names are given from ``root`` (default: the folder itself).

    ``beside``: names of files in ``folder`` that are known to be something else, such as registers.
    """
    if not folder.exists():
        fault = Fault("F01", folder.name, "", (), "the folder is not there", "Put the SSDA903 returns in it by year")
        return ReturnsFound((), (), (fault,), ())
    files, faults = files_below(folder, root or folder)
    search = _Search(faults=list(faults))
    for file in files:
        if file.name not in beside:
            _search_file(file, search)
    of_dataset = _of_dataset(search)
    with_tables = {one.folder for one in search.found}
    search.faults += other_forms(
        file for file in files if file.folder not in with_tables or recognise(file.stem, set()) is not None
    )
    if not search.found and not search.dataset and not search.faults:
        fix = "Put header.csv, episodes.csv and uasc.csv of each return in a folder named by its year"
        search.faults.append(Fault("F07", folder.name, "", (), "no SSDA903 table was found", fix))
    returns = (*_dated(_grouped(_with_authorities(search.found)), search), *of_dataset)
    unreadable = {fault.table for fault in search.faults}
    search.faults += [fault for fault in missing_tables(returns) if fault.table not in unreadable]
    search.faults += without_rows(returns)
    search.notices += [fault for fault in without_uasc(returns, needed=False) if fault.table not in unreadable]
    search.faults += [*missing_columns(returns), *without_codes(returns), *without_dates(returns)]
    return ReturnsFound(returns, tuple(search.read), tuple(search.faults), tuple(search.notices))


def _search_file(file: SourceFile, search: _Search) -> None:
    """Add the tables of one file to what was found, or its fault, or the notice that it is no table of a return."""
    try:
        parts = list(_parts(file))
    except InputError as error:
        if file.ending in TABLE_ENDINGS and recognise(file.stem, set()) is None:
            search.notices.append(_not_ours(file))  # such as the empty tables of the return that we do not need
        else:
            search.faults += error.faults
        return
    known = False
    for stem, table in parts:
        named = table.rename(columns=column_name)
        name, of_dataset = recognise(stem, set(named.columns)), is_ssd(table.columns)
        known |= bool(name or of_dataset)
        if of_dataset:
            _add_to_dataset(of_dataset, Part(file.name, table), search)
        elif name:
            search.found += _split(file, name, named, search)
    if known:
        search.read.append(file)
    elif file.stem.lower() not in NO_TABLES_OF_OURS:
        search.notices.append(_not_ours(file))


def _not_ours(file: SourceFile) -> Fault:
    says = "not a table of the return by its columns or its name, so not read"
    return Fault("N24", file.name, "", (), says, "Nothing to do, or name it by its table")


def _add_to_dataset(name: str, part: Part, search: _Search) -> None:
    """Keep a table of the Standard Safeguarding Dataset; a second one of a kind is a fault."""
    first = search.dataset.setdefault(name, part)
    if first is not part:
        says, fix = f"a second table {name}; the first is {first.source}", "Give each table of the dataset once"
        search.faults.append(Fault("F28", part.source, "", (), says, fix))


def _of_dataset(search: _Search) -> tuple[Return, ...]:
    """The dataset's tables as one return, unless yearly returns, with other numbers for children, lie beside them."""
    if not search.dataset:
        return ()
    if search.found:
        says = "tables of the Standard Safeguarding Dataset and SSDA903 returns lie side by side"
        where = next(iter(search.dataset.values())).source
        search.faults.append(Fault("F29", where, "", (), says, "Give the one or the other: children would count twice"))
        return ()
    one, faults, notices = returns_of_ssd(
        {name: part.table for name, part in search.dataset.items()},
        {name: part.source for name, part in search.dataset.items()},
    )
    search.faults += faults
    search.notices += notices
    return (one,) if one is not None else ()


def _parts(file: SourceFile) -> Iterator[tuple[str, pd.DataFrame]]:
    """The tables of one file, each with a name to know it by: a CSV is one, XML and workbooks hold several.

    A CSV is read whole only when its header is one of ours, so that junk costs nothing.
    """
    if file.ending in TABLE_ENDINGS:
        columns = header_of(file.content, file.name, WANTED)
        known = set(map(column_name, columns))
        name = recognise(file.stem, known)
        whole = name is not None and known.issuperset(NEEDED_COLUMNS[name])
        whole |= is_ssd(columns) is not None
        only_names = pd.DataFrame(columns=columns, dtype="str")
        yield file.stem, table_from_bytes(file.content, file.name, WANTED) if whole else only_names
    elif file.ending == ".xml":
        yield from tables_of_xml(file).items()
    elif file.ending in (".xlsx", ".xlsm"):
        sheets = list(tables_of_workbook(file, WANTED))
        yield from [(file.stem if len(sheets) == 1 else name, table) for name, table in sheets]


def recognise(stem: str, columns: set[str]) -> str | None:
    """Which table a file is: by its columns, else by its name so that a missing column is a fault of that table."""
    if "DUC" in columns:
        return "uasc"
    if "DECOM" in columns and columns & EPISODE_SIGNS:
        return "episodes"
    if "DOB" in columns and columns & HEADER_SIGNS:
        return "header"
    if columns - {"LA", "YEAR"} == {"CHILD", "SEX", "DOB"} and "uasc" not in stem.lower():
        return "header"
    name = stem.lower()
    known = [table for table in TABLES if table.rstrip("s") in name]
    return known[0] if known else None


def _split(file: SourceFile, name: str, table: pd.DataFrame, search: _Search) -> Iterator[_Found]:
    """A combined table by its LA and YEAR columns; any other whole, under the label of its folder or file."""
    by = [column for column in ("LA", "YEAR") if column in table.columns]
    for column in by:
        untold = table[column] == ""
        if column == "YEAR":
            untold = table[column].map({text: year_of(text) == 0 for text in table[column].unique()}).astype(bool)
        if rows := rows_where(table, untold):
            says = "the cell is empty or names no year, so nothing tells whose return, or which, the row belongs to"
            search.faults.append(Fault("F13", file.name, column, rows, says, "Fill it in every row: 2025 or 2024/25"))
            table = table[~untold]
    if "LA" in by:
        table = table.assign(LA=table["LA"].map({text: search.spelling(text) for text in table["LA"].unique()}))
    combined = "YEAR" in by
    if not by or table.empty:
        yield _Found(name, file.folder, _label(file), "", Part(file.name, table), combined)
        return
    for keys, group in table.groupby(by, sort=True):
        values = dict(zip(by, map(str, keys), strict=True))
        label = f"{file.folder}/{values['YEAR'].replace('/', '-')}" if combined else _label(file)
        yield _Found(name, file.folder, label.lstrip("/"), values.get("LA", ""), Part(file.name, group), combined)


def _label(file: SourceFile) -> str:
    """What tells a file's year: its folder when a year is in the path, else the year in the file's own name.

    A folder that spans years ("2016-2025") tells less than a file of it that names one.
    """
    in_name = YEARS_NAMED.search(file.stem)
    in_folder = year_text(file.folder)
    if not in_name or (in_folder and (year_of(in_folder) or not year_of(in_name.group()))):
        return file.folder
    return f"{file.folder}/{in_name.group()}".lstrip("/")


def _with_authorities(found: list[_Found]) -> list[_Found]:
    """Tables with the authority that their folder tells, where no LA column does."""
    if any(one.authority for one in found):
        return found
    headers = [(one.label, one.part.table) for one in found if one.name == "header"]
    names = authorities_by_folder(headers)
    return [replace(one, authority=names.get(one.label, "")) for one in found]


def _grouped(found: Iterable[_Found]) -> list[Return]:
    """Tables of one authority and label as one return, its year as yet only what the label says.

    A combined set has no header or UASC rows for a year without such children: the table is there, and empty.
    """
    groups: dict[tuple[str, str], dict[str, tuple[Part, ...]]] = {}
    folders: dict[tuple[str, str], set[str]] = {}
    sets: dict[tuple[str, str], Part] = {}
    for one in found:
        key = (one.authority, one.label)
        if one.combined and one.part.table.empty and one.label == one.folder:
            sets.setdefault((one.folder, one.name), one.part)
            continue
        tables = groups.setdefault(key, {})
        tables[one.name] = (*tables.get(one.name, ()), one.part)
        folders.setdefault(key, set()).add(one.folder)
        if one.combined:
            sets.setdefault((one.folder, one.name), Part(one.part.source, one.part.table.iloc[:0]))
    for key, tables in groups.items():
        for folder in sorted(folders[key]):
            for name in ("header", "uasc"):
                if name not in tables and (folder, name) in sets:
                    tables[name] = (sets[folder, name],)
    return [
        Return(year_of(year_text(label)), label, tables, authority) for (authority, label), tables in groups.items()
    ]


def _dated(returns: list[Return], search: _Search) -> tuple[Return, ...]:
    """Returns with the year that their dates say, in its order, and a notice for each whose label said another."""
    episodes = [[part.table for part in one.tables.get("episodes", ())] for one in returns]
    dates = event_dates([pd.concat(tables) if tables else pd.DataFrame() for tables in episodes])
    dated = []
    for authority in sorted({one.authority for one in returns}):
        own = [(one, days) for one, days in zip(returns, dates, strict=True) if one.authority == authority]
        years = years_by_dates([one.year for one, _ in own], [days for _, days in own])
        for (one, days), year in zip(own, years, strict=True):
            first = year if one.year or not year else first_year_seen(days, year)
            dated.append(replace(one, year=year, first_year=first))
            search.notices += _about_the_year(one, dated[-1])
        search.faults += copied([one.year for one, _ in own], dated[len(dated) - len(own) :])
    return tuple(sorted(dated, key=lambda one: (one.authority, one.year, one.label)))


def _about_the_year(labelled: Return, dated: Return) -> list[Fault]:
    """The notice that the dates and the label differ, or that only the dates tell the year."""
    where, year = labelled.label or "returns", dated.year
    if not year or year == labelled.year:
        return []
    if labelled.year:
        says = f"the label says {labelled.year}, the dates say the year to 31 March {year}; read as {year}"
        return [Fault("N03", where, "", (), says, "Nothing to do if that is right")]
    span = f"years {dated.first_year} to {year}" if dated.first_year < year else f"the year to 31 March {year}"
    says = f"nothing names the year; by its dates read as {span}"
    return [Fault("N23", where, "", (), says, "Nothing to do if that is right; else name the folder by the year")]
