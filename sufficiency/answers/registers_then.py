"""The children who live in no place of ours at a month end of one path, and our homes, as the two registers of a match.

Each child's present placement stands among the homes, open to that child alone, as far from its home as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sufficiency.answers.places_then import EveryPath
from sufficiency.calendar import age_in_years, days
from sufficiency.demand import Demand
from sufficiency.geography import METRES_PER_MILE
from sufficiency.placing import Stays
from sufficiency.records.model import Records
from sufficiency.scenario import Scenario
from sufficiency.shortfall import NEED_OF_KIND, NEEDS
from sufficiency.streams import chance, child_keys, stream
from sufficiency.supply import Supply
from sufficiency.vocabulary import ADULT_AGE, KINDS


@dataclass(frozen=True)
class Futures:
    """What an outlook knows of its paths; ``scenario`` with its estimates filled in."""

    records: Records
    scenario: Scenario
    demand: Demand
    supply: Supply
    stays: Stays

    @cached_property
    def places(self) -> EveryPath:
        """Our homes in every path."""
        return EveryPath(self.stays, self.supply)

    def family_plan(self, path: int) -> np.ndarray:
        """Whether each child could live in a family although it is in a children's home, as the path drew it."""
        horizon, people = self.scenario.horizon, self.demand.people
        draws = stream(horizon.seed, "lever", "supply.market.family_plan_share")
        share = self.scenario.supply.market.family_plan_share.paths(1, horizon.paths, draws)[path, 0]
        key = child_keys(0, self.demand.simulated.child_key, np.full(len(people.level), path))
        drawn = chance(key, "family plan") < share
        register = self.records.child_register
        if register is None:
            return drawn
        listed = (register["status"] == "step_down").to_numpy()[people.register_row]
        return np.where(people.register_row >= 0, listed, drawn)


def registers_then(futures: Futures, path: int, month: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Children and homes with the columns of the registers, typed; one present placement for each child.

    Children in a children's home may come to one of ours, or to a family where that is their plan; children with an
    agency to our own households; those in supported accommodation to ours. What the register says of single children
    now (limits of their own, homes to avoid) is left aside: few of them are still there.
    """
    stays, supply = futures.stays, futures.supply
    ours = futures.places.then(path)
    mine = stays.where(futures.places.rows(path))
    elsewhere = mine.present(month) & (NEED_OF_KIND[mine.kind] >= 0) & ~np.isin(mine.home, ours.homes["home"])
    now = mine.where(elsewhere)
    plan = futures.family_plan(path)[now.child]
    kinds = np.array(list(NEEDS), dtype=object)[NEED_OF_KIND[now.kind]]
    allowed = [
        (kind, "in_house_fostering") if planned and kind == "residential" else (kind,)
        for kind, planned in zip(kinds, plan, strict=True)
    ]
    people, demand = futures.demand.people, futures.demand
    ages = age_in_years(days(demand.simulated.child_born)[now.child], days(demand.dates)[month])
    present = [f"present {number:05d}" for number in range(len(now.child))]
    children = pd.DataFrame(
        {
            "child_id": [f"{number:05d}" for number in range(len(now.child))],
            "age_years": np.minimum(ages, ADULT_AGE - 1),
            "sex": people.sex[now.child],
            "needs_level": now.level,
            "home_latitude": people.latitude[now.child],
            "home_longitude": people.longitude[now.child],
            "sibling_group": pd.Series([None] * len(present), dtype=object),
            "status": "step_down",
            "current_home_id": present,
            "max_miles": np.nan,
            "distance_exempt": False,
            "avoid_homes": [()] * len(present),
            "solo": False,
            "allowed_kinds": allowed,
        }
    )
    open_now = ours.usable[:, month] > 0
    homes = ours.homes[open_now]
    free, used = ours.free[open_now, month], ours.taken[open_now, month]
    own = homes.assign(
        home_id=[f"{number:05d}" for number in homes["home"]],
        places=free + used,
        places_free=free,
        max_needs_level=ours.level[open_now, month],
        weekly_cost=_own_cost(homes, supply),
        registered=True,
    ).drop(columns="home")
    every = pd.concat([own, _present(now, children, present)], ignore_index=True)
    no_day = pd.Series(np.datetime64("NaT"), index=every.index, dtype="datetime64[us]")
    return children, every.assign(open_from=no_day, open_to=no_day)


def _own_cost(homes: pd.DataFrame, supply: Supply) -> np.ndarray:
    """What a home of the council costs; unknown for households, which take their price from the list."""
    costs = dict(zip(supply.homes["home_id"], supply.homes["weekly_cost"], strict=True))
    return homes["home_id"].map(costs).to_numpy(dtype=float)


def _present(now: Stays, children: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """The placement that each child has: registered for nobody else, due north of the child's home at its distance."""
    from pyproj import Geod

    latitude, longitude = (children[f"home_{axis}"].to_numpy(dtype=float) for axis in ("latitude", "longitude"))
    known = np.isfinite(latitude) & np.isfinite(now.miles)
    point = np.full((2, len(names)), np.nan)
    east, north, _ = Geod(ellps="WGS84").fwd(
        longitude[known], latitude[known], np.zeros(known.sum()), now.miles[known] * METRES_PER_MILE
    )
    point[:, known] = north, east
    return pd.DataFrame(
        {
            "home_id": names,
            "kind": np.array(KINDS, dtype=object)[now.kind],
            "latitude": point[0],
            "longitude": point[1],
            "places": 1,
            "places_free": 0,
            "min_age": 0,
            "max_age": ADULT_AGE - 1,
            "sex": "any",
            "max_needs_level": now.level,
            "weekly_cost": now.weekly_cost,
            "registered": False,
        }
    )
