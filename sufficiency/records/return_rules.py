"""Rules on rows of the return's tables: those that would make a count wrong are errors, the rest are warnings.

Rules run on the rows of all returns together. Columns are those of
:func:`~sufficiency.records.episodes.typed_episodes` and the like, with ``born`` ``uasc`` ``in_header`` of the child and
``first_day`` ``last_day`` of the return.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from sufficiency.calendar import birthdays
from sufficiency.records.rules import Rule, rule
from sufficiency.vocabulary import (
    EXIT_REASON_OF_CODE,
    PLACE_YEARS,
    SHORT_BREAKS,
    SUPPORTED_FROM_AGE,
    SUPPORTED_PLACES,
    TEMPORARY_PLACES,
)

ADOPTIVE: Final = ("A3", "A4", "A5", "A6")
WITH_FAMILY: Final = ("P1", "U1", "U2", "U3")
"""Placements where the child may well live at the postcode that it came from."""

NUMBERED_SEXES: Final = ("1", "2")
LETTERED_FROM: Final = 2025
"""The return from which SEX is M, F or U."""

OLDEST_AT_START: Final = 26
"""Age from which a row is not even a care leaver's (their services end at 25) that has slipped in [years]."""

SHORT_STAY_DAYS: Final = 7
"""The longest stay that T4 stands for (guide to the SSDA903 collection)."""

DAYS_OF_A_YEAR: Final = 366
DATE_FIX: Final = "Correct the date, or leave the row out of this return"


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


@rule(
    "E04",
    "episodes",
    ("decom", "born"),
    f"the child would be {OLDEST_AT_START} or older when the episode starts",
    "Correct DOB or DECOM",
)
def too_old(episodes: pd.DataFrame) -> pd.Series:
    """Starts so long after the 18th birthday that the date of birth, or of the start, must be wrong."""
    return episodes["decom"] >= birthdays(episodes["born"], OLDEST_AT_START)


@rule(
    "E05",
    "episodes",
    ("decom", "born"),
    "the episode starts more than a year before the child was born",
    "Correct DOB or DECOM",
)
def long_before_birth(episodes: pd.DataFrame) -> pd.Series:
    """Starts so long before the birth that it is no matter of an expected date."""
    return (episodes["born"] - episodes["decom"]).dt.days > DAYS_OF_A_YEAR


def _warning(code: str, columns: tuple[str, ...], says: str, fix: str, table: str = "episodes"):  # type: ignore[no-untyped-def]
    return rule(code, table, columns, says, fix, "warning")


@_warning("N11", ("child", "in_header"), "the child is not in this return's header", "Add the child there")
def not_in_this_header(episodes: pd.DataFrame) -> pd.Series:
    """Episodes whose child another return's header knows, but not this one's."""
    return ~episodes["in_header"] & episodes["born"].notna()


@_warning("N12", ("decom", "born"), "the episode starts before the child was born", "Correct DECOM or DOB")
def before_birth(episodes: pd.DataFrame) -> pd.Series:
    """Episodes that start before the date of birth; the child counts as under 1 there."""
    return episodes["decom"] < episodes["born"]


@_warning("N13", ("place",), "PLACE holds a code that is not in the list of that year", "Correct the code if it is a "
          "slip; a code of no year counts as other")  # fmt: skip
def place_not_of_its_year(episodes: pd.DataFrame) -> pd.Series:
    """Placement codes outside the years in which the guide has them."""
    first = episodes["place"].map({code: years[0] for code, years in PLACE_YEARS.items()})
    last = episodes["place"].map({code: years[1] for code, years in PLACE_YEARS.items()})
    return episodes["place"].notna() & ~episodes["year"].between(first, last)


@_warning("N80", ("dec", "rec"), "the episode has an end and no reason for it", "Give REC; it counts as other")
def end_without_reason(episodes: pd.DataFrame) -> pd.Series:
    """DEC without REC."""
    return episodes["dec"].notna() & episodes["rec"].isna()


@_warning("N81", ("dec", "rec"), "the episode has a reason for its end and no end", "Give DEC; it counts as open")
def reason_without_end(episodes: pd.DataFrame) -> pd.Series:
    """REC without DEC."""
    return episodes["dec"].isna() & episodes["rec"].notna()


@_warning("N82", ("decom",), "the episode starts after the return's 31 March", DATE_FIX)
def starts_after_the_year(episodes: pd.DataFrame) -> pd.Series:
    """Starts that the return cannot know in full."""
    return (episodes["decom"] > episodes["last_day"]) & _of_one_year(episodes)


