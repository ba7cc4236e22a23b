"""Odd records: nothing raises, every table keeps its columns, and what is not there is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from sufficiency import InputError, Profile, Records, profile
from sufficiency.demand.profile.answer import CHARTS


def emptied(values: pd.Series) -> pd.Series:
    return values.mask(values.notna())


def without_places(records: Records) -> Records:
    """No postcode anywhere."""
    points = [name for name in records.placements.columns if name.startswith(("home_", "place_"))]
    unknown = {name: emptied(records.placements[name]) for name in [*points, "miles", "authority_of_place"]}
    return replace(records, placements=records.placements.assign(**unknown))


def without_registers(records: Records) -> Records:
    return replace(records, child_register=None, homes=None, carers=None, prices=None, population=None)


def without_uasc(records: Records) -> Records:
    return replace(records, children=records.children.assign(uasc=False))


def before_any_31_march(records: Records) -> Records:
    return records.as_of("2015-09-30")


def in_mid_year(records: Records) -> Records:
    return records.as_of("2024-09-30")


def one_year(records: Records) -> Records:
    return records.as_of("2016-03-31")


def hardly_any(records: Records) -> Records:
    few = records.children["child_id"].head(7)
    tables = {
        name: table[table["child_id"].isin(few)].reset_index(drop=True)
        for name, table in (
            ("children", records.children),
            ("placements", records.placements),
            ("periods", records.periods),
        )
    }
    return replace(records, **tables)


CASES = (
    without_places, without_registers, without_uasc, before_any_31_march, in_mid_year, one_year, hardly_any,
)  # fmt: skip


@pytest.fixture(scope="module")
def usual(sample_records: Records) -> Profile:
    return profile(sample_records)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_every_table_keeps_its_columns(
    case: Callable[[Records], Records], sample_records: Records, usual: Profile
) -> None:
    answer = profile(case(sample_records))
    for name, table in answer.tables().items():
        assert table.columns.tolist() == usual.tables()[name].columns.tolist(), name
    for name, table in answer.published_tables().items():
        assert table.columns.tolist() == usual.published_tables()[name].columns.tolist(), name


@pytest.mark.parametrize("case", [before_any_31_march, hardly_any, without_places], ids=lambda case: case.__name__)
def test_every_chart_is_drawn(case: Callable[[Records], Records], sample_records: Records) -> None:
    charts = profile(case(sample_records)).charts()
    assert set(charts) == set(CHARTS) - {"against_published"}
    assert all(chart.to_dict() for chart in charts.values())


def test_unknown_places_are_counted_as_unknown(sample_records: Records) -> None:
    tables = profile(without_places(sample_records)).tables()
    for name, known in (("borough", ["inside", "outside"]), ("distance", ["within", "over"])):
        assert (tables[name][known] == 0).all(axis=None)
        assert tables[name]["unknown"].sum() > 0
        assert tables[name].filter(like="_of_known").isna().all(axis=None)
    assert tables["areas"]["area"].tolist() == ["unknown"]
    assert tables["origins_and_places"].iloc[0].tolist() == ["unknown", "unknown", 307]


def test_unknown_codes_are_rows_of_their_own(sample_records: Records) -> None:
    blank = {name: emptied(sample_records.placements[name]) for name in ("provider", "need", "legal_status")}
    placements = sample_records.placements.assign(**blank)
    tables = profile(replace(sample_records, placements=placements, legal_statuses=None)).tables()
    for name, column in (("provider_codes", "provider"), ("needs", "need"), ("legal_status", "group")):
        rows = tables[name][tables[name]["year"] == 2025].set_index(column)["children"]
        assert rows["unknown"] == rows.sum() == 307


def test_three_children_are_hidden_but_counted(few: Records) -> None:
    answer = profile(few)
    row = answer.tables()["children_by_year"].iloc[0]
    assert row[["year", "looked_after", "started", "ceased", "opening"]].tolist() == [2024, 2, 3, 1, 0]
    assert pd.isna(row["population"])
    assert pd.isna(row["rate"])
    shown = answer.published_tables()["children_by_year"].iloc[0]
    assert shown[["looked_after", "started", "ceased"]].tolist() == ["c", "c", "c"]
    flows = answer.tables()["flows"].query("year == 'all'")
    moves = {(row["from"], row["to"]): row["moves"] for row in flows.to_dict("records")}
    assert moves == {
        ("started", "in_house_fostering"): 1,
        ("started", "ifa"): 1,
        ("started", "residential"): 1,
        ("ifa", "returned_home"): 1,
    }
    assert "2024" in repr(answer)


def test_a_period_that_no_return_shows_the_start_of_is_not_explained(few: Records) -> None:
    periods = few.periods.assign(left_censored=few.periods["child_id"] == "A")
    row = profile(replace(few, periods=periods)).tables()["children_by_year"].iloc[0]
    assert row[["opening", "periods_started", "periods_ceased", "not_explained", "looked_after"]].tolist() == [
        0,
        2,
        1,
        1,
        2,
    ]


def test_a_population_without_every_age_gives_no_rate(sample_records: Records) -> None:
    part = sample_records.population.query("age < 17")
    table = profile(replace(sample_records, population=part)).tables()["children_by_year"]
    assert table["population"].isna().all()
    assert table["rate"].isna().all()


@pytest.mark.parametrize("limit", [0, -5, float("nan"), float("inf")])
def test_a_limit_that_is_no_distance_is_the_users_fault(few: Records, limit: float) -> None:
    with pytest.raises(InputError, match="limit_miles"):
        profile(few, limit_miles=limit)


def test_another_limit_moves_the_numbers_over_it(sample_records: Records) -> None:
    near, far = (profile(sample_records, limit_miles=miles).tables()["distance"] for miles in (10, 40))
    assert (near["over"] > far["over"]).all()
    assert (near["unknown"] == far["unknown"]).all()


def test_an_unknown_chart_is_named_with_those_there_are(few: Records) -> None:
    with pytest.raises(InputError, match="Use one of children_by_year"):
        profile(few).chart("piechart")
