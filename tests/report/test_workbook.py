"""The workbook: totals that recalculate to the tables' figures, text that stays text, the same bytes twice."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from sufficiency.report.publication import Publication
from sufficiency.report.workbook import write_workbook
from sufficiency.vocabulary import KIND_LABELS


@pytest.fixture(scope="module")
def path(publication: Publication, tmp_path_factory: pytest.TempPathFactory) -> Path:
    written = tmp_path_factory.mktemp("workbook") / "workbook.xlsx"
    write_workbook(publication, written)
    return written


def cells(path: Path, sheet: str, *, values: bool) -> list[list[object]]:
    book = openpyxl.load_workbook(path, data_only=values)
    return [[cell.value for cell in row] for row in book[sheet].iter_rows()]


def costs(publication: Publication, line: str) -> list[float]:
    budget = publication.tables["budget"]
    return budget[(budget["measure"] == "cost") & (budget["line"] == line)]["mean"].tolist()


def test_two_writes_give_the_same_bytes(publication: Publication, path: Path, tmp_path: Path) -> None:
    write_workbook(publication, tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == path.read_bytes()


def test_contents_lead_to_every_sheet_and_say_that_the_data_are_made_up(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    first = book.worksheets[0]
    links = {cell.hyperlink.location for row in first.iter_rows() for cell in row if cell.hyperlink}
    assert {link.split("!")[0].strip("'") for link in links} == set(book.sheetnames[1:])
    text = " ".join(str(cell.value) for row in first.iter_rows() for cell in row if cell.value)
    assert "SYNTHETIC" in text.upper()
    assert "social worker decides" in text


def test_the_budgets_total_is_a_live_sum_of_its_lines(publication: Publication, path: Path) -> None:
    """The formula adds up exactly the cells of the lines above it, and these are the table's means."""
    formulas, shown = cells(path, "Budget", values=False), cells(path, "Budget", values=True)
    number = next(place for place, row in enumerate(formulas) if row[0] == "Total cost" and "SUM" in str(row[2]))
    for position, total in enumerate(costs(publication, "total")):
        found = re.fullmatch(r"=SUM\([A-Z]+(\d+):[A-Z]+(\d+)\)", str(formulas[number][2 + position]))
        assert found is not None
        first, last = (int(part) for part in found.groups())
        lines = [float(str(shown[row - 1][2 + position])) for row in range(first, last + 1)]
        assert sum(lines) == pytest.approx(total)
        assert float(str(shown[number][2 + position])) == pytest.approx(total), "the value shown before recalculation"
    labels = [row[0] for row in shown]
    ifa = shown[labels.index(KIND_LABELS["ifa"])]
    assert [float(str(value)) for value in ifa[2:5]] == pytest.approx(costs(publication, "ifa"))


def test_text_that_looks_like_a_formula_stays_text(publication: Publication, tmp_path: Path) -> None:
    sly = '=HYPERLINK("x","y")'
    changes = pd.DataFrame([{"setting": sly, "was": "+1+1", "now": "@x", "source": "-2+3"}])
    tables = {**publication.tables, "changes": changes}
    write_workbook(Publication(publication.stamp, tables, (sly,), {}), tmp_path / "sly.xlsx")
    book = openpyxl.load_workbook(tmp_path / "sly.xlsx")
    held = [cell for row in book["Changes"].iter_rows() for cell in row if cell.value in (sly, "+1+1", "@x", "-2+3")]
    assert len(held) == 4
    assert all(cell.data_type == "s" for cell in held)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice recalculates; the gate installs it")
def test_recalculated_by_libreoffice_the_totals_are_the_same(
    publication: Publication, path: Path, tmp_path: Path
) -> None:
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "ods", "--outdir", str(tmp_path), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=240)
    back = [command[0], profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path)]
    subprocess.run([*back, str(tmp_path / "workbook.ods")], check=True, capture_output=True, timeout=240)
    shown = cells(tmp_path / "workbook.xlsx", "Budget", values=True)
    total = next(row for row in shown if row[0] == "Total cost")
    assert [float(str(value)) for value in total[2:5]] == pytest.approx(costs(publication, "total"))
