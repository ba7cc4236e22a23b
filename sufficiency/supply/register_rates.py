"""Every rate of the pipeline from the register of carers, the national figure weighed in as so many cases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.supply.leaving import Gamma, Watched, posterior, rate_of, share_of, watched
from sufficiency.supply.national import National, national_figures
from sufficiency.supply.register import CarerRegister
from sufficiency.supply.stages import Cases, StageFit, StagePrior, cases_of, fit
from sufficiency.vocabulary import NEEDS_LEVELS

BANDS: Final = ("under_1", "1_to_3", "3_to_5", "after_5")
"""Years since approval, as in :data:`~sufficiency.supply.leaving.YEARS_SINCE_APPROVAL`."""
TEN_AND_NINETY: Final = np.array([-1.2815515655446004, 1.2815515655446004])
"""The 10th and 90th percentiles of a standard normal distribution."""
MOST_PLACES: Final = 4
"""Households approved for more are counted with these, as in the national figures."""


@dataclass(frozen=True)
class Rate:
    """One rate; the fields are the columns of :meth:`~sufficiency.supply.rates.PipelineRates.table`.

    ``own``: what the register says by itself, if anything. ``basis``: the national figure's name.
    """

    rate: str
    unit: str
    own: float | None
    cases: float
    national: float
    weight_of_own: float
    used: float
    low: float
    high: float
    source: str
    basis: str


def rates_from_register(register: CarerRegister) -> Iterator[Rate]:
    """Every rate, from what the register knew on the as-of day of its window.

    A rate without a case is the national figure as it stands.
    """
    yield from _stage("enquiry_to_application", cases_of(register, register.enquired, register.applied))
    yield from _stage("application_to_approval", cases_of(register, register.applied, register.approved))
    yield from _leaving(watched(register))
    recent, since = register.approved > register.window, register.date(register.window)
    yield from _mix("approvals_level", register.level[recent], NEEDS_LEVELS, since)
    places = register.places[recent & (register.places > 0)]
    yield from _mix("approvals_places", np.minimum(places, MOST_PLACES), range(1, MOST_PLACES + 1), since)


def _stage(stage: str, cases: Cases) -> Iterator[Rate]:
    """Share that goes on, mean delay and spread of one stage."""
    names = (stage, f"months_{stage}", f"spread_{stage}")
    share, months, spread = (national_figures()[name] for name in names)
    if not cases.count:
        yield from (_national(name) for name in names)
        return
    prior = StagePrior(share.value, months.value, spread.value, share.worth, months.worth, spread.worth)
    posterior_of_stage = fit(cases, prior)
    for place, (name, count) in enumerate(zip(names, (cases.count, *2 * [len(cases.delays)]), strict=True)):
        yield _of_stage(name, posterior_of_stage, place, count, cases.since) if count else _national(name)


def _of_stage(name: str, found: StageFit, place: int, count: int, since: pd.Timestamp | None) -> Rate:
    """One parameter of a stage, back from the scale on which it is normal."""
    national = national_figures()[name]
    ends = found.middle[place] + TEN_AND_NINETY * found.deviation[place]
    back = (lambda at: 1 / (1 + np.exp(-at))) if place == 0 else np.exp
    used, weight = float(back(found.middle[place])), float(found.weight[place])
    if weight < _NEXT_TO_NOTHING:
        own = None
    elif place == 0:
        own = float(np.clip(national.value + (used - national.value) / weight, 0, 1))
    else:
        own = float(national.value * (used / national.value) ** (1 / weight))
    return _rate(name, own, count, weight, used, (float(back(ends[0])), float(back(ends[1]))), since)


_NEXT_TO_NOTHING: Final = 0.01
"""Weight below which the register says nothing by itself."""


def _leaving(seen: Watched) -> Iterator[Rate]:
    """Attrition of all, by years since approval, and by level against what the years since approval would lead to."""
    whole, by_years = (national_figures()[name] for name in ("attrition", "attrition_by_years"))
    years, leavers = seen.years.sum(axis=1), seen.leavers.sum(axis=1)
    rate = posterior(leavers.sum(), years.sum(), rate_of(whole.value), whole.worth)
    yield _attrition("attrition", "attrition", leavers.sum(), years.sum(), rate, whole, seen)
    bands = [posterior(gone, time, rate.mean, by_years.worth) for gone, time in zip(leavers, years, strict=True)]
    for band, gone, time, found in zip(BANDS, leavers, years, bands, strict=True):
        yield _attrition(f"attrition_{band}", "attrition_by_years", gone, time, found, by_years, seen)
    yield from _by_level(seen, np.array([band.mean for band in bands]))


def _by_level(seen: Watched, rates: np.ndarray) -> Iterator[Rate]:
    """Attrition at each level against all: its share of the leavers over the share that ``rates`` (by years since
    approval) would lead to. Shares of one total, so each is Beta."""
    from scipy.stats import beta

    prior = national_figures()["attrition_by_level"]
    known = slice(len(NEEDS_LEVELS))
    expected, leavers = rates @ seen.years[:, known], seen.leavers[:, known].sum(axis=0)
    due, total = expected / max(expected.sum(), 1e-12), leavers.sum()
    for level, share, gone in zip(NEEDS_LEVELS, due, leavers, strict=True):
        name = f"attrition_level_{level}"
        if total == 0 or not 0 < share < 1:
            yield _national(name, "attrition_by_level")
            continue
        inside, every = prior.worth * share + gone, prior.worth + total
        low, high = (float(end) for end in beta.ppf((0.1, 0.9), inside, every - inside) / share)
        weight, own = total / every, gone / total / share
        yield _rate(name, own, total, weight, inside / every / share, (low, high), seen.since, "attrition_by_level")


def _attrition(
    name: str, basis: str, leavers: float, years: float, rate: Gamma, national: National, seen: Watched
) -> Rate:
    """A yearly share from a rate; the register's own is of the time watched."""
    if seen.since is None or years == 0:
        return _national(name, basis)
    low, high = rate.range()
    weight = years / (years + national.worth)
    own = share_of(leavers / years)
    return _rate(name, own, years, weight, share_of(rate.mean), (share_of(low), share_of(high)), seen.since, basis)


