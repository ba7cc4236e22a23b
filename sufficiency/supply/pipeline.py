"""Enquiry → application → stage 1 → stage 2 → panel → approval: how many of each, when, from whichever end is given.

Driven by approvals, the pipeline is run backwards: behind each approval stand one over the share of applications that
are approved, some months before, and behind each application its enquiries. Driven by enquiries, it is run forwards
with the same shares and delays. Every case has luck of its own, so that more enquiries never bring fewer approvals, and
more approvals never take fewer enquiries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from sufficiency.lever import Lever
from sufficiency.recruitment import Recruitment
from sufficiency.streams import chance, child_keys, stream
from sufficiency.supply.recruits import YEARS_AHEAD

MONTHS_BEFORE: Final = 24
"""Months before the as-of day whose enquiries are followed, at least; more where the delays are long."""
LONGEST: Final = 12.0
"""No delay is longer than this [times its mean]."""
DELAYS_KNOWN: Final = 4801
"""Delays whose chances are worked out once; those in between are read off a straight line."""
LEAST_SHARE: Final = 0.002
"""Least share that a pipeline run backwards counts with; one in 500 going on would be no pipeline."""
APPROVALS_AT_A_TIME: Final = 20_000
"""Approvals whose cases are counted together; results do not depend on it."""


@dataclass(frozen=True)
class Pipeline:
    """Cases by path and month, each of shape (paths, months): enquiries made, applications (stage 1 begins with them),
    applications that passed stage 1, and those that passed stage 2 and so came to panel."""

    enquiries: np.ndarray
    applications: np.ndarray
    stage_1_passed: np.ndarray
    stage_2_passed: np.ndarray


@dataclass(frozen=True)
class Rates:
    """By path: enquiries that become applications; applications that pass stage 1, reach panel, are approved [share of
    all applications]; mean delays to application and from it to approval [months]; ``spread`` of the delays, and the
    part of the second by the end of stage 1 and of stage 2."""

    applied: np.ndarray
    stage_1: np.ndarray
    stage_2: np.ndarray
    approved: np.ndarray
    to_application: np.ndarray
    to_approval: np.ndarray
    spread: float
    by_stage_1: float
    by_stage_2: float


def rates_of(settings: Recruitment, paths: int, seed: int) -> Rates:
    """Shares that go on, drawn once per path. Without shares by stage, those who drop out do so by
    ``drop_out_by_stage``, so that the product is ``application_to_approval`` in every path."""

    def drawn(name: str, lever: Lever) -> np.ndarray:
        return lever.paths(1, paths, stream(seed, "supply", name))[:, 0]

    by_stage_1, by_stage_2, _ = np.cumsum(settings.time_by_stage)
    return Rates(
        drawn("enquiries", settings.enquiry_to_application),
        *_passing(settings, drawn),
        drawn("months to application", settings.months_enquiry_to_application),
        drawn("months to approval", settings.months_application_to_approval),
        settings.delay_spread,
        float(by_stage_1),
        float(by_stage_2),
    )


def _passing(
    settings: Recruitment, drawn: Callable[[str, Lever], np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shares of all applications that pass stage 1, reach panel and are approved."""
    stages = settings.passed()
    if stages is not None:
        names = ("stage 1 passed", "stage 2 passed", "panel passed")
        first, second, third = (drawn(name, lever) for name, lever in zip(names, stages, strict=True))
        return first, first * second, first * second * third
    approved = drawn("applications", settings.application_to_approval)
    first_ends, second_ends, _ = settings.drop_out_by_stage
    ended = 1 - approved
    return 1 - ended * first_ends, 1 - ended * (first_ends + second_ends), approved


def pipeline_behind(
    path: np.ndarray, key: np.ndarray, approved: np.ndarray, settings: Recruitment, paths: int, months: int, seed: int
) -> Pipeline:
    """What leads to approvals: ``path``, ``key`` and month of each household approved, those after the horizon among
    them. What lies before the as-of day, or after ``months``, is left out."""
    rates = rates_of(settings, paths, seed)
    counts = _Counts(paths, months)
    for start in range(0, len(path), APPROVALS_AT_A_TIME):
        part = slice(start, start + APPROVALS_AT_A_TIME)
        of_path, case, applied, decided, luck = _applications_behind(path[part], key[part], approved[part], rates)
        counts.application(of_path, applied, decided, luck, rates)
        share = np.maximum(rates.applied, LEAST_SHARE)[of_path]
        row, enquiry = _with_failures(case, share, 108)
        delay = _delays(enquiry, "months to application", rates.to_application[of_path[row]], rates.spread)
        counts.add("enquiries", of_path[row], applied[row] - delay)
    return counts.pipeline()


def _applications_behind(
    path: np.ndarray, key: np.ndarray, approved: np.ndarray, rates: Rates
) -> tuple[np.ndarray, ...]:
    """Path, key, months of application and of decision of each application behind the approvals, and its luck: below
    the share approved for the one that is approved, above it for the others."""
    share = np.maximum(rates.approved, LEAST_SHARE)
    row, case = _with_failures(key, share[path], 107)
    succeeds = np.append(True, row[1:] != row[:-1]) if len(row) else np.zeros(0, dtype=bool)
    of_path = path[row]
    delay = _delays(case, "months to approval", rates.to_approval[of_path], rates.spread)
    luck = np.where(succeeds, 0.0, share[of_path] + (1 - share[of_path]) * chance(case, "passes"))
    return of_path, case, approved[row] - delay, approved[row], luck


