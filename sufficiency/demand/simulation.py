"""Five years of children looked after, month by month, child by child, vectorised over paths.

A month runs from one month end to the next. In it a child may leave (a monthly hazard by age, kind, time in care),
turn 18 (on the day), or move (a hazard by time in the placement); new children start. Each path has its own
parameters and its own persistent shocks; each child meets the same chance in every scenario.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sufficiency.calendar import DAYS_IN_MONTH, age_in_years, birthday
from sufficiency.demand.history import NEW, STREAMS, UASC_STREAM, Starters, duration_class
from sufficiency.demand.rates import Rates, move_age
from sufficiency.streams import chance, child_keys
from sufficiency.vocabulary import AGE_BANDS, EXIT_REASONS, KINDS, age_band_index

TURNED_18: Final = EXIT_REASONS.index("turned_18")
PATHS_AT_A_TIME: Final = 250
"""Paths simulated together, which bounds memory; results do not depend on it."""

NOW, STARTED, MOVED = 0, 1, 2
"""How a spell opened: there on the as-of day, by starting to be looked after, by a move."""


@dataclass(frozen=True)
class ChildrenNow:
    """Children looked after on the as-of day, as arrays: what the simulation starts from."""

    born: np.ndarray
    uasc: np.ndarray
    kind: np.ndarray
    entered_care: np.ndarray
    entered_placement: np.ndarray


@dataclass(frozen=True)
class PathParameters:
    """What differs from path to path: coefficients, entry levels, shocks, destinations and exposure.

    ``starts`` has shape (paths, months, streams) [expected starts a month]; ``leave_shift`` and ``move_shift``
    (paths, months) [log odds]; ``destinations`` (paths, age groups, kinds, kinds) [cumulative shares].
    """

    leaving: dict[str, np.ndarray]
    moving: dict[str, np.ndarray]
    starts: np.ndarray
    leave_shift: np.ndarray
    move_shift: np.ndarray
    destinations: np.ndarray


@dataclass(frozen=True)
class Simulated:
    """Every path of the projection.

    ``stock`` (paths, months + 1, age bands, kinds), ``started`` and ``moved`` (paths, months, age bands), ``ceased``
    (paths, months, age bands, exit reasons) [children]. Children: one element per child; those there on the as-of
    day come first and are shared by all paths (``child_path`` -1). Spells: one element per path, child and
    placement, present at the month ends ``spell_from`` ≤ t < ``spell_to``.
    """

    stock: np.ndarray
    started: np.ndarray
    moved: np.ndarray
    ceased: np.ndarray
    child_path: np.ndarray
    child_key: np.ndarray
    child_born: np.ndarray
    child_uasc: np.ndarray
    child_donor: np.ndarray
    child_month: np.ndarray
    spell_path: np.ndarray
    spell_child: np.ndarray
    spell_kind: np.ndarray
    spell_from: np.ndarray
    spell_to: np.ndarray
    spell_opened: np.ndarray


def simulate(
    now: ChildrenNow, started: Starters, rates: Rates, parameters: PathParameters, ends: np.ndarray, seed: int
) -> Simulated:
    """Simulate every path over the months between ``ends`` (days, the as-of day first)."""
    paths = len(parameters.leave_shift)
    blocks = [
        _Block(now, started, rates, parameters, ends, seed, np.arange(first, min(first + PATHS_AT_A_TIME, paths))).run()
        for first in range(0, paths, PATHS_AT_A_TIME)
    ]
    return _joined(blocks, now, seed)


class _Block:
    """The moving state of some paths: arrays of the children in care, one element per path and child."""

    def __init__(
        self,
        now: ChildrenNow,
        started: Starters,
        rates: Rates,
        parameters: PathParameters,
        ends: np.ndarray,
        seed: int,
        paths: np.ndarray,
    ) -> None:
        self.donors = [np.flatnonzero(started.stream == stream) for stream in range(len(STREAMS))]
        self.starters, self.rates, self.parameters = started, rates, parameters
        self.ends, self.seed, self.paths = ends, seed, paths
        count, months = len(now.born), len(ends) - 1
        self.path = np.repeat(np.arange(len(paths)), count)
        self.child = np.tile(np.arange(count), len(paths))
        self.key = child_keys(seed, paths[self.path], np.zeros_like(self.child), self.child)
        self.born, self.uasc = now.born[self.child], now.uasc[self.child].astype(int)
        self.kind = now.kind[self.child]
        self.care, self.stay = now.entered_care[self.child], now.entered_placement[self.child]
        self.next_child = count
        self.spell = np.arange(len(self.path))
        self.spells_open = len(self.path)
        self.new_spells = [self._spells(self.path, self.child, self.kind, 0, NOW)]
        self.closed: list[tuple[np.ndarray, np.ndarray]] = []
        self.new_children: list[dict[str, np.ndarray]] = []
        shape = (len(paths), months, len(AGE_BANDS))
        self.started, self.moved = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
        self.ceased = np.zeros((*shape, len(EXIT_REASONS)), np.int32)
        self.stock = np.zeros((len(paths), months + 1, len(AGE_BANDS), len(KINDS)), np.int32)

    def run(self) -> _Block:
        self._count(0)
        for month in range(len(self.ends) - 1):
            arrivals = self._arrivals(month)
            self._existing_children(month)
            self._new_children(month, arrivals)
            self._count(month + 1)
        return self

    def _probability(self, hazard: dict[str, np.ndarray], shift: np.ndarray, age: np.ndarray, kind: np.ndarray,
                     duration: np.ndarray, uasc: np.ndarray, path: np.ndarray) -> np.ndarray:  # fmt: skip
        row = self.paths[path]
        odds = (
            hazard["intercept"][row] + hazard["age_band"][row, age] + hazard["kind"][row, kind]
            + hazard["duration"][row, duration] + hazard["uasc"][row, uasc] + shift[row]
        )  # fmt: skip
        return 1 / (1 + np.exp(-odds))

    def _destination(
        self, key: np.ndarray, purpose: str, month: int, age: np.ndarray, kind: np.ndarray, path: np.ndarray
    ) -> np.ndarray:
        shares = self.parameters.destinations[self.paths[path], move_age(age), kind]
        return np.minimum((shares < chance(key, purpose, month)[:, None]).sum(axis=1), len(KINDS) - 1)

    def _existing_children(self, month: int) -> None:
        """Children in care at the start of the month leave, turn 18, move or stay."""
        first, last = self.ends[month], self.ends[month + 1]
        parameters = self.parameters
        age = age_band_index(age_in_years(self.born, first))
        care = duration_class((first - self.care).astype(float) / DAYS_IN_MONTH)
        stay = duration_class((first - self.stay).astype(float) / DAYS_IN_MONTH)
        shift = parameters.leave_shift[:, month]
        leave = self._probability(parameters.leaving, shift, age, self.kind, care, self.uasc, self.path)
        left = chance(self.key, "leave", month) < leave
        adult = ~left & (birthday(self.born) <= last)
        gone = left | adult
        shift = parameters.move_shift[:, month]
        move = self._probability(parameters.moving, shift, age, self.kind, stay, self.uasc, self.path)
        moved = ~gone & (chance(self.key, "move", month) < move)
        self._record_departures(month, self.path, age, self.kind, self.key, left, adult)
        self.closed.append((self.spell[gone | moved], np.full((gone | moved).sum(), month + 1)))
        self._move(month, moved, age)
        self._keep(~gone)

    def _move(self, month: int, moved: np.ndarray, age: np.ndarray) -> None:
        """Children who move get a new placement, and some move on within the same month."""
        key, path, kind, age = self.key[moved], self.path[moved], self.kind[moved], age[moved]
        kind = self._destination(key, "to", month, age, kind, path)
        new = np.full(len(kind), NEW)
        again = self._probability(
            self.parameters.moving, self.parameters.move_shift[:, month], age, kind, new, self.uasc[moved], path
        )
        onward = chance(key, "again", month) < again
        kind = np.where(onward, self._destination(key, "onward", month, age, kind, path), kind)
        np.add.at(self.moved[:, month], (path, age), 1 + onward.astype(np.int32))
        self.kind[moved] = kind
        span = (self.ends[month + 1] - self.ends[month]).astype(int)
        self.stay[moved] = self.ends[month] + 1 + (chance(key, "day", month) * span).astype(int)
        self.spell[moved] = self._open(path, self.child[moved], kind, month + 1, MOVED)

    def _arrivals(self, month: int) -> dict[str, np.ndarray]:
        """Children who start in the month: how many by path and stream, and who they are like."""
        from scipy.special import pdtr, pdtrik

        mean = self.parameters.starts[self.paths, month]
        path, stream = np.indices(mean.shape)
        keys = child_keys(self.seed, self.paths[path], stream + 1, np.full_like(path, month))
        draw = chance(keys, "starts", month)
        # the least count whose cumulative probability reaches the draw
        guess = np.ceil(pdtrik(draw, np.maximum(mean, 1e-12)))
        lower = np.maximum(guess - 1, 0)
        count = np.where(pdtr(lower, mean) >= draw, lower, np.maximum(guess, 0)).astype(int)
        path, stream = np.repeat(path.ravel(), count.ravel()), np.repeat(stream.ravel(), count.ravel())
        order = np.arange(len(path)) - np.repeat(np.cumsum(count.ravel()) - count.ravel(), count.ravel())
        key = child_keys(self.seed, self.paths[path], stream + 1, np.full_like(path, month), order)
        return {"path": path, "key": key, "donor": self._donors(key, stream), "stream": stream}

    def _donors(self, key: np.ndarray, stream: np.ndarray) -> np.ndarray:
        """A past starter of the same stream for each child; of any stream where there has been none."""
        everyone = np.arange(len(self.starters.stream))
        pools = [pool if len(pool) else everyone for pool in self.donors]
        sizes = np.array([len(pool) for pool in pools])
        position = (chance(key, "donor") * sizes[stream]).astype(int)
        offsets = np.cumsum(sizes) - sizes
        return np.concatenate(pools)[offsets[stream] + position]

    def _new_children(self, month: int, arrivals: dict[str, np.ndarray]) -> None:
        """Children who start in the month may leave or move within it; the others are in care at its end."""
        first, last = self.ends[month], self.ends[month + 1]
        path, key, donor = arrivals["path"], arrivals["key"], arrivals["donor"]
        uasc = (arrivals["stream"] == UASC_STREAM).astype(int)
        day = first + 1 + (chance(key, "start day") * (last - first).astype(int)).astype(int)
        born = day - self.starters.age_days[donor]
        age = age_band_index(age_in_years(born, day))
        kind = self.starters.kind[donor]
        new = np.full(len(path), NEW)
        parameters = self.parameters
        leave = self._probability(parameters.leaving, parameters.leave_shift[:, month], age, kind, new, uasc, path)
        left = chance(key, "leave", month) < leave
        adult = ~left & (birthday(born) <= last)
        move = self._probability(parameters.moving, parameters.move_shift[:, month], age, kind, new, uasc, path)
        moved = ~left & ~adult & (chance(key, "move", month) < move)
        np.add.at(self.started[:, month], (path, age), 1)
        np.add.at(self.moved[:, month], (path[moved], age[moved]), 1)
        self._record_departures(month, path, age, kind, key, left, adult)
        kind = np.where(moved, self._destination(key, "to", month, age, kind, path), kind)
        stays = ~left & ~adult
        child = self.next_child + np.arange(stays.sum())
        self.next_child += len(child)
        self.new_children.append(
            {"path": self.paths[path[stays]], "key": key[stays], "born": born[stays], "uasc": uasc[stays],
             "donor": donor[stays], "month": np.full(len(child), month + 1)}
        )  # fmt: skip
        spell = self._open(path[stays], child, kind[stays], month + 1, STARTED)
        additions = {"path": path, "key": key, "born": born, "uasc": uasc, "kind": kind, "care": day, "stay": day}
        for name, values in additions.items():
            setattr(self, name, np.concatenate([getattr(self, name), values[stays]]))
        self.child, self.spell = np.concatenate([self.child, child]), np.concatenate([self.spell, spell])

    def _record_departures(self, month: int, path: np.ndarray, age: np.ndarray, kind: np.ndarray, key: np.ndarray,
                           left: np.ndarray, adult: np.ndarray) -> None:  # fmt: skip
        counts = self.rates.reasons[age[left], kind[left]]
        shares = np.cumsum(counts, axis=1) / counts.sum(axis=1, keepdims=True)
        reason = (shares < chance(key[left], "reason", month)[:, None]).sum(axis=1)
        ceased = self.ceased[:, month]
        np.add.at(ceased, (path[left], age[left], np.minimum(reason, len(EXIT_REASONS) - 1)), 1)
        np.add.at(ceased[..., TURNED_18], (path[adult], age[adult]), 1)

    def _keep(self, staying: np.ndarray) -> None:
        for name in ("path", "child", "key", "born", "uasc", "kind", "care", "stay", "spell"):
            setattr(self, name, getattr(self, name)[staying])

    def _open(self, path: np.ndarray, child: np.ndarray, kind: np.ndarray, month: int, how: int) -> np.ndarray:
        self.new_spells.append(self._spells(path, child, kind, month, how))
        spell = self.spells_open + np.arange(len(path))
        self.spells_open += len(path)
        return spell

    def _spells(self, path: np.ndarray, child: np.ndarray, kind: np.ndarray, month: int, how: int) -> np.ndarray:
        size = len(path)
        return np.column_stack([self.paths[path], child, kind, np.full(size, month), np.full(size, how)])

    def _count(self, month: int) -> None:
        age = age_band_index(age_in_years(self.born, self.ends[month]))
        cells = len(AGE_BANDS) * len(KINDS)
        cell = self.path * cells + age * len(KINDS) + self.kind
        counts = np.bincount(cell, minlength=len(self.paths) * cells)
        self.stock[:, month] = counts.reshape(len(self.paths), len(AGE_BANDS), len(KINDS))


def _joined(blocks: list[_Block], now: ChildrenNow, seed: int) -> Simulated:
    """Blocks of paths behind one another, children numbered through."""
    count = len(now.born)
    spells, ends, offset = [], [], 0
    for block in blocks:
        rows = np.concatenate(block.new_spells)
        rows[:, 1] = np.where(rows[:, 1] < count, rows[:, 1], rows[:, 1] + offset)
        end = np.full(len(rows), len(block.ends), dtype=int)
        for spell, month in block.closed:
            end[spell] = month
        spells.append(rows)
        ends.append(end)
        offset += block.next_child - count
    new = [part for block in blocks for part in block.new_children]
    spell, spell_to = np.concatenate(spells), np.concatenate(ends)
    order = np.lexsort((spell[:, 3], spell[:, 1], spell[:, 0]))
    spell, spell_to = spell[order], spell_to[order]

    def children(name: str, of_now: np.ndarray) -> np.ndarray:
        return np.concatenate([of_now, *(part[name] for part in new)])

    nobody = np.full(count, -1)
    return Simulated(
        stock=np.concatenate([block.stock for block in blocks]),
        started=np.concatenate([block.started for block in blocks]),
        moved=np.concatenate([block.moved for block in blocks]),
        ceased=np.concatenate([block.ceased for block in blocks]),
        child_path=children("path", nobody),
        child_key=children("key", child_keys(seed, np.zeros(count, int), np.arange(count))),
        child_born=children("born", now.born),
        child_uasc=children("uasc", now.uasc.astype(int)),
        child_donor=children("donor", nobody),
        child_month=children("month", np.zeros(count, int)),
        spell_path=spell[:, 0],
        spell_child=spell[:, 1],
        spell_kind=spell[:, 2],
        spell_from=spell[:, 3],
        spell_to=spell_to,
        spell_opened=spell[:, 4],
    )
