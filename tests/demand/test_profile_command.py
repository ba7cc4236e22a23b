"""The command ``profile``: what it writes, together, and that bad input writes nothing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sufficiency import Profile, Records, cli, profile
from sufficiency.report import profile_export
from sufficiency.report.disclosure import NOT_FOR_PUBLICATION


def command(monkeypatch: pytest.MonkeyPatch, *words: str | Path) -> int:
    """Exit code of the command."""
    monkeypatch.setattr("sys.argv", ["sufficiency", "profile", *(str(word) for word in words)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return int(stop.value.code or 0)


def test_it_writes_tables_charts_and_private_tables(
    few_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (few_folder / "returns" / "2024").iterdir():
        text = path.read_text(encoding="utf-8").replace("\nA,", "\nKID-77,").replace("01/01/2015", "17/01/2015")
        path.write_text(text, encoding="utf-8")
    out = tmp_path / "out put"
    assert command(monkeypatch, few_folder, "--out", out) == 0
    assert "Keep private to yourselves" in capsys.readouterr().out
    names = {path.stem for path in (out / "private").glob("*.csv")}
    assert names == {path.stem for path in (out / "tables").glob("*.csv")}
    assert {"children_by_year", "past_measures", "medians"} <= names
    charts = {path.name for path in (out / "charts").iterdir()}
    assert {f"{name}.{form}" for name in names - {"medians"} for form in ("png", "svg")} <= charts
    assert (out / "private" / "README.txt").read_text(encoding="utf-8").splitlines()[0] == NOT_FOR_PUBLICATION
    shown = pd.read_csv(out / "tables" / "children_by_year.csv")
    assert shown.loc[0, "looked_after"] == "c"
    assert shown.loc[0, "source"] == "few, SSDA903 returns to 2024-03-31"
    assert pd.read_csv(out / "private" / "children_by_year.csv").loc[0, "looked_after"] == 2
    for path in out.rglob("*"):
        if path.is_file() and path.suffix != ".png":
            text = path.read_text(encoding="utf-8")
            assert not [word for word in ("KID-77", "2015-01-17", "17/01/2015") if word in text], path.name


def test_bad_input_writes_nothing(few_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = tmp_path / "other.csv"
    bad.write_text("colour\nblue\n", encoding="utf-8")
    assert command(monkeypatch, few_folder, "--out", tmp_path / "out", "--published", bad) == 2
    assert command(monkeypatch, tmp_path / "nowhere", "--out", tmp_path / "out") == 2
    assert command(monkeypatch, few_folder, "--out", tmp_path / "out", "--limit-miles", "0") == 2
    assert not (tmp_path / "out").exists()


def test_a_second_export_replaces_the_first_and_keeps_what_is_the_users(
    few: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without drawing: the charts are only put in their place."""
    monkeypatch.setattr(profile_export, "save", lambda chart, stem: stem.with_suffix(".svg").write_text("drawn"))
    answer: Profile = profile(few)
    answer.export(tmp_path)
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "tables" / "stale.csv").write_text("old", encoding="utf-8")
    first = (tmp_path / "tables" / "flows.csv").read_bytes()
    answer.export(tmp_path)
    assert (tmp_path / "tables" / "flows.csv").read_bytes() == first
    assert not (tmp_path / "tables" / "stale.csv").exists()
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_each_chart_that_is_drawn_is_told(few: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile_export, "save", lambda chart, stem: stem.with_suffix(".svg").write_text("drawn"))
    answer, told = profile(few), []
    answer.export(tmp_path, progress=told.append)
    assert told == [1] * len(answer.chart_names())
