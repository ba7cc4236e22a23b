"""What every map of homes has in common: square, edge of the authority, scale, points moved off their true place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

import pandas as pd

from sufficiency.figures.plane import on_plane, outline_lines, scale_bar
from sufficiency.figures.theme import finished
from sufficiency.stamp import Sourced

if TYPE_CHECKING:
    import altair as alt

SIDE: Final = 620
GRID_MILES: Final = 0.5
"""Homes are drawn at the nearest step of a grid this wide [miles]."""

GRID_NOTE: Final = "Points are moved to the nearest step of a grid, so no home is shown where it is."
EDGE_NOTE: Final = "Grey line: edge of the authority, drawn from its postcodes."
CREDIT: Final = "Contains ONS and Royal Mail data (Open Government Licence v3.0)."


def snapped(points: pd.DataFrame, centre: tuple[float, float]) -> pd.DataFrame:
    """Homes on the plane, moved to the nearest step of a grid, so that a carer's address cannot be read off the map."""
    there = on_plane(points, centre)
    return there.assign(**{axis: (there[axis] / GRID_MILES).round() * GRID_MILES for axis in ("east", "north")})


def inside(points: pd.DataFrame, half: float) -> pd.DataFrame:
    """Those that a map of this half width [miles] shows."""
    return points[(points["east"].abs() <= half) & (points["north"].abs() <= half)]


def framed(
    layers: Sequence[Any],
    centre: tuple[float, float],
    half: float,
    outline: pd.DataFrame | None,
    scales: Mapping[str, Literal["independent", "shared"]],
    texts: tuple[str, list[str], str],
    stamp: Sourced,
) -> alt.LayerChart:
    """The finished map: the edge of the authority beneath the layers, a scale bar above them.

    ``outline``: pieces of the edge from ``authority_outline``. ``scales``: how layers share theirs. ``texts``: title,
    sentences of the note, alt text.
    """
    import altair as alt

    title, notes, alt_text = texts
    has_edge = outline is not None and len(outline) > 0
    beneath = [outline_lines(outline, centre, half)] if outline is not None and has_edge else []
    square = alt.layer(*beneath, *layers, *scale_bar(half)).resolve_scale(**scales)
    note = " ".join([*(each for each in notes if each), *([EDGE_NOTE] if has_edge else []), CREDIT])
    return finished(square.properties(width=SIDE, height=SIDE), title, note, stamp, alt_text, SIDE + 180)
