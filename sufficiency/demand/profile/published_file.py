"""What others publish, from a file that the user supplies: one row an area, a year and a measure.

Layouts: a tidy CSV (``area, year, measure, value``), and the files by local authority of DfE, *Children looked after
in England including adoptions*, as Explore education statistics offers them: numbers and rates, characteristics on
31 March, starting, ceasing, and placement stability; those to 2024 (``number``) and those from 2025
(``children_count``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from sufficiency.demand.profile.words import NEED_LABELS, slug
from sufficiency.errors import Fault, InputError
from sufficiency.records.tables import as_numbers, as_text, as_whole_numbers, read_table, rows_where

TIDY: Final = ("area", "year", "measure", "value")
COLUMNS: Final = (*TIDY, "level", "region", "code")
SYMBOLS: Final = ("c", "z", "x", "k", ":", "..", "-", "low")
"""What stands in a published file for a number that is hidden, not there, or would round to nought."""
NATIONAL: Final = "national"
ENGLAND: Final = "England"

COUNT_COLUMNS: Final = ("children_count", "number")
PERCENT_COLUMNS: Final = ("children_percent", "percentage", "percent")
POPULATION_COLUMNS: Final = ("population_type", "population_count", "cla_group")
RATE: Final = "rate_per_10000"
STABILITY: Final = "placement_stability"

POPULATIONS: Final = {"31 march": "looked_after", "start": "started", "ceas": "ceased"}
"""Words of a population's name → measure; its rate has "_rate" behind it, that of looked after is ``rate``."""

SHARES: Final[Mapping[tuple[str, str], str]] = {
    ("age group", "under 1 year"): "aged_under_1",
    ("age group", "1 to 4 years"): "aged_1_to_4",
    ("age group", "5 to 9 years"): "aged_5_to_9",
    ("age group", "10 to 15 years"): "aged_10_to_15",
    ("age group", "16 years and over"): "aged_16_and_over",
    ("placement", "foster placements"): "fostered",
    ("placement", "secure homes and children's homes"): "secure_and_childrens_homes",
    ("placement", "independent and semi-independent living arrangements/supported accommodation"): "supported",
    ("placement", "placed with parents or other person with parental responsibility"): "with_parents",
    ("placement", "placed for adoption"): "placed_for_adoption",
    ("legal status", "full care order"): "full_care_order",
    ("legal status", "interim care order"): "interim_care_order",
    ("legal status", "placement order granted"): "placement_order",
    ("legal status", "voluntary agreements under s20 ca 1989"): "voluntary_s20",
    ("locality of placement", "placed inside the local authority boundary"): "inside_area",
    ("distance between home and placement", "placed more than 20 miles from home"): "over_20_miles",
    ("unaccompanied asylum-seeking children", "uasc"): "unaccompanied",
    ("place providers", "own provision (by the la)"): "own_provision",
    ("place providers", "private provision"): "private_provision",
    ("place providers", "voluntary/third sector provision"): "voluntary_provision",
}
"""Group and label of a row about 31 March, in small letters → measure (a share of children looked after that day)."""
CERTAIN: Final = ("age group", "placement", "locality of placement", "place providers")
"""Groups that only the file about 31 March has."""
TOTALS: Final = {"age on starting": "started", "age on ceasing": "ceased", "age group": "looked_after"}
"""Group whose total is a number of children → measure."""
STABLE: Final = {
    "with 3 or more placements during the year": "three_or_more_placements",
    "living with the same carer for at least 2 years": "same_placement_two_years",
}


def read_published(path: Path) -> pd.DataFrame:
    """A published file as ``area year measure value``, and ``level`` ``region`` ``code`` where the file has them.

    Shares are 0 to 1; hidden values are missing. Raises :class:`InputError` when the layout is not known.
    """
    return published_rows(read_table(path), path.name)


def published_rows(table: pd.DataFrame, source: str = "published") -> pd.DataFrame:
    """As :func:`read_published`, from a table that is there already; ``source`` is what messages call it."""
    named = table.rename(columns=lambda name: str(name).strip().lower())
    for fits, read in LAYOUTS:
        if fits(set(named.columns)):
            rows = read(named, source)
            if len(rows):
                return rows[list(COLUMNS)].reset_index(drop=True)
    columns = ", ".join(str(name) for name in table.columns[:12])
    says = f"is in no layout that can be compared; its columns are {columns or 'none'}"
    fix = (
        "Give a CSV with area, year, measure, value, or one of DfE's files by local authority of Children looked after "
        "in England including adoptions (numbers and rates, characteristics, placement stability)"
    )
    raise InputError([Fault("U01", source, "", (), says, fix)])


