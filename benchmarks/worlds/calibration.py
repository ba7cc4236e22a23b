"""Whether the worlds move as real authorities do: the same figures of the worlds and of England, side by side.

``python -m benchmarks.worlds.calibration`` prints the table. England's figures are summaries, over about 70
authorities, of children looked after at 31 March, and of starts and ceases in the years to then, 2010 to 2025 (DfE,
children looked after in England; Open Government Licence v3.0).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from benchmarks.worlds.council import LAST_YEAR, draw_council
from benchmarks.worlds.lives import live

SIZE_STEPS: Final = (0, 200, 300, 400, 600, 5000)
SIZE_LABELS: Final = ("under 200", "200-299", "300-399", "400-599", "600 and more")


def panel(seed: int, numbers: range, years: int = 16) -> pd.DataFrame:
    """``council year cla starts ceases`` of worlds, as the published table has them."""
    return pd.concat([_of_world(seed, number, years) for number in numbers], ignore_index=True)


def _of_world(seed: int, number: int, years: int) -> pd.DataFrame:
    """One world's last years, also those before its returns begin."""
    council = draw_council(seed, number)
    lives = live(council, seed)
    rows = lives.yearly.assign(council=number, cla=lives.stock.sum(axis=(1, 2)))
    return rows[rows["year"] > LAST_YEAR - years]


def figures(rows: pd.DataFrame) -> pd.Series:
    """The figures that are compared, from ``council year cla starts ceases``."""
    rows = rows.sort_values(["council", "year"])
    stock, starts, ceases = (rows.pivot(index="year", columns="council", values=name) for name in FLOWS)
    logs = {"stock": np.log(stock), "starts": np.log(starts), "exit rate": np.log(ceases / stock.shift())}
    found = {}
    for name, level in logs.items():
        change = level.diff()
        found |= _spread(f"{name}, yearly change", change)
        if name != "stock":
            found |= _spread(f"{name}, level", level)
    found |= _by_size(stock, logs["stock"].diff())
    found["starts / opening stock"] = (starts / stock.shift()).stack().median()
    found["ceases / opening stock"] = (ceases / stock.shift()).stack().median()
    found["correlation of changes, starts and exit rate"] = _together(logs)
    for years in (1, 3, 5):
        change = logs["stock"].shift(-years) - logs["stock"]
        found[f"no change, MAPE at {years}y [%]"] = 100 * (1 - np.exp(-change)).abs().stack().mean()
        low, high = change.stack().quantile([0.1, 0.9])
        found[f"{years}y log change, 10 to 90% width"] = high - low
    return pd.Series(found)


FLOWS: Final = ("cla", "starts", "ceases")


def _spread(name: str, level: pd.DataFrame) -> dict[str, float]:
    """Sd over an authority's years: its 10%, 50% and 90% point over authorities; and the median autocorrelation."""
    sd = level.std().quantile([0.1, 0.5, 0.9])
    points = {f"{name}: sd, {share:.0%} point": value for share, value in sd.items()}
    return points | {f"{name}: autocorrelation": level.apply(lambda one: one.dropna().autocorr()).median()}


def _by_size(stock: pd.DataFrame, change: pd.DataFrame) -> dict[str, float]:
    """Median sd of the stock's yearly change by size of authority."""
    size = pd.cut(stock.mean(), SIZE_STEPS, labels=SIZE_LABELS)
    sd = change.std().groupby(size, observed=False).median()
    return {f"stock, yearly change: sd at {label} children": sd[label] for label in SIZE_LABELS}


def _together(logs: dict[str, pd.DataFrame]) -> float:
    pair = pd.DataFrame({name: logs[name].diff().stack() for name in ("starts", "exit rate")}).dropna()
    return float(pair.corr().iloc[0, 1])
