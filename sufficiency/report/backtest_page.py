"""The back-test on disk: forecasts and scores as CSV, the chart, and a page for readers who know no statistics."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from sufficiency.figures import save
from sufficiency.report.disclosure import NOT_FOR_PUBLICATION
from sufficiency.report.files import written_together
from sufficiency.report.page import STYLE, inline_svg
from sufficiency.report.tables import csv_text
from sufficiency.stamp import SYNTHETIC_NOTE

if TYPE_CHECKING:
    from sufficiency.demand.backtest import Backtest

WORDS: Final = (
    ("Error", "how far the middle of the forecast was from what came, on average, in per cent of what came."),
    ("Inside the 80% range", "how many outcomes in 100 lay where the forecast said 8 of 10 would. Near 80 is honest; "
     "far below, the ranges promised too much; far above, they were wider than need be."),
    ("Score", "one figure for error and range together, in children. Less is better. A narrow range is rewarded, an "
     "outcome outside it punished."),
    ("No change", "next years are as this year. Hard to beat."),
    ("Damped trend", "last year's change goes on, each year 0.7 of the one before."),
    ("Exponential smoothing", "the usual statistical method for a series of yearly counts; no change where fewer than "
     "six are known."),
)  # fmt: skip


ABOUT: Final = """
forecasts.csv holds counts by age band and by kind as they were (actual), small ones too, so that forecasts can be
scored.
backtest.html and charts/ show the total alone and may be published.
"""


def export_backtest(backtest: Backtest, folder: Path) -> Path:
    """Write ``forecasts.csv``, ``scores.csv``, ``charts/backtest`` and ``backtest.html``, all or none."""
    with written_together(folder) as beside:
        for name, table in (("forecasts", backtest.forecasts()), ("scores", backtest.scores())):
            (beside / f"{name}.csv").write_bytes(csv_text(table.assign(scenario=_name(backtest))).encode("utf-8"))
        if backtest.source == "records":
            text = f"{NOT_FOR_PUBLICATION}\n{backtest.stamp.source()}\n{ABOUT}"
            (beside / "README.txt").write_text(text, encoding="utf-8", newline="\n")
        (beside / "charts").mkdir()
        chart = backtest.chart()
        save(chart, beside / "charts" / "backtest")
        (beside / "backtest.html").write_text(page(backtest, chart), encoding="utf-8", newline="\n")
    return folder


def _name(backtest: Backtest) -> str:
    return "Back-test (synthetic data)" if backtest.stamp.synthetic else "Back-test"


def page(backtest: Backtest, chart: Any) -> str:
    """The page as text: the sentence, the chart, the table against simple methods, what the words mean."""
    stamp = backtest.stamp
    title = "How good past forecasts would have been"
    parts = [
        '<!doctype html>\n<html lang="en-GB">',
        '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE.read_text(encoding='utf-8')}</style></head>",
        f"<body><header><h1>{escape(title)}</h1><p>{escape(stamp.authority or stamp.data.capitalize())}</p>",
        f'<p class="loud">{escape(SYNTHETIC_NOTE)}</p>' if stamp.synthetic else "",
        f'</header><main id="main"><section><h2>{escape(backtest.finding())}</h2>',
        *(f"<p>{escape(line)}</p>" for line in _said(backtest)),
        f"<figure>{inline_svg(chart, chart.description)}</figure></section>",
        "<section><h2>Against simple methods</h2>",
        _table(backtest),
        "</section><section><h2>Where it was furthest off</h2><ul>",
        *(f"<li>{escape(line)}</li>" for line in _furthest(backtest)),
        "</ul></section><section><h2>What the words mean</h2><dl>",
        *(f"<dt>{escape(word)}</dt><dd>{escape(meaning)}</dd>" for word, meaning in WORDS),
        f"</dl></section></main><footer><p>{escape(stamp.source())}</p></footer></body></html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _said(backtest: Backtest) -> list[str]:
    inside, number = backtest.held()
    what = "the number of children looked after" if backtest.source == "records" else "each authority's number"
    first, last = backtest.origins[0], backtest.origins[-1]
    lines = [
        f"We went back to {len(backtest.origins)} days, from {first.day} {first:%B %Y} to {last.day} {last:%B %Y}, hid "
        f"everything that came later, and forecast {what} one to five years ahead. Then we looked at what came.",
        f"An honest 80% range holds about 8 of 10 outcomes. Here it held {inside:,} of {number:,} "
        f"({inside / max(number, 1):.0%}).",
    ]
    if number < 30 or backtest.source == "records":
        lines.append(
            "Forecasts from neighbouring years share most of what happened after them, so these are not "
            f"{number} separate trials: read the share as a sign, not as a measurement."
        )
    short, number = backtest.without_smoothing()
    if short:
        lines.append(
            f"Exponential smoothing had fewer than six yearly counts in {short:,} of {number:,} forecasts (a forecast "
            "for each series and day) and is no change there."
        )
    return lines


def _table(backtest: Backtest) -> str:
    from sufficiency.demand.backtest.answer import METHOD_LABELS

    scores = backtest.scores()
    whole = scores[scores["series"].isin(["total", "all"])]
    horizons = [h for h in ("1", "3", "5") if (whole["horizon"] == h).any()]
    heads = [f"Error, {h} {'year' if h == '1' else 'years'} ahead" for h in horizons]
    head = "".join(f'<th scope="col">{text}</th>' for text in (*heads, "Inside the 80% range", "Score"))
    body = []
    for method, label in METHOD_LABELS.items():
        mine = whole[whole["method"] == method].set_index("horizon")
        cells = [f"{float(mine['mape'][h]):.1f}%" for h in horizons]
        cells += [f"{float(mine['coverage_80']['all']):.0f} in 100", f"{float(mine['wis']['all']):.1f}"]
        body.append(f'<tr><th scope="row">{escape(label)}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>')
    caption = "Children looked after in total" if backtest.source == "records" else "Every authority and origin"
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{caption}"><table class="numbers">'
        f'<caption>{caption}</caption><thead><tr><th scope="col">Method</th>{head}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def _furthest(backtest: Backtest, lines: int = 3) -> list[str]:
    """The forecasts of the total that missed by most."""
    table = backtest.forecasts()
    table = table[table["actual"].notna()]
    if backtest.source == "records":
        table = table[table["series"] == "total"]
    missed = (table["p50"] - table["actual"]).abs() / table["actual"].where(table["actual"] > 0)
    worst = table.assign(missed=missed).sort_values("missed", ascending=False).head(lines)
    return [_line(row, backtest.source) for _, row in worst.iterrows()]


def _line(row: pd.Series, source: str) -> str:
    who = "" if source == "records" else f"Authority {row['series']}: "
    inside = "inside" if row["p10"] <= row["actual"] <= row["p90"] else "outside"
    when = pd.Timestamp(f"{row['origin']}-03-31" if len(row["origin"]) == 4 else row["origin"])
    due = when + pd.DateOffset(years=int(row["horizon"]))
    return (
        f"{who}from {when.year} for {due.year}: middle {row['p50']:.0f}, came {row['actual']:.0f} "
        f"({row['missed']:.0%} off), {inside} the range of {row['p10']:.0f} to {row['p90']:.0f}."
    )
