"""Repairs, each a small named rule: what is known to go wrong in returns, what is done about it, and to which rows.

The order matters and stands in :data:`REPAIRS`: a return is mended by itself first, then against the other returns,
then each child's history is put in order. Every repair takes the episodes of all returns and gives them back with the
rows that it changed or left out. ``dec`` is exclusive: a child is not there on the day in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pandas as pd

from sufficiency.calendar import birthdays
from sufficiency.vocabulary import SHORT_BREAKS

FAR: Final = pd.Timestamp(2262, 1, 1)
"""Stands for "still open" where ends are compared."""

AMENDED_WITHIN_DAYS: Final = 62
"""A start that moves by so many days between two returns is an amendment; by more, another episode."""

MOVES: Final = ("P", "L", "T", "B", "U")
"""Reasons for a new episode of children who were in care before it."""

SAME_PLACE: Final = ("place", "provider", "urn", "pl_post")

Mended = tuple[pd.DataFrame, pd.Series]
"""Episodes after a repair, and which rows of the episodes before it were touched."""

Effect = str


@dataclass(frozen=True)
class Repair:
    """One repair: ``effect`` says whether the rows it touches are ``changed``, ``removed`` or ``set aside``."""

    code: str
    says: str
    effect: Effect
    mend: Callable[[pd.DataFrame], Mended]


def repair(code: str, says: str, effect: Effect) -> Callable[[Callable[[pd.DataFrame], Mended]], Repair]:
    """Turn a function on episodes into a :class:`Repair`."""

    def made(mend: Callable[[pd.DataFrame], Mended]) -> Repair:
        return Repair(code, says, effect, mend)

    return made


def mend(episodes: pd.DataFrame, repairs: tuple[Repair, ...] | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Carry the repairs out in order: episodes mended, and a log with columns ``code`` ``table`` ``line``.

    ``episodes`` as :func:`~sufficiency.records.episodes.typed_episodes` gives them, with ``born`` ``birth_precision``
    and ``data_to`` (the last 31 March that the authority's returns cover).
    """
    log = []
    for one in REPAIRS if repairs is None else repairs:
        if episodes.empty:
            break
        mended, touched = one.mend(episodes)
        log.append(episodes.loc[touched, ["table", "line"]].assign(code=one.code))
        episodes = mended
    return episodes, pd.concat(log, ignore_index=True)[["code", "table", "line"]]


def return_starts(year: pd.Series) -> pd.Series:
    """1 April of the return that ends in ``year``."""
    return pd.to_datetime((year - 1).astype("str") + "-04-01").astype("datetime64[us]")


def _without(episodes: pd.DataFrame, gone: pd.Series) -> Mended:
    return episodes[~gone], gone


@repair("M01", "episode without DECOM: taken from the next return, the row before it, else 1 April", "changed")
def start_missing(episodes: pd.DataFrame) -> Mended:
    """DECOM from the same row of the next return, else from the end of the child's row before in the file, else from
    the child's episode that was open in the return before, else 1 April of the return's year; never after the
    episode's own end.
    """
    missing = episodes["decom"].isna()
    if not missing.any():
        return episodes, missing
    in_file = episodes.sort_values(["order", "child", "line"], kind="stable")
    before = in_file.groupby(["order", "child"])["dec"].shift(1).reindex(episodes.index)
    first = episodes["first_day"]
    guess = _told_by_the_next(episodes, missing).fillna(before).fillna(_open_before(episodes)).fillna(first)
    latest = episodes["dec"].fillna(FAR)
    guess = guess.where(guess <= latest, first).where(lambda day: day <= latest, latest)
    return episodes.assign(decom=episodes["decom"].fillna(guess)), missing


