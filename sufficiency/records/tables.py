"""One file in, as text with the line number of every row; then text into dates, numbers, flags and lists.

Nothing here knows what a column means. Readers of values take text and what is already typed alike, so that a frame
made in a notebook passes through the same checks as a file, and a frame that has been checked passes again unchanged.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.errors import Fault, InputError

LINE: Final = "line"
"""Name of the index that holds line numbers in the file; the header is line 1."""

DATE_FIX: Final = "Give dates as dd/mm/yyyy or yyyy-mm-dd"
NUMBER_FIX: Final = "Give a plain number such as 3 or 812.50"
FLAG_FIX: Final = "Give true or false"

LARGEST_TABLE: Final = 256 << 20
"""Bytes of the largest file that is read; a region's ten years of episodes have about 25 MiB."""

LONGEST_HEADER: Final = 1 << 16
"""Bytes in which a header line has ended [bytes]."""

UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
"""How the Unicode text that Excel saves begins."""

MOST_RAGGED: Final = 1000
"""Rows of the wrong width after which a file is no table, and the rest of it is not read."""

DATES: Final = "datetime64[us]"
_DAY_FIRST: Final = r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>(?:19|20)\d{2})"
_ISO: Final = r"(?P<year>(?:19|20)\d{2})-(?P<month>\d{2})-(?P<day>\d{2})"
_MIDNIGHT: Final = r"(?:[ T]00:00(?::00(?:\.0+)?)?)?"
_NUMBER: Final = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+|\d{1,3}(?:,\d{3})+(?:\.\d*)?)(?:[eE][+-]?\d+)?"
_FLAGS: Final = {
    **dict.fromkeys(("true", "yes", "y", "1", "1.0"), True),
    **dict.fromkeys(("false", "no", "n", "0", "0.0"), False),
}


def read_table(path: Path, source: str | None = None) -> pd.DataFrame:
    """A CSV file as text: every value stripped, empty cells as "", the index named ``line`` with file line numbers.

    Takes UTF-8 (with or without a byte order mark), else Windows-1252; commas, or the semicolons and tabs that some
    spreadsheets write. Raises :class:`InputError` with one clear fault when the file is missing or not CSV.
    """
    name = source or path.name
    try:
        content = path.read_bytes()
    except OSError:
        raise InputError([missing_file(name)]) from None
    return table_from_bytes(content, name)


def missing_file(source: str) -> Fault:
    """The fault of a file that cannot be opened."""
    return Fault("F01", source, "", (), "the file is not there or cannot be opened", "Put the file there")


def table_from_bytes(content: bytes, source: str) -> pd.DataFrame:
    """:func:`read_table` for content that is already in memory, such as a member of a zip."""
    text = _decoded(content, source)
    delimiter = _delimiter(text.split("\n", 1)[0])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[int] = []
    rows: list[list[str]] = []
    width, ragged = 0, 0
    try:
        for values in reader:
            stripped = [value.strip() for value in values]
            if any(stripped):
                lines.append(reader.line_num)
                rows.append(stripped)
                width = width or len(stripped)
                ragged += len(stripped) != width
                if ragged > MOST_RAGGED:
                    break
    except csv.Error:
        raise _not_csv(source, "breaks off or has quotes out of place", (reader.line_num,)) from None
    return _framed(rows, lines, source)


def header_of(content: bytes, source: str) -> list[str]:
    """The column names in the first line of a CSV file, without reading the rest; raises as :func:`read_table`."""
    first = content.lstrip()[:LONGEST_HEADER].split(b"\n", 1)[0] if content[:2] not in UTF_16 else content
    text = _decoded(first, source).split("\n", 1)[0].split("\r", 1)[0]
    try:
        names = next(csv.reader([text], delimiter=_delimiter(text)), [])
    except csv.Error:
        raise _not_csv(source, "has a header line without an end") from None
    return list(dict.fromkeys(name.strip() for name in names if name.strip()))


