"""A trade-off between two objectives: a line over the plans that are best for each value of one of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import pandas as pd

from sufficiency.figures.theme import BLUE, INK, WIDTH, finished
from sufficiency.stamp import Sourced

if TYPE_CHECKING:
    import altair as alt

NOTES: Final = (
    "Each mark: the best match on the upright axis with no less on the other; both ends are labelled. Children housed "
    "are the same at every mark. A model's shortlist: a social worker decides."
)


def trade_off_line(
    points: pd.DataFrame, axes: Mapping[str, str], stamp: Sourced, *, title: str, alt_text: str
) -> alt.LayerChart:
    """Two columns of ``points`` against each other; ``axes``: column → title with unit, horizontal first."""
    import altair as alt

    (across, across_title), (upright, upright_title) = axes.items()
    rows = points[[across, upright]].assign(label=[_figure(value, upright) for value in points[upright]])
    base = alt.Chart(rows).encode(
        x=alt.X(f"{across}:Q", title=across_title, scale=alt.Scale(zero=False, padding=24), axis=_axis(across)),
        y=alt.Y(f"{upright}:Q", title=upright_title, scale=alt.Scale(zero=False, padding=24), axis=_axis(upright)),
    )
    line = base.mark_line(color=BLUE, strokeWidth=2)
    marks = base.mark_point(color=INK, fill="white", size=50, opacity=1)
    ends = base.transform_filter(alt.FieldOneOfPredicate(across, [rows[across].min(), rows[across].max()]))
    labels = ends.mark_text(dy=-14, color=INK, fontWeight="bold").encode(text="label:N")
    layers = alt.layer(line, marks, labels).properties(width=WIDTH - 120, height=360)
    return finished(layers, title, NOTES, stamp, alt_text, WIDTH)


def _axis(column: str) -> alt.Axis:
    import altair as alt

    return alt.Axis(format=",.0f") if column == "weekly_cost" else alt.Axis(format=",d", tickMinStep=1)


def _figure(value: float, column: str) -> str:
    return f"£{value:,.0f}" if column == "weekly_cost" else f"{value:,.0f}"
