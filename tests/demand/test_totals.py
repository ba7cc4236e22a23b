"""Authorities projected from published totals alone: worked cases, promises that hold for any panel, calibration."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sufficiency as sf
from sufficiency.demand.totals.growth import estimate_growth
from sufficiency.demand.totals.levels import estimate_levels
from sufficiency.demand.totals.panel import up_to
from sufficiency.demand.totals.simulation import Origin, simulate
from sufficiency.demand.totals.turnover import estimate_turnover
from sufficiency.streams import stream

STILL = sf.TotalsSettings(own_shock=0, growth_shock=0, growth_once=0, turnover_shock=0, turnover_shock_common=0,
                          rate_reversion=0)  # fmt: skip


def invented(authorities: int = 12, years: int = 10, seed: int = 1, first: int = 2010) -> pd.DataFrame:
    """Councils that follow another model than the library's: persistent log shocks to starts and to the exit rate."""
    chance = np.random.default_rng(seed)
    size = np.exp(chance.normal(6, 0.6, authorities))
    stock, rows = chance.poisson(size), []
    starts_shock, exit_shock = chance.normal(0, 0.2, authorities), chance.normal(0, 0.15, authorities)
    for year in range(first - 10, first + years):
        starts_shock = 0.9 * starts_shock + chance.normal(0, 0.11, authorities)
        exit_shock = 0.9 * exit_shock + chance.normal(0, 0.09, authorities)
        starts = chance.poisson(0.4 * size * np.exp(starts_shock))
        ceases = chance.binomial(stock, np.minimum(0.4 * np.exp(exit_shock), 0.9))
        stock = stock + starts - ceases
        rows.append(pd.DataFrame({"la_code": [f"{i:03}" for i in range(authorities)], "year": year, "cla": stock,
                                  "starts": starts, "ceases": ceases, "population": (180 * size).round()}))  # fmt: skip
    panel = pd.concat(rows, ignore_index=True)
    return panel[panel["year"] >= first].reset_index(drop=True)


def origin(stock: float, **changes: float) -> Origin:
    values = {"gap": 0.0, "reversion": 0.0, "turnover": np.log(0.42), "turnover_sd": 0.0,
              "pooled_turnover": np.log(0.42), "residual": 0.0, "volatility": 1.0, "weight": 1e9}  # fmt: skip
    return Origin(stock, np.array([np.log(stock), 0.0]), np.zeros((2, 2)), **(values | changes))


# --- worked by hand -------------------------------------------------------------------------------------------------


def test_common_growth_of_one_year_is_shrunk_as_worked_by_hand() -> None:
    """Four authorities grow by 3%, each with variance 0.0064: the mean's is 0.0016, growth's own 0.0004, once 0.000144.

    Gain 0.0004 / 0.002144 = 0.186567; believed common 0.000544 / 0.002144 = 0.253731, each times 0.03.
    """
    growth = estimate_growth(np.full((4, 1), 0.03), np.full((4, 1), 0.0064), sf.TotalsSettings())
    assert growth.centre == pytest.approx(0.186567 * 0.03, abs=1e-7)
    assert growth.change == pytest.approx([0.253731 * 0.03], abs=1e-7)
    assert growth.sd == pytest.approx(np.sqrt(0.0004 * (1 - 0.186567)), abs=1e-7)


def test_residual_is_shrunk_as_worked_by_hand() -> None:
    """100 + 50 - 45 explains 105 of 110: 0.05 of the opening stock, once; the settings weigh (0.010/0.0037)² = 7.3046.

    Pooled (7.3046 x 0.007 + 0.05) / 8.3046 = 0.012178; the authority's (7.3046 x 0.012178 + 0.05) / 8.3046 = 0.016732.
    """
    frame = pd.DataFrame({"la_code": ["1", "1"], "year": [2020, 2021], "cla": [100, 110], "starts": [np.nan, 50],
                          "ceases": [np.nan, 45]})  # fmt: skip
    turnover = estimate_turnover(up_to(frame, None), sf.TotalsSettings())
    assert turnover.residual == pytest.approx([0.016732], abs=1e-6)
    assert np.exp(turnover.pooled) == pytest.approx(0.475)


def test_growth_is_believed_without_chance_and_is_luck_where_chance_is_large() -> None:
    """With no chance a rise of 10% is own growth whole; with chance without end it says nothing of growth."""
    stock = np.log([[400.0, 440.0], [400.0, 440.0]])
    levels = estimate_levels(stock, np.zeros(1), np.array([1e-9, 1e9]), np.full(2, 0.6), sf.TotalsSettings())
    assert levels.centre[:, 1] == pytest.approx([np.log(1.1), 0], abs=1e-6)
    assert levels.centre[0, 0] == pytest.approx(np.log(440))


