"""The plane of the maps: miles are miles, the edge is cut at the map, and circles grow as their legend says."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from sufficiency.figures import to_svg
from sufficiency.figures.plane import inside_map, middle_of, on_plane
from sufficiency.geography import miles_between

from .past import areas, drawn

SQUARE = pd.DataFrame(
    {
        "latitude": [51.5, 51.7, 51.7, 51.5],
        "longitude": [-1.95, -1.95, -1.6, -1.6],
        "to_latitude": [51.7, 51.7, 51.5, 51.5],
        "to_longitude": [-1.95, -1.6, -1.6, -1.95],
    }
)


def piece(*ends: float) -> pd.DataFrame:
    return pd.DataFrame([ends], columns=["east", "north", "to_east", "to_north"])


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ((-1, 0, 1, 1), (-1, 0, 1, 1)),  # inside
        ((0, 0, 20, 10), (0, 0, 10, 5)),  # leaves at the right
        ((-20, 0, 20, 0), (-10, 0, 10, 0)),  # passes through, level
        ((3, 20, 3, -20), (3, 10, 3, -10)),  # passes through, upright
    ],
)
def test_pieces_are_cut_at_the_edge(ends: tuple[float, ...], expected: tuple[float, ...]) -> None:
    assert inside_map(piece(*ends), 10.0).to_numpy().tolist() == [pytest.approx(expected)]


@pytest.mark.parametrize("ends", [(11, 0, 20, 0), (11, -5, 11, 5), (0, 21, 21, 0)])
def test_pieces_off_the_map_are_gone(ends: tuple[float, ...]) -> None:
    assert inside_map(piece(*ends), 10.0).empty


def test_miles_from_the_middle_are_geodesic() -> None:
    known = areas().dropna(subset=["latitude"])
    centre = middle_of(known.assign(children=known["children_from"]))
    found = on_plane(known, centre)
    miles = miles_between(known["latitude"], known["longitude"], *(np.full(len(known), part) for part in centre))
    assert np.hypot(found["east"], found["north"]).to_numpy() == pytest.approx(miles, rel=1e-4)


def test_maps_with_an_edge_are_the_same_twice_and_name_their_source() -> None:
    one, two = (to_svg(drawn("areas", areas(), outline=SQUARE)) for _ in range(2))
    assert one == two
    assert "Grey line: edge of the authority" in one
    assert "Open Government Licence" in one


def test_circles_grow_with_the_number_of_children() -> None:
    picture = to_svg(drawn("areas", areas().assign(children_from=[3.0, 8.0, 12.0, 30.0, 0.0, 0.0])))
    sizes = {
        band: float(re.search(r"M([\d.]+),0", path).group(1))
        for band, path in re.findall(r'aria-label="[^"]*count_band: ([^";]*)[^"]*"[^>]* d="([^"]*)"', picture)
    }
    ordered = [sizes[band] for band in ("1 to 5 (hidden)", "6 to 10", "11 to 15", "16 or more")]
    assert ordered == sorted(ordered)
    assert ordered[-1] > 3 * ordered[0]
