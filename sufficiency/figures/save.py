"""Charts as files: SVG and PNG drawn by vl-convert, which carries its own JavaScript and asks no network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

PNG_SCALE: Final = 2


@dataclass(frozen=True)
class SavedChart:
    """A chart on disk: the two files, its title as one line, and its alt text."""

    png: Path
    svg: Path
    title: str
    alt_text: str


def to_svg(chart: Any) -> str:
    """A chart as SVG text, the same text for the same chart."""
    import vl_convert

    return vl_convert.vegalite_to_svg(chart.to_dict(), vl_version=_version(), allowed_base_urls=[])


def to_png(chart: Any) -> bytes:
    """A chart as PNG at twice its size, for print."""
    return _png_of(to_svg(chart))


def _png_of(svg: str) -> bytes:
    """PNG of a drawn chart: the same bytes as from the chart itself, without working it out a second time."""
    import vl_convert

    return vl_convert.svg_to_png(svg, scale=PNG_SCALE)


def save(chart: Any, path_stem: Path) -> SavedChart:
    """Write ``path_stem`` + ``.png`` and ``.svg``; the folder must stand."""
    png, svg = path_stem.with_suffix(".png"), path_stem.with_suffix(".svg")
    drawn = to_svg(chart)
    png.write_bytes(_png_of(drawn))
    svg.write_text(drawn, encoding="utf-8", newline="\n")
    return SavedChart(png, svg, " ".join(chart.title.text), chart.description)


def _version() -> str:
    """Vega-Lite version that this Altair writes, as vl-convert names it ("6.1")."""
    import altair

    return ".".join(altair.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
