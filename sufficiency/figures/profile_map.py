"""The maps of the needs analysis: where children come from and where they live."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from sufficiency.figures.map_labels import texts_with_room
from sufficiency.figures.plane import (
    COUNT_BANDS,
    COUNT_SIZES,
    area_marks,
    limit_circle,
    middle_of,
    on_plane,
    outline_lines,
    scale_bar,
    with_count_band,
)
from sufficiency.figures.profile_parts import counted, no_data, page, whole
from sufficiency.stamp import Sourced

PANEL: Final = 290
ROOM: Final = 1.15
"""Half the width of a map [multiple of the farthest thing on it]."""
STEPS: Final = (1.0, 5.0)
"""A map reaches a multiple of so many miles from its middle: a small one, a larger one."""
MOST_LIMITS: Final = 3.0
"""A map reaches at most so far from its middle [multiple of the limit]."""
RADII: Final = {band: (size / np.pi) ** 0.5 for band, size in zip(COUNT_BANDS, COUNT_SIZES, strict=True)}
LICENCE: Final = " Contains ONS and Royal Mail data (Open Government Licence v3.0)."
EDGE: Final = " Grey line: edge of the authority, drawn from its postcodes."


def areas_chart(
    table: pd.DataFrame,
    stamp: Sourced,
    *,
    title: str,
    alt_text: str,
    limit_miles: float = 20.0,
    outline: pd.DataFrame | None = None,
) -> Any:
    """Two maps of postcode districts: how many children come from each, and how many live in each.

    ``table``: ``area`` ``latitude`` ``longitude`` [degrees] ``children_from`` ``children_placed``
    (missing where hidden). ``outline``: from ``authority_outline``. The middle of both maps is that of where the
    children come from.
    """
    import altair as alt

    areas = whole(table)
    located = areas.dropna(subset=["latitude", "longitude"]) if len(areas) else areas
    if located.empty:
        return no_data(table, stamp, title, alt_text)
    centre = middle_of(located.assign(children=located["children_from"]))
    sides = {"Where they come from": "children_from", "Where they live": "children_placed"}
    drawn, beyond = [], 0
    for heading, column in sides.items():
        points = on_plane(located.assign(children=located[column]), centre)
        points = points[points["children"].isna() | (points["children"] > 0)]
        half = half_width(points if column == "children_placed" else points.dropna(subset=["children"]), limit_miles)
        inside = with_count_band(points, half)
        beyond += len(points) - len(inside)
        drawn.append(_panel(ground(centre, half, limit_miles, outline), inside, half, heading))
    far = f" Areas beyond the edge of their map: {beyond}, not drawn." if beyond else ""
    notes = (
        "Children looked after on 31 March, by postcode district of the home and of the placement inside the "
        "authority, by postcode area (first letters) outside; each map has its own scale. Dashed: "
        f"{limit_miles:g} miles around the middle of where they come from, where the map reaches so "
        f"far.{edge_note(outline)}{far} Smallest circles: 1 to 5 children, hidden.{LICENCE}"
    )
    return page(alt.hconcat(*drawn, spacing=24), title, notes, stamp, alt_text)


def edge_note(outline: pd.DataFrame | None) -> str:
    """The sentence on the authority's edge, when it is drawn."""
    return EDGE if outline is not None and len(outline) else ""


def half_width(points: pd.DataFrame, limit_miles: float) -> float:
    """Half the width of a map that holds the points (``east`` ``north``), as far as a map may reach [miles]."""
    farthest = float(points[["east", "north"]].abs().to_numpy().max()) * ROOM if len(points) else 0.0
    step = STEPS[0] if farthest < STEPS[1] else STEPS[1]
    return float(min(max(np.ceil(farthest / step), 1.0) * step, MOST_LIMITS * limit_miles))


def ground(centre: tuple[float, float], half: float, limit_miles: float, outline: pd.DataFrame | None) -> list[Any]:
    """What lies under the marks: the authority's edge, the circle of the limit where it fits, the scale."""
    edge = [outline_lines(outline, centre, half)] if outline is not None and len(outline) else []
    ring = [limit_circle(centre, limit_miles, half)] if half >= limit_miles else []
    return [*edge, *ring, *scale_bar(half)]


def _panel(under: list[Any], inside: pd.DataFrame, half: float, heading: str) -> Any:
    import altair as alt

    ordered = inside.sort_values(["children", "area"], ascending=[False, True])
    texts: list[Any] = [
        f"{area} {counted(children)}" if pd.notna(children) else None
        for area, children in zip(ordered["area"], ordered["children"], strict=True)
    ]
    named = ordered.assign(text=texts, radius=ordered["count_band"].map(RADII))
    marks = area_marks(inside, half, legend_title="Children", orient="bottom")
    top = alt.TitleParams(heading, fontSize=13, anchor="start", frame="group", offset=8)
    layers = [*under, marks, texts_with_room(named, half, PANEL)]
    return alt.layer(*layers).properties(width=PANEL, height=PANEL, title=top)
