"""A lever: an assumption that a scenario may give as a number, a value per year, or a range."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import numpy as np
from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

TEN_TO_NINETY: Final = 2 * 1.2815515655446004
"""Standard deviations of a normal distribution between its 10th and 90th percentiles."""


@dataclass(frozen=True)
class Lever:
    """Values by year of the projection; ``low`` and ``high`` differ when the lever is an 80% range.

    A list shorter than the horizon goes on with its last value.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    at_least: float = -math.inf
    at_most: float = math.inf

    def __str__(self) -> str:
        if self.low != self.high:
            return f"{self.low[0]:g} to {self.high[0]:g}"
        return f"{self.low[0]:g}" if len(self.low) == 1 else ", ".join(f"{value:g}" for value in self.low)

    def paths(self, years: int, paths: int, generator: np.random.Generator) -> np.ndarray:
        """Values of shape (paths, years). A range is drawn once per path, log-normal where it is above zero."""
        position = np.clip(np.arange(years), None, len(self.low) - 1)
        low, high = np.array(self.low)[position], np.array(self.high)[position]
        if self.low == self.high:
            return np.broadcast_to(low, (paths, years)).copy()
        score = generator.standard_normal((paths, 1)) / TEN_TO_NINETY
        if low.min() > 0:
            values = np.exp((np.log(low) + np.log(high)) / 2 + score * (np.log(high) - np.log(low)))
        else:
            values = (low + high) / 2 + score * (high - low)
        return np.clip(values, self.at_least, self.at_most)

    def middle(self) -> float:
        """First year's value, or the middle of its range, for tables that show one figure."""
        return (self.low[0] + self.high[0]) / 2


FROM_RETURNS: Final = "from the returns"
"""What a scenario writes for a lever that is to be estimated from the authority's own returns."""


@dataclass(frozen=True)
class LeverFromReturns(Lever):
    """A lever that is to be estimated from the returns; until it is, its values are the assumption."""

    def __str__(self) -> str:
        return FROM_RETURNS


def _as_lever(at_least: float, at_most: float, hint: str) -> BeforeValidator:
    """Validator that turns a number, a list or a ``{ low, high }`` table into a :class:`Lever`."""

    def number(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ValueError(f"is {value!r}; give a number, a list of numbers by year, or {{ low = …, high = … }}")
        if not at_least <= value <= at_most:
            raise ValueError(f"is {value:g}; {hint}")
        return float(value)

    def validate(value: Any) -> Lever:
        if isinstance(value, Lever):
            return value
        if isinstance(value, Mapping):
            if set(value) != {"low", "high"}:
                raise ValueError("a range has exactly two settings: { low = …, high = … }")
            low, high = number(value["low"]), number(value["high"])
            if low > high:
                raise ValueError(f"has low {low:g} above high {high:g}; swap them")
            return Lever((low,), (high,), at_least, at_most)
        values = tuple(number(item) for item in (value if isinstance(value, list | tuple) else [value]))
        if not values:
            raise ValueError("is an empty list; give at least one value")
        return Lever(values, values, at_least, at_most)

    return BeforeValidator(validate)


def _plain(lever: Lever) -> Any:
    """The lever as it would stand in a scenario file."""
    if isinstance(lever, LeverFromReturns):
        return FROM_RETURNS
    if lever.low != lever.high:
        return {"low": lever.low[0], "high": lever.high[0]}
    return lever.low[0] if len(lever.low) == 1 else list(lever.low)


_SCHEMA = WithJsonSchema(
    {
        "anyOf": [
            {"type": "number"},
            {"type": "array", "items": {"type": "number"}},
            {"type": "object", "properties": {"low": {"type": "number"}, "high": {"type": "number"}}},
        ]
    }
)

_NOT_NEGATIVE = _as_lever(0.0, math.inf, "give a number that is not negative")
_PLAIN = PlainSerializer(_plain)

ShareLever = Annotated[Lever, _as_lever(0.0, 1.0, "give a share between 0 and 1 (14% is 0.14)"), _PLAIN, _SCHEMA]
CountLever = Annotated[Lever, _NOT_NEGATIVE, _PLAIN, _SCHEMA]
MoneyLever = Annotated[Lever, _NOT_NEGATIVE, _PLAIN, _SCHEMA]
MultiplierLever = Annotated[Lever, _as_lever(0.0, 10.0, "give a multiplier of 0 to 10 (1 = as now)"), _PLAIN, _SCHEMA]
GrowthLever = Annotated[Lever, _as_lever(-0.5, 1.0, "give a yearly rate of -0.5 to 1 (3% is 0.03)"), _PLAIN, _SCHEMA]
MonthsLever = Annotated[Lever, _as_lever(0.0, 36.0, "give 0 to 36 months"), _PLAIN, _SCHEMA]


def share_or_returns(assumed: float) -> BeforeValidator:
    """Validator that lets a share be given as "from the returns" too, with what is assumed until it is estimated."""

    def validate(value: Any) -> Any:
        asked = isinstance(value, str) and value == FROM_RETURNS
        return LeverFromReturns((assumed,), (assumed,), 0.0, 1.0) if asked else value

    return BeforeValidator(validate)
