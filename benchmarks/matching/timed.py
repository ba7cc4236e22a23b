"""What runs in the process of one way: warm up, load, time, look at the peak of memory, count what was reached.

``python -m benchmarks.matching.timed WAY FOLDER TIMES`` prints one line of JSON.
"""

from __future__ import annotations

import dataclasses
import json
import pickle
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.matching.allowed import LIMIT_MILES, Allowed, read_allowed, values_of
from benchmarks.matching.pruned import by_pruned_arrays, pruned_model
from benchmarks.matching.registers import AS_OF, PLAIN, WITH_SIBLINGS, Registers, Size, draw_registers
from benchmarks.matching.ways import FRONTIER, LOOP, MATCH, PRUNED, RIVALS

TINY = Size(12, 20, ("SN",), ("SN",))
POINTS = 20
LONG_SECONDS = 36_000.0
"""Time limit given to the library: the runner has its own."""


def save_allowed(folder: Path, allowed: Allowed) -> None:
    """Keep the arrays for the processes that need them."""
    np.savez(folder / "allowed.npz", **{each.name: getattr(allowed, each.name) for each in dataclasses.fields(Allowed)})


def load_allowed(folder: Path) -> Allowed:
    """The arrays that :func:`save_allowed` kept."""
    with np.load(folder / "allowed.npz") as kept:
        return Allowed(**{each.name: kept[each.name] for each in dataclasses.fields(Allowed)})


def load_registers(folder: Path) -> list[Registers]:
    """The registers of the case: one, or those of every quarter of a loop."""
    return pickle.loads((folder / "registers.pickle").read_bytes())


def peak_mib() -> int:
    """Most memory that this process has held [MiB]."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


@dataclasses.dataclass(frozen=True)
class Run:
    """One run: seconds by the clock, seconds of the processor (less disturbed by what else runs), and the answer."""

    seconds: float
    processor: float
    answer: Any


def clock(work: Callable[[], Any]) -> Run:
    """Run the work and time it."""
    begun, used = time.perf_counter(), time.process_time()
    answer = work()
    return Run(time.perf_counter() - begun, time.process_time() - used, answer)


def _times(runs: list[Run]) -> dict[str, list[float]]:
    return {name: [round(getattr(run, name), 5) for run in runs] for name in ("seconds", "processor")}


def time_rival(name: str, folder: Path, times: int) -> dict[str, Any]:
    """One rival from the allowed pairs to an answer, the last of its answers counted."""
    solve = RIVALS[name].solver()
    solve(read_allowed(draw_registers(TINY, PLAIN)))
    looped = [read_allowed(each) for each in load_registers(folder)] if _is_loop(folder) else []
    cases = looped or [load_allowed(folder)] * times
    before = peak_mib()
    runs = [clock(lambda case=case: solve(case)) for case in cases]  # type: ignore[misc]
    measured = _times(runs) | {"MiB": peak_mib(), "MiB_before": before}
    if looped:
        values = [values_of(case, run.answer) for case, run in zip(cases, runs, strict=True)]
        return measured | {"values": _summed(values), "each": [list(v.values()) for v in values]}
    return measured | {"values": values_of(cases[0], runs[-1].answer)}


def time_match(folder: Path, times: int) -> dict[str, Any]:
    """``sf.match`` from typed tables to an audited plan."""
    _warm_up()
    registers = load_registers(folder)[0]
    before = peak_mib()
    runs = [clock(lambda: _matched(registers)) for _ in range(times)]
    peak, plan = peak_mib(), runs[-1].answer
    values = {name: int(value) for name, value in plan.values.items() if name != "weekly_cost"}
    values["weekly_cost"] = round(plan.values["weekly_cost"] * 100)
    if (folder / "allowed.npz").exists() and values != values_of(
        load_allowed(folder), _home_rows(plan, len(registers.children))
    ):
        raise SystemExit("the plan's own values are not those counted from its pairs")
    return _times(runs) | {
        "MiB": peak,
        "MiB_before": before,
        "values": values,
        "parts": _parts(registers),
    }


def _parts(registers: Registers) -> dict[str, float]:
    """Seconds of the steps of a match, one after the other, once more."""
    from sufficiency.matching.audit import audit
    from sufficiency.matching.loop import homes_chosen
    from sufficiency.matching.optimum import best
    from sufficiency.matching.plan import Plan
    from sufficiency.matching.stated import state

    built = clock(lambda: _instance(registers))
    proven = clock(lambda: best(built.answer, time_limit_seconds=LONG_SECONDS))
    stated = clock(lambda: state(built.answer, proven.answer, time.monotonic() + LONG_SECONDS))
    plan = Plan(built.answer, homes_chosen(built.answer, proven.answer.chosen))
    audited = clock(lambda: audit(plan, built.answer))
    steps = {"pairs": built, "optimum and proof": proven, "model stated and bounded": stated, "audit": audited}
    return {name: round(run.seconds, 4) for name, run in steps.items()}


def _instance(registers: Registers) -> Any:
    from sufficiency.matching import build_instance

    return build_instance(
        registers.children, registers.homes, limit_miles=LIMIT_MILES, as_of=AS_OF, prices=registers.prices
    )


def time_pruned(folder: Path, times: int) -> dict[str, Any]:
    """HiGHS with the arrays of the model that the library states; from that model's pairs to an answer."""
    _warm_up()
    registers = load_registers(folder)[0]
    pruned = pruned_model(_instance(registers), LONG_SECONDS)
    before = peak_mib()
    runs = [clock(lambda: by_pruned_arrays(pruned)) for _ in range(times)]
    measured = _times(runs) | {"MiB": peak_mib(), "MiB_before": before, "pairs": len(pruned.pair_child)}
    home = np.full(len(registers.children), -1)
    housed = runs[-1].answer >= 0
    home[pruned.child_rows[housed]] = pruned.home_rows[runs[-1].answer[housed]]
    return measured | {"values": values_of(load_allowed(folder), home)}


