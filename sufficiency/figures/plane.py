"""The plane of the maps: miles east and north of a middle, equal distances, no tiles; and what lies on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from sufficiency.figures.theme import BLUE, GRID, INK, MUTED
from sufficiency.geography import METRES_PER_MILE, WGS84

if TYPE_CHECKING:
    import altair as alt

CIRCLE_POINTS: Final = 181
SCALE_BAR_MILES: Final = (1, 5, 20)
"""Lengths of the bar: the first that is a tenth of the map's width or more."""
COUNT_BANDS: Final = {"1 to 5 (hidden)": 0, "6 to 10": 6, "11 to 15": 11, "16 or more": 16}
"""Legend of the areas: label → fewest children."""
COUNT_SIZES: Final = (45, 140, 300, 520)
"""Size of the circle of each band [square pixels]."""


def middle_of(areas: pd.DataFrame) -> tuple[float, float]:
    """Latitude and longitude of the middle of the areas, weighted by children (a hidden small number counts as one)."""
    weights = areas["children"].astype(float).fillna(1).clip(lower=1)
    latitude = np.average(areas["latitude"].astype(float), weights=weights)
    return float(latitude), float(np.average(areas["longitude"].astype(float), weights=weights))


def on_plane(points: pd.DataFrame, centre: tuple[float, float], prefix: str = "") -> pd.DataFrame:
    """``points`` with ``east`` and ``north`` [miles from the centre]; rows of unknown place are dropped."""
    from pyproj import Transformer

    known = points.dropna(subset=[f"{prefix}latitude", f"{prefix}longitude"])
    plane = f"+proj=aeqd +lat_0={centre[0]} +lon_0={centre[1]} +ellps=WGS84 +units=m"
    move = Transformer.from_crs(WGS84, plane)
    latitude = known[f"{prefix}latitude"].to_numpy(dtype=float)
    east, north = move.transform(latitude, known[f"{prefix}longitude"].to_numpy(dtype=float))
    return known.assign(**{f"{prefix}east": east / METRES_PER_MILE, f"{prefix}north": north / METRES_PER_MILE})


def x_miles(field: str, half: float) -> alt.X:
    """Axis of miles east, from ``half`` west of the middle to ``half`` east of it."""
    import altair as alt

    axis = alt.Axis(title="Miles east of the middle", tickCount=9, gridColor=GRID, labelFlush=False)
    return alt.X(f"{field}:Q", scale=alt.Scale(domain=[-half, half], nice=False), axis=axis)


def y_miles(field: str, half: float) -> alt.Y:
    """Axis of miles north, from ``half`` south of the middle to ``half`` north of it."""
    import altair as alt

    axis = alt.Axis(title="Miles north of the middle", tickCount=9, gridColor=GRID)
    return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[-half, half], nice=False), axis=axis)


def limit_circle(centre: tuple[float, float], limit_miles: float, half: float) -> alt.Chart:
    """The limit as geodesic points: the same miles on the ground in every direction."""
    import altair as alt
    from pyproj import Geod

    bearings = np.linspace(0, 360, CIRCLE_POINTS)
    starts = np.full(CIRCLE_POINTS, centre[1]), np.full(CIRCLE_POINTS, centre[0])
    ends = Geod(ellps="WGS84").fwd(*starts, bearings, np.full(CIRCLE_POINTS, limit_miles * METRES_PER_MILE))
    ring = pd.DataFrame({"latitude": ends[1], "longitude": ends[0], "step": range(CIRCLE_POINTS)})
    line = alt.Chart(on_plane(ring, centre)).mark_line(color=INK, strokeDash=[7, 5], strokeWidth=1.8)
    return line.encode(x=x_miles("east", half), y=y_miles("north", half), order="step:Q")


