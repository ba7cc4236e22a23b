"""Authorities projected from published totals alone: estimate from the years up to the origin, then simulate."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sufficiency.demand.totals.answer import Totals
from sufficiency.demand.totals.growth import estimate_growth, growth_paths
from sufficiency.demand.totals.levels import Levels, estimate_levels
from sufficiency.demand.totals.panel import Panel, up_to
from sufficiency.demand.totals.settings import TotalsSettings
from sufficiency.demand.totals.simulation import SMALLEST_LEVEL, Origin, simulate
from sufficiency.demand.totals.turnover import Turnover, estimate_turnover
from sufficiency.streams import stream


def project_totals(
    panel: pd.DataFrame,
    *,
    as_of: int | None = None,
    years: int = 5,
    paths: int = 1000,
    seed: int = 903,
    settings: TotalsSettings | None = None,
) -> Totals:
    """Project children looked after of every authority in a panel that has a stock in the year ``as_of``.

    ``panel`` has ``la_code year cla starts ceases`` and perhaps ``population``, a row for each authority and year (see
    :mod:`sufficiency.demand.totals.panel`); rows after ``as_of`` (default: the last year) are not used. Raises
    :class:`~sufficiency.InputError` with every fault of the panel, ``ValueError`` for a number of years or paths
    below 1.
    """
    if years < 1 or paths < 1:
        raise ValueError(f"years is {years} and paths {paths}; both are at least 1")
    settings = settings or TotalsSettings()
    known = up_to(panel, as_of)
    turnover = estimate_turnover(known, settings)
    log_stock = np.log(np.maximum(known.cla, SMALLEST_LEVEL))
    chance, kept = chance_of_flows(turnover, settings)
    own = settings.own_shock**2 / (1 - settings.own_persistence**2)
    variance = own + chance[:, None] / np.exp(log_stock[:, :-1])
    growth = estimate_growth(np.diff(log_stock, axis=1), variance, settings)
    levels = estimate_levels(log_stock, growth.change, chance, kept, settings)
    origins = _origins(known, turnover, levels, settings)
    generator = stream(seed, "totals", "common")
    common = growth_paths(growth, settings, years, paths, generator)
    pace = settings.turnover_shock_common * generator.standard_normal((years, paths)).T
    ahead = [
        simulate(origin, common, pace, settings, stream(seed, "totals", "authority", str(code)))
        for code, origin in zip(known.la_codes, origins, strict=True)
    ]
    return Totals(
        la_codes=known.la_codes,
        as_of=int(known.years[-1]),
        stock=np.stack([one.stock for one in ahead]),
        starts=np.stack([one.starts for one in ahead]),
        ceases=np.stack([one.ceases for one in ahead]),
        residual=np.stack([one.residual for one in ahead]),
        years_known=(~np.isnan(known.cla)).sum(axis=1),
        volatility=np.array([origin.volatility for origin in origins]),
    )


def chance_of_flows(turnover: Turnover, settings: TotalsSettings) -> tuple[np.ndarray, np.ndarray]:
    """Variance by chance of a year's net flow, times the stock, and share of a chance excess kept for a year."""
    w, yearly = settings.new_children_exposure, np.exp(turnover.centre)
    exit_rate = yearly / (1 + w * yearly)
    stays = 1 - w * exit_rate
    return yearly * (settings.starts_dispersion * stays**2 + 1), np.clip(1 - exit_rate, 0, 0.95)


def _origins(panel: Panel, turnover: Turnover, levels: Levels, settings: TotalsSettings) -> list[Origin]:
    pooled = (settings.volatility_weight + levels.surprises.sum()) / (settings.volatility_weight + levels.count.sum())
    weight = settings.own_volatility_weight + levels.count
    volatility = np.sqrt((settings.own_volatility_weight * pooled + levels.surprises) / weight)
    gaps = _gaps(panel)
    reversion = np.where(np.isnan(gaps), 0, settings.rate_reversion)
    gaps = np.nan_to_num(gaps)
    return [
        Origin(
            stock=float(panel.cla[i, -1]),
            centre=levels.centre[i],
            covariance=levels.covariance[i],
            gap=gaps[i],
            reversion=reversion[i],
            turnover=turnover.centre[i],
            turnover_sd=turnover.sd[i],
            pooled_turnover=turnover.pooled,
            residual=turnover.residual[i],
            volatility=volatility[i],
            weight=weight[i],
        )
        for i in range(len(panel.la_codes))
    ]


def _gaps(panel: Panel) -> np.ndarray:
    """Log of each authority's rate per child against the panel's mean, with its latest population.

    Missing without a population, and where no other authority has one to be compared with.
    """
    latest = pd.DataFrame(panel.population).ffill(axis=1).to_numpy()[:, -1]
    rate = np.log(np.maximum(panel.cla[:, -1], SMALLEST_LEVEL) / latest)
    known = np.isfinite(rate)
    return rate - rate[known].mean() if known.sum() > 1 else np.full(len(rate), np.nan)
