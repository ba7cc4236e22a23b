"""Scores worked by hand, and what must hold for any forecast."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sufficiency.demand import scores

FORECAST = np.array([80.0, 90.0, 95.0, 100.0, 105.0, 110.0, 120.0])
"""Quantiles at 2.5, 10, 25, 50, 75, 90 and 97.5%."""


def test_interval_score_is_width_and_penalty() -> None:
    """Inside: the width, 20. Five above an 80% range: 20 + 2/0.2 x 5 = 70. Two below a 95% range: 40 + 2/0.05 x 2."""
    assert scores.interval_score(90, 110, 100, 0.8) == 20
    assert scores.interval_score(90, 110, 115, 0.8) == pytest.approx(70)
    assert scores.interval_score(80, 120, 78, 0.95) == pytest.approx(120)


def test_weighted_interval_score_worked_by_hand() -> None:
    """Outcome 115. Median: 0.5 x 15 = 7.5. 50% range: 0.25 x (10 + 4 x 10) = 12.5. 80%: 0.1 x (20 + 10 x 5) = 7.
    95%: 0.025 x 40 = 1. Sum 28, over 3.5: 8. Outcome 100: 0 + 2.5 + 2 + 1 = 5.5, over 3.5: 11/7."""
    assert scores.wis(FORECAST, 115) == pytest.approx(8)
    assert scores.wis(FORECAST, 100) == pytest.approx(11 / 7)


def test_weighted_interval_score_takes_many_forecasts_at_once() -> None:
    many = scores.wis(np.stack([FORECAST, FORECAST + 10]), np.array([115, 125]))
    assert many == pytest.approx([8, 8])


@given(st.floats(0, 1e4), st.floats(0, 1e4))
def test_a_forecast_without_a_range_is_scored_by_its_absolute_error(forecast: float, actual: float) -> None:
    assert scores.wis(np.full(7, forecast), actual) == pytest.approx(abs(forecast - actual), abs=1e-9)


@given(st.lists(st.floats(0, 1e4), min_size=7, max_size=7), st.floats(0, 1e4))
def test_weighted_interval_score_is_the_mean_pinball_loss_twice(values: list[float], actual: float) -> None:
    """The score equals 2/7 of the seven quantile (pinball) losses (Bracher et al. 2021, section 2.2)."""
    quantiles = np.sort(values)
    error = actual - quantiles
    loss = np.maximum(np.array(scores.LEVELS) * error, (np.array(scores.LEVELS) - 1) * error).sum()
    assert scores.wis(quantiles, actual) == pytest.approx(2 / 7 * loss, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(("actual", "inside"), [(100, "50 80 95"), (110, "80 95"), (111, "95"), (121, ""), (79, "")])
def test_ranges_hold_their_ends(actual: float, inside: str) -> None:
    held = [f"{100 * level:.0f}" for level in scores.RANGES if scores.covered(FORECAST, actual, level)]
    assert " ".join(held) == inside


def test_widths() -> None:
    assert [float(scores.width(FORECAST, level)) for level in (0.5, 0.8, 0.95)] == [10, 20, 40]


def test_percentage_error_is_of_the_outcome_and_missing_for_none() -> None:
    """Forecast 90, outcome 100: 10%; forecast 3, outcome 0: not defined."""
    assert scores.absolute_percentage_error([90, 3], [100, 0]) == pytest.approx([0.1, np.nan], nan_ok=True)


def test_scaled_error_is_in_units_of_the_usual_yearly_change() -> None:
    """Changes of 10, 4 and 4 are 6 on average; a miss of 9 is 1.5 of them. A gap leaves its two changes out."""
    scale = scores.naive_error([100, 110, 106, 110])
    assert scale == pytest.approx(6)
    assert scores.absolute_scaled_error(109, 100, scale) == pytest.approx(1.5)
    assert scores.naive_error([100, 110, np.nan, 110, 104]) == pytest.approx(8)
    assert np.isnan(scores.naive_error([[50, 50], [np.nan, 50]])).all()


def test_pit_counts_the_futures_below_and_half_of_those_equal() -> None:
    """Of 1, 2, 2, 3 one lies below 2 and two equal it: (1 + 1) / 4."""
    assert scores.pit([[1, 2, 2, 3], [1, 2, 2, 3]], [2, 9]).tolist() == [0.5, 1.0]


def test_quantiles_stand_on_the_last_axis() -> None:
    paths = np.arange(101.0).reshape(1, 101) + np.array([[0], [100]])
    assert scores.quantiles_of(paths)[1] == pytest.approx([102.5, 110, 125, 150, 175, 190, 197.5])
