"""How long children stay in care and in a placement: Kaplan-Meier curves and medians with their intervals.

Method: the product-limit estimate with delayed entry (statsmodels ``SurvfuncRight``). A stay is watched from its
start, or from the 1 April of the first return if it began before (left truncation: it would not be known had it
ended earlier), to its end, or to the last day of the data while it goes on (right censoring). Stays whose start no
return shows are left out and counted. Intervals are 95% on the log-minus-log scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from sufficiency.calendar import DAYS_IN_MONTH, days
from sufficiency.demand.profile.authorities import by_authority
from sufficiency.demand.profile.past import ALL, with_children
from sufficiency.records.model import Records
from sufficiency.vocabulary import AGE_BANDS, KINDS

if TYPE_CHECKING:
    from statsmodels.duration.survfunc import SurvfuncRight

CURVE_COLUMNS: Final = ("group", "months", "share_still_there", "low", "high", "at_risk")
NORMAL_95: Final = 1.959964
"""Standard deviations on either side that hold 95% of a normal distribution."""
LEGAL_CHANGE: Final = "L"
"""RNE of a row that begins with a change of legal status: when the placement began is not known."""


@by_authority
def time_in_care(records: Records) -> pd.DataFrame:
    """Share of periods of care that still go on, by month since the start.

    ``group``: ``all``, or the age band at the start; ``months``; ``share_still_there`` with ``low`` and ``high``
    (95%); ``at_risk``: stays watched at that month.
    """
    return _curves(_care_stays(records), AGE_BANDS)


@by_authority
def time_in_placement(records: Records) -> pd.DataFrame:
    """Share of placements that still go on, by month since the start; columns as :func:`time_in_care`, ``group`` is
    ``all`` or a kind. A placement ends with a move, a change of its status or the end of care."""
    return _curves(_placement_stays(records), KINDS)


@by_authority
def medians(records: Records) -> pd.DataFrame:
    """Month by which half have left: ``measure`` (time_in_care, time_in_placement), ``group``, ``spells`` watched,
    ``ended`` of them, ``median_months`` with ``low`` and ``high`` (95%; empty where not reached), ``left_censored``:
    stays left out since their start is not known."""
    both: dict[str, tuple[pd.DataFrame, Sequence[str]]] = {
        "time_in_care": (_care_stays(records), AGE_BANDS),
        "time_in_placement": (_placement_stays(records), KINDS),
    }
    rows: list[dict[str, Any]] = [
        {"measure": measure, "group": group, **_median(stays if group == ALL else stays[stays["group"] == group])}
        for measure, (stays, groups) in both.items()
        for group in (ALL, *groups)
    ]
    return pd.DataFrame(rows)


def _care_stays(records: Records) -> pd.DataFrame:
    periods = with_children(records.periods, records, on=records.periods["started"])
    return _stays(records, periods, periods["age_band"], ~periods["left_censored"])


def _placement_stays(records: Records) -> pd.DataFrame:
    rows = records.placements.sort_values(["period", "started"], kind="stable")
    first = rows["period"].ne(rows["period"].shift(1))
    unseen = first & (rows["reason_started"].isna() | rows["reason_started"].eq(LEGAL_CHANGE))
    return _stays(records, rows, rows["kind"].astype(object), ~unseen)


def _stays(records: Records, rows: pd.DataFrame, group: pd.Series, start_known: pd.Series) -> pd.DataFrame:
    """Stays that the data could show: ``group`` ``start_known`` ``watched_from`` ``until`` [days since the start] and
    whether they ``ended``."""
    bounds = records.coverage.set_index("authority")
    window, last = (rows["authority"].map(bounds[name]).astype("datetime64[us]") for name in ("first_day", "last_day"))
    started = days(rows["started"])
    over = (rows["ended"] <= last).to_numpy()
    until = days(rows["ended"].where(over, last))
    day_before = np.maximum(started, days(window)) - np.timedelta64(1, "D")
    table = pd.DataFrame(
        {
            "group": group.to_numpy(),
            "start_known": start_known.to_numpy(dtype=bool),
            "watched_from": (day_before - started).astype(int),
            "until": (until - started).astype(int),
            "ended": over.astype(int),
        }
    )
    return table[table["until"] > table["watched_from"]]


def _survival(stays: pd.DataFrame) -> SurvfuncRight:
    from statsmodels.duration.survfunc import SurvfuncRight

    columns = (stays[name].to_numpy(dtype=float) for name in ("until", "ended", "watched_from"))
    time, status, entry = columns
    return SurvfuncRight(time, status, entry=entry)


def _curves(stays: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    known = stays[stays["start_known"]]
    parts = [_curve(known if group == ALL else known[known["group"] == group], group) for group in (ALL, *groups)]
    return pd.concat(parts, ignore_index=True)


def _curve(stays: pd.DataFrame, group: str) -> pd.DataFrame:
    """A curve at whole months, as far as stays are watched; no rows without stays."""
    if stays.empty:
        kinds = {"group": object, "months": int, "at_risk": int}
        return pd.DataFrame({name: pd.Series(dtype=kinds.get(name, float)) for name in CURVE_COLUMNS})
    months = np.arange(int(stays["until"].max() / DAYS_IN_MONTH) + 1)
    day = months * DAYS_IN_MONTH
    fitted = _survival(stays)
    low, high = _interval(fitted)
    step = np.searchsorted(fitted.surv_times, day, side="right")
    at = {"share_still_there": fitted.surv_prob, "low": low, "high": high}
    entered, left = (np.sort(stays[name].to_numpy()) for name in ("watched_from", "until"))
    at_risk = np.searchsorted(entered, day, side="left") - np.searchsorted(left, day, side="left")
    columns = {name: np.append(1.0, values)[step] for name, values in at.items()}
    return pd.DataFrame({"group": group, "months": months, **columns, "at_risk": at_risk.astype(int)})


def _interval(fitted: SurvfuncRight) -> tuple[np.ndarray, np.ndarray]:
    """Pointwise 95% interval on the log-minus-log scale; the estimate itself where it is 0 or 1."""
    share, error = fitted.surv_prob, fitted.surv_prob_se
    inside = (share > 0) & (share < 1) & np.isfinite(error)
    log = np.log(np.where(inside, share, 0.5))
    spread = np.exp(NORMAL_95 * np.where(inside, error, 0.0) / (np.where(inside, share, 0.5) * np.abs(log)))
    return np.where(inside, np.exp(log * spread), share), np.where(inside, np.exp(log / spread), share)


def _median(stays: pd.DataFrame) -> dict[str, Any]:
    known = stays[stays["start_known"]]
    counted: dict[str, Any] = {"spells": len(known), "ended": int(known["ended"].sum())}
    median, low, high = _half_left(known) if counted["ended"] else (np.nan, np.nan, np.nan)
    return counted | {
        "median_months": median / DAYS_IN_MONTH,
        "low": low / DAYS_IN_MONTH,
        "high": high / DAYS_IN_MONTH,
        "left_censored": int((~stays["start_known"]).sum()),
    }


def _half_left(stays: pd.DataFrame) -> tuple[float, float, float]:
    """Day by which half have left with its 95% interval; NaN where the data do not reach it."""
    fitted = _survival(stays)
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = fitted.quantile_ci(0.5)
    return float(fitted.quantile(0.5)), float(low), float(high) if np.isfinite(high) else np.nan
