"""The worth of one more place in each home: children housed, brought within the limit, kept together, £ a week saved.

The relaxation of the matching model is solved aim by aim. For each home it is then solved again with one place more
there, every aim held as before plus what the place has already won. The dual values come first: where they show that
a place can win nothing for an aim, that aim need not be solved again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from sufficiency.matching.loop import programme_of
from sufficiency.matching.pairs import Instance, build_instance
from sufficiency.matching.solve import Programme, hold, relaxation, run, set_aim

WORTH_COLUMNS: Final = (
    "home_id",
    "kind",
    "places_offered",
    "more_children_housed",
    "more_within_limit",
    "more_siblings_together",
    "saves_per_week",
    "method",
)
COLUMN_OF: Final = {
    "placed": "more_children_housed",
    "within_limit": "more_within_limit",
    "siblings_together": "more_siblings_together",
    "weekly_cost": "saves_per_week",
}
BY_DUALS: Final = "dual values show that a place more wins nothing"
BY_SOLVING: Final = "solved again with one place more"
NOTHING: Final = 1e-6
"""Gains below this are the solver's tolerance [children; pence a week]."""


@dataclass(frozen=True, eq=False)
class _Wider:
    """The relaxation with every column that one more place in some home would allow, those columns shut for now."""

    programme: Programme
    base: Instance
    wide: Instance
    shut: np.ndarray
    column_home: np.ndarray


@dataclass(frozen=True, eq=False)
class _Aim:
    """One aim's relaxation at its optimum: ``gain_at_most`` is what the dual values leave a place in each home."""

    name: str
    solver: Any
    value: float
    gain_at_most: np.ndarray


def worth_of_a_place(instance: Instance, *, time_limit_seconds: float = 60.0) -> pd.DataFrame:
    """One row per home that may take a child of the pool, in order of ``home_id``; columns WORTH_COLUMNS.

    ``places_offered`` [places, now]; the gains are of the relaxation, so a place that helps only together with
    another can show a fraction [children]; ``saves_per_week`` [£] is negative when housing one more child costs more
    than the place saves. An objective that the plan does not have is left empty.
    """
    may_come = instance.may_live.copy()
    at_home = np.flatnonzero(instance.present >= 0)
    may_come[at_home, instance.present[at_home]] = False
    useful = np.flatnonzero(may_come.any(axis=0))
    if len(useful) == 0:
        return pd.DataFrame(columns=list(WORTH_COLUMNS))
    deadline = time.monotonic() + time_limit_seconds
    wider = _wider(instance)
    aims = _base_values(wider, deadline)
    rows = [_row(wider, aims, int(home), deadline) for home in useful]
    return pd.DataFrame(rows, columns=list(WORTH_COLUMNS))


def _wider(base: Instance) -> _Wider:
    """The instance in which every home has one place more, with the places and the columns of now."""
    homes = base.homes.assign(places=base.homes["places"] + 1, places_free=base.homes["places_free"] + 1)
    wide = build_instance(
        base.children,
        homes,
        limit_miles=base.limit_miles,
        objectives=base.objectives,
        as_of=base.as_of,
        prices=base.prices,
    )
    programme = programme_of(wide)
    upper = programme.upper.copy()
    homes_at = slice(len(base.children), len(base.children) + len(homes))
    upper[homes_at] = base.offered + base.leavers
    now = set(zip(base.pair_child.tolist(), base.pair_home.tolist(), strict=True))
    groups_now = set(zip(base.column_group.tolist(), base.column_home.tolist(), strict=True))
    pairs = zip(wide.pair_child.tolist(), wide.pair_home.tolist(), strict=True)
    columns = zip(wide.column_group.tolist(), wide.column_home.tolist(), strict=True)
    shut = np.array([pair not in now for pair in pairs] + [column not in groups_now for column in columns], dtype=bool)
    return _Wider(replace(programme, upper=upper), base, wide, shut, np.concatenate([wide.pair_home, wide.column_home]))


def _base_values(wider: _Wider, deadline: float) -> list[_Aim]:
    """Each aim's relaxation with the places of now, those before it held; left at its optimum to start from."""
    programme, reached = wider.programme, {}
    aims = []
    for name, weights in programme.aims.items():
        solver = _solver_of_now(wider)
        for earlier, value in reached.items():
            hold(solver, programme, earlier, value - NOTHING)
        set_aim(solver, weights)
        run(solver, name, deadline)
        reached[name] = solver.getInfo().objective_function_value
        aims.append(_Aim(name, solver, reached[name], _gain_at_most(wider, solver)))
    return aims


