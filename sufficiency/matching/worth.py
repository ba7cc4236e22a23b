"""The worth of one more place in each home: what a new match would gain with it, aim by aim, to the child and penny.

A plan with the place more shows what can be gained, dual values what cannot be exceeded; where the two meet, the worth
is proven without matching again. The plan is a flow: whole groups stay where they are, or go where the relaxation with
the place would have them. Homes where the two do not meet are matched again.
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
from sufficiency.matching.restricted import NO_CHANGE, Restricted
from sufficiency.matching.solve import SAFE
from sufficiency.matching.why.bounds import columns_of
from sufficiency.matching.worth_bounds import Bounds
from sufficiency.matching.worth_plans import Plans
from sufficiency.matching.worth_rows import alike, wider

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
BY_BOUNDS: Final = "a plan with the place reaches the bound of the dual values"
BY_MATCHING: Final = "matched again with the place"
AT_MOST: Final = "not settled in time: the last figure is only the most that the relaxation allows"
NOT_LOOKED_AT: Final = "not settled in time: what is left empty was not looked at"


def worth_of_a_place(plan: Plan, *, time_limit_seconds: float = 60.0) -> pd.DataFrame:
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

    ``reached`` (homes, aims): values of that plan; ``settled`` (per home): aims in order that are proven.
    """

    def __init__(self, instance: Instance, home: np.ndarray, deadline: float) -> None:
        self.wider, self.deadline = wider(instance), deadline
        self.aims, self.like = list(instance.objectives), alike(self.wider)
        self.now = self.wider.columns_of(instance, columns_of(instance, home))
        self.plans = Plans(self.wider, self.now)
        self.base = np.array(self.plans.values(self.now), dtype=np.int64)
        homes = len(instance.homes)
        self.reached = np.tile(self.base, (homes, 1))
        self.looked_at, self.settled, self.most, self.matched = (
            0,
            np.zeros(homes, dtype=int),
            np.full(homes, np.inf),
            np.zeros(homes, dtype=bool),
        )
        self.shown: dict[int, np.ndarray] = {}
        self.ways: dict[bytes, np.ndarray] = {}
        self.way = [b""] * homes
        start = self._look_everywhere(self.now & self.plans.outside)
        self.relaxed, self.near = (
            Restricted(
                self.wider.programme, (self.now if start is None else start | self.now), self.wider.shut, deadline
            )
            for _ in range(2)
        )

    def settle(self, useful: np.ndarray) -> None:
        """Prove the worth of a place in these homes, one of each sort, as far as the time allows."""
        homes = np.unique(self.like[useful]).tolist()
        try:
            for number in range(len(self.aims)):
                self._settle_aim(number, homes)
        except SolverError:
            if time.monotonic() < self.deadline:
                raise

    def _settle_aim(self, number: int, homes: list[int]) -> None:
        """Prove one aim for every home; those before it are proven."""
        aim = self.aims[number]
        bounds = Bounds(self.wider, aim, self.reached)
        self.looked_at, self.most = number, bounds.most
        now = dict(zip(self.aims[:number], self.base[:number].tolist(), strict=True))
        bounds.see(self.relaxed.solve(aim, now, NO_CHANGE, self.now).duals)
        open_: list[int] = []
        for home in homes:
            if self.matched[home]:
                continue
            if not self._is_best(bounds, home, number):
                self._look(bounds, home, number)
            if self._is_best(bounds, home, number):
                self.settled[home] = number + 1
            else:
                open_.append(home)
        for home in self._not_settled_together(open_, number):
            self._match_again(home)

    def _not_settled_together(self, homes: list[int], number: int) -> list[int]:
        """Homes left once those are settled that reach the same by themselves as with one more place in all of them.

        More places are never worse, so what everyone reaches with all of those places bounds what each place brings.
        """
        alike: dict[tuple[int, ...], list[int]] = {}
        for home in homes:
            alike.setdefault(tuple(self.reached[home, : number + 1].tolist()), []).append(home)
        left = []
        for reached, some in alike.items():
            if len(some) > 1 and self._with_places(some)[: number + 1] == reached:
                self.settled[some] = number + 1
            else:
                left += some
        return left

    def _with_places(self, homes: list[int]) -> tuple[int, ...]:
        """What everyone matched again reaches with one more place in each of some homes."""
        changed = with_a_place_more(self.wider.base, np.array(homes))
        values = best(changed, time_limit_seconds=max(self.deadline - time.monotonic(), 0.0)).values
        return tuple(values[aim] for aim in self.aims)

    def _is_best(self, bounds: Bounds, home: int, number: int) -> bool:
        return bool(np.floor(bounds.most[home] + SAFE) <= self.reached[home, number])

    def _look(self, bounds: Bounds, home: int, number: int) -> None:
        """The relaxation with the place: a bound for every home, and a plan with the whole groups where it has them."""
        values = dict(zip(self.aims[:number], self.reached[home, :number].tolist(), strict=True))
        plan = self._plan(home, number)
        relaxed = self.relaxed.solve(self.aims[number], values, self.wider.changes[home], plan)
        bounds.see(relaxed.duals)
        if self._is_best(bounds, home, number):
            return
        values[self.aims[number]] = int(np.floor(bounds.most[home] + SAFE))
        near = (values, self.wider.changes[home], plan, relaxed.point > 0)
        for whole in (None, self.plans.outside):
            point = self.near.nearest(*near, whole)
            if point is None or self._round(bounds, home, number, point > 0.5):
                return

    def _round(self, bounds: Bounds, home: int, number: int, rounded: np.ndarray) -> bool:
        """Take a point's whole groups, then all of it, for a plan; true when that is the best there is."""
        decided = rounded & self.plans.outside
        self._take(home, self.plans.with_decided(home, decided))
        self._look_everywhere(decided)
        if not self._is_best(bounds, home, number):
            self._take(home, rounded)
        return self._is_best(bounds, home, number)

    def _take(self, home: int, chosen: np.ndarray | None) -> None:
        """Remember a plan with one more place in a home, if it is one and the best so far."""
        if chosen is None or not self.wider.keeps_rules(home, chosen):
            return
        values = self.plans.values(chosen)
        if values > tuple(self.reached[home].tolist()):
            self.reached[home], self.shown[home] = values, chosen

    def _look_everywhere(self, decided: np.ndarray) -> np.ndarray | None:
        """One more place in every home with these whole groups where they are: where that is better, remember it."""
        key = np.flatnonzero(decided).tobytes()
        if key in self.ways:
            return None
        self.ways[key] = decided
        found = self.plans.with_a_place(decided)
        if found is None:
            return None
        for home in np.flatnonzero(_is_better(found[0], self.reached) & ~self.matched).tolist():
            self.reached[home], self.way[home] = found[0][home], key
            self.shown.pop(home, None)
        return found[1]

    def _plan(self, home: int, number: int) -> np.ndarray:
        """A plan with one more place in a home, as good as the best one seen in the first ``number`` aims."""
        if home in self.shown:
            return self.shown[home]
        if (self.reached[home, :number] == self.base[:number]).all():
            return self.now
        found = self.plans.with_decided(home, self.ways[self.way[home]])
        if found is None or self.plans.values(found) != tuple(self.reached[home].tolist()):
            raise SolverError("The worth of a place could not be worked out. Please report this.")
        self.shown[home] = found
        return found

    def _match_again(self, home: int) -> None:
        """The exact optimum with one more place in a home."""
        changed = with_a_place_more(self.wider.base, home)
        found = best(changed, time_limit_seconds=max(self.deadline - time.monotonic(), 0.0))
        self.reached[home] = [found.values[aim] for aim in self.aims]
        self.matched[home], self.settled[home] = True, len(self.aims)
        self._look_everywhere(self.wider.columns_of(changed, found.chosen) & self.plans.outside)

    def figures(self, home: int) -> dict[str, object]:
        """The row of the table for a home."""
        proven = int(self.settled[home])
        gains = (self.reached[home] - self.base).astype(float)
        by = BY_MATCHING if self.matched[home] else BY_BOUNDS
        if proven < len(self.aims):
            bound = np.floor(self.most[home] + SAFE) - self.base[proven] if proven == self.looked_at else np.inf
            gains[proven:] = np.nan
            by = AT_MOST if np.isfinite(bound) else NOT_LOOKED_AT
            gains[proven] = bound if np.isfinite(bound) else np.nan
        gains = gains / [100 if aim == "weekly_cost" else 1 for aim in self.aims]
        return {COLUMN_OF[aim]: gain for aim, gain in zip(self.aims, gains, strict=True) if aim in COLUMN_OF} | {
            "method": by
        }


def _is_better(these: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Rows (bool) that come after the others in the order of their columns."""
    differs = these != others
    first = differs.argmax(axis=1)
    every = np.arange(len(these))
    return differs.any(axis=1) & (these[every, first] > others[every, first])


def with_a_place_more(instance: Instance, home: int | np.ndarray) -> Instance:
    """The matching problem with one more approved and free place in a home, or in each of several."""
    more = np.isin(np.arange(len(instance.homes)), home).astype(int)
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
