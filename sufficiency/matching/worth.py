"""The worth of one more place in each home: what a new match would gain with it, aim by aim, to the child and penny.

A plan with the place more shows what can be gained, dual values what cannot be exceeded; where the two meet, the worth
is proven without matching again. The plan is a flow: whole groups stay where they are, or go where the relaxation with
the place would have them. Where the two do not meet in many homes, one tree of cases settles them together; the few
that are left are matched again.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sufficiency.errors import SolverError
from sufficiency.matching.instance import Instance
from sufficiency.matching.optimum import best
from sufficiency.matching.pairs import CELLS_AT_ONCE, build_instance
from sufficiency.matching.restricted import Restricted
from sufficiency.matching.solve import SAFE
from sufficiency.matching.why.bounds import columns_of
from sufficiency.matching.worth_branching import Cases, with_escapes
from sufficiency.matching.worth_plans import Plans
from sufficiency.matching.worth_rows import alike, wider
from sufficiency.matching.worth_seen import Seen

if TYPE_CHECKING:
    from sufficiency.matching.plan import Plan

WORTH_COLUMNS: Final = (
    "home_id",
    "kind",
    "places_offered",
    "more_children_housed",
    "more_within_limit",
    "more_siblings_together",
    "saves_per_week",
    "method",
)
COLUMN_OF: Final = {
    "placed": "more_children_housed",
    "within_limit": "more_within_limit",
    "siblings_together": "more_siblings_together",
    "weekly_cost": "saves_per_week",
}
TIME_LIMIT: Final = 20.0
"""Seconds after which rows that are not proven say so in ``method``, in the command and the export as well."""

BY_BOUNDS: Final = "a plan with the place reaches the bound of the dual values"
BY_CASES: Final = "a plan with the place reaches the bound of branch and bound"
BY_MATCHING: Final = "matched again with the place"
AT_MOST: Final = "not settled in time: the last figure is only the most that the relaxation allows"
NOT_LOOKED_AT: Final = "not settled in time: what is left empty was not looked at"


def worth_of_a_place(plan: Plan, *, time_limit_seconds: float = TIME_LIMIT) -> pd.DataFrame:
    """One row per home that may take a child of the pool, in order of ``home_id``; columns WORTH_COLUMNS.

    ``places_offered`` [places, now]; the gains are what the plan would reach beyond the present one, were everyone
    matched again with one more approved and free place in the home [children]; ``saves_per_week`` [£] is negative when
    housing one more child costs more than the place saves. An objective that the plan does not have is left empty.
    ``method``: how it is proven; when the time runs out, the bound of the first objective not settled, and none after.
    """
    instance = plan.instance
    useful = _may_take_another(instance)
    if len(useful) == 0:
        return pd.DataFrame(columns=list(WORTH_COLUMNS))
    worth = _Worth(instance, plan.home, time.monotonic() + time_limit_seconds)
    worth.settle(useful)
    rows = [worth.figures(home) for home in worth.like[useful].tolist()]
    homes = instance.homes.iloc[useful]
    return pd.DataFrame(rows, columns=list(WORTH_COLUMNS)).assign(
        home_id=homes["home_id"].to_numpy(), kind=homes["kind"].to_numpy(), places_offered=instance.offered[useful]
    )


def _may_take_another(instance: Instance) -> np.ndarray:
    """Homes to which the rules allow a child of the pool to come."""
    useful = np.zeros(len(instance.homes), dtype=bool)
    rows = max(CELLS_AT_ONCE // max(len(instance.homes), 1), 1)
    for first in range(0, len(instance.children), rows):
        who = np.arange(first, min(first + rows, len(instance.children)))
        may = instance.allowed(who)
        at_home = np.flatnonzero(instance.present[who] >= 0)
        may[at_home, instance.present[who[at_home]]] = False
        useful |= may.any(axis=0)
    return np.flatnonzero(useful)


class _Worth:
    """What is known of one more place in each home: the best plan seen and, aim by aim, that there is no better.

    ``settled`` (per home): aims in order that are proven; ``by``: how. ``most`` (homes, aims): relaxed bounds.
    """

    def __init__(self, instance: Instance, home: np.ndarray, deadline: float) -> None:
        self.wider, self.deadline = wider(instance), deadline
        self.aims, self.like = list(instance.objectives), alike(self.wider)
        now = self.wider.columns_of(instance, columns_of(instance, home))
        self.seen = Seen(Plans(self.wider, now))
        self.elastic = with_escapes(self.wider)
        near = now if self.seen.near is None else self.seen.near | now
        start = np.append(near, np.ones(self.elastic.escapes, dtype=bool))
        self.relaxed = Restricted(
            self.elastic.programme, start, self.elastic.shut, deadline, escapes=self.elastic.escapes
        )
        homes = len(instance.homes)
        self.most = np.full((homes, len(self.aims)), np.inf)
        self.settled, self.by = np.zeros(homes, dtype=int), np.full(homes, BY_BOUNDS, dtype=object)

    def settle(self, useful: np.ndarray) -> None:
        """Prove the worth of a place in these homes, one of each sort, as far as the time allows.

        Homes that branching does not settle are matched again, after all others.
        """
        homes, late = np.unique(self.like[useful]).tolist(), list[int]()
        try:
            for number in range(len(self.aims)):
                left = self._not_settled(number, [home for home in homes if home not in late])
                late += sorted(left)
            for home in late:
                self._match_again(home)
        except SolverError:
            if time.monotonic() < self.deadline:
                raise

    def _not_settled(self, number: int, homes: list[int]) -> set[int]:
        """Prove one aim for homes whose aims before it are proven; those where branching did not."""
        cases = Cases(self.elastic, self.seen, self.relaxed, number, homes)
        try:
            cases.look()
        finally:
            left = cases.open
            self.most[:, number] = cases.most
            self.settled[[home for home in homes if home not in left]] = number + 1
            self.by[list(cases.branched - left)] = BY_CASES
        return left

    def _match_again(self, home: int) -> None:
        """The exact optimum with one more place in a home."""
        changed = with_a_place_more(self.wider.base, home)
        found = best(changed, time_limit_seconds=max(self.deadline - time.monotonic(), 0.0))
        self.seen.reached[home] = [found.values[aim] for aim in self.aims]
        self.by[home], self.settled[home] = BY_MATCHING, len(self.aims)

    def figures(self, home: int) -> dict[str, object]:
        """The row of the table for a home."""
        proven, base = int(self.settled[home]), self.seen.base
        gains = (self.seen.reached[home] - base).astype(float)
        by = self.by[home]
        if proven < len(self.aims):
            bound = np.floor(self.most[home, proven] + SAFE) - base[proven]
            gains[proven:] = np.nan
            by = AT_MOST if np.isfinite(bound) else NOT_LOOKED_AT
            gains[proven] = bound if np.isfinite(bound) else np.nan
        gains = gains / [100 if aim == "weekly_cost" else 1 for aim in self.aims]
        return {COLUMN_OF[aim]: gain for aim, gain in zip(self.aims, gains, strict=True) if aim in COLUMN_OF} | {
            "method": by
        }


def with_a_place_more(instance: Instance, home: int) -> Instance:
    """The matching problem with one more approved and free place in a home."""
    more = (np.arange(len(instance.homes)) == home).astype(int)
    homes = instance.homes
    return build_instance(
        instance.children,
        homes.assign(places=homes["places"] + more, places_free=homes["places_free"] + more),
        limit_miles=instance.limit_miles,
        objectives=instance.objectives,
        as_of=instance.as_of,
        prices=instance.prices,
        practice=instance.practice,
        level_3_homes=instance.level_3_homes,
    )
