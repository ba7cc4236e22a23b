"""The published figures that the sample is calibrated on, each with its source and tolerance."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

TABLE: Final = Path(__file__).with_name("targets.csv")


@dataclass(frozen=True)
class Targets:
    """Figures by measure, year (of the return's end) and category; ``table`` holds source, basis and tolerance."""

    table: pd.DataFrame
    figures: dict[tuple[str, int], dict[str, int]]

    def counts(self, measure: str, year: int) -> dict[str, int]:
        """Every category of a measure in a year, in the table's order; empty when the year is not published."""
        return dict(self.figures.get((measure, year), {}))

    def count(self, measure: str, year: int, category: str = "all") -> int:
        """One figure; raises ``KeyError`` when it is not in the table."""
        return self.figures[measure, year][category]


def read_targets() -> Targets:
    """The shipped table: ``measure year category value tolerance basis source``."""
    table = pd.read_csv(TABLE, dtype={"category": str})
    figures: dict[tuple[str, int], dict[str, int]] = {}
    columns = (table[name].tolist() for name in ("measure", "year", "category", "value"))
    for measure, year, category, value in zip(*columns, strict=True):
        figures.setdefault((measure, year), {})[category] = round(value)
    return Targets(table, figures)
