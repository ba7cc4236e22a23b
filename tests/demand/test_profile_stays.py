"""How long children stay: worked by hand, with stays that began before the data and stays that go on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from sufficiency import Records
from sufficiency.calendar import DAYS_IN_MONTH
from sufficiency.demand.profile import medians, time_in_care, time_in_placement

FIVE = (
    ("A", "2016-01-01", "2016-03-02", False),
    ("B", "2016-01-01", "2016-05-02", False),
    ("C", "2025-01-01", "", False),
    ("D", "2015-01-01", "2015-07-03", False),
    ("E", "2015-06-01", "2015-07-03", True),
)
"""A ends after 61 days, B after 122; C goes on at 89 days; D, watched from its 90th day on (1 April 2015), ends after
183; E has an unseen start."""


def test_the_curve_is_that_worked_by_hand(with_periods: Callable[..., Records]) -> None:
    """At 61 days A of A, B, C leaves: 2/3. At 122 B of B, D: 1/3. At 183 D, the last: 0. Month 5 is day 152."""
    curve = time_in_care(with_periods(*FIVE)).query("group == 'all'").set_index("months")
    assert curve.index.tolist() == list(range(7))
    shares = [1, 1, 1, 2 / 3, 2 / 3, 1 / 3, 1 / 3]
    assert np.allclose(curve["share_still_there"], shares)
    assert curve["at_risk"].tolist() == [3, 3, 3, 2, 2, 1, 1]
    assert ((curve["low"] <= curve["share_still_there"]) & (curve["share_still_there"] <= curve["high"])).all()


def test_the_interval_is_greenwoods_on_the_log_minus_log_scale(with_periods: Callable[..., Records]) -> None:
    """At 2/3 with Greenwood's error 2/3 × √(1/(3·2)): exp(-exp(ln(-ln S) ± 1.96 se / (S |ln S|)))."""
    row = time_in_care(with_periods(*FIVE)).query("group == 'all' and months == 3").iloc[0]
    share = 2 / 3
    spread = 1.959964 * np.sqrt(1 / 6) / abs(np.log(share))
    expected = [np.exp(-np.exp(np.log(-np.log(share)) + sign * spread)) for sign in (1, -1)]
    assert [row["low"], row["high"]] == pytest.approx(expected)


def test_the_median_is_the_first_day_below_half(with_periods: Callable[..., Records]) -> None:
    row = medians(with_periods(*FIVE)).query("measure == 'time_in_care' and group == 'all'").iloc[0]
    assert (row["spells"], row["ended"], row["left_censored"]) == (4, 3, 1)
    assert row["median_months"] == pytest.approx(122 / DAYS_IN_MONTH)
    assert row["low"] <= row["median_months"]


def test_a_median_that_is_not_reached_is_empty(with_periods: Callable[..., Records]) -> None:
    records = with_periods(("A", "2024-01-01", "", False), ("B", "2024-01-01", "2024-02-01", False))
    row = medians(records).query("measure == 'time_in_care' and group == 'all'").iloc[0]
    assert (row["spells"], row["ended"]) == (2, 1)
    assert np.isnan(row["median_months"])


def test_without_delayed_entry_long_stays_would_weigh_too_much(sample_records: Records) -> None:
    """The sample's curve beside one of the starts in the window only, which needs no delayed entry: they agree."""
    curve = time_in_care(sample_records).query("group == 'all' and months <= 60").set_index("months")
    periods = sample_records.periods
    inside = ~periods["left_censored"] & (periods["started"] >= "2015-04-01")
    stays = periods[inside]
    length = (stays["ended"].fillna(sample_records.data_to) - stays["started"]).dt.days / DAYS_IN_MONTH
    share = 1.0
    for months in sorted(length[stays["ended"].notna()].unique()):
        if months > 60:
            break
        share *= 1 - ((length == months) & stays["ended"].notna()).sum() / (length >= months).sum()
    assert curve.loc[60, "share_still_there"] == pytest.approx(share, abs=0.03)


def test_every_stay_is_watched_or_counted_as_left_out(sample_records: Records) -> None:
    table = medians(sample_records).set_index(["measure", "group"])
    placements, periods = sample_records.placements, sample_records.periods
    watched = placements["ended"].isna() | (placements["ended"] >= "2015-04-01")
    row = table.loc[("time_in_placement", "all")]
    assert row["spells"] + row["left_censored"] == watched.sum()
    row = table.loc[("time_in_care", "all")]
    assert row["left_censored"] == (periods["left_censored"] & ~(periods["ended"] < "2015-04-01")).sum()
    for measure, groups in table.groupby("measure"):
        inner = groups.drop(index=(measure, "all"))
        assert (
            inner[["spells", "ended", "left_censored"]].sum()
            == groups.loc[(measure, "all"), ["spells", "ended", "left_censored"]]
        ).all()


def test_curves_fall_and_their_groups_are_those_of_the_medians(sample_records: Records) -> None:
    table = time_in_placement(sample_records)
    for _, curve in table.groupby("group"):
        assert (curve["share_still_there"].diff().dropna() <= 1e-12).all()
        assert curve["months"].tolist() == list(range(len(curve)))
    spells = medians(sample_records).query("measure == 'time_in_placement' and spells > 0")
    assert set(table["group"]) == set(spells["group"])


def test_a_stay_of_no_day_counts_as_ended_at_once(with_periods: Callable[..., Records]) -> None:
    records = with_periods(("A", "2024-01-01", "2024-01-01", False), ("B", "2024-01-01", "2024-03-01", False))
    curve = time_in_care(records).query("group == 'all'")
    assert isinstance(curve, pd.DataFrame)
    assert curve["share_still_there"].tolist() == [0.5, 0.5]
