"""Placements of every period of care, with the kinds of placement counted out exactly at each 31 March."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from typing import Final

import numpy as np

from sufficiency.sample.chance import NEVER, between, choose_exactly, draw, fill_exactly
from sufficiency.sample.durations import kind_weights, stay_days, stay_group
from sufficiency.sample.ledger import Ledger
from sufficiency.sample.model import (
    FIRST_RETURN,
    LAST_RETURN,
    YEARS,
    Placement,
    age_on,
    band_on,
    birthday,
    return_year,
    year_end,
)
from sufficiency.sample.targets import Targets

ADOPTED: Final = ("E11", "E12")
COST_OF_AN_EXTRA_MOVE: Final = 9.0
"""Cost, in log odds, of moving a child to another kind on the way to the counts of a 31 March."""

Moves = dict[int, list[Placement]]


def place_children(book: Ledger, targets: Targets, rng: np.random.Generator) -> Moves:
    """Placements by period, in order; kinds hold the counts of the targets at each 31 March."""
    matched = _adoption_starts(book, targets, rng)
    moves: Moves = {}
    for number in range(len(book.periods)):
        moves[number] = _draft(book, targets, number, matched.get(number), rng)
    for year in YEARS:
        _count_out(book, targets, moves, year, rng)
    return moves


def _adoption_starts(book: Ledger, targets: Targets, rng: np.random.Generator) -> dict[int, int]:
    """Day on which each adopted child moved to its adopters, so that those waiting at each 31 March are as set."""
    starts: dict[int, int] = {}
    adopted = sorted(
        (period.end, number)
        for number, period in enumerate(book.periods)
        if period.end is not None and period.exit_code in ADOPTED
    )
    for year in (FIRST_RETURN - 1, *YEARS):
        wanted = targets.counts("kind", year).get("adoption", 5)
        wanted -= sum(on <= year_end(year) < _last(book, number) for number, on in starts.items())
        next_up = [number for end, number in adopted if end > year_end(year) and number not in starts]
        next_up = [number for number in next_up if book.periods[number].start < year_end(year) - 60]
        for number in next_up[: max(wanted, 0)]:
            starts[number] = year_end(year) - between(rng, 3, 150)
        if wanted > len(next_up):
            for number in _to_be_adopted(book, year, wanted - len(next_up), set(starts), rng):
                starts[number] = year_end(year) - between(rng, 3, 150)
        for end, number in adopted:
            if number not in starts and year_end(year) < end <= year_end(year + 1):
                first = max(year_end(year) + 1, book.periods[number].start + 60)
                starts[number] = between(rng, first, end - min(40, (end - first) // 2))
    return {number: max(on, book.periods[number].start + 30) for number, on in starts.items()}


def _last(book: Ledger, number: int) -> int:
    return book.periods[number].last() + (book.periods[number].end is None)


def _to_be_adopted(book: Ledger, year: int, count: int, taken: set[int], rng: np.random.Generator) -> list[int]:
    """Young children still in care at the end of the returns who are with their adopters already."""
    able = [
        number
        for number in book.open_on(year_end(year))
        if book.periods[number].end is None
        and number not in taken
        and 1 <= age_on(book.born(number), year_end(year)) <= 5
        and year_end(year) - book.periods[number].start > 240
    ]
    return [able[position] for position in choose_exactly(rng, np.ones(len(able)), count)]


def _draft(
    book: Ledger, targets: Targets, number: int, adopters_from: int | None, rng: np.random.Generator
) -> list[Placement]:
    """One period's placements as durations and mixes draw them."""
    period = book.periods[number]
    child = book.children[period.child]
    until = adopters_from or period.last() + (period.end is None)
    placements: list[Placement] = []
    start, kind = period.start, ""
    while start < until:
        year = int(np.clip(return_year(start), FIRST_RETURN, LAST_RETURN))
        kind = draw(rng, kind_weights(targets, year, band_on(child.born, start), child.uasc, kind))
        start_next = start + stay_days(kind, rng)
        last_one = start_next >= until - 2
        end = (adopters_from or period.end) if last_one else start_next
        placements.append(Placement(number, start, end, kind))
        start = until if last_one else start_next
    if adopters_from is not None:
        placements.append(Placement(number, adopters_from, period.end, "adoption"))
    return placements


