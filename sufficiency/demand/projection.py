"""From records and settings to a projection: who is in care now, at what rates, with what shocks, over what months."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sufficiency.calendar import days, month_ends
from sufficiency.demand.answer import Demand
from sufficiency.demand.history import STREAMS, child_months, spells_of, starters
from sufficiency.demand.people import who_they_are
from sufficiency.demand.population import draw_variants, growth_by_month
from sufficiency.demand.rates import Rates, estimate
from sufficiency.demand.simulation import ChildrenNow, PathParameters, simulate
from sufficiency.errors import Fault, InputError
from sufficiency.records.model import Records
from sufficiency.scenario import Scenario
from sufficiency.settings import Demand as DemandSettings
from sufficiency.stamp import stamp_of
from sufficiency.streams import stream
from sufficiency.vocabulary import KINDS


def project(records: Records, scenario: Scenario) -> Demand:
    """Project the children looked after, monthly, for the scenario's horizon.

    The projection starts from the children in care on the as-of day, as the records then stood: nothing after it is
    used. Raises :class:`InputError` when there is less than a year of returns before the as-of day, or nobody has
    ever started.
    """
    horizon, settings = scenario.horizon, scenario.demand
    as_of = pd.Timestamp(horizon.as_of) if horizon.as_of else records.data_to
    stood = records if as_of == records.data_to else records.as_of(as_of)
    settings = settings.model_copy(update={"history_years": _years_held(stood, as_of, settings)})
    started = starters(stood, as_of, settings.history_years)
    if len(started.stream) == 0:
        raise InputError([Fault("D02", "returns", "RNE", (), "no child has started (RNE S)", "Check the extract.")])
    rates = estimate(child_months(spells_of(stood), as_of, settings.history_years), started, settings)
    dates = month_ends(as_of, 12 * horizon.years)
    placements = _placements_now(stood, as_of)
    now = ChildrenNow(
        born=days(placements["date_of_birth"]),
        uasc=placements["uasc"].to_numpy(dtype=bool),
        kind=placements["kind"].cat.set_categories(list(KINDS)).cat.codes.to_numpy().astype(int),
        entered_care=days(placements["entered_care"]),
        entered_placement=days(placements["started"]),
    )
    parameters = _draw(rates, stood, settings, as_of, horizon.years, horizon.paths, horizon.seed)
    simulated = simulate(now, started, rates, parameters, days(dates), horizon.seed)
    people = who_they_are(simulated, placements, started, stood, settings)
    return Demand(
        stamp=stamp_of(records, scenario),
        as_of=as_of,
        dates=dates,
        simulated=simulated,
        people=people,
        placements_now=placements,
        history=_history(stood, as_of),
        exposure="population.csv" if stood.population is not None else "flat: no population.csv",
    )


def _years_held(records: Records, as_of: pd.Timestamp, settings: DemandSettings) -> int:
    """Whole years of returns before the as-of day, at most those asked for."""
    first = pd.Timestamp(min(records.years) - 1, 4, 1)
    held = int((as_of - first + pd.Timedelta(days=1)).days // 365)
    if held < 1:
        raise InputError(
            [
                Fault(
                    "D01",
                    "returns",
                    "",
                    (),
                    f"the returns begin on {first:%d %B %Y}, less than a year before {as_of:%d %B %Y}",
                    "Add an earlier return, or choose a later as-of date.",
                )
            ]
        )
    return min(settings.history_years, held)


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


def _draw(
    rates: Rates, records: Records, settings: DemandSettings, as_of: pd.Timestamp, years: int, paths: int, seed: int
) -> PathParameters:
    """Parameters, shocks and levers of every path."""
    months = 12 * years

    def monthly(lever_name: str) -> np.ndarray:
        values = getattr(settings, lever_name).paths(years, paths, stream(seed, "lever", f"demand.{lever_name}"))
        return np.repeat(values, 12, axis=1)

    def shock(sd: float, purpose: str) -> np.ndarray:
        return ar1(settings.shock_persistence, sd, months, paths, stream(seed, "demand", purpose))

    variant = draw_variants(settings, paths, stream(seed, "demand", "population"))
    growth = growth_by_month(records.population, as_of, months, variant)
    level = stream(seed, "demand", "entries").gamma(rates.entry_shape, 1 / rates.entry_rate, (paths, len(STREAMS)))
    lever = np.repeat(monthly("entries")[:, :, None], len(STREAMS), axis=2)
    lever[:, :, -1] = monthly("uasc_entries")
    starts = (
        level[:, None, :] / 12 * growth * lever * np.exp(shock(settings.shock_entries, "shock entries"))[:, :, None]
    )
    with np.errstate(divide="ignore"):
        leave_shift = shock(settings.shock_exits, "shock exits") + np.log(monthly("exits"))
        move_shift = np.log(monthly("moves"))
    shares = stream(seed, "demand", "destinations").standard_gamma(
        np.broadcast_to(rates.destinations, (paths, *rates.destinations.shape))
    )
    shares = np.cumsum(shares, axis=-1)
    return PathParameters(
        leaving=rates.leaving.draw(paths, stream(seed, "demand", "leaving")),
        moving=rates.moving.draw(paths, stream(seed, "demand", "moving")),
        starts=starts,
        leave_shift=leave_shift,
        move_shift=move_shift,
        destinations=shares / np.maximum(shares[..., -1:], 1e-300),
    )


def ar1(persistence: float, sd: float, months: int, paths: int, generator: np.random.Generator) -> np.ndarray:
    """Persistent shocks by month, shape (paths, months), starting from none.

    First-order autoregression whose yearly persistence and yearly new shock are the given ones: each month keeps
    ``persistence ** (1/12)``, and the monthly shocks of a year add up to a standard deviation of ``sd``.
    """
    keep = persistence ** (1 / 12)
    monthly_sd = sd / np.sqrt(np.sum(keep ** (2 * np.arange(12))))
    scores = generator.standard_normal((paths, months)) * monthly_sd
    shocks = np.zeros((paths, months))
    level = np.zeros(paths)
    for month in range(months):
        level = keep * level + scores[:, month]
        shocks[:, month] = level
    return shocks
