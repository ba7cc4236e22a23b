"""The needs analysis: what the returns of past years tell of the children, as tables and charts to paste in."""

from sufficiency.demand.profile.answer import Profile, profile
from sufficiency.demand.profile.children import age_by_kind, children_by_year, placements_in_year, unaccompanied
from sufficiency.demand.profile.compared import against_published
from sufficiency.demand.profile.mix import legal_status, needs, provider_codes, providers
from sufficiency.demand.profile.moves import flows
from sufficiency.demand.profile.past_measures import past_measures
from sufficiency.demand.profile.published_file import read_published
from sufficiency.demand.profile.siblings import sibling_groups
from sufficiency.demand.profile.stays import medians, time_in_care, time_in_placement
from sufficiency.demand.profile.where import areas, borough, distance, origins_and_places

__all__ = [
    "Profile",
    "against_published",
    "age_by_kind",
    "areas",
    "borough",
    "children_by_year",
    "distance",
    "flows",
    "legal_status",
    "medians",
    "needs",
    "origins_and_places",
    "past_measures",
    "placements_in_year",
    "profile",
    "provider_codes",
    "providers",
    "read_published",
    "sibling_groups",
    "time_in_care",
    "time_in_placement",
    "unaccompanied",
]
