"""The words that worlds and scores share; written a second time on purpose, as the check shares no code with the model.

A place in an array: ``BANDS`` and ``KINDS`` in the order of the library's own tables.
"""

from __future__ import annotations

from typing import Final

import numpy as np

BANDS: Final = ("under 1", "1-4", "5-9", "10-15", "16-17")
BAND_STARTS: Final = (0, 1, 5, 10, 16)
BAND_ENDS: Final = (1, 5, 10, 16, 18)
UASC_ROW: Final = len(BANDS)
"""Row of the unaccompanied asylum-seeking children in tables that have one beside the age bands."""

KINDS: Final = (
    "kinship",
    "in_house_fostering",
    "ifa",
    "residential",
    "supported",
    "secure",
    "with_parents",
    "adoption",
    "other",
)
KINSHIP, IN_HOUSE, IFA, RESIDENTIAL, SUPPORTED, SECURE, WITH_PARENTS, ADOPTION, OTHER = range(len(KINDS))

WAYS: Final = ("returned home", "guardian or arrangements order", "adopted", "other", "turned 18")
HOME, ORDER, ADOPTED, LEFT, GROWN_UP = range(len(WAYS))
"""Ways out of care."""

DAYS_IN_YEAR: Final = 365.25
HORIZONS: Final = (1, 2, 3, 4, 5)
"""Years ahead that are scored."""


def birthday(born: np.ndarray, age: int) -> np.ndarray:
    """Day number on which a child turns ``age``; born on 29 February counts 1 March in a common year."""
    born = born.astype("datetime64[D]")
    month = born.astype("datetime64[M]")
    return ((month + 12 * age).astype("datetime64[D]") + (born - month.astype("datetime64[D]"))).astype(np.int64)


def band_on(born: np.ndarray, day: int) -> np.ndarray:
    """Row in ``BANDS`` on a day, by the calendar."""
    return np.sum([birthday(born, age) <= day for age in BAND_STARTS[1:]], axis=0)


def band_of_age(age: np.ndarray) -> np.ndarray:
    """Row in ``BANDS`` for ages in years."""
    return np.searchsorted(BAND_STARTS[1:], age, side="right")
