"""From registers and settings to places by month: households in every path, homes on their dates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sufficiency.calendar import month_ends
from sufficiency.demand import Demand
from sufficiency.errors import Fault, InputError, raise_faults
from sufficiency.lever import Lever
from sufficiency.records.model import Records
from sufficiency.recruitment import Recruitment
from sufficiency.scenario import Scenario
from sufficiency.settings import Horizon
from sufficiency.stamp import stamp_of
from sufficiency.supply.answer import Supply
from sufficiency.supply.areas import addresses_of
from sufficiency.supply.checks import faults_of_recruitment, notes_of_recruitment
from sufficiency.supply.homes import homes_of, notices_on_homes
from sufficiency.supply.households import TODAY, Households, households_of
from sufficiency.supply.kinship import kinship_of
from sufficiency.supply.pipeline import Pipeline, pipeline_ahead, pipeline_behind
from sufficiency.supply.rates import resolved
from sufficiency.supply.recruits import Arriving, Wanted, whole_numbers
from sufficiency.supply.today import enquiries_of_past_year, today_from_register


def forecast_places(records: Records, scenario: Scenario, demand: Demand | None = None) -> Supply:
    """Forecast the in-house households and the homes of every path, month by month.

    ``demand``: the projection, from whose children in kinship placements the kinship households follow; without it
    they are left out. Raises :class:`InputError` when there is neither a homes nor a carers register, when the
    recruitment cannot be as the scenario has it (see :func:`faults_of_recruitment`), or with the faults of
    :func:`homes_of`.
    """
    horizon = scenario.horizon
    as_of = pd.Timestamp(horizon.as_of) if horizon.as_of else records.data_to
    settings, rates = resolved(scenario.supply.recruitment, records.carers, as_of)
    settings = _with_enquiries_until_now(settings, records, as_of)
    homes = _homes_checked(records, scenario, as_of)
    today = today_from_register(records.homes, records.carers, as_of)
    households, pipeline = recruited(today, settings, horizon)
    dates = month_ends(as_of, 12 * horizon.years)
    return Supply(
        stamp=stamp_of(records, scenario),
        as_of=as_of,
        dates=dates,
        today=today,
        households=households,
        pipeline=pipeline,
        ready_after=settings.months_to_first_placement,
        homes=homes,
        paths=horizon.paths,
        kinship=None if demand is None else kinship_of(demand),
        notes=(*notes_of_recruitment(settings, horizon.years), *_notes_on_homes(scenario, dates)),
        rates=rates,
    )


def recruited(today: pd.DataFrame, settings: Recruitment, horizon: Horizon) -> tuple[Households, Pipeline]:
    """Households in every path and the pipeline behind them, from whichever end the scenario gives.

    ``today``: as :func:`today_from_register` gives it.
    """
    years, paths, seed = horizon.years, horizon.paths, horizon.seed
    high = whole_numbers(settings.level_3_per_year, "level_3_per_year", years, paths, seed)
    inside, areas = settings.level_3_inside_total, addresses_of(settings.recruits_live)
    if settings.enquiries_per_year is not None:
        pipeline, by_month = pipeline_ahead(settings, years, paths, seed)
        arriving = Arriving(by_month, high, inside, seed)
        return households_of(today, arriving, settings, areas, years, paths, seed), pipeline
    total = whole_numbers(settings.approvals_per_year, "approvals_per_year", years, paths, seed)
    wanted = Wanted(total, high, inside, settings.driven_by == "net", seed)
    households = households_of(today, wanted, settings, areas, years, paths, seed)
    new = np.flatnonzero(households.approved != TODAY)
    path, key, approved = households.path[new], households.key[new], households.approved[new]
    return households, pipeline_behind(path, key, approved, settings, paths, 12 * years, seed)


def _with_enquiries_until_now(settings: Recruitment, records: Records, as_of: pd.Timestamp) -> Recruitment:
    """The enquiries under way as the register has them, where the scenario leaves them to it."""
    made = enquiries_of_past_year(records.carers, as_of)
    if made is None or settings.enquiries_until_now is not None or settings.rates != "register":
        return settings
    return settings.model_copy(update={"enquiries_until_now": Lever((made,), (made,))})


def _homes_checked(records: Records, scenario: Scenario, as_of: pd.Timestamp) -> pd.DataFrame:
    """The homes, once neither they nor the recruitment have a fault; every fault of both at once otherwise."""
    faults = [
        *_without_registers(records),
        *faults_of_recruitment(scenario.supply.recruitment, scenario.horizon.years),
    ]
    try:
        homes = homes_of(records, scenario.supply, as_of)
    except InputError as error:
        raise InputError([*faults, *error.faults]) from None
    raise_faults(faults)
    return homes


def _notes_on_homes(scenario: Scenario, dates: pd.DatetimeIndex) -> tuple[str, ...]:
    return tuple(str(notice) for notice in notices_on_homes(scenario.supply, dates[0], dates[-1]))


def _without_registers(records: Records) -> list[Fault]:
    if records.homes is not None or records.carers is not None:
        return []
    fix = "Add homes.csv (or carers.csv) to the data folder."
    return [Fault("U01", "homes.csv", "", (), "is not there, so places cannot be forecast", fix)]
