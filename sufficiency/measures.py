"""The plan's measures: what is promised, where each stands today, and where it is heading in every path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.calendar import year_ends
from sufficiency.demand.profile.past import begun_in, first_placements, placements_on
from sufficiency.demand.profile.where import shares_near_and_far
from sufficiency.outlook import Outlook
from sufficiency.placing.stays import OPENED
from sufficiency.ranges import summarise
from sufficiency.records.model import Records
from sufficiency.supply.pipeline import monthly_counts
from sufficiency.vocabulary import KINDS, NEEDS_LEVELS

LIKELY: Final = 0.8
"""Share of the paths that must meet a target for it to be called on track."""
UNLIKELY: Final = 0.2
"""Share of the paths below which a target is called off track."""

HIGHER, LOWER = "at least", "at most"
BEYOND: Final = {
    "new placements": ("Share of new placements", "new_over"),
    "all children": ("Share of all children", "over"),
    "new starts": ("Share of children who came into care", "starts_over"),
}
"""Group of :class:`NearHome` → how its share beyond the limit is called, and its name in :func:`past_shares`."""
ROUNDING: Final = 1e-9


@dataclass(frozen=True)
class Measure:
    """One measure: ``values`` by path and year; ``targets`` by year (NaN where none); ``aim`` at least or at most."""

    name: str
    unit: str
    today: float
    values: np.ndarray
    targets: np.ndarray
    aim: str
    by: str


@dataclass(frozen=True)
class Measures:
    """The measures of one outlook."""

    years: tuple[str, ...]
    measures: tuple[Measure, ...]

    def table(self) -> pd.DataFrame:
        """``measure unit today target by year`` and ranges, with ``share_of_futures_met`` and ``status``.

        Status: on track when at least 80% of the futures meet the target, off track below 20%, at risk between;
        empty without a target.
        """
        parts = []
        for measure in self.measures:
            met = self._met(measure)
            table = pd.DataFrame(
                {
                    "measure": measure.name,
                    "unit": measure.unit,
                    "today": measure.today,
                    "target": measure.targets,
                    "by": measure.by,
                    "year": list(self.years),
                }
            )
            status = np.select([met >= LIKELY, met >= UNLIKELY, met >= 0], ["on track", "at risk", "off track"], "")
            ranges = summarise(measure.values)
            parts.append(pd.concat([table, ranges], axis=1).assign(share_of_futures_met=met, status=status))
        return pd.concat(parts, ignore_index=True)

    @staticmethod
    def _met(measure: Measure) -> np.ndarray:
        """Share of the paths that meet the target of each year; NaN without a target."""
        ahead = measure.values - measure.targets if measure.aim == HIGHER else measure.targets - measure.values
        return np.where(np.isnan(measure.targets), np.nan, (ahead >= -ROUNDING).mean(axis=0))


class _Futures:
    """What the measures are made of: the outlook's paths at the ends of its financial years."""

    def __init__(self, outlook: Outlook) -> None:
        self.outlook, self.supply, self.targets = outlook, outlook.supply, outlook.scenario.targets
        self.years, self.ends = year_ends(self.supply.dates)
        self.stock = outlook.stays.stock(self.supply.paths, self.supply.months)
        self.limit = f"{outlook.scenario.matching.limit_miles:g} miles"
        self.past = past_shares(outlook.records, outlook.demand.as_of, outlook.scenario.matching.limit_miles)

    def children(self, *kinds: str) -> np.ndarray:
        """Children in some kinds of placement by path and month end."""
        return self.stock[:, :, [KINDS.index(kind) for kind in kinds]].sum(axis=2)

    def in_year(self, monthly: np.ndarray) -> np.ndarray:
        """Events by path and month added up by year."""
        return np.add.reduceat(monthly, [0, *self.ends[:-1]], axis=1)

    def every_year(self, target: float | None) -> np.ndarray:
        """The same target in every year."""
        return np.full(len(self.years), np.nan if target is None else float(target))

    def last_year(self, target: float | None) -> np.ndarray:
        """A target for the end of the horizon only."""
        return np.append(self.every_year(None)[:-1], self.every_year(target)[-1])

    def level(self, name: str, unit: str, monthly: np.ndarray, target: np.ndarray, aim: str = HIGHER) -> Measure:
        """A measure of how things stand at each year's end."""
        by = "" if np.isnan(target).all() else self.years[-1]
        return Measure(name, unit, float(monthly[:, 0].mean()), monthly[:, self.ends], target, aim, by)

    def flow(self, name: str, unit: str, yearly: np.ndarray, target: np.ndarray, aim: str = HIGHER) -> Measure:
        """A measure of what happens in each year; today's figure is not simulated, so it is left empty."""
        return Measure(name, unit, np.nan, yearly, target, aim, "" if np.isnan(target).all() else "each year")


