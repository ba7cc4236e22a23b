"""Against what others publish, and the plan's measures in every past year."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from sufficiency.figures.profile_parts import (
    LETTERS,
    counted,
    no_data,
    note_on_hidden,
    nothing_in,
    page,
    percent,
    whole,
    year_axis,
    years_of,
)
from sufficiency.figures.profile_years import ROOM_ABOVE, round_ticks, small_panel
from sufficiency.figures.theme import INK, MUTED
from sufficiency.stamp import DataStamp, Sourced

if TYPE_CHECKING:
    import altair as alt

ENGLAND: Final = "England"
NEIGHBOUR: Final = "Neighbours"
COMPARED: Final = {
    "rate": "Looked after per 10,000 children",
    "looked_after": "Children looked after",
    "started_rate": "Started per 10,000 children",
    "ceased_rate": "Ceased per 10,000 children",
    "started": "Children who started",
    "ceased": "Children who ceased",
    "over_20_miles": "Over 20 miles from home",
    "inside_area": "Inside the area",
    "fostered": "In foster families",
    "secure_and_childrens_homes": "In secure and children's homes",
    "supported": "In supported accommodation",
    "three_or_more_placements": "3 or more placements in the year",
    "same_placement_two_years": "Same placement for 2 years",
    "unaccompanied": "Unaccompanied asylum-seeking",
    "own_provision": "Own provision",
}
"""Measures that others publish, those that are drawn first in front; one that is not here has its own name."""
MOST_PANELS: Final = 8
MOST_NAMES: Final = 8
PUBLISHED: Final = "(published)"
"""What the name of the authority's own published row ends with."""
SHARE: Final = "share"
COUNTS: Final = ("children", "placements", "moves")
"""Units whose values are shown against their first year: an authority's numbers are no match for England's."""
PANEL: Final = 226
PANEL_HEIGHT: Final = 150
APART: Final = 14
"""Least distance of the two texts at the end [pixels]."""
LEAST_TOP: Final = 0.01
"""Top of a scale at least, before the room above it."""
LEAST_WHOLE: Final = 8
"""From this height on a scale has whole numbers."""
OWN: Final = "own"
LOOKS: Final[dict[str, tuple[str, float, list[int], str, int]]] = {
    NEIGHBOUR: ("#9AA5B1", 1.0, [1, 0], "circle", 10),
    PUBLISHED: (INK, 0.0, [1, 0], "circle", 110),
    ENGLAND: (MUTED, 2.0, [6, 4], "square", 34),
    OWN: (INK, 2.6, [1, 0], "circle", 44),
}
"""Side → colour, width, dash, shape and size of its points; told apart without colour."""


def against_published_chart(table: pd.DataFrame, stamp: DataStamp, *, title: str, alt_text: str) -> Any:
    """The authority (``stamp.authority``) against England and its neighbours by year, one panel a measure.

    ``table``: ``year`` ``area`` ``measure`` ``value`` ``unit`` (``share``: 0 to 1; counts are shown as a percentage of
    their first year). A measure that only one area has is left out.
    """
    import altair as alt

    rows = whole(table)
    parts = [part for _, part in rows.groupby("measure", sort=False)] if len(rows) else []
    parts = [part for part in parts if part["area"].nunique() > 1 and part["value"].notna().any()]
    if not parts:
        return no_data(table, stamp, title, alt_text)
    order = {name: place for place, name in enumerate(COMPARED)}
    parts = sorted(parts, key=lambda part: order.get(str(part["measure"].iloc[0]), len(order)))
    parts, left = parts[:MOST_PANELS], len(parts[MOST_PANELS:])
    years = years_of(pd.concat(parts))
    drawn = [_against(part, years, stamp.authority) for part in parts]
    notes = _notes_on_areas(pd.concat(parts), stamp.authority)
    notes += f" {left} more measures are in the table only." if left else ""
    return page(alt.concat(*drawn, columns=2, spacing=30), title, notes, stamp, alt_text)


