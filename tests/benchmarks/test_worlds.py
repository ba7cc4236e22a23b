"""A simulated council: the same whenever it is drawn, its records equal to the truth, its children's lives possible."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from benchmarks.worlds.council import draw_council
from benchmarks.worlds.harness import SERIES, Task, score_world
from benchmarks.worlds.lives import MOVED, OPEN, Lives, live
from benchmarks.worlds.vocabulary import BANDS, GROWN_UP, HORIZONS, KINDS, SUPPORTED, birthday
from benchmarks.worlds.world import World, counted, make_world

SEED, NUMBER = 1, 1


@pytest.fixture(scope="module")
def lives() -> Lives:
    return live(draw_council(SEED, NUMBER), SEED)


@pytest.fixture(scope="module")
def made() -> World:
    """Reading back raises when records and truth differ on any 31 March, or in any year's starts or ceases."""
    return make_world(SEED, NUMBER)


def test_the_same_seed_gives_the_same_lives(lives: Lives) -> None:
    again = live(draw_council(SEED, NUMBER), SEED)
    assert again.placements.equals(lives.placements)
    assert not live(draw_council(SEED + 1, NUMBER), SEED + 1).placements.equals(lives.placements)


def test_nobody_stays_past_the_eighteenth_birthday(lives: Lives) -> None:
    rows = lives.placements.merge(lives.children, on="child")
    adult = birthday(rows["born"].to_numpy(), 18)
    ended = rows["ended"] < OPEN
    assert (rows["ended"][ended] <= adult[ended]).all()
    assert (rows["ended"][rows["way"] == GROWN_UP] == adult[rows["way"] == GROWN_UP]).all()
    assert (rows["started"] >= rows["born"]).all()


def test_placements_of_a_child_follow_each_other(lives: Lives) -> None:
    rows = lives.placements
    assert (rows["ended"] > rows["started"]).all()
    same = rows["child"].eq(rows["child"].shift(-1))
    assert (rows["ended"] <= rows["started"].shift(-1))[same].all()
    assert (rows["ended"] == rows["started"].shift(-1))[same & (rows["way"] == MOVED)].all()


def test_supported_accommodation_is_for_16_and_17(lives: Lives) -> None:
    assert lives.stock[:, :4, SUPPORTED].sum() == 0
    assert lives.stock[:, 4, SUPPORTED].sum() > 0


def test_stock_follows_from_starts_and_ceases(lives: Lives) -> None:
    total = lives.stock.sum(axis=(1, 2))
    net = lives.yearly["starts"] - lives.yearly["ceases"]
    assert np.diff(total).tolist() == net[1:].tolist()


def test_records_as_they_stood_count_as_the_truth(made: World) -> None:
    origin = made.council.origins[0]
    assert (counted(made.records.as_of(date(origin, 3, 31)), origin) == made.at(origin)).all()


def test_every_origin_has_history_before_and_truth_behind(made: World) -> None:
    for origin in made.council.origins:
        assert origin - made.council.first_year + 1 >= 3
        assert made.outcome(origin, len(HORIZONS)).shape == (len(HORIZONS) + 1, len(BANDS), len(KINDS))


def test_a_projector_of_ones_own_is_scored(monkeypatch: pytest.MonkeyPatch, made: World) -> None:
    """As many as today in every path: no error where the outcome is today's, and a score equal to the error."""
    monkeypatch.setattr("benchmarks.worlds.harness.world", lambda *_: made)
    monkeypatch.setattr("benchmarks.worlds.projectors.as_today", as_today, raising=False)
    rows = score_world(Task(SEED, 3, "benchmarks.worlds.projectors:as_today"), NUMBER)
    model = rows[rows["method"] == "model"]
    assert len(model) == 3 * len(SERIES) * len(HORIZONS)
    assert np.allclose(model["wis"], (model["middle"] - model["actual"]).abs())


def as_today(records: Any, as_of: date, paths: int, seed: int) -> np.ndarray:
    today = counted(records, as_of.year)
    return np.broadcast_to(today, (paths, len(HORIZONS) + 1, *today.shape))


def test_a_projection_that_does_not_start_at_the_count_is_refused(monkeypatch: pytest.MonkeyPatch, made: World) -> None:
    monkeypatch.setattr("benchmarks.worlds.harness.world", lambda *_: made)
    off = lambda *given: as_today(*given) + 1  # noqa: E731
    monkeypatch.setattr("benchmarks.worlds.projectors.off", off, raising=False)
    with pytest.raises(ValueError, match="does not start at the count"):
        score_world(Task(SEED, 3, "benchmarks.worlds.projectors:off"), NUMBER)
