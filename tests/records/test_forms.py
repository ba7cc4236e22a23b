"""XML and Excel returns give the same children as the CSV that they were made from; bombs and junk are faults."""

from __future__ import annotations

import contextlib
import io
import random
import re
import shutil
import time
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pandas as pd
import pytest

from sufficiency.errors import InputError
from sufficiency.records import check, read_records
from sufficiency.records.files import SourceFile
from sufficiency.records.forms import tables_of_workbook, tables_of_xml

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "returns"
YEARS = (2024, 2025)


def tables_of(year: int) -> dict[str, pd.DataFrame]:
    return {
        name: pd.read_csv(SAMPLE / str(year) / f"{name}.csv", dtype=str, keep_default_na=False)
        for name in ("header", "episodes", "uasc")
    }


def as_xml(year: int) -> str:
    """A return as the upload has it: an element a child, its header first, CHILDID for CHILD, PL for PLACE."""
    tables = tables_of(year)
    uasc = set(tables["uasc"]["CHILD"])
    episodes = dict(list(tables["episodes"].groupby("CHILD")))
    parts = ['<?xml version="1.0" encoding="utf-8"?>', "<SSDA903>"]
    for child in tables["header"].to_dict("records"):
        flag = "1" if child["CHILD"] in uasc else "0"
        leaves = {"CHILDID": child.pop("CHILD"), **child, "UASC": flag}
        parts.append("<CHILD><HEADER>" + leaves_of(leaves) + "</HEADER>")
        for episode in episodes[leaves["CHILDID"]].to_dict("records"):
            row = {("PL" if name == "PLACE" else name): value for name, value in episode.items() if name != "CHILD"}
            parts.append("<EPISODE>" + leaves_of(row) + "</EPISODE>")
        parts.append("</CHILD>")
    return "\n".join([*parts, "</SSDA903>"])


def leaves_of(row: dict[str, str]) -> str:
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in row.items())


