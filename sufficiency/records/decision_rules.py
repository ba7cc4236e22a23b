"""Rules that rows of ``fixed.csv`` and ``scores.csv`` must keep beyond what one cell can say.

What a panel has fixed for one child must not contradict itself; whether it can be kept at all shows only beside the
other registers and the day, so a match checks that. Some rules need ``child_listed`` and ``home_listed``, whether the
register of children and that of homes have the row's ids. :mod:`~sufficiency.records.reconcile` puts them there.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from sufficiency.records.rules import Rule, rule


@rule("K12", "fixed", ("child_id", "home_id", "decision"), "one child is pinned to several homes",
      "Keep one pin for each child")  # fmt: skip
def pinned_twice(fixed: pd.DataFrame) -> pd.Series:
    """Pins of children who have a pin to another home too."""
    pins = fixed[fixed["decision"].eq("pin")]
    homes = pins.groupby("child_id")["home_id"].transform("nunique")
    return (homes > 1).reindex(fixed.index, fill_value=False)


@rule("K13", "fixed", ("child_id", "home_id", "decision"), "one home is both pinned and ruled out for a child",
      "Keep the panel's latest decision")  # fmt: skip
def pinned_and_ruled_out(fixed: pd.DataFrame) -> pd.Series:
    """Every row of a child and a home that has both decisions."""
    return fixed.groupby(["child_id", "home_id"])["decision"].transform("nunique") > 1


def _unlisted(code: str, table: str, whose: str) -> Rule:
    """The warning of ids that the register of children, or of homes, does not have."""
    column, listed = f"{whose}_id", f"{whose}_listed"
    register = {"child": "children", "home": "homes"}[whose]

    def bad_rows(rows: pd.DataFrame) -> pd.Series:
        return ~rows[listed]

    says = f"the {whose} is not in the register of {register}, so a match with this row stops"
    return Rule(code, table, (column, listed), says, "Correct the id, or delete the row", bad_rows, "warning")


FIXED_RULES: Final[tuple[Rule, ...]] = (pinned_twice, pinned_and_ruled_out)
"""Rules of the register of fixed decisions by itself."""

FIXED_RULES_BETWEEN: Final[tuple[Rule, ...]] = (_unlisted("N163", "fixed", "child"), _unlisted("N164", "fixed", "home"))
"""Rules of fixed decisions that need the other registers."""

SCORES_RULES_BETWEEN: Final[tuple[Rule, ...]] = (
    _unlisted("N165", "scores", "child"),
    _unlisted("N166", "scores", "home"),
)
"""Rules of scores that need the other registers."""
