"""The back-test as an answer: forecasts beside outcomes, scores beside those of simple methods, a chart, a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from sufficiency.demand.backtest.methods import ETS_NEEDS
from sufficiency.demand.scores import (
    absolute_percentage_error,
    absolute_scaled_error,
    covered,
    width,
    wis,
)
from sufficiency.ranges import QUANTILES, RANGE_COLUMNS
from sufficiency.stamp import DataStamp

MODEL: Final = "projection"
METHOD_LABELS: Final = {
    MODEL: "This projection",
    "no_change": "No change",
    "damped_trend": "Damped trend",
    "ets": "Exponential smoothing (ETS)",
}
KEYS: Final = ("series", "origin", "horizon")
BINS: Final = 10


@dataclass(frozen=True, repr=False)
class Backtest:
    """Past forecasts and what came.

    ``source``: "records" or "panel"; ``rows``: one for each ``series method origin horizon`` with the range columns,
    ``actual`` (missing where not known), ``known`` yearly counts at the origin, ``scale`` (mean yearly change before
    it) and ``rank`` (share of futures below the outcome); ``history``: ``date value``, the known totals; ``origins``:
    days from which was forecast. Series of records: ``total``, ``age_band:…``, ``kind:…``; of a panel: the
    authority's code.
    """

    stamp: DataStamp
    source: str
    rows: pd.DataFrame
    history: pd.DataFrame
    origins: tuple[pd.Timestamp, ...]

    def forecasts(self) -> pd.DataFrame:
        """The projection's forecasts: ``series origin horizon``, range columns [children], ``actual`` (empty where the
        year has not come). ``origin`` is the year of a 31 March, else the day; ``horizon`` counts years from it."""
        model = self.rows[self.rows["method"] == MODEL]
        table = model[[*KEYS, *RANGE_COLUMNS, "actual"]]
        order = pd.Categorical(table["series"], categories=table["series"].unique())
        place = pd.DataFrame({"series": order.codes, "origin": table["origin"], "horizon": table["horizon"]})
        return table.iloc[np.lexsort((place["horizon"], place["origin"], place["series"]))].reset_index(drop=True)

    def scores(self) -> pd.DataFrame:
        """Scores by ``series method horizon`` (a number of years, or ``all``).

        ``n`` outcomes; ``mape`` mean absolute error of the median [%]; ``mase`` against the mean yearly change before
        the origin; ``wis`` weighted interval score [children; less is better]; ``coverage_50 _80 _95`` outcomes
        inside the range [%]; ``width_80`` of the 80% range against the median [%]. Of records: by total, age bands
        together (``age_band``), kinds together (``kind``) and each apart; of a panel: over all authorities (``all``).
        """
        scored = self._scored()
        groups = [scored.assign(series=_group(scored["series"], self.source))]
        if self.source == "records":
            groups.append(scored[scored["series"] != "total"])
        table = pd.concat(groups, ignore_index=True)
        both = pd.concat([table.assign(horizon=table["horizon"].astype(str)), table.assign(horizon="all")])
        keys = ["series", "method", "horizon"]
        answer = both.groupby(keys, sort=False, dropna=False)[list(_SCORES)].mean()
        answer.insert(0, "n", both.groupby(keys, sort=False)["wis"].size())
        return answer.reset_index()

    def spread_of_outcomes(self) -> pd.DataFrame:
        """PIT histogram: outcomes in each tenth of the projection's distribution, ``series tenth share`` [%].

        10% in each is what honest ranges give; many in the first and last say that ranges are too narrow.
        """
        model = self._scored()
        model = model[model["method"] == MODEL]
        group = _group(model["series"], self.source)
        tenth = np.minimum((model["rank"] * BINS).astype(int), BINS - 1) + 1
        counts = pd.crosstab(group, tenth).reindex(columns=range(1, BINS + 1), fill_value=0)
        shares = 100 * counts.div(counts.sum(axis=1), axis=0)
        return shares.rename_axis(index="series").reset_index().melt("series", var_name="tenth", value_name="share")

    def held(self) -> tuple[int, int]:
        """How many outcomes of the total (of every authority in a panel) lay inside the 80% range, of how many."""
        scored = self._scored()
        mine = scored["method"] == MODEL
        if self.source == "records":
            mine &= scored["series"] == "total"
        inside = scored.loc[mine, "coverage_80"] > 0
        return int(inside.sum()), int(mine.sum())

    def finding(self) -> str:
        """What the back-test says, in one sentence."""
        inside, number = self.held()
        return f"In {number:,} past forecasts, {inside:,} outcomes fell inside the 80% range"

    def without_smoothing(self) -> tuple[int, int]:
        """How many forecasts of exponential smoothing were no change, for want of yearly counts, of how many."""
        rows = self.rows[self.rows["method"] == "ets"].drop_duplicates(["series", "origin"])
        return int((rows["known"] < ETS_NEEDS).sum()), len(rows)

    def ghosts(self) -> pd.DataFrame:
        """The total's past forecasts for a chart: ``origin date p10 p50 p90``, each beginning at its known count."""
        total = self.rows[(self.rows["method"] == MODEL) & (self.rows["series"] == "total")]
        known = self.history.set_index("date")["value"]
        parts = []
        for day in self.origins:
            mine = total[total["origin"].isin([str(day.year), f"{day:%Y-%m-%d}"])]
            ahead = [day + pd.DateOffset(years=int(year)) for year in mine["horizon"]]
            start = pd.DataFrame({"date": [day], **{name: [float(known[day])] for name in ("p10", "p50", "p90")}})
            rest = mine[["p10", "p50", "p90", "actual"]].assign(date=ahead)
            parts.append(pd.concat([start, rest], ignore_index=True).assign(origin=day))
        return pd.concat(parts, ignore_index=True)

    def chart(self) -> Any:
        """Records: a panel for each origin with its range and what came; panel: error and coverage by years ahead."""
        from sufficiency.figures.backtest import past_forecasts, scores_by_horizon

        title = f"{self.finding()}."
        if self.source == "records":
            return past_forecasts(self.ghosts(), self.history, self.stamp, title=title)
        return scores_by_horizon(self.scores(), METHOD_LABELS, self.stamp, title=title)

    def export(self, folder: str | Path) -> Path:
        """Write forecasts.csv, scores.csv, charts/backtest and backtest.html into ``folder``, all or none.

        Raises :class:`InputError` when the folder cannot be written.
        """
        from sufficiency.report.backtest_page import export_backtest

        return export_backtest(self, Path(folder))

    def _scored(self) -> pd.DataFrame:
        """Rows whose outcome is known, with their scores."""
        rows = self.rows[self.rows["actual"].notna()]
        ranges, actual = rows[list(QUANTILES)].to_numpy(), rows["actual"].to_numpy()
        middle = rows["p50"].to_numpy()
        with np.errstate(divide="ignore", invalid="ignore"):
            return rows.assign(
                mape=100 * absolute_percentage_error(middle, actual),
                mase=absolute_scaled_error(middle, actual, rows["scale"]),
                wis=wis(ranges, actual),
                coverage_50=100.0 * covered(ranges, actual, 0.5),
                coverage_80=100.0 * covered(ranges, actual, 0.8),
                coverage_95=100.0 * covered(ranges, actual, 0.95),
                width_80=100 * width(ranges, 0.8) / np.where(middle > 0, middle, np.nan),
            )

    def __repr__(self) -> str:
        table = self.scores()
        first = table[(table["horizon"] == "all") & table["series"].isin(["total", "all"])]
        return f"{self.finding()}.\n{first.drop(columns='horizon').round(1).to_string(index=False)}"


_SCORES: Final = ("mape", "mase", "wis", "coverage_50", "coverage_80", "coverage_95", "width_80")


def _group(series: pd.Series, source: str) -> pd.Series:
    """``total``, ``age_band`` or ``kind`` of a series of records; ``all`` for an authority of a panel."""
    return series.str.partition(":")[0] if source == "records" else pd.Series("all", index=series.index, name="series")
