"""The register of homes at the end of the returns, and which of the authority's children live in each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sufficiency.sample.chance import draw
from sufficiency.sample.ledger import Ledger
from sufficiency.sample.model import LAST_RETURN, age_on, year_end
from sufficiency.sample.placements import Moves, current
from sufficiency.sample.postcodes import Place
from sufficiency.sample.zones import pick_place

NEEDS: Final = {
    "in_house_fostering": {1: 0.62, 2: 0.36, 3: 0.02},
    "ifa": {1: 0.4, 2: 0.4, 3: 0.2},
    "kinship": {1: 0.75, 2: 0.25},
    "residential": {2: 0.4, 3: 0.6},
    "supported": {1: 0.5, 2: 0.35, 3: 0.15},
    "secure": {3: 1.0},
}
OTHER_NEEDS: Final = {1: 0.7, 2: 0.3}
"""Needs levels by kind: an assumption, no authority publishes them."""


AGE_TERMS: Final = {
    (0, 4): 0.12,
    (0, 10): 0.2,
    (0, 17): 0.28,
    (5, 12): 0.12,
    (5, 17): 0.14,
    (8, 17): 0.08,
    (10, 17): 0.06,
}


@dataclass(frozen=True)
class Home:
    """One row of the register. ``ours`` are periods of care living there, ``others`` children of other authorities."""

    home_id: str
    kind: str
    provider: str
    zone: str
    places: int
    ours: tuple[int, ...] = ()
    others: int = 0
    place: Place | None = None
    min_age: int = 0
    max_age: int = 17
    sex: str = "any"
    max_needs_level: int = 1

    @property
    def free(self) -> int:
        """Approved places with nobody in them."""
        return self.places - len(self.ours) - self.others


@dataclass(frozen=True)
class Residents:
    """The children looked after at the end: period → kind, zone, provider code, needs level, age, sex and family."""

    kind: dict[int, str]
    zone: dict[int, str]
    provider: dict[int, str]
    needs: dict[int, int]
    book: Ledger

    def age(self, period: int) -> int:
        """Age in whole years on the last day of the returns."""
        return age_on(self.book.born(period), year_end(LAST_RETURN))

    def family(self, period: int) -> int:
        """The family a child belongs to."""
        return self.book.children[self.book.periods[period].child].family

    def home(self, period: int) -> Place | None:
        """The family home's postcode, missing for unaccompanied children."""
        return self.book.children[self.book.periods[period].child].home

    def of(self, kind: str) -> list[int]:
        """Periods of a kind."""
        return [period for period, own in self.kind.items() if own == kind]


def residents(book: Ledger, moves: Moves, rng: np.random.Generator) -> Residents:
    """Who is looked after at the end of the returns, with a needs level drawn by kind of placement."""
    end = year_end(LAST_RETURN)
    held = {number: moves[number][current(moves, number, end)] for number in book.open_on(end)}
    needs = {number: draw(rng, NEEDS.get(placed.kind, OTHER_NEEDS)) for number, placed in held.items()}
    return Residents(
        {number: placed.kind for number, placed in held.items()},
        {number: placed.zone for number, placed in held.items()},
        {number: placed.provider for number, placed in held.items()},
        needs,
        book,
    )


def finished(home: Home, who: Residents, pool: tuple[Place, ...], rng: np.random.Generator) -> Home:
    """Postcode, terms of approval and needs level, wide enough for those who live there."""
    family_homes = [place for period in home.ours if (place := who.home(period)) is not None]
    ages = [who.age(period) for period in home.ours]
    low, high = _terms(home.kind, rng)
    needs = max([who.needs[period] for period in home.ours], default=1)
    return replace(
        home,
        place=pick_place(pool, home.zone, family_homes, rng),
        min_age=min([low, *ages]),
        max_age=max([high, *ages]),
        sex=_sex(home, who, rng),
        max_needs_level=max(needs, _level(home.kind, rng)),
    )


def _terms(kind: str, rng: np.random.Generator) -> tuple[int, int]:
    if kind == "supported":
        return 16, 17
    if kind == "residential":
        return draw(rng, {(8, 17): 0.5, (10, 17): 0.3, (7, 14): 0.2})
    return draw(rng, AGE_TERMS)


def _level(kind: str, rng: np.random.Generator) -> int:
    shares = {
        "in_house_fostering": {1: 0.46, 2: 0.5, 3: 0.04},
        "ifa": {1: 0.2, 2: 0.55, 3: 0.25},
        "residential": {3: 1.0},
        "supported": {2: 0.7, 3: 0.3},
    }
    return draw(rng, shares[kind])


def _sex(home: Home, who: Residents, rng: np.random.Generator) -> str:
    """Most homes take anyone; a few one sex only, that of the children there."""
    share = {"residential": 0.3, "supported": 0.25}.get(home.kind, 0.08)
    sexes = {who.book.children[who.book.periods[period].child].sex for period in home.ours}
    if rng.random() > share or len(sexes) > 1:
        return "any"
    return sexes.pop() if sexes else draw(rng, {"female": 0.5, "male": 0.5})