def _told_by_the_next(episodes: pd.DataFrame, missing: pd.Series) -> pd.Series:
    """For each row without DECOM, that of the child's row in the next return with the same place and reason, where it
    began before that return and this one has no row with it; missing when there is none.
    """
    same = ["child", "rne", "place", "provider"]
    rows = episodes.loc[missing, [*same, "order"]].reset_index(names="row").assign(order=lambda rows: rows["order"] + 1)
    known = episodes[episodes["decom"].notna() & (episodes["decom"] < episodes["first_day"])]
    found = rows.merge(known[[*same, "order", "decom"]], on=[*same, "order"])
    here = pd.MultiIndex.from_arrays([episodes["child"], episodes["order"] + 1, episodes["decom"]])
    found = found[~pd.MultiIndex.from_frame(found[["child", "order", "decom"]]).isin(here)]
    return found.groupby("row")["decom"].max().reindex(episodes.index)


def _open_before(episodes: pd.DataFrame) -> pd.Series:
    """For each row, the latest DECOM of the child's open episode in the return before; missing when there is none."""
    still_open = episodes[episodes["dec"].isna() & episodes["decom"].notna()]
    latest = still_open.groupby(["child", "order"])["decom"].max()
    keys = pd.MultiIndex.from_arrays([episodes["child"], episodes["order"] - 1])
    return pd.Series(latest.reindex(keys).to_numpy(), index=episodes.index)


@repair("M02", "the same child and DECOM twice in one return: the row that ends last counts", "removed")
def twice_in_one_return(episodes: pd.DataFrame) -> Mended:
    """Of rows with one key in one return keep the open one, else the one with the latest end; short breaks last."""
    keys = episodes.assign(end=episodes["dec"].fillna(FAR), real=~episodes["ls"].isin(SHORT_BREAKS))
    ordered = keys.sort_values(["real", "end", "line"], kind="stable")
    gone = ordered.duplicated(["order", "child", "decom"], keep="last").reindex(episodes.index)
    return _without(episodes, gone)


@repair("M03", "the same child and DECOM in several returns: the latest return counts", "removed")
def in_several_returns(episodes: pd.DataFrame) -> Mended:
    """An open episode comes back in every later return; only the last word on it is kept."""
    ordered = episodes.sort_values("order", kind="stable")
    gone = ordered.duplicated(["child", "decom"], keep="last").reindex(episodes.index)
    kept, _ = _without(episodes, gone)
    return kept.join(_said_by_the_next_return(episodes, kept)), gone


def _said_by_the_next_return(episodes: pd.DataFrame, kept: pd.DataFrame) -> pd.DataFrame:
    """What the next return that names the child says of a kept row that it should repeat and does not.

    ``window``: 1 April of that return, missing where it has nothing to say; ``covered``: it holds an episode of the
    child that runs over this row's DECOM; ``next_start``: the child's first DECOM in it after this row's own;
    ``same_place`` and ``same_reason``: whether that episode is in the same place, and begins for the same reason;
    ``goes_on``: whether it says that the child was in care before it.
    """
    named = episodes[["child", "order", "first_day"]].drop_duplicates(["child", "order"])
    named = named.sort_values(["child", "order"]).rename(columns={"first_day": "window"})
    later = named.groupby("child")[["order", "window"]].shift(-1)
    named = named.assign(next_order=later["order"], window=later["window"])
    rows = kept.reset_index(names="row").merge(
        named[["child", "order", "next_order", "window"]], on=["child", "order"], how="left"
    )
    rows = rows[rows["next_order"].notna() & (rows["dec"].fillna(FAR) >= rows["window"])]
    others = episodes[~episodes["ls"].isin(SHORT_BREAKS)]
    pairs = rows.merge(others, left_on=["child", "next_order"], right_on=["child", "order"], suffixes=("", "_next"))
    covered = (pairs["decom_next"] < pairs["decom"]) & (pairs["dec_next"].fillna(FAR) > pairs["decom"])
    first = pairs[pairs["decom_next"] > pairs["decom"]].sort_values(["row", "decom_next"]).drop_duplicates("row")
    first = first.set_index("row")
    same = pd.DataFrame({one: first[one].eq(first[f"{one}_next"]) | first[one].isna() for one in SAME_PLACE})
    said = rows.set_index("row")[["window"]].assign(
        covered=covered.groupby(pairs["row"]).any(),
        next_start=first["decom_next"],
        same_place=same.all(axis=1),
        same_reason=first["rne"].eq(first["rne_next"]),
        goes_on=first["rne_next"].isin(MOVES),
    )
    said = said.reindex(kept.index)
    flags = ["covered", "same_place", "same_reason", "goes_on"]
    return said.assign(**{flag: said[flag].eq(True) for flag in flags})