def _notes_on_areas(rows: pd.DataFrame, own: str) -> str:
    """Which line is whose."""
    areas = set(rows["area"]) - {own}
    others = sorted(area for area in areas - {ENGLAND} if not area.endswith(PUBLISHED))
    named = [*others[:MOST_NAMES], *([f"{len(others) - MOST_NAMES} more"] if len(others) > MOST_NAMES else [])]
    parts = [
        f"Thick line, dots: {own}.",
        "Dashed line, squares: England." if ENGLAND in areas else "",
        f"Thin grey lines: {', '.join(named)}." if named else "",
        f"Open circles: {own} as published." if any(area.endswith(PUBLISHED) for area in areas) else "",
        "In bold: the last year.",
        "Numbers of children are set against their first year (100)." if rows["unit"].isin(COUNTS).any() else "",
        "Each panel has its own scale.",
    ]
    return " ".join(part for part in parts if part) + (
        " A gap: hidden, or not published." if rows["value"].isna().any() else ""
    )


def _against(part: pd.DataFrame, years: Sequence[int], own: str) -> Any:
    import altair as alt

    measure, unit = str(part["measure"].iloc[0]), str(part["unit"].iloc[0])
    side = part["area"].where(part["area"].isin([own, ENGLAND]), NEIGHBOUR)
    side = side.mask(part["area"].str.endswith(PUBLISHED), PUBLISHED)
    rows = part.assign(value=part["value"].astype(float), side=side)
    rows = _indexed(rows) if unit in COUNTS else rows
    top = max(float(rows["value"].max()), LEAST_TOP) * ROOM_ABOVE
    ticks = round_ticks(top / ROOM_ABOVE, fractions=not _whole_numbers(unit, top))
    axis = alt.Axis(title=None, values=ticks, format=_format(unit, top), labelFontSize=LETTERS)
    x = year_axis(years, "", PANEL)
    y = alt.Y("value:Q", axis=axis, scale=alt.Scale(domain=[0, top], nice=False))
    layers = [mark for side in LOOKS for mark in _line(rows[rows["side"] == _name(side, own)], side, x, y)]
    name = COMPARED.get(measure, measure.replace("_", " ").capitalize())
    heading = alt.TitleParams(
        f"{name}, first year = 100" if unit in COUNTS else name, fontSize=12, anchor="start", frame="group", offset=8
    )
    layers.append(_ends(rows[rows["year"] == years[-1]], own, top, unit))
    return alt.layer(*layers).properties(width=PANEL, height=PANEL_HEIGHT, title=heading)


def _name(side: str, own: str) -> str:
    return own if side == OWN else side


def _indexed(rows: pd.DataFrame) -> pd.DataFrame:
    """Values as a percentage of the first known one of their area."""
    ordered = rows.sort_values("year", kind="stable")
    first = ordered.dropna(subset=["value"]).drop_duplicates("area").set_index("area")["value"]
    return rows.assign(value=100 * rows["value"] / rows["area"].map(first[first > 0]))


def _whole_numbers(unit: str, top: float) -> bool:
    return unit != SHARE and top >= LEAST_WHOLE


def _format(unit: str, top: float) -> str:
    if unit == SHARE:
        return "~%"
    return ",d" if _whole_numbers(unit, top) else ".1f"


