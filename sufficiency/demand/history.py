"""What the returns say of the past, counted in the months in which the projection will move."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.calendar import DAYS_IN_MONTH, age_in_years, days, month_ends
from sufficiency.records.model import Records
from sufficiency.vocabulary import AGE_BANDS, EXIT_REASONS, KINDS, age_band_index

STREAMS: Final = (*AGE_BANDS, "uasc")
"""Streams of entries: children by age band, and unaccompanied children on their own."""
UASC_STREAM: Final = len(AGE_BANDS)

DURATION_MONTHS: Final = (0.0, 3.0, 6.0, 12.0, 24.0, 48.0)
"""Lower ends of the classes of time in care or in placement [months]; class 0 is the month of the start itself."""
NEW: Final = 0


def duration_class(months: np.ndarray) -> np.ndarray:
    """Class of a time in care or in placement: 1 for under 3 months … 6 for 48 and more."""
    return np.searchsorted(DURATION_MONTHS, months, side="right")


@dataclass(frozen=True)
class Spells:
    """The placements of the returns as arrays, one element per placement (see :class:`Records`)."""

    started: np.ndarray
    ended: np.ndarray
    entered_care: np.ndarray
    left_care: np.ndarray
    is_first: np.ndarray
    born: np.ndarray
    kind: np.ndarray
    next_kind: np.ndarray
    uasc: np.ndarray
    exit_reason: np.ndarray


def spells_of(records: Records) -> Spells:
    """Placements with their period of care and what came next; ``next_kind`` is -1 where care ended or goes on."""
    periods = records.periods[["period", "started", "ended", "exit_reason"]].rename(
        columns={"started": "entered_care", "ended": "left_care"}
    )
    table = (
        records.placements.merge(periods, on="period")
        .merge(records.children[["child_id", "date_of_birth", "uasc"]], on="child_id")
        .sort_values(["period", "started"], kind="stable")
    )
    kind = table["kind"].cat.set_categories(list(KINDS)).cat.codes.to_numpy()
    period = table["period"].to_numpy()
    goes_on = np.append(period[1:] == period[:-1], False)
    far = np.datetime64("2200-01-01", "D")
    reason = pd.Categorical(table["exit_reason"], categories=EXIT_REASONS).codes
    return Spells(
        started=days(table["started"]),
        ended=days(table["ended"].fillna(pd.Timestamp(far))),
        entered_care=days(table["entered_care"]),
        left_care=days(table["left_care"].fillna(pd.Timestamp(far))),
        is_first=np.append(True, period[1:] != period[:-1])[: len(period)],
        born=days(table["date_of_birth"]),
        kind=kind.astype(int),
        next_kind=np.where(goes_on, np.append(kind[1:], -1)[: len(kind)], -1).astype(int),
        uasc=table["uasc"].to_numpy(dtype=bool),
        exit_reason=np.asarray(reason, dtype=int),
    )


@dataclass(frozen=True)
class ChildMonths:
    """Child-months at risk: one row per placement and month. ``duration`` classes start at 0 = begun this month."""

    table: pd.DataFrame

    def cells(self, duration: str, event: str) -> pd.DataFrame:
        """Months at risk and events by age band, kind, duration class and UASC: ``trials``, ``events``.

        A child is at risk of leaving once a month, in the first placement of the month; of moving, in each.
        """
        keys = ["age_band", "kind", duration, "uasc"]
        rows = self.table[self.table["first_of_month"]] if event == "left" else self.table
        cells = rows.groupby(keys)[event].agg(["size", "sum"]).reset_index()
        return cells.set_axis(["age_band", "kind", "duration", "uasc", "trials", "events"], axis=1)


def child_months(spells: Spells, as_of: pd.Timestamp, years: int) -> ChildMonths:
    """Every child-month of the ``years`` before ``as_of``.

    A child is at risk in a month when in care at its start, or when it starts within it. Columns: ``age_band``,
    ``kind`` (positions), ``care`` and ``stay`` (duration classes), ``uasc``, ``first_of_month`` (whether it is the
    child's first placement of the month), ``left`` (care, within the month), ``moved``, ``next_kind``, ``reason``.
    Leaving at 18 is not an event: it is a birthday, not a chance.
    """
    ends = days(month_ends(as_of, 0, back=12 * years))
    parts = [_one_month(spells, first, last) for first, last in pairwise(ends)]
    return ChildMonths(pd.concat(parts, ignore_index=True))


def _one_month(spells: Spells, first: np.datetime64, last: np.datetime64) -> pd.DataFrame:
    here = (spells.started <= last) & (spells.ended > first)
    started, ended = spells.started[here], spells.ended[here]
    begun_care = spells.entered_care[here] > first
    begun_stay = started > first
    ends_here = ended <= last
    next_kind = spells.next_kind[here]
    reason = spells.exit_reason[here]
    left = spells.left_care[here] <= last
    turned_18 = left & (reason == EXIT_REASONS.index("turned_18"))
    age = age_in_years(spells.born[here], np.where(begun_stay, started, first))
    table = pd.DataFrame(
        {
            "age_band": age_band_index(age),
            "kind": spells.kind[here],
            "care": np.where(begun_care, NEW, duration_class(_months(spells.entered_care[here], first))),
            "stay": np.where(begun_stay, NEW, duration_class(_months(started, first))),
            "uasc": spells.uasc[here].astype(int),
            "first_of_month": ~begun_stay | (begun_care & spells.is_first[here]),
            "left": left.astype(int),
            "moved": (ends_here & (next_kind >= 0)).astype(int),
            "next_kind": next_kind,
            "reason": reason,
        }
    )
    return table[~turned_18]


def _months(since: np.ndarray, until: np.datetime64) -> np.ndarray:
    return (until - since).astype(float) / DAYS_IN_MONTH


@dataclass(frozen=True)
class Starters:
    """Children who started in the years before the as-of day, the donors of the attributes of those to come.

    ``year`` counts back from the as-of day (0 = the last twelve months); ``siblings`` is the number who started on
    the same day from the same home.
    """

    stream: np.ndarray
    year: np.ndarray
    age_days: np.ndarray
    sex: np.ndarray
    kind: np.ndarray
    latitude: np.ndarray
    longitude: np.ndarray
    siblings: np.ndarray


def starters(records: Records, as_of: pd.Timestamp, years: int) -> Starters:
    """Starts of periods of care in the ``years`` before ``as_of``; periods with an unseen start are not starts."""
    periods = records.periods[~records.periods["left_censored"]]
    first = records.placements.sort_values(["period", "started"], kind="stable").drop_duplicates("period")
    table = (
        periods[["period", "child_id", "started"]]
        .merge(first[["period", "kind", "home_latitude", "home_longitude"]], on="period")
        .merge(records.children[["child_id", "date_of_birth", "sex", "uasc"]], on="child_id")
    )
    opened = [as_of - pd.DateOffset(years=year + 1) for year in range(years)]
    table = table[(table["started"] > opened[-1]) & (table["started"] <= as_of)].sort_values(["started", "child_id"])
    ages = age_in_years(days(table["date_of_birth"]), days(table["started"]))
    stream = np.where(table["uasc"].to_numpy(dtype=bool), UASC_STREAM, age_band_index(ages))
    year = np.sum([(table["started"] <= day).to_numpy() for day in opened], axis=0)
    together = table.groupby(["started", "home_latitude", "home_longitude"], dropna=True)["period"].transform("size")
    return Starters(
        stream=stream,
        year=year.astype(int),
        age_days=(days(table["started"]) - days(table["date_of_birth"])).astype(int),
        sex=table["sex"].to_numpy(dtype=object),
        kind=table["kind"].cat.set_categories(list(KINDS)).cat.codes.to_numpy().astype(int),
        latitude=table["home_latitude"].to_numpy(dtype=float),
        longitude=table["home_longitude"].to_numpy(dtype=float),
        siblings=together.reindex(table.index).fillna(1).to_numpy(dtype=int),
    )
