"""The lever that is turned: any number of a scenario by its dotted name, its steps, and the scenario with it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sufficiency.errors import Fault, InputError
from sufficiency.goals.fields import POINT, bounds_of, field_of, is_lever, is_share, natural_step, unit_of
from sufficiency.lever import Lever
from sufficiency.scenario import ARRAYS, Scenario

PATH: Final = re.compile(r"(?P<setting>[\w.]+?)(?:\[(?P<which>[^\]]*)\]\.(?P<field>\w+))?(?:\[(?P<year>\d+)\])?")
GROUPS: Final = ("demand", "supply", "recruitment", "market", "matching", "finance")
"""Groups of settings whose name says nothing that the setting's own name does not."""

NOT_LEVERS: Final = ("horizon", "targets")

CONVERSION: Final = "_to_"
"""In the name of a share of those who go on from one stage to the next: at none at all, no number would be enough."""

REACH: Final = 4
"""Up to how many times its present value a lever is tried unless the caller says otherwise."""

FEW: Final = 10
"""A count below this is tried as if it were this many."""


@dataclass(frozen=True)
class Varied:
    """A lever and the values to try, ``low + step × 0, 1, … last``.

    ``setting``: dotted name. ``which``: of settings that stand under ``[[…]]``, the name of the one, and ``field`` what
    of it. ``year``: position of the one year that is set; none for all. ``unit`` as in the setting's sentence;
    ``percent``: whether people write it as a percentage.
    """

    setting: str
    which: str | None
    field: str | None
    year: int | None
    unit: str
    percent: bool
    low: float
    step: float
    last: int

    def value(self, position: int) -> float:
        """The value at a position of the grid, free of the noise of adding up steps; whole where steps are."""
        value = round(self.low + position * self.step, 10)
        return int(value) if self.low.is_integer() and self.step.is_integer() else value

    def position(self, value: float | None) -> int | None:
        """Position of a value on the grid; none when it is not there."""
        if value is None or not self.low <= value <= self.value(self.last):
            return None
        nearest = round((value - self.low) / self.step)
        return nearest if self.value(nearest) == value else None

    @property
    def path(self) -> str:
        """The lever as its user writes it."""
        year = "" if self.year is None else f"[{self.year}]"
        return f"{self.setting}{f'[{self.which}].{self.field}' if self.field else ''}{year}"

    @property
    def label(self) -> str:
        """Name in words: that of the setting, with its group's where that tells more."""
        names = [part for part in self.setting.split(".") if part not in GROUPS] + ([self.field] if self.field else [])
        named = [f"“{self.which}”", *names[1:]] if self.field and self.which else names
        year = "" if self.year is None else f" in year {self.year + 1} of the projection"
        return f"{' '.join(named).replace('_', ' ')}{year}"

    def shown(self, value: float) -> str:
        """A value as people write it."""
        if self.percent:
            return f"{100 * value:.6g}%"
        sign = "£" if self.unit.startswith("£") else "×" if self.unit.startswith("multiplier") else ""
        return f"{sign}{value:,.10g}"

    def put(self, scenario: Scenario, value: float, why: str) -> Scenario:
        """The scenario with the lever at a value; raises :class:`InputError` for a value out of bounds."""
        if self.field is None:
            lever = _value_at(scenario, self.setting)
            return scenario.with_changes({self.setting: self._set(lever, value, scenario.horizon.years)}, why)
        several = _several(scenario, self.setting)
        tables = [one.model_dump() for one in several]
        position = [_named(one) for one in several].index(str(self.which))
        lever = getattr(several[position], self.field)
        tables[position] |= {self.field: self._set(lever, value, scenario.horizon.years)}
        return scenario.with_changes({self.setting: tables}, why)

    def _set(self, now: Any, value: float, years: int) -> Any:
        if self.year is None:
            return int(value) if isinstance(now, int) else value
        values = [now.low[min(year, len(now.low) - 1)] for year in range(years)]
        values[self.year] = value
        return values

    def _lever(self, scenario: Scenario) -> Any:
        if self.field is None:
            return _value_at(scenario, self.setting)
        several = {_named(one): one for one in _several(scenario, self.setting)}
        return getattr(several[str(self.which)], self.field)

    def now(self, scenario: Scenario) -> float | None:
        """The lever's one present value; none for a range, for values that differ by year, and where it is not set."""
        lever = self._lever(scenario)
        if not isinstance(lever, Lever):
            return None if lever is None else float(lever)
        if self.year is not None:
            return lever.low[min(self.year, len(lever.low) - 1)]
        return lever.low[0] if len({*lever.low, *lever.high}) == 1 else None

    def stands(self, scenario: Scenario) -> str:
        """What stands in the scenario, in words."""
        lever = self._lever(scenario)
        if not isinstance(lever, Lever):
            return "nothing" if lever is None else self.shown(lever)
        joint = " to " if lever.low != lever.high else ", "
        values = (lever.low[0], lever.high[0]) if lever.low != lever.high else lever.low
        return joint.join(self.shown(value) for value in values)


