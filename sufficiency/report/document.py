"""``strategy.docx``: the chapters of a sufficiency strategy with charts, tables and room for the author's words."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Final

from sufficiency.figures import to_png
from sufficiency.figures.theme import INK, MUTED
from sufficiency.report import word
from sufficiency.report.chapters import Chapter, Drawing, chapters
from sufficiency.report.printed import Cell, Group, PrintedTable
from sufficiency.report.publication import Publication
from sufficiency.stamp import SHORTLIST_NOTE, SYNTHETIC_NOTE, Stamp

FONT: Final = "Arial"
TEXT_WIDTH_CM: Final = 16.0
MARGIN_CM: Final = 2.5
TALLEST_CM: Final = 19.0
STATUS_COLOURS: Final = {"on track": "DDF1E1", "at risk": "FFEFC7", "off track": "FADCD8"}
SOURCE_STYLE: Final = "Source line"
AUTHOR_STYLE: Final = "Author's words"
SMALL_STYLE: Final = "Table text"


def write_document(publication: Publication, path: Path) -> None:
    """Write the strategy to ``path`` as a Word document (A4, built-in styles), the same bytes for the same publication.

    Charts are pictures 16 cm wide with alt text and a numbered caption; tables have a caption above and a header row
    that is repeated on each page; each chapter has a content control for the author's own words.
    """
    from docx import Document

    document = Document()
    _set_up(document, publication.stamp)
    _front(document, publication)
    numbers = _Numbers()
    for chapter in chapters(publication):
        _chapter(document, chapter, publication.stamp, numbers)
    _properties(document, publication.stamp)
    path.write_bytes(word.fixed_bytes(document, publication.stamp.data_to))


class _Numbers:
    """Running numbers of figures and tables."""

    def __init__(self) -> None:
        self.last = {"Figure": 0, "Table": 0}

    def next(self, label: str) -> int:
        self.last[label] += 1
        return self.last[label]


def _set_up(document: Any, stamp: Stamp) -> None:
    from docx.shared import Cm

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(MARGIN_CM)
    section.top_margin = section.bottom_margin = Cm(2.3)
    section.header_distance = section.footer_distance = Cm(1.1)
    _styles(document)
    word.set_language(document, "en-GB")
    word.drop_thumbnail(document)
    _head_and_foot(section, stamp)


def _styles(document: Any) -> None:
    """The built-in styles in the charts' type and ink, and three small ones of our own."""
    from docx.enum.style import WD_STYLE_TYPE

    styles = document.styles
    for name, size, bold, before, after in (
        ("Normal", 10.5, False, 0, 6),
        ("Title", 26, True, 0, 4),
        ("Subtitle", 14, False, 0, 10),
        ("Heading 1", 17, True, 22, 6),
        ("Heading 2", 13, True, 14, 4),
        ("Caption", 10, True, 10, 3),
        ("List Bullet", 10.5, False, 0, 5),
        ("Header", 8.5, False, 0, 0),
        ("Footer", 8.5, False, 0, 0),
    ):
        _type(styles[name], size, INK, bold=bold, before=before, after=after)
    for name, size, colour, after in (
        (SOURCE_STYLE, 8, MUTED, 12),
        (AUTHOR_STYLE, 10.5, MUTED, 10),
        (SMALL_STYLE, 8, INK, 0),
    ):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles["Normal"]
        _type(style, size, colour, bold=False, before=0, after=after)
    styles[AUTHOR_STYLE].font.italic = True
    styles["Subtitle"].font.italic = False


def _type(style: Any, size: float, colour: str, *, bold: bool, before: float, after: float) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    style.font.name, style.font.size, style.font.bold = FONT, Pt(size), bold
    style.font.color.rgb = RGBColor.from_string(colour.removeprefix("#"))
    fonts = style.element.rPr.rFonts
    for attribute in list(fonts.attrib):
        if attribute.endswith("Theme"):
            del fonts.attrib[attribute]
    for script in ("w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(script), FONT)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)


def _head_and_foot(section: Any, stamp: Stamp) -> None:
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.shared import Cm

    head, foot = section.header.paragraphs[0], section.footer.paragraphs[0]
    for paragraph in (head, foot):
        paragraph.paragraph_format.tab_stops.clear_all()
        paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(TEXT_WIDTH_CM), WD_TAB_ALIGNMENT.RIGHT)
    head.add_run(f"{stamp.authority}\tScenario: {stamp.scenario}")
    foot.add_run(f"{SYNTHETIC_NOTE if stamp.synthetic else SHORTLIST_NOTE}\tPage ")
    word.add_field(foot, "PAGE", "1")
    foot.add_run(" of ")
    word.add_field(foot, "NUMPAGES", "1")


def _front(document: Any, publication: Publication) -> None:
    """Title, what the document stands on, and the headline findings."""
    stamp = publication.stamp
    document.add_paragraph("Placement sufficiency strategy", style="Title")
    document.add_paragraph(stamp.authority, style="Subtitle")
    facts = {
        "Scenario": stamp.scenario,
        "Data to": f"{stamp.data_to.day} {stamp.data_to:%B %Y}",
        "Made from": f"SSDA903 returns and registers; {stamp.paths} simulated futures, seed {stamp.seed}",
        "Made with": f"sufficiency {stamp.version}",
    }
    for name, value in facts.items():
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.space_after = 0
        paragraph.add_run(f"{name}: ").bold = True
        paragraph.add_run(value)
    notes = [SYNTHETIC_NOTE] if stamp.synthetic else []
    notice = document.add_paragraph(" ".join([*notes, SHORTLIST_NOTE]), style="Intense Quote")
    _type(notice.style, 10.5, INK, bold=True, before=12, after=12)
    document.add_heading("Headline findings", level=1)
    for finding in publication.findings:
        document.add_paragraph(finding, style="List Bullet")


