"""Projected totals as an answer: the paths of every authority, the tables made from them, and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sufficiency.ranges import summarise


@dataclass(frozen=True, repr=False)
class Totals:
    """Children looked after of ``la_codes`` (n,) from 31 March of ``as_of``, in every path.

    ``stock`` (n, paths, years + 1) [children on 31 March, the first that of ``as_of``]; ``starts``, ``ceases``,
    ``residual`` (n, paths, years) [children in the year]: stock(t+1) = stock(t) + starts - ceases + residual in every
    path. ``years_known`` (n,): years with a stock up to ``as_of``; ``volatility`` (n,): shocks against the settings'
    [ratio], from the panel's years and the authority's own; ``name`` of a sum. Add up inside paths (:meth:`sum`), then
    ask for ranges: quantiles do not add up.
    """

    la_codes: np.ndarray
    as_of: int
    stock: np.ndarray
    starts: np.ndarray
    ceases: np.ndarray
    residual: np.ndarray
    years_known: np.ndarray
    volatility: np.ndarray
    name: str = ""

    @property
    def paths(self) -> int:
        """Number of simulated futures."""
        return int(self.stock.shape[1])

    @property
    def years(self) -> np.ndarray:
        """Years whose 31 March is projected, that of the origin first."""
        return self.as_of + np.arange(self.stock.shape[2])

    def table(self, level: float = 0.8) -> pd.DataFrame:
        """Children looked after: ``la_code year low middle high``; ``level`` is the share of paths in the range."""
        if not 0 < level < 1:
            raise ValueError(f"level is {level}; give a share between 0 and 1, such as 0.8")
        low, middle, high = np.quantile(self.stock, [(1 - level) / 2, 0.5, (1 + level) / 2], axis=1)
        return self._keys("year", self.years).assign(low=low.ravel(), middle=middle.ravel(), high=high.ravel())

    def forecasts(self) -> pd.DataFrame:
        """``la_code horizon`` (years ahead, from 1) and the range columns of every published table."""
        ahead = np.arange(1, self.stock.shape[2])
        cells = np.moveaxis(self.stock[:, :, 1:], 1, 0).reshape(self.paths, -1)
        return pd.concat([self._keys("horizon", ahead), summarise(cells)], axis=1)

    def flows(self) -> pd.DataFrame:
        """``la_code year flow`` (starts, ceases, residual) and range columns [children in the year to 31 March]."""
        parts = []
        for name in ("starts", "ceases", "residual"):
            cells = np.moveaxis(getattr(self, name), 1, 0).reshape(self.paths, -1)
            parts.append(pd.concat([self._keys("year", self.years[1:]).assign(flow=name), summarise(cells)], axis=1))
        return pd.concat(parts, ignore_index=True)

    def basis(self) -> pd.DataFrame:
        """What each range rests on: ``la_code years_known range_against_default what_it_rests_on``.

        ``range_against_default`` is the authority's volatility against that of the settings: 1.08 is a range some 8%
        wider, because it, or the whole panel, moved more than expected up to the origin.
        """
        words = {1: "one year, and the panel's: its own growth is not known, which widens the range a little"}
        says = [words.get(int(years), f"{years} years of its own, and the panel's") for years in self.years_known]
        return pd.DataFrame(
            {
                "la_code": self.la_codes,
                "years_known": self.years_known,
                "range_against_default": self.volatility.round(2),
                "what_it_rests_on": says,
            }
        )

    def sum(self, la_codes: Sequence[str] | None = None, name: str = "") -> Totals:
        """Several authorities (default: all) as one, e.g. a region, added up inside each path.

        ``name`` stands in ``la_code`` (default: how many there are). Raises ``ValueError`` for a code that is not held.
        """
        wanted = self.la_codes if la_codes is None else np.array([str(code) for code in la_codes])
        unknown = sorted(set(wanted.tolist()) - set(self.la_codes.tolist()))
        if unknown or not len(wanted):
            raise ValueError(f"no projection is held for {', '.join(unknown) or 'an empty list of authorities'}")
        rows = np.isin(self.la_codes, wanted)
        name = name or f"{rows.sum()} authorities"
        return Totals(
            la_codes=np.array([name]),
            as_of=self.as_of,
            stock=self.stock[rows].sum(axis=0, keepdims=True),
            starts=self.starts[rows].sum(axis=0, keepdims=True),
            ceases=self.ceases[rows].sum(axis=0, keepdims=True),
            residual=self.residual[rows].sum(axis=0, keepdims=True),
            years_known=self.years_known[rows].min(keepdims=True),
            volatility=np.average(self.volatility[rows], weights=self.stock[rows, 0, 0] + 1, keepdims=True),
            name=name,
        )

    def finding(self) -> str:
        """What the projection says of all its authorities together, in one sentence with its range."""
        table = self.sum().table(level=0.8)
        first, last = table.iloc[0], table.iloc[-1]
        count = len(self.la_codes)
        where = self.name or (f"{count} authorities" if count > 1 else f"authority {self.la_codes[0]}")
        return (
            f"{where}: {first['middle']:,.0f} children looked after in {first['year']:.0f}; "
            f"between {last['low']:,.0f} and {last['high']:,.0f} in {last['year']:.0f} in 8 futures of 10"
        )

    def __repr__(self) -> str:
        return f"Totals of {self.finding()} ({self.paths:,} paths)"

    def _keys(self, name: str, values: np.ndarray) -> pd.DataFrame:
        return pd.MultiIndex.from_product([self.la_codes, values], names=["la_code", name]).to_frame(index=False)