@repair("M04", "DECOM amended in the next return: the older row is left out", "removed")
def amended_start(episodes: pd.DataFrame) -> Mended:
    """An older row is the same episode under another DECOM when the next return runs over its start, or begins an
    episode in the same place for the same reason within :data:`AMENDED_WITHIN_DAYS`. What ended on the old DECOM with
    X1 then runs on to the new one.
    """
    later_by = (episodes["next_start"] - episodes["decom"]).dt.days
    moved = episodes["same_place"] & episodes["same_reason"] & (later_by <= AMENDED_WITHIN_DAYS)
    denied = episodes["decom"] >= episodes["window"]  # a second return of the same year that does not have it
    gone = episodes["window"].notna() & (episodes["covered"] | moved | denied)
    new_starts = episodes[gone & moved].drop_duplicates(["child", "decom"]).set_index(["child", "decom"])["next_start"]
    before = pd.MultiIndex.from_frame(episodes[["child", "dec"]])
    runs_on = pd.Series(new_starts.reindex(before).to_numpy(), index=episodes.index).where(episodes["rec"].eq("X1"))
    return _without(episodes.assign(dec=runs_on.fillna(episodes["dec"])), gone)


@repair("M05", "open in an older return and not repeated by the next: closed when the next one knows better", "changed")
def closed_late(episodes: pd.DataFrame) -> Mended:
    """A row that the next return naming the child does not repeat ended at the child's next start, when that is a move
    and no start of care. Else it had ended before that return's window: at the child's next start when that comes
    first, else after the 31 March of the row's own return (where returns are missing between).
    """
    late = episodes["window"].notna() & (episodes["dec"].fillna(FAR) >= episodes["window"])
    own_year_over = return_starts(episodes["year"] + 1)
    closing = pd.concat([episodes["next_start"], episodes["window"], own_year_over], axis=1).min(axis=1)
    closing = closing.mask(episodes["goes_on"], episodes["next_start"])
    closing = closing.where(closing >= episodes["decom"], episodes["decom"])
    return episodes.assign(dec=episodes["dec"].mask(late, closing)), late


@repair("M06", "open in an older return and gone from the newer ones: closed after that return's 31 March", "changed")
def vanished(episodes: pd.DataFrame) -> Mended:
    """The child was there on the return's 31 March, so ``dec``, the first day away, is 1 April; unless the row was only
    left open: a later row of the child ends with a true exit, and the open one at the child's next start.
    """
    closing = return_starts(episodes["year"] + 1)
    lost = episodes["dec"].isna() & (closing <= episodes["data_to"])
    ordered = episodes.sort_values(["child", "decom"], kind="stable")
    next_start = ordered.groupby("child", sort=False)["decom"].shift(-1).where(_exited(ordered))
    closing = closing.mask(next_start.reindex(episodes.index) < closing, next_start.reindex(episodes.index))
    return episodes.assign(dec=episodes["dec"].mask(lost, closing)), lost


@repair("M07", "short breaks (V3, V4): set apart, as official counts do", "set aside")
def short_breaks(episodes: pd.DataFrame) -> Mended:
    """Agreed series of short breaks are no placements."""
    return _without(episodes, episodes["ls"].isin(SHORT_BREAKS))


@repair("M14", "episodes that start after the last 31 March held: set aside", "set aside")
def after_the_data(episodes: pd.DataFrame) -> Mended:
    """An extract drawn in May knows a few starts of April, and not all of them: the year is not over."""
    return _without(episodes, episodes["decom"] > episodes["data_to"])


