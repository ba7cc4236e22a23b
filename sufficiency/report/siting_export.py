"""Where to add homes, on disk: a page with table and map for the meeting, and the figures behind them as CSV."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from sufficiency.figures import save
from sufficiency.report.disclosure import NOT_FOR_PUBLICATION
from sufficiency.report.files import written_together
from sufficiency.report.page import STYLE, inline_svg
from sufficiency.report.tables import csv_text

if TYPE_CHECKING:
    from sufficiency.siting import Siting

AGAINST_NONE: Final = {
    "placed": "Children with a home",
    "within_limit": "Children near home",
    "siblings_together": "Children with their brothers and sisters",
    "school_within": "Children near their school",
    "in_house": "Children with the authority's own carers",
    "weekly_cost": "Homes of the children matched",
    "cost": "All that is opened, and the children's homes",
}

WHAT_IT_IS: Final = 7
"""Columns of the table of homes to open that say what is opened; the others say what that does."""

LOOK: Final = ".numbers thead th, .numbers thead th + th { white-space: normal; vertical-align: bottom; }"
"""Beside the style that all pages share: long headings over narrow columns."""

ABOUT_TABLE: Final = (
    "Further children and savings are those that would be lost if this one alone were left out, so they need not add "
    "up: one home may do what another would have done. A path is one future of who needs a home."
)


def export_siting(siting: Siting, folder: Path) -> Path:
    """Write everything of :meth:`~sufficiency.siting.Siting.export`, all or none."""
    tables = {
        "homes_to_open": siting.homes_to_open(),
        "candidates": siting.table(),
        "against_none": siting.against_none(),
    }
    summary = {name: value for name, value in siting.summary().items() if name != "seconds"}
    with written_together(folder) as beside:
        for name, table in tables.items():
            (beside / f"{name}.csv").write_bytes(csv_text(table.assign(source=siting.source())).encode("utf-8"))
        told = json.dumps(summary, indent=2, ensure_ascii=False) + "\n"
        (beside / "summary.json").write_text(told, encoding="utf-8", newline="\n")
        (beside / "charts").mkdir()
        chart = siting.chart()
        save(chart, beside / "charts" / "map")
        (beside / "siting.html").write_text(page(siting, chart), encoding="utf-8", newline="\n")
    return folder


def page(siting: Siting, chart: Any) -> str:
    """The answer as one page that asks no network: finding, proof, table, what it changes, map."""
    title, table = "Where to add homes", siting.homes_to_open()
    parts = [
        '<!doctype html>\n<html lang="en-GB">',
        '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE.read_text(encoding='utf-8')}{LOOK}</style></head>",
        f'<body><header><h1>{title}</h1><p class="loud">{escape(NOT_FOR_PUBLICATION)}</p></header>',
        f'<main id="main"><section><h2>{escape(siting.finding())}</h2><p>{escape(siting.proof_line())}</p>',
        _html(table.iloc[:, :WHAT_IT_IS], "Homes to open"),
        _html(table.iloc[:, [0, *range(WHAT_IT_IS, table.shape[1])]], "What each does"),
        f"<p>{ABOUT_TABLE}</p>",
        "</section><section><h2>What that changes</h2>",
        _html(_changes(siting.against_none()), "Against opening nothing"),
        f"</section><section><h2>On the map</h2><figure>{inline_svg(chart, chart.description)}</figure></section>",
        f"</main><footer><p>{escape(siting.source())}</p></footer></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _html(table: pd.DataFrame, caption: str) -> str:
    """A table whose first column names the row; whole numbers with thousands apart."""
    if table.empty:
        return f"<p>{caption}: none.</p>"
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.columns)
    body = []
    for first, *rest in table.itertuples(index=False):
        cells = "".join(f"<td>{escape(_cell(value))}</td>" for value in rest)
        body.append(f'<tr><th scope="row">{escape(_cell(first))}</th>{cells}</tr>')
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{caption}"><table class="numbers">'
        f"<caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def _cell(value: Any) -> str:
    if pd.isna(value):
        return ""
    return value if isinstance(value, str) else f"{value:,}"


def _changes(rows: pd.DataFrame) -> pd.DataFrame:
    """The table against opening nothing, in words."""
    money = rows["unit"].str.startswith("£")
    several = rows["number_of_paths"] > 1
    columns = {name: [_figure(value, whole) for value, whole in zip(rows[name], money, strict=True)]
               for name in ("without", "with", "mean", "p10", "p90")}  # fmt: skip
    ranges = [f"{low} to {high}" for low, high in zip(columns["p10"], columns["p90"], strict=True)]
    return pd.DataFrame(
        {
            "What is counted": rows["measure"].map(AGAINST_NONE) + " [" + rows["unit"] + "]",
            "Paths": rows["paths"].str.cat(rows["number_of_paths"].astype(str), sep=": "),
            "Opening nothing": columns["without"],
            "Opening these": columns["with"],
            "Difference": columns["mean"],
            "Difference in 8 of 10 paths": pd.Series(ranges, index=rows.index).where(several, ""),
        }
    )


def _figure(value: float, whole: bool) -> str:
    return f"{value:,.0f}" if whole else f"{value:,.1f}"
