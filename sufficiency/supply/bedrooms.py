"""Places within households: bedrooms added to present ones, and places that cannot be used."""

from __future__ import annotations

from typing import Final

import numpy as np

from sufficiency.recruitment import Recruitment
from sufficiency.streams import chance
from sufficiency.supply.recruits import YEARS_AHEAD, whole_numbers

USUAL_LIMIT: Final = 3
"""Children whom a household may usually foster; Children Act 1989, schedule 7."""


def bedrooms_added(
    key: np.ndarray, path: np.ndarray, places: np.ndarray, stopped: np.ndarray, present: np.ndarray,
    settings: Recruitment, years: int, paths: int, seed: int,
) -> np.ndarray:  # fmt: skip
    """Month in which each household gains a bedroom; beyond the horizon for never.

    Each year so many of the present households that are open, below the usual limit and not yet extended, in an order
    that is theirs: more bedrooms never take one from a household.
    """
    wanted = whole_numbers(settings.extra_bedrooms, "extra_bedrooms", years, paths, seed)
    never = 12 * (years + YEARS_AHEAD) + 1
    extended = np.full(len(key), never)
    if not wanted.any():
        return extended
    order = np.lexsort((chance(key, "bedroom"), path))
    for year in range(years):
        month = 12 * year + (chance(key, "month of the bedroom") * 12).astype(int)
        able = (present & (places < USUAL_LIMIT) & (extended == never) & (stopped > month))[order]
        before = np.cumsum(able) - able
        first_of_path = np.searchsorted(path[order], np.arange(paths))
        rank = before - np.append(before, 0)[first_of_path][path[order]]
        chosen = order[able & (rank < wanted[path[order], year])]
        extended[chosen] = month[chosen]
    return extended


def places_unavailable(
    key: np.ndarray, path: np.ndarray, places: np.ndarray, extended: np.ndarray, filled: np.ndarray, away: np.ndarray
) -> np.ndarray:
    """Places of each household that cannot be used in each year; a place keeps its luck while the household lasts.

    A place filled on the as-of day can be used. Among today's households (``filled`` is not below 0) the others bear
    the whole share, so that the share of today's places that cannot be used is the scenario's, as far as the empty ones
    allow. A bedroom added (``extended``: the month) bears it from the year after on.
    """
    years, most = away.shape[1], int(places.max(initial=0))
    today = filled >= 0
    held = np.where(today, filled, 0)
    empty = np.bincount(path, (places - held) * today, minlength=len(away))
    whole = np.bincount(path, places * today, minlength=len(away))
    of_empty = np.minimum(away * (whole / np.maximum(empty, 1))[:, None], 1)
    share = np.where(today[:, None], of_empty[path], away[path])
    counts = np.zeros((len(key), years), dtype=int)
    added = np.less(extended[:, None], 12 * np.arange(years))
    for place in range(most + 1):
        exists = np.reshape((place >= held) & (place < places), (-1, 1)) | (
            added & np.reshape(place == places, (-1, 1))
        )
        counts += (chance(key, f"place {place} not available")[:, None] < share) & exists
    return counts
