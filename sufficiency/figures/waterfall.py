"""The waterfall: from one number to another in steps that add up, with each step's figures beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from sufficiency.figures.theme import BLUE, INK, MUTED, finished
from sufficiency.stamp import Stamp

if TYPE_CHECKING:
    import altair as alt

BARS: Final = 460
ROW: Final = 42
NAMES: Final = 250
COLUMN: Final = 88
COLUMNS: Final = {"text": "Children", "range": "80 of 100", "yearly": "A year", "known": "Before, a year"}
COLOURS: Final = {"number": INK, "more": BLUE, "fewer": "#F0A35E"}
"""Numbers at the ends, steps up and steps down; each is lighter than the one before, for grey print."""
NOTES: Final = (
    "Bars: mean of the simulated futures, so the steps add up. Thin lines: where 80 of 100 futures of that step (or "
    "of the number) lie. "
)
NOTES_KNOWN: Final = "Bars: counts from the returns, so the steps add up. "


def waterfall(
    table: pd.DataFrame, stamp: Stamp, *, title: str, alt_text: str, unit: str = "children", notes: str = ""
) -> alt.HConcatChart:
    """A first number, signed steps and a last number, one row each from the top, with their figures at the right.

    ``table``: ``label`` ``children`` (first and last row: the number; others: the step) ``low`` ``high`` ``a_year``
    ``known_a_year`` (missing where there is none). The steps must lead from the first number to the last.
    """
    import altair as alt

    rows = _floating(table)
    ranged = bool((table["low"] < table["high"]).any())
    wanted = {"text": True, "range": ranged, "yearly": True, "known": table["known_a_year"].notna().any()}
    columns = [(heading, column) for column, heading in COLUMNS.items() if wanted[column]]
    panels = [_bars(rows, unit), *(_figures(rows, heading, column) for heading, column in columns)]
    chart = alt.hconcat(*panels, spacing=6).resolve_scale(y="shared")
    return finished(
        chart, title, (NOTES if ranged else NOTES_KNOWN) + notes, stamp, alt_text, NAMES + BARS + COLUMN * len(columns)
    )


def _floating(table: pd.DataFrame) -> pd.DataFrame:
    """Rows with where each bar and its range begin and end, and their figures as text."""
    last = len(table) - 1
    number = [position in (0, last) for position in range(len(table))]
    step = table["children"].mask(pd.Series(number, index=table.index), 0.0)
    level = float(table["children"].iloc[0]) + step.cumsum()
    begin = (level - step).mask(pd.Series(number, index=table.index), 0.0)
    kind = [
        "number" if is_number else "more" if value > 0 else "fewer"
        for is_number, value in zip(number, step, strict=True)
    ]
    rows = table[["label"]].assign(order=range(len(table)), begin=begin, end=begin + table["children"], kind=kind)
    rows = rows.assign(low=begin + table["low"], high=begin + table["high"])
    rows["text"] = [
        f"{value:,.0f}" if kind == "number" else _signed(value)
        for value, kind in zip(table["children"], kind, strict=True)
    ]
    rows["range"] = _ranges(table, number)
    return rows.assign(yearly=table["a_year"].map(_signed), known=table["known_a_year"].map(_signed))


def _ranges(table: pd.DataFrame, number: list[bool]) -> list[str]:
    ends = zip(table["low"], table["high"], number, strict=True)
    return [
        "" if low == high else f"{low:,.0f} to {high:,.0f}" if is_number else f"{_signed(low)} to {_signed(high)}"
        for low, high, is_number in ends
    ]


def _signed(value: float) -> str:
    return "" if pd.isna(value) else f"{value:+,.0f}".replace("-", "−")


def _rows() -> Any:
    import altair as alt

    axis = alt.Axis(title=None, labelLimit=NAMES, ticks=False, domain=False, labelPadding=8)
    return alt.Y("label:N", sort=alt.EncodingSortField("order"), axis=axis)


def _bars(rows: pd.DataFrame, unit: str) -> Any:
    import altair as alt

    colour = alt.Color("kind:N", scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())), legend=None)
    base = alt.Chart(rows).encode(y=_rows())
    bars = base.mark_bar(height={"band": 0.6}, stroke=INK, strokeWidth=0.5).encode(
        x=alt.X("begin:Q", title=unit.capitalize(), axis=alt.Axis(format=",d")), x2="end:Q", color=colour
    )
    ranged = base.transform_filter("datum.low < datum.high")
    halo, line = (
        ranged.mark_rule(color=colour, strokeWidth=width).encode(x="low:Q", x2="high:Q")
        for colour, width in (("white", 4), (MUTED, 1.5))
    )
    ends = [ranged.mark_tick(color=MUTED, thickness=1.5, size=9).encode(x=f"{end}:Q") for end in ("low", "high")]
    return alt.layer(bars, halo, line, *ends).properties(width=BARS, height=ROW * len(rows))


def _figures(rows: pd.DataFrame, heading: str, column: str) -> Any:
    import altair as alt

    title = alt.TitleParams(heading, fontSize=12, fontWeight="normal", color=MUTED, anchor="end", offset=4)
    marks = alt.Chart(rows).mark_text(align="right", fontWeight="bold" if column == "text" else "normal")
    y = alt.Y("label:N", sort=alt.EncodingSortField("order"), axis=None)
    return marks.encode(x=alt.value(COLUMN), y=y, text=f"{column}:N").properties(
        width=COLUMN, height=ROW * len(rows), title=title
    )
