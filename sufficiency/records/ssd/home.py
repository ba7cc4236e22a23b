"""Where a child lived before care: the 903's HOME_POST, from the addresses that the dataset holds."""

from __future__ import annotations

from typing import Final

import pandas as pd

from sufficiency.records.ssd.spans import first_found, in_force, spans_of, taken
from sufficiency.records.tables import as_dates

_NOT_HOME: Final = r"placement|foster|carer|residential|adopt|school|correspondence|hospital"
"""Types of address that are not the family's home."""


def home_postcodes(episodes: pd.DataFrame, began: pd.Series, addresses: pd.DataFrame) -> pd.Series:
    """Postcode of the address that the child had on the day before entering care; "" where none is known.

    An address that begins on the day of entry is most often the first placement, so it counts only when there is no
    other, as for a child who enters care at birth. ``began``: the first day of each episode.
    """
    lived = (addresses["postcode"] != "") & ~addresses["type"].str.contains(_NOT_HOME, case=False, regex=True)
    start, _ = as_dates(addresses["start"])
    end, _ = as_dates(addresses["end"])
    spans = spans_of(addresses["person"].where(lived, ""), start, end)
    entered = entered_care(episodes, began)
    before = in_force(episodes["person"], entered - pd.Timedelta(days=1), spans)
    return taken(addresses["postcode"], first_found(before, in_force(episodes["person"], entered, spans)))


def entered_care(episodes: pd.DataFrame, began: pd.Series) -> pd.Series:
    """The first day of the period of care that each episode is in: as told, else its first episode's first day.

    Periods are told by their id; without one, an episode that begins with S begins a period.
    """
    told, _ = as_dates(episodes["entered"])
    rows = episodes.assign(began=began, order=range(len(episodes))).sort_values(["person", "began"], kind="stable")
    count = rows["start_reason"].str.upper().str.startswith("S").groupby(rows["person"]).cumsum()
    period = rows["period"].where(rows["period"] != "", count.astype("str"))
    first = rows["began"].groupby([rows["person"], period]).transform("min")
    in_order = first.set_axis(rows["order"]).sort_index().set_axis(episodes.index)
    return told.fillna(in_order)
