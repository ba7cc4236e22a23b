"""A matching problem with a change made, as its registers would give it, built from what the change leaves as it was.

Prices change only what pairs cost. Places change the pairs and unit columns of their own homes, which are read again by
the rules: an empty home that is no longer empty is closed to a child who must live alone. A limit changes who is near.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np

from sufficiency.matching.change import Change, changed_homes, changed_prices, factors
from sufficiency.matching.columns import Units, summed, unit_columns
from sufficiency.matching.instance import Instance
from sufficiency.matching.pairs import build_instance

OF_PAIRS: Final = (
    "pair_child", "pair_home", "pair_stays", "pair_takes", "pair_within", "pair_pence", "pair_school", "pair_score",
)  # fmt: skip
OF_COLUMNS: Final = ("column_group", "column_home", "column_takes", "column_stayers")


def changed(instance: Instance, change: Change) -> Instance:
    """The instance of the registers with a change made; the same as :func:`from_registers` builds from them.

    Raises :class:`~sufficiency.errors.InputError` when a home that now counts has no price.
    """
    if instance.practice.never_split or instance.practice.parent_and_child:
        return from_registers(instance, change)
    homes, prices = changed_homes(change, instance.homes), changed_prices(change, instance.prices)
    limit = instance.limit_miles if change.limit_miles is None else float(change.limit_miles)
    answer = replace(instance, homes=homes, prices=prices, limit_miles=limit)
    columns = ("places", "places_free", "registered")
    moved = np.any([homes[name].to_numpy() != instance.homes[name].to_numpy() for name in columns], axis=0)
    if moved.any():
        answer = _with_places(answer, np.flatnonzero(moved))
    answer = _with_prices(answer, _repriced(change, instance) | moved)
    if limit != instance.limit_miles:
        answer = replace(answer, pair_within=answer.within(answer.pair_child, answer.pair_home))
    return _with_sums(answer)


def from_registers(instance: Instance, change: Change) -> Instance:
    """The same from the registers alone, every pair looked at again."""
    return build_instance(
        instance.children,
        changed_homes(change, instance.homes),
        limit_miles=instance.limit_miles if change.limit_miles is None else change.limit_miles,
        objectives=instance.objectives,
        as_of=instance.as_of,
        prices=changed_prices(change, instance.prices),
        practice=instance.practice,
        level_3_homes=instance.level_3_homes,
    )


def _repriced(change: Change, instance: Instance) -> np.ndarray:
    """Homes (bool) whose price may be another one."""
    named = instance.homes["home_id"].isin(list(change.weekly_cost)).to_numpy()
    return named | (factors(change, instance.homes) != 1.0)


def _with_prices(instance: Instance, repriced: np.ndarray) -> Instance:
    """Pence of the pairs of some homes worked out again."""
    mine = np.flatnonzero(repriced[instance.pair_home])
    if len(mine) == 0:
        return instance
    pence = instance.pair_pence.copy()
    pence[mine] = instance.pence(instance.pair_child[mine], instance.pair_home[mine])
    return replace(instance, pair_pence=pence)


def _with_places(instance: Instance, moved: np.ndarray) -> Instance:
    """Pairs and unit columns of the homes whose places are others now, among those of all the rest."""
    pairs = _pairs_of(instance, moved)
    offered = instance.offered.copy()
    offered[moved] = pairs.pop("offered")
    rest = np.isin(instance.pair_home, moved, invert=True)
    joined = {name: np.concatenate([getattr(instance, name)[rest], pairs[name]]) for name in OF_PAIRS}
    order = np.argsort(joined["pair_child"] * len(instance.homes) + joined["pair_home"], kind="stable")
    ordered: dict[str, Any] = {name: values[order] for name, values in joined.items()}
    answer = replace(instance, offered=offered, **ordered)
    return answer if instance.groups == 0 else _with_columns(answer, moved)


def _pairs_of(instance: Instance, moved: np.ndarray) -> dict[str, Any]:
    """The pairs of some homes, by the rules; their pence are still to come."""
    own = build_instance(
        instance.children,
        instance.homes.iloc[moved].assign(weekly_cost=0.0),
        limit_miles=instance.limit_miles,
        objectives=instance.objectives,
        as_of=instance.as_of,
        practice=replace(instance.practice, fixed=None),
        level_3_homes=instance.level_3_homes,
    )
    who, where = own.pair_child, moved[own.pair_home]
    pinned = instance.pinned[who]
    keep = (pinned < 0) | (pinned == where)
    if len(instance.ruled_out):
        out = np.isin(who * len(instance.homes) + where, instance.ruled_out)
        keep &= ~out | (instance.present[who] == where)
    values = {name: getattr(own, name)[keep] for name in OF_PAIRS}
    return values | {"pair_home": where[keep], "offered": own.offered}


def _with_columns(instance: Instance, moved: np.ndarray) -> Instance:
    """Unit columns of some homes worked out again."""
    mine = np.isin(instance.pair_home, moved)
    nobody = np.zeros(len(instance.children), dtype=int)
    units = Units(instance.group, instance.members, instance.groups, nobody, nobody == 0)
    pairs = instance.pair_child[mine], instance.pair_home[mine]
    own = unit_columns(instance.homes, units, instance.present, instance.offered, instance.leavers, pairs)
    rest = np.isin(instance.column_home, moved, invert=True)
    joined = [np.concatenate([getattr(instance, n)[rest], new]) for n, new in zip(OF_COLUMNS, own, strict=True)]
    order = np.lexsort((joined[1], joined[0]))
    ordered: dict[str, Any] = {n: values[order] for n, values in zip(OF_COLUMNS, joined, strict=True)}
    return replace(instance, **ordered)


def _with_sums(instance: Instance) -> Instance:
    """What each unit's column adds up to over its children."""
    if instance.groups == 0:
        return instance
    figures = [instance.pair_within == 1, instance.pair_pence, instance.pair_school, instance.pair_score]
    column = instance.column_group, instance.column_home
    pairs = instance.pair_child, instance.pair_home
    sums = summed(figures, instance.members, column, pairs, len(instance.homes))
    names = ("column_within", "column_pence", "column_school", "column_score")
    added: dict[str, Any] = dict(zip(names, sums, strict=True))
    return replace(instance, **added)
