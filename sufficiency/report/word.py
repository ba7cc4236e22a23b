"""What Word can do and python-docx has no call for: fields, repeated header rows, alt text, controls, fixed bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

LINE_COLOUR: Final = "BFC7CF"
HEAD_COLOUR: Final = "E8EDF2"


def element(name: str, **attributes: str) -> Any:
    """A WordprocessingML element; attribute names are in the ``w`` namespace."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(name)
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    return made


def add_field(paragraph: Any, instruction: str, shown: str) -> None:
    """A field that Word keeps up to date, such as ``PAGE`` or ``SEQ Figure``; ``shown`` is its value until then."""
    field = element("w:fldSimple", instr=instruction)
    run = element("w:r")
    text = element("w:t")
    text.text = shown
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def add_control(document: Any, tag: str, text: str, style: str) -> None:
    """A content control with placeholder text at the end of the document: the author's own words go there."""
    paragraph = document.add_paragraph(text, style=style)
    control, properties, content = element("w:sdt"), element("w:sdtPr"), element("w:sdtContent")
    properties.append(element("w:alias", val="Author's words"))
    properties.append(element("w:tag", val=tag))
    properties.append(element("w:showingPlcHdr"))
    paragraph._p.addprevious(control)
    content.append(paragraph._p)
    control.extend([properties, content])


def describe_picture(shape: Any, number: int, title: str, alt_text: str) -> None:
    """Give an inline picture its alt text and a name that is the same on every writing."""
    properties = shape._inline.docPr
    properties.set("id", str(number))
    properties.set("name", f"Figure {number}")
    properties.set("title", title)
    properties.set("descr", alt_text)


def describe_table(table: Any, caption: str, note: str) -> None:
    """Alt text of a table, for readers who do not see it."""
    properties = table._tbl.tblPr
    properties.append(element("w:tblCaption", val=caption))
    properties.append(element("w:tblDescription", val=note))


def repeat_header(row: Any) -> None:
    """Print a row again at the head of each page that the table runs on to."""
    row._tr.get_or_add_trPr().append(element("w:tblHeader", val="true"))


def keep_row_whole(row: Any) -> None:
    """Never break a row over two pages."""
    row._tr.get_or_add_trPr().append(element("w:cantSplit", val="true"))


def rule_lightly(table: Any) -> None:
    """Thin lines between rows, none between columns, and a little room inside the cells."""
    borders = element("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        kind = "nil" if side in ("left", "right", "insideV") else "single"
        borders.append(element(f"w:{side}", val=kind, sz="4", space="0", color=LINE_COLOUR))
    margins = element("w:tblCellMar")
    for side, width in (("top", "30"), ("left", "60"), ("bottom", "30"), ("right", "60")):
        margins.append(element(f"w:{side}", w=width, type="dxa"))
    _in_order(table._tbl.tblPr, [borders, margins])


def _in_order(properties: Any, parts: Sequence[Any]) -> None:
    """Put table properties before ``tblLook``, where the schema wants them."""
    from docx.oxml.ns import qn

    look = properties.find(qn("w:tblLook"))
    for part in parts:
        if look is None:
            properties.append(part)
        else:
            look.addprevious(part)


def shade(cell: Any, colour: str) -> None:
    """Fill a cell with a colour (six hexadecimal digits)."""
    cell._tc.get_or_add_tcPr().append(element("w:shd", val="clear", color="auto", fill=colour))


def set_language(document: Any, language: str) -> None:
    """The language in which Word checks the spelling of every style."""
    from docx.oxml.ns import qn

    for found in document.styles.element.iter(qn("w:lang")):
        found.set(qn("w:val"), language)


def drop_thumbnail(document: Any) -> None:
    """Take out the preview picture of the library's own template."""
    relations = document.part.package.rels
    for key in [key for key, relation in relations.items() if relation.reltype.endswith("/thumbnail")]:
        del relations[key]


def fixed_bytes(document: Any, when: pd.Timestamp) -> bytes:
    """The file's bytes with ``when`` as the date of every part, so that the same document is the same file."""
    written, fixed = io.BytesIO(), io.BytesIO()
    document.save(written)
    stamp = (when.year, when.month, when.day, 0, 0, 0)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            part = zipfile.ZipInfo(name, stamp)
            part.compress_type = zipfile.ZIP_DEFLATED
            part.external_attr = 0o644 << 16
            part.create_system = 3
            target.writestr(part, source.read(name))
    return fixed.getvalue()
