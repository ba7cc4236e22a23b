"""``report.html``: one self-contained page of the strategy's chapters; no script, no network, prints to A4."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import Any, Final

from sufficiency.figures import to_svg
from sufficiency.report.chapters import Chapter, Drawing, chapters
from sufficiency.report.printed import Cell, Group, PrintedTable
from sufficiency.report.publication import Publication
from sufficiency.stamp import SHORTLIST_NOTE, SYNTHETIC_NOTE

STYLE: Final = Path(__file__).with_name("page.css")
STATUS_CLASS: Final = {"on track": "on", "at risk": "risk", "off track": "off"}


def write_page(publication: Publication, path: Path) -> None:
    """Write the page to ``path``: headline findings, then every chapter with its charts and tables.

    Charts are inline SVG with their alt text; everything else is escaped text. The same bytes for the same publication.
    """
    stamp = publication.stamp
    made = chapters(publication)
    title = f"Placement sufficiency: {stamp.scenario}"
    parts = [
        "<!doctype html>",
        '<html lang="en-GB">',
        f'<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE.read_text(encoding='utf-8')}</style></head>",
        '<body><a class="skip" href="#main">Skip to the findings</a>',
        f"<header><h1>{escape(title)}</h1><p>{escape(stamp.authority)}</p>",
        f'<p class="loud">{escape(SYNTHETIC_NOTE)}</p>' if stamp.synthetic else "",
        f"<p>{escape(SHORTLIST_NOTE)}</p></header>",
        _contents(made),
        '<main id="main"><section><h2>Headline findings</h2><ul class="findings">',
        *(f"<li>{escape(finding)}</li>" for finding in publication.findings),
        "</ul></section>",
        *(_chapter(chapter, stamp.source()) for chapter in made),
        f"</main><footer><p>{escape(stamp.source())}</p></footer></body></html>",
    ]
    path.write_text("\n".join(part for part in parts if part) + "\n", encoding="utf-8", newline="\n")


def _contents(made: tuple[Chapter, ...]) -> str:
    links = "".join(f'<li><a href="#{chapter.key}">{escape(chapter.title)}</a></li>' for chapter in made)
    return f'<nav aria-label="Chapters"><ul>{links}</ul></nav>'


def _chapter(chapter: Chapter, source: str) -> str:
    parts = [
        f'<section id="{chapter.key}"><h2>{escape(chapter.title)}</h2>',
        *(f"<p>{escape(line)}</p>" for line in chapter.about),
        *(_drawing(drawing, source) for drawing in chapter.drawings),
        *(_table(table, source) for table in chapter.tables),
        "</section>",
    ]
    return "\n".join(parts)


def _drawing(drawing: Drawing, source: str) -> str:
    """A chart with its finding as the caption."""
    return (
        f"<figure>{inline_svg(drawing.chart, drawing.alt_text)}<figcaption><strong>{escape(drawing.title)}</strong><br>"
        f"<small>{escape(drawing.notes)} {escape(source)}</small></figcaption></figure>"
    )


def inline_svg(chart: Any, alt_text: str) -> str:
    """A chart as SVG to stand within a page, named by its alt text."""
    svg = re.sub(r"^<\?xml[^>]*>\s*|<!DOCTYPE[^>]*>\s*", "", to_svg(chart))
    return svg.replace("<svg ", f'<svg role="img" aria-label="{escape(alt_text, quote=True)}" ', 1)


def _table(table: PrintedTable, source: str) -> str:
    head = "".join(f'<th scope="col">{escape(header)}</th>' for header in table.headers)
    body = "".join(_group(group, len(table.headers) + 1) for group in table.groups)
    kind = ' class="numbers"' if table.numeric else ""
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{escape(table.caption, quote=True)}"><table{kind}>'
        f'<caption>{escape(table.caption)}</caption><thead><tr><th scope="col">{escape(table.stub)}</th>{head}</tr>'
        f"</thead>{body}</table></div><p><small>{escape(table.note)} {escape(source)}</small></p>"
    )


def _group(group: Group, columns: int) -> str:
    title = f'<tr><th scope="rowgroup" colspan="{columns}">{escape(group.title)}</th></tr>' if group.title else ""
    rows = "".join(
        f'<tr><th scope="row">{escape(row.label)}</th>{"".join(_cell(cell) for cell in row.cells)}</tr>'
        for row in group.rows
    )
    return f"<tbody>{title}{rows}</tbody>"


def _cell(cell: Cell) -> str:
    under = f"<br><small>{escape(cell.under)}</small>" if cell.under else ""
    status = f'<br><span class="status">{escape(cell.status)}</span>' if cell.status else ""
    kind = f' class="{STATUS_CLASS[cell.status]}"' if cell.status in STATUS_CLASS else ""
    return f"<td{kind}>{escape(cell.text)}{under}{status}</td>"
