"""The readable Pyomo model asked about an answer: are its rows kept, and does HiGHS reach no more on it?"""

from __future__ import annotations

import numpy as np

from sufficiency.errors import SolverError
from sufficiency.matching.instance import Instance
from sufficiency.matching.model import matching_model
from sufficiency.matching.narrow import fits
from sufficiency.matching.optimum import BY_PRICES, Best
from sufficiency.matching.solve import SAFE, from_pyomo, relaxed_bounds


def state(instance: Instance, found: Best, deadline: float) -> None:
    """Hold an answer against the Pyomo model of the pairs and columns near it, and against the bounds there.

    Where whole numbers were needed for the proof, the bound is above the value, and later objectives are not bounded.
    Raises :class:`~sufficiency.errors.SolverError` when the model refuses the answer, or knows of a better one.
    """
    pairs = len(instance.pair_child)
    programme, variables = from_pyomo(matching_model(instance.kept(found.near[:pairs], found.near[pairs:])))
    chosen = found.chosen[found.near]
    values = {name: int(weights[chosen].sum()) for name, weights in programme.aims.items()}
    if len(variables) != len(chosen) or not fits(programme, chosen) or values != dict(found.values):
        raise SolverError("The model does not accept the answer; no plan is given. Please report this.")
    bounds = relaxed_bounds(programme, values, deadline)
    for name, bound in bounds.items():
        most = np.floor(bound + SAFE)
        if most < values[name] or (most > values[name] and found.proofs[name] == BY_PRICES):
            raise SolverError(f"The model and the proof of {name} disagree; no plan is given. Please report this.")
