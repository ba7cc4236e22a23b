"""Children to homes as a flow of whole units: aims in order at their optimum, with prices that prove it.

Without sibling groups the matching problem is a network, and a network's optimum is whole numbers. OR-Tools finds it;
the prices of places are then worked out from it here. A price says what one more place in a home would add to the
aims, and the prices bound what every pair could be worth: in whole numbers, so nothing is lost to rounding.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sufficiency.errors import SolverError
from sufficiency.matching.assignment import assign, is_small

LARGEST: Final = 2**62
"""Costs times nodes stay below this, so that whole numbers of 64 bits cannot overflow in the flow solver."""

NO_FLOW: Final = "No plan gives a home to every child who must have one; no answer is given."

UNREACHED: Final = -(2**57)
"""The price of a place that must be filled and that no other child could come to."""


class NoPlanError(SolverError):
    """Not everyone who must have a home can have one."""


class NoFlowError(NoPlanError):
    """Not everyone who must be placed can be by flow, or not every home that must be full."""


@dataclass(frozen=True, eq=False)
class Network:
    """Children, homes and the pairs between them, sorted by child and home. ``capacity`` [places]; ``must``, ``full``
    (bool): children placed and homes filled in every plan. ``dense``: whether a small network is solved as a dense
    assignment, which takes less time but half a second to load."""

    child: np.ndarray
    home: np.ndarray
    capacity: np.ndarray
    must: np.ndarray
    full: np.ndarray
    dense: bool = False


@dataclass(frozen=True, eq=False)
class Level:
    """Aims settled at once: ``weight`` of each pair, whole, every later aim below one unit of the one before.

    ``child_price``, ``home_price``: no pair is worth more than the two together, and those chosen are worth just that.
    """

    aims: tuple[str, ...]
    steps: tuple[int, ...]
    weight: np.ndarray
    child_price: np.ndarray
    home_price: np.ndarray

    def of(self, aims: Mapping[str, np.ndarray]) -> np.ndarray:
        """The weights of other choices, such as whole groups, joined as those of the pairs were."""
        return joined([aims[name] for name in self.aims], self.steps)


@dataclass(frozen=True, eq=False)
class Flow:
    """The optimum of a network: ``pair`` (per child, −1 for none) and the proof, level by level."""

    pair: np.ndarray
    levels: tuple[Level, ...]


def best_flow(network: Network, aims: Mapping[str, np.ndarray], breaks: Collection[str] = ()) -> Flow:
    """The flow with every aim, in order, at its maximum; ``aims``: name → whole weight of each pair;
    those from ``breaks`` on are not joined with those before.

    Raises :class:`~sufficiency.errors.SolverError` when those who must be placed cannot all be.
    """
    open_pairs = np.arange(len(network.child))
    full, placed = network.full, network.must
    pair = np.full(len(network.must), -1)
    levels: list[Level] = []
    for names, steps in _levels(network, aims, breaks):
        weight = joined([aims[name] for name in names], steps)
        chosen = _solve(network, open_pairs, weight[open_pairs], placed, full)
        pair = np.where(chosen >= 0, open_pairs[chosen], -1)
        child_price, home_price = _prices(network, open_pairs, weight, pair, placed, full)
        levels.append(Level(names, steps, weight, child_price, home_price))
        loss = child_price[network.child[open_pairs]] + home_price[network.home[open_pairs]] - weight[open_pairs]
        open_pairs = open_pairs[loss == 0]
        placed, full = placed | (child_price != 0), full | (home_price != 0)
    return Flow(pair, tuple(levels))


def _levels(
    network: Network, aims: Mapping[str, np.ndarray], breaks: Collection[str]
) -> list[tuple[tuple[str, ...], tuple[int, ...]]]:
    """Aims that can be one weight of 64-bit whole numbers, and by how much each outweighs the next.

    An aim to which no pair adds anything is left out.
    """
    nodes, children = len(network.must) + len(network.capacity) + 2, max(len(network.must), 1)
    levels: list[tuple[tuple[str, ...], tuple[int, ...]]] = []
    largest, joins = 0, False
    for name, weight in aims.items():
        most = int(np.abs(weight).max(initial=0))
        step = 2 * children * most + 1
        joins = joins and name not in breaks
        if most == 0:
            continue
        if joins and largest * step * 2 * nodes < LARGEST:
            names, steps = levels.pop()
            levels.append(((*names, name), (*steps, step)))
            largest = largest * step + most
        else:
            levels.append(((name,), ()))
            largest = most
        joins = True
    return levels


def joined(weights: Sequence[np.ndarray], steps: Sequence[int]) -> np.ndarray:
    """One weight from several: each outweighs by its step all that the next can add up to."""
    answer = weights[0].astype(np.int64)
    for weight, step in zip(weights[1:], steps, strict=True):
        answer = answer * step + weight
    return answer


def _solve(network: Network, pairs: np.ndarray, weight: np.ndarray, placed: np.ndarray, full: np.ndarray) -> np.ndarray:
    """Position in ``pairs`` of each child's pair, −1 for none; children ``placed`` and homes ``full`` stay so."""
    if network.dense and is_small(network, weight):
        return _assigned(network, pairs, weight, placed, full)
    from ortools.graph.python import min_cost_flow

    children, homes = len(network.must), len(network.capacity)
    sink = children + homes
    loose_homes, loose_children = np.flatnonzero(~full), np.flatnonzero(~placed)
    tails = [network.child[pairs], children + loose_homes, loose_children]
    heads = [children + network.home[pairs], np.full(len(loose_homes) + len(loose_children), sink)]
    capacity = [np.ones(len(pairs)), network.capacity[loose_homes], np.ones(len(loose_children))]
    costs = [-weight, np.zeros(len(loose_homes) + len(loose_children), dtype=np.int64)]
    supply = np.concatenate([np.ones(children), np.where(full, -network.capacity, 0), [0]]).astype(np.int64)
    supply[sink] = -supply.sum()
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(
        *(np.concatenate(each).astype(np.int32) for each in (tails, heads)),
        *(np.concatenate(each).astype(np.int64) for each in (capacity, costs)),
    )
    solver.set_nodes_supplies(np.arange(sink + 1), supply)
    status = solver.solve()
    if status == solver.INFEASIBLE:
        raise NoFlowError(NO_FLOW)
    if status != solver.OPTIMAL:
        raise SolverError(f"The network of children and homes was not solved ({status.name}).")
    chosen = np.full(children, -1)
    used = np.flatnonzero(solver.flows(arcs[: len(pairs)]))
    chosen[network.child[pairs[used]]] = used
    return chosen


