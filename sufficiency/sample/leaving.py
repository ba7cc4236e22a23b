"""Why each period of care ended: adoption and special guardianship in the published numbers, the rest by age."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from sufficiency.sample.chance import choose_exactly, draw
from sufficiency.sample.ledger import Ledger
from sufficiency.sample.model import YEARS, age_on, birthday, year_end
from sufficiency.sample.targets import Targets

SHORTEST_TO_ADOPTION_DAYS: Final = 210
SHORTEST_TO_GUARDIANSHIP_DAYS: Final = 120
AT_18: Final = {"E17": 0.62, "E5": 0.2, "E6": 0.05, "E8": 0.1, "E7": 0.03}
UASC_AT_18: Final = {"E5": 0.65, "E8": 0.2, "E17": 0.15}
HOME: Final = {"E4A": 0.74, "E4B": 0.14, "E13": 0.06, "E8": 0.06}
BEFORE_18: Final = {"E4A": 0.45, "E4B": 0.15, "E5": 0.2, "E9": 0.06, "E8": 0.14}
GUARDIANSHIP: Final = {"E45": 0.55, "E47": 0.3, "E46": 0.08, "E41": 0.07}
"""Shares of the codes within each group: assumptions near the published Swindon reasons of 2021 to 2025."""


def give_reasons(book: Ledger, targets: Targets, rng: np.random.Generator) -> None:
    """Set ``exit_code`` on every closed period that has none."""
    comes_back = _children_who_come_back(book)
    for year in YEARS:
        leavers = [
            number
            for number, period in enumerate(book.periods)
            if period.end and year_end(year - 1) < period.end <= year_end(year) and not period.exit_code
        ]
        final = [number for number in leavers if number not in comes_back]
        adopted = _pick(book, final, _can_be_adopted, targets.count("adopted", year), rng)
        left = [number for number in final if number not in adopted]
        guarded = _pick(book, left, _can_have_a_guardian, targets.count("sgo_or_order", year), rng)
        for number in leavers:
            book.close(number, _end(book, number), _code(book, number, adopted, guarded, rng))


def _end(book: Ledger, number: int) -> int:
    end = book.periods[number].end
    return end if end is not None else 0


def _children_who_come_back(book: Ledger) -> set[int]:
    """Periods that are followed by another one of the same child: these ended with going home."""
    latest: dict[int, int] = {}
    for period in book.periods:
        latest[period.child] = max(latest.get(period.child, 0), period.start)
    return {number for number, period in enumerate(book.periods) if period.start < latest[period.child]}


def _pick(
    book: Ledger, numbers: list[int], fits: Callable[[Ledger, int], float], count: int, rng: np.random.Generator
) -> set[int]:
    able = [number for number in numbers if fits(book, number) > 0]
    weights = [fits(book, number) for number in able]
    return {able[position] for position in choose_exactly(rng, weights, count)}


def _can_be_adopted(book: Ledger, number: int) -> float:
    """Weight for adoption: young, and long enough in care for the orders it takes."""
    period, age = book.periods[number], age_on(book.born(number), _end(book, number))
    if _end(book, number) - period.start < SHORTEST_TO_ADOPTION_DAYS or age > 8:
        return 0.0
    return {0: 2.0, 1: 4.0, 2: 3.0, 3: 2.0, 4: 1.0}.get(age, 0.3)


def _can_have_a_guardian(book: Ledger, number: int) -> float:
    """Weight for special guardianship or a child arrangements order: under 15, more often the young."""
    period, age = book.periods[number], age_on(book.born(number), _end(book, number))
    if _end(book, number) - period.start < SHORTEST_TO_GUARDIANSHIP_DAYS or age > 14:
        return 0.0
    return 2.0 if age < 8 else 1.0


def _code(book: Ledger, number: int, adopted: set[int], guarded: set[int], rng: np.random.Generator) -> str:
    born, end = book.born(number), _end(book, number)
    if end >= birthday(born, 18):
        return draw(rng, UASC_AT_18 if book.children[book.periods[number].child].uasc else AT_18)
    if number in adopted:
        return draw(rng, {"E12": 0.85, "E11": 0.15})
    if number in guarded:
        return draw(rng, GUARDIANSHIP)
    return draw(rng, BEFORE_18 if age_on(born, end) >= 16 else HOME)