def _decoded(content: bytes, source: str) -> str:
    """The text of a file, or the fault that says what it is instead."""
    head = content[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not content.strip(b"\xef\xbb\xbf \t\r\n"):
        raise _not_csv(source, "is empty")
    if len(content) > LARGEST_TABLE:
        raise _not_csv(
            source, f"has more than {LARGEST_TABLE >> 20} MiB", fix="Give one authority's, or region's, rows"
        )
    if content[:2] in UTF_16:
        try:
            return content.decode("utf-16").removeprefix("\ufeff")
        except UnicodeDecodeError:
            raise _not_csv(source, "is a binary file") from None
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise _not_csv(source, "is a spreadsheet or zip file")
    if head.startswith(b"<"):
        raise _not_csv(source, "is a web page or XML")
    if b"\x00" in content:
        raise _not_csv(source, "is a binary file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        raise _not_csv(source, "is a binary file") from None


def _delimiter(header: str) -> str:
    """The comma, unless the header has none and has semicolons or tabs."""
    others = [mark for mark in (";", "\t") if mark in header]
    return others[0] if others and "," not in header else ","


def _framed(rows: list[list[str]], lines: list[int], source: str) -> pd.DataFrame:
    """Rows as a frame of text under the first row as header; ragged rows are one fault."""
    if not rows:
        raise _not_csv(source, "is empty")
    header, body = rows[0], rows[1:]
    width = len(header)
    ragged = [line for line, row in zip(lines[1:], body, strict=True) if len(row) < width or any(row[width:])]
    if ragged:
        fix = "Correct them; a value with a comma in it stands in quotes"
        raise _not_csv(source, f"has rows with more or fewer values than the header's {width}", tuple(ragged), fix)
    repeated = sorted({name for name in header if name and header.count(name) > 1})
    if repeated:
        fault = Fault("F03", source, ", ".join(repeated), (1,), "a column name comes twice", "Keep one of them")
        raise InputError([fault])
    columns = list(zip(*(row[:width] for row in body), strict=True)) if body else [()] * width
    index = pd.Index(lines[1:], name=LINE, dtype="int64")
    named = {name: pd.Series(values, index=index, dtype="str") for name, values in zip(header, columns, strict=True)}
    named.pop("", None)  # the empty columns that spreadsheets leave on the right
    return pd.DataFrame(named, index=index)


def _not_csv(
    source: str, why: str, rows: tuple[int, ...] = (), fix: str = "Save the table as CSV (UTF-8) and try again"
) -> InputError:
    return InputError([Fault("F02", source, "", rows, f"not a CSV table: it {why}", fix)])


def line_numbers(table: pd.DataFrame) -> np.ndarray:
    """Line in the file of each row: the index named ``line``, else the position below a header on line 1."""
    if table.index.name == LINE:
        return table.index.to_numpy(dtype="int64")
    return np.arange(2, len(table) + 2)


def rows_where(table: pd.DataFrame, bad: pd.Series | np.ndarray) -> tuple[int, ...]:
    """Line numbers of the rows where ``bad`` is true; a missing answer is not bad."""
    mask = pd.Series(bad).fillna(False).astype(bool).to_numpy()
    return tuple(int(line) for line in line_numbers(table)[mask])


def as_text(values: pd.Series) -> pd.Series:
    """Values as stripped text, missing as "". Whole numbers that came as floats lose their ".0"."""
    if pd.api.types.is_float_dtype(values.dtype):
        whole = values.notna() & (values == values.round())
        text = values.astype("object").where(~whole, values.where(whole, 0).astype("int64").astype("object"))
        return text.map(str).where(values.notna(), "").astype("str")
    return values.astype("object").where(values.notna(), "").map(str).astype("str").str.strip()


def as_dates(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Dates (day precision) and where a value is there but is no date in an accepted format."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values.dt.tz_localize(None).dt.normalize().astype(DATES), pd.Series(False, index=values.index)
    text = as_text(values)
    codes, distinct = pd.factorize(text)
    parsed = _dates_of(pd.Series(distinct, dtype="str"))
    dates = pd.Series(parsed.to_numpy()[codes], index=values.index, dtype=DATES)
    return dates, dates.isna() & (text != "")


def _dates_of(text: pd.Series) -> pd.Series:
    """Distinct texts as dates, missing where they match neither format or name no day."""
    parts = text.str.extract(rf"^{_DAY_FIRST}{_MIDNIGHT}$").fillna(text.str.extract(rf"^{_ISO}{_MIDNIGHT}$"))
    iso = parts["year"] + "-" + parts["month"].str.zfill(2) + "-" + parts["day"].str.zfill(2)
    return pd.to_datetime(iso, format="%Y-%m-%d", errors="coerce").astype(DATES)


def as_numbers(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Numbers as floats and where a value is there but is no number; pound signs and thousands commas are taken."""
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        numbers = values.astype("Float64").astype("float64")
        return numbers, pd.Series(np.isinf(numbers), index=values.index)
    text = as_text(values).str.replace("£", "", regex=False).str.strip()
    good = text.str.fullmatch(_NUMBER)
    numbers = pd.to_numeric(text.where(good).str.replace(",", "", regex=False)).astype("float64")
    return numbers, ~good & (text != "")


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
