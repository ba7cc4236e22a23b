"""In-house fostering households in every path: today's, those recruited, how they change and when they stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.recruitment import Recruitment
from sufficiency.streams import chance, child_keys, stream
from sufficiency.supply.bedrooms import bedrooms_added, places_unavailable
from sufficiency.supply.careers import career, chances_of
from sufficiency.supply.recruits import YEARS_AHEAD, Intake, Point, point_of, recruits_of

TODAY: Final = -1
AT_APPROVAL: Final = ("path", "key", "term", "level", "places", "approved", "latitude", "longitude", "since")


@dataclass(frozen=True)
class Households:
    """One element per path and household.

    ``approved`` and ``stopped``: months from the as-of day (0 = the first month; ``approved`` is -1 for today's
    households, ``stopped`` is beyond the horizon for those that stay). ``level`` and ``places``: at approval, or
    today; ``raised`` (households, two): months in which it moves up a level; ``extended``: month in which it gains a
    bedroom; both beyond the horizon for never. ``term`` is the row of today's household whose terms (ages, sex) it
    has; ``latitude``, ``longitude``: where it lives. ``since``: whole months since approval on the as-of day, negative
    for those approved later. ``unavailable`` (households, years): places that cannot be used.
    """

    path: np.ndarray
    key: np.ndarray
    term: np.ndarray
    level: np.ndarray
    places: np.ndarray
    approved: np.ndarray
    stopped: np.ndarray
    raised: np.ndarray
    extended: np.ndarray
    latitude: np.ndarray
    longitude: np.ndarray
    since: np.ndarray
    unavailable: np.ndarray

    def open_at(self, month: int) -> np.ndarray:
        """Whether each household is approved and going on at a month end (0 is the as-of day)."""
        return (self.approved < month) & (self.stopped >= month)

    def level_at(self, month: int | np.ndarray) -> np.ndarray:
        """Needs level that each household is approved for at a month end, one for all or one per household."""
        return self.level + sum((moves < month).astype(int) for moves in self.raised.T)

    def places_at(self, month: int) -> np.ndarray:
        """Places that each household is approved for at a month end, whether open or not."""
        return self.places + (self.extended < month)

    def available_at(self, month: int) -> np.ndarray:
        """Places of each household that can be used at a month end, were it open and ready."""
        year = min(month // 12, self.unavailable.shape[1] - 1)
        return self.places_at(month) - self.unavailable[:, year]


@dataclass(frozen=True)
class _Cohort:
    """Households approved in one year, or before the as-of day."""

    path: np.ndarray
    key: np.ndarray
    term: np.ndarray
    level: np.ndarray
    places: np.ndarray
    approved: np.ndarray
    latitude: np.ndarray
    longitude: np.ndarray
    since: np.ndarray
    stopped: np.ndarray
    raised: np.ndarray


def households_of(
    today: pd.DataFrame,
    intake: Intake,
    settings: Recruitment,
    areas: Sequence[Point],
    years: int,
    paths: int,
    seed: int,
) -> Households:
    """Carry today's households and those approved later through every path.

    ``today``: ``level``, ``places``, ``months_since`` and terms, one row per household. ``areas``: addresses of each of
    ``recruits_live``. Attrition is a share of the households open at the start of each year of the projection, as
    Ofsted counts it; a household approved within a year is first at risk in the next. It may stop in any month.
    """
    span = years + YEARS_AHEAD
    present = _present(today, settings, paths, seed)
    chances = chances_of(settings, present[3], present[-1], span, paths, seed)

    def with_career(parts: tuple[np.ndarray, ...], first_year: int) -> _Cohort:
        path, key, _, level, *_, since = parts
        stopped, raised = career(key, path, level, since, first_year, chances)
        return _Cohort(**dict(zip(AT_APPROVAL, parts, strict=True)), stopped=stopped, raised=raised)

    cohorts = [with_career(present, 0)]
    for year in range(span):
        stopping = sum(_stopping(cohort, year, paths) for cohort in cohorts)
        by_month, high = intake.in_year(year, np.asarray(stopping))
        recruits = recruits_of(year, by_month, high, today, settings, areas, seed)
        cohorts.append(with_career((*recruits, -1 - recruits[5]), year + 1))
    return _with_places(_joined(cohorts), today, settings, years, paths, seed)


def _stopping(cohort: _Cohort, year: int, paths: int) -> np.ndarray:
    """Households that stop in a year, by path."""
    return np.bincount(cohort.path[cohort.stopped // 12 == year], minlength=paths)


def _joined(cohorts: Sequence[_Cohort]) -> _Cohort:
    names = [field.name for field in fields(_Cohort)]
    return _Cohort(*(np.concatenate([getattr(cohort, name) for cohort in cohorts]) for name in names))


def _with_places(
    all_of_them: _Cohort, today: pd.DataFrame, settings: Recruitment, years: int, paths: int, seed: int
) -> Households:
    """Bedrooms added to present households, and the places that cannot be used in each year."""
    columns = {field.name: getattr(all_of_them, field.name) for field in fields(_Cohort)}
    path, key, places, approved = (columns[name] for name in ("path", "key", "places", "approved"))
    present = approved == TODAY
    extended = bedrooms_added(key, path, places, columns["stopped"], present, settings, years, paths, seed)
    draws = stream(seed, "lever", "supply.recruitment.share_not_available")
    away = settings.share_not_available.paths(years, paths, draws)
    held = (today["places"] - today["places_free"]).to_numpy(dtype=int)
    filled = np.where(present, np.append(held, 0)[columns["term"]], TODAY)
    unavailable = places_unavailable(key, path, places, extended, filled, away)
    return Households(**columns, extended=extended, unavailable=unavailable)


def _present(today: pd.DataFrame, settings: Recruitment, paths: int, seed: int) -> tuple[np.ndarray, ...]:
    """Today's households in every path, in the order of :func:`recruits_of`, and their months since approval."""
    count = len(today)
    path, row = np.repeat(np.arange(paths), count), np.tile(np.arange(count), paths)
    level, places = today["level"].to_numpy(dtype=int)[row], today["places"].to_numpy(dtype=int)[row]
    key = child_keys(seed, path, np.full_like(path, 101), row)
    since = _months_since(today["months_since"].to_numpy(dtype=float), row, key, settings)
    return path, key, row, level, places, np.full(len(path), TODAY), *point_of(today, row), since


def _months_since(known: np.ndarray, row: np.ndarray, key: np.ndarray, settings: Recruitment) -> np.ndarray:
    """Months since approval of today's households: as the register tells, else drawn from those it tells of, else
    spread as a steady stock with today's attrition would be."""
    told = known[np.isfinite(known)]
    luck = chance(key, "months since approval")
    if len(told):
        drawn = told[(luck * len(told)).astype(int)]
    else:
        yearly = min(max(settings.attrition.middle(), 0.01), 0.99)
        drawn = np.floor(12 * np.log1p(-luck) / np.log1p(-yearly))
    own = known[row]
    return np.where(np.isfinite(own), own, drawn).astype(int)
