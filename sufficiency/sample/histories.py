"""Who comes into care and who leaves, year by year, so that stock, starts and ceases are the published ones.

Children who start, cease and start again within one year are why the published flows do not close on the stock: DfE
counts such a child once among those who started and once among those who ceased. The sample has them too.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from sufficiency.sample.chance import between, choose_exactly
from sufficiency.sample.entering import add_entrants, family_homes
from sufficiency.sample.ledger import Cohorts, Ledger
from sufficiency.sample.model import (
    BAND_FIRST_AGE,
    FIRST_RETURN,
    LAST_RETURN,
    YEARS,
    Period,
    age_on,
    band_on,
    birthday,
    year_end,
)
from sufficiency.sample.postcodes import Place
from sufficiency.sample.targets import Targets
from sufficiency.sample.uasc import OPENING, arrivals

BANDS: Final = tuple(BAND_FIRST_AGE)[:-1]
CLOSING_ORDER: Final = ("18", "16-17", "under 1", "1-4", "5-9", "10-15")
"""Bands in which leavers are counted out; what one is short of, the next keeps, and the largest comes last."""


UASC_MALE_SHARE: Final = 0.94
START_AGAIN_DAYS: Final = 150


def simulate(targets: Targets, places: tuple[Place, ...], rng: np.random.Generator) -> Ledger:
    """Children and periods of care for the ten years of returns."""
    book = Ledger()
    homes = family_homes(places)
    _add_uasc(book, targets, rng)
    cohorts = Cohorts.of(targets)
    add_entrants(book, cohorts, _opening_ages(targets), FIRST_RETURN - 1, homes, rng)
    for year in YEARS:
        bands = _without_uasc(book, targets, year)
        add_entrants(book, cohorts, bands, year, homes, rng)
        _leave(book, cohorts, targets, year, rng)
        _start_again(book, targets, year, rng)
    return book


def _add_uasc(book: Ledger, targets: Targets, rng: np.random.Generator) -> None:
    for arrival in arrivals(targets, rng):
        sex = "male" if rng.random() < UASC_MALE_SHARE else "female"
        period = book.add(arrival.born, arrival.start, len(book.children), True, None, sex)
        if arrival.adult <= year_end(LAST_RETURN):
            book.close(period, arrival.adult)


def _opening_ages(targets: Targets) -> dict[str, int]:
    """Children at 31 March 2015 who are not unaccompanied: the published ages, the last band closing the total."""
    ages = targets.counts("looked_after_age", FIRST_RETURN - 1)
    return {**ages, "16-17": targets.count("looked_after", FIRST_RETURN - 1) - OPENING - sum(list(ages.values())[:-1])}


def _without_uasc(book: Ledger, targets: Targets, year: int) -> dict[str, int]:
    """Starts by age less the unaccompanied children; suppressed cells go to 10-15."""
    bands = targets.counts("started_age", year)
    left = {**bands, "10-15": bands["10-15"] + targets.count("started", year) - sum(bands.values())}
    for period in book.periods:
        if book.children[period.child].uasc and year_end(year - 1) < period.start <= year_end(year):
            left[band_on(book.children[period.child].born, period.start)] -= 1
    return left


def _leave(book: Ledger, cohorts: Cohorts, targets: Targets, year: int, rng: np.random.Generator) -> None:
    """Close periods so that the stock by age at the year's end is the target."""
    end = year_end(year)
    pool = [number for number in book.open_on(end) if not book.children[book.periods[number].child].uasc]
    wanted = _stock_without_uasc(book, targets, year)
    by_band: dict[str, list[int]] = {band: [] for band in BAND_FIRST_AGE}
    for number in pool:
        by_band[band_on(book.born(number), end)].append(number)
    uasc_18 = targets.count("ceased", year, "uasc")
    wanted["18"] = targets.count("ceased_18", year) - uasc_18
    family_key = {book.children[book.periods[number].child].family: rng.gumbel() for number in pool}
    short = 0
    leaving: list[int] = []
    for band in CLOSING_ORDER:
        surplus = len(by_band[band]) - wanted[band] - (short if band != "18" else 0)
        count = int(np.clip(surplus, 0, len(by_band[band])))
        short = count - surplus if band != "18" else short
        leaving += _who_leaves(book, cohorts, by_band[band], count, year, family_key, rng)
    adults = [number for number in by_band["18"] if number not in set(leaving)]
    for number in adults:
        book.close(number, birthday(book.born(number), 18))
    _close_before(book, leaving, year, rng)


