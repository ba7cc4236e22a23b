"""What more of one objective costs in another: the exact trade-off between two, by solving with one above a floor.

The floor moves over evenly spaced whole values of the second objective, a count, from the plan that is best on the
first to the plan that is best on the second; for each the best of the first is found and proven (epsilon-constraint
method: Haimes, Lasdon and Wismer, 1971). Objectives that the plan has before both stay at what it reached.
"""

from __future__ import annotations

import html
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from sufficiency.errors import Fault, InputError, SolverError
from sufficiency.matching.constrained import Constrained, Point
from sufficiency.matching.flow import NoFlowError, best_flow
from sufficiency.matching.instance import Instance
from sufficiency.matching.narrow import network_of, to_begin_with, with_held
from sufficiency.matching.optimum import BY_BRANCHING, BY_RELAXATION
from sufficiency.matching.programme import programme_of
from sufficiency.matching.solve import Programme, held_scale
from sufficiency.matching.why.bounds import columns_of
from sufficiency.stamp import DataStamp, Sourced, package_version

if TYPE_CHECKING:
    import altair as alt

    from sufficiency.matching.plan import Plan

EXACT: Final = 2**53
"""Whole numbers below this are exact in floating point, and so are their sums in the solver."""

POUNDS_FURTHER: Final = 1000
"""£ a week that count as one further unit of the cost."""

OUT_OF_TIME: Final = "not proven: the time ran out"


@dataclass(frozen=True)
class FrontierPoint:
    """A plan on the frontier: the values of both objectives [children, points; pence a week as a negative], what the
    first can reach at most with no less of the second (``bound``), and ``by`` what that is proven."""

    first: int
    second: int
    bound: int
    by: str


@dataclass(frozen=True, repr=False)
class Frontier:
    """The trade-off between two objectives; ``points`` from the least of the second to the most.

    ``held``: objectives before both and the values that every point keeps [children, points; £ a week].
    ``limit_miles`` and ``as_of`` are those of the plan.
    """

    first: str
    second: str
    points: tuple[FrontierPoint, ...]
    held: Mapping[str, float]
    as_of: pd.Timestamp
    limit_miles: float

    def table(self) -> pd.DataFrame:
        """One row per point, from the least of the second objective to the most.

        Columns: the second objective and the first, by name (``weekly_cost`` in £ a week, the rest in children or
        points); ``extra_per_further``: by how much the first becomes worse for each further unit of the second since
        the row before (£ a week, or children or points; missing in the first row; for each £1,000 a week where that is
        the second); ``gap``: how much better the first
        might still be, 0 where it is proven; ``proven_by``.
        """
        second, first = (_shown(name, self._values(which)) for name, which in self._axes)
        worse = np.diff(np.array([point.first for point in self.points], dtype=float)) * -1
        further = np.abs(np.diff(second)) / (POUNDS_FURTHER if self.second == "weekly_cost" else 1)
        each = np.append(np.nan, worse / (100 if self.first == "weekly_cost" else 1) / further)
        gap = np.array([point.bound - point.first for point in self.points], dtype=float)
        return pd.DataFrame(
            {
                self.second: second,
                self.first: first,
                "extra_per_further": each.round(2),
                "gap": gap / (100 if self.first == "weekly_cost" else 1),
                "proven_by": [point.by for point in self.points],
            }
        )

    @property
    def _axes(self) -> tuple[tuple[str, str], tuple[str, str]]:
        return (self.second, "second"), (self.first, "first")

    def _values(self, which: str) -> np.ndarray:
        return np.array([getattr(point, which) for point in self.points], dtype=np.int64)

    def finding(self) -> str:
        """What the trade-off comes to, in one sentence."""
        table = self.table()
        if len(table) == 1:
            return f"No trade-off: one plan is best on both {_named(self.first)} and {_named(self.second)}"
        most, least = table.iloc[-1], table.iloc[0]
        further = _amount(self.second, abs(most[self.second] - least[self.second]), "better")
        cost = _amount(self.first, abs(most[self.first] - least[self.first]), "worse")
        each = table["extra_per_further"].iloc[1:]
        low, high = (_amount(self.first, float(value), "each") for value in (each.min(), each.max()))
        between = "" if low == high else f": from {low} for the cheapest to {high} for the dearest"
        if self.second == "weekly_cost":
            between = f": from {each.min():.3g} to {each.max():.3g} for each £{POUNDS_FURTHER:,} a week"
        elif self.first != "weekly_cost" and between:
            between = f": from {low} to {high} each"
        return f"{further} cost {cost} in all{between}" if further[:2] != "1 " else f"{further} costs {cost}"

    def chart(self, stamp: Sourced | None = None) -> alt.LayerChart:
        """The trade-off as a line with a mark for each point, the finding as its title.

        ``stamp``: the source to print below; the registers on the date of the plan when it is left out.
        """
        from sufficiency.figures.trade_off import trade_off_line

        source = stamp or DataStamp(
            "", False, self.as_of, package_version(), "Trade-off of a match", "registers of children and homes"
        )
        axes = {name: axis_title(name, self.limit_miles) for name in (self.second, self.first)}
        return trade_off_line(self.table(), axes, source, title=self.finding(), alt_text=self._alt_text())

    def _alt_text(self) -> str:
        return f"Line of {len(self.points)} matches. {self.finding()}."

    def __repr__(self) -> str:
        proven = all(point.bound == point.first for point in self.points)
        number = "one point" if len(self.points) == 1 else f"{len(self.points)} points"
        return f"{self.finding()} ({number}, {'each proven best' if proven else 'not all proven'})."

    def _repr_html_(self) -> str:
        shown = self.table().to_html(index=False, na_rep="", float_format=lambda number: f"{number:,.2f}")
        return f"<p>{html.escape(repr(self))}</p>{shown}<p>Small numbers are in it: not for publication.</p>"


