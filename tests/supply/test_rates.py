"""Rates of recruitment: the truth found again, cases still open, few cases, and what a scenario states."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sufficiency import Records, Scenario, forecast_places, load_scenario
from sufficiency.recruitment import FROM_REGISTER, Recruitment
from sufficiency.supply.leaving import posterior, rate_of, share_of, watched
from sufficiency.supply.national import national_figures
from sufficiency.supply.rates import PipelineRates, resolved
from sufficiency.supply.register import known_on

from .simulated_registers import AS_OF, Truth, register_from

ROOT = Path(__file__).resolve().parents[2]
NATIONAL = {name: figure.value for name, figure in national_figures().items()}
BANDS = ("under_1", "1_to_3", "3_to_5", "after_5")
LIKE_NATIONAL = Truth(
    shares=(0.12, 0.50), months=(3.0, 6.0), spreads=(0.5, 0.5), hazards=np.full(4, rate_of(0.14)),
    by_level=np.ones(3), levels=np.array([0.54, 0.36, 0.10]), places=np.array([0.45, 0.35, 0.15, 0.05]),
)  # fmt: skip


def some_truth(generator: np.random.Generator) -> Truth:
    """An authority's rates, as far from the national ones as authorities are (about a quarter)."""

    def share(middle: float) -> float:
        return 1 / (1 + np.exp(-(np.log(middle / (1 - middle)) + generator.normal(0, 0.25))))

    def times() -> float:
        return float(np.exp(generator.normal(0, 0.25)))

    hazards = rate_of(0.14) * times() * np.exp(generator.normal(0, 0.25, 4))
    return Truth(
        shares=(share(0.12), share(0.50)),
        months=(3 * times(), 6 * times()),
        spreads=(0.5 * times(), 0.5 * times()),
        hazards=hazards,
        by_level=np.exp(generator.normal(0, 0.25, 3)),
        levels=generator.dirichlet([27, 18, 5]),
        places=generator.dirichlet([22, 18, 8, 3]),
    )


def true_rates(truth: Truth, register: pd.DataFrame, years: int) -> dict[str, float]:
    """What each rate should come to: leaving as the mix of households that was watched would do it."""
    time = watched(known_on(register, AS_OF, years)).years[:, :3]
    hazard = truth.hazards[:, None] * truth.by_level
    by_band = (time * hazard).sum(axis=1) / time.sum(axis=1)
    found = {"attrition": share_of((time * hazard).sum() / time.sum())}
    found |= {f"attrition_{band}": share_of(rate) for band, rate in zip(BANDS, by_band, strict=True)}
    due = by_band @ time
    found |= {f"attrition_level_{at + 1}": (time * hazard)[:, at].sum() / due[at] for at in np.flatnonzero(due)}
    found |= {f"approvals_level_{level + 1}": share for level, share in enumerate(truth.levels)}
    found |= {f"approvals_places_{places + 1}": share for places, share in enumerate(truth.places)}
    for place, stage in enumerate(("enquiry_to_application", "application_to_approval")):
        found |= {stage: truth.shares[place], f"months_{stage}": truth.months[place],
                  f"spread_{stage}": truth.spreads[place]}  # fmt: skip
    return found


def rates_of(register: pd.DataFrame | None, **settings: object) -> PipelineRates:
    return resolved(Recruitment(**settings), register, AS_OF)[1]


def test_80_per_cent_ranges_hold_the_truth_of_70_to_90_per_cent_of_200_registers() -> None:
    """About 130 enquiries and 8 approvals a year over 5 to 8 years, cut off on the as-of day."""
    generator = np.random.default_rng(903)
    held: dict[str, list[bool]] = {}
    for _ in range(200):
        years, truth = int(generator.integers(5, 9)), some_truth(generator)
        register = register_from(truth, years, generator)
        rates = rates_of(register, rate_years=years)
        for name, value in true_rates(truth, register, years).items():
            held.setdefault(name, []).append(rates[name].low <= value <= rates[name].high)
    coverage = {name: np.mean(inside) for name, inside in held.items()}
    assert set(coverage) == {rate.rate for rate in rates.rates}
    assert {name: share for name, share in coverage.items() if not 0.70 <= share <= 0.90} == {}


def test_a_long_register_finds_the_truth_itself() -> None:
    """No bias shows where cases abound, ten times those of a council this size: all within 3.3 deviations."""
    register = register_from(LIKE_NATIONAL, 8, np.random.default_rng(1), enquiries_a_year=1300, opening=500)
    rates = rates_of(register, rate_years=8)
    for name, value in true_rates(LIKE_NATIONAL, register, 8).items():
        width = rates[name].high - rates[name].low
        assert abs(rates[name].used - value) < 1.3 * width, name
        assert width < 0.6 * value, name
        assert rates[name].weight_of_own > 0.9, name


def cohort(enquiries: int, applications: int, days_ago: int, after: int = 90) -> pd.DataFrame:
    """So many enquiries on one day, of which some led to applications ``after`` so many days; none was approved."""
    day = AS_OF - pd.Timedelta(days=days_ago)
    applied = [day + pd.Timedelta(days=after)] * applications + [pd.NaT] * (enquiries - applications)
    return pd.DataFrame({"enquired_on": day, "applied_on": applied, "approved_on": pd.NaT, "left_on": pd.NaT})


