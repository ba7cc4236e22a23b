"""Rivals that see a network, where every child takes one place: OR-Tools' flow and SciPy's bipartite matching.

Both take the aims in order as one whole-number cost: a child more near home outweighs what all together can cost, a
child more with a home outweighs both.
"""

from __future__ import annotations

import numpy as np

from benchmarks.matching.allowed import Allowed


def by_flow(allowed: Allowed) -> np.ndarray:
    """Home of each child, −1 for none, by OR-Tools' flow of most children at least cost."""
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

    children, homes = len(allowed.must), len(allowed.places)
    cost, too_much = _one_cost(allowed)
    cost -= too_much * allowed.must[allowed.child]
    flow, sink = SimpleMinCostFlow(), children + homes
    pairs = flow.add_arcs_with_capacity_and_unit_cost(
        allowed.child, allowed.home + np.int32(children), np.ones(len(cost), dtype=np.int64), cost
    )
    ends = np.full(homes, sink, dtype=np.int32)
    every = np.arange(children, sink, dtype=np.int32)
    flow.add_arcs_with_capacity_and_unit_cost(
        every, ends, allowed.places.astype(np.int64), np.zeros(homes, dtype=np.int64)
    )
    supplies = np.r_[np.ones(children), np.zeros(homes), -children].astype(np.int64)
    flow.set_nodes_supplies(np.arange(sink + 1, dtype=np.int32), supplies)
    if flow.solve_max_flow_with_min_cost() != flow.OPTIMAL:
        raise RuntimeError("the flow has no optimum")
    used = np.flatnonzero(flow.flows(pairs))
    home = np.full(children, -1)
    home[allowed.child[used]] = allowed.home[used]
    return home


def by_bipartite(allowed: Allowed) -> np.ndarray:
    """Home of each child by SciPy's shortest augmenting paths: a column a place, and one for each child without."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    children, homes = len(allowed.must), len(allowed.places)
    cost, too_much = _one_cost(allowed)
    copies = allowed.places[allowed.home]
    first = np.r_[0, allowed.places.cumsum()]
    row = np.repeat(allowed.child, copies)
    column = np.repeat(first[allowed.home] - np.r_[0, copies.cumsum()[:-1]], copies) + np.arange(copies.sum())
    without = np.flatnonzero(~allowed.must)
    rows, columns = np.r_[row, without], np.r_[column, first[-1] + without]
    weights = np.r_[np.repeat(cost, copies), np.full(len(without), too_much)].astype(float)
    shape = (children, int(first[-1]) + children)
    who, place = min_weight_full_bipartite_matching(csr_array((weights, (rows, columns)), shape=shape))
    home = np.full(children, -1)
    home[who] = np.repeat(np.arange(homes + 1), np.r_[allowed.places, children])[place]
    home[home == homes] = -1
    return home


def _one_cost(allowed: Allowed) -> tuple[np.ndarray, int]:
    """Cost of each pair, at least 1, with distance before pence; and more than an answer can cost at all."""
    dearest = np.zeros(len(allowed.must), dtype=np.int64)
    np.maximum.at(dearest, allowed.child, allowed.pence)
    far = int(dearest.sum()) + 1
    cost = allowed.pence + far * ~allowed.near + 1
    return cost, (far + int(dearest.max(initial=0)) + 1) * len(dearest) + 1
