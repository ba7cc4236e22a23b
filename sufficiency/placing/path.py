"""One path: its children, month by month, matched to its homes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sufficiency.calendar import age_in_years
from sufficiency.geography import miles_between
from sufficiency.lever import Lever
from sufficiency.matching import build_instance, solve_in_loop
from sufficiency.placing.homes import PathHomes
from sufficiency.placing.market import MarketDraws
from sufficiency.placing.stays import BEYOND, BOUGHT, OPENED, UNKNOWN, WITHIN, Stays
from sufficiency.scenario import Scenario
from sufficiency.streams import chance, child_keys, stream
from sufficiency.vocabulary import ADULT_AGE, KINDS, NEEDS_LEVELS

FAMILY = (KINDS.index("in_house_fostering"), KINDS.index("ifa"))
IFA, RESIDENTIAL, SUPPORTED = KINDS.index("ifa"), KINDS.index("residential"), KINDS.index("supported")
MATCHED = (*FAMILY, RESIDENTIAL, SUPPORTED)
"""Kinds that follow from supply; kinship carers come with the child, the other kinds are decided elsewhere."""

NOW, STARTED, MOVED, CARER_STOPPED, STEPPED_DOWN = range(len(OPENED))


class PathPlacing:
    """The state of one path: which stays are going on, and the places left in every home."""

    def __init__(
        self,
        *,
        scenario: Scenario,
        as_of: pd.Timestamp,
        dates: np.ndarray,
        now: pd.DataFrame,
        terms: pd.DataFrame,
        homes: pd.DataFrame,
        market: MarketDraws,
        prices: pd.DataFrame | None,
        path: int,
        spells: pd.DataFrame,
        children: pd.DataFrame,
        households: pd.DataFrame,
    ) -> None:
        self.scenario, self.as_of, self.dates, self.now = scenario, as_of, dates, now
        self.market, self.prices, self.path = market, prices, path
        self.open_to_us = self._of_path("open_to_us")
        self.homes = PathHomes(households, terms, homes, dates)
        self.homes.share_with_others(path, scenario.horizon.seed, self.open_to_us)
        self.child_number = children.index.to_numpy()
        self.key = child_keys(0, children["key"].to_numpy(), np.full(len(children), path))
        self.born = children["born"].to_numpy().astype("datetime64[D]")
        self.level = children["level"].to_numpy(dtype=int)
        self.latitude = children["latitude"].to_numpy(dtype=float)
        self.longitude = children["longitude"].to_numpy(dtype=float)
        self.sex = children["sex"].to_numpy(dtype=object)
        self.group = children["sibling_group"].to_numpy(dtype=int)
        self.spell_child = np.searchsorted(self.child_number, spells["child"].to_numpy())
        self.spell_kind = spells["kind"].to_numpy(dtype=int)
        self.spell_first, self.spell_last = spells["first"].to_numpy(dtype=int), spells["last"].to_numpy(dtype=int)
        self.spell_opened = spells["opened"].to_numpy(dtype=int)
        self.family_plan = self._family_plans()
        self.rows: list[np.ndarray] = []
        self.open = np.zeros(0, dtype=bool)
        self.stay = _no_stays()

    def run(self) -> Stays:
        """Place the children of the path over its months."""
        step = self.scenario.horizon.step_months
        self._place_now()
        for month in range(step, len(self.dates), step):
            self._release(month)
            self._place(month, month - step)
        return self._stays()

    # -- the as-of day ---------------------------------------------------------------------------------------------

    def _of_path(self, name: str) -> float:
        """This path's value of a lever of the market."""
        horizon = self.scenario.horizon
        draws = stream(horizon.seed, "lever", f"supply.market.{name}")
        lever: Lever = getattr(self.scenario.supply.market, name)
        return float(lever.paths(1, horizon.paths, draws)[self.path, 0])

    def _family_plans(self) -> np.ndarray:
        """Children who could live in a family although they are, or will be, in a children's home."""
        share = self._of_path("family_plan_share")
        drawn = chance(self.key, "family plan") < share
        listed = len(self.now)
        known = self.now["known"].to_numpy(dtype=bool)
        drawn[:listed] = np.where(known, (self.now["status"] == "step_down").to_numpy(), drawn[:listed])
        return drawn

    def _place_now(self) -> None:
        """Everyone stays where the records have them; children who need a home are matched at the first step."""
        spells = np.flatnonzero(self.spell_first == 0)
        child, kind = self.spell_child[spells], self.spell_kind[spells]
        home = self._homes_now(child, kind)
        self.homes.settle(home[home != BOUGHT])
        waiting = (self.now["status"] == "needs_home").to_numpy()[child] & np.isin(kind, MATCHED)
        self.waiting = spells[waiting]
        miles = self.now["miles"].to_numpy()[child]
        self._add(child, kind, home, miles, NOW, np.zeros(len(child), dtype=int), self.spell_last[spells])

    def _homes_now(self, child: np.ndarray, kind: np.ndarray) -> np.ndarray:
        """Home of each child by the register; in-house children whom it does not place fill the filled places."""
        names = pd.Index(self.homes.home_id)
        listed = self.now["current_home_id"].to_numpy(dtype=object)[child]
        home = names.get_indexer(pd.Index([name if isinstance(name, str) else "" for name in listed]))
        filled = self.homes.lost - np.bincount(home[home >= 0], minlength=len(names))
        slots = np.repeat(np.arange(self.homes.households), np.maximum(filled[: self.homes.households], 0))
        unplaced = np.flatnonzero((home == BOUGHT) & (kind == FAMILY[0]))[: len(slots)]
        home[unplaced] = slots[: len(unplaced)]
        return home

    # -- one step --------------------------------------------------------------------------------------------------

    def _release(self, month: int) -> None:
        """Stays that have ended give back their places."""
        ended = self.open & (self.stay["last"] <= month)
        self._close(np.flatnonzero(ended), month)

    def _close(self, rows: np.ndarray, month: int) -> None:
        self.open[rows] = False
        home = self.stay["home"][rows]
        housed = home != BOUGHT
        kept = chance(self.key[self.stay["child"][rows]], "place kept", month) < self.open_to_us
        self.homes.leave(home[housed], kept[housed])

    def _place(self, month: int, previous: int) -> None:
        """Match everyone who needs a home, or could step down, at a month end."""
        started = (self.spell_first > previous) & (self.spell_first <= month)
        outside = started & ~np.isin(self.spell_kind, MATCHED)
        self._buy(np.flatnonzero(outside), self.spell_last)
        needing = started & ~outside
        self._bridge(np.flatnonzero(needing), month)
        spells = np.flatnonzero(needing & (self.spell_last > month))
        child, kind, last = self.spell_child[spells], self.spell_kind[spells], self.spell_last[spells]
        opened = np.where(self.spell_opened[spells] == 1, STARTED, MOVED)
        again, why = self._without_a_home(month)
        child = np.concatenate([child, self.stay["child"][again]])
        kind = np.concatenate([kind, self.stay["kind"][again]])
        last = np.concatenate([last, self.stay["last"][again]])
        opened = np.concatenate([opened, why])
        self._cut(again, month)
        stepping = self._could_step_down(month)
        if len(child) + len(stepping):
            self._match(month, child, kind, last, opened, stepping)

    def _without_a_home(self, month: int) -> tuple[np.ndarray, np.ndarray]:
        """Stays that must end because the household or home has stopped, and those the register says must end."""
        home = self.stay["home"]
        stopped = self.open & (home != BOUGHT) & (self.homes.stops[home] < month)
        rows = np.flatnonzero(stopped)
        if len(self.waiting):
            due = self.open & (self.stay["opened"] == NOW) & np.isin(self.stay["child"], self.spell_child[self.waiting])
            self.waiting = self.waiting[:0]
            rows = np.flatnonzero(stopped | due)
        why = np.where(stopped[rows], CARER_STOPPED, MOVED)
        return rows, why

    def _cut(self, rows: np.ndarray, month: int) -> None:
        self._close(rows, month)
        self.stay["last"][rows] = month

    def _could_step_down(self, month: int) -> np.ndarray:
        """Stays in children's homes of children with a family plan, when a household has a place."""
        if not (self.homes.free_at(month)[: self.homes.households] > 0).any():
            return np.zeros(0, dtype=int)
        child = self.stay["child"]
        monthly = self.scenario.supply.market.ready_to_step_down
        ready = (
            chance(self.key[child], "ready to step down", month)
            < 1 - (1 - monthly) ** self.scenario.horizon.step_months
        )
        return np.flatnonzero(self.open & (self.stay["kind"] == RESIDENTIAL) & self.family_plan[child] & ready)

    def _bridge(self, spells: np.ndarray, month: int) -> None:
        """Until the next match, a child lives in a placement bought."""
        spells = spells[self.spell_first[spells] < month]
        self._buy(spells, np.minimum(self.spell_last, month))

    def _buy(self, spells: np.ndarray, last: np.ndarray) -> None:
        """Placements bought, and placements of kinds that are not matched, at a distance drawn from their kind's."""
        child, kind, first = self.spell_child[spells], self.spell_kind[spells], self.spell_first[spells]
        kind = np.where(kind == FAMILY[0], IFA, kind)
        opened = np.where(self.spell_opened[spells] == 1, STARTED, MOVED)
        miles = self._drawn_miles(child, kind, first)
        self._add(child, kind, np.full(len(child), BOUGHT), miles, opened, first, last[spells])

    def _drawn_miles(self, child: np.ndarray, kind: np.ndarray, month: np.ndarray) -> np.ndarray:
        return self.market.distance(self.key[child], kind, month, np.isfinite(self.latitude[child]))

    # -- the match -------------------------------------------------------------------------------------------------

    def _match(
        self,
        month: int,
        child: np.ndarray,
        kind: np.ndarray,
        last: np.ndarray,
        opened: np.ndarray,
        stepping: np.ndarray,
    ) -> None:
        free = self.homes.free_at(month)
        real = np.flatnonzero(free > 0)
        bought_kind = np.where(np.isin(kind, FAMILY), IFA, kind)
        unit = self._units(child, bought_kind)
        everyone = np.concatenate([child, self.stay["child"][stepping]])
        needs = np.concatenate([kind, np.full(len(stepping), RESIDENTIAL)])
        homes = self._home_rows(real, free[real], bought_kind, unit, len(stepping))
        children = self._child_rows(everyone, needs, len(child), len(homes) - len(stepping), month)
        miles = self._miles(everyone, real, len(homes))
        market_miles = self._drawn_miles(child, bought_kind, np.full(len(child), month))
        barred = np.ones((len(everyone), len(homes)), dtype=bool)
        barred[:, : len(real)] = self._avoided(everyone, real)
        column = len(real) + unit
        first_of_unit = np.unique(unit, return_index=True)[1]
        rows = np.arange(len(child))
        barred[rows, column] = False
        staying = len(child) + np.arange(len(stepping))
        present = len(homes) - len(stepping) + np.arange(len(stepping))
        barred[staying, present] = False
        miles[staying, present] = self.stay["miles"][stepping]
        instance = build_instance(
            children,
            homes,
            limit_miles=self.scenario.matching.limit_miles,
            objectives=self.scenario.matching.objectives,
            as_of=self.as_of + pd.Timedelta(days=1),
            prices=self.prices,
            miles=miles,
            barred=barred,
        )
        answer = solve_in_loop(instance, time_limit_seconds=self.scenario.matching.time_limit_seconds).home_row
        miles[rows, column] = market_miles[first_of_unit][unit]  # known only once it has been bought
        housed = (answer >= 0) & (answer < len(real))
        home = np.full(len(everyone), BOUGHT)
        home[housed] = real[answer[housed]]
        self.homes.take(home[housed])
        kind_there = np.where(housed, self.homes.kind_number[home], np.append(bought_kind, needs[len(child) :]))
        miles_there = miles[np.arange(len(everyone)), np.where(answer >= 0, answer, np.append(column, present))]
        self._add(child, kind_there[rows], home[rows], miles_there[rows], opened, np.full(len(child), month), last)
        moved = staying[housed[staying]]
        left = stepping[housed[staying]]
        last_of_left = self.stay["last"][left]
        self._cut(left, month)
        since = np.full(len(moved), month)
        self._add(
            everyone[moved], kind_there[moved], home[moved], miles_there[moved], STEPPED_DOWN, since, last_of_left
        )

    def _units(self, child: np.ndarray, kind: np.ndarray) -> np.ndarray:
        """Number of the market placement that each child could have: brothers and sisters mostly share one."""
        group = self.group[child]
        together = chance(child_keys(1, group, np.full(len(group), self.path)), "siblings together")
        shares = (group >= 0) & (together < self.scenario.supply.market.siblings_together)
        alone = -1 - np.arange(len(child))
        return pd.factorize(pd.MultiIndex.from_arrays([np.where(shares, group, alone), np.where(shares, kind, 0)]))[0]

    def _home_rows(
        self, real: np.ndarray, free: np.ndarray, kind: np.ndarray, unit: np.ndarray, stepping: int
    ) -> pd.DataFrame:
        """Homes with room, then one market placement a unit, then the present home of each child who may step down."""
        homes = self.homes
        sizes = np.bincount(unit)
        bought = np.array(KINDS, dtype=object)[kind[np.unique(unit, return_index=True)[1]]]
        extra, count = len(sizes), len(real) + len(sizes) + stepping
        highest, oldest = NEEDS_LEVELS[-1], ADULT_AGE - 1
        unknown = np.full(extra + stepping, np.nan)
        held = homes.taken[real]
        return pd.DataFrame(
            {
                "home_id": [f"{number:05d}" for number in range(count)],
                "kind": np.concatenate([homes.kind[real], bought, np.full(stepping, "residential", dtype=object)]),
                "latitude": np.concatenate([homes.latitude[real], unknown]),
                "longitude": np.concatenate([homes.longitude[real], unknown]),
                "places": np.concatenate([held + free, sizes, np.ones(stepping, int)]),
                "places_free": np.concatenate([free, sizes, np.zeros(stepping, int)]),
                "min_age": np.concatenate([homes.min_age[real], np.zeros(extra + stepping, int)]),
                "max_age": np.concatenate([homes.max_age[real], np.full(extra + stepping, oldest)]),
                "sex": np.concatenate([homes.sex[real], np.full(extra + stepping, "any", dtype=object)]),
                "max_needs_level": np.concatenate([homes.level[real], np.full(extra + stepping, highest)]),
                "weekly_cost": np.concatenate([homes.weekly_cost[real], unknown]),
                "registered": True,
                "open_from": pd.NaT,
                "open_to": pd.NaT,
            }
        )

    def _child_rows(
        self, child: np.ndarray, needs: np.ndarray, needing: int, first_present: int, month: int
    ) -> pd.DataFrame:
        """The pool as a register: who needs a home, then who could step down."""
        listed = child < len(self.now)
        row = np.where(listed, child, 0)
        present = first_present + np.arange(len(child)) - needing
        steps_down = present >= first_present

        def of_register(column: str, default: object) -> np.ndarray:
            return np.where(listed, self.now[column].to_numpy(dtype=object)[row], default)

        return pd.DataFrame(
            {
                "child_id": [f"{number:05d}" for number in range(len(child))],
                "age_years": np.minimum(age_in_years(self.born[child], self.dates[month]), ADULT_AGE - 1),
                "sex": self.sex[child],
                "needs_level": self.level[child],
                "home_latitude": self.latitude[child],
                "home_longitude": self.longitude[child],
                "sibling_group": [str(group) if group >= 0 else None for group in self.group[child]],
                "status": np.where(steps_down, "step_down", "needs_home"),
                "current_home_id": [
                    f"{home:05d}" if steps else None for home, steps in zip(present, steps_down, strict=True)
                ],
                "max_miles": of_register("max_miles", np.nan).astype(float),
                "distance_exempt": of_register("distance_exempt", False).astype(bool),
                "avoid_homes": [()] * len(child),
                "solo": of_register("solo", False).astype(bool),
                "allowed_kinds": self._kinds_allowed(child, needs, steps_down),
            }
        )

    def _kinds_allowed(self, child: np.ndarray, needs: np.ndarray, steps_down: np.ndarray) -> list[tuple[str, ...]]:
        """A family for those who need one; a children's home, and a family where that is the plan; else as needed."""
        family = tuple(KINDS[kind] for kind in FAMILY)
        plan = self.family_plan[child]
        return [
            family[:1] if steps else family if kind in FAMILY else (KINDS[kind], *(family[:1] if planned else ()))
            for kind, steps, planned in zip(needs, steps_down, plan, strict=True)
        ]

    def _avoided(self, child: np.ndarray, real: np.ndarray) -> np.ndarray:
        """Homes that the register says a child must not live in, shape (children, homes)."""
        answer = np.zeros((len(child), len(real)), dtype=bool)
        for row in np.flatnonzero(child < len(self.now)):
            avoided = self.now["avoid_homes"].iloc[child[row]]
            if avoided:
                answer[row] = np.isin(self.homes.home_id[real].astype(str), avoided)
        return answer

    def _miles(self, child: np.ndarray, real: np.ndarray, homes: int) -> np.ndarray:
        answer = np.full((len(child), homes), np.nan)
        answer[:, : len(real)] = miles_between(
            self.latitude[child][:, None],
            self.longitude[child][:, None],
            self.homes.latitude[real][None, :],
            self.homes.longitude[real][None, :],
        )
        return answer

    # -- the record ------------------------------------------------------------------------------------------------

    def _add(
        self,
        child: np.ndarray,
        kind: np.ndarray,
        home: np.ndarray,
        miles: np.ndarray,
        opened: np.ndarray | int,
        first: np.ndarray,
        last: np.ndarray,
    ) -> None:
        """Write down stays that begin."""
        own = np.where(home != BOUGHT, self.homes.weekly_cost[home], np.nan)
        price = self.market.price[kind, self.level[child] - 1]
        new = {
            "child": child,
            "kind": kind,
            "home": home,
            "miles": miles,
            "within": self._within(child, miles),
            "weekly_cost": np.where(np.isnan(own), price, own),
            "opened": np.broadcast_to(opened, child.shape),
            "first": first,
            "last": last,
        }
        self.stay = {name: np.concatenate([self.stay[name], values]) for name, values in new.items()}
        self.open = np.concatenate([self.open, np.ones(len(child), dtype=bool)])

    def _within(self, child: np.ndarray, miles: np.ndarray) -> np.ndarray:
        limit = np.full(len(child), self.scenario.matching.limit_miles)
        known = np.isfinite(miles)
        listed = child < len(self.now)
        if listed.any():
            own = self.now["max_miles"].to_numpy(dtype=float)[child[listed]]
            limit[listed] = np.where(np.isfinite(own), own, limit[listed])
            known[listed] &= ~self.now["distance_exempt"].to_numpy(dtype=bool)[child[listed]]
        return np.where(known, np.where(np.nan_to_num(miles, nan=np.inf) <= limit, WITHIN, BEYOND), UNKNOWN)

    def _stays(self) -> Stays:
        """The record, without stays that no month end saw."""
        stay = self.stay
        child = stay["child"]
        stays = Stays(
            path=np.full(len(child), self.path),
            child=self.child_number[child],
            kind=stay["kind"],
            home=stay["home"],
            level=self.level[child],
            miles=stay["miles"],
            within=stay["within"],
            weekly_cost=stay["weekly_cost"],
            opened=stay["opened"],
            first=stay["first"],
            last=stay["last"],
        )
        return stays.where(stays.last > stays.first)


def _no_stays() -> dict[str, np.ndarray]:
    whole = ("child", "kind", "home", "within", "opened", "first", "last")
    return {**{name: np.zeros(0, dtype=int) for name in whole}, "miles": np.zeros(0), "weekly_cost": np.zeros(0)}
