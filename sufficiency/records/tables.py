"""One file in, as text with the line number of every row; :mod:`~sufficiency.records.cells` makes values of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.errors import Fault, InputError
from sufficiency.records.cells import (  # read by those that want a file's text and its values from one place
    DATE_FIX,
    DATES,
    FLAG_FIX,
    NUMBER_FIX,
    as_dates,
    as_flags,
    as_lists,
    as_numbers,
    as_text,
    as_whole_numbers,
    date_fix,
)
from sufficiency.records.header_rows import Wanted, header_at

__all__ = [
    "DATES",
    "DATE_FIX",
    "FLAG_FIX",
    "LINE",
    "NUMBER_FIX",
    "as_dates",
    "as_flags",
    "as_lists",
    "as_numbers",
    "as_text",
    "as_whole_numbers",
    "date_fix",
    "header_of",
    "line_numbers",
    "missing_file",
    "read_table",
    "rows_where",
    "table_from_bytes",
]

LINE: Final = "line"
"""Name of the index that holds line numbers in the file; the header is line 1."""

LARGEST_TABLE: Final = 64 << 20
"""Bytes of the largest file that is read; a region's ten years of episodes have about 25 MiB."""

MOST_COLUMNS: Final = 500
"""Named columns of the widest table that is read; the widest of ours have a few dozen."""

ROWS_AT_A_TIME: Final = 20_000
"""Rows that are held as single cells before they are packed into columns, which take a tenth of the memory."""

LONGEST_HEADER: Final = 1 << 16
"""Bytes in which a header line has ended [bytes]."""

UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
"""How the Unicode text that Excel saves begins."""

MOST_RAGGED: Final = 1000
"""Rows of the wrong width after which a file is no table, and the rest of it is not read."""


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


def table_from_bytes(content: bytes, source: str, wanted: Wanted = ()) -> pd.DataFrame:
    """:func:`read_table` for content that is already in memory, such as a member of a zip.

    ``wanted``: the tables that it may be, each by names of its columns. The first row that has them is the header, and
    titles above it are left out; without such a row, or without ``wanted``, the first row is.
    """
    encoding = _encoding_of(content, source)
    above, mark = _start(content, encoding, wanted)
    return _framed(_rows(content, encoding, above, mark, source), source)


def header_of(content: bytes, source: str, wanted: Wanted = ()) -> list[str]:
    """The column names of a CSV file, without reading the rest; raises as :func:`read_table`.

    ``wanted`` as :func:`table_from_bytes` has it; without, they stand in the first line.
    """
    first = content
    if content[:2] not in UTF_16:
        first = content.lstrip()[:LONGEST_HEADER]
        first = (first.rpartition(b"\n")[0] or first) if wanted else first.split(b"\n", 1)[0]
    encoding = _encoding_of(first, source)
    above, mark = _start(first, encoding, wanted)
    lines = _lines_below(first, encoding, above)
    try:
        names = next(csv.reader(lines if wanted else islice(lines, 1), delimiter=mark), [])
    except csv.Error:
        raise _not_csv(source, "has a header line without an end") from None
    header = [name.strip() for name in names if name.strip()]
    _check_width(header, source)
    return list(dict.fromkeys(header))


def _start(content: bytes, encoding: str, wanted: Wanted) -> tuple[int, str]:
    """Lines above the header, and the mark between its cells: a comma, or a semicolon or tab as it comes out."""
    head = _text_of(content, encoding).read(LONGEST_HEADER)
    for mark in (",", ";", "\t") if wanted else ():
        rows = list(_first_rows(head, mark))
        at = header_at((cells for _, cells in rows), wanted)
        if at is not None:
            return rows[at][0], mark
    return 0, _delimiter(head.split("\n", 1)[0])


def _first_rows(head: str, mark: str) -> Iterator[tuple[int, list[str]]]:
    """The first rows that hold something, each after how many lines; titles may have quotes out of place."""
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=mark)
    with suppress(csv.Error, StopIteration):
        while True:
            above = reader.line_num
            cells = next(reader)
            if any(map(str.strip, cells)):
                yield above, cells


def _text_of(content: bytes, encoding: str) -> io.TextIOWrapper:
    """The text as a stream, so that it never lies in memory whole; line ends stay as they are."""
    return io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")


def _lines_below(content: bytes, encoding: str, above: int) -> Iterator[str]:
    return islice(_text_of(content, encoding), above, None)


