"""Text into dates, numbers, flags and lists, and what to do about cells that are none.

Nothing here knows what a column means. Readers of values take text and what is already typed alike, so that a frame
made in a notebook passes through the same checks as a file, and a frame that has been checked passes again unchanged.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

DATE_FIX: Final = "Give dates as dd/mm/yyyy or yyyy-mm-dd"
NUMBER_FIX: Final = "Give a plain number such as 3 or 812.50"
FLAG_FIX: Final = "Give true or false"

DATES: Final = "datetime64[us]"
_MONTHS: Final = (
    "january february march april may june july august september october november december".split()
)  # not the calendar module's, which speaks the computer's language
_MONTH_NUMBERS: Final = {
    name: number
    for number, whole in enumerate(_MONTHS, start=1)
    for name in (str(number), f"{number:02}", whole, whole[:3])
}
_NAME: Final = "|".join([*_MONTHS, *(name[:3] for name in _MONTHS)])
_YEAR: Final = r"(?P<year>(?:19|20)\d{2})"
_DATE_FORMS: Final = (
    rf"(?P<day>\d{{1,2}})(?P<mark>[/.-])(?P<month>\d{{1,2}})(?P=mark){_YEAR}",
    rf"(?P<day>\d{{1,2}})(?P<mark>[ -])(?P<month>{_NAME})(?P=mark){_YEAR}",
    rf"{_YEAR}-(?P<month>\d{{2}})-(?P<day>\d{{2}})",
)
"""How a day is written: 31/03/2024, 31.03.2024 or 31-03-2024; 31 March 2024 or 31-Mar-2024; 2024-03-31."""

_MIDNIGHT: Final = r"(?:[ t]00:00(?::00(?:\.0+)?)?)?"
NOTHING: Final = ("null", "n/a", "#n/a", "na", "none", "nan", "nat", "-")
"""What other programs write in an empty cell, in small letters."""

_DATE_FIXES: Final = (
    (
        r"(?:0?[1-9]|1[0-2])[/.-](?:1[3-9]|2\d|3[01])[/.-]\d{4}",
        "The dates look like month/day/year: save the file with UK settings",
    ),
    (r"\d{5}(?:\.\d+)?", "These are Excel's day numbers: format the column as dates and save again"),
    (r"#+", "The column was too narrow in Excel: widen it and save again"),
    (rf"\d{{1,2}}(?P<mark>[ /.-])(?:\d{{1,2}}|{_NAME})(?P=mark)\d{{2}}", "Give the year in full: 2024, not 24"),
)
"""Known ways in which dates go wrong: a pattern of the whole cell (a time may follow), and what to do about it."""

_ANY_TIME: Final = r"(?:[ t]\d{1,2}:\d{2}.*)?"
_NUMBER: Final = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+|\d{1,3}(?:,\d{3})+(?:\.\d*)?)(?:[eE][+-]?\d+)?"
_FLAGS: Final = {
    **dict.fromkeys(("true", "yes", "y", "1", "1.0"), True),
    **dict.fromkeys(("false", "no", "n", "0", "0.0"), False),
}


def as_text(values: pd.Series) -> pd.Series:
    """Values as stripped text, missing as "". Whole numbers that came as floats lose their ".0"."""
    if pd.api.types.is_float_dtype(values.dtype):
        whole = values.notna() & (values == values.round())
        text = values.astype("object").where(~whole, values.where(whole, 0).astype("int64").astype("object"))
        return text.map(str).where(values.notna(), "").astype("str")
    return values.astype("object").where(values.notna(), "").map(str).astype("str").str.strip()


def as_dates(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Dates (day precision) and where a value is there but is no date in an accepted form.

    Days stand before months, and years have four digits: 31/03/2024, 31.03.2024, 31-03-2024, 31 March 2024,
    31-Mar-2024 or 2024-03-31. Words for nothing (NULL, N/A, NaT, -) are missing, as empty cells are.
    """
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values.dt.tz_localize(None).dt.normalize().astype(DATES), pd.Series(False, index=values.index)
    codes, distinct = pd.factorize(as_text(values).str.lower())
    text = pd.Series(distinct, dtype="str")
    parsed = _dates_of(text)
    unreadable = parsed.isna() & (text != "") & ~text.isin(NOTHING)
    dates = pd.Series(parsed.to_numpy()[codes], index=values.index, dtype=DATES)
    return dates, pd.Series(unreadable.to_numpy(dtype=bool)[codes], index=values.index, dtype=bool)


