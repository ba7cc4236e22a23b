"""What a target may be about: each measure, the stages of a run that it needs, and its value by path and year."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from sufficiency.calendar import financial_year
from sufficiency.demand import Demand
from sufficiency.outlook import Outlook
from sufficiency.supply import Supply
from sufficiency.vocabulary import KINDS, NEEDS_LEVELS

Stage = Literal["demand", "supply", "placing"]
"""How far a run must go: the projection alone, carers and homes alone, or everything up to the cost."""

Valued = tuple[tuple[str, ...], np.ndarray, float]
"""Financial years, values (paths, years), and the grain: what one child or household more changes."""

FOSTERED: Final = ("in_house_fostering", "ifa", "kinship")
ASKS: Final = {"share": "a share, 80% or 0.8", "£": "pounds a year, 28.5m"}


@dataclass(frozen=True)
class Measured:
    """One measure.

    ``says``: what a number of it is a number of, with ``{miles}`` for the limit. ``unit``: ``share``, ``£`` or what is
    counted. ``stage``: the last that it needs; ``of``: the answer of that stage → years, values and grain. ``yearly``:
    it adds up over a year, so that a year of which the projection covers only part has no value.
    """

    name: str
    says: str
    unit: str
    stage: Stage
    of: Callable[[Any], Valued]
    yearly: bool = False

    @property
    def asks(self) -> str:
        """What to give as the number of a target."""
        return ASKS.get(self.unit, f"a number of {self.unit}, 90")

    def shown(self, number: float) -> str:
        """A number of this measure as people write it, without its unit."""
        if self.unit == "share":
            return f"{100 * number:.3g}%"
        if self.unit == "£":
            return f"£{round(number / 1e6, 2):,.10g}m"
        return f"{number:,.10g}"

    def heading(self, miles: float) -> str:
        """What it is, as a heading."""
        before = {"share": "Share ", "£": "Money "}.get(self.unit, "")
        text = f"{before}{self.says.format(miles=f'{miles:g}')}"
        return text[0].upper() + text[1:]


def _ends(answer: Demand | Supply) -> tuple[tuple[str, ...], list[int]]:
    """Financial years of the month ends after the as-of day, and the last month end in each."""
    names = financial_year(answer.dates[1:])
    years = tuple(dict.fromkeys(names))
    return years, [int(np.flatnonzero(names == year)[-1]) + 1 for year in years]


def _children(demand: Demand) -> Valued:
    years, ends = _ends(demand)
    return years, demand.simulated.stock[:, ends].sum(axis=(2, 3)).astype(float), 1.0


def _households(supply: Supply) -> Valued:
    years, ends = _ends(supply)
    return years, supply.counts("households")[:, ends].astype(float), 1.0


def _events(supply: Supply, monthly: np.ndarray) -> Valued:
    """Events by path and month added up by financial year."""
    names = financial_year(supply.dates[1:])
    years = tuple(dict.fromkeys(names))
    return years, np.stack([monthly[:, names == year].sum(axis=1) for year in years], axis=1).astype(float), 1.0


def _near(outlook: Outlook, group: str) -> Valued:
    near = outlook.near_home
    counts = near.everyone if group == "all children" else near.new
    share = np.nan_to_num(near.share_within(group))
    return near.years, share, float(1 / max(counts[:, :, :2].sum(axis=2).mean(), 1))


def _living_in(outlook: Outlook, *kinds: str) -> tuple[tuple[str, ...], np.ndarray]:
    """Children in some kinds of placement by path at the end of each financial year."""
    years, ends = _ends(outlook.supply)
    stock = outlook.stays.stock(outlook.supply.paths, outlook.supply.months)[:, ends]
    return years, stock[:, :, [KINDS.index(kind) for kind in kinds]].sum(axis=2).astype(float)


def _children_in(outlook: Outlook, kind: str) -> Valued:
    return *_living_in(outlook, kind), 1.0


def _in_house_share(outlook: Outlook) -> Valued:
    years, own = _living_in(outlook, "in_house_fostering")
    _, fostered = _living_in(outlook, *FOSTERED)
    fostered = np.maximum(fostered, 1)
    return years, own / fostered, float(1 / fostered.mean())


def _shortfall(outlook: Outlook) -> Valued:
    years, ends = _ends(outlook.supply)
    return years, outlook.shortfall.short()[:, ends, 0].astype(float), 1.0


def _cost(outlook: Outlook) -> Valued:
    return outlook.budget.years, outlook.budget.total(), 0.0


_ALL: Final = (
    Measured("share_within_limit",
             "living within {miles} miles of home (known distances only)", "share", "placing",
             lambda outlook: _near(outlook, "all children")),
    Measured("new_share_within_limit",
             "of new placements within {miles} miles of home (known distances only)", "share",
             "placing", lambda outlook: _near(outlook, "new placements"), yearly=True),
    Measured("in_house_share", "of fostered children with in-house carers", "share", "placing", _in_house_share),
    Measured("households", "in-house households", "households", "supply", _households),
    Measured("approvals", "households approved", "households", "supply",
             lambda supply: _events(supply, supply.approvals()), yearly=True),
    Measured("level_3_approvals", "households approved at level 3", "households", "supply",
             lambda supply: _events(supply, supply.approvals(NEEDS_LEVELS[-1])), yearly=True),
    Measured("enquiries", "enquiries", "enquiries", "supply",
             lambda supply: _events(supply, supply.enquiries), yearly=True),
    Measured("children", "children looked after", "children", "demand", _children),
    Measured("residential_children", "children in children's homes", "children", "placing",
             lambda outlook: _children_in(outlook, "residential")),
    Measured("in_house_children", "children in in-house fostering", "children", "placing",
             lambda outlook: _children_in(outlook, "in_house_fostering")),
    Measured("shortfall", "foster places of our own missing", "places", "placing", _shortfall),
    Measured("cost", "spent on placements, carers and homes", "£", "placing", _cost, yearly=True),
)  # fmt: skip

MEASURES: Final[Mapping[str, Measured]] = {measure.name: measure for measure in _ALL}
"""The measures by name. Levels are those at the end of the financial year, flows and the cost those of the year."""
