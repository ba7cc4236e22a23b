"""What the steps of the generator hand to each other: children, periods of care, placements. Days are ordinals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from sufficiency.sample.postcodes import Place

FIRST_RETURN: Final = 2016
LAST_RETURN: Final = 2025
YEARS: Final = tuple(range(FIRST_RETURN, LAST_RETURN + 1))
BAND_FIRST_AGE: Final = {"under 1": 0, "1-4": 1, "5-9": 5, "10-15": 10, "16-17": 16, "18": 18}


def day(year: int, month: int, day_of_month: int) -> int:
    """A date as an ordinal."""
    return date(year, month, day_of_month).toordinal()


def year_end(year: int) -> int:
    """31 March of the year in which a return ends."""
    return day(year, 3, 31)


def return_year(on: int) -> int:
    """The year in which the return that covers a day ends."""
    when = date.fromordinal(on)
    return when.year + (when.month > 3)


def birthday(born: int, age: int) -> int:
    """The day a person reaches an age; born on 29 February counts 1 March."""
    when = date.fromordinal(born)
    leap_day = when.month == 2 and when.day == 29
    return day(when.year + age, 3, 1) if leap_day else day(when.year + age, when.month, when.day)


def age_on(born: int, on: int) -> int:
    """Age in whole years."""
    years = date.fromordinal(on).year - date.fromordinal(born).year
    return years if birthday(born, years) <= on else years - 1


def band_on(born: int, on: int) -> str:
    """The DfE age band on a day; "18" for adults."""
    age = age_on(born, on)
    return [band for band, first in BAND_FIRST_AGE.items() if age >= first][-1] if age >= 0 else "under 1"


@dataclass(frozen=True)
class Child:
    """One synthetic child. ``family`` is shared by brothers and sisters; ``home`` is missing for UASC."""

    number: int
    born: int
    sex: str
    family: int
    uasc: bool
    home: Place | None

    @property
    def child_id(self) -> str:
        """An id that nobody can take for a real child's."""
        return f"SYN{self.number:06d}"


@dataclass(frozen=True)
class Period:
    """One period of care: from starting to ceasing (``end`` missing while open); ``exit_code`` is a 903 REC code."""

    child: int
    start: int
    end: int | None = None
    exit_code: str = ""

    def holds(self, on: int) -> bool:
        """Whether the child is looked after on a day; on the day of ceasing it no longer is."""
        return self.start <= on and (self.end is None or self.end > on)

    def last(self) -> int:
        """The day of ceasing, or the last day of the last return while open."""
        return year_end(LAST_RETURN) if self.end is None else self.end


@dataclass(frozen=True)
class Placement:
    """One placement within a period: ``code`` and ``provider`` are 903 codes, ``zone`` inside, near or far."""

    period: int
    start: int
    end: int | None
    kind: str
    code: str = ""
    provider: str = ""
    zone: str = ""
    place: Place | None = None
    home_id: str = ""
    same_carer: bool = False

    def holds(self, on: int) -> bool:
        """Whether the placement is current on a day."""
        return self.start <= on and (self.end is None or self.end > on)
