"""The rules of every register: of its cells, from the columns of the contract, and of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

import pandas as pd

from sufficiency.errors import Fault
from sufficiency.geography import locate, miles_between
from sufficiency.records.carer_rules import CARER_RULES, CARER_RULES_BETWEEN
from sufficiency.records.child_rules import CHILD_RULES, CHILD_RULES_BETWEEN
from sufficiency.records.contract import KEYS, LATITUDES, LONGITUDES, PLACES, REGISTERS, Column, Place
from sufficiency.records.decision_rules import FIXED_RULES, FIXED_RULES_BETWEEN, SCORES_RULES_BETWEEN
from sufficiency.records.dry_land import near_a_postcode
from sufficiency.records.home_rules import HOME_RULES, HOME_RULES_BETWEEN
from sufficiency.records.population_rules import POPULATION_RULES, POPULATION_RULES_BETWEEN
from sufficiency.records.price_rules import PRICE_RULES, PRICE_RULES_BETWEEN
from sufficiency.records.rules import CellRule, Rule, Severity, broken_rules

COORDINATES: Final = frozenset(name for places in PLACES.values() for place in places for name in place[1:])

MILES_APART: Final = 3.0
"""Miles between a point and its own postcode above which one of the two is another place's; postcodes are small."""

IN_THE_SEA: Final = "N169"
"""The warning of points where nobody lives: no fault, as a made-up map may have them, but a slip on a real one."""


def own_point(place: Place) -> str:
    """Column that tells the rows whose point came with them rather than from their postcode."""
    return f"own_{place[1]}"


def _cell_rules(name: str, column: Column) -> Iterator[CellRule]:
    """What the contract asks of each cell of a column; points are checked in pairs, by rules on rows."""
    if column.choices and column.holds in ("word", "whole"):
        says = "not one of the levels" if column.holds == "whole" else "not one of the words for this column"
        fix = f"Use {', '.join(str(choice) for choice in column.choices)}"
        yield CellRule("R03", name, column.name, says, fix, allowed=column.choices)
    if column.filled:
        yield CellRule("R02", name, column.name, "the cell is empty", "Give a value in every row", filled=True)
    if column.low is not None and column.name not in COORDINATES:
        low = f"{column.low:.10g}"
        yield CellRule("R06", name, column.name, f"below {low}", f"Give {low} or more", low=column.low)
    if column.high is not None and column.name not in COORDINATES:
        high = f"{column.high:.10g}"
        yield CellRule("R06", name, column.name, f"above {high}", f"Give {high} or less", high=column.high)


def _repeated(name: str) -> Rule:
    """Rows that name the same child, home, household, price or population twice."""
    keys = list(KEYS[name])
    filled = [column.name for column in REGISTERS[name] if column.filled and column.name in keys]

    def bad_rows(table: pd.DataFrame) -> pd.Series:
        return table.duplicated(keys, keep=False) & table[filled].notna().all(axis=1)

    says = f"the same {' and '.join(keys)} comes more than once"
    return Rule("R07", name, KEYS[name], says, "Keep one row of them", bad_rows)


