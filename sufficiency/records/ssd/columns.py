"""The tables of the Standard Safeguarding Dataset that placements need, as data: their columns under every name.

Names: Data to Insight, *Children's Services Standard Safeguarding Dataset*, the specification (``data/objects``) and
the extracts published for each case system (MIT licence); where a release renamed a column, both names are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from sufficiency.errors import Fault
from sufficiency.records.tables import LINE, as_text, line_numbers

Holds = Literal["text", "id", "date", "end"]
Part = Literal["key", "needed", "other"]


@dataclass(frozen=True)
class SsdColumn:
    """One column: its ``short`` name here, and the names that releases have given it, the present one first.

    ``end`` is a date on which something stops: far in the future means that it has not. ``part``: without a ``key``
    or ``needed`` column a count would be wrong; ``other`` columns may be missing, with a notice. A table is ordered by
    its ``key``.
    """

    short: str
    names: tuple[str, ...]
    holds: Holds = "text"
    part: Part = "other"


def _column(short: str, names: str, holds: Holds = "text", part: Part = "other") -> SsdColumn:
    return SsdColumn(short, tuple(names.split()), holds, part)


EPISODES: Final = "ssd_cla_episodes"
PLACEMENTS: Final = "ssd_cla_placement"
PERSONS: Final = "ssd_person"
LEGAL: Final = "ssd_legal_status"
IMMIGRATION: Final = "ssd_immigration_status"
ADDRESSES: Final = "ssd_address"
REQUIRED: Final = (EPISODES, PLACEMENTS, PERSONS)

WHAT_IT_TELLS: Final = {
    LEGAL: "legal status is unknown, and children in a series of short breaks (V3, V4) cannot be told apart and count",
    IMMIGRATION: "unaccompanied asylum-seeking children cannot be told apart",
    ADDRESSES: "home postcodes, and so miles from home, are unknown",
}
"""Tables that may be missing, and what is then not known."""

COLUMNS: Final[dict[str, tuple[SsdColumn, ...]]] = {
    EPISODES: (
        _column("episode", "clae_cla_episode_id", "id", "key"),
        _column("person", "clae_person_id", "id", "needed"),
        _column("start", "clae_cla_episode_start_date clae_cla_episode_start", "date", "needed"),
        _column("start_reason", "clae_cla_episode_start_reason", "text", "needed"),
        _column("end", "clae_cla_episode_ceased_date clae_cla_episode_ceased", "end", "needed"),
        _column("end_reason", "clae_cla_episode_ceased_reason clae_cla_episode_cease_reason", "text", "needed"),
        _column("need", "clae_cla_primary_need_code clae_cla_primary_need"),
        _column("period", "clae_cla_id", "id"),
        _column("placement", "clae_cla_placement_id", "id"),
        _column("entered", "clae_entered_care_date", "date"),
    ),
    PLACEMENTS: (
        _column("placement", "clap_cla_placement_id", "id", "key"),
        _column("start", "clap_cla_placement_start_date clap_cla_placement_start", "date", "needed"),
        _column("end", "clap_cla_placement_end_date clap_cla_placement_end", "end", "needed"),
        _column("type", "clap_cla_placement_type cla_cla_placement_type", "text", "needed"),
        _column("provider", "clap_cla_placement_provider", "text", "needed"),
        _column("postcode", "clap_cla_placement_postcode"),
        _column("urn", "clap_cla_placement_urn", "id"),
        _column("change_reason", "clap_cla_placement_change_reason"),
        _column("period", "clap_cla_id", "id"),
        _column("person", "clap_person_id", "id"),
        _column("episode", "clap_cla_episode_id", "id"),
    ),
    PERSONS: (
        _column("person", "pers_person_id pers_la_person_id", "id", "key"),
        _column("born", "pers_dob", "date", "needed"),
        _column("sex", "pers_sex pers_gender", "text", "needed"),
        _column("gender", "pers_gender"),
        _column("expected", "pers_expected_dob", "date"),
    ),
    LEGAL: (
        _column("row", "lega_legal_status_id", "id"),
        _column("person", "lega_person_id", "id", "key"),
        _column("status", "lega_legal_status", "text", "needed"),
        _column("start", "lega_legal_status_start_date lega_legal_status_start", "date", "needed"),
        _column("end", "lega_legal_status_end_date lega_legal_status_end", "end", "needed"),
    ),
    IMMIGRATION: (
        _column("row", "immi_immigration_status_id", "id"),
        _column("person", "immi_person_id", "id", "key"),
        _column("status", "immi_immigration_status", "text", "needed"),
        _column("end", "immi_immigration_status_end_date immi_immigration_status_end", "end"),
    ),
    ADDRESSES: (
        _column("row", "addr_table_id", "id"),
        _column("person", "addr_person_id", "id", "key"),
        _column("type", "addr_address_type"),
        _column("start", "addr_address_start_date addr_address_start", "date", "needed"),
        _column("end", "addr_address_end_date addr_address_end", "end", "needed"),
        _column("postcode", "addr_address_postcode", "text", "needed"),
    ),
}
"""Table → the columns read from it. Everything else that the table holds, names above all, is never looked at."""

QUIET: Final = {*"gender expected entered period placement person episode row type change_reason".split()}
"""Columns whose absence needs no notice: another column, or none, tells the same."""

JOINS: Final = (("placement", "placement"), ("episode", "episode"), ("period", "period"), ("person", "person"))
"""Columns of episodes and placements by which one may find the other."""

SIGNS_NEEDED: Final = 2
"""Columns of a table by which a file is known as it; one alone may be a coincidence."""

PLACEHOLDERS: Final = ("NULL", "SSD_PH", "PLACEHOLDER_DATA")
"""What the published extracts, and exports of query results, write for nothing."""

_TIME_OF_DAY: Final = r"[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?(?:Z|[+-]\d{2}:?\d{2}))?$"
_NO_DATE: Final = r"1900-01-01|0?1/0?1/1900"
_NOT_YET: Final = r"(?:2[1-9]|[3-9]\d)\d\d-.*|.*/(?:2[1-9]|[3-9]\d)\d\d"
"""Dates from 2100 on, which data warehouses write for "still open"."""


def is_ssd(columns: Iterable[object]) -> str | None:
    """Which table of the dataset a frame with these columns is; None when it is none that placements need."""
    given = set(_folded(columns))
    signs = {table: len(given & _names(known)) for table, known in COLUMNS.items()}
    best = max(signs, key=lambda table: signs[table])
    return best if signs[best] >= SIGNS_NEEDED else None


def _names(known: tuple[SsdColumn, ...]) -> set[str]:
    return {name for column in known for name in column.names}


def _folded(columns: Iterable[object]) -> list[str]:
    return [str(column).strip().casefold() for column in columns]


def position_of(wanted: SsdColumn, columns: Iterable[object]) -> int | None:
    """Which of the columns of a frame or a database table is ``wanted``, in whatever case; None when none is."""
    folded = _folded(columns)
    return next((folded.index(name) for name in wanted.names if name in folded), None)


def missing_tables(tables: Mapping[str, pd.DataFrame]) -> tuple[list[Fault], list[Fault]]:
    """Faults of required tables that are missing or without a row, and notices of the others that are missing."""
    fix = "Add the table to the extract, whole: its name or its columns tell which it is"
    faults = [Fault("F20", name, "", (), "the table is missing", fix) for name in REQUIRED if name not in tables]
    empty = [name for name in REQUIRED if name in tables and tables[name].empty]
    faults += [Fault("F22", name, "", (), "the table has no row", "Export it again, with its rows") for name in empty]
    notices = [
        Fault("N50", name, "", (), f"the table is missing, so {tells}", "Add it to the extract if you can")
        for name, tells in WHAT_IT_TELLS.items()
        if name not in tables
    ]
    return faults, notices


def missing_columns(name: str, table: pd.DataFrame, source: str) -> tuple[list[Fault], list[Fault]]:
    """One fault for each needed column that the table has under none of its names, and notices of the others."""
    absent = [column for column in COLUMNS[name] if position_of(column, table.columns) is None]
    fix = "Add it to the extract, under its name in the Standard Safeguarding Dataset"
    faults = [
        Fault("F21", source, column.names[0], (), "a required column is missing", fix)
        for column in absent
        if column.part != "other"
    ]
    says = "the column is missing, so what it tells is unknown"
    notices = [
        Fault("N50", source, column.names[0], (), says, "Add it if you can")
        for column in absent
        if column.part == "other" and column.short not in QUIET
    ]
    return faults, notices


def no_way_to_join(tables: Mapping[str, pd.DataFrame], source: str) -> list[Fault]:
    """A fault when no column of the placements leads to an episode."""
    here, there = ({column.short: column for column in COLUMNS[name]} for name in (EPISODES, PLACEMENTS))
    for one, other in JOINS:
        if (
            position_of(here[one], tables[EPISODES].columns) is not None
            and position_of(there[other], tables[PLACEMENTS].columns) is not None
        ):
            return []
    says = "nothing tells which placement an episode is in"
    fix = "Add clae_cla_placement_id to the episodes, or clap_person_id or clap_cla_id to the placements"
    return [Fault("F23", source, "clae_cla_placement_id", (), says, fix)]


def as_known(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """The table's columns under their short names, as text without placeholders and times of day; "" where missing.

    The index is named ``line`` and holds the rows' line numbers.
    """
    index = pd.Index(line_numbers(table), name=LINE, dtype="int64")
    columns = {}
    for column in COLUMNS[name]:
        position = position_of(column, table.columns)
        values = pd.Series("", index=index, dtype="str")
        if position is not None:
            values = _clean(_text(table.iloc[:, position]).set_axis(index), column.holds)
        columns[column.short] = values
    return pd.DataFrame(columns, index=index)


def _text(values: pd.Series) -> pd.Series:
    """:func:`as_text`, but text is only stripped, as the tables of a region have millions of cells."""
    return values.fillna("").str.strip() if values.dtype == "str" else as_text(values)


def _clean(values: pd.Series, holds: Holds) -> pd.Series:
    text = values.where(~values.str.upper().isin(PLACEHOLDERS), "")
    if holds == "id":
        return text.str.replace(r"^(\d+)\.0+$", r"\1", regex=True)
    if holds in ("date", "end"):
        text = text.str.replace(_TIME_OF_DAY, "", regex=True)
        text = text.where(~text.str.fullmatch(_NO_DATE), "")
    if holds == "end":
        text = text.where(~text.str.fullmatch(_NOT_YET), "")
    return text