def test_a_level_without_shocks_stays_where_it_is_and_grows_by_what_is_set() -> None:
    """A million children: chance cancels. Starts hold the level at 0.42 of it; growth of 2% a year compounds."""
    still = np.zeros((50, 5))
    flat = simulate(origin(1e6), still, still, STILL, stream(1, "flat"))
    assert flat.stock[:, 5].mean() == pytest.approx(1e6, rel=0.001)
    assert flat.starts.mean() == pytest.approx(0.42e6, rel=0.001)
    grown = simulate(origin(1e6, residual=0.01), still + 0.02, still, STILL, stream(1, "grown"))
    assert grown.stock[:, 5].mean() == pytest.approx(1e6 * np.exp(0.1), rel=0.001)
    assert grown.residual[:, 0].mean() == pytest.approx(1e4, rel=0.02)


def test_chance_alone_has_the_variance_of_the_formula_and_fades_at_the_exit_rate() -> None:
    """400 children, turnover 0.42, exit rate 0.42 / 1.294 = 0.3246: net variance of a year 400 x 0.42 x (1.75 x 0.7728²
    + 1) = 343.6; after five years the sum of 0.6754^(2k), k = 0..4, is 1.803 times that."""
    still = np.zeros((20_000, 5))
    ahead = simulate(origin(400), still, still, STILL, stream(2, "chance"))
    assert ahead.stock[:, 1].var() == pytest.approx(343.6, rel=0.05)
    assert ahead.stock[:, 5].var() == pytest.approx(343.6 * 1.803, rel=0.07)


def test_a_rate_far_above_the_panels_comes_back_by_the_share_that_is_set() -> None:
    """Twice the panel's rate, 2% of the gap a year: after five years 0.98^5 of log 2 is left."""
    still = np.zeros((50, 5))
    ahead = simulate(origin(1e6, gap=np.log(2), reversion=0.02), still, still, STILL, stream(3, "gap"))
    assert np.log(ahead.stock[:, 5].mean() / 2e6) == pytest.approx(np.log(2) * 0.98**5 - 2 * np.log(2), abs=0.002)


# --- for any panel --------------------------------------------------------------------------------------------------

COUNT = st.one_of(st.none(), st.integers(0, 900))
ROW = st.tuples(COUNT, COUNT, COUNT, st.one_of(st.none(), st.integers(1, 200_000)))


@st.composite
def panels(draw: st.DrawFn) -> pd.DataFrame:
    """Any counts, with holes, for up to four authorities; the last two years hold a stock of the first."""
    rows = [
        (code, year, *draw(ROW))
        for code in range(draw(st.integers(1, 4)))
        for year in range(2016, 2021)
        if draw(st.integers(0, 9)) or (code == 0 and year > 2018)
    ]
    frame = pd.DataFrame(rows, columns=["la_code", "year", "cla", "starts", "ceases", "population"])
    held = (frame["la_code"] == 0) & (frame["year"] > 2018)
    return frame.assign(cla=frame["cla"].astype(float).where(~held, frame["cla"].fillna(30).astype(float)))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(panels())
def test_every_path_of_any_panel_adds_up_and_starts_from_the_count(panel: pd.DataFrame) -> None:
    totals = sf.project_totals(panel, paths=20, years=3)
    now = panel[panel["year"] == 2020].dropna(subset="cla").set_index("la_code")["cla"].sort_index()
    assert totals.la_codes.tolist() == [str(code) for code in now.index]
    assert (totals.stock[:, :, 0] == now.to_numpy()[:, None]).all()
    assert (np.diff(totals.stock, axis=2) == totals.starts - totals.ceases + totals.residual).all()
    assert min(totals.stock.min(), totals.starts.min(), totals.ceases.min()) >= 0
    assert (np.diff(totals.forecasts().filter(like="p").to_numpy(), axis=1) >= 0).all()


@settings(max_examples=15, deadline=None)
@given(panels(), st.integers(0, 900), st.randoms(use_true_random=False))
def test_nothing_after_the_origin_and_no_order_of_rows_changes_anything(
    panel: pd.DataFrame, later: int, luck: object
) -> None:
    other = panel.assign(year=panel["year"] + 5, cla=later, starts=later, ceases=0, population=1)
    rows = list(range(len(panel) + len(other)))
    luck.shuffle(rows)  # type: ignore[attr-defined]
    mixed = pd.concat([panel, other]).iloc[rows]
    plain = sf.project_totals(panel, as_of=2020, paths=10, years=2)
    again = sf.project_totals(mixed, as_of=2020, paths=10, years=2)
    for name in ("la_codes", "stock", "starts", "ceases", "residual", "years_known", "volatility"):
        assert getattr(plain, name).tobytes() == getattr(again, name).tobytes(), name


