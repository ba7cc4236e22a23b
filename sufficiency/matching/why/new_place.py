"""A new place for a child without a home, at the child's own door: the least that a new place would have to be."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from sufficiency.matching import rules
from sufficiency.matching.instance import Instance
from sufficiency.matching.why.widening import NOT_CHANGED, Proposal
from sufficiency.vocabulary import MATCHED_KINDS, SUPPORTED_FROM_AGE

NEW_HOME_ID: Final = "\uffff a new home"
"""Sorts after every id of a register."""


def new_place_for(instance: Instance, who: np.ndarray) -> Proposal:
    """One new home with places for some children who come together, whose terms take them and no wider.

    It lies where the first of them comes from, or nowhere known; its weekly cost is the middle one of its kind.
    """
    ages = rules.ages(instance.children.iloc[who], instance.as_of)
    children = instance.children.iloc[who]
    sexes = set(children["sex"].fillna("").astype(str))
    sex = sexes.pop() if len(sexes) == 1 else "any"
    kind, first = kind_that_suits(instance, who), children.iloc[0]
    cells: dict[str, Any] = {
        "home_id": NEW_HOME_ID,
        "kind": kind,
        "latitude": float(first["home_latitude"]),
        "longitude": float(first["home_longitude"]),
        "places": len(who),
        "places_free": len(who),
        "min_age": int(ages.min()),
        "max_age": int(ages.max()),
        "sex": sex if sex in ("female", "male") else "any",
        "max_needs_level": int(children["needs_level"].max()),
        "weekly_cost": _middle_cost(instance, kind),
        "registered": True,
    }
    return Proposal(-1, ("new_home",), tuple(cells.items()), len(who))


def kind_that_suits(instance: Instance, who: np.ndarray) -> str:
    """The first kind of home, in the usual order, that each of the children may have; one of the register first."""
    youngest = int(rules.ages(instance.children.iloc[who], instance.as_of).min())
    lists = [each for each in instance.children["allowed_kinds"].iloc[who] if each]
    suits = [kind for kind in MATCHED_KINDS if kind not in NOT_CHANGED and all(kind in each for each in lists)]
    suits = [kind for kind in suits if kind != "supported" or youngest >= SUPPORTED_FROM_AGE] or suits
    known = set(instance.homes["kind"].astype(str))
    return next((kind for kind in suits if kind in known), suits[0] if suits else "in_house_fostering")


def _middle_cost(instance: Instance, kind: str) -> float:
    """The middle weekly cost of the kind's homes in the register [£]; without any, that of all homes, else nothing."""
    costs = instance.homes["weekly_cost"].to_numpy(dtype=float, na_value=np.nan)
    of_kind = costs[(instance.homes["kind"] == kind).to_numpy(dtype=bool)]
    for some in (of_kind, costs):
        if np.isfinite(some).any():
            return float(np.nanmedian(some))
    return 0.0
