"""The lives of a council's children in care, month by month, each event on its day.

The children present are one set of arrays of equal length; a month adds those who start, draws who leaves, who turns 18
and who moves, and writes the placements that end to the log. Days are numbers since 1 January 1970.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from benchmarks.worlds import habits
from benchmarks.worlds.council import CALM_YEARS, LAST_YEAR, Council
from benchmarks.worlds.starting import Starters
from benchmarks.worlds.vocabulary import (
    ADOPTED,
    ADOPTION,
    BANDS,
    DAYS_IN_YEAR,
    GROWN_UP,
    HOME,
    IFA,
    IN_HOUSE,
    KINDS,
    LEFT,
    ORDER,
    UASC_ROW,
    band_of_age,
    band_on,
)

MOVED = -1
"""Stands in ``way`` for a placement that ended by a move."""

OPEN = np.iinfo(np.int64).max
"""Stands in ``ended`` while a placement is open."""

Children = dict[str, np.ndarray]


@dataclass(frozen=True)
class Lives:
    """What happened in a council.

    ``placements``: ``child`` ``started`` ``ended`` (day numbers; the child is not there on that day; ``OPEN``) ``kind``
    ``way`` (out of care, ``MOVED``) ``first`` (bool: of its period). ``children``: ``child`` ``born`` ``sex`` ``uasc``.
    ``stock``: (years, bands, kinds) on 31 March of ``years``. ``yearly``: ``year`` ``starts`` ``ceases``.
    """

    placements: pd.DataFrame
    children: pd.DataFrame
    years: np.ndarray
    stock: np.ndarray
    yearly: pd.DataFrame


@dataclass
class Log:
    """Placements that have ended, in the order of their ends, and who the children are."""

    ended: list[Children] = field(default_factory=list)
    born: list[Children] = field(default_factory=list)

    def close(self, present: Children, who: np.ndarray, day: np.ndarray, way: np.ndarray) -> None:
        """End the placements of ``who``."""
        kept = {name: present[name][who] for name in ("child", "placed", "kind", "first")}
        self.ended.append({**kept, "ended": day, "way": way})


def live(council: Council, seed: int) -> Lives:
    """Simulate a council from the first of its calm years to the last return."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, council.number, 2]))
    months = (np.datetime64(f"{council.begins}-04", "M") + np.arange(council.months + 1)).astype("datetime64[D]")
    edges = months.astype(np.int64)
    starters, log = Starters(council, rng), Log()
    present = starters.nobody()
    places, stock = np.inf, []
    for month, (first, after) in enumerate(itertools.pairwise(edges)):
        if council.limited and month == 12 * CALM_YEARS:
            places = float((present["kind"] == IN_HOUSE).sum())
        room = places * np.exp(council.calendar.carers[month]) - (present["kind"] == IN_HOUSE).sum()
        new = starters.of_month(month, first, after)
        rows = _housing_rows(new, new["started"])
        new["kind"], room = _housed(rng, council, month, council.first_kind, rows, room)
        log.born.append({name: new[name] for name in ("child", "born", "sex", "uasc")})
        present = {name: np.concatenate([present[name], new[name]]) for name in present}
        present = _one_month(rng, council, month, (first, after), present, room, starters, log)
        if (month + 1) % 12 == 0:
            starters.scale_to(council.size, len(present["child"]), (month + 1) // 12)
            stock.append(_count(present, after - 1))
    return _lives(council, log, present, np.array(stock))


def _one_month(
    rng: np.random.Generator,
    council: Council,
    month: int,
    edge: tuple[int, int],
    present: Children,
    room: float,
    starters: Starters,
    log: Log,
) -> Children:
    """Who leaves, turns 18 and moves within a month; those still there at its end."""
    first, after = edge
    begin = np.maximum(first, present["started"])
    length = after - begin
    rows = _rows(present, begin)
    rates = leaving_rates(council, month, present, rows, begin)
    total = rates.sum(axis=0)
    leaves = (rng.random(len(begin)) < -np.expm1(-total * length / DAYS_IN_YEAR)) & (length > 1)
    way = (rng.random(len(begin)) * total > np.cumsum(rates, axis=0)).sum(axis=0).clip(0, LEFT)
    day = begin + 1 + (rng.random(len(begin)) * (length - 1)).astype(np.int64)
    leaves, way, day = _together(rng, present, leaves, way, day, begin)
    grown = (present["adult"] < after) & ~(leaves & (day < present["adult"]))
    way, day, leaves = np.where(grown, GROWN_UP, way), np.where(grown, present["adult"], day), leaves | grown
    log.close(present, leaves, day[leaves], way[leaves])
    starters.may_return({name: values[leaves] for name, values in present.items()}, day[leaves], way[leaves])
    room += (leaves & (present["kind"] == IN_HOUSE)).sum()
    stay = ~leaves
    kept = {name: values[stay] for name, values in present.items()}
    return _moved(rng, council, month, kept, rows[stay], begin[stay], length[stay], room, log)


def leaving_rates(council: Council, month: int, present: Children, rows: np.ndarray, begin: np.ndarray) -> np.ndarray:
    """Rates of leaving a year by way, (4, children); 18th birthdays come on their day."""
    step = np.searchsorted(habits.TIME_STEPS, (begin - present["started"]) / DAYS_IN_YEAR, side="right")
    rates = council.leaving[:, step] * habits.LEAVING_BY_BAND[:, rows] * council.leaving_by_kind[:, present["kind"]]
    rates[[HOME, ORDER, LEFT]] *= present["frailty"]
    rates[ADOPTED] = council.leaving_by_kind[ADOPTED, present["kind"]]
    calendar = council.calendar
    return rates * np.exp(calendar.leaving[month] + calendar.ways[month])[:, None]


def _together(
    rng: np.random.Generator,
    present: Children,
    leaves: np.ndarray,
    way: np.ndarray,
    day: np.ndarray,
    begin: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Brothers and sisters who go home, or to a guardian, with the one who was drawn."""
    leaders = np.flatnonzero(leaves & (present["siblings"] > 1) & ((way == HOME) | (way == ORDER)))
    for leader in leaders:
        same = (present["family"] == present["family"][leader]) & (present["kind"] != ADOPTION) & ~leaves
        same &= (rng.random(len(leaves)) < habits.LEAVE_TOGETHER) & (begin < day[leader])
        leaves, way, day = leaves | same, np.where(same, way[leader], way), np.where(same, day[leader], day)
    return leaves, way, day


def _moved(
    rng: np.random.Generator,
    council: Council,
    month: int,
    present: Children,
    rows: np.ndarray,
    begin: np.ndarray,
    length: np.ndarray,
    room: float,
    log: Log,
) -> Children:
    """The children who stay, with the placements of those who move ended and their next begun."""
    kind = present["kind"]
    step = np.searchsorted(habits.TIME_STEPS, (begin - present["placed"]) / DAYS_IN_YEAR, side="right")
    rate = council.moving[step] * habits.MOVING_BY_BAND[rows] * habits.MOVING_BY_KIND[kind]
    rate = rate * np.exp(council.calendar.moving[month])
    care = np.searchsorted(habits.TIME_STEPS, (begin - present["started"]) / DAYS_IN_YEAR, side="right")
    adopting = habits.TO_ADOPTION[care] * habits.TO_ADOPTION_BY_BAND[rows] * (kind != ADOPTION)
    adopting = adopting * np.exp(council.calendar.ways[month, ADOPTED])
    total = rate + adopting
    moves = (rng.random(len(kind)) < -np.expm1(-total * length / DAYS_IN_YEAR)) & (length > 1)
    day = begin[moves] + 1 + (rng.random(moves.sum()) * (length[moves] - 1)).astype(np.int64)
    log.close(present, moves, day, np.full(moves.sum(), MOVED))
    room += (kind[moves] == IN_HOUSE).sum()
    to, room = _housed(rng, council, month, council.next_kind, _housing_rows(present, begin)[moves], room)
    to = np.where(rng.random(len(to)) < habits.SAME_KIND[kind[moves]], kind[moves], to)
    to = np.where(rng.random(len(to)) * total[moves] < adopting[moves], ADOPTION, to)
    kind, placed, first_of = kind.copy(), present["placed"].copy(), present["first"].copy()
    kind[moves], placed[moves], first_of[moves] = to, day, False
    return {**present, "kind": kind, "placed": placed, "first": first_of}


def _housed(
    rng: np.random.Generator, council: Council, month: int, table: np.ndarray, rows: np.ndarray, room: float
) -> tuple[np.ndarray, float]:
    """Kinds drawn by age; where carers limit in-house fostering, it takes foster children while it has room."""
    shares = table * np.exp(council.calendar.kinds[month])
    edges = np.cumsum(shares, axis=1) / shares.sum(axis=1, keepdims=True)
    kind = (rng.random(len(rows))[:, None] > edges[rows, :-1]).sum(axis=1)
    if not np.isfinite(room):
        return kind, room
    foster = np.flatnonzero(((kind == IN_HOUSE) | (kind == IFA)) & (rng.random(len(rows)) < 0.9))
    fits = foster[: max(int(room), 0)]
    kind[(kind == IN_HOUSE)] = IFA
    kind[fits] = IN_HOUSE
    return kind, room - len(fits)


def _rows(children: Children, day: np.ndarray) -> np.ndarray:
    """Row in tables by age band, and unaccompanied."""
    band = band_of_age(np.maximum(day - children["born"], 0) / DAYS_IN_YEAR)
    return np.where(children["uasc"], UASC_ROW, band)


def _housing_rows(children: Children, day: np.ndarray) -> np.ndarray:
    """Row in tables of kinds: unaccompanied children under 16 live where others of their age do."""
    band = band_of_age(np.maximum(day - children["born"], 0) / DAYS_IN_YEAR)
    return np.where(children["uasc"] & (band == len(BANDS) - 1), UASC_ROW, band)


def _count(present: Children, day: int) -> np.ndarray:
    """Children present by age band and kind."""
    counts = np.zeros((len(BANDS), len(KINDS)), dtype=np.int64)
    np.add.at(counts, (band_on(present["born"], day), present["kind"]), 1)
    return counts


def _lives(council: Council, log: Log, present: Children, stock: np.ndarray) -> Lives:
    """The log as tables, with the placements still open at the end."""
    count = len(present["child"])
    log.close(present, np.ones(count, dtype=bool), np.full(count, OPEN), np.full(count, MOVED))
    placements = pd.DataFrame({name: np.concatenate([one[name] for one in log.ended]) for name in log.ended[-1]})
    placements = placements.rename(columns={"placed": "started"}).sort_values(["child", "started"], ignore_index=True)
    children = pd.DataFrame({name: np.concatenate([one[name] for one in log.born]) for name in log.born[-1]})
    years = np.arange(council.begins + 1, LAST_YEAR + 1)
    return Lives(placements, children.drop_duplicates("child"), years, stock, _yearly(placements, years))


def _yearly(placements: pd.DataFrame, years: np.ndarray) -> pd.DataFrame:
    """Starts and ceases in the years to 31 March."""
    began = placements.loc[placements["first"], "started"]
    ceased = placements.loc[(placements["way"] != MOVED), "ended"]
    flows = {name: _year_of(day).value_counts() for name, day in (("starts", began), ("ceases", ceased))}
    return pd.DataFrame({"year": years}).assign(
        **{name: counts.reindex(years, fill_value=0).to_numpy() for name, counts in flows.items()}
    )


def _year_of(day: pd.Series) -> pd.Series:
    """Year in whose 31 March the return ends that a day falls in."""
    month = day.to_numpy().astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return pd.Series((month - 3) // 12 + 1971)