def _of_one_year(episodes: pd.DataFrame) -> pd.Series:
    """Rows of yearly returns; an extract of many years goes on to the day on which it was drawn."""
    return (episodes["last_day"] - episodes["first_day"]).dt.days < DAYS_OF_A_YEAR


@_warning("N83", ("dec",), "the episode ends after the return's 31 March", DATE_FIX)
def ends_after_the_year(episodes: pd.DataFrame) -> pd.Series:
    """Ends that lie in the year after."""
    late = (episodes["dec"] > episodes["last_day"]) & (episodes["decom"] <= episodes["last_day"])
    return late & _of_one_year(episodes)


@_warning("N84", ("dec",), "the episode ended before the return's 1 April", DATE_FIX)
def ended_before_the_year(episodes: pd.DataFrame) -> pd.Series:
    """Episodes of an earlier return."""
    return (episodes["dec"] < episodes["first_day"]) & (episodes["dec"] >= episodes["decom"])


@_warning("N85", ("child", "dec"), "the child has more than one open episode", "End all but the present one")
def open_twice(episodes: pd.DataFrame) -> pd.Series:
    """Open episodes of children with another open episode in the same return, short breaks left out."""
    is_open = episodes["dec"].isna() & ~episodes["ls"].isin(SHORT_BREAKS) & episodes["child"].notna()
    return is_open & (is_open.groupby([episodes["order"], episodes["child"]]).transform("sum") > 1)


@_warning("N86", ("dec", "rec"), "REC is X1, but no episode of the child begins that day or the next", "Add the next "
          "episode, or give the reason for leaving care")  # fmt: skip
def goes_on_nowhere(episodes: pd.DataFrame) -> pd.Series:
    """Episodes that say the child goes on to another, where none begins; the year's last day is left out."""
    real = episodes[~episodes["ls"].isin(SHORT_BREAKS)]
    begins = pd.MultiIndex.from_frame(real[["child", "decom"]])
    day_after = episodes["dec"] + pd.Timedelta(days=1)
    followed = pd.MultiIndex.from_arrays([episodes["child"], episodes["dec"]]).isin(begins)
    followed |= pd.MultiIndex.from_arrays([episodes["child"], day_after]).isin(begins)
    within = episodes["dec"].between(episodes["first_day"], episodes["last_day"] - pd.Timedelta(days=1))
    return episodes["rec"].eq("X1") & within & ~followed & ~episodes["ls"].isin(SHORT_BREAKS)


@_warning("N87", ("dec", "rec"), "the child leaves care, but an episode begins the same day", "Give X1, or correct "
          "the dates")  # fmt: skip
def leaves_and_stays(episodes: pd.DataFrame) -> pd.Series:
    """Ends that are no X1 on a day on which another episode of the child begins in the same return."""
    real = episodes[
        ~episodes["ls"].isin(SHORT_BREAKS) & (episodes["dec"].isna() | (episodes["dec"] > episodes["decom"]))
    ]
    begins = pd.MultiIndex.from_frame(real[["order", "child", "decom"]])
    followed = pd.MultiIndex.from_arrays([episodes["order"], episodes["child"], episodes["dec"]]).isin(begins)
    leaves = episodes["rec"].isin([*EXIT_REASON_OF_CODE]) & (episodes["dec"] > episodes["decom"])
    return leaves & followed & ~episodes["ls"].isin(SHORT_BREAKS)


@_warning("N88", ("decom", "rne"), "RNE is S, but an episode of the child ends that day with X1", "Give the reason "
          "for the change in place of S")  # fmt: skip
def starts_in_care(episodes: pd.DataFrame) -> pd.Series:
    """Starts of care of children who are in care already."""
    on = episodes[episodes["rec"].eq("X1") & ~episodes["ls"].isin(SHORT_BREAKS)]
    ends = pd.MultiIndex.from_frame(on[["order", "child", "dec"]])
    follows = pd.MultiIndex.from_arrays([episodes["order"], episodes["child"], episodes["decom"]]).isin(ends)
    return episodes["rne"].eq("S") & follows & ~episodes["ls"].isin(SHORT_BREAKS)


@_warning("N89", ("decom", "born"), "the episode starts on or after the 18th birthday", "Correct DECOM or DOB; it is "
          "set aside until then")  # fmt: skip
def starts_grown_up(episodes: pd.DataFrame) -> pd.Series:
    """Starts of people who are no longer looked after."""
    return episodes["decom"] >= birthdays(episodes["born"])


