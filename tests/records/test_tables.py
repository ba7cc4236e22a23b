"""One file as text: encodings taken, and what is no CSV told in one clear fault."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sufficiency.errors import InputError
from sufficiency.records.tables import as_dates, as_flags, as_numbers, read_table, rows_where, table_from_bytes


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
    "text", ["31/02/2020", "2020-2-3", "03/04/20", "12.5.2020", "2020-01-01 10:30", "soon", "0201-05-05"]
)
def test_a_day_that_is_none_is_bad(text: str) -> None:
    dates, bad = as_dates(pd.Series([text, ""]))
    assert bad.tolist() == [True, False]
    assert dates.isna().all()


def test_numbers_and_flags() -> None:
    numbers, bad = as_numbers(pd.Series(["1,020.5", "£3", "1,2", "nan", "1e3", ""]))
    assert numbers.fillna(-1).tolist() == [1020.5, 3, -1, -1, 1000, -1]
    assert bad.tolist() == [False, False, True, True, False, False]
    flags, bad = as_flags(pd.Series(["Yes", "0", "perhaps", ""]))
    assert bad.tolist() == [False, False, True, False]
    assert flags.tolist()[:2] == [True, False]
