"""The optimum of a network over the few pairs that matter, proven over all of them by prices of children and places.

For the same network again with other weights: the prices found before tell which pairs to begin with. A pair left out
that is worth more than its child and its place cost is let in, until there is none; then the flow is the optimum of the
whole network, in whole numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sufficiency.matching.flow import LARGEST, Network, best_flow, joined

PAIRS_PER_CHILD: Final = 4
"""Pairs to begin with, and most that are let in at once. Any number gives the same optimum; this one was fastest."""

MOST_ROUNDS: Final = 6
"""Rounds after which all pairs are let in, which costs about as much as these."""

LARGEST_WHOLE: Final = 2**50
"""Weights up to which floating point adds a few of them without an error."""

MOST_MOVES: Final = 8
"""Times that prices move along chains of children before pairs are let in; where no chain helps a few are enough."""

STRIDE: Final = 1_000_003
"""A prime: steps of it go round all pairs in another order."""

Steps = tuple[tuple[str, ...], tuple[int, ...]]
"""Aims joined into one weight, and by how much each outweighs the next."""


@dataclass(frozen=True, eq=False)
class NearFlow:
    """``chosen`` and ``near`` (pairs), the optimum and what it was proven with; ``home_price`` of the first aims."""

    chosen: np.ndarray
    near: np.ndarray
    home_price: np.ndarray


def steps_of(most: Mapping[str, int], children: int, nodes: int) -> list[Steps]:
    """Aims joined as far as whole numbers of 64 bits allow; ``most``: aim → the largest weight of a pair."""
    levels: list[Steps] = []
    largest = 0
    for name, weight in most.items():
        step = 2 * max(children, 1) * weight + 1
        if levels and (largest * step + weight) * 2 * (nodes + 2) < LARGEST:
            names, steps = levels.pop()
            levels.append(((*names, name), (*steps, step)))
            largest = largest * step + weight
        elif weight:
            levels.append(((name,), ()))
            largest = weight
    return levels


def nearest(network: Network, weight: np.ndarray, home_price: np.ndarray) -> np.ndarray:
    """Pairs (bool) that lose least at these prices of places."""
    gain = weight - home_price[network.home]
    starts = np.flatnonzero(np.diff(network.child, prepend=-1))
    best = np.maximum(np.maximum.reduceat(gain, starts), 0) if len(starts) else gain
    return _least(np.repeat(best, np.diff(np.append(starts, len(gain)))) - gain, PAIRS_PER_CHILD * len(network.must))


def _least(figures: np.ndarray, most: int) -> np.ndarray:
    """Which (bool) are the least, just so many; of those alike, as homes of one price make many, some of each child."""
    answer = np.zeros(len(figures), dtype=bool)
    spread = np.arange(len(figures)) * STRIDE % len(figures)
    if most >= len(figures) or len(np.unique(spread[:2])) < min(len(figures), 2):
        return ~answer
    answer[spread[np.argpartition(figures[spread], most)[:most]]] = True
    return answer


def flow_from(
    network: Network,
    aims: Mapping[str, np.ndarray],
    levels: list[Steps],
    home_price: np.ndarray | None,
    more: np.ndarray,
) -> NearFlow:
    """The flow with every aim, in order, at its maximum, begun with the pairs near these prices and ``more`` (bool);
    with all of them where there are no prices to begin with.

    Raises :class:`~sufficiency.matching.flow.NoFlowError` when those who must be placed cannot be over the pairs begun
    with; they may be over others.
    """
    shut, near = np.zeros(len(network.child), dtype=bool), more | (home_price is None)
    chosen, first = np.zeros(0, dtype=int), np.zeros(len(network.capacity), dtype=np.int64)
    for number, (names, steps) in enumerate(levels):
        weight = joined([aims[name] for name in names], steps)
        if number == 0 and home_price is not None:
            near |= nearest(network, weight, home_price)
        chosen, prices = _settled(network, weight, near, shut, home_price if number == 0 else None)
        if prices is None:
            continue
        if number == 0:
            first = prices.home
        shut |= prices.loss(network, weight) != 0
        network = replace(network, must=network.must | (prices.child != 0), full=network.full | (prices.home != 0))
    return NearFlow(chosen, np.flatnonzero(near), first)


@dataclass(frozen=True, eq=False)
class Prices:
    """What children and places cost, whole numbers."""

    child: np.ndarray
    home: np.ndarray

    def loss(self, network: Network, weight: np.ndarray) -> np.ndarray:
        """What each pair is worth less than its child and its place cost."""
        return self.child[network.child] + self.home[network.home] - weight


def _settled(
    network: Network, weight: np.ndarray, near: np.ndarray, shut: np.ndarray, before: np.ndarray | None
) -> tuple[np.ndarray, Prices | None]:
    """The best pairs for a weight, and the prices that prove it over all that are not ``shut``; lets pairs into
    ``near``. No prices where no pair is worth anything."""
    for _ in range(MOST_ROUNDS if not shut.any() else 0):
        if before is None:
            break
        chosen = _best_of_few(network, weight, np.flatnonzero(near))
        if chosen is None:
            break
        prices, moved_by = _prices_from(before, network, weight, chosen)
        if prices is not None:
            return chosen, prices
        if near[moved_by].all():
            break
        near[moved_by] = True
    while True:
        over = np.flatnonzero(near & ~shut)
        flow = best_flow(replace(network, child=network.child[over], home=network.home[over]), {"": weight[over]})
        chosen = over[flow.pair[flow.pair >= 0]]
        if not flow.levels:
            return chosen, None
        prices = Prices(flow.levels[0].child_price, flow.levels[0].home_price)
        if not ((prices.loss(network, weight) < 0) & ~shut).any():
            return chosen, prices
        near[:] = True


def _best_of_few(network: Network, weight: np.ndarray, over: np.ndarray) -> np.ndarray | None:
    """Of some pairs the best, by SciPy's matching with a column for each place, and one for each child to do without.

    In floating point, so that it is the prices that prove it. ``None`` where not all who must be can be placed, or
    where weights are too large for it.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    children, top = len(network.must), int(weight[over].max(initial=0)) + 1
    if top > LARGEST_WHOLE:
        return None
    slots = np.minimum(network.capacity, children)
    first, each = np.cumsum(slots) - slots, slots[network.home[over]]
    pair = np.repeat(over, each)
    place = first[network.home[pair]] + np.arange(len(pair)) - np.repeat(np.cumsum(each) - each, each)
    free, places = np.flatnonzero(~network.must), int(slots.sum())
    entries = (np.concatenate([network.child[pair], free]), np.concatenate([place, places + free]))
    costs = np.concatenate([top - weight[pair], np.full(len(free), top)]).astype(float)
    try:
        who, column = min_weight_full_bipartite_matching(
            csr_array((costs, entries), shape=(children, places + children))
        )
    except ValueError:  # SciPy: "no full matching exists"
        return None
    housed = column < places
    home = np.searchsorted(first + slots, column[housed], side="right")
    keys = network.child[over].astype(np.int64) * len(slots) + network.home[over]
    return over[np.searchsorted(keys, who[housed].astype(np.int64) * len(slots) + home)]


