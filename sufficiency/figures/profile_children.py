"""Children by year: looked after, starting and ceasing; unaccompanied; how many placements they had in the year."""

from __future__ import annotations

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
from sufficiency.figures.profile_years import bars_of_years
from sufficiency.figures.theme import BLUE, ORANGE
from sufficiency.stamp import Sourced

STARTED: Final = "Started in the year"
CEASED: Final = "Ceased in the year"
EVENT_COLOURS: Final = {STARTED: BLUE, CEASED: "#BFE3F7"}
THREE_OR_MORE: Final = "3_or_more"
PLACEMENT_LABELS: Final = {"1": "1 placement", "2": "2 placements", THREE_OR_MORE: "3 or more placements"}
PLACEMENT_COLOURS: Final = dict(zip(PLACEMENT_LABELS.values(), ("#E4E7EB", "#56B4E9", ORANGE), strict=True))
ON_DAY: Final = "Children on 31 March"
NOT_KNOWN: Final = "–"


def children_by_year_chart(table: pd.DataFrame, stamp: Sourced, *, title: str, alt_text: str) -> Any:
    """Children looked after each 31 March, below it who started and who ceased in the year, and the rate as figures.

    ``table``: ``year`` ``looked_after`` ``started`` ``ceased`` [children] ``rate`` [per 10,000 children aged 0-17].
    """
    import altair as alt

    rows = whole(table)
    if nothing_in(rows, "looked_after", "started", "ceased"):
        return no_data(table, stamp, title, alt_text)
    years = years_of(rows)
    stock = bars_of_years(rows.assign(value=rows["looked_after"]), years, y_title=ON_DAY)
    sides = [rows.assign(part=part, value=rows[column]) for part, column in ((STARTED, "started"), (CEASED, "ceased"))]
    events = bars_of_years(pd.concat(sides), years, y_title="Children in the year", colours=EVENT_COLOURS)
    rate = rows_of_figures({"Rate per 10,000": by_year(rows, "rate", _rate)}, years)
    moves = rows_of_figures({STARTED: by_year(rows, "started"), CEASED: by_year(rows, "ceased")}, years)
    chart = alt.vconcat(stock, rate, events, moves, spacing=6).resolve_scale(color="independent")
    notes = (
        "Above: children looked after on 31 March, and their number per 10,000 children aged 0 to 17 living in the "
        "area in the middle of the year before. Below: children who started and who ceased to be looked after in the "
        "year to 31 March, each counted once." + note_on_hidden(rows["looked_after"], rows["started"], rows["ceased"])
    )
    return page(chart, title, notes, stamp, alt_text)


def _rate(value: float) -> str:
    return NOT_KNOWN if pd.isna(value) else f"{value:.0f}"


def unaccompanied_chart(table: pd.DataFrame, stamp: Sourced, *, title: str, alt_text: str) -> Any:
    """Unaccompanied asylum-seeking children on each 31 March, their share of all, and how many started in the year.

    ``table``: ``year`` ``looked_after`` ``uasc`` ``uasc_started`` [children] ``share`` (of looked after, 0 to 1).
    """
    import altair as alt

    rows = whole(table)
    if nothing_in(rows, "uasc", "uasc_started"):
        return no_data(table, stamp, title, alt_text)
    years = years_of(rows)
    bars = bars_of_years(rows.assign(value=rows["uasc"]), years, y_title=ON_DAY)
    lines = {
        "All looked after": by_year(rows, "looked_after"),
        "Unaccompanied, %": by_year(rows, "share", bare_percent),
        "Unaccompanied, started": by_year(rows, "uasc_started"),
    }
    notes = (
        "Bars: unaccompanied asylum-seeking children looked after on 31 March. Per cent: of all children looked after "
        "that day. Started: in the year to 31 March." + note_on_hidden(rows["uasc"], rows["uasc_started"])
    )
    return page(alt.vconcat(bars, rows_of_figures(lines, years), spacing=6), title, notes, stamp, alt_text)


def placements_in_year_chart(table: pd.DataFrame, stamp: Sourced, *, title: str, alt_text: str) -> Any:
    """Children by how many placements they had in the year, one stack a year, with the share of three or more.

    ``table``: ``year`` ``placements`` (1, 2, 3_or_more) ``children`` ``share`` (of children on 31 March, 0 to 1).
    """
    import altair as alt

    rows = whole(table)
    if nothing_in(rows, "children"):
        return no_data(table, stamp, title, alt_text)
    years = years_of(rows)
    number = rows["placements"].astype(str)
    parts = rows.assign(part=number.map(PLACEMENT_LABELS), value=rows["children"])
    bars = stack(parts, years, PLACEMENT_COLOURS, y_title=ON_DAY, height=280)
    many = rows[number == THREE_OR_MORE]
    lines = {"3 or more": by_year(many, "children"), "3 or more, % of all": by_year(many, "share", bare_percent)}
    notes = (
        "Children looked after on 31 March, by the placements that they had in the 12 months to it. Per cent: of all "
        "children looked after that day." + note_on_hidden(rows["children"])
    )
    return page(alt.vconcat(bars, rows_of_figures(lines, years), spacing=6), title, notes, stamp, alt_text)
