"""The tables of the needs analysis: against plain counts of the files, and what must hold whatever the data."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

import sufficiency.demand.profile as tables
from sufficiency import Profile, Records, profile
from sufficiency.demand.profile.past import last_day, stocks
from sufficiency.measures import past_shares
from sufficiency.vocabulary import AGE_BANDS, EXIT_REASONS, FOSTERING_KINDS, KINDS

ROOT = Path(__file__).parents[2]
Truth = dict[tuple[str, int, str], float]


def _counting() -> ModuleType:
    """The plain counts of the sample's files, which know no code of the package's records."""
    spec = importlib.util.spec_from_file_location("profile_counting", ROOT / "tests" / "sample" / "counting.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def truth() -> Truth:
    return _counting().all_counts(ROOT / "data")


@pytest.fixture(scope="module")
def answer(sample_records: Records) -> Profile:
    return profile(sample_records)


@pytest.fixture(scope="module")
def found(answer: Profile) -> dict[str, pd.DataFrame]:
    return answer.tables()


def against(truth: Truth, values: pd.Series, measure: str, category: str = "all") -> pd.Series:
    """Difference to the plain count, by year."""
    return values - [truth.get((measure, year, category), 0) for year in values.index]


def by_year(table: pd.DataFrame, column: str, **where: str) -> pd.Series:
    for name, value in where.items():
        table = table[table[name] == value]
    return table.set_index("year")[column]


def test_headline_counts_are_those_of_the_files(found: dict[str, pd.DataFrame], truth: Truth) -> None:
    """Looked after and started exactly; ceased to one, as a planted stale episode is closed in the year before."""
    table = found["children_by_year"]
    assert (against(truth, by_year(table, "looked_after"), "looked_after") == 0).all()
    assert (against(truth, by_year(table, "started"), "started") == 0).all()
    assert against(truth, by_year(table, "ceased"), "ceased").abs().max() <= 1
    uasc = found["unaccompanied"]
    assert (against(truth, by_year(uasc, "uasc"), "looked_after", "uasc") == 0).all()
    assert (against(truth, by_year(uasc, "uasc_started"), "started", "uasc") == 0).all()


def test_parts_are_those_of_the_files(found: dict[str, pd.DataFrame], truth: Truth) -> None:
    """To one child: the plain count leaves a child on holiday in the temporary place, the records do not."""
    cells = found["age_by_kind"]
    for band in AGE_BANDS:
        assert (
            against(truth, by_year(cells, "children", age_band=band, kind="all"), "looked_after_age", band) == 0
        ).all()
    for kind in KINDS:
        assert against(truth, by_year(cells, "children", age_band="all", kind=kind), "kind", kind).abs().max() <= 1
    names = {"PR1": "own", "PR4": "private", "PR5": "voluntary", "PR0": "parents"}
    for code, name in names.items():
        counts = by_year(found["provider_codes"], "children", provider=code)
        assert against(truth, counts, "provider", name).abs().max() <= 1
    far = {"over": "over 20 miles", "within": "20 miles or less", "unknown": "unknown"}
    for column, name in far.items():
        assert against(truth, by_year(found["distance"], column, group="all"), "distance", name).abs().max() <= 1
    inside = by_year(found["borough"], "inside", group="all")
    assert against(truth, inside, "inside_borough").abs().max() <= 1
    many = by_year(found["placements_in_year"], "children", placements="3_or_more")
    assert against(truth, many, "three_or_more_placements").abs().max() <= 2
    for reason in ("adopted", "sgo_or_order"):
        counts = by_year(found["past_measures"], "numerator", measure=reason)
        assert (against(truth, counts, reason) == 0).all()
    moves = found["flows"]
    grown = moves[(moves["to"] == "turned_18") & (moves["year"] != "all")].groupby("year")["moves"].sum()
    assert (against(truth, grown, "ceased_18") == 0).all()


def test_legal_status_is_that_of_the_day(found: dict[str, pd.DataFrame], truth: Truth) -> None:
    codes = {"full_care_order": "C2", "interim_care_order": "C1", "placement_order": "E1", "voluntary_s20": "V2"}
    for group, code in {**codes, "other": "other"}.items():
        counts = by_year(found["legal_status"], "children", group=group)
        assert against(truth, counts, "legal_status", code).abs().max() <= 1


def test_children_of_a_day_are_the_stock_of_the_records(sample_records: Records) -> None:
    table = stocks(sample_records)
    for year in (2016, 2020, 2025):
        stock = sample_records.stock(last_day(year)).set_index("child_id")
        mine = table[table["year"] == year].set_index("child_id")
        assert sorted(mine.index) == sorted(stock.index)
        for column in ("kind", "age_band"):
            assert mine[column].astype(str).to_dict() == stock[column].astype(str).to_dict()


def test_starts_and_ceases_are_plain_counts_of_children(
    sample_records: Records, found: dict[str, pd.DataFrame]
) -> None:
    periods, table = sample_records.periods, found["children_by_year"].set_index("year")
    for year in sample_records.years:
        first, last = pd.Timestamp(year - 1, 4, 1), pd.Timestamp(year, 3, 31)
        started = periods[(periods["started"] >= first) & (periods["started"] <= last) & ~periods["left_censored"]]
        ended = periods[(periods["ended"] >= first) & (periods["ended"] <= last)]
        assert table.loc[year, ["started", "periods_started"]].tolist() == [started["child_id"].nunique(), len(started)]
        assert table.loc[year, ["ceased", "periods_ceased"]].tolist() == [ended["child_id"].nunique(), len(ended)]


def test_the_movement_adds_up_and_hardly_anything_is_not_explained(found: dict[str, pd.DataFrame]) -> None:
    table = found["children_by_year"]
    closing = table["opening"] + table["periods_started"] - table["periods_ceased"] + table["not_explained"]
    assert (closing == table["looked_after"]).all()
    assert table["opening"].tolist()[1:] == table["looked_after"].tolist()[:-1]
    assert table["not_explained"].abs().max() <= 1


def test_the_rate_divides_by_the_middle_of_the_year_before(found: dict[str, pd.DataFrame]) -> None:
    """307 looked after on 31 March 2025, 54,244 children aged 0 to 17 in mid-2024 (ONS): 56.6 per 10,000."""
    last = found["children_by_year"].set_index("year").loc[2025]
    assert last["population"] == 54244
    assert last["rate"] == pytest.approx(307 / 54244 * 10_000)


def test_margins_add_up(found: dict[str, pd.DataFrame]) -> None:
    table = found["age_by_kind"]
    for year, rows in table.groupby("year"):
        cells = rows.pivot(index="age_band", columns="kind", values="children")
        inner = cells.drop(index="all", columns="all")
        assert (inner.sum(axis=0) == cells.loc["all"].drop("all")).all()
        assert (inner.sum(axis=1) == cells["all"].drop("all")).all()
        assert inner.to_numpy().sum() == cells.loc["all", "all"]
        assert cells.loc["all", "all"] == by_year(found["children_by_year"], "looked_after")[year]


@pytest.mark.parametrize("name", ["provider_codes", "legal_status", "needs", "placements_in_year", "providers"])
def test_shares_add_up_to_one(found: dict[str, pd.DataFrame], name: str) -> None:
    table = found[name]
    if name == "providers":
        assert (by_year(table, "share", group="all") == 1).all()
        table = table[table["group"] != "all"]
    assert np.allclose(table.groupby("year")["share"].sum(), 1)
    totals = by_year(found["children_by_year"], "looked_after")
    assert (table.groupby("year")["children"].sum() == totals).all()


def test_three_ways_of_place_and_distance_count_the_same_children(found: dict[str, pd.DataFrame]) -> None:
    place, far = found["borough"].set_index(["year", "group"]), found["distance"].set_index(["year", "group"])
    ways = (["inside", "outside", "unknown"], ["within", "over", "unknown"])
    assert (place[ways[0]].sum(axis=1) == far[ways[1]].sum(axis=1)).all()
    totals = place[ways[0]].sum(axis=1).unstack("group")
    children = found["children_by_year"].set_index("year")
    assert (totals["all"] == children["looked_after"]).all()
    assert (totals["new_into_care"] == children["started"]).all()
    known = far["within"] + far["over"]
    assert np.allclose(far["share_over_of_known"], far["over"] / known)
    assert np.allclose(far["share_over_of_all"], far["over"] / (known + far["unknown"]))


def test_flows_carry_the_kinds_from_one_31_march_to_the_next(
    sample_records: Records, found: dict[str, pd.DataFrame]
) -> None:
    """What came to a kind less what left it is its change; unseen starts are none in the sample's later years."""
    table, stock = found["flows"], found["age_by_kind"]
    for kind in KINDS:
        counts = by_year(stock[stock["age_band"] == "all"], "children", kind=kind)
        for year in (2018, 2025):
            rows = table[table["year"] == year]
            change = rows.loc[rows["to"] == kind, "moves"].sum() - rows.loc[rows["from"] == kind, "moves"].sum()
            assert counts[year] - counts[year - 1] == change
    years = table[table["year"] != "all"].groupby(["from", "to"])["moves"].sum()
    whole = table[table["year"] == "all"].set_index(["from", "to"])["moves"]
    assert (years.sort_index() == whole.sort_index()).all()
    assert set(table["from"]) <= {"started", *KINDS}
    assert set(table["to"]) <= {*KINDS, "other_exit", *EXIT_REASONS[:-1]}


