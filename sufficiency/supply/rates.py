"""The rates of the recruitment pipeline: the authority's own where it has cases, the national figures otherwise.

Read :func:`resolved` first. Every rate is the national figure (worth a stated number of cases) and the authority's own
cases weighed together; a lever that the scenario states wins over both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from sufficiency.lever import Lever
from sufficiency.recruitment import FROM_REGISTER, Recruitment
from sufficiency.supply.national import national_figures
from sufficiency.supply.register import known_on
from sufficiency.supply.register_rates import Rate, rates_from_register

SHARES: Final = ("enquiry_to_application", "application_to_approval", "attrition")
MONTHS: Final = ("months_enquiry_to_application", "months_application_to_approval")
LONGEST_DELAY: Final = 36.0
"""As far as the settings of the delays go [months]."""
MOST: Final = 10.0
"""As far as a multiplier of attrition goes."""

_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "delay_spread": ("spread_enquiry_to_application", "spread_application_to_approval"),
    "places_per_household": tuple(f"approvals_places_{places}" for places in (1, 2, 3, 4)),
    "lower_levels": ("approvals_level_1", "approvals_level_2"),
    "attrition_by_years": ("attrition_under_1", "attrition_1_to_3", "attrition_3_to_5", "attrition_after_5"),
    "attrition_by_level": tuple(f"attrition_level_{level}" for level in (1, 2, 3)),
}
"""Setting → the rates that it is made of; every other setting is one rate of the same name."""


@dataclass(frozen=True)
class PipelineRates:
    """What the forecast uses for each rate of recruiting and keeping carers, and where it comes from."""

    rates: tuple[Rate, ...]

    def __getitem__(self, name: str) -> Rate:
        """The rate of that name; ``KeyError`` when there is none."""
        return {rate.rate: rate for rate in self.rates}[name]

    def table(self) -> pd.DataFrame:
        """``rate unit own_estimate cases national weight_of_own used low high source``, one row for each rate.

        ``used`` is in force, ``low`` to ``high`` its 80% range (both ends alike where one number is used). ``cases``
        are those of the register, in the unit that ``source`` names; ``own_estimate`` is empty where there are none.
        ``weight_of_own``: share of the register in what it and the national figure say together.
        """
        rows = pd.DataFrame([vars(rate) for rate in self.rates]).drop(columns="basis")
        return rows.rename(columns={"own": "own_estimate"}).astype({"own_estimate": "float"})


def resolved(
    settings: Recruitment, carers: pd.DataFrame | None, as_of: pd.Timestamp
) -> tuple[Recruitment, PipelineRates]:
    """The settings of recruitment with the register's rates in place of the national ones, and the rates.

    ``carers``: the register (none: national figures). A setting that the scenario states is kept. The register's
    shares, delays and attrition are 80% ranges, drawn once in each path; the mix of levels and places and the spread
    are its middle. Where attrition is stated, it falls on all alike unless the scenario states otherwise.
    """
    found = {rate.rate: rate for rate in rates_from_register(known_on(carers, as_of, settings.rate_years))}
    if settings.rates == "national":
        found = {name: _national(rate) for name, rate in found.items()}
    changes: dict[str, Any] = {}
    stated = settings.stated_rates()
    for setting in FROM_REGISTER:
        names = _PARTS.get(setting, (setting,))
        if setting in stated:
            found |= _in_scenario(settings, setting, [found[name] for name in names], found)
        elif settings.rates == "register" and any(found[name].cases for name in names):
            changes[setting] = _value(setting, [found[name] for name in names], found["attrition"].used)
    return settings.model_copy(update=changes), PipelineRates(tuple(found.values()))


def _value(setting: str, rates: list[Rate], attrition: float) -> Any:
    """What the setting becomes."""
    if setting in SHARES + MONTHS:
        return Lever((rates[0].low,), (rates[0].high,), 0.0, 1.0 if setting in SHARES else LONGEST_DELAY)
    used = np.array([rate.used for rate in rates])
    if setting == "delay_spread":
        return float(np.average(used, weights=[rate.cases for rate in rates]))
    if setting == "attrition_by_years":
        used = np.minimum(used / attrition, MOST)
    elif setting != "attrition_by_level":
        used = used / used.sum()
    return tuple(float(one) for one in np.minimum(used, MOST))


def _national(rate: Rate) -> Rate:
    source = national_figures()[rate.basis].cited()
    return replace(rate, weight_of_own=0.0, used=rate.national, low=rate.national, high=rate.national, source=source)


def _in_scenario(settings: Recruitment, setting: str, rates: list[Rate], found: Mapping[str, Rate]) -> dict[str, Rate]:
    """The rates as the scenario states them, by name."""
    value: Any = getattr(settings, setting)
    passed = settings.passed() if setting == "application_to_approval" else None
    if passed is not None:
        ends = [tuple(float(np.prod([getattr(one, end)[0] for one in passed])) for end in ("low", "high"))]
    elif isinstance(value, Lever):
        ends = [(value.low[0], value.high[0])]
    else:
        scale = {"attrition_by_years": found["attrition"].used, "lower_levels": 1 - found["approvals_level_3"].used}
        parts = value if isinstance(value, tuple) else [value] * len(rates)
        ends = [2 * (part * scale.get(setting, 1.0),) for part in parts]
    return {
        rate.rate: replace(
            rate, weight_of_own=0.0, used=(low + high) / 2, low=low, high=high, source="stated in the scenario"
        )
        for rate, (low, high) in zip(rates, ends, strict=True)
    }
