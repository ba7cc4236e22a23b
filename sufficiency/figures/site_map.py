"""The map of where to add homes: those that are there, candidates opened or not, and the reach of each opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from sufficiency.figures.map_frame import GRID_NOTE, SIDE, framed, inside, snapped
from sufficiency.figures.map_labels import texts_with_room
from sufficiency.figures.plane import CIRCLE_POINTS, area_marks, middle_of, on_plane, with_count_band, x_miles, y_miles
from sufficiency.figures.theme import INK, KIND_COLOURS, KIND_SHAPES, MUTED
from sufficiency.geography import METRES_PER_MILE
from sufficiency.stamp import Sourced
from sufficiency.vocabulary import KIND_LABELS

if TYPE_CHECKING:
    import altair as alt

ROOM: Final = 1.05
"""Half the map's width [multiple of the farthest thing that must be on it]."""
USES: Final = ("candidate, opened", "candidate, not opened", "home that is there")
FILLED: Final = (True, False, True)
MARK_SIZES: Final = (260, 130, 28)
"""Of each use [square pixels]."""
OPACITIES: Final = (1.0, 1.0, 0.35)
EDGES: Final = (2.2, 1.4, 0.3)


def site_map(
    areas: pd.DataFrame,
    homes: pd.DataFrame,
    candidates: pd.DataFrame,
    stamp: Sourced,
    *,
    limit_miles: float,
    title: str,
    alt_text: str,
    outline: pd.DataFrame | None = None,
) -> alt.LayerChart:
    """Homes by kind, candidates, and a circle of ``limit_miles`` around each candidate that is opened.

    ``areas``: ``latitude`` ``longitude`` ``children`` of areas that children come from (may be empty). ``homes``:
    ``kind`` ``latitude`` ``longitude``. ``candidates``: the same and ``candidate_id`` ``area`` ``opened`` [homes].
    Miles run east and north from the middle of the areas, else of the candidates, so a circle stays a circle.
    """
    middle = areas if len(areas) else candidates.assign(children=1)
    centre = middle_of(middle if len(middle) else homes.dropna().assign(children=1))
    spots, there = snapped(candidates, centre), snapped(homes, centre)
    half = _half_width(spots, limit_miles)
    shown = inside(there, half)
    points = pd.concat([shown.assign(use=USES[2]), spots.assign(use=np.where(spots["opened"] > 0, *USES[:2]))])
    layers: list[Any] = []
    if len(areas):
        layers.append(area_marks(with_count_band(on_plane(areas, centre), half), half))
    layers += [_marks(points[points["use"] == use], use, half) for use in reversed(USES)]
    layers += [_reach(candidates[candidates["opened"] > 0], centre, limit_miles, half), _names(spots, half)]
    texts = title, _notes(limit_miles, len(there) - len(shown), has_areas=len(areas) > 0), alt_text
    return framed(layers, centre, half, outline, {"size": "independent", "shape": "shared"}, texts, stamp)


def _notes(limit_miles: float, beyond: int, *, has_areas: bool) -> list[str]:
    return [
        "Large, named where there is room: candidates that are opened (× how many); hollow: candidates that are not; "
        f"small, pale: homes that are there. Dashed: {limit_miles:g} miles around each opened candidate; children are "
        "measured from their own home.",
        GRID_NOTE,
        "Grey circles: children a path by postcode district; 1 to 5 are not told apart." if has_areas else "",
        f"Homes beyond the edge of the map: {beyond}, not drawn." if beyond else "",
    ]


def _half_width(spots: pd.DataFrame, limit_miles: float) -> float:
    """Half the width of a map that holds every candidate and the whole circle of each opened one [miles]."""
    far = spots[["east", "north"]].abs().max(axis=1) + np.where(spots["opened"] > 0, limit_miles, 0.0)
    return float(max(far.max() if len(far) else 0.0, limit_miles)) * ROOM


def _marks(points: pd.DataFrame, use: str, half: float) -> alt.Chart:
    """Homes of one use: shape and colour by kind, filled but for candidates that are not opened."""
    import altair as alt

    names = [KIND_LABELS[kind] for kind in KIND_SHAPES]
    which = USES.index(use)
    rows = points.assign(home=points["kind"].map(KIND_LABELS))[["east", "north", "home"]].dropna()
    mark = alt.Chart(rows).mark_point(
        filled=FILLED[which], size=MARK_SIZES[which], opacity=OPACITIES[which], strokeWidth=EDGES[which]
    )
    hues = alt.Scale(domain=names, range=[KIND_COLOURS[kind] for kind in KIND_SHAPES])
    legend = alt.Legend(title="Kind of home", symbolSize=110, symbolFillColor="white", symbolStrokeColor=INK)
    shape = alt.Shape(
        "home:N",
        scale=alt.Scale(domain=names, range=list(KIND_SHAPES.values())),
        sort=names,
        legend=legend,
    )
    placed = mark.encode(x=x_miles("east", half), y=y_miles("north", half), shape=shape)
    if not FILLED[which]:
        return placed.encode(stroke=alt.value(INK), fill=alt.value("white"))
    return placed.encode(fill=alt.Fill("home:N", scale=hues, sort=names, legend=None), stroke=alt.value(INK))


def _reach(opened: pd.DataFrame, centre: tuple[float, float], limit_miles: float, half: float) -> alt.Chart:
    """The limit around each opened candidate, as geodesic points."""
    import altair as alt
    from pyproj import Geod

    bearings = np.tile(np.linspace(0, 360, CIRCLE_POINTS), len(opened))
    east, north = (opened[axis].to_numpy(float).repeat(CIRCLE_POINTS) for axis in ("longitude", "latitude"))
    ends = Geod(ellps="WGS84").fwd(east, north, bearings, np.full(len(bearings), limit_miles * METRES_PER_MILE))
    steps = {
        "step": np.tile(np.arange(CIRCLE_POINTS), len(opened)),
        "ring": np.arange(len(opened)).repeat(CIRCLE_POINTS),
    }
    rings = on_plane(pd.DataFrame({"latitude": ends[1], "longitude": ends[0], **steps}), centre)
    line = alt.Chart(rings).mark_line(color=MUTED, strokeDash=[7, 5], strokeWidth=1.3)
    return line.encode(x=x_miles("east", half), y=y_miles("north", half), order="step:Q", detail="ring:N")


def _names(spots: pd.DataFrame, half: float) -> Any:
    """The name of each opened candidate beside it, with how many are opened when they are more than one."""
    many = np.where(spots["opened"] > 1, " ×" + spots["opened"].astype(str), "")
    names: pd.Series = spots["area"].where(spots["area"].fillna("") != "", spots["candidate_id"]).astype(str) + many
    radius: Any = np.where(spots["opened"] > 0, *((size / np.pi) ** 0.5 for size in MARK_SIZES[:2]))
    texts = spots.assign(text=names.astype(object).where(spots["opened"] > 0, None), radius=radius)
    return texts_with_room(texts.sort_values("opened", ascending=False), half, SIDE)
