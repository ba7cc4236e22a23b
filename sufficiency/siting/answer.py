"""The answer of a siting: what to open, what that does in each demand path, and how far it is proven."""

from __future__ import annotations

import html
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from sufficiency.errors import SolverError
from sufficiency.ranges import RANGE_COLUMNS, summarise
from sufficiency.siting.decide import PROVEN_COST, Decision
from sufficiency.siting.problem import COST, PENCE_IN_A_POUND, Outcome, SitingProblem, matched
from sufficiency.stamp import package_version

NOTE: Final = "A model's proposal: the authority decides what opens, a social worker who lives where."
SMALL_NUMBERS: Final = "Contains small numbers: not for publication."
FURTHER: Final = {"placed": "further_placed", "within_limit": "further_within"}
"""Aim → how the table names what a candidate adds to it."""

SHOWN: Final = ("mean", "p10", "p90")
"""Over the demand paths: the mean, and what 8 of 10 paths lie between."""

LEAST_TOLD: Final = 0.05
"""Children below which the mean of many paths is told as none."""

VALUING_SECONDS: Final = 600.0
"""Time for matches of an answer that stands already."""


@dataclass(frozen=True, eq=False)
class Siting:
    """Which homes to open, proven best within the budget for the mean of the demand paths it was chosen on.

    ``opened``: homes to open of each candidate, in the order of the candidates given. ``chosen``, ``none``: the exact
    match of each path with them and without any. ``scenario``, ``seed``: what the input was made with, to be printed.
    """

    problem: SitingProblem
    decision: Decision
    chosen: tuple[Outcome, ...]
    none: tuple[Outcome, ...]
    years: float
    seconds: float
    scenario: str = ""
    seed: int | None = None

    @property
    def opened(self) -> np.ndarray:
        """Homes to open, by candidate."""
        return self.decision.opened.copy()

    @property
    def spend(self) -> float:
        """What the opened homes cost over the period, without the placements [£]."""
        return self.problem.spend_of(self.decision.opened) / PENCE_IN_A_POUND

    def table(self) -> pd.DataFrame:
        """One row per candidate: what it is, how many to open, and what it does over all demand paths.

        ``places`` [of one home] ``weekly_cost`` [£ a child; missing takes the price of its kind] ``spend`` [£ over the
        period, of all opened] ``used_in_paths`` [share of the paths in which a child lives there]. Then mean, p10 and
        p90 over the paths [children]: ``lives_there_…``; ``further_placed_…`` and ``further_within_…``, by how much
        fewer there would be without this candidate and with all else that is opened (they need not add up: one home may
        do what another would have done); ``saves_…`` [£ over the period, its spend counted].
        ``spend_per_further_within``: £ of spend per further child within the limit. Not for publication.
        """
        return self._table.copy()

    @cached_property
    def _table(self) -> pd.DataFrame:
        problem, opened = self.problem, self.decision.opened
        table = problem.candidates.assign(opened=opened, spend=problem.spend * opened / PENCE_IN_A_POUND)
        used = np.stack([each.in_candidate > 0 for each in self.chosen]).mean(axis=0)
        table = table.assign(used_in_paths=np.where(opened > 0, used, np.nan))
        figures = {"lives_there": np.stack([each.in_candidate for each in self.chosen])}
        figures |= {name: self._further_of_each(aim) for aim, name in FURTHER.items()}
        weekly = self._further_of_each(COST) * problem.weeks
        figures["saves"] = (weekly - problem.spend * opened) / PENCE_IN_A_POUND
        for name, by_path in figures.items():
            ranges = summarise(by_path) if len(opened) else pd.DataFrame(columns=list(RANGE_COLUMNS), dtype=float)
            table = table.assign(**{f"{name}_{column}": ranges[column].where(opened > 0) for column in SHOWN})
        within = table["further_within_mean"]
        return table.assign(spend_per_further_within=table["spend"] / within.where(within > 0))

    def against_none(self) -> pd.DataFrame:
        """The choice against opening nothing, on the paths it was chosen on and on those held out.

        ``paths`` (``chosen on`` or ``held out``) ``number_of_paths`` ``measure`` ``unit`` ``without`` and ``with``
        (means a path), and the range over the paths of the difference (RANGE_COLUMNS): children; £ a week for the
        homes of the children matched; £ over the period for all that the aim ``cost`` counts.
        """
        parts = [
            self._compared(group) for group in (False, True) if any(p.held_out == group for p in self.problem.paths)
        ]
        return pd.concat(parts, ignore_index=True)

    def summary(self) -> dict[str, Any]:
        """What was decided, what it does, the proof of each aim (value, bound and gap), paths and spend."""
        problem, decision = self.problem, self.decision
        paths = len(problem.chosen_on)
        proofs = {
            proof.aim: {
                "mean_per_path": _shown(proof.aim, proof.value, paths),
                "no_choice_does_better_than": _shown(proof.aim, proof.bound, paths),
                "gap": proof.gap,
            }
            for proof in decision.proofs
        }
        return {
            "note": NOTE,
            "publication": SMALL_NUMBERS,
            "as_of": f"{problem.as_of:%Y-%m-%d}",
            "limit_miles": problem.paths[0].instance.limit_miles,
            "years": self.years,
            "weeks": problem.weeks,
            "budget": problem.budget / PENCE_IN_A_POUND,
            "spend": self.spend,
            "homes_opened": int(decision.opened.sum()),
            "candidates": len(problem.candidates),
            "paths_chosen_on": paths,
            "paths_held_out": len(problem.paths) - paths,
            "scenario": self.scenario or None,
            "seed": self.seed,
            "aims": proofs,
            "units": {"cost": "£ over the period, a path", "other aims": "children, a path"},
            "proven_best": all(proof.gap == 0 for proof in decision.proofs),
            "cost_proven_to": PROVEN_COST,
            "further_placed": self._further_by_group("placed"),
            "further_within": self._further_by_group("within_limit"),
            "spend_per_further_within": self.spend_per_further_within,
            "choices_valued": decision.valued,
            "seconds": round(self.seconds, 2),
        }

    @property
    def spend_per_further_within(self) -> float | None:
        """£ of spend for each further child within the limit on the mean path, on held-out paths where there are any;
        ``None`` when no further child is."""
        further = list(self._further_by_group("within_limit").values())[-1]
        return round(self.spend / further, 2) if further > 0 else None

    def homes_to_open(self) -> pd.DataFrame:
        """The candidates that are opened, to be read: words and units in the headings. Not for publication."""
        from sufficiency.siting.printed import homes_to_open_of

        return homes_to_open_of(self)

    def export(self, folder: str | Path) -> Path:
        """Write ``siting.html``, ``homes_to_open.csv``, ``candidates.csv``, ``against_none.csv``, ``summary.json`` and
        ``charts/map``, all or none, and return the folder.

        Raises :class:`~sufficiency.errors.InputError` when the folder cannot be written.
        """
        from sufficiency.report.siting_export import export_siting

        return export_siting(self, Path(folder))

    def chart(self) -> Any:
        """A map: homes that are there, candidates that are opened and that are not, and the circle of the limit around
        each opened one. Children only as counts by postcode district, small ones hidden."""
        from sufficiency.siting.picture import site_map_of

        return site_map_of(self)

    def source(self) -> str:
        """One line to print under a table or chart."""
        problem = self.problem
        paths = f"{len(problem.paths)} demand path{'s' if len(problem.paths) > 1 else ''}"
        day = problem.as_of
        made = f"Scenario: {self.scenario}. " if self.scenario else ""
        paths += "" if self.seed is None else f" (seed {self.seed})"
        return f"{made}Siting on {paths}, registers as of {day:%d %B %Y}; sufficiency {package_version()}. {NOTE}"

    def finding(self) -> str:
        """The answer in one sentence, without counts of few real children."""
        opened = int(self.decision.opened.sum())
        limit = self.problem.paths[0].instance.limit_miles
        homes = f"{opened or 'No'} home{'' if opened <= 1 else 's'} opened"
        placed, within = (list(self._further_by_group(aim).values())[-1] for aim in FURTHER)
        return (
            f"{homes} for £{self.spend:,.0f} of £{self.problem.budget / PENCE_IN_A_POUND:,.0f}: "
            f"{self._count(within)} within {limit:g} miles of home, {self._count(placed)} with a home, "
            f"{self._cost()} in all over {self.years:g} year{'' if self.years == 1 else 's'}{self._on_average()}"
        )

    def _on_average(self) -> str:
        """On which paths the figures of the finding are means."""
        held_out = sum(path.held_out for path in self.problem.paths)
        if held_out:
            return f" (mean of {held_out} demand paths held out)"
        return f" (mean of {len(self.problem.paths)} demand paths)" if len(self.problem.paths) > 1 else ""

    def _cost(self) -> str:
        """By how much the aim ``cost`` changes on the mean path, in words."""
        rows = self.against_none()
        change = float(rows.loc[rows["measure"] == COST, "mean"].iloc[-1])
        if abs(change) < 1:
            return "the same cost"
        return f"£{abs(change):,.0f} {'more' if change > 0 else 'less'}"

    def _count(self, further: float) -> str:
        """Further children: the mean of many futures, but 1 to 5 children of one real register are not told apart."""
        if len(self.problem.paths) > 1 and abs(further) >= LEAST_TOLD:
            return f"{further:.1f} more children"
        if len(self.problem.paths) > 1:
            return "no more children"
        if 1 <= further <= 5:
            return "1 to 5 more children"
        return f"{further:.0f} more children" if further else "no more children"

    def __repr__(self) -> str:
        return "\n".join([self.finding(), self.proof_line(), self.source()])

    def _repr_html_(self) -> str:
        text = html.escape(repr(self))
        return f"<pre>{text}</pre>{self.homes_to_open().to_html(index=False, na_rep='')}<p>{SMALL_NUMBERS}</p>"

    def proof_line(self) -> str:
        """How far it is proven, in one sentence."""
        gaps = {proof.aim: proof.gap for proof in self.decision.proofs if proof.gap > 0}
        if not gaps:
            return "Proven best on every aim, for the mean of the paths it was chosen on."
        told = ", ".join(f"{aim} by up to {gap:.2%}" for aim, gap in gaps.items())
        return f"Not proven best: another choice could do better on {told}."

    def _further(self, aim: str) -> np.ndarray:
        """What the choice adds to an aim, by path."""
        level = self.problem.aims.index(aim)
        return np.array([a.values[level] - b.values[level] for a, b in zip(self.chosen, self.none, strict=True)])

    def _further_by_group(self, aim: str) -> dict[str, float]:
        """Mean of what the choice adds to an aim, on the paths it was chosen on and on those held out."""
        further, held_out = self._further(aim), np.array([path.held_out for path in self.problem.paths])
        means = {"chosen_on": float(further[~held_out].mean())}
        return means | ({"held_out": float(further[held_out].mean())} if held_out.any() else {})

    def _further_of_each(self, aim: str) -> np.ndarray:
        """What each candidate adds to an aim beside all others that are opened, by path; 0 where it is not opened."""
        level = self.problem.aims.index(aim)
        having = np.array([each.values[level] for each in self.chosen])
        return having[:, None] - self._without_each[:, :, level].T

    @cached_property
    def _without_each(self) -> np.ndarray:
        """Values of every aim without one of the candidates: shape (candidates, paths, aims)."""
        opened = self.decision.opened
        values = np.tile(np.array([each.values for each in self.chosen]), (len(opened), 1, 1))
        for candidate in np.flatnonzero(opened):
            others = np.where(np.arange(len(opened)) == candidate, 0, opened)
            outcomes = value_paths(self.problem, others, time.monotonic() + VALUING_SECONDS)
            values[candidate] = [each.values for each in outcomes]
        return values

    def _compared(self, held_out: bool) -> pd.DataFrame:
        """Rows of :meth:`against_none` for one group of paths."""
        problem = self.problem
        here = [position for position, path in enumerate(problem.paths) if path.held_out == held_out]
        before, after = (np.array([each[position].values for position in here]) for each in (self.none, self.chosen))
        rows = {aim: (before[:, level], after[:, level], "children") for level, aim in enumerate(problem.aims[:-1])}
        weekly = -before[:, -1] / PENCE_IN_A_POUND, -after[:, -1] / PENCE_IN_A_POUND
        rows["weekly_cost"] = (*weekly, "£ a week")
        rows[COST] = (weekly[0] * problem.weeks, weekly[1] * problem.weeks + self.spend, "£ over the period")
        keys = pd.DataFrame(
            {
                "paths": "held out" if held_out else "chosen on",
                "number_of_paths": len(here),
                "measure": list(rows),
                "unit": [unit for _, _, unit in rows.values()],
                "without": [first.mean() for first, _, _ in rows.values()],
                "with": [second.mean() for _, second, _ in rows.values()],
            }
        )
        return pd.concat(
            [keys, summarise(np.stack([second - first for first, second, _ in rows.values()], axis=1))], axis=1
        )


