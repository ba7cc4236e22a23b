"""Brothers and sisters who are to live together: how many do, by the size of their group."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from sufficiency.figures.profile_parts import (
    PAGE,
    counted,
    figures,
    filled,
    no_data,
    nothing_in,
    page,
    percent,
    piled,
    whole,
)
from sufficiency.figures.theme import INK, ORANGE
from sufficiency.stamp import Sourced

PARTS: Final = {"together": "Living with their whole group", "apart": "Living apart", "unknown": "Not known"}
HIDDEN_PART: Final = "Hidden numbers"
HIDDEN_NOTE: Final = " Hidden: 1 to 5 children, or a number that would give a hidden one away."
FILLS: Final = dict(zip((*PARTS.values(), HIDDEN_PART), ("#BFE3F7", ORANGE, "#FFFFFF", "#9AA5B1"), strict=True))
SIZES: Final = {"2": "2 children", "3": "3 children", "4_or_more": "4 or more"}
PLOT: Final = PAGE - 250
"""The rest of the page is for the names of the groups and, behind the bars, the share together [pixels]."""
LETTER: Final = 7


def sibling_groups_chart(table: pd.DataFrame, stamp: Sourced, *, title: str, alt_text: str) -> Any:
    """Children of sibling groups by the size of the group: together, apart or not known, and the share together.

    ``table``: ``size`` (1, 2, 3, 4_or_more) ``groups`` ``children`` ``together`` ``apart`` ``unknown`` [children]; a
    child without a group (size 1) is not drawn.
    """
    import altair as alt

    rows = whole(table)
    sizes = rows["size"].astype(str) if len(rows) else pd.Series(dtype=str)
    rows = rows[sizes.isin(SIZES)] if len(rows) else rows
    if nothing_in(rows, "children", *PARTS):
        return no_data(table, stamp, title, alt_text)
    rows = rows.assign(name=[_name(size, groups) for size, groups in zip(rows["size"], rows["groups"], strict=True)])
    piles = _piles(rows)
    fills = {part: fill for part, fill in FILLS.items() if part != HIDDEN_PART or (piles["part"] == part).any()}
    longest = max(float(piles["top"].max()) if len(piles) else 0.0, 1.0)
    y = alt.Y("name:N", sort=list(rows["name"]), scale=alt.Scale(domain=list(rows["name"])), title=None)
    x = alt.X(
        "bottom:Q",
        title="Children",
        axis=alt.Axis(tickMinStep=1, labelFlush=False),
        scale=alt.Scale(domain=[0, longest], nice=True),
    )
    bars = alt.Chart(piles).mark_bar(stroke=INK, strokeWidth=0.6, height={"band": 0.7})
    room = piles["value"] / longest * PLOT >= LETTER * (piles["value"].map(counted).map(len) + 1)
    ends = rows[["name"]].assign(text=_together(rows), end=rows["name"].map(piles.groupby("name")["top"].max()))
    marks = alt.Chart(ends.assign(end=ends["end"].fillna(0.0))).mark_text(align="left", dx=6)
    layers = [
        bars.encode(x=x, x2="top:Q", y=y, color=filled(fills)),
        *figures(piles[room], "name:N", "x", FILLS),
        marks.encode(x="end:Q", y=y, text="text:N"),
    ]
    notes = (
        "Children whom the register says are to live with brothers or sisters, by the size of the group. Per cent: of "
        f"those whose home is known.{HIDDEN_NOTE if HIDDEN_PART in fills else ''}"
    )
    chart = alt.layer(*layers).properties(width=PLOT, height=46 * len(rows))
    return page(chart, title, notes, stamp, alt_text)


def _piles(rows: pd.DataFrame) -> pd.DataFrame:
    """The parts of each bar; what is hidden is what is left of the group's children, where that number is known."""
    parts = [rows.assign(part=label, value=rows[column]) for column, label in PARTS.items()]
    left = rows["children"] - rows[list(PARTS)].sum(axis=1)
    parts.append(rows.assign(part=HIDDEN_PART, value=left.where(rows[list(PARTS)].isna().any(axis=1))))
    long = pd.concat(parts)
    return piled(long[long["value"] > 0], "name", list(FILLS))


def _name(size: Any, groups: float) -> str:
    noun = "group" if groups == 1 else "groups"
    return f"{SIZES[str(size)]}, {counted(groups)} {noun}"


def _together(rows: pd.DataFrame) -> list[str]:
    """What stands behind each bar: the share together, or how many children where that is hidden or there is none."""
    known = rows["together"] + rows["apart"]
    return [
        f"{percent(together / of)} of {counted(of)} together" if of > 0 else f"{counted(children)} children"
        for together, of, children in zip(rows["together"], known, rows["children"], strict=True)
    ]
