"""The map: where children come from, which homes there are, and the circle of the limit; equal distances, no tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sufficiency.figures.plane import (
    area_marks,
    limit_circle,
    middle_of,
    on_plane,
    outline_lines,
    scale_bar,
    with_count_band,
    x_miles,
    y_miles,
)
from sufficiency.figures.theme import INK, KIND_COLOURS, KIND_SHAPES, finished
from sufficiency.stamp import Stamp
from sufficiency.vocabulary import KIND_LABELS

if TYPE_CHECKING:
    import altair as alt

SIDE: Final = 620
ROOM: Final = 1.2
"""Half the map's width [multiple of the limit]."""
GRID_MILES: Final = 0.5
"""Homes are drawn at the nearest step of a grid this wide [miles]."""
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
    import altair as alt

    centre = middle_of(areas)
    half = limit_miles * ROOM
    spots, there = with_count_band(on_plane(areas, centre), half), _snapped(on_plane(homes, centre))
    inside = there[(there["east"].abs() <= half) & (there["north"].abs() <= half)]
    layers = [limit_circle(centre, limit_miles, half), area_marks(spots, half), _homes(inside, half), *scale_bar(half)]
    if outline is not None and len(outline):
        layers.insert(0, outline_lines(outline, centre, half))
    notes = _notes(limit_miles, len(there) - len(inside), outline)
    square = (
        alt.layer(*layers).resolve_scale(size="independent", opacity="independent").properties(width=SIDE, height=SIDE)
    )
    return finished(square, title, notes, stamp, alt_text, SIDE + 180)


def _notes(limit_miles: float, beyond: int, outline: pd.DataFrame | None) -> str:
    edge = (
        " Grey line: edge of the authority, drawn from its postcodes." if outline is not None and len(outline) else ""
    )
    far = f" Points for homes beyond the edge of the map: {beyond}, not drawn." if beyond else ""
    return (
        "Large, dark marks: homes in the shortlist; small, pale ones: other homes of the register. "
        f"Dashed circle: {limit_miles:g} miles around the middle of where the children come from; the plan itself "
        "measures from each child's home. Points are moved to the nearest step of a grid, so no home is shown where "
        f"it is.{edge}{far} Contains ONS and Royal Mail data (Open Government Licence v3.0)."
    )


def _snapped(points: pd.DataFrame) -> pd.DataFrame:
    """Points moved to the nearest step of a grid, so that a carer's address cannot be read off the map."""
    return points.assign(**{axis: (points[axis] / GRID_MILES).round() * GRID_MILES for axis in ("east", "north")})


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
