"""The register of homes at the end of the returns, and which of the authority's children live in each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sufficiency.sample.chance import choose_exactly, draw
from sufficiency.sample.ledger import Ledger
from sufficiency.sample.model import LAST_RETURN, age_on, year_end
from sufficiency.sample.placements import Moves, current
from sufficiency.sample.postcodes import Place
from sufficiency.sample.targets import Targets
from sufficiency.sample.zones import pick_place
from sufficiency.vocabulary import USUAL_FOSTERING_LIMIT

NEEDS: Final = {
    "in_house_fostering": {1: 0.6, 2: 0.35, 3: 0.05},
    "ifa": {1: 0.4, 2: 0.4, 3: 0.2},
    "kinship": {1: 0.75, 2: 0.25},
    "residential": {2: 0.4, 3: 0.6},
    "supported": {1: 0.5, 2: 0.35, 3: 0.15},
    "secure": {3: 1.0},
}
OTHER_NEEDS: Final = {1: 0.7, 2: 0.3}
"""Needs levels by kind: an assumption, no authority publishes them."""

EMPTY_HOUSEHOLDS: Final = 12
LOCAL_HOME_PLACES: Final = (1, 2, 2, 3, 3, 3, 4, 4, 5)
LOCAL_PLACES_FREE: Final = {"residential": 3, "supported": 8}
AGENCY_SIZES: Final = {1: 0.3, 2: 0.45, 3: 0.25}
AGENCY_VACANCIES: Final = {"inside": 8, "near": 8, "far": 8}
"""Agency households with a vacancy and none of our children, known to the placement team: an assumption."""

AGE_TERMS: Final = {
    (0, 4): 0.12,
    (0, 10): 0.2,
    (0, 17): 0.28,
    (5, 12): 0.12,
    (5, 17): 0.14,
    (8, 17): 0.08,
    (10, 17): 0.06,
}
SIZES: Final = {"residential": (2, 3, 4, 5, 6), "supported": (4, 5, 6, 8)}
PREFIX: Final = {"ifa": "A", "residential": "R", "supported": "S"}
MAX_OURS_AWAY: Final = {"residential": 3, "supported": 4}


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


def open_homes(who: Residents, targets: Targets, pool: tuple[Place, ...], rng: np.random.Generator) -> list[Home]:
    """In-house households, agency households, children's homes and supported accommodation, with who lives there."""
    homes = _in_house(who, targets, rng)
    homes += _establishments(who, "residential", LOCAL_HOME_PLACES, rng)
    homes += _establishments(who, "supported", (4, 5, 6, 6, 8, 8, 10, 12), rng)
    local = sum(home.others for home in homes if home.zone == "inside")
    homes += _agency(who, targets.count("other_authorities_children", LAST_RETURN, "in borough") - local, rng)
    return [_finished(home, who, pool, rng) for home in homes]


def _units(who: Residents, kind: str, largest: int, rng: np.random.Generator) -> list[list[int]]:
    """Children who could share a home: brothers and sisters in the same zone with the same provider, largest first."""
    groups: dict[tuple[int, str, str], list[int]] = {}
    for period in who.of(kind):
        groups.setdefault((who.family(period), who.zone[period], who.provider[period]), []).append(period)
    units = [unit[first : first + largest] for unit in groups.values() for first in range(0, len(unit), largest)]
    units = [units[position] for position in rng.permutation(len(units))]
    return sorted(units, key=len, reverse=True)


def _in_house(who: Residents, targets: Targets, rng: np.random.Generator) -> list[Home]:
    sizes = [
        int(size) for size, count in targets.counts("households_by_places", LAST_RETURN).items() for _ in range(count)
    ]
    sizes = [sizes[position] for position in rng.permutation(len(sizes))]
    homes = [Home(f"H{n:03d}", "in_house_fostering", "Sample Borough", "", size) for n, size in enumerate(sizes, 1)]
    empty = set(choose_exactly(rng, np.ones(len(homes)), EMPTY_HOUSEHOLDS))
    for unit in _units(who, "in_house_fostering", 3, rng):
        fits = [
            position
            for position, home in enumerate(homes)
            if home.free >= len(unit)
            and home.zone in ("", who.zone[unit[0]])
            and position not in empty
            and len(home.ours) + len(unit) <= USUAL_FOSTERING_LIMIT
        ]
        fits = fits or [position for position, home in enumerate(homes) if home.free >= len(unit) and not home.ours]
        chosen = fits[int(rng.integers(len(fits)))]
        homes[chosen] = replace(homes[chosen], zone=who.zone[unit[0]], ours=homes[chosen].ours + tuple(unit))
    return [replace(home, zone=home.zone or draw(rng, {"inside": 0.8, "near": 0.2})) for home in homes]


