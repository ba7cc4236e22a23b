"""Past forecasts beside what came, for readers who know no statistics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from sufficiency.figures.theme import INK, MUTED, finished
from sufficiency.stamp import Sourced

if TYPE_CHECKING:
    import altair as alt

RANGE_COLOUR: Final = "#A3CCE5"
INSIDE: Final = "Came, inside the range"
OUTSIDE: Final = "Came, outside the range"
NOTES: Final = (
    "Each panel is a forecast made as the data stood on 31 March of the year in its title, or on the day named. Band: "
    "where 8 of 10 of its futures lay. Solid line: known then. Dashed line: middle of the forecast. Filled dot: what "
    "came, inside the band; cross: outside."
)
YEARS_APART: Final = {"interval": "year", "step": 4}
COLUMNS: Final = 3
PANEL: Final = 200
"""Width of a panel [pixels]."""


def past_forecasts(ghosts: pd.DataFrame, history: pd.DataFrame, stamp: Sourced, *, title: str) -> alt.ConcatChart:
    """A panel for each origin. ``ghosts``: ``origin date p10 p50 p90 actual``; ``history``: ``date value``."""
    import altair as alt

    top = 1.05 * max(ghosts["p90"].max(), history["value"].max())
    span = [history["date"].min(), ghosts["date"].max()]
    panels = [
        _panel(ahead, history[history["date"] <= origin], top, span).properties(
            width=PANEL, height=150, title=_named(pd.Timestamp(str(origin)))
        )
        for origin, ahead in ghosts.groupby("origin")
    ]
    chart = alt.concat(*panels, columns=COLUMNS, spacing=20)
    return finished(chart, title, NOTES, stamp, f"{title} One panel for each past forecast.", COLUMNS * (PANEL + 45))


def ghosts_of(ghosts: pd.DataFrame) -> Any:
    """Past forecasts as thin grey lines: the middle dashed, the ends of the 80% range dotted.

    ``ghosts`` as from ``Backtest.ghosts``.
    """
    import altair as alt

    base = alt.Chart(ghosts).encode(x="date:T", detail="origin:N")
    dashes = {"p10": [1, 3], "p50": [4, 3], "p90": [1, 3]}
    lines = [
        base.mark_line(strokeWidth=1, strokeDash=dash, color=MUTED, opacity=0.55).encode(y=f"{name}:Q")
        for name, dash in dashes.items()
    ]
    return alt.layer(*lines)


def _named(day: pd.Timestamp) -> str:
    return f"From {day.year}" if (day.month, day.day) == (3, 31) else f"From {day.day} {day:%B %Y}"


def _panel(ahead: pd.DataFrame, known: pd.DataFrame, top: float, span: list[pd.Timestamp]) -> alt.LayerChart:
    import altair as alt

    time = alt.X(
        "date:T", title=None, scale=alt.Scale(domain=[f"{day:%Y-%m-%d}" for day in span]),
        axis=alt.Axis(format="%Y", tickCount=YEARS_APART, grid=False),
    )  # fmt: skip
    amount = alt.Scale(domain=[0, top], nice=True)
    band = alt.Chart(ahead).mark_area(color=RANGE_COLOUR).encode(
        x=time, y=alt.Y("p10:Q", title="Children", scale=amount), y2="p90:Q"
    )  # fmt: skip
    middle = alt.Chart(ahead).mark_line(color=INK, strokeDash=[5, 4], strokeWidth=1.5).encode(x=time, y="p50:Q")
    before = alt.Chart(known).mark_line(color=INK, strokeWidth=2).encode(x=time, y="value:Q")
    came = ahead[ahead["actual"].notna()]
    inside = came["actual"].between(came["p10"], came["p90"])
    came = came.assign(came=inside.map({True: INSIDE, False: OUTSIDE}))
    dots = alt.Chart(came).mark_point(color=INK, size=45, opacity=1, strokeWidth=2).encode(
        x=time,
        y="actual:Q",
        shape=alt.Shape("came:N", scale=alt.Scale(domain=[INSIDE, OUTSIDE], range=["circle", "cross"]),
                        legend=alt.Legend(title=None, orient="bottom")),
        fill=alt.Fill("came:N", scale=alt.Scale(domain=[INSIDE, OUTSIDE], range=[INK, "white"]), legend=None),
    )  # fmt: skip
    return band + middle + before + dots


def scores_by_horizon(
    scores: pd.DataFrame, labels: Mapping[str, str], stamp: Sourced, *, title: str
) -> alt.HConcatChart:
    """Mean error, and outcomes inside the 80% range, by years ahead and method."""
    import altair as alt

    table = scores[(scores["series"] == "all") & (scores["horizon"] != "all")]
    table = table.assign(label=table["method"].map(labels), years=table["horizon"].astype(int))
    order = list(labels.values())
    look = {
        "shape": alt.Shape("label:N", sort=order, title="Method", scale=alt.Scale(
            domain=order, range=["circle", "square", "triangle-up", "diamond"])),
        "strokeDash": alt.StrokeDash("label:N", sort=order, title="Method", scale=alt.Scale(
            domain=order, range=[[1, 0], [6, 4], [2, 2], [8, 3, 2, 3]])),
        "color": alt.Color("label:N", sort=order, title="Method", scale=alt.Scale(
            domain=order, range=["#0072B2", INK, MUTED, "#D55E00"])),
    }  # fmt: skip
    years = alt.X("years:O", title="Years ahead", axis=alt.Axis(labelAngle=0))

    def lines(column: str, name: str, *, target: float | None = None) -> alt.LayerChart:
        base = alt.Chart(table).encode(
            x=years, y=alt.Y(f"{column}:Q", title=name, scale=alt.Scale(zero=column == "mape"))
        )
        chart = base.mark_line(strokeWidth=2).encode(color=look["color"], strokeDash=look["strokeDash"])
        chart = chart + base.mark_point(size=60, filled=True, opacity=1).encode(
            color=look["color"], shape=look["shape"]
        )
        if target is not None:
            rule = alt.Chart(pd.DataFrame({"y": [target]})).mark_rule(color=INK, strokeDash=[1, 3]).encode(y="y:Q")
            chart = chart + rule
        return chart.properties(width=300, height=240)

    chart = lines("mape", "Mean error of the middle [%]") | lines("coverage_80", "Inside the 80% range [%]", target=80)
    notes = (
        "Left: how far the middle of the forecast was from what came, on average. Right: outcomes inside the 80% range "
        "(dotted line: 80)."
    )
    return finished(chart, title, notes, stamp, f"{title} Error and coverage by years ahead and method.", 720)
