"""What an outlook answers beyond places and money: changes by year, own carers, brothers and sisters, where to recruit."""

from sufficiency.answers.changes import Changes, changes_of

__all__ = ["Changes", "changes_of"]