@pytest.fixture(scope="module")
def of_csv(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("csv")
    for year in YEARS:
        shutil.copytree(SAMPLE / str(year), folder / "returns" / str(year))
    return read_records(folder)


def same_children(first, second) -> None:
    columns = ["child_id", "started", "ended", "kind", "miles"]
    pd.testing.assert_frame_equal(first.placements[columns], second.placements[columns])
    pd.testing.assert_frame_equal(first.children, second.children)


def test_statutory_xml_gives_the_same_children(of_csv, tmp_path: Path) -> None:
    for year in YEARS:
        folder = tmp_path / "returns" / str(year)
        folder.mkdir(parents=True)
        (folder / "upload.xml").write_text(as_xml(year), encoding="utf-8")
    same_children(read_records(tmp_path), of_csv)


def test_a_workbook_with_a_sheet_a_table_gives_the_same_children(of_csv, tmp_path: Path) -> None:
    for year in YEARS:
        folder = tmp_path / "returns" / str(year)
        folder.mkdir(parents=True)
        with pd.ExcelWriter(folder / "return.xlsx", engine="xlsxwriter") as book:
            for name, table in tables_of(year).items():
                dates = [column for column in ("DOB", "DECOM", "DEC") if column in table.columns]
                shown = table.assign(**{column: pd.to_datetime(table[column], format="%d/%m/%Y") for column in dates})
                shown.to_excel(book, sheet_name=name.title(), index=False)
    same_children(read_records(tmp_path), of_csv)


BOMB = """<?xml version="1.0"?><!DOCTYPE bomb [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<SSDA903><CHILD><CHILDID>&b;</CHILDID></CHILD></SSDA903>"""
OUTSIDE = (
    '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><SSDA903><CHILD><CHILDID>&f;</CHILDID></CHILD></SSDA903>'
)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("upload.xml", BOMB.encode(), "entities"),
        ("upload.xml", OUTSIDE.encode(), "entities"),
        ("upload.xml", b"<SSDA903><CHILD>", "breaks off"),
        ("upload.xml", b"<html><body>Not found</body></html>", "no child"),
        ("return.xlsx", b"PK\x03\x04" + bytes(2000), "not an Excel workbook"),
        ("return.xlsx", b"\xd0\xcf\x11\xe0" + bytes(2000), "is locked with a password, or in the old .xls form"),
        ("return.xls", b"\xd0\xcf\x11\xe0" + bytes(2000), "cannot be read"),
    ],
)
def test_bombs_and_junk_are_one_fault_without_a_traceback(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    folder = tmp_path / "returns" / "2025"
    folder.mkdir(parents=True)
    (folder / name).write_bytes(content)
    with pytest.raises(InputError) as error:
        read_records(tmp_path)
    assert any(says in fault.says for fault in error.value.faults)
    faults, _, _ = check(tmp_path)
    assert len(faults) == len(error.value.faults)


def test_mutated_workbooks_and_uploads_end_in_faults_or_tables(tmp_path: Path) -> None:
    """300 files with bytes changed, cut or added, from a fixed seed: never anything but tables or an InputError."""
    pd.DataFrame({"CHILD": ["1"] * 50, "DECOM": "01/01/2020"}).to_excel(tmp_path / "a.xlsx", index=False)
    sound = {"a.xlsx": (tmp_path / "a.xlsx").read_bytes(), "a.xml": as_xml(2025)[:4000].encode()}
    draw = random.Random(5)
    for turn in range(300):
        name = ("a.xlsx", "a.xml")[turn % 2]
        content = bytearray(sound[name])
        for _ in range(draw.choice([1, 3, 20, 100])):
            place = draw.randrange(len(content))
            content[place : place + draw.randrange(3)] = draw.randbytes(draw.randrange(3))
        file = SourceFile(name, bytes(content))
        with contextlib.suppress(InputError):
            list(tables_of_workbook(file)) if name == "a.xlsx" else tables_of_xml(file)


def test_a_date_of_birth_with_only_a_month_is_read_as_its_middle(tmp_path: Path) -> None:
    """Given as 03/2012 and as 2012-03: 15 March 2012, said once a file."""
    shutil.copytree(SAMPLE / "2025", tmp_path / "returns" / "2025")
    path = tmp_path / "returns" / "2025" / "header.csv"
    header = pd.read_csv(path, dtype=str, keep_default_na=False)
    children = header.loc[:1, "CHILD"].tolist()
    header.loc[0, "DOB"], header.loc[1, "DOB"] = "03/2012", "2012-03"
    header.to_csv(path, index=False)
    records = read_records(tmp_path, on_fault="set_aside")
    born = records.children.set_index("child_id")["date_of_birth"].reindex(children).dropna()
    assert set(born) == {pd.Timestamp("2012-03-15")}
    assert [notice.rows for notice in records.notices if notice.code == "N07"] == [(2, 3)]


def test_zips_that_are_cut_changed_or_nested_are_faults(tmp_path: Path) -> None:
    """Any byte of a zip of a return changed, or its end cut off: faults, or the same children."""
    expected = len(read_records(SAMPLE.parent / "returns" / "2025", on_fault="report").children)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("header", "episodes", "uasc"):
            archive.write(SAMPLE / "2025" / f"{name}.csv", f"2025/{name}.csv")
    whole = packed.getvalue()
    chance = random.Random(4)
    for _ in range(12):
        at = chance.randrange(len(whole))
        broken = whole[:at] if chance.random() < 0.3 else whole[:at] + bytes([whole[at] ^ 255]) + whole[at + 1 :]
        (tmp_path / "r.zip").write_bytes(broken)
        with contextlib.suppress(InputError):
            assert len(read_records(tmp_path / "r.zip").children) == expected
    with zipfile.ZipFile(tmp_path / "r.zip", "w") as archive:
        archive.writestr("inner.zip", whole)
    with pytest.raises(InputError, match="holds another zip"):
        read_records(tmp_path / "r.zip")


def book_of(sheet: str) -> SourceFile:
    """A workbook whose only sheet has this XML in it."""
    import openpyxl

    empty, full = io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(empty)
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with zipfile.ZipFile(empty) as parts, zipfile.ZipFile(full, "w", zipfile.ZIP_DEFLATED) as made:
        for name in parts.namelist():
            own = f'<worksheet xmlns="{space}">{sheet}</worksheet>'
            made.writestr(name, own if name == "xl/worksheets/sheet1.xml" else parts.read(name))
    return SourceFile("return.xlsx", full.getvalue())


def text_cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


ROWS_OF_TWO = f'<row r="1">{text_cell("A1", "CHILD")}</row><row r="2">{text_cell("A2", "7")}</row>'


@pytest.mark.parametrize(
    ("sheet", "says"),
    [
        (f'{ROWS_OF_TWO}<row r="1048576">{text_cell("A1048576", "x")}</row>', "row 1,048,576, column 1,"),
        (f'{ROWS_OF_TWO}<row r="3">{text_cell("XFD3", "x")}</row>', "row 3, column 16,384,"),
        (f'{ROWS_OF_TWO}<row r="9999999999">{text_cell("A1", "x")}</row>', "1,500,000 rows"),
        ("<row><c><v>1</v></c></row>" * 1_500_001, "1,500,000 rows"),
        ("<row>" + "<c/>" * 3_000_001 + "</row>", "3,000,000 cells"),
        ("<row>" + "<c><v>1</v></c>" * 3_000_001 + "</row>", "3,000,000 cells"),
        ('<row><c r="XFD1" s="1"/></row>' * 200, "3,000,000 cells"),
        (" " * (101 << 20), "unpacks to more than 100 MiB"),
    ],
)
def test_a_workbook_with_a_cell_far_away_or_too_much_in_it_is_one_fault_at_once(sheet: str, says: str) -> None:
    file = book_of(f'<dimension ref="A1:B2"/><sheetData>{sheet}</sheetData>')
    start = time.process_time()
    with pytest.raises(InputError) as error:
        list(tables_of_workbook(file))
    assert time.process_time() - start < 10
    (fault,) = error.value.faults
    assert says in fault.says


@pytest.mark.parametrize("dimension", ['<dimension ref="A1:XFD1048576"/>', '<dimension ref="A1"/>', ""])
def test_empty_rows_and_columns_that_are_formatted_do_not_count(dimension: str) -> None:
    """Whatever the sheet claims to hold, the table ends with its last filled cell."""
    formatted = "".join(f'<row r="{row}" s="1" customFormat="1"/>' for row in range(4, 200_000))
    empty = '<row r="3"><c r="A3" s="1"/><c r="XFD3" s="1"/></row><row r="1048576"><c r="A1048576" s="1"/></row>'
    file = book_of(f"{dimension}<sheetData>{ROWS_OF_TWO}{formatted}{empty}</sheetData>")
    ((_, table),) = tables_of_workbook(file)
    assert table.to_dict("records") == [{"CHILD": "7"}]
    assert table.index.tolist() == [2]


def test_a_formula_that_was_never_calculated_is_a_fault_and_a_calculated_one_its_value() -> None:
    book = "<sheetData>" + ROWS_OF_TWO + '<row r="3"><c r="A3"{about}><f>A2+1</f>{value}</c></row></sheetData>'
    for value in ("", "<v/>", "<v></v>", "<v />"):
        with pytest.raises(InputError, match=r"never calculated.*\(row 3\)"):
            list(tables_of_workbook(book_of(book.format(about="", value=value))))
    ((_, table),) = tables_of_workbook(book_of(book.format(about="", value="<v>8</v>")))
    assert table["CHILD"].tolist() == ["7", "8"]
    ((_, table),) = tables_of_workbook(book_of(book.format(about=' t="str"', value="<v></v>")))
    assert table["CHILD"].tolist() == ["7"]


def test_titles_above_the_wanted_header_of_a_sheet_are_left_out() -> None:
    title = text_cell("A1", "Episodes, as at 31 March")
    header = text_cell("A3", "Child") + text_cell("B3", "Decom")
    cells = text_cell("A4", "1") + text_cell("B4", "01/04/2024")
    file = book_of(f'<sheetData><row r="1">{title}</row><row r="3">{header}</row><row r="4">{cells}</row></sheetData>')
    ((_, table),) = tables_of_workbook(file, [{"CHILD", "DECOM"}])
    assert table.to_dict("records") == [{"Child": "1", "Decom": "01/04/2024"}]
    assert table.index.tolist() == [4]
    ((_, table),) = tables_of_workbook(file)
    assert table.index.tolist() == [3, 4]


def test_a_workbook_with_locked_parts_is_a_fault() -> None:
    content = bytearray(book_of("").content)
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for found in re.finditer(re.escape(mark), bytes(content)):
            content[found.start() + flags] |= 1
    with pytest.raises(InputError, match="not an Excel workbook or is broken"):
        list(tables_of_workbook(SourceFile("return.xlsx", bytes(content))))


def test_a_zip_that_unpacks_to_too_much_says_what_a_council_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sufficiency.records.files.LARGEST_UNPACKED", 1000)
    with zipfile.ZipFile(tmp_path / "r.zip", "w") as archive:
        archive.writestr("2025/episodes.csv", "0" * 1001)
    with pytest.raises(InputError, match=r"a council's returns are a few MB\. Check that it is the right file"):
        read_records(tmp_path / "r.zip")