def _solver_of_now(wider: _Wider) -> Any:
    """The relaxation with every column shut that the places of now do not allow."""
    solver = relaxation(wider.programme)
    shut = np.flatnonzero(wider.shut).astype(np.int32)
    solver.changeColsBounds(len(shut), shut, np.zeros(len(shut)), np.zeros(len(shut)))
    for column in np.flatnonzero(_takes_all(wider)):
        home = int(wider.column_home[column])
        solver.changeCoeff(len(wider.base.children) + home, int(column), float(wider.base.offered[home]))
    return solver


def _takes_all(wider: _Wider) -> np.ndarray:
    """Columns of solo children and large groups, who take all that a home offers and would take one place more."""
    wide = wider.wide
    solo = wide.solo[wide.pair_child] & ~wide.pair_stays
    incoming = wide.group_sizes[wide.column_group] if len(wide.members) else np.zeros(0, dtype=int)
    columns = zip(wide.column_group, wide.column_home, strict=True)
    at_home = [int((wide.present[wide.members[g]] == h).sum()) for g, h in columns]
    large = wide.column_takes != incoming - np.array(at_home, dtype=int)
    return np.concatenate([solo, large]) & ~wider.shut


def _gain_at_most(wider: _Wider, solver: Any) -> np.ndarray:
    """What one more place in each home could add to the aim at most: its row's dual, and what its shut columns offer.

    The optimum is concave in the places, so a dual value of 0 with no shut column of promise proves that a place
    more wins nothing.
    """
    solution, children = solver.getSolution(), len(wider.base.children)
    duals = np.abs(np.asarray(solution.row_dual))[children : children + len(wider.base.homes)]
    promise = np.where(wider.shut, np.maximum(np.asarray(solution.col_dual), 0.0), 0.0)
    return duals + np.bincount(wider.column_home, promise, minlength=len(duals))


def _row(wider: _Wider, aims: list[_Aim], home: int, deadline: float) -> dict[str, object]:
    """The worth of one place more in one home, aim by aim in their order."""
    gains: dict[str, float] = {}
    solved = False
    for aim in aims:
        nothing_yet = all(gain == 0.0 for gain in gains.values())
        if nothing_yet and aim.gain_at_most[home] <= NOTHING:
            gains[aim.name] = 0.0
            continue
        solved = True
        gains[aim.name] = _gain(wider, aims, aim, home, gains, deadline)
    figures = {COLUMN_OF[name]: round(gain / 100 if name == "weekly_cost" else gain, 4) for name, gain in gains.items()}
    figures = {name: figure + 0.0 for name, figure in figures.items()}
    register = wider.base.homes
    return {
        "home_id": register["home_id"].iloc[home],
        "kind": register["kind"].iloc[home],
        "places_offered": int(wider.base.offered[home]),
        **figures,
        "method": BY_SOLVING if solved else BY_DUALS,
    }


def _gain(wider: _Wider, aims: list[_Aim], aim: _Aim, home: int, gains: dict[str, float], deadline: float) -> float:
    """One aim's gain from one place more in a home, those before it held with their own gains; then all as before."""
    solver, programme = aim.solver, wider.programme
    before = {earlier.name: earlier.value for earlier in aims if earlier.name in gains}
    _open(wider, solver, home, wider.wide)
    for name, value in before.items():
        hold(solver, programme, name, value + gains[name] - NOTHING)
    run(solver, aim.name, deadline)
    gain = solver.getInfo().objective_function_value - aim.value
    _open(wider, solver, home, wider.base)
    for name, value in before.items():
        hold(solver, programme, name, value - NOTHING)
    return 0.0 if abs(gain) <= NOTHING * (1 + len(before)) * 100 else gain


def _open(wider: _Wider, solver: Any, home: int, places: Instance) -> None:
    """Give one home the places of now (``base``) or one more (``wide``), with the columns that go with them."""
    row = len(wider.base.children) + home
    wide = places is wider.wide
    solver.changeRowBounds(row, -np.inf, float(places.offered[home] + places.leavers[home]))
    here = wider.column_home == home
    for column in np.flatnonzero(here & wider.shut):
        solver.changeColBounds(int(column), 0.0, 1.0 if wide else 0.0)
    for column in np.flatnonzero(here & _takes_all(wider)):
        solver.changeCoeff(row, int(column), float(places.offered[home]))
