"""The columns of every register, as data: name, what a cell holds, what an empty cell means, and its limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from sufficiency.vocabulary import KINDS, NEEDS_LEVELS, SEXES, STATUSES

Holds = Literal["text", "word", "words", "date", "whole", "number", "flag", "list"]

OLDEST_AGE: Final = 120
CARER_LEVELS: Final = (1, 2, 3)
VARIANTS: Final = ("low", "principal", "high")
DECISIONS: Final = ("pin", "rule_out")
"""What a panel may have decided of a child and a home: the child is to live there, or must not."""

STRONGEST_SCORE: Final = 100
"""A social worker's score of a home for a child goes from its negative, not wanted, over 0 to this, much wanted."""

MOST_PLACES: Final = 500
"""Places of one home above which the number is a mistake; the largest children's homes have a few dozen."""

DEAREST_WEEK: Final = 100_000
"""Cost of one child for one week above which the figure is a mistake; the dearest known are about a fifth of it [£]."""

MOST_PEOPLE: Final = 10_000_000
"""People of one age above which the figure is a mistake; all of England has about 700,000 of an age."""

LATITUDES: Final = (49.0, 61.0)
LONGITUDES: Final = (-9.0, 2.0)
"""The British Isles, in degrees; a point outside them is a mistake, most often latitude and longitude swapped."""


@dataclass(frozen=True)
class Column:
    """One column of a register.

    ``required``: the column must be there; ``filled``: no cell may be empty. ``default`` takes the place of an empty
    cell. ``choices``: the words (or whole numbers) that a cell may hold. ``low`` and ``high``: limits, inclusive.
    """

    name: str
    holds: Holds = "text"
    required: bool = False
    filled: bool = False
    default: object = None
    choices: tuple[object, ...] = ()
    low: float | None = None
    high: float | None = None


def _needed(name: str, holds: Holds = "text", **limits: object) -> Column:
    return Column(name, holds, required=True, filled=True, **limits)  # type: ignore[arg-type]


REGISTERS: Final[dict[str, tuple[Column, ...]]] = {
    "children": (
        _needed("child_id"),
        _needed("date_of_birth", "date"),
        Column("sex", "word", choices=SEXES),
        _needed("needs_level", "whole", choices=NEEDS_LEVELS),
        Column("home_postcode"),
        Column("home_latitude", "number", low=LATITUDES[0], high=LATITUDES[1]),
        Column("home_longitude", "number", low=LONGITUDES[0], high=LONGITUDES[1]),
        Column("school_postcode"),
        Column("school_latitude", "number", low=LATITUDES[0], high=LATITUDES[1]),
        Column("school_longitude", "number", low=LONGITUDES[0], high=LONGITUDES[1]),
        Column("sibling_group"),
        Column("status", "word", choices=STATUSES, default="needs_home"),
        Column("current_home_id"),
        Column("max_miles", "number", low=0),
        Column("distance_exempt", "flag", default=False),
        Column("avoid_homes", "list"),
        Column("solo", "flag", default=False),
        Column("allowed_kinds", "words", choices=KINDS),
    ),
    "homes": (
        _needed("home_id"),
        _needed("kind", "word", choices=KINDS),
        Column("provider"),
        Column("postcode"),
        Column("latitude", "number", low=LATITUDES[0], high=LATITUDES[1]),
        Column("longitude", "number", low=LONGITUDES[0], high=LONGITUDES[1]),
        _needed("places", "whole", low=0, high=MOST_PLACES),
        _needed("places_free", "whole", low=0, high=MOST_PLACES),
        _needed("min_age", "whole", low=0, high=OLDEST_AGE),
        _needed("max_age", "whole", low=0, high=OLDEST_AGE),
        Column("sex", "word", choices=("any", "female", "male"), default="any"),
        _needed("max_needs_level", "whole", choices=NEEDS_LEVELS),
        Column("weekly_cost", "number", required=True, low=0, high=DEAREST_WEEK),
        Column("registered", "flag", default=True),
        Column("open_from", "date"),
        Column("open_to", "date"),
        Column("ofsted_urn"),
    ),
    "carers": (
        _needed("household_id"),
        Column("enquired_on", "date"),
        Column("applied_on", "date"),
        Column("approved_on", "date"),
        Column("left_on", "date"),
        Column("level", "whole", choices=CARER_LEVELS),
        Column("places", "whole", low=0, high=MOST_PLACES),
        Column("postcode"),
        Column("latitude", "number", low=LATITUDES[0], high=LATITUDES[1]),
        Column("longitude", "number", low=LONGITUDES[0], high=LONGITUDES[1]),
        Column("outcome"),
    ),
    "prices": (
        _needed("kind", "word", choices=KINDS),
        Column("needs_level", "whole", choices=NEEDS_LEVELS),
        _needed("from_date", "date"),
        _needed("weekly_cost", "number", low=0, high=DEAREST_WEEK),
        Column("source"),
    ),
    "population": (
        _needed("year", "whole", low=1900, high=2200),
        _needed("age", "whole", low=0, high=OLDEST_AGE),
        _needed("population", "number", low=0, high=MOST_PEOPLE),
        Column("variant", "word", choices=VARIANTS, default="principal"),
    ),
    "fixed": (
        _needed("child_id"),
        _needed("home_id"),
        _needed("decision", "word", choices=DECISIONS),
    ),
    "scores": (
        _needed("child_id"),
        _needed("home_id"),
        _needed("score", "whole", low=-STRONGEST_SCORE, high=STRONGEST_SCORE),
    ),
}
"""Register → its columns in order. A register's file is its name with ``.csv`` or ``.xlsx``."""

KEYS: Final[dict[str, tuple[str, ...]]] = {
    "children": ("child_id",),
    "homes": ("home_id",),
    "carers": ("household_id",),
    "prices": ("kind", "needs_level", "from_date"),
    "population": ("year", "age", "variant"),
    "fixed": ("child_id", "home_id", "decision"),
    "scores": ("child_id", "home_id"),
}
"""Columns that name a row of a register; two rows with the same ones are a fault."""

Place = tuple[str, str, str]
"""A postcode column and the two columns, latitude and longitude, that it fills."""

PLACES: Final[dict[str, tuple[Place, ...]]] = {
    "children": (
        ("home_postcode", "home_latitude", "home_longitude"),
        ("school_postcode", "school_latitude", "school_longitude"),
    ),
    "homes": (("postcode", "latitude", "longitude"),),
    "carers": (("postcode", "latitude", "longitude"),),
}
"""Register → the places that its rows have; the other registers have none."""
