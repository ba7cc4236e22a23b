"""Households approved in a year of the projection: how many in each month, at which level, where, on which terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import pandas as pd

from sufficiency.lever import Lever
from sufficiency.recruitment import Recruitment
from sufficiency.streams import chance, child_keys, stream
from sufficiency.vocabulary import NEEDS_LEVELS

YEARS_AHEAD: Final = 2
"""Years after the horizon in which approvals go on, so that their enquiries within the horizon are counted."""

Point = tuple[np.ndarray, np.ndarray]
"""Latitudes and longitudes of the addresses in an area."""


class Intake(Protocol):
    """What brings households in: a number wanted, or a pipeline of enquiries."""

    def in_year(self, year: int, stopping: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Approvals by path and month of a year (paths, 12), and how many of them are at level 3 (paths).

        ``stopping``: households that stop in that year, by path.
        """


@dataclass(frozen=True)
class Wanted:
    """So many households a year: ``total`` and ``high`` (paths, years); with ``net``, on top of those that stop."""

    total: np.ndarray
    high: np.ndarray
    high_inside: bool
    net: bool
    seed: int

    def in_year(self, year: int, stopping: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Approvals spread over the months of the year, and those at level 3."""
        total = self.total[:, year] + (stopping if self.net else 0)
        high = np.minimum(self.high[:, year], total) if self.high_inside else self.high[:, year]
        total = total if self.high_inside else total + high
        return spread(total, year, self.seed), high


@dataclass(frozen=True)
class Arriving:
    """Approvals as they come out of the pipeline: ``by_month`` (paths, months); ``high`` (paths, years)."""

    by_month: np.ndarray
    high: np.ndarray
    high_inside: bool
    seed: int

    def in_year(self, year: int, stopping: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Approvals of the year; households at level 3 that do not count within them come on top."""
        counts = self.by_month[:, 12 * year : 12 * year + 12]
        if self.high_inside:
            return counts, np.minimum(self.high[:, year], counts.sum(axis=1))
        return counts + spread(self.high[:, year], year, self.seed), self.high[:, year]


def spread(total: np.ndarray, year: int, seed: int) -> np.ndarray:
    """Whole households spread over twelve months, (paths, 12), so that more in the year are never fewer by any month.

    The first of n falls in the first n-th of the year, and so on; where in it, belongs to its position and not to n.
    """
    path = np.repeat(np.arange(len(total)), total)
    place = np.arange(len(path)) - np.repeat(np.cumsum(total) - total, total)
    key = child_keys(seed, path, np.full_like(path, 105), np.full_like(path, year), place)
    month = ((chance(key, "month") + place) / total[path] * 12).astype(int)
    return np.bincount(path * 12 + month, minlength=12 * len(total)).reshape(-1, 12)


def whole_numbers(lever: Lever, name: str, years: int, paths: int, seed: int) -> np.ndarray:
    """The lever's values as whole households, shape (paths, years and those ahead); a fraction is a chance of one."""
    span = years + YEARS_AHEAD
    values = lever.paths(span, paths, stream(seed, "lever", f"supply.recruitment.{name}"))
    path = np.broadcast_to(np.arange(paths)[:, None], values.shape)
    keys = child_keys(seed, path, np.full(values.shape, 103), np.broadcast_to(np.arange(span), values.shape))
    whole = np.floor(values)
    return (whole + (chance(keys, name) < values - whole)).astype(int)


def recruits_of(
    year: int, by_month: np.ndarray, high: np.ndarray, today: pd.DataFrame, settings: Recruitment,
    areas: Sequence[Point], seed: int,
) -> tuple[np.ndarray, ...]:  # fmt: skip
    """Path, key, term, level, places, month of approval, latitude and longitude of a year's new households.

    A household keeps its key, and so its level, terms and luck, whatever number of others is approved.
    """
    total = by_month.sum(axis=1)
    path = np.repeat(np.arange(len(total)), total)
    order = np.arange(len(path)) - np.repeat(np.cumsum(total) - total, total)
    key = child_keys(seed, path, np.full_like(path, 102), np.full_like(path, year), order)
    level = np.where(order < high[path], NEEDS_LEVELS[-1], _lower_level(key, settings))
    months = 12 * year + np.repeat(np.tile(np.arange(12), len(total)), by_month.ravel())
    approved = months[(np.cumsum(total) - total)[path] + _shuffled(key, path)]
    places = 1 + np.searchsorted(np.cumsum(settings.places_per_household)[:-1], chance(key, "places"), side="right")
    term = _alike(today, level, key)
    return path, key, term, level, places, approved, *_addresses(today, term, key, settings, areas)


def _addresses(
    today: pd.DataFrame, term: np.ndarray, key: np.ndarray, settings: Recruitment, areas: Sequence[Point]
) -> Point:
    """Where recruits live: like the household whose terms they have, or in the areas of the scenario."""
    if not areas:
        return point_of(today, term)
    shares = np.cumsum([area.share for area in settings.recruits_live])
    which = np.searchsorted(shares[:-1], chance(key, "area") * shares[-1], side="right")
    latitude, longitude = np.full((2, len(key)), np.nan)
    for number, (latitudes, longitudes) in enumerate(areas):
        here = which == number
        row = (chance(key[here], "address") * len(latitudes)).astype(int)
        latitude[here], longitude[here] = latitudes[row], longitudes[row]
    return latitude, longitude


def point_of(today: pd.DataFrame, term: np.ndarray) -> Point:
    """Points of today's households in the rows ``term``; unknown for -1."""
    latitude, longitude = (np.append(today[name].to_numpy(dtype=float), np.nan) for name in ("latitude", "longitude"))
    return latitude[term], longitude[term]


def _shuffled(key: np.ndarray, path: np.ndarray) -> np.ndarray:
    """Position of each household within its path in an order that has nothing to do with its level."""
    order = np.lexsort((chance(key, "order"), path))
    position = np.empty(len(path), dtype=int)
    position[order] = np.arange(len(path)) - np.searchsorted(path, path)
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
