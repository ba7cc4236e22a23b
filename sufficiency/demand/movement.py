"""The movement of a year: opening number, starts, ways out and closing number, which add up or are not shown.

Lines are signed, so that those before ``closing`` add up to it: ways out are negative. Known years come from the
returns, where what starts and ends does not always make the change; the rest is the line ``not_explained``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sufficiency.errors import SufficiencyError
from sufficiency.ranges import summarise
from sufficiency.records.model import Records
from sufficiency.vocabulary import EXIT_LABELS, EXIT_REASONS

if TYPE_CHECKING:
    from sufficiency.demand.answer import Demand

LINES: Final = ("opening", "started", *EXIT_REASONS, "not_explained", "closing")
LINE_LABELS: Final = {
    "opening": "Looked after at the start",
    "started": "Started",
    **EXIT_LABELS,
    "not_explained": "Not explained by the returns",
    "closing": "Looked after at the end",
}
ONE_DAY: Final = pd.Timedelta(days=1)


def movement_by_path(demand: Demand) -> np.ndarray:
    """Movement of each projected year in each path, shape (paths, years, lines) [children].

    Raises :class:`SufficiencyError` when it does not add up in every path.
    """
    simulated = demand.simulated
    total = simulated.stock.sum(axis=(2, 3))[:, ::12].astype(int)
    started = _by_year(simulated.started.sum(axis=2))
    ways_out = _by_year(simulated.ceased.sum(axis=2))
    parts = [total[:, :-1, None], started[..., None], -ways_out, np.zeros_like(started)[..., None], total[:, 1:, None]]
    cells = np.concatenate(parts, axis=2)
    check_adds_up(cells)
    return cells


def check_adds_up(cells: np.ndarray) -> None:
    """Raise :class:`SufficiencyError` when the lines before the last do not add up to it anywhere (last axis)."""
    wrong = cells[..., :-1].sum(axis=-1) != cells[..., -1]
    if wrong.any():
        raise SufficiencyError(
            f"{int(wrong.sum())} of {wrong.size} yearly movements do not add up to their closing number. This is a "
            "fault of the library, not of your data: please report it."
        )


def movement_table(demand: Demand) -> pd.DataFrame:
    """Movement of known and projected years with the range of each line over the paths.

    ``year_to``, ``known`` (bool: from the returns), ``line`` (:data:`LINES`), mean and quantiles [children]. The means
    of a year add up; quantiles do not, each is that of its own line.
    """
    past = demand.past_movement
    counts = past[list(LINES)].to_numpy(dtype=float).reshape(1, -1)
    future = movement_by_path(demand)
    parts = [
        _labelled(pd.DatetimeIndex(past["year_to"]), True, counts),
        _labelled(demand.dates[12::12], False, future.reshape(len(future), -1)),
    ]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def movement_frame(demand: Demand) -> pd.DataFrame:
    """Movement of every path as a wide table: ``path``, ``year_to`` and a column a line [children]."""
    cells = movement_by_path(demand)
    keys = pd.MultiIndex.from_product([range(len(cells)), demand.dates[12::12]], names=["path", "year_to"])
    table = pd.DataFrame(cells.reshape(-1, len(LINES)), columns=list(LINES), index=keys)
    return table.drop(columns="not_explained").reset_index()


def known_movement(records: Records, as_of: pd.Timestamp) -> pd.DataFrame:
    """Movement of the years up to ``as_of`` that the returns cover: ``year_to`` and a column a line [children].

    Starts are periods of care that begin in the year with a row that is a start; ways out are periods that end in it.
    ``not_explained`` is what is left: periods whose start was not seen, or whose end has no known reason.
    """
    first = records.coverage["first_day"].min()
    years = [as_of - pd.DateOffset(years=back) for back in range(as_of.year - first.year + 1)]
    rows = [_known_year(records, end) for end in sorted(years) if _covered(records, end)]
    table = pd.DataFrame(rows, columns=["year_to", *LINES]).astype({"year_to": "datetime64[us]"})
    check_adds_up(table[list(LINES)].to_numpy())
    return table


def no_movement() -> pd.DataFrame:
    """The movement of no year: the columns of :func:`known_movement` and no row."""
    return pd.DataFrame(columns=["year_to", *LINES])


def _known_year(records: Records, end: pd.Timestamp) -> dict[str, object]:
    begin = end - pd.DateOffset(years=1)
    periods = records.periods
    began = _within(periods["started"], begin, end) & ~periods["left_censored"]
    reasons = periods.loc[_within(periods["ended"], begin, end), "exit_reason"].value_counts()
    row = {"opening": _children_on(records, begin), "started": int(began.sum())}
    row |= {reason: -int(reasons.get(reason, 0)) for reason in EXIT_REASONS}
    closing = _children_on(records, end)
    return {"year_to": end, **row, "not_explained": closing - sum(row.values()), "closing": closing}


def _within(dates: pd.Series, after: pd.Timestamp, until: pd.Timestamp) -> pd.Series:
    return (dates > after) & (dates <= until)


def _children_on(records: Records, day: pd.Timestamp) -> int:
    placements = records.placements
    here = (placements["started"] <= day) & ~(placements["ended"] <= day)
    return int(placements.loc[here, "child_id"].nunique())


def _covered(records: Records, end: pd.Timestamp) -> bool:
    """Whether the returns of every authority cover the year to ``end`` without a gap."""
    begin = end - pd.DateOffset(years=1) + ONE_DAY
    spans = records.coverage
    whole = spans.loc[(spans["first_day"] <= begin) & (spans["last_day"] >= end), "authority"]
    return set(whole) == set(spans["authority"])


def _by_year(monthly: np.ndarray) -> np.ndarray:
    """Monthly counts (paths, months, …) added up by year."""
    paths, months, *rest = monthly.shape
    return np.asarray(monthly.reshape(paths, months // 12, 12, *rest).sum(axis=2), dtype=int)


def _labelled(years: pd.DatetimeIndex, known: bool, cells: np.ndarray) -> pd.DataFrame:
    if len(years) == 0:
        return pd.DataFrame()
    keys = pd.MultiIndex.from_product([years, LINES], names=["year_to", "line"]).to_frame(index=False)
    keys.insert(1, "known", known)
    return pd.concat([keys, summarise(cells)], axis=1)
