"""Rules that rows of ``children.csv`` must keep beyond what one cell can say.

Some need more than the register: ``age`` and ``day`` (the day the data end), ``present_…`` (the home where the child
lives now, from ``homes.csv``) and ``returned_…`` (the child by the returns). A rule is passed over where its columns
are not there. :mod:`~sufficiency.records.reconcile` puts them there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pandas as pd

from sufficiency.records.rules import BadRows, Rule, rule
from sufficiency.vocabulary import ADULT_AGE, MATCHED_KINDS, SUPPORTED_FROM_AGE

LISTED_KINDS: Final = ("in_house_fostering", "ifa", "residential", "supported")
"""Kinds whose homes stand in a register of homes; relatives' mostly do not."""

MONTH_ONLY_DAY: Final = 15
"""Day that stands for a date of birth of which only the month is known."""


def _warning(code: str, columns: tuple[str, ...], says: str, fix: str) -> Callable[[BadRows], Rule]:
    return rule(code, "children", columns, says, fix, "warning")


@rule(
    "C01",
    "children",
    ("sibling_group", "solo"),
    "a sibling group to live together has a child who must live alone",
    "Empty sibling_group or set solo to false for that child",
)
def solo_in_sibling_group(children: pd.DataFrame) -> pd.Series:
    """Every solo child whose sibling group has another child in it."""
    size = children.groupby("sibling_group")["child_id"].transform("size")
    return children["solo"].astype("boolean").fillna(False) & (size >= 2)


@rule("C02", "children", ("current_home_id", "status"), "a step_down child has no current_home_id",
      "Give the home where the child lives now")  # fmt: skip
def steps_down_from_nowhere(children: pd.DataFrame) -> pd.Series:
    """Children to move on from a home that nobody names: nothing could be matched against staying there."""
    return children["status"].eq("step_down") & children["current_home_id"].isna()


@rule("C03", "children", ("current_home_id", "status", "present_listed"),
      "a step_down child's current_home_id is not in the register of homes",
      "Add the home there, correct its id, or put right what is wrong with its row")  # fmt: skip
def steps_down_from_unknown_home(children: pd.DataFrame) -> pd.Series:
    """Children to move on from a home that the other register does not have."""
    named = children["status"].eq("step_down") & children["current_home_id"].notna()
    return named & ~children["present_listed"]


@_warning("N30", ("sibling_group",), "a sibling group of one", "Correct the group's name, or empty the cell")
def group_of_one(children: pd.DataFrame) -> pd.Series:
    """Groups to live together in which nobody else is."""
    return children.groupby("sibling_group")["child_id"].transform("size") == 1


@_warning("N32", ("max_miles",), "a limit of 0 miles, within which no home is", "Give the limit in miles, or empty it")
def limit_of_nothing(children: pd.DataFrame) -> pd.Series:
    """Own limits that no home can be within."""
    return children["max_miles"] == 0


@_warning("N33", ("allowed_kinds",), "no kind that a match may use, so the child is never given a home",
          f"Name at least one of {', '.join(MATCHED_KINDS)}, or empty the cell")  # fmt: skip
def no_kind_of_the_pool(children: pd.DataFrame) -> pd.Series:
    """Children for whom only kinds are allowed that are decided elsewhere."""
    return children["allowed_kinds"].map(lambda kinds: bool(kinds) and not set(kinds) & set(MATCHED_KINDS))


@_warning("N34", ("date_of_birth", "age"), "18 or over on the day the returns end, so no longer looked after",
          "Correct the date of birth, or leave the row out")  # fmt: skip
def grown_up(children: pd.DataFrame) -> pd.Series:
    """People who are no longer children; no home is matched to them."""
    return children["age"] >= ADULT_AGE


@_warning("N35", ("date_of_birth", "day"), "born after the day the returns end", "Correct the date of birth, unless "
          "the register is newer than the returns")  # fmt: skip
def not_yet_born(children: pd.DataFrame) -> pd.Series:
    """Births that the returns cannot know of."""
    return children["date_of_birth"] > children["day"]


@_warning("N36", ("allowed_kinds", "age"), "only supported accommodation is allowed, and it is for 16 and 17 only",
          "Allow another kind, or correct the date of birth")  # fmt: skip
def supported_too_young(children: pd.DataFrame) -> pd.Series:
    """Under-16s who may live nowhere that they may live."""
    usable = children["allowed_kinds"].map(lambda kinds: set(kinds) & set(MATCHED_KINDS))
    return usable.map(lambda kinds: kinds == {"supported"}) & (children["age"] < SUPPORTED_FROM_AGE)


@_warning("N37", ("current_home_id", "status", "present_listed"), "the home is not in the register of homes, so the "
          "child holds no place there",
          "Add the home there, correct its id, or put right what is wrong with its row")  # fmt: skip
