"""Where children live: age by kind of placement today, each kind and each age by year, and who provides the homes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from sufficiency.figures.profile_parts import (
    ALL,
    PAGE,
    bare_percent,
    by_year,
    counted,
    figures,
    filled,
    no_data,
    note_on_hidden,
    nothing_in,
    page,
    percent,
    piled,
    rows_of_figures,
    stack,
    whole,
    years_of,
)
from sufficiency.figures.profile_years import small_panel
from sufficiency.figures.theme import INK, KIND_COLOURS
from sufficiency.stamp import Sourced
from sufficiency.vocabulary import AGE_BANDS, KIND_LABELS, KINDS

OTHER: Final = "other_kinds"
GROUPS: Final = ("kinship", "in_house_fostering", "ifa", "residential", "supported")
"""Kinds with a colour of their own, in the order of the tables; the rest stand together."""
GROUP_LABELS: Final = {
    **{group: KIND_LABELS[group] for group in GROUPS},
    "ifa": "Independent agency fostering",
    OTHER: "Other placements",
}
ROW_NAMES: Final = {**GROUP_LABELS, "ifa": "Agency fostering", "supported": "Supported", OTHER: "Other"}
"""Names that fit before a row of figures."""
WITH_HIDDEN: Final = "Other placements and hidden numbers"
PLOT_OF_AGES: Final = PAGE - 110
FIGURE_WIDTH: Final = 7
"""Room that each letter of a figure takes inside a bar that lies [pixels]."""
PANELS_NOTE: Final = (
    "Per cent of all children looked after on 31 March, in brackets their number. Dark bars: the first and the last "
    "year that are known, whose figures stand above. Each panel has its own scale, from 0."
)


def age_by_kind_chart(table: pd.DataFrame, stamp: Sourced, *, title: str, alt_text: str) -> Any:
    """Children of each age by kind of placement on the latest 31 March, one bar an age band.

    ``table``: ``year`` ``age_band`` ``kind`` (with ``all`` margins) ``children``.
    """
    import altair as alt

    rows = whole(table)
    if nothing_in(rows, "children"):
        return no_data(table, stamp, title, alt_text)
    latest = rows[(rows["year"] == rows["year"].max()) & (rows["age_band"] != ALL)]
    parts, colours = _with_rest(latest.rename(columns={"kind": "group"}), "age_band")
    piles = piled(parts, "age_band", list(colours))
    longest = max(float(piles["top"].max()) if len(piles) else 0.0, 1.0)
    ages = alt.Y("age_band:N", sort=list(AGE_BANDS), scale=alt.Scale(domain=list(AGE_BANDS)), title="Age in years")
    x = alt.X(
        "bottom:Q",
        title="Children",
        axis=alt.Axis(tickMinStep=1, labelFlush=False),
        scale=alt.Scale(domain=[0, longest * 1.06], nice=False),
    )
    bars = alt.Chart(piles).mark_bar(stroke=INK, strokeWidth=0.6).encode(x=x, x2="top:Q", y=ages, color=filled(colours))
    room = piles["value"] / longest * PLOT_OF_AGES >= FIGURE_WIDTH * (piles["value"].map(counted).map(len) + 1)
    totals = latest[latest["kind"] == ALL]
    texts = totals.assign(
        end=totals["age_band"].map(piles.groupby("age_band")["top"].max()).fillna(0.0),
        text=totals["children"].map(counted),
    )
    ends = alt.Chart(texts[["age_band", "end", "text"]]).mark_text(align="left", dx=6, fontWeight="bold")
    layers = [bars, *figures(piles[room], "age_band:N", "x", colours), ends.encode(y=ages, x="end:Q", text="text:N")]
    notes = f"Children looked after on 31 March {rows['year'].max()}; in bold all of that age." + note_on_hidden(
        latest["children"]
    )
    chart = alt.layer(*layers).properties(width=PLOT_OF_AGES, height=250)
    return page(chart, title, notes, stamp, alt_text)


def _with_rest(rows: pd.DataFrame, across: str) -> tuple[pd.DataFrame, dict[str, str]]:
    """Parts of each stack (``across`` ``part`` ``value``) that add up to its ``all``, and their fills in order.

    ``rows``: ``group`` (with ``all``) and ``children``. The known numbers of :data:`GROUPS` stand alone; the other
    kinds, and what is hidden, are what is left of the total.
    """
    totals = rows[rows["group"] == ALL].set_index(across)["children"]
    main = rows[rows["group"].isin(GROUPS)]
    label = WITH_HIDDEN if bool(main["children"].isna().any()) else GROUP_LABELS[OTHER]
    left = totals - main.groupby(across)["children"].sum().reindex(totals.index, fill_value=0)
    rest = pd.DataFrame({across: left.index, "part": label, "value": left.to_numpy(dtype=float)})
    known = main.assign(part=main["group"].map(GROUP_LABELS), value=main["children"].astype(float))
    parts = pd.concat([known[[across, "part", "value"]], rest], ignore_index=True)
    parts = parts[parts["value"] > 0]
    fills = {**{GROUP_LABELS[group]: KIND_COLOURS[group] for group in GROUPS}, label: KIND_COLOURS[OTHER]}
    return parts, {part: fill for part, fill in fills.items() if part in set(parts["part"])}


def kind_by_year_chart(table: pd.DataFrame, stamp: Sourced, *, title: str, alt_text: str) -> Any:
    """Each kind of placement by year as its share of all children, one small panel a kind; ``age_by_kind``'s table."""
    return _shares_by_year(table, "kind", {kind: KIND_LABELS[kind] for kind in KINDS}, stamp, title, alt_text)


