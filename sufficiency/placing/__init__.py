"""Children to places through the years of every path: the mix of placements follows from what there is."""

from sufficiency.placing.loop import place_children
from sufficiency.placing.stays import Stays

__all__ = ["Stays", "place_children"]
