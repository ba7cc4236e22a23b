"""What a projection rests on, said beside it: years held, levels of today, the width of the range, what is missing."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from sufficiency.demand.entries import Entries
from sufficiency.demand.history import Window
from sufficiency.demand.own_origins import OwnOrigins
from sufficiency.demand.population import exposure_of
from sufficiency.demand.rates import Exits
from sufficiency.records.model import Records

FEW_YEARS: Final = 3
"""Years of returns below which the reader is warned."""


def basis_of(
    records: Records, dates: pd.DatetimeIndex, window: Window, entries: Entries, exits: Exits, own: OwnOrigins
) -> pd.DataFrame:
    """Rows ``authority about says``: one for each thing that a reader of the projection should know.

    ``dates``: the as-of day and the month ends of the projection.
    """
    as_of = dates[0]
    children, unaccompanied = entries.levels
    years = window.covered.sum() / 12
    held = f"{years:.3g} {'year' if years == 1 else 'years'} of returns to {as_of:%d %B %Y}"
    missing = int((~window.covered).sum())
    says = {
        "returns": held + (f"; {missing} months in between have no return and count for nothing" if missing else ""),
        "starts": _level(children.now(), "of children of the area"),
        "unaccompanied": _level(unaccompanied.now(), "of unaccompanied children")
        if records.children["uasc"].any()
        else "no child is known as unaccompanied (no uasc table, or none in it): next to none are expected",
        "leaving": _level(exits.level.now(), "of leaving before 18", "the rates of recent years"),
        "population": exposure_of(records.population, dates[-1]),
        "range": own.says(),
    }
    if window.covered.sum() < 12 * FEW_YEARS:
        says["warning"] = f"only {held}: rates and their changes are little known, so the range is wide"
    return pd.DataFrame({"authority": records.authority, "about": list(says), "says": list(says.values())})


def _level(log: float, whose: str, against: str = "the long-run mean") -> str:
    """A level of today in words."""
    ratio = float(np.exp(log)) - 1
    return f"the level {whose} is now {abs(ratio):.0%} {'above' if ratio >= 0 else 'below'} {against}"
