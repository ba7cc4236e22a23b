"""Past forecasts: each origin projected from what was known then, and the simple methods beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from sufficiency.demand.answer import count_stock
from sufficiency.demand.backtest.answer import MODEL, Backtest
from sufficiency.demand.backtest.methods import METHODS, quantiles
from sufficiency.demand.projection import open_placements, project, too_short
from sufficiency.demand.region import covered_on, one_of, tells_of
from sufficiency.demand.scores import naive_error, pit, quantiles_of
from sufficiency.demand.totals import project_totals
from sufficiency.demand.totals.panel import checked
from sufficiency.errors import Fault, InputError
from sufficiency.ranges import QUANTILES
from sufficiency.records.model import Records
from sufficiency.scenario import Scenario
from sufficiency.stamp import DataStamp, data_stamp_of, package_version
from sufficiency.vocabulary import AGE_BANDS, KINDS

SERIES: Final = ("total", *(f"age_band:{band}" for band in AGE_BANDS), *(f"kind:{kind}" for kind in KINDS))
MOST_YEARS: Final = 15
"""Longest horizon of a projection [years]."""
PATHS: Final = 400
"""Simulated futures of each past forecast: enough for the ends of a 95% range to stand within a few children."""


def backtest(
    source: Records | pd.DataFrame,
    *,
    origins: Sequence[int | str | date] | None = None,
    scenario: Scenario | None = None,
    years: int = 5,
    paths: int = PATHS,
    progress: Callable[[int], None] | None = None,
) -> Backtest:
    """Forecasts from past origins held against what came, beside no change, a damped trend and ETS.

    ``source``: records, projected from each origin as they stood then (what started or ended later is hidden), or a
    panel of published totals (``la_code year cla starts ceases population``), of which no row after the origin is
    used. ``origins``: years (their 31 March) or days; by default every year end with at least a year of data before
    it and one after. ``scenario``: assumptions of the projections (default: the library's), its horizon and
    its levers left out: what is planned now was not at work then.
    ``years``: how far each forecast looks [years]. ``progress`` is called with 1 for each origin done.

    Raises :class:`InputError` with every origin outside the data, or when there is no past to forecast from.
    """
    scenario = scenario or Scenario(name="Back-test")
    if isinstance(source, Records):
        return _of_records(source, origins, scenario, years, paths, progress)
    return _of_panel(source, origins, scenario, years, paths, progress)


def _of_records(
    records: Records,
    origins: Sequence[int | str | date] | None,
    scenario: Scenario,
    years: int,
    paths: int,
    progress: Callable[[int], None] | None,
) -> Backtest:
    days = _days(records, origins, scenario)
    settings = scenario.model_copy(update={"demand": scenario.demand.without_levers()})
    counts: dict[pd.Timestamp, np.ndarray] = {}
    rows: list[dict[str, Any]] = []
    made: dict[Any, dict[str, Any]] = {}
    for day in days:
        changes = {"horizon.as_of": day.date(), "horizon.years": years, "horizon.paths": paths}
        demand = project(records, settings.with_changes(changes), spells=False)
        ahead = _series(demand.simulated.stock[:, ::12])[:, 1:]
        past, later = _before(records, day), _after(records, day, years)
        for each in {*past, *later.values()} - counts.keys():
            counts[each] = _counts(records, each)
        known = np.array([counts[each] for each in past])
        actual = np.full((years, len(SERIES)), np.nan)
        for number, each in later.items():
            actual[number - 1] = counts[each]
        for place, name in enumerate(SERIES):
            store = made.setdefault((name, day.month, day.day, past[0]), {})
            rows += _rows(name, _label(day), ahead[:, :, place].T, known[:, place], actual[:, place], store)
        if progress is not None:
            progress(1)
    history = pd.DataFrame([(day, int(count[0])) for day, count in sorted(counts.items())], columns=["date", "value"])
    stamp = replace(data_stamp_of(records), about=_about(scenario, paths))
    return Backtest(stamp, "records", pd.DataFrame(rows), history, tuple(days))


def _days(records: Records, origins: Sequence[int | str | date] | None, scenario: Scenario) -> list[pd.Timestamp]:
    """Origins as days, checked; every fault at once."""
    last, first = records.data_to, records.coverage["first_day"].min()
    if origins is None:
        days = [last - pd.DateOffset(years=back) for back in range(last.year - first.year, 0, -1)]
        days = [day for day in days if day >= first and not _why_not(records, day, scenario)]
        if not days:
            says = f"hold {len(records.years)} year(s) to {last:%d %B %Y}: no year has one before it and one after it"
            fix = "Add earlier returns; a back-test needs two years."
            raise InputError([Fault("B01", "returns", "", (), says, fix)])
        return days
    named = {str(origin).strip(): _day(str(origin).strip()) for origin in origins}
    faults = [
        Fault("B03", "origins", text, (), "is no year and no date", "Give years (2021) or days (2021-03-31).")
        for text, day in named.items()
        if day is None
    ]
    fix = f"Give a day from {first:%Y-%m-%d} to {last:%Y-%m-%d}, a year from either end."
    days = sorted({day for day in named.values() if day is not None})
    whys = {day: _why_not(records, day, scenario) for day in days}
    faults += [Fault("B02", "origins", f"{day:%Y-%m-%d}", (), why, fix) for day, why in whys.items() if why]
    if faults:
        raise InputError(faults)
    return days


def _day(text: str) -> pd.Timestamp | None:
    """The 31 March of a year, or a day as given; None when it is neither."""
    if text.isdigit() and len(text) == 4:
        return pd.Timestamp(int(text), 3, 31)
    try:
        return pd.Timestamp(text).normalize()
    except ValueError:
        return None


def _why_not(records: Records, day: pd.Timestamp, scenario: Scenario) -> str:
    """Why nothing can be forecast from a day, or held against what came; empty when it can."""
    if covered_on(records, day) != sorted(records.coverage["authority"].unique()):
        return "the day is not covered by the returns"
    stood = records.as_of(day)
    if any(too_short(one_of(stood, name), day, scenario.demand) for name in covered_on(stood, day)):
        return "there is less than a year of returns before it"
    return "" if _after(records, day, MOST_YEARS) else "no year after it is known, so nothing can be held against it"


def _before(records: Records, day: pd.Timestamp) -> list[pd.Timestamp]:
    """The day and those whole years before it, oldest first, as far as the returns go without a gap."""
    ends = [day]
    while tells_of(records, earlier := day - pd.DateOffset(years=len(ends))):
        ends.append(earlier)
    return ends[::-1]


def _after(records: Records, day: pd.Timestamp, years: int) -> dict[int, pd.Timestamp]:
    """Number of years → the day so many years later, where the returns tell of it."""
    later = {number: day + pd.DateOffset(years=number) for number in range(1, years + 1)}
    return {number: each for number, each in later.items() if tells_of(records, each)}


def _counts(records: Records, day: pd.Timestamp) -> np.ndarray:
    """Children looked after on a day, in the order of the series."""
    table = count_stock(open_placements(records, day), day)
    return _series(table[(table["age_band"] != "all") & (table["kind"] != "all")]["children"].to_numpy().reshape(
        1, 1, len(AGE_BANDS), len(KINDS)
    ))[0, 0]  # fmt: skip


def _series(stock: np.ndarray) -> np.ndarray:
    """(..., age bands, kinds) → (..., series)."""
    total = stock.sum(axis=(-2, -1))[..., None]
    return np.concatenate([total, stock.sum(axis=-1), stock.sum(axis=-2)], axis=-1)


def _label(day: pd.Timestamp) -> str:
    """The year of a 31 March, else the day."""
    return str(day.year) if (day.month, day.day) == (3, 31) else f"{day:%Y-%m-%d}"


def _of_panel(
    panel: pd.DataFrame,
    origins: Sequence[int | str | date] | None,
    scenario: Scenario,
    years: int,
    paths: int,
    progress: Callable[[int], None] | None,
) -> Backtest:
    panel = checked(panel)
    held = panel[panel["cla"].notna()]
    chosen = _years_of(sorted(held["year"].unique()), origins)
    table = held.pivot(index="la_code", columns="year", values="cla")
    rows: list[dict[str, Any]] = []
    made: dict[Any, dict[str, Any]] = {}
    for origin in chosen:
        known = panel[panel["year"] <= origin]
        totals = project_totals(known, as_of=origin, years=years, paths=paths, seed=scenario.horizon.seed)
        for place, code in enumerate(totals.la_codes):
            counts = table.loc[code]
            before = counts[counts.index <= origin].to_numpy(dtype=float)
            gaps = np.flatnonzero(np.isnan(before))
            first = int(gaps.max()) + 1 if len(gaps) else 0
            actual = counts.reindex(range(origin + 1, origin + years + 1)).to_numpy(dtype=float)
            store = made.setdefault((code, first), {})
            rows += _rows(str(code), str(origin), totals.stock[place, :, 1:].T, before[first:], actual, store)
        if progress is not None:
            progress(1)
    total = held.groupby("year")["cla"].sum()
    history = pd.DataFrame(
        {"date": [pd.Timestamp(int(year), 3, 31) for year in total.index], "value": total.to_numpy()}
    )
    last = pd.Timestamp(int(held["year"].max()), 3, 31)
    stamp = DataStamp("", False, last, package_version(), _about(scenario, paths), "published totals")
    return Backtest(stamp, "panel", pd.DataFrame(rows), history, tuple(pd.Timestamp(year, 3, 31) for year in chosen))


def _about(scenario: Scenario, paths: int) -> str:
    return f"Back-test, {paths} simulated futures, seed {scenario.horizon.seed}"


def _years_of(held: Sequence[int], origins: Sequence[int | str | date] | None) -> list[int]:
    possible = [int(year) for year in held[1:-1]]
    if not possible:
        says = f"holds {len(held)} year(s): no year has one before it and one after it"
        raise InputError([Fault("B01", "panel", "year", (), says, "Add years; a back-test needs three.")])
    if origins is None:
        return possible
    faults = []
    for origin in origins:
        if not str(origin).isdigit() or int(str(origin)) not in possible:
            says = f"{origin} has no year before it, or none after it, in the panel"
            fix = f"Give years from {possible[0]} to {possible[-1]}."
            faults.append(Fault("B02", "origins", str(origin), (), says, fix))
    if faults:
        raise InputError(faults)
    return sorted({int(str(origin)) for origin in origins})


def _rows(
    series: str, origin: str, paths: np.ndarray, known: np.ndarray, actual: np.ndarray, made: dict[str, Any]
) -> Iterable[dict[str, Any]]:
    """One row for each method and horizon. ``paths`` (years, paths); ``known`` oldest first; ``actual`` (years,)."""
    ahead = len(actual)
    forecasts = {MODEL: (paths.mean(axis=1), quantiles_of(paths))}
    for name, method in METHODS.items():
        ranges = quantiles(method, known, ahead, made.setdefault(name, {}))
        forecasts[name] = (ranges[:, 3], ranges)
    scale = float(naive_error(known)) if len(known) > 1 else float("nan")
    ranks = np.where(np.isnan(actual), np.nan, pit(paths, actual))
    for name, (mean, ranges) in forecasts.items():
        for year in range(ahead):
            yield {
                "series": series,
                "method": name,
                "origin": origin,
                "horizon": year + 1,
                "mean": float(mean[year]),
                **dict(zip(QUANTILES, (float(value) for value in ranges[year]), strict=True)),
                "actual": float(actual[year]),
                "known": len(known),
                "scale": scale,
                "rank": float(ranks[year]) if name == MODEL else float("nan"),
            }
