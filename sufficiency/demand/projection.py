"""From records and settings to a projection: who is in care now, at what rates, with what shocks, over what months."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from sufficiency.calendar import days, month_ends
from sufficiency.demand.answer import Demand
from sufficiency.demand.entries import Entries, estimate_entries
from sufficiency.demand.history import Starters, child_months, spells_of, starters, window_of
from sufficiency.demand.movement import known_movement
from sufficiency.demand.parameters import draw_parameters
from sufficiency.demand.people import who_they_are
from sufficiency.demand.population import exposure_of, past_population
from sufficiency.demand.rates import Exits, estimate_exits
from sufficiency.demand.simulation import simulate
from sufficiency.demand.state import ChildrenNow
from sufficiency.errors import Fault, InputError
from sufficiency.records.model import Records
from sufficiency.scenario import Scenario
from sufficiency.settings import Demand as DemandSettings
from sufficiency.stamp import stamp_of
from sufficiency.vocabulary import KINDS


def project(records: Records, scenario: Scenario, *, spells: bool = True) -> Demand:
    """Project the children looked after, monthly, for the scenario's horizon.

    The projection starts from the children in care on the as-of day, as the records then stood: nothing after it is
    used. ``spells``: whether to keep who lives in which kind of placement (needed to place children), or the counts
    alone. Raises :class:`InputError` when there is less than a year of returns before the as-of day, or nobody has
    ever started.
    """
    horizon, settings = scenario.horizon, scenario.demand
    as_of = pd.Timestamp(horizon.as_of) if horizon.as_of else records.data_to
    stood = records if as_of == records.data_to else records.as_of(as_of)
    fitted = fit(stood, as_of, settings)
    dates = month_ends(as_of, 12 * horizon.years)
    parameters = draw_parameters(
        fitted.entries, fitted.exits, stood.population, settings, dates, horizon.paths, horizon.seed
    )
    placements = _placements_now(stood, as_of)
    now = ChildrenNow(
        born=days(placements["date_of_birth"]),
        uasc=placements["uasc"].to_numpy(dtype=bool),
        kind=placements["kind"].cat.set_categories(list(KINDS)).cat.codes.to_numpy().astype(int),
        entered_care=days(placements["entered_care"]),
        entered_placement=days(placements["started"]),
    )
    simulated = simulate(now, fitted.started, parameters, days(dates), horizon.seed, spells=spells)
    return Demand(
        stamp=stamp_of(records, scenario),
        as_of=as_of,
        dates=dates,
        simulated=simulated,
        people=who_they_are(simulated, placements, fitted.started, stood, settings),
        placements_now=placements,
        history=_history(stood, as_of),
        exposure=exposure_of(stood.population, dates[-1]),
        past_movement=known_movement(stood, as_of),
    )


@dataclass(frozen=True)
class Fitted:
    """Rates of one authority, estimated."""

    started: Starters
    entries: Entries
    exits: Exits


def fit(records: Records, as_of: pd.Timestamp, settings: DemandSettings) -> Fitted:
    """Estimate every rate from the returns before ``as_of``, the last day that ``records`` cover."""
    window = window_of(records.coverage, as_of, settings.history_years)
    if not window.covered.any():
        raise InputError([_too_short(records, as_of)])
    started = starters(records, window)
    if len(started.stream) == 0:
        raise InputError([Fault("D02", "returns", "RNE", (), "no child has started (RNE S)", "Check the extract.")])
    middle = window.ends[:-1] + (window.ends[1:] - window.ends[:-1]) // 2
    calendar_month = middle.astype("datetime64[M]").astype(int) % 12
    at_risk = past_population(records.population, as_of, middle)
    return Fitted(
        started=started,
        entries=estimate_entries(started, window, calendar_month, at_risk, settings),
        exits=estimate_exits(child_months(spells_of(records), window), window, settings),
    )


def _too_short(records: Records, as_of: pd.Timestamp) -> Fault:
    first = records.coverage["first_day"].min()
    says = f"the returns begin on {first:%d %B %Y}, less than a year before {as_of:%d %B %Y}"
    return Fault("D01", "returns", "", (), says, "Add an earlier return, or choose a later as-of date.")


def _placements_now(records: Records, as_of: pd.Timestamp) -> pd.DataFrame:
    """Open placements on the as-of day with the child and the start of the period of care, in order of child."""
    placements = records.placements
    here = placements[(placements["started"] <= as_of) & (placements["ended"].isna() | (placements["ended"] > as_of))]
    periods = records.periods[["period", "started"]].rename(columns={"started": "entered_care"})
    table = here.merge(periods, on="period").merge(records.children.drop(columns="authority"), on="child_id")
    return table.sort_values(["child_id", "started"]).drop_duplicates("child_id", keep="last").reset_index(drop=True)


def _history(records: Records, as_of: pd.Timestamp) -> pd.DataFrame:
    """Children looked after at each year end of the past by age band and kind, for the chart's known part."""
    from sufficiency.demand.answer import count_stock

    year_ends = [as_of - pd.DateOffset(years=back) for back in range(len(records.years))]
    parts = [count_stock(_placements_now(records, day), day) for day in sorted(year_ends)]
    return pd.concat(parts, ignore_index=True)
