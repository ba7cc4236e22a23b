"""What would have to change at a home, or how much local practice would have to give, for it to take some children."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from sufficiency.matching import rules
from sufficiency.matching.instance import Instance
from sufficiency.matching.pairs import build_instance
from sufficiency.matching.why.refused import broken_rules
from sufficiency.vocabulary import FOSTERING_KINDS

WIDENED: Final = ("age", "sex", "needs_level")
"""Terms of approval that a panel, or a home's registration, can widen."""

STATED: Final = ("registered", "open")
"""What a home can still become on its own account."""

ROOM_FOR_ALL: Final = "never_split"
"""What keeps a group from a home that has too few places for it is no rule of the home: more places would do."""

YEARS_WIDENED: Final = 2
"""Years by which a household's ages are widened at most [assumption: beyond that it would be another household]."""

LEVELS_WIDENED: Final = 1
"""Needs levels by which a home is raised at most: training and support go from one level to the next [assumption]."""

NOT_CHANGED: Final = ("kinship",)
"""Kinds never proposed for a child: relatives and friends are approved for a child of their own circle."""

CHANGES: Final = (*WIDENED, "reserve", "more_places", "open", "registered", "new_home")
"""Kinds of change in the order in which they are proposed: what needs no new place first."""


@dataclass(frozen=True)
class Proposal:
    """Changes at one home (its number; −1 for a new one) after which it would have a place for some children.

    ``changes``: keys of CHANGES; ``cells``: what would then stand in its row of ``homes.csv``; ``more``: places
    more, or places of the reserve that would be used.
    """

    home: int
    changes: tuple[str, ...]
    cells: tuple[tuple[str, Any], ...]
    more: int = 0


def proposals_for(
    instance: Instance, who: np.ndarray, left: np.ndarray, untouched: np.ndarray, most: int
) -> Iterator[Proposal]:
    """For each home the changes, at most so many, after which some children could live there together.

    ``left`` and ``untouched`` (per home): places left in the plan, and nobody there now nor in the plan.
    """
    ages = rules.ages(instance.children.iloc[who], instance.as_of)
    broken = [broken_rules(instance, child) for child in who.tolist()]
    lone = bool(instance.solo[who].any())
    for home, row in enumerate(instance.homes.itertuples()):
        if row.kind in NOT_CHANGED:
            continue
        keys = dict.fromkeys(key for of_child in broken for key in of_child[home] if key != ROOM_FOR_ALL)
        if len(keys) > most or any(key not in (*WIDENED, *STATED) for key in keys):
            continue
        cells = _cells(row, keys, instance, who, ages)
        if cells is None:
            continue
        missing = 0 if (untouched[home] if lone else left[home] >= len(who)) else len(who) - max(int(left[home]), 0)
        if missing:
            more = _more_places(row, missing, lone)
            if more is None:
                continue
            cells, keys = cells | more, keys | {"more_places": None}
        elif not keys:
            keys, missing = {"reserve": None}, len(who)
        if len(keys) <= most and (keys != {"reserve": None} or instance.practice.reserve.get(str(row.kind))):
            yield Proposal(home, tuple(key for key in CHANGES if key in keys), tuple(cells.items()), missing)


def _cells(
    home: Any, keys: Mapping[str, None], instance: Instance, who: np.ndarray, ages: np.ndarray
) -> dict[str, Any] | None:
    """The row's cells once the rules named let the children in; ``None`` where that is too far or not its to change.

    Ages are widened for fostering households only: a children's home for older children is no place for a younger one.
    """
    cells: dict[str, Any] = {}
    if "age" in keys:
        youngest, oldest = min(int(home.min_age), int(ages.min())), max(int(home.max_age), int(ages.max()))
        if home.kind not in FOSTERING_KINDS or home.min_age - youngest + oldest - home.max_age > YEARS_WIDENED:
            return None
        cells |= {"min_age": youngest, "max_age": oldest}
    if "sex" in keys:
        cells["sex"] = "any"
    if "needs_level" in keys:
        level = int(instance.children["needs_level"].iloc[who].max())
        if level - home.max_needs_level > LEVELS_WIDENED:
            return None
        cells["max_needs_level"] = level
    if "registered" in keys:
        cells["registered"] = True
    if "open" in keys:
        if not (pd.notna(home.open_from) and home.open_from > instance.as_of):
            return None
        cells["open_from"] = instance.as_of
    return cells


def _more_places(home: Any, missing: int, lone: bool) -> dict[str, Any] | None:
    """Places and free places once ``missing`` more are really offered; ``None`` where they could not be.

    A household at the usual fostering limit offers no more by being approved for more, and no number of places makes
    room for a child who must be the only one.
    """
    if lone:
        return None
    cells = {"places": int(home.places) + missing, "places_free": int(home.places_free) + missing}
    frame = pd.DataFrame([{"kind": home.kind, "places": home.places, "places_free": home.places_free}])
    before, after = (int(rules.places_offered(each)[0]) for each in (frame, frame.assign(**cells)))
    return cells if after - before >= missing else None


def with_change(instance: Instance, proposal: Proposal) -> Instance:
    """The instance after a proposal: the same children, one row of the homes changed or added."""
    homes, cells, practice = instance.homes, dict(proposal.cells), instance.practice
    if proposal.home < 0:
        homes = pd.concat([homes, homes.iloc[:0].reindex([0]).assign(**cells).astype(homes.dtypes)])
    elif cells:
        homes = homes.copy()
        place = homes.index[proposal.home]
        for name, cell in cells.items():
            homes.loc[place, name] = cell
    if "reserve" in proposal.changes:
        kind = str(homes["kind"].iloc[proposal.home])
        free = int(instance.offered[rules.open_homes_of(homes, instance.as_of, kind)].sum())
        practice = replace(
            practice, reserve={**practice.reserve, kind: min(practice.reserve[kind], free) - proposal.more}
        )
    return build_instance(
        instance.children,
        homes.reset_index(drop=True),
        limit_miles=instance.limit_miles,
        objectives=instance.objectives,
        as_of=instance.as_of,
        prices=instance.prices,
        practice=practice,
        level_3_homes=instance.level_3_homes,
    )
