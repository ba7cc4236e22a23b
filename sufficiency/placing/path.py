"""One path: its children, month by month, matched to its homes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sufficiency.calendar import age_in_years
from sufficiency.geography import miles_between
from sufficiency.lever import Lever
from sufficiency.matching import build_instance, solve_in_loop
from sufficiency.placing.breakdown import broken_down
from sufficiency.placing.children import FAMILY, PathChildren
from sufficiency.placing.homes import PathHomes
from sufficiency.placing.limits import NOTHING, bought_within_limits, free_within_limits, limits_of
from sufficiency.placing.market import MarketDraws
from sufficiency.placing.stays import BOUGHT, OPENED, UNPLACED, Stays, without_repeats
from sufficiency.scenario import Scenario
from sufficiency.streams import chance, stream
from sufficiency.vocabulary import KINDS, age_band_index

IFA, RESIDENTIAL, SUPPORTED, OTHER = (KINDS.index(kind) for kind in ("ifa", "residential", "supported", "other"))
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
        self.open_to_us = market.open_to_us[path]
        self.limits = limits_of(scenario.supply.market)
        self.homes = PathHomes(households, terms, homes, dates)
        self.homes.share_with_others(path, scenario.horizon.seed, self.open_to_us)
        self.children = PathChildren(children, now, path, self._of_path("family_plan_share"))
        self.spell_child = np.searchsorted(self.children.number, spells["child"].to_numpy())
        self.spell_kind = spells["kind"].to_numpy(dtype=int)
        self.spell_first, self.spell_last = spells["first"].to_numpy(dtype=int), spells["last"].to_numpy(dtype=int)
        self.spell_opened = spells["opened"].to_numpy(dtype=int)
        self.open = np.zeros(0, dtype=bool)
        self.stay = _no_stays()
        self.sought = np.full(len(self.children.number), -1)  # kind that a child without a placement needs
        self.broke_with = np.full(len(self.children.number), BOUGHT)  # home that a child has just had to leave

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

    def _place_now(self) -> None:
        """Everyone stays where the records have them; children who need a home are matched at the first step."""
        spells = np.flatnonzero(self.spell_first == 0)
        child, kind = self.spell_child[spells], self.spell_kind[spells]
        home = self._homes_now(child, kind)
        self.homes.settle(home[home >= 0])
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
        ended = np.flatnonzero(self.open & (self.stay["last"] <= month))
        self._close(ended, month)
        self._buy_after_stop(ended)
        self.homes.turn_over(month, self.scenario.horizon.step_months, self.market.ending)

    def _close(self, rows: np.ndarray, month: int) -> None:
        self.open[rows] = False
        home = self.stay["home"][rows]
        housed = home >= 0
        ours = self.open_to_us[self.stay["kind"][rows]]
        kept = chance(self.children.key[self.stay["child"][rows]], "place kept", month) < ours
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
        sought = np.where(self.stay["home"][again] == UNPLACED, self.sought[self.stay["child"][again]], -1)
        kind = np.concatenate([kind, np.where(sought >= 0, sought, self.stay["kind"][again])])
        last = np.concatenate([last, self.stay["last"][again]])
        opened = np.concatenate([opened, why])
        self._cut(again, month)
        stepping = self._could_step_down(month)
        if len(child) + len(stepping):
            self._match(month, child, kind, last, opened, stepping)

    def _without_a_home(self, month: int) -> tuple[np.ndarray, np.ndarray]:
        """Stays that must end because the household or home has stopped, and those the register says must end."""
        home = self.stay["home"]
        stopped = self.open & (home >= 0) & (self.homes.stops[home] < month)
        stopped |= self.open & (home == UNPLACED)
        broken = self._broken_down(month)
        self.broke_with[:] = BOUGHT
        self.broke_with[self.stay["child"][broken]] = home[broken]
        stopped |= broken
        rows = np.flatnonzero(stopped)
        if len(self.waiting):
            due = self.open & (self.stay["opened"] == NOW) & np.isin(self.stay["child"], self.spell_child[self.waiting])
            self.waiting = self.waiting[:0]
            rows = np.flatnonzero(stopped | due)
        why = np.where((home[rows] >= 0) & (self.homes.stops[home[rows]] < month), CARER_STOPPED, MOVED)
        return rows, why

    def _broken_down(self, month: int) -> np.ndarray:
        """Placements that end sooner because the match is poor, when the scenario says that they do."""
        market, stay = self.scenario.supply.market, self.stay
        if market.breakdown_factor_beyond_limit == market.breakdown_factor_below_level == 1:
            return np.zeros(len(self.open), dtype=bool)
        child = stay["child"]
        return (
            self.open
            & (stay["last"] > month)
            & np.isin(stay["kind"], MATCHED)
            & broken_down(
                key=self.children.key[child],
                kind=stay["kind"],
                within=stay["within"],
                since=stay["first"],
                level=self.children.level[child],
                home=stay["home"],
                home_level=self.homes.level_at(month),
                moving=self.market.moving,
                month=month,
                months=self.scenario.horizon.step_months,
                settings=market,
            )
        )

    def _cut(self, rows: np.ndarray, month: int) -> None:
        self._close(rows, month)
        self.stay["last"][rows] = month
        self._buy_after_stop(rows)

    def _buy_after_stop(self, rows: np.ndarray) -> None:
        """Stays that ended after their carers had stopped, between two matches: from then on a placement bought."""
        rows = rows[self.stay["home"][rows] >= 0]
        stops = np.minimum(self.homes.stops[self.stay["home"][rows]], self.stay["last"][rows])  # most never stop
        stop = np.maximum(stops + 1, self.stay["first"][rows])
        rows, stop = rows[stop < self.stay["last"][rows]], stop[stop < self.stay["last"][rows]]
        child, kind, last = self.stay["child"][rows], self.stay["kind"][rows], self.stay["last"][rows]
        self.stay["last"][rows] = stop
        kind = np.where(kind == FAMILY[0], IFA, kind)
        miles = self._drawn_miles(child, kind, stop)
        self._add(child, kind, np.full(len(child), BOUGHT), miles, CARER_STOPPED, stop, last)

    def _could_step_down(self, month: int) -> np.ndarray:
        """Stays in children's homes of children with a family plan, when a household has a place."""
        if not (self.homes.free_at(month)[: self.homes.households] > 0).any():
            return np.zeros(0, dtype=int)
        child = self.stay["child"]
        monthly = self.scenario.supply.market.ready_to_step_down
        ready = (
            chance(self.children.key[child], "ready to step down", month)
            < 1 - (1 - monthly) ** self.scenario.horizon.step_months
        )
        going_on = self.open & (self.stay["last"] > month)  # not bought just until now
        return np.flatnonzero(going_on & (self.stay["kind"] == RESIDENTIAL) & self.children.family_plan[child] & ready)

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
        home_known = np.isfinite(self.children.latitude[child])
        band = age_band_index(age_in_years(self.children.born[child], self.dates[month]))
        return self.market.distance(self.children.key[child], kind, band, month, home_known)

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
        free = self._free_within_limits(self.homes.free_at(month), month)
        real = np.flatnonzero(free > 0)
        bought_kind = np.where(np.isin(kind, FAMILY), IFA, kind)
        unit = self.children.units(child, bought_kind, self.path, self.scenario.supply.market.siblings_together)
        everyone = np.concatenate([child, self.stay["child"][stepping]])
        needs = np.concatenate([kind, np.full(len(stepping), RESIDENTIAL)])
        homes = self.homes.rows(month, real, free[real], bought_kind, unit, len(stepping))
        children = self.children.pool(everyone, needs, len(child), len(homes) - len(stepping), self.dates[month])
        miles = self._miles(everyone, real, len(homes))
        market_miles = self._drawn_miles(child, bought_kind, np.full(len(child), month))
        barred = np.ones((len(everyone), len(homes)), dtype=bool)
        barred[:, : len(real)] = self.children.avoided(everyone, self.homes.home_id[real])
        barred[:, : len(real)] |= self.broke_with[everyone][:, None] == real
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
        if self.limits:
            rest = np.flatnonzero(~housed[rows])
            kind_there[rest], home[rest], miles_there[rest] = self._within_limits(
                month, child[rest], unit[rest], bought_kind[rest], miles_there[rest], home[housed]
            )
        self._add(child, kind_there[rows], home[rows], miles_there[rows], opened, np.full(len(child), month), last)
        moved = staying[housed[staying]]
        left = stepping[housed[staying]]
        last_of_left = self.stay["last"][left]
        self._cut(left, month)
        since = np.full(len(moved), month)
        self._add(
            everyone[moved], kind_there[moved], home[moved], miles_there[moved], STEPPED_DOWN, since, last_of_left
        )

    def _bought(self, month: int) -> np.ndarray:
        """Placements that go on in other people's homes, by kind."""
        home = self.stay["home"]
        private = (home == BOUGHT) | ((home >= 0) & ~self.homes.council_run[home])
        private &= self.open & (self.stay["last"] > month)
        return np.bincount(self.stay["kind"][private], minlength=len(KINDS))

    def _free_within_limits(self, free: np.ndarray, month: int) -> np.ndarray:
        if not self.limits:
            return free
        turn = chance(self.homes.every_key(), "room", month)
        homes = self.homes
        return free_within_limits(free, homes.kind_number, ~homes.council_run, self._bought(month), self.limits, turn)

    def _within_limits(
        self,
        month: int,
        child: np.ndarray,
        unit: np.ndarray,
        kind: np.ndarray,
        miles: np.ndarray,
        taking: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Kind, home and miles of what is bought, as far as the market has room; ``taking``: homes just taken."""
        others = ~self.homes.council_run
        spent = self._bought(month) + np.bincount(self.homes.kind_number[taking[others[taking]]], minlength=len(KINDS))
        age = age_in_years(self.children.born[child], self.dates[month])
        order = self.scenario.supply.market.beyond_limits
        there = bought_within_limits(unit, kind, age, spent, self.limits, order)
        self.sought[child] = kind
        drawn = self._drawn_miles(child, np.where(there == NOTHING, kind, there), np.full(len(child), month))
        _, first, same = np.unique(unit, return_index=True, return_inverse=True)
        miles = np.where(there == kind, miles, np.where(there == NOTHING, np.nan, drawn[first][same]))
        home = np.where(there == NOTHING, UNPLACED, BOUGHT)
        return np.where(there == NOTHING, OTHER, there), home, miles

    def _miles(self, child: np.ndarray, real: np.ndarray, homes: int) -> np.ndarray:
        answer = np.full((len(child), homes), np.nan)
        answer[:, : len(real)] = miles_between(
            self.children.latitude[child][:, None],
            self.children.longitude[child][:, None],
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
        own = np.where(home >= 0, self.homes.weekly_cost[home], np.nan)
        own = np.where(home == UNPLACED, self.scenario.supply.market.unplaced_weekly_cost, own)
        price = self.market.price[kind, self.children.level[child] - 1]
        new = {
            "child": child,
            "kind": kind,
            "home": home,
            "miles": miles,
            "within": self.children.within(child, miles, self.scenario.matching.limit_miles),
            "weekly_cost": np.where(np.isnan(own), price, own),
            "opened": np.broadcast_to(opened, child.shape),
            "first": first,
            "last": last,
        }
        self.stay = {name: np.concatenate([self.stay[name], values]) for name, values in new.items()}
        self.open = np.concatenate([self.open, np.ones(len(child), dtype=bool)])

    def _stays(self) -> Stays:
        """The record, without stays that no month end saw."""
        stay = self.stay
        child = stay["child"]
        stays = Stays(
            path=np.full(len(child), self.path),
            child=self.children.number[child],
            kind=stay["kind"],
            home=stay["home"],
            level=self.children.level[child],
            miles=stay["miles"],
            within=stay["within"],
            weekly_cost=stay["weekly_cost"],
            opened=stay["opened"],
            first=stay["first"],
            last=stay["last"],
        )
        stays = stays.where(stays.last > stays.first)
        return without_repeats(stays) if self.limits else stays


def _no_stays() -> dict[str, np.ndarray]:
    whole = ("child", "kind", "home", "within", "opened", "first", "last")
    return {**{name: np.zeros(0, dtype=int) for name in whole}, "miles": np.zeros(0), "weekly_cost": np.zeros(0)}
