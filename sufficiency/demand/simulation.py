"""Years of children looked after, month by month, child by child, vectorised over paths.

A month runs from one month end to the next. In it a child may leave, turn 18 (on the day) or move; new children start.
Every child carries two clocks, unit exponentials drawn once: the rate of leaving runs the one down and the rate of
moving the other, and the month in which a clock reaches none is the month of the event. So each child meets the same
chance in every scenario: a higher rate makes it leave earlier and changes nothing else.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from sufficiency.calendar import birthday
from sufficiency.demand.arrivals import Arrivals, arrivals
from sufficiency.demand.history import HAZARD_SHAPE, NEW, Starters
from sufficiency.demand.parameters import PathParameters
from sufficiency.demand.rates import CARE_GROUP_OF, MOVE_AGE_OF
from sufficiency.demand.record import MOVED, NOW, STARTED, Record, Simulated, joined
from sufficiency.demand.state import NEVER, ChildrenNow, State, age_bands, classes_at
from sufficiency.streams import chance, child_keys
from sufficiency.vocabulary import AGE_BANDS, EXIT_REASONS

TURNED_18: Final = EXIT_REASONS.index("turned_18")
CHILDREN_AT_A_TIME: Final = 50_000
"""Children in care simulated together, which keeps them in the processor's cache; results do not depend on it."""
MONTHS_AT_A_TIME: Final = 6
"""Months after which children who have left are taken out of the arrays; results do not depend on it."""
CELLS: Final = int(np.prod(HAZARD_SHAPE))