def _mix(name: str, found: np.ndarray, choices: range | tuple[int, ...], since: pd.Timestamp) -> Iterator[Rate]:
    """Shares of approvals by level or places: Dirichlet, so each share is Beta."""
    from scipy.stats import beta

    count = int((~np.isnan(found)).sum())
    for choice in choices:
        rate = f"{name}_{choice}"
        national = national_figures()[rate]
        if not count:
            yield _national(rate)
            continue
        of_it = int((found == choice).sum())
        inside = national.worth * national.value + of_it
        every = national.worth + count
        low, high = beta.ppf((0.1, 0.9), inside, every - inside)
        ends = (float(low), float(high))
        yield _rate(rate, of_it / count, count, count / every, inside / every, ends, since)


def _rate(
    name: str, own: float | None, cases: float, weight: float, used: float, ends: tuple[float, float],
    since: pd.Timestamp | None, basis: str = "",
) -> Rate:  # fmt: skip
    """The rate with its sources named."""
    national = national_figures()[basis or name]
    said = f"register, {national.worth_unit} since {since:%d %B %Y}; weighed with " if since is not None else ""
    source = f"{said}{national.cited()} (counts as {national.worth:g} {national.worth_unit})"
    return Rate(name, national.unit, own, round(cases, 1), national.value, weight, used, *ends, source, basis or name)


def _national(name: str, basis: str = "") -> Rate:
    """The national figure as it stands, for want of a case."""
    figure = national_figures()[basis or name]
    value = figure.value
    return Rate(name, figure.unit, None, 0.0, value, 0.0, value, value, value, figure.cited(), basis or name)
