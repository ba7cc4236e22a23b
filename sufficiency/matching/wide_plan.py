"""The plan of a region or of England: proven where whole numbers reach the bounds, else with the gap that is left."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from sufficiency.errors import SolverError
from sufficiency.matching.branching import near_best, outside_network, whole_point, with_everyone
from sufficiency.matching.flow import Flow
from sufficiency.matching.instance import Instance
from sufficiency.matching.loop import homes_chosen
from sufficiency.matching.narrow import Face, Narrow, fits, flow_that_fits
from sufficiency.matching.optimum import BY_PRICES, BY_RELAXATION, best
from sufficiency.matching.plan import Proof
from sufficiency.matching.programme import programme_of
from sufficiency.matching.solve import Programme
from sufficiency.matching.wide import Pairs, wide_of
from sufficiency.matching.wide_match import solve_wide
from sufficiency.vocabulary import USUAL_FOSTERING_LIMIT

RELAXED_UP_TO: Final = 20_000
"""Children up to whom the relaxation with sibling groups is solved; beyond, the network's prices are the bound."""

UNBOUNDED: Final = "not bounded, for what sibling groups or an objective before leave open"
BY_GROUPS: Final = "children whose group is in the pool"
"""The bound of siblings_together where no relaxation was solved."""


def match_widely(
    build: Callable[[Pairs], Instance], time_limit_seconds: float
) -> tuple[Instance, np.ndarray, tuple[Proof, ...]]:
    """The instance of the pairs that mattered, the home of each child (−1 for none), and value and bound of each aim.

    ``build`` makes the instance of some listed pairs. Raises :class:`~sufficiency.errors.SolverError` when prices do
    not settle in time.
    """
    deadline = time.monotonic() + time_limit_seconds
    nothing = np.zeros(0, dtype=np.int64)
    wide = wide_of(build((nothing, nothing)))
    relax = len(wide.instance.children) <= RELAXED_UP_TO
    instance, found = solve_wide(wide, build, relax, deadline)
    programme = programme_of(instance)
    if isinstance(found, Narrow):
        chosen, bounds = _of_relaxation(instance, found, deadline)
        by = BY_PRICES if found.master is None else BY_RELAXATION
    else:
        chosen, bounds = _of_flow(instance, programme, found)
        by = BY_PRICES
    if chosen is None or not fits(programme, chosen):
        raise SolverError("Matching found no plan that keeps every rule; no answer is given. Please report this.")
    return instance, homes_chosen(instance, chosen), tuple(_proofs(programme, chosen, bounds, by))


def _proofs(programme: Programme, chosen: np.ndarray, bounds: Mapping[str, int | None], by: str) -> list[Proof]:
    """Value and bound of each aim; those after the first gap have no bound, since theirs would suppose that there is
    none."""
    proofs, reached = list[Proof](), True
    for name, weights in programme.aims.items():
        value, bound = int(weights[chosen].sum()), bounds[name] if reached else None
        reached = value == bound
        loosely = BY_GROUPS if by == BY_PRICES and name == "siblings_together" else by
        proofs.append(Proof(name, value, bound, UNBOUNDED if bound is None else by if reached else loosely))
    return proofs


def _of_relaxation(
    instance: Instance, narrow: Narrow, deadline: float
) -> tuple[np.ndarray | None, dict[str, int | None]]:
    """The plan that reaches every bound, or one with the sibling groups at their optimum and a gap after that."""
    bounds: dict[str, int | None] = {bound.aim: bound.value for bound in narrow.face.bounds}
    if narrow.master is None:
        return narrow.chosen, bounds
    near = near_best(instance, narrow, deadline)
    point = whole_point(instance, narrow.master) if near is None else near
    if point is None:  # of the listed pairs the best is found the long way; the bounds are of all pairs
        point = best(instance, time_limit_seconds=max(deadline - time.monotonic(), 0.0)).chosen
    return point, bounds


def _of_flow(instance: Instance, programme: Programme, flow: Flow) -> tuple[np.ndarray | None, dict[str, int | None]]:
    """The network's own plan, with as many sibling groups together as cost the aims before theirs nothing.

    Children who must be alone get homes with one place where the network's own plan would put others beside them.
    """
    raw = np.zeros(programme.columns, dtype=bool)
    raw[flow.pair[flow.pair >= 0]] = True
    bounds = _with_large_groups(instance, {name: int(each[raw].sum()) for name, each in programme.aims.items()})
    outside = outside_network(instance, programme)
    chosen: np.ndarray | None = flow_that_fits(instance, programme, flow)
    if chosen is None or not fits(programme, chosen):
        chosen = with_everyone(instance, Face(programme), outside, np.zeros(0, dtype=int), programme.aims)
    if chosen is None or not len(instance.column_group) or "siblings_together" not in programme.aims:
        return chosen, bounds
    bounds["siblings_together"] = int((instance.group >= 0).sum())
    together = _groups_that_cost_nothing(instance, programme, flow)
    before = list(programme.aims)[: list(programme.aims).index("siblings_together")]
    reached = [int(programme.aims[name][chosen].sum()) for name in before]
    while len(together):
        plan = with_everyone(instance, Face(programme), outside, together, programme.aims)
        if plan is not None and [int(programme.aims[name][plan].sum()) for name in before] >= reached:
            return plan, bounds
        together = together[::2] if len(together) > 1 else together[:0]
    return chosen, bounds


def _with_large_groups(instance: Instance, bounds: dict[str, int]) -> dict[str, int | None]:
    """The network's bounds where groups of more than three may fill an empty household, which it does not know.

    Each such group could house so many children more than three. What follows from that for the aims after the first
    is not worked out.
    """
    sizes = instance.group_sizes[: instance.groups]
    more = int((sizes[sizes > USUAL_FOSTERING_LIMIT] - USUAL_FOSTERING_LIMIT).sum())
    if more == 0:
        return {**bounds}
    first, *others = bounds
    most = min(bounds[first] + more, len(instance.children))
    return {first: most, **dict.fromkeys(others)}


def _groups_that_cost_nothing(instance: Instance, programme: Programme, flow: Flow) -> np.ndarray:
    """Columns of units, one for each at most, in homes whose places are worth nothing elsewhere, as far as they fit."""
    pairs, level = len(instance.pair_child), flow.levels[0]
    unit, home = instance.column_group, instance.column_home
    weight = level.of({name: weights[pairs:] for name, weights in programme.aims.items()})
    worth = np.array([level.child_price[who].sum() for who in instance.members])[unit]
    free = np.flatnonzero((worth == weight) & (level.home_price[home] == 0))
    left = (instance.offered + instance.leavers).copy()
    held = instance.column_takes + instance.column_stayers
    housed = np.zeros(len(instance.children), dtype=bool)
    answer = []
    for column in free[np.argsort(instance.column_pence[free], kind="stable")]:
        who = instance.members[unit[column]]
        if left[home[column]] >= held[column] and not housed[who].any():
            left[home[column]] -= held[column]
            housed[who] = True
            answer.append(pairs + column)
    return np.array(answer, dtype=int)
