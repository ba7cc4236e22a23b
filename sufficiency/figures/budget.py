"""The budget: a stack a financial year, and the range of its total."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from sufficiency.figures.theme import INK, KIND_COLOURS, WIDTH, finished
from sufficiency.stamp import Stamp
from sufficiency.vocabulary import KIND_LABELS, KINDS

if TYPE_CHECKING:
    import altair as alt

POUNDS_PER_MILLION: Final = 1e6
OTHER_KINDS: Final = "other_kinds"
PLAN: Final = "plan"
TOTAL: Final = "total"
LABELS: Final = {
    **{kind: KIND_LABELS[kind] for kind in KIND_COLOURS if kind in KIND_LABELS},
    OTHER_KINDS: "All other placements",
    PLAN: "Recruitment, support, new homes",
}
SHARE_WITH_FIGURE: Final = 0.06
"""A part of the stack carries its figure from this share of the highest bar on, so that figures fit."""
NOTES: Final = (
    "Stack: expected cost (mean of the simulated futures, so the parts add up). Thin line: where 80 of 100 futures "
    "of the total lie. In the prices of each year."
)


def budget_bars(budget: pd.DataFrame, stamp: Stamp, *, title: str, alt_text: str) -> alt.LayerChart:
    """Cost by financial year in £ million, stacked by kind, the total with its 80% range.

    ``budget`` has ``financial_year``, ``line`` (placement kinds, the plan's own lines and ``total``), ``measure``
    (only ``cost`` is drawn) and the range columns [£].
    """
    cost = budget[budget["measure"] == "cost"]
    layers = _stack(_parts(cost)) + _totals(cost[cost["line"] == TOTAL])
    return finished(layers.properties(width=WIDTH - 120, height=380), title, NOTES, stamp, alt_text, WIDTH)


def _parts(cost: pd.DataFrame) -> pd.DataFrame:
    """Mean cost [£ million] by ``financial_year`` and ``part``, small kinds together, with its middle height."""
    lines = cost[cost["line"] != TOTAL]
    part = lines["line"].map(_part_of)
    costed = lines.assign(part=part, cost=lines["mean"] / POUNDS_PER_MILLION)
    parts = pd.DataFrame(costed.groupby(["financial_year", "part"])["cost"].sum()).reset_index()
    order = {name: place for place, name in enumerate(LABELS)}
    parts = parts.assign(order=parts["part"].map(order), label=parts["part"].map(LABELS))
    parts = parts.sort_values(["financial_year", "order"], ignore_index=True)
    middle = parts.groupby("financial_year")["cost"].cumsum() - parts["cost"] / 2
    highest = parts.groupby("financial_year")["cost"].sum().max()
    return parts.assign(middle=middle, fits=parts["cost"] >= SHARE_WITH_FIGURE * highest)


def _part_of(line: str) -> str:
    if line in KIND_COLOURS:
        return line
    return OTHER_KINDS if line in KINDS else PLAN


def _stack(parts: pd.DataFrame) -> Any:
    import altair as alt

    present = [part for part in reversed(LABELS) if part in set(parts["part"])]
    names = [LABELS[part] for part in present]
    scale = alt.Scale(domain=names, range=[KIND_COLOURS[part] for part in present])
    x = alt.X("financial_year:O", title="Financial year", axis=alt.Axis(labelAngle=0))
    bars = (
        alt.Chart(parts)
        .mark_bar(stroke="white", strokeWidth=1, width={"band": 0.62})
        .encode(
            x=x,
            y=alt.Y("cost:Q", title="£ million", stack="zero", axis=alt.Axis(format="~g")),
            color=alt.Color("label:N", scale=scale, sort=names, legend=alt.Legend(title="Cost of")),
            order=alt.Order("order:Q"),
        )
    )
    dark = parts["part"].isin(["in_house_fostering", "residential", PLAN])
    figures = [_figures(parts[parts["fits"] & dark], "white"), _figures(parts[parts["fits"] & ~dark], INK)]
    return alt.layer(bars, *figures)


def _figures(parts: pd.DataFrame, colour: str) -> alt.Chart:
    import altair as alt

    marks = alt.Chart(parts).mark_text(color=colour, fontSize=11)
    return marks.encode(x="financial_year:O", y="middle:Q", text=alt.Text("cost:Q", format=".1f"))


def _totals(total: pd.DataFrame) -> Any:
    import altair as alt

    rows = total[["financial_year"]].assign(
        **{name: total[name] / POUNDS_PER_MILLION for name in ("p10", "mean", "p90")},
    )
    base = alt.Chart(rows).encode(x="financial_year:O")
    rule = base.mark_rule(color=INK, strokeWidth=2).encode(y="p10:Q", y2="p90:Q")
    ends = [base.mark_tick(color=INK, thickness=2, width=14).encode(y=f"{end}:Q") for end in ("p10", "p90")]
    figure = base.mark_text(dy=-10, fontWeight="bold", fontSize=13)
    return alt.layer(rule, *ends, figure.encode(y="p90:Q", text=alt.Text("mean:Q", format=".1f")))
