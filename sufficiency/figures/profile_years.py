"""Bars by year: one quantity or several side by side, and small panels whose first and last figures stand above."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from sufficiency.figures.profile_parts import HIDDEN, LETTERS, PLOT, counted, filled, labelled, year_axis
from sufficiency.figures.theme import BLUE, INK, MUTED

if TYPE_CHECKING:
    import altair as alt

HEIGHT: Final = 170
ROOM_ABOVE: Final = 1.12
"""Room above the highest bar, for its figure [multiple of its value]."""
PANEL: Final = 188
PANEL_HEIGHT: Final = 84
LEAST_SCALE: Final = {True: 0.01, False: 1.0}
"""Top of a panel's scale at least, so that a row of noughts has one: shares, counts."""
STEPS: Final = (0.2, 0.5, 1.0, 2.0)
MOST_STEPS: Final = 5
BETWEEN: Final = "#A3CCE5"
"""Fill of the years between the first and the last of a small panel."""


def bars_of_years(
    rows: pd.DataFrame,
    years: Sequence[int],
    *,
    y_title: str,
    colours: Mapping[str, str] | None = None,
) -> Any:
    """A bar a year with its figure (``year`` ``value``); or, with ``colours``, one for each ``part`` side by side.

    A hidden value is written "c"; bars side by side carry no figures, which then stand in rows below.
    """
    import altair as alt

    known = rows.dropna(subset=["value"])[["year", "value", *(["part"] if colours else [])]]
    highest = max(float(known["value"].max()) if len(known) else 0.0, LEAST_SCALE[False]) * ROOM_ABOVE
    axis = alt.Axis(tickCount=4, format=",d", tickMinStep=1)
    y = alt.Y("value:Q", title=y_title, scale=alt.Scale(domain=[0, highest], nice=False), axis=axis)
    bars = alt.Chart(known).encode(x=year_axis(years, ""), y=y)
    if colours:
        side = alt.XOffset("part:N", sort=list(colours), scale=alt.Scale(domain=list(colours)))
        layers = [bars.mark_bar(stroke=INK, strokeWidth=0.6).encode(color=filled(colours), xOffset=side)]
    else:
        layers = [bars.mark_bar(color=BLUE), _texts(rows, years)]
    return alt.layer(*layers).properties(width=PLOT, height=HEIGHT)


def _texts(rows: pd.DataFrame, years: Sequence[int]) -> alt.Chart:
    import altair as alt

    texts = rows.assign(text=rows["value"].map(counted), value=rows["value"].astype(float).fillna(0))
    fit = labelled(years, max(map(len, texts["text"]), default=1) - 1)
    texts = texts.loc[texts["year"].isin(fit) | (texts["text"] == HIDDEN), ["year", "value", "text"]]
    return alt.Chart(texts).mark_text(dy=-7, fontSize=LETTERS).encode(x="year:O", y="value:Q", text="text:N")


def round_ticks(highest: float, *, fractions: bool) -> list[float]:
    """Nought and at most five round steps, none above the highest value, so that no label stands out of its panel."""
    magnitude = 10.0 ** math.floor(math.log10(highest))
    step = next(size * magnitude for size in STEPS if highest / (size * magnitude) <= MOST_STEPS)
    step = step if fractions else max(step, 1.0)
    return [round(number * step, 6) for number in range(math.floor(highest / step) + 1)]


def small_panel(rows: pd.DataFrame, years: Sequence[int], heading: str, lines: Sequence[str], *, percents: bool) -> Any:
    """One of several small panels with a scale of its own: a bar a year, the first and the last dark.

    ``rows``: ``year`` ``value`` (missing where hidden); ``lines``: what the first and the last say, below the heading.
    """
    import altair as alt

    table = rows[["year", "value"]].assign(value=rows["value"].astype(float))
    known, hidden = table.dropna(subset=["value"]), table[table["value"].isna()]
    highest = max(float(known["value"].max()) if len(known) else 0.0, LEAST_SCALE[percents])
    axis = alt.Axis(
        values=round_ticks(highest, fractions=percents), format="~%" if percents else ",d", labelFontSize=LETTERS
    )
    y = alt.Y("value:Q", title=None, axis=axis, scale=alt.Scale(domain=[0, highest * ROOM_ABOVE], nice=False))
    x = year_axis(years, "", PANEL)
    ends = known["year"].isin([known["year"].min(), known["year"].max()]).map({True: BLUE, False: BETWEEN})
    bars = alt.Chart(known.assign(fill=ends)).mark_bar(stroke=INK, strokeWidth=0.4)
    marks = alt.Chart(hidden.assign(value=0.0, text=HIDDEN)).mark_text(dy=-6, fontSize=LETTERS)
    layers = [bars.encode(x=x, y=y, fill=alt.Fill("fill:N", scale=None)), marks.encode(x=x, y=y, text="text:N")]
    top = alt.TitleParams(
        heading, subtitle=list(lines), fontSize=12, anchor="start", frame="group", offset=6, subtitleFontSize=LETTERS,
        subtitlePadding=2, subtitleColor=MUTED, limit=PANEL + 36,
    )  # fmt: skip
    return alt.layer(*layers).properties(width=PANEL, height=PANEL_HEIGHT, title=top)
