"""What an outlook answers beyond places and money: each year's change, own carers, siblings, where to recruit."""

from sufficiency.answers.changes import Changes, changes_of

__all__ = ["Changes", "changes_of"]
