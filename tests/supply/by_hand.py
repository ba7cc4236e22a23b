"""Fifty households without a register, and what becomes of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sufficiency import Scenario
from sufficiency.supply.forecast import recruited
from sufficiency.supply.households import Households
from sufficiency.supply.pipeline import Pipeline

PATHS = 60
PLACES = (1,) * 22 + (2,) * 17 + (3,) * 8 + (5,) * 3


def fifty(**columns: object) -> pd.DataFrame:
    """50 households with 95 places, levels 1 to 3 and ten years of approval by turns, all in one street."""
    table = pd.DataFrame({"home_id": [f"H{number:02d}" for number in range(50)], "places": PLACES, "places_free": 0})
    table = table.assign(level=1 + np.arange(50) % 3, latitude=51.56, longitude=-1.78, min_age=0, max_age=17, sex="any")
    return table.assign(**{"months_since": 12.0 * (np.arange(50) % 10) + 5, **columns})


def carried(
    today: pd.DataFrame | None = None, paths: int = PATHS, years: int = 3, **levers: object
) -> tuple[Households, Pipeline]:
    changes = {f"supply.recruitment.{name}": value for name, value in levers.items()}
    scenario = Scenario(name="x").with_changes({"horizon.paths": paths, "horizon.years": years, **changes})
    return recruited(fifty() if today is None else today, scenario.supply.recruitment, scenario.horizon)


def open_by_month(households: Households, paths: int = PATHS, months: int = 36) -> np.ndarray:
    return np.column_stack(
        [np.bincount(households.path, households.open_at(month), minlength=paths) for month in range(months + 1)]
    )
