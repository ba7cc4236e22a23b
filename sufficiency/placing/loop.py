"""The loop over the years: in every path children leave, carers come and go, and who needs a home is matched.

At each step the children who started, moved, or lost their carers since the last one, and those who could step down
into a family, are matched to the places then free, exactly as a plan for real children would be, with a placement
bought on the market standing beside every child as the way out. So nobody is left without a home here: what a place
of our own is worth shows in miles and money.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sufficiency.calendar import days
from sufficiency.demand import Demand
from sufficiency.placing.market import MarketDraws, market_of
from sufficiency.placing.path import PathPlacing
from sufficiency.placing.spill import with_estimates
from sufficiency.placing.stays import Stays, joined
from sufficiency.records.model import Records
from sufficiency.scenario import Scenario
from sufficiency.supply import Supply

Progress = Callable[[int], None]
"""Called with the number of paths finished since the last call."""


@dataclass(frozen=True)
class Setting:
    """What all paths share. ``children_now``: rows of the register for the children now in care, by position."""

    scenario: Scenario
    as_of: pd.Timestamp
    dates: np.ndarray
    children: pd.DataFrame
    households: pd.DataFrame
    homes: pd.DataFrame
    market: MarketDraws
    prices: pd.DataFrame | None


@dataclass(frozen=True)
class PathInput:
    """One path's spells and households, as frames of plain columns."""

    path: int
    spells: pd.DataFrame
    children: pd.DataFrame
    households: pd.DataFrame


def place_children(
    records: Records,
    demand: Demand,
    supply: Supply,
    scenario: Scenario,
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Stays:
    """Match the children of every path to homes, step by step, and return who lived where.

    Paths are independent and each is a pure function of its input, so any executor gives the same answer.
    """
    scenario = with_estimates(records, scenario)
    setting = Setting(
        scenario=scenario,
        as_of=demand.as_of,
        dates=days(demand.dates),
        children=_children_now(records, demand),
        households=supply.today,
        homes=supply.homes,
        market=market_of(records, scenario, demand.as_of),
        prices=records.prices,
    )
    inputs = _path_inputs(demand, supply)
    results: Iterable[tuple[Stays, int]]
    if executor is None:
        results = (_place_paths(setting, [item]) for item in inputs)
    else:
        batches = [inputs[start : start + BATCH] for start in range(0, len(inputs), BATCH)]
        results = executor.map(_place_paths, [setting] * len(batches), batches)
    return joined(list(_watched(results, progress)))


BATCH = 5
"""Paths sent to a process at a time."""


def _watched(results: Iterable[tuple[Stays, int]], progress: Progress | None) -> Iterable[Stays]:
    for stays, finished in results:
        if progress is not None:
            progress(finished)
        yield stays


def _place_paths(setting: Setting, inputs: list[PathInput]) -> tuple[Stays, int]:
    stays = [
        PathPlacing(
            scenario=setting.scenario,
            as_of=setting.as_of,
            dates=setting.dates,
            now=setting.children,
            terms=setting.households,
            homes=setting.homes,
            market=setting.market,
            prices=setting.prices,
            path=item.path,
            spells=item.spells,
            children=item.children,
            households=item.households,
        ).run()
        for item in inputs
    ]
    return joined(stays), len(inputs)


def _children_now(records: Records, demand: Demand) -> pd.DataFrame:
    """Children in care on the as-of day: where they live, how far from home, and what the register says of them."""
    now = demand.placements_now
    table = pd.DataFrame({"kind": now["kind"].cat.codes.to_numpy(), "miles": now["miles"].to_numpy(dtype=float)})
    register = records.child_register
    columns = {"status": "settled", "current_home_id": None, "max_miles": np.nan, "distance_exempt": False,
               "solo": False}  # fmt: skip
    if register is None:
        nothing = pd.Series([()] * len(table), dtype=object)
        return table.assign(known=False, avoid_homes=nothing, **columns)
    row = demand.people.register_row[: len(now)]
    known = row >= 0
    listed = register.iloc[row].reset_index(drop=True)
    for column, default in columns.items():
        table[column] = listed[column].where(pd.Series(known), default)
    table["avoid_homes"] = [homes if seen else () for homes, seen in zip(listed["avoid_homes"], known, strict=True)]
    return table.assign(known=known)


def _path_inputs(demand: Demand, supply: Supply) -> list[PathInput]:
    simulated, people = demand.simulated, demand.people
    count = len(demand.placements_now)
    spells = pd.DataFrame(
        {
            "child": simulated.spell_child,
            "kind": simulated.spell_kind,
            "first": simulated.spell_from,
            "last": simulated.spell_to,
            "opened": simulated.spell_opened,
        }
    )
    children = pd.DataFrame(
        {
            "key": simulated.child_key,
            "born": simulated.child_born,
            "level": people.level,
            "latitude": people.latitude,
            "longitude": people.longitude,
            "sex": people.sex,
            "sibling_group": people.sibling_group,
        }
    )
    households = supply.households
    own = pd.DataFrame(
        {
            "term": households.term,
            "level": households.level,
            "places": households.places,
            "approved": households.approved,
            "stopped": households.stopped,
            "extended": households.extended,
            "latitude": households.latitude,
            "longitude": households.longitude,
            **{f"raised_{number}": moves for number, moves in enumerate(households.raised.T)},
        }
    )
    year = [f"unavailable_{number}" for number in range(households.unavailable.shape[1])]
    own = pd.concat([own, pd.DataFrame(households.unavailable, columns=year)], axis=1).assign(
        ready=np.where(households.approved < 0, 0, households.approved + supply.ready_after + 1)
    )
    shared = np.arange(count)
    by_child = [np.concatenate([shared, rows]) for rows in _rows_of(simulated.child_path[count:], demand.paths, count)]
    by_spell, by_house = _rows_of(simulated.spell_path, demand.paths), _rows_of(households.path, demand.paths)
    return [
        PathInput(path, spells.iloc[by_spell[path]], children.iloc[by_child[path]], own.iloc[by_house[path]])
        for path in range(demand.paths)
    ]


def _rows_of(path: np.ndarray, paths: int, offset: int = 0) -> list[np.ndarray]:
    order = np.argsort(path, kind="stable")
    return np.split(order + offset, np.cumsum(np.bincount(path, minlength=paths))[:-1])
