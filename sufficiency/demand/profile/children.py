"""How many children: looked after, starting, ceasing, by age and kind, unaccompanied, and by placements in the year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sufficiency.demand.profile.authorities import by_authority
from sufficiency.demand.profile.past import (
    ALL,
    ceases,
    counts,
    every_year,
    first_day,
    last_day,
    once_a_year,
    placements_on,
    share,
    starts,
    stocks,
    with_children,
    with_share,
    years_of,
)
from sufficiency.records.model import Records
from sufficiency.vocabulary import ADULT_AGE, AGE_BANDS, KINDS

PER_CHILDREN = 10_000
PLACEMENTS = ("1", "2", "3_or_more")


@by_authority
def children_by_year(records: Records) -> pd.DataFrame:
    """Children looked after, starting and ceasing by year.

    ``year``; ``looked_after`` on 31 March; ``started`` ``ceased``: children, each once a year, as DfE counts;
    ``periods_started`` ``periods_ceased``: every start and end of a period of care; ``not_explained``: what is left
    (periods whose start no return shows), so that ``opening`` + periods started - periods ceased + not explained =
    looked after; ``population``: children aged 0 to 17 in the middle of the year before (principal variant; empty
    unless every age is given); ``rate``: looked after per 10,000 of them; ``opening``: looked after on the 31 March
    before.
    """
    years = pd.Index(years_of(records), name="year", dtype=int)
    started, ceased = starts(records), ceases(records)
    columns = {
        "looked_after": stocks(records).groupby("year").size(),
        "started": once_a_year(started, "first").groupby("year").size(),
        "ceased": once_a_year(ceased, "last").groupby("year").size(),
        "periods_started": started.groupby("year").size(),
        "periods_ceased": ceased.groupby("year").size(),
    }
    table = pd.DataFrame({name: found.reindex(years, fill_value=0) for name, found in columns.items()}, index=years)
    before = every_year(records, lambda year: placements_on(records.placements, last_day(year - 1)))
    opening = before.groupby("year").size().reindex(years, fill_value=0)
    explained = opening + table["periods_started"] - table["periods_ceased"]
    population = _population(records, years)
    return table.assign(
        not_explained=table["looked_after"] - explained,
        population=population,
        rate=share(table["looked_after"] * PER_CHILDREN, population),
        opening=opening,
    ).reset_index()


def _population(records: Records, years: pd.Index) -> pd.Series:
    """Children aged 0 to 17 in the middle of the year before; missing where an age is not given."""
    register = records.population
    if register is None:
        return pd.Series(pd.NA, index=years, dtype="Int64")
    rows = register[(register["variant"] == "principal") & (register["age"] < ADULT_AGE)]
    by_year = rows.groupby("year")["population"].agg(["sum", "count"])
    whole = by_year.loc[by_year["count"] == ADULT_AGE, "sum"].round().astype("Int64")
    return whole.reindex(years - 1).set_axis(years)


@by_authority
def age_by_kind(records: Records) -> pd.DataFrame:
    """Children on 31 March by age and kind of placement: ``year`` ``age_band`` ``kind`` ``children``.

    ``all`` for margins, noughts kept. Bands are DfE's, kinds :data:`~sufficiency.vocabulary.KINDS`.
    """
    rows, years = stocks(records), years_of(records)
    shape = (len(years), len(AGE_BANDS), len(KINDS))
    cells = np.zeros(shape, dtype=int)
    place = (
        pd.Index(years).get_indexer(pd.Index(rows["year"])),
        pd.Index(AGE_BANDS).get_indexer(pd.Index(rows["age_band"])),
        pd.Index(KINDS).get_indexer(pd.Index(rows["kind"].astype(object))),
    )
    np.add.at(cells, place, 1)
    bands = np.concatenate([cells.sum(axis=1, keepdims=True), cells], axis=1)
    whole = np.concatenate([bands.sum(axis=2, keepdims=True), bands], axis=2)
    keys = pd.MultiIndex.from_product([years, (ALL, *AGE_BANDS), (ALL, *KINDS)], names=["year", "age_band", "kind"])
    return keys.to_frame(index=False).astype({"year": int}).assign(children=whole.ravel())


@by_authority
def unaccompanied(records: Records) -> pd.DataFrame:
    """Unaccompanied asylum-seeking children (ever listed as such) by year.

    ``year``; ``looked_after`` and, of them, ``uasc`` on 31 March with their ``share``; ``uasc_started``: those who
    started in the year, each once.
    """
    rows, years = stocks(records), pd.Index(years_of(records), name="year", dtype=int)
    started = once_a_year(starts(records), "first")
    started = with_children(started, records, on=started["started"])
    columns = {"looked_after": rows, "uasc": rows[rows["uasc"]], "uasc_started": started[started["uasc"]]}
    table = pd.DataFrame(
        {name: found.groupby("year").size().reindex(years, fill_value=0) for name, found in columns.items()},
        index=years,
    )
    table.insert(2, "share", share(table["uasc"], table["looked_after"]))
    return table.reset_index()


@by_authority
def placements_in_year(records: Records) -> pd.DataFrame:
    """Children on 31 March by how many placements they had in the 12 months to it.

    ``year`` ``placements`` (1, 2, 3_or_more) ``children`` ``share``. Placements open on 1 April count; temporary moves
    do not; those of an earlier period of care in the year do.
    """
    rows, years = stocks(records), years_of(records)
    children = {year: rows.loc[rows["year"] == year, "child_id"] for year in years}
    numbers = [_placements_of(children[year], records.placements, year) for year in years]
    had = pd.concat(numbers) if numbers else pd.Series(dtype=int)
    named = np.array(PLACEMENTS, dtype=object)[had.clip(1, len(PLACEMENTS)).to_numpy() - 1]
    return with_share(counts(rows.assign(placements=named), years, "placements", PLACEMENTS))


def _placements_of(children: pd.Series, placements: pd.DataFrame, year: int) -> pd.Series:
    """How many placements each of the ``children`` had from 1 April to 31 March."""
    held = (placements["started"] <= last_day(year)) & ~(placements["ended"] < first_day(year))
    number = placements.loc[held, "child_id"].value_counts()
    return children.map(number).fillna(1).astype(int)
