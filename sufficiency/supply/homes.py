"""Homes other than our own households: those in the register, and what the scenario opens, closes or resizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.errors import Fault, raise_faults
from sufficiency.geography import locate
from sufficiency.records.model import Records
from sufficiency.settings import HomeChange, NewHome, Supply

LISTED: Final = ("home_id", "kind", "latitude", "longitude", "places", "places_free", "min_age", "max_age", "sex",
                 "max_needs_level", "weekly_cost", "registered", "open_from", "open_to")  # fmt: skip
DEFAULTS: Final = {"council_run": False, "block_contract": False, "staffing_delay_months": 0, "ramp_up_months": 0}
"""What a home of the register is unless the scenario says otherwise."""


def homes_of(records: Records, settings: Supply, as_of: pd.Timestamp) -> pd.DataFrame:
    """One row per home, by ``home_id``: the register's columns, ``council_run``, ``block_contract``,
    ``staffing_delay_months``, ``ramp_up_months`` and ``sizes`` (pairs of a day and the places from that day on).

    Raises :class:`InputError` with every fault at once: a name in use, a postcode that is not known, a change of a
    home that is not there, has closed by then or has not opened yet, two changes of a home on one day.
    """
    parts = [part for part in (_listed(records.homes, as_of), _opened(settings.homes)) if len(part)]
    homes = pd.concat(parts, ignore_index=True) if parts else _empty()
    households = set() if records.homes is None else set(records.homes["home_id"]) - set(homes["home_id"])
    raise_faults([*_faults_of_new(settings.homes, homes), *_faults_of_changes(settings.changes, homes, households)])
    return _changed(homes, settings.changes).sort_values("home_id", kind="stable").reset_index(drop=True)


def places_by_month(homes: pd.DataFrame, dates: pd.DatetimeIndex | np.ndarray) -> np.ndarray:
    """Places of each home at each month end, shape (homes, month ends): none before it has opened and found its
    staff, then as far as it has ramped up, none after its last day."""
    months = pd.DatetimeIndex(dates)
    places = np.repeat(homes["places"].to_numpy(dtype=int)[:, None], len(months), axis=1)
    for row, sizes in enumerate(homes["sizes"]):
        for day, later in sizes:
            places[row, months >= day] = later
    for slow in np.flatnonzero(homes["staffing_delay_months"] + homes["ramp_up_months"] > 0):
        places[slow] = _ramped(places[slow], homes.iloc[slow], months)
    opens = homes["open_from"].to_numpy(dtype="datetime64[ns]")[:, None]
    closes = homes["open_to"].to_numpy(dtype="datetime64[ns]")[:, None]
    day = months.to_numpy(dtype="datetime64[ns]")[None, :]
    return np.where((np.isnat(opens) | (opens <= day)) & (np.isnat(closes) | (closes >= day)), places, 0)


def contracted_places(homes: pd.DataFrame, dates: pd.DatetimeIndex) -> np.ndarray:
    """Places that a block contract pays for at each month end, shape (homes, month ends): every place, from the day
    on which the home has the staff to take children, however slowly they come into use; none without a contract."""
    at_once = homes.assign(
        open_from=[
            _later(day, wait) for day, wait in zip(homes["open_from"], homes["staffing_delay_months"], strict=True)
        ],
        staffing_delay_months=0,
        ramp_up_months=0,
    )
    return places_by_month(at_once, dates) * homes["block_contract"].to_numpy(dtype=bool)[:, None]


def places_open_to_us(homes: pd.DataFrame, held: np.ndarray, dates: pd.DatetimeIndex) -> np.ndarray:
    """Places of each home that are ours at each month end: all where the council runs it, else those that were free
    on the as-of day or ``held`` by children of ours then, as far as the home still has them."""
    every = places_by_month(homes, dates)
    ours = (homes["places_free"].to_numpy(dtype=int) + held)[:, None]
    return np.where(homes["council_run"].to_numpy(dtype=bool)[:, None], every, np.minimum(ours, every))


def notices_on_homes(settings: Supply, as_of: pd.Timestamp, until: pd.Timestamp) -> tuple[Fault, ...]:
    """Dates of homes that the projection does not see: legal, but perhaps slips."""
    dated = [(f"supply.homes[{number}].opens", home.home_id, home.opens) for number, home in enumerate(settings.homes)]
    dated += [(f"supply.changes[{number}].date", change.home_id, change.date)
              for number, change in enumerate(settings.changes)]  # fmt: skip
    return tuple(
        Fault("U08", "scenario", setting, (), f"{home} has {day:%d %B %Y}, outside the projection", _span(as_of, until))
        for setting, home, day in dated
        if not as_of < pd.Timestamp(day) <= until
    )


def _span(as_of: pd.Timestamp, until: pd.Timestamp) -> str:
    return f"The projection goes from {as_of:%d %B %Y} to {until:%d %B %Y}; check the date."


def _empty() -> pd.DataFrame:
    columns = [*LISTED, *DEFAULTS, "sizes"]
    dates = dict.fromkeys(("open_from", "open_to"), "datetime64[us]")
    whole = dict.fromkeys(("places", "places_free", "staffing_delay_months", "ramp_up_months"), int)
    return pd.DataFrame(columns=columns).astype({**dates, **whole})


def _listed(register: pd.DataFrame | None, as_of: pd.Timestamp) -> pd.DataFrame:
    """Homes of the register that may be used, but our households."""
    if register is None:
        return _empty()
    usable = register["registered"] & (register["open_to"].isna() | (register["open_to"] >= as_of))
    homes = register.loc[usable & (register["kind"] != "in_house_fostering"), list(LISTED)]
    return homes.assign(**DEFAULTS, sizes=_nothing(homes))


def _opened(new: Sequence[NewHome]) -> pd.DataFrame:
    """Homes that the scenario opens; all are run by, or for, the council alone."""
    if not new:
        return _empty()
    homes = pd.DataFrame([home.model_dump() for home in new])
    points = locate(homes["postcode"])
    homes = homes.assign(
        latitude=points["latitude"],
        longitude=points["longitude"],
        places_free=homes["places"],
        sex="any",
        registered=True,
        council_run=True,
        open_from=pd.to_datetime(homes["opens"]).astype("datetime64[us]"),
        open_to=pd.to_datetime(homes["closes"]).astype("datetime64[us]"),
        sizes=_nothing(homes),
    )
    return homes[[*LISTED, *DEFAULTS, "sizes"]]


def _changed(homes: pd.DataFrame, changes: Sequence[HomeChange]) -> pd.DataFrame:
    """Homes with their later sizes and last days."""
    row = dict(zip(homes["home_id"], homes.index, strict=True))
    sizes, last = list(homes["sizes"]), homes["open_to"].copy()
    for change in sorted(changes, key=lambda change: change.date):
        if change.closes:
            last[row[change.home_id]] = pd.Timestamp(change.date)
        else:
            sizes[row[change.home_id]] = (*sizes[row[change.home_id]], (pd.Timestamp(change.date), change.places))
    return homes.assign(sizes=pd.Series(sizes, index=homes.index, dtype=object), open_to=last)


def _nothing(homes: pd.DataFrame) -> pd.Series:
    return pd.Series([()] * len(homes), index=homes.index, dtype=object)


def _later(day: pd.Timestamp, months: int) -> pd.Timestamp:
    return day + pd.DateOffset(months=int(months))


def _ramped(places: np.ndarray, home: pd.Series, months: pd.DatetimeIndex) -> np.ndarray:
    """Places in use: none until there is staff, then an equal part more with each month of the ramp."""
    if pd.isna(home["open_from"]):
        return places
    begins = _later(home["open_from"], home["staffing_delay_months"])
    ramp = max(int(home["ramp_up_months"]), 1)
    steps = pd.DatetimeIndex([_later(begins, month) for month in range(ramp)])
    return places * steps.searchsorted(months, side="right") // ramp


def _faults_of_new(new: Sequence[NewHome], homes: pd.DataFrame) -> list[Fault]:
    faults = []
    times = homes["home_id"].value_counts()
    points = homes.tail(len(new))
    for position, home in enumerate(new):
        setting = f"supply.homes[{position}]"
        if times[home.home_id] > 1:
            says, fix = f"home_id {home.home_id} is already in use", "Give the new home a name of its own."
            faults.append(Fault("U02", "scenario", f"{setting}.home_id", (), says, fix))
        if np.isnan(points["latitude"].iloc[position]):
            says, fix = f"postcode {home.postcode} is not in the ONS directory", "Give a whole, current postcode."
            faults.append(Fault("U03", "scenario", f"{setting}.postcode", (), says, fix))
    return faults


def _faults_of_changes(changes: Sequence[HomeChange], homes: pd.DataFrame, households: set[str]) -> list[Fault]:
    faults = []
    seen: set[tuple[str, object]] = set()
    for position, change in enumerate(changes):
        for part, code, says, fix in _wrong_with(change, homes, households, seen):
            faults.append(Fault(code, "scenario", f"supply.changes[{position}].{part}", (), says, fix))
        seen.add((change.home_id, change.date))
    return faults


def _wrong_with(
    change: HomeChange, homes: pd.DataFrame, households: set[str], seen: set[tuple[str, object]]
) -> list[tuple[str, str, str, str]]:
    """Setting, code, what is wrong and what to do, for one change."""
    name, day = change.home_id, pd.Timestamp(change.date)
    if name in households:
        says = f"{name} is a fostering household, or a home that is not in use"
        return [("home_id", "U05", says, "Name a children's home or supported accommodation that is open.")]
    if name not in set(homes["home_id"]):
        return [("home_id", "U04", f"there is no home {name}", "Name a home of homes.csv or of supply.homes.")]
    home, wrong = homes[homes["home_id"] == name].iloc[0], []
    if home["open_from"] > day:
        says = f"{name} opens on {home['open_from']:%d %B %Y}, after {day:%d %B %Y}"
        fix = "A home cannot close before it opens." if change.closes else "Give its first size where it is opened."
        wrong.append(("date", "U06", says, fix))
    if home["open_to"] < day:
        wrong.append(("date", "U06", f"{name} closes on {home['open_to']:%d %B %Y}, before {day:%d %B %Y}",
                      "Give an earlier date."))  # fmt: skip
    if (name, change.date) in seen:
        wrong.append(("date", "U07", f"{name} changes twice on {day:%d %B %Y}", "Give one change for the day."))
    return wrong
