"""Cells tied by sums: small ones are hidden, and no arithmetic gives them back."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sufficiency.report.protection import Key, Sum, cells_to_hide

Cells = dict[Key, int]


def two_way(counts: np.ndarray) -> tuple[Cells, list[Sum]]:
    """A table with its margins as cells, and the sums of its rows and columns."""
    whole = np.vstack([counts, counts.sum(axis=0)])
    whole = np.hstack([whole, whole.sum(axis=1, keepdims=True)])
    rows, columns = (range(size - 1) for size in whole.shape)
    cells: Cells = {(row, column): int(value) for (row, column), value in np.ndenumerate(whole)}
    last_row, last_column = whole.shape[0] - 1, whole.shape[1] - 1
    sums = [Sum((row, last_column), {(row, column): 1 for column in columns}) for row in [*rows, last_row]]
    sums += [Sum((last_row, column), {(row, column): 1 for row in rows}) for column in [*columns, last_column]]
    return cells, sums


def worked_out(cells: Cells, sums: list[Sum], hidden: frozenset[Key]) -> set[Key]:
    """Hidden cells that have one solution only, by the null space of the sums (singular values)."""
    keys = list(hidden)
    if not keys:
        return set()
    matrix = np.array(
        [
            [{**one.parts, one.total: -1}.get(key, 0) if cells[key] or key == one.total else 0 for key in keys]
            for one in sums
        ]
    )
    _, values, vectors = np.linalg.svd(matrix)
    free = vectors[(values > 1e-9).sum() :]
    return {key for key, column in zip(keys, free.T, strict=True) if np.abs(column).max(initial=0) < 1e-9}


@settings(deadline=None)
@given(arrays(int, (4, 6), elements=st.integers(0, 25)))
def test_small_cells_of_a_table_with_margins_have_more_than_one_solution(counts: np.ndarray) -> None:
    cells, sums = two_way(counts)
    hidden = cells_to_hide(cells, sums)
    small = {key for key, count in cells.items() if 0 < count < 6}
    assert small <= hidden
    assert not small & worked_out(cells, sums, hidden)
    assert all(cells[key] > 0 for key in hidden), "a nought tells of no child"


def test_a_bridge_between_two_blocks_does_not_give_its_cell_away() -> None:
    """Rows 1 and 2 hide A and B, rows 3 and 4 hide C and D, and 3 stands between them: every row and column hides
    two, yet the blocks' totals give the bridge back, so more is hidden."""
    counts = np.array([[3, 3, 9, 40], [3, 3, 3, 40], [40, 40, 3, 3], [40, 40, 3, 3]])
    cells, sums = two_way(counts)
    assert (1, 2) in worked_out(cells, sums, frozenset(key for key, count in cells.items() if 0 < count < 6))
    hidden = cells_to_hide(cells, sums)
    assert (1, 2) not in worked_out(cells, sums, hidden)


def test_two_hidden_ones_that_can_only_be_ones_take_a_third() -> None:
    cells: Cells = {"a": 1, "b": 1, "c": 30, "d": 40, "all": 72}
    hidden = cells_to_hide(cells, [Sum("all", {"a": 1, "b": 1, "c": 1, "d": 1})])
    assert hidden == {"a", "b", "c"}


def test_nothing_small_hides_nothing() -> None:
    cells: Cells = {"a": 6, "b": 0, "c": 30, "all": 36}
    assert not cells_to_hide(cells, [Sum("all", {"a": 1, "b": 1, "c": 1})])


def test_a_cell_that_equals_its_other_margin_is_no_cover() -> None:
    """20 is the only number of its column, so its column's total would give it back: 25 covers the 3 instead."""
    cells, sums = two_way(np.array([[3, 20, 25], [30, 0, 40]]))
    hidden = cells_to_hide(cells, sums)
    assert (0, 1) not in hidden
    assert {(0, 0), (0, 2), (1, 0), (1, 2)} == hidden


def test_a_whole_of_which_a_small_rest_is_left_is_not_shown_beside_its_part() -> None:
    """98 of 100: the rest, which no table shows, is 2."""
    cells: Cells = {"part": 98, "rest": 2, "whole": 100}
    hidden = cells_to_hide(cells, [Sum("whole", {"part": 1, "rest": 1})], unpublished={"rest"})
    assert hidden == {"part"}


def test_an_unpublished_total_that_another_sum_gives_protects_nothing() -> None:
    """Two ways to divide the same new placements: the first is shown whole, so the second must hide two."""
    cells: Cells = {"in": 50, "out": 30, "within": 60, "over": 17, "unknown": 3, "new": 80}
    sums = [Sum("new", {"in": 1, "out": 1}), Sum("new", {"within": 1, "over": 1, "unknown": 1})]
    assert cells_to_hide(cells, sums, unpublished={"new"}) == {"over", "unknown"}


def test_times_in_a_sum_count() -> None:
    """Three pairs of brothers and sisters are six children: the six would give the three away."""
    cells: Cells = {"pairs": 3, "children": 6, "others": 50, "all": 56}
    sums = [Sum("children", {"pairs": 2}), Sum("all", {"children": 1, "others": 1})]
    assert {"pairs", "children", "others"} == cells_to_hide(cells, sums)
