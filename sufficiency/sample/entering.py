"""Families whose children come into care: how many together, how old, from which home."""

from __future__ import annotations

from typing import Final

import numpy as np

from sufficiency.sample.chance import between, draw
from sufficiency.sample.ledger import Cohorts, Ledger
from sufficiency.sample.model import BAND_FIRST_AGE, FIRST_RETURN, Period, band_on, year_end
from sufficiency.sample.postcodes import Place

DAYS_A_YEAR: Final = 365.25

NEWBORN_SHARE: Final = 0.62
"""Of those who start before their first birthday, the share in the first month of life: an assumption."""

FAMILY_SIZES: Final = {1: 0.36, 2: 0.16, 3: 0.22, 4: 0.16, 5: 0.1}
"""Children of one family who start together, by size of group; gives the published mean group of about 2.6."""

FEMALE_SHARE: Final = 0.47
"""Girls among children who are not unaccompanied: an assumption; 31 March 2025 is made exact afterwards."""

HOME_OUTSIDE_SHARE: Final = 0.05
"""Families whose home is just outside the borough: an assumption."""

CANDIDATE_AGES: Final = 6
"""Ages drawn for each child, of which the one whose cohort is shortest is the likeliest to be taken."""

RETURNING_SHARE: Final = 0.08
"""Of those who start, the share looked after before: an assumption."""


def family_homes(places: tuple[Place, ...]) -> tuple[list[Place], list[Place]]:
    """Postcodes of family homes in the borough and, for a few families, close outside it."""
    inside = [place for place in places if place.zone == "inside"]
    return inside, [place for place in places if place.zone == "near" and place.miles < 9]


def add_entrants(
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
