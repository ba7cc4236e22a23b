"""A waterfall a year, side by side: what came, what went, and the number at each end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from sufficiency.figures.theme import INK, MUTED, finished
from sufficiency.figures.waterfall import COLOURS
from sufficiency.stamp import Stamp

if TYPE_CHECKING:
    import altair as alt

COLUMNS: Final = 3
STEP: Final = 38
"""Width of a bar with its gap [pixels]."""
HEIGHT: Final = 210
ENDS: Final = ("opening", "closing")
NOTES: Final = (
    "Bars: mean of the simulated futures, so the steps lead from the number at the start of the financial year (April "
    "to March) to the number at its end; thin lines: where 80 of 100 futures of that step or number lie. Unit: "
    "children. Darkest: numbers; dark: more; pale: fewer."
)


def waterfalls_by_year(table: pd.DataFrame, stamp: Stamp, *, title: str, alt_text: str) -> alt.ConcatChart:
    """One panel a financial year, all on one scale.

    ``table``: ``financial_year`` ``measure`` (``opening``, signed steps, ``closing``) ``label`` ``mean`` ``p10``
    ``p90``, in the order of the bars; the steps of a year lead from its opening to its closing.
    """
    import altair as alt

    years = list(dict.fromkeys(table["financial_year"]))
    panels = [(_floating(table[table["financial_year"] == year]), year) for year in years]
    top = max(float(rows[["begin", "end", "high"]].to_numpy().max()) for rows, _ in panels)
    bars = int(table.groupby("financial_year").size().max())
    drawn = [_panel(rows, year, top, first=number % COLUMNS == 0) for number, (rows, year) in enumerate(panels)]
    columns = min(COLUMNS, len(drawn))
    chart = alt.concat(*drawn, columns=columns, spacing=24)
    return finished(chart, title, NOTES, stamp, alt_text, STEP * bars * columns + 60)


def _floating(table: pd.DataFrame) -> pd.DataFrame:
    """Where each bar and its range begin and end, and its figure as text."""
    number = table["measure"].isin(ENDS)
    step = table["mean"].mask(number, 0.0)
    level = float(table["mean"].iloc[0]) + step.cumsum()
    begin = (level - step).mask(number, 0.0)
    rows = table[["label"]].assign(order=range(len(table)), begin=begin, end=begin + table["mean"])
    kind = np.select([number, table["mean"] >= 0], ["number", "more"], "fewer")
    text = [
        f"{mean:,.0f}" if fixed or round(mean) == 0 else f"{mean:+,.0f}".replace("-", "−")
        for mean, fixed in zip(table["mean"].round() + 0.0, number, strict=True)
    ]
    low, high = begin + table["p10"], begin + table["p90"]
    top = np.maximum.reduce([rows["begin"], rows["end"], high])
    return rows.assign(kind=kind, text=text, low=low, high=high, top=top)


def _panel(rows: pd.DataFrame, year: str, top: float, *, first: bool) -> Any:
    import altair as alt

    axis = alt.Axis(title=None, labelAngle=-45, labelLimit=110, grid=False, ticks=False)
    base = alt.Chart(rows).encode(x=alt.X("label:N", sort=alt.EncodingSortField("order"), axis=axis))
    scale = alt.Scale(domain=[0, top * 1.12], nice=False)
    y_axis = alt.Axis(title="Children" if first else None, format=",d")
    colour = alt.Color("kind:N", scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())), legend=None)
    bars = base.mark_bar(width={"band": 0.72}, stroke=INK, strokeWidth=0.6).encode(
        y=alt.Y("begin:Q", scale=scale, axis=y_axis), y2="end:Q", color=colour
    )
    ranged = base.transform_filter("datum.low < datum.high")
    halo, line = (
        ranged.mark_rule(color=shade, strokeWidth=width).encode(y="low:Q", y2="high:Q")
        for shade, width in (("white", 4), (MUTED, 1.5))
    )
    figures = base.mark_text(dy=-8, fontSize=11, color=INK).encode(y="top:Q", text="text:N")
    heading = alt.TitleParams(year, fontSize=13, anchor="start", offset=6)
    layers = alt.layer(bars, halo, line, figures)
    return layers.properties(width=STEP * len(rows), height=HEIGHT, title=heading)
