"""What the generator writes: always the same bytes, the committed folder, nobody who could be taken for real."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pandas as pd
import pytest

from sufficiency.errors import SufficiencyError
from sufficiency.geography import locate
from sufficiency.records import read_records
from sufficiency.sample import copy_starter, starter
from sufficiency.sample.postcodes import TABLE

DATA = Path(__file__).parents[2] / "data"
HEADLINES = {
    2016: 293,
    2017: 330,
    2018: 360,
    2019: 349,
    2020: 301,
    2021: 304,
    2022: 331,
    2023: 337,
    2024: 320,
    2025: 307,
}
MOST_BYTES = 3_000_000
YEARS = range(2016, 2026)


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_committed_data_are_what_the_generator_writes(afresh: Path) -> None:
    """Two runs in two processes, one of them long ago: same names, same bytes."""
    committed, written = files_of(DATA), files_of(afresh)
    assert sorted(committed) == sorted(written)
    assert [name for name in written if committed[name] != written[name]] == []


def test_another_seed_writes_another_authority(other: Path) -> None:
    assert files_of(other)["children.csv"] != files_of(DATA)["children.csv"]


def test_data_stay_small() -> None:
    assert sum(map(len, files_of(DATA).values())) < MOST_BYTES


def test_the_folder_says_that_all_is_made_up() -> None:
    about = tomllib.loads((DATA / "about.toml").read_text(encoding="utf-8"))
    assert about["synthetic"] is True
    assert about["authority"] == "Sample Borough"
    assert "Everything in this folder is made up" in (DATA / "README.md").read_text(encoding="utf-8")
    assert "Open Government Licence" in (DATA / "SOURCES.md").read_text(encoding="utf-8")


def test_no_child_could_be_taken_for_a_real_one(sample: Path) -> None:
    ids = [pd.read_csv(path, dtype=str)["CHILD"] for path in sample.glob("returns/*/header.csv")]
    assert pd.concat(ids).str.fullmatch(r"SYN\d{6}").all()


@pytest.mark.parametrize("year", YEARS)
def test_every_child_of_a_return_is_in_its_header_once(sample: Path, year: int) -> None:
    folder = sample / "returns" / str(year)
    header, rows, uasc = (pd.read_csv(folder / f"{name}.csv", dtype=str) for name in ("header", "episodes", "uasc"))
    assert header["CHILD"].is_unique
    assert set(rows["CHILD"]) == set(header["CHILD"])
    assert set(uasc["CHILD"]) <= set(header["CHILD"])


def test_the_package_reads_its_own_sample(sample: Path) -> None:
    """Repaired records hold the published stock on every 31 March, and no register has a fault."""
    records = read_records(sample)
    assert records.synthetic
    assert {fault.code for fault in records.set_aside} <= {"M06", "M07"}  # short breaks, left out on purpose
    placements = records.placements
    for year, children in HEADLINES.items():
        day = pd.Timestamp(year, 3, 31)
        held = placements[(placements["started"] <= day) & (placements["ended"].isna() | (placements["ended"] > day))]
        assert abs(held["child_id"].nunique() - children) <= 2
        assert held["child_id"].is_unique


def test_the_shipped_postcodes_stand_where_the_directory_has_them() -> None:
    table = pd.read_csv(TABLE)
    points = locate(table["postcode"])
    assert (points["latitude"] - table["latitude"]).abs().max() < 1e-4
    assert (points["longitude"] - table["longitude"]).abs().max() < 1e-4
    assert (points["authority"] == table["authority"]).all()


@pytest.mark.parametrize("installed", [True, False])
def test_starter_is_found_in_a_wheel_and_in_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: bool
) -> None:
    source, empty = tmp_path / "source", tmp_path / "nowhere"
    for name in ("scenarios", "notebooks"):
        (source / name / "__pycache__").mkdir(parents=True)
        (source / name / "one.toml").write_text("name = 'one'")
    monkeypatch.setattr(starter, "IN_WHEEL", source if installed else empty)
    monkeypatch.setattr(starter, "IN_CHECKOUT", empty if installed else source)
    copy_starter(tmp_path / "new folder")
    copied = sorted(
        path.relative_to(tmp_path / "new folder").as_posix() for path in (tmp_path / "new folder").rglob("*")
    )
    assert copied == ["notebooks", "notebooks/one.toml", "scenarios", "scenarios/one.toml"]


def test_a_missing_starter_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starter, "IN_WHEEL", tmp_path / "no")
    monkeypatch.setattr(starter, "IN_CHECKOUT", tmp_path / "none")
    with pytest.raises(SufficiencyError, match="scenarios and notebooks"):
        copy_starter(tmp_path / "new")
