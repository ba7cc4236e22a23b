"""The strategy document: chapters, captions, alt texts, repeated header rows, the same bytes twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document

from sufficiency.report.chapters import PLANS
from sufficiency.report.document import write_document
from sufficiency.report.publication import Publication


@pytest.fixture(scope="module")
def path(publication: Publication, tmp_path_factory: pytest.TempPathFactory) -> Path:
    written = tmp_path_factory.mktemp("document") / "strategy.docx"
    write_document(publication, written)
    return written


def test_two_writes_give_the_same_bytes(publication: Publication, path: Path, tmp_path: Path) -> None:
    write_document(publication, tmp_path / "again.docx")
    assert (tmp_path / "again.docx").read_bytes() == path.read_bytes()


def test_chapters_stand_in_order_under_headings(path: Path) -> None:
    headings = [part.text for part in Document(str(path)).paragraphs if part.style and part.style.name == "Heading 1"]
    titles = [plan.title for plan in PLANS]
    assert [heading for heading in headings if heading in titles] == titles


def test_every_figure_is_numbered_and_has_its_alt_text(publication: Publication, path: Path) -> None:
    document = Document(str(path))
    paragraphs = [part for part in document.paragraphs if part.style and part.style.name == "Caption"]
    captions = ["".join(text.text or "" for text in part._p.iter() if text.tag.endswith("}t")) for part in paragraphs]
    figures = [caption for caption in captions if caption.startswith("Figure")]
    assert [int(caption.split()[1]) for caption in figures] == list(range(1, len(publication.figures) + 1))
    described = [element.get("descr") for element in document.element.iter() if element.tag.endswith("}docPr")]
    texts = {figure.alt_text for figure in publication.figures.values()}
    assert texts <= set(described)


def test_every_table_repeats_its_header_row(path: Path) -> None:
    tables = Document(str(path)).tables
    assert len(tables) >= 8
    for table in tables:
        properties = table.rows[0]._tr.trPr
        assert properties is not None
        assert any(child.tag.endswith("}tblHeader") for child in properties)


def test_the_document_says_that_the_data_are_made_up_and_who_decides(path: Path) -> None:
    text = " ".join(part.text for part in Document(str(path)).paragraphs)
    assert "Synthetic sample data" in text
    assert "a social worker decides" in text
