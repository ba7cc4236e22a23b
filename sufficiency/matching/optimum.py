"""The proven optimum of an instance, by the shortest way that its structure allows.

1. Without sibling groups the network's flow is the optimum, and its prices are the proof, in whole numbers.
2. With them, relaxations give the bound of every aim, and a whole-number plan that reaches them all is the optimum.
3. Where no plan does, the aims are settled one by one by branch and bound, and the bounds are those that it proves.

Every answer is checked in exact whole numbers against every row of the programme.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sufficiency.errors import SolverError
from sufficiency.matching.at_once import best_at_once
from sufficiency.matching.branching import (
    NoPointError,
    best_point,
    is_on,
    near_best,
    whole_point,
)
from sufficiency.matching.flow import NoPlanError
from sufficiency.matching.instance import Instance
from sufficiency.matching.narrow import Face, Master, Narrow, fits, narrowed, priced
from sufficiency.matching.programme import programme_of
from sufficiency.matching.solve import SAFE, Programme, optimise


@dataclass(frozen=True, eq=False)
class Best:
    """``chosen`` (bool per column of the programme), and aim → ``values`` reached, each proven to be the most.

    ``near`` (bool): the columns that the proof worked with, those chosen among them. ``proofs``: aim → by what.
    """

    programme: Programme
    chosen: np.ndarray
    near: np.ndarray
    values: Mapping[str, int]
    proofs: Mapping[str, str]


FIRST_GAP: Final = 1e-4
"""The gap first tried, as a share of the bound: a little more than the gap of hard draws. Any gives the same answer."""

GROWTH: Final = 10.0

BY_PRICES: Final = "prices of the network, in whole numbers"
BY_RELAXATION: Final = "bound of the linear relaxation"
BY_BRANCHING: Final = "branch and bound"
BY_NOTHING: Final = "no child may live in any home that has a place"


def best(instance: Instance, *, time_limit_seconds: float = 60.0) -> Best:
    """The optimum of every aim in order.

    Raises :class:`~sufficiency.errors.SolverError` when it is not proven within the time limit, or when nobody's
    choice keeps every rule.
    """
    deadline = time.monotonic() + time_limit_seconds
    programme = programme_of(instance)
    if programme.columns == 0:
        if instance.must.any():
            raise NoPlanError("No plan gives a home to every child who must have one; no answer is given.")
        nothing = np.zeros(0, dtype=bool)
        return Best(
            programme, nothing, nothing, dict.fromkeys(programme.aims, 0), dict.fromkeys(programme.aims, BY_NOTHING)
        )
    if (at_once := best_at_once(instance, programme, deadline)) is not None:
        names, by = list(programme.aims), BY_BRANCHING if at_once.branched else BY_RELAXATION
        first = names.index("siblings_together")
        how = {name: by if number >= first else BY_PRICES for number, name in enumerate(names)}
        return _best(programme, at_once.chosen, at_once.near, how)
    narrow = narrowed(instance, programme, {}, np.zeros(programme.columns, dtype=bool), deadline)
    near = _columns_of(narrow)
    chosen, together = _whole(instance, narrow, deadline)
    proofs = dict.fromkeys(programme.aims, BY_PRICES if narrow.master is None else BY_RELAXATION)
    if together is not None:
        proofs["siblings_together"] = BY_BRANCHING
        narrow = narrowed(instance, programme, {"siblings_together": together}, near, deadline)
        near = near | _columns_of(narrow)
        chosen, _ = _whole(instance, narrow, deadline)
    if chosen is None:
        try:
            chosen, branched = _one_by_one(instance, programme, near, deadline)
        except NoPointError:  # nothing but the general way is left, and it is exact
            left = max(deadline - time.monotonic(), 0.0)
            chosen, branched = optimise(programme, time_limit_seconds=left).chosen, programme.aims
        proofs |= dict.fromkeys(branched, BY_BRANCHING)
    return _best(programme, chosen, near, proofs)


def _best(programme: Programme, chosen: np.ndarray, near: np.ndarray, proofs: Mapping[str, str]) -> Best:
    """The answer, once it is seen to keep every row."""
    if not fits(programme, chosen):
        raise SolverError("Matching gave a point that breaks a rule; no answer is given. Please report this.")
    values = {name: int(weights[chosen].sum()) for name, weights in programme.aims.items()}
    return Best(programme, chosen, near | chosen, values, proofs)


def _whole(instance: Instance, narrow: Narrow, deadline: float) -> tuple[np.ndarray | None, int | None]:
    """A whole-number plan that reaches the bound of every aim, if one is found; else how many children can be with
    their whole group, where that is proven to be fewer than their bound."""
    if narrow.master is None:
        return narrow.chosen, None
    near = near_best(instance, narrow, deadline)
    if near is not None and is_on(narrow.face, near):
        return near, None
    if near is not None:
        together = int(narrow.face.own.aims["siblings_together"][near].sum())
        bounds = {bound.aim: bound.value for bound in narrow.face.bounds}
        if together < bounds["siblings_together"]:
            return None, together
    return whole_point(instance, narrow.master), None


def _columns_of(narrow: Narrow) -> np.ndarray:
    """Columns (bool) that the relaxations let in and that can still be part of an optimum."""
    inside = np.zeros(narrow.face.programme.columns, dtype=bool)
    if narrow.master is not None:
        inside[narrow.master.columns] = True
    return inside & narrow.face.open


def _one_by_one(
    instance: Instance, programme: Programme, start: np.ndarray, deadline: float
) -> tuple[np.ndarray, Collection[str]]:
    """Aims in turn at what whole numbers are proven to reach, until some plan reaches the bounds of all that are left.

    The plan, and the aims that were branched on.

    It is nearly always the sibling groups that whole numbers cannot keep together as the relaxation would, so theirs is
    looked at first: a plan with them that reaches the bounds of all aims before settles those as well.
    """
    names = list(programme.aims)
    if "siblings_together" in names:
        try:
            return _from(names.index("siblings_together"), instance, programme, start, deadline)
        except NoPointError:
            pass
    return _from(0, instance, programme, start, deadline)


def _from(
    first: int, instance: Instance, programme: Programme, start: np.ndarray, deadline: float
) -> tuple[np.ndarray, Collection[str]]:
    """As :func:`_one_by_one`, from one of the aims on, those before it at the bounds of their relaxations."""
    known: dict[str, int] = {}
    for aim in list(programme.aims)[first:]:
        face = _face_before(instance, programme, known, aim, start, deadline)
        chosen = _best_of_face(instance, face, start, aim, deadline)
        known[aim] = int(programme.aims[aim][chosen].sum())
        start = start | chosen
        narrow = narrowed(instance, programme, known, start, deadline)
        point, _ = _whole(instance, narrow, deadline)
        if point is not None:
            return point, known
        start = start | _columns_of(narrow)
    return chosen, known


def _best_of_face(instance: Instance, face: Face, start: np.ndarray, aim: str, deadline: float) -> np.ndarray:
    """The best plan of a face for an aim, by branch and bound over the columns that it can have.

    The relaxation's dual values tell what each column loses of the bound. A plan that loses no more than some gap has
    no column that loses more, so few columns do when the plan is near the bound; the gap grows until one is.
    """
    weights, relaxed = face.own.aims[aim], face.copy()
    Master(relaxed, start, (len(instance.children), len(instance.homes)), deadline).settle(aim)
    bound, rows = relaxed.bounds[-1], relaxed.prices[-1].rows
    assert rows is not None
    losses = priced(face.programme, rows) - weights
    gap = max(bound.most - bound.value, FIRST_GAP * abs(bound.most))
    while True:
        few = face.copy()
        few.keep(losses <= gap + SAFE, np.zeros(len(rows), dtype=bool))
        every = bool((few.open == face.open).all())
        try:
            chosen = best_point(instance, few, start & few.open, aim, weights, deadline)
        except NoPointError:
            if every:
                raise
            lost = np.inf
        else:
            lost = bound.most - int(weights[chosen].sum())
            if every or lost <= gap + SAFE:
                return chosen
        gap = min(lost, max(GROWTH * gap, gap + 1))


def _face_before(
    instance: Instance, programme: Programme, known: Mapping[str, int], aim: str, start: np.ndarray, deadline: float
) -> Face:
    """The plans that reach every aim before one of them."""
    names = list(programme.aims)
    before = {name: programme.aims[name] for name in names[: names.index(aim)]}
    if not before:
        return Face(programme)
    face = narrowed(instance, replace(programme, aims=before), known, start, deadline).face
    face.own, face.programme = replace(face.own, aims=programme.aims), replace(face.programme, aims=programme.aims)
    return face
