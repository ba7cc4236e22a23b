"""The worth of one more place in each home: children housed, brought within the limit, kept together, £ a week saved.

The relaxation of the matching model is solved aim by aim. For each home it is then solved again with one place more
there, every aim held as before plus what the place has already won. The dual values come first: where they show that
a place can win nothing for an aim, that aim need not be solved again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.matching.pairs import CELLS_AT_ONCE, Instance, build_instance
from sufficiency.matching.programme import programme_of
from sufficiency.matching.restricted import Change, Relaxed, Restricted, floor_of, relax_in_order, with_aim_rows
from sufficiency.matching.solve import Programme

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
BY_SOLVING: Final = "linear relaxation solved again with one place more"
NOTHING: Final = 1e-6
"""Duals below this are the solver's tolerance [children; pence a week]."""

VISIBLE: Final = 1e-3
"""Gains below this are what the slack in the held aims can do [children; pence a week]."""

DECIMALS: Final = {name: 2 if name == "saves_per_week" else 4 for name in COLUMN_OF.values()}


@dataclass(frozen=True, eq=False)
class _Wider:
    """The programme with every column that one more place in some home would allow, those columns ``shut`` for now.

    ``base`` has the places of now, ``wide`` one more in every home; ``alone`` marks columns that take all of a home.
    """

    programme: Programme
    base: Instance
    wide: Instance
    shut: np.ndarray
    alone: np.ndarray
    column_home: np.ndarray

    @property
    def home_rows(self) -> slice:
        """The rows of the homes' places."""
        return slice(len(self.base.children), len(self.base.children) + len(self.base.homes))

    def change(self, home: int) -> Change:
        """One more place in a home."""
        here, row = self.column_home == home, len(self.base.children) + home
        places = float(self.wide.offered[home] + self.wide.leavers[home])
        uppers = {row: places}
        coefficients = {
            (row, int(column)): float(self.wide.offered[home]) for column in np.flatnonzero(here & self.alone)
        }
        for solo_row, column in _solo_rows(self.wide):
            if here[column]:
                uppers[solo_row] = coefficients[solo_row, column] = places
        return Change(uppers, np.flatnonzero(here & self.shut), coefficients)


@dataclass(frozen=True, eq=False)
class _Aim:
    """One aim's relaxation at its optimum: ``gain_at_most`` is what the dual values leave a place in each home."""

    name: str
    value: float
    gain_at_most: np.ndarray
    restricted: Restricted


def worth_of_a_place(instance: Instance, *, time_limit_seconds: float = 60.0) -> pd.DataFrame:
    """One row per home that may take a child of the pool, in order of ``home_id``; columns WORTH_COLUMNS.

    ``places_offered`` [places, now]; the gains are of the relaxation, so a place that helps only together with
    another can show a fraction [children]; ``saves_per_week`` [£] is negative when housing one more child costs more
    than the place saves. An objective that the plan does not have is left empty.
    """
    useful = _may_take_another(instance)
    if len(useful) == 0:
        return pd.DataFrame(columns=list(WORTH_COLUMNS))
    deadline = time.monotonic() + time_limit_seconds
    wider = _wider(instance)
    aims = _aims(wider, deadline)
    like = _interchangeable(wider)
    figures = {home: _figures(wider, aims, int(home), deadline) for home in np.unique(like[useful])}
    homes = instance.homes.iloc[useful]
    table = pd.DataFrame([figures[home] for home in like[useful]], columns=list(WORTH_COLUMNS))
    return table.assign(
        home_id=homes["home_id"].to_numpy(), kind=homes["kind"].to_numpy(), places_offered=instance.offered[useful]
    )


def _may_take_another(instance: Instance) -> np.ndarray:
    """Homes to which the rules allow a child of the pool to come."""
    useful = np.zeros(len(instance.homes), dtype=bool)
    rows = max(CELLS_AT_ONCE // max(len(instance.homes), 1), 1)
    for first in range(0, len(instance.children), rows):
        who = np.arange(first, min(first + rows, len(instance.children)))
        may = instance.allowed(who)
        at_home = np.flatnonzero(instance.present[who] >= 0)
        may[at_home, instance.present[who[at_home]]] = False
        useful |= may.any(axis=0)
    return np.flatnonzero(useful)


def _interchangeable(wider: _Wider) -> np.ndarray:
    """For each home the first that the same children may come to, at the same cost and on the same side of the limit.

    Places in interchangeable homes are one pool to the relaxation, so one more is worth the same in each, when it
    can be offered in both: a household at the usual limit gains nothing by being approved for one more.
    """
    wide = wider.wide
    more = wide.offered - wider.base.offered
    pairs = [wide.pair_home, wide.pair_child, wide.pair_takes, wide.pair_within, wide.pair_pence]
    groups = [wide.column_home, wide.column_group, wide.column_takes, wide.column_within, wide.column_pence]
    blank = np.zeros_like
    rows = np.concatenate(
        [
            np.column_stack([*pairs, wide.pair_stays, blank(wide.pair_home)]),
            np.column_stack([*groups, wide.column_stayers, blank(wide.column_home) + 1]),
        ]
    ).astype(np.int64)
    rows = rows[np.lexsort(rows.T[::-1])]
    ends = np.searchsorted(rows[:, 0], np.arange(len(wide.homes) + 1))
    seen: dict[bytes, int] = {}
    return np.array(
        [
            seen.setdefault(bytes([more[home]]) + rows[ends[home] : ends[home + 1], 1:].tobytes(), home)
            for home in range(len(wide.homes))
        ]
    )


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
        practice=base.practice,
        level_3_homes=base.level_3_homes,
    )
    now = set(zip(base.pair_child.tolist(), base.pair_home.tolist(), strict=True))
    groups_now = set(zip(base.column_group.tolist(), base.column_home.tolist(), strict=True))
    pairs = zip(wide.pair_child.tolist(), wide.pair_home.tolist(), strict=True)
    columns = zip(wide.column_group.tolist(), wide.column_home.tolist(), strict=True)
    shut = np.array([pair not in now for pair in pairs] + [column not in groups_now for column in columns], dtype=bool)
    column_home, alone = np.concatenate([wide.pair_home, wide.column_home]), _takes_all(wide)
    programme = _with_places_of_now(base, wide, alone & ~shut, column_home)
    return _Wider(with_aim_rows(programme), base, wide, shut, alone, column_home)


