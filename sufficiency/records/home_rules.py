"""Rules that rows of ``homes.csv`` must keep beyond what one cell can say.

Some need more than the register: ``day`` (the day the data end), ``living`` and ``stepping`` (our children there, and
those of them who wait to step down), ``price_low`` ``price_high`` (of the kind on the day after, over needs levels),
``priced`` (at every needs level) and ``carer_…`` (the household of the same id in ``carers.csv``). A rule is passed
over where its columns are not there. :mod:`~sufficiency.records.reconcile` puts them there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pandas as pd

from sufficiency.geography import postcode_key
from sufficiency.records.rules import BadRows, Rule, rule
from sufficiency.vocabulary import ADULT_AGE, FOSTERING_KINDS, MATCHED_KINDS, SUPPORTED_FROM_AGE

LARGE_HOUSEHOLD: Final = 10
"""Places of a fostering household above which the number is hardly one household's."""

FAR_FROM_PRICE: Final = 3.0
"""How many times the dearest price of its kind a home may cost, or the cheapest its cost, before it is said."""

NUMBERED_EACH: Final = ("residential", "secure")
"""Kinds of which Ofsted numbers each home; agencies have one number for all their households."""


def _warning(code: str, columns: tuple[str, ...], says: str, fix: str) -> Callable[[BadRows], Rule]:
    return rule(code, "homes", columns, says, fix, "warning")


@rule("H01", "homes", ("places_free", "places"), "more places free than approved", "Places free are part of the places")
def more_free_than_places(homes: pd.DataFrame) -> pd.Series:
    """Homes that say more places are free than they have."""
    return homes["places_free"] > homes["places"]


@rule("H02", "homes", ("min_age", "max_age"), "min_age is above max_age", "Give the youngest age first")
def ages_upside_down(homes: pd.DataFrame) -> pd.Series:
    """Homes whose youngest age is above their oldest."""
    return homes["min_age"] > homes["max_age"]


@rule("H03", "homes", ("open_from", "open_to"), "open_to is before open_from", "Correct one of the two dates")
def closes_before_it_opens(homes: pd.DataFrame) -> pd.Series:
    """Homes that close before they open."""
    return homes["open_to"] < homes["open_from"]


@rule(
    "H05",
    "homes",
    ("places", "places_free", "living", "stepping"),
    "more children live here (settled or step_down) than the register allows",
    "Correct places, places_free (a step-down child's place is not free) or the children's current_home_id",
)
def too_many_children(homes: pd.DataFrame) -> pd.Series:
    """Homes with more children living in them than the register can mean.

    The present place of a step-down child is never one of the free ones, so such children are at most the places
    taken; with the settled children they are at most the places approved.
    """
    taken = homes["places"] - homes["places_free"]
    return (homes["living"] > homes["places"]) | (homes["stepping"] > taken)


@_warning("N10", ("places_free", "places", "living"), "more of our children live here than places - places_free says, "
          "so a free place may be none", "Correct places_free or current_home_id")  # fmt: skip
def fuller_than_said(homes: pd.DataFrame) -> pd.Series:
    """Homes in which more of our children live than are counted as taken; beyond the approval is a fault."""
    return homes["living"] > homes["places"] - homes["places_free"]


@_warning("N05", ("postcode",), "no place is known, so no child's distance to the home is",
          "Give a postcode or coordinates")  # fmt: skip
def of_unknown_place(homes: pd.DataFrame) -> pd.Series:
    """Homes with neither postcode nor coordinates."""
    return homes["postcode"].isna() & homes["latitude"].isna()


@_warning("N45", ("kind", "min_age"), "supported accommodation from an age below 16, for which it is not lawful",
          "Correct min_age or kind; no child under 16 is matched to it")  # fmt: skip
def supported_too_young(homes: pd.DataFrame) -> pd.Series:
    """Supported accommodation said to take under-16s."""
    return homes["kind"].eq("supported") & (homes["min_age"] < SUPPORTED_FROM_AGE)


@_warning("N46", ("kind", "places"), f"a fostering household with more than {LARGE_HOUSEHOLD} places",
          "Give one household a row, with its own places")  # fmt: skip
def many_households(homes: pd.DataFrame) -> pd.Series:
    """Rows that stand for an agency rather than a household."""
    return homes["kind"].isin(FOSTERING_KINDS) & (homes["places"] > LARGE_HOUSEHOLD)


@_warning("N47", ("kind", "max_age"), "a fostering household for 18 and over", "Correct max_age; a place kept by a "
          "young adult who stays on is not free")  # fmt: skip
def fosters_adults(homes: pd.DataFrame) -> pd.Series:
    """Fostering households whose oldest age is no child's."""
    return homes["kind"].isin(FOSTERING_KINDS) & (homes["max_age"] >= ADULT_AGE)