def _chapter(document: Any, chapter: Chapter, stamp: Stamp, numbers: _Numbers) -> None:
    document.add_heading(chapter.title, level=1)
    for text in chapter.about:
        document.add_paragraph(text)
    word.add_control(document, f"author:{chapter.key}", f"[For the author: {chapter.prompt}.]", AUTHOR_STYLE)
    for drawing in chapter.drawings:
        _figure(document, drawing, stamp, numbers.next("Figure"))
    for table in chapter.tables:
        _table(document, table, stamp, numbers.next("Table"))


def _figure(document: Any, drawing: Drawing, stamp: Stamp, number: int) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm

    paragraph = document.add_paragraph()
    paragraph.paragraph_format.keep_with_next = True
    paragraph.paragraph_format.space_before = Cm(0.3)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    shape = paragraph.add_run().add_picture(io.BytesIO(to_png(drawing.chart)), width=Cm(TEXT_WIDTH_CM))
    if shape.height > Cm(TALLEST_CM):
        shape.width, shape.height = int(shape.width * Cm(TALLEST_CM) / shape.height), Cm(TALLEST_CM)
    word.describe_picture(shape, number, drawing.title, drawing.alt_text)
    _caption(document, "Figure", number, drawing.title)
    document.add_paragraph(f"{drawing.notes} {stamp.source()}".strip(), style=SOURCE_STYLE)


def _caption(document: Any, label: str, number: int, text: str) -> None:
    paragraph = document.add_paragraph(f"{label} ", style="Caption")
    word.add_field(paragraph, f"SEQ {label} \\* ARABIC", str(number))
    paragraph.add_run(f"  {text}")
    paragraph.paragraph_format.keep_with_next = True


def _table(document: Any, printed: PrintedTable, stamp: Stamp, number: int) -> None:
    from docx.enum.table import WD_TABLE_ALIGNMENT

    _caption(document, "Table", number, printed.caption)
    table = document.add_table(rows=1, cols=1 + len(printed.headers), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    word.rule_lightly(table)
    word.describe_table(table, printed.caption, printed.note)
    _header(table, printed)
    for group in printed.groups:
        _group(table, group, printed)
    _widths(table, printed.widths)
    after = document.add_paragraph(f"{printed.note} {stamp.source()}".strip(), style=SOURCE_STYLE)
    after.paragraph_format.space_before = 40000


def _header(table: Any, printed: PrintedTable) -> None:
    row = table.rows[0]
    word.repeat_header(row)
    word.keep_row_whole(row)
    for position, text in enumerate((printed.stub, *printed.headers)):
        word.shade(row.cells[position], word.HEAD_COLOUR)
        _fill(row.cells[position], Cell(text), bold=True, right=printed.numeric and position > 0, keep=True)


def _group(table: Any, group: Group, printed: PrintedTable) -> None:
    if group.title:
        row = table.add_row()
        word.keep_row_whole(row)
        _fill(row.cells[0].merge(row.cells[-1]), Cell(group.title), bold=True, right=False, keep=True)
    for place, line in enumerate(group.rows):
        row = table.add_row()
        word.keep_row_whole(row)
        keep = printed.numeric and place < len(group.rows) - 1
        cells = row.cells
        _fill(cells[0], Cell(line.label), bold=False, right=False, keep=keep)
        for position, cell in enumerate(line.cells, start=1):
            _fill(cells[position], cell, bold=False, right=printed.numeric, keep=keep)


def _fill(place: Any, cell: Cell, *, bold: bool, right: bool, keep: bool) -> None:
    """Write a cell: its text, the range below it, and the status in words on its colour."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt, RGBColor

    paragraph = place.paragraphs[0]
    paragraph.style = SMALL_STYLE
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if right else WD_ALIGN_PARAGRAPH.LEFT
    paragraph.paragraph_format.keep_with_next = keep
    paragraph.add_run(cell.text).bold = bold or bool(cell.under)
    for text in filter(None, (cell.under, cell.status)):
        paragraph.add_run().add_break()
        run = paragraph.add_run(text)
        run.font.size = Pt(7.5)
        run.font.color.rgb = RGBColor.from_string((INK if text == cell.status else MUTED).removeprefix("#"))
    if cell.status:
        word.shade(place, STATUS_COLOURS.get(cell.status, word.HEAD_COLOUR))


def _widths(table: Any, widths: tuple[float, ...]) -> None:
    """Share the page's width among the columns; a heading across all of them keeps its own."""
    from docx.shared import Cm

    sizes = [Cm(TEXT_WIDTH_CM * width / sum(widths)) for width in widths]
    for column, size in zip(table._tbl.tblGrid.gridCol_lst, sizes, strict=True):
        column.w = size
    for row in table._tbl.tr_lst:
        if len(row.tc_lst) == len(sizes):
            for cell, size in zip(row.tc_lst, sizes, strict=True):
                cell.width = size


def _properties(document: Any, stamp: Stamp) -> None:
    """Core properties that say where the document comes from, dated by the data."""
    core = document.core_properties
    core.title = f"Placement sufficiency strategy: {stamp.authority}, {stamp.scenario}"
    core.author = core.last_modified_by = f"sufficiency {stamp.version}"
    core.subject, core.language = stamp.scenario, "en-GB"
    core.comments = stamp.source()
    core.keywords = "placement sufficiency, children looked after"
    core.created = core.modified = stamp.data_to.to_pydatetime()
    core.revision = 1
