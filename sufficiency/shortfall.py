"""Places against need: the children who need a family, a children's home or supported accommodation, and our places.

By kind at every month end; by needs level and age band at the end of each financial year.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from sufficiency.calendar import age_in_years, days, year_ends
from sufficiency.demand import Demand
from sufficiency.placing import Stays
from sufficiency.ranges import summarise
from sufficiency.records.model import Records
from sufficiency.stamp import Stamp
from sufficiency.supply import Supply
from sufficiency.supply.homes import places_open_to_us
from sufficiency.vocabulary import ADULT_AGE, AGE_BANDS, KIND_LABELS, KINDS, NEEDS_LEVELS, age_band_index

NEEDS = {
    "in_house_fostering": ("in_house_fostering", "ifa"),
    "residential": ("residential",),
    "supported": ("supported",),
}
"""Kind of our own places → the kinds in which children who need such a place are living."""

OWN: Final = list(NEEDS).index("in_house_fostering")
NEED_OF_KIND: Final = np.array(
    [next((need for need, kinds in enumerate(NEEDS.values()) if kind in kinds), -1) for kind in KINDS]
)
"""Position in :data:`KINDS` → position in :data:`NEEDS`, -1 for kinds that are decided elsewhere."""

ALL: Final = "all"
BANDS: Final = (ALL, *AGE_BANDS)
BY: Final = ("level", "age_band")


@dataclass(frozen=True)
class Shortfall:
    """Need and places by path, month end and kind, shape (paths, months + 1, kinds of :data:`NEEDS`).

    ``need_by``, ``places_by`` (paths, financial ``years``, kinds, levels, :data:`BANDS`) at the end of each year, for
    children of the level or a higher one, and the places approved for it or a higher one.
    """

    stamp: Stamp
    dates: pd.DatetimeIndex
    need: np.ndarray
    places: np.ndarray
    years: tuple[str, ...]
    need_by: np.ndarray
    places_by: np.ndarray

    def short(self) -> np.ndarray:
        """Children for whom there is no place of ours, by path, month end and kind."""
        return np.maximum(self.need - self.places, 0)

    def table(self, every: int = 3) -> pd.DataFrame:
        """``date kind measure`` and ranges [children, places]: need, places, shortfall, by quarter from the as-of day.

        ``share_of_futures_short``: the share of the paths in which there are fewer places than children (mean only).
        """
        parts = []
        for position, kind in enumerate(NEEDS):
            need, places, short = (values[:, ::every, position] for values in (self.need, self.places, self.short()))
            measures = {"need": need, "places": places, "shortfall": short, "share_of_futures_short": short > 0}
            for name, values in measures.items():
                keys = pd.DataFrame({"date": self.dates[::every], "kind": kind, "measure": name})
                parts.append(pd.concat([keys, summarise(values.astype(float))], axis=1))
        return pd.concat(parts, ignore_index=True)

    def by(self, *names: str) -> pd.DataFrame:
        """Need and the places that fit at the end of each financial year, by kind and by ``names`` (:data:`BY`).

        ``financial_year kind needs_level_at_least age_band measure`` and ranges [children, places]. A child fits a
        place approved for its level or a higher one whose ages include its own. So rows are not to be added up:
        ``needs_level_at_least`` 2 counts the children of levels 2 and 3, and the places that may take them; a place
        counts in every age band of which it may take a child. ``need``; ``places_that_fit``; ``at_least_short``:
        children of the row who can have no place of ours however all are placed, for they, or those of a higher level
        or of one age band among them, are more than the places that fit (each other's places are not counted off, so
        there may be more of them); ``share_of_futures_short``: paths where that is so (mean only).
        Raises ``ValueError`` for another name.
        """
        unknown = [name for name in names if name not in BY]
        if unknown:
            raise ValueError(f"places cannot be told by {', '.join(unknown)}; choose from {', '.join(BY)}")
        levels = NEEDS_LEVELS if "level" in names else NEEDS_LEVELS[:1]
        bands = BANDS if "age_band" in names else BANDS[:1]
        keys = pd.MultiIndex.from_product(
            [self.years, NEEDS, levels, bands],
            names=["financial_year", "kind", "needs_level_at_least", "age_band"],
        ).to_frame(index=False)
        short = self.short_by()
        measures = {"need": self.need_by, "places_that_fit": self.places_by, "at_least_short": short,
                    "share_of_futures_short": short > 0}  # fmt: skip
        parts = []
        for name, values in measures.items():
            cells = values[:, :, :, : len(levels), : len(bands)].reshape(len(values), -1).astype(float)
            parts.append(pd.concat([keys.assign(measure=name), summarise(cells)], axis=1))
        return pd.concat(parts, ignore_index=True)

    def short_by(self) -> np.ndarray:
        """Children who can have no place that fits, at least, shaped as ``need_by``: the most that any group of the
        cell lacks, the groups being its levels from each one up, of every age or of one age band."""
        short = np.maximum(self.need_by - self.places_by, 0)
        short = np.flip(np.maximum.accumulate(np.flip(short, axis=3), axis=3), axis=3)
        short[..., 0] = short.max(axis=-1)
        return short

    def finding(self) -> str:
        """What the comparison says of in-house fostering, in one sentence with its range."""
        short = self.short()[:, -1, 0]
        low, high = np.quantile(short, (0.1, 0.9))
        return (
            f"Between {low:.0f} and {high:.0f} children who need a foster family have no place with our own carers on "
            f"{self.dates[-1]:%d %B %Y} in 8 futures of 10"
        )

    def chart(self) -> Any:
        """Need and usable places by kind, each with its range, the shortfall between them shaded."""
        from sufficiency.figures import places_against_need

        middle = self.table(every=12).query("measure == 'shortfall'").pivot(index="date", columns="kind", values="p50")
        rows = [f"{KIND_LABELS[str(kind)]}: {middle[kind].iloc[-1]:.0f} short" for kind in middle]
        alt_text = f"{self.finding()}. Middle of the futures at the end: {'; '.join(rows)}."
        return places_against_need(self.table(), self.stamp, title=self.finding(), alt_text=alt_text)


def shortfall_of(stays: Stays, supply: Supply, records: Records, demand: Demand) -> Shortfall:
    """Need and places of every path.

    Need is the children living in placements of the kind, or in what is bought instead (agency fostering for our own
    households). Places are those usable: in households open, ready and available; in other homes, those that our
    children hold or that are free on the as-of day, while the home is open, and all places of homes that we open.
    """
    children = stays.stock(supply.paths, supply.months)
    need = np.stack([children[:, :, [KINDS.index(kind) for kind in kinds]].sum(axis=2) for kinds in NEEDS.values()], 2)
    ours = places_open_to_us(supply.homes, _held(supply.homes, records), supply.dates)
    places = np.zeros_like(need)
    for position, kind in enumerate(NEEDS):
        of_kind = (supply.homes["kind"] == kind).to_numpy()
        places[:, :, position] = ours[of_kind].sum(axis=0)
    places[:, :, OWN] += supply.counts("usable")
    years, ends = year_ends(supply.dates)
    need_by = np.stack([_need_by(stays, demand, end, supply.paths) for end in ends], axis=1)
    places_by = np.stack([_places_by(supply, ours[:, end], end) for end in ends], axis=1)
    return Shortfall(supply.stamp, supply.dates, need, places, years, need_by, places_by)


def _held(homes: pd.DataFrame, records: Records) -> np.ndarray:
    """Children of ours in each other home on the as-of day, by the register."""
    if records.child_register is None:
        return np.zeros(len(homes), dtype=int)
    here = records.child_register["current_home_id"].value_counts()
    return here.reindex(homes["home_id"]).fillna(0).to_numpy(dtype=int)


def _need_by(stays: Stays, demand: Demand, month: int, paths: int) -> np.ndarray:
    """Children by path, kind of :data:`NEEDS`, least level and age band at a month end."""
    here = stays.where(stays.present(month) & (NEED_OF_KIND[stays.kind] >= 0))
    ages = age_in_years(days(demand.simulated.child_born)[here.child], days(demand.dates)[month])
    shape = (paths, len(NEEDS), len(NEEDS_LEVELS), len(AGE_BANDS))
    cells = (here.path, NEED_OF_KIND[here.kind], here.level - NEEDS_LEVELS[0], age_band_index(ages))
    counts = np.bincount(np.ravel_multi_index(cells, shape), minlength=int(np.prod(shape))).reshape(shape)
    every_age = np.concatenate([counts.sum(axis=3, keepdims=True), counts], axis=3)
    return _from_the_top(every_age)


def _places_by(supply: Supply, ours: np.ndarray, month: int) -> np.ndarray:
    """Places usable at a month end, shaped as the need; a place counts for each age band that it may take."""
    shape = (supply.paths, len(NEEDS), len(NEEDS_LEVELS), len(BANDS))
    counts = np.zeros(shape, dtype=int)
    homes, households = supply.homes, supply.households
    level = homes["max_needs_level"].to_numpy(dtype=int) - NEEDS_LEVELS[0]
    takes = _bands_taken(homes["min_age"], homes["max_age"])
    for position, kind in enumerate(NEEDS):
        rows = np.flatnonzero((homes["kind"] == kind).to_numpy())
        by_home = np.zeros(shape[2:], dtype=int)
        np.add.at(by_home, level[rows], ours[rows, None] * takes[rows])
        counts[:, position] += by_home
    terms = supply.today[["min_age", "max_age"]].reindex(households.term)
    taken = _bands_taken(terms["min_age"].fillna(0), terms["max_age"].fillna(ADULT_AGE - 1))
    usable = supply.usable_in(month)[:, None] * taken
    np.add.at(counts[:, OWN], (households.path, households.level_at(month) - NEEDS_LEVELS[0]), usable)
    return _from_the_top(counts)


def _bands_taken(min_age: pd.Series, max_age: pd.Series) -> np.ndarray:
    """Whether homes may take a child of every age together and of each age band, shape (homes, bands and all)."""
    low, high = (age_band_index(ages.to_numpy(dtype=int))[:, None] for ages in (min_age, max_age))
    band = np.arange(len(AGE_BANDS))
    return np.concatenate([np.ones((len(low), 1), dtype=bool), (low <= band) & (band <= high)], axis=1)


def _from_the_top(counts: np.ndarray) -> np.ndarray:
    """Counts by level (the last axis but one) to counts of that level or a higher one."""
    return np.flip(np.flip(counts, axis=-2).cumsum(axis=-2), axis=-2)