def _rows(content: bytes, encoding: str, above: int, mark: str, source: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold something, stripped, each with its last line in the file."""
    reader = csv.reader(_lines_below(content, encoding, above), delimiter=mark, strict=True)
    begun = above + 1
    try:
        for values in reader:
            stripped = [value.strip() for value in values] if any(values) else []
            if any(stripped):
                yield above + reader.line_num, stripped
            begun = above + reader.line_num + 1
    except csv.Error:
        last = next(_lines_below(content, encoding, above + reader.line_num - 1), "")
        longest = max(map(len, last.strip().split(mark)))
        if longest > csv.field_size_limit():
            fix = "Empty or shorten that cell"
            raise _not_csv(source, f"has a cell of {longest:,} characters", (above + reader.line_num,), fix) from None
        raise _not_csv(source, "breaks off or has quotes out of place", (begun,)) from None


def _encoding_of(content: bytes, source: str) -> str:
    """How the text of a file is encoded, or the fault that says what it is instead."""
    head = content[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not content.strip(b"\xef\xbb\xbf \t\r\n"):
        raise _not_csv(source, "is empty")
    if len(content) > LARGEST_TABLE:
        raise _not_csv(
            source, f"has more than {LARGEST_TABLE >> 20} MiB", fix="Give one authority's, or region's, rows"
        )
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise _not_csv(source, "is a spreadsheet or zip file")
    if head.startswith(b"<"):
        raise _not_csv(source, "is a web page or XML")
    encodings = ("utf-16",) if content[:2] in UTF_16 else ("utf-8-sig", "cp1252")
    if b"\x00" not in content or content[:2] in UTF_16:
        for encoding in encodings:
            with suppress(UnicodeDecodeError):
                content.decode(encoding)
                return encoding
    raise _not_csv(source, "is a binary file")


def _delimiter(header: str) -> str:
    """The comma, unless the header has none and has semicolons or tabs."""
    others = [mark for mark in (";", "\t") if mark in header]
    return others[0] if others and "," not in header else ","


def _framed(rows: Iterator[tuple[int, list[str]]], source: str) -> pd.DataFrame:
    """Rows as a frame of text under the first row as header; ragged rows are one fault."""
    header_line, header = next(rows, (0, []))
    if not header:
        raise _not_csv(source, "is empty")
    _check_width([name for name in header if name], source)
    ragged: list[int] = []
    whole = _whole_rows(rows, len(header), ragged)
    parts = [_packed([], header)]
    while batch := list(islice(whole, ROWS_AT_A_TIME)):
        parts.append(_packed(batch, header))
    if ragged:
        fix = "Correct them; a value with a comma in it stands in quotes"
        says = f"has rows with more or fewer values than the header's {len(header)}"
        raise _not_csv(source, says, tuple(ragged), fix)
    repeated = sorted({name for name in header if name and header.count(name) > 1})
    if repeated:
        says = "a column name comes twice"
        raise InputError([Fault("F03", source, ", ".join(repeated), (header_line,), says, "Keep one of them")])
    return pd.concat(parts)


def _check_width(header: list[str], source: str) -> None:
    """Raise the fault of a table with more named columns than any of ours."""
    if len(header) > MOST_COLUMNS:
        raise _not_csv(source, f"has more than {MOST_COLUMNS} columns", fix="Give the table itself, or delete the rest")


def _whole_rows(
    rows: Iterator[tuple[int, list[str]]], width: int, ragged: list[int]
) -> Iterator[tuple[int, list[str]]]:
    """Rows as wide as the header; the lines of others are added to ``ragged``, until there are too many."""
    for line, row in rows:
        if len(row) >= width and not any(row[width:]):
            yield line, row
        else:
            ragged.append(line)
            if len(ragged) > MOST_RAGGED:
                return


def _packed(rows: list[tuple[int, list[str]]], header: list[str]) -> pd.DataFrame:
    """Rows as columns of text; those without a name, which spreadsheets leave on the right, are left out."""
    index = pd.Index([line for line, _ in rows], name=LINE, dtype="int64")
    named = {name: at for at, name in enumerate(header) if name}
    columns = {name: pd.Series([row[at] for _, row in rows], index=index, dtype="str") for name, at in named.items()}
    return pd.DataFrame(columns, index=index)


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
