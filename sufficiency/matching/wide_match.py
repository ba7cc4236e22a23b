"""Regions and all of England: the same optimum, over a small part of the pairs and proven over all of them.

A part of all pairs is matched; then every other pair is priced, those beyond the limit class by class. A pair that
could improve the plan is let in, and the match is made again, until none could: the plan is then best of all pairs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import numpy as np

from sufficiency.errors import SolverError
from sufficiency.matching.flow import Flow, joined
from sufficiency.matching.instance import Instance
from sufficiency.matching.narrow import ZERO, Narrow, Prices, flow_of, narrowed
from sufficiency.matching.near import pairs_within
from sufficiency.matching.pair_figures import degrees_of, positions
from sufficiency.matching.programme import programme_of, rows_before_whole_units, units_of_size
from sufficiency.matching.rules import is_empty, is_fostering
from sufficiency.matching.solve import Programme
from sufficiency.matching.wide import Pairs, Wide
from sufficiency.vocabulary import USUAL_FOSTERING_LIMIT

CHEAPEST: Final = 6
SPREAD: Final = 24
"""Pairs of each child to begin with: the cheapest, and some at even steps through all, each child's a little further
on than those of the one before, so that not everyone is offered the same homes."""

LET_IN: Final = 12
"""Pairs of a child let in after one pricing, of those within the limit and of those beyond it: the best first, and
then at even steps."""

MOST_ROUNDS: Final = 60
"""Rounds of pricing after which the search is called off; a handful is usual."""


def solve_wide(
    wide: Wide, build: Callable[[Pairs], Instance], relax: bool, deadline: float
) -> tuple[Instance, Narrow | Flow]:
    """The instance of the pairs that were let in, and what its relaxations prove about all pairs.

    ``build`` makes an instance of listed pairs; ``relax``: solve the relaxation with sibling groups, or else the
    network alone, which knows no groups. Raises :class:`~sufficiency.errors.SolverError` when prices do not settle in
    time.
    """
    keys = _to_begin_with(wide)
    for _ in range(MOST_ROUNDS):
        instance = build(_pairs(wide, keys))
        programme = programme_of(instance)
        found, prices = _solved(instance, programme, relax, deadline)
        missing = np.setdiff1d(_improving(wide, instance, prices, relax), keys)
        if len(missing) == 0:
            return instance, found
        keys = np.union1d(keys, missing)
        if time.monotonic() > deadline:
            break
    raise SolverError("Matching ran out of time before every pair was priced. Raise matching.time_limit_seconds.")


def _solved(
    instance: Instance, programme: Programme, relax: bool, deadline: float
) -> tuple[Narrow | Flow, list[Prices]]:
    """What is proven of the listed pairs, and the prices that prove it."""
    if relax:
        narrow = narrowed(instance, programme, {}, np.zeros(programme.columns, dtype=bool), deadline)
        return narrow, narrow.face.prices
    flow = flow_of(instance, programme)
    return flow, [Prices(level.aims, level.steps, level.child_price, level.home_price) for level in flow.levels]


def _pairs(wide: Wide, keys: np.ndarray) -> Pairs:
    homes = len(wide.instance.homes)
    return keys // homes, keys % homes


def _keys(wide: Wide, who: np.ndarray, where: np.ndarray) -> np.ndarray:
    return np.asarray(who, dtype=np.int64) * len(wide.instance.homes) + where


def _to_begin_with(wide: Wide) -> np.ndarray:
    """Keys of some pairs within the limit, of some beyond it, and of all near a school or of which a person speaks."""
    bare = wide.instance
    parts = [_some_near(wide), _some_far(wide), _own_homes(wide), _near_together(wide)]
    if "school_within" in bare.objectives and "school_latitude" in bare.children:
        limits = np.full(len(bare.children), bare.practice.school_limit_miles)
        points = degrees_of(bare.children, "school_"), degrees_of(bare.homes)
        parts.append(_keys(wide, *pairs_within(*points, limits, wide.allowed)))
    scores = bare.practice.scores
    if "preference" in bare.objectives and scores is not None:
        parts.append(_scored(wide))
    return np.unique(np.concatenate(parts))


def _sampled(who: np.ndarray, worst: np.ndarray, best: int, spread: int) -> np.ndarray:
    """Positions of some pairs of each child (``who``, in order): the ``best`` by least ``worst``, and ``spread`` of the
    rest at even steps."""
    order = np.lexsort((worst, who))
    mine = who[order]
    rank = np.arange(len(who)) - np.searchsorted(mine, mine)
    count = np.bincount(mine, minlength=int(mine.max(initial=-1)) + 1)[mine]
    step = np.maximum(count // spread, 1)
    return order[(rank < best) | ((rank + mine) % step == 0)]


def _some_near(wide: Wide) -> np.ndarray:
    who, where = wide.near
    level = wide.instance.children["needs_level"].to_numpy(dtype=int) - 1
    chosen = _sampled(who, wide.pence[level[who], where], CHEAPEST, SPREAD)
    return _keys(wide, who[chosen], where[chosen])


def _some_far(wide: Wide) -> np.ndarray:
    """For each child some homes of those that suit its class: in order of price, each child's after those before."""
    bare, found = wide.instance, [np.zeros(0, dtype=np.int64)]
    capacity = bare.offered + bare.leavers
    for number, who in by_class(wide):
        homes = suitable(wide, number, who)
        if len(homes) == 0:
            continue
        homes = homes[np.argsort(pence_of_class(wide, who)[homes], kind="stable")]
        ends = capacity[homes].cumsum()
        first = np.searchsorted(ends, np.arange(len(who)) % max(int(ends[-1]), 1), side="right")
        step = max(len(homes) // CHEAPEST, 1)
        at = np.concatenate([first[:, None] + np.arange(3), who[:, None] + step * np.arange(CHEAPEST)], axis=1)
        found.append(_allowed_keys(wide, np.repeat(who, at.shape[1]), homes[at.ravel() % len(homes)]))
    return np.concatenate(found)


def by_class(wide: Wide) -> list[tuple[int, np.ndarray]]:
    """Number and children of each class."""
    order = np.argsort(wide.classes.child, kind="stable")
    ends = np.flatnonzero(np.diff(wide.classes.child[order], append=-1)) + 1
    return [(int(wide.classes.child[who[0]]), who) for who in np.split(order, ends[:-1])] if len(order) else []


def suitable(wide: Wide, number: int, who: np.ndarray) -> np.ndarray:
    """Homes that suit a class of children and could have a place for one of them."""
    room = wide.room[1] if wide.instance.solo[who[0]] else wide.room[0]
    return np.flatnonzero(wide.classes.suits[number][wide.classes.home] & room)


def pence_of_class(wide: Wide, who: np.ndarray) -> np.ndarray:
    """Price of every home for the children of one class."""
    return wide.pence[int(wide.instance.children["needs_level"].iloc[int(who[0])]) - 1]


def _allowed_keys(wide: Wide, who: np.ndarray, where: np.ndarray) -> np.ndarray:
    keep = ~wide.is_forbidden(who, where)
    return _keys(wide, who[keep], where[keep])


def _own_homes(wide: Wide) -> np.ndarray:
    """Present homes, which nothing rules out, and those pinned by hand."""
    bare, parts = wide.instance, []
    for homes in (bare.present, bare.pinned):
        who = np.flatnonzero(homes >= 0)
        parts.append(_keys(wide, who, homes[who]))
    return np.concatenate(parts)


def _near_together(wide: Wide) -> np.ndarray:
    """For each unit, the homes within the limit of all of it, for all of its children."""
    bare, found = wide.instance, [np.zeros(0, dtype=np.int64)]
    starts = np.searchsorted(wide.near[0], np.arange(len(bare.children) + 1))
    capacity = bare.offered + bare.leavers
    for who in bare.members:
        lists = [wide.near[1][starts[child] : starts[child + 1]] for child in who]
        homes, count = np.unique(np.concatenate(lists), return_counts=True)
        homes = homes[(count == len(who)) & (capacity[homes] >= min(len(who), USUAL_FOSTERING_LIMIT))]
        found += [_keys(wide, np.full(len(homes), child), homes) for child in who]
    return np.concatenate(found)


def _scored(wide: Wide) -> np.ndarray:
    """Pairs that social workers gave a score."""
    bare = wide.instance
    assert bare.practice.scores is not None
    who, where = positions(bare.children, bare.homes, bare.practice.scores)
    known = (who >= 0) & (where >= 0)
    who, where = who[known], where[known]
    keep = wide.allowed(who, where)
    return _keys(wide, who[keep], where[keep])


def _improving(wide: Wide, instance: Instance, prices: list[Prices], units: bool) -> np.ndarray:
    """Keys of pairs that could improve some aim at the prices of children and places, those before it kept."""
    alone = np.union1d(_improving_near(wide, prices), _improving_far(wide, prices))
    return np.union1d(alone, _improving_units(wide, instance, prices)) if units and wide.instance.members else alone


def weight_at(wide: Wide, price: Prices, pence: np.ndarray, where: np.ndarray, within: int) -> np.ndarray:
    """What pairs with some homes add to the aims of one level."""
    own = wide.instance.in_house()
    of = {
        "placed": np.ones(len(where), dtype=np.int64),
        "within_limit": np.full(len(where), within, dtype=np.int64),
        "weekly_cost": -pence,
        "in_house": own[where].astype(np.int64),
    }
    nothing = np.zeros(len(where), dtype=np.int64)
    return joined([of.get(name, nothing) for name in price.aims], price.steps)


def _gains(gain: np.ndarray, largest: float, still: np.ndarray, better: np.ndarray) -> None:
    """Settle which pairs gain at this level (``better``) and which are still equal."""
    exact = gain.dtype.kind == "i"
    tolerance = 0 if exact else ZERO * max(1.0, largest / 1000)
    better |= still & (gain > tolerance)
    still &= np.abs(gain) <= tolerance


def _improving_near(wide: Wide, prices: list[Prices]) -> np.ndarray:
    who, where = wide.near
    level = wide.instance.children["needs_level"].to_numpy(dtype=int) - 1
    found = [np.zeros(0, dtype=np.int64)]
    for first in range(0, len(who), 8_000_000):
        i, h = who[first : first + 8_000_000], where[first : first + 8_000_000]
        pence = wide.pence[level[i], h]
        still, better = np.ones(len(i), dtype=bool), np.zeros(len(i), dtype=bool)
        last = np.zeros(len(i))
        for price in prices:
            weight = weight_at(wide, price, pence, h, 1)
            gain = weight - price.child[i] - price.home[h]
            last = np.where(still, gain, last)
            _gains(gain, float(np.abs(weight).max(initial=0)), still, better)
        at = np.flatnonzero(better)
        at = at[_sampled(i[at], -last[at], LET_IN // 3, LET_IN)]
        found.append(_keys(wide, i[at], h[at]))
    return np.concatenate(found)


def _improving_far(wide: Wide, prices: list[Prices]) -> np.ndarray:
    """As for pairs within the limit, class by class: the homes best for a class are so for each of its children."""
    found = [np.zeros(0, dtype=np.int64)]
    for number, who in by_class(wide):
        homes = suitable(wide, number, who)
        if len(homes) == 0 or not prices:
            continue
        pence = pence_of_class(wide, who)[homes]
        weights = [weight_at(wide, price, pence, homes, 0) for price in prices]
        worth = [weight - price.home[homes] for weight, price in zip(weights, prices, strict=True)]
        order = np.lexsort([-each for each in reversed(worth)])
        found.append(_better_far(wide, who, homes[order], [each[order] for each in worth], weights, prices))
    return np.concatenate(found)


def _improving_units(wide: Wide, instance: Instance, prices: list[Prices]) -> np.ndarray:
    """Keys of the pairs of whole units with homes where living together could improve an aim."""
    bare, found = wide.instance, [np.zeros(0, dtype=np.int64)]
    level = bare.children["needs_level"].to_numpy(dtype=int) - 1
    starts = np.searchsorted(wide.near[0], np.arange(len(bare.children) + 1))
    capacity = bare.offered + bare.leavers
    whole = [_of_whole_units(instance, price) for price in prices]
    alone, most = is_fostering(bare.homes) & is_empty(bare.homes), bare.homes["places"].to_numpy(dtype=int)
    for number, who in enumerate(bare.members):
        suits = wide.classes.suits[np.unique(wide.classes.child[who])].all(axis=0)
        whole_home = alone & (len(who) > USUAL_FOSTERING_LIMIT)
        room = np.where(whole_home, (most >= len(who)) & (number < bare.groups), capacity >= len(who))
        homes = np.flatnonzero(suits[wide.classes.home] & room)
        near = np.zeros(len(bare.homes), dtype=int)
        for child in who:
            near[wide.near[1][starts[child] : starts[child + 1]]] += 1
        places = np.where(whole_home, bare.offered, len(who))[homes]
        of = {
            "placed": np.full(len(homes), len(who)),
            "within_limit": near[homes],
            "siblings_together": np.full(len(homes), len(who) if number < bare.groups else 0),
            "weekly_cost": -wide.pence[level[who]][:, homes].sum(axis=0),
            "in_house": bare.in_house()[homes] * len(who),
        }
        still, better = np.ones(len(homes), dtype=bool), np.zeros(len(homes), dtype=bool)
        last = np.zeros(len(homes))
        for price, more in zip(prices, whole, strict=True):
            weight = joined([of.get(name, 0 * places) for name in price.aims], price.steps)
            gain = weight - price.child[who].sum() - places * price.home[homes] - more[homes, places]
            last = np.where(still, gain, last)
            _gains(gain, float(np.abs(weight).max(initial=0)), still, better)
        at = np.flatnonzero(better)
        at = at[np.argsort(-last[at], kind="stable")][:LET_IN]
        found += [_allowed_keys(wide, np.full(len(at), child), homes[at]) for child in who]
    return np.concatenate(found)


def _of_whole_units(instance: Instance, price: Prices) -> np.ndarray:
    """What a unit that fills so many places of a home pays beside the places, by home and places: the prices of the
    rows that say how many whole units fit."""
    rows = units_of_size(instance)
    most = max([2, *(len(who) for who in instance.members)])
    answer = np.zeros((len(instance.homes), most + 1))
    if price.rows is not None:
        first = rows_before_whole_units(instance)
        for dual, (home, size) in zip(price.rows[first : first + len(rows)], rows, strict=True):
            answer[home, size:] += dual
    return answer


def _better_far(
    wide: Wide,
    who: np.ndarray,
    homes: np.ndarray,
    worth: list[np.ndarray],
    weights: list[np.ndarray],
    prices: list[Prices],
) -> np.ndarray:
    """Keys of the best homes of a class for the children who would gain by one; ``homes`` from the best on."""
    found = []
    rank = np.arange(len(who))
    for step in range(min(LET_IN, len(homes))):
        at = (step + (step > 0) * (rank * 7) % max(len(who), 1)) % len(homes)
        still, better = np.ones(len(who), dtype=bool), np.zeros(len(who), dtype=bool)
        for value, weight, price in zip(worth, weights, prices, strict=True):
            _gains(value[at] - price.child[who], float(np.abs(weight).max(initial=0)), still, better)
        if step == 0 and not better.any():
            break
        found.append(_allowed_keys(wide, who[better], homes[at[better]]))
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
