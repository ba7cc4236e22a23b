"""Which homes to open: the aims in order over all paths, each brought to its maximum and proven, then held.

Benders decomposition. The master problem chooses; each path answers what it reaches with that choice and gives a plane
that no choice can rise above; the master chooses again, until its own bound is what a choice has been seen to reach.
Every choice is valued by an exact match of every path, so a value is never an estimate; a bound holds for all choices.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from sufficiency.errors import SolverError
from sufficiency.matching.narrow import to_begin_with
from sufficiency.siting.master import Master
from sufficiency.siting.path_value import Cut, PathValue
from sufficiency.siting.problem import COST, PENCE_IN_A_POUND, DemandPath, OutOfTime, SitingProblem, matched
from sufficiency.siting.relaxation import Relaxation, relaxation_of

PROVEN: Final = 1e-3
"""Children: what a bound may be above a whole number and still prove it."""

PROVEN_COST: Final = 1e-7
"""Cost: the share of it within which the optimum is proven, a penny on £100,000."""

NEAR: Final = 1e-6
"""The share of the bound within which the relaxed master's own choice counts as valued."""

WHOLE: Final = 1e-6


@dataclass(frozen=True, eq=False)
class Proof:
    """One aim, summed over the paths on which the choice was made: ``value`` of the answer, ``bound`` that no choice
    within the budget exceeds (given the aims before). Children; pence over the period, as a negative, for ``cost``."""

    aim: str
    value: int
    bound: float

    @property
    def gap(self) -> float:
        """Share of the value by which a better answer could still exceed it; 0 when the answer is proven best."""
        missing = max(self.bound - self.value, 0.0)
        proven = PROVEN_COST * max(abs(self.value), 1.0) if self.aim == COST else PROVEN
        if missing <= proven:
            return 0.0
        return missing / max(abs(self.value), 1.0)


@dataclass(frozen=True, eq=False)
class Decision:
    """What to open (homes by candidate), with a proof for each aim, and how many choices were valued exactly."""

    opened: np.ndarray
    proofs: tuple[Proof, ...]
    valued: int


def decide(problem: SitingProblem, *, gap: float, deadline: float) -> Decision:
    """The best choice within the budget. Raises :class:`~sufficiency.errors.SolverError` when that is not proven to
    within ``gap`` in time."""
    search = _Search(problem, deadline)
    proofs: list[Proof] = []
    for level in range(len(problem.aims)):
        proofs.append(search.settle(level, proofs, gap))
    opened, totals = search.best(len(problem.aims) - 1, proofs[:-1])
    reached = tuple(replace(proof, value=total) for proof, total in zip(proofs, totals, strict=True))
    return Decision(opened, reached, len(search.known))