_NAMES: Final = {
    "within_limit": "children near home",
    "siblings_together": "children with their sibling group",
    "weekly_cost": "cost",
    "school_within": "children near their school",
    "in_house": "children with the council's own carers",
    "preference": "points of the social workers' scores",
}


def _named(objective: str) -> str:
    return _NAMES[objective]


def axis_title(objective: str, limit_miles: float) -> str:
    """An objective with its unit, as an axis has it."""
    if objective == "weekly_cost":
        return "Cost of the whole plan [£ a week]"
    if objective == "within_limit":
        return f"Children within their limit of home ({limit_miles:g} miles unless they have one of their own)"
    return _NAMES[objective].capitalize()


def _amount(objective: str, amount: float, way: str) -> str:
    """So much of an objective ``better``, ``worse``, or as the price of ``each``."""
    if objective == "weekly_cost":
        more = {"better": " a week less", "worse": " a week more", "each": " a week"}[way]
        return f"£{amount:,.0f}{more}"
    how = {"better": " more ", "worse": " fewer ", "each": " "}[way]
    name = (
        _NAMES[objective] if amount != 1 else _NAMES[objective].replace("children", "child").replace("points", "point")
    )
    return f"{amount:,.3g}{how}{name}"


def _shown(objective: str, values: np.ndarray) -> np.ndarray:
    """£ a week for the cost, counts and points as they are."""
    return -values / 100 if objective == "weekly_cost" else values


def frontier_of(plan: Plan, first: str, second: str, points: int = 20, *, time_limit_seconds: float = 60.0) -> Frontier:
    """The best of ``first`` for evenly spaced values of ``second``, between the plans that are best on each.

    Both are objectives of the plan other than ``placed``. Those that it has before both stay at what it reached; those
    after them are not sought. A point that the time did not suffice for tells its ``gap``.
    Raises :class:`~sufficiency.errors.InputError` for other objectives or fewer than two points. With ``weekly_cost``
    as the second the points are those of the same trade-off the other way round, evenly spaced in the first.
    """
    _check(plan, first, second, points)
    if second == "weekly_cost":
        return _other_way_round(frontier_of(plan, second, first, points, time_limit_seconds=time_limit_seconds))
    instance, held = _without_what_pairs_can_say(plan, first, second), _before(plan, first, second)
    every = programme_of(replace(instance, objectives=(*held, first, second)))
    found = tuple(
        _points(instance, columns_of(instance, plan.home), every, (first, second, points), held, time_limit_seconds)
    )
    values = {name: float(_shown(name, np.array([value]))[0]) for name, value in held.items()}
    return Frontier(first, second, found, values, instance.as_of, instance.limit_miles)


