"""When placements end and what kind the next one is: the first draft, before the kinds are counted each 31 March."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from sufficiency.sample.chance import draw
from sufficiency.sample.targets import Targets

STAYS: Final[Mapping[str, tuple[tuple[float, float], ...]]] = {
    "fostering": ((0.20, 40.0), (0.45, 330.0), (0.35, 2400.0)),
    "residential": ((0.15, 60.0), (0.50, 420.0), (0.35, 1500.0)),
    "supported": ((0.2, 80.0), (0.8, 500.0)),
    "with_parents": ((0.3, 90.0), (0.7, 400.0)),
    "other": ((0.8, 50.0), (0.2, 200.0)),
}
"""Mixtures of exponential stays: (share, mean days). Tuned until the completed placements in the returns have the
published medians and means (fostering 174 and 406 days, children's homes 263 and 444)."""

STAY_GROUP: Final = {
    "kinship": "fostering",
    "in_house_fostering": "fostering",
    "ifa": "fostering",
    "secure": "other",
    "adoption": "with_parents",
}
AGE_WEIGHT: Final[Mapping[str, Mapping[str, float]]] = {
    "kinship": {"under 1": 2.0, "1-4": 2.0, "5-9": 1.3, "10-15": 0.7, "16-17": 0.4},
    "in_house_fostering": {"under 1": 2.5, "1-4": 1.8, "5-9": 1.2, "10-15": 0.8, "16-17": 0.6},
    "ifa": {"under 1": 0.6, "1-4": 0.9, "5-9": 1.3, "10-15": 1.2, "16-17": 0.8},
    "residential": {"under 1": 0.0, "1-4": 0.0, "5-9": 0.25, "10-15": 1.7, "16-17": 1.0},
    "supported": {"under 1": 0.0, "1-4": 0.0, "5-9": 0.0, "10-15": 0.0, "16-17": 4.0},
    "secure": {"under 1": 0.0, "1-4": 0.0, "5-9": 0.0, "10-15": 1.0, "16-17": 1.0},
    "with_parents": {"under 1": 1.0, "1-4": 1.2, "5-9": 1.0, "10-15": 1.0, "16-17": 1.0},
    "adoption": {"under 1": 0.0, "1-4": 0.0, "5-9": 0.0, "10-15": 0.0, "16-17": 0.0},
    "other": {"under 1": 1.0, "1-4": 0.3, "5-9": 0.3, "10-15": 1.0, "16-17": 1.5},
}
"""How common a kind is at an age against its share of all ages: an assumption in the shape of the national tables."""

STICKINESS: Final = 4.0
"""How much likelier a move is to the same kind again: an assumption."""

UASC_WEIGHT: Final = {"supported": 3.0, "ifa": 2.0, "in_house_fostering": 0.3, "other": 0.2}


def stay_days(kind: str, rng: np.random.Generator) -> int:
    """A drawn length of stay, at least a day."""
    mixture = STAYS[STAY_GROUP.get(kind, kind)]
    mean = draw(rng, {mean: share for share, mean in mixture})
    return 1 + int(rng.exponential(mean))


def kind_weights(targets: Targets, year: int, band: str, uasc: bool, before: str) -> dict[str, float]:
    """Chance of each kind for a new placement: the year's mix, shaped by age and by the kind before."""
    mix = targets.counts("kind", year)
    weights = {kind: (count + 0.2) * AGE_WEIGHT[kind][band] for kind, count in mix.items()}
    if uasc:
        weights = {kind: weights[kind] * UASC_WEIGHT.get(kind, 0.0) for kind in weights}
    if before in weights:
        weights[before] *= STICKINESS
    return weights
