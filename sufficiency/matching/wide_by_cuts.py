"""The plan of a region with sibling groups, by the groups' own programme and cuts from the network."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from sufficiency.matching.branching import outside_network
from sufficiency.matching.flow import Flow, Level
from sufficiency.matching.instance import Instance
from sufficiency.matching.narrow import fits
from sufficiency.matching.programme import programme_of
from sufficiency.matching.solve import Programme
from sufficiency.matching.wide import Pairs, Wide
from sufficiency.matching.wide_cuts import Choice, chosen_by_cuts
from sufficiency.matching.wide_groups import PRICED, UnitHomes, unit_homes
from sufficiency.matching.wide_match import solve_wide
from sufficiency.matching.wide_reach import Pool, Reach, listed, reach_of
from sufficiency.matching.wide_rest import Homes, Rest

BY_CUTS: Final = "prices of the network as cuts of the groups' own programme"

SHARE_OF_TIME: Final = 0.05
"""Of the time that is left, for the cuts; without an answer by then the relaxation of all is solved."""

Found = tuple[Instance, Programme, np.ndarray, dict[str, int | None]]


def by_cuts(wide: Wide, build: Callable[[Pairs], Instance], deadline: float) -> Found | None:
    """The instance with its programme, the plan (bool per column) and the bound of each aim; ``None`` where groups or
    aims are not of the usual kind, or where cuts do not settle how many siblings can be together."""
    aims = wide.instance.objectives
    practice = wide.instance.practice
    if practice.one_level_3 or practice.reserve or not wide.instance.groups:
        return None
    if set(aims) - PRICED or "siblings_together" not in aims[1:-1]:
        return None
    instance, flow = solve_wide(wide, build, False, deadline)
    assert isinstance(flow, Flow)
    place = aims.index("siblings_together")
    if [level.aims for level in flow.levels] != [aims[:place], aims[place + 1 :]] or len(aims) != place + 2:
        return None
    homes = unit_homes(wide, flow)
    if (homes.loss < 0).any():
        return None
    reach, apart = reach_of(wide, *flow.levels)
    pairs = _with_homes_of_units(wide, instance, homes)
    keys = np.union1d(_keys(instance, *pairs), apart[~wide.is_forbidden(*divmod(apart, len(instance.homes)))])
    instance = build(divmod(keys, len(instance.homes)))
    until = time.monotonic() + SHARE_OF_TIME * max(deadline - time.monotonic(), 0.0)
    return _of_face(build, instance, reach, flow, until)


def _with_homes_of_units(wide: Wide, instance: Instance, homes: UnitHomes) -> Pairs:
    """The pairs of an instance, those of each unit with every home on the face, and with every home that a child of
    it has now or is pinned to."""
    bare, count = wide.instance, len(wide.instance.homes)
    units, where = [homes.unit], [homes.home]
    for number, who in enumerate(bare.members):
        own = np.unique(np.concatenate([bare.present[who], bare.pinned[who]]))
        where.append(own[own >= 0])
        units.append(np.full((own >= 0).sum(), number))
    unit, home = np.concatenate(units), np.concatenate(where)
    child = np.concatenate([bare.members[each] for each in unit])
    home = np.repeat(home, bare.group_sizes[unit])
    may = wide.allowed(child, home)
    keys = _keys(instance, instance.pair_child, instance.pair_home)
    return divmod(np.union1d(keys, _keys(instance, child[may], home[may])), count)


def _keys(instance: Instance, number: np.ndarray, home: np.ndarray) -> np.ndarray:
    return np.asarray(number, dtype=np.int64) * len(instance.homes) + home


def _of_face(
    build: Callable[[Pairs], Instance], instance: Instance, reach: Reach, flow: Flow, until: float
) -> Found | None:
    programme = programme_of(instance)
    pairs = {name: weights[: len(instance.pair_child)] for name, weights in programme.aims.items()}
    first, second = (replace(level, weight=level.of(pairs)) for level in flow.levels)
    pool, at = listed(instance, first, second)
    plain = ~outside_network(instance, programme)[at]
    homes = _homes(instance, programme, first, second, pool.some(~plain), at[~plain])
    if homes is None:
        return None
    choice = chosen_by_cuts(instance, programme, Rest(instance, homes, pool.some(plain), reach), second, until)
    return None if choice is None else _planned(build, instance, homes, choice, flow)


def _homes(
    instance: Instance, programme: Programme, first: Level, second: Level, apart: Pool, at_pair: np.ndarray
) -> Homes | None:
    """Columns of whole units on the face, and of pairs that no network knows (``apart``, of those numbers); ``None``
    where a unit could gain by prices that know no groups."""
    pairs, sizes = len(instance.pair_child), instance.group_sizes
    units = {name: weights[pairs:] for name, weights in programme.aims.items()}
    unit, home = instance.column_group, instance.column_home
    held = (instance.column_takes + instance.column_stayers).astype(np.int64)
    children = np.array([first.child_price[who].sum() for who in instance.members], dtype=np.int64)
    loss = children[unit] + held * first.home_price[home] - first.of(units)
    if (loss < 0).any():
        return None
    must = np.array([(first.child_price[who] != 0).sum() for who in instance.members], dtype=np.int64)
    kept, at = must[unit] + held * (first.home_price != 0)[home], np.flatnonzero(loss == 0)
    figures = unit, home, held, kept, second.of(units), pairs + np.arange(len(unit))
    who, number = np.unique(apart.child, return_inverse=True)
    alone = len(sizes) + number, apart.home, apart.held, apart.kept, apart.later, at_pair
    both = [np.concatenate([each[at], more]) for each, more in zip(figures, alone, strict=True)]
    return Homes(both[0], both[1], both[2], both[3], both[4], both[5], (*instance.members, *who[:, None]))


def _planned(
    build: Callable[[Pairs], Instance], instance: Instance, homes: Homes, choice: Choice, flow: Flow
) -> Found | None:
    """The choice as columns of an instance that lists every pair of it."""
    count, unit, home = len(instance.homes), homes.unit[choice.decided], homes.home[choice.decided]
    alone = unit >= len(instance.members)
    child = np.concatenate([choice.alone.child, *(homes.members[each] for each in unit[alone])])
    where = np.concatenate([choice.alone.home, home[alone]])
    keys, more = _keys(instance, instance.pair_child, instance.pair_home), _keys(instance, child, where)
    if len(np.setdiff1d(more, keys)):
        instance = build(divmod(np.union1d(keys, more), count))
    programme = programme_of(instance)
    chosen = np.zeros(programme.columns, dtype=bool)
    chosen[instance.at(child, where)] = True
    columns = _keys(instance, instance.column_group, instance.column_home)
    together = np.isin(columns, _keys(instance, unit[~alone], home[~alone]))
    chosen[len(instance.pair_child) + np.flatnonzero(together)] = True
    if not fits(programme, chosen):
        return None
    first, (later,) = flow.levels[0].aims, flow.levels[1].aims
    reached: dict[str, int | None] = {name: int(programme.aims[name][chosen].sum()) for name in first}
    return instance, programme, chosen, {**reached, "siblings_together": choice.together, later: choice.later}
