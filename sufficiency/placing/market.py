"""What is bought when no place is free: how far from home it tends to be, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sufficiency.errors import Fault, InputError
from sufficiency.records.model import Records
from sufficiency.settings import Market as MarketSettings
from sufficiency.streams import chance
from sufficiency.vocabulary import KINDS, NEEDS_LEVELS


@dataclass(frozen=True)
class MarketDraws:
    """Distances by kind as the recent placements had them [miles], and prices by kind and level [£ a week]."""

    miles: tuple[np.ndarray, ...]
    price: np.ndarray

    def distance(self, key: np.ndarray, kind: np.ndarray, month: np.ndarray, home_known: np.ndarray) -> np.ndarray:
        """A distance for each placement bought, from those of its kind; unknown where the child's home is."""
        answer = np.full(len(key), np.nan)
        turns = chance(key ^ (month.astype(np.uint64) << np.uint64(32)), "distance")
        for position, pool in enumerate(self.miles):
            here = (kind == position) & home_known
            if len(pool):
                answer[here] = pool[(turns[here] * len(pool)).astype(int)]
        return answer


def market_of(records: Records, settings: MarketSettings, as_of: pd.Timestamp) -> MarketDraws:
    """Distances of the placements of recent years, and prices on the first day of the projection.

    A kind without a recent placement of known distance takes the distances of all placements. Raises
    :class:`InputError` when there is no price table or a kind has no price on the day.
    """
    placements = records.placements
    since = as_of - pd.DateOffset(years=settings.distance_years)
    recent = placements[
        (placements["started"] > since) & (placements["started"] <= as_of) & placements["miles"].notna()
    ]
    everything = recent["miles"].to_numpy(dtype=float)
    pools = [recent.loc[recent["kind"] == kind, "miles"].to_numpy(dtype=float) for kind in KINDS]
    return MarketDraws(
        miles=tuple(np.sort(pool if len(pool) else everything) for pool in pools),
        price=price_table(records.prices, as_of + pd.Timedelta(days=1)),
    )


def price_table(prices: pd.DataFrame | None, as_of: pd.Timestamp) -> np.ndarray:
    """£ a child-week by kind and needs level on a day, shape (kinds, levels); a level's own row comes first."""
    if prices is None:
        fix = "Add prices.csv (kind, needs_level, from_date, weekly_cost) to the data folder."
        raise InputError([Fault("P01", "prices.csv", "", (), "is not there, so nothing can be costed", fix)])
    table = np.full((len(KINDS), len(NEEDS_LEVELS)), np.nan)
    valid = prices[prices["from_date"] <= as_of].sort_values("from_date", kind="stable")
    general = valid[valid["needs_level"].isna()]
    special = valid[valid["needs_level"].notna()]
    for kind, cost in zip(general["kind"], general["weekly_cost"], strict=True):
        table[KINDS.index(kind), :] = cost
    for kind, level, cost in zip(special["kind"], special["needs_level"], special["weekly_cost"], strict=True):
        table[KINDS.index(kind), int(level) - 1] = cost
    missing = [kind for kind, row in zip(KINDS, table, strict=True) if np.isnan(row).any()]
    if missing:
        says = f"no price on {as_of:%d %B %Y} at every needs level for {', '.join(missing)}"
        fix = "Add a row for the kind with an empty needs_level and a from_date on or before that day."
        raise InputError([Fault("P02", "prices.csv", "kind", (), says, fix)])
    return table
