"""Whether each return has the tables, columns and rows without which a count would be wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from itertools import combinations
from typing import Final

from sufficiency.errors import Fault
from sufficiency.records.returns import NEEDED_COLUMNS, TABLES, Part, Return
from sufficiency.records.ssd import DATASET
from sufficiency.vocabulary import (
    LEGAL_STATUSES,
    PLACE_YEARS,
    PROVIDERS,
    REASONS_EPISODE_CEASED,
    REASONS_FOR_NEW_EPISODE,
    SHORT_BREAKS,
)

CODED: Final = {
    "RNE": REASONS_FOR_NEW_EPISODE,
    "LS": LEGAL_STATUSES,
    "PLACE": tuple(PLACE_YEARS),
    "PLACE_PROVIDER": PROVIDERS,
    "REC": REASONS_EPISODE_CEASED,
}
"""Columns of episodes whose codes decide what counts, with the codes that there are."""

MOSTLY: Final = 0.5
"""Share of a column's filled cells without a code of its list from which it is taken for another column."""

NEARLY_ALL: Final = 0.95
"""Share of a return's episodes that stand in another one from which it is a copy."""

FEWEST: Final = 10
"""Filled cells below which shares say nothing."""


def is_whole(one: Return) -> bool:
    """Whether a return has what a count needs: tables, columns, rows, and codes where codes belong."""
    tables = all(name in one.tables for name in TABLES[:2])
    return tables and not (
        missing_columns([one]) or without_rows([one]) or without_codes([one]) or without_dates([one])
    )


def copied(labels: Sequence[int], returns: Sequence[Return]) -> list[Fault]:
    """Returns of one authority whose labels (``labels``: the years in them) name two years and that hold one.

    A return sent in twice has the same year in both labels, and is no copy.
    """
    fix = "Put the return of the year that the label names there"
    return [
        Fault("F34", second.label, "", (), f"holds the episodes of {first.label} again", fix)
        for (label, first), (other, second) in combinations(zip(labels, returns, strict=True), 2)
        if first.year == second.year and 0 not in (label, other) and label != other and _same_rows(first, second)
    ]


def _same_rows(first: Return, second: Return) -> bool:
    one, other = _episodes(first), _episodes(second)
    return len(other) >= FEWEST and len(one & other) > NEARLY_ALL * len(other)


def _episodes(one: Return) -> set[tuple[str, str]]:
    """Child and DECOM of every episode of a return."""
    parts = [part.table for part in one.tables.get("episodes", ()) if {"CHILD", "DECOM"} <= set(part.table.columns)]
    return {pair for table in parts for pair in zip(table["CHILD"], table["DECOM"], strict=True)}


def without_dates(returns: Iterable[Return]) -> list[Fault]:
    """Tables of episodes in which most starts are missing, or most ends of rows that say why they ended."""
    faults = []
    for part in (part for one in returns for part in one.tables.get("episodes", ())):
        text = part.table.reindex(columns=["DECOM", "DEC", "REC"], fill_value="")
        ended = text[text["REC"] != ""]
        for column, rows in (("DECOM", text), ("DEC", ended)):
            if len(rows) >= FEWEST and (rows[column] == "").mean() > MOSTLY:
                says = "empty in most rows" + (" that have a REC" if column == "DEC" else "")
                faults.append(Fault("F18", part.source, column, (), says, "Export the column again"))
    return list(dict.fromkeys(faults))


def without_codes(returns: Iterable[Return]) -> list[Fault]:
    """Columns of episodes that hold something else than their codes, as when two columns have changed places."""
    faults = []
    fix = "Put each column under its own name, and export codes, not their labels"
    for part in (part for one in returns for part in one.tables.get("episodes", ())):
        for column in (column for column in CODED if column in part.table.columns):
            cells = part.table[column].str.upper()
            filled = cells[cells != ""]
            if len(filled) >= FEWEST and (~filled.isin(CODED[column])).mean() > MOSTLY:
                says = f"most cells hold no {column} code of the guide"
                faults.append(Fault("F17", part.source, column, (), says, fix))
            elif column == "LS" and len(filled) >= FEWEST and filled.isin(SHORT_BREAKS).mean() > MOSTLY:
                says = "most cells say a short break (V3, V4), which is not counted"
                faults.append(Fault("F17", part.source, column, (), says, fix))
    return list(dict.fromkeys(faults))


