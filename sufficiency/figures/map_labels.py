"""Texts on a map: each where there is room, clear of the circles, of the map's edge and of each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from sufficiency.figures.plane import x_miles, y_miles

LETTERS: Final = 11
LETTER_WIDTH: Final = 6.4
LINE_HEIGHT: Final = 13.0
AWAY: Final = 3.0
"""Room between a circle and its name [pixels]."""
HALO: Final = 3
"""Width of the white edge of a text, so that it can be read on a line [pixels]."""

Box = tuple[float, float, float, float]
"""Left, top, right and bottom of a thing on the map [pixels]."""
Line = tuple[str, pd.DataFrame]
"""The text of a line, and the spots (``east`` ``north``) where it may stand, best first."""


def texts_with_room(points: pd.DataFrame, half: float, side: int, *, lines: Sequence[Line] = ()) -> Any:
    """The texts of :func:`texts_in_place`, each with a white edge, as a layer of the map."""
    import altair as alt

    base = alt.Chart(texts_in_place(points, half, side, lines=lines)).encode(
        x=x_miles("east", half), y=y_miles("north", half), text="text:N"
    )
    halo = base.mark_text(fontSize=LETTERS, stroke="white", strokeWidth=HALO)
    return alt.layer(halo, base.mark_text(fontSize=LETTERS))


def texts_in_place(points: pd.DataFrame, half: float, side: int, *, lines: Sequence[Line] = ()) -> pd.DataFrame:
    """Middles (``east`` ``north``) of the names of points, in the order of the rows, and then of the texts of lines
    (``text``); what finds no room is left out.

    ``points``: ``east`` ``north`` [miles] ``radius`` (of the circle, pixels) ``text`` (missing: only the circle).
    ``half``: miles from the map's middle to its edge; ``side``: the whole map [pixels].
    """
    per_mile = side / (2 * half)
    rows = points.to_dict("records")
    wanted = [(str(row["text"]), _beside(row, per_mile, half)) for row in rows if pd.notna(row["text"])]
    wanted += [
        (text, [_text_box(*_pixels(spot, per_mile, half), text) for spot in spots.to_dict("records")])
        for text, spots in lines
    ]
    placed = [
        {
            "east": (box[0] + box[2]) / 2 / per_mile - half,
            "north": half - (box[1] + box[3]) / 2 / per_mile,
            "text": text,
        }
        for text, box in _placed(wanted, [_circle(row, per_mile, half) for row in rows], float(side))
    ]
    return pd.DataFrame(placed, columns=["east", "north", "text"])


def _placed(wanted: Sequence[tuple[str, list[Box]]], taken: Sequence[Box], side: float) -> list[tuple[str, Box]]:
    """Each text with the first of its boxes that is on the map and touches nothing placed before it."""
    answer: list[tuple[str, Box]] = []
    for text, boxes in wanted:
        there = [*taken, *(box for _, box in answer)]
        free = [box for box in boxes if _fits(box, there, side)]
        answer += [(text, free[0])] if free else []
    return answer


def _beside(point: Mapping[Any, Any], per_mile: float, half: float) -> list[Box]:
    """Where the name of a point may stand: outward from the map's middle, inward, above or below its circle."""
    (x, y), text, radius = _pixels(point, per_mile, half), str(point["text"]), float(point["radius"])
    beside = radius + LETTER_WIDTH * len(text) / 2 + AWAY
    outward = beside if point["east"] >= 0 else -beside
    above = radius + LINE_HEIGHT / 2 + AWAY
    return [
        _text_box(x + dx, y + dy, text) for dx, dy in ((outward, 0.0), (-outward, 0.0), (0.0, -above), (0.0, above))
    ]


def _pixels(point: Mapping[Any, Any], per_mile: float, half: float) -> tuple[float, float]:
    return (half + point["east"]) * per_mile, (half - point["north"]) * per_mile


def _text_box(x: float, y: float, text: str) -> Box:
    return _box(x, y, LETTER_WIDTH * len(text) / 2, LINE_HEIGHT / 2)


def _circle(point: Mapping[Any, Any], per_mile: float, half: float) -> Box:
    return _box(*_pixels(point, per_mile, half), float(point["radius"]), float(point["radius"]))


def _box(x: float, y: float, half_width: float, half_height: float) -> Box:
    return x - half_width, y - half_height, x + half_width, y + half_height


def _fits(box: Box, there: Sequence[Box], side: float) -> bool:
    inside = box[0] >= 0 and box[1] >= 0 and box[2] <= side and box[3] <= side
    return inside and not any(
        box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3] for other in there
    )
