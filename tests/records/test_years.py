"""Which year a return is for: labels of many kinds, labels that lie, and extracts that have none."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from written import Day, Episode, write_returns

from sufficiency.records import read_records
from sufficiency.records.years import first_year_seen, last_year_over, year_of

EPISODES = [
    Episode("A", Day(2021, 6, 1), Day(2022, 5, 1)),
    Episode("B", Day(2022, 7, 1), Day(2023, 12, 1)),
    Episode("C", Day(2023, 8, 1), Day(2025, 3, 20)),
    Episode("D", Day(2024, 10, 1)),
]
BORN = {name: Day(2012, 5, 1) for name in "ABCD"}


@pytest.mark.parametrize(
    ("label", "year"),
    [
        ("2024", 2024),
        ("2023-24", 2024),
        ("2023_24", 2024),
        ("2023/2024", 2024),
        ("SSDA903_2024_25 v2", 2025),
        ("31-03-2024", 2024),
        ("2024.0", 2024),
        ("2024-06-01", 2024),
        ("2016-2025", 0),
        ("returns", 0),
    ],
)
def test_years_in_labels(label: str, year: int) -> None:
    assert year_of(label) == year


def days(starts: list[str], ends: list[str]) -> pd.DataFrame:
    dates = [pd.Series(pd.to_datetime(values)) for values in (starts, ends)]
    return pd.concat(dates, axis=1, keys=["starts", "ends"])


def test_the_last_year_over() -> None:
    """A newest date in March is the year's end; one in June or February is of a year not over; a slip is no date."""
    assert last_year_over(days(["2024-05-01", "2025-03-02"], ["2024-09-01"])) == 2025
    assert last_year_over(days(["2024-05-01", "2025-06-02"], ["2024-09-01"])) == 2025
    assert last_year_over(days(["2024-05-01", "2025-02-27"], ["2024-09-01"])) == 2024
    assert last_year_over(days(["2024-05-01"] * 20 + ["2052-06-02"], ["2025-03-09"])) == 2025
    assert last_year_over(days([], [])) == 0


def test_an_extract_of_many_years_and_a_return_of_one() -> None:
    ends = ["2021-05-01", "2022-05-01", "2023-05-01", "2024-05-01"]
    assert first_year_seen(days(["2015-05-01"], ends), 2025) == 2022
    assert first_year_seen(days(["2015-05-01"], ["2024-06-01"] * 20 + ["2011-02-03"]), 2025) == 2025


def test_one_extract_without_a_year_holds_all_its_years(tmp_path: Path) -> None:
    """A dump of all episodes: in care on 31 March by hand: 2022 A, 2023 B, 2024 C, 2025 D."""
    write_returns(tmp_path, EPISODES, BORN, (2025,))
    rows = [episode.row() for episode in EPISODES]
    path = tmp_path / "returns" / "2025" / "episodes.csv"
    path.write_text("\n".join([path.read_text(encoding="utf-8").split("\n")[0], *rows]) + "\n", encoding="utf-8")
    header = tmp_path / "returns" / "2025" / "header.csv"
    born = [f"{name},M,01/05/2012,WBRI,,," for name in BORN]
    header.write_text("\n".join([header.read_text(encoding="utf-8").split("\n")[0], *born]) + "\n", encoding="utf-8")
    (tmp_path / "returns" / "2025").rename(tmp_path / "returns" / "extract")
    records = read_records(tmp_path)
    assert records.years == (2023, 2024, 2025)
    assert [records.stock(f"{year}-03-31")["child_id"].tolist() for year in records.years] == [["B"], ["C"], ["D"]]
    assert "years 2023 to 2025" in next(notice.says for notice in records.notices if notice.code == "N23")


def test_folder_of_many_years_with_a_file_for_each(tmp_path: Path) -> None:
    write_returns(tmp_path, EPISODES, BORN, (2023, 2024, 2025))
    flat = tmp_path / "returns" / "2023-2025 all"
    flat.mkdir()
    for year in (2023, 2024, 2025):
        for path in sorted((tmp_path / "returns" / str(year)).iterdir()):
            path.rename(flat / f"{path.stem}_{year - 1}-{year % 100}.csv")
        (tmp_path / "returns" / str(year)).rmdir()
    records = read_records(tmp_path)
    assert records.years == (2023, 2024, 2025)
    assert [len(records.stock(f"{year}-03-31")) for year in records.years] == [1, 1, 1]
