"""Every pair on the face that a network has proven, listed or not: what each child could be worth at prices of places.

Where groups have homes of their own, everyone else moves. Prices of places bound what they can then reach, in whole
numbers and for all pairs: those within the limit one by one, those beyond it class by class.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sufficiency.matching.flow import Level
from sufficiency.matching.instance import Instance
from sufficiency.matching.narrow import Prices
from sufficiency.matching.wide import Wide
from sufficiency.matching.wide_match import by_class, pence_of_class, suitable, weight_at

NOTHING: Final = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Pool:
    """Pairs in order of child and home: ``held`` [places], ``kept`` [children who must be placed and places that must
    be full], ``later`` (what the pair adds to the aim after the siblings')."""

    child: np.ndarray
    home: np.ndarray
    held: np.ndarray
    kept: np.ndarray
    later: np.ndarray

    def some(self, which: np.ndarray) -> Pool:
        """Only some of the pairs (mask or positions)."""
        return Pool(*(each[which] for each in self.arrays))

    def and_also(self, more: Pool, homes: int) -> Pool:
        """With more pairs, each once, in order."""
        both = [np.concatenate([a, b]) for a, b in zip(self.arrays, more.arrays, strict=True)]
        _, at = np.unique(both[0].astype(np.int64) * homes + both[1], return_index=True)
        return Pool(*both).some(at)

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        """The figures of the pairs."""
        return self.child, self.home, self.held, self.kept, self.later

    def worth(self, scale: tuple[int, int]) -> np.ndarray:
        """``scale``: what one child or place kept counts, and one unit of the later aim."""
        return self.kept * scale[0] + self.later * scale[1]

    def best(self, scale: tuple[int, int], place: np.ndarray, children: int) -> tuple[np.ndarray, np.ndarray]:
        """Per child the most that a pair is worth beyond its places, and the position of that pair; 0 and −1 for a
        child whom none is worth more than nothing."""
        most, at = np.zeros(children, dtype=np.int64), np.full(children, -1)
        if len(self.child) == 0:
            return most, at
        gain = self.worth(scale) - self.held * place[self.home]
        starts = np.flatnonzero(np.diff(self.child, prepend=-1))
        least = np.maximum.reduceat(gain, starts)
        first = np.flatnonzero(gain == np.repeat(least, np.diff(np.append(starts, len(gain)))))
        first = first[np.diff(self.child[first], prepend=-1) != 0]
        good = first[gain[first] > 0]
        most[self.child[good]], at[self.child[good]] = gain[good], good
        return most, at


@dataclass(frozen=True, eq=False)
class Far:
    """Children of one class and the homes beyond their limit that lose nothing of the aims before."""

    who: np.ndarray
    home: np.ndarray
    held: np.ndarray
    kept: np.ndarray
    later: np.ndarray


@dataclass(frozen=True, eq=False)
class Reach:
    """All pairs on the face: ``near`` one by one, ``far`` by class; ``must``, ``full`` (bool): children placed and
    homes filled in every plan."""

    wide: Wide
    near: Pool
    far: tuple[Far, ...]
    must: np.ndarray
    full: np.ndarray

    def better(self, scale: tuple[int, int], place: np.ndarray, known: np.ndarray) -> Pool:
        """Pairs one by one that are worth more to a child than what is known of."""
        gain = self.near.worth(scale) - self.near.held * place[self.near.home]
        return self.near.some(gain > known[self.near.child])

    def best(self, scale: tuple[int, int], place: np.ndarray) -> tuple[np.ndarray, Pool]:
        """Per child the most that a pair is worth beyond its places, 0 at least; and the pairs worth that."""
        most, at = self.near.best(scale, place, len(self.must))
        home, later = np.full(len(most), -1), np.zeros(len(most), dtype=np.int64)
        some, held = np.flatnonzero(at >= 0), np.ones(len(most), dtype=np.int64)
        home[some], later[some], held[some] = (
            each[at[some]] for each in (self.near.home, self.near.later, self.near.held)
        )
        for far in self.far:
            gain = far.kept * scale[0] + far.later * scale[1] - far.held * place[far.home]
            top = int(np.argmax(gain))
            mine = gain[top] + self.must[far.who] * scale[0]
            better = far.who[mine > most[far.who]]
            most[better] = gain[top] + self.must[better] * scale[0]
            home[better], later[better], held[better] = far.home[top], far.later[top], far.held[top]
        who = np.flatnonzero(home >= 0)
        kept = self.must[who] + held[who] * self.full[home[who]]
        return most, Pool(who, home[who], held[who], kept, later[who])


def reach_of(wide: Wide, first: Level, second: Level) -> tuple[Reach, np.ndarray]:
    """Every pair that loses nothing of the network's ``first`` level, with its weight of the ``second``; and apart from
    those the keys (child × homes + home) of pairs that are more than one place to a network."""
    must, full = first.child_price != 0, first.home_price != 0
    near, far = _near(wide, first, second, must, full), _far(wide, first, second, full)
    count, lone = len(wide.instance.homes), _with_lone_stayers(wide.instance)
    outside = (near.held > 1) | lone[near.home]
    keys = [near.child[outside].astype(np.int64) * count + near.home[outside]]
    inside = []
    for each in far:
        apart = (each.held > 1) | lone[each.home]
        keys.append((each.who[:, None].astype(np.int64) * count + each.home[apart]).ravel())
        if not apart.all():
            inside.append(Far(each.who, *(part[~apart] for part in (each.home, each.held, each.kept, each.later))))
    return Reach(wide, near.some(~outside), tuple(inside), must, full), np.concatenate(keys)


def _with_lone_stayers(instance: Instance) -> np.ndarray:
    """Homes (bool) where a child who must be alone lives now, so that nobody joins while it stays."""
    answer = np.zeros(len(instance.homes), dtype=bool)
    answer[instance.present[instance.solo & (instance.present >= 0)]] = True
    return answer


def listed(instance: Instance, first: Level, second: Level) -> tuple[Pool, np.ndarray]:
    """The listed pairs on the face, and their numbers."""
    held = (instance.pair_takes + instance.pair_stays).astype(np.int64)
    child, home = instance.pair_child, instance.pair_home
    loss = first.child_price[child] + held * first.home_price[home] - first.weight
    at = np.flatnonzero(loss == 0)
    kept = (first.child_price != 0)[child] + held * (first.home_price != 0)[home]
    return Pool(child, home, held, kept, second.weight).some(at), at


def _as_prices(level: Level) -> Prices:
    return Prices(level.aims, level.steps, level.child_price, level.home_price)


def _near(wide: Wide, first: Level, second: Level, must: np.ndarray, full: np.ndarray) -> Pool:
    who, where = wide.near
    pence = wide.pence[wide.instance.children["needs_level"].to_numpy(dtype=int)[who] - 1, where]
    held = np.where(wide.instance.solo[who], wide.instance.offered[where], 1).astype(np.int64)
    loss = first.child_price[who] + held * first.home_price[where]
    loss = loss - weight_at(wide, _as_prices(first), pence, where, 1)
    at = np.flatnonzero(loss == 0)
    who, where, held = who[at], where[at], held[at]
    later = weight_at(wide, _as_prices(second), pence[at], where, 1)
    return Pool(who, where, held, must[who] + held * full[where], later)


def _far(wide: Wide, first: Level, second: Level, full: np.ndarray) -> list[Far]:
    found = []
    for number, who in by_class(wide):
        homes = suitable(wide, number, who)
        if len(homes) == 0:
            continue
        held = wide.instance.offered[homes] if wide.instance.solo[who[0]] else np.ones(len(homes), dtype=np.int64)
        pence = pence_of_class(wide, who)[homes]
        worth = weight_at(wide, _as_prices(first), pence, homes, 0) - held * first.home_price[homes]
        top, mine = worth == worth.max(), who[first.child_price[who] == worth.max()]
        if len(mine):
            later = weight_at(wide, _as_prices(second), pence[top], homes[top], 0)
            found.append(Far(mine, homes[top], held[top], held[top] * full[homes[top]], later))
    return found
