"""The map: where children come from, which homes there are, and the circle of the limit; equal distances, no tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sufficiency.figures.map_frame import GRID_NOTE, framed, inside, snapped
from sufficiency.figures.plane import area_marks, limit_circle, middle_of, on_plane, with_count_band, x_miles, y_miles
from sufficiency.figures.theme import INK, KIND_COLOURS, KIND_SHAPES
from sufficiency.stamp import Stamp
from sufficiency.vocabulary import KIND_LABELS

if TYPE_CHECKING:
    import altair as alt

ROOM: Final = 1.2
"""Half the map's width [multiple of the limit]."""
IN_PLAN, NOT_IN_PLAN = "in the shortlist", "not in the shortlist"


def match_map(
    areas: pd.DataFrame,
    homes: pd.DataFrame,
    stamp: Stamp,
    *,
    limit_miles: float,
    title: str,
    alt_text: str,
    outline: pd.DataFrame | None = None,
) -> alt.LayerChart:
    """Areas that children come from, homes by kind, and a circle of ``limit_miles`` around the middle of those areas.

    ``areas``: ``latitude`` ``longitude`` ``children`` (missing where hidden as a small number). ``homes``: ``kind``
    ``latitude`` ``longitude`` ``in_plan`` (bool: a child of the shortlist would live there). ``outline``: pieces of the
    authority's edge from ``authority_outline``.
    Miles run east and north from the middle on an azimuthal equidistant projection, so a circle stays a circle.
    """
    centre = middle_of(areas)
    half = limit_miles * ROOM
    there = snapped(homes, centre)
    shown = inside(there, half)
    spots = with_count_band(on_plane(areas, centre), half)
    layers = [limit_circle(centre, limit_miles, half), area_marks(spots, half), _homes(shown, half)]
    texts = title, _notes(limit_miles, len(there) - len(shown)), alt_text
    return framed(layers, centre, half, outline, {"size": "independent", "opacity": "independent"}, texts, stamp)


def _notes(limit_miles: float, beyond: int) -> list[str]:
    return [
        "Large, dark marks: homes in the shortlist; small, pale ones: other homes of the register. "
        f"Dashed circle: {limit_miles:g} miles around the middle of where the children come from; the plan itself "
        "measures from each child's home.",
        GRID_NOTE,
        f"Points for homes beyond the edge of the map: {beyond}, not drawn." if beyond else "",
    ]


def _homes(homes: pd.DataFrame, half: float) -> alt.Chart:
    import altair as alt

    kinds = [kind for kind in KIND_SHAPES if kind in set(homes["kind"])]
    names = [KIND_LABELS[kind] for kind in kinds]
    colours = alt.Scale(domain=names, range=[KIND_COLOURS[kind] for kind in kinds])
    shapes = alt.Scale(domain=names, range=[KIND_SHAPES[kind] for kind in kinds])
    rows = homes[["east", "north", "kind"]].assign(home=homes["kind"].map(KIND_LABELS))
    rows = rows.assign(use=np.where(homes["in_plan"], IN_PLAN, NOT_IN_PLAN)).sort_values("use", ascending=False)
    marks = alt.Chart(rows).mark_point(filled=True, stroke=INK)
    uses = [IN_PLAN, NOT_IN_PLAN]
    return marks.encode(
        x=x_miles("east", half),
        y=y_miles("north", half),
        color=alt.Color("home:N", scale=colours, sort=names, legend=alt.Legend(title="Homes")),
        shape=alt.Shape("home:N", scale=shapes, sort=names, legend=alt.Legend(title="Homes")),
        opacity=alt.Opacity("use:N", scale=alt.Scale(domain=uses, range=[0.95, 0.45]), sort=uses, legend=None),
        size=alt.Size("use:N", scale=alt.Scale(domain=uses, range=[110, 40]), sort=uses, legend=None),
        strokeWidth=alt.StrokeWidth("use:N", scale=alt.Scale(domain=uses, range=[1.4, 0.4]), sort=uses, legend=None),
    )
