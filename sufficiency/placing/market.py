"""What is bought when no place is free: how far from home it tends to be, what it costs, how long it lasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.calendar import DAYS_IN_MONTH
from sufficiency.errors import Fault, InputError
from sufficiency.lever import Lever
from sufficiency.placing.distances import Pool, distances_of
from sufficiency.records.model import Records
from sufficiency.scenario import Scenario
from sufficiency.streams import chance, stream
from sufficiency.vocabulary import AGE_BANDS, KINDS, NEEDS_LEVELS

PRIVATE: Final = ("ifa", "residential", "supported")
"""Kinds whose homes other authorities use too."""
NOT_KNOWN: Final = 0.5
"""Share of private places that others take where the registers cannot tell [assumption]."""
PRIOR_MONTHS: Final = 12.0
"""Weight of all kinds' rate of ending in each kind's [child-months]."""


@dataclass(frozen=True)
class MarketDraws:
    """What the market of a scenario holds.

    ``miles``: distances by kind and age band; ``price``: £ a week by kind and level; ``open_to_us``: share of the
    places that come free in other people's homes that we get, by path and kind; ``ending``, ``moving``: chance in a
    month that a placement ends, and that it ends in a move, by kind.
    """

    miles: tuple[tuple[Pool, ...], ...]
    price: np.ndarray
    open_to_us: np.ndarray
    ending: np.ndarray
    moving: np.ndarray

    def distance(
        self, key: np.ndarray, kind: np.ndarray, band: np.ndarray, month: np.ndarray, home_known: np.ndarray
    ) -> np.ndarray:
        """A distance for each placement bought, from those of its kind and age; unknown where the child's home is."""
        answer = np.full(len(key), np.nan)
        turns = chance(key ^ (month.astype(np.uint64) << np.uint64(32)), "distance")
        cell = np.where(home_known, kind * len(AGE_BANDS) + band, -1)
        for each in np.unique(cell[cell >= 0]):
            here = cell == each
            answer[here] = self.miles[each // len(AGE_BANDS)][each % len(AGE_BANDS)].at(turns[here])
        return answer

    def distances(self, limit_miles: float) -> pd.DataFrame:
        """``kind age_band placements miles_p25 miles_p50 miles_p90 share_within``: how far what is bought tends to be.

        ``placements``: those of the kind and age with a known distance; the fewer there are, the more the wider pools
        stand in for them. Distances in miles, ``share_within`` the limit.
        """
        rows = [
            (kind, band, pool.own, *pool.at(np.array([0.25, 0.5, 0.9])), pool.share_within(limit_miles))
            for kind, pools in zip(KINDS, self.miles, strict=True)
            for band, pool in zip(AGE_BANDS, pools, strict=True)
        ]
        columns = ["kind", "age_band", "placements", "miles_p25", "miles_p50", "miles_p90", "share_within"]
        return pd.DataFrame(rows, columns=columns)

    def prices(self) -> pd.DataFrame:
        """``kind needs_level weekly_cost`` and the chance in a month that a placement of the kind ends, ``ending``."""
        keys = pd.MultiIndex.from_product([KINDS, NEEDS_LEVELS], names=["kind", "needs_level"])
        return keys.to_frame(index=False).assign(
            weekly_cost=self.price.ravel(), ending=np.repeat(self.ending, len(NEEDS_LEVELS))
        )


def market_of(records: Records, scenario: Scenario, as_of: pd.Timestamp) -> MarketDraws:
    """Distances and endings of the placements of recent years, the registers' shares of private homes, and prices on
    the first day of the projection.

    Raises :class:`InputError` when there is no price table or a kind has no price on the day.
    """
    settings = scenario.supply.market
    since = as_of - pd.DateOffset(years=settings.distance_years)
    ending, moving = endings_of(records.placements, since, as_of)
    return MarketDraws(
        miles=distances_of(records.placements, records.children, since, as_of, settings.distances_enough),
        price=price_table(records.prices, as_of + pd.Timedelta(days=1)),
        open_to_us=_open_to_us(records, scenario),
        ending=ending,
        moving=moving,
    )


def taken_by_others(records: Records) -> pd.DataFrame:
    """``kind places free ours others share basis``: who fills the private homes of the register today.

    ``others``: places less free less those of the children register who live there; ``share``: of the filled places.
    Without both registers, or with no filled place, the share is an assumption, and ``basis`` says so.
    """
    rows = []
    children = records.child_register
    for kind in PRIVATE:
        listed = _homes_of_kind(records.homes, kind)
        places, free = int(listed["places"].sum()), int(listed["places_free"].sum())
        ours = 0 if children is None else int(children["current_home_id"].isin(listed["home_id"]).sum())
        others = max(places - free - ours, 0)
        known = children is not None and ours + others > 0
        share = others / (ours + others) if known else NOT_KNOWN
        rows.append((kind, places, free, ours, others, share, "registers" if known else "assumption"))
    return pd.DataFrame(rows, columns=["kind", "places", "free", "ours", "others", "share", "basis"])


def _homes_of_kind(homes: pd.DataFrame | None, kind: str) -> pd.DataFrame:
    if homes is None:
        return pd.DataFrame({"home_id": [], "places": [], "places_free": []})
    return homes[homes["registered"] & (homes["kind"] == kind)]


def _open_to_us(records: Records, scenario: Scenario) -> np.ndarray:
    horizon, taken = scenario.horizon, scenario.supply.market.share_taken_by_others
    of_register = taken_by_others(records).set_index("kind")["share"]
    answer = np.ones((horizon.paths, len(KINDS)))
    for kind in PRIVATE:
        lever: Lever | None = getattr(taken, kind)
        if lever is None:
            answer[:, KINDS.index(kind)] = 1 - of_register[kind]
            continue
        draws = stream(horizon.seed, "lever", f"supply.market.share_taken_by_others.{kind}")
        answer[:, KINDS.index(kind)] = 1 - lever.paths(1, horizon.paths, draws)[:, 0]
    return answer


def endings_of(placements: pd.DataFrame, since: pd.Timestamp, as_of: pd.Timestamp) -> tuple[np.ndarray, np.ndarray]:
    """Chance in a month that a placement ends, and that it ends in a move, by kind, in the years up to ``as_of``.

    Endings over child-months; a kind with few child-months is drawn toward all kinds together.
    """
    there = placements[(placements["started"] <= as_of) & ~(placements["ended"] <= since)]
    begins = there["started"].where(there["started"] > since, since)
    ends = there["ended"].where(there["ended"] <= as_of, as_of)
    months = (ends - begins).dt.days.to_numpy() / DAYS_IN_MONTH
    ended = (there["ended"] <= as_of).to_numpy()
    moved = ended & (there["reason_ended"] == "X1").to_numpy()
    kind = pd.Index(KINDS).get_indexer(pd.Index(there["kind"].astype(object)))
    lived = np.bincount(kind, months, minlength=len(KINDS))
    rates = []
    for happened in (ended, moved):
        overall = happened.sum() / max(months.sum(), 1.0)
        events = np.bincount(kind, happened, minlength=len(KINDS)) + PRIOR_MONTHS * overall
        rates.append(1 - np.exp(-events / (lived + PRIOR_MONTHS)))
    return rates[0], rates[1]


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
