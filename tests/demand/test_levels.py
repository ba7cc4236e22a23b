"""Calendar levels: what counts say of them, how far they may go, and that nothing is extrapolated along a trend."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sufficiency.demand.levels import LevelPrior, fit_level

PRIOR = LevelPrior(sd=0.17, half_life=5.0, noise=0.1)


def ahead(level, months: int = 60, paths: int = 20_000) -> np.ndarray:
    return level.paths(np.random.default_rng(2), np.random.default_rng(3).standard_normal((paths, months)), 0.12)


def test_without_counts_the_prior_is_all_there_is() -> None:
    """An Ornstein-Uhlenbeck level has variance sd² / 2κ, κ = ln 2 / half-life, whatever the month; the mean adds 1."""
    alone = fit_level(np.zeros(0), np.zeros(0), LevelPrior(0.17, 5.0, 0.1, size_spread=1e-3, half_life_spread=1e-3))
    stationary = 0.17**2 / (2 * np.log(2) / 5.0)
    assert ahead(alone)[:, [0, -1]].var(axis=0) == pytest.approx(1.0 + stationary, rel=0.03)


def test_many_steady_counts_leave_no_doubt_of_today() -> None:
    level = fit_level(np.full(40, 5000), np.full(40, 5000.0), PRIOR)
    assert level.now() == pytest.approx(0, abs=0.01)
    assert ahead(level)[:, 0].std() < 0.08


def test_a_step_is_followed_and_half_forgotten() -> None:
    """Ten quiet years, then two at half as many again: today's level is high, and the median falls back toward the
    mean but never below it, and never goes on rising."""
    counts = np.append(np.full(32, 100), np.full(8, 150))
    level = fit_level(counts, np.full(40, 100.0), PRIOR)
    middle = np.median(ahead(level), axis=0)
    assert middle[0] == pytest.approx(np.log(1.5), abs=0.06)
    assert (np.diff(middle[::12]) < 0).all()
    assert middle[-1] > 0.05


def test_a_trend_is_not_extrapolated() -> None:
    counts = 100 * np.exp(np.linspace(0, 0.8, 40))
    middle = np.median(ahead(fit_level(counts.round(), np.full(40, 100.0), PRIOR)), axis=0)
    assert middle.max() < 0.85


def test_one_odd_quarter_is_distrusted() -> None:
    counts = np.full(40, 100)
    counts[-2] = 260
    assert fit_level(counts, np.full(40, 100.0), PRIOR).now() < 0.25


def test_quarters_without_a_return_tell_nothing() -> None:
    events, expected = np.full(20, 100), np.full(20, 100.0)
    missing = np.arange(20) == 8
    with_gap = fit_level(np.where(missing, 0, events), np.where(missing, 0.0, expected), PRIOR)
    assert with_gap.now() == pytest.approx(fit_level(events, expected, PRIOR).now(), abs=0.01)


def test_ranges_hold_what_they_say() -> None:
    """200 made-up authorities whose levels follow the prior: the 80% range five years ahead holds 72 to 88%."""
    generator = np.random.default_rng(11)
    reversion = np.log(2) / PRIOR.half_life
    keep, sd = np.exp(-reversion / 4), PRIOR.sd / np.sqrt(2 * reversion)
    held = []
    for _ in range(200):
        level = [sd * generator.standard_normal()]
        for _ in range(59):
            level.append(keep * level[-1] + sd * np.sqrt(1 - keep**2) * generator.standard_normal())
        noise = PRIOR.noise * generator.standard_normal(40)
        counts = generator.poisson(30 * np.exp(np.array(level[:40]) + noise))
        low, high = np.quantile(ahead(fit_level(counts, np.full(40, 30.0), PRIOR), paths=400)[:, -2], [0.1, 0.9])
        held.append(low <= level[-1] <= high)
    assert 0.72 <= np.mean(held) <= 0.88


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=40), st.floats(0.2, 300))
def test_any_counts_give_finite_levels(counts: list[int], expected: float) -> None:
    level = fit_level(np.array(counts), np.full(len(counts), expected), PRIOR)
    assert np.isfinite(ahead(level, months=3, paths=50)).all()
    assert level.weight.sum() == pytest.approx(1)
