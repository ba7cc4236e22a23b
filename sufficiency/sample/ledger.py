"""The generator's own book while years are played through, and who will turn 18 in which year."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from sufficiency.sample.model import YEARS, Child, Period, birthday, return_year
from sufficiency.sample.postcodes import Place
from sufficiency.sample.targets import Targets

ADULTS_A_YEAR_LATER: Final = 40
"""Children (not UASC) turning 18 in each year after the last return: an assumption, about the published average."""

LEAVING_EARLY: Final = 1.15
"""Children held for each that turns 18 in care, the rest leaving before. Tuned against the targets."""

FILLED_BY_STARTS: Final = 0.9
"""Share of a cohort to aim at when ages are drawn; later starts fill the rest. Tuned against the targets."""


@dataclass
class Ledger:
    """The generator's own book while years are played through: children and their periods, in order of starting."""

    children: list[Child] = field(default_factory=list)
    periods: list[Period] = field(default_factory=list)

    def born(self, period: int) -> int:
        """Date of birth of the child of a period."""
        return self.children[self.periods[period].child].born

    def open_on(self, on: int) -> list[int]:
        """Periods that hold a day."""
        return [number for number, period in enumerate(self.periods) if period.holds(on)]

    def add(self, born: int, start: int, family: int, uasc: bool, home: Place | None, sex: str) -> int:
        """Book a new child and its period; returns the period's number."""
        self.children.append(Child(len(self.children) + 1, born, sex, family, uasc, home))
        self.periods.append(Period(len(self.children) - 1, start))
        return len(self.periods) - 1

    def close(self, period: int, on: int, code: str = "") -> None:
        """End a period."""
        self.periods[period] = replace(self.periods[period], end=on, exit_code=code)

    def move_start(self, period: int, on: int) -> None:
        """Start a period on another day."""
        self.periods[period] = replace(self.periods[period], start=on)


@dataclass(frozen=True)
class Cohorts:
    """How many children (not UASC) should turn 18 in care in each year: what published exits at 18 ask for."""

    wanted: dict[int, int]

    @classmethod
    def of(cls, targets: Targets) -> Cohorts:
        """From the published exits at 18, less the unaccompanied children among them."""
        return cls({year: targets.count("ceased_18", year) - targets.count("ceased", year, "uasc") for year in YEARS})

    def want(self, year: int) -> float:
        """Children to hold of those who turn 18 in a year, so that enough are left when some leave before."""
        return LEAVING_EARLY * self.wanted.get(year, ADULTS_A_YEAR_LATER)

    def held(self, book: Ledger) -> Counter[int]:
        """Children now in care by the year in which they turn 18."""
        return Counter(
            return_year(birthday(book.children[period.child].born, 18))
            for period in book.periods
            if period.end is None and not book.children[period.child].uasc
        )

    def choose_age(self, book: Ledger, ages: list[int], start: int, rng: np.random.Generator) -> int:
        """One of some ages [days]: likelier the more its cohort is short of the children it should have."""
        held = self.held(book)
        years = [return_year(birthday(start - age, 18)) for age in ages]
        short = np.array([max(FILLED_BY_STARTS * self.want(year) - held[year], 1.0) for year in years])
        return ages[int(rng.choice(len(ages), p=short**2 / (short**2).sum()))]

    def crowding(self, book: Ledger, members: list[int], on: int) -> np.ndarray:
        """How much likelier each member is to leave, by how far its cohort is above or below what is wanted."""
        held = self.held(book)
        years = [return_year(birthday(book.born(number), 18)) for number in members]
        ratio = np.array([held[year] / self.want(year) for year in years])
        near = np.array([year - return_year(on) <= 4 for year in years])
        return np.where(near, np.clip(ratio, 0.2, 3.0) ** 3, 1.0)
