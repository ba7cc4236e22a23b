"""How near home children live: within the limit, beyond it, unknown; all of them, new placements, and new starts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sufficiency.calendar import year_ends
from sufficiency.placing import Stays
from sufficiency.placing.bridges import without_bridges
from sufficiency.placing.stays import BEYOND, OPENED, UNKNOWN, WITHIN
from sufficiency.ranges import summarise

GROUPS = ("all children", "new placements", "new starts")
COUNTS = {"within": WITHIN, "over": BEYOND, "unknown": UNKNOWN}


@dataclass(frozen=True)
class NearHome:
    """Children within, over and of unknown distance by path and financial year, shape (paths, years, 3) each.

    ``everyone``: children at the last month end of the financial year; ``new``: placements that began in it, by
    starting, moving, losing a carer or stepping down; ``starts``: children who came into care in it, by their first
    home. A placement bought for the time until the next match is none of these (:mod:`sufficiency.placing.bridges`).
    """

    limit_miles: float
    years: tuple[str, ...]
    everyone: np.ndarray
    new: np.ndarray
    starts: np.ndarray

    def share_within(self, group: str = GROUPS[0]) -> np.ndarray:
        """Share within the limit of those whose distance is known, by path and financial year; NaN for no child."""
        return self._share(group, 0)

    def share_over(self, group: str = GROUPS[0]) -> np.ndarray:
        """Share beyond the limit of those whose distance is known, by path and financial year; NaN for no child."""
        return self._share(group, 1)

    def counts(self, group: str) -> np.ndarray:
        """Within, over and unknown of one of :data:`GROUPS`."""
        return dict(zip(GROUPS, (self.everyone, self.new, self.starts), strict=True))[group]

    def _share(self, group: str, side: int) -> np.ndarray:
        counts = self.counts(group)
        known = counts[:, :, 0] + counts[:, :, 1]
        return np.divide(counts[:, :, side], known, out=np.full(known.shape, np.nan), where=known > 0)

    def table(self) -> pd.DataFrame:
        """``financial_year group measure`` and ranges; shares state their denominator in their name."""
        parts = []
        for group in GROUPS:
            within, over, unknown = np.moveaxis(self.counts(group), 2, 0)
            known = np.maximum(within + over, 1)
            measures = {
                "within": within,
                "over": over,
                "unknown": unknown,
                "share_within_of_known": within / known,
                "share_over_of_known": over / known,
                "share_over_of_all": over / np.maximum(known + unknown, 1),
            }
            for name, values in measures.items():
                keys = pd.DataFrame({"financial_year": list(self.years), "group": group, "measure": name})
                parts.append(pd.concat([keys, summarise(values)], axis=1))
        return pd.concat(parts, ignore_index=True)

    def finding(self) -> str:
        """What becomes of the share near home, in one sentence with its range and its denominator."""
        share = self.share_within()[:, -1]
        low, high = np.nanquantile(share, (0.1, 0.9))
        return (
            f"Of children whose distance is known, between {low:.0%} and {high:.0%} live within "
            f"{self.limit_miles:g} miles of home at the end of {self.years[-1]} in 8 futures of 10"
        )


def near_home_of(
    stays: Stays, dates: pd.DatetimeIndex, paths: int, limit_miles: float, step_months: int = 1
) -> NearHome:
    """Count the stays of every path by financial year and distance; ``step_months``: how often children are matched."""
    years, ends = year_ends(dates)
    everyone = np.stack([_counts(stays, stays.present(end), paths) for end in ends], axis=1)
    homes = without_bridges(stays, step_months)
    began = np.searchsorted(ends, homes.first)
    came = homes.opened == OPENED.index("started")
    new, starts = (
        np.stack([_counts(homes, rows & (began == year), paths) for year in range(len(years))], axis=1)
        for rows in (homes.opened != OPENED.index("now"), came)
    )
    return NearHome(limit_miles, years, everyone, new, starts)


def _counts(stays: Stays, rows: np.ndarray, paths: int) -> np.ndarray:
    columns = [np.bincount(stays.path[rows & (stays.within == code)], minlength=paths) for code in COUNTS.values()]
    return np.stack(columns, axis=1).astype(float)