def test_a_change_of_status_with_the_same_carer_is_no_move(
    sample_records: Records, found: dict[str, pd.DataFrame]
) -> None:
    placements = sample_records.placements
    same = placements["reason_started"].isin(["T", "U"]) & (placements["kind"] == "in_house_fostering")
    assert same.sum() > 50
    rows = placements.sort_values(["period", "started"])
    follows = rows["period"].eq(rows["period"].shift())
    stays = follows & rows["kind"].eq("in_house_fostering") & rows["kind"].shift().eq("in_house_fostering")
    moved = stays & ~rows["reason_started"].isin(["T", "U"]) & (rows["started"] >= "2015-04-01")
    table = found["flows"]
    row = (table["year"] == "all") & (table["from"] == "in_house_fostering") & (table["to"] == "in_house_fostering")
    assert table.loc[row, "moves"].tolist() == [moved.sum()]


def test_past_measures_are_made_of_the_other_tables(sample_records: Records, found: dict[str, pd.DataFrame]) -> None:
    table = found["past_measures"]
    shares = table["denominator"].notna()
    assert np.allclose(
        table.loc[shares, "value"].astype(float),
        (table.loc[shares, "numerator"] / table.loc[shares, "denominator"]).astype(float),
    )
    kinds = found["age_by_kind"].query("age_band == 'all'")
    fostered = sum(by_year(kinds, "children", kind=kind) for kind in FOSTERING_KINDS)
    assert (by_year(table, "denominator", measure="kinship_share") == fostered).all()
    rows = table[(table["measure"] == "over_limit_all") & (table["unit"] == "share of known")]
    as_used = past_shares(sample_records, sample_records.data_to, 20.0)
    assert 1 - rows.set_index("year")["value"][2025] == pytest.approx(as_used["within"])


