"""Places against need: two ranges in one panel a kind, and the gap between them shaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sufficiency.figures.theme import BLUE, INK, ORANGE, finished
from sufficiency.ranges import band
from sufficiency.stamp import Stamp
from sufficiency.vocabulary import KIND_LABELS, KINDS

if TYPE_CHECKING:
    import altair as alt

SIDES: Final = {"need": "Children who need one", "places": "Usable places"}
SIDE_COLOURS: Final = {"need": ORANGE, "places": BLUE}
PANEL: Final = 225
NOTES: Final = (
    "Lines: middle of the simulated futures; bands: where 80 of 100 futures lie; grey: places missing when the two "
    "middles are compared. Each panel has its own scale, from 0."
)


def places_against_need(table: pd.DataFrame, stamp: Stamp, *, title: str, alt_text: str) -> alt.HConcatChart:
    """Need and usable places by kind over time, each with its 80% band, the shortfall between the middles shaded.

    ``table`` has ``date``, ``kind``, ``measure`` (``need`` and ``places`` are drawn) and the range columns [places].
    """
    import altair as alt

    kinds = [kind for kind in KINDS if kind in set(table["kind"])]
    panels = [_panel(table[table["kind"] == kind], KIND_LABELS[kind], first=kind == kinds[0]) for kind in kinds]
    width = len(panels) * (PANEL + 45)
    return finished(alt.hconcat(*panels, spacing=24), title, NOTES, stamp, alt_text, width)


def _panel(rows: pd.DataFrame, label: str, *, first: bool) -> alt.LayerChart:
    import altair as alt

    sides = band(rows[rows["measure"].isin(SIDES)], 0.8)[["date", "measure", "low", "middle", "high"]]
    sides = sides.assign(side=sides["measure"].map(SIDES))
    legend = alt.Legend(title=None, orient="bottom", direction="horizontal") if first else None
    scale = alt.Scale(domain=list(SIDES.values()), range=list(SIDE_COLOURS.values()))
    colour = alt.Color("side:N", scale=scale, legend=legend)
    dashes = alt.Scale(domain=list(SIDES.values()), range=[[1, 0], [6, 3]])
    x = alt.X("date:T", title=None, axis=alt.Axis(format="%Y", tickCount="year", grid=False))
    y = alt.Y("low:Q", title="Places" if first else None, scale=alt.Scale(zero=True)).stack(None)
    bands = alt.Chart(sides).mark_area(opacity=0.28).encode(x=x, y=y, y2="high:Q", color=colour)
    lines = (
        alt.Chart(sides)
        .mark_line(strokeWidth=2.5)
        .encode(x=x, y="middle:Q", color=colour, strokeDash=alt.StrokeDash("side:N", scale=dashes, legend=legend))
    )
    heading = alt.TitleParams(label, fontSize=13, anchor="start", offset=6)
    layers = _shortfall(sides) + bands + lines + _last_gap(sides)
    return layers.properties(width=PANEL, height=280, title=heading)


def _middles(sides: pd.DataFrame) -> pd.DataFrame:
    """Columns ``date`` ``need`` ``places`` and ``top``, the higher of the two."""
    wide = sides.pivot(index="date", columns="measure", values="middle").reset_index()
    return wide.assign(top=np.maximum(wide["need"], wide["places"]))


def _shortfall(sides: pd.DataFrame) -> alt.Chart:
    import altair as alt

    return (
        alt.Chart(_middles(sides)).mark_area(color="#9AA5B1", opacity=0.55).encode(x="date:T", y="places:Q", y2="top:Q")
    )


def _last_gap(sides: pd.DataFrame) -> alt.LayerChart:
    """The two middles at the last date, as figures at the end of their lines."""
    import altair as alt

    last = sides[sides["date"] == sides["date"].max()]
    marks = alt.Chart(last).mark_text(align="left", dx=5, fontWeight="bold", color=INK)
    return marks.encode(x="date:T", y="middle:Q", text=alt.Text("middle:Q", format=",.0f"))
