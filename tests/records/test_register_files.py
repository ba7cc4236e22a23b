"""Registers as CSV, as workbooks of their own and as sheets of one: the same registers, or one clear fault."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from sufficiency.errors import InputError
from sufficiency.records import check, read_records
from sufficiency.records.contract import REGISTERS
from sufficiency.records.register_files import find_registers
from sufficiency.records.registers import (
    check_register,
    read_children_and_homes,
    read_register,
    read_register_beside,
    register_notices,
)
from sufficiency.report.tables import defused

SAMPLE = Path(__file__).resolve().parents[2] / "data"
SAMPLED = [name for name in REGISTERS if (SAMPLE / f"{name}.csv").is_file()]
"""Registers of the sample authority, which has fixed no child's home by hand and given no scores."""

DATES = ("date_of_birth", "open_from", "open_to", "enquired_on", "applied_on", "approved_on", "left_on", "from_date")


def sheet_of(name: str) -> pd.DataFrame:
    """A register of the sample as a person would type it into Excel: dates as dates, numbers as numbers."""
    table = pd.read_csv(SAMPLE / f"{name}.csv", dtype={"child_id": str, "current_home_id": str})
    dates = [column for column in DATES if column in table.columns]
    return table.assign(**{column: pd.to_datetime(table[column]) for column in dates})


def write_sheets(path: Path, sheets: dict[str, pd.DataFrame], above: int = 0) -> Path:
    """A workbook; ``above``: rows of titles over each header, the last of them empty."""
    with pd.ExcelWriter(path, engine="xlsxwriter") as book:
        for title, table in sheets.items():
            table.to_excel(book, sheet_name=title, index=False, startrow=above)
            for row in range(above - 1):
                book.sheets[title].write(row, 0, f"Title {row}, drawn up on 1 April")
    return path


def of_csv(name: str) -> pd.DataFrame:
    return read_register(name, SAMPLE / f"{name}.csv")


@pytest.mark.parametrize("name", SAMPLED)
def test_a_workbook_gives_the_same_register_as_csv(name: str, tmp_path: Path) -> None:
    path = write_sheets(tmp_path / f"{name}.xlsx", {"Sheet1": sheet_of(name)}, above=3)
    pd.testing.assert_frame_equal(read_register(name, path), of_csv(name))


def test_titles_above_the_header_of_a_csv_register_are_left_out(tmp_path: Path) -> None:
    titles = "Homes of the authority, as at 31 March\n\nDrawn up by the team\n"
    (tmp_path / "homes.csv").write_text(titles + (SAMPLE / "homes.csv").read_text(encoding="utf-8"), encoding="utf-8")
    pd.testing.assert_frame_equal(read_register("homes", tmp_path / "homes.csv"), of_csv("homes"))


def test_one_workbook_holds_every_register_known_by_sheet_or_columns(tmp_path: Path) -> None:
    titles = {"children": "Children", "homes": " HOMES ", "carers": "List of carers", "prices": "£", "population": "P"}
    notes = pd.DataFrame({"Notes": ["Drawn up by the team"]})
    sheets = {"Read me": notes} | {title: sheet_of(name) for name, title in titles.items()}
    found = find_registers(write_sheets(tmp_path / "registers.xlsx", sheets).parent)
    assert not found.faults
    assert [(notice.code, notice.says[-7:]) for notice in found.notices] == [("N162", "sheet 1")]
    assert [file.name for file in found.files] == ["registers.xlsx"]
    for name, register in found.registers.items():
        assert register.source == f"registers.xlsx, sheet {name}"
        pd.testing.assert_frame_equal(check_register(name, register.table, register.source)[0], of_csv(name))
    assert list(found.registers) == SAMPLED


def test_a_folder_with_workbooks_reads_as_one_with_csv(tmp_path: Path, sample_records) -> None:
    shutil.copytree(SAMPLE / "returns" / "2025", tmp_path / "returns" / "2025")
    write_sheets(tmp_path / "registers.xlsx", {name: sheet_of(name) for name in ("children", "homes")})
    write_sheets(tmp_path / "prices.xlsx", {"2025": sheet_of("prices")})
    records = read_records(tmp_path)
    pd.testing.assert_frame_equal(records.child_register, sample_records.child_register)
    pd.testing.assert_frame_equal(records.homes, sample_records.homes)
    pd.testing.assert_frame_equal(records.prices, sample_records.prices)
    assert records.carers is None
    assert {"registers.xlsx", "prices.xlsx"} <= set(records.file_hashes)
    assert not [notice for notice in records.notices if "xlsx" in notice.table]


