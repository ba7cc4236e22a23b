"""What would change the projection most: each rate a little lower and higher, all else and all chance alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from sufficiency.demand.levers import BY_CHANCE
from sufficiency.demand.projection import project
from sufficiency.lever import Lever
from sufficiency.records.model import Records
from sufficiency.scenario import Scenario
from sufficiency.stamp import Stamp, stamp_of
from sufficiency.vocabulary import AGE_BANDS, EXIT_LABELS

PATHS: Final = 200
"""Simulated futures of each run: enough to put rates in order, since every run meets the same chance."""
WHY: Final = "sensitivity"
POPULATION: Final = "population"
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Sensitivity:
    """The total at the end of the projection, against that with one rate changed.

    ``change``: by how much each rate is lowered and raised [share]. ``effects``: the columns of :meth:`table`.
    """

    stamp: Stamp
    change: float
    end: pd.Timestamp
    children: float
    effects: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """``rate``, ``label``, ``way`` (down, up; for the population its low and high variant), ``children`` (mean at
        the end of the projection), ``effect`` (its mean difference from the projection itself), ``low`` ``high``
        (80% range of the difference path by path) [children]; what changes most comes first.
        """
        return self.effects

    def finding(self) -> str:
        """What would change most, in one sentence."""
        first = self.effects.iloc[0]
        rows = self.effects[self.effects["rate"] == first["rate"]].set_index("way")["effect"]
        what = "its low or its high variant" if first["rate"] == POPULATION else f"{self.change:.0%} less or more"
        return (
            f"{first['label']}: {what} changes the total in {self.end.year} by {rows.abs().mean():.0f} children, more "
            "than any other rate"
        )

    def chart(self) -> Any:
        """The effects as a tornado: one row a rate, what changes most on top."""
        from sufficiency.figures import tornado

        rows = "; ".join(f"{row.label} {row.way}: {row.effect:+.1f}" for row in self.effects.itertuples())
        notes = (
            f"Difference in children looked after on {self.end:%d %B %Y} ({self.children:.0f} in the projection) when "
            f"one rate is {self.change:.0%} lower or higher throughout and all else is alike; for the population, when "
            "its low or its high variant comes true. Ways out: the chance of leaving in a month. Thin lines: where 80 "
            "of 100 futures lie."
        )
        return tornado(
            self.effects, self.stamp, title=self.finding(), alt_text=f"{self.finding()}. {rows}.", notes=notes
        )


def sensitivity(
    records: Records,
    scenario: Scenario,
    change: float = 0.1,
    *,
    years: int = 5,
    paths: int = PATHS,
    progress: Progress | None = None,
) -> Sensitivity:
    """Project again with each rate lower and higher by ``change``, and tell what that does to the total.

    The rates: starts by age band, starts of unaccompanied children, the chance of each way out, moves, and the
    variants of the population. ``years`` ahead, ``paths`` futures for each run, whatever the scenario's horizon says;
    every run meets the same chance, so differences are the effect of the rate. ``progress`` is called with 1 after
    each run. Raises ``ValueError`` for a ``change`` that is not between 0 and 1, and what :func:`project` raises.
    """
    if not 0 < change < 1:
        raise ValueError(f"change is {change:g}; give a share between 0 and 1 (10% is 0.1)")
    base = scenario.with_changes({"horizon.years": years, "horizon.paths": paths}, why=WHY)
    total, end = _total(records, base)
    effects = []
    for rate, label, way, settings in _runs(base, change, with_population=records.population is not None):
        other, _ = _total(records, base.with_changes(settings, why=WHY))
        low, high = np.quantile(other - total, [0.1, 0.9])
        effects.append((rate, label, way, other.mean(), (other - total).mean(), low, high))
        if progress is not None:
            progress(1)
    names = ["rate", "label", "way", "children", "effect", "low", "high"]
    table = _largest_first(pd.DataFrame(effects, columns=names))
    return Sensitivity(stamp_of(records, base), change, end, float(total.mean()), table)


def _total(records: Records, scenario: Scenario) -> tuple[np.ndarray, pd.Timestamp]:
    """Children at the end of the projection in each path, and the day."""
    demand = project(records, scenario, spells=False)
    return demand.simulated.stock[:, -1].sum(axis=(1, 2)).astype(float), demand.dates[-1]


def _largest_first(effects: pd.DataFrame) -> pd.DataFrame:
    largest = effects.groupby("rate")["effect"].transform(lambda effect: effect.abs().max())
    order = effects.assign(largest=largest).sort_values("largest", ascending=False, kind="stable")
    return order.drop(columns="largest").reset_index(drop=True)


def _runs(base: Scenario, change: float, *, with_population: bool) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Every changed projection: rate, label, way and the settings that it changes."""
    ways = {"down": 1 - change, "up": 1 + change}
    for rate, label, what in _levers():
        for way, multiplier in ways.items():
            lever = {"name": f"{label}, {way}", "multiplier": multiplier, **what}
            yield rate, label, way, {"demand.levers": [*base.demand.model_dump()["levers"], lever]}
    for way, multiplier in ways.items():
        yield "moves", "Moves between placements", way, {"demand.moves": _times(base.demand.moves, multiplier)}
    if with_population:
        for way in ("low", "high"):
            weights = {f"demand.population_{name}": float(name == way) for name in ("low", "high")}
            yield POPULATION, "Child population", way, weights


def _levers() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Rates that a lever of ``demand.levers`` changes: name, label and what it works on."""
    for band in AGE_BANDS:
        ages = {"what": "entries", "ages": [band], "unaccompanied": False}
        yield f"started {band}", f"Starts, {'under 1' if band == 'under 1' else f'aged {band}'}", ages
    yield "started uasc", "Starts, unaccompanied", {"what": "entries", "unaccompanied": True}
    for reason in BY_CHANCE:
        yield reason, EXIT_LABELS[reason], {"what": "exits", "reasons": [reason]}


def _times(lever: Lever, multiplier: float) -> Lever:
    low, high = (tuple(value * multiplier for value in values) for values in (lever.low, lever.high))
    return Lever(low, high, lever.at_least, lever.at_most)
