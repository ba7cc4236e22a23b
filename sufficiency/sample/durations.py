"""When placements end and what kind the next one is: the first draft, before the kinds are counted each 31 March."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from sufficiency.sample.chance import draw
from sufficiency.sample.targets import Targets

STAYS: Final[Mapping[str, tuple[tuple[float, float], ...]]] = {
    "fostering": ((0.09, 40.0), (0.28, 450.0), (0.63, 4500.0)),
    "residential": ((0.07, 60.0), (0.68, 430.0), (0.25, 1100.0)),
    "supported": ((0.5, 50.0), (0.5, 300.0)),
    "with_parents": ((0.3, 90.0), (0.7, 400.0)),
    "other": ((0.95, 15.0), (0.05, 150.0)),
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

SHORT_LIVED: Final = {"other": 55.0}
"""Children whom a kind takes in beyond its share of the stock, because its stays are short: tuned with the stays."""

UASC_WEIGHT: Final = {"supported": 3.0, "ifa": 2.0, "in_house_fostering": 0.3, "other": 0.2}


def stay_group(kind: str) -> str:
    """The mixture of stays that a kind draws from."""
    return STAY_GROUP.get(kind, kind)


def stay_days(kind: str, rng: np.random.Generator) -> int:
    """A drawn length of stay, at least a day."""
    mixture = STAYS[stay_group(kind)]
    mean = draw(rng, {mean: share for share, mean in mixture})
    return 1 + int(rng.exponential(mean))


def kind_weights(targets: Targets, year: int, band: str, uasc: bool, before: str) -> dict[str, float]:
    """Chance of each kind for a new placement: the year's mix, shaped by age and by the kind before."""
    mix = targets.counts("kind", year)
    weights = {kind: (count + 0.2 + SHORT_LIVED.get(kind, 0.0)) * AGE_WEIGHT[kind][band] for kind, count in mix.items()}
    if uasc:
        weights = {kind: weights[kind] * UASC_WEIGHT.get(kind, 0.0) for kind in weights}
    if before in weights:
        weights[before] *= STICKINESS
    return weights
