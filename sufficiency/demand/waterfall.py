"""What makes the change between two years: starts, and each way out, in bars that add up exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sufficiency.demand.movement import LINE_LABELS, LINES, movement_by_path
from sufficiency.stamp import Stamp

if TYPE_CHECKING:
    from sufficiency.demand.answer import Demand


@dataclass(frozen=True)
class Waterfall:
    """The movement between two year ends, added up in each path.

    ``cells`` (paths, lines) [children], lines as in :data:`LINES`; ``known`` holds the movement of the known years
    before ``start``, no more of them than are added up here: ``year_to`` and a column a line.
    """

    stamp: Stamp
    start: pd.Timestamp
    end: pd.Timestamp
    cells: np.ndarray
    known: pd.DataFrame

    @property
    def years(self) -> int:
        """Years between the two ends."""
        return self.end.year - self.start.year

    def table(self, level: float = 0.8) -> pd.DataFrame:
        """``line``, ``label``, ``children`` (mean over the paths; ways out negative, so the lines add up to closing),
        ``low`` ``high`` (range of that line at ``level``), ``a_year`` (mean) and ``known_a_year`` (mean of as many
        known years before them, as far as held) [children]; both missing for the two numbers of children.
        """
        mean = self.cells.mean(axis=0)
        low, high = np.quantile(self.cells, [(1 - level) / 2, (1 + level) / 2], axis=0)
        known = self.known[list(LINES)].astype(float).mean().to_numpy()
        table = pd.DataFrame({"line": LINES, "label": [LINE_LABELS[line] for line in LINES], "children": mean})
        table = table.assign(low=low, high=high, a_year=mean / self.years, known_a_year=known)
        ends = table["line"].isin(["opening", "closing"])
        table[["a_year", "known_a_year"]] = table[["a_year", "known_a_year"]].mask(ends)
        nothing = (table["line"] == "not_explained") & (self.cells[:, LINES.index("not_explained")] == 0).all()
        return table[~nothing].reset_index(drop=True)

    def finding(self) -> str:
        """What the waterfall says, in one sentence."""
        opening, started, closing = (self.cells[:, LINES.index(line)] for line in ("opening", "started", "closing"))
        left = (opening + started - closing).mean()
        low, high = np.quantile(closing, [0.1, 0.9])
        reach = f" ({low:.0f} to {high:.0f} in 8 futures of 10)" if low < high else ""
        return (
            f"From {opening.mean():.0f} children in {self.start.year} to {closing.mean():.0f}{reach} in "
            f"{self.end.year}: {started.mean() / self.years:.0f} start a year and {left / self.years:.0f} leave"
        )

    def chart(self) -> Any:
        """The waterfall as bars, each with its range, its figure a year and the known figure a year before it."""
        from sufficiency.figures import waterfall

        table = self.table()
        alt_text = "; ".join(f"{row.label}: {row.children:+.0f}" for row in table.itertuples())
        return waterfall(
            table,
            self.stamp,
            title=self.finding(),
            alt_text=f"{self.finding()}. {alt_text}.",
            unit="children",
            notes=self._note(),
        )

    def _note(self) -> str:
        """Which years the known figures are of."""
        if self.known.empty:
            return ""
        last = self.known["year_to"].iloc[-1]
        return f"Before, a year: known, mean of the {len(self.known)} years to {last:%d %B %Y}. "


def waterfall_of(demand: Demand, from_year: int | None = None, to_year: int | None = None) -> Waterfall:
    """The movement from one year end to a later one; by default from the as-of day to the end of the projection.

    Known years may be asked for as well. Raises ``ValueError`` for a year that is not there, or none between.
    """
    past = demand.past_movement
    ends = pd.DatetimeIndex([*past["year_to"], *demand.dates[12::12]])
    starts = ends - pd.DateOffset(years=1)
    first = demand.as_of.year if from_year is None else from_year
    last = ends[-1].year if to_year is None else to_year
    wanted = (starts.year >= first) & (ends.year <= last)
    if first >= last or wanted.sum() != last - first:
        held = f"{starts[0].year} to {ends[-1].year}"
        raise ValueError(f"there is no movement from {first} to {last}; give two years of {held}, the first one first")
    future = movement_by_path(demand)
    counts = past[list(LINES)].to_numpy(dtype=int)
    every = np.concatenate([np.broadcast_to(counts, (len(future), *counts.shape)), future], axis=1)[:, wanted]
    cells = every.sum(axis=1)
    cells[:, 0], cells[:, -1] = every[:, 0, 0], every[:, -1, -1]
    start = pd.Timestamp(starts[wanted][0])
    known = past[past["year_to"] <= start].tail(last - first)
    return Waterfall(demand.stamp, start, pd.Timestamp(ends[wanted][-1]), cells, known)
