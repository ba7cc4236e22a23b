"""Sibling groups of a region: their homes by a programme of the groups alone, everyone else by cuts from the network.

On the face that the network's first level has proven, groups' homes are few. The programme of those alone chooses; the
network houses everyone else, and its prices give a cut that holds for every choice (Benders' decomposition). Relaxed
first, with shares of groups, then in whole numbers; the programme's bound is a bound of all plans, listed or not.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import numpy as np

from sufficiency.errors import SolverError
from sufficiency.matching.flow import Level
from sufficiency.matching.instance import Instance
from sufficiency.matching.solve import SAFE, SURE_TO_BRANCH, WARM, Programme, new_solver, run
from sufficiency.matching.wide_reach import Pool
from sufficiency.matching.wide_rest import Answer, Cut, Rest

MOST_CUTS: Final = 60
"""Cuts of the relaxation, and then of the whole numbers; a dozen or two are usual."""

KEPT: Final = (1, 0)
"""Children and places kept alone, nothing of the later aim."""

TO_KEEP: Final = 4
"""What a child who must be placed counts, in the dearest pairs of the later aim: never worth giving up."""

GOOD_ENOUGH: Final = 5e-5
"""Gap of the later aim, as a share of it, with which the search ends; half of it is left to branch and bound."""

NOT_WORTH_IT: Final = 1e-3
"""Gap, as a share of the later aim, above which the relaxation of all is solved instead, which reached such a one."""

MOST_WIDER: Final = 6
"""Times that pairs are let in for one choice."""

FIXED_AT_ONCE: Final = 2
"""Of the homes by shares, one in so many is fixed before the next cuts."""

CUTS_BETWEEN: Final = 3
"""Cuts after some homes were fixed, before the next are: the choice need not be the best by shares."""

SHARE_TO_BRANCH: Final = 0.1
"""Of the time for the cuts, for branch and bound after homes were fixed one after the other."""

SHOWN: Final = 1e-7
"""Share of a unit in a home from which it counts; less is rounding."""

CLOSE: Final = 1e-3
"""Part of a child or place by which a choice may miss what must be kept, as rounding."""

WRONG: Final = 1e-6
"""What HiGHS may be wrong by in a whole number or a row."""

ROW_SIZE: Final = 1e5
"""Largest coefficient of a cut's row."""


@dataclass(frozen=True, eq=False)
class Choice:
    """Homes of units (``decided``, positions) and the pairs of everyone else; ``together`` and ``later``: the most that
    any plan reaches of the siblings' aim, and of the aim after it with as many together."""

    decided: np.ndarray
    alone: Pool
    together: int
    later: int


