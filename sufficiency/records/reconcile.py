"""Registers held against each other, against the returns, and against the day the returns end.

Each register is joined with what its rules ask of the others (``RULES_BETWEEN``); what is not there is not joined,
and the rules that need it are passed over. Messages give rows and counts; no child is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.calendar import age_in_years, days
from sufficiency.errors import Fault
from sufficiency.records.register_rules import RULES_BETWEEN, broken_of
from sufficiency.vocabulary import KINDS, NEEDS_LEVELS

_WHO_LIVE_IN: Final = ("settled", "step_down")


@dataclass(frozen=True)
class Returned:
    """What the returns say on the day they end: ``children`` and ``placements`` as :class:`Records` has them."""

    children: pd.DataFrame
    placements: pd.DataFrame
    day: pd.Timestamp


def held_together(registers: Mapping[str, pd.DataFrame], sources: Mapping[str, str]) -> dict[str, list[Fault]]:
    """Faults of children and homes that only show when the two checked registers are held side by side, by register.

    ``registers``: checked registers by name, their index the lines of their files; ``sources``: their files as the
    user knows them.
    """
    joined = _joined(registers, None) if {"children", "homes"} <= set(registers) else {}
    found = {
        name: broken_of(RULES_BETWEEN[name], "error", name, table, sources[name]) for name, table in joined.items()
    }
    return {name: faults for name, faults in found.items() if faults}


def reconciled(registers: Mapping[str, pd.DataFrame], sources: Mapping[str, str], returned: Returned) -> list[Fault]:
    """Notices on what does not fit: registers against each other and against the returns on the day they end.

    ``registers`` and ``sources`` as for :func:`held_together`.
    """
    notices = []
    for name, table in _joined(registers, returned).items():
        notices += broken_of(RULES_BETWEEN[name], "warning", name, table, sources[name])
    if "children" in registers:
        notices += _not_in_the_register(registers["children"], sources["children"], returned)
    if "prices" in registers:
        notices += _kinds_without_a_price(registers["prices"], sources["prices"], returned.day)
    return notices


def with_children(homes: pd.DataFrame, children: pd.DataFrame) -> pd.DataFrame:
    """Homes with ``living``, our children settled there or waiting to step down, and ``stepping``, the latter."""
    here = children[children["status"].isin(_WHO_LIVE_IN)]
    counts = {
        "living": here["current_home_id"].value_counts(),
        "stepping": here.loc[here["status"] == "step_down", "current_home_id"].value_counts(),
    }
    return homes.assign(**{name: homes["home_id"].map(count).fillna(0).astype(int) for name, count in counts.items()})


def _joined(registers: Mapping[str, pd.DataFrame], returned: Returned | None) -> dict[str, pd.DataFrame]:
    """Every register with the columns that its rules between registers need, as far as they can be had."""
    joined = {name: table if returned is None else table.assign(day=returned.day) for name, table in registers.items()}
    children, homes, carers = (registers.get(name) for name in ("children", "homes", "carers"))
    if children is not None and homes is not None:
        joined["children"] = _with_homes(joined["children"], homes)
        joined["homes"] = with_children(joined["homes"], children)
    for name in {"fixed", "scores"} & set(registers):
        joined[name] = _with_listed(joined[name], children, homes)
    if homes is not None and carers is not None:
        joined["homes"] = _with_carers(joined["homes"], carers)
        joined["carers"] = joined["carers"].assign(home_listed=carers["household_id"].isin(homes["home_id"]))
    if returned is not None:
        if children is not None:
            joined["children"] = _with_returns(joined["children"], returned)
        if homes is not None:
            joined["homes"] = _with_prices(joined["homes"], registers.get("prices"), returned.day)
    return joined


def _with_homes(children: pd.DataFrame, homes: pd.DataFrame) -> pd.DataFrame:
    """``present_listed`` ``present_kind`` … of the home where each child lives, and ``avoids_unknown``."""
    present = homes.set_index("home_id")
    columns = {
        "present_kind": "kind",
        "present_min_age": "min_age",
        "present_max_age": "max_age",
        "present_sex": "sex",
        "present_level": "max_needs_level",
    }
    known = set(homes["home_id"])
    return children.assign(
        present_listed=children["current_home_id"].isin(known),
        avoids_unknown=[not known.issuperset(avoid) for avoid in children["avoid_homes"]],
        **{name: _found(children["current_home_id"], present[column]) for name, column in columns.items()},
    )


def _with_listed(decisions: pd.DataFrame, children: pd.DataFrame | None, homes: pd.DataFrame | None) -> pd.DataFrame:
    """``child_listed`` and ``home_listed`` of a child and a home, each as far as its register is there."""
    for column, register in (("child", children), ("home", homes)):
        if register is not None:
            listed = decisions[f"{column}_id"].isin(register[f"{column}_id"])
            decisions = decisions.assign(**{f"{column}_listed": listed})
    return decisions


def _with_carers(homes: pd.DataFrame, carers: pd.DataFrame) -> pd.DataFrame:
    """``carer_listed``, ``carer_left`` and ``carer_places`` of the household of the same id."""
    household = carers.set_index("household_id")
    return homes.assign(
        carer_listed=homes["home_id"].isin(household.index),
        carer_left=_found(homes["home_id"], household["left_on"]),
        carer_places=_found(homes["home_id"], household["places"].astype("Float64").astype(float)),
    )


def _with_prices(homes: pd.DataFrame, prices: pd.DataFrame | None, day: pd.Timestamp) -> pd.DataFrame:
    """``price_low`` and ``price_high`` of the kind over the needs levels, and ``priced``, whether all of them have one.

    Without a register of prices no kind has a price.
    """
    table = _prices_on(prices, day)
    return homes.assign(
        price_low=homes["kind"].map(table.min(axis=1)).astype(float),
        price_high=homes["kind"].map(table.max(axis=1)).astype(float),
        priced=homes["kind"].map(table.notna().all(axis=1)).astype(bool),
    )


def _prices_on(prices: pd.DataFrame | None, day: pd.Timestamp) -> pd.DataFrame:
    """£ a week by kind (row) and needs level (column) on the day after the data end; a level's own row comes first."""
    table = pd.DataFrame(np.nan, index=list(KINDS), columns=list(NEEDS_LEVELS))
    if prices is None:
        return table
    begun = prices[prices["from_date"] <= day + pd.Timedelta(days=1)].sort_values("from_date", kind="stable")
    general = begun[begun["needs_level"].isna()]
    for kind, cost in zip(general["kind"], general["weekly_cost"], strict=True):
        table.loc[kind, :] = cost
    own = begun[begun["needs_level"].notna()]
    for kind, level, cost in zip(own["kind"], own["needs_level"], own["weekly_cost"], strict=True):
        table.loc[kind, int(level)] = cost
    return table