def _tidy(table: pd.DataFrame, source: str) -> pd.DataFrame:
    year, bad_year = as_whole_numbers(table["year"])
    value, bad_value = _values(table["value"])
    empty = as_text(table["area"]).eq("") | as_text(table["measure"]).eq("")
    broken = (
        ("year", bad_year | year.isna(), "is no year", "Give the year in which the return ends, such as 2025"),
        ("value", bad_value, "is no number", "Give a plain number, c where it is hidden, or leave it empty"),
        ("area, measure", empty, "is empty", "Name the area and the measure in every row"),
    )
    faults = [Fault("U02", source, column, rows_where(table, bad), says, fix) for column, bad, says, fix in broken]
    if any(fault.rows for fault in faults):
        raise InputError([fault for fault in faults if fault.rows])
    area = as_text(table["area"])
    level = area.eq(ENGLAND).map({True: NATIONAL, False: "local authority"})
    rows = {"area": area, "year": year.astype(int), "measure": as_text(table["measure"]), "value": value}
    return pd.DataFrame({**rows, "level": level, "region": "", "code": ""})


def _values(column: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Numbers, missing where a symbol stands; and what is neither."""
    text = as_text(column)
    return as_numbers(text.mask(text.str.lower().isin(SYMBOLS), ""))


def _numbers_and_rates(table: pd.DataFrame, source: str) -> pd.DataFrame:
    population = as_text(table[_first(table, POPULATION_COLUMNS)]).str.lower()
    parts = []
    for word, measure in POPULATIONS.items():
        rows = table[population.str.contains(word, regex=False)]
        rate = "rate" if measure == "looked_after" else f"{measure}_rate"
        parts += [_rows(rows, measure, _count(rows)), _rows(rows, rate, _values(rows[RATE])[0])]
    return pd.concat(parts, ignore_index=True)


def _stability(table: pd.DataFrame, source: str) -> pd.DataFrame:
    return _shares(table, as_text(table[STABILITY]).str.lower().map(STABLE))


def _characteristics(table: pd.DataFrame, source: str) -> pd.DataFrame:
    group_column, label_column = _pair(table)
    group, label = (as_text(table[name]).str.lower() for name in (group_column, label_column))
    total = group.map(TOTALS).where(label.eq("total"))
    counts = [_rows(table[total == name], name, _count(table[total == name])) for name in TOTALS.values()]
    if not group.isin(CERTAIN).any():
        return pd.concat(counts, ignore_index=True)
    keys = pd.Series(list(zip(group, label, strict=True)), index=table.index)
    need = label.str.extract(r"^(n[1-8])\.", expand=False).str.upper().map(NEED_LABELS)
    needs = ("need_" + need.map(slug, na_action="ignore")).where(group.eq("category of need"))
    return pd.concat([*counts, _shares(table, keys.map(SHARES).fillna(needs))], ignore_index=True)


def _shares(table: pd.DataFrame, measure: pd.Series) -> pd.DataFrame:
    known = measure.notna()
    percent = _values(table.loc[known, _first(table, PERCENT_COLUMNS)])[0]
    return _rows(table[known], measure[known], percent / 100)


def _rows(table: pd.DataFrame, measure: str | pd.Series, value: pd.Series) -> pd.DataFrame:
    """Rows of a DfE file: the area is the authority, else the region, else the country."""
    names = [as_text(table[name]) for name in ("la_name", "region_name", "country_name") if name in table.columns]
    area = names[0]
    for wider in names[1:]:
        area = area.where(area.ne(""), wider)
    columns = {
        "area": area,
        "year": _years(table["time_period"]),
        "measure": measure,
        "value": value,
        "level": as_text(table["geographic_level"]).str.lower(),
        "region": as_text(table["region_name"]) if "region_name" in table.columns else "",
        "code": as_text(table["new_la_code"]) if "new_la_code" in table.columns else "",
    }
    return pd.DataFrame(columns, index=table.index)


def _years(period: pd.Series) -> pd.Series:
    """Year in which a period ends: "2025", or "202425" for 2024 to 2025."""
    text = as_text(period)
    ends = text.str[:2] + text.str[4:6]
    return pd.to_numeric(text.str[:4].where(text.str.len() < 6, ends), errors="coerce").fillna(0).astype(int)


def _count(table: pd.DataFrame) -> pd.Series:
    return _values(table[_first(table, COUNT_COLUMNS)])[0]


def _first(table: pd.DataFrame, names: tuple[str, ...]) -> str:
    return next(name for name in names if name in table.columns)


def _pair(table: pd.DataFrame) -> tuple[str, str]:
    """Columns of the group and of its label."""
    return ("characteristic", "breakdown") if "breakdown" in table.columns else ("cla_group", "characteristic")


def _has(columns: set[str], *wanted: str | tuple[str, ...]) -> bool:
    return all(name in columns if isinstance(name, str) else any(one in columns for one in name) for name in wanted)


def _fits(*wanted: str | tuple[str, ...]) -> Callable[[set[str]], bool]:
    return lambda columns: _has(columns, "time_period", "geographic_level", "country_name", COUNT_COLUMNS, *wanted)


LAYOUTS: Final[tuple[tuple[Callable[[set[str]], bool], Callable[[pd.DataFrame, str], pd.DataFrame]], ...]] = (
    (lambda columns: _has(columns, *TIDY), _tidy),
    (_fits(RATE, POPULATION_COLUMNS), _numbers_and_rates),
    (_fits(STABILITY, PERCENT_COLUMNS), _stability),
    (_fits("characteristic", ("breakdown", "cla_group"), PERCENT_COLUMNS), _characteristics),
)
"""Whether a file's columns are those of a layout, and what reads it."""
