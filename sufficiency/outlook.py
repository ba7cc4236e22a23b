"""The spine: one scenario carried from case records to a costed plan.

Read :func:`run` first: records → demand → supply → children placed in homes → cost, each a frozen answer whose paths
keep their number, so that every range is coherent with every other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pandas as pd

from sufficiency.answers import Changes, bought, changes_of, in_house, siblings
from sufficiency.demand import Demand, project
from sufficiency.errors import Fault, InputError
from sufficiency.finance import Budget, cost_of
from sufficiency.near_home import NearHome, near_home_of
from sufficiency.placing import Stays, place_children
from sufficiency.placing.loop import Progress
from sufficiency.ranges import summarise
from sufficiency.records.model import Records
from sufficiency.scenario import Scenario
from sufficiency.shortfall import Shortfall, shortfall_of
from sufficiency.stamp import Stamp, stamp_of
from sufficiency.supply import Supply, forecast_places
from sufficiency.vocabulary import KINDS
from sufficiency.workers import shared_by

if TYPE_CHECKING:
    from sufficiency.matching import Plan
    from sufficiency.measures import Measures


@dataclass(frozen=True)
class Outlook:
    """What a scenario comes to. Every part is an answer with tables; ``matching`` is the shortlist for children now.

    ``seconds``: time taken by each stage. ``stays`` and ``matching`` hold child-level rows and stay with the user.
    """

    scenario: Scenario
    records: Records
    stamp: Stamp
    demand: Demand
    supply: Supply
    stays: Stays
    shortfall: Shortfall
    near_home: NearHome
    budget: Budget
    matching: Plan | None
    seconds: Mapping[str, float]

    @property
    def measures(self) -> Measures:
        """The plan's measures: where each stands today and where it is heading."""
        from sufficiency.measures import measures_of

        return measures_of(self)

    @property
    def changes(self) -> Changes:
        """What makes each year's change in the children of a kind of placement."""
        step = self.scenario.horizon.step_months
        return changes_of(self.stays, self.supply.dates, self.supply.paths, step, self.stamp)

    def bought(self) -> pd.DataFrame:
        """Placements begun in no place of ours, by the rule that left the child out, by kind and financial year."""
        limit, step = self.scenario.matching.limit_miles, self.scenario.horizon.step_months
        return bought(self.stays, self.demand, self.supply, limit, step)

    def siblings(self) -> pd.DataFrame:
        """Brothers and sisters who come into care together: how many groups their first home keeps together."""
        group, step = self.demand.people.sibling_group, self.scenario.horizon.step_months
        return siblings(self.stays, group, self.supply.dates, self.supply.paths, step)

    def where_to_recruit(
        self,
        *,
        paths: int = 4,
        by: Sequence[str] = ("kind", "max_needs_level", "age_band", "area"),
        processes: int = 1,
        executor: Executor | None = None,
    ) -> pd.DataFrame:
        """Worth of one more place of ours by description at the year ends of some paths, best first; a valuation only
        (see :mod:`sufficiency.answers.recruit`). Takes about a second a year end and path.
        """
        from sufficiency.answers.recruit import where_to_recruit
        from sufficiency.answers.registers_then import Futures
        from sufficiency.placing.spill import with_estimates

        scenario = with_estimates(self.records, self.scenario)
        futures = Futures(self.records, scenario, self.demand, self.supply, self.stays)
        return where_to_recruit(futures, paths=paths, by=by, processes=processes, executor=executor)

    def map_of_recruitment(self, *, paths: int = 4, processes: int = 1, executor: Executor | None = None) -> Any:
        """What one more foster place of our own saves in each postcode district (see :meth:`where_to_recruit`)."""
        from sufficiency.answers.recruit_picture import BY, map_of_recruitment

        table = self.where_to_recruit(paths=paths, by=BY, processes=processes, executor=executor)
        return map_of_recruitment(table, self.stamp, self.scenario.matching.limit_miles)

    def placements(self, every: int = 3) -> pd.DataFrame:
        """Children by kind of placement as it follows from supply: ``date kind`` and ranges, by quarter."""
        stock = self.stays.stock(self.supply.paths, self.supply.months)[:, ::every]
        keys = pd.MultiIndex.from_product([self.supply.dates[::every], KINDS], names=["date", "kind"])
        return pd.concat([keys.to_frame(index=False), summarise(stock.reshape(len(stock), -1))], axis=1)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every table of the plan by name, tidy, without child-level rows."""
        return {
            "population": self.demand.population(),
            "flows": self.demand.flows(),
            "history": self.demand.history,
            "carers": self.supply.carers(),
            "carers_by_year": self.supply.funnel(),
            "recruitment_rates": self.supply.rates.table(),
            "places": self.supply.places(),
            "placements": self.placements(),
            "places_against_need": self.shortfall.table(),
            "places_against_need_by_level_and_age": self.shortfall.by("level", "age_band"),
            "changes_by_year": self.changes.table(),
            "placements_bought": self.bought(),
            "in_house": in_house(self.stays, self.supply.dates, self.supply.paths),
            "siblings": self.siblings(),
            "near_home": self.near_home.table(),
            "budget": self.budget.table(),
            "measures": self.measures.table(),
            "assumptions": self.scenario.assumptions(),
            "changes": self.scenario.changes,
        }

    def map(self) -> Any:
        """The shortlist for children now on a map, by area, with the circle of the limit; none without registers."""
        from sufficiency.report import map_of_matches

        return map_of_matches(self)

    def export(self, folder: str | Path) -> Path:
        """Write tables, charts, workbook and manifest into ``folder``; what was there is replaced as a whole.

        Raises :class:`InputError` when the folder cannot be written; the previous files are then as they were.
        """
        from sufficiency.report import export_outlook

        return export_outlook(self, Path(folder))

    def __repr__(self) -> str:
        ahead = self.demand.table().iloc[-1]
        cost = self.budget.total()[:, -1].mean() / 1e6
        return (
            f"{self.scenario.name}: {ahead['low']:.0f} to {ahead['high']:.0f} children looked after in "
            f"{ahead['year']:.0f} (80% range), £{cost:.1f}m in {self.budget.years[-1]}. {self.stamp.source()}"
        )


def run(
    records: Records,
    scenario: Scenario,
    *,
    processes: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
    demand: Demand | None = None,
    shortlist: bool = True,
) -> Outlook:
    """Carry one scenario from case records to a costed plan.

    ``processes`` shares the paths among that many; ``executor`` may be any executor of ``concurrent.futures``
    instead. The answer is the same whatever their number. ``demand``: the projection of a run on the same records
    with the same horizon and demand settings, to be used again. ``shortlist``: whether the children now are matched
    as well. Raises :class:`InputError` when the data lack what a stage needs (homes to match, prices to cost).
    """
    _check_registers(records)
    clock = _Clock()
    with shared_by(processes, executor) as workers:
        demand = demand or clock("demand", lambda: project(records, scenario, executor=workers))
        supply = clock("supply", lambda: forecast_places(records, scenario, demand))
        stays = clock(
            "placing",
            lambda: place_children(records, demand, supply, scenario, executor=workers, progress=progress),
        )
    shortfall = clock("shortfall", lambda: shortfall_of(stays, supply, records, demand))
    near_home = clock(
        "near home",
        lambda: near_home_of(
            stays, supply.dates, supply.paths, scenario.matching.limit_miles, scenario.horizon.step_months
        ),
    )
    budget = clock("finance", lambda: cost_of(stays, supply, scenario))
    tomorrow = demand.as_of + pd.Timedelta(days=1)
    matching = clock("matching", lambda: match_now(records, scenario, tomorrow)) if shortlist else None
    return Outlook(
        scenario=scenario,
        records=records,
        stamp=stamp_of(records, scenario),
        demand=demand,
        supply=supply,
        stays=stays,
        shortfall=shortfall,
        near_home=near_home,
        budget=budget,
        matching=matching,
        seconds=clock.seconds,
    )


def match_now(records: Records, scenario: Scenario, day: pd.Timestamp) -> Plan | None:
    """The shortlist on a day for the children of the register who need a home; none without the two registers."""
    if records.child_register is None or records.homes is None:
        return None
    from sufficiency.matching import match
    from sufficiency.matching.practice import practice_of

    return match(
        records.child_register,
        records.homes,
        limit_miles=scenario.matching.limit_miles,
        objectives=scenario.matching.objectives,
        as_of=day,
        prices=records.prices,
        time_limit_seconds=scenario.matching.time_limit_seconds,
        practice=practice_of(scenario.matching),
    )


def _check_registers(records: Records) -> None:
    """Everything that is missing for a whole run, in one message."""
    needed = {"homes.csv": records.homes, "prices.csv": records.prices}
    faults = [
        Fault("O01", name, "", (), "is not there, and a run needs it", f"Add {name} to the data folder.")
        for name, table in needed.items()
        if table is None
    ]
    if faults:
        raise InputError(faults)


class _Clock:
    """Seconds per stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def __call__(self, stage: str, work: Any) -> Any:
        begun = perf_counter()
        answer = work()
        self.seconds[stage] = round(perf_counter() - begun, 2)
        return answer
