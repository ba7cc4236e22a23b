"""How unmet in-house need spills into agency and residential places: first placements against vacancies on the day.

Most of what a scenario saves rests on this, so it is estimated where the returns and registers allow, with its range.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.calendar import DAYS_IN_MONTH
from sufficiency.lever import Lever, LeverFromReturns
from sufficiency.records.model import Records
from sufficiency.scenario import Scenario
from sufficiency.settings import FAMILY_PLAN_ASSUMED
from sufficiency.streams import stream

FIRST_KINDS: Final = ("in_house_fostering", "ifa", "residential")
"""Kinds between which a vacancy could decide; kinship carers come with the child."""
CLASSES: Final = ("none vacant", "vacant")
YEARS: Final = 5
"""Years of first placements used: longer ones find more, but under other circumstances."""
PRIOR_PLACEMENTS: Final = 20.0
"""Weight of what is assumed of each class of days against one first placement [placements]."""
DRAWS: Final = 4000
LOW, HIGH = 0.1, 0.9


@dataclass(frozen=True)
class Spill:
    """``counts``: first placements by class of day (:data:`CLASSES`) and kind (:data:`FIRST_KINDS`); ``not_known``:
    those on days when more children lived in-house than the register has places for; ``draws``: shares drawn from
    their posterior, shape (draws, classes, kinds); ``basis``: where the places of past days come from;
    ``stepped_down``, ``residential_months``: moves from a children's home into a family, and child-months there."""

    counts: np.ndarray
    not_known: int
    draws: np.ndarray
    basis: str
    stepped_down: int
    residential_months: float

    def table(self) -> pd.DataFrame:
        """``vacancy kind placements share low high prior_weight basis``: of first placements on days with and
        without a vacant in-house place, the share in each kind with its 80% range, then the difference."""
        rows = []
        for position, name in enumerate(CLASSES):
            for kind, label in enumerate(FIRST_KINDS):
                rows.append((name, label, int(self.counts[position, kind]), *_range(self.draws[:, position, kind])))
        for kind, label in enumerate(FIRST_KINDS):
            rows.append(("difference", label, int(self.counts[:, kind].sum()),
                         *_range(self.draws[:, 0, kind] - self.draws[:, 1, kind])))  # fmt: skip
        table = pd.DataFrame(rows, columns=["vacancy", "kind", "placements", "share", "low", "high"])
        return table.assign(prior_weight=PRIOR_PLACEMENTS, basis=self.basis)

    def estimates(self) -> pd.DataFrame:
        """``setting middle low high observations source``: what the returns say of settings that rest on no source.

        ``family_plan_share``: of children who enter a children's home when nothing is vacant in-house, those who
        would not have if something had been. ``stepping_down``: moves into a family per child-month in a children's
        home, with a plan or without, and with places as they were: a floor for ``ready_to_step_down``.
        """
        middle, low, high = self.family_plan_range()
        generator = stream(0, "spill", "stepping down")
        monthly = generator.gamma(self.stepped_down + 0.5, 1 / max(self.residential_months, 1.0), DRAWS)
        rows = [
            ("family_plan_share", middle, low, high, int(self.counts.sum()), f"returns and {self.basis}"),
            ("stepping_down", *_range(monthly), self.stepped_down, "returns"),
        ]
        return pd.DataFrame(rows, columns=["setting", "middle", "low", "high", "observations", "source"])

    def family_plan(self) -> np.ndarray:
        """Draws of the share of entries to children's homes, nothing vacant, that a vacancy would have averted."""
        residential = self.draws[:, :, FIRST_KINDS.index("residential")]
        return np.clip(1 - residential[:, 1] / np.maximum(residential[:, 0], 1e-9), 0, 1)

    def family_plan_range(self) -> tuple[float, float, float]:
        """Middle, low and high of :meth:`family_plan`, an 80% range."""
        return _range(self.family_plan())

    def finding(self) -> str:
        """What the first placements say, in one sentence with its range."""
        middle, low, high = self.family_plan_range()
        return (
            f"Of children who enter a children's home when no in-house place is vacant, {middle:.0%} ({low:.0%} to "
            f"{high:.0%} in 8 cases of 10) would not have if one had been, by {int(self.counts.sum())} first placements"
        )