def _stock_without_uasc(book: Ledger, targets: Targets, year: int) -> dict[str, int]:
    bands = targets.counts("looked_after_age", year)
    total = targets.count("looked_after", year)
    bands["10-15"] += total - sum(bands.values())
    for number in book.open_on(year_end(year)):
        if book.children[book.periods[number].child].uasc:
            bands[band_on(book.born(number), year_end(year))] -= 1
    return bands


def _who_leaves(
    book: Ledger,
    cohorts: Cohorts,
    members: list[int],
    count: int,
    year: int,
    family_key: dict[int, float],
    rng: np.random.Generator,
) -> list[int]:
    """``count`` of the members: the newly arrived leave soonest, brothers and sisters tend to leave together."""
    days = np.array([year_end(year) - book.periods[number].start for number in members], dtype=float)
    weight = np.where(days < 30, np.where(days < 5, 1e-6, 0.2), 0.35 + 1.4 * np.exp(-days / 300))
    ages = np.array([age_on(book.born(number), year_end(year)) for number in members])
    weight = np.where((ages < 6) & (days > 300), 3.0 * weight, weight)
    weight = weight * cohorts.crowding(book, members, year_end(year))
    shared = np.array([family_key[book.children[book.periods[number].child].family] for number in members])
    keys = np.log(weight) + 0.7 * shared + 0.6 * rng.gumbel(size=len(members))
    return [members[position] for position in np.argsort(-keys, kind="stable")[:count]]


def _close_before(book: Ledger, leaving: list[int], year: int, rng: np.random.Generator) -> None:
    """End each period on a day of the year, before the 18th birthday; many brothers and sisters share the day."""
    shared: dict[int, int] = {}
    for number in leaving:
        period = book.periods[number]
        first = max(year_end(year - 1) + 1, period.start + 2)
        last = min(year_end(year), birthday(book.born(number), 18) - 1)
        family = book.children[period.child].family
        on = shared.get(family, 0)
        if not first <= on <= last or rng.random() < 0.3:
            on = _leaving_day(book.born(number), first, last, rng)
        shared[family] = on
        book.close(number, on)


def _leaving_day(born: int, first: int, last: int, rng: np.random.Generator) -> int:
    """A day to leave: babies mostly before their first birthday, those turning 16 mostly after it."""
    on = between(rng, first, last)
    if first < birthday(born, 1) <= on and rng.random() < 0.6:
        return between(rng, first, birthday(born, 1) - 1)
    if on < birthday(born, 16) <= last and rng.random() < 0.8:
        return between(rng, birthday(born, 16), last)
    return on


def _start_again(book: Ledger, targets: Targets, year: int, rng: np.random.Generator) -> None:
    """Give some of the year's starters a short first period and a gap, as many as close the published flows."""
    grown = targets.count("looked_after", year) - targets.count("looked_after", year - 1)
    again = grown - targets.count("started", year) + targets.count("ceased", year)
    early = [
        number
        for number in book.open_on(year_end(year))
        if year_end(year - 1) < book.periods[number].start < year_end(year) - START_AGAIN_DAYS
        and not book.children[book.periods[number].child].uasc
    ]
    for position in choose_exactly(rng, np.ones(len(early)), again):
        first = book.periods[early[position]]
        home = first.start + between(rng, 10, 60)
        book.periods.append(Period(first.child, first.start, home, "E4A"))
        book.move_start(early[position], home + between(rng, 15, START_AGAIN_DAYS - 70))
