"""Which placement an episode is in: the one it names, else the one that the child was in on the day it began."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from sufficiency.records.ssd.spans import NONE, first_found, in_force, nearest, spans_of
from sufficiency.records.tables import as_dates

_BETWEEN: Final = "\x1f"
"""Stands between the two parts of a key; no extract has it."""


@dataclass(frozen=True)
class Placed:
    """Episodes and placements matched.

    ``position``: of the placement, for each episode (:data:`~sufficiency.records.ssd.spans.NONE` where there is none).
    ``by_date``: the episode names a placement that is not there, so that of the day was taken. ``unused``: placements
    that no episode is in.
    """

    position: pd.Series
    by_date: pd.Series
    unused: pd.Series


def placed(episodes: pd.DataFrame, placements: pd.DataFrame, began: pd.Series) -> Placed:
    """Match episodes with placements, both as :func:`~sufficiency.records.ssd.columns.as_known` gives them.

    ``began``: the first day of each episode. In turn: the placement named, of the same person, where an id stands for
    an address and comes several times; the placement named, where nothing tells whose it is; the placement that names
    the episode (the first releases); the placement of the person, else of the period of care, on the day.
    """
    start, _ = as_dates(placements["start"])
    end, _ = as_dates(placements["end"])
    person = _person_of(placements, episodes)

    def spans(key: pd.Series) -> pd.DataFrame:
        return spans_of(key, start, end)

    def named(wanted: pd.Series, held: pd.DataFrame) -> pd.Series:
        return first_found(in_force(wanted, began, held), nearest(wanted, began, held))

    of_person = named(_pair(episodes["placement"], episodes["person"]), spans(_pair(placements["placement"], person)))
    of_nobody = named(episodes["placement"], spans(placements["placement"].where(person == "", "")))
    of_episode = named(episodes["episode"], spans(placements["episode"]))
    by_name = first_found(of_person, of_nobody, of_episode)
    by_person = in_force(episodes["person"], began, spans(person))
    by_period = in_force(episodes["period"], began, spans(placements["period"].where(person == "", "")))
    position = first_found(by_name, by_person, by_period)
    by_date = (by_name == NONE) & (position != NONE) & (episodes["placement"] != "")
    used = pd.Series(range(len(placements)), index=placements.index).isin(set(position))
    return Placed(position, by_date, ~used)


def _pair(one: pd.Series, other: pd.Series) -> pd.Series:
    """Two columns as one key, "" where either is empty."""
    return (one + _BETWEEN + other).where((one != "") & (other != ""), "")


def _person_of(placements: pd.DataFrame, episodes: pd.DataFrame) -> pd.Series:
    """Whose each placement is: by itself, else by the period of care, else by the episode; "" where nothing tells."""
    person = placements["person"]
    for link in ("period", "episode"):
        known = episodes[(episodes[link] != "") & (episodes["person"] != "")].drop_duplicates(link)
        told = placements[link].map(known.set_index(link)["person"]).astype("object").fillna("").astype("str")
        person = person.where(person != "", told)
    return person
