"""Names on a map: none lies on another, on a circle or over the edge, and the first rows find room first."""

from __future__ import annotations

from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from sufficiency.figures.map_labels import LETTER_WIDTH, LINE_HEIGHT, texts_in_place

HALF, SIDE = 10.0, 300
PER_MILE = SIDE / (2 * HALF)

spots = st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=1, max_size=12).map(
    lambda places: pd.DataFrame(
        [(east, north, 8.0, f"SN{number}") for number, (east, north) in enumerate(places)],
        columns=["east", "north", "radius", "text"],
    )
)


def placed(points: pd.DataFrame, **lines: Any) -> dict[str, tuple[float, float, float, float]]:
    """Text → left, top, right and bottom of where it stands [pixels]."""
    rows = texts_in_place(points, HALF, SIDE, **lines)
    boxes = {}
    for row in rows.to_dict("records"):
        x, y, wide = (HALF + row["east"]) * PER_MILE, (HALF - row["north"]) * PER_MILE, LETTER_WIDTH * len(row["text"])
        boxes[row["text"]] = (x - wide / 2, y - LINE_HEIGHT / 2, x + wide / 2, y + LINE_HEIGHT / 2)
    return boxes


def apart(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    close = 1e-6
    return (
        one[2] <= other[0] + close
        or other[2] <= one[0] + close
        or one[3] <= other[1] + close
        or other[3] <= one[1] + close
    )


@settings(max_examples=40, deadline=None)
@given(spots)
def test_names_keep_clear_of_each_other_the_circles_and_the_edge(points: pd.DataFrame) -> None:
    boxes = placed(points)
    circles = [((HALF + row["east"]) * PER_MILE, (HALF - row["north"]) * PER_MILE) for row in points.to_dict("records")]
    for text, box in boxes.items():
        assert box[0] >= -1e-6
        assert box[1] >= -1e-6
        assert box[2] <= SIDE + 1e-6
        assert box[3] <= SIDE + 1e-6
        assert all(apart(box, other) for name, other in boxes.items() if name != text)
        assert all(apart(box, (x - 8, y - 8, x + 8, y + 8)) for x, y in circles)


def test_names_stand_outward_and_the_second_makes_way() -> None:
    """One above the other by less than a line: the first keeps its side, the second goes to the other one."""
    points = pd.DataFrame({"east": [3.0, 3.0], "north": [0.0, 0.3], "radius": 8.0, "text": ["SN1", "SN2"]})
    boxes = placed(points)
    assert boxes["SN1"][0] > (HALF + 3.0) * PER_MILE
    assert boxes["SN2"][2] < (HALF + 3.0) * PER_MILE
    west = placed(points.assign(east=-3.0))
    assert west["SN1"][2] < (HALF - 3.0) * PER_MILE


def test_a_point_without_a_name_takes_room_and_a_line_finds_its_second_spot() -> None:
    """The number of a line would stand on the circle in its first spot."""
    points = pd.DataFrame({"east": [0.0], "north": [0.0], "radius": [8.0], "text": [None]})
    along = pd.DataFrame({"east": [0.0, 4.0], "north": [0.0, 4.0]})
    boxes = placed(points, lines=[("7", along)])
    assert list(boxes) == ["7"]
    assert boxes["7"][0] > (HALF + 3.0) * PER_MILE
