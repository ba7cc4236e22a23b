"""The map: where children come from, which homes there are, and the circle of the limit; equal distances, no tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sufficiency.figures.theme import BLUE, GRID, INK, KIND_COLOURS, KIND_SHAPES, MUTED, finished
from sufficiency.geography import METRES_PER_MILE, WGS84
from sufficiency.stamp import Stamp
from sufficiency.vocabulary import KIND_LABELS

if TYPE_CHECKING:
    import altair as alt

SIDE: Final = 620
ROOM: Final = 1.2
"""Half the map's width [multiple of the limit]."""
CIRCLE_POINTS: Final = 181
SCALE_BAR_MILES: Final = 5
GRID_MILES: Final = 0.5
"""Homes are drawn at the nearest step of a grid this wide [miles]."""
IN_PLAN, NOT_IN_PLAN = "in the shortlist", "not in the shortlist"
COUNT_BANDS: Final = {"1 to 5 (hidden)": 0, "6 to 10": 6, "11 to 15": 11, "16 or more": 16}
"""Legend of the areas: label → fewest children."""
COUNT_SIZES: Final = (60, 220, 480, 850)


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

    centre = _middle(areas)
    half = limit_miles * ROOM
    spots, there = _sized(_on_plane(areas, centre), half), _snapped(_on_plane(homes, centre))
    inside = there[(there["east"].abs() <= half) & (there["north"].abs() <= half)]
    layers = [_circle(centre, limit_miles, half), _areas(spots, half), _homes(inside, half), *_scale_bar(half)]
    if outline is not None and len(outline):
        layers.insert(0, _outline(outline, centre, half))
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


def _middle(areas: pd.DataFrame) -> tuple[float, float]:
    """Latitude and longitude of the middle of the areas, weighted by children (a hidden small number counts as one)."""
    weights = areas["children"].astype(float).fillna(1).clip(lower=1)
    latitude = np.average(areas["latitude"].astype(float), weights=weights)
    return float(latitude), float(np.average(areas["longitude"].astype(float), weights=weights))


def _on_plane(points: pd.DataFrame, centre: tuple[float, float], prefix: str = "") -> pd.DataFrame:
    """``points`` with ``east`` and ``north`` [miles from the centre]; rows of unknown place are dropped."""
    from pyproj import Transformer

    known = points.dropna(subset=[f"{prefix}latitude", f"{prefix}longitude"])
    plane = f"+proj=aeqd +lat_0={centre[0]} +lon_0={centre[1]} +ellps=WGS84 +units=m"
    move = Transformer.from_crs(WGS84, plane)
    latitude = known[f"{prefix}latitude"].to_numpy(dtype=float)
    east, north = move.transform(latitude, known[f"{prefix}longitude"].to_numpy(dtype=float))
    return known.assign(**{f"{prefix}east": east / METRES_PER_MILE, f"{prefix}north": north / METRES_PER_MILE})


def _x(field: str, half: float) -> alt.X:
    import altair as alt

    axis = alt.Axis(title="Miles east of the middle", tickCount=9, gridColor=GRID)
    return alt.X(f"{field}:Q", scale=alt.Scale(domain=[-half, half], nice=False), axis=axis)


def _y(field: str, half: float) -> alt.Y:
    import altair as alt

    axis = alt.Axis(title="Miles north of the middle", tickCount=9, gridColor=GRID)
    return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[-half, half], nice=False), axis=axis)


def _circle(centre: tuple[float, float], limit_miles: float, half: float) -> alt.Chart:
    """The limit as geodesic points: the same miles on the ground in every direction."""
    import altair as alt
    from pyproj import Geod

    bearings = np.linspace(0, 360, CIRCLE_POINTS)
    starts = np.full(CIRCLE_POINTS, centre[1]), np.full(CIRCLE_POINTS, centre[0])
    ends = Geod(ellps="WGS84").fwd(*starts, bearings, np.full(CIRCLE_POINTS, limit_miles * METRES_PER_MILE))
    ring = pd.DataFrame({"latitude": ends[1], "longitude": ends[0], "step": range(CIRCLE_POINTS)})
    line = alt.Chart(_on_plane(ring, centre)).mark_line(color=INK, strokeDash=[7, 5], strokeWidth=1.8)
    return line.encode(x=_x("east", half), y=_y("north", half), order="step:Q")


def _outline(outline: pd.DataFrame, centre: tuple[float, float], half: float) -> alt.Chart:
    import altair as alt

    pieces = _on_plane(_on_plane(outline, centre), centre, "to_")
    keep = (pieces[["east", "north", "to_east", "to_north"]].abs() <= half).all(axis=1)
    rule = alt.Chart(pieces.loc[keep, ["east", "north", "to_east", "to_north"]]).mark_rule(color=MUTED, opacity=0.55)
    return rule.encode(x=_x("east", half), y=_y("north", half), x2="to_east:Q", y2="to_north:Q")


def _sized(areas: pd.DataFrame, half: float) -> pd.DataFrame:
    """Areas on the map with ``count_band``, the legend's label for their number of children."""
    children = areas["children"].astype(float)
    starts = list(COUNT_BANDS.values())
    place = np.searchsorted(starts, children.fillna(0).to_numpy(), side="right") - 1
    labels = np.array(list(COUNT_BANDS))[np.clip(place, 0, len(starts) - 1)]
    shown = (areas["east"].abs() <= half) & (areas["north"].abs() <= half) & (children.isna() | (children > 0))
    return areas.assign(count_band=labels)[shown]


def _areas(areas: pd.DataFrame, half: float) -> alt.Chart:
    import altair as alt

    names = list(COUNT_BANDS)
    legend = alt.Legend(title="Children from the area", symbolFillColor="#CBD2D9", symbolStrokeColor=INK)
    size = alt.Size("count_band:N", scale=alt.Scale(domain=names, range=list(COUNT_SIZES)), sort=names, legend=legend)
    marks = alt.Chart(areas[["east", "north", "count_band"]]).mark_point(
        shape="circle", filled=True, fill="#CBD2D9", stroke=INK, strokeWidth=1, opacity=0.75
    )
    return marks.encode(x=_x("east", half), y=_y("north", half), size=size)


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
        x=_x("east", half),
        y=_y("north", half),
        color=alt.Color("home:N", scale=colours, sort=names, legend=alt.Legend(title="Homes")),
        shape=alt.Shape("home:N", scale=shapes, sort=names, legend=alt.Legend(title="Homes")),
        opacity=alt.Opacity("use:N", scale=alt.Scale(domain=uses, range=[0.95, 0.45]), sort=uses, legend=None),
        size=alt.Size("use:N", scale=alt.Scale(domain=uses, range=[110, 40]), sort=uses, legend=None),
        strokeWidth=alt.StrokeWidth("use:N", scale=alt.Scale(domain=uses, range=[1.4, 0.4]), sort=uses, legend=None),
    )


def _scale_bar(half: float) -> list[alt.Chart]:
    import altair as alt

    bar = pd.DataFrame({"from": [-half * 0.95], "to": [-half * 0.95 + SCALE_BAR_MILES], "north": [-half * 0.95]})
    rule = (
        alt.Chart(bar).mark_rule(color=BLUE, strokeWidth=4).encode(x=_x("from", half), x2="to:Q", y=_y("north", half))
    )
    text = alt.Chart(bar.assign(label=f"{SCALE_BAR_MILES} miles")).mark_text(align="left", dy=-10, color=BLUE)
    return [rule, text.encode(x=_x("from", half), y=_y("north", half), text="label:N")]
