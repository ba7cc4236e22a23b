"""903 codes of each placement: place and provider, and changes of status with the same carer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from sufficiency.sample.chance import between, choose_exactly, draw
from sufficiency.sample.ledger import Ledger
from sufficiency.sample.model import LAST_RETURN, YEARS, Placement, age_on, day, year_end
from sufficiency.sample.placements import Moves, current
from sufficiency.sample.targets import Targets

P2_UNTIL: Final = day(2023, 10, 28)
"""Independent living (P2) cannot be used from 28 October 2023: DfE, Guide to the SSDA903 collection 2023 to 2024."""

SHORT_TERM: Final = {"kinship": "U3", "in_house_fostering": "U6", "ifa": "U6"}
LONG_TERM: Final = {"U3": "U1", "U6": "U4"}
CODES: Final[Mapping[str, Mapping[str, float]]] = {
    "residential": {"K2": 0.96, "R1": 0.02, "S1": 0.02},
    "supported": {"H5": 0.85, "P2": 0.15},
    "secure": {"K1": 1.0},
    "with_parents": {"P1": 1.0},
    "adoption": {"A5": 0.15, "A6": 0.75, "A4": 0.08, "A3": 0.02},
}
PROVIDERS: Final[Mapping[str, Mapping[str, float]]] = {
    "kinship": {"PR1": 1.0},
    "in_house_fostering": {"PR1": 1.0},
    "ifa": {"PR4": 0.87, "PR5": 0.13},
    "residential": {"PR4": 0.97, "PR5": 0.03},
    "supported": {"PR4": 0.97, "PR2": 0.03},
    "secure": {"PR2": 1.0},
    "with_parents": {"PR0": 1.0},
    "adoption": {"PR1": 1.0},
    "other": {"PR2": 0.6, "PR3": 0.4},
}
"""Shares of codes within a kind: assumptions; provider totals at 31 March 2025 are the published ones."""

SHORTEST_TO_LONG_TERM_DAYS: Final = 120
NEW_PLACEMENTS_BEFORE_2018: Final = 450
"""Not published at authority level before 2018: an assumption, as in 2018."""

SHARE_OF_NEW_PLACEMENTS: Final = 0.92
"""Share of the published new placements that is aimed at before the last year. The published counts and the published
mean length of stay cannot both hold in a stock of this size, so the sample gives a little on each."""


def give_codes(book: Ledger, targets: Targets, moves: Moves, rng: np.random.Generator) -> None:
    """Set ``code`` and ``provider`` on every placement; providers at the last 31 March are exact."""
    for number, placements in moves.items():
        moves[number] = [_coded(book, placed, rng) for placed in placements]
    end = year_end(LAST_RETURN)
    voluntary = targets.count("provider", LAST_RETURN, "voluntary")
    _exact_providers(book, moves, "ifa", end, {"PR5": voluntary}, rng)
    _exact_providers(book, moves, "residential", end, {}, rng)
    _exact_providers(book, moves, "supported", end, {"PR2": 1}, rng)


def _coded(book: Ledger, placed: Placement, rng: np.random.Generator) -> Placement:
    age = age_on(book.born(placed.period), placed.start)
    if placed.kind in SHORT_TERM:
        code = SHORT_TERM[placed.kind]
    elif placed.kind == "other":
        code = draw(rng, {"R3": 0.8, "R2": 0.2} if age < 2 else {"R5": 0.3, "R2": 0.2, "Z1": 0.5})
    else:
        code = draw(rng, CODES[placed.kind])
    if code == "P2" and (placed.end is None or placed.end >= P2_UNTIL):
        code = "H5"
    return replace(placed, code=code, provider=draw(rng, PROVIDERS[placed.kind]))


def _exact_providers(
    book: Ledger, moves: Moves, kind: str, on: int, minority: dict[str, int], rng: np.random.Generator
) -> None:
    """Give exact numbers of a kind's placements of one day to the providers named, and PR4 to all others."""
    held = [(number, current(moves, number, on)) for number in book.open_on(on)]
    held = [(number, position) for number, position in held if moves[number][position].kind == kind]
    for number, position in held:
        moves[number][position] = replace(moves[number][position], provider="PR4")
    for provider, count in minority.items():
        for chosen in choose_exactly(rng, np.ones(len(held)), count):
            number, position = held[chosen]
            moves[number][position] = replace(moves[number][position], provider=provider)


