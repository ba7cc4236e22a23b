"""The register of carers as it stood on the as-of day, as days from it, for the estimates of :mod:`rates`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

DAYS_A_YEAR: Final = 365.25
DAYS_A_MONTH: Final = DAYS_A_YEAR / 12


@dataclass(frozen=True)
class CarerRegister:
    """One element per household or applicant.

    ``enquired``, ``applied``, ``approved``, ``left``: days from the as-of day, so never above 0; NaN where unknown or
    still to come. ``level``, ``places``: NaN where unknown. ``window``: the day from which rates are taken.
    """

    as_of: pd.Timestamp
    window: float
    enquired: np.ndarray
    applied: np.ndarray
    approved: np.ndarray
    left: np.ndarray
    level: np.ndarray
    places: np.ndarray

    def date(self, day: float) -> pd.Timestamp:
        """The date of a day."""
        return self.as_of + pd.Timedelta(days=day)


def known_on(carers: pd.DataFrame | None, as_of: pd.Timestamp, years: int) -> CarerRegister:
    """The register with what lay ahead of the as-of day left out; a column that is not there is unknown throughout."""
    carers = pd.DataFrame() if carers is None else carers

    def days(name: str) -> np.ndarray:
        if name not in carers:
            return np.full(len(carers), np.nan)
        day = (pd.to_datetime(carers[name]) - as_of).dt.days.to_numpy(dtype=float)
        return np.where(day <= 0, day, np.nan)

    def numbers(name: str) -> np.ndarray:
        if name not in carers:
            return np.full(len(carers), np.nan)
        return carers[name].astype("Float64").to_numpy(dtype=float, na_value=np.nan)

    return CarerRegister(
        as_of=as_of,
        window=float((as_of - pd.DateOffset(years=years) - as_of).days),
        enquired=days("enquired_on"),
        applied=days("applied_on"),
        approved=days("approved_on"),
        left=days("left_on"),
        level=numbers("level"),
        places=numbers("places"),
    )
