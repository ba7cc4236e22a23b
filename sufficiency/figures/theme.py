"""One look for every chart: colours that all readers can tell apart and that differ in lightness for grey print.

Colours start from Okabe and Ito, *Color Universal Design* (2008), ordered so that neighbours in a stack or a legend
never share a lightness. Nothing is told by colour alone: lines differ by dash, points by shape, bars carry figures.
"""

from __future__ import annotations

import textwrap
from typing import Any, Final

from sufficiency.stamp import Sourced

FONT: Final = "Arial, Arimo, 'Liberation Sans', Helvetica, sans-serif"
INK: Final = "#1F2933"
MUTED: Final = "#52606D"
GRID: Final = "#E4E7EB"
BLUE: Final = "#0072B2"
ORANGE: Final = "#D55E00"
WIDTH: Final = 720
"""Width of a chart's plotting area [pixels]; a saved PNG has twice as many."""

CHARACTERS_PER_PIXEL: Final = {"title": 0.115, "subtitle": 0.175}
"""How many characters of a title (16 px, bold) and a subtitle (11 px) fit into one pixel of width, on average."""

KIND_COLOURS: Final = {
    "in_house_fostering": "#0072B2",
    "ifa": "#56B4E9",
    "kinship": "#BFE3F7",
    "residential": "#D55E00",
    "supported": "#F0E442",
    "other_kinds": "#8C8C8C",
    "plan": "#004D40",
}
"""Placement kinds that get a colour of their own; the rest share ``other_kinds``, the plan's own lines ``plan``."""

KIND_SHAPES: Final = {
    "in_house_fostering": "circle",
    "ifa": "diamond",
    "kinship": "triangle-up",
    "residential": "square",
    "supported": "cross",
}


def finished(
    chart: Any, title: str, notes: str, stamp: Sourced, alt_text: str, width: int, *, frame: str = "group"
) -> Any:
    """A chart with its title (the finding), what the marks mean, its source line, its alt text and the theme.

    ``frame``: where the title begins, at the plotting area ("group") or at the edge of the whole chart ("bounds").
    """
    import altair as alt

    lines = [*_wrapped(notes, "subtitle", width), *_wrapped(stamp.source(), "subtitle", width)]
    heading = alt.TitleParams(text=_wrapped(title, "title", width), subtitle=lines)
    return chart.properties(title=heading, description=alt_text).configure(**_config(frame))


def _wrapped(text: str, part: str, width: int) -> list[str]:
    return textwrap.wrap(text, int(width * CHARACTERS_PER_PIXEL[part]))


def _config(frame: str) -> dict[str, Any]:
    """Vega-Lite configuration shared by every chart; ``frame`` is that of the title."""
    axis = {"labelColor": INK, "titleColor": MUTED, "gridColor": GRID, "domainColor": MUTED, "tickColor": MUTED}
    sizes = {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "titlePadding": 8}
    heading = {"fontSize": 16, "fontWeight": "bold", "color": INK, "anchor": "start", "frame": frame, "offset": 14}
    below = {"subtitleFontSize": 11, "subtitleColor": MUTED, "subtitlePadding": 6, "subtitleLineHeight": 14}
    return {
        "background": "white",
        "font": FONT,
        "padding": 16,
        "view": {"stroke": None},
        "axis": {**axis, **sizes},
        "legend": {**sizes, "labelColor": INK, "titleColor": MUTED, "symbolSize": 120, "labelLimit": 320},
        "title": {**heading, **below, "lineHeight": 20},
        "text": {"color": INK, "fontSize": 12},
    }
