"""Goal seek: how far a lever must go for a target to be met often enough."""

from sufficiency.goals.answer import GoalSeek
from sufficiency.goals.seek import goal_seek, values_at_most

__all__ = ["GoalSeek", "goal_seek", "values_at_most"]
