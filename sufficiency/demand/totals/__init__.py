"""Projections from published totals alone, for authorities without case records: neighbours, regions, England."""

from sufficiency.demand.totals.answer import Totals
from sufficiency.demand.totals.panel import read_panel
from sufficiency.demand.totals.project import project_totals
from sufficiency.demand.totals.settings import TotalsSettings

__all__ = ["Totals", "TotalsSettings", "project_totals", "read_panel"]
