"""The public entrance: two registers in, a proven and audited plan out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from sufficiency.errors import Fault, raise_faults
from sufficiency.matching.audit import audit
from sufficiency.matching.flow import NoPlanError
from sufficiency.matching.loop import homes_chosen
from sufficiency.matching.optimum import best
from sufficiency.matching.pairs import DEFAULT_LIMIT_MILES, KNOWN_OBJECTIVES, OBJECTIVES, Instance, build_instance
from sufficiency.matching.plan import Plan, Proof
from sufficiency.matching.practice import Practice, checked_practice, fault_of_no_plan, faults_of
from sufficiency.matching.stated import state
from sufficiency.matching.wide import Pairs
from sufficiency.matching.wide_plan import match_widely
from sufficiency.records.registers import check_register, check_registers_together

DEFAULT_TIME_LIMIT_SECONDS = 60.0
WIDE_TIME_LIMIT_SECONDS = 1800.0

WIDE = 4_000_000
"""Pairs of a child and a home above which they are no longer listed one by one."""


def match(
    children: pd.DataFrame,
    homes: pd.DataFrame,
    *,
    limit_miles: float = DEFAULT_LIMIT_MILES,
    objectives: Sequence[str] = OBJECTIVES,
    as_of: pd.Timestamp | str | None = None,
    prices: pd.DataFrame | None = None,
    time_limit_seconds: float | None = None,
    practice: Practice | None = None,
) -> Plan:
    """Match the children who need a home to the homes of a register, and say why.

    ``children``, ``homes`` and ``prices`` are tables with the columns of ``children.csv``, ``homes.csv`` and
    ``prices.csv``, as text or typed; ``limit_miles`` [miles] is for children without a limit of their own;
    ``objectives`` in the order of their weight, ``placed`` first; ``as_of`` is today when it is left out;
    ``practice``: what stays together, what is kept free, what a panel has fixed. Registers of a region or of England
    (more than :data:`WIDE` pairs of a child and a home) are matched over the pairs that matter, and ``proof()`` says
    what gap is left where sibling groups could not be settled. ``time_limit_seconds`` is 60 for an authority and 1,800
    for more when it is left out. Raises :class:`~sufficiency.errors.InputError` with every fault of the input, and
    :class:`~sufficiency.errors.SolverError` when no optimum was proven in time.
    """
    day = pd.Timestamp.now().normalize() if as_of is None else pd.Timestamp(as_of).normalize()
    faults = setting_faults(limit_miles, objectives)
    children, found = check_register("children", children, "children.csv")
    faults += found
    homes, found = check_register("homes", homes, "homes.csv")
    faults += found
    if prices is not None:
        prices, found = check_register("prices", prices, "prices.csv")
        faults += found
    raise_faults(faults)
    practice = Practice() if practice is None else practice
    raise_faults([*faults_between(children, homes), *faults_of(practice, children, homes, day, objectives)])
    practice = checked_practice(practice)

    def build(listed: Pairs | None) -> Instance:
        return build_instance(
            children,
            homes,
            limit_miles=limit_miles,
            objectives=objectives,
            as_of=day,
            prices=prices,
            practice=practice,
            listed=listed,
        )

    try:
        plan = _planned(build, len(children) * len(homes) > WIDE, time_limit_seconds)
    except NoPlanError:
        fault = fault_of_no_plan(practice, children, homes, day)
        raise_faults([] if fault is None else [fault])
        raise
    audit(plan, plan.instance)
    return plan


def _planned(build: Callable[[Pairs | None], Instance], wide: bool, time_limit_seconds: float | None) -> Plan:
    """The plan of one authority, or of a region."""
    if wide:
        limit = WIDE_TIME_LIMIT_SECONDS if time_limit_seconds is None else time_limit_seconds
        return Plan(*match_widely(build, limit))
    instance = build(None)
    limit = DEFAULT_TIME_LIMIT_SECONDS if time_limit_seconds is None else time_limit_seconds
    return Plan(instance, *solve_model(instance, limit))


def solve_model(
    instance: Instance, time_limit_seconds: float = DEFAULT_TIME_LIMIT_SECONDS
) -> tuple[np.ndarray, tuple[Proof, ...]]:
    """Home of each child of the pool, −1 for none, and the proof of each objective.

    The pairs near the optimum are found with proof (:mod:`sufficiency.matching.optimum`). The Pyomo model of those
    pairs is the statement of the problem: its own rows and objectives accept the answer, and HiGHS bounds them again.
    """
    deadline = time.monotonic() + time_limit_seconds
    found = best(instance, time_limit_seconds=time_limit_seconds)
    if found.chosen.any():
        state(instance, found, deadline)
    proofs = tuple(Proof(name, value, value, found.proofs[name]) for name, value in found.values.items())
    return homes_chosen(instance, found.chosen), proofs


def setting_faults(limit_miles: float, objectives: Sequence[str]) -> list[Fault]:
    """Faults of the settings: ``placed`` first, no objective unknown or named twice, a limit that is a distance."""
    faults = []
    known = ", ".join(KNOWN_OBJECTIVES)
    unknown = [name for name in objectives if name not in KNOWN_OBJECTIVES]
    if unknown:
        says = f"no such objective: {', '.join(unknown)}"
        faults.append(Fault("K01", "matching settings", "objectives", (), says, f"Choose from {known}"))
    if not objectives or objectives[0] != "placed":
        says = "placed is not the first objective"
        fix = "Put placed first: no child goes without a home for any other aim"
        faults.append(Fault("K02", "matching settings", "objectives", (), says, fix))
    if len(set(objectives)) < len(objectives):
        says = "an objective is named twice"
        faults.append(Fault("K03", "matching settings", "objectives", (), says, "Name each one once"))
    if not 0 <= limit_miles < float("inf"):
        says = f"the limit is {limit_miles:g} miles"
        faults.append(Fault("K05", "matching settings", "limit_miles", (), says, "Give 0 or more miles"))
    return faults


def faults_between(children: pd.DataFrame, homes: pd.DataFrame) -> list[Fault]:
    """Faults that show only when the two checked registers are held side by side."""
    elsewhere = (children["status"] == "step_down") & ~children["current_home_id"].isin(homes["home_id"])
    faults = []
    if elsewhere.any():
        rows = tuple(int(row) + 2 for row in np.flatnonzero(elsewhere))
        says, fix = "the home is not in homes.csv", "Add the home to homes.csv, or correct its id"
        faults.append(Fault("K07", "children.csv", "current_home_id", rows, says, fix))
    return faults + (check_registers_together(children, homes) if len(children) and len(homes) else [])
