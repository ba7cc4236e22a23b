"""From records and settings to a projection: who is in care now, at what rates, with what shocks, over what months."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.calendar import days, month_ends
from sufficiency.demand.answer import Demand
from sufficiency.demand.basis import basis_of
from sufficiency.demand.entries import Entries, estimate_entries
from sufficiency.demand.history import Starters, Window, child_months, spells_of, starters, window_of
from sufficiency.demand.movement import known_movement
from sufficiency.demand.own_origins import balance_of, own_origins, yearly_totals
from sufficiency.demand.parameters import draw_parameters
from sufficiency.demand.people import People, who_they_are
from sufficiency.demand.population import exposure_of, past_population
from sufficiency.demand.rates import Exits, estimate_exits
from sufficiency.demand.record import Simulated
from sufficiency.demand.region import covered_on, one_of, people_of, region_of, seed_of, tells_of
from sufficiency.demand.simulation import simulate
from sufficiency.demand.state import ChildrenNow
from sufficiency.errors import Fault, InputError
from sufficiency.records.model import Records
from sufficiency.scenario import Scenario
from sufficiency.settings import Demand as DemandSettings
from sufficiency.stamp import stamp_of
from sufficiency.vocabulary import KINDS

MONTHS_NEEDED: Final = 12
"""Months of returns below which nothing is projected."""


def project(
    records: Records,
    scenario: Scenario,
    *,
    spells: bool = True,
    executor: Executor | None = None,
    progress: Callable[[int], None] | None = None,
) -> Demand:
    """Project the children looked after, monthly, for the scenario's horizon.

    The projection starts from the children in care on the as-of day, as the records then stood: nothing after it is
    used. Every authority of a region has rates and shocks of its own, and shares some of the shocks with the others;
    the paths of the region are their sums. ``spells``: whether to keep who lives in which kind of placement (needed
    to place children), or the counts alone. ``executor``: whatever of ``concurrent.futures`` shares the authorities
    of a region out; the answer is the same. ``progress`` is called with 1 for every authority done.

    Raises :class:`InputError` when there is less than a year of returns before the as-of day, or nobody has ever
    started, with every authority at fault in one message.
    """
    horizon = scenario.horizon
    as_of = pd.Timestamp(horizon.as_of) if horizon.as_of else records.data_to
    stood = records if as_of == records.data_to else records.as_of(as_of)
    dates = month_ends(as_of, 12 * horizon.years)
    there = covered_on(stood, as_of)
    faults = [fault for name in there for fault in too_short(one_of(stood, name), as_of, scenario.demand)]
    if faults:
        raise InputError(faults)
    parts = []
    tasks = [(one_of(stood, name), as_of, dates, scenario, spells, name if len(there) > 1 else "") for name in there]
    for part in map(_project_one, tasks) if executor is None else executor.map(_project_one, tasks):
        parts.append(part)
        if progress is not None:
            progress(1)
    return Demand(
        stamp=stamp_of(records, scenario),
        as_of=as_of,
        dates=dates,
        simulated=region_of([part.simulated for part in parts]),
        people=people_of([part.people for part in parts], [len(part.placements) for part in parts]),
        placements_now=pd.concat([part.placements for part in parts], ignore_index=True),
        history=_history(stood, as_of),
        exposure=exposure_of(stood.population, dates[-1]),
        past_movement=known_movement(stood, as_of),
        authorities=tuple(there),
        totals_by_authority=np.stack([part.simulated.stock.sum(axis=(2, 3)) for part in parts]),
        basis=pd.concat([part.basis for part in parts], ignore_index=True),
    )


@dataclass(frozen=True)
class _Part:
    """The projection of one authority."""

    simulated: Simulated
    people: People
    placements: pd.DataFrame
    basis: pd.DataFrame


def _project_one(task: tuple[Records, pd.Timestamp, pd.DatetimeIndex, Scenario, bool, str]) -> _Part:
    records, as_of, dates, scenario, spells, authority = task
    horizon, settings = scenario.horizon, scenario.demand
    placements = open_placements(records, as_of)
    totals = yearly_totals(known_movement(records, as_of), as_of, len(placements))
    fitted = fit(records, as_of, settings, balance_of(totals))
    own = own_origins(totals, settings, horizon.seed)
    parameters = draw_parameters(
        fitted.entries, fitted.exits, records.population, settings, dates, horizon.paths, horizon.seed,
        authority=authority, widen=own.widening,
    )  # fmt: skip
    now = ChildrenNow(
        born=days(placements["date_of_birth"]),
        uasc=placements["uasc"].to_numpy(dtype=bool),
        kind=placements["kind"].cat.set_categories(list(KINDS)).cat.codes.to_numpy().astype(int),
        entered_care=days(placements["entered_care"]),
        entered_placement=days(placements["started"]),
    )
    simulated = simulate(now, fitted.started, parameters, days(dates), seed_of(horizon.seed, authority), spells=spells)
    people = who_they_are(simulated, placements, fitted.started, records, settings)
    basis = basis_of(records, dates, fitted.window, fitted.entries, fitted.exits, own)
    return _Part(simulated, people, placements, basis)


@dataclass(frozen=True)
class Fitted:
    """Rates of one authority, estimated."""

    window: Window
    started: Starters
    entries: Entries
    exits: Exits


def fit(records: Records, as_of: pd.Timestamp, settings: DemandSettings, balance: float) -> Fitted:
    """Estimate every rate from the returns before ``as_of``, the last day that ``records`` cover.

    ``balance``: see :func:`~sufficiency.demand.own_origins.balance_of`.
    """
    window = window_of(records.coverage, as_of, settings.history_years)
    started = starters(records, window)
    middle = window.ends[:-1] + (window.ends[1:] - window.ends[:-1]) // 2
    calendar_month = middle.astype("datetime64[M]").astype(int) % 12
    at_risk = past_population(records.population, as_of, middle)
    return Fitted(
        window=window,
        started=started,
        entries=estimate_entries(started, window, calendar_month, at_risk, balance, settings),
        exits=estimate_exits(child_months(spells_of(records), window), window, settings),
    )


def too_short(records: Records, as_of: pd.Timestamp, settings: DemandSettings) -> list[Fault]:
    """Why the returns of an authority cannot be projected from: less than a year of them, or nobody who started."""
    name = f"returns of {records.authority}" if records.authority else "returns"
    window = window_of(records.coverage, as_of, settings.history_years)
    if window.covered.sum() < MONTHS_NEEDED:
        first = records.coverage["first_day"].min()
        says = f"the returns begin on {first:%d %B %Y}, less than a year before {as_of:%d %B %Y}"
        if window.months:
            says = f"of the {window.months} months before {as_of:%d %B %Y} only {window.covered.sum()} have a return"
        return [Fault("D01", name, "", (), says, "Add an earlier return, or choose a later as-of date.")]
    if not len(starters(records, window).stream):
        return [Fault("D02", name, "RNE", (), "no child has started (RNE S)", "Check the extract.")]
    return []


def open_placements(records: Records, as_of: pd.Timestamp) -> pd.DataFrame:
    """Open placements on the as-of day with the child and the start of the period of care, in order of child."""
    placements = records.placements
    here = placements[(placements["started"] <= as_of) & (placements["ended"].isna() | (placements["ended"] > as_of))]
    periods = records.periods[["period", "started"]].rename(columns={"started": "entered_care"})
    table = here.merge(periods, on="period").merge(records.children.drop(columns="authority"), on="child_id")
    return table.sort_values(["child_id", "started"]).drop_duplicates("child_id", keep="last").reset_index(drop=True)


def _history(records: Records, as_of: pd.Timestamp) -> pd.DataFrame:
    """Children looked after at each year end of the past that the returns tell of, by age band and kind."""
    from sufficiency.demand.answer import count_stock

    first = records.coverage["first_day"].min()
    year_ends = [as_of - pd.DateOffset(years=back) for back in range(as_of.year - first.year, -1, -1)]
    told = [day for day in year_ends if day >= first and tells_of(records, day)]
    parts = [count_stock(open_placements(records, day), day) for day in told]
    return pd.concat(parts, ignore_index=True)
