"""The answer of a goal seek: the value found, what was tried on the way, and the scenario with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from sufficiency.goals.search import Found, Tried, enough
from sufficiency.goals.target import Target
from sufficiency.goals.varied import Varied
from sufficiency.scenario import Scenario
from sufficiency.stamp import Stamp

RANGE: Final = (0.1, 0.5, 0.9)
"""Ends and middle of the range that tables show."""

TIMES: Final = {0.5: "one time in two", 0.75: "three times in four", 0.8: "four times in five",
                0.9: "nine times in ten", 0.95: "19 times in 20"}  # fmt: skip
TWO_SIDED_95: Final = 1.96


@dataclass(frozen=True)
class GoalSeek:
    """The least change of a lever that meets a target with a stated probability, or how close any value comes.

    ``before``: the scenario as it was, and ``as_it_stands`` its futures. ``year``: the financial year of the target.
    ``probability``: share of the futures that is to meet it. ``tried``: every value tried, in order.
    """

    stamp: Stamp
    before: Scenario
    varied: Varied
    target: Target
    year: str
    probability: float
    found: Found
    tried: tuple[Tried, ...]
    as_it_stands: Tried

    @property
    def met(self) -> bool:
        """Whether the value found meets the target with the probability asked."""
        return self.found.met

    @property
    def value(self) -> float:
        """The value found; when none meets the target, the one that comes closest."""
        return self.varied.value(self.found.position)

    @property
    def scenario(self) -> Scenario:
        """The scenario with the lever at the value found, under a name of its own and with the change in its list."""
        scenario = self.varied.put(self.before, self.value, f"goal seek: {self.target.text}")
        name = f"{self.before.name}, {self.varied.label} {self._shown(self.value)}"
        return scenario.model_copy(update={"name": name})

    def table(self) -> pd.DataFrame:
        """``setting value target financial_year``, ``share_of_futures_met``, ``middle low high`` (80% range of the
        measure, in its own unit) and ``meets``: a row for each value tried, in order."""
        ranges = np.quantile([one.measured for one in self.tried], RANGE, axis=1)
        return pd.DataFrame(
            {
                "setting": self.varied.path,
                "value": [one.value for one in self.tried],
                "target": self.target.text,
                "financial_year": self.year,
                "share_of_futures_met": [one.probability for one in self.tried],
                "middle": ranges[1],
                "low": ranges[0],
                "high": ranges[2],
                "meets": [enough(one.probability, self.probability) for one in self.tried],
            }
        )

    def summary(self) -> dict[str, Any]:
        """The answer as plain values, for a file."""
        return {
            "setting": self.varied.path,
            "target": self.target.text,
            "financial_year": self.year,
            "probability_asked": self.probability,
            "met": self.met,
            "value": self.value,
            "probability": self._at_value.probability,
            "probability_as_it_stands": self.as_it_stands.probability,
            "measure_with_the_probability_asked": self._at_value.reached(self.target, self.probability),
            "one_step_less": None if self._less is None else self._less.value,
            "probability_one_step_less": None if self._less is None else self._less.probability,
            "effect_turns_back": self.found.turns,
            "says": self.finding(),
            "cautions": self.cautions(),
        }

    def finding(self) -> str:
        """The answer in one sentence with its probability, and what one step less would give."""
        if self._changes_nothing:
            chance = f"is met in {_percent(self._at_value.probability)} of futures at any value"
            nothing = f"Changing {self.varied.label} makes no difference to it"
            return f"The target, {self._aim}, {chance}. {nothing}"
        if not self.met:
            return self._how_close()
        asked = TIMES.get(self.probability, f"in {_percent(self.probability)} of futures")
        if self._less is None:
            return f"Any {self.varied.label} from {self._ends} gives {self._aim}, {asked} or more often"
        met = f"({_percent(self._at_value.probability)} of futures)"
        side = "at least" if self.value > self._less.value else "at most"
        less = f"{self._shown(self._less.value)} gives {_percent(self._less.probability)}"
        return f"{self._name} of {side} {self._shown(self.value)} gives {self._aim}, {asked} {met}; {less}"

    def cautions(self) -> list[str]:
        """What to know before relying on the answer, a sentence each."""
        stands = self.as_it_stands.probability
        lines = [f"As the scenario stands, the target is met in {_percent(stands)} of futures"]
        if enough(stands, self.probability):
            lines[0] += ", enough without any change"
        if self.varied.now(self.before) is None:
            lines.append(f"The value holds in every year, in place of {self.varied.stands(self.before)}")
        paths = len(self._at_value.met)
        give = TWO_SIDED_95 * np.sqrt(self.probability * (1 - self.probability) / paths)
        lines.append(f"From {paths} futures a share is known to about {100 * give:.0f} percentage points either way")
        if self.found.turns:
            steps = f", every {_ordinal(self.found.stride)} step of it" if self.found.stride > 1 else ""
            lines.append(f"More of the lever does not always do more here, so the whole of it was tried{steps}")
        return lines

    def chart(self) -> Any:
        """The share of futures that meet the target, and the measure with its range, against the lever's value."""
        from sufficiency.figures import goal_lines

        rows = "; ".join(f"{self._shown(one.value)}: {_percent(one.probability)}" for one in self.tried)
        return goal_lines(
            self.table(),
            self.stamp,
            lever=f"{self._name}{f' [{self.varied.unit}]' if self.varied.unit else ''}",
            measure=f"{self._heading}, {self.year}",
            unit=self.target.measure.unit,
            lever_in_percent=self.varied.percent,
            asked=self.probability,
            number=self.target.number,
            chosen=self.value,
            title=self.finding(),
            notes=f"{'. '.join(self.cautions())}.",
            alt_text=f"{self.finding()}. Share of futures that meet the target by value: {rows}.",
        )

    def export(self, folder: str | Path) -> Path:
        """Write goal_seek.csv, summary.json and the chart into ``folder``, all or none.

        Raises :class:`~sufficiency.errors.InputError` when the folder cannot be written.
        """
        from sufficiency.report.goal_export import export_goal

        return export_goal(self, Path(folder))

    def __repr__(self) -> str:
        return ". ".join([self.finding(), *self.cautions(), self.stamp.source()])

    @property
    def _at_value(self) -> Tried:
        return next(one for one in self.tried if one.value == self.value)

    @property
    def _less(self) -> Tried | None:
        """The value one step off that does not meet the target; none where every value does, or none."""
        beside = [self.varied.value(self.found.position + step) for step in (-1, 1)]
        short = [one for one in self.tried if one.value in beside and not enough(one.probability, self.probability)]
        return short[0] if self.met and short else None

    @property
    def _changes_nothing(self) -> bool:
        first = self.tried[0].measured
        return all(np.array_equal(one.measured, first) for one in self.tried)

    def _how_close(self) -> str:
        best = self._at_value
        reached = self.target.measure.shown(best.reached(self.target, self.probability))
        side = "at least" if self.target.upward else "at most"
        return (
            f"No {self.varied.label} from {self._ends} gives {self._aim} often enough. The closest, "
            f"{self._shown(best.value)}, gives it in {_percent(best.probability)} of futures "
            f"({_percent(self.probability)} asked), and {side} {reached} in {_percent(self.probability)} of them"
        )

    @property
    def _ends(self) -> str:
        return f"{self._shown(self.varied.value(0))} to {self._shown(self.varied.value(self.varied.last))}"

    @property
    def _name(self) -> str:
        return f"{self.varied.label[0].upper()}{self.varied.label[1:]}"

    @property
    def _heading(self) -> str:
        return self.target.measure.heading(self.target.miles)

    @property
    def _aim(self) -> str:
        when = f"in {self.year}" if self.target.measure.yearly else f"at the end of {self.year}"
        return f"{self.target.words()} {when}"

    def _shown(self, value: float) -> str:
        return self.varied.shown(value)


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def _ordinal(number: int) -> str:
    return f"{number}{'th' if 10 <= number % 100 <= 20 else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
