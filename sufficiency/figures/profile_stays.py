"""How long children stay: the share still there by months since the start, with its range and its median, by group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from sufficiency.figures.profile_parts import ALL, LETTERS, no_data, page, whole
from sufficiency.figures.theme import BLUE, INK, MUTED
from sufficiency.stamp import Sourced
from sufficiency.vocabulary import AGE_BANDS, KIND_LABELS, KINDS

LEAST_AT_RISK: Final = 10
"""A curve ends where fewer are left to watch: the step of each of a few children would tell of that child."""
LEAST_SHARE: Final = 0.05
"""A curve ends where a smaller share is left, so that its first years have room."""
COLUMNS: Final = 3
PANEL: Final = 178
PANEL_HEIGHT: Final = 130
HALF: Final = 0.5
MONTHS_A_TICK: Final = (1, 3, 6, 12, 24, 36, 60, 120)
MOST_TICKS: Final = 6
BAND: Final = "#A3CCE5"


def time_in_care_chart(
    table: pd.DataFrame, stamp: Sourced, *, title: str, alt_text: str, medians: pd.DataFrame | None = None
) -> Any:
    """Share of periods of care still open by months since the start, for all and by age at the start.

    ``table``: ``group`` (all, age bands) ``months`` ``share_still_there`` ``low`` ``high`` (0 to 1; 95% range)
    ``at_risk`` (still watched; missing where hidden). ``medians``: that table; what it lacks is read off the
    curves, in whole months; one that is hidden is not shown.
    """
    labels = {ALL: "All children"} | {band: f"Started aged {band.replace('-', ' to ')}" for band in AGE_BANDS}
    found = _medians_of(medians, "time_in_care")
    return _curves(table, labels, "Share still looked after", found, stamp, title, alt_text)


def time_in_placement_chart(
    table: pd.DataFrame, stamp: Sourced, *, title: str, alt_text: str, medians: pd.DataFrame | None = None
) -> Any:
    """Share of placements still open by months since the start, for all and by kind; columns as for time in care."""
    labels = {ALL: "All placements"} | {kind: KIND_LABELS[kind] for kind in KINDS}
    found = _medians_of(medians, "time_in_placement")
    return _curves(table, labels, "Share still in the placement", found, stamp, title, alt_text)


Median = tuple[float, float, float]
"""Month by which half have left, and its 95% range; NaN where not reached."""
Told = tuple[Median, int]
"""A median, and how many decimals it has."""


def _medians_of(medians: pd.DataFrame | None, measure: str) -> dict[str, Told | None]:
    """The medians of the table; none for a group of few stays, or of a hidden number, whose median is hidden."""
    if medians is None:
        return {}
    rows = whole(medians)
    rows = rows[rows["measure"] == measure]
    told = rows["spells"].astype(float) >= LEAST_AT_RISK
    values = rows[["median_months", "low", "high"]].astype(float).itertuples(index=False)
    return {
        str(group): ((row[0], row[1], row[2]), 1) if shown else None
        for group, shown, row in zip(rows["group"], told, values, strict=True)
    }


def _curves(
    table: pd.DataFrame,
    labels: Mapping[str, str],
    what: str,
    medians: Mapping[str, Told | None],
    stamp: Sourced,
    title: str,
    alt_text: str,
) -> Any:
    import altair as alt

    rows = whole(table)
    curves = {name: _watched(rows[rows["group"] == name]) for name in labels} if len(rows) else {}
    curves = {name: curve for name, curve in curves.items() if len(curve) > 1}
    if not curves:
        return no_data(table, stamp, title, alt_text)
    longest = max(float(curve["months"].max()) for curve in curves.values())
    told: dict[str, Told | None] = {name: (_median_off(rows[rows["group"] == name]), 0) for name in curves}
    told |= medians
    panels = [_panel(curve, told[name], labels[name], longest) for name, curve in curves.items()]
    notes = (
        f"{what}, by months since the start (Kaplan-Meier: those still there on the last day count until then). Band: "
        "95% range. Dot: the median, the month by which half have left, in brackets its 95% range. Curves end "
        f"where fewer than {LEAST_AT_RISK}, or fewer than {LEAST_SHARE:.0%}, are left to watch."
        + (" A panel without a median: hidden." if any(told[name] is None for name in curves) else "")
    )
    return page(alt.concat(*panels, columns=COLUMNS, spacing=22), title, notes, stamp, alt_text)


def _watched(curve: pd.DataFrame) -> pd.DataFrame:
    """A curve at whole months, up to the last month in which enough are watched and left, without hidden rows."""
    known = curve.dropna(subset=["share_still_there"]).sort_values("months")
    enough = known[known["at_risk"].isna() | (known["at_risk"] >= LEAST_AT_RISK)]
    if enough.empty:
        return known.iloc[:0]
    kept = known[known["months"] <= enough["months"].max()]
    steps = kept.assign(months=np.ceil(kept["months"].astype(float))).drop_duplicates("months", keep="last")
    steps = steps[steps["share_still_there"].shift(1, fill_value=1.0) >= LEAST_SHARE]
    return steps[["months", "share_still_there", "low", "high"]].astype(float).reset_index(drop=True)


def _panel(curve: pd.DataFrame, told: Told | None, heading: str, longest: float) -> Any:
    """One group's curve (at whole months) with its band and its median."""
    import altair as alt

    step = next((size for size in MONTHS_A_TICK if longest / size <= MOST_TICKS), MONTHS_A_TICK[-1])
    ticks = list(range(0, int(longest) + 1, step))
    months = alt.Axis(title="Months", values=ticks, labelFontSize=LETTERS, grid=False, labelFlush=False)
    x = alt.X("months:Q", scale=alt.Scale(domain=[0, longest], nice=False), axis=months)
    shares = alt.Axis(title=None, format="~%", values=[0, HALF, 1], labelFontSize=LETTERS)
    scale = alt.Scale(domain=[0, 1])
    bands = alt.Chart(curve.dropna()).mark_area(color=BAND, interpolate="step-after")
    line = alt.Chart(curve).mark_line(color=INK, strokeWidth=1.8, interpolate="step-after")
    layers = [
        bands.encode(x=x, y=alt.Y("low:Q", scale=scale, axis=shares).stack(None), y2="high:Q"),
        line.encode(x=x, y=alt.Y("share_still_there:Q", scale=scale, axis=shares)),
    ]
    if told and told[0][0] <= longest:
        spot = alt.Chart(pd.DataFrame({"months": [told[0][0]], "share": [HALF], "foot": [0.0]}))
        layers.append(spot.mark_rule(color=MUTED, strokeDash=[3, 3]).encode(x=x, y="foot:Q", y2="share:Q"))
        layers.append(spot.mark_point(color=INK, fill=BLUE, size=55, opacity=1).encode(x=x, y="share:Q"))
    top = alt.TitleParams(
        heading, subtitle=[_median_text(*told) if told else ""], fontSize=12, anchor="start", frame="group", offset=8,
        subtitleFontSize=LETTERS, subtitlePadding=2, subtitleColor=MUTED,
    )  # fmt: skip
    return alt.layer(*layers).properties(width=PANEL, height=PANEL_HEIGHT, title=top)


def _median_off(rows: pd.DataFrame) -> Median:
    """The first months in which the curve, and the lower and upper edge of its band, are at or below a half."""
    low, high = (rows.loc[rows[name] <= HALF, "months"].min() for name in ("low", "high"))
    return float(rows.loc[rows["share_still_there"] <= HALF, "months"].min()), float(low), float(high)


def _median_text(median: Median, decimals: int) -> str:
    middle, low, high = (f"{value:.{decimals}f}" if np.isfinite(value) else "not reached" for value in median)
    if not np.isfinite(median[0]):
        return "Median not reached"
    return f"Median {middle} months ({low} to {high})"