def test_stability_is_that_of_a_plain_loop(sample_records: Records, found: dict[str, pd.DataFrame]) -> None:
    """Child by child for one year, by DfE's words: under 16, in care 2.5 years, the same carer for 2."""
    day, long_ago, since = pd.Timestamp("2025-03-31"), pd.Timestamp("2022-09-30"), pd.Timestamp("2023-03-31")
    stock = sample_records.stock(day)
    begun = sample_records.periods.set_index("period")["started"]
    stable, of = 0, 0
    for row in stock[stock["age"] < 16].itertuples():
        if begun[row.period] > long_ago:
            continue
        of += 1
        history = sample_records.placements.query("period == @row.period and started <= @day").sort_values("started")
        spans, kinds = [], []
        for placement in history.itertuples():
            if not spans or placement.reason_started not in ("T", "U"):
                spans.append(placement.started)
                kinds.append(placement.kind)
            else:
                kinds[-1] = placement.kind
        start = spans[-2] if kinds[-1] == "adoption" and len(spans) > 1 else spans[-1]
        stable += start <= since
    row = found["past_measures"].query("measure == 'same_placement_two_years' and year == 2025").iloc[0]
    assert (row["numerator"], row["denominator"]) == (stable, of)


def test_stability_is_empty_where_the_returns_do_not_reach_back(found: dict[str, pd.DataFrame]) -> None:
    values = by_year(found["past_measures"], "value", measure="same_placement_two_years")
    assert values.loc[[2016, 2017]].isna().all()
    assert values.loc[2018:].between(0.3, 0.95).all()


