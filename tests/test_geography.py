"""Postcodes to points: whole, degraded and unknown; and miles between points."""

from __future__ import annotations

import geopy.distance
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sufficiency.geography import district_of, locate, miles_between, postcode_key, postcodes_of


def test_a_known_place_is_where_the_map_has_it() -> None:
    """Swindon station is at 51.565 N 1.785 W; SN1 2AB is in the next streets, in Swindon (E06000030)."""
    point = locate(pd.Series(["SN1 2AB"])).iloc[0]
    assert geopy.distance.distance((51.565, -1.785), (point["latitude"], point["longitude"])).miles < 1
    assert (point["authority"], point["precision"]) == ("E06000030", "postcode")


def test_the_same_postcode_however_it_is_written() -> None:
    written = pd.Series(["SN1 2AB", "sn12ab", " SN1  2AB ", "Sn1 2ab"])
    assert postcode_key(written).nunique() == 1
    assert locate(written)["latitude"].nunique() == 1


def test_degraded_postcodes_are_the_middle_of_what_is_inside() -> None:
    """SN12 is a district of its own, not the sector SN1 2."""
    points = locate(pd.Series(["SN1 2", "SN1", "SN12"]))
    assert points["precision"].tolist() == ["sector", "district", "district"]
    inside = postcodes_of("SN1")
    sector = inside[inside.index.str.startswith("SN1 2")]
    assert points["latitude"].iloc[0] == pytest.approx(sector["latitude"].mean(), abs=1e-4)
    assert points["latitude"].iloc[1] == pytest.approx(inside["latitude"].mean(), abs=1e-4)
    assert points["authority"].tolist() == ["E06000030", "E06000030", "E06000054"]


@pytest.mark.parametrize("text", ["", None, "ZZ9 9ZZ", "nowhere", "1234", "SN1 2A", "SN98 9", "É1 1AA"])
def test_what_cannot_be_found_is_unknown(text: str | None) -> None:
    point = locate(pd.Series([text], dtype="str")).iloc[0]
    assert point.isna().all()


def test_the_index_is_kept_and_repeats_are_answered_each() -> None:
    points = locate(pd.Series(["SN1 2AB", "ZZ9 9ZZ", "SN1 2AB"], index=[7, 7, 2]))
    assert points.index.tolist() == [7, 7, 2]
    assert points["latitude"].isna().tolist() == [False, True, False]


def test_northern_ireland_is_read_on_its_own_grid() -> None:
    """Belfast's centre is at 54.60 N 5.93 W; on the British grid the same figures would be in the Irish Sea."""
    point = locate(pd.Series(["BT1 1AA"])).iloc[0]
    assert geopy.distance.distance((54.60, -5.93), (point["latitude"], point["longitude"])).miles < 2


POINTS = st.tuples(st.floats(49, 61), st.floats(-9, 2))


@settings(max_examples=50)
@given(POINTS, POINTS)
def test_miles_are_those_of_geopy(a: tuple[float, float], b: tuple[float, float]) -> None:
    miles = miles_between(*(np.array([value]) for value in (*a, *b)))[0]
    assert miles == pytest.approx(geopy.distance.geodesic(a, b).miles, rel=1e-9, abs=1e-9)


def test_unknown_points_have_unknown_miles_and_shapes_broadcast() -> None:
    north, east = np.array([[51.5], [np.nan]]), np.array([[-1.8], [-1.8]])
    miles = miles_between(north, east, np.array([51.5, 52.0]), np.array([-1.8, -1.8]))
    assert miles.shape == (2, 2)
    assert np.isnan(miles).tolist() == [[False, False], [True, True]]
    assert miles[0, 0] == 0


def test_sectors_without_their_space_are_told_from_districts() -> None:
    """ "SN122" can only be SN12 2; beside it "SN12" is SN1 2, while alone it is the district SN12."""
    assert postcode_key(pd.Series(["SN122", "SN12", "SN1", "E1W2"])).tolist() == ["SN12 2", "SN1 2", "SN1", "E1W 2"]
    assert postcode_key(pd.Series(["SN12", "SN1 2AB"])).tolist() == ["SN12", "SN1 2AB"]


def test_districts_of_whole_and_degraded_postcodes() -> None:
    found = district_of(pd.Series(["SN122", "SN12", "sn1 2ab", "SN1", "", "road"]))
    assert found.dropna().tolist() == ["SN12", "SN1", "SN1", "SN1"]
