"""What an outlook answers beyond places and money: each year's change, own carers, siblings, where to recruit."""

from sufficiency.answers.bought import bought
from sufficiency.answers.changes import Changes, changes_of
from sufficiency.answers.in_house import in_house
from sufficiency.answers.siblings import siblings

__all__ = ["Changes", "bought", "changes_of", "in_house", "siblings"]
