"""Whether a point can be where somebody lives: near a postcode, or in the sea.

``postcode_cells.csv`` has the cells of a tenth of a degree, of latitude and of longitude, that hold a postcode of the
ONS Postcode Directory (Open Government Licence v3.0): contains OS data © Crown copyright and database right, Royal Mail
data © Royal Mail copyright and database right, National Statistics data © Crown copyright and database right.
:func:`cells_with_postcodes` made it. The directory has no places on the Isle of Man, the Channel Islands and in the
Republic of Ireland, where a child may live too; they are rectangles here.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from string import ascii_uppercase
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.geography import postcodes_of

CELLS: Final = Path(__file__).with_name("postcode_cells.csv")
CELLS_A_DEGREE: Final = 10
SOUTH, NORTH, WEST, EAST = 480, 620, -120, 30
"""The grid, in cells: wider than the British Isles by more than a cell."""

WITHOUT_POSTCODES: Final = (
    (54.0, 54.4, -4.9, -4.3),  # Isle of Man
    (49.1, 49.8, -2.8, -2.0),  # Channel Islands
    (51.4, 54.4, -10.6, -6.0),  # Ireland, to the latitude of Dundalk and Sligo
    (54.4, 55.4, -9.0, -7.2),  # Ireland, Donegal
)
"""South, north, west and east of islands that the directory leaves out [degrees; read off a map, coarse]."""


def near_a_postcode(latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
    """Points (bool) in or beside a cell where somebody lives: none within 4 miles of a postcode is left out.

    A cell is about 7 miles high and 4 wide; its eight neighbours count, so that coasts and islands are whole. A point
    that is unknown is taken to be near.
    """
    with np.errstate(invalid="ignore"):
        row, column = (np.floor(each * CELLS_A_DEGREE) for each in (latitude, longitude))
        inside = (row >= SOUTH) & (row < NORTH) & (column >= WEST) & (column < EAST)
    answer = np.isnan(latitude) | np.isnan(longitude)
    answer[inside] = _grid()[row[inside].astype(int) - SOUTH, column[inside].astype(int) - WEST]
    return answer


@cache
def _grid() -> np.ndarray:
    """The cells with somebody in or beside them, from south and from west."""
    lived_in = np.zeros((NORTH - SOUTH, EAST - WEST), dtype=bool)
    for row, first, last in pd.read_csv(CELLS).to_numpy():
        lived_in[row - SOUTH, first - WEST : last + 1 - WEST] = True
    for place in WITHOUT_POSTCODES:
        south, north, west, east = (round(edge * CELLS_A_DEGREE) for edge in place)
        lived_in[south - SOUTH : north - SOUTH, west - WEST : east - WEST] = True
    for axis in (0, 1):
        lived_in = lived_in | np.roll(lived_in, 1, axis) | np.roll(lived_in, -1, axis)
    return lived_in


def cells_with_postcodes(letters: str = ascii_uppercase) -> pd.DataFrame:
    """What ``postcode_cells.csv`` holds, from all postcodes that start with one of the letters.

    A row is a run of cells: ``south`` [tenths of a degree of latitude], ``west`` of the first and of the last
    [tenths of a degree of longitude].
    """
    areas = [letter + second for letter in letters for second in ("", *ascii_uppercase)]
    points = pd.concat([postcodes_of(area) for area in areas])
    cells = (points[["latitude", "longitude"]] * CELLS_A_DEGREE).apply(np.floor).astype(int).drop_duplicates()
    cells = cells.sort_values(["latitude", "longitude"])
    begins = (cells["latitude"].diff() != 0) | (cells["longitude"].diff() != 1)
    runs = cells.groupby(begins.cumsum())
    return pd.DataFrame(
        {"south": runs["latitude"].first(), "first_west": runs["longitude"].min(), "last_west": runs["longitude"].max()}
    ).reset_index(drop=True)
