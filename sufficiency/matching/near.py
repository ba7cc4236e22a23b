"""Which pairs of points lie within a limit, exactly as the geodesic says, without working out every geodesic.

Points on the ellipsoid become points in space. The straight line through the earth between two of them is at most as
long as the geodesic, and the geodesic is at most the arc over that line on the smallest circle that the ellipsoid can
bend by (Schur's theorem on curves; the smallest radius of curvature of the WGS84 ellipsoid is a (1 − e²), that of the
meridian at the equator). The two differ by a few centimetres at 20 miles, so nearly every pair is decided by the line
alone; the geodesic is worked out for what is left between.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from sufficiency.geography import METRES_PER_MILE, miles_between

SEMI_MAJOR: Final = 6378137.0
FLATTENING: Final = 1 / 298.257223563
"""The WGS84 ellipsoid [metres; no unit] (NIMA TR8350.2, 2000)."""

_SQUARED_ECCENTRICITY: Final = FLATTENING * (2 - FLATTENING)
SMALLEST_RADIUS: Final = SEMI_MAJOR * (1 - _SQUARED_ECCENTRICITY)

ROUNDING: Final = 1e-3
"""What lines and geodesics may be wrong by in floating point [metres], a hundred thousand times what was seen."""

PAIRS_AT_ONCE: Final = 4_000_000
"""Candidate pairs held at once while the tree is searched."""


def in_space(latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
    """Points on the WGS84 ellipsoid in space, shape (points, 3) [metres]; NaN where a point is unknown."""
    phi, lam = np.radians(latitude), np.radians(longitude)
    normal = SEMI_MAJOR / np.sqrt(1 - _SQUARED_ECCENTRICITY * np.sin(phi) ** 2)
    out = normal * np.cos(phi)
    return np.stack([out * np.cos(lam), out * np.sin(lam), normal * (1 - _SQUARED_ECCENTRICITY) * np.sin(phi)], axis=-1)


def line_of(metres: np.ndarray) -> np.ndarray:
    """The shortest straight line that a geodesic of this length can span [metres]; beyond it the limit is passed."""
    half_turn = np.minimum(np.asarray(metres) / (2 * SMALLEST_RADIUS), np.pi / 2)
    return 2 * SMALLEST_RADIUS * np.sin(half_turn)


def are_within(
    degrees: tuple[np.ndarray, np.ndarray],
    to_degrees: tuple[np.ndarray, np.ndarray],
    who: np.ndarray,
    where: np.ndarray,
    limit_miles: np.ndarray,
) -> np.ndarray:
    """True for each pair (``who``, ``where``) of points (latitude, longitude) at most ``limit_miles`` [per ``who``]
    apart by geodesic; False where a point is unknown."""
    here, there = in_space(*degrees), in_space(*to_degrees)
    limit = (np.asarray(limit_miles) * METRES_PER_MILE)[who]
    line = np.sqrt(((here[who] - there[where]) ** 2).sum(axis=1))
    within = line <= line_of(limit) - ROUNDING
    near = np.flatnonzero(~within & (line <= limit + ROUNDING))
    if len(near):
        i, j = who[near], where[near]
        miles = miles_between(degrees[0][i], degrees[1][i], to_degrees[0][j], to_degrees[1][j])
        within[near] = miles <= np.asarray(limit_miles)[i]
    return within


def pairs_within(
    degrees: tuple[np.ndarray, np.ndarray],
    to_degrees: tuple[np.ndarray, np.ndarray],
    limit_miles: np.ndarray,
    allowed: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """All pairs within each first point's own limit, sorted; found by a tree in space, some points at a time.

    ``allowed``: whether pairs count at all (bool for each), asked before their distance is. A limit below 0 has none.
    """
    from scipy.spatial import cKDTree

    here, there = in_space(*degrees), in_space(*to_degrees)
    known, known_there = (np.flatnonzero(np.isfinite(points).all(axis=1)) for points in (here, there))
    known = known[np.asarray(limit_miles)[known] >= 0]
    if len(known) == 0 or len(known_there) == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    tree = cKDTree(there[known_there])
    radius = np.asarray(limit_miles)[known] * METRES_PER_MILE + ROUNDING
    counts = tree.query_ball_point(here[known], radius, return_length=True)
    found = []
    for some in np.split(np.arange(len(known)), _cuts(counts)):
        lists = tree.query_ball_point(here[known[some]], radius[some], return_sorted=True)
        who = np.repeat(known[some], counts[some])
        where = known_there[np.fromiter((at for each in lists for at in each), dtype=np.int64, count=len(who))]
        if allowed is not None:
            keep = allowed(who, where)
            who, where = who[keep], where[keep]
        keep = are_within(degrees, to_degrees, who, where, limit_miles)
        found.append((who[keep].astype(np.int32), where[keep].astype(np.int32)))
    return np.concatenate([who for who, _ in found]), np.concatenate([where for _, where in found])


def _cuts(counts: np.ndarray) -> np.ndarray:
    """Where to cut the points so that no piece has many more candidate pairs than are held at once."""
    piece = counts.cumsum() // PAIRS_AT_ONCE
    return np.flatnonzero(np.diff(piece)) + 1
