"""The plan of a region or of England: proven where whole numbers reach the bounds, else with the gap that is left."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from sufficiency.errors import SolverError
from sufficiency.matching.branching import near_best, outside_network, whole_point, with_everyone
from sufficiency.matching.flow import Flow, Level
from sufficiency.matching.instance import Instance
from sufficiency.matching.loop import homes_chosen
from sufficiency.matching.narrow import Face, Narrow, fits, flow_that_fits
from sufficiency.matching.optimum import BY_PRICES, BY_RELAXATION, best
from sufficiency.matching.plan import Proof
from sufficiency.matching.programme import programme_of
from sufficiency.matching.solve import Programme
from sufficiency.matching.wide import Pairs, Wide, wide_of
from sufficiency.matching.wide_by_cuts import BY_CUTS, by_cuts
from sufficiency.matching.wide_groups import (
    PRICED,
    UnitHomes,
    groups_on_the_face,
    least_surcharge,
    unit_homes,
    with_a_home,
)
from sufficiency.matching.wide_match import solve_wide

RELAXED_UP_TO: Final = 20_000
"""Children up to whom the relaxation with sibling groups is solved; beyond, the network's prices are the bound."""

LISTED_PER_UNIT: Final = 60
"""Homes of each unit, of those that lose nothing, that are offered to it: the least surcharge first."""

SHARE_OF_TIME: Final = 0.05
"""Of the time that is left, for proposals of homes for the groups; a proposal that is under way is finished."""

UNBOUNDED: Final = "not bounded, for what sibling groups or an objective before leave open"
BY_GROUPS: Final = "children whose group could have a home"
"""The bound of siblings_together where no relaxation was solved."""

BY_SURCHARGE: Final = "prices of the network and of groups, for as many siblings together as here"
"""The bound of the aim after siblings_together where that has a gap."""


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
    swift = by_cuts(wide, build, deadline) if relax else None
    found = _the_long_way(wide, build, relax, deadline) if swift is None else (*swift, BY_CUTS)
    instance, programme, chosen, bounds, by = found
    if chosen is None or not fits(programme, chosen):
        raise SolverError("Matching found no plan that keeps every rule; no answer is given. Please report this.")
    return instance, homes_chosen(instance, chosen), tuple(_proofs(programme, chosen, bounds, by))


def _the_long_way(
    wide: Wide, build: Callable[[Pairs], Instance], relax: bool, deadline: float
) -> tuple[Instance, Programme, np.ndarray | None, dict[str, int | None], str]:
    """By the relaxation of all that matters, or by the network's prices alone: the instance with its programme, the
    plan, the bounds, and what has proven them."""
    instance, narrow = solve_wide(wide, build, relax, deadline)
    if isinstance(narrow, Narrow):
        chosen, bounds = _of_relaxation(instance, narrow, deadline)
        return instance, programme_of(instance), chosen, bounds, BY_PRICES if narrow.master is None else BY_RELAXATION
    left = deadline - time.monotonic()
    instance, programme, chosen, bounds = _of_flow(wide, build, instance, narrow, left)
    if chosen is None:  # children who must be placed and whom a network cannot: the long way over the listed pairs
        chosen = best(instance, time_limit_seconds=max(deadline - time.monotonic(), 0.0)).chosen
    return instance, programme, chosen, bounds, BY_PRICES


def _proofs(programme: Programme, chosen: np.ndarray, bounds: Mapping[str, int | None], by: str) -> list[Proof]:
    """Value and bound of each aim; those after the first gap have no bound, since theirs would suppose that there is
    none. One is kept where it was worked out for the plan's own number of siblings together."""
    proofs, reached = list[Proof](), True
    for name, weights in programme.aims.items():
        value, bound = int(weights[chosen].sum()), bounds[name] if reached else None
        reached = value == bound
        how = by
        if bound is not None and not reached and by == BY_PRICES and name == "siblings_together":
            reached, how, by = all(proof.value == proof.bound for proof in proofs), BY_GROUPS, BY_SURCHARGE
        proofs.append(Proof(name, value, bound, UNBOUNDED if bound is None else how))
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


def _of_flow(
    wide: Wide, build: Callable[[Pairs], Instance], instance: Instance, flow: Flow, seconds: float
) -> tuple[Instance, Programme, np.ndarray | None, dict[str, int | None]]:
    """The network's own plan, with the sibling groups together that cost the aims before theirs nothing.

    Children who must be alone get homes with one place where the network's own plan would put others beside them.
    """
    homes = unit_homes(wide, flow) if flow.levels and instance.members else None
    if homes is not None:
        instance, flow = _with_unit_homes(build, instance, flow, homes)
    programme = programme_of(instance)
    raw = np.zeros(programme.columns, dtype=bool)
    raw[flow.pair[flow.pair >= 0]] = True
    bounds: dict[str, int | None] = {name: int(each[raw].sum()) for name, each in programme.aims.items()}
    outside = outside_network(instance, programme)
    chosen: np.ndarray | None = flow_that_fits(instance, programme, flow)
    if chosen is None or not fits(programme, chosen):
        chosen = with_everyone(instance, Face(programme), outside, np.zeros(0, dtype=int), programme.aims)
    if chosen is not None and homes is not None and "siblings_together" in programme.aims:
        chosen = _with_groups(instance, programme, flow, chosen, seconds)
    if homes is not None and chosen is not None:
        bounds = _bounds_with_units(instance, programme, flow, homes, bounds, chosen)
    return instance, programme, chosen, bounds


