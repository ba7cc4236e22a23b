"""From registers and settings to places by month: households in every path, homes on their dates."""

from __future__ import annotations

import pandas as pd

from sufficiency.calendar import month_ends
from sufficiency.errors import Fault, InputError
from sufficiency.records.model import Records
from sufficiency.scenario import Scenario
from sufficiency.stamp import stamp_of
from sufficiency.supply.answer import Supply
from sufficiency.supply.homes import homes_of
from sufficiency.supply.households import households_of, whole_numbers
from sufficiency.supply.pipeline import (
    approvals_ahead,
    monthly_counts,
    pipeline_behind,
    today_from_register,
    yearly_approvals,
)


def forecast_places(records: Records, scenario: Scenario) -> Supply:
    """Forecast the in-house households and the homes of every path, month by month.

    Raises :class:`InputError` when there is neither a homes nor a carers register, or a new home has the name of one
    in the register or no known postcode.
    """
    horizon, settings = scenario.horizon, scenario.supply.recruitment
    years, paths, seed = horizon.years, horizon.paths, horizon.seed
    as_of = pd.Timestamp(horizon.as_of) if horizon.as_of else records.data_to
    if records.homes is None and records.carers is None:
        fix = "Add homes.csv (or carers.csv) to the data folder."
        raise InputError([Fault("U01", "homes.csv", "", (), "is not there, so places cannot be forecast", fix)])
    today = today_from_register(records.homes, records.carers, as_of)
    months = 12 * years
    if settings.enquiries_per_year is None:
        approvals = whole_numbers(settings.approvals_per_year, "approvals_per_year", years, paths, seed)
        households = households_of(today, approvals, settings, years, paths, seed)
        span = approvals.shape[1] * 12
        applications, enquiries = pipeline_behind(
            monthly_counts(households.path, households.approved, paths, span), settings, paths, seed
        )
    else:
        enquiries, applications, through = approvals_ahead(settings, years, paths, seed)
        households = households_of(today, yearly_approvals(through), settings, years, paths, seed)
    return Supply(
        stamp=stamp_of(records, scenario),
        as_of=as_of,
        dates=month_ends(as_of, months),
        today=today,
        households=households,
        enquiries=enquiries[:, :months],
        applications=applications[:, :months],
        ready_after=settings.months_to_first_placement,
        homes=homes_of(records, scenario.supply, as_of),
        paths=paths,
    )
