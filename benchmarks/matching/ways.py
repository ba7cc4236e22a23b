"""The ways that are compared, by name, and which of them can take on which problem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import numpy as np

from benchmarks.matching.allowed import Allowed


@dataclass(frozen=True)
class Way:
    """One way from the allowed pairs to an answer.

    ``where``: module and function, loaded only in the process that needs it (two of the solvers' packages cannot be
    loaded into one process in every version). ``only_networks``: it has no words for siblings and children alone.
    ``sizes``: where it is worth the wait.
    """

    where: str
    only_networks: bool
    sizes: tuple[str, ...]

    def solver(self) -> Callable[[Allowed], np.ndarray]:
        """The function: allowed pairs → home of each child, −1 for none."""
        module, function = self.where.split(":")
        return getattr(import_module(f"benchmarks.matching.{module}"), function)


RIVALS = {
    "OR-Tools min-cost flow": Way("network:by_flow", True, ("authority", "loop", "region")),
    "SciPy bipartite matching": Way("network:by_bipartite", True, ("authority", "loop", "region")),
    "HiGHS called with arrays": Way("arrays:by_arrays", False, ("authority", "loop", "region")),
    "sparse Pyomo, usual interface": Way("modelled:by_sparse_pyomo", False, ("authority",)),
    "dense Pyomo, usual interface": Way("modelled:by_dense_pyomo", False, ("authority",)),
}

MATCH = "sf.match"
PRUNED = "HiGHS called with the arrays of the library's pruned model"
FRONTIER = "frontier of 20 points"
LOOP = "build_instance + solve_in_loop"


def rivals_for(size: str, network: bool) -> list[str]:
    """Names of the rivals that can take on a problem of a size."""
    return [name for name, way in RIVALS.items() if size in way.sizes and (network or not way.only_networks)]
