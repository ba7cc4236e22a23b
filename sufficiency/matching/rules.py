"""The rules that say who may live where, one function per rule, each answering for all children and homes at once.

Terms of approval by number, age and sex: Fostering Services (England) Regulations 2011. Usual fostering limit:
Children Act 1989, Schedule 7. Unregistered homes and "other arrangements" for under-16s: Care Planning, Placement and
Case Review (England) Regulations 2010 as amended in 2021; supported accommodation only from 16: Supported
Accommodation (England) Regulations 2023.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.calendar import age_in_years, days
from sufficiency.vocabulary import (
    FOSTERING_KINDS,
    MATCHED_KINDS,
    SUPPORTED_FROM_AGE,
    USUAL_FOSTERING_LIMIT,
)

REFUSALS: Final = {
    "registered": "not registered",
    "open": "not open on the date",
    "kind": "of a kind that is not matched",
    "supported": "supported accommodation, which is only from 16",
    "age": "for another age",
    "sex": "for another sex",
    "needs_level": "for a lower needs level",
    "allowed_kinds": "of a kind that does not suit this child",
    "avoid_homes": "to be avoided for this child",
    "solo": "already home to another child",
}
"""Rule → how a home that breaks it is described to a social worker, in the order in which the rules are read."""


def ages(children: pd.DataFrame, as_of: pd.Timestamp) -> np.ndarray:
    """Ages in whole years on the date, from the column ``age_years`` when there is one, else ``date_of_birth``."""
    if "age_years" in children:
        return children["age_years"].to_numpy(dtype=int)
    return age_in_years(days(children["date_of_birth"]), np.datetime64(as_of, "D"))


def passes(children: pd.DataFrame, homes: pd.DataFrame, as_of: pd.Timestamp) -> dict[str, np.ndarray]:
    """Rule → True where the home satisfies it, in shapes that broadcast to (children, homes), keys of REFUSALS."""
    age = ages(children, as_of)[:, None]
    kind = homes["kind"].to_numpy(dtype=object)
    return {
        "registered": homes["registered"].to_numpy(dtype=bool)[None, :],
        "open": is_open(homes, as_of)[None, :],
        "kind": np.isin(kind.astype(str), MATCHED_KINDS)[None, :],
        "supported": (kind != "supported")[None, :] | (age >= SUPPORTED_FROM_AGE),
        "age": (homes["min_age"].to_numpy() <= age) & (age <= homes["max_age"].to_numpy()),
        "sex": _sex_suits(children, homes),
        "needs_level": children["needs_level"].to_numpy()[:, None] <= homes["max_needs_level"].to_numpy(),
        "allowed_kinds": _listed(children["allowed_kinds"], kind, when_empty=True),
        "avoid_homes": ~_listed(children["avoid_homes"], homes["home_id"].to_numpy(dtype=object), when_empty=False),
        "solo": ~children["solo"].to_numpy(dtype=bool)[:, None] | is_empty(homes),
    }


def allowed(rules: Mapping[str, np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    """True where every rule holds, shape (children, homes)."""
    answer = np.ones(shape, dtype=bool)
    for holds in rules.values():
        answer &= holds
    return answer


def is_open(homes: pd.DataFrame, as_of: pd.Timestamp) -> np.ndarray:
    """Homes open on the date: ``open_from`` and ``open_to`` are the first and the last day open; empty is unbounded."""
    day = np.datetime64(as_of)
    first, last = homes["open_from"].to_numpy(), homes["open_to"].to_numpy()
    return (np.isnat(first) | (first <= day)) & (np.isnat(last) | (day <= last))


def is_empty(homes: pd.DataFrame) -> np.ndarray:
    """Homes where nobody lives: ``places_free`` equals ``places``, and there is at least one."""
    places = homes["places"].to_numpy()
    return (homes["places_free"].to_numpy() == places) & (places >= 1)


def is_fostering(homes: pd.DataFrame) -> np.ndarray:
    """Homes to which the usual fostering limit applies."""
    return np.isin(homes["kind"].to_numpy(dtype=object).astype(str), FOSTERING_KINDS)


def places_offered(homes: pd.DataFrame) -> np.ndarray:
    """Places open to children one by one: those free, in a fostering household within the usual limit of three.

    The place that a step-down child leaves comes on top of these. A household that already holds more than three has
    an exemption for them, so a place left there may be filled again, though it offers no other.
    """
    free = homes["places_free"].to_numpy(dtype=int)
    lived_in = homes["places"].to_numpy(dtype=int) - free
    within_limit = np.maximum(USUAL_FOSTERING_LIMIT - lived_in, 0)
    return np.where(is_fostering(homes), np.minimum(free, within_limit), free)


def open_homes_of(homes: pd.DataFrame, as_of: pd.Timestamp, kind: str) -> np.ndarray:
    """Homes of a kind that are registered and open on the date: those among which a reserve is kept."""
    of_kind = homes["kind"].to_numpy(dtype=object).astype(str) == kind
    return of_kind & homes["registered"].to_numpy(dtype=bool) & is_open(homes, as_of)


def _sex_suits(children: pd.DataFrame, homes: pd.DataFrame) -> np.ndarray:
    """A home for any sex suits everyone; a home for one sex suits only children recorded with it."""
    wanted = homes["sex"].to_numpy(dtype=object)
    recorded = children["sex"].to_numpy(dtype=object, na_value="")
    suits = np.broadcast_to((wanted == "any")[None, :], (len(children), len(homes)))
    for sex in ("female", "male"):
        suits = suits | ((recorded == sex)[:, None] & (wanted == sex)[None, :])
    return suits


def _listed(lists: pd.Series, names: np.ndarray, *, when_empty: bool) -> np.ndarray:
    """True where the home's name stands in the child's list; ``when_empty`` where the list is empty."""
    answer, known = np.full((len(lists), len(names)), when_empty), dict[tuple[str, ...], np.ndarray]()
    text = names.astype(str)
    for row, listed in enumerate(lists):
        if listed:
            if listed not in known:
                known[listed] = np.isin(text, listed)
            answer[row] = known[listed]
    return answer
