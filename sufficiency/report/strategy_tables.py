"""The strategy's tables, from the tidy tables of an outlook to what is printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from sufficiency.ranges import RANGE_COLUMNS
from sufficiency.report.disclosure import HIDDEN
from sufficiency.report.printed import (
    NOTHING,
    Cell,
    Group,
    PrintedTable,
    Row,
    Wording,
    across,
    count,
    day,
    known,
    one_decimal,
    ranged,
    share,
    spread,
    thousands,
)
from sufficiency.shortfall import NEEDS
from sufficiency.vocabulary import AGE_BANDS, KIND_LABELS, KINDS, NEEDS_LEVELS

ALL: Final = "all"
MOST_COLUMNS: Final = 6
RANGE_NOTE: Final = "Middle of the simulated futures, and below it where 80 of 100 futures lie."

NEED_MEASURES: Final[Mapping[str, tuple[str, Wording, str]]] = {
    "need": ("Children who need a place", count, "p50"),
    "places": ("Usable places", count, "p50"),
    "shortfall": ("Shortfall of places", count, "p50"),
    "share_of_futures_short": ("Futures with fewer places than children", share, "mean"),
}
DISTANCE_GROUPS: Final = {
    "all children": "All children at the end of the year",
    "new placements": "Placements that began in the year",
}
DISTANCE_MEASURES: Final[Mapping[str, tuple[str, Wording]]] = {
    "within": ("Within the limit", count),
    "over": ("Over the limit", count),
    "unknown": ("Distance not known", count),
    "share_within_of_known": ("Share within, of those known", share),
    "share_over_of_known": ("Share over, of those known", share),
}
PLAN_LINES: Final = {
    "recruitment": "Recruiting carers",
    "support": "Supporting carers",
    "new_homes_running": "Running new homes",
    "capital": "Capital",
    "block_contracts_unfilled": "Places under block contracts that nobody fills",
}
TOTAL: Final = "total"


def children_tables(
    history: pd.DataFrame, population: pd.DataFrame, placements: pd.DataFrame
) -> tuple[PrintedTable, ...]:
    """Children by kind so far, by kind and by age in the years to come [children on a day]."""
    totals = population[(population["age_band"] == ALL) & (population["kind"] == ALL)]
    by_age = _hidden_where_empty(population[population["kind"] == ALL])
    by_kind = _hidden_where_empty(pd.concat([placements, totals[placements.columns]]))
    return (
        _past(history),
        _at_dates(
            by_kind, "kind", {**KIND_LABELS, ALL: "All children"}, "Children looked after by kind of placement", "Kind"
        ),
        _at_dates(
            by_age,
            "age_band",
            {**{name: _age(name) for name in AGE_BANDS}, ALL: "All children"},
            "Children looked after by age",
            "Age",
        ),
    )


def carer_tables(measures: pd.DataFrame, carers: pd.DataFrame, places: pd.DataFrame) -> tuple[PrintedTable, ...]:
    """Households by financial year, open households by level, and the places that they offer."""
    ours = measures[measures["unit"].str.startswith("households")]
    open_now = carers[carers["measure"] == "households"].rename(columns={"level": "row"})
    levels = {**{str(level): f"Approved for level {level}" for level in NEEDS_LEVELS}, ALL: "All households"}
    offered = places[places["kind"] == "in_house_fostering"].rename(columns={"measure": "row"})
    return (
        _by_year(ours),
        _at_dates(open_now, "row", levels, "Fostering households open, by level of need", "Households"),
        _at_dates(
            offered, "row", {"approved": "Approved", "usable": "Usable"}, "Places in our fostering households", "Places"
        ),
    )


def need_tables(table: pd.DataFrame) -> tuple[PrintedTable, ...]:
    """Need, usable places and shortfall by kind [children, places]."""
    dates = _years_on(table)
    groups = []
    for kind in NEEDS:
        rows = [
            Row(label, across(_of(table, kind=kind, measure=name), "date", dates, words, middle))
            for name, (label, words, middle) in NEED_MEASURES.items()
        ]
        groups.append(Group(KIND_LABELS[kind], tuple(rows)))
    note = (
        f"{RANGE_NOTE} Children who need in-house fostering are those in our own and in agency foster homes. "
        "Futures with fewer places than children: share of all futures."
    )
    return (_printed("Places against need", "Kind", [day(date) for date in dates], groups, note),)


def near_home_tables(table: pd.DataFrame) -> tuple[PrintedTable, ...]:
    """Children within, over and at unknown distance by financial year [children, share of known]."""
    years = spread(list(dict.fromkeys(table["financial_year"])), MOST_COLUMNS)
    groups = []
    for group, title in DISTANCE_GROUPS.items():
        rows = [
            Row(label, across(_of(table, group=group, measure=name), "financial_year", years, words))
            for name, (label, words) in DISTANCE_MEASURES.items()
        ]
        groups.append(Group(title, tuple(rows)))
    note = f"{RANGE_NOTE} Shares are of the children whose distance is known."
    return (_printed("Children near home", "Distance from home", years, groups, note),)


def budget_tables(budget: pd.DataFrame) -> tuple[PrintedTable, ...]:
    """Cost by line and financial year [£ thousand]; lines that cost nothing in any year are left out."""
    cost = budget[budget["measure"] == "cost"]
    years = spread(list(dict.fromkeys(cost["financial_year"])), MOST_COLUMNS)

    def row(line: str, label: str, middle: str = "mean") -> Row:
        return Row(label, across(cost[cost["line"] == line], "financial_year", years, thousands, middle))

    spent = set(cost.loc[cost["mean"] != 0, "line"])
    groups = [
        Group("Placements", tuple(row(kind, KIND_LABELS[kind]) for kind in KINDS if kind in spent)),
        Group("The plan", tuple(row(line, label) for line, label in PLAN_LINES.items() if line in spent)),
        Group("Total", (row(TOTAL, "Expected"), row(TOTAL, "Middle of the futures", "p50"))),
    ]
    note = (
        "£ thousand, in the prices of each year. Expected cost is the mean of the simulated futures, so that lines "
        "add up to their total; below it, where 80 of 100 futures lie."
    )
    shown = [group for group in groups if group.rows]
    return (_printed("Cost by financial year, £ thousand", "Line", years, shown, note),)


def measure_tables(measures: pd.DataFrame) -> tuple[PrintedTable, ...]:
    """Every measure: today, its target, and each year's middle, range and status."""
    years = spread(list(dict.fromkeys(measures["year"])), MOST_COLUMNS - 1)
    note = (
        f"{RANGE_NOTE} On track: at least 80 of 100 futures meet the target of that year; off track: fewer than "
        "20; at risk: between. Measures without a target have no status."
    )
    rows = tuple(_measure(rows, str(name), years) for name, rows in measures.groupby("measure", sort=False))
    widths = (3.4, 1.5, 1.9, *[1.9] * len(years))
    headers = ("Today", "Target", *years)
    return (PrintedTable("The plan's measures", "Measure", headers, (Group("", rows),), widths, note),)


