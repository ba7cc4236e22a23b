"""From registers and settings to places by month: households in every path, homes on their dates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sufficiency.calendar import month_ends
from sufficiency.errors import Fault, InputError
from sufficiency.geography import locate
from sufficiency.records.model import Records
from sufficiency.scenario import Scenario
from sufficiency.settings import NewHome
from sufficiency.stamp import stamp_of
from sufficiency.supply.answer import Supply
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
        homes=_homes(records, scenario.supply.homes, as_of),
        paths=paths,
    )


def _homes(records: Records, new: tuple[NewHome, ...], as_of: pd.Timestamp) -> pd.DataFrame:
    """Homes other than in-house households: those in the register and those that the scenario opens."""
    listed = records.homes
    columns = ["home_id", "kind", "latitude", "longitude", "places", "places_free", "min_age", "max_age", "sex",
               "max_needs_level", "weekly_cost", "registered", "open_from", "open_to", "council_run"]  # fmt: skip
    others = pd.DataFrame(columns=columns)
    if listed is not None:
        usable = listed["registered"] & (listed["open_to"].isna() | (listed["open_to"] >= as_of))
        others = listed[usable & (listed["kind"] != "in_house_fostering")].assign(council_run=False)[columns]
    if not new:
        return others.sort_values("home_id").reset_index(drop=True)
    opened = pd.DataFrame([home.model_dump() for home in new])
    points = locate(opened["postcode"])
    _check(new, points, set(others["home_id"]))
    opened = opened.assign(
        latitude=points["latitude"],
        longitude=points["longitude"],
        places_free=opened["places"],
        sex="any",
        registered=True,
        council_run=True,
        open_from=pd.to_datetime(opened["opens"]),
        open_to=pd.to_datetime(opened["closes"]),
    )
    parts = [part for part in (others, opened[columns]) if len(part)]
    return pd.concat(parts).sort_values("home_id").reset_index(drop=True)


def _check(new: tuple[NewHome, ...], points: pd.DataFrame, taken: set[str]) -> None:
    faults = []
    for position, home in enumerate(new):
        setting = f"supply.homes[{position}]"
        if home.home_id in taken:
            says, fix = f"home_id {home.home_id} is already in use", "Give the new home a name of its own."
            faults.append(Fault("U02", "scenario", f"{setting}.home_id", (), says, fix))
        if np.isnan(points["latitude"].iloc[position]):
            says, fix = f"postcode {home.postcode} is not in the ONS directory", "Give a whole, current postcode."
            faults.append(Fault("U03", "scenario", f"{setting}.postcode", (), says, fix))
        taken = taken | {home.home_id}
    if faults:
        raise InputError(faults)
