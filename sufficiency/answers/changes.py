"""What makes each year's change in the children of a kind of placement, in lines that add up exactly in every path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from sufficiency.calendar import year_ends
from sufficiency.demand.movement import check_adds_up
from sufficiency.placing import Stays
from sufficiency.placing.bridges import without_bridges
from sufficiency.placing.stays import OPENED
from sufficiency.ranges import summarise
from sufficiency.stamp import Stamp
from sufficiency.vocabulary import KIND_LABELS, KINDS

ALL: Final = "all"
LINES: Final = ("opening", "started", "moved_in", "moved_out", "stepped_down", "carer_stopped", "left", "closing")
LINE_LABELS: Final = {
    "opening": "At the start",
    "started": "Started in care",
    "moved_in": "Moved in",
    "moved_out": "Moved out",
    "stepped_down": "Stepped down",
    "carer_stopped": "Home stopped",
    "left": "Left care",
    "closing": "At the end",
}
LABELS: Final = {ALL: "All children looked after", **KIND_LABELS}
NOW, STARTED, MOVED, CARER_STOPPED, STEPPED_DOWN = range(len(OPENED))
LINE_OF: Final = {STARTED: "started", CARER_STOPPED: "carer_stopped", STEPPED_DOWN: "stepped_down"}


@dataclass(frozen=True)
class Changes:
    """Movement of each financial year, ``cells`` (paths, years, kinds and all, lines of :data:`LINES`) [children].

    Every line is signed, so those before ``closing`` add up to it. ``moved_in``, ``moved_out``: from and to another
    kind; ``stepped_down`` and ``carer_stopped`` are net: out of a kind negative, into another positive, nought for all
    children together. ``left`` is leaving care from there.
    """

    stamp: Stamp
    years: tuple[str, ...]
    dates: pd.DatetimeIndex
    cells: np.ndarray

    def table(self) -> pd.DataFrame:
        """``financial_year kind measure`` and ranges [children]; means add up, quantiles do not."""
        keys = pd.MultiIndex.from_product(
            [self.years, (*KINDS, ALL), LINES], names=["financial_year", "kind", "measure"]
        )
        flat = self.cells.reshape(len(self.cells), -1).astype(float)
        return pd.concat([keys.to_frame(index=False), summarise(flat)], axis=1)

    def finding(self, kind: str = "in_house_fostering") -> str:
        """From how many children to how many, in one sentence with its range."""
        cells = self.cells[:, :, self._position(kind)]
        low, high = np.quantile(cells[:, -1, -1], (0.1, 0.9))
        first, last = (f"{self.dates[end]:%d %B %Y}" for end in (0, -1))
        return (
            f"{LABELS[kind]}: from {cells[:, 0, 0].mean():.0f} children on {first} to between {low:.0f} and {high:.0f} "
            f"on {last} in 8 futures of 10"
        )

    def chart(self, kind: str = "in_house_fostering") -> Any:
        """A waterfall a year for one kind of placement, or for ``"all"`` children.

        Raises ``ValueError`` for a kind that there is not.
        """
        from sufficiency.figures import waterfalls_by_year

        cells = self.cells[:, :, self._position(kind)]
        table = self.table()
        rows = table[table["kind"] == kind].assign(label=lambda rows: rows["measure"].map(LINE_LABELS))
        shown = [line for number, line in enumerate(LINES) if (cells[:, :, number] != 0).any()]
        rows = rows[rows["measure"].isin({*shown, "opening", "closing"})]
        means = cells.mean(axis=0)
        said = [
            f"{year}: " + ", ".join(f"{LINE_LABELS[line]} {mean:+.0f}" for line, mean in zip(LINES, row, strict=True))
            for year, row in zip(self.years, means, strict=True)
        ]
        title = self.finding(kind)
        return waterfalls_by_year(rows, self.stamp, title=title, alt_text=f"{title}. {'; '.join(said)}.")

    @staticmethod
    def _position(kind: str) -> int:
        known = (*KINDS, ALL)
        if kind not in known:
            raise ValueError(f"no kind of placement {kind}; choose from {', '.join(known)}")
        return known.index(kind)


def changes_of(stays: Stays, dates: pd.DatetimeIndex, paths: int, step_months: int, stamp: Stamp) -> Changes:
    """Add up how stays begin and end by path, financial year and kind of placement, bridges left out.

    Raises :class:`~sufficiency.errors.SufficiencyError` when the lines do not add up in every path.
    """
    years, ends = year_ends(dates)
    stays = without_bridges(stays, step_months)
    events = _Events(stays, ends, paths)
    stock = stays.stock(paths, len(dates) - 1)[:, [0, *ends]].astype(int)
    lines = {"opening": stock[:, :-1], **events.lines(), "closing": stock[:, 1:]}
    cells = np.stack([lines[name] for name in LINES], axis=3)
    total = cells.sum(axis=2, keepdims=True)
    between_kinds = [LINES.index("moved_in"), LINES.index("moved_out")]
    total[..., between_kinds] = 0
    cells = np.concatenate([cells, total], axis=2)
    check_adds_up(cells)
    return Changes(stamp, years, dates, cells)


class _Events:
    """How each stay began and ended, counted by path, year and kind; stays in order of path, child and time."""

    def __init__(self, stays: Stays, ends: list[int], paths: int) -> None:
        self.stays, self.ends, self.paths = stays, np.array(ends), paths
        same = (stays.path[1:] == stays.path[:-1]) & (stays.child[1:] == stays.child[:-1])
        self.follows = np.append(False, same & (stays.first[1:] == stays.last[:-1]))
        self.before = np.append(0, stays.kind[:-1])

    def lines(self) -> dict[str, np.ndarray]:
        """Signed children by line, shape (paths, years, kinds)."""
        stays, follows = self.stays, self.follows
        later = stays.first > 0
        reason = np.where(follows, stays.opened, STARTED)
        answer = {
            name: self._count(later & (reason == opened), stays.kind, stays.first)
            - self._count(follows & (reason == opened), self.before, stays.first)
            for opened, name in LINE_OF.items()
        }
        moved = follows & (reason == MOVED) & (self.before != stays.kind)
        answer["moved_in"] = self._count(moved, stays.kind, stays.first)
        answer["moved_out"] = -self._count(moved, self.before, stays.first)
        goes_on = np.append(follows[1:], False)
        answer["left"] = -self._count(~goes_on, stays.kind, stays.last)
        return answer

    def _count(self, rows: np.ndarray, kind: np.ndarray, month: np.ndarray) -> np.ndarray:
        """Events by path, year and kind; those after the last year are left out."""
        year = np.searchsorted(self.ends, month)
        rows = rows & (year < len(self.ends))
        cell = (self.stays.path * len(self.ends) + year) * len(KINDS) + kind
        shape = (self.paths, len(self.ends), len(KINDS))
        return np.bincount(cell[rows], minlength=int(np.prod(shape))).reshape(shape)
