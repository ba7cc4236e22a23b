"""The answer of a match: who lives where and why, what was reached, and what one more place would be worth."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from sufficiency.matching.pairs import NOT_COUNTED, OBJECTIVES, Instance
from sufficiency.matching.reasons import is_together, reasons_for
from sufficiency.matching.rules import is_fostering
from sufficiency.stamp import SHORTLIST_NOTE
from sufficiency.vocabulary import USUAL_FOSTERING_LIMIT

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from sufficiency.matching.change import Change
    from sufficiency.matching.frontier import Frontier
    from sufficiency.matching.what_if import WhatIf
    from sufficiency.matching.why import Explanation

MATCH_COLUMNS: Final = (
    "child_id",
    "home_id",
    "kind",
    "miles",
    "within_limit",
    "weekly_cost",
    "siblings_together",
    "reason",
)
MILES_SHOWN: Final = 3
"""Decimals of ``miles`` in a table; the limit is held against the unrounded distance."""


@dataclass(frozen=True)
class Proof:
    """That no plan reaches more of an objective, those before it kept: ``value`` (children, points, or pence as a
    negative), ``bound``, the most that is not ruled out (``None``: not worked out), and ``by`` what."""

    objective: str
    value: int
    bound: int | None
    by: str


@dataclass(frozen=True, eq=False)
class Plan:
    """A proposed home for each child of the pool, proven best on the objectives in their order; a shortlist.

    ``home``: number of each child's home in ``instance.homes``, −1 for none, in the order of ``instance.children``.
    """

    instance: Instance
    home: np.ndarray
    proofs: tuple[Proof, ...] = ()

    def proof(self) -> pd.DataFrame:
        """One row per objective: ``objective value bound gap proven_by``; cost in £ a week, the rest in children.

        ``gap`` is how much more might be reached, 0 where the plan is proven best; both are missing where no bound was
        worked out.
        """
        rows = [
            (
                each.objective,
                _shown(each.objective, each.value),
                np.nan if each.bound is None else _shown(each.objective, each.bound),
                each.by,
            )
            for each in self.proofs
        ]
        table = pd.DataFrame(rows, columns=["objective", "value", "bound", "proven_by"])
        table.insert(3, "gap", (table["bound"] - table["value"]).abs())
        return table

    @cached_property
    def values(self) -> Mapping[str, float]:
        """Each objective's value, sought or not: children, and £ a week for ``weekly_cost``."""
        instance, who = self.instance, self._housed
        where = self.home[who]
        groups = instance.members[: instance.groups]
        values = {
            "placed": len(who),
            "within_limit": int((self._within == 1).sum()),
            "siblings_together": sum(len(each) for each in groups if is_together(self.home, each)),
            "weekly_cost": round(int(self._pence.sum()) / 100, 2),
        }
        further = {
            "school_within": lambda: int(instance.at_school(who, where).sum()),
            "in_house": lambda: int(instance.in_house()[where].sum()),
            "preference": lambda: int(instance.score(who, where).sum()),
        }
        return values | {name: count() for name, count in further.items() if name in instance.objectives}

    @cached_property
    def _housed(self) -> np.ndarray:
        return np.flatnonzero(self.home >= 0)

    @cached_property
    def _within(self) -> np.ndarray:
        """1 within the limit, 0 beyond it, −1 not counted; −1 without a home."""
        return self._of_housed(self.instance.within, NOT_COUNTED, np.int8)

    @cached_property
    def _pence(self) -> np.ndarray:
        """Pence a week of each child; 0 without a home."""
        return self._of_housed(self.instance.pence, 0, np.int64)

    def _of_housed(
        self, figure: Callable[[np.ndarray, np.ndarray], np.ndarray], empty: float, dtype: Any
    ) -> np.ndarray:
        """A figure of each child's own pair in the plan; ``empty`` for a child without a home."""
        answer = np.full(len(self.home), empty, dtype=dtype)
        answer[self._housed] = figure(self._housed, self.home[self._housed])
        return answer

    def table(self) -> pd.DataFrame:
        """One row per child of the pool in order of ``child_id``; columns MATCH_COLUMNS.

        ``miles`` [geodesic miles], ``within_limit`` and ``siblings_together`` (true, false, or missing where they do
        not apply), ``weekly_cost`` [£ a week]; ``home_id`` is missing for a child without a home.
        """
        return self._table.copy()

    @cached_property
    def _table(self) -> pd.DataFrame:
        """The rows with their reasons."""
        reason = pd.array(reasons_for(self.instance, self.home), dtype="str")
        return self.placements.assign(reason=reason)[list(MATCH_COLUMNS)]

    @cached_property
    def placements(self) -> pd.DataFrame:
        """The rows of :meth:`table` without their reasons, which take longer than all the rest."""
        instance, homes = self.instance, self.instance.homes
        housed = self.home >= 0
        within = self._within
        counted = housed & (within != NOT_COUNTED)
        grouped = instance.group >= 0
        together = np.array(
            [g >= 0 and is_together(self.home, instance.members[g]) for g in instance.group], dtype=bool
        )
        return pd.DataFrame(
            {
                "child_id": instance.children["child_id"].to_numpy(dtype=object),
                "home_id": _where(homes["home_id"], self.home),
                "kind": _where(homes["kind"], self.home),
                "miles": self._of_housed(instance.miles, np.nan, float).round(MILES_SHOWN),
                "within_limit": _flags(within == 1, counted),
                "weekly_cost": np.where(housed, self._pence / 100, np.nan),
                "siblings_together": _flags(together, grouped),
            }
        ).astype({"child_id": "str", "home_id": "str", "kind": "str"})

    def summary(self) -> dict[str, Any]:
        """What was reached at each objective and out of how many, who has no home, and which groups are split."""
        instance, values = self.instance, self.values
        split = [who for who in instance.members[: instance.groups] if not is_together(self.home, who)]
        names = instance.children["sibling_group"].to_numpy(dtype=object)
        exempt = instance.children["distance_exempt"].to_numpy(dtype=bool)
        unknown = instance.children["home_latitude"].isna().to_numpy() & ~exempt
        siblings = int((instance.group >= 0).sum())
        pool = len(instance.children)
        return {
            "note": SHORTLIST_NOTE,
            "as_of": f"{instance.as_of:%Y-%m-%d}",
            "limit_miles": instance.limit_miles,
            "objectives": {name: values[name] for name in instance.objectives},
            "out_of": {
                "placed": pool,
                "within_limit": int((~exempt & ~unknown).sum()),
                "siblings_together": siblings,
            },
            "proof": {
                each.objective: {
                    "bound": None if each.bound is None else _shown(each.objective, each.bound),
                    "gap": None if each.bound is None else abs(_shown(each.objective, each.bound - each.value)),
                    "proven_by": each.by,
                }
                for each in self.proofs
            },
            "not_sought": {name: values[name] for name in OBJECTIVES if name not in instance.objectives},
            "units": {"weekly_cost": "£ a week", "placed, within_limit, siblings_together": "children"},
            "homes": len(instance.homes),
            "children_in_pool": pool,
            "households_refilled_over_usual_limit": self._refilled_over_limit(),
            "children_without_a_home": pool - int(values["placed"]),
            "children_distance_exempt": int(exempt.sum()),
            "children_of_unknown_place": int(unknown.sum()),
            "sibling_groups": instance.groups,
            "sibling_groups_split": sorted(str(names[who[0]]) for who in split),
        }

    def _refilled_over_limit(self) -> int:
        """Fostering households that held more than the usual three and take a child in a place that one leaves.

        They need the exemption that they have (Children Act 1989, Schedule 7) to cover the child who comes.
        """
        instance = self.instance
        comes = (self.home >= 0) & (self.home != instance.present)
        incoming = np.bincount(self.home[comes], minlength=len(instance.homes))
        held = (instance.homes["places"] - instance.homes["places_free"]).to_numpy(dtype=int)
        return int((is_fostering(instance.homes) & (held > USUAL_FOSTERING_LIMIT) & (incoming > 0)).sum())

    def worth_of_a_place(self) -> pd.DataFrame:
        """What one more place in each home would house, bring near, keep together and save; see ``worth.py``.

        Worked out in 20 seconds at most: a row that is not proven by then says so in ``method``.
        """
        return self._worth.copy()

    def worth_by(self, by: Sequence[str] = ("kind", "max_needs_level", "age_band", "area")) -> pd.DataFrame:
        """The worth of a place by kind, needs level, age band and area of the home, and of a whole new place of the
        most promising descriptions, matched again; see :func:`sufficiency.matching.worth_by.worth_by`."""
        from sufficiency.matching.worth_by import worth_by

        return worth_by(self, by)

    @cached_property
    def _worth(self) -> pd.DataFrame:
        from sufficiency.matching.worth import worth_of_a_place

        return worth_of_a_place(self)

    def best_homes(self, child_ids: Iterable[str] | str | None = None, best: int = 5) -> pd.DataFrame:
        """The best homes for each child and what each would cost the whole plan in every objective, proven.

        Everyone when ``child_ids`` is left out; see :func:`sufficiency.matching.why.best_homes` for the columns.
        """
        from sufficiency.matching.why import best_homes

        return best_homes(self, child_ids, best)

    def refused_homes(self, child_ids: Iterable[str] | str | None = None) -> pd.DataFrame:
        """For each child the homes that may not take it, and the rule that refuses each.

        Everyone when ``child_ids`` is left out; see :func:`sufficiency.matching.why.refused_homes` for the columns.
        """
        from sufficiency.matching.why import refused_homes

        return refused_homes(self, child_ids)

    def changes_that_house(self, child_ids: Iterable[str] | str | None = None) -> pd.DataFrame:
        """For each child without a home the shortest lists of changes that would house it, each matched again.

        Everyone when ``child_ids`` is left out; see :func:`sufficiency.matching.why.changes_that_house`.
        """
        from sufficiency.matching.why import changes_that_house

        return changes_that_house(self, child_ids)

    def empty_homes(self) -> pd.DataFrame:
        """The homes with places left, and why no child comes; see :func:`sufficiency.matching.why.empty_homes`."""
        from sufficiency.matching.why import empty_homes

        return empty_homes(self)

    def explain(self, child_id: str) -> Explanation:
        """Everything about one child of the plan on one page, its best homes, refusals and changes among it.

        Raises :class:`~sufficiency.errors.InputError` when the id is not one of the children who are matched.
        """
        from sufficiency.matching.why import explain

        return explain(self, child_id)

    def what_if(
        self,
        changes: Mapping[str, Change] | pd.DataFrame,
        *,
        processes: int = 1,
        executor: Executor | None = None,
        progress: Callable[[int], None] | None = None,
        time_limit_seconds: float = 60.0,
    ) -> WhatIf:
        """The plan matched again for changed prices, places or limits: ``{"agency 10% dearer": Change(…)}``.

        Exact for each change, and beside the plan as it stands; see :func:`sufficiency.matching.what_if.what_if`.
        """
        from sufficiency.matching.what_if import what_if

        return what_if(
            self,
            changes,
            processes=processes,
            executor=executor,
            progress=progress,
            time_limit_seconds=time_limit_seconds,
        )

    def frontier(self, first: str, second: str, points: int = 20, *, time_limit_seconds: float = 60.0) -> Frontier:
        """What more of one objective costs in another: ``plan.frontier("weekly_cost", "within_limit")``.

        Exact for each point; see :func:`sufficiency.matching.frontier.frontier_of`.
        """
        from sufficiency.matching.frontier import frontier_of

        return frontier_of(self, first, second, points, time_limit_seconds=time_limit_seconds)

    def write(self, out_dir: str | Path) -> None:
        """Write ``matches.csv``, ``worth_of_a_place.csv`` and ``summary.json`` into a folder, all or none of them.

        True and false are written in small letters, as the registers have them. Nothing in the files depends on when
        or where they were written.
        """
        out = Path(out_dir)
        files = {
            "matches.csv": _as_csv(self.table()),
            "worth_of_a_place.csv": _as_csv(self.worth_of_a_place()),
            "summary.json": json.dumps(self.summary(), indent=2, ensure_ascii=False) + "\n",
        }
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as beside:
            for name, text in files.items():
                Path(beside, name).write_bytes(text.encode("utf-8"))
            for name in files:
                os.replace(Path(beside, name), out / name)


def _shown(objective: str, value: int) -> float:
    """A value as the tables show it: £ a week for the cost, else a count."""
    return round(-value / 100, 2) if objective == "weekly_cost" else value


def _where(names: pd.Series, home: np.ndarray) -> np.ndarray:
    """The name that goes with each child's home; missing for a child without one."""
    with_none = np.array([*names, None], dtype=object)
    return with_none[home]


def _flags(values: np.ndarray, known: np.ndarray) -> pd.arrays.BooleanArray:
    """True and false where it is known, else missing."""
    return pd.arrays.BooleanArray(values, ~known)


def _as_csv(table: pd.DataFrame) -> str:
    """CSV text with line feeds; flags in small letters, an empty cell for what is missing."""
    flags = table.select_dtypes("boolean").columns
    shown = table.assign(**{name: table[name].map({True: "true", False: "false"}) for name in flags})
    return shown.to_csv(index=False, lineterminator="\n")
