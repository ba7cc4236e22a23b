"""Everyone beside the groups as a flow, where groups may be in homes by shares: prices of places, and what they prove.

At any prices of places no plan is worth more than its children and places cost (weak duality). As a cut that holds for
every choice of homes for the groups it joins the groups' own programme; the flow's prices make it tight at the choice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sufficiency.errors import SolverError
from sufficiency.matching.instance import Instance
from sufficiency.matching.wide_reach import Pool, Reach

SHARES: Final = 60
"""Parts of a place in which the flow counts where groups are in homes by shares; cuts hold for any number."""


@dataclass(frozen=True, eq=False)
class Homes:
    """Homes on the face of whole units, and of children alone where a network does not know what that takes: ``unit``
    (of ``members``), ``home``, ``held`` [places]; ``kept`` and ``later`` as of :class:`~.wide_reach.Pool`; ``column``
    of the programme."""

    unit: np.ndarray
    home: np.ndarray
    held: np.ndarray
    kept: np.ndarray
    later: np.ndarray
    column: np.ndarray
    members: tuple[np.ndarray, ...]

    def worth(self, scale: tuple[int, int]) -> np.ndarray:
        """As :meth:`.wide_reach.Pool.worth`."""
        return self.kept * scale[0] + self.later * scale[1]


@dataclass(frozen=True, eq=False)
class Cut:
    """All that a plan is worth is at most ``constant`` and the ``gain`` of each home that a unit has."""

    constant: int
    gain: np.ndarray


@dataclass(frozen=True, eq=False)
class Answer:
    """``worth`` of everyone, the groups among them; the ``pairs`` used;
    ``kept`` likewise; the ``cut``; and pairs of the reach by which a child gains more than by any in the pool."""

    worth: float
    kept: float
    pairs: Pool
    cut: Cut
    more: Pool


@dataclass(frozen=True, eq=False)
class Rest:
    """Everyone beside the groups: the ``pool`` of pairs, and the ``reach`` of all."""

    instance: Instance
    homes: Homes
    pool: Pool
    reach: Reach

    def answer(self, share: np.ndarray, scale: tuple[int, int]) -> Answer:
        """Everyone else as well as can be with units in homes by shares (0 to 1 of each of the homes)."""
        parts = 1 if np.isin(share, (0, 1)).all() else SHARES
        with_unit, taken = self._with_units(share)
        supply = np.rint(parts * (1 - with_unit)).astype(np.int64)
        capacity = np.floor(parts * (self._capacity - taken) + 1 / 2).astype(np.int64)
        arcs = _flow(self.pool, self.pool.worth(scale), supply, np.maximum(capacity, 0))
        place = _prices(self.pool, self.pool.worth(scale), arcs, supply, len(capacity))
        worth, kept = (
            float((arcs * self.pool.worth(each)).sum()) / parts + float(share @ self.homes.worth(each))
            for each in (scale, (1, 0))
        )
        return Answer(worth, kept, self.pool.some(np.flatnonzero(arcs)), *self._cut(scale, place))

    @property
    def _capacity(self) -> np.ndarray:
        return self.instance.offered + self.instance.leavers

    def _with_units(self, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Share of each child who lives with its unit, and places that units take of each home."""
        of_unit = np.bincount(self.homes.unit, share, len(self.homes.members))
        with_unit = np.zeros(len(self.instance.children))
        for unit in np.flatnonzero(of_unit):
            with_unit[self.homes.members[unit]] += of_unit[unit]
        taken = np.bincount(self.homes.home, share * self.homes.held, len(self.instance.homes))
        return np.minimum(with_unit, 1), taken

    def cut(self, scale: tuple[int, int], place: np.ndarray) -> Cut:
        """What prices of places prove."""
        return self._cut(scale, place)[0]

    def _cut(self, scale: tuple[int, int], place: np.ndarray) -> tuple[Cut, Pool]:
        """The cut, and pairs of the reach that are worth more than any in the pool."""
        count = len(self.instance.children)
        known = self.pool.best(scale, place, count)[0]
        most, pairs = self.reach.best(scale, place)
        own = np.maximum(known, most)
        sums = np.array([own[who].sum() for who in self.homes.members], dtype=np.int64)
        gain = self.homes.worth(scale) - self.homes.held * place[self.homes.home] - sums[self.homes.unit]
        more = pairs.some((most > known)[pairs.child])
        if len(more.child):
            more = more.and_also(self.reach.better(scale, place, known), len(self.instance.homes))
        return Cut(int(own.sum() + place @ self._capacity), gain), more

    def wider(self, more: Pool) -> Rest:
        """With more pairs in the pool, but those ruled out."""
        more = more.some(~self.reach.wide.is_forbidden(more.child, more.home))
        return replace(self, pool=self.pool.and_also(more, len(self.instance.homes))) if len(more.child) else self


