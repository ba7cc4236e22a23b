"""To when the dataset goes: the last 31 March that it covers, and the years before it that it holds whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from sufficiency.errors import Fault
from sufficiency.records.ssd.columns import COLUMNS, EPISODES, LEGAL, PLACEMENTS
from sufficiency.records.tables import as_dates, rows_where
from sufficiency.records.years import first_year_seen

DATED: Final = (EPISODES, PLACEMENTS, LEGAL)
"""Tables whose dates tell to when the data go; people move house and are born without being in care."""

QUIET_DAYS: Final = 7
"""Days without any date before a 31 March that counts as covered: somewhere in a council something begins or ends."""

QUIET_START: Final = 31
"""Days without the end of an episode with which a year held whole may begin."""

Place = tuple[str, str]
"""A table of the dataset and the short name of a column of it."""


@dataclass(frozen=True)
class Year:
    """The year of the return, the first year that is held whole, and the first and last days of the episodes.

    Days are missing where they are empty or cannot be read.
    """

    year: int
    first: int
    began: pd.Series
    ended: pd.Series


def when_read(today: pd.Timestamp | None) -> pd.Timestamp:
    """The day on which the data are read, without its time."""
    return pd.Timestamp.today().normalize() if today is None else today


def last_year(
    known: Mapping[str, pd.DataFrame], sources: Mapping[str, str], today: pd.Timestamp
) -> tuple[Year | None, list[Fault], list[Fault]]:
    """The year that ends on the last 31 March that the dates held reach (within a week); with faults and notices.

    A date after ``today`` is a plan or a slip, and tells nothing of to when the data go. The rows with the newest date
    are named, as one slip among them would move the year.
    """
    dates = {(name, column): as_dates(known[name][column])[0] for name in DATED for column in ("start", "end")}
    past = {place: days.where(days <= today) for place, days in dates.items()}
    newest = max((days.max() for days in past.values() if days.notna().any()), default=None)
    if newest is None:
        fault = Fault("F24", sources[EPISODES], _title(EPISODES, "start"), (), "no date can be read", "Check the dates")
        return None, [fault], []
    reached = min(newest + pd.Timedelta(days=QUIET_DAYS), today)
    year = reached.year if reached >= pd.Timestamp(reached.year, 3, 31) else reached.year - 1
    began, ended = dates[EPISODES, "start"], dates[EPISODES, "end"]
    if not (began.fillna(ended) <= pd.Timestamp(year, 3, 31)).any():
        says = f"no episode begins by 31 March {year}, the last one that the data cover"
        return None, [Fault("F25", sources[EPISODES], _title(EPISODES, "start"), (), says, "Check the extract")], []
    notices = [_newest(past, known, sources, newest, year), *_to_come(dates, known, sources, today)]
    return Year(year, _first_whole(began, ended, year), began, ended), [], notices


def _first_whole(began: pd.Series, ended: pd.Series, year: int) -> int:
    """The first year for which every child who was looked after is held, at the latest ``year``.

    Extracts leave out what ended longer ago than they go back (six years, as published). So the oldest end held,
    strays apart, tells from when on they are whole: from that year on when it had just begun, else from the next.
    """
    seen = first_year_seen(pd.DataFrame({"starts": began, "ends": ended}), year)
    oldest = ended[ended >= pd.Timestamp(seen - 1, 4, 1)].min()
    if pd.isna(oldest):
        return year
    since = oldest - pd.Timedelta(days=QUIET_START)
    return min(since.year + (1 if since <= pd.Timestamp(since.year, 4, 1) else 2), year)


def _newest(
    past: Mapping[Place, pd.Series],
    known: Mapping[str, pd.DataFrame],
    sources: Mapping[str, str],
    newest: pd.Timestamp,
    year: int,
) -> Fault:
    """The notice that tells the year, and which rows it comes from."""
    name, column = next(place for place, days in past.items() if days.max() == newest)
    rows = rows_where(known[name], past[name, column] == newest)
    says = f"the newest date held is here, so the data count as whole to 31 March {year}"
    fix = "Nothing to do if the extract was drawn after that day; else correct the date"
    return Fault("N59", sources[name], _title(name, column), rows, says, fix)


def _to_come(
    dates: Mapping[Place, pd.Series], known: Mapping[str, pd.DataFrame], sources: Mapping[str, str], today: pd.Timestamp
) -> list[Fault]:
    """Notices of episodes with dates that have not come yet."""
    says = "the date has not come yet, so it is left out of account"
    found = [(column, rows_where(known[EPISODES], dates[EPISODES, column] > today)) for column in ("start", "end")]
    return [
        Fault("N51", sources[EPISODES], _title(EPISODES, column), rows, says, "Correct it if it is a slip")
        for column, rows in found
        if rows
    ]


def _title(name: str, short: str) -> str:
    return next(column.names[0] for column in COLUMNS[name] if column.short == short)
