"""From enquiry to household: one panel a stage, one bar a financial year, each with its range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from sufficiency.figures.theme import INK, finished
from sufficiency.ranges import band
from sufficiency.stamp import Stamp

if TYPE_CHECKING:
    import altair as alt

STAGES: Final = {
    "enquiries": "Enquiries",
    "applications": "Applications",
    "approvals": "Approvals",
    "leavers": "Leavers",
    "households": "Households at year end",
}
STAGE_COLOURS: Final = {
    "enquiries": "#BFE3F7",
    "applications": "#7FBFE3",
    "approvals": "#0072B2",
    "leavers": "#D55E00",
    "households": "#1F3B57",
}
PANEL: Final = 150
HALF_ROOM: Final = 1.32
"""Room to the right of the longest whisker for its figure [multiple of its value]."""
NOTES: Final = (
    "Each panel has its own scale, from 0. Bars and figures: middle of the simulated futures; thin lines: where 80 of "
    "100 futures lie. Enquiries to leavers are counts in the year; households are those open at its end."
)


def funnel(
    carers: pd.DataFrame, stamp: Stamp, *, title: str, alt_text: str, unit: str = "households"
) -> alt.HConcatChart:
    """Carer recruitment by financial year: enquiries, applications, approvals, leavers and households.

    ``carers`` has ``financial_year``, ``measure`` and the range columns [households], flows added up inside each path
    before the ranges were taken. Measures other than :data:`STAGES` are left out; a missing one has no panel.
    """
    import altair as alt

    present = [stage for stage in STAGES if stage in set(carers["measure"])]
    panels = [
        _panel(carers[carers["measure"] == stage], stage, first=stage == present[0], unit=unit) for stage in present
    ]
    width = len(panels) * (PANEL + 20)
    return finished(alt.hconcat(*panels, spacing=20), title, NOTES, stamp, alt_text, width)


def _panel(rows: pd.DataFrame, stage: str, *, first: bool, unit: str) -> alt.LayerChart:
    import altair as alt

    table = band(rows, 0.8)[["financial_year", "low", "middle", "high"]]
    longest = max(float(table["high"].max()), 1.0) * HALF_ROOM
    base = alt.Chart(table).encode(
        y=alt.Y("financial_year:O", title=None, axis=alt.Axis(labels=first, ticks=False, domain=False))
    )
    across = alt.Scale(domain=[0, longest], nice=False)
    axis = alt.Axis(tickCount=3, grid=True, format="d")
    bars = base.mark_bar(color=STAGE_COLOURS[stage], height={"band": 0.62}).encode(
        x=alt.X("middle:Q", title=unit.capitalize(), scale=across, axis=axis)
    )
    whiskers = base.mark_rule(color=INK, strokeWidth=1.5).encode(x="low:Q", x2="high:Q")
    figures = base.mark_text(align="left", dx=5, fontWeight="bold").encode(
        x="high:Q", text=alt.Text("middle:Q", format=",.0f")
    )
    heading = alt.TitleParams(STAGES[stage], fontSize=13, anchor="start", offset=6)
    return (bars + whiskers + figures).properties(width=PANEL, height=190, title=heading)
