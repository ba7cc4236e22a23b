"""Charts from tidy tables: one theme for notebook, page, PNG and SVG, drawn with Altair and with no network."""

from sufficiency.figures.budget import budget_bars
from sufficiency.figures.fan import fan, fans
from sufficiency.figures.funnel import funnel
from sufficiency.figures.match_map import match_map
from sufficiency.figures.need import places_against_need
from sufficiency.figures.outline import authority_of, authority_outline
from sufficiency.figures.save import SavedChart, save, to_png, to_svg

__all__ = [
    "SavedChart",
    "authority_of",
    "authority_outline",
    "budget_bars",
    "fan",
    "fans",
    "funnel",
    "match_map",
    "places_against_need",
    "save",
    "to_png",
    "to_svg",
]
