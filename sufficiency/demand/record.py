"""What a simulation leaves behind: counts by month, and who lived in which kind of placement from when to when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sufficiency.demand.arrivals import Arrivals
from sufficiency.demand.state import ChildrenNow, State
from sufficiency.streams import child_keys
from sufficiency.vocabulary import AGE_BANDS, EXIT_REASONS, KINDS

NOW, STARTED, MOVED = 0, 1, 2
"""How a spell opened: there on the as-of day, by starting to be looked after, by a move."""
_PLACES: Final = len(AGE_BANDS) * len(KINDS)
_CHILD: Final = ("path", "key", "born", "uasc", "donor", "month")
_SPELL: Final = ("path", "child", "kind", "from", "opened")


@dataclass(frozen=True)
class Simulated:
    """Every path of the projection.

    ``stock`` (paths, months + 1, age bands, kinds), ``started`` and ``moved`` (paths, months, age bands), ``ceased``
    (paths, months, age bands, exit reasons) [children]. Children: one element per child; those there on the as-of
    day come first and are shared by all paths (``child_path`` -1). Spells: one element per path, child and
    placement, present at the month ends ``spell_from`` ≤ t < ``spell_to``; none when only counts were asked for.
    """

    stock: np.ndarray
    started: np.ndarray
    moved: np.ndarray
    ceased: np.ndarray
    child_path: np.ndarray
    child_key: np.ndarray
    child_born: np.ndarray
    child_uasc: np.ndarray
    child_donor: np.ndarray
    child_month: np.ndarray
    spell_path: np.ndarray
    spell_child: np.ndarray
    spell_kind: np.ndarray
    spell_from: np.ndarray
    spell_to: np.ndarray
    spell_opened: np.ndarray


class Record:
    """What some paths leave behind, written as the months pass."""

    def __init__(self, paths: int, months: int, numbers: np.ndarray, now: int, keep_spells: bool) -> None:
        shape = (paths, months, len(AGE_BANDS))
        self.started, self.moved = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
        self.ceased = np.zeros((*shape, len(EXIT_REASONS)), np.int32)
        self.stock = np.zeros((paths, months + 1, len(AGE_BANDS), len(KINDS)), np.int32)
        self.numbers, self.first_arrival, self.keep_spells = numbers, now, keep_spells
        self.children = {name: np.zeros(0, np.uint64 if name == "key" else np.int32) for name in _CHILD}
        self.opened: list[dict[str, np.ndarray]] = []
        self.closed: list[tuple[np.ndarray, int]] = []
        self.spells = 0

    def children_come(self, coming: Arrivals) -> None:
        """Who starts in the months ahead."""
        if self.keep_spells:
            uasc = (coming.stream == len(AGE_BANDS)).astype(np.int8)
            values = (self.numbers[coming.path], coming.key, coming.born, uasc, coming.donor, coming.month + 1)
            self.children = dict(zip(_CHILD, values, strict=True))

    def count(self, state: State, upto: int, month: int) -> None:
        """The stock at a month end, of the first ``upto`` children; those who have left are nowhere."""
        size = len(self.numbers) * _PLACES
        counts = np.bincount(state.place[:upto] + 1, minlength=size + 1)[1:]
        self.stock[:, month] = counts.reshape(len(self.numbers), len(AGE_BANDS), len(KINDS))

    def open_spells(self, state: State, rows: np.ndarray, month: int, how: int) -> None:
        """Placements in which the children of some rows are at a month end."""
        if not self.keep_spells:
            return
        state.spell[rows] = self.spells + np.arange(len(rows), dtype=np.int32)
        self.spells += len(rows)
        size = len(rows)
        self.opened.append(
            {
                "path": self.numbers[state.path[rows]].astype(np.int32),
                "child": state.child[rows],
                "kind": state.kind[rows],
                "from": np.full(size, month, dtype=np.int16),
                "opened": np.full(size, how, dtype=np.int8),
            }
        )

    def close_spells(self, state: State, rows: np.ndarray, month: int) -> None:
        """Placements in which the children of some rows are no longer at a month end."""
        if self.keep_spells:
            spell = state.spell[rows]
            self.closed.append((spell[spell >= 0], month))


def joined(records: Sequence[Record], now: ChildrenNow, seed: int) -> Simulated:
    """The records of blocks of paths behind one another, children numbered through."""
    count, offset = len(now.born), 0
    spells, ends = [], []
    for record in records:
        rows = {name: np.concatenate([part[name] for part in record.opened] or [np.zeros(0, int)]) for name in _SPELL}
        rows["child"] = np.where(rows["child"] < count, rows["child"], rows["child"] + offset)
        end = np.full(len(rows["path"]), record.stock.shape[1], dtype=np.int16)
        for spell, month in record.closed:
            end[spell] = month
        spells.append(rows)
        ends.append(end)
        offset += len(record.children["path"])
    table = {name: np.concatenate([rows[name] for rows in spells]) for name in _SPELL}
    order = np.lexsort((table["from"], table["child"], table["path"]))

    def children(name: str, of_now: np.ndarray) -> np.ndarray:
        return np.concatenate([of_now, *(record.children[name] for record in records)])

    nobody = np.full(count, -1)
    return Simulated(
        stock=np.concatenate([record.stock for record in records]),
        started=np.concatenate([record.started for record in records]),
        moved=np.concatenate([record.moved for record in records]),
        ceased=np.concatenate([record.ceased for record in records]),
        child_path=children("path", nobody),
        child_key=children("key", child_keys(seed, np.zeros(count, int), np.arange(count))),
        child_born=children("born", now.born.astype("datetime64[D]").astype(np.int32)).astype("datetime64[D]"),
        child_uasc=children("uasc", now.uasc.astype(np.int8)),
        child_donor=children("donor", nobody),
        child_month=children("month", np.zeros(count, int)),
        spell_path=table["path"][order],
        spell_child=table["child"][order],
        spell_kind=table["kind"][order],
        spell_from=table["from"][order],
        spell_to=np.concatenate(ends)[order],
        spell_opened=table["opened"][order],
    )