def test_sibling_groups_count_every_child_of_the_register(
    sample_records: Records, found: dict[str, pd.DataFrame]
) -> None:
    table = found["sibling_groups"].set_index("size")
    assert table["children"].sum() == len(sample_records.child_register)
    grown = table.drop(index="1")
    assert (grown["together"] + grown["apart"] + grown["unknown"] == grown["children"]).all()
    assert table.loc["2", "children"] == 2 * table.loc["2", "groups"]


def test_districts_add_up_to_the_children_of_the_latest_day(found: dict[str, pd.DataFrame]) -> None:
    pairs, areas = found["origins_and_places"], found["areas"].set_index("area")
    assert pairs["children"].sum() == 307
    assert areas["children_from"].sum() == areas["children_placed"].sum() == 307
    outside = pairs[pairs["home_area"] == "all homes"].set_index("place_area")["children"]
    places = pairs.groupby("place_area")["children"].sum()
    assert (areas["children_placed"][places.index] == places).all()
    assert outside.index.str.fullmatch("[A-Z]{1,2}").all()
    assert 120 < outside.sum() < 150, "45% of the children live outside the area"
    homes = pairs[pairs["home_area"] != "all homes"].groupby("home_area")["children"].sum()
    assert (areas["children_from"][homes.index] >= homes).all()
    assert {"SN1", "SN6", "SN", "OX"} <= set(areas.index)
    assert "SN8" not in areas.index, "most of it lies in Wiltshire"
    assert areas.drop(index="unknown")["latitude"].between(49, 61).all()
    assert np.isnan(areas.loc["unknown", "latitude"])


def test_a_region_has_its_authorities_below_the_whole(region: Records) -> None:
    whole = tables.children_by_year(region)
    assert whole.columns[0] == "authority"
    assert whole["authority"].unique().tolist() == ["all", "Large", "Little"]
    wide = whole.pivot(index="year", columns="authority", values="looked_after")
    assert (wide["all"] == wide["Large"] + wide["Little"]).all()
    assert whole.loc[whole["authority"] != "all", "population"].isna().all(), "only the region's population is known"
    siblings = tables.sibling_groups(region)
    parts = siblings.groupby("authority")["children"].sum()
    assert parts["all"] == parts["Large"] + parts["Little"]
    alone = tables.borough(region.of_authority("Little"))
    rows = tables.borough(region).query("authority == 'Little'").drop(columns="authority").reset_index(drop=True)
    pd.testing.assert_frame_equal(rows, alone)


def test_an_authority_counts_in_the_years_that_its_returns_cover(region: Records) -> None:
    """Little's returns begin in 2020: before, the region is Large alone; its first opening is what it brought."""
    later = region.coverage["authority"] == "Little"
    coverage = region.coverage.assign(first_day=region.coverage["first_day"].mask(later, pd.Timestamp("2019-04-01")))
    before, after = (tables.children_by_year(one) for one in (region, replace(region, coverage=coverage)))
    assert after.query("authority == 'Little'")["year"].tolist() == list(range(2020, 2026))
    wide = {
        name: table.pivot(index="year", columns="authority", values="looked_after")
        for name, table in (("all", before), ("part", after))
    }
    assert (wide["part"].loc[:2019, "all"] == wide["all"].loc[:2019, "Large"]).all()
    assert (wide["part"].loc[2020:, "all"] == wide["all"].loc[2020:, "all"]).all()
    opening = after.set_index(["authority", "year"])["opening"]
    assert opening["Little", 2020] == wide["all"].loc[2019, "Little"]
    closing = after["opening"] + after["periods_started"] - after["periods_ceased"] + after["not_explained"]
    assert (closing == after["looked_after"]).all()