class Groups:
    """The programme of units' homes with the cuts found so far. Holds HiGHS warm, and serves one problem."""

    def __init__(self, instance: Instance, programme: Programme, rest: Rest, deadline: float) -> None:
        self.rest, self.deadline = rest, deadline
        self.instance, homes = instance, rest.homes
        sizes = np.array([len(who) for who in homes.members])
        self.sizes = np.where(homes.unit < instance.groups, sizes[homes.unit], 0)
        lower = np.full(len(programme.lower), -np.inf)
        self.solver = new_solver(programme, homes.column, lower, programme.upper)
        for setting, value in {**WARM, **SURE_TO_BRANCH}.items():
            self.solver.setOptionValue(setting, value)
        self.every = np.arange(len(homes.unit), dtype=np.int32)

    def whole(self, yes: bool) -> None:
        """Whole numbers from now on, or shares."""
        self.solver.changeColsIntegrality(len(self.every), self.every, np.full(len(self.every), yes, dtype=np.uint8))

    def fix(self, which: np.ndarray) -> None:
        """These homes are chosen from now on."""
        ones = np.ones(len(which))
        self.solver.changeColsBounds(len(which), which.astype(np.int32), ones, ones)

    def free(self) -> None:
        """No home is fixed any more."""
        count = len(self.every)
        self.solver.changeColsBounds(count, self.every, np.zeros(count), np.ones(count))

    def aim(self, weights: np.ndarray) -> None:
        """What the programme maximises from now on."""
        self.solver.changeColsCost(len(weights), np.arange(len(weights), dtype=np.int32), weights.astype(float))

    def at_least(self, cut: Cut, target: int) -> None:
        """Only choices with which everyone else can be worth the target."""
        self._row(target - cut.constant, np.inf, cut.gain, float(np.abs(cut.gain).max(initial=1)) / ROW_SIZE)

    def _row(self, lower: float, upper: float, values: np.ndarray, scale: float) -> None:
        used = np.flatnonzero(values).astype(np.int32)
        scale = max(scale, 1.0)
        self.solver.addRow(lower / scale, upper / scale, len(used), used, values[used] / scale)

    def solve(self, whole: bool) -> tuple[np.ndarray, float] | None:
        """Shares of homes, and the programme's bound; ``None`` where no choice is left."""
        if not run(self.solver, "sibling groups", self.deadline):
            return None
        values = np.asarray(self.solver.getSolution().col_value)
        info = self.solver.getInfo()
        bound = info.mip_dual_bound if whole else info.objective_function_value
        share = values[: len(self.every)]
        share = np.where(share < SHOWN, 0.0, np.where(share > 1 - SHOWN, 1.0, share))
        return (np.rint(share) if whole else share), float(bound)

    def bounded_by(self, cut: Cut, origin: int, unit: float) -> None:
        """The last variable, what everyone is worth beyond the ``origin`` in ``unit``, is at most what a cut says."""
        self._row(-np.inf, (cut.constant - origin) / unit, np.append(-cut.gain / unit, 1.0), 1.0)

    def hold_together(self, together: int) -> None:
        """So many children with all of their group at least, and a variable more for what everyone is worth."""
        self._row(together, np.inf, self.sizes, 1.0)
        self.solver.addCol(1.0, -np.inf, np.inf, 0, np.zeros(0, dtype=np.int32), np.zeros(0))
        self.aim(np.append(np.zeros(len(self.every)), 1.0))

    def answer(self, share: np.ndarray, scale: tuple[int, int]) -> Answer:
        """As :meth:`.wide_rest.Rest.answer`; pairs by which a child would gain are in its pool from then on."""
        answer = self.rest.answer(share, scale)
        for _ in range(MOST_WIDER):
            if len(answer.more.child) == 0:
                break
            self.rest = self.rest.wider(answer.more)
            answer = self.rest.answer(share, scale)
        return answer


def chosen_by_cuts(
    instance: Instance, programme: Programme, rest: Rest, second: Level, deadline: float
) -> Choice | None:
    """The most siblings together of all plans on the face, and the later aim within :data:`GOOD_ENOUGH` of its bound;
    ``None`` where cuts do not settle it."""
    target = int(rest.reach.must.sum()) + int((instance.offered + instance.leavers)[rest.reach.full].sum())
    if len(rest.homes.unit) == 0:
        return None
    groups = Groups(instance, programme, rest, deadline)
    try:
        first = _most_together(groups, target)
        return None if first is None else _best_later(groups, first, target, second)
    except SolverError:  # out of time, or HiGHS stopped: the relaxation of all is another way
        return None


def _most_together(groups: Groups, target: int) -> np.ndarray | None:
    """Homes of units (0 or 1 of each) with as many siblings together as any plan has; ``None`` where none is found."""
    groups.aim(groups.sizes)
    for whole in (False, True):
        groups.whole(whole)
        for _ in range(MOST_CUTS):
            found = groups.solve(whole)
            if found is None:
                return None
            share, bound = found
            cut = groups.answer(share, KEPT).cut
            if target - cut.constant - cut.gain @ share <= CLOSE:
                break
            groups.at_least(cut, target)
        else:
            return None
    return share if int(groups.sizes @ share) == int(np.floor(bound + SAFE)) else None


