"""The projection held against what came: past forecasts made as the data stood then, scored beside simple methods."""

from sufficiency.demand.backtest.answer import Backtest
from sufficiency.demand.backtest.rolling import backtest

__all__ = ["Backtest", "backtest"]
