"""The tornado: what each assumption, a little lower and a little higher, does to one number; the strongest on top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from sufficiency.figures.theme import BLUE, INK, MUTED, WIDTH, finished
from sufficiency.stamp import Stamp

if TYPE_CHECKING:
    import altair as alt

ROW: Final = 34
NAMES: Final = 250
SIGNED: Final = "datum.value == 0 ? '0' : format(datum.value, '+~g')"
LOWER, HIGHER = "Lower", "Higher"
SIDE_OF: Final = {"down": LOWER, "low": LOWER, "up": HIGHER, "high": HIGHER}
COLOURS: Final = {LOWER: "#BFE3F7", HIGHER: BLUE}


def tornado(
    effects: pd.DataFrame, stamp: Stamp, *, title: str, alt_text: str, notes: str, unit: str = "children"
) -> alt.LayerChart:
    """Effects of assumptions on a number: two bars a row, from none to the left and to the right.

    ``effects``: ``label`` ``way`` (down or low, up or high) ``effect`` ``low`` ``high`` [``unit``]; rows are drawn in
    the order in which they come.
    """
    import altair as alt

    rows = effects.assign(side=effects["way"].map(SIDE_OF), order=range(len(effects)))
    rows = rows.assign(text=rows["effect"].map(lambda value: f"{value:+.1f}".replace("-", "−")))
    scale = alt.Scale(domain=list(COLOURS), range=list(COLOURS.values()))
    sort = list(dict.fromkeys(rows["label"]))
    y = alt.Y("label:N", sort=sort, axis=alt.Axis(title=None, labelLimit=NAMES, ticks=False, domain=False))
    offset = alt.YOffset("side:N", scale=alt.Scale(domain=list(COLOURS)))
    base = alt.Chart(rows).encode(y=y, yOffset=offset)
    bars = base.mark_bar(stroke=INK, strokeWidth=0.5).encode(
        x=alt.X("effect:Q", title=f"Difference, {unit}", axis=alt.Axis(labelExpr=SIGNED)),
        color=alt.Color(
            "side:N", scale=scale, sort=list(COLOURS), legend=alt.Legend(title="The rate is", orient="top")
        ),
    )
    halo, line = (
        base.mark_rule(color=colour, strokeWidth=width).encode(x="low:Q", x2="high:Q")
        for colour, width in (("white", 3), (MUTED, 1.2))
    )
    none = alt.Chart(pd.DataFrame({"none": [0.0]})).mark_rule(color=INK).encode(x="none:Q")
    layers = alt.layer(bars, halo, line, none, *_figures(base))
    return finished(
        layers.properties(width=WIDTH - 120, height=ROW * len(sort)), title, notes, stamp, alt_text, WIDTH + 180
    )


def _figures(base: Any) -> list[Any]:
    """The figure of each bar, outside its range."""
    left = base.transform_filter("datum.effect < 0").mark_text(align="right", dx=-6, fontSize=11)
    right = base.transform_filter("datum.effect >= 0").mark_text(align="left", dx=6, fontSize=11)
    return [left.encode(x="low:Q", text="text:N"), right.encode(x="high:Q", text="text:N")]