def _with_places_of_now(base: Instance, wide: Instance, alone: np.ndarray, home: np.ndarray) -> Programme:
    """The wide programme with the places of now: limits of the homes' rows, and what those who live alone take."""
    programme = programme_of(wide)
    upper, values = programme.upper.copy(), programme.values.copy()
    children, places = len(base.children), base.offered + base.leavers
    upper[children : children + len(base.homes)] = places

    def set_value(row: int, column: int, value: float) -> None:
        entries = slice(programme.starts[column], programme.starts[column + 1])
        values[entries][programme.rows[entries] == row] = value

    for column in np.flatnonzero(alone).tolist():
        set_value(children + home[column], column, base.offered[home[column]])
    for row, column in _solo_rows(wide):
        upper[row] = places[home[column]]
        set_value(row, column, places[home[column]])
    return replace(programme, upper=upper, values=values)


def _aims(wider: _Wider, deadline: float) -> list[_Aim]:
    """Each aim's relaxation with the places of now, those before it held; kept ready to be solved again."""
    aims: list[_Aim] = []
    for relaxed in relax_in_order(wider.programme, wider.shut, deadline):
        floors = {aim.name: floor_of(wider.programme.aims[aim.name], aim.value) for aim in aims}
        restricted = Restricted(wider.programme, relaxed, floors, wider.shut, deadline)
        aims.append(_Aim(relaxed.aim, relaxed.value, _gain_at_most(wider, relaxed), restricted))
    return aims


def _solo_rows(wide: Instance) -> list[tuple[int, int]]:
    """For each lone step-down child, the row that keeps others away while it stays, and the column of its stay."""
    lone = np.flatnonzero(wide.solo & (wide.present >= 0))
    first = len(wide.children) + len(wide.homes)
    stays = [np.flatnonzero((wide.pair_child == child) & wide.pair_stays)[0] for child in lone]
    return [(first + number, int(column)) for number, column in enumerate(stays)]


def _takes_all(wide: Instance) -> np.ndarray:
    """Columns of lone children and of groups above the usual limit, who take all that a home offers."""
    lone = wide.solo[wide.pair_child] & ~wide.pair_stays
    if len(wide.column_group) == 0:
        return lone
    at_home = [
        int((wide.present[wide.members[group]] == home).sum())
        for group, home in zip(wide.column_group, wide.column_home, strict=True)
    ]
    large = wide.column_takes != wide.group_sizes[wide.column_group] - np.array(at_home)
    return np.concatenate([lone, large])


def _gain_at_most(wider: _Wider, relaxed: Relaxed) -> np.ndarray:
    """What one more place in each home could add to the aim at most: its row's dual, and what its shut columns offer.

    The optimum is concave in the places, so a dual value of 0 with no shut column of promise proves that a place
    more wins nothing.
    """
    duals = np.abs(relaxed.duals)[wider.home_rows]
    promise = np.where(wider.shut, np.maximum(relaxed.prices, 0.0), 0.0)
    return duals + np.bincount(wider.column_home, promise, minlength=len(duals))


def _figures(wider: _Wider, aims: list[_Aim], home: int, deadline: float) -> dict[str, object]:
    """The worth of one place more in one home, aim by aim in their order."""
    change, support, weights = wider.change(home), np.zeros(0, dtype=int), wider.programme.aims
    gains, floors = dict[str, float](), dict[str, float]()
    solved = False
    for aim in aims:
        value = aim.value
        if any(gains.values()) or aim.gain_at_most[home] > NOTHING:
            value, support = aim.restricted.value_after(change, floors, support, deadline)
            solved = True
        gain = value - aim.value
        gains[aim.name] = gain if abs(gain) > VISIBLE else 0.0
        floors[aim.name] = floor_of(weights[aim.name], value if gains[aim.name] else min(value, aim.value))
    figures = {
        COLUMN_OF[name]: gain / 100 if name == "weekly_cost" else gain
        for name, gain in gains.items()
        if name in COLUMN_OF
    }
    return {
        **{name: round(figure, DECIMALS[name]) + 0.0 for name, figure in figures.items()},
        "method": BY_SOLVING if solved else BY_DUALS,
    }
