"""The page and the Power BI tables: self-contained, described in full, the same bytes twice."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from sufficiency.report.page import write_page
from sufficiency.report.publication import Publication
from sufficiency.report.star import write_star

VOID = {"meta", "br", "path", "line", "rect", "circle", "image", "stop", "link", "use"}


class Balance(HTMLParser):
    """Open elements, to see that each is closed in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def test_page_is_whole_self_contained_and_the_same_twice(publication: Publication, tmp_path: Path) -> None:
    write_page(publication, tmp_path / "one.html")
    write_page(publication, tmp_path / "two.html")
    text = (tmp_path / "one.html").read_text(encoding="utf-8")
    assert text == (tmp_path / "two.html").read_text(encoding="utf-8")
    assert len(text) < 5_000_000
    reader = Balance()
    reader.feed(text)
    assert reader.open == []
    assert reader.seen.count("h1") == 1
    assert reader.seen.count("figure") == len(publication.figures)
    assert "script" not in reader.seen
    fetched = re.findall(r'(?:src|href)="(?!#)([^"]*)"|url\((?!#)([^)]*)\)', text)
    assert not [found for pair in fetched for found in pair if found and not found.startswith("data:")]
    assert "Synthetic sample data" in text


def test_every_chart_on_the_page_has_its_alt_text(publication: Publication, tmp_path: Path) -> None:
    write_page(publication, tmp_path / "page.html")
    labels = re.findall(r'<svg role="img" aria-label="([^"]*)"', (tmp_path / "page.html").read_text(encoding="utf-8"))
    assert len(labels) == len(publication.figures)
    assert min(len(label) for label in labels) > 60


def test_text_that_looks_like_markup_is_shown_as_text(publication: Publication, tmp_path: Path) -> None:
    sly = Publication(publication.stamp, publication.tables, ("<script>alert(1)</script>",), {})
    write_page(sly, tmp_path / "page.html")
    assert "<script>" not in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_star_is_described_in_full_and_joins(publication: Publication, tmp_path: Path) -> None:
    write_star(publication, tmp_path)
    dictionary = json.loads((tmp_path / "dictionary.json").read_text(encoding="utf-8"))
    for name, columns in dictionary["tables"].items():
        table = pd.read_parquet(tmp_path / f"{name}.parquet")
        assert list(columns) == table.columns.tolist(), name
        assert len(table) == len(publication.tables[name.removeprefix("fact_")])
    for relation in dictionary["relationships"]:
        (fact, column), (dimension, key) = (part[:-1].split("[") for part in (relation["from"], relation["to"]))
        keys = pd.read_parquet(tmp_path / f"{dimension}.parquet")[key]
        assert keys.is_unique, dimension
        assert pd.read_parquet(tmp_path / f"{fact}.parquet")[column].isin(keys).all(), relation


def test_star_totals_are_the_tables_totals_and_bytes_repeat(publication: Publication, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_star(publication, tmp_path / name)
    for path in sorted((tmp_path / "one").iterdir()):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name
    stored = pd.read_parquet(tmp_path / "one" / "fact_budget.parquet")
    kinds = pd.read_parquet(tmp_path / "one" / "dim_kind.parquet")
    by_kind = stored[(stored["measure"] == "cost") & stored["line"].isin(kinds["kind"])]
    budget = publication.tables["budget"]
    lines = budget[(budget["measure"] == "cost") & budget["line"].isin(kinds["kind"])]
    assert by_kind["mean"].sum() == pytest.approx(lines["mean"].sum())
