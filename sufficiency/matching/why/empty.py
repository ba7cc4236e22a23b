"""Why a home has places left in the plan: nobody may live there, or those who may are better where they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sufficiency.matching import rules
from sufficiency.matching.facts import in_chunks, spare_places
from sufficiency.matching.instance import Instance
from sufficiency.matching.reasons import is_together
from sufficiency.matching.why.words import listed

if TYPE_CHECKING:
    from sufficiency.matching.plan import Plan

EMPTY_COLUMNS: Final = ("home_id", "kind", "places_left", "children_who_may", "says")

OF_HOME: Final = {
    "registered": "It is not registered, so no child may be placed there.",
    "open": "It is not open on the date.",
    "kind": "Homes of this kind are decided elsewhere and are not matched.",
}
"""Rules that a home breaks whoever the child is."""

OF_CHILD: Final = {
    "supported": "under 16",
    "age": "of another age",
    "sex": "of another sex",
    "needs_level": "in need of a higher level of care",
    "allowed_kinds": "in need of another kind of home",
    "avoid_homes": "to be kept away from it",
    "solo": "in need of being the only child",
    "by_hand": "ruled out by hand or by local practice",
}
"""Rule → how the children whom a home refuses by it are described."""

WORSE: Final = {
    "placed": "would leave no place for themselves",
    "within_limit": "would not be within the distance set for them",
    "siblings_together": "would be parted from their sibling group",
    "weekly_cost": "would be cared for at a higher cost",
    "school_within": "would not be near their school",
    "in_house": "would not be with the council's own carers",
    "preference": "would be where their social workers would rather not have them",
}
EQUAL: Final = "equal"
KEPT_BACK: Final = "kept_back"
SAYS_OF: Final = {
    **WORSE,
    EQUAL: "would be as well placed as they are in the plan",
    KEPT_BACK: "would take a place held free, or break another rule on who may live together",
}
"""First objective that would lose if a child moved to the empty place → how those children are described."""


def empty_homes(plan: Plan) -> pd.DataFrame:
    """A row for each home with places left in the plan, in order of ``home_id``; columns EMPTY_COLUMNS.

    ``places_left`` [places] beside everyone in the plan; ``children_who_may``: children of the pool whom the rules
    allow there, those who live there in the plan left out; ``says``: why no more of them do.
    """
    instance = plan.instance
    left, _ = spare_places(instance, plan.home)
    open_ = np.flatnonzero(left >= 1)
    may = _moves(plan)
    says = _nobody(plan, np.array([home for home in open_.tolist() if home not in may], dtype=int))
    rows = []
    for home in open_.tolist():
        counts = may.get(home, {})
        number = sum(counts.values())
        rows.append((*_named(instance, home), int(left[home]), number, says.get(home) or _worse(counts, number)))
    kinds = {"home_id": "str", "kind": "str", "places_left": "int64", "children_who_may": "int64", "says": "str"}
    return pd.DataFrame(rows, columns=list(EMPTY_COLUMNS)).astype(kinds)


def _named(instance: Instance, home: int) -> tuple[str, str]:
    return str(instance.homes["home_id"].iloc[home]), str(instance.homes["kind"].iloc[home])


def _moves(plan: Plan) -> dict[int, dict[str, int]]:
    """For each home how many children could live there and do not, by the first objective that would lose if one of
    them moved there and nobody else did."""
    instance = plan.instance
    here = plan.home[instance.pair_child] != instance.pair_home
    child, where = instance.pair_child[here], instance.pair_home[here]
    order = list(SAYS_OF)
    answer = np.full(len(child), order.index(EQUAL))
    undecided = np.ones(len(child), dtype=bool)
    for aim in instance.objectives:
        lost = _lost_by_moving(plan, aim, here, child, where)
        answer[undecided & (lost > 0)] = order.index(aim)
        answer[undecided & (lost < 0)] = order.index(KEPT_BACK)
        undecided &= lost == 0
    found: dict[int, dict[str, int]] = {}
    for key, count in zip(*np.unique(where * len(order) + answer, return_counts=True), strict=True):
        home, why = divmod(int(key), len(order))
        found.setdefault(home, {})[order[why]] = int(count)
    return found


def _lost_by_moving(plan: Plan, aim: str, here: np.ndarray, child: np.ndarray, where: np.ndarray) -> np.ndarray:
    """What an aim loses when a child moves to the home of a pair and everyone else stays; negative where it wins."""
    instance, home = plan.instance, plan.home
    pairs = instance.weights(aim)[0]
    now = np.zeros(len(home), dtype=np.int64)
    housed = np.flatnonzero(home >= 0)
    now[housed] = _as_pair(plan, aim, housed)
    lost = now[child] - pairs[here]
    if aim == "siblings_together":
        lost += _sibling_loss(instance, home, child, where)
    return lost


def _as_pair(plan: Plan, aim: str, who: np.ndarray) -> np.ndarray:
    """What each housed child adds to an aim as its pair does, alone or with its group."""
    instance, home = plan.instance, plan.home
    at = instance.at(who, home[who])
    pairs = instance.weights(aim)[0]
    if aim == "siblings_together":
        return np.zeros(len(who), dtype=np.int64)
    return np.where(at >= 0, pairs[at], 0)


def _sibling_loss(instance: Instance, home: np.ndarray, child: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Children who are no longer with their whole group when one of it moves; negative when the move brings them so."""
    size = np.append(instance.group_sizes[: instance.groups], 0)[instance.group]
    together = np.zeros(len(home), dtype=bool)
    others_at = np.full(len(home), -1)
    for who in instance.members[: instance.groups]:
        together[who] = is_together(home, who)
        for one in who:
            rest = home[who[who != one]]
            others_at[one] = rest[0] if (rest == rest[0]).all() else -1
    joins = (others_at[child] == where) & (where >= 0)
    return np.where(together[child], size[child], 0) - np.where(joins, size[child], 0)


