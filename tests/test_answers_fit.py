"""Places against need by level and age: counted again one by one, and held against the best any matching could do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from sufficiency import Outlook
from sufficiency.calendar import age_in_years, days
from sufficiency.shortfall import BANDS, NEEDS, OWN
from sufficiency.vocabulary import AGE_BAND_STARTS, AGE_BANDS, KINDS

LAST_AGES = (0, 4, 9, 15, 17)


def children_in(outlook: Outlook, path: int, month: int, need: str) -> list[tuple[int, int]]:
    """Level and age of each child of a path who needs a place of a kind, at a month end."""
    stays = outlook.stays
    kinds = [KINDS.index(kind) for kind in NEEDS[need]]
    rows = np.flatnonzero(stays.present(month) & (stays.path == path) & np.isin(stays.kind, kinds))
    born = days(outlook.demand.simulated.child_born)[stays.child[rows]]
    ages = age_in_years(born, days(outlook.supply.dates)[month])
    return list(zip(stays.level[rows].tolist(), ages.tolist(), strict=True))


def household_places(outlook: Outlook, path: int, month: int) -> list[tuple[int, int, int]]:
    """Level, youngest and oldest age of each usable place of our households in a path, at a month end."""
    supply = outlook.supply
    usable, level = supply.usable_in(month), supply.households.level_at(month)
    places = []
    for row in np.flatnonzero(supply.households.path == path):
        term = int(supply.households.term[row])
        ages = (0, 17) if term < 0 else tuple(supply.today.loc[term, ["min_age", "max_age"]].astype(int))
        places += [(int(level[row]), *ages)] * int(usable[row])
    return places


@pytest.mark.parametrize("path", [0, 3])
def test_need_and_places_counted_one_by_one(small_outlook: Outlook, path: int) -> None:
    short, month = small_outlook.shortfall, small_outlook.supply.months
    children = children_in(small_outlook, path, month, "in_house_fostering")
    places = household_places(small_outlook, path, month)
    for number, least in enumerate((1, 2, 3)):
        for band, (first, last) in enumerate(zip(AGE_BAND_STARTS, LAST_AGES, strict=True)):
            need = sum(level >= least and first <= age <= last for level, age in children)
            fit = sum(level >= least and low <= last and high >= first for level, low, high in places)
            assert short.need_by[path, -1, OWN, number, 1 + band] == need
            assert short.places_by[path, -1, OWN, number, 1 + band] == fit
        assert short.need_by[path, -1, OWN, number, 0] == sum(level >= least for level, _ in children)
        assert short.places_by[path, -1, OWN, number, 0] == sum(level >= least for level, *_ in places)


@pytest.mark.parametrize("path", range(4))
def test_no_matching_leaves_fewer_without_a_place_than_is_said(small_outlook: Outlook, path: int) -> None:
    month = small_outlook.supply.months
    children = children_in(small_outlook, path, month, "in_house_fostering")
    places = household_places(small_outlook, path, month)
    fits = [[level <= of and low <= age <= high for of, low, high in places] for level, age in children]
    matched = maximum_bipartite_matching(csr_array(np.array(fits, dtype=np.int8)), perm_type="column")
    without = int((matched < 0).sum())
    said = small_outlook.shortfall.short_by()[path, -1, OWN, 0, 0]
    assert 0 < said <= without
    assert said >= small_outlook.shortfall.short()[path, -1, OWN]


def test_levels_are_cumulative_and_said_to_be(small_outlook: Outlook) -> None:
    table = small_outlook.shortfall.by("level")
    assert set(table["age_band"]) == {"all"}
    wide = table[table["measure"].isin(["need", "places_that_fit"])].pivot(
        index=["financial_year", "kind", "measure"], columns="needs_level_at_least", values="mean"
    )
    assert (wide[1] >= wide[2]).all()
    assert (wide[2] >= wide[3]).all()


def test_every_level_and_age_agrees_with_the_table_by_kind(small_outlook: Outlook) -> None:
    by_kind = (
        small_outlook.shortfall.table(every=12)
        .query("measure == 'need'")
        .pivot(index="date", columns="kind", values="mean")
    )
    ours = (
        small_outlook.shortfall.by()
        .query("measure == 'need'")
        .pivot(index="financial_year", columns="kind", values="mean")
    )
    pd.testing.assert_frame_equal(by_kind.iloc[1:].reset_index(drop=True), ours.reset_index(drop=True))
    bands = small_outlook.shortfall.by("age_band").query("measure == 'need'")
    totals = (
        bands.assign(total=bands["age_band"] == BANDS[0]).groupby(["financial_year", "kind", "total"])["mean"].sum()
    )
    assert np.allclose(totals.xs(True, level="total"), totals.xs(False, level="total"))
    assert set(bands["age_band"]) == {"all", *AGE_BANDS}


def test_an_unknown_name_is_told(small_outlook: Outlook) -> None:
    with pytest.raises(ValueError, match="choose from level, age_band"):
        small_outlook.shortfall.by("postcode")