def assumption_tables(changes: pd.DataFrame, assumptions: pd.DataFrame) -> tuple[PrintedTable, ...]:
    """What the scenario changes, and every assumption with its meaning and source."""
    changed = [
        Row(setting.replace(".", ": ").replace("_", " "), tuple(_words(value) for value in rest))
        for setting, *rest in changes[["setting", "was", "now", "source"]].itertuples(index=False)
    ]
    parts = assumptions["setting"].str.rpartition(".")
    groups = []
    for section, rows in assumptions.assign(section=parts[0], name=parts[2]).groupby("section", sort=False):
        cells = rows[["name", "value", "meaning", "source"]].itertuples(index=False)
        title = str(section).replace(".", ": ").replace("_", " ").capitalize()
        named = [
            Row(name.replace("_", " ").capitalize(), tuple(_words(value) for value in rest)) for name, *rest in cells
        ]
        groups.append(Group(title, tuple(named)))
    headers = ("Value", "Meaning", "Set in")
    every = PrintedTable("Every assumption", "Setting", headers, tuple(groups), (3.6, 2.6, 7.0, 2.8), "", numeric=False)
    if not changed:
        return (every,)
    headers, widths = ("Was", "Is now", "Set in"), (6.2, 2.6, 3.6, 3.6)
    note = "Changes from the scenario that this one builds on."
    return (
        PrintedTable(
            "What this scenario changes", "Setting", headers, (Group("", tuple(changed)),), widths, note, False
        ),
        every,
    )


