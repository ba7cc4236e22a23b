"""Many matchings that have nothing to do with each other, shared among processes; the answers do not depend on these.

Paths of an outlook, quarters, sweeps of registers: each is matched as :func:`~sufficiency.matching.entrance.match` or
:func:`~sufficiency.matching.loop.solve_in_loop` would match it alone, and the answers come in the order given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from functools import partial
from typing import Any, Final, TypeVar

import pandas as pd

from sufficiency.matching.entrance import match
from sufficiency.matching.instance import OBJECTIVES, Instance
from sufficiency.matching.loop import Assignment, solve_in_loop
from sufficiency.matching.pairs import DEFAULT_LIMIT_MILES
from sufficiency.matching.plan import Plan
from sufficiency.matching.practice import Practice
from sufficiency.workers import shared_by

Progress = Callable[[int], None]
"""Called with the number of matchings finished since the last call."""

BATCH: Final = 5
"""Matchings of a simulation loop sent to a process at a time; those of registers go one by one."""

Given = TypeVar("Given")
Answer = TypeVar("Answer")


def match_many(
    registers: Iterable[tuple[pd.DataFrame, pd.DataFrame]],
    *,
    limit_miles: float = DEFAULT_LIMIT_MILES,
    objectives: Sequence[str] = OBJECTIVES,
    as_of: pd.Timestamp | str | None = None,
    prices: pd.DataFrame | None = None,
    time_limit_seconds: float | None = None,
    practice: Practice | None = None,
    processes: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> list[Plan]:
    """The plan for each pair of registers, children and homes, in the order given; settings as for ``match``.

    ``processes`` shares the matchings among that many, or ``executor``, any of ``concurrent.futures``; the plans are
    the same. Stops at the first error, with the work not yet begun given up. Raises what ``match`` raises.
    """
    day = pd.Timestamp.now().normalize() if as_of is None else pd.Timestamp(as_of)
    settings: dict[str, Any] = {
        "limit_miles": limit_miles,
        "objectives": tuple(objectives),
        "as_of": day,
        "prices": prices,
        "time_limit_seconds": time_limit_seconds,
        "practice": practice,
    }
    return _shared(partial(_matched, settings), list(registers), 1, processes, executor, progress)


def solve_many(
    instances: Iterable[Instance],
    *,
    time_limit_seconds: float = 60.0,
    processes: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> list[Assignment]:
    """Who lives where in each of some instances, exactly, in the order given; shared as by :func:`match_many`.

    Raises :class:`~sufficiency.errors.SolverError` when an optimum is not proven in time.
    """
    solve = partial(solve_in_loop, time_limit_seconds=time_limit_seconds)
    return _shared(solve, list(instances), BATCH, processes, executor, progress)


def _matched(settings: dict[str, Any], registers: tuple[pd.DataFrame, pd.DataFrame]) -> Plan:
    return match(*registers, **settings)


def _shared(
    work: Callable[[Given], Answer],
    given: list[Given],
    size: int,
    processes: int,
    executor: Executor | None,
    progress: Progress | None,
) -> list[Answer]:
    """The work done on each, in order, some at a time."""
    batches = [given[first : first + size] for first in range(0, len(given), size)]
    answers: list[Answer] = []
    with shared_by(processes, executor) as workers:
        done = partial(_each, work)
        for batch in map(done, batches) if workers is None else workers.map(done, batches):
            answers += batch
            if progress is not None:
                progress(len(batch))
    return answers


def _each(work: Callable[[Given], Answer], given: list[Given]) -> list[Answer]:
    return [work(each) for each in given]
