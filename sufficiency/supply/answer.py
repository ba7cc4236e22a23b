"""The forecast of carers and places as an answer: tables by month and level, and the funnel chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from sufficiency.calendar import financial_year
from sufficiency.ranges import summarise
from sufficiency.stamp import Stamp
from sufficiency.supply.homes import places_by_month
from sufficiency.supply.households import Households
from sufficiency.supply.kinship import Kinship
from sufficiency.supply.pipeline import Pipeline, monthly_counts
from sufficiency.supply.rates import PipelineRates
from sufficiency.vocabulary import NEEDS_LEVELS

ALL: Final = "all"


@dataclass(frozen=True)
class Supply:
    """Households, homes and places in every path.

    ``dates``: month ends, the as-of day first. ``today``: the households approved on the as-of day. ``pipeline``: cases
    on their way to approval. ``ready_after``: months from approval to the first placement. ``homes``: every other home
    with its dates. ``kinship``: kinship households, where the projection of children was given; they are no part of
    ``households``. ``notes``: settings that have less effect than they seem to.
    ``rates``: the rates of recruiting and keeping carers in force, and where each comes from.
    """

    stamp: Stamp
    as_of: pd.Timestamp
    dates: pd.DatetimeIndex
    today: pd.DataFrame
    households: Households
    pipeline: Pipeline
    ready_after: int
    homes: pd.DataFrame
    paths: int
    rates: PipelineRates
    kinship: Kinship | None = None
    notes: tuple[str, ...] = ()

    @property
    def months(self) -> int:
        """Length of the forecast [months]."""
        return len(self.dates) - 1

    @property
    def enquiries(self) -> np.ndarray:
        """Enquiries by path and month, shape (paths, months)."""
        return self.pipeline.enquiries

    @property
    def applications(self) -> np.ndarray:
        """Applications by path and month, shape (paths, months)."""
        return self.pipeline.applications

    def open_in(self, month: int) -> np.ndarray:
        """Whether each household is approved and going on at a month end (0 is the as-of day)."""
        return self.households.open_at(month)

    def usable_in(self, month: int) -> np.ndarray:
        """Places of each household that a child could have at a month end: open, ready, and available."""
        households = self.households
        new = households.approved >= 0
        ready = self.open_in(month) & (~new | (households.approved + self.ready_after < month))
        return np.where(ready, households.available_at(month), 0)

    def counts(self, measure: str, level: int | None = None) -> np.ndarray:
        """Households (or places, usable places) by path and month end, shape (paths, months + 1); of those at a level
        on that day, where one is given."""
        by_level = self.counts_by_level(measure)
        return by_level.sum(axis=2) if level is None else by_level[:, :, level - NEEDS_LEVELS[0]]

    def counts_by_level(self, measure: str) -> np.ndarray:
        """Households (or places, usable places) by path, month end and level on that day, each an axis."""
        households, levels = self.households, len(NEEDS_LEVELS)
        answer = np.zeros((self.paths, self.months + 1, levels), dtype=int)
        for month in range(self.months + 1):
            weight = self.usable_in(month) if measure == "usable" else self.open_in(month)
            if measure == "places":
                weight = weight * households.places_at(month)
            cell = households.path * levels + households.level_at(month) - NEEDS_LEVELS[0]
            answer[:, month] = np.bincount(cell, weight, minlength=self.paths * levels).reshape(-1, levels)
        return answer

    def approvals(self, level: int | None = None) -> np.ndarray:
        """Households approved by path and month, shape (paths, months); the level is that of their approval."""
        return self._events(self.households.approved, self.households.level, level)

    def leavers(self, level: int | None = None) -> np.ndarray:
        """Households that stop by path and month, shape (paths, months); the level is that at which they stop."""
        stopped = self.households.stopped
        return self._events(stopped, self.households.level_at(stopped), level)

    def ready(self) -> np.ndarray:
        """New households ready for their first placement by path and month, shape (paths, months)."""
        households = self.households
        month = households.approved + self.ready_after
        comes = (households.approved >= 0) & (households.stopped > month)
        return monthly_counts(households.path[comes], month[comes], self.paths, self.months)

    def moved_up(self, into: int | None = None, out_of: int | None = None) -> np.ndarray:
        """Households that move up a level by path and month, shape (paths, months): all, or those that come into a
        level or go out of one."""
        before = self.households.level[:, None] + np.arange(self.households.raised.shape[1])
        counted = np.full(before.shape, True)
        if into is not None:
            counted &= before == into - 1
        if out_of is not None:
            counted &= before == out_of
        path = np.broadcast_to(self.households.path[:, None], before.shape)
        return monthly_counts(path[counted], self.households.raised[counted], self.paths, self.months)

    def _events(self, month: np.ndarray, of_household: np.ndarray, level: int | None) -> np.ndarray:
        of_level = np.full(len(month), True) if level is None else of_household == level
        return monthly_counts(self.households.path[of_level], month[of_level], self.paths, self.months)

    def carers(self) -> pd.DataFrame:
        """``date level measure`` and ranges, every stage from enquiry to leaving: enquiries, applications,
        stage_1_passed, stage_2_passed (those that come to panel), approvals, ready_for_placement, leavers, moved_in and
        moved_out (between levels), households, places, and kinship_households where they are known.

        Cases before approval have no level yet, so they stand under ``all`` only, and so do households that are ready
        and kinship households, which are no part of the others. Flows are those of the month that ends on ``date``;
        households and places are those on it. A level's households are those before, and approvals, and moved_in, less
        moved_out, less leavers.
        """
        flows = {**vars(self.pipeline), "ready_for_placement": self.ready()}
        parts = [self._rows(self.dates[1:], ALL, name, counts) for name, counts in flows.items()]
        if self.kinship is not None:
            parts.append(self._rows(self.dates, ALL, "kinship_households", self.kinship.households))
        stocks = {name: self.counts_by_level(name) for name in ("households", "places")}
        for level in (None, *NEEDS_LEVELS):
            name = ALL if level is None else str(level)
            changes = {"approvals": self.approvals(level), "leavers": self.leavers(level)}
            if level is not None:
                changes |= {"moved_in": self.moved_up(into=level), "moved_out": self.moved_up(out_of=level)}
            parts += [self._rows(self.dates[1:], name, change, counts) for change, counts in changes.items()]
            of_level = slice(None) if level is None else slice(level - NEEDS_LEVELS[0], level)
            parts += [
                self._rows(self.dates, name, stock, counts[:, :, of_level].sum(axis=2))
                for stock, counts in stocks.items()
            ]
        return pd.concat(parts, ignore_index=True)

    def places(self) -> pd.DataFrame:
        """``date kind measure`` and ranges: places approved, and usable, by kind of home at each month end.

        A kinship household's places are those of the children who live there: approved for them, usable by no other.
        """
        parts = [
            self._of_kind("in_house_fostering", "approved", self.counts("places")),
            self._of_kind("in_house_fostering", "usable", self.counts("usable")),
        ]
        if self.kinship is not None:
            parts += [self._of_kind("kinship", measure, self.kinship.places) for measure in ("approved", "usable")]
        for kind in self.homes["kind"].unique():
            homes = self.homes[self.homes["kind"] == kind]
            counts = np.tile(self._home_places(homes), (self.paths, 1))
            if kind != "kinship" or self.kinship is None:
                parts += [self._of_kind(kind, measure, counts) for measure in ("approved", "usable")]
        return pd.concat(parts, ignore_index=True)

    def _of_kind(self, kind: str, measure: str, counts: np.ndarray) -> pd.DataFrame:
        table = self._rows(self.dates, ALL, measure, counts).drop(columns="level")
        table.insert(1, "kind", kind)
        return table

    def _home_places(self, homes: pd.DataFrame) -> np.ndarray:
        return places_by_month(homes, self.dates).sum(axis=0)

    @staticmethod
    def _rows(dates: pd.DatetimeIndex, level: str, measure: str, counts: np.ndarray) -> pd.DataFrame:
        keys = pd.DataFrame({"date": dates, "level": level, "measure": measure})
        return pd.concat([keys, summarise(counts)], axis=1)

    def funnel(self) -> pd.DataFrame:
        """``financial_year measure`` and ranges [households]: flows of each year, added up inside each path, and the
        households open at its end. A year is that of its last month; the projection's years begin on the as-of day.

        Both readings of a number a year stand in it: ``approvals`` (gross growth) and ``net_growth`` (approvals less
        leavers).
        """
        flows = {
            **vars(self.pipeline),
            "approvals": self.approvals(),
            "approvals_level_3": self.approvals(NEEDS_LEVELS[-1]),
            "ready_for_placement": self.ready(),
            "leavers": self.leavers(),
            "moved_up": self.moved_up(),
        }
        yearly = {name: counts.reshape(self.paths, -1, 12).sum(axis=2) for name, counts in flows.items()}
        ends = self.counts("households")[:, ::12]
        yearly |= {"net_growth": np.diff(ends, axis=1), "households": ends[:, 1:]}
        parts = []
        for year, name in enumerate(financial_year(self.dates[12::12])):
            keys = pd.DataFrame({"financial_year": name, "measure": list(yearly)})
            counts = np.column_stack([of_year[:, year] for of_year in yearly.values()])
            parts.append(pd.concat([keys, summarise(counts)], axis=1))
        return pd.concat(parts, ignore_index=True)

    def chart(self) -> Any:
        """Enquiries, applications, approvals and households over the years, with ranges."""
        from sufficiency.figures import funnel

        return funnel(self.funnel(), self.stamp, title=self.finding(), alt_text=self._alt_text())

    def finding(self) -> str:
        """What the forecast says, in one sentence with its range: gross and net growth both."""
        households = self.counts("households")
        low, high = np.quantile(households[:, -1], (0.1, 0.9))
        approved, years = self.approvals().sum(axis=1).mean(), self.months / 12
        net = (households[:, -1] - households[:, 0]).mean()
        return (
            f"{households[0, 0]} in-house households today; between {low:.0f} and {high:.0f} on "
            f"{self.dates[-1]:%d %B %Y} in 8 futures of 10, with {approved:.0f} approved on the way "
            f"({approved / years:.0f} a year) and net growth of {net / years:.0f} a year"
        )

    def _alt_text(self) -> str:
        middle = self.funnel().pivot(index="financial_year", columns="measure", values="p50")
        rows = [
            f"{year}: {row['enquiries']:.0f} enquiries, {row['applications']:.0f} applications, "
            f"{row['approvals']:.0f} approvals, {row['leavers']:.0f} leavers, {row['households']:.0f} households"
            for year, row in middle.iterrows()
        ]
        return f"{self.finding()}. Middle of the futures by year. {'; '.join(rows)}."


def open_on(homes: pd.DataFrame, date: pd.Timestamp) -> pd.Series:
    """Whether each home is open on a date; the closing day is its last."""
    opened = homes["open_from"].isna() | (homes["open_from"] <= date)
    return opened & (homes["open_to"].isna() | (homes["open_to"] >= date))