def _other_way_round(frontier: Frontier) -> Frontier:
    """The same plans with the second objective, a count, as the first, from the dearest to the cheapest.

    The cheapest plan with so many of a count, and with no more of it at that cost, is also the one with most of the
    count at no greater cost. Where that it is cheapest is not proven, the most of the count on the frontier bounds it.
    """
    most = max(point.second for point in frontier.points)
    points = tuple(
        FrontierPoint(point.second, point.first, point.second if point.bound == point.first else most, point.by)
        for point in sorted(frontier.points, key=lambda point: (point.first, -point.second))
    )
    return replace(frontier, first=frontier.second, second=frontier.first, points=points)


def _check(plan: Plan, first: str, second: str, points: int) -> None:
    sought = [name for name in plan.instance.objectives if name != "placed"]
    faults = []
    if first == second or not {first, second} <= set(sought):
        says = f"{first} and {second} are not two objectives of the plan beside placed"
        faults.append(Fault("K01", "frontier", "objectives", (), says, f"Choose two of {', '.join(sought)}"))
    if points < 2:
        faults.append(Fault("K01", "frontier", "points", (), f"{points} points", "Ask for two or more"))
    if faults:
        raise InputError(faults)


def _before(plan: Plan, first: str, second: str) -> dict[str, int]:
    """Objectives before both and the whole values at which they are held."""
    names = plan.instance.objectives
    before = names[: min(names.index(first), names.index(second))]
    return {
        name: -round(plan.values[name] * 100) if name == "weekly_cost" else int(plan.values[name]) for name in before
    }


def _without_what_pairs_can_say(plan: Plan, first: str, second: str) -> Instance:
    """The instance without the units' columns that are no more than their members' pairs.

    Only where groups together are nothing to any objective held or sought.
    """
    instance = plan.instance
    if "siblings_together" in (first, second, *_before(plan, first, second)):
        return instance
    needed = np.ones(len(instance.column_group), dtype=bool)
    for column, (unit, home) in enumerate(zip(instance.column_group, instance.column_home, strict=True)):
        who = instance.members[unit]
        comers = len(who) - instance.column_stayers[column]
        listed = (instance.at(who, np.full(len(who), home)) >= 0).all()
        needed[column] = not (listed and instance.column_takes[column] == comers)
    return instance.kept(np.ones(len(instance.pair_child), dtype=bool), needed)


def _points(
    instance: Instance,
    plan: np.ndarray,
    programme: Programme,
    asked: tuple[str, str, int],
    held: Mapping[str, int],
    seconds: float,
) -> list[FrontierPoint]:
    """The points of the frontier, found from the most of the second objective downwards, in order of the second."""
    first, second, number = asked
    deadline = time.monotonic() + seconds
    aim, side = programme.aims[first], programme.aims[second]
    both, step = _joined(aim, side, len(instance.children))
    for name, value in held.items():
        programme = with_held(programme, programme.aims[name], value)
    before = len(programme.lower)
    programme = _with_counts(instance, programme) if "siblings_together" in (first, second, *held) else programme
    counts = range(before, len(programme.lower))
    programme, scale = with_held(programme, side, 0), held_scale(side)
    child = np.append(instance.pair_child, np.full(len(instance.column_group), -1))
    solver = Constrained(programme, child, side, plan | _near(instance, programme, aim, side), deadline, counts)
    solver.move_floor(np.inf)
    most, cheapest = solver.best(side, plan), solver.best(both, plan)
    if most is None or cheapest is None:
        raise SolverError("No plan on the frontier was found; no answer is given. Please report this.")
    least = int(side[cheapest.chosen].sum())
    found, known = dict[int, FrontierPoint](), most.chosen
    floors = np.unique(np.rint(np.linspace(least, most.value, number)).astype(np.int64)).tolist()
    for left, floor in zip(range(len(floors), 1, -1), floors[:0:-1], strict=True):
        solver.move_floor(-floor / scale)
        solver.deadline = time.monotonic() + max(deadline - time.monotonic(), 0.0) / left
        point = solver.best(both, known)
        if point is None:
            raise SolverError("A point of the frontier has no plan; no answer is given. Please report this.")
        known = point.chosen
        found[int(side[known].sum())] = _told(point, aim, side, step, floor)
    found[least] = _told(cheapest, aim, side, step, least)
    return [found[value] for value in sorted(found)]