@_warning("N90", ("place", "born"), "supported accommodation before the 16th birthday", "Correct PLACE or DOB")
def supported_too_young(episodes: pd.DataFrame) -> pd.Series:
    """Under-16s in K3, H5 or P2 (lawful for 16 and 17 only)."""
    young = episodes["decom"] < birthdays(episodes["born"], SUPPORTED_FROM_AGE)
    return episodes["place"].isin(SUPPORTED_PLACES) & young


@_warning("N91", ("place", "provider"), "P1 (with parents) and PR0 (provided by parents) do not come together",
          "Correct PLACE or PLACE_PROVIDER")  # fmt: skip
def parents_and_provider(episodes: pd.DataFrame) -> pd.Series:
    """Placements with parents that somebody else provides, and the reverse."""
    known = episodes["place"].notna() & episodes["provider"].notna()
    return known & (episodes["place"].eq("P1") != episodes["provider"].eq("PR0"))


@_warning("N92", ("dec", "rec"), "REC says that the child turned 18, but the birthday is later", "Correct REC, DEC or "
          "DOB")  # fmt: skip
def not_yet_grown_up(episodes: pd.DataFrame) -> pd.Series:
    """E17 before the 18th birthday; births that give only a month have a month's grace."""
    return episodes["rec"].eq("E17") & (episodes["dec"] + pd.Timedelta(days=31) < birthdays(episodes["born"]))


@_warning("N93", ("place", "rec"), "REC says adopted, but PLACE is no placement for adoption", "Correct REC or PLACE")
def adopted_from_elsewhere(episodes: pd.DataFrame) -> pd.Series:
    """E11 and E12 from another placement than A3 to A6."""
    return episodes["rec"].isin(["E11", "E12"]) & episodes["place"].notna() & ~episodes["place"].isin(ADOPTIVE)


@_warning("N94", ("place", "decom", "dec"), "T4 (a stay of seven days or less) lasts longer", "Give the placement's "
          "own code")  # fmt: skip
def long_short_stay(episodes: pd.DataFrame) -> pd.Series:
    """Temporary stays of more than seven days under the code for shorter ones."""
    return episodes["place"].eq("T4") & ((episodes["dec"] - episodes["decom"]).dt.days > SHORT_STAY_DAYS)


@_warning("N95", ("rne", "place"), "care starts in a temporary placement", "Give the lasting placement first")
def starts_temporarily(episodes: pd.DataFrame) -> pd.Series:
    """Temporary moves that interrupt nothing."""
    return episodes["rne"].eq("S") & episodes["place"].isin(TEMPORARY_PLACES)


@_warning("N96", ("home_post", "child"), "an unaccompanied child has a home postcode", "Empty it: the guide asks for "
          "none")  # fmt: skip
def unaccompanied_with_home(episodes: pd.DataFrame) -> pd.Series:
    """Home postcodes of unaccompanied asylum-seeking children."""
    return episodes["uasc"] & episodes["home_post"].notna()


@_warning("N97", ("home_post", "pl_post"), "home and placement have the same postcode, but the child is not with "
          "family", "Check HOME_POST: it is the address before care")  # fmt: skip
def placed_at_home(episodes: pd.DataFrame) -> pd.Series:
    """Whole postcodes of home that are those of the placement, away from parents and relatives."""
    home = episodes["home_post"].str.replace(" ", "")
    same = home.eq(episodes["pl_post"].str.replace(" ", "")) & home.str.fullmatch(r"\S{2,4}\d[A-Z]{2}").eq(True)
    return same & episodes["place"].notna() & ~episodes["place"].isin(WITH_FAMILY)


@_warning("N98", ("rne", "place"), "RNE is L (legal status only), but the placement changes", "Give P, T, B or U; it "
          "counts as a move")  # fmt: skip
def moved_by_law_only(episodes: pd.DataFrame) -> pd.Series:
    """Rows that say the placement stays and give another."""
    ordered = episodes.sort_values(["order", "child", "decom", "line"], kind="stable")
    before = ordered.groupby(["order", "child"], sort=False)[["place", "provider", "dec"]].shift(1)
    goes_on = before["dec"].eq(ordered["decom"])
    differs = before["place"].ne(ordered["place"]) & before["place"].notna() & ordered["place"].notna()
    return (ordered["rne"].eq("L") & goes_on & differs).reindex(episodes.index)


@_warning("N20", ("sex_code", "year"), "SEX is written as in other years", "Nothing to do: 1/2 to 2023-24, M/F/U from "
          "2024-25, both are read", "header")  # fmt: skip
