"""What could be different from the registers: prices, places, homes that take nobody new, the limit; and its faults."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

import numpy as np
import pandas as pd

from sufficiency.errors import Fault
from sufficiency.matching.instance import Instance
from sufficiency.records.tables import line_numbers
from sufficiency.vocabulary import MATCHED_KINDS

SOURCE: Final = "changes"


@dataclass(frozen=True)
class Change:
    """What is different in one what-if; everything left out stays as it is in the registers.

    A home is named by its ``home_id``. Places are changed first, then factors applied, then prices set.
    """

    weekly_cost: Mapping[str, float] = field(default_factory=dict)
    """The price of a home, whatever it was [home id → £ per child and week]."""
    cost_factor: Mapping[str, float] = field(default_factory=dict)
    """What the prices of a kind or of a provider are multiplied by [kind or provider → factor; 1.1 is 10% more]."""
    places_free: Mapping[str, int] = field(default_factory=dict)
    """How many of a home's places are free now [home id → places]."""
    more_places: Mapping[str, int] = field(default_factory=dict)
    """New places, free at once; below 0 for free places given up [home id → places]."""
    close: Collection[str] = ()
    """Homes that take nobody new; a step-down child who lives there may stay [home ids]."""
    limit_miles: float | None = None
    """The limit for children without a limit of their own [miles]."""


FIELDS: Final = tuple(each.name for each in fields(Change))
OF_HOMES: Final = ("weekly_cost", "places_free", "more_places", "close")
TABLE_COLUMNS: Final = ("change", "of", *FIELDS)
"""``change`` the name, ``of`` the home's id, the kind or the provider; then the fields of a :class:`Change`."""


def changed_homes(change: Change, homes: pd.DataFrame) -> pd.DataFrame:
    """The register of homes with a change made; no fault is looked for."""
    answer: dict[str, Any] = {}
    if change.places_free or change.more_places:
        more = _by_home(change.more_places, homes, np.zeros(len(homes), dtype=int))
        answer["places"] = homes["places"].to_numpy(dtype=int) + more
        free = homes["places_free"].to_numpy(dtype=int) + more
        answer["places_free"] = _by_home(change.places_free, homes, free)
    if change.cost_factor or change.weekly_cost:
        own = homes["weekly_cost"].to_numpy(dtype=float, na_value=np.nan) * factors(change, homes)
        answer["weekly_cost"] = _by_home(change.weekly_cost, homes, own)
    if change.close:
        shut = homes["home_id"].isin(list(change.close)).to_numpy()
        answer["registered"] = homes["registered"].to_numpy(dtype=bool) & ~shut
    return homes.assign(**answer)


def factors(change: Change, homes: pd.DataFrame) -> np.ndarray:
    """What each home's own price is multiplied by: the factor of its kind times that of its provider."""
    of_kind, of_provider = (homes[name].map(change.cost_factor).to_numpy(dtype=float) for name in ("kind", "provider"))
    return np.where(np.isnan(of_kind), 1.0, of_kind) * np.where(np.isnan(of_provider), 1.0, of_provider)


def changed_prices(change: Change, prices: pd.DataFrame | None) -> pd.DataFrame | None:
    """The table of prices by kind with a change made."""
    if prices is None or not change.cost_factor:
        return prices
    factor = prices["kind"].map(change.cost_factor).to_numpy(dtype=float)
    cost = prices["weekly_cost"].to_numpy(dtype=float) * np.where(np.isnan(factor), 1.0, factor)
    return prices.assign(weekly_cost=cost)


def _by_home(given: Mapping[str, float], homes: pd.DataFrame, otherwise: np.ndarray) -> np.ndarray:
    """Per home the figure given for it, else the other one."""
    answer = otherwise.copy()
    answer[pd.Index(homes["home_id"]).get_indexer(list(given))] = list(given.values())
    return answer


def changes_in(table: pd.DataFrame) -> tuple[dict[str, Change], list[Fault]]:
    """The changes of a table with a row for each home, kind or provider of each change, and what is wrong with it.

    Columns TABLE_COLUMNS, those of no use left out; an empty cell changes nothing; ``close`` is true or empty.
    """
    missing = [name for name in ("change",) if name not in table]
    unknown = [str(name) for name in table.columns if name not in TABLE_COLUMNS]
    fix = f"Use {', '.join(TABLE_COLUMNS)}"
    faults = [Fault("K47", SOURCE, name, (), "the column is missing", fix) for name in missing]
    faults += [Fault("K47", SOURCE, name, (), "no such column", fix) for name in unknown]
    if faults:
        return {}, faults
    of = table["of"] if "of" in table else pd.Series(index=table.index, dtype="str")
    named = table.assign(of=of, line=line_numbers(table))
    faults = _of_rows(named)
    return {str(name): _change_of(rows) for name, rows in named.groupby("change", sort=False)}, faults


def _of_rows(named: pd.DataFrame) -> list[Fault]:
    """Rows without a name, or that say something of the same home twice, or of no home at all."""
    needs_one = named[[name for name in FIELDS if name in named and name != "limit_miles"]].notna().any(axis=1)
    checks = {
        "change": (named["change"].isna(), "the change has no name", "Give each row the name of its change"),
        "of": (needs_one & named["of"].isna(), "no home, kind or provider is named", "Name the one that is changed"),
        "change, of": (
            named.duplicated(["change", "of"]) & named["change"].notna(),
            "the same change names it twice",
            "Put both into one row, or delete one",
        ),
    }
    return [
        Fault("K47", SOURCE, column, tuple(int(line) for line in named.loc[wrong, "line"]), says, fix)
        for column, (wrong, says, fix) in checks.items()
        if wrong.any()
    ]


