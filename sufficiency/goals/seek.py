"""Goal seek: turn one lever until a target is met often enough, all else and all chance alike."""

from __future__ import annotations

import math
from concurrent.futures import Executor
from functools import partial
from typing import Any, Final

from sufficiency.errors import Fault, InputError, raise_faults
from sufficiency.goals.answer import GoalSeek
from sufficiency.goals.runs import Runs
from sufficiency.goals.search import Tried, search
from sufficiency.goals.target import Target, target_of
from sufficiency.goals.varied import Varied, varied_of
from sufficiency.placing.loop import Progress
from sufficiency.records.model import Records
from sufficiency.scenario import Scenario
from sufficiency.stamp import stamp_of
from sufficiency.workers import shared_by

LIMIT: Final = "matching.limit_miles"


def goal_seek(
    records: Records,
    scenario: Scenario,
    *,
    vary: str,
    target: str,
    probability: float = 0.8,
    low: float | None = None,
    high: float | None = None,
    step: float | None = None,
    processes: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> GoalSeek:
    """Find the least change of a lever that meets a target with a stated probability.

    ``vary``: dotted name of any number of the scenario, set for all years and in place of a range, or for one year
    only: ``supply.recruitment.approvals_per_year[2]``, counted from 0. ``target``: a measure, one of ``>= <= > <``, a
    number and perhaps a year: ``share_within_20_miles >= 80% by 2029-30``; without a year the last one projected.
    ``probability``: share of the simulated futures that are to meet it. ``low``, ``high``, ``step``: the values to
    try; by default whole numbers for counts and whole percentage points for shares, from the least that is allowed to
    four times the present value (for a count at least 40, for a share 100%).

    Values are tried by bisection on the same futures; when the effect turns back on the way, by a scan. A target that
    no value meets is an answer that says how close one comes. Only the stages that the measure needs are run.
    ``processes``, ``executor``, ``progress`` as for :func:`sufficiency.run`, ``progress`` over all values tried (see
    :func:`values_at_most`). Raises :class:`InputError` when the lever, the target or a limit is at fault.
    """
    aim, varied = _asked(scenario, vary, target, probability, low, high, step)
    with shared_by(processes, executor) as workers:
        runs = Runs(records, scenario, varied.setting, aim, workers, progress)
        return _sought(runs, scenario, varied, probability)


def values_at_most(
    scenario: Scenario,
    *,
    vary: str,
    target: str,
    probability: float = 0.8,
    low: float | None = None,
    high: float | None = None,
    step: float | None = None,
) -> int:
    """How many values :func:`goal_seek` tries at most when the effect does not turn back, the scenario as it stands
    among them. Raises :class:`InputError` as it does."""
    _, varied = _asked(scenario, vary, target, probability, low, high, step)
    return 3 + math.ceil(math.log2(max(varied.last, 2)))


def _asked(
    scenario: Scenario,
    vary: str,
    target: str,
    probability: float,
    low: float | None,
    high: float | None,
    step: float | None,
) -> tuple[Target, Varied]:
    """The target and the lever; the faults of both at once."""
    faults: list[Fault] = []
    if not 0 < probability <= 1:
        fix = "Give a share above 0 and up to 1 (80% is 0.8)."
        faults.append(Fault("G06", "probability", "", (), f"is {probability:g}", fix))
    found: list[Any] = []
    for read in (
        partial(target_of, target, scenario.matching.limit_miles),
        partial(varied_of, scenario, vary, low, high, step),
    ):
        try:
            found.append(read())
        except InputError as error:
            faults += error.faults
    raise_faults(faults)
    aim, varied = found
    if varied.setting == LIMIT and "{miles}" in aim.measure.says:
        fix = "Turn another lever, or aim at another measure."
        raise_faults([Fault("G05", f"vary {vary}", "", (), "moves the goal: the target counts with that limit", fix)])
    return aim, varied


def _sought(runs: Runs, scenario: Scenario, varied: Varied, probability: float) -> GoalSeek:
    target = runs.target
    now = runs.measured(scenario)
    present = varied.now(scenario)
    tried: dict[int, Tried] = {}

    def at(position: int) -> Tried:
        if position not in tried:
            value = varied.value(position)
            values = now if value == present else runs.measured(varied.put(scenario, value, "goal seek"))
            tried[position] = Tried(value, values, target.met(values))
        return tried[position]

    found = search(at, varied.last, varied.position(present), target, probability, lambda: runs.grain)
    return GoalSeek(
        stamp=stamp_of(runs.records, scenario),
        before=scenario,
        varied=varied,
        target=target,
        year=runs.year,
        probability=probability,
        found=found,
        tried=tuple(tried[position] for position in sorted(tried)),
        as_it_stands=Tried(math.nan if present is None else present, now, target.met(now)),
    )