def _assigned(
    network: Network, pairs: np.ndarray, weight: np.ndarray, placed: np.ndarray, full: np.ndarray
) -> np.ndarray:
    """As :func:`_solve`, by the dense way."""
    home = assign(network, pairs, weight, placed, full)
    if home is None:
        raise NoFlowError(NO_FLOW)
    return np.where(home >= 0, _positions(network, pairs, np.maximum(home, 0)), -1)


def _positions(network: Network, pairs: np.ndarray, home: np.ndarray) -> np.ndarray:
    """Position in ``pairs``, sorted by child and home, of each child with a home."""
    keys = network.child[pairs].astype(np.int64) * len(network.capacity) + network.home[pairs]
    return np.searchsorted(keys, np.arange(len(home)) * len(network.capacity) + home)


def _prices(
    network: Network, pairs: np.ndarray, weight: np.ndarray, chosen: np.ndarray, placed: np.ndarray, full: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Prices of children and of places, the least that prove the flow: what each could bring elsewhere.

    A place is worth what the best child who would move in gains, and what the place that it leaves is then worth; so
    prices rise along chains of moves until none rises any more, as they must where no chain of moves helps.
    """
    who, where, worth = network.child[pairs], network.home[pairs], weight[pairs]
    starts = np.searchsorted(who, np.arange(len(network.must) + 1))
    housed = np.flatnonzero(chosen >= 0)
    lives, own = network.home[chosen[housed]], weight[chosen[housed]]
    home_price = np.where(full, UNREACHED, 0)
    child_price = np.zeros(len(network.must), dtype=np.int64)
    child_price[housed] = own - home_price[lives]
    stale = np.arange(len(network.must))
    for _ in range(len(network.must) + len(network.capacity) + 2):
        span = starts[stale + 1] - starts[stale]
        which = np.repeat(starts[stale] - np.concatenate([[0], span.cumsum()[:-1]]), span) + np.arange(span.sum())
        before = home_price.copy()
        np.maximum.at(home_price, where[which], worth[which] - child_price[who[which]])
        moved = (home_price > before)[lives]
        if not moved.any():
            return child_price, home_price
        stale = housed[moved]
        child_price[stale] = own[moved] - home_price[lives[moved]]
    raise SolverError("The prices of places do not settle; please report this.")
