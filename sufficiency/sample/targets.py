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

    def counts(self, measure: str, year: int) -> dict[str, int]:
        """Every category of a measure in a year, in the table's order; empty when the year is not published."""
        rows = self.table[(self.table["measure"] == measure) & (self.table["year"] == year)]
        return {category: round(value) for category, value in zip(rows["category"], rows["value"], strict=True)}

    def count(self, measure: str, year: int, category: str = "all") -> int:
        """One figure; raises ``KeyError`` when it is not in the table."""
        return self.counts(measure, year)[category]


def read_targets() -> Targets:
    """The shipped table: ``measure year category value tolerance basis source``."""
    return Targets(pd.read_csv(TABLE, dtype={"category": str}))
