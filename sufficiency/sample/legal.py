"""Legal status through each period of care, counted out at each 31 March from the year it is published."""

from __future__ import annotations

from typing import Final

import numpy as np

from sufficiency.sample.chance import NEVER, between, draw, fill_exactly
from sufficiency.sample.ledger import Ledger
from sufficiency.sample.model import YEARS, age_on, year_end
from sufficiency.sample.placements import ADOPTED
from sufficiency.sample.targets import Targets

STATUSES: Final = ("C2", "C1", "E1", "V2", "J1")
BEFORE_2021: Final = {"C2": 0.56, "C1": 0.19, "E1": 0.055, "V2": 0.19, "J1": 0.005}
"""Shares before the published years: an assumption, near those of 31 March 2021."""

AT_START: Final = {"V2": 0.61, "C1": 0.28, "L1": 0.11}
"""Legal status on starting; near the published Swindon starts of 2023 to 2025 (DfE)."""

POLICE_PROTECTION_DAYS: Final = 2
FORWARD: Final = {"V2": ("C1", "C2"), "C1": ("C2", "E1", "V2"), "C2": ("E1",), "E1": ("C2",), "J1": ("V2", "C1")}
UNUSUAL: Final = {("C1", "V2"): 4.0, ("E1", "C2"): 3.0, ("J1", "V2"): 1.0, ("V2", "C2"): 1.5}
"""Changes that do happen but seldom, with their extra cost in log odds: an assumption."""

Statuses = dict[int, list[tuple[int, str]]]


def legal_statuses(book: Ledger, targets: Targets, rng: np.random.Generator) -> Statuses:
    """For each period the days on which a legal status began, with its code."""
    statuses = {number: _at_start(book, number, rng) for number in range(len(book.periods))}
    for year in YEARS:
        _count_out(book, targets, statuses, year, rng)
    return statuses


def status_on(changes: list[tuple[int, str]], on: int) -> str:
    """The legal status that holds on a day."""
    return [status for since, status in changes if since <= on][-1]


def _at_start(book: Ledger, number: int, rng: np.random.Generator) -> list[tuple[int, str]]:
    period = book.periods[number]
    if book.children[period.child].uasc:
        return [(period.start, "V2")]
    status = draw(rng, AT_START)
    stays = period.last() - period.start > POLICE_PROTECTION_DAYS
    if status != "L1" or not stays:
        return [(period.start, status)]
    return [(period.start, "L1"), (period.start + POLICE_PROTECTION_DAYS, draw(rng, {"V2": 0.5, "C1": 0.5}))]


def _counts(targets: Targets, year: int, total: int) -> list[int]:
    published = targets.counts("legal_status", year)
    if published:
        counts = [published[status if status != "J1" else "other"] for status in STATUSES]
    else:
        counts = [round(BEFORE_2021[status] * total) for status in STATUSES]
    return [counts[0] + total - sum(counts), *counts[1:]]


def _count_out(book: Ledger, targets: Targets, statuses: Statuses, year: int, rng: np.random.Generator) -> None:
    end = year_end(year)
    stock = book.open_on(end)
    costs = np.array([[_cost(book, statuses, number, year, status, rng) for status in STATUSES] for number in stock])
    answer = fill_exactly(costs, _counts(targets, year, len(stock)))
    for number, column in zip(stock, answer, strict=True):
        if status_on(statuses[number], end) != STATUSES[column]:
            first = max(year_end(year - 1) + 1, statuses[number][-1][0] + 3)
            on = between(rng, first, end)
            statuses[number] = (
                [*statuses[number], (on, STATUSES[column])]
                if on > statuses[number][-1][0]
                else [(statuses[number][0][0], STATUSES[column])]
            )


def _cost(book: Ledger, statuses: Statuses, number: int, year: int, status: str, rng: np.random.Generator) -> float:
    """Cost of a child holding a status at the year's end: staying is free, orders follow one another forward."""
    period, end = book.periods[number], year_end(year)
    child = book.children[period.child]
    now = status_on(statuses[number], end)
    if child.uasc:
        return 0.0 if status == "V2" else NEVER
    days, age = end - period.start, age_on(child.born, end)
    to_adopters = period.exit_code in ADOPTED and period.last() - end < 550
    chance = rng.gumbel()
    if status == now:
        return {"V2": min(days / 200, 4.0), "C1": days / 180, "E1": 0.0 if to_adopters else 3.0}.get(now, 0.0) + chance
    if status == "J1":
        return 5.0 + chance if days < 200 and age >= 12 else NEVER
    if status == "E1":
        return (0.0 if to_adopters else 2.0 + age) + chance if days > 120 and age < 9 else NEVER
    if status not in FORWARD.get(now, ()) and status != "V2":
        return NEVER
    return 2.0 + UNUSUAL.get((now, status), 0.0) + max(0.0, (200 - days) / 60) * (status == "C2") + chance
