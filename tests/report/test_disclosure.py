"""Small numbers: hidden, and not to be had back from totals."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sufficiency import Outlook
from sufficiency.report.disclosure import (
    HIDDEN,
    hide_small_numbers,
    suppressed_areas,
    suppressed_history,
    without_small_today,
)


def test_one_small_number_takes_a_second_in_its_row_and_column() -> None:
    """3 is small. In its row 8 is the least of the rest, in its column 9; then 8's column and 9's row need a second."""
    counts = np.array([[3, 8, 20], [9, 30, 40], [15, 50, 60]])
    assert hide_small_numbers(counts).tolist() == [[True, True, False], [True, True, False], [False, False, False]]


def test_nothing_small_nothing_hidden_and_nought_is_shown() -> None:
    assert not hide_small_numbers(np.array([[0, 6], [10, 0]])).any()


@given(arrays(int, (4, 5), elements=st.integers(0, 30)))
def test_no_row_or_column_gives_a_hidden_number_back(counts: np.ndarray) -> None:
    hidden = hide_small_numbers(counts)
    assert not ((counts > 0) & (counts < 6) & ~hidden).any()
    for table, mask in ((counts, hidden), (counts.T, hidden.T)):
        for row, hides in zip(table, mask, strict=True):
            alone = hides.sum() == 1
            assert not alone or (row[~hides] == 0).all(), "a lone hidden cell stands only beside noughts"


def test_history_of_the_sample_hides_small_numbers_and_keeps_the_totals(small_outlook: Outlook) -> None:
    history = small_outlook.demand.history
    shown = suppressed_history(history)
    small = (history["children"] > 0) & (history["children"] < 6)
    assert small.any()
    assert (shown.loc[small, "children"] == HIDDEN).all()
    totals = (history["age_band"] == "all") & (history["kind"] == "all")
    assert (shown.loc[totals, "children"].astype(int) == history.loc[totals, "children"]).all()


def test_the_first_day_of_the_projection_does_not_give_them_away(small_outlook: Outlook) -> None:
    population, shown = small_outlook.demand.population(), suppressed_history(small_outlook.demand.history)
    emptied = without_small_today(population, shown)
    today = population["date"] == small_outlook.demand.as_of
    low = today & (population["mean"] > 0) & (population["mean"] < 6)
    assert low.any()
    assert emptied.loc[low, "mean"].isna().all()
    assert emptied.loc[~today].equals(population.loc[~today])


def test_areas_with_few_children_are_hidden_with_their_parts() -> None:
    areas = pd.DataFrame(
        {"area": ["SN1 1", "SN1 2"], "latitude": [51.5, 51.6], "longitude": [-1.7, -1.8],
         "children": [4, 20], "within_limit": [3, 12], "over_limit": [1, 7], "unplaced": [0, 1]}
    )  # fmt: skip
    shown = suppressed_areas(areas)
    assert shown.loc[0, ["children", "within_limit", "over_limit", "unplaced"]].eq(HIDDEN).all()
    assert shown.loc[1, "children"] == "20"
    assert (shown.loc[1, ["within_limit", "over_limit", "unplaced"]] == HIDDEN).sum() != 1