@dataclass(eq=False)
class _Search:
    """The state of the search: the master, the paths' relaxations, and every choice that was valued exactly."""

    problem: SitingProblem
    deadline: float
    known: dict[bytes, tuple[np.ndarray, tuple[int, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problem = self.problem
        self.paths = problem.chosen_on
        relaxations = [relaxation_of(problem, path) for path in self.paths]
        self.relaxed = [
            PathValue(each, _first_columns(path, each)) for path, each in zip(self.paths, relaxations, strict=True)
        ]
        most = np.array([[_most(each, level) for level in range(len(problem.aims))] for each in relaxations])
        counts = [level for level, aim in enumerate(problem.aims) if aim != COST]
        self.master = Master(problem.spend, problem.at_most, problem.budget, most, counts)
        self.value(np.zeros(len(problem.spend), dtype=int))

    def settle(self, level: int, before: list[Proof], gap: float) -> Proof:
        """Bring an aim to its best with those before it held, and hold it there."""
        self.master.seek(level, self._per_step(level))
        bound = self._relaxed_bound(level)
        while (proof := self._proof(level, before, bound)).gap > gap:
            bound = self._bound_after_a_visit(level, before, bound, gap)
        opened, _ = self.best(level, before)
        self.master.hold(level, self._in_units(level, proof.value) - float(self._per_step(level) @ opened))
        return proof

    def _proof(self, level: int, before: list[Proof], bound: float) -> Proof:
        """The best choice valued so far, against a bound."""
        _, totals = self.best(level, before)
        return Proof(self.problem.aims[level], totals[level], max(bound, totals[level]))

    def _bound_after_a_visit(self, level: int, before: list[Proof], bound: float, gap: float) -> float:
        """Ask the master once more, and unless its bound is proof enough value what it would open."""
        found = self.master.best(whole=True, deadline=self.deadline)
        if found is None:
            raise SolverError("Siting found no choice that keeps what was reached; no answer is given.")
        opened, bound = found[0], min(bound, self._proven(level, found[1]))
        proof = self._proof(level, before, bound)
        if proof.gap <= gap:
            return bound
        if opened is None or not self._visited(opened.astype(int), level, before, bound):
            raise SolverError(_out_of_time(proof, len(self.paths), self.problem.weeks))
        return bound

    def _visited(self, opened: np.ndarray, level: int, before: list[Proof], bound: float) -> bool:
        """Visit a choice; False when the time is up."""
        try:
            self._visit(opened, level, before, bound)
        except OutOfTime:
            return False
        return time.monotonic() < self.deadline

    def best(self, level: int, before: list[Proof]) -> tuple[np.ndarray, tuple[int, ...]]:
        """The best choice valued so far that keeps the aims before; of equal ones the one that spends least."""
        keeps = [
            (opened, totals)
            for opened, totals in self.known.values()
            if all(total >= proof.value for total, proof in zip(totals, before, strict=False))
        ]
        return max(keeps, key=lambda each: (each[1][level:], -self.problem.spend_of(each[0])))

    def value(self, opened: np.ndarray) -> tuple[int, ...]:
        """Value a choice exactly and let the master know what the paths say of it."""
        problem = self.problem
        totals = np.zeros(len(problem.aims), dtype=object)
        for number, (path, relaxed) in enumerate(zip(self.paths, self.relaxed, strict=True)):
            found = relaxed.reach(opened.astype(float), len(problem.aims), self.deadline)
            self._add(number, [cut for _, cut, _ in found])
            whole = _read_whole(relaxed.relaxation, found[-1][2], [value for value, _, _ in found], opened)
            if whole is None:
                whole = matched(problem, path, opened, self.deadline).values
            totals += np.array(whole, dtype=object)
        totals[-1] = problem.weeks * totals[-1] - len(self.paths) * problem.spend_of(opened)
        answer = tuple(int(total) for total in totals)
        self.known[opened.tobytes()] = opened, answer
        return answer

    def _visit(self, opened: np.ndarray, level: int, before: list[Proof], bound: float) -> None:
        """Value the master's choice; where its cuts promised more than an exact match gives, say so outright."""
        if self.problem.spend_of(opened) > self.problem.budget:
            self.master.forbid_this_and_more(opened)
            return
        if opened.tobytes() not in self.known:
            self.value(opened)
            if all(path.has_whole_answers for path in self.paths):
                return
        totals = self.known[opened.tobytes()][1]
        if any(total < proof.value for total, proof in zip(totals, before, strict=False)):
            self.master.forbid(opened)
            return
        here, elsewhere = (self._in_units(level, each) for each in (totals[level], bound))
        self.master.cap(level, opened, here, max(here, elsewhere), self._per_step(level))

    def _relaxed_bound(self, level: int) -> float:
        """The bound of the master's relaxation once the paths have nothing to add to it, or the time is up."""
        bound, last = np.inf, None
        while True:
            found = self.master.best(whole=False, deadline=self.deadline)
            if found is None or found[0] is None:
                return self._proven(level, bound)
            opened, bound = found[0], min(bound, found[1])
            if last is not None and np.array_equal(opened, last):
                return self._proven(level, bound)
            try:
                reached = self._reached(level, opened)
            except OutOfTime:
                return self._proven(level, bound)
            if bound - reached <= NEAR * max(abs(bound), 1.0):
                return self._proven(level, bound)
            last = opened

    def _reached(self, level: int, opened: np.ndarray) -> float:
        """What the paths' relaxations reach together with a choice, whole or not; the master is told why."""
        total = float(self._per_step(level) @ opened)
        for number, relaxed in enumerate(self.relaxed):
            values = relaxed.reach(opened, level + 1, self.deadline)
            self._add(number, [cut for _, cut, _ in values])
            total += values[level][0]
        return total

    def _add(self, number: int, cuts: list[Cut]) -> None:
        for level, cut in enumerate(cuts):
            self.master.add(number, level, cut)

    def _per_step(self, level: int) -> np.ndarray:
        """What opening one home adds to an aim by itself: minus its spend, spread over the weeks, for the cost."""
        problem = self.problem
        if problem.aims[level] != COST:
            return np.zeros(len(problem.spend))
        return -len(self.paths) * problem.spend / (PENCE_IN_A_POUND * problem.weeks)

    def _proven(self, level: int, bound: float) -> float:
        """A bound of the master in the units of a proof: whole children; pence over the period."""
        if self.problem.aims[level] == COST:
            return bound * PENCE_IN_A_POUND * self.problem.weeks
        return float(np.floor(bound + PROVEN))

    def _in_units(self, level: int, value: float) -> float:
        return value / (PENCE_IN_A_POUND * self.problem.weeks) if self.problem.aims[level] == COST else float(value)


def _most(relaxation: Relaxation, level: int) -> float:
    """An upper bound on a path's value of an aim: each child's best, or 0 for costs."""
    programme = relaxation.programme
    best = np.zeros(relaxation.rows)
    per_place = np.repeat(relaxation.weights[level], np.diff(programme.starts))
    np.maximum.at(best, programme.rows, per_place)
    return float(max(best.sum(), 0.0))


def _first_columns(path: DemandPath, relaxation: Relaxation) -> np.ndarray:
    return to_begin_with(path.first_of_each(), relaxation.programme)


def _read_whole(
    relaxation: Relaxation, point: np.ndarray, values: list[float], opened: np.ndarray
) -> tuple[int, ...] | None:
    """The exact values of the aims, when the relaxation's point is a match: whole, at the bound of every aim, and with
    nobody who takes several places among several like homes; ``None`` when it is not."""
    chosen = np.rint(point)
    lumps = relaxation.lumps & (chosen > 0) & (relaxation.opens >= 0)
    if np.abs(point - chosen).max(initial=0) > WHOLE or (opened[relaxation.opens[lumps]] > 1).any():
        return None
    reached = [float(weights @ chosen) for weights in relaxation.weights]
    if any(bound - each > PROVEN for bound, each in zip(values[:-1], reached[:-1], strict=True)):
        return None
    return (*(round(each) for each in reached[:-1]), round(reached[-1] * PENCE_IN_A_POUND))


def _out_of_time(proof: Proof, paths: int, weeks: int) -> str:
    """What was reached when time was up, how far it may be from the best, and what to do."""
    unit = PENCE_IN_A_POUND * weeks if proof.aim == COST else 1
    reached, most = abs(proof.value) / (paths * unit), abs(proof.bound) / (paths * unit)
    what, side = ("£ a week", "at least") if proof.aim == COST else ("children", "at most")
    bound = f"{side} {most:,.2f}" if np.isfinite(proof.bound) else "an unknown best"
    advice = f", or accept a gap with gap={proof.gap:.2g}" if np.isfinite(proof.gap) else ""
    return (
        f"Siting stopped on {proof.aim} before its optimum was proven: {reached:,.2f} of {bound} {what} a path. "
        f"Raise time_limit_seconds{advice}."
    )