def age_by_year_chart(table: pd.DataFrame, stamp: Sourced, *, title: str, alt_text: str) -> Any:
    """Each age band by year as its share of all children, one small panel a band; ``age_by_kind``'s table."""
    labels = {band: f"Aged {band.replace('-', ' to ')}" for band in AGE_BANDS}
    return _shares_by_year(table, "age_band", labels, stamp, title, alt_text)


def _shares_by_year(
    table: pd.DataFrame, column: str, labels: Mapping[str, str], stamp: Sourced, title: str, alt_text: str
) -> Any:
    """Small panels of one margin of ``age_by_kind``: the rows in which the other column is ``all``."""
    import altair as alt

    other = "age_band" if column == "kind" else "kind"
    rows = whole(table)
    rows = rows[rows[other] == ALL] if len(rows) else rows
    present = [name for name in labels if len(rows) and _any(rows.loc[rows[column] == name, "children"])]
    if not present or rows["children"].isna().all():
        return no_data(table, stamp, title, alt_text)
    totals = rows[rows[column] == ALL].set_index("year")["children"]
    shares = rows.assign(value=rows["children"] / rows["year"].map(totals))
    years = years_of(rows)
    kept = {name: shares[shares[column] == name] for name in present}
    panels = [
        small_panel(panel, years, labels[name], _first_and_last(panel), percents=True) for name, panel in kept.items()
    ]
    notes = PANELS_NOTE + note_on_hidden(rows["children"])
    return page(alt.concat(*panels, columns=3, spacing=20), title, notes, stamp, alt_text)


def _any(children: pd.Series) -> bool:
    """Whether a panel has anything to show: a number above nought, or a hidden one."""
    return bool((children.isna() | (children > 0)).any())


def _first_and_last(panel: pd.DataFrame) -> list[str]:
    known = panel.dropna(subset=["value"]).sort_values("year")
    ends = known.iloc[[0, -1]].drop_duplicates("year") if len(known) else known
    return [
        f"{year}: {percent(value)} ({counted(children)})"
        for year, value, children in zip(ends["year"], ends["value"], ends["children"], strict=True)
    ]


def providers_chart(table: pd.DataFrame, stamp: Sourced, *, title: str, alt_text: str) -> Any:
    """Children by who provides their home, a stack a year with its numbers, and the shares as rows of figures.

    ``table``: ``year`` ``group`` (in_house_fostering, ifa, kinship, residential, supported, other_kinds, all)
    ``children`` ``share`` (of all, 0 to 1).
    """
    import altair as alt

    rows = whole(table)
    if nothing_in(rows, "children"):
        return no_data(table, stamp, title, alt_text)
    years = years_of(rows)
    parts, colours = _with_rest(rows, "year")
    bars = stack(parts, years, colours, y_title="Children on 31 March", height=320)
    lines = {"All children": by_year(rows[rows["group"] == ALL], "children")} | {
        f"{name}, %": by_year(rows[rows["group"] == group], "share", bare_percent) for group, name in ROW_NAMES.items()
    }
    notes = (
        "In the bars: children looked after on 31 March. Below: per cent of all children of that day."
        + note_on_hidden(rows["children"])
    )
    return page(alt.vconcat(bars, rows_of_figures(lines, years), spacing=6), title, notes, stamp, alt_text)
