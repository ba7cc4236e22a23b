"""Places against need: the children who need a family, a children's home or supported accommodation, and our places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sufficiency.placing import Stays
from sufficiency.ranges import summarise
from sufficiency.records.model import Records
from sufficiency.stamp import Stamp
from sufficiency.supply import Supply
from sufficiency.supply.answer import open_on
from sufficiency.vocabulary import KIND_LABELS, KINDS

NEEDS = {
    "in_house_fostering": ("in_house_fostering", "ifa"),
    "residential": ("residential",),
    "supported": ("supported",),
}
"""Kind of our own places → the kinds in which children who need such a place are living."""


@dataclass(frozen=True)
class Shortfall:
    """Need and places by path, month end and kind, shape (paths, months + 1, kinds of :data:`NEEDS`)."""

    stamp: Stamp
    dates: pd.DatetimeIndex
    need: np.ndarray
    places: np.ndarray

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


def shortfall_of(stays: Stays, supply: Supply, records: Records) -> Shortfall:
    """Need and places of every path.

    Need is the children living in placements of the kind, or in what is bought instead (agency fostering for our own
    households). Places are those usable: in households open, ready and available; in other homes, those that our
    children hold or that are free on the as-of day, while the home is open, and all places of homes that we open.
    """
    children = stays.stock(supply.paths, supply.months)
    need = np.stack([children[:, :, [KINDS.index(kind) for kind in kinds]].sum(axis=2) for kinds in NEEDS.values()], 2)
    ours = _places_open_to_us(supply, records)
    places = np.zeros_like(need)
    for position, kind in enumerate(NEEDS):
        if kind == "in_house_fostering":
            places[:, :, position] = supply.counts("usable")
            continue
        homes = supply.homes[supply.homes["kind"] == kind]
        counts = ours[homes.index]
        monthly = [counts[open_on(homes, date).to_numpy()].sum() for date in supply.dates]
        places[:, :, position] = monthly
    return Shortfall(supply.stamp, supply.dates, need, places)


def _places_open_to_us(supply: Supply, records: Records) -> np.ndarray:
    """Places of each other home that are ours: free now, held by a child of ours, or all where the council runs it."""
    homes = supply.homes
    held = np.zeros(len(homes), dtype=int)
    if records.child_register is not None:
        here = records.child_register["current_home_id"].value_counts()
        held = here.reindex(homes["home_id"]).fillna(0).to_numpy(dtype=int)
    free = homes["places_free"].to_numpy(dtype=int) + held
    return np.where(homes["council_run"].to_numpy(dtype=bool), homes["places"].to_numpy(dtype=int), free)
