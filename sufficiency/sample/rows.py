"""Rows of the Episodes table: where placements and legal statuses begin and end, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sufficiency.sample.chance import draw
from sufficiency.sample.ledger import Ledger
from sufficiency.sample.legal import Statuses, status_on
from sufficiency.sample.model import Child, Placement
from sufficiency.sample.placements import Moves, current

NEEDS_CODES: Final = {"N1": 209, "N2": 10, "N3": 8, "N4": 21, "N5": 30, "N6": 2}
"""Category of need of children looked after at 31 March 2025 (DfE); N6 stands for the suppressed cells."""

MOVE_REASONS: Final = {
    "CARPL": 119,
    "CREQB": 49,
    "CREQO": 18,
    "CHILD": 16,
    "LAREQ": 6,
    "ALLEG": 4,
    "STAND": 2,
    "CLOSE": 3,
    "CUSTOD": 1,
}
"""Reasons for placement change in the year to 31 March 2024 (DfE); the last five fill suppressed cells."""

SAME_CARER_REASON: Final = "PLACE"
AGENCY_KINDS: Final = ("ifa", "residential", "supported", "secure")


@dataclass(frozen=True)
class Episode:
    """One row of the Episodes table, days as ordinals; ``child`` is missing from the file, ``child_id`` is in it."""

    child_id: str
    decom: int
    rne: str
    ls: str
    cin: str
    place: str
    provider: str
    dec: int | None
    rec: str
    reason: str
    home_post: str
    pl_post: str
    urn: str

    def overlaps(self, first: int, last: int) -> bool:
        """Whether the row belongs in a return that covers these days."""
        return self.decom <= last and (self.dec is None or self.dec >= first)


def episodes(book: Ledger, moves: Moves, statuses: Statuses, rng: np.random.Generator) -> list[Episode]:
    """Every episode of every child, by child and date, as a faultless system would hold them."""
    rows: list[Episode] = []
    order = sorted(range(len(book.periods)), key=lambda n: (book.periods[n].child, book.periods[n].start))
    for number in order:
        rows += _episodes_of(book, number, moves, statuses, rng)
    return rows


def _episodes_of(
    book: Ledger, number: int, moves: Moves, statuses: Statuses, rng: np.random.Generator
) -> list[Episode]:
    period, child = book.periods[number], book.children[book.periods[number].child]
    cin = "N8" if child.uasc else draw(rng, NEEDS_CODES)
    begins = {placed.start for placed in moves[number]}
    legal = {since for since, _ in statuses[number] if period.start <= since < period.last()}
    starts = sorted(begins | legal)
    rows = []
    for position, start in enumerate(starts):
        last_row = position == len(starts) - 1
        dec = period.end if last_row else starts[position + 1]
        placed = moves[number][current(moves, number, start)]
        reason = "" if last_row else _reason(moves, number, starts[position + 1], begins, rng)
        rows.append(
            Episode(
                child.child_id,
                start,
                "S" if position == 0 else _reason_new(placed, start in begins, start in legal),
                status_on(statuses[number], start),
                cin,
                placed.code,
                placed.provider,
                dec,
                period.exit_code if last_row else "X1",
                reason,
                child.home.postcode if child.home else "",
                _postcode(placed, child),
                _urn(placed),
            )
        )
    return rows


def _postcode(placed: Placement, child: Child) -> str:
    return placed.place.postcode if placed.place else ""


def _reason_new(placed: Placement, moved: bool, legal: bool) -> str:
    """RNE: placement (P), same carer (T), legal status (L), or both at once (B, U)."""
    if not moved:
        return "L"
    if placed.same_carer:
        return "U" if legal else "T"
    return "B" if legal else "P"


def _reason(moves: Moves, number: int, next_start: int, begins: set[int], rng: np.random.Generator) -> str:
    if next_start not in begins:
        return ""
    same_carer = moves[number][current(moves, number, next_start)].same_carer
    return SAME_CARER_REASON if same_carer else draw(rng, MOVE_REASONS)


def _urn(placed: Placement) -> str:
    """A made-up URN for homes on the register of homes, none for the authority's own carers."""
    if placed.kind not in AGENCY_KINDS:
        return ""
    return f"SYN{placed.home_id}" if placed.home_id else "XXXXXXX"
