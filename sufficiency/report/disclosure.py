"""Disclosure control: small counts of real children do not leave, nor what would give them back.

DfE replaces counts of 1 to 5 with "c". A single hidden cell could be worked out from its row's or column's total, so a
second cell is hidden beside it (the smallest left), until no row and no column has exactly one. Means and quantiles of
simulated futures are not counts of real children and stand as they are; so do the published totals of a date.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from sufficiency.ranges import RANGE_COLUMNS

HIDDEN: Final = "c"
SMALLEST_SHOWN: Final = 6
NOT_FOR_PUBLICATION: Final = "Contains small numbers: not for publication."


def hide_small_numbers(counts: np.ndarray) -> np.ndarray:
    """Which cells of a two-way table without its margins to hide (bool), small ones and those that give them back.

    Every row and column with a hidden cell has at least two, unless all its other cells are nought (a nought is known
    to be no child, so hiding it would hide nothing): then the margin itself must be hidden by the caller.
    """
    hidden = (counts > 0) & (counts < SMALLEST_SHOWN)
    changed = True
    while changed:
        changed = False
        for axis in (1, 0):
            table, mask = (counts, hidden) if axis == 1 else (counts.T, hidden.T)
            for line in np.flatnonzero(mask.sum(axis=1) == 1):
                open_cells = np.flatnonzero(~mask[line] & (table[line] > 0))
                if len(open_cells):
                    mask[line, open_cells[np.argmin(table[line, open_cells])]] = True
                    changed = True
    return hidden


def suppressed_history(history: pd.DataFrame) -> pd.DataFrame:
    """Past counts by date, age band and kind with margins: small numbers, and what gives them back, as "c".

    For each date the inner table of age bands by kinds is treated first, then the two margins as tables of their own;
    a margin whose line has only one hidden inner cell left is hidden too.
    """
    parts = [_one_date(rows) for _, rows in history.groupby("date", sort=False)]
    return pd.concat(parts).loc[history.index] if parts else history


def _one_date(rows: pd.DataFrame) -> pd.DataFrame:
    kinds, bands = rows["kind"].unique(), rows["age_band"].unique()
    table = rows.pivot(index="age_band", columns="kind", values="children").reindex(index=bands, columns=kinds)
    counts = table.to_numpy(dtype=float)
    hidden = np.zeros(counts.shape, dtype=bool)
    hidden[1:, 1:] = hide_small_numbers(counts[1:, 1:])
    hidden[0, 1:] = _margin(counts[0, 1:], hidden[1:, 1:])
    hidden[1:, 0] = _margin(counts[1:, 0], hidden[1:, 1:].T)
    flat = pd.DataFrame(hidden, index=bands, columns=kinds).stack()
    mask = flat.reindex(pd.MultiIndex.from_arrays([rows["age_band"], rows["kind"]])).to_numpy()
    shown = [HIDDEN if hide else f"{count:.0f}" for hide, count in zip(mask, rows["children"], strict=True)]
    return rows.assign(children=shown)


def without_small_today(table: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    """A table of simulated futures with the cells of its first day, which are real counts, emptied where they are
    hidden in ``shown`` (the suppressed history): ``date``, ``kind`` and, where it has one, ``age_band``."""
    today = shown[shown["date"] == table["date"].min()]
    hidden = today[today["children"] == HIDDEN]
    keys = ["date", "kind", "age_band"]
    probe = table if "age_band" in table.columns else table.assign(age_band="all")
    mask = pd.MultiIndex.from_frame(probe[keys]).isin(pd.MultiIndex.from_frame(hidden[keys]))
    emptied = table.copy()
    emptied.loc[mask, list(RANGE_COLUMNS)] = np.nan
    return emptied


def without_small_opening(changes: pd.DataFrame, shown: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """The changes by year with the whole first year emptied for kinds whose number today is hidden in ``shown`` (the
    suppressed history): its steps and its end would give back the number with which it opens."""
    today = shown[(shown["date"] == day) & (shown["age_band"] == "all") & (shown["children"] == HIDDEN)]
    first = changes["financial_year"] == changes["financial_year"].iloc[0]
    emptied = changes.copy()
    emptied.loc[first & changes["kind"].isin(today["kind"]), list(RANGE_COLUMNS)] = np.nan
    return emptied


def _margin(totals: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """Margins to hide: small ones, those over a single hidden cell, and one more where only one would be hidden."""
    hide = ((totals > 0) & (totals < SMALLEST_SHOWN)) | (inner.sum(axis=0) == 1)
    if hide.sum() == 1:
        left = np.flatnonzero(~hide & (totals > 0))
        if len(left):
            hide[left[np.argmin(totals[left])]] = True
    return hide


def suppressed_areas(areas: pd.DataFrame) -> pd.DataFrame:
    """Counts by area with the small ones hidden; the counts beside a hidden one are hidden with it.

    ``children`` is the number of the pool from the area; no total is published beside it.
    """
    small = (areas["children"] > 0) & (areas["children"] < SMALLEST_SHOWN)
    columns = ["children", "within_limit", "over_limit", "unplaced"]
    shown = areas.astype(dict.fromkeys(columns, "str"))
    for column in columns:
        low = small | ((areas[column] > 0) & (areas[column] < SMALLEST_SHOWN))
        shown[column] = shown[column].mask(low, HIDDEN)
    parts = (shown[columns[1:]] == HIDDEN).sum(axis=1)
    for column in columns[1:]:
        shown[column] = shown[column].mask(parts == 1, HIDDEN)
    return shown