def _past(history: pd.DataFrame) -> PrintedTable:
    """Known counts by kind on the last dates of the returns."""
    ages = history[history["age_band"] == ALL]
    dates = sorted(ages["date"].unique())[-MOST_COLUMNS:]
    rows = []
    for kind, label in {**KIND_LABELS, ALL: "All children"}.items():
        counts = ages[ages["kind"] == kind].set_index("date")["children"]
        cells = tuple(known(counts.loc[date], count) if date in counts.index else Cell(NOTHING) for date in dates)
        rows.append(Row(label, cells))
    headers = [day(pd.Timestamp(date)) for date in dates]
    note = "Counts from the returns, without agreed short breaks."
    return _printed(
        "Children looked after so far, by kind of placement", "Kind", headers, [Group("", tuple(rows))], note
    )


def _at_dates(table: pd.DataFrame, column: str, labels: Mapping[str, str], caption: str, stub: str) -> PrintedTable:
    """A table with a row for each of ``labels`` and a column a year apart."""
    dates = _years_on(table)
    rows = tuple(
        Row(label, across(table[table[column] == name], "date", dates, count))
        for name, label in labels.items()
        if (table[column] == name).any()
    )
    return _printed(caption, stub, [day(date) for date in dates], [Group("", rows)], RANGE_NOTE)


def _by_year(measures: pd.DataFrame) -> PrintedTable:
    years = spread(list(dict.fromkeys(measures["year"])), MOST_COLUMNS)
    named = measures.groupby("measure", sort=False)
    rows = tuple(Row(str(name), across(rows, "year", years, count)) for name, rows in named)
    note = f"{RANGE_NOTE} Approvals and net growth are counts in the year; households are those open at its end."
    return _printed("Fostering households by financial year", "Households", years, [Group("", rows)], note)


def _measure(rows: pd.DataFrame, name: str, years: Sequence[str]) -> Row:
    first = rows.iloc[0]
    words = words_for(first["unit"])
    shown = [rows[rows["year"] == year].iloc[0] for year in years]
    cells = [ranged(row, words, status=_status(row["status"])) for row in shown]
    return Row(
        f"{name} ({unit_words(first['unit'])})", (known(first["today"], words), Cell(_target(rows, words)), *cells)
    )


def _status(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _target(rows: pd.DataFrame, words: Wording) -> str:
    """A measure's target: one figure, or its path from the first year that has one to the last."""
    targets = rows["target"].dropna()
    if targets.empty:
        return NOTHING
    first, last = words(float(targets.iloc[0])), words(float(targets.iloc[-1]))
    by = rows["by"].iloc[0]
    if first != last:
        return f"{first} to {last}"
    return f"{first} {by}" if by == "each year" else f"{first} by {by}"


def words_for(unit: str) -> Wording:
    """How figures of a unit are written."""
    if unit.startswith("share"):
        return share
    return one_decimal if "million" in unit else count


def unit_words(unit: str) -> str:
    """A unit as it stands behind a name: shares are printed as percentages."""
    return unit.replace("share", "%", 1) if unit.startswith("share") else unit


def _hidden_where_empty(table: pd.DataFrame) -> pd.DataFrame:
    """Ranges of the first day that were withheld as small numbers, marked so."""
    ranges = table[[*RANGE_COLUMNS]].astype(object)
    return table.assign(**ranges.where(ranges.notna(), HIDDEN))


def _words(value: Any) -> Cell:
    return Cell(NOTHING if value is None or pd.isna(value) else str(value))


def _age(band: str) -> str:
    return "Under 1" if band == "under 1" else band.replace("-", " to ")


def _of(table: pd.DataFrame, **keys: str) -> pd.DataFrame:
    for column, value in keys.items():
        table = table[table[column] == value]
    return table


def _years_on(table: pd.DataFrame) -> list[pd.Timestamp]:
    """The dates a year apart, counted back from the last date of the table."""
    dates = sorted(table["date"].unique())
    last = pd.Timestamp(dates[-1])
    return spread([pd.Timestamp(date) for date in dates if pd.Timestamp(date).month == last.month], MOST_COLUMNS)


def _printed(caption: str, stub: str, headers: Sequence[str], groups: Sequence[Group], note: str) -> PrintedTable:
    widths = (4.0, *[2.0] * len(headers))
    return PrintedTable(caption, stub, tuple(headers), tuple(groups), widths, note)