def confirm_long_term(book: Ledger, targets: Targets, moves: Moves, rng: np.random.Generator) -> None:
    """Turn short-term fostering into long-term with the same carer, often enough for the published new placements."""
    for year in YEARS:
        wanted = targets.counts("new_placements", year).get("all", NEW_PLACEMENTS_BEFORE_2018)
        wanted = wanted if year == LAST_RETURN else round(SHARE_OF_NEW_PLACEMENTS * wanted)
        made = sum(year_end(year - 1) < placed.start <= year_end(year) for row in moves.values() for placed in row)
        able = [spot for spot in _could_be_confirmed(moves, year) if moves[spot[0]][spot[1]].code in LONG_TERM]
        for number, position in _chosen(book, targets, moves, able, wanted - made, year, rng):
            placed = moves[number][position]
            first = max(year_end(year - 1) + 1, placed.start + SHORTEST_TO_LONG_TERM_DAYS)
            on = between(rng, first, min(year_end(year), (placed.end or year_end(year) + 1) - 1))
            after = replace(placed, start=on, code=LONG_TERM[placed.code], same_carer=True)
            moves[number][position : position + 1] = [replace(placed, end=on), after]


def spare_moves(book: Ledger, targets: Targets, moves: Moves, rng: np.random.Generator) -> None:
    """Undo a move of some children in the last year, so that no more have three placements than is published."""
    first, last = year_end(LAST_RETURN - 1) + 1, year_end(LAST_RETURN)
    held = placements_in_year(book, moves, LAST_RETURN)
    often = [number for number in book.open_on(last) if held[book.periods[number].child] >= 3]
    able = [
        number
        for number in often
        if len(moves[number]) > 1
        and moves[number][-2].start >= first
        and held[book.periods[number].child] == 3
        and (moves[number][-1].kind != "supported" or age_on(book.born(number), moves[number][-2].start) >= 16)
    ]
    surplus = len(often) - targets.count("three_or_more_placements", LAST_RETURN)
    for position in choose_exactly(rng, np.ones(len(able)), surplus):
        number = able[position]
        before, now = moves[number][-2:]
        moves[number][-2:] = [replace(now, start=before.start)]


def _could_be_confirmed(moves: Moves, year: int) -> list[tuple[int, int]]:
    first, last = year_end(year - 1) + 1, year_end(year)
    return [
        (number, position)
        for number, placements in moves.items()
        for position, placed in enumerate(placements)
        if max(first, placed.start + SHORTEST_TO_LONG_TERM_DAYS) < min(last, placed.end or last)
    ]


def placements_in_year(book: Ledger, moves: Moves, year: int) -> Counter[int]:
    """Placements that each child held at any time in a year, the one at its opening included; by child."""
    first, last = year_end(year - 1) + 1, year_end(year)
    return Counter(
        book.periods[placed.period].child
        for placements in moves.values()
        for placed in placements
        if placed.start <= last and (placed.end is None or placed.end >= first)
    )


def _chosen(
    book: Ledger,
    targets: Targets,
    moves: Moves,
    able: list[tuple[int, int]],
    count: int,
    year: int,
    rng: np.random.Generator,
) -> list[tuple[int, int]]:
    """Which placements are confirmed; where it is published, just so many children reach three placements."""
    single = {number: spot for spot in able for number in [spot[0]]}
    by_child = placements_in_year(book, moves, year)
    held = {number: by_child[book.periods[number].child] for number in moves}
    stock = set(book.open_on(year_end(year)))
    three = targets.counts("three_or_more_placements", year).get("all")
    if three is None:
        spots = list(single.values())
        return [spots[position] for position in choose_exactly(rng, np.ones(len(spots)), count)]
    short = three - sum(held[number] >= 3 for number in stock)
    second = [spot for number, spot in single.items() if held[number] == 2 and number in stock]
    first = [spot for number, spot in single.items() if held[number] != 2 or number not in stock]
    up = [second[position] for position in choose_exactly(rng, np.ones(len(second)), short)]
    return up + [first[position] for position in choose_exactly(rng, np.ones(len(first)), count - len(up))]
