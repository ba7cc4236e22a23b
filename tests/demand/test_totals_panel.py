"""A panel of published totals: what is taken, what is refused, and in which words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sufficiency import InputError, project_totals, read_panel
from sufficiency.demand.totals.panel import checked, up_to

HEADER = "la_code,year,cla,starts,ceases,population\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "panel.csv"
    path.write_text(text, encoding="utf-8")
    return path


def small() -> pd.DataFrame:
    return pd.DataFrame(
        {"la_code": ["1", "1"], "year": [2020, 2021], "cla": [100, 110], "starts": [40, 50], "ceases": [42, 45],
         "population": [9000.0, np.nan]}
    )  # fmt: skip


def test_a_file_is_read_with_its_types_and_symbols(tmp_path: Path) -> None:
    """Codes stay text with their noughts; the Department's symbols and empty cells are missing; commas are taken."""
    panel = read_panel(written(tmp_path, "\ufeff" + HEADER + '066,2020,"1,234",c,:,\n066,2021,1300,x,500,80000.5\n'))
    assert panel["la_code"].tolist() == ["066", "066"]
    assert panel["cla"].tolist() == [1234, 1300]
    assert panel["starts"].isna().all()
    assert panel["ceases"].tolist()[1:] == [500]
    assert panel["population"].tolist()[1:] == [80000.5]


def test_the_departments_own_names_of_columns_are_taken() -> None:
    frame = small().rename(columns={"la_code": "old_la_code", "population": "pop0_17", "cla": " CLA "})
    pd.testing.assert_frame_equal(checked(frame), checked(small()))


def test_a_checked_panel_passes_again_unchanged_and_is_not_altered() -> None:
    frame = small()
    before = frame.copy()
    once = checked(frame)
    pd.testing.assert_frame_equal(checked(once), once)
    pd.testing.assert_frame_equal(frame, before)


def test_every_fault_is_told_at_once_with_its_rows_and_fix(tmp_path: Path) -> None:
    text = HEADER + "1,2020,abc,-3,2.5,1\n1,2020,100,1,2,x1\n,20x1,100,1,2,-5\n"
    with pytest.raises(InputError) as caught:
        read_panel(written(tmp_path, text))
    assert str(caught.value).splitlines() == [
        "8 faults in the input:",
        "  panel.csv, column year: is no year (row 4). Give the year in which the year to 31 March ends, such as 2025",
        "  panel.csv, column cla: is not a whole number of children (row 2). Correct the cells, or empty them",
        "  panel.csv, column starts: is below nought (row 2). Correct the cells, or empty them",
        "  panel.csv, column ceases: is not a whole number of children (row 2). Correct the cells, or empty them",
        "  panel.csv, column population: is not a number of children (row 3). Correct the cells, or empty them",
        "  panel.csv, column population: is below nought (row 4). Correct the cells, or empty them",
        "  panel.csv, column la_code: is empty (row 4). Give the authority's code",
        "  panel.csv, column year: the authority has this year already in a row above (row 3). "
        "Keep one row for each authority and year",
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("la_code,year,cla\n1,2020,5\n", "panel.csv, column starts: is missing"),
        ("", "panel.csv: cannot be read as a table"),
        (HEADER, "panel.csv: has no rows"),
        ("la_code,year,cla,cla,starts,ceases\n1,2020,5,5,1,1\n", "column cla: "),
    ],
)
def test_a_file_that_is_no_panel_is_refused(tmp_path: Path, text: str, says: str) -> None:
    if "cla,cla" in text:
        frame = pd.DataFrame([["1", 2020, 5, 5, 1, 1]], columns=text.splitlines()[0].split(","))
        with pytest.raises(InputError, match="column cla: stands twice in the header"):
            checked(frame)
        return
    with pytest.raises(InputError, match=says):
        read_panel(written(tmp_path, text))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.csv: there is no such file"):
        read_panel(tmp_path / "gone.csv")


def test_an_origin_without_stocks_is_refused() -> None:
    with pytest.raises(InputError, match="no authority has a stock in 2025, from which to project"):
        project_totals(small(), as_of=2025)


def test_a_panel_of_one_year_is_refused_whatever_comes_after_the_origin() -> None:
    with pytest.raises(InputError, match="only 2020 is held"):
        project_totals(small(), as_of=2020)


def test_up_to_keeps_nothing_later_and_no_authority_without_a_stock_at_the_origin() -> None:
    gone = small().assign(la_code="2", year=[2018, 2019])
    panel = up_to(pd.concat([small(), small().assign(la_code="3", year=[2021, 2022]), gone]), 2021)
    assert panel.la_codes.tolist() == ["1", "3"]
    assert panel.years.tolist() == [2020, 2021]
    np.testing.assert_array_equal(panel.cla, [[100, 110], [np.nan, 100]])
