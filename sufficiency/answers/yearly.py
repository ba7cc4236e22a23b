"""Figures by path and financial year as a tidy table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sufficiency.ranges import summarise


def yearly_table(years: Sequence[str], measures: Mapping[str, np.ndarray], **keys: str) -> pd.DataFrame:
    """``financial_year``, ``keys``, ``measure`` and ranges of each measure's values by path and year."""
    parts = []
    for name, values in measures.items():
        about = pd.DataFrame({"financial_year": list(years), **keys, "measure": name})
        parts.append(pd.concat([about, summarise(np.asarray(values, dtype=float))], axis=1))
    return pd.concat(parts, ignore_index=True)


def part_of(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Share of the whole, 0 where there is none."""
    return np.divide(part, whole, out=np.zeros(np.shape(whole)), where=np.asarray(whole) > 0)