def _with_counts(instance: Instance, programme: Programme) -> Programme:
    """The programme with rows without limits that count whole groups: of each size, and whether each is together.

    Every plan has whole numbers there, where a relaxation has half a group here and half one there.
    """
    pairs, sizes, whole = len(instance.pair_child), instance.group_sizes, instance.column_group < instance.groups
    columns, groups = pairs + np.flatnonzero(whole), instance.column_group[whole]
    size, group = (np.unique(each, return_inverse=True)[1].reshape(-1) for each in (sizes[groups], groups))
    count = int(size.max(initial=-1)) + 1
    rows = np.concatenate([size, count + group])
    order = np.lexsort((rows, np.tile(columns, 2)))
    column, row = np.tile(columns, 2)[order], rows[order]
    more = count + int(group.max(initial=-1)) + 1
    return replace(
        programme,
        starts=(programme.starts + np.searchsorted(column, np.arange(programme.columns + 1))).astype(np.int32),
        rows=np.insert(programme.rows, programme.starts[1:][column], len(programme.lower) + row).astype(np.int32),
        values=np.insert(programme.values, programme.starts[1:][column], 1.0),
        lower=np.append(programme.lower, np.full(more, -np.inf)),
        upper=np.append(programme.upper, np.full(more, np.inf)),
    )


def _told(point: Point, aim: np.ndarray, side: np.ndarray, step: int, floor: int) -> FrontierPoint:
    """A point of the solver as the two objectives: ``step`` of the joined weight is one of the first."""
    value = int(aim[point.chosen].sum())
    if point.value == point.bound:
        by = BY_BRANCHING if point.branched else BY_RELAXATION
        return FrontierPoint(value, int(side[point.chosen].sum()), value, by)
    return FrontierPoint(value, int(side[point.chosen].sum()), (point.bound - floor) // step, OUT_OF_TIME)


def _joined(aim: np.ndarray, side: np.ndarray, children: int) -> tuple[np.ndarray, int]:
    """One weight of both, in which all that the second can add up to is less than one of the first."""
    step = 2 * children * int(np.abs(side).max(initial=0)) + 1
    if children * (int(np.abs(aim).max(initial=0)) + 1) * step >= EXACT:
        raise SolverError("The match is too large for an exact trade-off between these two; match a part of it.")
    return aim * step + side, step


def _near(instance: Instance, programme: Programme, aim: np.ndarray, side: np.ndarray) -> np.ndarray:
    """Columns (bool) near the two ends of the frontier, as a network sees them."""
    network, pairs = network_of(instance), len(instance.pair_child)
    placed, first, second = np.ones(pairs, dtype=np.int64), aim[:pairs], side[:pairs]
    start = to_begin_with(instance, programme)
    for aims in ({"first": first, "second": second}, {"second": second, "first": first}):
        try:
            flow = best_flow(network, {"placed": placed, **aims})
        except NoFlowError:
            break
        level = flow.levels[-1]
        loss = level.child_price[instance.pair_child] + level.home_price[instance.pair_home] - level.weight
        start[flow.pair[flow.pair >= 0]] = True
        start |= to_begin_with(instance, programme, loss)
    return start
