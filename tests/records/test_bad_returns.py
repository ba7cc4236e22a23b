"""Returns at fault: one clear message each, all of a folder at once, no child's values; and other layouts."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from written import EPISODE_HEADER, Day, Episode, write_return, write_returns

from sufficiency.errors import InputError
from sufficiency.records import check, read_records
from sufficiency.records.reading import OnFault

BORN = {"SECRET": Day(2012, 5, 1)}
EPISODES = [Episode("SECRET", Day(2023, 6, 1), Day(2024, 6, 1), rec="X1"), Episode("SECRET", Day(2024, 6, 1), rne="P")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_returns(tmp_path / "council", EPISODES, BORN, (2024, 2025))


SAMPLE = Path(__file__).resolve().parents[2] / "data"


def edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "returns" / "2025" / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def gone(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / "returns" / "2025" / name).unlink()


def holds(name: str, content: bytes) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return write


def nothing_left(folder: Path) -> None:
    for path in (folder / "returns").rglob("*.csv"):
        path.unlink()


def unaccompanied(folder: Path) -> None:
    """The return of 2024 lists the child, that of 2025 has no table to list it in."""
    listed = folder / "returns" / "2024" / "uasc.csv"
    listed.write_text(listed.read_text(encoding="utf-8") + "SECRET,1,01/05/2012,\n", encoding="utf-8")
    gone("uasc.csv")(folder)


E, H = "returns/2025/episodes.csv", "returns/2025/header.csv"
CASES = {
    "no episodes": (gone("episodes.csv"), E, "", ()),
    "no header": (gone("header.csv"), H, "", ()),
    "no uasc where others have": (unaccompanied, "returns/2025/uasc.csv", "", ()),
    "no row in episodes": (holds("returns/2025/episodes.csv", EPISODE_HEADER.encode()), E, "", ()),
    "no column DEC": (edit("episodes.csv", "DEC,REC", "ENDED,REC"), E, "DEC", ()),
    "no column DOB": (edit("header.csv", "DOB", "BORN"), H, "DOB", ()),
    "unreadable start": (edit("episodes.csv", "01/06/2023", "soon"), E, "DECOM", (2,)),
    "day that is none": (edit("episodes.csv", "01/06/2023", "31/06/2023"), E, "DECOM", (2,)),
    "unreadable birth": (edit("header.csv", "01/05/2012", "2012"), H, "DOB", (2,)),
    "ends before it starts": (edit("episodes.csv", "01/06/2024,X1", "01/05/2023,X1"), E, "DECOM, DEC", (2,)),
    "nobody's episode": (edit("episodes.csv", "SECRET", ""), E, "CHILD", (2,)),
    "unknown child": (edit("episodes.csv", "SECRET", "SECRET2"), E, "CHILD, DOB", (2,)),
    "a web page": (holds("returns/2025/episodes.csv", b"<html></html>"), E, "", ()),
    "a ragged row": (edit("episodes.csv", "U6,PR1", "U6"), E, "", (2,)),
    "an xml return": (holds("returns/2026.xml", b"<Message/>"), "returns/2026.xml", "", ()),
    "a broken zip": (holds("returns/2026.zip", b"PK\x03\x04junk"), "returns/2026.zip", "", ()),
    "nothing": (nothing_left, "returns", "", ()),
    "a bad register": (holds("homes.csv", b"home_id\nH1\n"), "homes.csv", "kind", ()),
    "about": (holds("about.toml", b"authority = Our council"), "about.toml", "", ()),
}


@pytest.mark.parametrize("name", list(CASES))
def test_each_fault_names_file_column_and_rows_and_no_child(name: str, folder: Path) -> None:
    damage, table, column, rows = CASES[name]
    damage(folder)
    with pytest.raises(InputError) as caught:
        read_records(folder)
    found = {(fault.table, fault.column, fault.rows) for fault in caught.value.faults}
    assert (table, column, rows) in found
    text = str(caught.value)
    assert not any(value in text for value in ("SECRET", "2012", "soon", "31/06"))
    assert all(fault.says and fault.fix for fault in caught.value.faults)
    faults, _, _ = check(folder)
    assert (table, column) in set(zip(faults["table"], faults["column"], strict=True))


@pytest.mark.parametrize("column", ["DECOM", "DEC"])
def test_a_date_column_that_came_out_empty_is_a_fault_of_the_column(column: str, tmp_path: Path) -> None:
    """One missing start is inferred, one missing end is open; a whole column of them is a broken extract."""
    shutil.copytree(SAMPLE / "returns" / "2025", tmp_path / "returns" / "2025")
    path = tmp_path / "returns" / "2025" / "episodes.csv"
    pd.read_csv(path, dtype=str, keep_default_na=False).assign(**{column: ""}).to_csv(path, index=False)
    with pytest.raises(InputError) as caught:
        read_records(tmp_path)
    assert [(fault.code, fault.table, fault.column) for fault in caught.value.faults] == [("F18", E, column)]


def test_columns_that_changed_places_are_a_fault_of_the_columns(tmp_path: Path) -> None:
    """With LS and CIN the other way round no short break is known as one, so children would be counted who are not."""
    shutil.copytree(SAMPLE / "returns" / "2025", tmp_path / "returns" / "2025")
    path = tmp_path / "returns" / "2025" / "episodes.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("LS,CIN", "CIN,LS", 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_records(tmp_path)
    assert [(fault.code, fault.table, fault.column) for fault in caught.value.faults] == [("F17", E, "LS")]


def test_a_report_leaves_the_return_at_fault_out(folder: Path) -> None:
    """The return of 2025 lacks a column, so the records end with 2024; asked otherwise, nothing is read."""
    edit("episodes.csv", "DEC,REC", "ENDED,REC")(folder)
    with pytest.raises(InputError):
        read_records(folder, on_fault="set_aside")
    records = read_records(folder, on_fault="report")
    assert records.years == (2024,)
    assert records.faults("error")["code"].tolist() == ["F04"]
    with pytest.raises(InputError, match="on_fault"):
        read_records(folder, on_fault="ignore")  # type: ignore[arg-type]


def test_a_uasc_table_that_would_be_empty_may_be_missing(folder: Path) -> None:
    """Some systems write no table without rows; nobody in the return is known as unaccompanied, so it is a notice."""
    gone("uasc.csv")(folder)
    assert [notice.code for notice in read_records(folder).notices] == ["N109"]


def test_other_tables_of_the_return_may_be_empty(folder: Path) -> None:
    (folder / "returns" / "2025" / "placed_for_adoption.csv").write_bytes(b"")
    assert [notice.code for notice in read_records(folder).notices] == ["N24"]


def test_a_cell_at_fault_is_told_once(folder: Path) -> None:
    """An unreadable date of birth does not also make every episode of the child one of unknown age, as another
    return knows the date; with an unreadable start the row is not also out of order.
    """
    edit("episodes.csv", "01/06/2023", "soon")(folder)
    edit("header.csv", "01/05/2012", "2012")(folder)
    with pytest.raises(InputError) as caught:
        read_records(folder)
    assert [(fault.table, fault.column) for fault in caught.value.faults] == [(H, "DOB"), (E, "DECOM")]


def test_an_unreadable_table_is_not_also_missing(folder: Path) -> None:
    (folder / "returns" / "2025" / "episodes.csv").write_bytes(b"PK\x03\x04 a workbook by another name")
    with pytest.raises(InputError) as caught:
        read_records(folder)
    assert [(fault.code, fault.table) for fault in caught.value.faults] == [("F02", E)]


def test_a_bad_register_does_not_hide_the_repairs_of_the_returns(folder: Path) -> None:
    (folder / "homes.csv").write_text("home_id\nH1\n", encoding="utf-8")
    faults, _, repairs = check(folder)
    assert set(faults["table"]) == {"homes.csv"}
    assert repairs.set_index("code").loc["M03", "rows"] == 1


def test_returns_and_registers_are_told_together(folder: Path) -> None:
    edit("episodes.csv", "01/06/2023", "soon")(folder)
    (folder / "prices.csv").write_text("kind,from_date,weekly_cost\nifa,2024-04-01,-5\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_records(folder)
    assert [fault.table for fault in caught.value.faults] == ["prices.csv", E]


def test_rows_at_fault_can_be_set_aside_and_are_accounted_for(folder: Path) -> None:
    edit("episodes.csv", "01/06/2024,X1", "01/05/2023,X1")(folder)
    records = read_records(folder, on_fault="set_aside")
    assert [(fault.code, fault.rows) for fault in records.set_aside] == [("E02", (2,))]
    counts = records.row_counts
    assert counts["set_aside"] == 1
    assert counts["read"] == counts["used"] + counts["repaired"] + counts["set_aside"] == 3
    assert records.faults()["table"].tolist()[0] == E
    assert "SECRET" not in repr(records) + records._repr_html_()


def test_missing_folder_is_a_fault_and_check_lists_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not there"):
        read_records(tmp_path / "nowhere")
    faults, notices, repairs = check(tmp_path / "nowhere")
    assert (len(faults), len(notices), len(repairs)) == (1, 0, 0)


def test_unknown_codes_are_notices_and_count_as_other(folder: Path) -> None:
    """K3 came with the return of 2025, so it is unknown in that of 2024; Q9 was never a code."""
    path = folder / "returns" / "2025" / "episodes.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("P,C2,N1,U6", "P,C2,N1,Q9"), encoding="utf-8")
    records = read_records(folder)
    assert records.stock("2025-03-31")["kind"].tolist() == ["other"]
    assert [(n.code, n.table, n.rows) for n in records.notices] == [("N13", E, (3,))]


def everyone(records_at: Path) -> list[tuple[str, str]]:
    placements = read_records(records_at).placements
    return list(zip(placements["started"].astype("str"), placements["kind"].astype("str"), strict=True))


def test_a_zip_of_the_returns_reads_the_same(folder: Path) -> None:
    before = everyone(folder)
    returns = folder / "returns"
    packed = folder / "packed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(returns.rglob("*.csv")):
            archive.write(path, path.relative_to(returns))
            path.unlink()
    packed.rename(returns / "all.zip")
    assert everyone(folder) == before


def test_tables_are_known_by_their_columns_and_iso_dates_mix(folder: Path) -> None:
    before = everyone(folder)
    for year in ("2024", "2025"):
        at = folder / "returns" / year
        (at / "episodes.csv").rename(at / "extract one.csv")
        (at / "header.csv").rename(at / "b.csv")
        text = (at / "extract one.csv").read_text(encoding="utf-8").replace("01/06/2023", "2023-06-01")
        (at / "extract one.csv").write_text(text, encoding="utf-8-sig")
    assert everyone(folder) == before


def test_one_combined_set_with_la_and_year_reads_the_same(folder: Path) -> None:
    before = everyone(folder)
    returns = folder / "returns"
    for name in ("header", "episodes", "uasc"):
        parts = [
            pd.read_csv(returns / year / f"{name}.csv", dtype=str).assign(LA="E06000030", YEAR=year)
            for year in ("2024", "2025")
        ]
        for year in ("2024", "2025"):
            (returns / year / f"{name}.csv").unlink()
        pd.concat(parts).to_csv(returns / f"{name}.csv", index=False)
    assert everyone(folder) == before
    text = (returns / "episodes.csv").read_text(encoding="utf-8").replace("E06000030", "", 1)
    (returns / "episodes.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="column LA: the cell is empty"):
        read_records(folder)


def test_folders_named_by_the_year_in_which_they_start(tmp_path: Path) -> None:
    """Folders 2023 and 2024 whose dates are of the years to March 2024 and 2025: the dates win, with a notice."""
    held = [(2024, EPISODES[:1]), (2025, EPISODES)]
    for year, episodes in held:
        rows = [episode.row(Day(year, 3, 31)) for episode in episodes]
        write_return(tmp_path / "returns" / str(year - 1), rows, BORN)
    records = read_records(tmp_path)
    assert records.years == (2024, 2025)
    assert {notice.code for notice in records.notices} == {"N03", "N20"}


def test_year_folders_without_a_returns_folder_and_labels_of_two_years(folder: Path) -> None:
    before = everyone(folder)
    (folder / "returns" / "2024").rename(folder / "2023-24")
    (folder / "returns" / "2025").rename(folder / "2024-25")
    (folder / "returns").rmdir()
    assert everyone(folder) == before
    assert read_records(folder).years == (2024, 2025)


def test_about_names_the_authority_and_files_have_their_fingerprint(folder: Path) -> None:
    (folder / "about.toml").write_text('authority = "Our council"\nsynthetic = true\n', encoding="utf-8")
    records = read_records(folder)
    assert (records.authority, records.synthetic) == ("Our council", True)
    assert set(records.file_hashes) == {
        "about.toml",
        *(f"returns/{y}/{n}.csv" for y in (2024, 2025) for n in ("episodes", "header", "uasc")),
    }
    assert all(len(value) == 64 for value in records.file_hashes.values())


def test_sexes_old_and_new_and_ever_uasc(tmp_path: Path) -> None:
    """1 and 2 until 2024, M, F and U from 2025; listed once as unaccompanied is listed for good."""
    born = {"A": Day(2010, 1, 1), "B": Day(2010, 1, 1), "C": Day(2010, 1, 1)}
    rows = [Episode(child, Day(2023, 6, 1)).row() for child in born]
    write_return(tmp_path / "returns" / "2024", rows, born, sex="2", uasc=["B"])
    write_return(tmp_path / "returns" / "2025", rows[:2], {"A": born["A"]}, sex="U")
    children = read_records(tmp_path).children.set_index("child_id")
    assert children["sex"].tolist() == ["other", "female", "female"]
    assert children["uasc"].tolist() == [False, True, False]


def test_a_missing_year_between_two_returns_is_noticed(tmp_path: Path) -> None:
    """Returns of 2023 and 2025 without 2024: read, and said."""
    shutil.copytree(SAMPLE / "returns" / "2023", tmp_path / "returns" / "2023")
    shutil.copytree(SAMPLE / "returns" / "2025", tmp_path / "returns" / "2025")
    faults, notices, _ = check(tmp_path)
    assert faults.empty
    assert notices["says"].str.contains("no return for 2024").any()


def of_sample(tmp_path: Path, *years: int) -> Path:
    for year in years:
        shutil.copytree(SAMPLE / "returns" / str(year), tmp_path / "returns" / str(year))
    return tmp_path / "returns"


def codes_of(folder: Path, on_fault: OnFault = "raise") -> set[str]:
    with pytest.raises(InputError) as caught:
        read_records(folder, on_fault=on_fault)
    return {fault.code for fault in caught.value.faults}


def test_a_return_of_other_children_is_a_fault(tmp_path: Path) -> None:
    """All numbers of 2025 differ from those of 2024: children would count twice, or leave who are there."""
    for path in sorted((of_sample(tmp_path, 2024, 2025) / "2025").iterdir()):
        path.write_text(path.read_text(encoding="utf-8").replace("SYN", "NEW"), encoding="utf-8")
    assert codes_of(tmp_path) == {"F19"}


def test_last_years_return_under_this_years_name_is_a_fault(tmp_path: Path) -> None:
    returns = of_sample(tmp_path, 2023, 2024)
    shutil.copytree(returns / "2024", returns / "2025")
    assert codes_of(tmp_path) == {"F34"}


def test_the_same_returns_with_and_without_la_are_a_fault(tmp_path: Path) -> None:
    returns = of_sample(tmp_path, 2024, 2025)
    for name in ("header", "episodes", "uasc"):
        parts = [pd.read_csv(returns / str(y) / f"{name}.csv", dtype=str).assign(LA="Us", YEAR=y) for y in (2024, 2025)]
        pd.concat(parts).to_csv(returns / f"{name}.csv", index=False)
    assert codes_of(tmp_path) == {"F33"}


def test_short_breaks_in_most_rows_are_a_fault_of_the_column(tmp_path: Path) -> None:
    path = of_sample(tmp_path, 2025) / "2025" / "episodes.csv"
    pd.read_csv(path, dtype=str, keep_default_na=False).assign(LS="V4").to_csv(path, index=False)
    assert codes_of(tmp_path) == {"F17"}


def test_what_is_left_of_a_broken_table_is_no_answer(tmp_path: Path) -> None:
    """Most ends of 2025 are unreadable: setting those rows aside would leave a handful of children."""
    path = of_sample(tmp_path, 2024, 2025) / "2025" / "episodes.csv"
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.assign(DEC=table["DEC"].mask(table["DEC"] != "", "some day")).to_csv(path, index=False)
    assert "F35" in codes_of(tmp_path, "set_aside")