def missing_tables(returns: Iterable[Return]) -> list[Fault]:
    """A return without its header or episodes; or without its UASC table although it has unaccompanied children."""
    returns = list(returns)
    faults = [_missing_table(one, name) for one in returns for name in TABLES[:2] if name not in one.tables]
    return faults + without_uasc(returns, needed=True)


def _missing_table(one: Return, name: str) -> Fault:
    if not _combined(one):
        fix = "Put it there; a table without children is its header row alone"
        return Fault("F09", _where(one, name), "", (), f"the {name} table of this return is missing", fix)
    source = next(iter(one.tables.values()))[0].source
    whose = " ".join(part for part in (one.authority, one.label.rpartition("/")[2]) if part)
    says = f"has rows of {whose}, of which there are none in a table of {name}"
    return Fault("F09", source, "LA, YEAR", (), says, "Write LA and YEAR alike in every table of the set")


def without_uasc(returns: Iterable[Return], *, needed: bool) -> list[Fault]:
    """Returns without a UASC table where another return has one: those with episodes of a child that any return lists
    as unaccompanied (``needed``), or those without such a child, whose table may have been empty and so not written.
    """
    returns = [one for one in returns if one.label != DATASET]
    listed = {(one.authority, child) for one in returns for child in _children(one, "uasc")}
    found = []
    for one in returns:
        some = any("uasc" in other.tables and other.authority == one.authority for other in returns)
        known = {(one.authority, child) for child in _children(one, "episodes")} & listed
        if "uasc" not in one.tables and some and bool(known) == needed:
            found.append(_no_uasc(one, len(known)))
    return found


def _no_uasc(one: Return, children: int) -> Fault:
    if children:
        says = f"the uasc table of this return is missing, though {children} of its children are unaccompanied"
        return Fault("F09", _where(one, "uasc"), "", (), says, "Put it there")
    says = "the uasc table of this return is missing; it is taken to be empty"
    return Fault("N109", _where(one, "uasc"), "", (), says, "Nothing to do if no unaccompanied child started")


def _children(one: Return, name: str) -> set[str]:
    """Numbers of the children in a table of a return."""
    parts = [part.table["CHILD"] for part in one.tables.get(name, ()) if "CHILD" in part.table.columns]
    return set().union(*parts) - {""}


def without_rows(returns: Iterable[Return]) -> list[Fault]:
    """Returns whose header or episodes table is there without a row, so that all their children would be lost.

    A table that lacks a column is not read further than its header, and has a fault of its own.
    """
    returns = list(returns)
    lacking = {fault.table for fault in missing_columns(returns)}
    fix = "Export it again; a year without any child looked after is not a return"
    return [
        Fault("F16", parts[0].source, "", (), f"the {name} table of this return has no row", fix)
        for one in returns
        if not _combined(one)
        for name in TABLES[:2]
        if (parts := one.tables.get(name)) and not any(len(part.table) or part.source in lacking for part in parts)
    ]


def _combined(one: Return) -> bool:
    """Whether the header of a return may lie with another one, in a combined set."""
    return any("YEAR" in part.table.columns for parts in one.tables.values() for part in parts)


def missing_columns(returns: Iterable[Return]) -> list[Fault]:
    """The faults of columns without which a count would be wrong."""
    faults = [
        Fault("F04", part.source, column, (), "a required column is missing", _column_fix(column, part))
        for one in returns
        for name, parts in one.tables.items()
        for part in parts
        for column in NEEDED_COLUMNS[name]
        if column not in part.table.columns
    ]
    return list(dict.fromkeys(faults))


def _column_fix(column: str, part: Part) -> str:
    """What to do about a missing column; a name that is nearly it may be a slip."""
    others = [str(name) for name in part.table.columns if name not in NEEDED_COLUMNS["episodes"]]
    near = get_close_matches(column, others, n=1)
    slip = f"; the file has {near[0]}: is that it?" if near else ""
    return f"Add it to the extract, as in the SSDA903{slip}"


def _where(one: Return, name: str) -> str:
    parts = next(iter(one.tables.values()), ())
    known = parts[0].source if parts else one.label
    return f"{known.rpartition('/')[0]}/{name}.csv".lstrip("/")
