"""Each year's change: by hand, and adding up in every path of an outlook."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sufficiency import Outlook
from sufficiency.answers import Changes, changes_of
from sufficiency.answers.changes import LINES
from sufficiency.placing import Stays
from sufficiency.placing.bridges import without_bridges
from sufficiency.placing.stays import BOUGHT, OPENED
from sufficiency.report.disclosure import HIDDEN, suppressed_history, without_small_opening
from sufficiency.vocabulary import KINDS

IN_HOUSE, IFA, RESIDENTIAL = (KINDS.index(kind) for kind in ("in_house_fostering", "ifa", "residential"))


def stays_of(*rows: tuple[int, int, int, str, int, int]) -> Stays:
    """Stays of one path from ``child kind home opened first last``."""
    child, kind, home, opened, first, last = zip(*rows, strict=True)
    count = len(rows)
    return Stays(
        path=np.zeros(count, dtype=int),
        child=np.array(child),
        kind=np.array(kind),
        home=np.array(home),
        level=np.ones(count, dtype=int),
        miles=np.full(count, 5.0),
        within=np.ones(count, dtype=int),
        weekly_cost=np.ones(count),
        opened=np.array([OPENED.index(why) for why in opened]),
        first=np.array(first),
        last=np.array(last),
    )


def month_ends(months: int) -> pd.DatetimeIndex:
    return pd.DatetimeIndex([pd.Timestamp("2025-03-31") + pd.DateOffset(months=month) for month in range(months + 1)])


BY_HAND = stays_of(
    (0, RESIDENTIAL, BOUGHT, "now", 0, 5),
    (0, IN_HOUSE, 3, "stepped_down", 5, 25),
    (1, IN_HOUSE, 4, "now", 0, 7),
    (1, IFA, BOUGHT, "carer_stopped", 7, 10),
    (2, IFA, BOUGHT, "started", 2, 3),
    (2, IN_HOUSE, 4, "started", 3, 14),
    (2, IFA, BOUGHT, "moved", 14, 25),
    (3, IN_HOUSE, 5, "moved", 6, 8),
)
"""Four children. One steps down in month 5 and stays. One loses its carer in month 7 and leaves care in month 10. One
starts in month 2, waits a month in a bridge, lives in-house and moves to an agency in month 14. The last starts and
moves within month 6, so that only its second home is seen, and leaves care in month 8."""


def test_changes_by_hand(small_outlook: Outlook) -> None:
    changes = changes_of(BY_HAND, month_ends(24), 1, 3, small_outlook.stamp)
    assert changes.years == ("2025-26", "2026-27")
    in_house = dict(zip(LINES, changes.cells[0, 0, IN_HOUSE].tolist(), strict=True))
    assert in_house == {
        "opening": 1, "started": 2, "moved_in": 0, "moved_out": 0, "stepped_down": 1, "carer_stopped": -1, "left": -1,
        "closing": 2,
    }  # fmt: skip
    assert changes.cells[0, 0, RESIDENTIAL].tolist() == [1, 0, 0, 0, -1, 0, 0, 0]
    assert changes.cells[0, 0, IFA].tolist() == [0, 0, 0, 0, 0, 1, -1, 0]
    assert changes.cells[0, 1, IFA].tolist() == [0, 0, 1, 0, 0, 0, 0, 1]
    assert changes.cells[0, 0, -1].tolist() == [2, 2, 0, 0, 0, 0, -2, 2]


def test_a_bridge_is_no_home_of_its_own_and_no_day_is_lost() -> None:
    left = without_bridges(BY_HAND, 3)
    assert len(left.path) == len(BY_HAND.path) - 1
    assert (left.last - left.first).sum() == (BY_HAND.last - BY_HAND.first).sum()
    assert len(without_bridges(BY_HAND, 1).path) == len(BY_HAND.path)


@pytest.fixture(scope="module")
def changes(small_outlook: Outlook) -> Changes:
    supply = small_outlook.supply
    step = small_outlook.scenario.horizon.step_months
    return changes_of(small_outlook.stays, supply.dates, supply.paths, step, small_outlook.stamp)


def test_changes_add_up_in_every_path_year_and_kind(changes: Changes, small_outlook: Outlook) -> None:
    stock = small_outlook.stays.stock(small_outlook.supply.paths, small_outlook.supply.months)[:, ::12]
    kinds = changes.cells[:, :, : len(KINDS)]
    assert np.array_equal(kinds[..., 0], stock[:, :-1])
    assert np.array_equal(kinds[..., -1], stock[:, 1:])
    assert np.array_equal(changes.cells[..., :-1].sum(axis=-1), changes.cells[..., -1])


def test_kinds_add_up_to_all_children(changes: Changes) -> None:
    kinds, everyone = changes.cells[:, :, :-1].sum(axis=2), changes.cells[:, :, -1]
    assert np.array_equal(kinds.sum(axis=2), everyone.sum(axis=2))
    for line in ("opening", "started", "left", "closing", "stepped_down", "carer_stopped"):
        assert np.array_equal(kinds[..., LINES.index(line)], everyone[..., LINES.index(line)]), line
    assert not everyone[..., LINES.index("stepped_down")].any()


def test_the_chart_says_what_the_table_says(changes: Changes) -> None:
    chart = changes.chart("residential")
    title = " ".join(chart.title.text)
    assert title == changes.finding("residential")
    means = changes.table().query("kind == 'residential' and measure == 'closing'")["mean"]
    drawn = str(chart.to_dict()["datasets"])
    assert all(f"{mean:,.0f}" in drawn for mean in means)
    with pytest.raises(ValueError, match="choose from"):
        changes.chart("hotel")


def test_a_small_number_today_is_not_given_back_by_the_first_years_changes(
    changes: Changes, small_outlook: Outlook
) -> None:
    hidden = suppressed_history(small_outlook.demand.history)
    shown = without_small_opening(changes.table(), hidden, small_outlook.demand.as_of)
    today = hidden[(hidden["date"] == small_outlook.demand.as_of) & (hidden["age_band"] == "all")]
    small = set(today.loc[today["children"] == HIDDEN, "kind"])
    assert small
    first = shown[shown["financial_year"] == changes.years[0]]
    assert first[first["kind"].isin(small)]["mean"].isna().all()
    assert first[~first["kind"].isin(small)]["mean"].notna().all()
    assert shown[shown["financial_year"] != changes.years[0]]["mean"].notna().all()
