"""From mended episodes to placements and periods of care, with miles from home."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from sufficiency.calendar import birthdays
from sufficiency.geography import district_of, locate, miles_between
from sufficiency.vocabulary import EXIT_REASON_OF_CODE, EXIT_REASONS, TEMPORARY_PLACES, placement_kind

JOINED_DAYS: Final = 1
"""A gap of so many days is a slip of the pen: one period of care."""

JOINED_DAYS_IF_MEANT: Final = 14
"""A gap of so many days is one period when the row before says X1, or the row after does not say S."""

TEMPORARY_MOVE: Final = "M12"
LEGAL_STATUS_ROW: Final = "M13"
GAP: Final = "M11"
MERGES: Final = {
    GAP: "a gap of a day, or of up to 14 with X1 or without S: one period of care",
    TEMPORARY_MOVE: "temporary moves (T0-T4): folded into the placement they interrupt",
    LEGAL_STATUS_ROW: "rows that change legal status, not placement: merged",
}
"""Code → what is done when rows become placements."""

_PLACE_COLUMNS: Final = ["place", "provider", "urn", "pl_post"]


def with_periods(episodes: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Episodes in order of child and date with ``period`` numbered from 0, and which rows follow a joined gap.

    What ends before a joined gap runs on over it, so that the child is in care on every day of the period.
    """
    ordered = episodes.sort_values(["child", "decom"], kind="stable")
    same_child = ordered["child"].eq(ordered["child"].shift(1))
    gap = (ordered["decom"] - ordered["dec"].shift(1)).dt.days
    meant = ordered["rec"].shift(1).eq("X1") | ordered["rne"].ne("S")
    joined = same_child & ((gap <= JOINED_DAYS) | ((gap <= JOINED_DAYS_IF_MEANT) & meant))
    follows_gap = joined & (gap > 0)
    runs_on = follows_gap.shift(-1, fill_value=False)
    filled = ordered["dec"].mask(runs_on, ordered["decom"].shift(-1))
    return ordered.assign(dec=filled, period=(~joined).cumsum() - 1, follows_gap=follows_gap), follows_gap