def _place_rules(name: str, place: Place) -> tuple[Rule, ...]:
    """Points where nobody lives or with only one coordinate; postcodes not found, or far from their point."""
    postcode, latitude, longitude = place
    own = own_point(place)

    def swapped(table: pd.DataFrame) -> pd.Series:
        return table[longitude].between(*LATITUDES) & table[latitude].between(*LONGITUDES)

    def inside(table: pd.DataFrame) -> pd.Series:
        return table[latitude].between(*LATITUDES) & table[longitude].between(*LONGITUDES)

    def outside(table: pd.DataFrame) -> pd.Series:
        both = table[latitude].notna() & table[longitude].notna()
        return both & ~inside(table) & ~swapped(table)

    def at_sea(table: pd.DataFrame) -> pd.Series:
        return inside(table) & ~near_a_postcode(*(table[name].to_numpy(dtype=float) for name in place[1:]))

    def one_only(table: pd.DataFrame) -> pd.Series:
        return table[latitude].isna() ^ table[longitude].isna()

    def not_found(table: pd.DataFrame) -> pd.Series:
        return table[postcode].notna() & table[latitude].isna()

    def apart(table: pd.DataFrame) -> pd.Series:
        both = table[table[own] & table[postcode].notna()]
        found = locate(both[postcode])
        points = (both[latitude], both[longitude], found["latitude"], found["longitude"])
        miles = miles_between(*(point.to_numpy(dtype=float) for point in points))
        far = (found["precision"] == "postcode") & (miles > MILES_APART)
        return far.reindex(table.index, fill_value=False)

    both = (latitude, longitude)
    limits = f"latitude {LATITUDES[0]:g} to {LATITUDES[1]:g}, longitude {LONGITUDES[0]:g} to {LONGITUDES[1]:g}"
    sea = "the point is in the sea, or miles from any postcode, and counts all the same"
    west = "Correct it: west of Greenwich the longitude is negative"
    unknown = "the ONS directory does not have the postcode, so the place is unknown"
    far = f"the point is more than {MILES_APART:g} miles from the postcode, and the point counts"
    return (
        Rule("R08", name, both, "latitude and longitude look swapped", "Swap the two columns", swapped),
        Rule("R08", name, both, "the point is outside the British Isles", f"Give degrees: {limits}", outside),
        Rule("R08", name, both, "one coordinate without the other", "Give both, or neither and a postcode", one_only),
        Rule("N02", name, (postcode,), unknown, "Correct it, or give coordinates", not_found, "warning"),
        Rule(IN_THE_SEA, name, both, sea, west, at_sea, "warning"),
        Rule("N160", name, (*place, own), far, "Correct the postcode or the point", apart, "warning"),
    )


CELL_RULES_OF_REGISTERS: Final[dict[str, tuple[CellRule, ...]]] = {
    name: tuple(one for column in columns for one in _cell_rules(name, column)) for name, columns in REGISTERS.items()
}
"""Register → rules of its cells."""

RULES_OF_ONE: Final[dict[str, tuple[Rule, ...]]] = {
    "children": CHILD_RULES,
    "homes": HOME_RULES,
    "carers": CARER_RULES,
    "prices": PRICE_RULES,
    "population": POPULATION_RULES,
    "fixed": FIXED_RULES,
    "scores": (),
}
"""Register → rules that no other register has."""

REGISTER_RULES: Final[dict[str, tuple[Rule, ...]]] = {
    name: (*(one for place in PLACES.get(name, ()) for one in _place_rules(name, place)), _repeated(name), *own)
    for name, own in RULES_OF_ONE.items()
}
"""Register → rules on whole rows, which run when the cells have been read."""

RULES_BETWEEN: Final[dict[str, tuple[Rule, ...]]] = {
    "children": CHILD_RULES_BETWEEN,
    "homes": HOME_RULES_BETWEEN,
    "carers": CARER_RULES_BETWEEN,
    "prices": PRICE_RULES_BETWEEN,
    "population": POPULATION_RULES_BETWEEN,
    "fixed": FIXED_RULES_BETWEEN,
    "scores": SCORES_RULES_BETWEEN,
}
"""Register → rules on its rows held against another register, the returns, or the day they end."""


def own_columns(name: str, columns: Iterable[str]) -> str:
    """Columns of a rule as a message names them: the register's own, not those that it was joined with."""
    own = {column.name for column in REGISTERS[name]}
    return ", ".join(column for column in columns if column in own)


def broken_of(rules: Iterable[Rule], severity: Severity, name: str, table: pd.DataFrame, source: str) -> list[Fault]:
    """Faults of the rules of one severity on a register, which name its own columns only."""
    faults = broken_rules([one for one in rules if one.severity == severity], table, source)
    return [replace(fault, column=own_columns(name, fault.column.split(", "))) for fault in faults]
