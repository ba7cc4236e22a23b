"""What the charts of the needs analysis share: years across, stacks with their figures, rows of figures below."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from sufficiency.figures.theme import INK, MUTED, finished
from sufficiency.stamp import Sourced

if TYPE_CHECKING:
    import altair as alt

PAGE: Final = 720
"""Width of a whole chart, so that its letters can be read across a page [pixels]."""
PLOT: Final = 540
"""Width of the plotting area of charts with years across; the rest of the page is for the rows' names [pixels]."""
CHARACTER: Final = 6.2
"""Width of a figure in the charts' small letters [pixels]."""
LETTERS: Final = 11
WIDEST_BAR: Final = 0.125
"""Width of a year's bar at most, so that few years stand as bars and not as blocks [share of the chart]."""
BETWEEN: Final = 0.2
AROUND: Final = 0.1
"""Room between two years and at both ends [share of their distance]."""
ROW: Final = 18
"""Height of a row of figures, and the least height of a part of a stack that carries its figure [pixels]."""
LEAST_FIGURE: Final = 12

ALL: Final = "all"
HIDDEN: Final = "c"
HIDDEN_NOTE: Final = " c: 1 to 5 children, hidden, or a number that would give a hidden one away."
NO_DATA: Final = "No data"
NO_ROWS: Final = "The returns and registers hold nothing for this chart."
NOTHING_SHOWN: Final = "Every number for this chart is hidden, since it is small, or is not known."
DARK: Final = 0.55
"""Below this lightness a fill carries white figures, above it dark ones [0 black to 1 white]."""


def whole(table: pd.DataFrame) -> pd.DataFrame:
    """The rows of the whole region where the table has several authorities (column ``authority``), else all rows."""
    if "authority" not in table.columns:
        return _with_floats(table)
    rows = table[table["authority"] == ALL] if (table["authority"] == ALL).any() else table
    return _with_floats(rows.drop(columns="authority"))


def _with_floats(table: pd.DataFrame) -> pd.DataFrame:
    """Numbers that can be missing (``Int64``, ``Float64``) as floats, so that a missing one is NaN everywhere."""
    nullable = [
        name
        for name, kind in table.dtypes.items()
        if pd.api.types.is_extension_array_dtype(kind) and pd.api.types.is_numeric_dtype(kind)
    ]
    return table.astype(dict.fromkeys(nullable, float))


def no_data(table: pd.DataFrame, stamp: Sourced, title: str, alt_text: str) -> Any:
    """A chart that says that there is nothing to show, and whether that is so because the table has no rows."""
    import altair as alt

    text = alt.Chart(pd.DataFrame({"says": [NO_DATA]})).mark_text(fontSize=14, color=MUTED)
    plain = text.encode(text="says:N").properties(width=PAGE, height=80)
    return page(plain, title, NO_ROWS if table.empty else NOTHING_SHOWN, stamp, alt_text)


def nothing_in(rows: pd.DataFrame, *columns: str) -> bool:
    """Whether there is nothing to draw: no rows, or none with a number in one of the columns."""
    return rows.empty or bool(rows[list(columns)].isna().all(axis=None))


def page(chart: Any, title: str, notes: str, stamp: Sourced, alt_text: str) -> Any:
    """A chart of the needs analysis with its title at the left edge, what its marks mean, and its source."""
    return finished(chart, title, notes, stamp, alt_text, PAGE, frame="bounds")


def note_on_hidden(*values: pd.Series) -> str:
    """The sentence on hidden numbers, when one of the columns has any (a missing number)."""
    return HIDDEN_NOTE if any(bool(column.isna().any()) for column in values) else ""


def counted(value: float) -> str:
    """A count as it is printed: thousands with a comma, a hidden one as "c"."""
    return HIDDEN if pd.isna(value) else f"{value:,.0f}"


def percent(share: float, sign: str = "%") -> str:
    """A share (0 to 1) as whole per cent, a hidden one as "c"."""
    return HIDDEN if pd.isna(share) else f"{100 * share:.0f}{sign}"


def bare_percent(share: float) -> str:
    """Per cent without its sign, for a row of figures whose name has it."""
    return percent(share, "")


def years_of(table: pd.DataFrame) -> list[int]:
    """Every year from the table's first to its last, so that a year without a return stays as a gap."""
    known = table["year"].astype(int)
    return list(range(int(known.min()), int(known.max()) + 1))


def labelled(years: Sequence[int], characters: int = 4, width: float = PLOT) -> list[int]:
    """The years that can carry a text of so many characters side by side, counted back from the last."""
    step = math.ceil((characters + 1) * CHARACTER * len(years) / width)
    return list(years[::-1][:: max(step, 1)][::-1])


