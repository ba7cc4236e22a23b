"""The fan: what is known, then the middle of what may come with the bands around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from sufficiency.figures.backtest import ghosts_of
from sufficiency.figures.theme import BLUE, INK, WIDTH, finished
from sufficiency.ranges import band
from sufficiency.stamp import Stamp
from sufficiency.vocabulary import KIND_LABELS

if TYPE_CHECKING:
    import altair as alt

BANDS: Final = {0.95: "95 of 100 futures", 0.80: "80 of 100 futures", 0.50: "50 of 100 futures"}
BAND_COLOURS: Final = ("#D6E9F5", "#A3CCE5", "#64A7D0")
SMALL: Final = 210
"""Width of a panel among several [pixels]."""
KNOWN: Final = "Known"
MIDDLE: Final = "Middle of the futures"
NOTES: Final = (
    "Solid line and dots: known counts. Dashed line: middle of the simulated futures. Bands: where that share of them "
    "lies."
)


def fan(
    future: pd.DataFrame,
    past: pd.DataFrame,
    stamp: Stamp,
    *,
    title: str,
    alt_text: str,
    unit: str = "children",
    ghosts: pd.DataFrame | None = None,
    ghosts_say: str = "",
) -> alt.LayerChart:
    """Known past and simulated future of one quantity, with its 50, 80 and 95% bands.

    ``future`` has one row a date: ``date`` and the range columns; ``past`` has ``date`` and ``value``; both in
    ``unit``. ``ghosts``: past forecasts (``origin date p10 p50 p90``), drawn thin and grey, and what they say. The
    future is never drawn as a bare line. Raises ``ValueError`` when a date stands twice.
    """
    if future["date"].duplicated().any() or past["date"].duplicated().any():
        raise ValueError("a fan shows one quantity: choose one age band and kind, so that each date stands once")
    import altair as alt

    behind = [] if ghosts is None else [ghosts_of(ghosts)]
    layers = alt.layer(_bands(future, unit), *behind, _lines(future, past), _end_labels(future))
    notes = NOTES if ghosts is None else f"{NOTES} Thin grey: past forecasts with their 80% range. {ghosts_say}."
    return finished(layers.properties(width=WIDTH, height=360), title, notes, stamp, alt_text, WIDTH)


def fans(
    future: pd.DataFrame,
    past: pd.DataFrame,
    stamp: Stamp,
    *,
    by: str,
    title: str,
    alt_text: str,
    unit: str = "children",
    columns: int = 3,
) -> alt.ConcatChart:
    """One small fan for each value of the column ``by``, each with its own scale from 0; frames as for :func:`fan`."""
    import altair as alt

    values = [value for value in future[by].unique() if future.loc[future[by] == value, "p97_5"].max() > 0]
    panels = []
    for value in values:
        ahead, before = future[future[by] == value], past[past[by] == value]
        panel = _bands(ahead, unit, zero=True) + _lines(ahead, before)
        panels.append(panel.properties(width=SMALL, height=150, title=KIND_LABELS.get(str(value), str(value))))
    chart = alt.concat(*panels, columns=columns, spacing=24)
    return finished(chart, title, NOTES, stamp, alt_text, columns * (SMALL + 45))


def _bands(future: pd.DataFrame, unit: str, *, zero: bool = False) -> alt.Chart:
    import altair as alt

    parts = [band(future, level)[["date", "low", "high"]].assign(band=name) for level, name in BANDS.items()]
    scale = alt.Scale(domain=list(BANDS.values()), range=list(BAND_COLOURS))
    return (
        alt.Chart(pd.concat(parts))
        .mark_area(opacity=1)
        .encode(
            x=alt.X("date:T", title=None, axis=alt.Axis(format="%Y", tickCount="year", grid=False)),
            y=alt.Y("low:Q", title=unit.capitalize(), scale=alt.Scale(zero=zero, nice=True)).stack(None),
            y2="high:Q",
            color=alt.Color(
                "band:N", scale=scale, sort=None, legend=alt.Legend(title="Range", orient="right", offset=46)
            ),
        )
    )


def _lines(future: pd.DataFrame, past: pd.DataFrame) -> alt.LayerChart:
    import altair as alt

    known = past[["date", "value"]].assign(line=KNOWN)
    middle = pd.DataFrame({"date": future["date"], "value": future["p50"], "line": MIDDLE})
    dash = alt.StrokeDash(
        "line:N",
        scale=alt.Scale(domain=[KNOWN, MIDDLE], range=[[1, 0], [6, 4]]),
        legend=alt.Legend(
            title="Line", orient="right", offset=46, symbolStrokeColor=INK, symbolStrokeWidth=2, symbolSize=400
        ),
    )
    both = alt.Chart(pd.concat([known, middle])).mark_line(color=INK, strokeWidth=2)
    dots = alt.Chart(known).mark_point(color=INK, fill=INK, size=26, opacity=1)
    return both.encode(x="date:T", y="value:Q", strokeDash=dash) + dots.encode(x="date:T", y="value:Q")


def _end_labels(future: pd.DataFrame) -> alt.Chart:
    """The last date's middle and 80% ends as figures, so that nobody has to read them off an axis."""
    import altair as alt

    last = future.loc[[future["date"].idxmax()]]
    ends = band(last, 0.8).melt("date", ["low", "middle", "high"], value_name="value")
    marks = alt.Chart(ends).mark_text(align="left", dx=6, color=BLUE, fontWeight="bold")
    return marks.encode(x="date:T", y="value:Q", text=alt.Text("value:Q", format=",.0f"))
