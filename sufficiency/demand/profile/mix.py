"""What the children of each 31 March are by: who provides their home, their legal status, their category of need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from sufficiency.demand.profile.authorities import by_authority
from sufficiency.demand.profile.past import ALL, UNKNOWN, counts, last_day, share, stocks, with_share, years_of
from sufficiency.demand.profile.words import (
    LEGAL_GROUP_OF_CODE,
    LEGAL_LABELS,
    NEED_LABELS,
    OTHER_KINDS,
    PROVIDER_GROUPS,
    PROVIDER_LABELS,
)
from sufficiency.records.model import Records


@by_authority
def providers(records: Records) -> pd.DataFrame:
    """Children on 31 March by who provides their home: ``year`` ``group`` ``children`` ``share``.

    Groups: in-house fostering, independent agencies, kinship, children's homes, supported accommodation, every other
    kind, and ``all``.
    """
    rows = stocks(records)
    kind = rows["kind"].astype(object)
    rows = rows.assign(group=kind.where(kind.isin(PROVIDER_GROUPS), OTHER_KINDS))
    table = counts(rows, years_of(records), "group", (*PROVIDER_GROUPS, OTHER_KINDS))
    total = table.groupby("year", as_index=False)["children"].sum().assign(group=ALL)
    both = pd.concat([table, total], ignore_index=True).sort_values("year", kind="stable", ignore_index=True)
    of = both["year"].map(total.set_index("year")["children"])
    return both.assign(share=share(both["children"], of))


@by_authority
def provider_codes(records: Records) -> pd.DataFrame:
    """Children on 31 March by PLACE_PROVIDER: ``year`` ``provider`` (PR0 to PR5, unknown) ``label`` ``children``
    ``share``."""
    return _by_code(stocks(records), years_of(records), "provider", "provider", PROVIDER_LABELS)


@by_authority
def legal_status(records: Records) -> pd.DataFrame:
    """Children on 31 March by legal status that day: ``year`` ``group`` ``label`` ``children`` ``share``.

    Groups of LS: C2, C1, E1, V2, every other one, unknown.
    """
    rows = stocks(records)
    if records.legal_statuses is not None:
        rows = rows.assign(legal_status=_status_of_the_day(rows, records.legal_statuses))
    return _by_code(rows, years_of(records), "legal_status", "group", LEGAL_LABELS, LEGAL_GROUP_OF_CODE)


def _status_of_the_day(rows: pd.DataFrame, statuses: pd.DataFrame) -> pd.Series:
    """The latest status of each child by the 31 March of its row; a placement itself keeps its last one only."""
    day = rows["year"].map({year: last_day(year) for year in rows["year"].unique()}).astype("datetime64[us]")
    asked = pd.DataFrame({"child_id": rows["child_id"], "day": day}).sort_values("day", kind="stable")
    changes = statuses.rename(columns={"started": "day"})
    found = pd.merge_asof(asked, changes, on="day", by="child_id")["legal_status"]
    return found.set_axis(asked.index).reindex(rows.index)


@by_authority
def needs(records: Records) -> pd.DataFrame:
    """Children on 31 March by category of need (CIN): ``year`` ``need`` (N1 to N8, unknown) ``label`` ``children``
    ``share``."""
    return _by_code(stocks(records), years_of(records), "need", "need", NEED_LABELS)


def _by_code(
    rows: pd.DataFrame,
    years: Sequence[int],
    column: str,
    name: str,
    labels: Mapping[str, str],
    group_of: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Counts of a column of codes under ``name``; what is in no group is ``other``, what has no label ``unknown``."""
    codes = rows[column].astype(object)
    if group_of is not None:
        codes = codes.map(group_of).fillna("other").where(codes.notna(), UNKNOWN)
    groups = codes.where(codes.isin(list(labels)), UNKNOWN)
    table = with_share(counts(rows.assign(**{name: groups}), years, name, tuple(labels)))
    table.insert(2, "label", table[name].map(labels).astype(object))
    return table
