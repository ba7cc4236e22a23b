"""Whether an authority's own past was steadier or wilder than forecasts of its totals would have said.

At each 31 March of the past with some years before it, the totals known by then are projected (as published figures
are, see :mod:`sufficiency.demand.totals`) and held against what came. Surprises larger than the ranges said widen the
authority's range, smaller ones narrow it; a handful of past forecasts says little, so most of the usual width stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.demand.totals import project_totals
from sufficiency.settings import Demand as DemandSettings
from sufficiency.vocabulary import EXIT_REASONS

YEARS_BEFORE: Final = 3
"""Years that must lie before a past forecast."""
YEARS_AHEAD: Final = 5
PATHS: Final = 400
BALANCE_YEARS: Final = 3
EXPOSURE_OF_STARTS: Final = 0.7
"""Part of a year for which a child who starts can leave in it, as ceases of about 80 authorities tell (2010-2025, DfE):
with it yearly changes of starts and of the rate of leaving no longer move together."""
HIGHEST_RATE: Final = 0.95
BALANCE_BOUNDS: Final = (0.5, 2.0)
"""Bounds of starts that hold the number against those that were: beyond them the totals are too few to tell."""
LARGEST_SURPRISE: Final = 3.0
"""A surprise counts as at most so many standard deviations: one odd year must not set the range."""


@dataclass(frozen=True)
class OwnOrigins:
    """``widening``: factor on the size of shocks, 1 = as usual; ``origins``: past forecasts held against outcomes;
    ``surprise``: root mean square of the surprises [standard deviations; 1 = as forecast], NaN without any."""

    widening: float
    origins: int
    surprise: float

    def says(self) -> str:
        """The factor in words."""
        if not self.origins:
            return "too few returns for past forecasts of its own: the usual width"
        change = f"{abs(self.widening - 1):.0%} {'wider' if self.widening >= 1 else 'narrower'}"
        return f"{self.origins} past forecasts of its own make the shocks {change} than usual"


def own_origins(panel: pd.DataFrame, settings: DemandSettings, seed: int) -> OwnOrigins:
    """Hold past forecasts of an authority's totals against what came; none with fewer returns than the setting.

    ``panel`` as from :func:`yearly_totals`.
    """
    if len(panel) - 1 < settings.own_origins_from:
        return OwnOrigins(1.0, 0, float("nan"))
    stock = panel.set_index("year")["cla"]
    scores, origins = [], panel["year"].iloc[YEARS_BEFORE:-1]
    for origin in origins:
        ahead = min(YEARS_AHEAD, int(stock.index.max() - origin))
        forecast = project_totals(panel, as_of=int(origin), years=ahead, paths=PATHS, seed=seed)
        paths = np.log(forecast.stock[0, :, 1:] + 0.5)
        actual = np.log(stock.loc[origin + 1 : origin + ahead].to_numpy() + 0.5)
        surprise = np.abs(actual - np.median(paths, axis=0)) / paths.std(axis=0)
        scores.append(float(np.mean(np.minimum(surprise, LARGEST_SURPRISE) ** 2)))
    seen, weight = float(np.mean(scores)), settings.own_origins_weight
    widening = float(np.sqrt((weight + len(scores) * seen) / (weight + len(scores))))
    return OwnOrigins(widening, len(scores), float(np.sqrt(seen)))


def yearly_totals(known: pd.DataFrame, as_of: pd.Timestamp, stock: int) -> pd.DataFrame:
    """Known years as a panel of one authority: ``la_code year cla starts ceases``, oldest first.

    ``known`` as from :func:`~sufficiency.demand.movement.known_movement`; of it the run of years without a gap that
    ends on the as-of day, with the number before them. ``stock``: children on the as-of day.
    """
    years_back = as_of.year - known["year_to"].dt.year.to_numpy()[::-1]
    run = known.iloc[len(known) - int((years_back == np.arange(len(known))).sum()) :]
    flows = pd.DataFrame(
        {
            "year": run["year_to"].dt.year,
            "cla": run["closing"],
            "starts": run["started"],
            "ceases": -run[list(EXIT_REASONS)].sum(axis=1),
        }
    )
    before = int(run["opening"].iloc[0]) if len(run) else stock
    first = pd.DataFrame({"year": [as_of.year - len(run)], "cla": [before], "starts": [np.nan], "ceases": [np.nan]})
    return pd.concat([first, flows.astype(float)], ignore_index=True).astype({"year": int}).assign(la_code="own")


def balance_of(panel: pd.DataFrame) -> float:
    """Starts that would hold the number looked after where it is, against those of the last three years.

    ``panel`` as from :func:`yearly_totals`. With ceases C, starts S and opening number N, the rate of leaving of those
    exposed is e = C / (N + w S), w the exposure in the year of a child who starts; starts of e M / (1 - w e) then hold
    the number M of today.
    """
    last = panel.tail(BALANCE_YEARS).dropna()
    if not len(last) or last["starts"].sum() == 0:
        return 1.0
    opening = panel["cla"].shift().loc[last.index].sum()
    starts, ceases = last["starts"].sum(), last["ceases"].sum()
    rate = min(ceases / (opening + EXPOSURE_OF_STARTS * starts), HIGHEST_RATE)
    holding = rate * panel["cla"].iloc[-1] / (1 - EXPOSURE_OF_STARTS * rate)
    return float(np.clip(holding / (starts / len(last)), *BALANCE_BOUNDS))
