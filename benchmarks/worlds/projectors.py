"""Ways to project a world: the library's own, and any ``module:function`` that answers alike.

A projector takes ``(records, as_of, paths, seed)``, where ``records`` are as they stood on ``as_of`` (a date), and
answers an array (paths, years + 1, bands, kinds) of children on ``as_of`` and on the same day of the years after it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from importlib import import_module
from typing import Any, Final

import numpy as np

from benchmarks.worlds.vocabulary import HORIZONS

Projector = Callable[[Any, date, int, int], np.ndarray]
DEFAULT: Final = "benchmarks.worlds.projectors:library"


def projector(name: str) -> Projector:
    """The callable that ``module:function`` names."""
    module, _, function = name.partition(":")
    return getattr(import_module(module), function)


def library(records: Any, as_of: date, paths: int, seed: int) -> np.ndarray:
    """``sufficiency.project`` with its default settings."""
    import sufficiency
    from sufficiency.scenario import Scenario

    horizon = {"as_of": as_of, "years": len(HORIZONS), "paths": paths, "seed": seed}
    demand = sufficiency.project(records, Scenario(name="Simulated council", horizon=horizon))
    return demand.simulated.stock[:, ::12]
