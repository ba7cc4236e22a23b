"""What local practice asks of a plan, read from the options and not from the model: see :mod:`.audit`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import pandas as pd

from sufficiency.matching.practice import Practice
from sufficiency.vocabulary import FOSTERING_KINDS, USUAL_FOSTERING_LIMIT

Row = Any
"""One row of a typed register, as ``itertuples`` gives it."""

HARDEST: Final = 3
"""The needs level of which ``one_level_3`` lets one child at most live in a household."""


@dataclass(frozen=True, eq=False)
class Reading:
    """A plan as it is read: ``children`` of the pool and ``homes`` by id, and ``lives``: child → home, if it has one.

    ``level_3_settled``: homes in which a settled child of needs level 3 lives, whom nobody matches.
    """

    children: Mapping[str, Row]
    homes: Mapping[str, Row]
    lives: Mapping[str, str]
    practice: Practice
    as_of: pd.Timestamp
    level_3_settled: frozenset[str]

    def comes(self, child_id: str) -> bool:
        """The child has a home, and another than the one where it lives now."""
        return child_id in self.lives and not at_present_home(self.children[child_id], self.lives[child_id])

    @cached_property
    def comers(self) -> Mapping[str, list[Row]]:
        """Home → the children who come to live there."""
        return self._by_home(True)

    @cached_property
    def stayers(self) -> Mapping[str, list[Row]]:
        """Home → the step-down children who stay there."""
        return self._by_home(False)

    def _by_home(self, coming: bool) -> Mapping[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for child_id, home_id in self.lives.items():
            if self.comes(child_id) == coming:
                found[home_id].append(self.children[child_id])
        return found

    @cached_property
    def groups(self) -> Mapping[str, list[str]]:
        """Sibling groups of two or more in the pool, lone children never among them."""
        found: dict[str, list[str]] = defaultdict(list)
        for child_id, child in self.children.items():
            if pd.notna(child.sibling_group) and not child.solo:
                found[child.sibling_group].append(child_id)
        return {name: who for name, who in found.items() if len(who) > 1}


def at_present_home(child: Row, home_id: str) -> bool:
    """A step-down child stays where it is."""
    return child.status == "step_down" and child.current_home_id == home_id


def broken_by_practice(plan: Reading) -> Iterator[str]:
    """Every breach of what practice asks, by the name of the option."""
    yield from _of_fixed(plan)
    yield from _of_groups(plan)
    yield from _of_approval(plan)
    yield from _of_reserve(plan)
    if plan.practice.one_level_3:
        yield from _of_level_3(plan)


def _of_fixed(plan: Reading) -> Iterator[str]:
    """Pins that are not kept and pairs ruled out; a step-down child may always stay where it is."""
    if plan.practice.fixed is None:
        return
    rows: Iterator[Row] = plan.practice.fixed.itertuples()
    for row in rows:
        if row.child_id not in plan.children:
            continue
        there = plan.lives.get(row.child_id) == row.home_id
        if row.decision == "pin" and not there:
            yield "pinned by hand"
        if row.decision == "rule_out" and there and plan.comes(row.child_id):
            yield "ruled out by hand"


def _of_groups(plan: Reading) -> Iterator[str]:
    """Children of groups that are never split who come to a home without those who must be with them there.

    One who needs a home comes with all others who need one; a step-down child moves only with everyone; of a parent
    and child nobody moves without the other.
    """
    practice = plan.practice
    for name, who in plan.groups.items():
        unit = name in practice.parent_and_child
        if not (unit or practice.never_split == "all" or name in practice.never_split):
            continue
        for child_id in filter(plan.comes, who):
            everyone = unit or plan.children[child_id].status == "step_down"
            needed = [one for one in who if everyone or plan.children[one].status != "step_down"]
            if any(plan.lives.get(one) != plan.lives[child_id] for one in needed):
                yield "parent and child together" if unit else "group never split"


def _of_approval(plan: Reading) -> Iterator[str]:
    """Parents and children who come to a home that is not approved for them, where such homes are named."""
    approved = plan.practice.parent_and_child_homes
    for name in plan.practice.parent_and_child if approved else ():
        for child_id in filter(plan.comes, plan.groups.get(name, ())):
            if plan.lives[child_id] not in approved:
                yield "home approved for parent and child"


def _of_reserve(plan: Reading) -> Iterator[str]:
    """Kinds in which fewer places are left than are kept free, or than are free now if that is less."""
    for kind, kept in plan.practice.reserve.items():
        homes = [home for home in plan.homes.values() if home.kind == kind and _is_open(home, plan.as_of)]
        offered = sum(_offered(home) for home in homes)
        taken = sum(_taken(plan, home) for home in homes)
        if offered - taken < min(kept, offered):
            yield "places kept in reserve"


def _is_open(home: Row, as_of: pd.Timestamp) -> bool:
    return bool(home.registered) and not (home.open_from > as_of or home.open_to < as_of)


def _offered(home: Row) -> int:
    """Places free, in a fostering household up to the usual limit."""
    lived_in = home.places - home.places_free
    if home.kind not in FOSTERING_KINDS:
        return int(home.places_free)
    return int(max(min(home.places_free, USUAL_FOSTERING_LIMIT - lived_in), 0))


def _taken(plan: Reading, home: Row) -> int:
    """Places that those who come take: one each; all that the home offers when they must live there alone."""
    come = plan.comers.get(home.home_id, [])
    large = home.kind in FOSTERING_KINDS and home.places == home.places_free and len(come) > USUAL_FOSTERING_LIMIT
    return _offered(home) if large or any(child.solo for child in come) else len(come)


def _of_level_3(plan: Reading) -> Iterator[str]:
    """Households to which a child of level 3 comes although another one comes, stays or lives there."""
    for home_id, come in plan.comers.items():
        coming = sum(child.needs_level == HARDEST for child in come)
        staying = sum(child.needs_level == HARDEST for child in plan.stayers.get(home_id, []))
        others = staying + (home_id in plan.level_3_settled)
        if plan.homes[home_id].kind in FOSTERING_KINDS and coming and coming + others > 1:
            yield "one child of level 3 in a household"
