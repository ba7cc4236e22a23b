"""What real returns have in them and clean samples do not: the things a reader of the SSDA903 has to get right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from sufficiency.sample.chance import between, choose_exactly, draw
from sufficiency.sample.ledger import Ledger
from sufficiency.sample.model import FIRST_RETURN, LAST_RETURN, birthday, day, return_year, year_end
from sufficiency.sample.postcodes import Place
from sufficiency.sample.rows import Episode

TEMPORARY_MOVES: Final = 60
OVERLAPS: Final = 14
LATE_ENDINGS: Final = 8
DEGRADED_SHARE: Final = 0.025
SHORT_BREAK_CHILDREN: Final = 12
"""How many of each: assumptions, enough to be met and too few to move a total."""

TEMPORARY_CODES: Final = {"T1": 0.3, "T2": 0.1, "T3": 0.35, "T4": 0.25}


def temporary_moves(rows: list[Episode], places: tuple[Place, ...], rng: np.random.Generator) -> list[Episode]:
    """Break some episodes by a few days elsewhere (T1 to T4), after which the child is back where it was."""
    able = [n for n, row in enumerate(rows) if _days(row) > 60 and row.ls not in ("V3", "V4") and row.place[0] in "UK"]
    chosen = {able[position] for position in choose_exactly(rng, np.ones(len(able)), TEMPORARY_MOVES)}
    away = [place.postcode for place in places if place.zone == "inside"]
    result: list[Episode] = []
    for number, row in enumerate(rows):
        result += _interrupted(row, away[int(rng.integers(len(away)))], rng) if number in chosen else [row]
    return result


def _days(row: Episode) -> int:
    return (row.dec if row.dec is not None else year_end(LAST_RETURN)) - row.decom


def _interrupted(row: Episode, postcode: str, rng: np.random.Generator) -> list[Episode]:
    leave = between(rng, max(row.decom + 20, year_end(FIRST_RETURN - 1) + 1), row.decom + _days(row) - 15)
    leave = min(leave, row.decom + _days(row) - 12)
    back = leave + between(rng, 2, 7)
    code = draw(rng, TEMPORARY_CODES)
    stay = replace(row, decom=leave, rne="P", place=code, dec=back, rec="X1", reason="OTHER", pl_post=postcode, urn="")
    return [
        replace(row, dec=leave, rec="X1", reason="OTHER"),
        stay,
        replace(row, decom=back, rne="P"),
    ]


def overlaps(rows: list[Episode], rng: np.random.Generator) -> list[Episode]:
    """Let some episodes end a few days after the next one has begun."""
    able = [n for n, row in enumerate(rows) if row.rec == "X1" and row.place[0] not in "T" and _days(rows[n + 1]) > 20]
    late = {able[position] for position in choose_exactly(rng, np.ones(len(able)), OVERLAPS)}
    return [
        replace(row, dec=row.dec + between(rng, 2, 6)) if number in late and row.dec is not None else row
        for number, row in enumerate(rows)
    ]


def late_endings(rows: list[Episode], book: Ledger, rng: np.random.Generator) -> list[Episode]:
    """Let a few periods that end at 18 be closed some days after the birthday."""
    born = {child.child_id: child.born for child in book.children}
    able = [n for n, row in enumerate(rows) if row.rec == "E17" and row.dec == birthday(born[row.child_id], 18)]
    late = {able[position] for position in choose_exactly(rng, np.ones(len(able)), LATE_ENDINGS)}
    return [_ended_late(row, rng) if number in late else row for number, row in enumerate(rows)]


def _ended_late(row: Episode, rng: np.random.Generator) -> Episode:
    on = (row.dec or 0) + between(rng, 1, 6)
    return replace(row, dec=on) if return_year(on) == return_year(row.dec or 0) else row


def degraded(rows: list[Episode], rng: np.random.Generator) -> list[Episode]:
    """Cut some placement postcodes, and those of a few homes, down to the sector ("SN1 2")."""
    homes = dict.fromkeys(row.child_id for row in rows)
    places = dict.fromkeys((row.child_id, row.pl_post) for row in rows)
    cut_homes = {child for child in homes if rng.random() < DEGRADED_SHARE}
    cut_places = {place for place in places if rng.random() < DEGRADED_SHARE}
    return [_degraded(row, row.child_id in cut_homes, (row.child_id, row.pl_post) in cut_places) for row in rows]


def _degraded(row: Episode, home: bool, place: bool) -> Episode:
    home_post = row.home_post[:-2] if home and row.home_post else row.home_post
    return replace(row, home_post=home_post, pl_post=row.pl_post[:-2] if place and row.pl_post else row.pl_post)


def short_breaks(book: Ledger, homes: list[Place], rng: np.random.Generator) -> list[Episode]:
    """Disabled children who stay away a few days at a time (V4, some V3); official counts leave them out."""
    rows: list[Episode] = []
    for _ in range(SHORT_BREAK_CHILDREN):
        first = between(rng, year_end(2016), year_end(2023))
        born = first - between(rng, 6 * 365, 13 * 365)
        home = homes[int(rng.integers(len(homes)))]
        number = book.add(born, first, len(book.children), False, home, draw(rng, {"male": 0.7, "female": 0.3}))
        rows += _breaks(book.children[book.periods.pop(number).child].child_id, first, home, rng)
    return rows


def _breaks(child_id: str, first: int, home: Place, rng: np.random.Generator) -> list[Episode]:
    status = draw(rng, {"V4": 0.8, "V3": 0.2})
    rows = []
    start = first
    for _ in range(int(rng.integers(2, 6))):
        end = start + between(rng, 2, 14)
        row = Episode(child_id, start, "S", status, "N2", "K2", "PR4", end, "E4A", "", home.postcode, home.postcode, "")
        rows.append(row)
        start = end + between(rng, 20, 120)
    still_open = rng.random() < 0.25
    return [*rows[:-1], replace(rows[-1], dec=None, rec="")] if still_open else rows


def amended(rows: list[Episode], rng: np.random.Generator) -> dict[int, list[tuple[Episode, Episode | None]]]:
    """By year: rows that this return alone has otherwise (or, with ``None``, lacks), put right in the next return.

    A start date some days late; a move in March that was not yet on the system, so the placement before still looks
    open; a child whose last row is missing from the return of the year in which it left.
    """
    wrong: dict[int, list[tuple[Episode, Episode | None]]] = {}
    for year in range(FIRST_RETURN + 1, LAST_RETURN, 2):
        wrong.setdefault(year, []).extend(_start_amended(rows, year, rng))
    for year in range(FIRST_RETURN, LAST_RETURN):
        wrong.setdefault(year, []).extend(_entered_late(rows, year, rng))
    for year in range(2018, 2022):
        wrong.setdefault(year, []).extend(_never_closed(rows, year, rng))
    return wrong


def _pick(rows: list[Episode], fits: Callable[[int], bool], count: int, rng: np.random.Generator) -> list[int]:
    able = [number for number in range(1, len(rows)) if fits(number)]
    return [able[position] for position in choose_exactly(rng, np.ones(len(able)), count)]


def _same_child(rows: list[Episode], number: int) -> bool:
    return rows[number].child_id == rows[number - 1].child_id and rows[number - 1].rec == "X1"


def _start_amended(rows: list[Episode], year: int, rng: np.random.Generator) -> list[tuple[Episode, Episode | None]]:
    def fits(number: int) -> bool:
        row = rows[number]
        recent = year_end(year) - 120 < row.decom < year_end(year) - 20
        stays = row.dec is None or row.dec > year_end(year) + 40
        return recent and stays and row.rne == "P" and row.place[0] != "T" and _same_child(rows, number)

    return [(rows[n], replace(rows[n], decom=rows[n].decom + between(rng, 1, 5))) for n in _pick(rows, fits, 2, rng)]


def _entered_late(rows: list[Episode], year: int, rng: np.random.Generator) -> list[tuple[Episode, Episode | None]]:
    def fits(number: int) -> bool:
        row = rows[number]
        in_march = day(year, 3, 5) <= row.decom <= year_end(year) - 1
        stays = row.dec is None or row.dec > year_end(year) + 40
        return in_march and stays and row.rne == "P" and row.place[0] != "T" and _same_child(rows, number)

    chosen = _pick(rows, fits, 1, rng)
    before = [(rows[n - 1], replace(rows[n - 1], dec=None, rec="", reason="")) for n in chosen]
    return [*before, *((rows[n], None) for n in chosen)]


def _never_closed(rows: list[Episode], year: int, rng: np.random.Generator) -> list[tuple[Episode, Episode | None]]:
    def fits(number: int) -> bool:
        row = rows[number]
        left = row.dec is not None and year_end(year - 1) < row.dec < year_end(year - 1) + 60
        return left and row.rec.startswith("E4") and row.decom < year_end(year - 1) - 60

    return [(rows[number], None) for number in _pick(rows, fits, 1, rng)]