def _with_failures(key: np.ndarray, share: np.ndarray, purpose: int) -> tuple[np.ndarray, np.ndarray]:
    """Cases behind each success: itself and a geometric number that fail; the row of the success and each one's key."""
    with np.errstate(divide="ignore"):
        failures = np.floor(np.log1p(-chance(key, f"failures {purpose}")) / np.log1p(-np.minimum(share, 1)))
    count = 1 + failures.astype(int)
    row = np.repeat(np.arange(len(key)), count)
    number = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    return row, child_keys(0, key[row], np.full_like(number, purpose), number)


def pipeline_ahead(settings: Recruitment, years: int, paths: int, seed: int) -> tuple[Pipeline, np.ndarray]:
    """The pipeline that ``enquiries_per_year`` fills, and the approvals by path and month, those ahead of the horizon
    among them. Enquiries before the as-of day are made at the rate of ``enquiries_until_now``, or of the first year."""
    rates = rates_of(settings, paths, seed)
    longest = 3 * float((rates.to_application + rates.to_approval).max())
    before, months = max(MONTHS_BEFORE, int(np.ceil(longest))), 12 * years
    path, month, key = _enquiries(settings, years, paths, before, seed)
    counts = _Counts(paths, months)
    counts.add("enquiries", path, month)
    applies = chance(key, "applies") < rates.applied[path]
    path, month, key = path[applies], month[applies], key[applies]
    applied = month + _delays(key, "months to application", rates.to_application[path], rates.spread)
    decided = applied + _delays(key, "months to approval", rates.to_approval[path], rates.spread)
    luck = chance(key, "passes")
    counts.application(path, applied, decided, luck, rates)
    through = luck < rates.approved[path]
    return counts.pipeline(), monthly_counts(path[through], decided[through], paths, months + 12 * YEARS_AHEAD)


def _enquiries(
    settings: Recruitment, years: int, paths: int, before: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Path, month (negative before the as-of day) and key of every enquiry: a Poisson number in each month."""
    from scipy.special import pdtrik

    span = years + YEARS_AHEAD
    if settings.enquiries_per_year is None:
        raise ValueError("enquiries_per_year is not set")

    def drawn(name: str) -> np.ndarray:
        values = getattr(settings, name).paths(span, paths, stream(seed, "lever", f"supply.recruitment.{name}"))
        return np.asarray(values)

    yearly = drawn("enquiries_per_year")
    until_now = yearly[:, :1] if settings.enquiries_until_now is None else drawn("enquiries_until_now")[:, :1]
    yearly = yearly * (1 + drawn("allowance_uplift")) ** drawn("allowance_on_enquiries")
    rate = np.hstack([np.repeat(until_now, before, axis=1), np.repeat(yearly, 12, axis=1)]) / 12
    cell = np.indices(rate.shape)
    luck = chance(child_keys(seed, cell[0], np.full(rate.shape, 106), cell[1] + 1000 - before), "enquiries")
    count = np.ceil(np.nan_to_num(pdtrik(luck, rate))).astype(int).ravel()
    path, month = (np.repeat(index.ravel(), count) for index in cell)
    order = np.arange(len(path)) - np.repeat(np.cumsum(count) - count, count)
    return path, month - before, child_keys(seed, path, np.full_like(path, 109), month + 1000 - before, order)


def _delays(key: np.ndarray, purpose: str, mean: np.ndarray, spread: float) -> np.ndarray:
    """Delays in whole months, gamma with the given means and spread, one per key."""
    return np.rint(mean * np.interp(chance(key, purpose), *_chances_of_delay(spread))).astype(int)


@lru_cache(maxsize=16)
def _chances_of_delay(spread: float) -> tuple[np.ndarray, np.ndarray]:
    """Chance that a gamma delay of mean 1 is at most each of the multiples that follow."""
    from scipy.special import gammainc

    shape = 1 / spread**2
    multiples = np.linspace(0, LONGEST, DELAYS_KNOWN)
    chances, first = np.unique(gammainc(shape, shape * multiples), return_index=True)
    return chances, multiples[first]


class _Counts:
    """Cases counted by path and month, stage by stage."""

    def __init__(self, paths: int, months: int) -> None:
        self.paths, self.months = paths, months
        self.of = {name: np.zeros((paths, months), dtype=int) for name in Pipeline.__dataclass_fields__}

    def add(self, stage: str, path: np.ndarray, month: np.ndarray) -> None:
        self.of[stage] += monthly_counts(path, month, self.paths, self.months)

    def application(
        self, path: np.ndarray, applied: np.ndarray, decided: np.ndarray, luck: np.ndarray, rates: Rates
    ) -> None:
        """Applications through their stages, as far as their luck takes them; each stage has its part of the time."""
        self.add("applications", path, applied)
        stages = (
            ("stage_1_passed", rates.stage_1, rates.by_stage_1),
            ("stage_2_passed", rates.stage_2, rates.by_stage_2),
        )
        for stage, share, part in stages:
            passes = luck < share[path]
            month = applied + np.rint(part * (decided - applied)).astype(int)
            self.add(stage, path[passes], month[passes])

    def pipeline(self) -> Pipeline:
        return Pipeline(**self.of)


def monthly_counts(path: np.ndarray, month: np.ndarray, paths: int, months: int) -> np.ndarray:
    """Events by path and month, shape (paths, months); events outside the months are left out."""
    inside = (month >= 0) & (month < months)
    cell = path[inside].astype(np.int64) * months + month[inside]
    return np.bincount(cell, minlength=paths * months).reshape(paths, months)
