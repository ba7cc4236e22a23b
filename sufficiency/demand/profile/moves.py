"""Where children move: from the start of care and from each kind of placement to the next kind, or out of care."""

from __future__ import annotations

import pandas as pd

from sufficiency.demand.profile.authorities import by_authority
from sufficiency.demand.profile.past import ALL, SAME_CARER, ceases, covered, starts, year_of, years_of
from sufficiency.records.model import Records
from sufficiency.vocabulary import EXIT_REASONS, KINDS

STARTED = "started"
OTHER_EXIT = "other_exit"
"""Left for another reason; ``other`` is a kind of placement."""
WAYS_OUT = tuple(OTHER_EXIT if reason == "other" else reason for reason in EXIT_REASONS)


@by_authority
def flows(records: Records) -> pd.DataFrame:
    """Moves by year: ``year`` (and ``all``), ``from`` (started, or a kind), ``to`` (a kind, or a way out:
    :data:`~sufficiency.vocabulary.EXIT_REASONS` with ``other_exit`` for other), ``moves``.

    Every start, move and end of the years held counts, so a child can have several. A change of status with the same
    carer (RNE T and U) within one kind is no move. A period whose start no return shows has none here. Only flows
    that happened have a row.
    """
    happened = pd.concat([_starts(records), _moves(records), _ends(records)], ignore_index=True)
    happened = covered(happened, records)
    rows = pd.concat([happened.assign(year=happened["year"].astype(object)), happened.assign(year=ALL)])
    found = rows.groupby(["year", "from", "to"]).size().rename("moves").reset_index()
    order = {name: place for place, name in enumerate((STARTED, *KINDS, *WAYS_OUT))}
    place = {year: number for number, year in enumerate((*years_of(records), ALL))}
    ordered = found.assign(
        at=found["year"].map(place).astype(float),
        left=found["from"].map(order).astype(float),
        right=found["to"].map(order).astype(float),
    ).sort_values(["at", "left", "right"], ignore_index=True)
    return ordered[["year", "from", "to", "moves"]].astype({"moves": int})


def in_order(records: Records) -> pd.DataFrame:
    """Placements in order of period and date, with ``follows`` (one of the same period stands before it) and
    ``kind_before``; kinds as text."""
    rows = records.placements.sort_values(["period", "started"], kind="stable", ignore_index=True)
    kind = rows["kind"].astype(object)
    follows = rows["period"].eq(rows["period"].shift(1))
    return rows.assign(kind=kind, follows=follows, kind_before=kind.shift(1).where(follows))


def _starts(records: Records) -> pd.DataFrame:
    placements = in_order(records)
    first = placements[~placements["follows"]]
    rows = first.merge(starts(records)[["period", "year"]], on="period")
    return _flow(rows, rows["year"], STARTED, rows["kind"])


def _moves(records: Records) -> pd.DataFrame:
    placements = in_order(records)
    stayed = placements["reason_started"].isin(SAME_CARER) & placements["kind"].eq(placements["kind_before"])
    rows = placements[placements["follows"] & ~stayed]
    return _flow(rows, year_of(rows["started"]), rows["kind_before"], rows["kind"])


def _ends(records: Records) -> pd.DataFrame:
    last = in_order(records).drop_duplicates("period", keep="last")
    rows = last.merge(ceases(records)[["period", "year", "exit_reason"]], on="period")
    return _flow(rows, rows["year"], rows["kind"], rows["exit_reason"].astype(object).replace("other", OTHER_EXIT))


def _flow(rows: pd.DataFrame, year: pd.Series, start: pd.Series | str, end: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({"authority": rows["authority"], "year": year, "from": start, "to": end})