def _prices_from(
    before: np.ndarray, network: Network, weight: np.ndarray, chosen: np.ndarray
) -> tuple[Prices | None, np.ndarray]:
    """Prices near those before that prove some pairs the best of all; none where there are no such prices, and the
    pairs that moved them.

    First prices rise where children would rather live, then fall where they would rather leave. If the pairs chosen are
    the best, the first leaves no price below the least that prove it, and the second ends at prices that do.
    """
    filled = np.bincount(network.home[chosen], minlength=len(network.capacity)) == network.capacity
    home_price, risen = _risen(np.where(filled, before, 0), filled, network, weight, chosen)
    home_price, fallen = _fallen(home_price, network, weight, chosen)
    child_price = np.zeros(len(network.must), dtype=np.int64)
    child_price[network.child[chosen]] = weight[chosen] - home_price[network.home[chosen]]
    prices = Prices(child_price, home_price)
    return (prices if _prove(prices, network, weight, filled) else None), np.concatenate([risen, fallen])


def _risen(
    home_price: np.ndarray, filled: np.ndarray, network: Network, weight: np.ndarray, chosen: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Prices of filled homes raised until no child would rather have a place there, and the pairs that raised them."""
    child, home = network.child, network.home
    child_price = np.zeros(len(network.must), dtype=np.int64)
    child_price[child[chosen]] = weight[chosen] - home_price[home[chosen]]
    mine, moved_by = np.flatnonzero(filled[home]), [np.zeros(0, dtype=int)]
    for _ in range(MOST_MOVES):
        gain = weight[mine] - child_price[child[mine]]
        over = gain > home_price[home[mine]]
        raised, best = _best_of_each(home[mine[over]], gain[over], len(home_price))
        if len(raised) == 0:
            break
        moved_by.append(mine[over][best])
        home_price[raised] = gain[over][best]
        lives = chosen[np.isin(home[chosen], raised)]
        child_price[child[lives]] = weight[lives] - home_price[home[lives]]
        of_moved = np.zeros(len(network.must), dtype=bool)
        of_moved[child[lives]] = True
        mine = np.flatnonzero(of_moved[child] & filled[home])
    return home_price, np.concatenate(moved_by)


def _fallen(
    home_price: np.ndarray, network: Network, weight: np.ndarray, chosen: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Prices lowered until no child would rather leave, and the pairs that lowered them."""
    child, home = network.child, network.home
    starts = np.searchsorted(child, child[chosen])
    ends = np.searchsorted(child, child[chosen], side="right")
    span = ends - starts
    first = np.cumsum(span) - span
    mine = np.repeat(starts - first, span) + np.arange(span.sum())
    least = np.where(network.must[child[chosen]], np.iinfo(np.int64).min // 2, 0)
    moved_by = [np.zeros(0, dtype=int)]
    for _ in range(MOST_MOVES if len(chosen) else 0):
        gain = weight[mine] - home_price[home[mine]]
        elsewhere = np.maximum(np.maximum.reduceat(gain, first), least)
        leaves = np.flatnonzero(elsewhere > weight[chosen] - home_price[home[chosen]])
        if len(leaves) == 0:
            break
        of_best = gain == np.repeat(elsewhere, span)
        of_best &= np.repeat(np.isin(np.arange(len(chosen)), leaves), span)
        pairs = mine[of_best]
        moved_by.append(pairs[np.unique(child[pairs], return_index=True)[1]])
        np.minimum.at(home_price, home[chosen[leaves]], weight[chosen[leaves]] - elsewhere[leaves])
        if (home_price < 0).any():
            break
    return home_price, np.concatenate(moved_by)


def _best_of_each(groups: np.ndarray, figures: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The groups that there are, and the position of the largest figure of each."""
    most = np.full(count, np.iinfo(np.int64).min)
    np.maximum.at(most, groups, figures)
    best = np.flatnonzero(figures == most[groups])
    names, first = np.unique(groups[best], return_index=True)
    return names, best[first]


def _prove(prices: Prices, network: Network, weight: np.ndarray, filled: np.ndarray) -> bool:
    """No pair is worth more than its prices, and only what is used up has one; those chosen are worth just theirs."""
    return bool(
        (prices.loss(network, weight) >= 0).all()
        and (prices.child[~network.must] >= 0).all()
        and (prices.home >= 0).all()
        and not prices.home[~filled].any()
    )
