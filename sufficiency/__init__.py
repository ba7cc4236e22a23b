"""Placement sufficiency forecasting for children's services.

How many children will we look after in five years, what homes will they need, how many carers must we recruit and
where, which children can live within 20 miles of home, and what will it cost? Start with :func:`read_records`,
:func:`load_scenario` and :func:`run`. The library shortlists; a social worker decides.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sufficiency.assumptions import AssumptionSensitivity as AssumptionSensitivity
    from sufficiency.assumptions import assumption_sensitivity as assumption_sensitivity
    from sufficiency.demand import Demand as Demand
    from sufficiency.demand import project as project
    from sufficiency.demand.backtest import Backtest as Backtest
    from sufficiency.demand.backtest import backtest as backtest
    from sufficiency.demand.explain import Sensitivity as Sensitivity
    from sufficiency.demand.explain import sensitivity as sensitivity
    from sufficiency.demand.profile import Profile as Profile
    from sufficiency.demand.profile import profile as profile
    from sufficiency.demand.totals import Totals as Totals
    from sufficiency.demand.totals import TotalsSettings as TotalsSettings
    from sufficiency.demand.totals import project_totals as project_totals
    from sufficiency.demand.totals import read_panel as read_panel
    from sufficiency.errors import Fault as Fault
    from sufficiency.errors import InputError as InputError
    from sufficiency.errors import SolverError as SolverError
    from sufficiency.errors import SufficiencyError as SufficiencyError
    from sufficiency.goals import GoalSeek as GoalSeek
    from sufficiency.goals import goal_seek as goal_seek
    from sufficiency.matching import Change as Change
    from sufficiency.matching import Plan as Plan
    from sufficiency.matching import WhatIf as WhatIf
    from sufficiency.matching import match as match
    from sufficiency.matching import match_many as match_many
    from sufficiency.outlook import Outlook as Outlook
    from sufficiency.outlook import run as run
    from sufficiency.placing.spill import Spill as Spill
    from sufficiency.placing.spill import spill as spill
    from sufficiency.records import Records as Records
    from sufficiency.records import check as check
    from sufficiency.records import read_records as read_records
    from sufficiency.scenario import Scenario as Scenario
    from sufficiency.scenario import load_scenario as load_scenario
    from sufficiency.siting import Siting as Siting
    from sufficiency.siting import site as site
    from sufficiency.supply import Supply as Supply
    from sufficiency.supply import forecast_places as forecast_places

_HOME = {
    "AssumptionSensitivity": "assumptions",
    "Backtest": "demand.backtest",
    "Change": "matching",
    "Demand": "demand",
    "Fault": "errors",
    "GoalSeek": "goals",
    "InputError": "errors",
    "Outlook": "outlook",
    "Plan": "matching",
    "Profile": "demand.profile",
    "Records": "records",
    "Scenario": "scenario",
    "Sensitivity": "demand.explain",
    "Siting": "siting",
    "SolverError": "errors",
    "Spill": "placing.spill",
    "SufficiencyError": "errors",
    "Supply": "supply",
    "Totals": "demand.totals",
    "TotalsSettings": "demand.totals",
    "WhatIf": "matching",
    "assumption_sensitivity": "assumptions",
    "backtest": "demand.backtest",
    "check": "records",
    "forecast_places": "supply",
    "goal_seek": "goals",
    "load_scenario": "scenario",
    "match": "matching",
    "match_many": "matching",
    "profile": "demand.profile",
    "project": "demand",
    "project_totals": "demand.totals",
    "read_panel": "demand.totals",
    "read_records": "records",
    "run": "outlook",
    "sensitivity": "demand.explain",
    "site": "siting",
    "spill": "placing.spill",
}
"""Public name → module that holds it; each module is loaded when a name of its is first used."""

__all__ = [
    "AssumptionSensitivity",
    "Backtest",
    "Change",
    "Demand",
    "Fault",
    "GoalSeek",
    "InputError",
    "Outlook",
    "Plan",
    "Profile",
    "Records",
    "Scenario",
    "Sensitivity",
    "Siting",
    "SolverError",
    "Spill",
    "SufficiencyError",
    "Supply",
    "Totals",
    "TotalsSettings",
    "WhatIf",
    "assumption_sensitivity",
    "backtest",
    "check",
    "forecast_places",
    "goal_seek",
    "load_scenario",
    "match",
    "match_many",
    "profile",
    "project",
    "project_totals",
    "read_panel",
    "read_records",
    "run",
    "sensitivity",
    "site",
    "spill",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"sufficiency.{_HOME[name]}"), name)
    raise AttributeError(f"module 'sufficiency' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