def _flow(pool: Pool, worth: np.ndarray, supply: np.ndarray, capacity: np.ndarray) -> np.ndarray:
    """The flow of each pair that is worth most, whole numbers; children and places may be left over."""
    from ortools.graph.python import min_cost_flow

    children, homes = len(supply), len(capacity)
    sink = children + homes
    open_pairs = np.flatnonzero((supply[pool.child] > 0) & (worth > 0))
    tails = [pool.child[open_pairs], np.arange(sink)]
    heads = [children + pool.home[open_pairs], np.full(sink, sink)]
    most = [supply[pool.child[open_pairs]], supply, capacity]
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        *(np.concatenate(each).astype(np.int32) for each in (tails, heads)),
        *(np.concatenate(each).astype(np.int64) for each in (most, [-worth[open_pairs], np.zeros(sink)])),
    )
    solver.set_nodes_supplies(
        np.arange(sink + 1), np.concatenate([supply, np.zeros(homes), [-supply.sum()]]).astype(np.int64)
    )
    if (status := solver.solve()) != solver.OPTIMAL:
        raise SolverError(f"The network of children and homes was not solved ({status.name}).")
    answer = np.zeros(len(worth), dtype=np.int64)
    answer[open_pairs] = solver.flows(arcs[: len(open_pairs)])
    return answer


def _prices(pool: Pool, worth: np.ndarray, arcs: np.ndarray, supply: np.ndarray, homes: int) -> np.ndarray:
    """The least prices of places that prove the flow; as for whole children, one who lives in several homes, or partly
    in none, gains by each of them the same."""
    used = np.flatnonzero(arcs)
    housed = np.bincount(pool.child[used], arcs[used], len(supply))
    starts = np.searchsorted(pool.child, np.arange(len(supply) + 1))
    price = np.zeros(homes, dtype=np.int64)
    gains = _gains(pool, worth, used, price, housed < supply)
    stale = np.flatnonzero(supply > 0)
    for _ in range(len(supply) + homes + 2):
        span = starts[stale + 1] - starts[stale]
        which = np.repeat(starts[stale] - np.concatenate([[0], span.cumsum()[:-1]]), span) + np.arange(span.sum())
        before = price.copy()
        np.maximum.at(price, pool.home[which], worth[which] - gains[pool.child[which]])
        if not (price > before).any():
            return price
        new = _gains(pool, worth, used, price, housed < supply)
        stale = np.flatnonzero((new < gains) & (supply > 0))
        gains = new
    raise SolverError("The prices of places do not settle; please report this.")


def _gains(pool: Pool, worth: np.ndarray, used: np.ndarray, price: np.ndarray, loose: np.ndarray) -> np.ndarray:
    """What each child gains by its home at the prices, the least of its homes; nothing for one partly in none."""
    gains = np.where(loose, 0, np.iinfo(np.int64).max // 4)
    np.minimum.at(gains, pool.child[used], worth[used] - price[pool.home[used]])
    return gains