def simulate(
    now: ChildrenNow, started: Starters, parameters: PathParameters, ends: np.ndarray, seed: int, *, spells: bool = True
) -> Simulated:
    """Simulate every path over the months between ``ends`` (days, the as-of day first).

    ``spells``: whether to keep who lives where (needed to place children), or the counts alone.
    """
    paths = len(parameters.starts)
    step = max(CHILDREN_AT_A_TIME // max(len(now.born), 1), 1)
    ends = ends.astype("datetime64[D]").astype(np.int32)
    blocks = [
        _Block(now, started, parameters, ends, seed, np.arange(first, min(first + step, paths)), spells).run()
        for first in range(0, paths, step)
    ]
    return joined([block.record for block in blocks], now, seed)


def _clock(key: np.ndarray, purpose: str, number: int | np.ndarray = 0) -> np.ndarray:
    """Unit exponentials: the cumulative rate at which each child's next event comes."""
    return (-np.log1p(-chance(key, purpose, number))).astype(np.float32)


class _Block:
    """Some paths, simulated together."""

    def __init__(
        self,
        now: ChildrenNow,
        started: Starters,
        parameters: PathParameters,
        ends: np.ndarray,
        seed: int,
        paths: np.ndarray,
        spells: bool,
    ) -> None:
        self.parameters, self.ends, self.paths = parameters, ends, paths
        self.coming = arrivals(started, parameters, ends, seed, paths)
        self.offsets = np.searchsorted(self.coming.month, np.arange(len(ends)))
        self.record = Record(len(paths), len(ends) - 1, paths, len(now.born), spells)
        self.record.children_come(self.coming)
        self.state = self._state_now(now, seed)
        self.leave_rate = np.zeros(len(paths) * CELLS + 1, dtype=np.float32)
        self.move_rate = np.zeros(len(paths) * CELLS + 1, dtype=np.float32)

    def _state_now(self, now: ChildrenNow, seed: int) -> State:
        """The children in care on the as-of day, once for each path."""
        count = len(now.born)
        path = np.repeat(np.arange(len(self.paths), dtype=np.int32), count)
        child = np.tile(np.arange(count, dtype=np.int32), len(self.paths))
        key = child_keys(seed, self.paths[path], np.zeros_like(child), child)
        born = now.born.astype("datetime64[D]")
        adult = np.searchsorted(self.ends, birthday(born).astype(np.int32)).astype(np.int16)

        def day(dates: np.ndarray) -> np.ndarray:
            return dates.astype("datetime64[D]").astype(np.int32)[child]

        return State(
            path=path,
            child=child,
            key=key,
            leave_clock=_clock(key, "leave clock"),
            move_clock=_clock(key, "move clock"),
            born=day(now.born),
            care=day(now.entered_care),
            stay=day(now.entered_placement),
            adult=adult[child],
            uasc=now.uasc.astype(np.int8)[child],
            kind=now.kind.astype(np.int8)[child],
            moves=np.zeros(len(path), dtype=np.int16),
            spell=np.full(len(path), -1, dtype=np.int32),
        )

    def _state_of(self, coming: Arrivals, first: int) -> State:
        """Children to come, who take part from the month of their start; ``first``: number of the first of them."""
        size = len(coming.path)
        return State(
            path=coming.path.astype(np.int32),
            child=self.record.first_arrival + first + np.arange(size, dtype=np.int32),
            key=coming.key,
            leave_clock=_clock(coming.key, "leave clock"),
            move_clock=_clock(coming.key, "move clock"),
            born=coming.born,
            care=coming.day.astype(np.int32),
            stay=coming.day.astype(np.int32),
            adult=np.searchsorted(self.ends, coming.adult).astype(np.int16),
            uasc=(coming.stream == len(AGE_BANDS)).astype(np.int8),
            kind=coming.kind,
            moves=np.zeros(size, dtype=np.int16),
            spell=np.full(size, -1, dtype=np.int32),
        )

    def run(self) -> _Block:
        months, state = len(self.ends) - 1, self.state
        classes_at(state, slice(0, state.size), 0, self.ends)
        everyone = np.arange(state.size)
        self.record.open_spells(state, everyone, 0, NOW)
        self.record.count(state, state.size, 0)
        for first in range(0, months, MONTHS_AT_A_TIME):
            last = min(first + MONTHS_AT_A_TIME, months)
            coming = slice(self.offsets[first], self.offsets[last])
            self.state = state.in_care().followed_by(self._state_of(self.coming.where(coming), coming.start))
            state = self.state
            there = state.size - (coming.stop - coming.start)
            for month in range(first, last):
                begun = there + self.offsets[month] - self.offsets[first]
                upto = there + self.offsets[month + 1] - self.offsets[first]
                self._month(month, slice(begun, upto))
                classes_at(state, slice(0, upto), month + 1, self.ends)
                self.record.count(state, upto, month + 1)
        return self

    def _month(self, month: int, new: slice) -> None:
        """One month: those who start in it join, then everyone's clocks run."""
        state, upto = self.state, new.stop
        self._join(month, new)
        self._rates(month)
        state.leave_clock[:upto] -= np.take(self.leave_rate, state.leave_cell[:upto])
        state.move_clock[:upto] -= np.take(self.move_rate, state.move_cell[:upto])
        due = (state.leave_clock[:upto] <= 0) | (state.move_clock[:upto] <= 0) | (state.adult[:upto] <= month + 1)
        rows = np.flatnonzero(due)
        left = state.leave_clock[rows] <= 0
        adult = ~left & (state.adult[rows] <= month + 1)
        moved = ~left & ~adult
        self._leave(month, rows[left], rows[adult])
        self._move(month, rows[moved])
        stayed = new.start + np.flatnonzero(state.adult[new] != NEVER)
        self.record.open_spells(state, stayed, month + 1, STARTED)

    def _join(self, month: int, new: slice) -> None:
        """Children who start in the month, in its duration class of their own, at their age on the day."""
        state = self.state
        state.age[new] = age_bands(state.born[new], state.care[new])
        state.care_class[new] = state.stay_class[new] = NEW
        state.next_class[new] = month + 1
        state.set_cells(new)
        np.add.at(self.record.started[:, month], (state.path[new], state.age[new]), 1)

    def _rates(self, month: int) -> None:
        """Rates of the month in every cell of every path, levers by reason included."""
        parameters, paths = self.parameters, self.paths
        leave = parameters.leaving[paths] * parameters.leave_factor[paths, month, None]
        if parameters.reason_factors is not None:
            leave = leave * self._lever(parameters.reason_factors, month)
        self.leave_rate[:-1] = leave.ravel()
        self.move_rate[:-1] = (parameters.moving[paths] * parameters.move_factor[paths, month, None]).ravel()

    def _lever(self, factors: np.ndarray, month: int) -> np.ndarray:
        """What the levers by reason make of the rate of leaving in each cell: the mean factor over its reasons."""
        weights = self.parameters.reasons[self.paths]
        mean = (weights * factors[self.paths, month][:, :, None, None, :]).sum(axis=-1) / weights.sum(axis=-1)
        by_duration = mean[:, :, :, CARE_GROUP_OF, None]
        return np.broadcast_to(by_duration, (len(self.paths), *HAZARD_SHAPE)).reshape(len(self.paths), CELLS)

    def _leave(self, month: int, left: np.ndarray, adult: np.ndarray) -> None:
        state = self.state
        path, age = state.path[left], state.age[left]
        weights = self.parameters.reasons[
            self.paths[path], age, state.kind[left], CARE_GROUP_OF[state.care_class[left]]
        ]
        if self.parameters.reason_factors is not None:
            weights = weights * self.parameters.reason_factors[self.paths[path], month, age]
        reason = _choice(weights, chance(state.key[left], "reason"))
        ceased = self.record.ceased[:, month]
        np.add.at(ceased, (path, age, reason), 1)
        np.add.at(ceased[..., TURNED_18], (state.path[adult], state.age[adult]), 1)
        gone = np.concatenate([left, adult])
        self.record.close_spells(state, gone, month + 1)
        state.remove(gone)

    def _move(self, month: int, rows: np.ndarray) -> None:
        """Children who move get a new placement, and some move on within the same month."""
        state = self.state
        path, age = state.path[rows], state.age[rows]
        first = state.next_move(rows)
        state.kind[rows] = self._destination(rows, month, first)
        state.stay_class[rows] = NEW
        state.set_cells(rows)
        clock = _clock(state.key[rows], "move clock", first) - self.move_rate[state.move_cell[rows]]
        onward = rows[clock <= 0]
        again = state.next_move(onward)
        state.move_clock[rows] = clock
        state.kind[onward] = self._destination(onward, month, again)
        state.move_clock[onward] = _clock(state.key[onward], "move clock", again)
        np.add.at(self.record.moved[:, month], (path, age), 1)
        np.add.at(self.record.moved[:, month], (state.path[onward], state.age[onward]), 1)
        span = self.ends[month + 1] - np.maximum(self.ends[month], state.stay[rows])
        day = self.ends[month + 1] - span + 1 + (chance(state.key[rows], "day", first) * span).astype(np.int32)
        state.stay[rows] = np.minimum(day, self.ends[month + 1])
        state.next_class[rows] = month + 1
        state.set_cells(rows)
        settled = rows[state.spell[rows] >= 0]
        self.record.close_spells(state, settled, month + 1)
        self.record.open_spells(state, settled, month + 1, MOVED)

    def _destination(self, rows: np.ndarray, month: int, number: np.ndarray) -> np.ndarray:
        """Kind of the placement that each of the rows moves to; ``number``: which of its moves this is."""
        state, path = self.state, self.paths[self.state.path[rows]]
        stay = CARE_GROUP_OF[state.stay_class[rows]]
        weights = self.parameters.destinations[path, MOVE_AGE_OF[state.age[rows]], stay, state.kind[rows]]
        weights = weights * self.parameters.mix[path, month // 12]
        return _choice(weights, chance(state.key[rows], "to", number)).astype(np.int8)


def _choice(weights: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Position drawn by weight in each row, from a uniform number."""
    reached = np.cumsum(weights, axis=1)
    return np.minimum((reached < level[:, None] * reached[:, -1:]).sum(axis=1), weights.shape[1] - 1)
