"""From simulated paths to the ranges that tables show: add up inside each path first, then summarise here."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

QUANTILES: Final = {
    "p2_5": 0.025,
    "p10": 0.10,
    "p25": 0.25,
    "p50": 0.50,
    "p75": 0.75,
    "p90": 0.90,
    "p97_5": 0.975,
}
"""Quantile columns of every published table."""

RANGE_COLUMNS: Final = ("mean", *QUANTILES)


def summarise(paths: np.ndarray) -> pd.DataFrame:
    """Mean and quantiles over the paths: ``paths`` has shape (paths, cells), the answer one row per cell."""
    quantiles = np.quantile(paths, list(QUANTILES.values()), axis=0)
    return pd.DataFrame({"mean": paths.mean(axis=0), **dict(zip(QUANTILES, quantiles, strict=True))})


def band(table: pd.DataFrame, level: float) -> pd.DataFrame:
    """A table's range columns reduced to ``low``, ``middle``, ``high`` at ``level`` (0.5, 0.8 or 0.95).

    Raises ``ValueError`` for another level: ask the answer object, which keeps the paths.
    """
    ends = {0.5: ("p25", "p75"), 0.8: ("p10", "p90"), 0.95: ("p2_5", "p97_5")}
    if level not in ends:
        raise ValueError(f"level is {level}; published tables hold 0.5, 0.8 and 0.95")
    low, high = ends[level]
    keys = [column for column in table.columns if column not in RANGE_COLUMNS]
    return table[keys].assign(low=table[low], middle=table["p50"], high=table[high])