def siting_of(problem: SitingProblem, decision: Decision, *, years: float, started: float) -> Siting:
    """The answer of a decision, with every path matched anew and held against what was proven."""
    until = time.monotonic() + VALUING_SECONDS
    chosen = value_paths(problem, decision.opened, until)
    none = value_paths(problem, np.zeros_like(decision.opened), until)
    totals = np.sum(
        [each.values for each, path in zip(chosen, problem.paths, strict=True) if not path.held_out],
        axis=0,
        dtype=object,
    )
    totals[-1] = problem.weeks * totals[-1] - len(problem.chosen_on) * problem.spend_of(decision.opened)
    if [int(total) for total in totals] != [proof.value for proof in decision.proofs]:
        raise SolverError(
            "The matches of the answer differ from what was proven; no answer is given. Please report this."
        )
    return Siting(problem, decision, chosen, none, years, time.monotonic() - started)


def value_paths(problem: SitingProblem, opened: np.ndarray, until: float) -> tuple[Outcome, ...]:
    """The exact match of every path with some homes opened."""
    return tuple(matched(problem, path, opened, until) for path in problem.paths)


def _shown(aim: str, total: float, paths: int) -> float:
    """A total over the paths as the mean a path: children; £, as a cost, for ``cost``."""
    return round(-total / (PENCE_IN_A_POUND * paths), 2) if aim == COST else round(total / paths, 4)