FIRST_FAILURE = cohort(1, 0, 1500)
"""The count begins after it."""


def test_a_conversion_without_open_cases_is_the_beta_posterior_by_hand() -> None:
    """200 enquiries three years ago, 30 applications: (50 × 0.12 + 30) ÷ (50 + 200) = 0.144; 200 of 250 are own."""
    rate = rates_of(pd.concat([FIRST_FAILURE, cohort(200, 30, 1100)]))["enquiry_to_application"]
    assert rate.used == pytest.approx(36 / 250, abs=1e-4)
    assert rate.own == pytest.approx(30 / 200, abs=1e-3)
    assert rate.weight_of_own == pytest.approx(200 / 250, abs=1e-3)
    assert rate.cases == 200


def test_enquiries_of_last_week_say_next_to_nothing() -> None:
    """Cases still open are not failures: 100 more that came this week leave the share where it was."""
    old = pd.concat([FIRST_FAILURE, cohort(200, 30, 1100)])
    before = rates_of(old)["enquiry_to_application"]
    after = rates_of(pd.concat([old, cohort(100, 0, 5)]))["enquiry_to_application"]
    assert after.cases == before.cases + 100
    assert after.used == pytest.approx(before.used, rel=0.01)
    assert after.low == pytest.approx(before.low, rel=0.01)


def test_a_register_that_keeps_only_approved_households_tells_no_conversion() -> None:
    """Old cases that came to nothing are not there, so a share of 100% would be an artefact."""
    register = pd.DataFrame({"enquired_on": [AS_OF - pd.Timedelta(days=900)] * 20})
    register["applied_on"] = register["enquired_on"] + pd.Timedelta(days=80)
    register["approved_on"] = register["applied_on"] + pd.Timedelta(days=180)
    rates = rates_of(register)
    for name in ("enquiry_to_application", "application_to_approval", "attrition"):
        assert rates[name].cases == 0
        assert rates[name].used == NATIONAL[name]
        assert rates[name].source == national_figures()[name].cited()


def test_attrition_is_the_gamma_posterior_by_hand() -> None:
    """Ten households watched for two years each, five of which leave at the end: 5 leavers in 20 years.

    (0.1508 × 20 + 5) ÷ (20 + 20) = 0.2004 a year, a share of 18.2%.
    """
    approved = AS_OF - pd.Timedelta(days=4000)
    first = AS_OF - pd.Timedelta(days=730.5)
    left = [first] + [AS_OF] * 5 + [pd.NaT] * 5
    register = pd.DataFrame({"approved_on": approved, "left_on": left, "level": [2] * 11})
    rate = rates_of(register)["attrition"]
    assert rate.cases == pytest.approx(20, abs=0.1)
    assert rate.used == pytest.approx(share_of((rate_of(0.14) * 20 + 5) / 40), abs=1e-3)
    assert rate.own == pytest.approx(share_of(5 / 20), abs=1e-3)
    assert rate.low < rate.used < rate.high


def test_a_gamma_without_cases_is_its_prior() -> None:
    assert posterior(0, 0, 0.15, 20).mean == pytest.approx(0.15)


EMPTY = pd.DataFrame({name: pd.Series([], dtype="datetime64[us]") for name in
                      ("enquired_on", "applied_on", "approved_on", "left_on")})  # fmt: skip
ONE = pd.DataFrame({"approved_on": [AS_OF - pd.Timedelta(days=400)], "level": [2], "places": [3]})
ONLY_APPROVED = pd.concat([ONE] * 30, ignore_index=True)
ONE_LEFT = ONE.assign(left_on=AS_OF - pd.Timedelta(days=10))
OUT_OF_ORDER = pd.DataFrame({
    "enquired_on": [AS_OF - pd.Timedelta(days=500)] * 3,
    "applied_on": [AS_OF - pd.Timedelta(days=600), AS_OF - pd.Timedelta(days=400), pd.NaT],
    "approved_on": [AS_OF - pd.Timedelta(days=300), AS_OF - pd.Timedelta(days=450), AS_OF + pd.Timedelta(days=9)],
    "left_on": [AS_OF - pd.Timedelta(days=350), pd.NaT, pd.NaT],
    "level": pd.array([1, None, None], dtype="Int64"),
})  # fmt: skip
SAME_DAY = pd.concat([FIRST_FAILURE, cohort(60, 60, 500, after=0)])


@pytest.mark.parametrize(
    "register",
    [None, EMPTY, ONE, ONLY_APPROVED, ONE_LEFT, OUT_OF_ORDER, FIRST_FAILURE, SAME_DAY, cohort(40, 0, 20)],
    ids=["none", "empty", "one", "only approved", "one left", "out of order", "one failure", "same day", "all open"],
)
def test_a_thin_or_odd_register_gives_sensible_rates(register: pd.DataFrame | None) -> None:
    settings, rates = resolved(Recruitment(), register, AS_OF)
    table = rates.table()
    assert table.drop(columns="own_estimate").notna().all(axis=None)
    assert (table["low"] <= table["used"]).all()
    assert (table["used"] <= table["high"]).all()
    assert (table["low"] >= 0).all()
    assert table["weight_of_own"].between(0, 1).all()
    assert (table.loc[table["unit"].str.startswith("share"), "high"] <= 1).all()
    assert Recruitment.model_validate(settings.model_dump()).rates == "register"


