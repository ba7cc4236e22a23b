"""The tables of the Standard Safeguarding Dataset as one SSDA903 return, line numbers kept.

The dataset holds the present state of each case, all years at once, where the 903 has a file for each year. So it
makes one return: its episodes are all those held, its year is the last whole one. What the usual repairs do for
returns that disagree finds nothing to do; all the others work as they do on any return.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import pandas as pd

from sufficiency.errors import Fault
from sufficiency.records.ssd.columns import (
    ADDRESSES,
    COLUMNS,
    EPISODES,
    IMMIGRATION,
    LEGAL,
    PERSONS,
    PLACEMENTS,
    as_known,
    missing_columns,
    missing_tables,
    no_way_to_join,
)
from sufficiency.records.ssd.home import home_postcodes
from sufficiency.records.ssd.placed import Placed, placed
from sufficiency.records.ssd.spans import NONE, first_found, in_force, next_within, spans_of, taken
from sufficiency.records.ssd.words import as_codes, as_sexes, is_uasc
from sufficiency.records.ssd.year import Year, last_year, when_read
from sufficiency.records.tables import as_dates, rows_where
from sufficiency.vocabulary import LEGAL_STATUSES

if TYPE_CHECKING:
    from sufficiency.records.returns import Return

LABEL: Final = "Standard Safeguarding Dataset"
_SHOWN_BELOW: Final = "Nothing to do if that is right"

Tables = Mapping[str, pd.DataFrame]


def returns_of_ssd(
    tables: Tables, sources: Mapping[str, str], *, today: pd.Timestamp | None = None
) -> tuple[Return | None, list[Fault], list[Fault]]:
    """One return from the dataset's tables, with faults and notices; None when there are faults.

    ``tables``: text as :mod:`sufficiency.records.tables` reads it (or a frame of any types), by the names that
    :func:`is_ssd` gives; ``sources``: their files, as the user knows them. Faults are of whole tables and columns. Rows
    at fault (a child who is not in ``ssd_person``, a date that cannot be read) stay in the return and are found by the
    rules for every return, with the lines of ``ssd_cla_episodes`` and ``ssd_person``. Dates after ``today`` (default:
    the day it is) do not count as data.
    """
    sources = {name: sources.get(name, name) for name in COLUMNS}
    faults, notices = missing_tables(tables)
    for name in COLUMNS:
        if name in tables:
            more_faults, more_notices = missing_columns(name, tables[name], sources[name])
            faults += more_faults
            notices += more_notices
    if not faults:
        faults += no_way_to_join(tables, sources[PLACEMENTS])
    if faults:
        return None, faults, notices
    known = {name: as_known(name, tables[name] if name in tables else pd.DataFrame()) for name in COLUMNS}
    year, faults, year_notices = last_year(known, sources, when_read(today))
    if year is None:
        return None, faults, notices
    one, row_notices = _one_return(known, sources, year)
    return one, [], [*notices, *year_notices, *row_notices]


def _one_return(known: Tables, sources: Mapping[str, str], year: Year) -> tuple[Return, list[Fault]]:
    from sufficiency.records.returns import Part, Return  # they know this package

    episodes, persons = known[EPISODES], known[PERSONS]
    children = set(episodes["person"]) - {""}
    header, notices = _header(persons[persons["person"].isin(children)], sources[PERSONS])
    uasc = _uasc(known[IMMIGRATION], header)
    began = year.began.fillna(year.ended)
    match = placed(episodes, known[PLACEMENTS], began)
    coded, code_notices = _coded(known, sources)
    table = _episodes(known, coded, match, year)
    home = home_postcodes(episodes, year.began, known[ADDRESSES]).mask(episodes["person"].isin(uasc["CHILD"]), "")
    notices += code_notices + _not_matched(known, sources, match) + _no_status(known, table, sources)
    tables = {
        "header": (Part(sources[PERSONS], header),),
        "episodes": (Part(sources[EPISODES], table.assign(HOME_POST=home)),),
    }
    if len(known[IMMIGRATION]):
        tables["uasc"] = (Part(sources[IMMIGRATION], uasc),)
    return Return(year.year, LABEL, tables, first_year=year.first), notices


def _header(persons: pd.DataFrame, source: str) -> tuple[pd.DataFrame, list[Fault]]:
    """CHILD, SEX and DOB of the persons with an episode: the dataset knows many who were never looked after.

    Some systems keep an estimated date of birth, as unaccompanied children have, where that of the unborn belongs.
    """
    estimated = (persons["born"] == "") & (persons["expected"] != "")
    says = "pers_dob is empty; the date of birth taken is pers_expected_dob, as the child is in care"
    rows = rows_where(persons, estimated)
    notices = [Fault("N52", source, "pers_dob", rows, says, _SHOWN_BELOW)] if rows else []
    born = persons["born"].where(~estimated, persons["expected"])
    header = {"CHILD": persons["person"], "SEX": as_sexes(persons["sex"], persons["gender"]), "DOB": born}
    return pd.DataFrame(header), notices


def _uasc(immigration: pd.DataFrame, header: pd.DataFrame) -> pd.DataFrame:
    """CHILD, DOB and DUC (the day on which the status ceased) of the children ever held as unaccompanied."""
    born = header.drop_duplicates("CHILD", keep="last").set_index("CHILD")["DOB"]
    rows = immigration[is_uasc(immigration["status"]) & immigration["person"].isin(born.index)]
    return pd.DataFrame({"CHILD": rows["person"], "DOB": rows["person"].map(born), "DUC": rows["end"]}).astype("str")


def _coded(known: Tables, sources: Mapping[str, str]) -> tuple[dict[str, pd.Series], list[Fault]]:
    """Columns with codes of the guide, by short name, and notices of the rows whose words no code was found for."""
    coded, notices = {}, []
    wanted = {EPISODES: ("start_reason", "end_reason", "need"), PLACEMENTS: ("type", "provider")}
    for name, columns in wanted.items():
        titles = {column.short: column.names[0] for column in COLUMNS[name]}
        for column in columns:
            values = known[name][column]
            coded[column] = as_codes(values, column)
            rows = rows_where(values.to_frame(), (values != "") & (coded[column] == ""))
            says = "holds words for which no SSDA903 code was found, so read as empty"
            fix = "Export the code, alone or in front of its label"
            notices += [Fault("N53", sources[name], titles[column], rows, says, fix)] if rows else []
    return coded, notices


def _episodes(known: Tables, coded: Mapping[str, pd.Series], match: Placed, year: Year) -> pd.DataFrame:
    """The episodes table of the return; HOME_POST is filled later."""
    episodes, placements = known[EPISODES], known[PLACEMENTS]

    def of_placement(values: pd.Series) -> pd.Series:
        return taken(values, match.position)

    ends_with_it = (episodes["end"] != "") & (of_placement(placements["end"]) == episodes["end"])
    return pd.DataFrame(
        {
            "CHILD": episodes["person"],
            "DECOM": episodes["start"],
            "RNE": coded["start_reason"],
            "LS": _statuses(episodes["person"], year, known[LEGAL]),
            "CIN": coded["need"],
            "PLACE": of_placement(coded["type"]),
            "PLACE_PROVIDER": of_placement(coded["provider"]),
            "DEC": episodes["end"],
            "REC": coded["end_reason"],
            "REASON_PLACE_CHANGE": of_placement(placements["change_reason"]).where(ends_with_it, ""),
            "HOME_POST": "",
            "PL_POST": of_placement(placements["postcode"]),
            "URN": of_placement(placements["urn"]),
        },
        index=episodes.index,
    ).astype("str")


def _statuses(person: pd.Series, year: Year, legal: pd.DataFrame) -> pd.Series:
    """Legal status on the day each episode began, else the first one recorded before it ended.

    The dataset also holds statuses that do not keep a child in care (supervision, leaving care); they are passed over.
    """
    status = as_codes(legal["status"], "status")
    counted = status.isin(LEGAL_STATUSES)
    start, _ = as_dates(legal["start"])
    end, _ = as_dates(legal["end"])
    spans = spans_of(legal["person"].where(counted, ""), start, end)
    on_the_day = in_force(person, year.began, spans)
    return taken(status, first_found(on_the_day, next_within(person, year.began, year.ended, spans)))


def _not_matched(known: Tables, sources: Mapping[str, str], match: Placed) -> list[Fault]:
    """Notices of episodes and placements that did not find each other, and of placements with unreadable dates."""
    episodes, placements = known[EPISODES], known[PLACEMENTS]
    unreadable = as_dates(placements["start"])[1] | as_dates(placements["end"])[1]
    cases = (
        ("N54", EPISODES, "clae_cla_placement_id", rows_where(episodes, match.position == NONE),
         "no placement was found for the episode, by id nor by person and date; its kind is unknown",
         "Add the placement, or correct the id"),
        ("N55", EPISODES, "clae_cla_placement_id", rows_where(episodes, match.by_date),
         "the placement named is not there; the one that the child was in on the day was taken", _SHOWN_BELOW),
        ("N56", PLACEMENTS, "clap_cla_placement_id", rows_where(placements, match.unused),
         "no episode is in this placement, so it is left out", "Add the episode if the child was looked after"),
        ("N57", PLACEMENTS, "clap_cla_placement_start_date, clap_cla_placement_end_date",
         rows_where(placements, unreadable), "a date cannot be read, so taken as not known", "Correct the date"),
    )  # fmt: skip
    return [
        Fault(code, sources[name], column, rows, says, fix) for code, name, column, rows, says, fix in cases if rows
    ]


def _no_status(known: Tables, table: pd.DataFrame, sources: Mapping[str, str]) -> list[Fault]:
    """A notice of episodes without a legal status; none when the table is not there, which has its own."""
    rows = rows_where(table, table["LS"] == "") if len(known[LEGAL]) else ()
    says = "no legal status of the child holds on the day the episode began, so it is unknown"
    fix = "Add the status to ssd_legal_status, with its dates"
    return [Fault("N58", sources[EPISODES], "clae_cla_episode_start_date", rows, says, fix)] if rows else []
