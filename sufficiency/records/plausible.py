"""Whether returns are plausible beside each other: cut files, lost children, starts that are not entered yet."""

from __future__ import annotations

from typing import Final

import pandas as pd

from sufficiency.errors import Fault
from sufficiency.records.repairs import vanished
from sufficiency.vocabulary import SHORT_BREAKS

LOST_SHARE: Final = 0.1
"""Share of a return's open episodes that may be missing from the later ones before it is said."""

MOST_LOST: Final = 1 / 3
"""Share of them from which the next year's return cannot be that of the same children."""

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


def vanished_children(episodes: pd.DataFrame, log: pd.DataFrame) -> tuple[list[Fault], list[Fault]]:
    """Returns of whose open episodes many are missing from every later one: faults and notices.

    A child who is looked after on 31 March stands in the next year's return. A third of them missing is another set of
    numbers, another authority or half a file: a fault. More than a tenth is a notice.
    """
    rows = episodes[episodes["dec"].isna()].groupby(["table", "authority", "year"]).size().reset_index(name="open")
    lost = log[log["code"] == vanished.code].groupby("table").size()
    rows = rows.assign(lost=rows["table"].map(lost).fillna(0).astype(int))
    held = set(zip(episodes["authority"], episodes["year"], strict=True))
    faults, notices = [], []
    for source, authority, year, was_open, gone in rows[rows["open"] >= FEWEST].itertuples(index=False):
        says = f"{gone} of {was_open} open episodes are in no later return"
        if gone > MOST_LOST * was_open and (authority, year + 1) in held:
            fix = "Check that the next return is whole, of the same authority, and numbers the children alike"
            faults.append(Fault("F19", str(source), "CHILD", (), says, fix))
        elif gone > LOST_SHARE * was_open:
            notices.append(Fault("N104", str(source), "", (), says, "Check that the return after it is whole"))
    return faults, notices


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
