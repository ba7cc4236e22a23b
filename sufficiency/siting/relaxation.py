"""One demand path's linear relaxation as arrays, with what each home opened adds to the limits of its rows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sufficiency.matching.instance import Instance
from sufficiency.matching.programme import programme_of
from sufficiency.matching.rules import open_homes_of
from sufficiency.matching.solve import Programme
from sufficiency.siting.problem import PENCE_IN_A_POUND, DemandPath, SitingProblem, match_aim


@dataclass(frozen=True, eq=False)
class Reserve:
    """Places of a kind that stay free, as far as that many are free: what is taken in it is at most
    max(0, ``there`` + ``by_open`` · opened − ``spare``) [places]; ``by_open``: places of one home, by candidate."""

    there: int
    by_open: np.ndarray
    spare: int

    def most(self, opened: np.ndarray) -> float:
        """Places that may be taken with whole homes opened."""
        return max(self.there + float(self.by_open @ opened) - self.spare, 0.0)

    def plane(self, at_most: np.ndarray) -> tuple[float, float]:
        """Constant, and what a place opened adds, of the least plane that is nowhere below :meth:`most`.

        It touches where nothing and where everything is opened; in between it is above, while the reserve fills up.
        """
        could = float(self.by_open @ at_most)
        none, every = self.most(np.zeros_like(at_most)), self.most(at_most)
        return none, (every - none) / could if could else 0.0


@dataclass(frozen=True, eq=False)
class Relaxation:
    """A path's relaxation; a candidate's copies are one home, whose limits count as often as it is opened.

    ``programme``: columns are pairs, then whole groups; rows are children, homes, further limits, last ``reserves``.
    Its upper limits are those with nothing opened. ``adds`` (rows × candidates as three arrays: row, candidate, what
    one home opened adds to the row's limit). ``weights``: aim → what each column adds, to be maximised (£ for costs).
    ``opens``, ``takes`` (per column): its candidate, −1 for a home that is there, and the places that it takes.
    ``of_candidate``: columns of each. ``place_row``, ``places`` (per candidate): the row of its places, −1 without one,
    and the places of one home. ``lumps``: columns that take more than one place, which fit into the places of several
    like homes only when one of them has room for it all.
    """

    programme: Programme
    adds: tuple[np.ndarray, np.ndarray, np.ndarray]
    weights: tuple[np.ndarray, ...]
    opens: np.ndarray
    takes: np.ndarray
    of_candidate: tuple[np.ndarray, ...]
    place_row: np.ndarray
    places: np.ndarray
    lumps: np.ndarray
    reserves: tuple[Reserve, ...]

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.programme.lower)

    def row_limits(self, opened: np.ndarray) -> np.ndarray:
        """Upper limits of the rows when ``opened`` homes (whole or not) of each candidate are open."""
        upper = self.programme.upper.copy()
        row, candidate, added = self.adds
        np.add.at(upper, row, added * opened[candidate])
        if self.reserves and np.array_equal(opened, np.rint(opened)):
            upper[-len(self.reserves) :] = [reserve.most(opened) for reserve in self.reserves]
        return upper

    def column_limits(self, opened: np.ndarray) -> np.ndarray:
        """No column is more than the open homes of its candidate; where one is open, its child's row says enough."""
        open_here = np.append(opened, np.inf)[self.opens]
        return np.where(open_here < 1, open_here, np.inf)


def relaxation_of(problem: SitingProblem, path: DemandPath) -> Relaxation:
    """The relaxation of a path."""
    candidates = len(problem.spend)
    first = path.first_of_each()
    programme = programme_of(replace(first, practice=replace(first.practice, reserve={})))
    home = np.concatenate([first.pair_home, first.column_home])
    takes = np.concatenate([first.pair_takes, first.column_takes])
    opens = path.candidate[home]
    adds, upper = _openings(programme, opens, len(first.children))
    reserves, extended, more = _reserved(problem, path, first, replace(programme, upper=upper), takes)
    firsts = np.flatnonzero((path.candidate >= 0) & (path.copy == 0))
    place_row, places = np.full(candidates, -1), np.zeros(candidates)
    place_row[path.candidate[firsts]] = len(first.children) + firsts
    places[path.candidate[firsts]] = first.offered[firsts]
    return Relaxation(
        programme=extended,
        adds=tuple(np.concatenate(each) for each in zip(adds, more, strict=True)),  # type: ignore[arg-type]
        weights=tuple(_scaled(programme.aims[match_aim(aim)], aim) for aim in problem.aims),
        opens=opens,
        takes=takes,
        of_candidate=tuple(np.flatnonzero(opens == candidate) for candidate in range(candidates)),
        place_row=place_row,
        places=places,
        lumps=np.concatenate([first.pair_takes > 1, np.ones(len(first.column_group), dtype=bool)]),
        reserves=reserves,
    )


def _scaled(weights: np.ndarray, aim: str) -> np.ndarray:
    return weights / PENCE_IN_A_POUND if match_aim(aim) != aim else weights.astype(float)


Adds = tuple[np.ndarray, np.ndarray, np.ndarray]


def _openings(programme: Programme, opens: np.ndarray, children: int) -> tuple[Adds, np.ndarray]:
    """What each home opened adds to a row, and the limits with nothing opened: below the children's rows each row is of
    one home, and its limit counts as often as that is opened."""
    column = np.repeat(np.arange(programme.columns), np.diff(programme.starts))
    below = programme.rows >= children
    of_row = np.full(len(programme.lower), -1)
    of_row[programme.rows[below]] = opens[column[below]]
    row = np.flatnonzero(of_row >= 0)
    return (row, of_row[row], programme.upper[row]), np.where(of_row >= 0, 0.0, programme.upper)


def _reserved(
    problem: SitingProblem, path: DemandPath, first: Instance, programme: Programme, takes: np.ndarray
) -> tuple[tuple[Reserve, ...], Programme, Adds]:
    """The programme with a row more for each kind in which places are kept free."""
    home = np.concatenate([first.pair_home, first.column_home])
    reserves: list[Reserve] = []
    entries: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    adds: list[Adds] = []
    upper: list[float] = []
    for kind, spare in first.practice.reserve.items():
        of_kind = open_homes_of(first.homes, first.as_of, kind)
        by_open = np.zeros(len(problem.spend))
        firsts = np.flatnonzero(of_kind & (path.candidate >= 0) & (path.copy == 0))
        by_open[path.candidate[firsts]] = first.offered[firsts]
        reserve = Reserve(int(first.offered[of_kind & (path.candidate < 0)].sum()), by_open, spare)
        constant, slope = reserve.plane(problem.at_most)
        row, there = len(programme.lower) + len(reserves), np.flatnonzero(by_open)
        used = np.flatnonzero(of_kind[home] & (takes > 0))
        entries.append((np.full(len(used), row), used, takes[used]))
        adds.append((np.full(len(there), row), there, slope * by_open[there]))
        upper.append(constant)
        reserves.append(reserve)
    none = np.zeros(0, dtype=int)
    more = tuple(np.concatenate(each) for each in zip((none, none, np.zeros(0)), *adds, strict=True))
    return tuple(reserves), _with_rows(programme, entries, upper), more  # type: ignore[return-value]


def _with_rows(
    programme: Programme, entries: list[tuple[np.ndarray, np.ndarray, np.ndarray]], upper: list[float]
) -> Programme:
    """A programme with rows more, given by row, column and value."""
    if not entries:
        return programme
    column = np.repeat(np.arange(programme.columns), np.diff(programme.starts))
    rows, columns, values = (
        np.concatenate(each) for each in zip((programme.rows, column, programme.values), *entries, strict=True)
    )
    order = np.lexsort((rows, columns))
    return replace(
        programme,
        starts=np.searchsorted(columns[order], np.arange(programme.columns + 1)).astype(np.int32),
        rows=rows[order].astype(np.int32),
        values=values[order].astype(float),
        lower=np.append(programme.lower, np.full(len(upper), -np.inf)),
        upper=np.append(programme.upper, upper),
    )
