"""The worth of a place by kind, needs level, age band and area, and of a whole new place of the most promising kinds.

The first is a summary of the worth of one more place in each home (:mod:`.worth`). The second is no estimate: a home
of one place is added to the register and everyone is matched again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from sufficiency.errors import Fault, InputError
from sufficiency.geography import district_of
from sufficiency.matching.instance import Instance
from sufficiency.matching.loop import solve_in_loop
from sufficiency.matching.pairs import build_instance
from sufficiency.matching.worth import COLUMN_OF
from sufficiency.vocabulary import AGE_BAND_STARTS, AGE_BANDS, age_band_index

if TYPE_CHECKING:
    from sufficiency.matching.plan import Plan

BY: Final = ("kind", "max_needs_level", "age_band", "area")
GAINS: Final = tuple(COLUMN_OF.values())
NEW_PLACES: Final = 5
NEW_HOME_ID: Final = "\uffff a new place"
"""Sorts after every id of a register."""

UNKNOWN: Final = "not known"
"""Area of a home whose postcode is not in the register."""

OLDEST: Final = 17


def worth_by(plan: Plan, by: Sequence[str] = BY, new_places: int = NEW_PLACES) -> pd.DataFrame:
    """A row for each combination of ``by`` that homes have, those of most worth first.

    ``by``: some of BY; ``age_band``: each of the DfE's bands that a home's ages overlap, so a home can be in several
    rows; ``area``: the postcode district. ``homes`` that may take a child of the pool; ``mean_…`` and ``most_…``: of
    each gain of :meth:`Plan.worth_of_a_place` over them [children; £ a week]. ``new_…``, for the first ``new_places``
    rows: what the whole plan gains by one more home of one place of that description, matched again (its ages those of
    the band, for either sex, at the middle of those homes and of their cost); missing elsewhere.
    Raises :class:`~sufficiency.errors.InputError` for an unknown name in ``by``.
    """
    unknown = [name for name in by if name not in BY]
    if unknown or not by:
        says, fix = f"cannot be told by {', '.join(unknown) or 'nothing'}", f"Choose from {', '.join(BY)}"
        raise InputError([Fault("K01", "worth of a place", "by", (), says, fix)])
    rows = _described(plan, list(by))
    gains = [name for name in GAINS if rows[name].notna().any()]
    table = _summed(rows, list(by), gains)
    return table.join(_new_places(plan, rows, table.head(new_places), list(by)))


def _described(plan: Plan, by: list[str]) -> pd.DataFrame:
    """The worth of a place in each home with what the homes are, a row for each age band."""
    homes = plan.instance.homes
    about = homes.drop(columns=["kind"], errors="ignore")
    rows = plan.worth_of_a_place().merge(about, on="home_id", how="left", validate="one_to_one")
    postcodes = rows["postcode"] if "postcode" in rows else pd.Series(pd.NA, index=rows.index, dtype="string")
    rows = rows.assign(area=district_of(postcodes.astype("string")).fillna(UNKNOWN).astype("str"))
    if "age_band" not in by:
        return rows
    first, last = (age_band_index(rows[name].to_numpy(dtype=int)) for name in ("min_age", "max_age"))
    bands: Any = [list(AGE_BANDS[low : high + 1]) for low, high in zip(first, last, strict=True)]
    return rows.assign(age_band=bands).explode("age_band", ignore_index=True)


def _summed(rows: pd.DataFrame, by: list[str], gains: list[str]) -> pd.DataFrame:
    """Homes, and mean and most of each gain, by description; in the order of the objectives' gains."""
    grouped = rows.groupby(by, dropna=False, observed=True)
    figures: dict[str, Any] = {"homes": grouped.size()}
    for name in gains:
        values = rows.assign(**{name: rows[name].astype(float)}).groupby(by, dropna=False, observed=True)[name]
        figures |= {f"mean_{name}": values.mean().round(4), f"most_{name}": values.max()}
    table = pd.DataFrame(figures).reset_index()
    worth = [f"{which}_{name}" for which in ("mean", "most") for name in gains]
    order = table.sort_values([*worth, *by], ascending=[False] * len(worth) + [True] * len(by), kind="stable")
    return order.reset_index(drop=True)


def _new_places(plan: Plan, rows: pd.DataFrame, best: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """What the plan gains by a new place of the description of each of the best rows."""
    aims = plan.instance.objectives
    now = {name: round(plan.values[name] * (-100 if name == "weekly_cost" else 1)) for name in aims}
    found = {}
    for number, described in best.iterrows():
        alike = rows[np.logical_and.reduce([(rows[name] == described[name]).to_numpy() for name in by])]
        then = solve_in_loop(with_new_home(plan.instance, new_home(plan.instance, alike, dict(described[by])))).values
        gains = {name: then[name] - now[name] for name in aims}
        found[number] = {
            f"new_{COLUMN_OF[name]}": gains[name] / (100 if name == "weekly_cost" else 1)
            for name in aims
            if name in COLUMN_OF
        }
    columns = [f"new_{COLUMN_OF[name]}" for name in aims if name in COLUMN_OF]
    return pd.DataFrame.from_dict(found, orient="index", columns=columns)


def new_home(instance: Instance, alike: pd.DataFrame, described: dict[str, Any]) -> dict[str, Any]:
    """A home of one free place as ``described``; in the rest it is the usual one among the homes that are ``alike``."""
    ages = {"min_age": int(alike["min_age"].min()), "max_age": int(alike["max_age"].max())}
    if "age_band" in described:
        band = AGE_BANDS.index(described["age_band"])
        ends = [*(start - 1 for start in AGE_BAND_STARTS[1:]), OLDEST]
        ages = {"min_age": AGE_BAND_STARTS[band], "max_age": ends[band]}
    middle = alike[["latitude", "longitude"]].astype(float).median()
    kind = str(described.get("kind", alike["kind"].mode().iloc[0]))
    return {
        "home_id": NEW_HOME_ID,
        "kind": kind,
        "latitude": float(middle["latitude"]),
        "longitude": float(middle["longitude"]),
        "places": 1,
        "places_free": 1,
        **ages,
        "sex": "any",
        "max_needs_level": int(described.get("max_needs_level", alike["max_needs_level"].median())),
        "weekly_cost": _usual_cost(instance, alike, kind),
        "registered": True,
    }


def _usual_cost(instance: Instance, alike: pd.DataFrame, kind: str) -> float:
    """The middle weekly cost of the homes alike, else of the kind; missing where only a price list knows it."""
    of_kind = instance.homes[instance.homes["kind"] == kind]
    for homes in (alike, of_kind):
        cost = homes["weekly_cost"].to_numpy(dtype=float, na_value=np.nan)
        if np.isfinite(cost).any():
            return round(float(np.nanmedian(cost)), 2)
    return float("nan")


def with_new_home(instance: Instance, home: dict[str, Any]) -> Instance:
    """The same matching problem with one home more; whatever ``home`` does not say is empty."""
    added = instance.homes.iloc[:0].reindex([0]).assign(**home).astype(instance.homes.dtypes)
    return build_instance(
        instance.children,
        pd.concat([instance.homes, added], ignore_index=True),
        limit_miles=instance.limit_miles,
        objectives=instance.objectives,
        as_of=instance.as_of,
        prices=instance.prices,
        practice=instance.practice,
        level_3_homes=instance.level_3_homes,
    )
