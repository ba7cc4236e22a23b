"""The children in care in some paths at a moment of the simulation, as arrays; changed in place as months pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sufficiency.calendar import DAYS_IN_MONTH
from sufficiency.demand.history import DURATION_MONTHS, HAZARD_SHAPE
from sufficiency.vocabulary import ADULT_AGE, AGE_BAND_STARTS, AGE_BANDS, KINDS, age_band_index

NEVER: Final = np.iinfo(np.int16).max
"""A month that never comes: that of a child who has left."""
FIRST_DAYS: Final = np.ceil(np.array(DURATION_MONTHS) * DAYS_IN_MONTH).astype(np.int32)
"""Days after which each duration class begins, the class of the month of the start left out."""
_MONTHS: Final = np.arange("1900", "2200", dtype="datetime64[M]")
_FIRST_DAY_OF: Final = _MONTHS.astype("datetime64[D]").astype(np.int32)
"""First day of each month of three centuries [days since 1970-01-01]: a table is quicker than the calendar."""
_DAY_ZERO: Final = int(_FIRST_DAY_OF[0])
_MONTH_OF: Final = np.repeat(np.arange(len(_MONTHS) - 1, dtype=np.int32), np.diff(_FIRST_DAY_OF))
_BAND_OF_AGE: Final = age_band_index(np.arange(ADULT_AGE)).astype(np.int8)
_BAND_ENDS: Final = np.array([*AGE_BAND_STARTS[1:], ADULT_AGE], dtype=np.int32)
_GIVEN: Final = ("path", "child", "key", "leave_clock", "move_clock", "born", "care", "stay", "adult", "uasc", "kind",
                 "moves", "spell")  # fmt: skip
_KEPT: Final = ("age", "care_class", "stay_class", "next_class", "leave_cell", "move_cell", "place")
_STRIDES: Final = np.array([int(np.prod(HAZARD_SHAPE[axis + 1 :])) for axis in range(4)], dtype=np.int32)


@dataclass(frozen=True)
class ChildrenNow:
    """Children looked after on the as-of day, as arrays: what the simulation starts from."""

    born: np.ndarray
    uasc: np.ndarray
    kind: np.ndarray
    entered_care: np.ndarray
    entered_placement: np.ndarray


class State:
    """One element per path and child.

    Given: ``path`` in the block, ``child`` number, ``key`` of its chances, the two clocks, ``born``, ``care`` and
    ``stay`` (days since 1970-01-01 on which it was born, started, entered the placement), ``adult`` (first month end
    at which it is 18), ``uasc``, ``kind``, ``moves`` so far, ``spell`` number (-1: none yet). Kept beside these: age
    band, duration classes, cells of the two hazards and of the stock, and the month end at which a class next changes.
    """

    def __init__(self, *, path: np.ndarray, child: np.ndarray, key: np.ndarray, leave_clock: np.ndarray,
                 move_clock: np.ndarray, born: np.ndarray, care: np.ndarray, stay: np.ndarray, adult: np.ndarray,
                 uasc: np.ndarray, kind: np.ndarray, moves: np.ndarray, spell: np.ndarray) -> None:  # fmt: skip
        self.path, self.child, self.key = path, child, key
        self.leave_clock, self.move_clock = leave_clock, move_clock
        self.born, self.care, self.stay, self.adult = born, care, stay, adult
        self.uasc, self.kind, self.moves, self.spell = uasc, kind, moves, spell
        self.size = len(path)
        self.age = np.zeros(self.size, dtype=np.int8)
        self.care_class = np.zeros(self.size, dtype=np.int8)
        self.stay_class = np.zeros(self.size, dtype=np.int8)
        self.next_class = np.full(self.size, NEVER, dtype=np.int16)
        # cells past the last one hold nobody at risk: those yet to come
        self.leave_cell = np.full(self.size, -1, dtype=np.int32)
        self.move_cell = np.full(self.size, -1, dtype=np.int32)
        self.place = np.full(self.size, -1, dtype=np.int32)

    def set_cells(self, rows: np.ndarray | slice) -> None:
        """Cells of the hazards and of the stock, from the classes."""
        path, age, kind = self.path[rows], self.age[rows].astype(np.int32), self.kind[rows].astype(np.int32)
        cell = path * np.int32(np.prod(HAZARD_SHAPE)) + age * _STRIDES[0] + kind * _STRIDES[1] + self.uasc[rows]
        self.leave_cell[rows] = cell + self.care_class[rows] * _STRIDES[2]
        self.move_cell[rows] = cell + self.stay_class[rows] * _STRIDES[2]
        self.place[rows] = (path * np.int32(len(AGE_BANDS)) + age) * np.int32(len(KINDS)) + kind

    def next_move(self, rows: np.ndarray) -> np.ndarray:
        """Number of the move that each of the rows now makes, from 1."""
        self.moves[rows] += 1
        return self.moves[rows]

    def remove(self, rows: np.ndarray) -> None:
        """Children who have left care are at risk of nothing and counted nowhere."""
        self.leave_cell[rows] = self.move_cell[rows] = self.place[rows] = -1
        self.leave_clock[rows] = self.move_clock[rows] = np.inf
        self.adult[rows] = self.next_class[rows] = NEVER

    def in_care(self) -> State:
        """A copy without those who have left."""
        return self._taken(np.flatnonzero(self.adult != NEVER))

    def _taken(self, rows: np.ndarray) -> State:
        answer = State(**{name: getattr(self, name)[rows] for name in _GIVEN})
        for name in _KEPT:
            setattr(answer, name, getattr(self, name)[rows])
        return answer

    def followed_by(self, other: State) -> State:
        """This state's children, then another's."""
        answer = State(**{name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in _GIVEN})
        for name in _KEPT:
            setattr(answer, name, np.concatenate([getattr(self, name), getattr(other, name)]))
        return answer


def classes_at(state: State, span: slice, month: int, ends: np.ndarray) -> None:
    """Age bands and duration classes at a month end, for those of the span whose classes change by then."""
    rows = np.flatnonzero(state.next_class[span] <= month) if month else np.arange(span.stop)
    if not len(rows):
        return
    day = ends[month]
    age, birthday_next = _age_and_next(state.born[rows], day)
    care, care_next = _class_and_next(day - state.care[rows])
    stay, stay_next = _class_and_next(day - state.stay[rows])
    state.age[rows], state.care_class[rows], state.stay_class[rows] = age, care, stay
    wait = np.minimum(np.minimum(care_next, stay_next), birthday_next)
    state.next_class[rows] = np.searchsorted(ends, day + np.minimum(wait, 20_000)).astype(np.int16)
    state.set_cells(rows)


def age_bands(born: np.ndarray, on: np.ndarray | int) -> np.ndarray:
    """Position of the age band on a day, by the calendar; days since 1970-01-01."""
    return _age_and_next(born, on)[0]


def _age_and_next(born: np.ndarray, on: np.ndarray | int) -> tuple[np.ndarray, np.ndarray]:
    """Age band on a day, and days until the birthday that ends it."""
    birth_month = _MONTH_OF[born - _DAY_ZERO]
    birth_day = born - _FIRST_DAY_OF[birth_month]
    month = _MONTH_OF[np.asarray(on) - _DAY_ZERO]
    before = (on - _FIRST_DAY_OF[month]) < birth_day
    years = np.clip((month - birth_month - before) // 12, 0, ADULT_AGE - 1)
    band = _BAND_OF_AGE[years]
    return band, _FIRST_DAY_OF[birth_month + 12 * _BAND_ENDS[band]] + birth_day - on


def _class_and_next(elapsed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Duration class after some days, and days until the next class (a great many in the last)."""
    number = np.searchsorted(FIRST_DAYS, elapsed, side="right")
    bounds = np.append(FIRST_DAYS, np.iinfo(np.int32).max // 2)
    return number.astype(np.int8), bounds[number] - elapsed
