"""What it costs: placement-weeks times price, into financial years, with the cost of recruiting and keeping carers."""

from sufficiency.finance.budget import Budget, cost_of

__all__ = ["Budget", "cost_of"]
