"""The candidates: homes that could be opened and carers who could be recruited, read and checked."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.errors import Fault
from sufficiency.geography import district_of
from sufficiency.records import tables
from sufficiency.records.registers import check_register
from sufficiency.vocabulary import MATCHED_KINDS

SOURCE: Final = "candidates"
NOT_YET_TRUE: Final = ("registered", "open_from", "open_to")
"""Columns of ``homes.csv`` that say nothing of a home that is not there yet; a candidate counts as open."""

COSTS: Final = ("opening_cost", "yearly_cost")
COLUMNS: Final = (
    "candidate_id",
    "area",
    "kind",
    "latitude",
    "longitude",
    "places",
    "min_age",
    "max_age",
    "sex",
    "max_needs_level",
    "weekly_cost",
    *COSTS,
    "at_most",
)


def read_candidates(given: pd.DataFrame, taken_ids: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame, list[Fault]]:
    """Candidates typed (COLUMNS), the same as empty homes of a register, and everything wrong with them.

    ``taken_ids``: ids of the homes that are there already.
    """
    named = given.rename(columns=lambda column: str(column).strip().lower()).reset_index(drop=True)
    homes, faults = check_register("homes", _as_register(named), SOURCE)
    faults = [replace(fault, column=_own_name(fault.column)) for fault in faults if fault.column != "places_free"]
    figures, found = _figures(named)
    faults += found
    if not faults:
        faults = [*_useless(homes), *_taken(homes, taken_ids)]
    table = homes.assign(area=_areas(named), **figures).rename(columns={"home_id": "candidate_id"})
    return table.reindex(columns=list(COLUMNS)), homes, faults


def _own_name(column: str) -> str:
    return column.replace("home_id", "candidate_id")


def _as_register(named: pd.DataFrame) -> pd.DataFrame:
    """Candidates in the columns of ``homes.csv``: every place free, a district in ``area`` read as a postcode."""
    register = named.drop(columns=[column for column in NOT_YET_TRUE if column in named])
    register = register.assign(home_id=_ids(named))
    for column in ("weekly_cost", "postcode"):
        if column not in register:
            register[column] = ""
    postcode, area = tables.as_text(register["postcode"]), _areas(named)
    register["postcode"] = postcode.where(postcode != "", area.where(district_of(area).notna(), ""))
    return register.assign(places_free=register["places"]) if "places" in register else register


def _ids(named: pd.DataFrame) -> pd.Series:
    """The candidates' own ids, else their numbers in the table."""
    for column in ("candidate_id", "home_id"):
        if column in named:
            return named[column]
    return pd.Series([f"candidate {number}" for number in range(1, len(named) + 1)], index=named.index, dtype="str")


def _areas(named: pd.DataFrame) -> pd.Series:
    if "area" not in named:
        return pd.Series("", index=named.index, dtype="str")
    return tables.as_text(named["area"])


def _figures(named: pd.DataFrame) -> tuple[dict[str, np.ndarray], list[Fault]]:
    """``opening_cost`` ``yearly_cost`` [£] and ``at_most`` [homes] with defaults filled, and their faults."""
    faults: list[Fault] = []

    def found(column: str, bad: pd.Series | np.ndarray, code: str, says: str, fix: str) -> None:
        if np.any(bad):
            faults.append(Fault(code, SOURCE, column, tables.rows_where(named, bad), says, fix))

    figures, empty = {}, np.ones(len(named), dtype=bool)
    for column in COSTS:
        values, bad = tables.as_numbers(named.get(column, pd.Series("", index=named.index, dtype="str")))
        found(column, bad, "L01", "not a number", tables.NUMBER_FIX)
        found(column, values < 0, "L02", "a cost below 0", "Give the cost in £, 0 or more")
        empty &= (values.isna() & ~bad).to_numpy()
        figures[column] = values.fillna(0.0).to_numpy(dtype=float)
    both = ", ".join(COSTS)
    found(both, empty, "L03", "no cost is given", "Give opening_cost (once), yearly_cost, or both, in £")
    values, bad = tables.as_whole_numbers(named.get("at_most", pd.Series("1", index=named.index, dtype="str")))
    found("at_most", bad, "L04", "not a whole number", "Give how many of it may be opened")
    found("at_most", (values < 1).fillna(False), "L05", "fewer than one", "Give 1 or more, or leave the row out")
    figures["at_most"] = values.fillna(1).to_numpy(dtype=int)
    return figures, faults


def _useless(homes: pd.DataFrame) -> list[Fault]:
    """Candidates that no match could use, or whose distance could never be known."""
    kinds = ", ".join(MATCHED_KINDS)
    checks = (
        ("L06", "kind", ~homes["kind"].isin(MATCHED_KINDS), "a kind that is not matched", f"Choose from {kinds}"),
        ("L07", "places", homes["places"] < 1, "a home without a place", "Give 1 or more places"),
        (
            "L08",
            "postcode",
            homes["latitude"].isna(),
            "no place is known, so none could be near it",
            "Give a postcode, a district such as SN3 in area, or latitude and longitude",
        ),
    )
    return [
        Fault(code, SOURCE, column, tables.rows_where(homes, bad), says, fix)
        for code, column, bad, says, fix in checks
        if bad.any()
    ]


def _taken(homes: pd.DataFrame, taken_ids: pd.Series) -> list[Fault]:
    there = homes["home_id"].isin(taken_ids)
    if not there.any():
        return []
    says, fix = "the id is that of a home in homes.csv", "Give the candidate an id of its own"
    return [Fault("L09", SOURCE, "candidate_id", tables.rows_where(homes, there), says, fix)]