@_warning("N48", ("registered", "places_free"), "not registered, but with places free, which no match will use",
          "Correct registered, if it is a slip")  # fmt: skip
def unregistered_and_free(homes: pd.DataFrame) -> pd.Series:
    """Unregistered homes with places that seem to be on offer."""
    return ~homes["registered"].astype(bool) & (homes["places_free"] > 0)


@_warning("N49", ("places",), "a home without places", "Give the places approved, or leave the row out")
def without_places(homes: pd.DataFrame) -> pd.Series:
    """Homes for nobody."""
    return homes["places"] == 0


@_warning("N60", ("provider", "postcode", "kind"), "the same provider, kind and postcode under several ids: one home "
          "twice, or an office's postcode", "Keep one row a home, with the home's own postcode")  # fmt: skip
def alike(homes: pd.DataFrame) -> pd.Series:
    """Rows that nothing but the id tells apart by whose, what and where they are."""
    named = pd.DataFrame(
        {"provider": homes["provider"], "kind": homes["kind"], "postcode": postcode_key(homes["postcode"])}
    )
    return named.notna().all(axis=1) & named.duplicated(keep=False)


@_warning("N61", ("ofsted_urn", "kind"), "the same Ofsted number under several ids", "Keep one row a home")
def numbered_alike(homes: pd.DataFrame) -> pd.Series:
    """Children's homes and secure homes that share the number that Ofsted gives each of them."""
    numbers = homes["ofsted_urn"].where(homes["kind"].isin(NUMBERED_EACH))
    return numbers.notna() & numbers.duplicated(keep=False)


@_warning("N62", ("open_to", "places_free", "day"), "closed by the day the data end, but with places free",
          "Correct open_to or places_free; no match will use it")  # fmt: skip
def closed_and_free(homes: pd.DataFrame) -> pd.Series:
    """Closed homes with places that seem to be on offer."""
    return (homes["open_to"] < homes["day"]) & (homes["places_free"] > 0)


@_warning("N63", ("weekly_cost", "price_low"), f"more than {FAR_FROM_PRICE:g} times above, or below, the prices of its "
          "kind", "Give the cost of one child for one week; correct the prices, if the slip is there")  # fmt: skip
def far_from_price(homes: pd.DataFrame) -> pd.Series:
    """Costs that are likely a month's, a year's or another child's."""
    cost = homes["weekly_cost"]
    return (cost > homes["price_high"] * FAR_FROM_PRICE) | (cost * FAR_FROM_PRICE < homes["price_low"])


@_warning("N64", ("kind", "weekly_cost", "priced"), "neither a weekly_cost nor, in the register of prices, a price of "
          "its kind for every needs level, so a match that could use it stops", "Give one of the two")  # fmt: skip
def without_a_price(homes: pd.DataFrame) -> pd.Series:
    """Homes that a match could use and not cost."""
    return homes["kind"].isin(MATCHED_KINDS) & homes["weekly_cost"].isna() & ~homes["priced"]


@_warning("N65", ("home_id", "kind", "carer_listed"), "an in-house household that is not in the register of carers",
          "Add the household there, under the same id")  # fmt: skip
def without_carers(homes: pd.DataFrame) -> pd.Series:
    """In-house households that nobody approved, by the other register."""
    return homes["kind"].eq("in_house_fostering") & ~homes["carer_listed"]


@_warning("N66", ("places_free", "open_to", "carer_left", "day"), "by the register of carers the household has left, "
          "but it has places free", "Give open_to, or correct left_on")  # fmt: skip
def left_and_free(homes: pd.DataFrame) -> pd.Series:
    """Households that no longer foster and would still be matched."""
    gone = homes["carer_left"] <= homes["day"]
    return gone & (homes["places_free"] > 0) & ~(homes["open_to"] <= homes["day"])


@_warning("N67", ("places", "carer_places"), "the register of carers gives the household other places",
          "Correct the wrong one; the projection takes those of homes")  # fmt: skip
def of_other_places(homes: pd.DataFrame) -> pd.Series:
    """Households with two numbers of places."""
    return homes["carer_places"].notna() & (homes["places"] != homes["carer_places"])


HOME_RULES: Final[tuple[Rule, ...]] = (
    more_free_than_places,
    ages_upside_down,
    closes_before_it_opens,
    of_unknown_place,
    supported_too_young,
    many_households,
    fosters_adults,
    unregistered_and_free,
    without_places,
    alike,
    numbered_alike,
)
"""Rules of the register by itself."""

HOME_RULES_BETWEEN: Final[tuple[Rule, ...]] = (
    too_many_children,
    fuller_than_said,
    closed_and_free,
    far_from_price,
    without_a_price,
    without_carers,
    left_and_free,
    of_other_places,
)
"""Rules that need the day or another register."""
