"""Whether returns are plausible beside each other: cut files, lost children, starts that are not entered yet."""

from __future__ import annotations

from typing import Final

import pandas as pd

from sufficiency.errors import Fault
from sufficiency.records.repairs import vanished
from sufficiency.vocabulary import SHORT_BREAKS

LOST_SHARE: Final = 0.1
"""Share of a return's open episodes that may be missing from the later ones before it is said."""

JUMP: Final = 1.5
"""How many times the children open at the end of one return may be those of the next, or the reverse."""

NEWEST_DAYS: Final = 30
"""Days before the end of the data in which starts are often not entered yet."""

UNLIKELY: Final = 0.05
"""Chance below which so few starts are not put down to chance."""

FEWEST: Final = 20
"""Open episodes below which shares say nothing."""


def implausible_returns(episodes: pd.DataFrame) -> list[Fault]:
    """A return with far fewer, or far more, children open on its 31 March than the return beside it."""
    open_then = episodes[episodes["dec"].isna() & ~episodes["ls"].isin(SHORT_BREAKS)]
    counts = open_then.groupby(["authority", "year"])["child"].nunique().reset_index(name="children")
    before = counts.groupby("authority").shift(1)
    ratio = counts["children"] / before["children"]
    odd = (before["year"] == counts["year"] - 1) & ((ratio > JUMP) | (ratio < 1 / JUMP))
    odd &= counts["children"].combine(before["children"], max) >= FEWEST
    fix = "Check that the extract is whole"
    notices = []
    for authority, year, children, was in counts.assign(was=before["children"])[odd].itertuples(index=False):
        whose = f"{authority!s}: " if authority else ""
        says = f"{whose}{children} children open at its end, {was:.0f} in the return before"
        notices.append(Fault("N106", f"return of {year}", "", (), says, fix))
    return notices


def vanished_children(episodes: pd.DataFrame, log: pd.DataFrame) -> list[Fault]:
    """A return of whose open episodes more than a tenth are missing from every later one."""
    rows = episodes[episodes["dec"].isna()].groupby("table").size().to_frame("open")
    rows = rows.assign(lost=log[log["code"] == vanished.code].groupby("table").size()).fillna(0).astype(int)
    odd = rows[(rows["lost"] > LOST_SHARE * rows["open"]) & (rows["open"] >= FEWEST)]
    fix = "Check that the return after it is whole"
    return [
        Fault("N104", str(source), "", (), f"{lost} of {was_open} open episodes are in no later return", fix)
        for source, was_open, lost in odd.itertuples()
    ]


def late_starts(periods: pd.DataFrame, data_to: pd.Timestamp) -> list[Fault]:
    """Fewer starts in the newest 30 days than chance (Poisson) allows, by the year before: some are not entered yet."""
    from scipy.special import pdtr

    started = periods.loc[~periods["left_censored"], "started"]
    newest = int(((started > data_to - pd.Timedelta(days=NEWEST_DAYS)) & (started <= data_to)).sum())
    year_before = data_to - pd.Timedelta(days=365 + NEWEST_DAYS)
    usual = ((started > year_before) & (started <= data_to - pd.Timedelta(days=NEWEST_DAYS))).sum() * NEWEST_DAYS / 365
    if not usual or pdtr(newest, usual) >= UNLIKELY:
        return []
    says = (
        f"{newest} starts in the last {NEWEST_DAYS} days, where the year before gives {usual:.0f}: "
        "some are not entered yet, so the newest month counts too few"
    )
    return [Fault("N105", "returns", "DECOM", (), says, "Draw the extract again some weeks later")]
