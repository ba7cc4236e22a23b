"""What every output says of itself: scenario, whose data and to when, made up or real, seed and version."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Protocol

import pandas as pd

if TYPE_CHECKING:
    from sufficiency.records.model import Records
    from sufficiency.scenario import Scenario

SHORTLIST_NOTE = "A model's shortlist: a social worker decides."
SYNTHETIC_NOTE = "Synthetic sample data: no real child, carer or home."


class Sourced(Protocol):
    """Whatever can say where a table or chart comes from."""

    def source(self) -> str:
        """One line to print under a table or chart."""


@dataclass(frozen=True)
class Stamp:
    """Where a table or chart comes from. ``data_to`` is the last day that the returns cover."""

    scenario: str
    authority: str
    synthetic: bool
    data_to: pd.Timestamp
    seed: int
    paths: int
    version: str

    def source(self) -> str:
        """One line to print under a table or chart."""
        made_up = f" {SYNTHETIC_NOTE}" if self.synthetic else ""
        return (
            f"Scenario: {self.scenario}. Source: {self.authority}, SSDA903 returns and registers to "
            f"{self.data_to:%d %B %Y}; {self.paths} simulated futures, seed {self.seed}, "
            f"sufficiency {self.version}.{made_up}"
        )


@dataclass(frozen=True)
class DataStamp:
    """Where a table of the past comes from. ``data_to`` as in :class:`Stamp`; ``about``: what was done with the past,
    ``data``: what it was read from."""

    authority: str
    synthetic: bool
    data_to: pd.Timestamp
    version: str
    about: str = "Needs analysis"
    data: str = "SSDA903 returns"

    def source(self) -> str:
        """One line to print under a table or chart."""
        made_up = f" {SYNTHETIC_NOTE}" if self.synthetic else ""
        whose = f"{self.authority}, " if self.authority else ""
        return (
            f"{self.about}. Source: {whose}{self.data} to {self.data_to:%d %B %Y}; sufficiency {self.version}.{made_up}"
        )


def stamp_of(records: Records, scenario: Scenario) -> Stamp:
    """The stamp of a scenario run on an authority's records."""
    return Stamp(
        scenario=scenario.name,
        authority=records.authority,
        synthetic=records.synthetic,
        data_to=records.data_to,
        seed=scenario.horizon.seed,
        paths=scenario.horizon.paths,
        version=package_version(),
    )


def data_stamp_of(records: Records) -> DataStamp:
    """The stamp of what an authority's records say of the past."""
    return DataStamp(records.authority, records.synthetic, records.data_to, package_version())


def package_version() -> str:
    """Version of the package as installed; "0" when it runs from a folder that was never installed."""
    try:
        return version("sufficiency")
    except PackageNotFoundError:
        return "0"
