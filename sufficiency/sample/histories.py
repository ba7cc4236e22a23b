"""Who comes into care and who leaves, year by year, so that stock, starts and ceases are the published ones.

Children who start, cease and start again within one year are why the published flows do not close on the stock: DfE
counts such a child once among those who started and once among those who ceased. The sample has them too.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from sufficiency.sample.chance import between, choose_exactly, draw
from sufficiency.sample.ledger import Cohorts, Ledger
from sufficiency.sample.model import (
    BAND_FIRST_AGE,
    FIRST_RETURN,
    LAST_RETURN,
    YEARS,
    Period,
    band_on,
    birthday,
    year_end,
)
from sufficiency.sample.postcodes import Place
from sufficiency.sample.targets import Targets
from sufficiency.sample.uasc import OPENING, arrivals

BANDS: Final = tuple(BAND_FIRST_AGE)[:-1]
DAYS_A_YEAR: Final = 365.25
NEWBORN_SHARE: Final = 0.55
"""Of those who start before their first birthday, the share in the first month of life: an assumption."""

FAMILY_SIZES: Final = {1: 0.52, 2: 0.22, 3: 0.14, 4: 0.08, 5: 0.04}
"""Children of one family who start together, by size of group; gives the published mean group of about 2.6."""

FEMALE_SHARE: Final = 0.47
UASC_MALE_SHARE: Final = 0.94
HOME_OUTSIDE_SHARE: Final = 0.05
CANDIDATE_AGES: Final = 6
START_AGAIN_DAYS: Final = 150
RETURNING_SHARE: Final = 0.08
"""Of those who start, the share looked after before: an assumption."""


def simulate(targets: Targets, places: tuple[Place, ...], rng: np.random.Generator) -> Ledger:
    """Children and periods of care for the ten years of returns."""
    book = Ledger()
    homes = _family_homes(places)
    _add_uasc(book, targets, rng)
    cohorts = Cohorts.of(targets)
    _add_entrants(book, cohorts, _opening_ages(targets), FIRST_RETURN - 1, homes, rng)
    for year in YEARS:
        bands = _without_uasc(book, targets, year)
        _add_entrants(book, cohorts, bands, year, homes, rng)
        _leave(book, cohorts, targets, year, rng)
        _start_again(book, targets, year, rng)
    return book


def _family_homes(places: tuple[Place, ...]) -> tuple[list[Place], list[Place]]:
    """Postcodes of family homes in the borough and, for a few families, close outside it."""
    inside = [place for place in places if place.zone == "inside"]
    return inside, [place for place in places if place.zone == "near" and place.miles < 9]


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


def _add_entrants(
    book: Ledger,
    cohorts: Cohorts,
    bands: dict[str, int],
    year: int,
    homes: tuple[list[Place], list[Place]],
    rng: np.random.Generator,
) -> None:
    """Book the year's entrants family by family; for 2015 those already looked after, with starts years before."""
    waiting = [band for band, count in bands.items() for _ in range(count)]
    waiting = [waiting[position] for position in rng.permutation(len(waiting))]
    while waiting:
        size = min(draw(rng, FAMILY_SIZES), len(waiting))
        start = between(rng, year_end(year - 1) + 1, year_end(year))
        pool = homes[1] if rng.random() < HOME_OUTSIDE_SHARE else homes[0]
        home = pool[int(rng.integers(len(pool)))]
        family = len(book.children)
        for band in waiting[:size]:
            _enter(book, cohorts, band, start, year, family, home, rng)
        waiting = waiting[size:]


def _enter(
    book: Ledger,
    cohorts: Cohorts,
    band: str,
    start: int,
    year: int,
    family: int,
    home: Place,
    rng: np.random.Generator,
) -> int:
    former = _former_child(book, band, start, rng) if year >= FIRST_RETURN and rng.random() < RETURNING_SHARE else None
    if former is not None:
        book.periods.append(Period(former, start))
        return len(book.periods) - 1
    aged_on = start if year >= FIRST_RETURN else year_end(year)
    age = cohorts.choose_age(book, [_age_in_band(band, rng) for _ in range(CANDIDATE_AGES)], aged_on, rng)
    sex = "female" if rng.random() < FEMALE_SHARE else "male"
    if year == FIRST_RETURN - 1:
        born = year_end(year) - age
        start = year_end(year) - min(round(rng.gamma(0.9, 900)), round(age * rng.uniform(0.5, 1.0)))
    else:
        born = start - age
    return book.add(born, start, family, False, home, sex)


def _former_child(book: Ledger, band: str, start: int, rng: np.random.Generator) -> int | None:
    """A child who left earlier and is now in the wanted age band, if there is one."""
    last: dict[int, Period] = {}
    for period in sorted(book.periods, key=lambda period: period.start):
        last[period.child] = period
    fit = [
        child
        for child, period in last.items()
        if period.end is not None
        and 60 < start - period.end < 900
        and band_on(book.children[child].born, start) == band
        and not book.children[child].uasc
    ]
    return fit[int(rng.integers(len(fit)))] if fit else None


def _age_in_band(band: str, rng: np.random.Generator) -> int:
    """Age in days within a band; under-ones are mostly newborn, sixteen and seventeen lean to sixteen."""
    bounds = list(BAND_FIRST_AGE.values())
    low = BAND_FIRST_AGE[band]
    high = bounds[bounds.index(low) + 1]
    if band == "under 1" and rng.random() < NEWBORN_SHARE:
        return int(rng.integers(0, 30))
    return between(rng, int(low * DAYS_A_YEAR) + 3, int(high * DAYS_A_YEAR) - 3)


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
    carried = 0
    leaving: list[int] = []
    for band, members in by_band.items():
        surplus = len(members) - wanted[band] + carried
        count = int(np.clip(surplus, 0, len(members)))
        carried = surplus - count if band != "18" else 0
        leaving += _who_leaves(book, cohorts, members, count, year, family_key, rng)
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
    weight = np.where(days < 30, 0.2, 0.35 + 1.4 * np.exp(-days / 300))
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
            on = between(rng, first, last)
        shared[family] = on
        book.close(number, on)


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