def current(moves: Moves, number: int, on: int) -> int:
    """Position of the placement that holds a day."""
    return bisect_right([placement.start for placement in moves[number]], on) - 1


def _count_out(book: Ledger, targets: Targets, moves: Moves, year: int, rng: np.random.Generator) -> None:
    """Give the children of one 31 March their kinds, with as few changes to the draft as the counts allow."""
    end = year_end(year)
    counts = targets.counts("kind", year)
    kinds = list(counts)
    stock = book.open_on(end)
    costs = np.array([_costs(book, targets, moves, number, year, kinds, rng) for number in stock])
    answer = fill_exactly(costs, _closed(list(counts.values()), len(stock)))
    for number, column in zip(stock, answer, strict=True):
        position = current(moves, number, end)
        placement = moves[number][position]
        if placement.kind != kinds[column]:
            moves[number] = _changed(book, moves[number], position, kinds[column], year, rng)


def _closed(counts: list[int], total: int) -> list[int]:
    """Counts that add up to the stock: the third, fostering through agencies, takes any difference."""
    counts[2] += total - sum(counts)
    return counts


def _costs(
    book: Ledger, targets: Targets, moves: Moves, number: int, year: int, kinds: list[str], rng: np.random.Generator
) -> list[float]:
    end = year_end(year)
    child = book.children[book.periods[number].child]
    placement = moves[number][current(moves, number, end)]
    fixed = placement.start <= year_end(year - 1)
    weights = kind_weights(targets, year, band_on(child.born, end), child.uasc, "")
    costs = []
    for kind in kinds:
        if kind == placement.kind:
            costs.append(-3.0)
        elif "adoption" in (kind, placement.kind) or weights[kind] == 0:
            costs.append(NEVER)
        elif kind == "supported" and not fixed and age_on(child.born, placement.start) < 16:
            costs.append(COST_OF_AN_EXTRA_MOVE - np.log(weights[kind]) + rng.gumbel())
        else:
            costs.append((COST_OF_AN_EXTRA_MOVE if fixed else 0.0) - np.log(weights[kind]) + rng.gumbel())
    return costs


def _changed(
    book: Ledger, placements: list[Placement], position: int, kind: str, year: int, rng: np.random.Generator
) -> list[Placement]:
    """The list with another kind at a position: the whole placement, or from a day of the year when it began before."""
    old = placements[position]
    born = book.born(old.period)
    too_young = kind == "supported" and old.start < birthday(born, 16)
    if old.start > year_end(year - 1) and not too_young:
        before, start = placements[:position], old.start
    else:
        first = max(year_end(year - 1) + 1, old.start + 1, birthday(born, 16) if kind == "supported" else 0)
        start = between(rng, first, year_end(year))
        before = [*placements[:position], replace(old, end=start)]
    return [
        *before,
        *_with_own_stay(replace(old, start=start, kind=kind), old.kind, year, rng),
        *placements[position + 1 :],
    ]


def _with_own_stay(placed: Placement, drafted: str, year: int, rng: np.random.Generator) -> list[Placement]:
    """A placement of another kind than drafted lasts as its own kind does; what is left goes back to the draft."""
    until = placed.start + stay_days(placed.kind, rng)
    end = placed.end if placed.end is not None else year_end(LAST_RETURN) + 1
    if stay_group(placed.kind) == stay_group(drafted) or not year_end(year) < until < end - 30:
        return [placed]
    return [replace(placed, end=until), replace(placed, start=until, kind=drafted)]
