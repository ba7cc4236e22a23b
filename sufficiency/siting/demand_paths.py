"""Many pools of children in one table: one for each demand path, read and checked together."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.errors import Fault
from sufficiency.matching.entrance import faults_between
from sufficiency.records import tables
from sufficiency.records.registers import check_register
from sufficiency.siting.practice_by_path import told_once

SOURCE: Final = "children.csv"
NAMED_BY_PATH: Final = ("child_id", "sibling_group")
"""Columns whose names may come again in another path and then mean another child or group."""


def read_paths(given: pd.DataFrame, paths: int | None) -> tuple[dict[int, pd.DataFrame], list[Fault]]:
    """Path number → its children as a checked register, and everything wrong with them.

    Without a column ``path`` all children are one path, number 0. With ``paths`` there are that many, 0 to
    ``paths − 1``, and one that no row names has no child in it; else those that the rows name.
    """
    named = given.rename(columns=lambda column: str(column).strip().lower()).reset_index(drop=True)
    number, faults = _numbers(named, paths)
    prefixed = named.drop(columns="path", errors="ignore")
    for column in NAMED_BY_PATH:
        if column in prefixed:
            text = tables.as_text(prefixed[column])
            prefixed[column] = (number.astype(str) + "|" + text).where(text != "", "")
    checked, found = check_register("children", prefixed, SOURCE)
    faults += found
    if faults:
        return {}, faults
    for column in NAMED_BY_PATH:
        if checked[column].notna().any():
            checked[column] = checked[column].str.split("|", n=1).str[1]
    every = range(paths) if paths is not None else np.unique(number).tolist() or [0]
    here = number.to_numpy()
    return {path: checked[here == path] for path in every}, []


def _numbers(named: pd.DataFrame, paths: int | None) -> tuple[pd.Series, list[Fault]]:
    """The path of each row, and the faults of the column."""
    if "path" not in named:
        return pd.Series(0, index=named.index), []
    values, bad = tables.as_whole_numbers(named["path"])
    faults = []
    bad |= values.isna()
    if bad.any():
        fix = "Give the number of the row's demand path"
        faults.append(Fault("L10", SOURCE, "path", tables.rows_where(named, bad), "not a whole number", fix))
    outside = ~bad & ~values.between(0, paths - 1).fillna(True) if paths is not None else bad & False
    if outside.any():
        says, fix = f"not one of the {paths} paths, 0 to {(paths or 0) - 1}", "Correct the number, or paths"
        faults.append(Fault("L11", SOURCE, "path", tables.rows_where(named, outside), says, fix))
    return values.fillna(0).astype(int), faults


def faults_with_homes(pools: dict[int, pd.DataFrame], homes: pd.DataFrame) -> list[Fault]:
    """Faults that show only when a path's children and the homes are held side by side, each told once."""
    found = []
    for pool in pools.values():
        lines = pool.index.to_numpy() + 2
        for fault in faults_between(pool.reset_index(drop=True), homes):
            where = lines[np.array(fault.rows, dtype=int) - 2] if fault.table == SOURCE else fault.rows
            found.append(replace(fault, rows=tuple(where)))
    return told_once(found)
