"""Rules that rows of ``prices.csv`` must keep beyond what one cell can say.

One needs ``day``, the day the data end, and is passed over where it is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pandas as pd

from sufficiency.records.rules import BadRows, Rule, rule

DAYS_AHEAD: Final = 365
"""Days after the data end from which a price is hardly meant to be used yet."""


def _warning(code: str, columns: tuple[str, ...], says: str, fix: str) -> Callable[[BadRows], Rule]:
    return rule(code, "prices", columns, says, fix, "warning")


@_warning("N151", ("kind", "needs_level", "from_date", "weekly_cost"), "a higher needs level costs less than a lower "
          "one from the same date", "Check that the levels are the right way round")  # fmt: skip
def cheaper_when_higher(prices: pd.DataFrame) -> pd.Series:
    """Rows whose price is below that of a lower level of the same kind and date."""
    levelled = prices[prices["needs_level"].notna()].sort_values("needs_level", kind="stable")
    dearest = levelled.groupby(["kind", "from_date"])["weekly_cost"].cummax()
    return (levelled["weekly_cost"] < dearest).reindex(prices.index, fill_value=False)


@_warning("N152", ("kind", "needs_level", "from_date"), "a price for any needs level that starts after one for a "
          "single level, which goes on counting", "Give the new price for each level")  # fmt: skip
def general_after_levels(prices: pd.DataFrame) -> pd.Series:
    """Rows for any level that a reader would take to replace those of single levels."""
    levelled = prices[prices["needs_level"].notna()]
    first = levelled.groupby("kind")["from_date"].min().reindex(prices["kind"].to_numpy()).set_axis(prices.index)
    return prices["needs_level"].isna() & (prices["from_date"] > first)


@_warning("N153", ("from_date", "day"), "starts more than a year after the data end, so it is not used",
          "Nothing to do: inflation carries prices forward; else correct the date")  # fmt: skip
def far_ahead(prices: pd.DataFrame) -> pd.Series:
    """Prices of a time that only the inflation settings speak of."""
    return prices["from_date"] > prices["day"] + pd.Timedelta(days=DAYS_AHEAD)


PRICE_RULES: Final[tuple[Rule, ...]] = (cheaper_when_higher, general_after_levels)
"""Rules of the register by itself."""

PRICE_RULES_BETWEEN: Final[tuple[Rule, ...]] = (far_ahead,)
"""Rules that need the day."""
