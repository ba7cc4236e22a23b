"""What the returns say of the past, counted in the months in which the projection will move."""

from __future__ import annotations

from dataclasses import dataclass, fields
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
class Window:
    """The months before the as-of day from which rates are estimated, oldest first.

    ``ends``: days between which the months lie (one more than months); ``covered``: whether returns cover each month
    whole. Only covered months are counted: in a year without a return nothing was seen.
    """

    ends: np.ndarray
    covered: np.ndarray

    @property
    def months(self) -> int:
        """Number of months, covered or not."""
        return len(self.covered)

    def years_before(self, month: np.ndarray) -> np.ndarray:
        """Whole years between a month (its position) and the as-of day: 0 for the last twelve months."""
        return (self.months - 1 - month) // 12


def window_of(coverage: pd.DataFrame, as_of: pd.Timestamp, years: int) -> Window:
    """The whole years before ``as_of``, at most ``years``, that the ``coverage`` of one authority reaches back to."""
    first = coverage["first_day"].min() - pd.Timedelta(days=1)
    held = sum(as_of - pd.DateOffset(years=back) >= first for back in range(1, years + 1))
    ends = days(month_ends(as_of, 0, back=12 * held))
    covered = np.zeros(len(ends) - 1, dtype=bool)
    for opened, closed in zip(days(coverage["first_day"]), days(coverage["last_day"]), strict=True):
        covered |= (ends[:-1] + 1 >= opened) & (ends[1:] <= closed)
    return Window(ends, covered)


HAZARD_SHAPE: Final = (len(AGE_BANDS), len(KINDS), len(DURATION_MONTHS) + 1, 2)
"""Cells of a hazard: age band, kind, duration class, unaccompanied or not."""


@dataclass(frozen=True)
class ChildMonths:
    """Child-months at risk, one element per placement and month, as arrays alike in length.

    ``month``: position in the :class:`Window`; ``age_band``, ``kind``: positions; ``care``, ``stay``: duration classes,
    0 = begun this month; ``uasc`` 0 or 1; ``first_of_month``: whether it is the child's first placement of the month;
    ``left`` care and ``moved`` within the month, ``next_kind`` (-1 for none) and ``reason`` of leaving.
    """

    month: np.ndarray
    age_band: np.ndarray
    kind: np.ndarray
    care: np.ndarray
    stay: np.ndarray
    uasc: np.ndarray
    first_of_month: np.ndarray
    left: np.ndarray
    moved: np.ndarray
    next_kind: np.ndarray
    reason: np.ndarray

    def of_children(self) -> ChildMonths:
        """One element per child and month: the first placement of each month."""
        return ChildMonths(**{field.name: getattr(self, field.name)[self.first_of_month] for field in fields(self)})

    def cell(self, duration: np.ndarray) -> np.ndarray:
        """Position in an array of :data:`HAZARD_SHAPE` laid flat, with ``care`` or ``stay`` as the duration."""
        return np.ravel_multi_index((self.age_band, self.kind, duration, self.uasc), HAZARD_SHAPE)


def child_months(spells: Spells, window: Window) -> ChildMonths:
    """Every child-month of the covered months of the window.

    A child is at risk in a month when in care at its start, or when it starts within it. Leaving at 18 is not an
    event: it is a birthday, not a chance.
    """
    parts = [
        _one_month(spells, int(month), window.ends[month], window.ends[month + 1])
        for month in np.flatnonzero(window.covered)
    ]
    return ChildMonths(
        **{
            field.name: np.concatenate([getattr(part, field.name) for part in parts]) if parts else np.zeros(0, int)
            for field in fields(ChildMonths)
        }
    )


def _one_month(spells: Spells, month: int, first: np.datetime64, last: np.datetime64) -> ChildMonths:
    reason = spells.exit_reason
    turned_18 = (spells.left_care <= last) & (reason == EXIT_REASONS.index("turned_18"))
    here = np.flatnonzero((spells.started <= last) & (spells.ended > first) & ~turned_18)
    started, ended = spells.started[here], spells.ended[here]
    begun_care = spells.entered_care[here] > first
    begun_stay = started > first
    next_kind = spells.next_kind[here]
    age = age_in_years(spells.born[here], np.where(begun_stay, started, first))
    return ChildMonths(
        month=np.full(len(here), month),
        age_band=age_band_index(age),
        kind=spells.kind[here],
        care=np.where(begun_care, NEW, duration_class(_months(spells.entered_care[here], first))),
        stay=np.where(begun_stay, NEW, duration_class(_months(started, first))),
        uasc=spells.uasc[here].astype(int),
        first_of_month=~begun_stay | (begun_care & spells.is_first[here]),
        left=(spells.left_care[here] <= last).astype(int),
        moved=((ended <= last) & (next_kind >= 0)).astype(int),
        next_kind=next_kind,
        reason=reason[here],
    )


def _months(since: np.ndarray, until: np.datetime64) -> np.ndarray:
    return (until - since).astype(float) / DAYS_IN_MONTH


@dataclass(frozen=True)
class Starters:
    """Children who started in the covered months before the as-of day, the donors of the attributes of those to come.

    ``month``: position in the :class:`Window`; ``siblings`` is the number who started on the same day from the same
    home.
    """

    stream: np.ndarray
    month: np.ndarray
    age_days: np.ndarray
    sex: np.ndarray
    kind: np.ndarray
    latitude: np.ndarray
    longitude: np.ndarray
    siblings: np.ndarray


def starters(records: Records, window: Window) -> Starters:
    """Starts of periods of care in the window's covered months; periods with an unseen start are not starts."""
    periods = records.periods[~records.periods["left_censored"]]
    first = records.placements.sort_values(["period", "started"], kind="stable").drop_duplicates("period")
    table = (
        periods[["period", "child_id", "started"]]
        .merge(first[["period", "kind", "home_latitude", "home_longitude"]], on="period")
        .merge(records.children[["child_id", "date_of_birth", "sex", "uasc"]], on="child_id")
        .sort_values(["started", "child_id"])
        .reset_index(drop=True)
    )
    month = np.searchsorted(window.ends, days(table["started"]), side="left") - 1
    inside = (month >= 0) & (month < window.months)
    inside[inside] = window.covered[month[inside]]
    table, month = table[inside], month[inside]
    ages = age_in_years(days(table["date_of_birth"]), days(table["started"]))
    stream = np.where(table["uasc"].to_numpy(dtype=bool), UASC_STREAM, age_band_index(ages))
    together = table.groupby(["started", "home_latitude", "home_longitude"], dropna=True)["period"].transform("size")
    return Starters(
        stream=stream,
        month=month,
        age_days=(days(table["started"]) - days(table["date_of_birth"])).astype(int),
        sex=table["sex"].to_numpy(dtype=object),
        kind=table["kind"].cat.set_categories(list(KINDS)).cat.codes.to_numpy().astype(int),
        latitude=table["home_latitude"].to_numpy(dtype=float),
        longitude=table["home_longitude"].to_numpy(dtype=float),
        siblings=together.reindex(table.index).fillna(1).to_numpy(dtype=int),
    )
