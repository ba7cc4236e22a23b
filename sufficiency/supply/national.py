"""The national figures of recruiting and keeping carers, each with its year and source, from ``national_rates.csv``."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

TABLE: Final = Path(__file__).with_name("national_rates.csv")


@dataclass(frozen=True)
class National:
    """One national figure. ``worth``: how many cases of an authority's own it counts as (assumption), in their unit."""

    value: float
    unit: str
    worth: float
    worth_unit: str
    year: str
    source: str

    def cited(self) -> str:
        """Its source with its year; an assumption says so."""
        return f"{self.source} ({self.year})" if self.year else self.source


@cache
def national_figures() -> Mapping[str, National]:
    """Rate → national figure."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {
            row["rate"]: National(
                float(row["value"]), row["unit"], float(row["worth"]), row["worth_unit"], row["year"], row["source"]
            )
            for row in csv.DictReader(file)
        }