def outline_lines(outline: pd.DataFrame, centre: tuple[float, float], half: float) -> alt.Chart:
    """The authority's edge, where it is on the map, from the pieces of ``authority_outline``."""
    import altair as alt

    pieces = inside_map(on_plane(on_plane(outline, centre), centre, "to_"), half)
    rule = alt.Chart(pieces).mark_rule(color=MUTED, opacity=0.55)
    return rule.encode(x=x_miles("east", half), y=y_miles("north", half), x2="to_east:Q", y2="to_north:Q")


def inside_map(pieces: pd.DataFrame, half: float) -> pd.DataFrame:
    """The parts of straight pieces (``east`` ``north`` ``to_east`` ``to_north``) that are on the map.

    Cut here (as Liang and Barsky do), since a clip of the drawing has a number that differs from picture to picture.
    """
    start, end = pieces[["east", "north"]].to_numpy(float), pieces[["to_east", "to_north"]].to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        sides = np.stack([(-half - start) / (end - start), (half - start) / (end - start)])
    enters = np.fmax(np.fmin.reduce(sides).max(axis=1), 0.0)[:, None]
    leaves = np.fmin(np.fmax.reduce(sides).min(axis=1), 1.0)[:, None]
    on_map = (enters < leaves).ravel()
    start, way, enters, leaves = (part[on_map] for part in (start, end - start, enters, leaves))
    return pd.DataFrame(
        np.hstack([start + enters * way, start + leaves * way]), columns=["east", "north", "to_east", "to_north"]
    )


def with_count_band(areas: pd.DataFrame, half: float) -> pd.DataFrame:
    """Areas on the map with ``count_band``, the legend's label for their number of children."""
    children = areas["children"].astype(float)
    starts = list(COUNT_BANDS.values())
    place = np.searchsorted(starts, children.fillna(0).to_numpy(), side="right") - 1
    labels = np.array(list(COUNT_BANDS))[np.clip(place, 0, len(starts) - 1)]
    shown = (areas["east"].abs() <= half) & (areas["north"].abs() <= half) & (children.isna() | (children > 0))
    return areas.assign(count_band=labels)[shown]


def area_marks(
    areas: pd.DataFrame,
    half: float,
    *,
    legend_title: str = "Children from the area",
    orient: Literal["right", "bottom"] = "right",
) -> alt.Chart:
    """A circle for each area, larger where more children come from it; columns of :func:`with_count_band`."""
    import altair as alt

    names = list(COUNT_BANDS)
    legend = alt.Legend(title=legend_title, orient=orient, symbolFillColor="#CBD2D9", symbolStrokeColor=INK)
    sizes = alt.Scale(type="ordinal", domain=names, range=list(COUNT_SIZES))
    largest_first = areas.assign(place=areas["count_band"].map(names.index)).sort_values("place", ascending=False)
    size = alt.Size("count_band:N", scale=sizes, sort=names, legend=legend)
    marks = alt.Chart(largest_first[["east", "north", "count_band"]]).mark_point(
        shape="circle", filled=True, fill="#CBD2D9", stroke=INK, strokeWidth=1, opacity=0.75
    )
    return marks.encode(x=x_miles("east", half), y=y_miles("north", half), size=size)


def scale_bar(half: float) -> list[alt.Chart]:
    """A bar of a few miles with its label, in the lower left corner."""
    import altair as alt

    miles = next((miles for miles in SCALE_BAR_MILES if 5 * miles >= half), SCALE_BAR_MILES[-1])
    bar = pd.DataFrame({"from": [-half * 0.95], "to": [-half * 0.95 + miles], "north": [-half * 0.95]})
    rule = (
        alt.Chart(bar)
        .mark_rule(color=BLUE, strokeWidth=4)
        .encode(x=x_miles("from", half), x2="to:Q", y=y_miles("north", half))
    )
    text = alt.Chart(bar.assign(label=f"{miles} mile{'s' if miles > 1 else ''}")).mark_text(
        align="left", dy=-10, color=BLUE
    )
    return [rule, text.encode(x=x_miles("from", half), y=y_miles("north", half), text="label:N")]
