"""The map of where to recruit: what one more place is worth in each area, larger circles where it is worth more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from sufficiency.figures.map_frame import SIDE, framed, inside
from sufficiency.figures.map_labels import texts_with_room
from sufficiency.figures.plane import limit_circle, middle_of, on_plane, x_miles, y_miles
from sufficiency.figures.theme import INK
from sufficiency.stamp import Sourced

if TYPE_CHECKING:
    import altair as alt

ROOM: Final = 1.1
"""Half the map's width [multiple of the limit]."""
SMALLEST, LARGEST = 60, 900
"""Circles of the areas worth least and most [square pixels]."""


def recruit_map(
    areas: pd.DataFrame,
    stamp: Sourced,
    *,
    limit_miles: float,
    title: str,
    alt_text: str,
    outline: pd.DataFrame | None = None,
) -> alt.LayerChart:
    """A circle at each area, its size by what a place there saves, its figure beside it.

    ``areas``: ``area`` ``latitude`` ``longitude`` [degrees] ``saves_per_week`` [£]; places that save nothing are the
    smallest circles. The dashed circle is the limit around the middle of the areas.
    """
    centre = middle_of(areas.assign(children=1))
    half = limit_miles * ROOM
    there = on_plane(areas, centre)
    shown = inside(there, half)
    most = max(float(areas["saves_per_week"].max()), 1.0)
    size = SMALLEST + (LARGEST - SMALLEST) * (shown["saves_per_week"] / most).clip(lower=0)
    spots = shown.assign(size=size, radius=np.sqrt(size / np.pi))
    layers = [limit_circle(centre, limit_miles, half), _marks(spots, half), _names(spots, half)]
    beyond = len(there) - len(shown)
    notes = [
        "Circles: what one more place with a household in the postcode district saves [£ a week, mean of the sampled "
        "futures and years], the larger the more; the figure stands beside the district where there is room. A "
        "valuation of the first place, not to be added up; settled children are never moved for cost. "
        f"Dashed: {limit_miles:g} miles around the middle of the districts.",
        f"Districts beyond the edge of the map: {beyond}, not drawn." if beyond else "",
    ]
    return framed(layers, centre, half, outline, {"size": "independent"}, (title, notes, alt_text), stamp)


def _marks(spots: pd.DataFrame, half: float) -> Any:
    import altair as alt

    rows = spots.sort_values("size", ascending=False)[["east", "north", "size"]]
    marks = alt.Chart(rows).mark_point(shape="circle", filled=True, fill="#9AA5B1", stroke=INK, opacity=0.8)
    size = alt.Size("size:Q", scale=None, legend=None)
    return marks.encode(x=x_miles("east", half), y=y_miles("north", half), size=size)


def _names(spots: pd.DataFrame, half: float) -> Any:
    """District and figure beside each circle, as far as there is room, those worth most first."""
    text = [f"{area} £{saves:,.0f}" for area, saves in zip(spots["area"], spots["saves_per_week"], strict=True)]
    return texts_with_room(spots.assign(text=text).sort_values("saves_per_week", ascending=False), half, SIDE)
