"""Rules that episodes and headers must keep: those that would make a count wrong are faults, the rest are notices."""

from __future__ import annotations

from typing import Final

import pandas as pd

from sufficiency.errors import Fault
from sufficiency.records.rules import Rule, rule
from sufficiency.vocabulary import (
    LEGAL_STATUSES,
    NEEDS_CODES,
    PLACE_YEARS,
    PROVIDERS,
    REASONS_EPISODE_CEASED,
    REASONS_FOR_NEW_EPISODE,
)

CODE_FIX: Final = "Correct the code if it is a slip; it counts as other"


@rule("E01", "episodes", ("child",), "the child's number is empty", "Give the number, or leave the row out")
def no_child(episodes: pd.DataFrame) -> pd.Series:
    """Episodes of nobody."""
    return episodes["child"].isna()


@rule("E02", "episodes", ("decom", "dec"), "the episode ends before it starts", "Correct DECOM or DEC")
def ends_before_start(episodes: pd.DataFrame) -> pd.Series:
    """Episodes with DEC before DECOM."""
    return episodes["dec"] < episodes["decom"]


@rule(
    "E03",
    "episodes",
    ("child", "born"),
    "the child has no date of birth in the header of any return",
    "Add the child, with DOB, to the header table",
)
def of_unknown_age(episodes: pd.DataFrame) -> pd.Series:
    """Episodes of children who cannot be given an age, so that nobody can say when they turn 18."""
    return episodes["child"].notna() & episodes["born"].isna()


@rule("H11", "header", ("child",), "the child's number is empty", "Give the number, or leave the row out")
def header_of_nobody(headers: pd.DataFrame) -> pd.Series:
    """Header rows of nobody."""
    return headers["child"].isna()


FAULT_RULES: Final[dict[str, tuple[Rule, ...]]] = {
    "episodes": (no_child, ends_before_start, of_unknown_age),
    "header": (header_of_nobody,),
}
"""Rules whose break would make a count wrong; reading stops, or sets the rows aside."""


@rule("N11", "episodes", ("child", "in_header"), "the child is not in this return's header", "Add the child there")
def not_in_this_header(episodes: pd.DataFrame) -> pd.Series:
    """Episodes whose child another return's header knows, but not this one's."""
    return ~episodes["in_header"] & episodes["born"].notna()


@rule("N12", "episodes", ("decom", "born"), "the episode starts before the child was born", "Correct DECOM or DOB")
def before_birth(episodes: pd.DataFrame) -> pd.Series:
    """Episodes that start before the date of birth; the child counts as under 1 there."""
    return episodes["decom"] < episodes["born"]


def _unknown(column: str, title: str, codes: tuple[str, ...], code: str) -> Rule:
    @rule(code, "episodes", (column,), f"{title} holds a code that is not in the guide", CODE_FIX)
    def unknown(episodes: pd.DataFrame) -> pd.Series:
        return episodes[column].notna() & ~episodes[column].isin(codes)

    return unknown


@rule("N13", "episodes", ("place", "year"), "PLACE holds a code that is not in the list of that year", CODE_FIX)
def place_not_of_its_year(episodes: pd.DataFrame) -> pd.Series:
    """Placement codes outside the years in which the guide has them."""
    first = episodes["place"].map({code: years[0] for code, years in PLACE_YEARS.items()})
    last = episodes["place"].map({code: years[1] for code, years in PLACE_YEARS.items()})
    return episodes["place"].notna() & ~episodes["year"].between(first, last)


@rule("N14", "episodes", ("place",), "PLACE is empty", "Give the placement's code; it counts as other")
def no_place(episodes: pd.DataFrame) -> pd.Series:
    """Episodes that do not say where the child lives."""
    return episodes["place"].isna()


@rule("N21", "header", ("child", "born"), "the child has another date of birth elsewhere", "Correct the wrong one")
def born_twice(headers: pd.DataFrame) -> pd.Series:
    """Header rows of children whose rows do not agree on the date of birth; the latest return counts."""
    return headers.groupby("child")["born"].transform("nunique") > 1


NOTICE_RULES: Final[dict[str, tuple[Rule, ...]]] = {
    "episodes": (
        not_in_this_header,
        before_birth,
        place_not_of_its_year,
        no_place,
        _unknown("rne", "RNE", REASONS_FOR_NEW_EPISODE, "N15"),
        _unknown("ls", "LS", LEGAL_STATUSES, "N16"),
        _unknown("rec", "REC", REASONS_EPISODE_CEASED, "N17"),
        _unknown("provider", "PLACE_PROVIDER", PROVIDERS, "N18"),
        _unknown("cin", "CIN", NEEDS_CODES, "N19"),
    ),
    "header": (born_twice,),
}
"""Rules whose break is worth knowing and changes no count of children."""

COLUMN_NAMES: Final = {
    "child": "CHILD",
    "decom": "DECOM",
    "dec": "DEC",
    "born": "DOB",
    "rne": "RNE",
    "ls": "LS",
    "cin": "CIN",
    "place": "PLACE",
    "provider": "PLACE_PROVIDER",
    "rec": "REC",
}
"""Columns as the user knows them, for messages."""


def faults_by_file(rules: tuple[Rule, ...], table: pd.DataFrame) -> list[Fault]:
    """One fault per rule and file, with the file's own lines; ``table`` has columns ``table`` and ``line``."""
    found = []
    for one in rules:
        bad = table[one.bad_rows(table).fillna(False).astype(bool)] if len(table) else table
        columns = ", ".join(COLUMN_NAMES[column] for column in one.columns if column in COLUMN_NAMES)
        found += rows_by_file(one.code, columns, bad, one.says, one.fix)
    return found


def rows_by_file(code: str, column: str, bad: pd.DataFrame, says: str, fix: str) -> list[Fault]:
    """Bad rows (columns ``table`` and ``line``) as one fault per file."""
    if bad.empty:
        return []
    return [
        Fault(code, str(source), column, tuple(sorted(int(line) for line in lines)), says, fix)
        for source, lines in bad.groupby("table", sort=True)["line"]
    ]
