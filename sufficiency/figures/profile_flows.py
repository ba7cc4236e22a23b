"""Where children move: from the start of care and from each kind of placement to the next, or out of care."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from sufficiency.figures.profile_parts import ALL, LETTERS, PAGE, no_data, page, whole
from sufficiency.figures.ribbons import LEFT, Ribbons, outlines, ribbons
from sufficiency.figures.theme import INK, KIND_COLOURS
from sufficiency.stamp import Sourced
from sufficiency.vocabulary import EXIT_LABELS, EXIT_REASONS, KIND_LABELS, KINDS

STARTED: Final = "started"
LEFTS: Final = (STARTED, *KINDS)
RIGHTS: Final = (*KINDS, *(f"exit: {reason}" for reason in EXIT_REASONS))
"""Ways out have a prefix, since both a kind and a way out are called "other"."""
LABELS: Final = {
    **KIND_LABELS,
    STARTED: "Started in care",
    "ifa": "Agency fostering",
    "supported": "Supported",
    **{f"exit: {reason}": f"Left: {label.lower()}" for reason, label in EXIT_LABELS.items()},
    "exit: sgo_or_order": "Left: special guardianship, order",
    "exit: other": "Left: another reason",
}
"""Names that fit beside their nodes."""
NAMES_LEFT: Final = 160
NAMES_RIGHT: Final = 230
WIDTH: Final = PAGE - NAMES_LEFT - NAMES_RIGHT
HEIGHT: Final = 620
NODE: Final = 9
"""Width of a node [pixels]."""
BESIDE: Final = 7
NUMBERS: Final = 38
"""Room for a node's number, before its name [pixels]."""
STUB: Final = 26
THIN_SHARE: Final = 0.005
"""Flows below this share of all moves are drawn together."""
START_COLOUR: Final = "#F0C987"
STUB_COLOUR: Final = "#C5CCD3"
LEAST_FIGURE: Final = 11.0
"""A ribbon carries its figure at both ends from this width on [pixels]."""


def flows_chart(table: pd.DataFrame, stamp: Sourced, *, title: str, alt_text: str, year: int | str = ALL) -> Any:
    """Moves from the start of care and from each kind of placement to the next kind or out of care (a Sankey chart).

    ``table``: ``year`` (with ``all``) ``from`` (started, a kind) ``to`` (a kind, or a way out, "other" as
    ``other_exit``) ``moves``. ``year``: the year to draw, every year together by default.
    """
    import altair as alt

    rows = whole(table)
    chosen = rows[rows["year"].astype(str) == str(year)] if len(rows) else rows
    flows = chosen.assign(to=chosen["to"].map(name_of_end)) if len(chosen) else chosen
    known = flows.dropna(subset=["moves"]) if len(flows) else flows
    if known.empty or known["moves"].sum() <= 0:
        return no_data(table, stamp, title, alt_text)
    least = THIN_SHARE * float(known["moves"].sum())
    placed = ribbons(known, lefts=LEFTS, rights=RIGHTS, height=HEIGHT, least=least)
    layers = [
        *_stubs(placed),
        *_ribbons(placed),
        *_nodes(placed),
        *_heads(),
    ]
    hidden = int(flows["moves"].isna().sum())
    chart = alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)
    return page(chart, title, _notes(rows, year, placed, least, hidden), stamp, alt_text)


def name_of_end(name: str) -> str:
    """A name of ``to`` as a node: a kind as it is, a way out ("adopted", "other_exit") with the prefix."""
    reason = name.removesuffix("_exit")
    return f"exit: {reason}" if reason in EXIT_REASONS and (name != reason or name not in KINDS) else name


def _notes(rows: pd.DataFrame, year: int | str, placed: Ribbons, least: float, hidden: int) -> str:
    years = [int(value) for value in rows["year"] if str(value) != ALL]
    when = f"year to 31 March {year}" if str(year) != ALL else "years held"
    if str(year) == ALL and years:
        when = f"years to 31 March {min(years)} to {max(years)}" if min(years) < max(years) else f"year to {years[0]}"
    thin = placed.stubs.loc[placed.stubs["side"] == LEFT, "moves"].sum()
    grouped = f" Grey stubs: flows of fewer than {least:.0f} moves, drawn together ({thin:,.0f} moves)." if thin else ""
    kept = f" Hidden, and not in the numbers: {hidden} flows of 1 to 5 moves or beside such a one." if hidden else ""
    return (
        f"Moves in the {when}: a ribbon is as wide as its number of moves. A ribbon to the same kind is a move to "
        f"another home of that kind.{grouped}{kept}"
    )


