"""The needs analysis as it may leave: small numbers, and what gives them back, as "c"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.report.disclosure import HIDDEN
from sufficiency.report.profile_cells import ALL, COUNTS, SHARES, Cells, Row, Tables, cells_of
from sufficiency.report.protection import Key, cells_to_hide
from sufficiency.report.tables import DECIMALS

AUTHORITY: Final = "authority"
FEWEST_SPELLS: Final = 10
"""Curves and medians of fewer stays, and the part of a curve where fewer are watched, are not published."""
CURVES: Final = ("time_in_care", "time_in_placement")
CURVE_VALUES: Final = ("share_still_there", "low", "high")
MEDIAN_VALUES: Final = ("median_months", "low", "high")
CURVE_DECIMALS: Final = 2
AT_RISK_TO: Final = 10
"""Numbers at risk are rounded to this, so that no step of a curve tells how many left in a month."""
PRIVATE_COLUMNS: Final = {
    "children_by_year": ["periods_started", "periods_ceased", "not_explained", "opening"],
}
"""Columns that only differ by a few children from published ones, which would give those few away."""
ELSEWHERE: Final = "other districts"


def published(tables: Tables) -> dict[str, pd.DataFrame]:
    """Tables of the needs analysis with small numbers hidden as text "c", with secondary suppression.

    Counts of 1 to 5 are hidden, and what would give them back through any sum within a table, between tables or
    between years; shares and rates with them. A table of several authorities keeps its column ``authority``.
    """
    hidden = hidden_cells(tables)
    shown = {name: _with_hidden(name, table, hidden) for name, table in tables.items() if name in COUNTS}
    shown["medians"] = _medians(tables["medians"], shown["medians"])
    for name in CURVES:
        shown[name] = _curves(tables[name], tables["medians"], shown["medians"], name)
    for name, columns in PRIVATE_COLUMNS.items():
        shown[name] = shown[name].drop(columns=columns)
    return {name: shown[name] for name in tables if name in shown}


def numeric(table: pd.DataFrame) -> pd.DataFrame:
    """A published table with hidden cells missing and the others as numbers, as charts take it."""
    texts = [column for column in table.columns if not pd.api.types.is_numeric_dtype(table[column])]
    hiding = [column for column in texts if table[column].eq(HIDDEN).any()]
    return table.assign(**{name: pd.to_numeric(table[name].mask(table[name].eq(HIDDEN))) for name in hiding})


def hidden_cells(tables: Tables) -> frozenset[Key]:
    """Keys of the cells to hide, each with its authority before it ("" when there is only one)."""
    whole, names = Cells(), _authorities(tables)
    found = {name: cells_of(_of(tables, name)) for name in names}
    for name, part in found.items():
        whole.counts |= {(name, key): count for key, count in part.counts.items()}
        whole.unpublished |= {(name, key) for key in part.unpublished}
        for one in part.sums:
            whole.tie((name, one.total), {(name, key): times for key, times in one.parts.items()})
    for key in found[ALL].counts if len(names) > 1 else ():
        whole.tie((ALL, key), {(name, key): 1 for name in names if name != ALL and key in found[name].counts})
    return cells_to_hide(whole.counts, whole.sums, whole.unpublished)


def _authorities(tables: Tables) -> list[str]:
    table = tables["children_by_year"]
    return list(dict.fromkeys(table[AUTHORITY])) if AUTHORITY in table.columns else [""]


def _of(tables: Tables, authority: str) -> dict[str, pd.DataFrame]:
    return {
        name: table[table[AUTHORITY] == authority] if AUTHORITY in table.columns else table
        for name, table in tables.items()
    }


def _with_hidden(name: str, table: pd.DataFrame, hidden: frozenset[Key]) -> pd.DataFrame:
    rows = table.to_dict("records")
    columns: dict[str, tuple[Callable[[Row], Key], ...]] = {column: (key,) for column, key in COUNTS[name].items()}
    columns |= dict(SHARES.get(name, {}))
    masks = {
        column: np.array([any(_key(row, key) in hidden for key in keys) for row in rows], dtype=bool)
        for column, keys in columns.items()
    }
    return table.assign(**{column: _as_text(table[column], mask) for column, mask in masks.items() if mask.any()})


def _key(row: Row, key: Callable[[Row], Key]) -> Key:
    return (row.get(AUTHORITY, ""), key(row))


def _as_text(values: pd.Series, hide: np.ndarray) -> pd.Series:
    """Numbers as a CSV prints them, with "c" where they are hidden; what is missing stays missing."""
    floats = pd.api.types.is_float_dtype(values)
    rounded = values.round(DECIMALS) if floats else values
    texts = [
        HIDDEN if mask else None if pd.isna(value) else str(value) for value, mask in zip(rounded, hide, strict=True)
    ]
    return pd.Series(texts, index=values.index, dtype=object)


def _medians(table: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    """Medians to a tenth of a month; those of few or hidden stays hidden."""
    few = (table["spells"] > 0) & ((table["spells"] < FEWEST_SPELLS) | shown["spells"].eq(HIDDEN))
    return shown.assign(**{name: _as_text(table[name].round(1), few.to_numpy()) for name in MEDIAN_VALUES})


def _curves(table: pd.DataFrame, medians: pd.DataFrame, shown: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Curves of enough stays, as far as enough are watched; a group of few has one row that says "c"."""
    keys = [name for name in (AUTHORITY, "group") if name in table.columns]
    own = medians["measure"] == measure
    spells = table[keys].merge(medians.loc[own, [*keys, "spells"]], on=keys, how="left")["spells"].to_numpy()
    counted = table[keys].merge(shown.loc[own, [*keys, "spells"]], on=keys, how="left")["spells"].eq(HIDDEN).to_numpy()
    few = spells < FEWEST_SPELLS
    watched = (table["at_risk"] >= FEWEST_SPELLS).to_numpy()
    rounded = table.assign(
        **{name: table[name].round(CURVE_DECIMALS) for name in CURVE_VALUES},
        at_risk=(table["at_risk"] / AT_RISK_TO).round().astype(int) * AT_RISK_TO,
    )
    texts = {name: _as_text(rounded[name], few) for name in CURVE_VALUES if few.any()}
    if (few | counted).any():
        texts["at_risk"] = _as_text(rounded["at_risk"], few | counted)
    first = ~table.duplicated(keys).to_numpy()
    return rounded.assign(**texts)[(watched & ~few) | (few & first)].reset_index(drop=True)


def without_hidden_pairs(table: pd.DataFrame) -> pd.DataFrame:
    """``origins_and_places`` with the hidden pairs of each home district as one row that says "c".

    That somebody from one district lives in another is told only where enough do.
    """
    shown = table[table["children"].astype(str) != HIDDEN]
    keys = [name for name in (AUTHORITY, "home_area") if name in table.columns]
    rest = table.loc[table["children"].astype(str) == HIDDEN, keys].drop_duplicates()
    both = pd.concat([shown, rest.assign(place_area=ELSEWHERE, children=HIDDEN)], ignore_index=True)
    return both.sort_values(keys, kind="stable", ignore_index=True)