def test_a_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    panel = invented()
    first, second, other = (sf.project_totals(panel, seed=seed, paths=50).stock for seed in (1, 1, 2))
    assert first.tobytes() == second.tobytes()
    assert (first != other).any()


def test_an_authority_keeps_its_chance_whoever_stands_beside_it() -> None:
    """Pooled figures shift a little when the panel changes, the draws of shocks do not: its paths move together."""
    panel = invented()
    whole, part = sf.project_totals(panel, paths=400), sf.project_totals(panel[panel["la_code"] < "008"], paths=400)
    row = [np.flatnonzero(totals.la_codes == "003")[0] for totals in (whole, part)]
    assert np.corrcoef(whole.stock[row[0], :, 5], part.stock[row[1], :, 5])[0, 1] > 0.75


# --- what is missing or odd -----------------------------------------------------------------------------------------


def test_stock_alone_is_enough_and_so_is_a_single_year() -> None:
    panel = invented(authorities=20)
    last = panel["year"].max()
    panel.loc[panel["la_code"] == "000", ["starts", "ceases", "population"]] = np.nan
    single = panel[(panel["la_code"] != "001") | (panel["year"] == last)]
    whole, cut = sf.project_totals(panel, paths=500), sf.project_totals(single, paths=500)
    ends = cut.table().query("la_code == '001'").iloc[-1]
    assert 1.25 * ends["low"] < ends["high"] < 2.5 * ends["low"]
    assert whole.basis()["years_known"].tolist() == [10] * 20
    assert cut.basis()["years_known"].tolist() == [10, 1, *[10] * 18]
    assert "one year" in cut.basis()["what_it_rests_on"][1]
    assert whole.starts[0].mean() == pytest.approx(0.4 * panel.loc[panel["la_code"] == "000", "cla"].iloc[-1], rel=0.3)


def test_own_growth_is_as_unsure_after_one_year_as_the_settings_say_and_surer_after_ten() -> None:
    held = np.log(np.full((2, 10), 400.0))
    held[0, :-1] = np.nan
    levels = estimate_levels(held, np.zeros(9), np.full(2, 0.8), np.full(2, 0.68), sf.TotalsSettings())
    assert levels.centre == pytest.approx(np.array([[np.log(400), 0]] * 2))
    assert levels.covariance[0, 1, 1] == pytest.approx(0.042**2 / (1 - 0.42**2))
    assert levels.covariance[1, 1, 1] < 0.75 * levels.covariance[0, 1, 1]


def test_a_gap_between_years_is_passed_over() -> None:
    panel = invented()
    gap = panel[(panel["la_code"] != "004") | ~panel["year"].isin([2015, 2016])]
    totals = sf.project_totals(gap, paths=200)
    assert totals.years_known[4] == 8
    assert np.isfinite(totals.table()["high"]).all()


def test_a_one_off_figure_widens_little_and_leaves_the_others_alone() -> None:
    panel = invented(authorities=30)
    slip = panel.copy()
    slip.loc[(slip["la_code"] == "005") & (slip["year"] == 2015), ["cla", "starts"]] *= 4
    plain, odd = (sf.project_totals(frame, paths=2000).forecasts().query("horizon == 5") for frame in (panel, slip))
    wide = [(table["p90"] - table["p10"]).to_numpy() for table in (plain, odd)]
    assert wide[1][5] / wide[0][5] < 1.35
    assert np.abs(np.delete(odd["p50"].to_numpy() / plain["p50"].to_numpy() - 1, 5)).max() < 0.03


def test_common_growth_is_shared_so_that_a_region_is_less_sure_than_its_parts_alone() -> None:
    """Were authorities independent, variances would add up; what is common to all does not cancel."""
    totals = sf.project_totals(invented(authorities=30), paths=2000)
    region = totals.sum()
    assert region.stock.shape == (1, 2000, 6)
    assert (region.stock[0] == totals.stock.sum(axis=0)).all()
    alone = np.sqrt(totals.stock[:, :, 5].var(axis=1).sum())
    assert region.stock[0, :, 5].std() > 1.3 * alone
    part = totals.sum(["003", "007"], name="two")
    assert part.la_codes.tolist() == ["two"]
    assert part.finding().startswith("two: ")
    assert region.la_codes.tolist() == ["30 authorities"]
    assert part.stock[0, 0, 0] == totals.stock[[3, 7], 0, 0].sum()
    with pytest.raises(ValueError, match="no projection is held for 999"):
        totals.sum(["999"])


