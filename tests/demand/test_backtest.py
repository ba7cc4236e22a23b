"""The back-test: what is hidden stays hidden, scores are those of the outcomes, and odd requests are told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sufficiency import InputError, Records, Scenario, backtest
from sufficiency.demand.backtest.methods import damped_trend, exponential_smoothing, no_change, quantiles
from sufficiency.demand.scores import LEVELS
from sufficiency.ranges import RANGE_COLUMNS

YEARS = range(2010, 2026)


@pytest.fixture(scope="module")
def past(sample_records: Records):
    return backtest(sample_records, origins=[2019, 2022], paths=40)


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    generator = np.random.default_rng(5)
    rows = []
    for code in range(101, 113):
        stock = 300.0
        for year in YEARS:
            starts = generator.poisson(0.42 * stock)
            ceases = generator.binomial(int(stock), 0.42)
            rows.append((str(code), year, round(stock), starts, ceases, 50_000))
            stock = max(stock + starts - ceases, 20) * np.exp(0.05 * generator.standard_normal())
    return pd.DataFrame(rows, columns=["la_code", "year", "cla", "starts", "ceases", "population"])


def test_forecasts_have_the_columns_of_the_contract(past) -> None:
    table = past.forecasts()
    assert table.columns.tolist() == ["series", "origin", "horizon", *RANGE_COLUMNS, "actual"]
    assert set(table["origin"]) == {"2019", "2022"}
    assert table["series"].iloc[0] == "total"
    assert {"age_band:10-15", "kind:ifa"} <= set(table["series"])
    assert len(table) == 2 * 5 * 15


def test_actual_is_a_plain_count_and_empty_where_the_year_has_not_come(past, sample_records: Records) -> None:
    table = past.forecasts().set_index(["series", "origin", "horizon"])["actual"]
    assert table["total", "2019", 3] == len(sample_records.stock("2022-03-31"))
    teens = sample_records.stock("2024-03-31")
    assert table["age_band:10-15", "2022", 2] == (teens["age_band"] == "10-15").sum()
    assert table["kind:ifa", "2022", 2] == (teens["kind"] == "ifa").sum()
    assert np.isnan(table["total", "2022", 4])


def test_what_came_after_the_origin_changes_no_forecast(past, sample_records: Records) -> None:
    """Every placement and period that began after 31 March 2022 is removed and every later end is shifted."""
    day = pd.Timestamp("2022-03-31")
    placements = sample_records.placements[sample_records.placements["started"] <= day]
    moved = placements["ended"].mask(placements["ended"] > day, pd.Timestamp("2024-12-24"))
    periods = sample_records.periods[sample_records.periods["started"] <= day]
    population = sample_records.population.assign(
        population=lambda rows: rows["population"].where(rows["year"] < 2022, 9 * rows["population"])
    )
    other = replace(
        sample_records,
        placements=placements.assign(ended=moved).reset_index(drop=True),
        periods=periods.assign(ended=periods["ended"].mask(periods["ended"] > day)).reset_index(drop=True),
        population=population,
    )
    columns = ["series", "horizon", *RANGE_COLUMNS]
    before = past.forecasts().query("origin == '2022'")[columns].reset_index(drop=True)
    after = backtest(other, origins=[2022], paths=40).forecasts()[columns]
    pd.testing.assert_frame_equal(before, after)


def test_scores_are_those_of_the_forecasts(past) -> None:
    rows = past.forecasts().query("series == 'total' and actual.notna()")
    scores = past.scores().query("series == 'total' and method == 'projection' and horizon == 'all'").iloc[0]
    assert scores["n"] == len(rows) == 8
    assert scores["mape"] == pytest.approx((100 * (rows["p50"] - rows["actual"]).abs() / rows["actual"]).mean())
    inside = (rows["p10"] <= rows["actual"]) & (rows["actual"] <= rows["p90"])
    assert scores["coverage_80"] == pytest.approx(100 * inside.mean())
    assert past.held() == (inside.sum(), 8)
    assert past.finding() == f"In 8 past forecasts, {inside.sum()} outcomes fell inside the 80% range"


def test_tenths_add_up_to_a_hundred(past) -> None:
    assert past.spread_of_outcomes().groupby("series")["share"].sum().to_numpy() == pytest.approx([100] * 3)


def test_points_of_the_simple_methods() -> None:
    """100, 110: no change stays; the damped trend adds 7, then 4.9, then 3.43."""
    known = np.array([100.0, 110.0])
    assert no_change(known, 3).tolist() == [110, 110, 110]
    assert damped_trend(known, 3) == pytest.approx([117, 121.9, 125.33])
    assert exponential_smoothing(known, 2).tolist() == [110, 110]
    level = exponential_smoothing(np.array([200.0, 205, 195, 202, 198, 201, 199, 200]), 3)
    assert level == pytest.approx([200, 200, 200], abs=4)


def test_ranges_of_the_simple_methods_come_from_their_own_past_errors() -> None:
    """Counts that go up and down by a tenth: no change has always missed by log 1.1 a year ahead, by none two ahead."""
    known = np.array([100.0, 110] * 5)
    ranges = quantiles(no_change, known, 2, {})
    half = 0.5
    spread = np.log((110 + half) / (100 + half))
    assert ranges[0, LEVELS.index(0.9)] == pytest.approx((110 + half) * np.exp(1.2815516 * spread) - half)
    assert np.ptp(ranges[1]) == pytest.approx(0, abs=1e-9)


def test_a_panel_uses_nothing_after_the_origin(panel: pd.DataFrame) -> None:
    changed = panel.assign(cla=panel["cla"].where(panel["year"] <= 2018, 3 * panel["cla"]))
    columns = ["series", "origin", "horizon", *RANGE_COLUMNS]
    first, second = (backtest(each, origins=[2015, 2018], paths=50) for each in (panel, changed))
    pd.testing.assert_frame_equal(first.forecasts()[columns], second.forecasts()[columns])
    assert first.scores()["series"].unique().tolist() == ["all"]
    assert first.forecasts()["series"].nunique() == 12


def test_same_seed_same_forecasts(panel: pd.DataFrame) -> None:
    first, second = (backtest(panel, origins=[2016], paths=50).forecasts() for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_origins_outside_the_data_are_told_all_at_once(sample_records: Records, panel: pd.DataFrame) -> None:
    with pytest.raises(InputError) as told:
        backtest(sample_records, origins=["last spring", "2012", "2019", "2025"])
    assert "last spring" in str(told.value)
    assert "2012-03-31" in str(told.value)
    assert "2025-03-31" in str(told.value)
    assert "2019" not in str(told.value)
    with pytest.raises(InputError, match="2031"):
        backtest(panel, origins=[2031])
    with pytest.raises(InputError, match="no year and no date"):
        backtest(sample_records, origins=["last spring"])


def test_one_year_of_returns_has_no_past_to_forecast_from(sample_records: Records) -> None:
    first = sample_records.data_to - pd.DateOffset(years=1) + pd.Timedelta(days=1)
    short = replace(sample_records, coverage=sample_records.coverage.assign(first_day=first))
    with pytest.raises(InputError, match="two years"):
        backtest(short)


def test_a_year_without_a_return_is_left_out(sample_records: Records) -> None:
    coverage = pd.concat(
        [
            sample_records.coverage.assign(last_day=pd.Timestamp("2020-03-31")),
            sample_records.coverage.assign(first_day=pd.Timestamp("2021-04-01")),
        ]
    )
    holed = backtest(replace(sample_records, coverage=coverage), paths=20, years=2)
    days = {f"{day:%Y}" for day in holed.origins}
    assert {"2019", "2020", "2022"} <= days
    assert "2021" not in days
    table = holed.forecasts().set_index(["series", "origin", "horizon"])["actual"]
    assert table["total", "2020", 2] == len(sample_records.stock("2022-03-31"))


def test_files_are_written_together_and_read_by_people(past, tmp_path: Path) -> None:
    past.export(tmp_path / "out")
    names = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert names == {
        "README.txt",
        "forecasts.csv",
        "scores.csv",
        "backtest.html",
        "charts/backtest.png",
        "charts/backtest.svg",
    }
    page = (tmp_path / "out" / "backtest.html").read_text(encoding="utf-8")
    assert past.finding() in page
    assert "http" not in page.replace("http://www.w3.org", "")
    assert "Synthetic" in page
    assert "No change" in page
    table = pd.read_csv(tmp_path / "out" / "forecasts.csv")
    assert table.columns[:3].tolist() == ["series", "origin", "horizon"]


def test_a_chart_of_the_projection_shows_past_forecasts(past, sample_records: Records) -> None:
    from sufficiency import project

    demand = project(sample_records, Scenario(name="x").with_changes({"horizon.paths": 10}), spells=False)
    chart = demand.chart(past=past)
    assert past.finding() in " ".join(chart.title.subtitle)
    assert len(past.ghosts()) == 2 * 6


def without(records: Records, first: str, last: str) -> Records:
    """Records whose returns of some whole years are missing."""
    before = records.coverage.assign(last_day=pd.Timestamp(first) - pd.Timedelta(days=1))
    return replace(records, coverage=pd.concat([before, records.coverage.assign(first_day=pd.Timestamp(last))]))


def test_two_missing_returns_in_a_row_leave_outcomes_empty(sample_records: Records) -> None:
    """The first five covered days after 31 March 2018 reach beyond five years: 2020 and 2021 are missing between."""
    holed = backtest(without(sample_records, "2019-04-01", "2021-04-01"), origins=[2018], paths=20)
    actual = holed.forecasts().query("series == 'total'").set_index("horizon")["actual"]
    assert actual.isna().tolist() == [False, True, False, False, False]
    assert actual[5] == len(sample_records.stock("2023-03-31"))


def test_levers_of_today_are_not_at_work_in_the_past(sample_records: Records) -> None:
    plan = Scenario(name="plan").with_changes(
        {"demand.entries": 0.5, "demand.reunification.multiplier": 2.0, "demand.uasc_transfer.transferred": 0.5}
    )
    with_plan = backtest(sample_records, origins=[2020], paths=20, scenario=plan)
    pd.testing.assert_frame_equal(with_plan.forecasts(), backtest(sample_records, origins=[2020], paths=20).forecasts())


def test_a_day_that_one_authority_of_a_region_lacks_is_not_known(sample_records: Records) -> None:
    """The second authority's returns end in 2023: no outcome of the region is known after it."""
    parts = [
        {
            name: frame.assign(
                authority=authority,
                **{key: authority + frame[key].astype(str) for key in ("child_id", "period") if key in frame},
            )
            for name, frame in {n: getattr(sample_records, n) for n in ("children", "placements", "periods")}.items()
        }
        for authority in ("North", "South")
    ]
    coverage = pd.concat([sample_records.coverage.assign(authority=name) for name in ("North", "South")])
    coverage.loc[coverage["authority"] == "South", "last_day"] = pd.Timestamp("2023-03-31")
    region = replace(
        sample_records,
        child_register=None,
        data_to=pd.Timestamp("2023-03-31"),
        coverage=coverage.reset_index(drop=True),
        **{name: pd.concat([part[name] for part in parts], ignore_index=True) for name in parts[0]},
    )
    actual = backtest(region, origins=[2021], paths=20).forecasts().query("series == 'total'")["actual"]
    assert actual.isna().tolist() == [False, False, True, True, True]
    assert actual.iloc[0] == 2 * len(sample_records.stock("2022-03-31"))


def test_smoothing_that_was_no_change_is_counted(past) -> None:
    """Returns from 1 April 2015 give five yearly counts at 31 March 2019 and eight at 2022; there are 15 series."""
    assert past.without_smoothing() == (15, 30)