def test_faults_of_a_sheet_name_its_file_and_the_sheets_own_rows(tmp_path: Path) -> None:
    homes = sheet_of("homes").assign(places_free=lambda table: table["places_free"].mask(table.index == 4, 99))
    path = write_sheets(tmp_path / "homes.xlsx", {"Homes": homes}, above=5)
    with pytest.raises(InputError) as caught:
        read_register("homes", path)
    assert [(f.code, f.table, f.rows) for f in caught.value.faults] == [("H01", "homes.xlsx", (5 + 1 + 5,))]


def two_forms(folder: Path) -> None:
    shutil.copy(SAMPLE / "homes.csv", folder / "homes.csv")
    write_sheets(folder / "homes.xlsx", {"homes": sheet_of("homes")})


def own_file_and_common_sheet(folder: Path) -> None:
    shutil.copy(SAMPLE / "homes.csv", folder / "homes.csv")
    write_sheets(folder / "registers.xlsx", {"homes": sheet_of("homes")})


def old_excel(folder: Path) -> None:
    (folder / "homes.xls").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))


def a_folder(folder: Path) -> None:
    (folder / "homes.csv").mkdir()


def a_broken_link(folder: Path) -> None:
    (folder / "homes.csv").symlink_to(folder / "gone.csv")


def no_workbook(folder: Path) -> None:
    (folder / "homes.xlsx").write_bytes(b"PK\x03\x04" + bytes(600))


def broken_common_workbook(folder: Path) -> None:
    (folder / "registers.xlsx").write_bytes(b"not a workbook")


def workbook_called_csv(folder: Path) -> None:
    path = write_sheets(folder / "homes.xlsx", {"homes": sheet_of("homes")})
    path.rename(folder / "homes.csv")


def two_sheets_alike(folder: Path) -> None:
    write_sheets(folder / "homes.xlsx", {"old": sheet_of("homes"), "new": sheet_of("homes")})


def no_sheet_of_its_own(folder: Path) -> None:
    write_sheets(folder / "homes.xlsx", {"a": pd.DataFrame({"x": [1]}), "b": pd.DataFrame({"y": [1]})})


def empty_sheet(folder: Path) -> None:
    write_sheets(folder / "registers.xlsx", {"homes": pd.DataFrame()})


def column_missing(folder: Path) -> None:
    write_sheets(folder / "homes.xlsx", {"homes": sheet_of("homes").drop(columns="places")}, above=2)


def column_twice(folder: Path) -> None:
    table = sheet_of("homes").rename(columns={"provider": "PLACES"})
    write_sheets(folder / "homes.xlsx", {"homes": table})


def header_too_low(folder: Path) -> None:
    write_sheets(folder / "homes.xlsx", {"homes": sheet_of("homes"), "other": pd.DataFrame({"x": [1]})}, above=30)


@pytest.mark.parametrize(
    ("spoil", "code", "table", "says"),
    [
        (two_forms, "F30", "homes.csv and homes.xlsx", "there twice"),
        (own_file_and_common_sheet, "F30", "homes.csv and registers.xlsx, sheet homes", "there twice"),
        (old_excel, "F06", "homes.xls", "old Excel form"),
        (a_folder, "F01", "homes.csv", "is a folder"),
        (a_broken_link, "F01", "homes.csv", "cannot be opened"),
        (no_workbook, "F06", "homes.xlsx", "not an Excel workbook"),
        (broken_common_workbook, "F06", "registers.xlsx", "not an Excel workbook"),
        (workbook_called_csv, "F02", "homes.csv", "spreadsheet"),
        (two_sheets_alike, "F32", "homes.xlsx", "sheets 1 and 2 each have the columns of homes"),
        (no_sheet_of_its_own, "F31", "homes.xlsx", "no sheet is called homes"),
        (empty_sheet, "F31", "registers.xlsx", "the sheet homes is empty"),
        (column_missing, "F04", "homes.xlsx", "a required column is missing"),
        (column_twice, "F03", "homes.xlsx", "comes twice"),
    ],
)
def test_a_register_that_cannot_be_read_is_one_clear_fault(
    spoil, code: str, table: str, says: str, tmp_path: Path
) -> None:
    shutil.copytree(SAMPLE / "returns" / "2025", tmp_path / "returns" / "2025")
    spoil(tmp_path)
    with pytest.raises(InputError) as caught:
        read_records(tmp_path)
    assert [(fault.code, fault.table) for fault in caught.value.faults] == [(code, table)]
    assert says in str(caught.value)
    assert caught.value.faults[0].fix
    faults, _, _ = check(tmp_path)
    assert faults["code"].tolist() == [code]