def year_axis(years: Sequence[int], title: str | None, width: float = PLOT) -> alt.X:
    """Years across, one band each."""
    import altair as alt

    shown = labelled(years, width=width)
    axis = alt.Axis(labelAngle=0, title=title, values=shown, ticks=False) if title is not None else None
    widest = WIDEST_BAR * width
    inner = max(BETWEEN, (width - widest * (len(years) + 2 * AROUND)) / (width - widest))
    return alt.X(
        "year:O", scale=alt.Scale(type="band", domain=list(years), paddingInner=inner, paddingOuter=AROUND), axis=axis
    )


def lightness(colour: str) -> float:
    """How light a colour looks in grey print [0 black to 1 white], by the usual weights of red, green and blue."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def piled(rows: pd.DataFrame, across: str, parts: Sequence[str]) -> pd.DataFrame:
    """Rows (``across`` ``part`` ``value``) with ``bottom`` and ``top`` of each part of its stack, first part lowest.

    A hidden value is left out of its stack.
    """
    known = rows.dropna(subset=["value"]).astype({"value": float})
    place = known["part"].map({part: number for number, part in enumerate(parts)})
    ordered = known.assign(place=place).dropna(subset=["place"]).sort_values([across, "place"], ignore_index=True)
    top = ordered.groupby(across, sort=False)["value"].cumsum()
    return ordered.assign(bottom=top - ordered["value"], top=top)


def stack(
    rows: pd.DataFrame,
    years: Sequence[int],
    colours: Mapping[str, str],
    *,
    y_title: str,
    height: int,
    legend: bool = True,
) -> Any:
    """A stacked bar a year. ``rows``: ``year`` ``part`` ``value``; ``colours``: part → fill, in order from below."""
    import altair as alt

    piles = piled(rows, "year", list(colours))
    tallest = max(float(piles["top"].max()) if len(piles) else 0.0, 1.0)
    fit = labelled(years, max((len(counted(value)) for value in piles["value"]), default=1))
    room = (piles["value"] / tallest * height >= LEAST_FIGURE) & piles["year"].isin(fit)
    base = alt.Chart(piles).encode(x=year_axis(years, ""))
    axis = alt.Axis(title=y_title, format=",d", tickMinStep=1)
    y = alt.Y("bottom:Q", axis=axis, scale=alt.Scale(domain=[0, tallest * 1.02], nice=True))
    bars = base.mark_bar(stroke=INK, strokeWidth=0.6).encode(y=y, y2="top:Q", color=filled(colours, legend))
    return alt.layer(bars, *figures(piles[room], "year:O", "y", colours)).properties(width=PLOT, height=height)


def filled(colours: Mapping[str, str], legend: bool = True, columns: int = 3) -> alt.Color:
    """The colour of each part, with a legend above the chart whose samples have an edge, for light fills."""
    import altair as alt

    key = alt.Legend(title=None, orient="top", columns=columns, symbolStrokeColor=INK, symbolStrokeWidth=0.6,
                     symbolType="square", labelLimit=PAGE // columns - 30)  # fmt: skip
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    return alt.Color("part:N", scale=scale, sort=list(colours), legend=key if legend and colours else None)


def figures(piles: pd.DataFrame, across: str, axis: str, colours: Mapping[str, str]) -> list[alt.Chart]:
    """The figure of each part in its middle, white on dark fills; ``axis`` ("x" or "y") is that of the values."""
    import altair as alt

    middle = piles.assign(middle=(piles["bottom"] + piles["top"]) / 2, figure=piles["value"].map(counted))
    dark = middle["part"].map({part: lightness(fill) < DARK for part, fill in colours.items()}).astype(bool)
    places: dict[str, Any] = {"x": across, "y": "middle:Q"} if axis == "y" else {"y": across, "x": "middle:Q"}
    return [
        alt.Chart(rows).mark_text(color=colour, fontSize=LETTERS).encode(**places, text="figure:N")
        for rows, colour in ((middle[dark], "white"), (middle[~dark], INK))
        if len(rows)
    ]


def rows_of_figures(rows: Mapping[str, Mapping[int, str]], years: Sequence[int]) -> alt.Chart:
    """Rows of figures under the years: name of the row → year → text."""
    import altair as alt

    texts = [(name, year, text) for name, by_year in rows.items() for year, text in by_year.items()]
    table = pd.DataFrame(texts, columns=["row", "year", "text"])
    longest = max((len(text) for _, _, text in texts), default=1)
    table = table[table["year"].isin(labelled(years, longest - 1))]
    axis = alt.Axis(title=None, ticks=False, domain=False, labelLimit=PAGE - PLOT - 10, labelFontSize=LETTERS)
    y = alt.Y("row:N", sort=list(rows), scale=alt.Scale(domain=list(rows)), axis=axis)
    marks = alt.Chart(table).mark_text(fontSize=LETTERS, color=INK)
    return marks.encode(x=year_axis(years, None), y=y, text="text:N").properties(width=PLOT, height=ROW * len(rows))


def by_year(table: pd.DataFrame, column: str, printed: Any = counted) -> dict[int, str]:
    """Year → printed value of a column, for :func:`rows_of_figures`."""
    return {int(year): printed(value) for year, value in zip(table["year"], table[column], strict=True)}