# --- the answer -----------------------------------------------------------------------------------------------------


def test_tables_and_sentence() -> None:
    totals = sf.project_totals(invented(authorities=2), paths=300)
    table = totals.table(level=0.8)
    assert table.columns.tolist() == ["la_code", "year", "low", "middle", "high"]
    assert table["year"].tolist() == [*range(2019, 2025)] * 2
    forecasts = totals.forecasts()
    assert forecasts.columns[:3].tolist() == ["la_code", "horizon", "mean"]
    np.testing.assert_allclose(forecasts["p90"], table.loc[table["year"] > 2019, "high"])
    assert set(totals.flows()["flow"]) == {"starts", "ceases", "residual"}
    one = sf.project_totals(invented(authorities=1), paths=300)
    ends = one.table().iloc[-1]
    assert one.finding() == (
        f"authority 000: {one.stock[0, 0, 0]:,} children looked after in 2019; "
        f"between {ends['low']:,.0f} and {ends['high']:,.0f} in 2024 in 8 futures of 10"
    )
    assert repr(totals).startswith("Totals of 2 authorities: ")
    with pytest.raises(ValueError, match="level is 80"):
        totals.table(level=80)


@pytest.mark.parametrize("wrong", [{"years": 0}, {"paths": 0}])
def test_no_years_or_no_paths_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="both are at least 1"):
        sf.project_totals(invented(), **wrong)


# --- calibration and speed ------------------------------------------------------------------------------------------


def test_ranges_hold_what_they_say_on_councils_of_another_model() -> None:
    """Plain chance would hold a quarter of the outcomes at five years (four fifths are promised)."""
    panel = invented(authorities=80, years=16, seed=7)
    actual = panel.set_index(["la_code", "year"])["cla"]
    parts = [
        sf.project_totals(panel, as_of=year, paths=300).forecasts().assign(origin=year) for year in range(2013, 2021)
    ]
    scored = pd.concat(parts)
    scored["actual"] = actual.loc[
        list(zip(scored["la_code"], scored["origin"] + scored["horizon"], strict=True))
    ].to_numpy()
    inside = (scored["actual"] >= scored["p10"]) & (scored["actual"] <= scored["p90"])
    assert inside.groupby(scored["horizon"]).mean().between(0.68, 0.92).all()
    middle = ((scored["actual"] >= scored["p25"]) & (scored["actual"] <= scored["p75"])).mean()
    assert 0.42 < middle < 0.65
    error = (scored["p50"] / scored["actual"] - 1).abs().mean()
    now = actual.loc[list(zip(scored["la_code"], scored["origin"], strict=True))].to_numpy()
    assert error < (now / scored["actual"] - 1).abs().mean() * 1.02


def as_in_england(seed: int, authorities: int = 60, years: int = 16, first: int = 2010) -> pd.DataFrame:
    """Authorities whose log stock is a random walk of 0.07 a root-year beside the chance of flows, no drift going on.

    In England the yearly change has 0.076 to 0.080 a root-year at every horizon (about 80 authorities, DfE).
    """
    chance = np.random.default_rng(seed)
    stock, rows = np.round(np.exp(chance.normal(6, 0.6, authorities))), []
    for year in range(first, first + years):
        wanted = stock * np.exp(chance.normal(0, 0.07, authorities))
        ceases = chance.binomial(stock.astype(int), 0.42)
        starts = np.maximum(np.round(wanted - stock + ceases), 0)
        stock = np.maximum(stock + starts - ceases, 5)
        rows.append(pd.DataFrame({"la_code": [f"{i:03}" for i in range(authorities)], "year": year, "cla": stock,
                                  "starts": starts, "ceases": ceases, "population": 60_000}))  # fmt: skip
    return pd.concat(rows, ignore_index=True)


@pytest.mark.parametrize("seed", range(3))
def test_ranges_hold_four_fifths_where_authorities_move_as_englands_do(seed: int) -> None:
    panel = as_in_england(seed)
    actual = panel.set_index(["la_code", "year"])["cla"]
    scored = pd.concat(
        sf.project_totals(panel, as_of=year, paths=300).forecasts().assign(origin=year) for year in range(2013, 2021)
    )
    came = actual.loc[list(zip(scored["la_code"], scored["origin"] + scored["horizon"], strict=True))].to_numpy()
    inside = (came >= scored["p10"]) & (came <= scored["p90"])
    assert inside.groupby(scored["horizon"]).mean().between(0.72, 0.88).all()


def test_a_country_takes_a_moment() -> None:
    panel = invented(authorities=150, years=16)
    begun = time.perf_counter()
    sf.project_totals(panel, paths=1000)
    assert time.perf_counter() - begun < 5
