"""``carers.csv``: fostering households from enquiry to leaving, and applicants who came to nothing."""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.sample.chance import between, draw
from sufficiency.sample.homes import Home
from sufficiency.sample.model import LAST_RETURN, year_end
from sufficiency.sample.postcodes import Place

APPROVED: Final = {2020: 7, 2021: 6, 2022: 6, 2023: 8, 2024: 8, 2025: 9}
LEFT: Final = {2020: 10, 2021: 9, 2022: 8, 2023: 7, 2024: 7, 2025: 7}
"""Households by the year that ends 31 March: 2 to 10 mainstream approvals a year (Ofsted, Fostering in England 2018 to
2019) and about 14% deregistered (2023 to 2024); the split by year is an assumption."""

ENQUIRIES: Final = {2023: 150, 2024: 165, 2025: 160}
"""Enquiries kept in the register: an assumption; 12% become applications (DfE, Fostering in England 2022 to 2023)."""

APPLICATION_SHARE: Final = 0.12
TO_APPLICATION: Final = (30.0, 3.0)
STAGES: Final = (176.0, 14.0)
"""Mean and shape (gamma) of days from enquiry to application and from application to approval: together a median of
about 273 days (regional recruitment hub) with about six months from application (The Fostering Network)."""

COLUMNS: Final = "household_id enquired_on applied_on approved_on left_on level places postcode outcome".split()


def carer_register(homes: list[Home], places: tuple[Place, ...], rng: np.random.Generator) -> pd.DataFrame:
    """The register in the contract's columns; households now approved have the ids of ``homes.csv``."""
    households = [home for home in homes if home.kind == "in_house_fostering"]
    years = _approval_years(len(households), rng)
    rows = [_current(home, year, rng) for home, year in zip(households, years, strict=True)]
    near = [place for place in places if place.zone == "inside"]
    rows += _leavers(near, years, rng)
    rows += _not_approved(rows, near, rng)
    table = pd.DataFrame(rows, columns=COLUMNS)
    ids = _ids(table["household_id"], len(households))
    return table.astype({"level": "Int64", "places": "Int64"}).assign(household_id=ids)


def _approval_years(households: int, rng: np.random.Generator) -> list[int]:
    """When today's households were approved: nearly all of the latest, fewer of each year before, the rest earlier."""
    kept = {2025: 9, 2024: 7, 2023: 6, 2022: 4, 2021: 3, 2020: 3}
    years = [year for year, count in kept.items() for _ in range(count)]
    years += [int(year) for year in rng.integers(2006, 2020, households - len(years))]
    return [years[position] for position in rng.permutation(households)]


def _journey(year: int, rng: np.random.Generator) -> dict[str, object]:
    """Enquiry and application that lead to an approval within a year."""
    approved = between(rng, year_end(year - 1) + 1, year_end(year))
    applied = approved - round(rng.gamma(STAGES[1], STAGES[0] / STAGES[1]))
    enquired = applied - round(60 + rng.gamma(TO_APPLICATION[1], TO_APPLICATION[0] / TO_APPLICATION[1]))
    return {"enquired_on": _iso(enquired), "applied_on": _iso(applied), "approved_on": _iso(approved)}


def _iso(on: int) -> str:
    return date.fromordinal(on).isoformat()


def _current(home: Home, year: int, rng: np.random.Generator) -> dict[str, object]:
    place = home.place.postcode if home.place else ""
    row = {"household_id": home.home_id, "level": home.max_needs_level, "places": home.places, "postcode": place}
    return {**row, **_journey(year, rng), "outcome": "approved"}


def _leavers(near: list[Place], kept: list[int], rng: np.random.Generator) -> list[dict[str, object]]:
    """Households that left in the last six years, some of them approved within those years."""
    newer = [year for year, count in APPROVED.items() for _ in range(count - kept.count(year))]
    rows = []
    for year, count in sorted(LEFT.items(), reverse=True):
        for _ in range(count):
            usable = [approved for approved in newer if approved < year]
            approved = usable[0] if usable else int(rng.integers(2006, 2019))
            if approved in newer:
                newer.remove(approved)
            rows.append(_left(approved, year, near, rng))
    return rows


def _left(approved: int, year: int, near: list[Place], rng: np.random.Generator) -> dict[str, object]:
    left = between(rng, year_end(year - 1) + 1, year_end(year))
    row = {
        "household_id": "",
        "left_on": _iso(left),
        "outcome": draw(rng, {"resigned": 0.6, "retired": 0.25, "moved_to_agency": 0.1, "deregistered": 0.05}),
    }
    size = draw(rng, {1: 0.45, 2: 0.35, 3: 0.15, 4: 0.05})
    level = draw(rng, {1: 0.5, 2: 0.45, 3: 0.05})
    postcode = near[int(rng.integers(len(near)))].postcode
    return {**row, **_journey(approved, rng), "level": level, "places": size, "postcode": postcode}


def _not_approved(
    rows: list[dict[str, object]], near: list[Place], rng: np.random.Generator
) -> list[dict[str, object]]:
    """Enquiries of the last three years that have not led to an approval, some of them still in assessment."""
    extra = []
    for year, count in ENQUIRIES.items():
        first, last = year_end(year - 1) + 1, year_end(year)
        held = sum(_iso(first) <= str(row["enquired_on"]) <= _iso(last) for row in rows)
        applying = max(round(count * APPLICATION_SHARE) - held, 0)
        extra += [_enquiry(between(rng, first, last), n < applying, near, rng) for n in range(count - held)]
    return extra


def _enquiry(on: int, applies: bool, near: list[Place], rng: np.random.Generator) -> dict[str, object]:
    end = year_end(LAST_RETURN)
    postcode = near[int(rng.integers(len(near)))].postcode if rng.random() < 0.8 else ""
    row: dict[str, object] = {"household_id": "", "enquired_on": _iso(on), "postcode": postcode}
    applied = on + round(60 + rng.gamma(TO_APPLICATION[1], TO_APPLICATION[0] / TO_APPLICATION[1]))
    if not applies or applied > end:
        return {**row, "outcome": "not_taken_forward" if on < end - 90 else "enquiry_open"}
    decided = applied + round(rng.gamma(STAGES[1], STAGES[0] / STAGES[1])) > end
    outcome = "in_assessment" if decided else draw(rng, {"withdrew": 0.8, "not_approved": 0.2})
    return {**row, "applied_on": _iso(applied), "outcome": outcome}


def _ids(household_ids: pd.Series, current: int) -> list[str]:
    """The ids of ``homes.csv`` for today's households, then E0001 onwards."""
    return [own or f"E{number - current + 1:04d}" for number, own in enumerate(household_ids)]