def with_placements(episodes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Episodes with ``placement`` numbered from 0, and the merged rows as ``code`` ``table`` ``line``.

    A placement begins with a period, after a gap, and with RNE P, T, B, U or S; or with another place, home (URN) or
    postcode, whatever RNE says. A temporary move belongs to the placement it interrupts, so does the return.
    """
    temporary = episodes["place"].isin(TEMPORARY_PLACES)
    filled = episodes.assign(**_interrupted_place(episodes, temporary))
    first = filled["period"].ne(filled["period"].shift(1)) | filled["follows_gap"]
    elsewhere = _elsewhere(filled)
    back = temporary.shift(1, fill_value=False) & ~elsewhere
    no_move = filled["rne"].isna() | ~filled["rne"].isin(["S", "P", "T", "B", "U"])
    begins = first | ~((temporary & ~elsewhere) | back | (no_move & ~elsewhere))
    merged = episodes.loc[~begins, ["table", "line"]]
    code = pd.Series(LEGAL_STATUS_ROW, index=episodes.index).mask(temporary | back, TEMPORARY_MOVE)
    numbered = filled.assign(placement=begins.cumsum() - 1)
    return numbered, merged.assign(code=code[~begins])[["code", "table", "line"]]


def _interrupted_place(episodes: pd.DataFrame, temporary: pd.Series) -> dict[str, pd.Series]:
    """Place columns in which a temporary move has those of the row before it in the period, else of the row after."""
    lasting = pd.Series(np.arange(len(episodes)), index=episodes.index).where(~temporary)
    by_period = lasting.groupby(episodes["period"], sort=False)
    own = pd.Series(np.arange(len(episodes)), index=episodes.index)
    row = by_period.ffill().fillna(by_period.bfill()).fillna(own).astype("int64")
    places = episodes[_PLACE_COLUMNS].iloc[row.to_numpy()].set_axis(episodes.index)
    return {column: places[column] for column in _PLACE_COLUMNS}


def _elsewhere(episodes: pd.DataFrame) -> pd.Series:
    """Rows in another place than the row before: another PLACE or provider, or a home or postcode known to differ."""
    before = episodes[_PLACE_COLUMNS].shift(1)
    differs = episodes[_PLACE_COLUMNS].ne(before) & ~(episodes[_PLACE_COLUMNS].isna() & before.isna())
    known = episodes[_PLACE_COLUMNS].notna() & before.notna()
    return differs["place"] | differs["provider"] | (differs & known)[["urn", "pl_post"]].any(axis=1)


def placements_of(episodes: pd.DataFrame) -> pd.DataFrame:
    """One row per placement, as :class:`~sufficiency.records.model.Records` documents, without points and miles."""
    grouped = episodes.groupby("placement", sort=True)
    first = episodes.drop_duplicates("placement", keep="first").reset_index(drop=True)
    last = episodes.drop_duplicates("placement", keep="last").reset_index(drop=True)
    known = grouped[["place", "provider", "ls", "cin", "urn", "home_post", "pl_post"]].last().reset_index(drop=True)
    return pd.DataFrame(
        {
            "authority": first["authority"],
            "child_id": first["child"],
            "period": first["period"],
            "started": first["decom"],
            "ended": last["dec"],
            "kind": placement_kind(known["place"], known["provider"]),
            "place": known["place"],
            "provider": known["provider"],
            "legal_status": known["ls"],
            "need": known["cin"],
            "reason_started": first["rne"],
            "reason_ended": last["rec"].where(last["dec"].notna()),
            "home_post": known["home_post"],
            "pl_post": known["pl_post"],
            "urn": known["urn"],
        }
    )


def on_the_map(placements: pd.DataFrame) -> pd.DataFrame:
    """Placements with points, precision, authority of the place and miles in the stead of their postcodes."""
    both = pd.concat([placements["home_post"], placements["pl_post"]], ignore_index=True)
    points, areas = locate(both), district_of(both)
    home, place = points.iloc[: len(placements)], points.iloc[len(placements) :]
    columns = {
        "home_latitude": home["latitude"],
        "home_longitude": home["longitude"],
        "place_latitude": place["latitude"],
        "place_longitude": place["longitude"],
        "home_precision": home["precision"],
        "place_precision": place["precision"],
        "home_area": areas.iloc[: len(placements)],
        "place_area": areas.iloc[len(placements) :],
        "authority_of_place": place["authority"],
    }
    placed = placements.assign(**{name: values.to_numpy() for name, values in columns.items()})
    ends = [placed[f"{end}_{axis}"].to_numpy() for end in ("home", "place") for axis in ("latitude", "longitude")]
    rest = [column for column in placed.columns if column not in ("home_post", "pl_post", "urn")]
    return placed.assign(miles=miles_between(*ends))[[*rest, "miles", "urn"]]


def periods_of(placements: pd.DataFrame, born: pd.Series) -> pd.DataFrame:
    """One row per period of care; ``born`` gives the date of birth by child_id.

    A period that ends on the 18th birthday or later is ``turned_18`` whatever its code; a code that is unknown, empty
    or X1 (the child should have been somewhere else that day) is ``other``.
    """
    by_period = placements.groupby("period", sort=True)
    first = by_period[["authority", "child_id", "started", "reason_started"]].first().reset_index()
    last = placements.drop_duplicates("period", keep="last").set_index("period")
    ended = last["ended"].reindex(first["period"]).reset_index(drop=True)
    code = last["reason_ended"].reindex(first["period"]).reset_index(drop=True)
    grown = ended >= birthdays(first["child_id"].map(born))
    reason = code.map(EXIT_REASON_OF_CODE).fillna("other").mask(grown, "turned_18").where(ended.notna())
    return pd.DataFrame(
        {
            "authority": first["authority"],
            "period": first["period"],
            "child_id": first["child_id"],
            "started": first["started"],
            "ended": ended,
            "exit_reason": pd.Categorical(reason, categories=EXIT_REASONS),
            "left_censored": _not_a_start(placements, first["period"]),
        }
    )


def _not_a_start(placements: pd.DataFrame, periods: pd.Series) -> pd.Series:
    first = placements.drop_duplicates("period", keep="first").set_index("period")["reason_started"]
    return first.reindex(periods).ne("S").reset_index(drop=True)
