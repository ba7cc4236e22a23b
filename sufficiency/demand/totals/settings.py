"""What is assumed of authorities' totals before the panel at hand is seen, each with its unit and its source.

``DfE`` below is *Children looked after in England including adoptions*, by authority, about 80 of them, years to 31
March 2010-2025 (Open Government Licence v3.0). Estimates are by maximum likelihood on those authorities and years; the
method page says which were refitted on one half and scored on the other, at origins 2013-2020.
"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from sufficiency.settings_base import Settings, Share

Spread = Annotated[float, Field(ge=0, le=2)]
Kept = Annotated[float, Field(ge=0, lt=1)]

LOG_TURNOVER: Final = -0.87
"""Log of yearly turnover where no flows are held at all (0.42 of the stock). DfE, mean over authorities and years."""


class TotalsSettings(Settings):
    """How stock, starts and ceases of an authority move when no more than their yearly totals is known."""

    national_growth: Annotated[float, Field(ge=-0.2, le=0.2)] = 0.0
    """Growth of children looked after common to all authorities, to which it returns [log a year]. None by default:
    1.6% a year fitted 2010-2024, and the years since 2023 reversed it."""
    growth_persistence: Kept = 0.8
    """How much of the common growth above national_growth is left a year later [share; assumption]. 15 years of one
    country cannot tell 0.6 from 0.9; forecasts of DfE differ little between them."""
    growth_shock: Spread = 0.012
    """New shock to the common growth each year [standard deviation, log]. With growth_once, year means of DfE vary by
    0.019 about their own mean."""
    growth_once: Spread = 0.012
    """Common change of one year that leaves no growth behind [standard deviation, log]. DfE, as growth_shock."""
    own_persistence: Kept = 0.42
    """How much of an authority's own growth is left a year later [share]. DfE."""
    own_shock: Spread = 0.042
    """New shock to an authority's own growth each year [standard deviation, log]. DfE."""
    rate_reversion: Share = 0.02
    """Share of the gap between an authority's rate per child and the panel's that closes in a year. DfE: 0.022 with a
    standard error of 0.006; it keeps the spread between authorities as wide as it is."""
    starts_dispersion: Annotated[float, Field(ge=1, le=10)] = 1.75
    """Variance of starts by chance against their mean: brothers and sisters start together [ratio]. DfE: 1.75 from
    starts themselves, 1.74 from what their chance does to the stock."""
    new_children_exposure: Share = 0.7
    """Time at risk of leaving of a child who starts in the year, against one there all year [share]. DfE: with it,
    chance in starts and in the exit rate is unrelated; without, their correlation is 0.41."""
    growth_by_starts: Share = 0.75
    """Part of a change in growth that comes from more or fewer starts, the rest from the exit rate [share]. DfE."""
    turnover_persistence: Kept = 0.9
    """How much of a shock to the log of turnover is left a year later [share]. DfE."""
    turnover_spread: Spread = 0.22
    """Spread of the log of turnover between authorities [standard deviation]. DfE."""
    turnover_shock: Spread = 0.09
    """New shock to the log of an authority's turnover each year [standard deviation]. DfE."""
    turnover_shock_common: Spread = 0.043
    """New shock to the log of turnover common to all authorities each year [standard deviation]. DfE."""
    residual: Annotated[float, Field(ge=-0.05, le=0.05)] = 0.007
    """What published flows leave unexplained: closing less opening, less starts, plus ceases [share of the opening
    stock a year]. DfE: +3.7 children a year on average."""
    residual_spread: Spread = 0.0037
    """Spread of that mean between authorities [standard deviation, share of the opening stock]. DfE."""
    residual_noise: Spread = 0.010
    """Spread of it from year to year within an authority [standard deviation, share of the opening stock]. DfE."""
    volatility_weight: Annotated[float, Field(gt=0)] = 100.0
    """Weight of these settings against the panel's own surprises when its volatility is set [authority-years]."""
    own_volatility_weight: Annotated[float, Field(gt=2)] = 50.0
    """Weight of the panel's volatility against an authority's own [years]. DfE: authorities differ in volatility by
    no more than 10%, chance aside."""
    outlier: Annotated[float, Field(ge=1)] = 3.0
    """Surprise beyond which a year's figure is taken for a one-off and moves the level no further [standard
    deviations]."""
