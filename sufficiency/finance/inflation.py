"""Price growth by kind of placement, month by month, in every path."""

from __future__ import annotations

from typing import Final

import numpy as np

from sufficiency.settings import Inflation
from sufficiency.streams import stream
from sufficiency.vocabulary import KINDS

OWN_RATE: Final = ("kinship", "in_house_fostering", "ifa", "residential", "supported")


def rate_name(kind: str) -> str:
    """The inflation setting that a kind follows: its own; secure homes as children's homes; the rest "other"."""
    if kind in OWN_RATE:
        return kind
    return "residential" if kind == "secure" else "other"


def growth(name: str, inflation: Inflation, years: int, paths: int, seed: int) -> np.ndarray:
    """Prices against those of the as-of day by path and month, shape (paths, 12 × years).

    The first year is at the prices of the as-of day; each anniversary raises them by the rate of the year then
    ended, as contracts and allowances are uplifted once a year.
    """
    rates = getattr(inflation, name).paths(years, paths, stream(seed, "lever", f"finance.inflation.{name}"))
    level = np.cumprod(np.concatenate([np.ones((paths, 1)), 1 + rates[:, :-1]], axis=1), axis=1)
    return np.repeat(level, 12, axis=1)


def growth_by_kind(inflation: Inflation, years: int, paths: int, seed: int) -> np.ndarray:
    """Price growth of every kind, shape (paths, months, kinds)."""
    by_name = {name: growth(name, inflation, years, paths, seed) for name in {rate_name(kind) for kind in KINDS}}
    return np.stack([by_name[rate_name(kind)] for kind in KINDS], axis=2)
