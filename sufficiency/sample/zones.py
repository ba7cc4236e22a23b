"""Where each placement is: inside the borough, near it or far, counted out at each 31 March."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

import numpy as np

from sufficiency.geography import miles_between
from sufficiency.sample.chance import choose_exactly, draw
from sufficiency.sample.ledger import Ledger
from sufficiency.sample.model import LAST_RETURN, YEARS, Child, Placement, return_year, year_end
from sufficiency.sample.placements import Moves, current
from sufficiency.sample.postcodes import CENTRE, Place
from sufficiency.sample.targets import Targets

LIMIT_MILES: Final = 20.0
MARGIN_MILES: Final = 0.3
"""Kept clear of the limit on both sides, so that a degraded postcode seldom crosses it."""

FAR_WEIGHT: Final = {
    "kinship": 0.7,
    "in_house_fostering": 0.002,
    "ifa": 2.5,
    "residential": 6.0,
    "supported": 0.7,
    "secure": 50.0,
    "with_parents": 0.05,
    "adoption": 4.0,
    "other": 1.5,
}
NEAR_WEIGHT: Final = {"in_house_fostering": 1.0, "ifa": 1.0, "residential": 0.7, "supported": 0.5, "kinship": 0.6}
"""How often a kind is at a distance, against the others: an assumption; the totals are the published ones."""

INSIDE_SHARE_BEFORE_2021: Final = 0.66
UASC_INSIDE_SHARE_BEFORE_2021: Final = 0.6


def give_zones(book: Ledger, targets: Targets, moves: Moves, rng: np.random.Generator) -> None:
    """Set ``zone`` on every placement: the published counts at each 31 March, chance in between."""
    for year in YEARS:
        stock = book.open_on(year_end(year))
        uasc = [number for number in stock if book.children[book.periods[number].child].uasc]
        others = [number for number in stock if number not in set(uasc)]
        far = targets.count("distance", year, "over 20 miles")
        inside_uasc, inside = _inside(targets, year, len(uasc), len(others))
        _count_out(moves, others, year, {"far": far, "near": len(others) - far - inside}, rng)
        _count_out(moves, uasc, year, {"far": 1, "near": len(uasc) - inside_uasc - 1}, rng)
    for number, placements in moves.items():
        moves[number] = [placed if placed.zone else _by_chance(placed, targets, rng) for placed in placements]


def _inside(targets: Targets, year: int, uasc: int, others: int) -> tuple[int, int]:
    """Children inside the borough at a 31 March: unaccompanied, and all others."""
    published = targets.counts("inside_borough", year)
    if not published:
        return round(UASC_INSIDE_SHARE_BEFORE_2021 * uasc), round(INSIDE_SHARE_BEFORE_2021 * others)
    return published["uasc"], published["all"] - published["uasc"]


def _count_out(moves: Moves, stock: list[int], year: int, counts: dict[str, int], rng: np.random.Generator) -> None:
    """Give zones to the placements of one 31 March that have none, so that all together have the counts."""
    places = {number: current(moves, number, year_end(year)) for number in stock}
    open_ones = [number for number in stock if not moves[number][places[number]].zone]
    for zone, weights in (("far", FAR_WEIGHT), ("near", NEAR_WEIGHT)):
        held = sum(moves[number][places[number]].zone == zone for number in stock)
        weight = [weights.get(moves[number][places[number]].kind, 0.02) for number in open_ones]
        chosen = [open_ones[position] for position in choose_exactly(rng, weight, counts[zone] - held)]
        for number in chosen:
            _set_zone(moves, number, places[number], zone)
        open_ones = [number for number in open_ones if number not in set(chosen)]
    for number in open_ones:
        _set_zone(moves, number, places[number], "inside")


def _set_zone(moves: Moves, number: int, position: int, zone: str) -> None:
    moves[number][position] = replace(moves[number][position], zone=zone)


def _by_chance(placement: Placement, targets: Targets, rng: np.random.Generator) -> Placement:
    """Zone of a placement that stood at no 31 March."""
    year = int(np.clip(return_year(placement.start), YEARS[0], LAST_RETURN))
    share = targets.count("distance", year, "over 20 miles") / targets.count("looked_after", year)
    far = min(FAR_WEIGHT[placement.kind] * share / 2.0, 0.95)
    near = min(NEAR_WEIGHT.get(placement.kind, 0.02) * 0.12, 1 - far)
    return replace(placement, zone=draw(rng, {"far": far, "near": near, "inside": 1 - far - near}))


def pick_place(pool: Iterable[Place], zone: str, homes: list[Place], rng: np.random.Generator) -> Place:
    """A postcode in a zone that is on the right side of 20 miles for every one of some family homes."""
    fits = _fits(zone, homes)
    inside_zone = [place for place in pool if _zone_pool(place, zone)]
    while True:
        place = inside_zone[int(rng.integers(len(inside_zone)))]
        if fits(place):
            return place


def _zone_pool(place: Place, zone: str) -> bool:
    return place.zone == zone or (zone != "inside" and place.zone != "inside" and 12 < place.miles < 32)


def _fits(zone: str, homes: list[Place]) -> Callable[[Place], bool]:
    latitude = np.array([home.latitude for home in homes] or [CENTRE[0]])
    longitude = np.array([home.longitude for home in homes] or [CENTRE[1]])

    def check(place: Place) -> bool:
        miles = miles_between(latitude, longitude, np.array(place.latitude), np.array(place.longitude))
        if zone == "far":
            return bool((miles > LIMIT_MILES + MARGIN_MILES).all())
        return bool((miles < LIMIT_MILES - MARGIN_MILES).all())

    return check


def give_places(book: Ledger, moves: Moves, pool: tuple[Place, ...], rng: np.random.Generator) -> None:
    """Set ``place`` on every placement that has none; a child with its parents is at home."""
    by_zone = {zone: [place for place in pool if _zone_pool(place, zone)] for zone in ("inside", "near", "far")}
    for number, placements in moves.items():
        child = book.children[book.periods[number].child]
        moves[number] = [
            placed if placed.place else replace(placed, place=_place_of(placed, child, by_zone, rng))
            for placed in placements
        ]


def _place_of(placed: Placement, child: Child, by_zone: dict[str, list[Place]], rng: np.random.Generator) -> Place:
    if placed.kind == "with_parents" and child.home is not None:
        return child.home
    return pick_place(by_zone[placed.zone], placed.zone, [child.home] if child.home else [], rng)