def sex_of_another_year(headers: pd.DataFrame) -> pd.Series:
    """Numbers from 2024-25 on, and letters before."""
    numbered = headers["sex_code"].isin(NUMBERED_SEXES)
    return headers["sex_code"].notna() & (numbered == (headers["year"] >= LETTERED_FROM))


@_warning("N21", ("child", "born"), "the child has another date of birth elsewhere", "Correct the wrong one", "header")
def born_twice(headers: pd.DataFrame) -> pd.Series:
    """Header rows of children whose rows do not agree on the date of birth; the latest return counts."""
    return headers.groupby("child")["born"].transform("nunique") > 1


@_warning("N22", ("child", "sex_code"), "the child has another sex elsewhere", "Correct it, if it is a slip", "header")
def another_sex(headers: pd.DataFrame) -> pd.Series:
    """Header rows of children whose rows do not agree on the sex; the latest return counts."""
    return headers.groupby("child")["sex"].transform("nunique") > 1


@_warning("N25", ("child",), "the child is in this header more than once", "Keep one row; the last counts", "header")
def twice_in_header(headers: pd.DataFrame) -> pd.Series:
    """Children with several header rows in one return."""
    return headers["child"].notna() & headers.duplicated(["order", "child"], keep=False)


@_warning("N26", ("born",), "DOB is after the return's 31 March", "Correct DOB", "header")
def born_after_the_year(headers: pd.DataFrame) -> pd.Series:
    """Children who were not born yet."""
    return headers["born"] > headers["last_day"]


@_warning("N27", ("born",), "the child was 18 before the return's 1 April", "Leave care leavers out", "header")
def grown_up_before_the_year(headers: pd.DataFrame) -> pd.Series:
    """People who cannot be looked after in the year."""
    return birthdays(headers["born"]) <= headers["first_day"]


@_warning("N28", ("child",), "the child has no episode in this return", "Add the episodes, or leave the child out",
          "header")  # fmt: skip
def without_episode(headers: pd.DataFrame) -> pd.Series:
    """Header rows of children of whom the same return says nothing else."""
    return headers["child"].notna() & ~headers["has_episode"]


@_warning("N78", ("child",), "the child is not in the header of any return", "Add the child there", "uasc")
def unknown_unaccompanied(uasc: pd.DataFrame) -> pd.Series:
    """Unaccompanied children without a header row."""
    return uasc["child"].notna() & ~uasc["known"]


@_warning(
    "N79", ("child", "born"), "DOB differs from the header's", "Correct the wrong one; the header's counts", "uasc"
)
def born_otherwise(uasc: pd.DataFrame) -> pd.Series:
    """Unaccompanied children with two dates of birth."""
    return uasc["born"].notna() & uasc["header_born"].notna() & (uasc["born"] != uasc["header_born"])


ROW_RULES: Final[dict[str, tuple[Rule, ...]]] = {
    "header": (
        sex_of_another_year,
        born_twice,
        another_sex,
        twice_in_header,
        born_after_the_year,
        grown_up_before_the_year,
        without_episode,
    ),
    "episodes": (
        ends_before_start,
        of_unknown_age,
        too_old,
        long_before_birth,
        not_in_this_header,
        before_birth,
        place_not_of_its_year,
        end_without_reason,
        reason_without_end,
        starts_after_the_year,
        ends_after_the_year,
        ended_before_the_year,
        open_twice,
        goes_on_nowhere,
        leaves_and_stays,
        starts_in_care,
        starts_grown_up,
        supported_too_young,
        parents_and_provider,
        not_yet_grown_up,
        adopted_from_elsewhere,
        long_short_stay,
        starts_temporarily,
        unaccompanied_with_home,
        placed_at_home,
        moved_by_law_only,
    ),
    "uasc": (unknown_unaccompanied, born_otherwise),
}
"""Table → rules of its rows, in the order in which they are told."""

COLUMN_NAMES: Final = {
    "child": "CHILD",
    "decom": "DECOM",
    "dec": "DEC",
    "born": "DOB",
    "sex_code": "SEX",
    "rne": "RNE",
    "ls": "LS",
    "cin": "CIN",
    "place": "PLACE",
    "provider": "PLACE_PROVIDER",
    "rec": "REC",
    "home_post": "HOME_POST",
    "pl_post": "PL_POST",
    "urn": "URN",
}
"""Columns as the user knows them, for messages."""


def told(columns: tuple[str, ...]) -> str:
    """Columns of a rule as a message names them."""
    return ", ".join(COLUMN_NAMES[column] for column in columns if column in COLUMN_NAMES)
