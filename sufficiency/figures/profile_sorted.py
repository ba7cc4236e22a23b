"""Sorted bars of the latest year beside the first: legal status, category of need, provider."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from sufficiency.figures.profile_parts import (
    ALL,
    HIDDEN,
    LETTERS,
    PAGE,
    counted,
    no_data,
    note_on_hidden,
    nothing_in,
    page,
    percent,
    whole,
)
from sufficiency.figures.theme import BLUE, INK
from sufficiency.stamp import Sourced

NAMES: Final = 266
"""Room for the names before the bars [pixels]."""
FIGURES: Final = 150
"""Room for the figures after the bars [pixels]."""
PLOT: Final = PAGE - NAMES - FIGURES
BAR: Final = 28
HEADING: Final = -8


def legal_status_chart(table: pd.DataFrame, stamp: Sourced, *, title: str, alt_text: str) -> Any:
    """Children by legal status on the latest 31 March, most first, with the first year held beside it.

    ``table``: ``year`` ``group`` ``label`` ``children`` ``share`` (of all looked after, 0 to 1).
    """
    return _sorted_bars(table, "group", stamp, title, alt_text)


def needs_chart(table: pd.DataFrame, stamp: Sourced, *, title: str, alt_text: str) -> Any:
    """Children by category of need on the latest 31 March, most first, with the first year held beside it.

    ``table``: ``year`` ``need`` ``label`` ``children`` ``share`` (of all looked after, 0 to 1).
    """
    return _sorted_bars(table, "need", stamp, title, alt_text)


def provider_codes_chart(table: pd.DataFrame, stamp: Sourced, *, title: str, alt_text: str) -> Any:
    """Children by provider as the return codes it, on the latest 31 March and the first one held.

    ``table``: ``year`` ``provider`` ``label`` ``children`` ``share`` (of all looked after, 0 to 1).
    """
    return _sorted_bars(table, "provider", stamp, title, alt_text)


def _sorted_bars(table: pd.DataFrame, column: str, stamp: Sourced, title: str, alt_text: str) -> Any:
    import altair as alt

    rows = whole(table)
    rows = rows[rows[column] != ALL] if len(rows) else rows
    if nothing_in(rows, "children"):
        return no_data(table, stamp, title, alt_text)
    first, last = int(rows["year"].min()), int(rows["year"].max())
    now, then = rows[rows["year"] == last], rows[rows["year"] == first]
    both = _side_by_side(now, then, column)
    widest = max(0.01, *both[["share", "share_then"]].max().fillna(0.0))
    names = alt.Axis(labelLimit=NAMES, title=None, ticks=False, labelPadding=6, labelFontSize=LETTERS)
    y = alt.Y("label:N", sort=list(both["label"]), scale=alt.Scale(domain=list(both["label"])), axis=names)
    across = alt.Axis(format="~%", tickCount=5, labelFlush=False)
    x = alt.X("share:Q", title="Of all children looked after", axis=across, scale=alt.Scale(domain=[0, widest * 1.02]))
    bars = alt.Chart(both.dropna(subset=["share"])).mark_bar(color=BLUE, height={"band": 0.6}).encode(x=x, y=y)
    layers = [bars, *_column(both, "now", str(last), 8, y)]
    if first < last:
        known = alt.Chart(both[both["share_then"] > 0]).encode(x="share_then:Q", y=y)
        looks = (("white", 7), (INK, 4))
        layers[1:1] = [known.mark_tick(color=fill, thickness=wide, size=BAR * 0.85, opacity=1) for fill, wide in looks]
        layers += _column(both, "then", str(first), 8 + FIGURES // 2, y)
    notes = f"Bars: 31 March {last}, per cent of all children looked after that day, in brackets their number."
    notes += f" Upright marks: 31 March {first}." if first < last else ""
    notes += note_on_hidden(both["children"], both["children_then"])
    chart = alt.layer(*layers).properties(width=PLOT, height=BAR * len(both))
    return page(chart, title, notes, stamp, alt_text)


def _side_by_side(now: pd.DataFrame, then: pd.DataFrame, column: str) -> pd.DataFrame:
    """A row a category that either year has: both shares and both texts, largest now first, hidden ones after."""
    columns = [column, "label", "children", "share"]
    both = now[columns].merge(then[columns], on=column, how="outer", suffixes=("", "_then"))
    both = both.assign(label=both["label"].fillna(both["label_then"]))
    nothing = both["children"].eq(0) & both["children_then"].eq(0)
    ordered = both[~nothing].sort_values(["share", "label"], ascending=[False, True], ignore_index=True)
    texts = {
        name: [_printed(share, number) for share, number in zip(ordered[share], ordered[number], strict=True)]
        for name, share, number in (("now", "share", "children"), ("then", "share_then", "children_then"))
    }
    return ordered.astype({"share": float, "share_then": float}).assign(**texts)


def _printed(share: float, children: float) -> str:
    return HIDDEN if pd.isna(children) else f"{percent(share)} ({counted(children)})"


def _column(both: pd.DataFrame, column: str, year: str, place: float, y: Any) -> list[Any]:
    """A column of figures after the bars, with its year above."""
    import altair as alt

    at = alt.value(PLOT + place)
    texts = alt.Chart(both[["label", column]]).mark_text(align="left", fontSize=LETTERS)
    head = alt.Chart(pd.DataFrame({"year": [year]})).mark_text(align="left", fontSize=LETTERS, fontWeight="bold")
    return [texts.encode(x=at, y=y, text=f"{column}:N"), head.encode(x=at, y=alt.value(HEADING), text="year:N")]