def _change_of(rows: pd.DataFrame) -> Change:
    """One change from its rows."""
    given: dict[str, Any] = {}
    for name in (each for each in FIELDS if each in rows):
        told = rows[rows[name].notna()]
        if name == "limit_miles":
            given[name] = told[name].iloc[-1] if len(told) else None
        elif name == "close":
            given[name] = tuple(told.loc[told[name].astype(bool), "of"])
        else:
            given[name] = dict(zip(told["of"], told[name], strict=True))
    return Change(**given)


def faults_of_changes(changes: Mapping[str, Change], instance: Instance) -> list[Fault]:
    """Everything that is wrong with some changes of one match, told at once."""
    if not changes:
        return [Fault("K47", SOURCE, "", (), "no change is given", "Name at least one")]
    return [fault for name, change in changes.items() for fault in _of_change(name, change, instance)]


def _of_change(name: str, change: Change, instance: Instance) -> Iterator[Fault]:
    if not isinstance(change, Change):
        yield Fault("K47", SOURCE, str(name), (), "is not a Change", "Give sf.Change(…) for each name")
        return
    yield from _of_names(name, change, instance)
    yield from _of_figures(name, change)
    yield from _of_places(name, change, instance)
    yield from _of_providers(name, change, instance)


def _of_names(name: str, change: Change, instance: Instance) -> Iterator[Fault]:
    """Homes, kinds and providers that the register does not have."""
    homes = instance.homes
    known = set(homes["home_id"])
    for setting in OF_HOMES:
        unknown = [str(home) for home in getattr(change, setting) if home not in known]
        if unknown:
            says = f"not in the register of homes: {', '.join(unknown)}"
            yield Fault("K40", SOURCE, f"{name}, {setting}", (), says, "Correct the ids")
    known = {*MATCHED_KINDS, *homes["kind"], *homes["provider"].dropna()}
    unknown = [str(one) for one in change.cost_factor if one not in known]
    if unknown:
        says = f"neither a kind nor a provider of the register: {', '.join(unknown)}"
        fix = f"Correct the names; kinds are {', '.join(MATCHED_KINDS)}"
        yield Fault("K41", SOURCE, f"{name}, cost_factor", (), says, fix)


def _of_figures(name: str, change: Change) -> Iterator[Fault]:
    """Prices, factors, places and limits that are none."""
    figures = {
        "weekly_cost": (_is_amount, "K42", "Give £ a week, 0 or more"),
        "cost_factor": (_is_amount, "K42", "Give 0 or more; 1.1 is 10% more"),
        "places_free": (_is_places, "K43", "Give 0 or more whole places"),
        "more_places": (_is_whole, "K43", "Give whole places"),
    }
    for setting, (is_one, code, fix) in figures.items():
        for of, given in getattr(change, setting).items():
            if not is_one(given):
                yield Fault(code, SOURCE, f"{name}, {setting}", (), f"is {given} for {of}", fix)
    if change.limit_miles is not None and not _is_amount(change.limit_miles):
        says = f"the limit is {change.limit_miles} miles"
        yield Fault("K44", SOURCE, f"{name}, limit_miles", (), says, "Give 0 or more miles")


def _of_places(name: str, change: Change, instance: Instance) -> Iterator[Fault]:
    """Places that are changed twice, or that the home cannot have free."""
    ids, columns = instance.homes["home_id"], instance.homes[["places", "places_free"]]
    places, places_free = (dict(zip(ids, columns[name].tolist(), strict=True)) for name in columns)
    leavers = dict(zip(instance.homes["home_id"], instance.leavers.tolist(), strict=True))
    twice = sorted(set(change.places_free) & set(change.more_places), key=str)
    if twice:
        says = f"also in more_places: {', '.join(str(home) for home in twice)}"
        yield Fault("K45", SOURCE, f"{name}, places_free", (), says, "Name each home in one of the two")
    for home, free in change.places_free.items():
        if home in leavers and _is_places(free) and free > places[home] - leavers[home]:
            says = f"is {free} for {home}, more than its places and those who live there allow"
            yield Fault("K43", SOURCE, f"{name}, places_free", (), says, "Give fewer, or use more_places for new ones")
    for home, more in change.more_places.items():
        if home in leavers and _is_whole(more) and places_free[home] + more < 0:
            says = f"gives up {-more} in {home}, more than are free"
            yield Fault("K43", SOURCE, f"{name}, more_places", (), says, "Give up no more than are free")


def _of_providers(name: str, change: Change, instance: Instance) -> Iterator[Fault]:
    """Providers whose homes have no price of their own to be multiplied."""
    homes = instance.homes
    mine = homes["provider"].isin([each for each in change.cost_factor if each not in MATCHED_KINDS])
    without = homes.loc[mine & homes["weekly_cost"].isna(), "home_id"]
    without = without[~without.isin(list(change.weekly_cost))]
    if len(without):
        says = f"the provider's homes have no weekly cost of their own: {', '.join(without[:10])}"
        fix = "Give their weekly_cost, or a factor of their kind"
        yield Fault("K46", SOURCE, f"{name}, cost_factor", (), says, fix)


def _is_number(given: Any) -> bool:
    return isinstance(given, (int, float, np.integer, np.floating)) and not isinstance(given, bool)


def _is_amount(given: Any) -> bool:
    return _is_number(given) and 0 <= given < float("inf")


def _is_whole(given: Any) -> bool:
    return _is_number(given) and float(given).is_integer()


def _is_places(given: Any) -> bool:
    return _is_whole(given) and given >= 0
