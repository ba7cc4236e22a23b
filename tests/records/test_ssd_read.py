"""The Standard Safeguarding Dataset through the one door: as files in a folder, and from a database."""

from __future__ import annotations

from pathlib import Path

import pytest
from ssd_written import as_csv, header_of, rows_of, ssd_of
from written import Day, Episode, write_returns

from sufficiency.errors import InputError
from sufficiency.records import Records, check, read_records

EPISODES = [
    Episode("0A", Day(2022, 6, 1), Day(2024, 6, 1), rec="X1", urn="SC123456", pl_post="SN1 2AB"),
    Episode("0A", Day(2024, 6, 1), rne="P", place="K2", provider="PR4", pl_post="SN3 4RS"),
    Episode("B", Day(2021, 6, 1), Day(2023, 5, 1), rec="E45"),
    Episode("C", Day(2024, 1, 9), Day(2025, 3, 28), rec="E4A"),
]
BORN = {"0A": Day(2012, 5, 1), "B": Day(2010, 2, 3), "C": Day(2016, 8, 30)}
TABLES = ssd_of(header_of(BORN), rows_of(EPISODES), ("C",))


def in_care(records: Records) -> list[list[str]]:
    return [sorted(records.stock(f"{year}-03-31")["child_id"]) for year in (2024, 2025)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in as_csv(TABLES).items():
        (tmp_path / f"{name}.csv").write_bytes(content)
    return tmp_path


def test_files_in_a_folder(folder: Path) -> None:
    records = read_records(folder)
    assert in_care(records) == [["0A", "C"], ["0A"]]
    assert records.children.set_index("child_id").loc["C", "uasc"]
    assert records.stock("2025-03-31")["kind"].tolist() == ["residential"]
    counts = records.row_counts
    assert counts["read"] == counts["used"] + counts["repaired"] + counts["set_aside"] == 4


def test_a_database_with_registers_from_a_folder(tmp_path: Path) -> None:
    sqlalchemy = pytest.importorskip("sqlalchemy")
    engine = sqlalchemy.create_engine("sqlite://", poolclass=sqlalchemy.pool.StaticPool)
    for name, table in TABLES.items():
        table.to_sql(name, engine, index=False)
    (tmp_path / "about.toml").write_text('authority = "Our council"\n', encoding="utf-8")
    records = read_records(engine, registers=tmp_path)
    assert (in_care(records), records.authority) == ([["0A", "C"], ["0A"]], "Our council")
    engine.dispose()


def test_a_database_without_the_tables_is_a_fault_for_each(tmp_path: Path) -> None:
    sqlalchemy = pytest.importorskip("sqlalchemy")
    engine = sqlalchemy.create_engine("sqlite://")
    with pytest.raises(InputError) as caught:
        read_records(engine)
    assert len(caught.value.faults) == 3
    engine.dispose()


def test_yearly_returns_beside_the_dataset_are_refused(folder: Path) -> None:
    """Case numbers of the two differ, so each child would count twice."""
    write_returns(folder, EPISODES, BORN, (2025,))
    (folder / "returns" / "2025").rename(folder / "2025")
    (folder / "returns").rmdir()
    faults, _, _ = check(folder)
    assert "F29" in set(faults["code"])


def test_a_fault_names_the_columns_of_the_dataset(folder: Path) -> None:
    path = next(path for path in folder.iterdir() if "episodes" in path.name)
    path.write_text(path.read_text(encoding="utf-8").replace("2024-01-09", "soon"), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_records(folder)
    assert "clae_cla_episode_start_date" in {fault.column for fault in caught.value.faults}
    assert "soon" not in str(caught.value)