def _kinds_without_a_price(prices: pd.DataFrame, source: str, day: pd.Timestamp) -> list[Fault]:
    """The notice of kinds that a run could not cost."""
    priced = _prices_on(prices, day).notna().all(axis=1)
    kinds = [kind for kind in KINDS if not priced[kind]]
    if not kinds:
        return []
    says = f"no price at every needs level on the day after the data end for {', '.join(kinds)}, so a run stops"
    fix = "Add a row for the kind with an empty needs_level and a from_date on or before that day"
    return [Fault("N161", source, "kind", (), says, fix)]


def _with_returns(children: pd.DataFrame, returned: Returned) -> pd.DataFrame:
    """``age`` on the day, ``looked_after``, and ``returned_kind`` ``returned_born`` ``returned_sex``."""
    now = _placed_on(returned).set_index("child_id")["kind"].astype(object)
    known = returned.children.set_index("child_id")
    child = children["child_id"]
    return children.assign(
        age=age_in_years(days(children["date_of_birth"]), np.datetime64(returned.day, "D")),
        looked_after=child.isin(now.index),
        returned_kind=_found(child, now),
        returned_born=_found(child, known["date_of_birth"]),
        returned_sex=_found(child, known["sex"].astype(object)),
    )


def _found(ids: pd.Series, values: pd.Series) -> pd.Series:
    """The value of each id (``values`` has the ids as index), missing where there is none; its type stays."""
    return values.reindex(ids.to_numpy()).set_axis(ids.index)


def _placed_on(returned: Returned) -> pd.DataFrame:
    """The placements of the day, one a child."""
    placements, day = returned.placements, returned.day
    here = placements[(placements["started"] <= day) & ~(placements["ended"] <= day)]
    return here.drop_duplicates("child_id", keep="last")


def _not_in_the_register(children: pd.DataFrame, source: str, returned: Returned) -> list[Fault]:
    """The notice of how many children looked after on the day the register does not have."""
    looked_after = set(_placed_on(returned)["child_id"])
    absent = len(looked_after - set(children["child_id"]))
    if not absent:
        return []
    says = f"{absent} of {len(looked_after)} children looked after on {returned.day:%d %B %Y} are not in the register"
    fix = "Nothing to do if the register holds only those who need a home; else add them"
    return [Fault("N09", source, "child_id", (), says, fix)]
