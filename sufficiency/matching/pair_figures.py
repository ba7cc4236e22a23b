"""What a pair of a child and a home adds to each aim: the limit, the price, the school, the social workers' score."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from sufficiency.errors import Fault, InputError
from sufficiency.matching.near import are_within
from sufficiency.matching.practice import Practice
from sufficiency.vocabulary import NEEDS_LEVELS

Pairs = tuple[np.ndarray, np.ndarray]
"""Child and home of each pair."""

NOT_COUNTED: Final = -1
"""``within`` of a pair whose distance is unknown or is no measure for the child (``distance_exempt``)."""


def limits_of(children: pd.DataFrame, limit_miles: float) -> np.ndarray:
    """Miles within which each child's home should be: its own limit where it has one."""
    own = children["max_miles"].to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isnan(own), limit_miles, own)


def degrees_of(table: pd.DataFrame, of: str = "") -> tuple[np.ndarray, np.ndarray]:
    """Latitude and longitude of the points of a register whose columns begin with ``of``."""
    return table[f"{of}latitude"].to_numpy(dtype=float), table[f"{of}longitude"].to_numpy(dtype=float)


def within_limit(children: pd.DataFrame, homes: pd.DataFrame, pairs: Pairs, limit_miles: float) -> np.ndarray:
    """1 within the child's limit, 0 beyond it, −1 where distance is unknown or no measure for the child."""
    here, there = degrees_of(children, "home_"), degrees_of(homes)
    within = are_within(here, there, *pairs, limits_of(children, limit_miles)).astype(np.int8)
    counted = ~children["distance_exempt"].to_numpy(dtype=bool) & np.isfinite(here[0] + here[1])
    within[~(counted[pairs[0]] & np.isfinite(there[0] + there[1])[pairs[1]])] = NOT_COUNTED
    return within


def within_given(children: pd.DataFrame, pairs: Pairs, away: np.ndarray, limit_miles: float) -> np.ndarray:
    """As :func:`within_limit`, from the miles of each pair that the caller knows."""
    counted = ~children["distance_exempt"].to_numpy(dtype=bool)[pairs[0]] & ~np.isnan(away)
    return np.where(counted, away <= limits_of(children, limit_miles)[pairs[0]], NOT_COUNTED).astype(np.int8)


def near_school(children: pd.DataFrame, homes: pd.DataFrame, pairs: Pairs, practice: Practice) -> np.ndarray:
    """1 where the home is near enough to the child's school to keep it, 0 elsewhere and where a point is unknown."""
    if "school_latitude" not in children or not np.isfinite(degrees_of(children, "school_")[0]).any():
        return np.zeros(len(pairs[0]), dtype=np.int8)
    limit = np.full(len(children), practice.school_limit_miles)
    return are_within(degrees_of(children, "school_"), degrees_of(homes), *pairs, limit).astype(np.int8)


def scores_of(children: pd.DataFrame, homes: pd.DataFrame, pairs: Pairs, scores: pd.DataFrame | None) -> np.ndarray:
    """The social workers' preference for each pair, 0 where they gave none."""
    answer = np.zeros(len(pairs[0]), dtype=np.int64)
    if scores is None or len(scores) == 0:
        return answer
    who, where = positions(children, homes, scores)
    known = (who >= 0) & (where >= 0)
    given = who[known] * len(homes) + where[known]
    order = np.argsort(given)
    keys = np.asarray(pairs[0], dtype=np.int64) * len(homes) + pairs[1]
    place = np.minimum(np.searchsorted(given[order], keys), len(order) - 1)
    figures = scores["score"].to_numpy(dtype=np.int64)[known][order]
    return np.where(given[order][place] == keys, figures[place], 0) if len(order) else answer


def positions(children: pd.DataFrame, homes: pd.DataFrame, table: pd.DataFrame) -> Pairs:
    """Numbers of the child and the home of each row of a table; −1 for one who is not in the pool."""
    return (
        pd.Index(children["child_id"]).get_indexer(table["child_id"]),
        pd.Index(homes["home_id"]).get_indexer(table["home_id"]),
    )


def pence_of_pairs(
    children: pd.DataFrame,
    homes: pd.DataFrame,
    who: np.ndarray,
    where: np.ndarray,
    prices: pd.DataFrame | None,
    as_of: pd.Timestamp,
    home_rows: np.ndarray,
) -> np.ndarray:
    """Pence a week of each pair (``who``, ``where``); ``home_rows`` is the row of each home in the user's table.

    Raises :class:`~sufficiency.errors.InputError` with the rows of homes without a cost and without a price.
    """
    pounds = pounds_of_pairs(children, homes, who, where, prices, as_of)
    missing = np.unique(home_rows[where[np.isnan(pounds)]])
    if len(missing):
        raise InputError([_no_price(missing)])
    return np.rint(pounds * 100).astype(np.int64)


def pounds_of_pairs(
    children: pd.DataFrame,
    homes: pd.DataFrame,
    who: np.ndarray,
    where: np.ndarray,
    prices: pd.DataFrame | None,
    as_of: pd.Timestamp,
) -> np.ndarray:
    """£ a week of each pair; NaN where the home has no cost and its kind no price."""
    own = homes["weekly_cost"].to_numpy(dtype=float, na_value=np.nan)[where]
    unpriced = np.isnan(own)
    if unpriced.any():
        level = children["needs_level"].to_numpy(dtype=int)[who[unpriced]]
        kind = homes["kind"].to_numpy(dtype=object)[where[unpriced]]
        own[unpriced] = _prices_for(kind, level, prices, as_of)
    return own


def _prices_for(kind: np.ndarray, level: np.ndarray, prices: pd.DataFrame | None, as_of: pd.Timestamp) -> np.ndarray:
    """£ a week by kind and needs level: the latest row from the date back, one for the level before one for any."""
    names, number = np.unique(kind.astype(str), return_inverse=True)
    table = np.full((len(names), NEEDS_LEVELS[-1] + 1), np.nan)
    if prices is not None:
        began = prices["from_date"].to_numpy()
        started = np.flatnonzero(began <= np.datetime64(as_of))
        started = started[np.argsort(began[started], kind="stable")]
        levels = np.nan_to_num(prices["needs_level"].to_numpy(dtype=float, na_value=np.nan))[started].astype(int)
        costs = prices["weekly_cost"].to_numpy(dtype=float)[started]
        row = {name: position for position, name in enumerate(names)}
        for name, given, cost in zip(prices["kind"].to_numpy(dtype=object)[started], levels, costs, strict=True):
            if str(name) in row:
                table[row[str(name)], given] = cost
    by_level = np.where(np.isnan(table), table[:, :1], table)
    return by_level[number, level]


def _no_price(home_rows: np.ndarray) -> Fault:
    """The fault of homes whose cost is empty and whose kind has no price on the date."""
    return Fault(
        code="K04",
        table="homes.csv",
        column="weekly_cost",
        rows=tuple(int(row) + 2 for row in home_rows),
        says="weekly_cost is empty and prices.csv has no price for this kind and needs level on the date",
        fix="Give the home's weekly cost, or a row in prices.csv with a from_date on or before the date",
    )
