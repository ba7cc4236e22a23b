"""The scores of the simulated councils, each worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.worlds import scores
from benchmarks.worlds.no_change import no_change
from benchmarks.worlds.vocabulary import band_on, birthday

FORECAST = np.array([70.0, 80.0, 90.0, 100.0, 110.0, 120.0, 130.0])


def test_weighted_interval_score_of_an_outcome_inside_every_interval() -> None:
    """Outcome 105: 0.5 x 5, and half of alpha times each width: 0.25 x 20 + 0.1 x 40 + 0.025 x 60; over 3.5."""
    assert scores.weighted_interval_score(FORECAST, np.array(105.0)) == pytest.approx((2.5 + 5 + 4 + 1.5) / 3.5)


def test_weighted_interval_score_of_an_outcome_outside_every_interval() -> None:
    """Outcome 140: 0.5 x 40, the same widths, and the distances 30, 20 and 10 once each; over 3.5."""
    assert scores.weighted_interval_score(FORECAST, np.array(140.0)) == pytest.approx((20 + 10.5 + 60) / 3.5)


def test_a_forecast_without_a_range_scores_its_error() -> None:
    assert scores.weighted_interval_score(np.full(7, 100.0), np.array(88.0)) == pytest.approx(12)


def test_the_ends_of_an_interval_belong_to_it() -> None:
    assert scores.held_by(FORECAST, np.array(120.0), 0.80)
    assert not scores.held_by(FORECAST, np.array(120.5), 0.80)


def test_rank_counts_ties_half() -> None:
    assert scores.rank_of(np.array([1, 2, 2, 3]), np.array(2)) == pytest.approx(0.5)


def test_percentage_error_of_nought_is_unknown() -> None:
    assert np.isnan(scores.percentage_error(np.array(3.0), np.array(0.0)))
    assert scores.percentage_error(np.array(90.0), np.array(100.0)) == pytest.approx(10)


def test_no_change_spreads_as_past_changes_did() -> None:
    """Changes of 10, -10, 10 over a year: sd 10, so the 80% range of the first year is 1.2816 x 10 either side."""
    past = np.array([[100.0], [110.0], [100.0], [110.0]])
    low, high = (no_change(past)[end, 0, 0] for end in scores.INTERVALS[0.8])
    assert (low, high) == (pytest.approx(110 - 12.816, abs=0.01), pytest.approx(110 + 12.816, abs=0.01))


def test_no_change_with_few_years_widens_with_the_root_of_the_horizon() -> None:
    past = np.array([[100.0], [110.0], [100.0], [110.0]])
    width = no_change(past)[scores.INTERVALS[0.8][1], :, 0] - 110
    assert width[3] == pytest.approx(2 * width[0])


def test_birthdays_by_the_calendar() -> None:
    born = np.array(["2004-02-29", "2004-04-01"], dtype="datetime64[D]").astype(np.int64)
    turns = birthday(born, 1).astype("datetime64[D]")
    assert [str(day) for day in turns] == ["2005-03-01", "2005-04-01"]
    assert band_on(born, int(turns[0].astype(np.int64))).tolist() == [1, 0]