def spill(records: Records, scenario: Scenario, as_of: pd.Timestamp | None = None) -> Spill:
    """First placements of the last years against the in-house places vacant on the day.

    A place is vacant when the places of that day that can be used (all but the scenario's ``share_not_available``)
    are more than the children living in-house. Each class of days starts from :data:`PRIOR_PLACEMENTS` placements: of
    the mix of all, with children's homes fewer by the assumed ``family_plan_share`` when a place is vacant. With no
    data the answer is the assumption. Whom a vacancy would have suited is not in the returns, so the difference
    understates what a fitting one would do; a change over the years in both is taken for an effect.
    """
    until = as_of or records.data_to
    since = until - pd.DateOffset(years=YEARS)
    placements = records.placements
    started = placements["started"]
    first = placements[(started > since) & (started <= until) & (placements["reason_started"] == "S")
                       & placements["kind"].isin(FIRST_KINDS)]  # fmt: skip
    days = first["started"].to_numpy(dtype="datetime64[D]")
    places, basis = _places_on(records, days)
    held = _held_on(placements, days)
    usable = places * (1 - scenario.supply.recruitment.share_not_available.middle())
    known = places >= held
    vacant = (usable - held >= 1).astype(int)
    kind = pd.Index(FIRST_KINDS).get_indexer(pd.Index(first["kind"].astype(object)))
    counts = np.zeros((len(CLASSES), len(FIRST_KINDS)))
    np.add.at(counts, (vacant[known], kind[known]), 1)
    stepped, months = _stepping_down(placements, since, until)
    return Spill(counts, int((~known).sum()), _posterior(counts), basis, stepped, months)


def with_estimates(records: Records, scenario: Scenario) -> Scenario:
    """The scenario with what it takes "from the returns" filled in as a range; the same when it takes nothing."""
    if not isinstance(scenario.supply.market.family_plan_share, LeverFromReturns):
        return scenario
    as_of = pd.Timestamp(scenario.horizon.as_of) if scenario.horizon.as_of else records.data_to
    _, low, high = spill(records, scenario, as_of).family_plan_range()
    return scenario.with_changes(
        {"supply.market.family_plan_share": Lever((low,), (high,), 0.0, 1.0)}, why="estimated from the returns"
    )


def _range(values: np.ndarray) -> tuple[float, float, float]:
    middle, low, high = np.quantile(values, (0.5, LOW, HIGH))
    return float(middle), float(low), float(high)


def _posterior(counts: np.ndarray) -> np.ndarray:
    """Shares drawn from the posterior of each class of days, shape (draws, classes, kinds)."""
    residential, in_house = FIRST_KINDS.index("residential"), FIRST_KINDS.index("in_house_fostering")
    mix = (counts.sum(axis=0) + 1) / (counts.sum() + len(FIRST_KINDS))
    fewer = mix.copy()
    fewer[residential] *= 1 - FAMILY_PLAN_ASSUMED
    fewer[in_house] += mix[residential] - fewer[residential]
    generator = stream(0, "spill")
    return np.stack(
        [generator.dirichlet(count + PRIOR_PLACEMENTS * prior, DRAWS)
         for count, prior in zip(counts, (mix, fewer), strict=True)], axis=1,
    )  # fmt: skip


def _places_on(records: Records, days: np.ndarray) -> tuple[np.ndarray, str]:
    """In-house places approved on each day, as far as the registers tell, and which of them tells."""
    carers = records.carers
    if carers is not None and carers["approved_on"].notna().any():
        approved = carers[carers["approved_on"].notna() & carers["places"].notna()]
        begins = approved["approved_on"].to_numpy(dtype="datetime64[D]")
        ends = approved["left_on"].fillna(pd.Timestamp.max.floor("D")).to_numpy(dtype="datetime64[D]")
        size = approved["places"].to_numpy(dtype=float)
        return ((begins <= days[:, None]) & (days[:, None] <= ends)) @ size, "carers.csv"
    homes = records.homes
    if homes is None:
        return np.full(len(days), -1.0), "no register"
    today = homes.loc[homes["kind"] == "in_house_fostering", "places"].sum()
    return np.full(len(days), float(today)), "homes.csv, places as today"


def _held_on(placements: pd.DataFrame, days: np.ndarray) -> np.ndarray:
    """Children who lived in-house before each day and through it."""
    own = placements[placements["kind"] == "in_house_fostering"]
    begins = np.sort(own["started"].to_numpy(dtype="datetime64[D]"))
    ends = np.sort(own["ended"].dropna().to_numpy(dtype="datetime64[D]"))
    return np.searchsorted(begins, days, side="left") - np.searchsorted(ends, days, side="right")


def _stepping_down(placements: pd.DataFrame, since: pd.Timestamp, until: pd.Timestamp) -> tuple[int, float]:
    """Moves from a children's home into a foster family, and child-months in children's homes."""
    order = placements.sort_values(["child_id", "period", "started"], kind="stable")
    following = order.groupby(["child_id", "period"], observed=True)["kind"].shift(-1)
    there = (order["kind"] == "residential").to_numpy()
    moved = there & following.isin(("in_house_fostering", "ifa")).to_numpy()
    within = ((order["ended"] > since) & (order["ended"] <= until)).to_numpy()
    begins = order["started"].where(order["started"] > since, since)
    ends = order["ended"].where(order["ended"] <= until, until)
    months = np.clip((ends - begins).dt.days.to_numpy()[there], 0, None) / DAYS_IN_MONTH
    return int((moved & within).sum()), float(months.sum())
