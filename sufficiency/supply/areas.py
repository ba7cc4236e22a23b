"""Where the scenario lets recruits live: the addresses of each area."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from sufficiency.geography import DISTRICT, locate, postcode_key, postcodes_of
from sufficiency.recruitment import RecruitArea

Point = tuple[np.ndarray, np.ndarray]


def addresses_of(areas: Sequence[RecruitArea]) -> list[Point]:
    """Latitudes and longitudes of every postcode of each district; one point for a postcode, a sector or a point.

    Empty where an area is not in the ONS directory (see :func:`unknown_areas`).
    """
    return [_addresses(area) for area in areas]


def unknown_areas(areas: Sequence[RecruitArea]) -> list[str]:
    """Areas in which the ONS directory has no postcode."""
    return [str(area.area) for area in areas if len(_addresses(area)[0]) == 0]


def _addresses(area: RecruitArea) -> Point:
    if area.area is None:
        return np.array([area.latitude], dtype=float), np.array([area.longitude], dtype=float)
    name = pd.Series([area.area])
    district = str(postcode_key(name).fillna("").iloc[0])
    found = postcodes_of(district) if re.fullmatch(DISTRICT, district) else locate(name).dropna(subset="latitude")
    return found["latitude"].to_numpy(dtype=float), found["longitude"].to_numpy(dtype=float)
