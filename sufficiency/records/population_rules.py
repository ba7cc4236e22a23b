"""Rules that rows of ``population.csv`` must keep beyond what one cell can say.

A projection adds up the ages 0 to 17 of each year, joins the years by straight lines, and takes the growth from the
day the data end. One rule needs that ``day`` and is passed over where it is not there. Rules on a year as a whole
answer with its first row, so that a message stays short.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.records.rules import BadRows, Rule, rule
from sufficiency.vocabulary import ADULT_AGE

JUMP: Final = 0.10
"""Change of the population aged 0 to 17 within a year [share] beyond which a figure is likely wrong."""

YEARS_STALE: Final = 1
"""Years that the last figure may lie before the day the data end: the newest estimate is a year old, or nearly."""

PRINCIPAL: Final = "principal"


def _warning(code: str, columns: tuple[str, ...], says: str, fix: str) -> Callable[[BadRows], Rule]:
    return rule(code, "population", columns, says, fix, "warning")


def _children(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of ages 0 to 17 with their keys known."""
    known = table[["year", "age", "variant"]].notna().all(axis=1)
    return table[known & (table["age"] < ADULT_AGE)]


def _on(table: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """True for the rows of ``table`` that are also in ``rows``."""
    return pd.Series(table.index.isin(rows.index), index=table.index)


@rule("O11", "population", ("year", "age", "variant"), "the year lacks an age from 0 to 17 that other years have, so "
      "its total would be too small", "Add the missing age, or leave the year out")  # fmt: skip
def lacks_an_age(population: pd.DataFrame) -> pd.Series:
    """Years of a variant with fewer of its ages than there are; not asked while a year or an age cannot be read."""
    if population[["year", "age"]].isna().to_numpy().any():
        return pd.Series(False, index=population.index)
    rows = _children(population)
    ages = rows.groupby("variant")["age"].transform("nunique")
    held = rows.groupby(["variant", "year"])["age"].transform("nunique")
    return _on(population, rows[held < ages])


@rule("O12", "population", ("variant", "age"), "no row of the principal variant for ages 0 to 17, from which growth is "
      "taken", "Add it, or empty the variant, which then is principal")  # fmt: skip
def without_principal(population: pd.DataFrame) -> pd.Series:
    """All rows, when none is the principal projection of children."""
    rows = _children(population)
    return pd.Series(not rows["variant"].eq(PRINCIPAL).any(), index=population.index)


@_warning("N154", ("year", "variant"), "the year before is missing, so a straight line stands for it",
          "Add the missing years, if they are known")  # fmt: skip
def after_a_gap(population: pd.DataFrame) -> pd.Series:
    """First rows of years that follow on no other, of each variant."""
    years = _years(population)
    return _on(population, years[years.groupby("variant")["year"].diff() > 1])


@_warning("N155", ("population", "year", "variant"), f"the population aged 0 to 17 is more than {JUMP:.0%} off that of "
          "the year before", "Check the figures of both years, and that all are in the same units")  # fmt: skip
def jumps(population: pd.DataFrame) -> pd.Series:
    """First rows of years whose total is far from the last year's, of each variant."""
    years = _years(population)
    change = years["total"] / years.groupby("variant")["total"].shift(1) - 1
    next_year = years.groupby("variant")["year"].diff() == 1
    return _on(population, years[next_year & (change.abs() > JUMP)])


@_warning("N156", ("variant", "year"), "the variant does not have the years of the principal one, so its growth jumps "
          "where it begins or ends", "Give all variants for the same years")  # fmt: skip
def of_other_years(population: pd.DataFrame) -> pd.Series:
    """First rows of variants whose years are not those of the principal one."""
    years = _years(population)
    held = {str(name): set(of_one) for name, of_one in years.groupby("variant")["year"]}
    odd = [name for name, of_one in held.items() if name != PRINCIPAL and of_one != held.get(PRINCIPAL, of_one)]
    return _on(population, years[years["variant"].isin(odd)].drop_duplicates("variant"))


@_warning("N157", ("variant",), "one of the variants low and high without the other", "Add the other, or the spread of "
          "futures leans to one side")  # fmt: skip
def one_sided(population: pd.DataFrame) -> pd.Series:
    """The first row of the low or the high variant, when it stands alone."""
    years = _years(population)
    sides = years[years["variant"] != PRINCIPAL]
    return _on(population, sides.head(1) if sides["variant"].nunique() == 1 else sides.head(0))


@_warning("N158", ("age",), "not every age from 0 to 17 is there, so the population of the missing ones stands still",
          "Add the ages for every year")  # fmt: skip
def ages_nowhere(population: pd.DataFrame) -> pd.Series:
    """The first row, when an age is in no year at all."""
    ages = set(_children(population)["age"])
    return pd.Series(np.arange(len(population)) == 0, index=population.index) & (0 < len(ages) < ADULT_AGE)


@_warning("N159", ("year", "variant", "day"), "no year near the day the data end, so the population stands still from "
          "or until then", "Add the missing years")  # fmt: skip
def far_from_the_data(population: pd.DataFrame) -> pd.Series:
    """The principal variant's year nearest the data, when it ends before them or begins after them."""
    years = _years(population)
    years = years[years["variant"] == PRINCIPAL]
    if years.empty:
        return pd.Series(False, index=population.index)
    end = population["day"].iloc[0].year
    last = years[(years["year"] == years["year"].max()) & (years["year"] < end - YEARS_STALE)]
    first = years[(years["year"] == years["year"].min()) & (years["year"] > end)]
    return _on(population, pd.concat([last, first]))


def _years(population: pd.DataFrame) -> pd.DataFrame:
    """The first row of each variant and year, in their order, with the ``total`` aged 0 to 17."""
    rows = _children(population)
    total = rows.groupby(["variant", "year"])["population"].transform("sum")
    return rows.assign(total=total).drop_duplicates(["variant", "year"]).sort_values(["variant", "year"])


POPULATION_RULES: Final[tuple[Rule, ...]] = (
    lacks_an_age,
    without_principal,
    after_a_gap,
    jumps,
    of_other_years,
    one_sided,
    ages_nowhere,
)
"""Rules of the register by itself."""

POPULATION_RULES_BETWEEN: Final[tuple[Rule, ...]] = (far_from_the_data,)
"""Rules that need the day."""