def _line(rows: pd.DataFrame, side: str, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    import altair as alt

    colour, width, dash, shape, size = LOOKS[side]
    base = alt.Chart(rows[["year", "area", "value"]]).encode(x=x, y=y, detail="area:N")
    dots = base.transform_filter("isValid(datum.value)")
    if side == PUBLISHED:
        return [dots.mark_point(color=colour, size=size, shape=shape, opacity=1, filled=False)]
    line = base.mark_line(color=colour, strokeWidth=width, strokeDash=dash)
    return [line, dots.mark_point(color=colour, fill=colour, size=size, shape=shape, opacity=1)]


def _ends(last: pd.DataFrame, own: str, top: float, unit: str) -> alt.Chart:
    """What the authority and England stand at in the last year, behind their lines, moved apart when too near."""
    import altair as alt

    known = last[last["side"].isin([own, ENGLAND])].dropna(subset=["value"]).sort_values("value")
    places, least = list(known["value"]), APART / PANEL_HEIGHT * top
    if len(places) == 2 and places[1] - places[0] < least:
        middle = max(sum(places) / 2, least / 2)
        places = [middle - least / 2, middle + least / 2]
    texts = [
        f"{percent(value) if unit == SHARE else f'{value:,.0f}'} {'' if area == own else area}".strip()
        for area, value in zip(known["area"], known["value"], strict=True)
    ]
    marks = alt.Chart(pd.DataFrame({"text": texts, "place": places})).mark_text(align="left", fontWeight="bold")
    return marks.encode(x=alt.value(PANEL + 6), y="place:Q", text="text:N")


MEASURES: Final = {
    "three_or_more_placements": ("3 or more placements", "of all looked after on 31 March"),
    "same_placement_two_years": ("Same placement for 2 years", "of under 16s in care 2½ years"),
    "over_limit_all": ("Over {limit}: all children", "of all looked after on 31 March"),
    "over_limit_new_into_care": ("Over {limit}: new into care", "of children new into care"),
    "over_limit_new_placements": ("Over {limit}: new placements", "of placements begun in the year"),
    "residential_to_foster": ("From children's homes to families", "moves in the year"),
    "adopted": ("Adopted", "of those who ceased in the year"),
    "sgo_or_order": ("Special guardianship or order", "of those who ceased in the year"),
    "returned_home": ("Returned home", "of those who ceased in the year"),
    "kinship_share": ("Kinship share of fostering", "of fostered children"),
    "in_house_share": ("In-house share of fostering", "of fostered children, without kinship"),
}
"""Measure → its heading and what the number is of; ``{limit}`` is the limit in miles."""
OF_KNOWN: Final = "of those whose distance is known"


def past_measures_chart(
    table: pd.DataFrame, stamp: Sourced, *, title: str, alt_text: str, limit_miles: float = 20.0
) -> Any:
    """The plan's measures in every past year, a small panel each, with numbers and denominators of first and last.

    ``table``: ``year`` ``measure`` ``unit`` ``numerator`` ``denominator`` ``value``; a measure whose ``unit`` says
    "known" is of those whose distance is known, and a year in which one is not known has no row. ``limit_miles``:
    the limit of the table.
    """
    import altair as alt

    rows = whole(table)
    if nothing_in(rows, "numerator", "value"):
        return no_data(table, stamp, title, alt_text)
    years = years_of(rows)
    panels = [_past(part, years, f"{limit_miles:g} miles") for _, part in rows.groupby(["measure", "unit"], sort=False)]
    notes = (
        "In brackets: the number, and how many it is of. Dark bars: the first and the last year that are known, whose "
        f"figures stand above. Each panel has its own scale, from 0.{note_on_hidden(rows['numerator'])}"
    )
    return page(alt.concat(*panels, columns=3, spacing=20), title, notes, stamp, alt_text)


def _past(part: pd.DataFrame, years: Sequence[int], limit: str) -> Any:
    measure, unit = str(part["measure"].iloc[0]), str(part["unit"].iloc[0])
    heading, of = MEASURES.get(measure, (measure.replace("_", " ").capitalize(), unit))
    shares = SHARE in unit
    rows = part.assign(value=part["value"] if shares else part["numerator"])
    known = rows.dropna(subset=["value"]).sort_values("year")
    ends = known.iloc[[0, -1]].drop_duplicates("year") if len(known) else rows.iloc[:0]
    lines = [OF_KNOWN if "known" in unit else of, *(_end(row, shares) for row in ends.to_dict("records"))]
    return small_panel(rows, years, heading.format(limit=limit), lines, percents=shares)


def _end(row: dict[Any, Any], shares: bool) -> str:
    if not shares:
        return f"{row['year']}: {counted(row['numerator'])}"
    return f"{row['year']}: {percent(row['value'])} ({counted(row['numerator'])} of {counted(row['denominator'])})"
