"""Charts from tidy tables: one theme for notebook, page, PNG and SVG, drawn with Altair and with no network."""

from sufficiency.figures.budget import budget_bars
from sufficiency.figures.changes import waterfalls_by_year
from sufficiency.figures.fan import fan, fans
from sufficiency.figures.funnel import funnel
from sufficiency.figures.goal import goal_lines
from sufficiency.figures.match_map import match_map
from sufficiency.figures.need import places_against_need
from sufficiency.figures.outline import authority_of, authority_outline
from sufficiency.figures.profile_children import (
    children_by_year_chart,
    placements_in_year_chart,
    unaccompanied_chart,
)
from sufficiency.figures.profile_compared import against_published_chart, past_measures_chart
from sufficiency.figures.profile_flows import flows_chart
from sufficiency.figures.profile_kinds import (
    age_by_kind_chart,
    age_by_year_chart,
    kind_by_year_chart,
    providers_chart,
)
from sufficiency.figures.profile_map import areas_chart
from sufficiency.figures.profile_near_home import borough_chart, distance_chart
from sufficiency.figures.profile_pairs import origins_and_places_chart
from sufficiency.figures.profile_siblings import sibling_groups_chart
from sufficiency.figures.profile_sorted import legal_status_chart, needs_chart, provider_codes_chart
from sufficiency.figures.profile_stays import time_in_care_chart, time_in_placement_chart
from sufficiency.figures.recruit_map import recruit_map
from sufficiency.figures.save import SavedChart, save, to_png, to_svg
from sufficiency.figures.site_map import site_map
from sufficiency.figures.tornado import tornado
from sufficiency.figures.waterfall import waterfall

__all__ = [
    "SavedChart",
    "against_published_chart",
    "age_by_kind_chart",
    "age_by_year_chart",
    "areas_chart",
    "authority_of",
    "authority_outline",
    "borough_chart",
    "budget_bars",
    "children_by_year_chart",
    "distance_chart",
    "fan",
    "fans",
    "flows_chart",
    "funnel",
    "goal_lines",
    "kind_by_year_chart",
    "legal_status_chart",
    "match_map",
    "needs_chart",
    "origins_and_places_chart",
    "past_measures_chart",
    "placements_in_year_chart",
    "places_against_need",
    "provider_codes_chart",
    "providers_chart",
    "recruit_map",
    "save",
    "sibling_groups_chart",
    "site_map",
    "time_in_care_chart",
    "time_in_placement_chart",
    "to_png",
    "to_svg",
    "tornado",
    "unaccompanied_chart",
    "waterfall",
    "waterfalls_by_year",
]