def time_frontier(folder: Path, times: int) -> dict[str, Any]:
    """What each further child near home costs, in 20 points, from the plan."""
    _warm_up()
    plan: Any = _matched(load_registers(folder)[0])
    if not hasattr(plan, "frontier"):
        raise SystemExit("this version's plan has no frontier")
    before = peak_mib()
    runs = [clock(lambda: plan.frontier("weekly_cost", "within_limit", points=POINTS)) for _ in range(times)]
    return _times(runs) | {"MiB": peak_mib(), "MiB_before": before}


def _matched(registers: Registers) -> Any:
    import sufficiency as sf

    return sf.match(
        registers.children,
        registers.homes,
        limit_miles=LIMIT_MILES,
        as_of=AS_OF,
        prices=registers.prices,
        time_limit_seconds=LONG_SECONDS,
    )


def _warm_up() -> None:
    """One tiny match of each kind, so that every library is loaded."""
    for mix in (PLAIN, WITH_SIBLINGS):
        _matched(draw_registers(TINY, mix))


def time_loop(folder: Path) -> dict[str, Any]:
    """The quarterly match of the simulation loop, quarter after quarter."""
    from sufficiency.matching import solve_in_loop

    def solved(registers: Registers) -> Any:
        return solve_in_loop(_instance(registers))

    solved(draw_registers(TINY, WITH_SIBLINGS))
    quarters = load_registers(folder)
    before = peak_mib()
    runs = [clock(lambda quarter=quarter: solved(quarter)) for quarter in quarters]  # type: ignore[misc]
    peak = peak_mib()
    values = [
        values_of(read_allowed(quarter), run.answer.home_row) for quarter, run in zip(quarters, runs, strict=True)
    ]
    if any(counted["placed"] != run.answer.values["placed"] for counted, run in zip(values, runs, strict=True)):
        raise SystemExit("an assignment's own values are not those counted from its pairs")
    return _times(runs) | {
        "MiB": peak,
        "MiB_before": before,
        "values": _summed(values),
        "each": [list(v.values()) for v in values],
    }


def _home_rows(plan: Any, rows: int) -> np.ndarray:
    """Row of each child's home in the register of homes."""
    home = np.full(rows, -1)
    housed = plan.home >= 0
    home[plan.instance.child_rows[housed]] = plan.instance.home_rows[plan.home[housed]]
    return home


def _is_loop(folder: Path) -> bool:
    return not (folder / "allowed.npz").exists()


def _summed(values: list[dict[str, int]]) -> dict[str, int]:
    return {name: sum(each[name] for each in values) for name in values[0]}


def main() -> None:
    """Time the way that the command line names."""
    name, folder, times = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    if name == MATCH:
        answer = time_match(folder, times)
    elif name == PRUNED:
        answer = time_pruned(folder, times)
    elif name == FRONTIER:
        answer = time_frontier(folder, times)
    elif name == LOOP:
        answer = time_loop(folder)
    else:
        answer = time_rival(name, folder, times)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
