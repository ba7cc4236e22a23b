"""Which homes there will be: carers recruited and kept, homes opened and closed, places by month."""

from sufficiency.supply.answer import Supply
from sufficiency.supply.forecast import forecast_places

__all__ = ["Supply", "forecast_places"]
