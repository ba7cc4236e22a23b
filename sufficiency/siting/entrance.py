"""The public entrance: children, homes and candidates in; the homes to open out, proven best."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.errors import Fault, raise_faults
from sufficiency.matching.pairs import DEFAULT_LIMIT_MILES
from sufficiency.matching.practice import Practice
from sufficiency.records.registers import check_register
from sufficiency.siting.answer import Siting, siting_of
from sufficiency.siting.candidates import read_candidates
from sufficiency.siting.decide import decide
from sufficiency.siting.demand_paths import faults_with_homes, read_paths
from sufficiency.siting.practice_by_path import faults_of_no_match, practice_faults, read_practice
from sufficiency.siting.problem import COST, DEFAULT_AIMS, WELFARE_AIMS, NoMatch, build_problem

DEFAULT_TIME_LIMIT_SECONDS: Final = 60.0
PATHS_TO_HOLD_OUT_FROM: Final = 10
"""With so many demand paths or more, some are kept to see how the choice does on paths that it was not made on."""
HELD_OUT_SHARE: Final = 5
"""One path in so many is held out: the last ones."""


def site(
    children: pd.DataFrame,
    homes: pd.DataFrame,
    candidates: pd.DataFrame,
    *,
    budget: float,
    limit_miles: float = DEFAULT_LIMIT_MILES,
    as_of: pd.Timestamp | str | None = None,
    prices: pd.DataFrame | None = None,
    paths: int | None = None,
    objectives: Sequence[str] = DEFAULT_AIMS,
    years: float = 1.0,
    time_limit_seconds: float = DEFAULT_TIME_LIMIT_SECONDS,
    gap: float = 0.0,
    practice: Practice | None = None,
) -> Siting:
    """Choose which homes to open, or carers to recruit, so that most children live near home within a budget.

    ``children``: columns of ``children.csv``, one pool; or many, with a column ``path`` that numbers the demand path
    (one simulated future) in which the child needs a home. Ids and sibling groups need be unique inside a path only.
    ``paths``: how many paths there are, 0 to ``paths − 1``, when some may have no child. ``homes``, ``prices``: as for
    ``match``. ``candidates``: columns of ``homes.csv`` for homes that are not there yet, with ``opening_cost`` [£,
    once] or ``yearly_cost`` [£ a year for each home opened], or both; ``at_most`` (how many like it may be opened,
    default 1); ``candidate_id`` and ``area`` (a name; a postcode district such as SN3 also tells where it is).
    ``weekly_cost`` is what a child there costs [£ a week], as in ``homes.csv``.

    ``budget`` [£]: ``opening_cost`` + ``years`` × ``yearly_cost`` of all that is opened. The aims, in order, on the
    mean of the paths: ``placed``, ``within_limit``, least ``cost`` over ``years`` (what is opened, and the homes of
    all children matched); ``objectives`` may put ``within_limit`` first or add ``siblings_together``,
    ``school_within`` or ``in_house``; ``cost`` is last.
    In every path the children are matched to all open homes by the rules and in the order of ``match``; a match knows
    its path's children beforehand. Without ``siblings_together`` siblings are matched as single children (a group of
    four or more may still fill an empty household). With ten paths or more the last fifth is held out. ``practice`` as
    for ``match``, in each path for those of its children and groups that it names; a candidate may be among
    ``parent_and_child_homes`` or be ruled out for a child, and counts among the places of which some stay free. A pin
    to a candidate and ``scores`` are refused.

    Raises :class:`~sufficiency.errors.InputError` with every fault of the input, and
    :class:`~sufficiency.errors.SolverError` when the best choice is not proven in time to within ``gap`` (a share, 0
    for none) of each aim.
    """
    started = time.monotonic()
    day = pd.Timestamp.now().normalize() if as_of is None else pd.Timestamp(as_of).normalize()
    faults = _setting_faults(budget, limit_miles, objectives, years, time_limit_seconds, gap, paths)
    raise_faults(faults)
    pools, found = read_paths(children, paths)
    faults += found
    homes, found = check_register("homes", homes, "homes.csv")
    faults += found
    table, candidate_homes, found = read_candidates(candidates, homes["home_id"])
    faults += found
    if prices is not None:
        prices, found = check_register("prices", prices, "prices.csv")
        faults += found
    practice, found = read_practice(Practice() if practice is None else practice)
    faults += found
    raise_faults(faults)
    faults = faults_with_homes(pools, homes)
    raise_faults([*faults, *practice_faults(practice, pools, homes, candidate_homes, day, objectives)])
    held_out = len(pools) // HELD_OUT_SHARE if len(pools) >= PATHS_TO_HOLD_OUT_FROM else 0
    problem = build_problem(
        pools,
        homes,
        table,
        candidate_homes,
        budget=budget,
        years=years,
        aims=objectives,
        held_out=held_out,
        limit_miles=limit_miles,
        as_of=day,
        prices=prices,
        practice=practice,
    )
    try:
        decision = decide(problem, gap=gap, deadline=started + time_limit_seconds)
        return siting_of(problem, decision, years=years, started=started)
    except NoMatch:
        raise_faults(faults_of_no_match(practice, pools, homes, day))
        raise


def _setting_faults(
    budget: float,
    limit_miles: float,
    objectives: Sequence[str],
    years: float,
    time_limit_seconds: float,
    gap: float,
    paths: int | None,
) -> list[Fault]:
    """Faults of the settings: amounts that are amounts, objectives known and named once, ``cost`` the last."""
    known = (*WELFARE_AIMS, COST)
    unknown = [name for name in objectives if name not in known]
    order = "Name placed and within_limit, others between, and cost last, each once"
    checks = (
        ("L20", "budget", not 0 <= budget < np.inf, f"the budget is £{budget:,.0f}", "Give 0 or more, in £"),
        ("L21", "limit_miles", not 0 <= limit_miles < np.inf, f"the limit is {limit_miles:g} miles", "Give 0 or more"),
        ("L22", "objectives", bool(unknown), f"no such objective: {', '.join(map(str, unknown))}", order),
        ("L23", "objectives", not unknown and not _is_order(objectives), "not an order of the objectives", order),
        ("L24", "years", not 0 < years < np.inf, f"the period is {years:g} years", "Give more than 0 years"),
        ("L25", "time_limit_seconds", not time_limit_seconds > 0, "no time is left", "Give more than 0 seconds"),
        ("L26", "gap", not 0 <= gap < 1, f"the gap is {gap:g}", "Give a share: 0 for a proven best, 0.01 for 1%"),
        ("L27", "paths", paths is not None and not _is_count(paths), f"paths is {paths}", "Give how many, 1 or more"),
    )
    return [Fault(code, "siting settings", column, (), says, fix) for code, column, bad, says, fix in checks if bad]


def _is_order(objectives: Sequence[str]) -> bool:
    named = tuple(objectives)
    return len(set(named)) == len(named) and {"placed", "within_limit"} <= set(named) and named[-1] == COST


def _is_count(paths: int) -> bool:
    return isinstance(paths, int | np.integer) and paths >= 1
