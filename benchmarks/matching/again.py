"""``python -m benchmarks.matching.again [--siblings]``: what-ifs of one plan, beside matching each from its tables.

Changes of prices and of places are drawn with a seed. Each way reaches every objective's value for every change, and
they are compared. All in one process, one way after the other; the what-ifs' first answer has the plan's own proof
in it, as a user would wait for it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

import sufficiency as sf
from benchmarks.matching.__main__ import write
from benchmarks.matching.harness import ROOT, circumstances, named_case
from benchmarks.matching.registers import AS_OF, PLAIN, WITH_SIBLINGS, Registers, draw_registers
from benchmarks.matching.timed import TINY, clock
from sufficiency.matching import build_instance, solve_in_loop
from sufficiency.matching.change import changed_homes, changed_prices
from sufficiency.vocabulary import MATCHED_KINDS

WARM: Final = "plan.what_if"
REBUILT: Final = "pairs and proof from the tables"
MATCHED: Final = "sf.match from the tables"
NOT_PROVEN: Final = ()
LIMIT_SECONDS: Final = 10.0
"""After which a match from the tables is given up and counted as not proven."""

Values = list[tuple[int, ...]]


def changes_of(registers: Registers, kind: str, count: int, seed: int) -> dict[str, sf.Change]:
    """Changes of one kind: prices of a kind and of some homes, or places of some homes."""
    rng = np.random.default_rng([seed, len(kind)])
    homes = registers.homes.set_index("home_id")
    found = {}
    for number in range(count):
        some = [str(home) for home in rng.choice(homes.index, 5, replace=False)]
        if kind == "prices":
            prices = {home: round(float(rng.uniform(400, 6000)), 2) for home in some}
            factor = {str(rng.choice(MATCHED_KINDS)): round(float(rng.uniform(0.8, 1.25)), 3)}
            found[f"{kind} {number}"] = sf.Change(weekly_cost=prices, cost_factor=factor)
        else:
            more = {home: int(rng.integers(-min(homes.at[home, "places_free"], 1), 3)) for home in some}
            found[f"{kind} {number}"] = sf.Change(more_places=more)
    return found


def by_what_if(registers: Registers, changes: dict[str, sf.Change], plan: sf.Plan) -> Values:
    """From the plan to the values of every change."""
    found = plan.what_if(changes).found
    return [tuple(found[name].values.values()) for name in changes]


def by_building(registers: Registers, changes: dict[str, sf.Change], plan: sf.Plan) -> Values:
    """The changed tables from the beginning, without the Pyomo statement and the audit, as a what-if is."""

    def solved(homes: pd.DataFrame, prices: pd.DataFrame | None) -> tuple[int, ...]:
        instance = build_instance(registers.children, homes, as_of=AS_OF, prices=prices)
        return tuple(solve_in_loop(instance, time_limit_seconds=LIMIT_SECONDS).values.values())

    return _each(solved, registers, changes)


def by_match(registers: Registers, changes: dict[str, sf.Change], plan: sf.Plan) -> Values:
    """The changed tables from the beginning, stated and audited."""

    def matched(homes: pd.DataFrame, prices: pd.DataFrame | None) -> tuple[int, ...]:
        values = sf.match(registers.children, homes, as_of=AS_OF, prices=prices,
                          time_limit_seconds=LIMIT_SECONDS).values  # fmt: skip
        counts = (int(values[name]) for name in ("placed", "within_limit", "siblings_together"))
        return (*counts, -round(values["weekly_cost"] * 100))

    return _each(matched, registers, changes)


def _each(way: Callable[..., tuple[int, ...]], registers: Registers, changes: dict[str, sf.Change]) -> Values:
    """The values of every change from its own tables."""
    answers = []
    for change in changes.values():
        try:
            answers.append(way(changed_homes(change, registers.homes), changed_prices(change, registers.prices)))
        except sf.SolverError:
            answers.append(NOT_PROVEN)
    return answers


WAYS: Final[dict[str, Callable[..., Values]]] = {WARM: by_what_if, REBUILT: by_building, MATCHED: by_match}


def measure(registers: Registers, kind: str, count: int, seed: int) -> dict[str, dict[str, Any]]:
    """Seconds of each way for all changes of one kind, and whether it agrees with the first."""
    changes = changes_of(registers, kind, count, seed)
    plan = sf.match(registers.children, registers.homes, as_of=AS_OF, prices=registers.prices)
    results: dict[str, dict[str, Any]] = {}
    first: Values = []
    for name, way in WAYS.items():
        run = clock(lambda way=way: way(registers, changes, plan))  # type: ignore[misc]
        first = first or run.answer
        results[name] = {
            "seconds": round(run.seconds, 3),
            "processor": round(run.processor, 3),
            "not_proven": run.answer.count(NOT_PROVEN),
            "agrees": all(one in (other, NOT_PROVEN) for one, other in zip(run.answer, first, strict=True)),
        }
        print(f"  {kind}, {name}: {results[name]}", flush=True)
    return results


def main() -> None:
    """Read the command line, measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching.again", description=__doc__)
    parser.add_argument("--siblings", action="store_true", help="sibling groups, and children who must live alone")
    parser.add_argument("--changes", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, help="folder for the dated file (benchmarks/results); - writes none")
    given = parser.parse_args()
    mix = WITH_SIBLINGS if given.siblings else PLAIN
    case = named_case("authority", mix, given.seed)
    begun = circumstances()
    tiny = draw_registers(TINY, mix)
    measure(tiny, "prices", 1, given.seed)  # every library loaded
    registers = draw_registers(case.size, case.mix, case.seed)
    results = {kind: measure(registers, kind, given.changes, given.seed) for kind in ("prices", "places")}
    if str(given.out) != "-":
        label = replace(case, name=f"{given.changes} what-ifs of an authority")
        write(given.out or ROOT / "benchmarks" / "results", label, begun | {"results": results})


if __name__ == "__main__":
    main()
