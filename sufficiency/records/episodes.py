"""The tables of all returns laid end to end, typed; every row keeps its file and line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from sufficiency.errors import Fault
from sufficiency.records.cells import NOTHING
from sufficiency.records.returns import NEEDED_COLUMNS, OTHER_COLUMNS, Return
from sufficiency.records.tables import DATES, as_dates, line_numbers

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

WHERE: Final = ["authority", "year", "first_day", "last_day", "order", "table", "line"]
"""Whose return a row is of, the year it ends, its first and last day, its place among all returns, file and line."""

MIDDLE_OF_MONTH: Final = 15
FEWEST_BIRTHS: Final = 20
"""Births that are the first of a month all together by chance once in 10 to the 29."""

_MONTH_FIRST: Final = r"^(?P<month>\d{1,2})/(?P<year>\d{4})$"
_YEAR_FIRST: Final = r"^(?P<year>\d{4})-(?P<month>\d{1,2})$"
_SEXES: Final = {"1": "male", "M": "male", "2": "female", "F": "female", "U": "other"}


def lay_end_to_end(returns: Sequence[Return], name: str) -> tuple[pd.DataFrame, list[Fault]]:
    """Table ``name`` of every return as text, with ``authority`` ``year`` ``order`` (of the return) ``table`` (file)
    and ``line``.

    Also the notices of columns that are missing, or that no table has.
    """
    laid, notices = [], []
    wanted = [*NEEDED_COLUMNS[name], *OTHER_COLUMNS[name]]
    for order, one in enumerate(returns):
        for part in one.tables.get(name, ()):
            columns = part.table.columns
            notices += [_absent(part.source, column) for column in OTHER_COLUMNS[name] if column not in columns]
            notices += [_extra(part.source, str(column)) for column in columns if column not in KNOWN_COLUMNS]
            text = part.table.reindex(columns=wanted, fill_value="").astype("str")
            text = text.mask(text.apply(lambda cells: cells.str.lower().isin(NOTHING)), "")
            laid.append(
                text.assign(
                    authority=one.authority,
                    year=one.year,
                    first_day=_day(one.years.start - 1, 4, 1),
                    last_day=_day(one.year, 3, 31),
                    order=order,
                    table=part.source,
                    line=line_numbers(part.table),
                )
            )
    together = pd.concat(laid, ignore_index=True) if laid else pd.DataFrame(columns=[*wanted, *WHERE])
    return together, list(dict.fromkeys(notices))


def _day(year: int, month: int, day: int) -> pd.Timestamp:
    return pd.Timestamp(year, month, day).as_unit("us")


def _absent(source: str, column: str) -> Fault:
    return Fault("N04", source, column, (), "the column is missing, so what it tells is unknown", "Add it if you can")


def _extra(source: str, column: str) -> Fault:
    return Fault("N01", source, column, (), "not a column of this table, so kept out", "Nothing to do, or rename it")


def typed_episodes(text: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """Episodes as the repairs take them, one row per row read, and the cells of each date column that cannot be read.

    Columns: ``child`` (text) ``decom`` ``dec`` (datetime64[us]) and :data:`CODES` (text, missing where empty; codes
    in capitals), ``year`` ``order`` ``table`` ``line``.
    """
    decom, bad_decom = as_dates(text["DECOM"])
    dec, bad_dec = as_dates(text["DEC"])
    codes = {short: _code(text[column]) for column, short in CODES.items()}
    frame = pd.DataFrame({"child": _code(text["CHILD"], upper=False), "decom": decom, "dec": dec, **codes})
    return frame.join(text[WHERE]), {"DECOM": text["DECOM"][bad_decom], "DEC": text["DEC"][bad_dec]}


def with_whole_births(text: pd.DataFrame) -> tuple[pd.DataFrame, list[Fault]]:
    """Headers with ``birth_precision`` (day or month), dates of birth that give only a month set to its middle, and a
    notice for each file with such.
    """
    parts = text["DOB"].str.extract(_MONTH_FIRST).fillna(text["DOB"].str.extract(_YEAR_FIRST))
    month_only = parts["month"].notna()
    middle = parts["year"] + "-" + parts["month"].str.zfill(2) + f"-{MIDDLE_OF_MONTH}"
    says = f"the date of birth gives only the month; read as day {MIDDLE_OF_MONTH} of it"
    notices = [
        Fault("N07", str(source), "DOB", tuple(int(line) for line in rows["line"]), says, "Nothing to do")
        for source, rows in text[month_only].groupby("table", sort=False)
    ]
    precision = pd.Series("day", index=text.index, dtype="str").mask(month_only | _first_of_month(text), "month")
    return text.assign(DOB=text["DOB"].where(~month_only, middle), birth_precision=precision), notices


def _first_of_month(text: pd.DataFrame) -> pd.Series:
    """Rows of files in which every date of birth is the first of a month, as pipelines that degrade it write it."""
    born, _ = as_dates(text["DOB"])
    files = born.dt.day.where(born.notna()).groupby(text["table"])
    return files.transform("max").eq(1) & (files.transform("count") >= FEWEST_BIRTHS)


def typed_headers(text: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """Headers with ``child`` ``sex_code`` ``born`` ``sex`` and their file and line, and the cells of DOB that cannot
    be read."""
    born, bad = as_dates(text["DOB"])
    sex = _code(text["SEX"]).map(_SEXES).where(text["SEX"] != "")
    codes = {"child": _code(text["CHILD"], upper=False), "sex_code": _code(text["SEX"])}
    frame = pd.DataFrame({**codes, "born": born, "sex": sex.astype("str")})
    frame = frame.assign(sex=frame["sex"].where(text["SEX"].eq("") | frame["sex"].notna(), "other"))
    return frame.join(text[["birth_precision", *WHERE]]), {"DOB": text["DOB"][bad]}


def typed_uasc(text: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    """Unaccompanied children with ``child`` ``born`` and their file and line. A date of birth that cannot be read is
    missing: the header's counts.
    """
    frame = pd.DataFrame({"child": _code(text["CHILD"], upper=False), "born": as_dates(text["DOB"])[0]})
    return frame.join(text[WHERE]), {}


def _code(values: pd.Series, upper: bool = True) -> pd.Series:
    text = values.str.upper() if upper else values
    return text.where(text != "")


def children_of(headers: pd.DataFrame, uasc: pd.DataFrame) -> pd.DataFrame:
    """One row per child: ``authority`` ``child_id`` ``sex`` ``date_of_birth`` ``birth_precision`` (day or month)
    ``uasc`` (if ever listed); the latest return that tells wins."""
    in_order = headers.dropna(subset=["child"]).sort_values(["order", "line"], kind="stable")
    latest = in_order.groupby("child", sort=True)[["authority", "sex", "born", "birth_precision"]].last()
    return pd.DataFrame(
        {
            "authority": latest["authority"].to_numpy(),
            "child_id": latest.index.astype("str"),
            "sex": latest["sex"].astype("str").to_numpy(),
            "date_of_birth": latest["born"].astype(DATES).to_numpy(),
            "birth_precision": latest["birth_precision"].astype("str").to_numpy(),
            "uasc": latest.index.isin(uasc["child"].dropna()),
        }
    )
