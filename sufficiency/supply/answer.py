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
from sufficiency.supply.pipeline import monthly_counts
from sufficiency.vocabulary import NEEDS_LEVELS

ALL: Final = "all"


@dataclass(frozen=True)
class Supply:
    """Households, homes and places in every path.

    ``dates``: month ends, the as-of day first. ``today``: the households approved on the as-of day. ``enquiries``,
    ``applications``: (paths, months). ``ready_after``: months from approval to the first placement. ``homes``: every
    other home with its dates.
    """

    stamp: Stamp
    as_of: pd.Timestamp
    dates: pd.DatetimeIndex
    today: pd.DataFrame
    households: Households
    enquiries: np.ndarray
    applications: np.ndarray
    ready_after: int
    homes: pd.DataFrame
    paths: int

    @property
    def months(self) -> int:
        """Length of the forecast [months]."""
        return len(self.dates) - 1

    def open_in(self, month: int) -> np.ndarray:
        """Whether each household is approved and going on at a month end (0 is the as-of day)."""
        return (self.households.approved < month) & (self.households.stopped >= month)

    def usable_in(self, month: int) -> np.ndarray:
        """Places of each household that a child could have at a month end: open, ready, and available."""
        households = self.households
        new = households.approved >= 0
        ready = self.open_in(month) & (~new | (households.approved + self.ready_after < month))
        year = min(month // 12, households.unavailable.shape[1] - 1)
        return np.where(ready, households.places - households.unavailable[:, year], 0)

    def counts(self, measure: str, level: int | None = None) -> np.ndarray:
        """Households (or places, usable places) by path and month end, shape (paths, months + 1)."""
        households = self.households
        of_level = np.full(len(households.path), True) if level is None else households.level == level
        answer = np.zeros((self.paths, self.months + 1), dtype=int)
        for month in range(self.months + 1):
            if measure == "usable":
                weight = self.usable_in(month)
            else:
                weight = self.open_in(month) * (households.places if measure == "places" else 1)
            answer[:, month] = np.bincount(households.path, weight * of_level, minlength=self.paths)
        return answer

    def approvals(self, level: int | None = None) -> np.ndarray:
        """Households approved by path and month, shape (paths, months)."""
        return self._events(self.households.approved, level)

    def leavers(self, level: int | None = None) -> np.ndarray:
        """Households that stop by path and month, shape (paths, months)."""
        return self._events(self.households.stopped, level)

    def _events(self, month: np.ndarray, level: int | None) -> np.ndarray:
        of_level = np.full(len(month), True) if level is None else self.households.level == level
        return monthly_counts(self.households.path[of_level], month[of_level], self.paths, self.months)

    def carers(self) -> pd.DataFrame:
        """``date level measure`` and ranges: enquiries, applications, approvals, leavers, households, places.

        Enquiries and applications have no level yet, so they stand under ``all`` only. Flows are those of the month
        that ends on ``date``; households and places are those on it.
        """
        parts = [
            self._rows(self.dates[1:], ALL, "enquiries", self.enquiries),
            self._rows(self.dates[1:], ALL, "applications", self.applications),
        ]
        for level in (None, *NEEDS_LEVELS):
            name = ALL if level is None else str(level)
            parts += [
                self._rows(self.dates[1:], name, "approvals", self.approvals(level)),
                self._rows(self.dates[1:], name, "leavers", self.leavers(level)),
                self._rows(self.dates, name, "households", self.counts("households", level)),
                self._rows(self.dates, name, "places", self.counts("places", level)),
            ]
        return pd.concat(parts, ignore_index=True)

    def places(self) -> pd.DataFrame:
        """``date kind measure`` and ranges: places approved, and usable, by kind of home at each month end."""
        parts = []
        for measure, source in (("approved", "places"), ("usable", "usable")):
            table = self._rows(self.dates, ALL, measure, self.counts(source)).drop(columns="level")
            table.insert(1, "kind", "in_house_fostering")
            parts.append(table)
        for kind in self.homes["kind"].unique():
            homes = self.homes[self.homes["kind"] == kind]
            for measure in ("approved", "usable"):
                counts = np.tile(self._home_places(homes), (self.paths, 1))
                table = self._rows(self.dates, ALL, measure, counts).drop(columns="level")
                table.insert(1, "kind", kind)
                parts.append(table)
        return pd.concat(parts, ignore_index=True)

    def _home_places(self, homes: pd.DataFrame) -> np.ndarray:
        return places_by_month(homes, self.dates).sum(axis=0)

    @staticmethod
    def _rows(dates: pd.DatetimeIndex, level: str, measure: str, counts: np.ndarray) -> pd.DataFrame:
        keys = pd.DataFrame({"date": dates, "level": level, "measure": measure})
        return pd.concat([keys, summarise(counts)], axis=1)

    def funnel(self) -> pd.DataFrame:
        """``financial_year measure`` and ranges [households]: flows of each year, added up inside each path, and the
        households open at its end. A year is that of its last month; the projection's years begin on the as-of day.
        """
        names = financial_year(self.dates[12::12])
        parts = []
        closing = self.counts("households")
        for year, name in enumerate(names):
            span = slice(12 * year, 12 * year + 12)
            yearly = {
                "enquiries": self.enquiries[:, span].sum(axis=1),
                "applications": self.applications[:, span].sum(axis=1),
                "approvals": self.approvals()[:, span].sum(axis=1),
                "approvals_level_3": self.approvals(NEEDS_LEVELS[-1])[:, span].sum(axis=1),
                "leavers": self.leavers()[:, span].sum(axis=1),
                "net_growth": closing[:, 12 * year + 12] - closing[:, 12 * year],
                "households": closing[:, 12 * year + 12],
            }
            keys = pd.DataFrame({"financial_year": name, "measure": list(yearly)})
            parts.append(pd.concat([keys, summarise(np.column_stack(list(yearly.values())))], axis=1))
        return pd.concat(parts, ignore_index=True)

    def chart(self) -> Any:
        """Enquiries, applications, approvals and households over the years, with ranges."""
        from sufficiency.figures import funnel

        return funnel(self.funnel(), self.stamp, title=self.finding(), alt_text=self._alt_text())

    def finding(self) -> str:
        """What the forecast says, in one sentence with its range."""
        households = self.counts("households")
        low, high = np.quantile(households[:, -1], (0.1, 0.9))
        approved = self.approvals().sum(axis=1).mean()
        return (
            f"{households[0, 0]} in-house households today; between {low:.0f} and {high:.0f} on "
            f"{self.dates[-1]:%d %B %Y} in 8 futures of 10, with {approved:.0f} approved on the way"
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
