"""A lever against what it is to bring about: how often the target is met, and the measure with its range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from sufficiency.figures.theme import BLUE, INK, MUTED, WIDTH, finished
from sufficiency.stamp import Stamp

if TYPE_CHECKING:
    import altair as alt

NOTES: Final = (
    "Each mark: one value tried in the same simulated futures, filled where the target is met often enough; broken "
    "lines: what is asked. Below: middle of the futures, and upright lines where 80 of 100 lie."
)
MILLION: Final = 1e6
PLOT: Final = WIDTH - 60


def goal_lines(
    tried: pd.DataFrame,
    stamp: Stamp,
    *,
    lever: str,
    measure: str,
    unit: str,
    lever_in_percent: bool,
    asked: float,
    number: float,
    chosen: float,
    title: str,
    notes: str,
    alt_text: str,
) -> alt.VConcatChart:
    """Two panels over the lever's value: the share of futures that meet the target, and the measure with its range.

    ``tried`` has ``value share_of_futures_met middle low high meets``; ``asked``: the share that is to meet it,
    ``number``: the target's, ``chosen``: the value that the answer names.
    """
    import altair as alt

    rows = tried[["value", "share_of_futures_met", "middle", "low", "high", "meets"]].copy()
    scale = MILLION if unit == "£" else 1
    rows[["middle", "low", "high"]] /= scale
    rows["label"] = [
        f"{_value(value, lever_in_percent)}: {share:.0%}" if value == chosen else ""
        for value, share in zip(rows["value"], rows["share_of_futures_met"], strict=True)
    ]
    percent = alt.Axis(format="%")
    x = alt.X("value:Q", title=lever, axis=alt.Axis(format=".3~%" if lever_in_percent else ",.6~g"),
              scale=alt.Scale(zero=False, nice=False, padding=16))  # fmt: skip
    upper = alt.Y("share_of_futures_met:Q", title="Futures that meet the target", axis=percent,
                  scale=alt.Scale(domain=[0, 1]))  # fmt: skip
    name = {"share": "Share", "£": "£ million"}.get(unit, unit.capitalize())
    below = alt.Y("middle:Q", title=name, axis=percent if unit == "share" else alt.Axis(format=",.4~g"),
                  scale=alt.Scale(zero=False, padding=8))  # fmt: skip
    base = alt.Chart(rows).encode(x=x)
    label = base.mark_text(fontWeight="bold", color=INK, **_beside(rows, chosen)).encode(y=upper, text="label:N")
    first = _asked(asked) + base.mark_line(color=BLUE, strokeWidth=2).encode(y=upper) + _marks(base, upper) + label
    ranges = base.mark_rule(color=MUTED, strokeWidth=2).encode(y=below, y2="high:Q").encode(y=alt.Y("low:Q"))
    middle = base.mark_line(color=BLUE, strokeWidth=2).encode(y=below)
    second = _asked(number / scale) + ranges + middle + _marks(base, below)
    heading = alt.TitleParams(measure, fontSize=13, anchor="start", offset=6)
    panels = alt.vconcat(
        first.properties(width=PLOT, height=230),
        second.properties(width=PLOT, height=200, title=heading),
        spacing=24,
    )
    return finished(panels, title, f"{NOTES} {notes}", stamp, alt_text, WIDTH)


def _asked(level: float) -> Any:
    import altair as alt

    rule = alt.Chart(pd.DataFrame({"level": [level]})).mark_rule(color=INK, strokeDash=[5, 4])
    return rule.encode(y="level:Q")


def _marks(base: Any, y: Any) -> Any:
    """Filled where the target is met often enough, hollow where not."""
    import altair as alt

    fill = alt.Fill("meets:N", scale=alt.Scale(domain=[True, False], range=[INK, "white"]), legend=None)
    return base.mark_point(size=70, stroke=INK, strokeWidth=1.5, opacity=1).encode(y=y, fill=fill)


def _beside(rows: pd.DataFrame, chosen: float) -> dict[str, Any]:
    """Where the chosen value's label meets no line: under the line on its left, above it on its right, or the reverse
    where the line falls."""
    rises = rows["share_of_futures_met"].iloc[-1] >= rows["share_of_futures_met"].iloc[0]
    on_left = chosen <= (rows["value"].iloc[0] + rows["value"].iloc[-1]) / 2
    align = {"align": "left", "dx": 10} if on_left else {"align": "right", "dx": -10}
    return {**align, "dy": 12 if rises == on_left else -12}


def _value(value: float, in_percent: bool) -> str:
    return f"{100 * value:.6g}%" if in_percent else f"{value:,.10g}"
