"""Tables and folders: formulas defused, the same bytes twice, and never half an answer."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pandas as pd
import pytest

from sufficiency import InputError
from sufficiency.report.files import replaced_as_a_whole, written_together
from sufficiency.report.tables import as_csv, write_tables
from sufficiency.stamp import Stamp

STAMP = Stamp("Plan", "Sample Borough", True, pd.Timestamp("2025-03-31"), 903, 50, "0.1.0")


def test_csv_names_its_scenario_defuses_formulas_and_keeps_numbers() -> None:
    table = pd.DataFrame(
        {"date": pd.to_datetime(["2025-03-31"]), "line": ["=cmd()"], "mean": [1 / 3], "was": ["-0.5"], "flag": [True]}
    )
    text = as_csv(table, STAMP)
    assert text == "date,line,mean,was,flag,scenario\n2025-03-31,'=cmd(),0.3333,-0.5,true,Plan (synthetic data)\n"
    assert pd.read_csv(io.StringIO(text)).loc[0, "mean"] == pytest.approx(1 / 3, abs=1e-4)


def test_the_table_given_is_left_as_it_was(tmp_path: Path) -> None:
    table = pd.DataFrame({"line": ["=x"], "mean": [1.23456789]})
    write_tables({"one": table}, tmp_path / "out", STAMP)
    assert table.columns.tolist() == ["line", "mean"]
    assert table.loc[0, "mean"] == 1.23456789


def test_a_failure_while_writing_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        with written_together(folder) as beside:
            (beside / "half.csv").write_text("x", encoding="utf-8")
            raise RuntimeError("interrupted")

    with pytest.raises(RuntimeError, match="interrupted"):
        fail(tmp_path / "new" / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_replaced_leaves_all_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows when the workbook is open in Excel: the second move fails, the first is taken back."""
    folder = tmp_path / "out"
    folder.mkdir()
    for name in ("a.csv", "b.xlsx"):
        (folder / name).write_text("old", encoding="utf-8")
    move = os.replace

    def locked(source: Path, target: Path) -> None:
        if Path(source).name == "b.xlsx" and Path(source).parent == folder:
            raise PermissionError(13, "Permission denied")
        move(source, target)

    monkeypatch.setattr(os, "replace", locked)

    def write() -> None:
        with written_together(folder) as beside:
            for name in ("a.csv", "b.xlsx", "c.csv"):
                (beside / name).write_text("new", encoding="utf-8")

    with pytest.raises(InputError, match="Close the file"):
        write()
    assert sorted(path.name for path in folder.iterdir()) == ["a.csv", "b.xlsx"]
    assert {path.read_text(encoding="utf-8") for path in folder.iterdir()} == {"old"}


def test_what_an_earlier_export_owned_goes_and_what_the_user_keeps_stays(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "gone.csv").write_text("old", encoding="utf-8")
    (tmp_path / "my notes.txt").write_text("mine", encoding="utf-8")
    with replaced_as_a_whole(tmp_path, ("tables",)) as beside:
        (beside / "tables").mkdir()
        (beside / "tables" / "new.csv").write_text("new", encoding="utf-8")
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["my notes.txt", "new.csv"]


def test_a_folder_that_is_a_file_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written"), written_together(tmp_path / "out"):
        pass
