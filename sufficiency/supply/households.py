"""In-house fostering households in every path: those approved today, those recruited, and when each stops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.lever import Lever
from sufficiency.recruitment import Recruitment
from sufficiency.streams import chance, child_keys, stream
from sufficiency.vocabulary import NEEDS_LEVELS

YEARS_AHEAD: Final = 2
"""Years after the horizon in which approvals go on, so that their enquiries within the horizon are counted."""
TODAY: Final = -1


@dataclass(frozen=True)
class Households:
    """One element per path and household.

    ``approved`` and ``stopped``: months from the as-of day (0 = the first month; ``approved`` is -1 for today's
    households, ``stopped`` is beyond the horizon for those that stay). ``term`` is the row of today's household
    whose terms (ages, sex) and area it has. ``unavailable`` (households, years): places that cannot be used.
    """

    path: np.ndarray
    key: np.ndarray
    term: np.ndarray
    level: np.ndarray
    places: np.ndarray
    approved: np.ndarray
    stopped: np.ndarray
    unavailable: np.ndarray


def households_of(
    today: pd.DataFrame, approvals: np.ndarray, settings: Recruitment, years: int, paths: int, seed: int
) -> Households:
    """Carry today's households and those approved later through every path.

    ``today``: ``level``, ``places`` and terms, one row per household. ``approvals`` (paths, years and those ahead):
    whole households. Attrition is a share of the households open at the start of each year of the projection, as
    Ofsted counts it; a household approved within a year is first at risk in the next. It may stop in any month.
    """
    high = whole_numbers(settings.level_3_per_year, "level_3_per_year", years, paths, seed)
    if settings.level_3_inside_total:
        high = np.minimum(high, approvals)
    else:
        approvals = approvals + high
    parts = [_today(today, paths, seed)]
    parts += [
        _approved_in(year, today, approvals[:, year], high[:, year], settings, seed)
        for year in range(years + YEARS_AHEAD)
    ]
    path, key, term, level, places, approved = (np.concatenate(column) for column in zip(*parts, strict=True))
    attrition = settings.attrition.paths(years, paths, stream(seed, "lever", "supply.recruitment.attrition"))
    stopped = _stopping_month(key, path, approved, attrition)
    away = settings.share_not_available.paths(
        years, paths, stream(seed, "lever", "supply.recruitment.share_not_available")
    )
    held = (today["places"] - today["places_free"]).to_numpy(dtype=int)
    filled = np.where(approved == TODAY, np.append(held, 0)[term], TODAY)
    unavailable = _unavailable(key, path, places, filled, away)
    return Households(path, key, term, level, places, approved, stopped, unavailable)


def _today(today: pd.DataFrame, paths: int, seed: int) -> tuple[np.ndarray, ...]:
    count = len(today)
    path, row = np.repeat(np.arange(paths), count), np.tile(np.arange(count), paths)
    level, places = today["level"].to_numpy(dtype=int)[row], today["places"].to_numpy(dtype=int)[row]
    key = child_keys(seed, path, np.full_like(path, 101), row)
    return path, key, row, level, places, np.full(len(path), TODAY)


def _approved_in(
    year: int, today: pd.DataFrame, total: np.ndarray, high: np.ndarray, settings: Recruitment, seed: int
) -> tuple[np.ndarray, ...]:
    """Households approved in one year of the projection, in every path, spread over its months."""
    path = np.repeat(np.arange(len(total)), total)
    order = np.arange(len(path)) - np.repeat(np.cumsum(total) - total, total)
    key = child_keys(seed, path, np.full_like(path, 102), np.full_like(path, year), order)
    level = np.where(order < high[path], NEEDS_LEVELS[-1], _lower_level(key, settings))
    month = 12 * year + (((chance(key, "month") + _shuffled(key, path)) / total[path]) * 12).astype(int)
    places = 1 + np.searchsorted(np.cumsum(settings.places_per_household)[:-1], chance(key, "places"), side="right")
    return path, key, _alike(today, level, key), level, places, month


def whole_numbers(lever: Lever, name: str, years: int, paths: int, seed: int) -> np.ndarray:
    """The lever's values as whole households, shape (paths, years and those ahead); a fraction is a chance of one."""
    span = years + YEARS_AHEAD
    values = lever.paths(span, paths, stream(seed, "lever", f"supply.recruitment.{name}"))
    path = np.broadcast_to(np.arange(paths)[:, None], values.shape)
    keys = child_keys(seed, path, np.full(values.shape, 103), np.broadcast_to(np.arange(span), values.shape))
    whole = np.floor(values)
    return (whole + (chance(keys, name) < values - whole)).astype(int)


def _shuffled(key: np.ndarray, path: np.ndarray) -> np.ndarray:
    """Position of each household within its path in an order that has nothing to do with its level."""
    order = np.lexsort((chance(key, "order"), path))
    position = np.empty(len(path), dtype=int)
    begins = np.searchsorted(path, path)
    position[order] = np.arange(len(path)) - begins
    return position


def _lower_level(key: np.ndarray, settings: Recruitment) -> np.ndarray:
    share = settings.lower_levels[0] / max(sum(settings.lower_levels), 1e-12)
    return np.where(chance(key, "level") < share, NEEDS_LEVELS[0], NEEDS_LEVELS[1])


def _alike(today: pd.DataFrame, level: np.ndarray, key: np.ndarray) -> np.ndarray:
    """Row of one of today's households, of the same level where there is one, for terms and area; -1 for none."""
    if today.empty:
        return np.full(len(level), -1)
    listed = today["level"].to_numpy(dtype=int)
    row = (chance(key, "terms") * len(today)).astype(int)
    for wanted in NEEDS_LEVELS:
        pool, here = np.flatnonzero(listed == wanted), level == wanted
        if len(pool):
            row[here] = pool[(chance(key[here], "terms") * len(pool)).astype(int)]
    return row


def _stopping_month(key: np.ndarray, path: np.ndarray, approved: np.ndarray, attrition: np.ndarray) -> np.ndarray:
    years = attrition.shape[1]
    stopped = np.full(len(key), 12 * (years + YEARS_AHEAD) + 1)
    for year in reversed(range(years)):
        at_risk = approved < 12 * year
        stops = at_risk & (chance(key, "stops", year) < attrition[path, year])
        month = 12 * year + (chance(key, "stopping month", year) * 12).astype(int)
        stopped = np.where(stops, month, stopped)
    return stopped


def _unavailable(
    key: np.ndarray, path: np.ndarray, places: np.ndarray, filled: np.ndarray, away: np.ndarray
) -> np.ndarray:
    """Places of each household that cannot be used in each year; a place keeps its luck while the household lasts.

    A place filled on the as-of day can be used. Among today's households the others bear the whole share, so that
    the share of today's places that cannot be used is the scenario's, as far as the empty ones allow.
    """
    years, most = away.shape[1], int(places.max(initial=0))
    today = filled >= 0
    held = np.where(today, filled, 0)
    empty = np.bincount(path, (places - held) * today, minlength=len(away))
    whole = np.bincount(path, places * today, minlength=len(away))
    of_empty = np.minimum(away * (whole / np.maximum(empty, 1))[:, None], 1)
    share = np.where(today[:, None], of_empty[path], away[path])
    counts = np.zeros((len(key), years), dtype=int)
    for place in range(most):
        exists = (place >= held) & (place < places)
        counts += (chance(key, f"place {place} not available")[:, None] < share) & exists[:, None]
    return counts