def measures_of(outlook: Outlook) -> Measures:
    """Every measure of an outlook, by financial year (the last may be cut short by the horizon)."""
    futures = _Futures(outlook)
    return Measures(futures.years, (*_children(futures), *_carers(futures), *_distance(futures), *_money(futures)))


def _children(futures: _Futures) -> list[Measure]:
    own = futures.children("in_house_fostering")
    fostered = np.maximum(futures.children("in_house_fostering", "ifa", "kinship"), 1)
    no_target = futures.every_year(None)
    homes_target = futures.last_year(futures.targets.residential_children)
    return [
        futures.level("Children looked after", "children", futures.children(*KINDS), no_target),
        futures.level("Children in in-house fostering", "children", own, no_target),
        futures.level("In-house share of all fostering", "share", own / fostered, no_target),
        futures.level("Children in children's homes", "children", futures.children("residential"), homes_target, LOWER),
        futures.flow("Children stepped down into a family", "children a year", _stepped_down(futures), no_target),
    ]


def _carers(futures: _Futures) -> list[Measure]:
    supply, targets = futures.supply, futures.targets
    households = supply.counts("households")
    net = np.diff(households[:, [0, *futures.ends]], axis=1)
    gross, high = futures.in_year(supply.approvals()), futures.in_year(supply.approvals(NEEDS_LEVELS[-1]))
    unit = "households a year"
    return [
        futures.flow("Households approved", unit, gross, futures.every_year(targets.approvals_per_year)),
        futures.flow("Households approved at level 3", unit, high, futures.every_year(targets.level_3_per_year)),
        futures.flow("Net growth in households", unit, net, futures.every_year(None)),
        futures.level("In-house households", "households", households, futures.last_year(targets.households)),
    ]


def _distance(futures: _Futures) -> list[Measure]:
    """Among those whose distance is known; today's figures are those of the returns.

    The plan's yearly fall is of new placements beyond the limit; the same fall is held against all children and
    against those who come into care.
    """
    near, targets = futures.outlook.near_home, futures.targets
    falls = (1 - targets.over_limit_reduction) ** np.arange(1, len(futures.years) + 1)
    unit, when = "share of known", "each year"
    share, target = np.nan_to_num(near.share_within()), futures.every_year(targets.share_within_limit)
    past = futures.past
    within = Measure(f"Share within {futures.limit} of home", unit, past["within"], share, target, HIGHER, when)
    beyond = []
    for group, (label, name) in BEYOND.items():
        over = np.nan_to_num(near.share_over(group))
        beyond.append(Measure(f"{label} over {futures.limit}", unit, past[name], over, past[name] * falls, LOWER, when))
    return [within, *beyond]


def _money(futures: _Futures) -> list[Measure]:
    cost = futures.outlook.budget.total() / 1e6
    return [futures.flow("Cost of placements, carers and homes", "£ million a year", cost, futures.every_year(None))]


def _stepped_down(futures: _Futures) -> np.ndarray:
    """Moves from a children's home into a family by path and year."""
    stays, supply = futures.outlook.stays, futures.supply
    rows = stays.where(stays.opened == OPENED.index("stepped_down"))
    return futures.in_year(monthly_counts(rows.path, rows.first - 1, supply.paths, supply.months))


def past_shares(records: Records, as_of: pd.Timestamp, limit_miles: float) -> dict[str, float]:
    """Shares on the as-of day by the returns, of those known: ``within`` and ``over`` of all children; ``new_over`` of
    placements begun in the year before; ``starts_over`` of children who came into care in it, by their first home."""
    now = shares_near_and_far(placements_on(records.placements, as_of), limit_miles)
    since = as_of - pd.DateOffset(years=1) + pd.Timedelta(days=1)
    new = begun_in(records.placements, since, as_of)
    periods = records.periods[~records.periods["left_censored"] & records.periods["started"].between(since, as_of)]
    first = first_placements(records.placements, periods.assign(year=as_of.year))
    return {
        "within": now[0],
        "over": now[1],
        "new_over": shares_near_and_far(new, limit_miles)[1],
        "starts_over": shares_near_and_far(first, limit_miles)[1],
    }
