"""One file as text: encodings taken, and what is no CSV told in one clear fault."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sufficiency.errors import InputError
from sufficiency.records.tables import (
    DATE_FIX,
    LARGEST_TABLE,
    ROWS_AT_A_TIME,
    as_dates,
    as_flags,
    as_numbers,
    as_whole_numbers,
    date_fix,
    header_of,
    read_table,
    rows_where,
    table_from_bytes,
)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" \r\n ",
        b"\xef\xbb\xbf",
        b"PK\x03\x04rest of a spreadsheet",
        b"<!DOCTYPE html><html></html>",
        b"\x00\x01\x02\xff",
        b"a,b\n1,2,3\n",
        b"a,b\n1\n",
        b'a,b\n"1,2\n',
        b"a,a\n1,2\n",
    ],
)
def test_what_is_not_csv_is_one_fault_that_names_the_file(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "homes.csv").write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_table(tmp_path / "homes.csv")
    assert [fault.table for fault in caught.value.faults] == ["homes.csv"]


def test_missing_file_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"homes\.csv: the file is not there"):
        read_table(tmp_path / "homes.csv")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_encodings_blank_lines_and_trailing_commas(encoding: str) -> None:
    """The blank line 2 is no row, so the only row is line 3; the column without a name is dropped."""
    table = table_from_bytes(" name ,b,\n\n Zoë ,1,\n".encode(encoding), "x.csv")
    assert table.to_dict("records") == [{"name": "Zoë", "b": "1"}]
    assert rows_where(table, table["b"] == "1") == (3,)


def test_a_line_break_inside_quotes_keeps_the_lines_of_the_file() -> None:
    table = table_from_bytes(b'a,b\n"one\ntwo",x\nthree,bad\n', "x.csv")
    assert rows_where(table, table["b"] == "bad") == (4,)


@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)))
def test_both_written_forms_of_a_day_are_the_same_day(day: datetime.date) -> None:
    iso = pd.Series([f"{day:%Y-%m-%d}", f"{day:%d/%m/%Y}"])
    dates, bad = as_dates(iso)
    assert not bad.any()
    assert dates.tolist() == [pd.Timestamp(day)] * 2


@pytest.mark.parametrize(
    "text", ["31/02/2020", "2020-2-3", "03/04/20", "12.5-2020", "2020-01-01 10:30", "soon", "0201-05-05"]
)
def test_a_day_that_is_none_is_bad(text: str) -> None:
    dates, bad = as_dates(pd.Series([text, ""]))
    assert bad.tolist() == [True, False]
    assert dates.isna().all()


@pytest.mark.parametrize(
    "text",
    [
        "31/03/2024",
        "31-03-2024",
        "31.03.2024",
        "31-Mar-2024",
        "31 Mar 2024",
        "31 march 2024",
        "31-MARCH-2024 00:00:00",
        "2024-03-31",
    ],
)
def test_every_written_form_of_a_day_is_that_day(text: str) -> None:
    dates, bad = as_dates(pd.Series([text]))
    assert dates.tolist() == [pd.Timestamp(2024, 3, 31)]
    assert not bad.any()


@pytest.mark.parametrize(
    "text", ["03-31-2024", "Mar 31 2024", "31 Maerz 2024", "31-Mar-24", "31 Mar-2024", "31 03 2024"]
)
def test_no_day_is_read_month_first_in_two_digits_or_with_mixed_marks(text: str) -> None:
    assert as_dates(pd.Series([text]))[1].tolist() == [True]


@pytest.mark.parametrize("mark", ["/", "-", "."])
def test_the_day_comes_before_the_month_whatever_stands_between_them(mark: str) -> None:
    assert as_dates(pd.Series([f"3{mark}04{mark}2024"]))[0].tolist() == [pd.Timestamp(2024, 4, 3)]


def test_words_for_nothing_are_missing_dates() -> None:
    dates, bad = as_dates(pd.Series(["NULL", "N/A", "na", "None", "NaN", "NaT", "-", "", None]))
    assert dates.isna().all()
    assert not bad.any()


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (["03/31/2024", "4/25/2024", "soon"], "month/day/year"),
        (["03/31/2024 10:30"], "month/day/year"),
        (["45382", "45382.5"], "Excel's day numbers"),
        ([45382.0, 45383.0], "Excel's day numbers"),
        (["########", "#####"], "too narrow"),
        (["31/03/24", "1-Mar-24"], "year in full"),
        (["soon", "31/02/2024", "45382"], DATE_FIX),
        ([], DATE_FIX),
    ],
)
def test_what_to_do_about_dates_is_told_from_how_most_of_them_look(cells: list[object], says: str) -> None:
    fix = date_fix(pd.Series(cells, dtype=None if cells else "str"))
    assert says in fix
    assert not any(str(cell) in fix for cell in cells)


def test_a_number_without_end_is_none() -> None:
    for read in (as_numbers, as_whole_numbers):
        for cells in (["1e999", "7"], [float("inf"), 7.0]):
            numbers, bad = read(pd.Series(cells))
            assert bad.tolist() == [True, False]
            assert numbers.fillna(-1).tolist() == [-1, 7]


TITLES = (
    'Looked after children, as at 31 March\nDrawn up by "Team A" for panel\n\n'
    '"A note\nof two lines",\n Child ,DECOM\n1,01/04/2024\n'
)
WANTED = ({"CHILD", "DECOM"}, {"CHILD", "DOB"})


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_titles_above_the_wanted_header_are_left_out_and_lines_stay_true(mark: str, encoding: str) -> None:
    content = TITLES.replace("DECOM\n1,", f"DECOM\n1{mark}").replace("Child ,", f"Child {mark}").encode(encoding)
    table = table_from_bytes(content, "x.csv", WANTED)
    assert table.to_dict("records") == [{"Child": "1", "DECOM": "01/04/2024"}]
    assert table.index.tolist() == [7]
    assert header_of(content, "x.csv", WANTED) == ["Child", "DECOM"]


def test_without_wanted_names_or_without_a_row_of_them_the_first_row_is_the_header() -> None:
    content = b"a,b\nCHILD,DECOM\n"
    for wanted in ((), ({"CHILD", "DOB"},)):
        assert header_of(content, "x.csv", wanted) == ["a", "b"]
        assert table_from_bytes(content, "x.csv", wanted).columns.tolist() == ["a", "b"]
    deep = b"title\n" * 20 + b"CHILD,DECOM\n"
    assert header_of(deep, "x.csv", WANTED) == ["title"]
    assert header_of(deep[6:], "x.csv", WANTED) == ["CHILD", "DECOM"]


def fault_of(content: bytes) -> str:
    with pytest.raises(InputError) as caught:
        table_from_bytes(content, "x.csv")
    (fault,) = caught.value.faults
    return str(fault)


def test_a_table_too_large_too_wide_or_with_an_endless_cell_is_told_so() -> None:
    assert "more than 64 MiB" in fault_of(b"a,b\n" + b"1,2\n" * (LARGEST_TABLE // 4))
    wide = ",".join(f"c{number}" for number in range(501)).encode() + b"\n"
    assert "more than 500 columns" in fault_of(wide + b"1," * 500 + b"1\n")
    with pytest.raises(InputError, match="more than 500 columns"):
        header_of(wide, "x.csv")
    assert "a cell of 5,000,000 characters (row 3)" in fault_of(b"a,b\n1,2\n1," + b"9" * 5_000_000 + b"\n3,4\n")


def test_quotes_that_never_close_are_told_with_the_row_where_they_open() -> None:
    assert "quotes out of place (row 3)" in fault_of(b'a,b\n1,2\n1,"3\n' + b"4,5\n" * 100_000)
    assert "quotes out of place (row 2)" in fault_of(b'a,b\n"1,2\n3,4\n')


def test_a_long_table_keeps_every_row_also_where_rows_end_in_an_empty_cell() -> None:
    rows = 2 * ROWS_AT_A_TIME + 5
    table = table_from_bytes(b"a,b\n" + b"".join(b"%d,x,\n" % row for row in range(rows)), "x.csv")
    assert table["a"].tolist() == [str(row) for row in range(rows)]
    assert table.index.tolist() == list(range(2, rows + 2))
    assert (table.dtypes == "str").all()


def test_numbers_and_flags() -> None:
    numbers, bad = as_numbers(pd.Series(["1,020.5", "£3", "1,2", "nan", "1e3", ""]))
    assert numbers.fillna(-1).tolist() == [1020.5, 3, -1, -1, 1000, -1]
    assert bad.tolist() == [False, False, True, True, False, False]
    flags, bad = as_flags(pd.Series(["Yes", "0", "perhaps", ""]))
    assert bad.tolist() == [False, False, True, False]
    assert flags.tolist()[:2] == [True, False]
