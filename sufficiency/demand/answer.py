"""The projection as an answer: the simulated paths, the tables made from them, and the chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from sufficiency.calendar import age_in_years, days
from sufficiency.demand.movement import movement_frame, movement_table, no_movement
from sufficiency.demand.people import People
from sufficiency.demand.simulation import Simulated
from sufficiency.ranges import summarise
from sufficiency.stamp import Stamp
from sufficiency.vocabulary import AGE_BANDS, EXIT_REASONS, KINDS, age_band_index

if TYPE_CHECKING:
    from sufficiency.demand.backtest import Backtest
    from sufficiency.demand.waterfall import Waterfall

ALL: Final = "all"
AXES: Final = {"age_band": 2, "kind": 3}


@dataclass(frozen=True)
class Demand:
    """Children looked after, projected: every path month by month, and who the children are.

    ``placements_now`` holds child-level rows of the as-of day and stays in the user's hands. ``past_movement``: the
    movement of the known years (see :func:`~sufficiency.demand.movement.known_movement`). ``authorities``: those of a
    region, or the one; ``totals_by_authority`` (authorities, paths, months + 1) [children]. ``basis``: what each
    authority's projection rests on (see :func:`~sufficiency.demand.basis.basis_of`).
    """

    stamp: Stamp
    as_of: pd.Timestamp
    dates: pd.DatetimeIndex
    simulated: Simulated
    people: People
    placements_now: pd.DataFrame
    history: pd.DataFrame
    exposure: str
    past_movement: pd.DataFrame = field(default_factory=no_movement)
    authorities: tuple[str, ...] = ("",)
    totals_by_authority: np.ndarray = field(default_factory=lambda: np.zeros((0, 0, 0), dtype=int))
    basis: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def paths(self) -> int:
        """Number of simulated futures."""
        return len(self.simulated.stock)

    def population(self) -> pd.DataFrame:
        """Children looked after by month end: ``date age_band kind`` and ranges [children]; ``all`` for margins."""
        stock = self.simulated.stock
        bands = np.concatenate([stock.sum(axis=2, keepdims=True), stock], axis=2)
        cells = np.concatenate([bands.sum(axis=3, keepdims=True), bands], axis=3)
        keys = pd.MultiIndex.from_product(
            [self.dates, (ALL, *AGE_BANDS), (ALL, *KINDS)], names=["date", "age_band", "kind"]
        )
        return pd.concat([keys.to_frame(index=False), summarise(cells.reshape(self.paths, -1))], axis=1)

    def by_authority(self) -> pd.DataFrame:
        """Children looked after by month end in each authority: ``date authority`` and ranges [children].

        Made inside the paths, so that the authorities of a path add up to its total.
        """
        cells = np.moveaxis(self.totals_by_authority, 0, 2)
        keys = pd.MultiIndex.from_product([self.dates, self.authorities], names=["date", "authority"])
        return pd.concat([keys.to_frame(index=False), summarise(cells.reshape(self.paths, -1))], axis=1)

    def warnings(self) -> list[str]:
        """What a reader must know before using the figures, such as returns of too few years."""
        told = self.basis[self.basis["about"] == "warning"] if len(self.basis) else self.basis
        return [f"{row['authority']}: {row['says']}" for row in told.to_dict("records")]

    def flows(self) -> pd.DataFrame:
        """Children who start, move and leave each month: ``date flow age_band`` and ranges [children a month]."""
        simulated = self.simulated
        by_reason = {reason: simulated.ceased[..., position] for position, reason in enumerate(EXIT_REASONS)}
        flows = {"started": simulated.started, "moved": simulated.moved, "ceased": simulated.ceased.sum(axis=3)}
        parts = []
        for name, counts in {**flows, **by_reason}.items():
            cells = np.concatenate([counts.sum(axis=2, keepdims=True), counts], axis=2)
            keys = pd.MultiIndex.from_product([self.dates[1:], (ALL, *AGE_BANDS)], names=["date", "age_band"])
            table = pd.concat([keys.to_frame(index=False), summarise(cells.reshape(self.paths, -1))], axis=1)
            table.insert(1, "flow", name if name != "other" else "other_exit")
            parts.append(table)
        return pd.concat(parts, ignore_index=True)

    def table(self, level: float = 0.8, by: str | Sequence[str] = ()) -> pd.DataFrame:
        """Children at each year end: ``year``, the columns of ``by`` (age_band, kind), ``low middle high``.

        ``level`` is the share of the paths inside the range. Quantiles do not add up; each is that of its own row.
        """
        wanted = [by] if isinstance(by, str) else list(by)
        if not set(wanted) <= set(AXES):
            raise ValueError(f"by is {wanted}; give any of {', '.join(AXES)}")
        yearly = self.simulated.stock[:, ::12]
        dropped = tuple(axis for name, axis in AXES.items() if name not in wanted)
        cells = yearly.sum(axis=dropped).reshape(self.paths, -1)
        low, middle, high = np.quantile(cells, [(1 - level) / 2, 0.5, (1 + level) / 2], axis=0)
        names = [AGE_BANDS if axis == 2 else KINDS for name, axis in AXES.items() if name in wanted]
        years = self.dates[::12].year
        keys = pd.MultiIndex.from_product([years, *names], names=["year", *(n for n in AXES if n in wanted)])
        return keys.to_frame(index=False).assign(low=low, middle=middle, high=high)

    def movement(self) -> pd.DataFrame:
        """Opening number, starts, ways out (negative) and closing number of each projected year, means over the paths:
        ``year_to`` and a column a line [children]; it adds up in every path, or :class:`SufficiencyError` is raised.
        """
        return self.movement_by_path().drop(columns="path").groupby("year_to").mean().reset_index()

    def movement_by_path(self) -> pd.DataFrame:
        """The movement of every path: ``path``, ``year_to`` and the columns of :meth:`movement` [children]."""
        return movement_frame(self)

    def movement_ranges(self) -> pd.DataFrame:
        """Movement of the known years, with what the returns do not explain, and of the projected years with ranges:
        ``year_to known line`` and mean and quantiles [children].
        """
        return movement_table(self)

    def waterfall(self, from_year: int | None = None, to_year: int | None = None) -> Waterfall:
        """What makes the change between two year ends, known or projected: starts and each way out, added up.

        By default from the as-of day to the end of the projection. Raises ``ValueError`` for years not there.
        """
        from sufficiency.demand.waterfall import waterfall_of

        return waterfall_of(self, from_year, to_year)

    def chart(self, by: str | None = None, past: Backtest | None = None) -> Any:
        """The fan of children looked after with its past; ``by`` age_band or kind gives one panel each.

        ``past``: a back-test of the same records, whose past forecasts of the total are drawn as ghosts behind it.
        """
        from sufficiency.figures import fan, fans

        counted = self.history.rename(columns={"children": "value"})
        if by is None:
            future, known = _margin(self.population(), ()), _margin(counted, ())
            ghosts, say = (None, "") if past is None else (past.ghosts(), past.finding())
            text = self._alt_text()
            return fan(future, known, self.stamp, title=self.finding(), alt_text=text, ghosts=ghosts, ghosts_say=say)
        future, known = _margin(self.population(), (by,)), _margin(counted, (by,))
        title = f"Children looked after by {by.replace('_', ' ')}, known and projected"
        return fans(future, known, self.stamp, by=by, title=title, alt_text=f"{title}. One panel each, with ranges.")

    def finding(self) -> str:
        """What the projection says, in one sentence with its range."""
        total = self.table(level=0.8)
        total[["low", "middle", "high"]] = np.floor(total[["low", "middle", "high"]] + 0.5)  # as the chart rounds
        first, last = total.iloc[0], total.iloc[-1]
        return (
            f"{first['middle']:.0f} children looked after in {first['year']:.0f}; "
            f"between {last['low']:.0f} and {last['high']:.0f} in {last['year']:.0f} in 8 futures of 10"
        )

    def _alt_text(self) -> str:
        total = self.table(level=0.8)
        yearly = "; ".join(f"{row.year}: {row.low:.0f} to {row.high:.0f}" for row in total.itertuples())
        return f"{self.finding()}. Line of known counts, then a fan of ranges. 80% range by year: {yearly}."


def _margin(table: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    """Rows of a table with margins that show the columns of ``by`` and are totals over the others."""
    keep = np.full(len(table), True)
    for column in AXES:
        keep &= (table[column] != ALL) if column in by else (table[column] == ALL)
    return table[keep]


def count_stock(placements: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Children of a frame of open placements by ``date age_band kind``, margins as ``all``, zeros kept."""
    age = age_band_index(age_in_years(days(placements["date_of_birth"]), np.datetime64(day, "D")))
    kind = placements["kind"].cat.set_categories(list(KINDS)).cat.codes.to_numpy()
    counts = np.zeros((len(AGE_BANDS), len(KINDS)), dtype=int)
    np.add.at(counts, (age, kind), 1)
    bands = np.vstack([counts.sum(axis=0, keepdims=True), counts])
    cells = np.hstack([bands.sum(axis=1, keepdims=True), bands])
    keys = pd.MultiIndex.from_product([[day], (ALL, *AGE_BANDS), (ALL, *KINDS)], names=["date", "age_band", "kind"])
    return keys.to_frame(index=False).assign(children=cells.ravel())