def test_a_file_without_the_right_to_read_it_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(SAMPLE / "homes.csv", tmp_path / "homes.csv")

    def refused(path: Path) -> bytes:
        raise PermissionError(path)

    monkeypatch.setattr(Path, "read_bytes", refused)
    assert [fault.code for fault in find_registers(tmp_path).faults] == ["F01"]


def test_a_header_far_down_is_not_looked_for(tmp_path: Path) -> None:
    header_too_low(tmp_path)
    with pytest.raises(InputError, match="a required column is missing"):
        read_register("homes", tmp_path / "homes.xlsx")


def test_a_match_reads_workbooks_and_the_prices_beside_them(tmp_path: Path) -> None:
    """Children, homes and prices as three sheets of one workbook, or as files of mixed forms."""
    names = ("children", "homes", "prices")
    path = write_sheets(tmp_path / "registers.xlsx", {name: sheet_of(name) for name in names})
    children, homes = read_children_and_homes(path, path)
    pd.testing.assert_frame_equal(children, of_csv("children"))
    pd.testing.assert_frame_equal(homes, of_csv("homes"))
    pd.testing.assert_frame_equal(read_register_beside("prices", path), of_csv("prices"))
    assert read_register_beside("carers", path) is None
    with pytest.raises(InputError, match="no sheet is called carers"):
        read_register("carers", path)


def test_faults_of_both_files_of_a_match_are_told_at_once(tmp_path: Path) -> None:
    path = write_sheets(tmp_path / "children.xlsx", {"a": sheet_of("children").assign(needs_level=4)})
    with pytest.raises(InputError) as caught:
        read_children_and_homes(path, tmp_path / "homes.csv")
    assert [(fault.code, fault.table) for fault in caught.value.faults] == [
        ("R03", "children.xlsx"),
        ("F01", "homes.csv"),
    ]


def test_cells_that_look_like_formulas_are_text_in_and_defused_out(tmp_path: Path) -> None:
    """Neither file form evaluates anything: the provider and the id are the text that stands there."""
    formula = '=HYPERLINK("http://x.example";"y")'
    rows = sheet_of("homes").head(2).assign(provider=[formula, "+44 1793"], home_id=["@home", "-home"])
    with pd.ExcelWriter(tmp_path / "homes.xlsx", engine="xlsxwriter") as book:
        book.book.strings_to_formulas = False
        rows.to_excel(book, sheet_name="homes", index=False)
    rows.to_csv(tmp_path / "homes.csv", index=False)
    for ending in (".xlsx", ".csv"):
        homes = read_register("homes", tmp_path / f"homes{ending}")
        assert homes["provider"].tolist() == [formula, "+44 1793"]
        assert homes["home_id"].tolist() == ["@home", "-home"]
        assert all(str(defused(name)).startswith("'") for name in homes["home_id"])


def test_columns_without_a_name_and_others_are_kept_out_and_told(tmp_path: Path) -> None:
    table = sheet_of("homes").assign(colour="red").rename(columns={"provider": ""})
    path = write_sheets(tmp_path / "homes.xlsx", {"homes": table})
    found = find_registers(path.parent).registers["homes"]
    checked, faults = check_register("homes", found.table, found.source)
    assert not faults
    assert checked["provider"].isna().all()
    notices = register_notices("homes", found.table, checked, found.source)
    assert [(notice.code, notice.column) for notice in notices] == [("N01", "colour")]