def _establishments(who: Residents, kind: str, local: tuple[int, ...], rng: np.random.Generator) -> list[Home]:
    """Children's homes or supported accommodation: the local ones, and those away where our children live."""
    homes = [Home("", kind, "", "inside", size) for size in local]
    for period in who.of(kind):
        zone, code = who.zone[period], who.provider[period]
        room = MAX_OURS_AWAY[kind] if zone != "inside" else 99
        fits = [
            position
            for position, home in enumerate(homes)
            if home.zone == zone and home.free > 0 and len(home.ours) < room and home.provider in ("", code)
        ]
        if not fits:
            homes.append(Home("", kind, code, zone, int(rng.choice(SIZES[kind]))))
            fits = [len(homes) - 1]
        chosen = fits[int(rng.integers(len(fits)))]
        homes[chosen] = replace(homes[chosen], provider=code, ours=(*homes[chosen].ours, period))
    homes = [replace(home, home_id=f"{PREFIX[kind]}{number:03d}") for number, home in enumerate(homes, 1)]
    return _with_others(homes, LOCAL_PLACES_FREE[kind], rng)


def _with_others(homes: list[Home], local_free: int, rng: np.random.Generator) -> list[Home]:
    """Fill places with other authorities' children: locally all but a few, elsewhere three in four."""
    filled = []
    for home in homes:
        if home.zone == "inside":
            filled.append(replace(home, others=home.free))
        else:
            filled.append(replace(home, others=int(rng.binomial(home.free, 0.75))))
    for _ in range(local_free):
        able = [position for position, home in enumerate(filled) if home.zone == "inside" and home.others > 0]
        chosen = able[int(rng.integers(len(able)))]
        filled[chosen] = replace(filled[chosen], others=filled[chosen].others - 1)
    return filled


def _agency(who: Residents, local_others: int, rng: np.random.Generator) -> list[Home]:
    """Agency households: ours first, then local ones with other authorities' children, then known vacancies."""
    homes: list[Home] = []
    for unit in _units(who, "ifa", 3, rng):
        zone, code = who.zone[unit[0]], who.provider[unit[0]]
        fits = [
            position
            for position, home in enumerate(homes)
            if home.zone == zone and home.provider == code and home.free >= len(unit)
        ]
        if not fits or rng.random() < 0.25:
            homes.append(Home("", "ifa", code, zone, max(draw(rng, AGENCY_SIZES), len(unit))))
            fits = [len(homes) - 1]
        chosen = fits[int(rng.integers(len(fits)))]
        homes[chosen] = replace(homes[chosen], ours=homes[chosen].ours + tuple(unit))
    homes = [home if rng.random() < 0.3 or home.zone == "inside" else replace(home, others=home.free) for home in homes]
    for zone, count in AGENCY_VACANCIES.items():
        homes += [Home("", "ifa", "PR4", zone, draw(rng, AGENCY_SIZES)) for _ in range(count)]
    while local_others > 0:
        here = min(local_others, draw(rng, {2: 0.4, 3: 0.6}))
        homes.append(Home("", "ifa", "PR4", "inside", here, others=here))
        local_others -= here
    return [replace(home, home_id=f"A{number:03d}") for number, home in enumerate(homes, 1)]


def _finished(home: Home, who: Residents, pool: tuple[Place, ...], rng: np.random.Generator) -> Home:
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
        "in_house_fostering": {1: 0.46, 2: 0.48, 3: 0.06},
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
