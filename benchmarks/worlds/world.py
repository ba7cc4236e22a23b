"""A world: a council, its records as the library reads them, and the truth that its generator holds."""

from __future__ import annotations

import pickle
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from benchmarks.worlds.council import Council, draw_council
from benchmarks.worlds.lives import Lives, live
from benchmarks.worlds.returns import write_council
from benchmarks.worlds.vocabulary import BANDS, KINDS

GENERATION: Final = 2
"""Number in the names of kept worlds; one more whenever the generator changes."""


@dataclass(frozen=True)
class World:
    """``records`` as read; ``years`` and ``stock`` (years, bands, kinds) on their 31 March, from the one before the
    first return; ``yearly`` starts and ceases; ``council`` with what is hidden."""

    council: Council
    records: Any
    years: np.ndarray
    stock: np.ndarray
    yearly: pd.DataFrame

    def at(self, year: int) -> np.ndarray:
        """Children looked after on 31 March of a year, by age band and kind."""
        return self.stock[int(np.flatnonzero(self.years == year)[0])]

    def outcome(self, origin: int, years: int) -> np.ndarray:
        """(years + 1, bands, kinds) from an origin on."""
        return np.stack([self.at(origin + ahead) for ahead in range(years + 1)])


def world(seed: int, number: int, cache: Path | None = None) -> World:
    """A world, from the cache where it is there; ``cache`` is a folder of pickles of our own making."""
    kept = None if cache is None else cache / f"world_{GENERATION}_{seed}_{number:03d}.pickle"
    if kept is not None and kept.exists():
        return pickle.loads(kept.read_bytes())
    made = make_world(seed, number)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(made))
    return made


def make_world(seed: int, number: int) -> World:
    """Simulate, write, read back, and hold the reading against the truth."""
    import sufficiency

    council = draw_council(seed, number)
    lives = live(council, seed)
    with tempfile.TemporaryDirectory() as folder:
        write_council(council, lives, Path(folder))
        records = sufficiency.read_records(folder)
    made = held(council, lives, records)
    differing = [year for year in made.years if (counted(records, int(year)) != made.at(int(year))).any()]
    if differing:
        raise ValueError(f"world {number} of seed {seed}: records differ from the truth on 31 March of {differing}")
    if not flows(records, made.years).equals(made.yearly):
        raise ValueError(f"world {number} of seed {seed}: starts or ceases in the records differ from the truth")
    return made


def held(council: Council, lives: Lives, records: Any = None) -> World:
    """The years that the returns cover, and the day before them."""
    from_year = lives.years >= council.first_year
    yearly = lives.yearly[from_year].reset_index(drop=True)
    return World(council, records, lives.years[from_year], lives.stock[from_year], yearly)


def counted(records: Any, year: int) -> np.ndarray:
    """Children in the records on 31 March, by age band and kind."""
    now = records.stock(f"{year}-03-31")
    table = pd.crosstab(now["age_band"], now["kind"], dropna=False)
    return table.reindex(index=list(BANDS), columns=list(KINDS), fill_value=0).to_numpy()


def flows(records: Any, years: np.ndarray) -> pd.DataFrame:
    """``year starts ceases`` in the records, in the years to 31 March."""
    periods = records.periods
    began, ceased = periods.loc[~periods["left_censored"], "started"], periods["ended"].dropna()
    counts = {
        name: (day.dt.year + (day.dt.month >= 4)).value_counts().reindex(years, fill_value=0).to_numpy()
        for name, day in (("starts", began), ("ceases", ceased))
    }
    return pd.DataFrame({"year": years, **counts})