def _worse(counts: Mapping[str, int], number: int) -> str:
    """The sentence for a home in which some could live who live elsewhere."""
    some = sorted((why for why, count in counts.items() if count), key=lambda why: -counts[why])
    if len(some) == 1:
        whom = {1: "The one child", 2: "Both children"}.get(number, f"All {number} children")
        return f"{whom} of this plan who could live here instead {SAYS_OF[some[0]]}."
    parts = [f"{counts[why]} {SAYS_OF[why]}" for why in some]
    return f"Of {number} children of this plan who could live here instead {listed(parts)}."


def _nobody(plan: Plan, homes: np.ndarray) -> dict[int, str]:
    """The sentence for each home in which no child of the pool may live that does not already."""
    instance = plan.instance
    answer: dict[int, str] = {}
    for some in in_chunks(homes, max(len(instance.children), 1)):
        checks = rules.passes(instance.children, instance.homes.iloc[some], instance.as_of)
        shape = (len(instance.children), len(some))
        refused = np.stack([*(np.broadcast_to(~holds, shape) for holds in checks.values()), np.ones(shape, dtype=bool)])
        first = refused.argmax(axis=0)
        for column, home in enumerate(some.tolist()):
            elsewhere = plan.home != home
            answer[home] = _nobody_says([*checks, "by_hand"], np.bincount(first[elsewhere, column]))
    return answer


def _nobody_says(keys: list[str], counts: np.ndarray) -> str:
    found = {keys[number]: int(count) for number, count in enumerate(counts) if count}
    for rule, says in OF_HOME.items():
        if rule in found:
            return says
    if not found:
        return "Every child of this plan who could live here does."
    order = sorted(found, key=lambda rule: -found[rule])
    parts = [f"{found[rule]} {'is' if found[rule] == 1 else 'are'} {OF_CHILD[rule]}" for rule in order]
    return f"No other child of this plan may live here: {listed(parts)}."
