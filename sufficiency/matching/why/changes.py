"""For each child without a home the shortest lists of changes that would house it, each tried by matching again.

A change is one more place, a term of approval widened, a home registered or opened sooner, a place of the reserve used,
or one new place of the kind that the child needs. The child's own needs (level, kinds that suit, homes to avoid,
living alone) are taken as they are: a child is never asked to need less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from sufficiency.matching.facts import spare_places
from sufficiency.matching.loop import solve_in_loop
from sufficiency.matching.pairs import Instance, limits_of
from sufficiency.matching.why.bounds import values_of
from sufficiency.matching.why.change_words import says_of
from sufficiency.matching.why.new_place import new_place_for
from sufficiency.matching.why.pinned import can_be_housed
from sufficiency.matching.why.pool import numbers_of
from sufficiency.matching.why.shortlist import miles_that_count
from sufficiency.matching.why.widening import CHANGES, Proposal, proposals_for, with_change
from sufficiency.matching.why.words import CHANGE_OF, changes_of

if TYPE_CHECKING:
    from sufficiency.matching.plan import Plan

CHANGE_COLUMNS: Final = (
    "child_id",
    "rank",
    "changes",
    "change",
    "kind",
    "homes",
    "home_id",
    "miles",
    "within_limit",
    "children_housed",
    "houses_this_child",
)
MOST_CHANGES: Final = 2
"""Changes at one home that are put together at most; one new place is always an answer by itself."""

CHAINS_TRIED: Final = 3
"""Homes tried at most for a child who could move on and leave its place, the nearest to it first."""

MILES_SHOWN: Final = 3


@dataclass(frozen=True)
class Tried:
    """A proposal and what matching again gave: ``housed`` children more, ``here``: this child has a home, else
    ``could_be``: it could have one with as many housed; what each objective loses. ``homes``: in how many the same
    would do; ``moves_on``: another child would move there."""

    proposal: Proposal
    miles: float
    homes: int
    housed: int
    here: bool
    could_be: bool
    lost: tuple[int, ...]
    moves_on: bool = False


def changes_that_house(
    plan: Plan, child_ids: Iterable[str] | str | None = None, *, progress: Callable[[int], None] | None = None
) -> pd.DataFrame:
    """For each child without a home its shortest lists of changes, a row for each kind of change and of home.

    Columns CHANGE_COLUMNS, the ``…_change`` of each objective [children, £ a week, points] and ``says``.
    ``changes``: how many changes the list has; ``change``: their keys (of ``widening.CHANGES``), separated by
    ``;``; ``homes``: in how many homes the same would do; ``home_id`` and ``miles``: the nearest of them (the
    first, where nearness may not be safe), missing for a new place; ``children_housed``: children more with a home
    once all are matched again; ``houses_this_child``: this child is then among those who have one. Children with a
    home have no row; ``progress`` is told of each child (1).
    Raises :class:`~sufficiency.errors.SolverError` when an optimum is not proven in time.
    """
    instance, search = plan.instance, _Search(plan)
    rows: list[dict[str, object]] = []
    for child in numbers_of(instance, child_ids).tolist():
        if plan.home[child] < 0:
            found = search.of(child)
            rows += [_row(instance, search, child, rank, tried) for rank, tried in enumerate(found, 1)]
        if progress is not None:
            progress(1)
    columns = [*CHANGE_COLUMNS, *(CHANGE_OF[aim] for aim in instance.objectives), "says"]
    return _typed(pd.DataFrame(rows, columns=columns))


class _Search:
    """Proposals for the children of one plan; those tried before are remembered, and nothing else changes."""

    def __init__(self, plan: Plan) -> None:
        self.instance, self.home = plan.instance, plan.home
        self.left, self.untouched = spare_places(plan.instance, plan.home)
        self.values = values_of(plan.instance, plan.home)
        self._matched: dict[Proposal, tuple[np.ndarray, tuple[int, ...]]] = {}

    def of(self, child: int) -> list[Tried]:
        """The shortest lists at homes of the register, and one new place; the shortest first."""
        who = who_come_together(self.instance, child)
        direct = list(proposals_for(self.instance, who, self.left, self.untouched, MOST_CHANGES))
        found = self._of_length(child, direct, 1) or list(self._chain(child, who))
        new = self._try(child, new_place_for(self.instance, who), np.nan, 1)
        longer = [] if found else self._of_length(child, direct, 2)
        return [*found, *([new] if new else []), *longer]

    def _of_length(self, child: int, direct: Sequence[Proposal], length: int) -> list[Tried]:
        """One for each sort of change and kind of home: at the nearest home in which it houses a child more."""
        miles, kinds = self.instance.miles_of(child), self.instance.homes["kind"].to_numpy(dtype=object)
        sorts: dict[tuple[tuple[str, ...], str], list[Proposal]] = {}
        for proposal in direct:
            if len(proposal.changes) == length:
                sorts.setdefault((proposal.changes, str(kinds[proposal.home])), []).append(proposal)
        found = []
        level_3 = int(self.instance.children["needs_level"].iloc[child]) == 3
        far = miles_that_count(self.instance, child)
        unsure = self.instance.practice.one_level_3 and level_3
        for some in sorts.values():
            nearest = sorted(some, key=lambda each: (far[each.home], each.home))
            tries = (self._try(child, each, float(miles[each.home]), 1 if unsure else len(some)) for each in nearest)
            found += [tried for tried in tries if tried][:1]
        return sorted(found, key=_order)

    def _chain(self, child: int, who: np.ndarray) -> Iterator[Tried]:
        """One change by which a child of the plan could live elsewhere and leave its place to this one."""
        tried = 0
        for other in self._who_could_make_room(who):
            alone = np.array([other])
            for proposal in proposals_for(self.instance, alone, self.left, self.untouched, 1):
                if tried == CHAINS_TRIED:
                    return
                tried += 1
                answer = self._try(child, proposal, float(self.instance.miles_of(child)[proposal.home]), 1, True)
                if answer:
                    yield answer
                    return

    def _who_could_make_room(self, who: np.ndarray) -> Iterator[int]:
        """Children who live where these may, then those who live where the first may, and so on."""
        seen, wave = set(who.tolist()), who
        while len(wave):
            homes = np.flatnonzero(self.instance.allowed(wave).any(axis=0))
            inside = np.flatnonzero(np.isin(self.home, homes))
            wave = np.array([each for each in inside.tolist() if each not in seen], dtype=int)
            seen.update(wave.tolist())
            yield from wave.tolist()

    def _try(self, child: int, proposal: Proposal, miles: float, homes: int, moves_on: bool = False) -> Tried | None:
        """Match again after a proposal; ``None`` when that houses nobody more, or could not house this child."""
        if proposal not in self._matched:
            answer = solve_in_loop(with_change(self.instance, proposal))
            lost = tuple(self.values[aim] - int(answer.values[aim]) for aim in self.instance.objectives)
            self._matched[proposal] = answer.home_row >= 0, lost
        housed, lost = self._matched[proposal]
        more = -lost[self.instance.objectives.index("placed")]
        if more < 1:
            return None
        here = bool(housed[child])
        could_be = here or can_be_housed(with_change(self.instance, proposal), child, self.values["placed"] + more)
        if moves_on and not could_be:
            return None
        return Tried(proposal, miles, homes, more, here, could_be, lost, moves_on)


def who_come_together(instance: Instance, child: int) -> np.ndarray:
    """The child, with those of its group from whom it may not be parted (``practice``): who needs places together."""
    group, practice = int(instance.group[child]), instance.practice
    if group < 0:
        return np.array([child])
    name, who = str(instance.children["sibling_group"].iloc[child]), instance.members[group]
    if name in practice.parent_and_child:
        return who
    seeking = who[instance.present[who] < 0]
    unsplit = practice.never_split == "all" or name in practice.never_split
    return seeking if unsplit and child in seeking else np.array([child])


def _order(tried: Tried) -> tuple[list[int], float, int]:
    """What needs no new place first, then the nearest."""
    far = float(np.nan_to_num(tried.miles, nan=np.inf))
    return [CHANGES.index(each) for each in tried.proposal.changes], far, tried.proposal.home


def _row(instance: Instance, search: _Search, child: int, rank: int, tried: Tried) -> dict[str, object]:
    proposal, homes = tried.proposal, instance.homes
    limit = float(limits_of(instance.children.iloc[[child]], instance.limit_miles)[0])
    counted = not instance.children["distance_exempt"].iloc[child] and not np.isnan(tried.miles)
    cells: dict[str, Any] = dict(proposal.cells)
    return {
        "child_id": instance.children["child_id"].iloc[child],
        "rank": rank,
        "changes": len(proposal.changes),
        "change": ";".join(proposal.changes),
        "kind": cells["kind"] if proposal.home < 0 else homes["kind"].iloc[proposal.home],
        "homes": tried.homes,
        "home_id": None if proposal.home < 0 else homes["home_id"].iloc[proposal.home],
        "miles": round(tried.miles, MILES_SHOWN),
        "within_limit": tried.miles <= limit if counted else pd.NA,
        "children_housed": tried.housed,
        "houses_this_child": tried.here,
        **changes_of(instance.objectives, tried.lost),
        "says": says_of(instance, child, who_come_together(instance, child), tried),
    }


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """Whole numbers, flags and text as such, also where there is no row."""
    whole = ["rank", "changes", "homes", "children_housed", *(name for name in CHANGE_OF.values() if name in table)]
    kinds = dict.fromkeys(whole, "int64") | dict.fromkeys(("child_id", "change", "kind", "home_id", "says"), "str")
    kinds |= {"miles": "float64", "within_limit": "boolean", "houses_this_child": "bool"}
    if CHANGE_OF["weekly_cost"] in table:
        kinds[CHANGE_OF["weekly_cost"]] = "float64"
    return table.astype(kinds)
