"""Returns that are not CSV: the statutory XML upload, and Excel exports, as the same tables of text."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, Final
from xml.etree import ElementTree

import pandas as pd

from sufficiency.errors import Fault, InputError
from sufficiency.records.files import LARGEST_UNPACKED, SourceFile
from sufficiency.records.tables import LINE

HEADER: Final = ("CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB")
EPISODE: Final = tuple(
    "CHILD DECOM RNE LS CIN PLACE PLACE_PROVIDER DEC REC REASON_PLACE_CHANGE HOME_POST PL_POST URN".split()
)
UASC: Final = ("CHILD", "SEX", "DOB", "DUC")
CSV_NAME: Final = {"CHILDID": "CHILD", "PL": "PLACE"}
"""Tags of the XML upload that the CSV tables call otherwise (the XML layout as the sector's validators read it)."""

NOT_UASC: Final = ("", "0", "N", "NO", "FALSE")
DECLARATIONS: Final = (b"<!doctype", b"<!entity")
"""What an XML bomb or an outside reference needs, and no return has."""

BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    ElementTree.ParseError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    TypeError,
    ValueError,
)
"""What openpyxl raises on workbooks with bytes changed or cut, seen by mutating good ones."""

LARGEST_SHEET: Final = 2_000_000
"""Rows and columns that a sheet may claim to have; a file that claims more is refused unread [cells a column]."""


def tables_of_xml(file: SourceFile) -> dict[str, pd.DataFrame]:
    """Header, episodes and UASC of a statutory XML upload, one element per child; ``line`` counts the children.

    Raises :class:`InputError` when it is no XML, breaks off, holds a document type or entities, or no child.
    """
    if any(mark in file.content.lower() for mark in DECLARATIONS):
        raise _fault(file, "has a document type or entities, which no return has", "Export the XML again")
    try:
        root = ElementTree.fromstring(file.content)
    except ElementTree.ParseError as error:
        line = error.position[0]
        raise _fault(file, "is not XML or breaks off", "Export the XML again", (line,)) from None
    except (LookupError, ValueError):
        raise _fault(file, "names a text encoding that cannot be read", "Export the XML again as UTF-8") from None
    children = [element for element in root.iter() if _is_child(element)]
    if not children:
        raise _fault(file, "has no child with a CHILDID in it", "Give the SSDA903 upload, or export it as CSV")
    header, episodes, uasc = [], [], []
    for number, child in enumerate(children, start=1):
        of_episodes = {id(leaf) for episode in _episodes(child) for leaf in episode.iter()}
        about = dict(_leaves(leaf for leaf in child.iter() if id(leaf) not in of_episodes))
        header.append((number, about))
        episodes += [(number, about | dict(_leaves(episode.iter()))) for episode in _episodes(child)]
        if about.get("DUC") or about.get("UASC", "").upper() not in NOT_UASC:
            uasc.append((number, about))
    return {"header": _table(header, HEADER), "episodes": _table(episodes, EPISODE), "uasc": _table(uasc, UASC)}


def _is_child(element: ElementTree.Element) -> bool:
    """An element with a child's number in it, directly or in its header, that is no header itself."""
    if _tag(element) == "HEADER":
        return False
    inside = [*element, *(leaf for part in element if _tag(part) == "HEADER" for leaf in part)]
    return any(_tag(leaf) in ("CHILDID", "CHILD") and not len(leaf) for leaf in inside)


def _episodes(child: ElementTree.Element) -> list[ElementTree.Element]:
    return [element for element in child.iter() if _tag(element) == "EPISODE"]


def _tag(element: ElementTree.Element) -> str:
    """The tag in capitals, without a namespace."""
    return str(element.tag).rpartition("}")[2].upper()


def _leaves(elements: Iterator[ElementTree.Element]) -> Iterator[tuple[str, str]]:
    for element in elements:
        if not len(element):
            yield CSV_NAME.get(_tag(element), _tag(element)), (element.text or "").strip()


def _table(rows: list[tuple[int, dict[str, str]]], columns: tuple[str, ...]) -> pd.DataFrame:
    index = pd.Index([number for number, _ in rows], name=LINE, dtype="int64")
    values = {column: [row.get(column, "") for _, row in rows] for column in columns}
    return pd.DataFrame(values, index=index, columns=list(columns)).astype("str")


SheetRows = list[tuple[int, list[str]]]
"""The rows of a sheet that hold something: the number of the row in the sheet, and its cells as text."""


def tables_of_workbook(file: SourceFile) -> Iterator[tuple[str, pd.DataFrame]]:
    """Name and text of each sheet of an ``.xlsx`` file that has a header row; ``line`` is the sheet's row.

    Raises :class:`InputError` when it is no workbook, or broken.
    """
    for title, rows in sheets_of_workbook(file):
        table = table_of_sheet(rows)
        yield title, table.loc[:, ~table.columns.duplicated(keep="last")]


def sheets_of_workbook(file: SourceFile) -> list[tuple[str, SheetRows]]:
    """Name and rows of each sheet of an ``.xlsx`` file, empty ones too, in the order of the workbook.

    Raises :class:`InputError` when it is no workbook, or broken.
    """
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(file.content)) as parts:
            if sum(part.file_size for part in parts.infolist()) > LARGEST_UNPACKED:
                raise _fault(file, "unpacks to more than 1 GiB", "Save only the return's tables in it")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl's, on what it leaves out: drop-down lists, styles, headers
            book = openpyxl.load_workbook(io.BytesIO(file.content), read_only=True, data_only=True)
            return [(sheet.title, _rows_of(sheet, file)) for sheet in book.worksheets]
    except (InvalidFileException, *BROKEN):
        raise _fault(file, "is not an Excel workbook or is broken", "Save it again, or as CSV") from None


def _rows_of(sheet: Any, file: SourceFile) -> SheetRows:
    if (sheet.max_row or 0) > LARGEST_SHEET:
        raise _fault(file, f"claims {sheet.max_row} rows in one sheet", "Delete the empty rows and save again")
    numbered = enumerate(sheet.iter_rows(values_only=True), start=1)
    rows = ((number, [_text(value) for value in row]) for number, row in numbered)
    return [(number, row) for number, row in rows if any(row)]


def table_of_sheet(rows: SheetRows) -> pd.DataFrame:
    """Rows as a table of text under the first of them; columns without a name are left out."""
    if not rows:
        return pd.DataFrame()
    header = rows[0][1]
    index = pd.Index([number for number, _ in rows[1:]], name=LINE, dtype="int64")
    named = [position for position, name in enumerate(header) if name]
    cells = [[row[position] if position < len(row) else "" for position in named] for _, row in rows[1:]]
    return pd.DataFrame(cells, index=index, columns=[header[position] for position in named], dtype="str")


def _text(value: object) -> str:
    """A cell as the CSV export of the same sheet would have it."""
    if value is None:
        return ""
    if hasattr(value, "strftime"):
        return str(value.strftime("%Y-%m-%d"))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _fault(file: SourceFile, says: str, fix: str, rows: tuple[int, ...] = ()) -> InputError:
    return InputError([Fault("F06", file.name, "", rows, says, fix)])