def test_an_empty_register_is_the_national_figures_as_they_stand() -> None:
    settings, rates = resolved(Recruitment(), EMPTY, AS_OF)
    assert settings == Recruitment()
    assert (rates.table()["used"] == rates.table()["national"]).all()


def test_what_lies_after_the_as_of_day_is_not_known() -> None:
    register = register_from(LIKE_NATIONAL, 6, np.random.default_rng(2))
    later = register.copy()
    later.loc[later["applied_on"].isna(), "applied_on"] = AS_OF + pd.Timedelta(days=1)
    later.loc[later["left_on"].isna(), "left_on"] = AS_OF + pd.Timedelta(days=1)
    pd.testing.assert_frame_equal(rates_of(register).table(), rates_of(later).table())


def test_the_defaults_of_the_settings_are_the_national_figures() -> None:
    settings = Recruitment()
    for name in ("enquiry_to_application", "application_to_approval", "attrition",
                 "months_enquiry_to_application", "months_application_to_approval"):  # fmt: skip
        assert getattr(settings, name).middle() == NATIONAL[name]
    assert settings.delay_spread == NATIONAL["spread_enquiry_to_application"]
    assert settings.places_per_household == tuple(NATIONAL[f"approvals_places_{places}"] for places in (1, 2, 3, 4))
    lower = [NATIONAL["approvals_level_1"], NATIONAL["approvals_level_2"]]
    assert settings.lower_levels == pytest.approx(np.array(lower) / sum(lower))
    assert all(figure.source for figure in national_figures().values())


def test_a_lever_that_the_scenario_states_wins_and_says_so(sample_records: Records) -> None:
    stated = {"attrition": 0.2, "months_application_to_approval": 4.0, "places_per_household": (1.0, 0, 0, 0)}
    settings, rates = resolved(Recruitment(**stated), sample_records.carers, AS_OF)
    assert settings.attrition.middle() == 0.2
    assert settings.attrition_by_years == (1, 1, 1, 1)
    assert settings.places_per_household == (1.0, 0, 0, 0)
    assert rates["attrition"].used == rates["attrition_after_5"].used == 0.2
    assert rates["attrition"].source == "stated in the scenario"
    assert rates["attrition"].own is not None
    assert settings.enquiry_to_application.low < settings.enquiry_to_application.high
    assert rates["enquiry_to_application"].source.startswith("register")


def test_rates_may_be_national_although_there_is_a_register(sample_records: Records) -> None:
    settings, rates = resolved(Recruitment(rates="national"), sample_records.carers, AS_OF)
    assert settings == Recruitment(rates="national")
    assert (rates.table()["weight_of_own"] == 0).all()
    assert (rates.table()["used"] == rates.table()["national"]).all()


def test_shares_by_stage_stand_for_the_share_of_applications(sample_records: Records) -> None:
    stages = {"stage_1_passed": 0.6, "stage_2_passed": 0.9, "panel_passed": 1.0}
    settings, rates = resolved(Recruitment(**stages), sample_records.carers, AS_OF)
    assert rates["application_to_approval"].used == pytest.approx(0.54)
    assert settings.passed() is not None


def test_a_change_in_code_states_that_setting_alone() -> None:
    scenario = Scenario(name="x").with_changes({"supply.recruitment.attrition": 0.14})
    left = scenario.supply.recruitment.left_to_register()
    assert left == set(FROM_REGISTER) - {"attrition", "attrition_by_years", "attrition_by_level"}
    assert scenario.changes.iloc[0].tolist()[:3] == ["supply.recruitment.attrition", "0.14, or from carers.csv", "0.14"]


def test_the_list_of_assumptions_says_what_the_register_answers() -> None:
    source = load_scenario(ROOT / "scenarios" / "baseline.toml").assumptions().set_index("setting")["source"]
    assert source["supply.recruitment.attrition"] == "baseline.toml"
    assert "carers.csv" in source["supply.recruitment.enquiry_to_application"]
    assert source["supply.recruitment.months_to_first_placement"] == "default"


def test_the_forecast_carries_the_rates_and_draws_them_by_path(sample_records: Records) -> None:
    """The sample's own conversion is a range, so futures differ in the enquiries that a fixed intake takes."""
    paths = {"horizon.paths": 200, "horizon.years": 3, "supply.recruitment.approvals_per_year": 25}
    own, national = (
        forecast_places(sample_records, Scenario(name="x").with_changes({**paths, "supply.recruitment.rates": rates}))
        for rates in ("register", "national")
    )
    assert own.rates["enquiry_to_application"].weight_of_own > 0.8
    spread = [supply.enquiries[:, 12:24].sum(axis=1).std() for supply in (own, national)]
    assert spread[0] > spread[1]
