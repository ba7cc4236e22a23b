"""Random streams, one per purpose, so that two scenarios meet the same chance wherever their levers agree."""

from __future__ import annotations

from typing import Final
from zlib import crc32

import numpy as np


def stream(seed: int, *purpose: str | int) -> np.random.Generator:
    """Generator for one purpose under one seed, e.g. ``stream(903, "supply", "attrition")``.

    The purpose becomes the spawn key of a :class:`numpy.random.SeedSequence`: streams do not overlap, and adding a
    new purpose leaves the others as they were (common random numbers).
    """
    key = tuple(part if isinstance(part, int) else crc32(part.encode()) for part in purpose)
    return np.random.default_rng(np.random.SeedSequence(entropy=seed, spawn_key=key))


def child_keys(seed: int, *parts: np.ndarray) -> np.ndarray:
    """A 64-bit key per child (or event) from whole-number arrays that name it, alike whatever runs beside it."""
    key: np.ndarray | np.uint64 = np.uint64(seed)
    for part in parts:
        key = _mixed(key ^ _mixed(np.asarray(part).astype(np.uint64)))
    return np.asarray(key, dtype=np.uint64)


def chance(keys: np.ndarray, purpose: str, month: int | np.ndarray = 0) -> np.ndarray:
    """Uniform numbers in [0, 1), one per key: a child meets the same chance in every scenario and any process.

    ``month``: the month, or whatever else counts the occasions, one for all or one per key.
    """
    with np.errstate(over="ignore"):
        salt = _mixed(np.uint64(crc32(purpose.encode())) + np.asarray(month).astype(np.uint64) * _GOLDEN)
    return (_mixed(keys ^ salt) >> np.uint64(11)) * 2.0**-53


_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)


def _mixed(bits: np.ndarray | np.uint64) -> np.ndarray:
    """The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): a counter in, random bits out."""
    with np.errstate(over="ignore"):
        bits = bits + _GOLDEN
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(bits ^ (bits >> np.uint64(31)))
