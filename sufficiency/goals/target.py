"""What is aimed at, as a director would write it: ``share_within_20_miles >= 80% by 2029-30``."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.errors import Fault, InputError
from sufficiency.goals.measured import MEASURES, Measured

ROUNDING: Final = 1e-9
"""Difference below which two numbers are the same."""

MONTHS: Final = 12
"""Months of a whole financial year."""

SENSES: Final = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}
FORM: Final = re.compile(
    r"\s*(?P<measure>[A-Za-z_]\w*)\s*(?P<sense>>=|<=|>|<)\s*(?P<number>[^\s]+)"
    r"(?:\s+(?:in|by)\s+(?P<year>\d{4}(?:[-/]\d{2})?))?\s*"
)
NUMBER: Final = re.compile(r"(?P<pound>£?)(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<unit>%|k|m|bn)?")
SCALES: Final = {"k": 1e3, "m": 1e6, "bn": 1e9}
MILES: Final = re.compile(r"(?P<measure>\w+)_within_(?P<miles>\d+(?:_\d+)?)_miles")
EXAMPLES: Final = '"share_within_20_miles >= 80% by 2029-30", "households >= 90" or "cost <= 28.5m in 2028-29"'


@dataclass(frozen=True)
class Target:
    """A measure, how it is to stand to a number, and the financial year (none: the last that the answer has).

    ``miles``: the limit near home that the scenario counts with.
    """

    text: str
    measure: Measured
    sense: str
    number: float
    year: str | None
    miles: float

    @property
    def upward(self) -> bool:
        """Whether more is better."""
        return self.sense.startswith(">")

    def met(self, values: np.ndarray) -> np.ndarray:
        """Whether each path's value meets the target."""
        ahead = values - self.number if self.upward else self.number - values
        return ahead >= -ROUNDING if self.sense.endswith("=") else ahead > ROUNDING

    def words(self) -> str:
        """The aim in words, e.g. ``at least 90 in-house households``."""
        return f"{SENSES[self.sense]} {self.amount(self.number)}"

    def amount(self, number: float) -> str:
        """A number of the measure in words."""
        return f"{self.measure.shown(number)} {self.measure.says.format(miles=f'{self.miles:g}')}"


def target_of(text: str, limit_miles: float) -> Target:
    """Read a target: ``<measure> (>=|<=|>|<) <number> [in|by <year>]``.

    A year is a financial year, ``2029-30``, or the one that ends in it, ``2030``. Money may end in ``k`` or ``m``, a
    share in ``%``. Raises :class:`InputError` for a text of another form, a measure that is not there, with those
    that are, or miles that are not the scenario's ``limit_miles``.
    """
    parts = FORM.fullmatch(_plain_signs(text))
    if parts is None:
        says = f"“{text}” is not a target"
        raise _fault("G01", says, f"Write a measure, one of >= <= > <, a number and perhaps a year: {EXAMPLES}.")
    measure = _measure_of(parts["measure"].lower(), limit_miles)
    number = _number_of(parts["number"], measure)
    year = financial_year_of(parts["year"]) if parts["year"] else None
    return Target(text.strip(), measure, parts["sense"], number, year, limit_miles)


def _plain_signs(text: str) -> str:
    return text.replace("≥", ">=").replace("≤", "<=").replace("–", "-")


def financial_year_of(year: str) -> str:
    """``2029-30`` for itself, for ``2029/30`` and for 2030, in which it ends; :class:`InputError` for another."""
    if len(year) == len("2030"):
        return f"{int(year) - 1}-{year[2:]}"
    first, last = int(year[:4]), int(year[5:])
    if (first + 1) % 100 != last:
        raise _fault("G02", f"{year} is not a financial year", f"Write {first}-{(first + 1) % 100:02d}.")
    return f"{first}-{last:02d}"


def year_among(target: Target, months: pd.Index) -> str:
    """The target's financial year, or else the last, of those that have a value.

    ``months``: financial year of every month projected. What adds up over a year has a value in whole years only.
    Raises :class:`InputError` when the year has none.
    """
    counts = months.value_counts(sort=False)
    years = [str(year) for year, count in counts.items() if count == MONTHS or not target.measure.yearly]
    if target.year is None and years:
        return years[-1]
    if target.year not in years:
        covered = f"The scenario has {years[0]} to {years[-1]}: choose one of those" if years else "Choose another day"
        asked = target.year or "any whole financial year"
        raise _fault("G02", f"{asked} is outside the years projected", f"{covered}, or change horizon.years.")
    return target.year


def _measure_of(name: str, limit_miles: float) -> Measured:
    miles = MILES.fullmatch(name)
    if miles is not None and f"{miles['measure']}_within_limit" in MEASURES:
        if float(miles["miles"].replace("_", ".")) != limit_miles:
            fix = f"Write {miles['measure']}_within_limit, or change matching.limit_miles."
            raise _fault("G03", f"{name} is not what the scenario counts: its limit is {limit_miles:g} miles", fix)
        name = f"{miles['measure']}_within_limit"
    if name not in MEASURES:
        near = difflib.get_close_matches(name, MEASURES, n=1)
        meant = f"Did you mean {near[0]}? " if near else ""
        raise _fault("G03", f"there is no measure {name}", f"{meant}The measures: {', '.join(MEASURES)}.")
    return MEASURES[name]


def _number_of(text: str, measure: Measured) -> float:
    parts = NUMBER.fullmatch(text)
    if parts is None:
        raise _fault("G04", f"{text} is not a number", "Write it in figures: 90, 80%, 0.8, 1,200 or 28.5m.")
    unit, number = parts["unit"], float(parts["digits"].replace(",", ""))
    if (unit in SCALES or parts["pound"]) and measure.unit != "£":
        raise _fault("G04", f"{text} is money, and {measure.name} is not", f"Give {measure.asks}.")
    if unit == "%" and measure.unit != "share":
        raise _fault("G04", f"{text} is a share, and {measure.name} is not", f"Give {measure.asks}.")
    if measure.unit == "share":
        number = number / 100 if unit == "%" else number
        if number > 1:
            raise _fault("G04", f"{text} is more than all", f"Give {measure.asks}.")
    return number * SCALES.get(unit, 1.0)


def _fault(code: str, says: str, fix: str) -> InputError:
    return InputError([Fault(code, "target", "", (), says, fix)])
