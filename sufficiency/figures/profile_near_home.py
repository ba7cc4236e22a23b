"""Near home by year: inside or outside the area, within or over the limit, or not known; both denominators said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from sufficiency.figures.profile_parts import (
    bare_percent,
    by_year,
    no_data,
    note_on_hidden,
    nothing_in,
    page,
    rows_of_figures,
    stack,
    whole,
    years_of,
)
from sufficiency.figures.theme import ORANGE
from sufficiency.stamp import Sourced

GROUPS: Final = {
    "all": "All children looked after on 31 March",
    "new_placements": "Placements that began in the year to 31 March",
    "new_into_care": "Children new into care in the year to 31 March",
}
UNITS: Final = {"all": "Children", "new_placements": "Placements", "new_into_care": "Children"}
FILLS: Final = ("#BFE3F7", ORANGE, "#FFFFFF")
"""Near, far, not known: light, dark and empty, so that they differ in grey print."""
PANEL_HEIGHT: Final = 130


def borough_chart(table: pd.DataFrame, stamp: Sourced, *, title: str, alt_text: str) -> Any:
    """Where children live: inside or outside the authority's area, or not known, a stack a year, a panel a group.

    ``table``: ``year`` ``group`` (all, new_placements, new_into_care) ``inside`` ``outside`` ``unknown`` [children,
    placements] ``share_inside_of_all`` ``share_inside_of_known`` (0 to 1).
    """
    parts = {"inside": "Inside the area", "outside": "Outside the area", "unknown": "Not known"}
    shares = {"Inside, % of all": "share_inside_of_all", "Inside, % of known": "share_inside_of_known"}
    return _panels(table, parts, shares, "", stamp, title, alt_text)


def distance_chart(table: pd.DataFrame, stamp: Sourced, *, title: str, alt_text: str, limit_miles: float = 20.0) -> Any:
    """How far from home children live: within or over the limit, or not known, a stack a year, a panel a group.

    ``table``: ``year`` ``group`` (all, new_placements, new_into_care) ``within`` ``over`` ``unknown`` [children,
    placements] ``share_over_of_all`` ``share_over_of_known`` (0 to 1). ``limit_miles``: the limit of the table.
    """
    miles = f"{limit_miles:g} miles"
    parts = {"within": f"Within {miles} of home", "over": f"Over {miles}", "unknown": "Distance not known"}
    shares = {"Over, % of all": "share_over_of_all", "Over, % of known": "share_over_of_known"}
    how = " Miles: straight line from the child's home to the placement."
    return _panels(table, parts, shares, how, stamp, title, alt_text)


def _panels(
    table: pd.DataFrame,
    parts: Mapping[str, str],
    shares: Mapping[str, str],
    how: str,
    stamp: Sourced,
    title: str,
    alt_text: str,
) -> Any:
    """A panel a group: the stacks of its years, and below them the shares of all and of those known."""
    import altair as alt

    rows = whole(table)
    present = [group for group in GROUPS if len(rows) and (rows["group"] == group).any()]
    if not present or nothing_in(rows, *parts):
        return no_data(table, stamp, title, alt_text)
    years = years_of(rows)
    colours = dict(zip(parts.values(), FILLS, strict=True))
    panels: list[Any] = []
    for group in present:
        inside = rows[rows["group"] == group]
        piles = pd.concat([inside.assign(part=label, value=inside[column]) for column, label in parts.items()])
        bars = stack(piles, years, colours, y_title=UNITS[group], height=PANEL_HEIGHT, legend=group == present[0])
        heading = alt.TitleParams(GROUPS[group], fontSize=13, anchor="start", frame="group", offset=8, dy=-2)
        figures = {"Not known": by_year(inside, "unknown")}
        figures |= {name: by_year(inside, column, bare_percent) for name, column in shares.items()}
        panels += [bars.properties(title=heading), rows_of_figures(figures, years)]
    notes = (
        "In the bars: their number. Below them two per cents: of all, and of those known (all without those not known)."
        f"{how}{note_on_hidden(*(rows[column] for column in parts))}"
    )
    return page(alt.vconcat(*panels, spacing=6), title, notes, stamp, alt_text)
