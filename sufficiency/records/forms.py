"""Returns that are not CSV: the statutory XML upload, and Excel exports, as the same tables of text."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, Final
from xml.etree import ElementTree

import pandas as pd

from sufficiency.errors import Fault, InputError
from sufficiency.records.files import SourceFile
from sufficiency.records.header_rows import Wanted, header_at
from sufficiency.records.tables import LINE, MOST_COLUMNS

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
    RuntimeError,
    TypeError,
    ValueError,
)
"""What openpyxl raises on workbooks with bytes changed or cut, seen by mutating good ones."""

OLE: Final = b"\xd0\xcf\x11\xe0"
"""How the old ``.xls`` form begins, and a workbook that is locked with a password, whatever its ending."""

LARGEST_WORKBOOK: Final = 100 << 20
"""Bytes that a workbook may hold once unpacked; a council's returns of ten years have about 6 MiB."""

MOST_CELLS: Final = 3_000_000
"""Cells of a workbook, filled or not, after which the rest is not read; a sheet of 100 MiB has fewer as a rule."""

MOST_WRITTEN_ROWS: Final = 1_500_000
"""Rows of a workbook, filled or not, beyond which it is not read; one whole sheet of Excel has 1,048,576."""

MOST_ROWS: Final = 500_000
"""The last row of a sheet in which a filled cell may stand; a region's ten years of episodes have about 300,000."""

UNSAVED_FORMULA: Final = re.compile(rb"<c(?P<about>\s[^>]*)><f(?:\s[^>]*)?(?:/>|>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>")
"""A cell of a sheet's XML that has a formula and no value, as programs write that calculate nothing."""


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


def tables_of_workbook(file: SourceFile, wanted: Wanted = ()) -> Iterator[tuple[str, pd.DataFrame]]:
    """Name and text of each sheet of an ``.xlsx`` file that has a header row; ``line`` is the sheet's row.

    ``wanted``: the tables that it may hold, each by names of its columns. The first row of a sheet that has them is
    its header, and titles above it are left out; without such a row the first is.

    Raises :class:`InputError` when it is no workbook, or broken, locked or too large.
    """
    for title, rows in sheets_of_workbook(file):
        at = header_at((cells for _, cells in rows), wanted) or 0
        table = table_of_sheet(rows[at:])
        yield title, table.loc[:, ~table.columns.duplicated(keep="last")]


def sheets_of_workbook(file: SourceFile) -> list[tuple[str, SheetRows]]:
    """Name and rows of each sheet of an ``.xlsx`` file, empty ones too, in the order of the workbook.

    Raises :class:`InputError` when it is no workbook, or broken, locked or too large, or has formulas that nothing
    has calculated.
    """
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    if file.content.startswith(OLE):
        raise _fault(file, "is locked with a password, or in the old .xls form", "Save it unlocked as .xlsx")
    try:
        with zipfile.ZipFile(io.BytesIO(file.content)) as parts:
            _check_parts(parts, file)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl's, on what it leaves out: drop-down lists, styles, headers
            book = openpyxl.load_workbook(io.BytesIO(file.content), read_only=True, data_only=True)
            return _sheets_of(book, file)
    except (InvalidFileException, *BROKEN):
        raise _fault(file, "is not an Excel workbook or is broken", "Save it again, or as CSV") from None


def _check_parts(parts: zipfile.ZipFile, file: SourceFile) -> None:
    """Raise the fault of a workbook that is too large to unpack, or has formulas without a value.

    The sizes are what the file says; a part that goes on beyond its own breaks off there, and is broken.
    """
    if sum(part.file_size for part in parts.infolist()) > LARGEST_WORKBOOK:
        says = f"unpacks to more than {LARGEST_WORKBOOK >> 20} MiB"
        raise _fault(file, says, "Save only the tables that are asked for in it, or each as CSV")
    rows = cells = 0
    for part in parts.namelist():
        if part.startswith("xl/worksheets/") and part.endswith(".xml"):
            sheet = parts.read(part)
            rows += sheet.count(b"<row")
            cells += sum(map(sheet.count, (b"<c ", b"<c>", b"<c/")))
            if rows > MOST_WRITTEN_ROWS or cells > MOST_CELLS:
                raise _too_many_cells(file)
            unsaved = _unsaved_formulas(sheet)
            if unsaved:
                says = "has formulas that were never calculated, so their cells have no value"
                raise _fault(file, says, "Open it in Excel and save it again", unsaved)


def _too_many_cells(file: SourceFile) -> InputError:
    says = f"has more than {MOST_CELLS:,} cells or {MOST_WRITTEN_ROWS:,} rows, filled or not"
    return _fault(file, says, "Save only the tables that are asked for in it, or each as CSV")


def _unsaved_formulas(sheet: bytes) -> tuple[int, ...]:
    """Rows of a sheet's XML with a formula without a value; one whose answer is empty text (``t="str"``) has one."""
    if b"<f" not in sheet:
        return ()
    cells = (match["about"] for match in UNSAVED_FORMULA.finditer(sheet))
    found = (re.search(rb'\sr="[A-Z]+(\d+)"', about) for about in cells if b't="str"' not in about)
    return tuple(dict.fromkeys(int(place[1]) for place in found if place))


def _sheets_of(book: Any, file: SourceFile) -> list[tuple[str, SheetRows]]:
    sheets = []
    cells_left = MOST_CELLS
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # as a sheet may claim more rows and columns than it has
        rows: SheetRows = []
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            cells_left -= len(row)
            if cells_left < 0 or number > MOST_WRITTEN_ROWS:
                raise _too_many_cells(file)
            last = _last_filled(row)
            if last:
                _check_place(number, last, file)
                rows.append((number, [_text(value) for value in row[:last]]))
        sheets.append((sheet.title, [row for row in rows if any(row[1])]))
    return sheets


def _last_filled(row: tuple[object, ...]) -> int:
    """How many cells of a row there are up to the last that holds something."""
    return next((at for at in range(len(row), 0, -1) if row[at - 1] not in (None, "")), 0)


def _check_place(row: int, column: int, file: SourceFile) -> None:
    """Raise the fault of a cell that is filled far away from any table, or of a table larger than any of ours."""
    if row > MOST_ROWS or column > MOST_COLUMNS:
        says = f"has a filled cell in row {row:,}, column {column:,}, where no table of ours reaches"
        raise _fault(file, says, "Delete what stands outside the table and save it again")


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