def _with_unit_homes(
    build: Callable[[Pairs], Instance], instance: Instance, flow: Flow, homes: UnitHomes
) -> tuple[Instance, Flow]:
    """The instance with the pairs of all units' homes listed, up to a number, and the same flow over its pairs."""
    count, sizes = len(instance.homes), instance.group_sizes
    order = np.lexsort((homes.surcharge, homes.unit))
    rank = np.arange(len(order)) - np.searchsorted(homes.unit[order], homes.unit[order])
    kept = order[rank < LISTED_PER_UNIT]
    who = np.concatenate([np.zeros(0, dtype=np.int64), *(instance.members[unit] for unit in homes.unit[kept])])
    keys = instance.pair_child.astype(np.int64) * count + instance.pair_home
    more = who * count + np.repeat(homes.home[kept], sizes[homes.unit[kept]])
    keys = np.union1d(keys, np.setdiff1d(more, instance.ruled_out))
    wider = build((keys // count, keys % count))
    programme, pair = programme_of(wider), np.full(len(flow.pair), -1)
    housed = np.flatnonzero(flow.pair >= 0)
    pair[housed] = wider.at(housed, instance.pair_home[flow.pair[housed]])
    pairs = {name: weights[: len(wider.pair_child)] for name, weights in programme.aims.items()}
    levels = tuple(replace(level, weight=level.of(pairs)) for level in flow.levels)
    return wider, Flow(pair, levels)


def _with_groups(
    instance: Instance, programme: Programme, flow: Flow, chosen: np.ndarray, seconds: float
) -> np.ndarray:
    """A plan with sibling groups together that loses nothing of the aims before theirs, or the one given."""
    outside = outside_network(instance, programme)
    before = list(programme.aims)[: list(programme.aims).index("siblings_together")]
    reached = [int(programme.aims[name][chosen].sum()) for name in before]
    now = time.monotonic()
    until, deadline = now + seconds * SHARE_OF_TIME, now + seconds
    together = groups_on_the_face(instance, programme, flow, outside, until, deadline)
    while len(together) and time.monotonic() <= until + seconds * SHARE_OF_TIME:
        plan = with_everyone(instance, Face(programme), outside, together, programme.aims)
        if plan is not None and [int(programme.aims[name][plan].sum()) for name in before] >= reached:
            return plan
        together = together[: len(together) // 2]
    return chosen


def _bounds_with_units(
    instance: Instance,
    programme: Programme,
    flow: Flow,
    homes: UnitHomes,
    bounds: dict[str, int | None],
    chosen: np.ndarray,
) -> dict[str, int | None]:
    """The network's bounds where whole units may have homes that it does not know of, such as a group of more than
    three who fill an empty household.

    Where no unit could gain by any home at the network's prices, its bounds hold for all plans; together can be the
    groups with a home that loses nothing; and the aim after theirs loses what so many groups as in the plan lose at
    least. Otherwise all that units could gain is added to the first aim, and nothing is said of those after.
    """
    first, *others = bounds
    unknown = dict[str, int | None].fromkeys(others)
    if "siblings_together" in unknown:
        unknown["siblings_together"] = int((instance.group >= 0).sum())
    names = list(bounds)
    place = names.index("siblings_together") if "siblings_together" in names else len(names)
    before, level = names[:place], flow.levels[0]
    if set(names) - PRICED or [name for name in before if bounds[name]] != list(level.aims)[: len(before)]:
        return {first: len(instance.children), **unknown}
    gains = np.zeros(len(instance.members), dtype=np.int64)
    np.minimum.at(gains, homes.unit, homes.loss)
    if gains.any():
        step = int(np.prod(level.steps, dtype=object)) if level.steps else 1
        joint = int(level.weight[flow.pair[flow.pair >= 0]].sum()) - int(gains.sum())
        most = min((joint + step // 2) // step, len(instance.children))
        return {first: most, **unknown}
    if place == len(names):
        return bounds
    on_face = np.union1d(homes.unit, np.flatnonzero(with_a_home(instance)))
    most = int(instance.group_sizes[on_face[on_face < instance.groups]].sum())
    after = dict[str, int | None].fromkeys(names[place + 1 :])
    if len(flow.levels) > 1 and len(flow.levels[1].aims) == 1 and _bounds_all(instance, flow.levels[1]):
        aim, together = flow.levels[1].aims[0], int(programme.aims["siblings_together"][chosen].sum())
        after[aim] = int(bounds[aim] or 0) - least_surcharge(instance, homes, together)
    return {**{name: bounds[name] for name in before}, "siblings_together": most, **after}


def _bounds_all(instance: Instance, level: Level) -> bool:
    """Prices of the level bound children who must be alone as well, who take more than one place."""
    return not instance.solo.any() or not (level.home_price < 0).any()
