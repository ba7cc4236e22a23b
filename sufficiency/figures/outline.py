"""An authority's outline from its own postcodes: no boundary file, no map tiles, no network."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from sufficiency.geography import BRITISH_GRID, METRES_PER_MILE, WGS84, locate, postcodes_of

LONGEST_EDGE_MILES: Final = 2.5
"""Postcodes further apart than this are not joined, so that bays and gaps stay open [miles]."""


def authority_of(areas: pd.DataFrame) -> str:
    """ONS code of the authority where most of ``areas`` lie (columns ``area``, ``children``); "" when none is found."""
    found = locate(areas["area"])["authority"]
    if found.notna().sum() == 0:
        return ""
    return str(areas["children"].groupby(found.astype(object).to_numpy()).sum().idxmax())


def authority_outline(areas: pd.DataFrame) -> pd.DataFrame:
    """Edge of the authority where most of ``areas`` lie, as the concave hull of its postcodes in the areas' letters.

    The answer has a row a straight piece: ``latitude`` ``longitude`` ``to_latitude`` ``to_longitude`` [degrees]. It
    is empty when the authority has fewer than three postcodes there.
    """
    columns = ["latitude", "longitude", "to_latitude", "to_longitude"]
    authority = authority_of(areas)
    letters = sorted(set(areas["area"].str.extract(r"^([A-Z]+)")[0].dropna()))
    known = [postcodes_of(letter) for letter in letters]
    points = pd.concat(known) if known else pd.DataFrame({"authority": []})
    points = points[points["authority"] == authority]
    if authority == "" or len(points) < 3:
        return pd.DataFrame(columns=columns, dtype=float)
    places = points[["latitude", "longitude"]].drop_duplicates().to_numpy()
    edges = _edges(places)
    return pd.DataFrame(np.hstack([places[edges[:, 0]], places[edges[:, 1]]]), columns=columns)


def _edges(places: np.ndarray) -> np.ndarray:
    """Pairs of positions that bound the triangles left when long-edged ones are dropped (Delaunay, an alpha shape)."""
    from pyproj import Transformer
    from scipy.spatial import Delaunay

    grid = np.column_stack(Transformer.from_crs(WGS84, BRITISH_GRID).transform(places[:, 0], places[:, 1]))
    triangles = Delaunay(grid).simplices
    sides = np.stack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]], axis=1)
    lengths = np.linalg.norm(grid[sides[:, :, 0]] - grid[sides[:, :, 1]], axis=2)
    kept = sides[lengths.max(axis=1) <= LONGEST_EDGE_MILES * METRES_PER_MILE].reshape(-1, 2)
    pairs, counts = np.unique(np.sort(kept, axis=1), axis=0, return_counts=True)
    return pairs[counts == 1]