def lives_in_unknown_home(children: pd.DataFrame) -> pd.Series:
    """Present homes that the other register does not have; of step_down children that is a fault."""
    named = children["current_home_id"].notna() & ~children["status"].eq("step_down")
    return named & ~children["present_listed"]


@_warning("N38", ("current_home_id", "status", "returned_kind"), "settled, by the returns in a kind of home that the "
          "register of homes holds, but without a current_home_id", "Give the home where the child lives")  # fmt: skip
def settled_nowhere(children: pd.DataFrame) -> pd.Series:
    """Settled children whose place nobody counts as taken."""
    settled = children["status"].eq("settled") & children["current_home_id"].isna()
    return settled & children["returned_kind"].isin(LISTED_KINDS)


@_warning("N39", ("current_home_id", "avoid_homes", "status"), "the child is to stay in, or step down from, a home "
          "that it must avoid", "Correct avoid_homes, or set status to needs_home")  # fmt: skip
def lives_where_it_must_not(children: pd.DataFrame) -> pd.Series:
    """Children left for now in a home of their avoid_homes; those who need a home are about to leave it."""
    pairs = zip(children["current_home_id"], children["avoid_homes"], strict=True)
    avoided = pd.Series([home in avoid for home, avoid in pairs], index=children.index, dtype=bool)
    return avoided & ~children["status"].eq("needs_home")


@_warning("N40", ("avoid_homes", "avoids_unknown"), "a home to avoid is not in the register of homes, so a slip in its "
          "id would let it be proposed", "Check the ids; nothing to do if they are homes of others")  # fmt: skip
def avoids_unknown_home(children: pd.DataFrame) -> pd.Series:
    """Ids of homes to avoid that the other register does not have."""
    return children["avoids_unknown"]


@_warning("N41", ("current_home_id", "status", "age", "present_min_age"), "settled in a home whose ages, sex or needs "
          "level do not fit the child", "Correct the child's row or the home's")  # fmt: skip
def outside_the_terms(children: pd.DataFrame) -> pd.Series:
    """Settled children outside the terms of approval of their home, by the two registers."""
    fits = children["age"].between(children["present_min_age"], children["present_max_age"])
    fits &= children["present_sex"].isin(["any"]) | children["sex"].eq(children["present_sex"]) | children["sex"].isna()
    fits &= children["needs_level"] <= children["present_level"]
    return children["status"].eq("settled") & children["present_listed"] & ~fits


@_warning("N08", ("child_id", "looked_after"), "in the register, but by the returns not looked after on the day they "
          "end", "Nothing to do for children who started since; else correct the id or the return")  # fmt: skip
def not_looked_after(children: pd.DataFrame) -> pd.Series:
    """Children of the register whom the returns do not have in care."""
    return ~children["looked_after"]


@_warning("N42", ("date_of_birth", "returned_born"), "the returns give the child another date of birth",
          "Correct the wrong one: the projection takes the returns', a match the register's")  # fmt: skip
def born_otherwise(children: pd.DataFrame) -> pd.Series:
    """Two dates of birth; the 15th of a month may stand for the month, so a day within it is no difference."""
    born, returned = children["date_of_birth"], children["returned_born"]
    month_only = returned.dt.day.eq(MONTH_ONLY_DAY) | born.dt.day.eq(MONTH_ONLY_DAY)
    same_month = (born.dt.year == returned.dt.year) & (born.dt.month == returned.dt.month)
    return returned.notna() & (born != returned) & ~(month_only & same_month)


@_warning("N43", ("sex", "returned_sex"), "the returns give the child another sex", "Correct it, if it is a slip")
def of_another_sex(children: pd.DataFrame) -> pd.Series:
    """Two sexes, where both say one."""
    known = children["sex"].notna() & children["returned_sex"].notna()
    return known & (children["sex"] != children["returned_sex"])


@_warning("N44", ("current_home_id", "present_kind", "returned_kind"), "the home is of another kind than the child's "
          "placement by the returns", "Correct current_home_id, the home's kind, or the return")  # fmt: skip
def placed_otherwise(children: pd.DataFrame) -> pd.Series:
    """Present homes that cannot be where the returns place the child."""
    known = children["present_kind"].notna() & children["returned_kind"].notna()
    return known & (children["present_kind"].astype(object) != children["returned_kind"].astype(object))


CHILD_RULES: Final[tuple[Rule, ...]] = (
    solo_in_sibling_group,
    steps_down_from_nowhere,
    group_of_one,
    limit_of_nothing,
    no_kind_of_the_pool,
    lives_where_it_must_not,
)
"""Rules of the register by itself."""

CHILD_RULES_BETWEEN: Final[tuple[Rule, ...]] = (
    steps_down_from_unknown_home,
    grown_up,
    not_yet_born,
    supported_too_young,
    lives_in_unknown_home,
    settled_nowhere,
    avoids_unknown_home,
    outside_the_terms,
    not_looked_after,
    born_otherwise,
    of_another_sex,
    placed_otherwise,
)
"""Rules that need the day, the homes or the returns."""