def varied_of(
    scenario: Scenario, path: str, low: float | None = None, high: float | None = None, step: float | None = None
) -> Varied:
    """Find a lever by its dotted name, with the values to try.

    ``path``: ``supply.recruitment.attrition``; ``….approvals_per_year[2]`` for one year, counted from 0 as in a Python
    list; ``supply.homes[NAME].places`` for one of several. Raises :class:`InputError` with a suggestion for a name that
    is not there, for what is no number, and for limits or steps that make no sense.
    """
    parts = PATH.fullmatch(path.strip())
    if parts is None:
        raise _fault(path, "is no dotted name of a setting", "Write one such as supply.recruitment.attrition.")
    setting, which, field = parts["setting"], parts["which"], parts["field"]
    if setting.split(".")[0] in NOT_LEVERS:
        raise _fault(path, "is not a lever: it changes nothing in the world", "Name a setting of demand, supply, …")
    info, now = _found(scenario, setting, which, field)
    year = None if parts["year"] is None else int(parts["year"])
    _check_number(path, info, now, year, scenario.horizon.years)
    unit = unit_of(info)
    step = natural_step(info) if step is None else step
    if step is None or not (math.isfinite(step) and step > 0):
        asked = f"needs a step, its unit being {unit or 'none'}" if step is None else f"cannot go in steps of {step:g}"
        raise _fault(path, asked, "Give step (--step), a number above 0.")
    if low is None and CONVERSION in setting.rsplit(".", 1)[-1] and is_share(info):
        low = step
    low, high = _limits(path, info, now, step, low, high)
    last = math.floor((high - low) / step + 1e-9)
    varied = Varied(setting, which, field, year, unit, natural_step(info) == POINT, float(low), float(step), last)
    for value in (varied.value(0), varied.value(last)):
        _told_of_lever(path, partial(varied.put, scenario, value, "goal seek"))
    return varied


def _told_of_lever(path: str, change: Callable[[], Scenario]) -> None:
    """Faults of a change told as those of the lever."""
    try:
        change()
    except InputError as error:
        raise InputError(replace(fault, table=f"vary {path}", column="") for fault in error.faults) from None


def _found(scenario: Scenario, setting: str, which: str | None, field: str | None) -> tuple[FieldInfo, Any]:
    """The field and what stands in it."""
    path = setting if field is None else f"{setting}[{which}].{field}"
    if field is None:
        info = field_of(type(scenario), setting.split("."))
        if info is None:
            _told_of_lever(path, lambda: scenario.with_changes({setting: 1}))
            raise _fault(path, "is no number", "Name a setting that is one.")
        return info, _value_at(scenario, setting)
    if setting not in ARRAYS:
        raise _fault(path, f"there is no [[{setting}]]", f"Those that have names: {', '.join(ARRAYS)}.")
    there = {_named(one): one for one in _several(scenario, setting)}
    if which not in there:
        raise _fault(path, f"there is no {which} in {setting}", f"There: {', '.join(there) or 'none'}.")
    fields = ARRAYS[setting].model_fields
    if field not in fields:
        raise _fault(path, f"has no {field}", f"It has: {', '.join(fields)}.")
    return fields[field], getattr(there[which], field)


def _check_number(path: str, info: FieldInfo, now: Any, year: int | None, years: int) -> None:
    lever = isinstance(now, Lever) or is_lever(info)
    number = isinstance(now, int | float) and not isinstance(now, bool)
    if not lever and not number:
        fix = "Name one of its settings." if isinstance(now, BaseModel) else "Name a setting that is one number."
        raise _fault(path, "is not a number", fix)
    if year is None:
        return
    if not isinstance(now, Lever):
        raise _fault(path, "has no values by year", f"Leave out [{year}].")
    if now.low != now.high:
        raise _fault(path, "is a range, drawn once for all years", f"Leave out [{year}], or give a list by year.")
    if year >= years:
        raise _fault(path, f"is beyond the {years} years of the projection", f"Count from 0: [0] to [{years - 1}].")


def _limits(
    path: str, info: FieldInfo, now: Any, step: float, low: float | None, high: float | None
) -> tuple[float, float]:
    """The ends given, or else from the least allowed, though not below none, to a few times the present value."""
    bounds = bounds_of(info)
    if low is None:
        low = step if bounds.open else max(bounds.least, 0.0)
    if high is None:
        most = max(now.high) if isinstance(now, Lever) else float(now or 0)
        reach = REACH * (max(most, FEW) if natural_step(info) == 1 else most)
        high = 1.0 if is_share(info) else min(reach, bounds.most)
    if not (math.isfinite(low) and math.isfinite(high) and high - low >= step):
        says = f"cannot be tried from {low:g} to {high:g} in steps of {step:g}"
        raise _fault(path, says, "Give low and high (--low, --high) at least one step apart.")
    return low, high


def _value_at(scenario: Scenario, setting: str) -> Any:
    value: Any = scenario
    for part in setting.split("."):
        value = getattr(value, part)
    return value


def _several(scenario: Scenario, setting: str) -> tuple[Any, ...]:
    return tuple(_value_at(scenario, setting))


def _named(one: Any) -> str:
    return str(getattr(one, "name", None) or one.home_id)


def _fault(path: str, says: str, fix: str) -> InputError:
    return InputError([Fault("G05", f"vary {path}", "", (), says, fix)])
