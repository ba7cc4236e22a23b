"""Points where people live: postcodes of the ONS directory drawn at random, as postcodes stand where homes do."""

from __future__ import annotations

from functools import cache

import numpy as np

from sufficiency.geography import postcodes_of

SWINDON = ("SN",)
AROUND_SWINDON = ("SN", "GL", "OX", "RG")
"""Postcode areas of one authority and of those around it."""

WEST = ("BS", "BA", "GL", "SN", "OX", "TA")
"""A region: Bristol, Bath, Gloucester, Cheltenham, Swindon, Oxford, Taunton; about 100 miles from end to end."""

ENGLAND = tuple(
    "AL B BA BB BD BH BL BN BR BS CA CB CH CM CO CR CT CV CW DA DE DH DL DN DT DY E EC EN EX FY GL GU HA HD HG HP HR "
    "HU HX IG IP KT L LA LE LN LS LU M ME MK N NE NG NN NR NW OL OX PE PL PO PR RG RH RM S SE SG SK SL SM SN SO SP SR "
    "SS ST SW SY TA TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO".split()
)


@cache
def points_of(areas: tuple[str, ...]) -> np.ndarray:
    """Latitude and longitude [degrees] of every English postcode of some areas, shape (postcodes, 2)."""
    parts = []
    for area in areas:
        postcodes = postcodes_of(area)
        english = postcodes["authority"].str.startswith("E").fillna(False).to_numpy(dtype=bool)
        parts.append(postcodes.loc[english, ["latitude", "longitude"]].to_numpy())
    return np.concatenate(parts)


def draw_points(rng: np.random.Generator, areas: tuple[str, ...], count: int) -> np.ndarray:
    """Points of so many people, shape (count, 2)."""
    points = points_of(areas)
    return points[rng.integers(len(points), size=count)]
