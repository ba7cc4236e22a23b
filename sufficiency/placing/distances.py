"""How far from home what is bought tends to be: the authority's own placements, by kind and age as far as they go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sufficiency.calendar import age_in_years, days
from sufficiency.vocabulary import AGE_BANDS, KINDS, age_band_index


@dataclass(frozen=True)
class Pool:
    """Distances in order [miles] and the running sum of their weights, which ends at 1; ``own``: placements of the
    pool itself, the others having been lent to it."""

    miles: np.ndarray
    upto: np.ndarray
    own: int = 0

    def at(self, turn: np.ndarray) -> np.ndarray:
        """The distance at each share of the whole, 0 to 1; NaN when there is none."""
        if not len(self.miles):
            return np.full(len(turn), np.nan)
        return self.miles[np.minimum(np.searchsorted(self.upto, turn, side="right"), len(self.miles) - 1)]

    def share_within(self, limit_miles: float) -> float:
        """Share of the distances that are at most a limit."""
        count = int(np.searchsorted(self.miles, limit_miles, side="right"))
        return float(min(self.upto[count - 1], 1.0)) if count else 0.0


def filled_up(own: np.ndarray, wider: Pool, enough: int) -> Pool:
    """A pool's own distances, and when there are fewer than ``enough``, as many of the wider one as are lacking."""
    lacking = max(enough - len(own), 0) if len(wider.miles) else 0
    miles = np.concatenate([own, wider.miles])
    weight = np.concatenate([np.ones(len(own)), lacking * np.diff(wider.upto, prepend=0.0)])
    kept = weight > 0
    order = np.argsort(miles[kept], kind="stable")
    total = weight.sum()
    return Pool(miles[kept][order], np.cumsum(weight[kept][order]) / (total if total else 1.0), len(own))


def distances_of(
    placements: pd.DataFrame, children: pd.DataFrame, since: pd.Timestamp, as_of: pd.Timestamp, enough: int
) -> tuple[tuple[Pool, ...], ...]:
    """Distances of the placements that began since a day, by kind and age band when they began.

    A kind with fewer than ``enough`` is filled up from all placements, an age band from its kind. Placements whose
    child has no known date of birth count for their kind only.
    """
    began = placements["started"]
    recent = placements[(began > since) & (began <= as_of) & placements["miles"].notna()]
    miles = recent["miles"].to_numpy(dtype=float)
    kind = recent["kind"].to_numpy(dtype=object)
    band = _bands(recent, children)
    everything = filled_up(miles, Pool(np.zeros(0), np.zeros(0)), 0)
    of_kind = [filled_up(miles[kind == name], everything, enough) for name in KINDS]
    return tuple(
        tuple(filled_up(miles[(kind == name) & (band == number)], pool, enough) for number in range(len(AGE_BANDS)))
        for name, pool in zip(KINDS, of_kind, strict=True)
    )


def _bands(placements: pd.DataFrame, children: pd.DataFrame) -> np.ndarray:
    """Age band of the child when each placement began; -1 unknown."""
    born = children.drop_duplicates("child_id").set_index("child_id")["date_of_birth"]
    on = placements["child_id"].map(born)
    known = on.notna().to_numpy()
    band = np.full(len(placements), -1)
    ages = age_in_years(days(on[known]), days(placements["started"][known]))
    band[known] = age_band_index(ages)
    return band
