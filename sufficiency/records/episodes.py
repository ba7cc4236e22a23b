"""The tables of all returns laid end to end, typed; every row keeps its file and line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from sufficiency.errors import Fault
from sufficiency.records.returns import NEEDED_COLUMNS, OTHER_COLUMNS, Return
from sufficiency.records.tables import DATE_FIX, DATES, as_dates, line_numbers

CODES: Final = {
    "RNE": "rne",
    "LS": "ls",
    "CIN": "cin",
    "PLACE": "place",
    "PLACE_PROVIDER": "provider",
    "REC": "rec",
    "HOME_POST": "home_post",
    "PL_POST": "pl_post",
    "URN": "urn",
}
"""Columns of text carried from an episode, by the name that they have from here on."""

KNOWN_COLUMNS: Final = frozenset(
    "CHILD SEX DOB ETHNIC UPN MOTHER MC_DOB DUC DECOM RNE LS CIN PLACE PLACE_PROVIDER DEC REC REASON_PLACE_CHANGE "
    "HOME_POST PL_POST URN LA YEAR".split()
)
"""Every column that the three tables may have; others are kept out and listed."""

MIDDLE_OF_MONTH: Final = 15
_MONTH_FIRST: Final = r"^(?P<month>\d{1,2})/(?P<year>\d{4})$"
_YEAR_FIRST: Final = r"^(?P<year>\d{4})-(?P<month>\d{1,2})$"
_SEXES: Final = {"1": "male", "M": "male", "2": "female", "F": "female", "U": "other"}


def lay_end_to_end(returns: Sequence[Return], name: str) -> tuple[pd.DataFrame, list[Fault], list[Fault]]:
    """Table ``name`` of every return as text, with ``year`` ``order`` (of the return) ``table`` (file) ``line``.

    Also the faults of columns that are needed and missing, and notices of the others that are.
    """
    parts, faults, notices = [], [], []
    for order, one in enumerate(returns):
        table = one.tables.get(name)
        if table is None:
            continue
        source = one.sources[name]
        missing = [column for column in NEEDED_COLUMNS[name] if column not in table.columns]
        absent = [column for column in OTHER_COLUMNS[name] if column not in table.columns]
        faults += [_missing(source, column) for column in missing]
        notices += [_absent(source, column) for column in absent]
        notices += [_extra(source, str(column)) for column in table.columns if column not in KNOWN_COLUMNS]
        wanted = [*NEEDED_COLUMNS[name], *OTHER_COLUMNS[name]]
        text = table.reindex(columns=wanted, fill_value="").astype("str")
        parts.append(text.assign(year=one.year, order=order, table=source, line=line_numbers(table)))
    together = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return together, faults, notices


def _missing(source: str, column: str) -> Fault:
    return Fault("F04", source, column, (), "a required column is missing", "Add it to the extract, as in the SSDA903")


def _absent(source: str, column: str) -> Fault:
    return Fault("N04", source, column, (), "the column is missing, so what it tells is unknown", "Add it if you can")


def _extra(source: str, column: str) -> Fault:
    return Fault("N01", source, column, (), "not a column of this table, so kept out", "Nothing to do, or rename it")


def typed_episodes(text: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """Episodes as the repairs take them, one row per row read, and where each date column cannot be read.

    Columns: ``child`` (text) ``decom`` ``dec`` (datetime64[us]) and :data:`CODES` (text, missing where empty; codes
    in capitals), ``year`` ``order`` ``table`` ``line``.
    """
    decom, bad_decom = as_dates(text["DECOM"])
    dec, bad_dec = as_dates(text["DEC"])
    codes = {short: _code(text[column]) for column, short in CODES.items()}
    frame = pd.DataFrame({"child": _code(text["CHILD"], upper=False), "decom": decom, "dec": dec, **codes})
    return frame.join(text[["year", "order", "table", "line"]]), {"DECOM": bad_decom, "DEC": bad_dec}


def with_whole_births(text: pd.DataFrame) -> tuple[pd.DataFrame, list[Fault]]:
    """Headers with dates of birth that give only a month set to its middle, and a notice for each file with such."""
    parts = text["DOB"].str.extract(_MONTH_FIRST).fillna(text["DOB"].str.extract(_YEAR_FIRST))
    month_only = parts["month"].notna()
    middle = parts["year"] + "-" + parts["month"].str.zfill(2) + f"-{MIDDLE_OF_MONTH}"
    says = f"the date of birth gives only the month; read as day {MIDDLE_OF_MONTH} of it"
    notices = [
        Fault("N07", str(source), "DOB", tuple(int(line) for line in rows["line"]), says, "Nothing to do")
        for source, rows in text[month_only].groupby("table", sort=False)
    ]
    return text.assign(DOB=text["DOB"].where(~month_only, middle)), notices


def typed_headers(text: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """Headers with ``child`` ``born`` ``sex`` and their file and line, and where DOB cannot be read."""
    born, bad = as_dates(text["DOB"])
    sex = _code(text["SEX"]).map(_SEXES).where(text["SEX"] != "")
    frame = pd.DataFrame({"child": _code(text["CHILD"], upper=False), "born": born, "sex": sex.astype("str")})
    frame = frame.assign(sex=frame["sex"].where(text["SEX"].eq("") | frame["sex"].notna(), "other"))
    return frame.join(text[["year", "order", "table", "line"]]), {"DOB": bad}


def _code(values: pd.Series, upper: bool = True) -> pd.Series:
    text = values.str.upper() if upper else values
    return text.where(text != "")


def children_of(headers: pd.DataFrame, uasc: pd.DataFrame) -> pd.DataFrame:
    """One row per child: ``child_id`` ``sex`` ``date_of_birth`` ``uasc``; the latest return that tells wins."""
    in_order = headers.dropna(subset=["child"]).sort_values(["order", "line"], kind="stable")
    latest = in_order.groupby("child", sort=True)[["sex", "born"]].last()
    listed = set(uasc["CHILD"]) if "CHILD" in uasc else set()
    return pd.DataFrame(
        {
            "child_id": latest.index.astype("str"),
            "sex": latest["sex"].astype("str").to_numpy(),
            "date_of_birth": latest["born"].astype(DATES).to_numpy(),
            "uasc": latest.index.isin(listed),
        }
    )


UNREADABLE_DATE: Final = ("R03", "not a date", DATE_FIX)
