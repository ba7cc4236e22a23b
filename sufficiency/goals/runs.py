"""Futures of a scenario, as far as a measure needs them: what the lever leaves alone is worked out once."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace

import numpy as np
import pandas as pd

from sufficiency.calendar import financial_year, month_ends
from sufficiency.demand import Demand, project
from sufficiency.finance import cost_of
from sufficiency.goals.measured import Valued
from sufficiency.goals.target import Target, year_among
from sufficiency.outlook import Outlook, run
from sufficiency.placing.loop import Progress
from sufficiency.records.model import Records
from sufficiency.scenario import Scenario
from sufficiency.supply import forecast_places


class Runs:
    """Runs of scenarios that differ in one setting, and what a target's measure comes to in each.

    Children do not depend on any setting outside ``demand``, and who lives where on none of ``finance``: such a lever
    uses the same projection, or the same placements, for every value. Common random numbers make that exact.
    """

    def __init__(
        self,
        records: Records,
        scenario: Scenario,
        setting: str,
        target: Target,
        executor: Executor | None,
        progress: Progress | None,
    ) -> None:
        self.records, self.target, self.executor, self.progress = records, target, executor, progress
        self.group = setting.split(".")[0]
        self.year = year_among(target, _months(records, scenario))
        self.demand: Demand | None = None
        self.outlook: Outlook | None = None
        self.grain = 0.0

    def measured(self, scenario: Scenario) -> np.ndarray:
        """The measure in the target's year in every path of a scenario."""
        years, values, self.grain = self._valued(scenario)
        return values[:, years.index(self.year)]

    def _valued(self, scenario: Scenario) -> Valued:
        measure = self.target.measure
        if measure.stage == "placing":
            return measure.of(self._outlook(scenario))
        answer = self._demand(scenario) if measure.stage == "demand" else forecast_places(self.records, scenario)
        if self.progress is not None:
            self.progress(scenario.horizon.paths)
        return measure.of(answer)

    def _demand(self, scenario: Scenario) -> Demand:
        if self.demand is None or self.group == "demand":
            spells = self.target.measure.stage == "placing"
            self.demand = project(self.records, scenario, spells=spells, executor=self.executor)
        return self.demand

    def _outlook(self, scenario: Scenario) -> Outlook:
        if self.outlook is None or self.group != "finance":
            self.outlook = run(
                self.records,
                scenario,
                demand=self._demand(scenario),
                shortlist=False,
                executor=self.executor,
                progress=self.progress,
            )
            return self.outlook
        if self.progress is not None:
            self.progress(scenario.horizon.paths)
        before = self.outlook
        return replace(before, scenario=scenario, budget=cost_of(before.stays, before.supply, scenario))


def _months(records: Records, scenario: Scenario) -> pd.Index:
    """Financial year of every month of the projection."""
    horizon = scenario.horizon
    as_of = pd.Timestamp(horizon.as_of) if horizon.as_of else records.data_to
    return financial_year(month_ends(as_of, 12 * horizon.years)[1:])
