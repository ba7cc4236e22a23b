"""Which year a return is for: what its label says, held against what its dates say. The dates win."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.records.tables import as_dates

YEARS_NAMED: Final = re.compile(r"(?<!\d)((?:19|20)\d{2})(?:\s*[-_/ ]\s*((?:19|20)?\d{2})(?!\d))?")
"""A year, or two ("2023-24", "2023_2024"), in the name of a folder, a file or a YEAR cell."""

LABEL_SHARE_WRONG: Final = 0.1
"""Share of a return's dates that must fit another year better before one folder alone is read as that year."""

MOSTLY: Final = 0.5
"""Share of a return's starts that lie after the labelled year before the label is not believed at all."""

DAYS_ALONE: Final = 366
LAST_MONTH: Final = 3
"""A newest date in March belongs to a year that is over, as good as; in any other month, to one that is not."""


def year_text(label: str) -> str:
    """The innermost part of a path that names a year; "" when none does."""
    parts = [part for part in reversed(label.split("/")) if YEARS_NAMED.search(part)]
    return parts[0] if parts else ""


def year_of(text: str) -> int:
    """The year that a label names ("2024-25" names 2025); 0 when it names none, or a span of several."""
    found = YEARS_NAMED.search(text)
    if not found:
        return 0
    first, second = found.groups()
    if second is None or int(first[-2:]) == int(second[-2:]):
        return int(first)
    if int(second[-2:]) == (int(first) + 1) % 100:
        return int(first) + 1
    return 0 if len(second) == 4 else int(first)  # "2016-2025" is a span, "2024-06" a month


def event_dates(episodes: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """Columns ``starts`` and ``ends`` of each table of episodes, unreadable dates as missing; read in one go."""
    wanted = [table.reindex(columns=["DECOM", "DEC"], fill_value="").reset_index(drop=True) for table in episodes]
    together = pd.concat(wanted, keys=range(len(wanted))) if wanted else pd.DataFrame()
    if together.empty:
        return [pd.DataFrame({"starts": [], "ends": []}, dtype="datetime64[us]") for _ in episodes]
    days = pd.DataFrame({"starts": as_dates(together["DECOM"])[0], "ends": as_dates(together["DEC"])[0]})
    bounds = np.cumsum([0, *(len(table) for table in wanted)])
    return [days.iloc[first:last] for first, last in pairwise(bounds)]


def years_by_dates(labelled: Sequence[int], dates: Sequence[pd.DataFrame]) -> list[int]:
    """The year of each return of one authority; 0 where neither its label nor its dates tell.

    ``labelled``: the years that the labels name (0 for none), ``dates`` as :func:`event_dates` gives them. Some name
    their folders by the year in which a return starts: one shift is chosen for all labels, by the fewest dates
    outside the years that they would then mean; a single folder may differ when a tenth of its dates say so.
    """
    pairs = list(zip(labelled, dates, strict=True))
    shifts = {shift: sum(_outside(days, year + shift) for year, days in pairs) for shift in (0, 1)}
    common = min(shifts, key=lambda shift: (shifts[shift], shift))
    return [_best_year(year + common if year else 0, days) for year, days in pairs]


def _outside(days: pd.DataFrame, year: int) -> int:
    """Dates that a return for the year to 31 March ``year`` cannot hold: later ones, and ends before its 1 April."""
    if not 1900 < year < 2200:
        return 0
    return _late(days["starts"], year) + _late(days["ends"], year) + _early(days["ends"], year)


def _late(dates: pd.Series, year: int) -> int:
    return int((dates > pd.Timestamp(year, 3, 31)).sum())


def _early(dates: pd.Series, year: int) -> int:
    return int((dates < pd.Timestamp(year - 1, 4, 1)).sum())


def _best_year(year: int, days: pd.DataFrame) -> int:
    """``year`` unless a neighbour explains clearly more of the dates, or most starts come after it."""
    if not year or _late(days["starts"], year) > MOSTLY * len(days):
        return last_year_over(days) or year
    best = min((year, year - 1, year + 1, year + 2), key=lambda candidate: _outside(days, candidate))
    gain = _outside(days, year) - _outside(days, best)
    return best if gain > max(1, LABEL_SHARE_WRONG * len(days)) else year


def last_year_over(days: pd.DataFrame) -> int:
    """The year to the last 31 March that the dates reach; 0 without dates.

    A newest date in March stands for the year's end: there is not a start or an end on every day.
    """
    newest = newest_of(pd.concat([days["starts"], days["ends"]]))
    return 0 if newest is None else int(newest.year) - (0 if newest.month >= LAST_MONTH else 1)


def newest_of(dates: pd.Series) -> pd.Timestamp | None:
    """The newest date, slips apart: a few dates more than a year after all others do not count."""
    known = dates.dropna().sort_values(ignore_index=True)
    if known.empty:
        return None
    lone = np.flatnonzero(known.diff().dt.days > DAYS_ALONE)
    few = len(lone) and len(known) - lone[-1] <= LABEL_SHARE_WRONG * len(known)
    return known.iloc[lone[-1] - 1] if few else known.iloc[-1]


def first_year_seen(days: pd.DataFrame, year: int) -> int:
    """The first year whose ends an extract of several years holds; ``year`` when it holds no earlier ones.

    A few stray ends do not make a year.
    """
    ends = days["ends"].dropna()
    years = (ends.dt.year + (ends.dt.month > LAST_MONTH)).value_counts()
    held = years[(years.index < year) & (years > LABEL_SHARE_WRONG * years.median())]
    return int(min(held.index, default=year)) if held.sum() > LABEL_SHARE_WRONG * len(ends) else year
