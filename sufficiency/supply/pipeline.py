"""Enquiry → application → approval: how many of each, when, whichever end of the pipeline the scenario gives.

Driven by approvals, the pipeline is run backwards: each approval needed one over the conversion share applications,
some months before. Driven by enquiries, it is run forwards with the same shares and delays.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sufficiency.lever import Lever
from sufficiency.recruitment import Recruitment
from sufficiency.streams import stream
from sufficiency.supply.households import YEARS_AHEAD

MONTHS_BEFORE = 24
"""Months before the as-of day in which the enquiries behind the first approvals were made."""


def pipeline_behind(
    approvals: np.ndarray, settings: Recruitment, paths: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Applications and enquiries by path and month that lead to ``approvals`` (paths, months).

    The answer has the shape of ``approvals``; what lies before the as-of day is left out.
    """
    applications = _backwards(approvals, settings.application_to_approval, settings.months_application_to_approval,
                              settings, stream(seed, "supply", "applications"))  # fmt: skip
    enquiries = _backwards(applications, settings.enquiry_to_application, settings.months_enquiry_to_application,
                           settings, stream(seed, "supply", "enquiries"))  # fmt: skip
    return applications, enquiries


def _backwards(
    outcomes: np.ndarray, conversion: Lever, delay: float, settings: Recruitment, generator: np.random.Generator
) -> np.ndarray:
    """Cases needed for given outcomes: each outcome stands for a negative-binomial number of cases, earlier on."""
    share = np.clip(conversion.paths(1, len(outcomes), generator), 1e-6, 1)
    failures = np.where(outcomes > 0, generator.negative_binomial(np.maximum(outcomes, 1), share), 0)
    cases = outcomes + failures
    path, month = _one_by_one(cases)
    earlier = month - _delays(len(month), delay, settings, generator)
    counts = np.zeros_like(cases)
    seen = earlier >= 0
    np.add.at(counts, (path[seen], earlier[seen]), 1)
    return counts


def approvals_ahead(
    settings: Recruitment, years: int, paths: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Enquiries, applications and approvals by path and month, driven by ``enquiries_per_year``.

    Enquiries before the as-of day are taken at the first year's rate, so that the pipeline is not empty at the
    start. Shape (paths, months of horizon).
    """
    generator = stream(seed, "supply", "enquiries ahead")
    lever = settings.enquiries_per_year
    if lever is None:
        raise ValueError("enquiries_per_year is not set")
    yearly = lever.paths(years, paths, stream(seed, "lever", "supply.recruitment.enquiries_per_year"))
    monthly = np.concatenate([np.repeat(yearly[:, :1], MONTHS_BEFORE, axis=1), np.repeat(yearly, 12, axis=1)], axis=1)
    enquiries = generator.poisson(monthly / 12)
    applications = _forwards(enquiries, settings.enquiry_to_application, settings.months_enquiry_to_application,
                             settings, generator)  # fmt: skip
    approvals = _forwards(applications, settings.application_to_approval, settings.months_application_to_approval,
                          settings, generator)  # fmt: skip
    return enquiries[:, MONTHS_BEFORE:], applications[:, MONTHS_BEFORE:], approvals[:, MONTHS_BEFORE:]


def _forwards(
    cases: np.ndarray, conversion: Lever, delay: float, settings: Recruitment, generator: np.random.Generator
) -> np.ndarray:
    paths, months = cases.shape
    through = generator.binomial(cases, conversion.paths(1, paths, generator))
    path, month = _one_by_one(through)
    later = month + _delays(len(month), delay, settings, generator)
    counts = np.zeros_like(cases)
    seen = later < months
    np.add.at(counts, (path[seen], later[seen]), 1)
    return counts


def _one_by_one(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Path and month of each single case of ``counts`` (paths, months)."""
    path, month = np.divmod(np.arange(counts.size), counts.shape[1])
    return np.repeat(path, counts.ravel()), np.repeat(month, counts.ravel())


def _delays(size: int, mean: float, settings: Recruitment, generator: np.random.Generator) -> np.ndarray:
    """Delays in whole months, gamma with the given mean and the settings' spread."""
    if mean == 0:
        return np.zeros(size, dtype=int)
    shape = 1 / settings.delay_spread**2
    return np.rint(generator.gamma(shape, mean / shape, size)).astype(int)


def yearly_approvals(approvals: np.ndarray) -> np.ndarray:
    """Approvals of shape (paths, months) added up by year of the projection, with the years ahead at the last rate."""
    yearly = approvals.reshape(len(approvals), -1, 12).sum(axis=2)
    return np.concatenate([yearly, np.repeat(yearly[:, -1:], YEARS_AHEAD, axis=1)], axis=1)


def monthly_counts(path: np.ndarray, month: np.ndarray, paths: int, months: int) -> np.ndarray:
    """Events by path and month, shape (paths, months); events outside the months are left out."""
    counts = np.zeros((paths, months), dtype=int)
    inside = (month >= 0) & (month < months)
    np.add.at(counts, (path[inside], month[inside]), 1)
    return counts


def today_from_register(homes: pd.DataFrame | None, carers: pd.DataFrame | None, as_of: pd.Timestamp) -> pd.DataFrame:
    """Today's in-house households, one row each, with ``level``, places, point and terms of approval.

    From the homes register (kind in_house_fostering, registered, open on the day); without one, from the carers
    register (approved and not left), of any age and sex.
    """
    columns = ["home_id", "level", "places", "places_free", "latitude", "longitude", "min_age", "max_age", "sex"]
    if homes is not None:
        own = homes[(homes["kind"] == "in_house_fostering") & homes["registered"]]
        opened = own["open_from"].isna() | (own["open_from"] <= as_of)
        open_now = opened & (own["open_to"].isna() | (own["open_to"] >= as_of))
        rows = own[open_now].rename(columns={"max_needs_level": "level"})
    elif carers is not None:
        approved = carers["approved_on"].notna() & (carers["approved_on"] <= as_of)
        rows = carers[approved & (carers["left_on"].isna() | (carers["left_on"] > as_of))]
        rows = rows.rename(columns={"household_id": "home_id"}).assign(min_age=0, max_age=17, sex="any")
        rows = rows.fillna({"level": 1, "places": 1}).assign(places_free=0)
    else:
        return pd.DataFrame(columns=columns)
    return rows.sort_values("home_id")[columns].reset_index(drop=True)