def _best_later(groups: Groups, first: np.ndarray, target: int, second: Level) -> Choice | None:
    together = int(groups.sizes @ first)
    dearest = int(np.abs(second.weight).max(initial=1))
    scale, unit = (TO_KEEP * dearest, 1), dearest / ROW_SIZE * 100
    groups.whole(False)
    groups.hold_together(together)
    answer = groups.answer(first, scale)
    origin, size = answer.cut.constant, abs(int(answer.worth) - scale[0] * target)
    near = GOOD_ENOUGH * size
    for cut in (answer.cut, groups.rest.cut(scale, np.maximum(second.home_price, 0))):
        groups.bounded_by(cut, origin, unit)
    search = _Search(groups, scale, origin, unit, near, target)
    search.keep(first, answer)
    with suppress(SolverError):  # out of time: the best so far and its bound are an answer with a gap
        search.dive()
    groups.deadline = min(groups.deadline, time.monotonic() + SHARE_TO_BRANCH * (groups.deadline - time.monotonic()))
    with suppress(SolverError):
        search.whole()
    if search.best is None or not search.least - search.most <= NOT_WORTH_IT * size:
        return None
    return Choice(*search.best, together, int(np.floor(search.least)) - scale[0] * target)


@dataclass
class _Search:
    """The later aim: ``scale`` as of :class:`~.wide_reach.Pool`; worth counts from ``origin`` in ``unit``; ``near``
    [of the later aim] ends the search; ``target`` of children and places kept."""

    groups: Groups
    scale: tuple[int, int]
    origin: int
    unit: float
    near: float
    target: int
    least: float = np.inf
    most: float = -np.inf
    best: tuple[np.ndarray, Pool] | None = None
    fixed: bool = False

    def relaxed(self) -> np.ndarray | None:
        """Cuts until no choice by shares could be worth more than the network says, or a few where some are fixed: that
        choice, or ``None`` where none is left. The bound of the programme is a bound of all plans so long as nothing is
        fixed."""
        share = None
        for _ in range(CUTS_BETWEEN if self.fixed else MOST_CUTS):
            found = self.groups.solve(False)
            if found is None:
                return None
            share, value = found
            self.least = min(self.least, self._worth(value + WRONG * len(share))) if not self.fixed else self.least
            answer = self.groups.answer(share, self.scale)
            self.keep(share, answer)
            self.groups.bounded_by(answer.cut, self.origin, self.unit)
            if self._worth(value) - (answer.cut.constant + answer.cut.gain @ share) <= self.near / 2:
                return share
        return share if self.fixed else None

    def dive(self) -> None:
        """Homes fixed one after the other, those of the largest shares first, with cuts after each."""
        share = self.relaxed()
        self.fixed = True
        try:
            while share is not None and ((share > 0) & (share < 1)).any():
                share = self._fix_some(share)
        finally:
            self.fixed = False
            self.groups.free()

    def _fix_some(self, share: np.ndarray) -> np.ndarray | None:
        """The choice by shares with the homes chosen whole kept, and some of the largest shares beside them."""
        some = np.flatnonzero((share > 0) & (share < 1))
        order, ones = some[np.argsort(-share[some], kind="stable")], np.flatnonzero(share == 1)
        self.groups.fix(np.union1d(order[: max(len(some) // FIXED_AT_ONCE, 1)], ones))
        next_share = self.relaxed()
        if next_share is None:  # not all of these together
            self.groups.free()
            self.groups.fix(np.union1d(order[:1], ones))
            next_share = self.relaxed()
        return next_share

    def whole(self) -> None:
        """The best choice in whole numbers by branch and bound, as far as time allows."""
        self.groups.whole(True)
        self.groups.solver.setOptionValue("mip_abs_gap", self.near / 2 / self.unit)
        for _ in range(MOST_CUTS):
            if self.least - self.most <= self.near:
                break
            found = self.groups.solve(True)
            if found is None:
                break
            share, value = found
            self.least = min(self.least, self._worth(value + WRONG * len(share)))
            answer = self.groups.answer(share, self.scale)
            self.keep(share, answer)
            self.groups.bounded_by(answer.cut, self.origin, self.unit)

    def keep(self, share: np.ndarray, answer: Answer) -> None:
        """Keep a choice in whole numbers that is the best so far."""
        whole = (np.minimum(share, np.abs(1 - share)) <= SHOWN).all()
        if whole and round(answer.kept) == self.target and answer.worth > self.most:
            self.best, self.most = (np.flatnonzero(share > 1 / 2), answer.pairs), answer.worth

    def _worth(self, value: float) -> float:
        return self.origin + self.unit * value