def _dates_of(text: pd.Series) -> pd.Series:
    """Distinct texts in small letters as dates, missing where they match no form or name no day."""
    parts = pd.DataFrame(index=text.index, columns=["year", "month", "day"], dtype="str")
    for form in _DATE_FORMS:
        parts = parts.fillna(text.str.extract(rf"^{form}{_MIDNIGHT}$")[["year", "month", "day"]])
    month = parts["month"].map(_MONTH_NUMBERS).astype("Int64").astype("str")
    iso = parts["year"] + "-" + month.str.zfill(2) + "-" + parts["day"].str.zfill(2)
    return pd.to_datetime(iso, format="%Y-%m-%d", errors="coerce").astype(DATES)


def date_fix(cells: pd.Series) -> str:
    """What to do about cells of dates that cannot be read, told from how most of them look; never shows a cell."""
    text = as_text(cells).str.lower()
    alike = {fix: int(text.str.fullmatch(form + _ANY_TIME).sum()) for form, fix in _DATE_FIXES}
    fix = max(alike, key=alike.__getitem__)
    return fix if 2 * alike[fix] > len(text) else DATE_FIX


def as_numbers(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Numbers as floats and where a value is there but is no number; pound signs and thousands commas are taken.

    A number too large for a float, such as 1e999, is none.
    """
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        numbers = values.astype("Float64").astype("float64")
        bad = pd.Series(np.isinf(numbers), index=values.index)
        return numbers.mask(bad), bad
    text = as_text(values).str.replace("£", "", regex=False).str.strip()
    good = text.str.fullmatch(_NUMBER)
    numbers = pd.to_numeric(text.where(good).str.replace(",", "", regex=False)).astype("float64")
    endless = pd.Series(np.isinf(numbers), index=values.index)
    return numbers.mask(endless), (~good & (text != "")) | endless


def as_whole_numbers(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Whole numbers as floats (so that missing ones have a place) and where a value is there but is none."""
    numbers, bad = as_numbers(values)
    broken = numbers.notna() & (numbers != numbers.round())
    return numbers.mask(broken), bad | broken


def as_flags(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """True and false as nullable booleans (true, yes, y, 1 and their opposites) and where a value is neither."""
    if pd.api.types.is_bool_dtype(values.dtype):
        return values.astype("boolean"), pd.Series(False, index=values.index)
    text = as_text(values).str.lower()
    flags = text.map(_FLAGS).astype("boolean")
    return flags, flags.isna() & (text != "")


def as_lists(values: pd.Series) -> pd.Series:
    """Cells of texts separated by ``;`` as tuples; lists, tuples and sets pass as they are; empty is ``()``."""
    cells = [_list_of(cell) for cell in values.astype("object")]
    answer = pd.Series([None] * len(cells), index=values.index, dtype="object")
    answer[:] = cells
    return answer


def _list_of(cell: object) -> tuple[str, ...]:
    if isinstance(cell, list | tuple | set | frozenset | np.ndarray):
        items = [str(item).strip() for item in (sorted(cell) if isinstance(cell, set | frozenset) else cell)]
    elif cell is None or cell is pd.NA or cell != cell:
        items = []
    else:
        items = [item.strip() for item in str(cell).split(";")]
    return tuple(item for item in items if item)
