"""The authorities of a region, each projected with rates of its own, put together path by path."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import numpy as np
import pandas as pd

from sufficiency.demand.people import People
from sufficiency.demand.record import Simulated
from sufficiency.records.model import Records

_COUNTS = ("stock", "started", "moved", "ceased")
_CHILD = ("child_path", "child_key", "child_born", "child_uasc", "child_donor", "child_month")
_SPELL = ("spell_path", "spell_kind", "spell_from", "spell_to", "spell_opened")


def covered_on(records: Records, day: pd.Timestamp) -> list[str]:
    """Authorities whose returns cover a day, by name."""
    coverage = records.coverage
    return sorted(coverage["authority"][coverage["first_day"].le(day) & coverage["last_day"].ge(day)].unique())


def tells_of(records: Records, day: pd.Timestamp) -> bool:
    """Whether the returns of every authority tell who is in care at the end of a day.

    The first day of a run of returns tells of the day before it, too: whoever is there as it opens.
    """
    coverage = records.coverage
    runs = coverage["first_day"].le(day + pd.Timedelta(days=1)) & coverage["last_day"].ge(day)
    return set(coverage["authority"][runs]) == set(coverage["authority"])


def one_of(records: Records, authority: str) -> Records:
    """The records of one authority; those of a single authority as they are."""
    return records if len(records.authorities) <= 1 else records.of_authority(authority)


def seed_of(seed: int, authority: str) -> int:
    """Seed of the children's chances in one authority of a region; the seed itself for a single one."""
    return seed if not authority else ((seed << 32) ^ crc32(authority.encode())) % 2**64


def region_of(parts: Sequence[Simulated]) -> Simulated:
    """Counts added up path by path; children and spells behind one another, those of today first."""
    if len(parts) == 1:
        return parts[0]
    numbers = _new_numbers(
        [int((part.child_path < 0).sum()) for part in parts], [len(part.child_path) for part in parts]
    )
    children = np.argsort(np.concatenate(numbers), kind="stable")
    spell_child = np.concatenate([number[part.spell_child] for number, part in zip(numbers, parts, strict=True)])
    spells = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _SPELL}
    order = np.lexsort((spells["spell_from"], spell_child, spells["spell_path"]))
    return Simulated(
        **{name: np.sum([getattr(part, name) for part in parts], axis=0) for name in _COUNTS},
        **{name: np.concatenate([getattr(part, name) for part in parts])[children] for name in _CHILD},
        **{name: values[order] for name, values in spells.items()},
        spell_child=spell_child[order],
    )


def people_of(parts: Sequence[People], now: Sequence[int]) -> People:
    """Attributes of the children of every authority, in the order of :func:`region_of`."""
    if len(parts) == 1:
        return parts[0]
    children = np.argsort(np.concatenate(_new_numbers(now, [len(part.level) for part in parts])), kind="stable")
    groups, most = [], 0
    for part in parts:
        groups.append(np.where(part.sibling_group >= 0, part.sibling_group + most, -1))
        most += int(part.sibling_group.max(initial=-1)) + 1
    names = ("level", "latitude", "longitude", "sex", "register_row")
    return People(
        **{name: np.concatenate([getattr(part, name) for part in parts])[children] for name in names},
        sibling_group=np.concatenate(groups)[children],
    )


def _new_numbers(now: Sequence[int], everyone: Sequence[int]) -> list[np.ndarray]:
    """Numbers of each authority's children in the region: those of today first, then those to come."""
    coming_from, now_from, numbers = sum(now), 0, []
    for here, size in zip(now, everyone, strict=True):
        numbers.append(np.append(now_from + np.arange(here), coming_from + np.arange(size - here)))
        now_from, coming_from = now_from + here, coming_from + size - here
    return numbers