def _x(field: str) -> Any:
    import altair as alt

    return alt.X(f"{field}:Q", scale=alt.Scale(domain=[0, WIDTH], nice=False), axis=None)


def _y(field: str) -> Any:
    import altair as alt

    return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[HEIGHT, 0], nice=False, zero=False), axis=None)


def _colour(name: str) -> str:
    return START_COLOUR if name == STARTED else KIND_COLOURS.get(name, KIND_COLOURS["other_kinds"])


def _ribbons(placed: Ribbons) -> list[Any]:
    """The ribbons, widest lowest, and the figure of each wide one at both its ends."""
    import altair as alt

    drawn = placed.flows.sort_values("moves", ascending=False, kind="stable").reset_index(drop=True)
    edges = outlines(drawn, WIDTH)
    edges = edges.assign(fill=edges["from"].map(_colour))
    marks = alt.Chart(edges.drop(columns="from")).mark_area(
        opacity=0.62, stroke=INK, strokeWidth=0.4, strokeOpacity=0.7
    )
    areas = marks.encode(
        x=_x("x"), y=_y("top").stack(None), y2="bottom:Q", detail="ribbon:N", fill=alt.Fill("fill:N", scale=None)
    )
    wide = drawn[drawn["left_bottom"] - drawn["left_top"] >= LEAST_FIGURE]
    sides: tuple[tuple[float, Any, pd.Series], ...] = (
        (NODE + 4, "left", (wide["left_top"] + wide["left_bottom"]) / 2),
        (WIDTH - NODE - 4, "right", (wide["right_top"] + wide["right_bottom"]) / 2),
    )
    texts = [
        alt.Chart(pd.DataFrame({"at": at, "middle": middle, "text": wide["moves"].map("{:,.0f}".format)}))
        .mark_text(align=align, fontSize=LETTERS - 1)
        .encode(x=_x("at"), y=_y("middle"), text="text:N")
        for at, align, middle in sides
    ]
    return [areas, *texts]


def _stubs(placed: Ribbons) -> list[Any]:
    import altair as alt

    left = placed.stubs["side"] == LEFT
    stubs = placed.stubs.assign(
        start=left.map({True: 0, False: WIDTH - STUB}), end=left.map({True: STUB, False: WIDTH})
    )
    marks = alt.Chart(stubs[["start", "end", "top", "bottom"]]).mark_rect(color=STUB_COLOUR)
    return [marks.encode(x=_x("start"), x2="end:Q", y=_y("top"), y2="bottom:Q")]


def _nodes(placed: Ribbons) -> list[Any]:
    """A dark bar a node, and beside it its number and its name."""
    import altair as alt

    left = placed.nodes["side"] == LEFT
    nodes = placed.nodes.assign(
        start=left.map({True: 0, False: WIDTH - NODE}),
        end=left.map({True: NODE, False: WIDTH}),
        middle=(placed.nodes["top"] + placed.nodes["bottom"]) / 2,
        number=placed.nodes["moves"].map("{:,.0f}".format),
        label=placed.nodes["name"].map(LABELS),
    )
    bars = alt.Chart(nodes[["start", "end", "top", "bottom"]]).mark_rect(color=INK)
    looks: dict[str, Any] = {"number": "bold", "label": "normal"}
    texts = [
        alt.Chart(nodes.loc[side, ["middle", column]])
        .mark_text(align=align, fontSize=LETTERS, fontWeight=looks[column])
        .encode(x=alt.value(edge + outward * away), y=_y("middle"), text=f"{column}:N")
        for side, align, edge, outward in _sides(left)
        for column, away in (("number", BESIDE), ("label", BESIDE + NUMBERS))
    ]
    return [bars.encode(x=_x("start"), x2="end:Q", y=_y("top"), y2="bottom:Q"), *texts]


def _sides(left: pd.Series) -> tuple[tuple[pd.Series, Any, float, int], ...]:
    """Which rows are on each side, how their texts are aligned, where the side's edge is and which way is outward."""
    return (left, "right", 0.0, -1), (~left, "left", float(WIDTH), 1)


def _heads() -> list[Any]:
    """What the two sides are, above them."""
    import altair as alt

    heads: tuple[tuple[float, Any, str], ...] = ((-BESIDE, "right", "From"), (WIDTH + BESIDE, "left", "To"))
    return [
        alt.Chart(pd.DataFrame({"text": [text]}))
        .mark_text(align=align, fontWeight="bold")
        .encode(x=alt.value(at), y=alt.value(-12), text="text:N")
        for at, align, text in heads
    ]