@repair("M15", "episodes that end after the last 31 March held: still open on that day", "changed")
def ends_after_the_data(episodes: pd.DataFrame) -> Mended:
    """Ends that the year does not cover are not known yet, neither is their reason."""
    later = episodes["dec"] > episodes["data_to"]
    return episodes.assign(dec=episodes["dec"].mask(later), rec=episodes["rec"].mask(later)), later


@repair("M08", "episodes that start on or after the 18th birthday: set aside", "set aside")
def after_childhood(episodes: pd.DataFrame) -> Mended:
    """Nobody is looked after from the 18th birthday on."""
    gone = (episodes["decom"] >= _grown_for_sure(episodes)).fillna(False)
    return _without(episodes, gone)


def _grown_for_sure(episodes: pd.DataFrame) -> pd.Series:
    """The 18th birthday; where only its month is known, the first day after that month."""
    birthday = birthdays(episodes["born"])
    month_over = (birthday.dt.to_period("M") + 1).dt.to_timestamp().astype(birthday.dtype)
    return birthday.mask(episodes["birth_precision"] == "month", month_over)


@repair("M09", "episodes that run past the 18th birthday: cut at it", "changed")
def past_childhood(episodes: pd.DataFrame) -> Mended:
    """Open episodes of children who turn 18 by the end of the data, and ends that come days after the birthday."""
    birthday = birthdays(episodes["born"])
    past = (birthday < episodes["dec"].fillna(episodes["data_to"] + pd.Timedelta(days=1))).fillna(False)
    past &= ~(episodes["dec"] <= _grown_for_sure(episodes))  # an end in the month of the birthday is the better guess
    return episodes.assign(dec=episodes["dec"].mask(past, birthday)), past


@repair("M10", "overlapping episodes: cut at the next DECOM", "changed")
def overlaps(episodes: pd.DataFrame) -> Mended:
    """Each episode ends at the next DECOM at the latest. What a longer episode has left over after a shorter one
    inside it goes to the shorter one, so that no day in care is lost; unless the longer one was only left open and
    the child's last episode ends with a true exit.
    """
    ordered = episodes.sort_values(["child", "decom"], kind="stable")
    by_child = ordered.groupby("child", sort=False)
    next_start = by_child["decom"].shift(-1)
    end = ordered["dec"].fillna(FAR)
    final = by_child.cumcount(ascending=False) == 0
    forgotten = ordered["dec"].isna() & ~final & _exited(ordered)
    believed = end.mask(forgotten, next_start)
    reach = believed.groupby(ordered["child"], sort=False).cummax()
    new_end = reach.where(reach <= next_start.fillna(FAR), next_start)
    touched = new_end != end
    reason = ordered["rec"].where(believed == reach).groupby(ordered["child"], sort=False).ffill()
    rec = ordered["rec"].mask(new_end > end, reason).mask(new_end < end, "X1")
    mended = ordered.assign(dec=new_end.where(new_end < FAR), rec=rec.mask(new_end >= FAR))
    return mended, touched.reindex(episodes.index)


def _exited(ordered: pd.DataFrame) -> pd.Series:
    """Whether the last row of each row's child ends with a true exit."""
    reason = _last_of(ordered, "rec")
    return _last_of(ordered, "dec").notna() & reason.notna() & (reason != "X1")


def _last_of(ordered: pd.DataFrame, column: str) -> pd.Series:
    """A column's value in the child's last row, missing values too, for every row of the child."""
    last = ordered.drop_duplicates("child", keep="last").set_index("child")[column]
    return ordered["child"].map(last)


REPAIRS: Final = (
    start_missing,
    twice_in_one_return,
    in_several_returns,
    amended_start,
    closed_late,
    vanished,
    short_breaks,
    after_the_data,
    ends_after_the_data,
    after_childhood,
    past_childhood,
    overlaps,
)
"""Repairs of episodes, in the order in which they are carried out."""
