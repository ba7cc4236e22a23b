"""Who lives in which home at the end of the returns, with the children of other authorities and the free places."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from sufficiency.sample.chance import choose_exactly, draw
from sufficiency.sample.homes import Home, Residents, finished
from sufficiency.sample.model import LAST_RETURN
from sufficiency.sample.postcodes import Place
from sufficiency.sample.targets import Targets
from sufficiency.vocabulary import USUAL_FOSTERING_LIMIT

EMPTY_HOUSEHOLDS: Final = 12
"""Households with nobody placed, for now or because they are not available: an assumption."""

LOCAL_HOME_PLACES: Final = (1, 2, 2, 3, 3, 3, 4, 4, 5)
"""Places in each children's home in the borough: nine homes of one to five beds with 27 places, all private (Ofsted,
children's social care providers and places at 31 March 2025)."""

LOCAL_SUPPORTED_PLACES: Final = (4, 5, 6, 6, 8, 8, 10, 12)
"""Places in each supported accommodation in the borough: an assumption."""

LOCAL_PLACES_FREE: Final = {"residential": 3, "supported": 8}
"""Free places in the borough: an assumption."""

AGENCY_SIZES: Final = {1: 0.3, 2: 0.45, 3: 0.25}
"""Places of an agency household: an assumption near the in-house shares."""

AGENCY_VACANCIES: Final = {"inside": 8, "near": 8, "far": 8}
"""Agency households with a vacancy and none of our children, known to the placement team: an assumption."""

SIZES: Final = {"residential": (2, 3, 4, 5, 6), "supported": (4, 5, 6, 8)}
"""Places of a home away from the borough: an assumption."""

PREFIX: Final = {"ifa": "A", "residential": "R", "supported": "S"}

MAX_OURS_AWAY: Final = {"residential": 3, "supported": 4}
"""Most of our children in one home away from the borough: an assumption."""


def open_homes(who: Residents, targets: Targets, pool: tuple[Place, ...], rng: np.random.Generator) -> list[Home]:
    """In-house households, agency households, children's homes and supported accommodation, with who lives there."""
    homes = _in_house(who, targets, rng)
    homes += _establishments(who, "residential", LOCAL_HOME_PLACES, rng)
    homes += _establishments(who, "supported", LOCAL_SUPPORTED_PLACES, rng)
    local = sum(home.others for home in homes if home.zone == "inside")
    homes += _agency(who, targets.count("other_authorities_children", LAST_RETURN, "in borough") - local, rng)
    return [finished(home, who, pool, rng) for home in homes]


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
