"""Rules that rows of ``carers.csv`` must keep beyond what one cell can say.

Some need more than the register: ``day`` (the day the data end) and ``home_listed`` (a home of the same id in
``homes.csv``). A rule is passed over where its columns are not there.
:mod:`~sufficiency.records.reconcile` puts them there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pandas as pd

from sufficiency.records.rules import BadRows, Rule, rule

DATES: Final = ("enquired_on", "applied_on", "approved_on", "left_on")


def _warning(code: str, columns: tuple[str, ...], says: str, fix: str) -> Callable[[BadRows], Rule]:
    return rule(code, "carers", columns, says, fix, "warning")


def _out_of_order(earlier: str, later: str, code: str) -> Rule:
    says = f"{later} is before {earlier}"

    @rule(code, "carers", (earlier, later), says, "Correct one of the two dates")
    def out_of_order(carers: pd.DataFrame) -> pd.Series:
        return carers[later] < carers[earlier]

    return out_of_order


@rule("A05", "carers", ("approved_on", "places"), "approved without places", "Give the places approved for")
def approved_without_places(carers: pd.DataFrame) -> pd.Series:
    """Households approved for no child at all."""
    return carers["approved_on"].notna() & (carers["places"] == 0)


@_warning("N31", ("places", "approved_on", "left_on"), "approved and not left, but the places are not given",
          "Give the places of the approval")  # fmt: skip
def approved_for_nobody_knows(carers: pd.DataFrame) -> pd.Series:
    """Open households of unknown size, which count as one place where there is no register of homes."""
    return carers["approved_on"].notna() & carers["left_on"].isna() & carers["places"].isna()


@_warning("N68", ("level", "places", "approved_on"), "a level or places, but never approved", "Give approved_on, or "
          "empty the two; the household is not counted until then")  # fmt: skip
def levelled_before_approval(carers: pd.DataFrame) -> pd.Series:
    """Terms of approval without an approval."""
    return carers["approved_on"].isna() & (carers["level"].notna() | carers["places"].gt(0))


@_warning("N69", (*DATES, "day"), "a date after the day the data end, so not counted yet", "Correct it, unless the "
          "register is newer than the returns")  # fmt: skip
def after_the_data(carers: pd.DataFrame) -> pd.Series:
    """Events that lie ahead of the returns."""
    return carers[list(DATES)].gt(carers["day"], axis=0).any(axis=1)


@_warning("N150", ("household_id", "approved_on", "left_on", "home_listed", "day"), "approved and not left, but no "
          "home of this id is in the register of homes, so its places are not counted",
          "Add the household there, under the same id")  # fmt: skip
def without_a_home(carers: pd.DataFrame) -> pd.Series:
    """Open households that a projection, which takes places from the homes, never sees."""
    open_then = (carers["approved_on"] <= carers["day"]) & ~(carers["left_on"] <= carers["day"])
    return open_then & ~carers["home_listed"]


CARER_RULES: Final[tuple[Rule, ...]] = (
    _out_of_order("enquired_on", "applied_on", "A01"),
    _out_of_order("applied_on", "approved_on", "A02"),
    _out_of_order("enquired_on", "approved_on", "A03"),
    _out_of_order("approved_on", "left_on", "A04"),
    approved_without_places,
    approved_for_nobody_knows,
    levelled_before_approval,
)
"""Rules of the register by itself."""

CARER_RULES_BETWEEN: Final[tuple[Rule, ...]] = (after_the_data, without_a_home)
"""Rules that need the day or the register of homes."""
