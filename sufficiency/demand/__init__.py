"""Who will need a home, when, and with what needs: five years of children looked after, with honest ranges."""

from sufficiency.demand.answer import Demand
from sufficiency.demand.projection import project

__all__ = ["Demand", "project"]
