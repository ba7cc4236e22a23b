"""Whether the worlds move as real authorities do: the same figures of the worlds and of England, side by side.

``python -m benchmarks.worlds.calibration`` prints the table. England's figures are summaries, over about 85
authorities, of children looked after at 31 March, and of starts and ceases in the years to then, 2010 to 2025 (DfE,
children looked after in England; Open Government Licence v3.0).
"""

from __future__ import annotations

import argparse
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.worlds.council import LAST_YEAR, Council, draw_council
from benchmarks.worlds.lives import MOVED, OPEN, Lives, live
from benchmarks.worlds.vocabulary import BANDS, DAYS_IN_YEAR, KINDS, WAYS, band_of_age

FLOWS: Final = ("cla", "starts", "ceases")
SIZE_STEPS: Final = (0, 200, 300, 400, 600, 5000)
SIZE_LABELS: Final = ("under 200", "200-299", "300-399", "400-599", "600 and more")


YEARS: Final = 16
"""Last years of each world that are compared, as many as England's; the first are those before its returns begin."""

RECENT: Final = 10
"""Last years over which shares by age, kind and way are taken."""

Lived = tuple[Council, Lives]


def _yearly(council: Council, lives: Lives) -> pd.DataFrame:
    """``council year cla starts ceases`` of one world, as the published table has them."""
    rows = lives.yearly.assign(council=council.number, cla=lives.stock.sum(axis=(1, 2)))
    return rows[rows["year"] > LAST_YEAR - YEARS]


def marginals(lived: list[Lived]) -> pd.Series:
    """Shares of the stock by age and kind, of starts by age, and of ceases by way: means over worlds."""
    return pd.concat([_shares(lives) for _, lives in lived], axis=1).mean(axis=1)


def _shares(lives: Lives) -> pd.Series:
    stock = lives.stock[-RECENT:]
    first = np.datetime64(f"{LAST_YEAR - RECENT}-04-01").astype(np.int64)
    rows = lives.placements.merge(lives.children, on="child")
    begun = rows[rows["first"] & (rows["started"] >= first)]
    ended = rows.loc[(rows["way"] != MOVED) & (rows["ended"] >= first), "way"]
    age = band_of_age((begun["started"] - begun["born"]).to_numpy() / DAYS_IN_YEAR)
    counts = {
        "stock": pd.Series(stock.sum(axis=(0, 2)), BANDS),
        "kinds": pd.Series(stock.sum(axis=(0, 1)), KINDS),
        "starts": pd.Series(np.bincount(age, minlength=len(BANDS)), BANDS),
        "ceases": pd.Series(np.bincount(ended, minlength=len(WAYS)), WAYS),
    }
    shares = pd.concat({name: count / count.sum() for name, count in counts.items()})
    shares["starts", "unaccompanied"] = begun["uasc"].mean()
    shares["starts", "in care before"] = begun["child"].duplicated().mean()
    moved = rows["way"].eq(MOVED) & rows["ended"].between(first, OPEN - 1)
    shares["moves", "a child-year"] = moved.sum() / stock.sum()
    return shares


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


ENGLAND: Final = {
    "stock, yearly change: sd, 10% point": 0.047,
    "stock, yearly change: sd, 50% point": 0.071,
    "stock, yearly change: sd, 90% point": 0.101,
    "stock, yearly change: autocorrelation": 0.034,
    "starts, yearly change: sd, 10% point": 0.133,
    "starts, yearly change: sd, 50% point": 0.189,
    "starts, yearly change: sd, 90% point": 0.295,
    "starts, yearly change: autocorrelation": -0.248,
    "starts, level: sd, 10% point": 0.129,
    "starts, level: sd, 50% point": 0.192,
    "starts, level: sd, 90% point": 0.291,
    "starts, level: autocorrelation": 0.446,
    "exit rate, yearly change: sd, 10% point": 0.095,
    "exit rate, yearly change: sd, 50% point": 0.143,
    "exit rate, yearly change: sd, 90% point": 0.207,
    "exit rate, yearly change: autocorrelation": -0.259,
    "exit rate, level: sd, 10% point": 0.091,
    "exit rate, level: sd, 50% point": 0.146,
    "exit rate, level: sd, 90% point": 0.215,
    "exit rate, level: autocorrelation": 0.473,
    "stock, yearly change: sd at under 200 children": 0.101,
    "stock, yearly change: sd at 200-299 children": 0.083,
    "stock, yearly change: sd at 300-399 children": 0.071,
    "stock, yearly change: sd at 400-599 children": 0.061,
    "stock, yearly change: sd at 600 and more children": 0.058,
    "starts / opening stock": 0.427,
    "ceases / opening stock": 0.415,
    "correlation of changes, starts and exit rate": 0.413,
    "no change, MAPE at 1y [%]": 6.05,
    "1y log change, 10 to 90% width": 0.189,
    "no change, MAPE at 3y [%]": 11.44,
    "3y log change, 10 to 90% width": 0.348,
    "no change, MAPE at 5y [%]": 15.20,
    "5y log change, 10 to 90% width": 0.457,
}
"""What the worlds are held against: DfE, children looked after in England, about 85 authorities, 2010 to 2025."""


def main() -> None:
    """Print England's figures beside those of the worlds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.worlds.calibration", description=__doc__)
    parser.add_argument("--worlds", type=int, default=86, help="how many (86)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the set of worlds (1)")
    given = parser.parse_args()
    lived = [(one, live(one, given.seed)) for one in (draw_council(given.seed, n) for n in range(given.worlds))]
    moves = figures(pd.concat([_yearly(*one) for one in lived], ignore_index=True))
    print(pd.DataFrame({"England": ENGLAND, "worlds": moves}).round(3).to_string())
    print("\nMean world, last ten years [shares]\n" + marginals(lived).round(3).to_string())


if __name__ == "__main__":
    main()
