"""What if prices, places or the limit were others: the plan matched again for each change, exact, side by side.

>>> plan.what_if({"agency 10% dearer": Change(cost_factor={"ifa": 1.1})}).table()
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.errors import Fault, InputError, raise_faults
from sufficiency.matching.again import Again, Solved
from sufficiency.matching.audit import audit
from sufficiency.matching.change import SOURCE, Change, changes_in, faults_of_changes
from sufficiency.matching.changed import changed
from sufficiency.matching.entrance import DEFAULT_TIME_LIMIT_SECONDS, WIDE
from sufficiency.matching.flow import NoPlanError
from sufficiency.matching.instance import Instance
from sufficiency.matching.many import Progress
from sufficiency.matching.plan import Plan, Proof
from sufficiency.matching.stated import state
from sufficiency.workers import shared_by

BATCH: Final = 10
"""Changes sent to a process at a time; the plan as it stands goes with each batch."""


@dataclass(frozen=True, eq=False)
class WhatIf:
    """The optimum for each change of the registers, beside the plan as it stands; a shortlist like it.

    ``found``: name of the change → its optimum, proven on every objective.
    """

    stands: Plan
    changes: Mapping[str, Change]
    found: Mapping[str, Again]
    time_limit_seconds: float = DEFAULT_TIME_LIMIT_SECONDS

    def table(self) -> pd.DataFrame:
        """One row per change, in the order given.

        ``change``; each objective's value (children; £ a week for ``weekly_cost``); ``<objective>_difference`` from the
        plan as it stands; ``live_elsewhere`` [children whose home is another one, or who gain or lose one]; ``proven``
        (true: no plan reaches more; one that was not proven raises an error instead).
        """
        names, before = self.stands.instance.objectives, self.stands.values
        rows = []
        for name, again in self.found.items():
            values = {aim: _shown(aim, again.values[aim]) for aim in names}
            differences = {f"{aim}_difference": round(values[aim] - before[aim], 2) for aim in names}
            elsewhere = int((again.home != self.stands.home).sum())
            rows.append({"change": name, **values, **differences, "live_elsewhere": elsewhere, "proven": True})
        return pd.DataFrame(rows).astype({"change": "str"})

    def plan(self, name: str) -> Plan:
        """The plan for one of the changes, held against the Pyomo model and the rules as one from :func:`sf.match` is.

        Raises :class:`~sufficiency.errors.InputError` when there is no such change.
        """
        if name not in self.found:
            fault = Fault("K47", SOURCE, "", (), f"no change is named {name}", f"Choose from {', '.join(self.found)}")
            raise InputError([fault])
        again, instance = self.found[name], changed(self.stands.instance, self.changes[name])
        if again.chosen.any():
            state(instance, again.best(instance), time.monotonic() + self.time_limit_seconds)
        proofs = tuple(Proof(aim, value, value, again.proofs[aim]) for aim, value in again.values.items())
        plan = Plan(instance, again.home, proofs)
        audit(plan, instance)
        return plan

    def __repr__(self) -> str:
        lines = [f"{len(self.found)} what-if{'' if len(self.found) == 1 else 's'}, each matched again and proven best:"]
        for row in self.table().to_dict("records"):
            moved = ", ".join(_moved(aim, row[f"{aim}_difference"]) for aim in self.stands.instance.objectives
                              if row[f"{aim}_difference"])  # fmt: skip
            elsewhere = f"{row['live_elsewhere']} would live elsewhere"
            lines.append(f"  {row['change']}: {moved or 'nothing reached changes'}; {elsewhere}")
        return "\n".join(lines)


def what_if(
    plan: Plan,
    changes: Mapping[str, Change] | pd.DataFrame,
    *,
    processes: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
    time_limit_seconds: float = DEFAULT_TIME_LIMIT_SECONDS,
) -> WhatIf:
    """Match a plan's registers again for each of some changes; the values are those of a match from the beginning.

    ``changes``: name → :class:`Change`, or a table with columns :data:`~sufficiency.matching.change.TABLE_COLUMNS` and
    a row for each home, kind or provider of a change. ``processes`` shares them out, or any ``executor`` of
    ``concurrent.futures``; the answer is the same. ``progress`` is called with the number of changes finished since the
    last call. Of plans as good as each other one is taken that leaves children where the plan has them.
    ``time_limit_seconds`` [s] is for each change.

    Raises :class:`~sufficiency.errors.InputError` with every fault of the changes, and
    :class:`~sufficiency.errors.SolverError` when an optimum is not proven in time.
    """
    given, faults = changes_in(changes) if isinstance(changes, pd.DataFrame) else (dict(changes), [])
    raise_faults(faults)
    raise_faults([*_of_region(plan.instance), *faults_of_changes(given, plan.instance)])
    names = list(given)
    batches = [{name: given[name] for name in names[first : first + BATCH]} for first in range(0, len(names), BATCH)]
    solved = Solved(plan.instance, plan.home, time_limit_seconds)
    found: dict[str, Again | None] = {}
    answers: Iterable[dict[str, Again | None]]
    with shared_by(processes, executor) as workers:
        if workers is None:
            answers = (_of_batch(solved, {name: change}) for name, change in given.items())
        else:
            count = len(batches)
            answers = workers.map(_in_process, [plan.instance] * count, [plan.home] * count,
                                  [time_limit_seconds] * count, batches)  # fmt: skip
        for answer in answers:
            found |= answer
            if progress is not None:
                progress(len(answer))
    raise_faults([_no_plan(name) for name, again in found.items() if again is None])
    return WhatIf(plan, given, {name: again for name, again in found.items() if again is not None}, time_limit_seconds)


def _in_process(
    instance: Instance, home: np.ndarray, time_limit_seconds: float, batch: dict[str, Change]
) -> dict[str, Again | None]:
    return _of_batch(Solved(instance, home, time_limit_seconds), batch)


def _of_batch(solved: Solved, batch: Mapping[str, Change]) -> dict[str, Again | None]:
    """The optimum for each change; none where no plan is left."""
    return {name: _or_none(lambda change=change: solved.again(changed(solved.instance, change)))  # type: ignore[misc]
            for name, change in batch.items()}  # fmt: skip


def _or_none(work: Callable[[], Again]) -> Again | None:
    try:
        return work()
    except NoPlanError:
        return None


def _no_plan(name: str) -> Fault:
    says = "leaves no plan that keeps every pin, and a home for every step-down child"
    return Fault("K48", SOURCE, name, (), says, "Leave the homes that are pinned their places")


def _of_region(instance: Instance) -> list[Fault]:
    """A plan of a region has only the pairs that its own prices and places made matter."""
    if instance.rows_given * len(instance.homes) <= WIDE:
        return []
    says = f"the registers have more than {WIDE:,} pairs of a child and a home"
    return [Fault("K49", SOURCE, "", (), says, "Change the registers of a region themselves, and match them")]


def _shown(aim: str, value: int) -> float:
    return round(-value / 100, 2) if aim == "weekly_cost" else value


def _moved(aim: str, difference: float) -> str:
    if aim == "weekly_cost":
        return f"£{abs(difference):,.2f} a week {'more' if difference > 0 else 'less'}"
    return f"{aim} {difference:+.0f}"
