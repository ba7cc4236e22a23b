"""The best homes for each child, and what choosing each instead would cost the whole plan in every objective: exact.

The best home is found by solving the whole matching with the child in one of its possible homes, the next by solving
it again with those that could still come next. So each is proven, and so is that no home left out comes before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sufficiency.matching.pairs import limits_of
from sufficiency.matching.reasons import is_together
from sufficiency.matching.why.bounds import Losses, least_losses
from sufficiency.matching.why.pinned import Choice, best_choice
from sufficiency.matching.why.pool import numbers_of, one_home
from sufficiency.matching.why.shortlist import shortlist
from sufficiency.matching.why.words import CHANGE_OF, changes_of, lost_in_words

if TYPE_CHECKING:
    from sufficiency.matching.plan import Plan

BEST: Final = 5
HOME_COLUMNS: Final = (
    "child_id",
    "rank",
    "home_id",
    "kind",
    "miles",
    "within_limit",
    "weekly_cost",
    "siblings_together",
    "in_plan",
)
MILES_SHOWN: Final = 3


def best_homes(
    plan: Plan,
    child_ids: Iterable[str] | str | None = None,
    best: int = BEST,
    *,
    progress: Callable[[int], None] | None = None,
) -> pd.DataFrame:
    """The best homes for each child, a row each, the plan's own first; a shortlist from which a social worker chooses.

    Columns HOME_COLUMNS, one for each objective of the plan (``…_change``: how the whole plan's value changes when the
    child lives there and everyone else as well as can be; children, £ a week, points) and ``says``. Ranked by the
    objectives in their order, equals by miles. A child has fewer rows when fewer homes could be its own. ``progress``
    is told of each child (1). ``siblings_together``: the child's own group would live there, missing without a group.
    Raises :class:`~sufficiency.errors.SolverError` when an optimum is not proven in time.
    """
    instance = plan.instance
    who = numbers_of(instance, child_ids)
    losses = least_losses(instance, plan.home)
    rows = []
    for child in who.tolist():
        choices = list(_choices(plan, losses, child, best))
        rows += [_row(plan, child, rank, choice) for rank, choice in enumerate(choices, 1)]
        if progress is not None:
            progress(1)
    columns = [*HOME_COLUMNS, *(CHANGE_OF[aim] for aim in instance.objectives), "says"]
    return _typed(pd.DataFrame(rows, columns=columns))


def home_instead(plan: Plan, child_id: str, home_id: str) -> pd.DataFrame:
    """What choosing a certain home for a child would cost the whole plan: one row with the columns of
    :func:`best_homes` but ``rank``, or none when no plan could have the child there.

    Raises :class:`~sufficiency.errors.InputError` for a child or a home that the plan does not have.
    """
    instance = plan.instance
    child, where = int(numbers_of(instance, child_id)[0]), one_home(instance, home_id)
    losses = least_losses(instance, plan.home)
    own = plan.home[child] >= 0 and where[plan.home[child]]
    choice = _plans_own(plan, child) if own else best_choice(instance, losses, child, where)
    rows = [] if choice is None else [_row(plan, child, 1, choice)]
    columns = [*HOME_COLUMNS, *(CHANGE_OF[aim] for aim in instance.objectives), "says"]
    return _typed(pd.DataFrame(rows, columns=columns)).drop(columns="rank")


def _plans_own(plan: Plan, child: int) -> Choice:
    instance, group = plan.instance, int(plan.instance.group[child])
    together = group >= 0 and is_together(plan.home, instance.members[group])
    return Choice(int(plan.home[child]), (0,) * len(instance.objectives), together)


def _choices(plan: Plan, losses: Losses, child: int, best: int) -> Iterator[Choice]:
    """Up to ``best`` homes for a child, the plan's own first and then each the best of those that are left."""
    in_plan = int(plan.home[child])
    own = [_plans_own(plan, child)] if in_plan >= 0 else []
    yield from islice(chain(own, shortlist(plan.instance, losses, child, in_plan)), best)


def _row(plan: Plan, child: int, rank: int, choice: Choice) -> dict[str, object]:
    instance, home = plan.instance, choice.home
    who, where = np.array([child]), np.array([home])
    miles = float(instance.miles(who, where)[0])
    exempt = bool(instance.children["distance_exempt"].iloc[child])
    limit = float(limits_of(instance.children.iloc[[child]], instance.limit_miles)[0])
    in_plan = int(plan.home[child])
    said = lost_in_words(instance.objectives, choice.lost, had_a_home=in_plan >= 0)
    return {
        "child_id": instance.children["child_id"].iloc[child],
        "rank": rank,
        "home_id": instance.homes["home_id"].iloc[home],
        "kind": instance.homes["kind"].iloc[home],
        "miles": round(miles, MILES_SHOWN),
        "within_limit": pd.NA if exempt or np.isnan(miles) else miles <= limit,
        "weekly_cost": int(instance.pence(who, where)[0]) / 100,
        "siblings_together": choice.together if instance.group[child] >= 0 else pd.NA,
        "in_plan": home == in_plan,
        **changes_of(instance.objectives, choice.lost),
        "says": "The home in this plan." if home == in_plan else said,
    }


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """Whole numbers, flags and text as such, also where there is no row."""
    whole = [name for name in ("rank", *CHANGE_OF.values()) if name in table and name != CHANGE_OF["weekly_cost"]]
    kinds: dict[str, str] = dict.fromkeys(whole, "int64")
    kinds |= dict.fromkeys(("child_id", "home_id", "kind", "says"), "str")
    kinds |= {"miles": "float64", "weekly_cost": "float64", "within_limit": "boolean"}
    kinds |= {"siblings_together": "boolean", "in_plan": "bool"}
    if CHANGE_OF["weekly_cost"] in table:
        kinds[CHANGE_OF["weekly_cost"]] = "float64"
    return table.astype(kinds)
