"""``python -m benchmarks.matching --size authority --rivals``: match, beside other ways, and keep the figures."""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.matching.harness import (
    ROOT,
    Case,
    circumstances,
    named_case,
    prepare,
    run_way,
    table_of,
    with_agreement,
)
from benchmarks.matching.registers import PLAIN, SIZES, WITH_SIBLINGS
from benchmarks.matching.ways import FRONTIER, LOOP, MATCH, PRUNED, RIVALS, rivals_for


def main() -> None:
    """Read the command line, measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching", description=__doc__)
    parser.add_argument("--size", choices=list(SIZES), default="authority")
    parser.add_argument("--siblings", action="store_true", help="sibling groups, and children who must live alone")
    parser.add_argument("--rivals", action="store_true", help="every rival that can take the problem on")
    parser.add_argument("--ways", help="only these, separated by ;")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--step-down", type=float, help="share of the children who could leave a children's home")
    parser.add_argument("--times", type=int, help="runs of each way, of which the median counts")
    parser.add_argument("--limit", type=float, default=900.0, help="seconds after which a way is ended (900)")
    parser.add_argument("--out", type=Path, help="folder for the dated file (benchmarks/results); - writes none")
    given = parser.parse_args()
    mix = WITH_SIBLINGS if given.siblings else PLAIN
    if given.step_down is not None:
        mix = replace(mix, step_down=given.step_down)
    case = named_case(given.size, mix, given.seed)
    times = given.times or (3 if given.size == "authority" else 1)
    begun = circumstances()
    facts, results = measure(case, given, times)
    if str(given.out) != "-":
        write(given.out or ROOT / "benchmarks" / "results", case, begun | {"case": facts, "results": results})


def measure(case: Case, given: argparse.Namespace, times: int) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Every way that was asked for, one after the other."""
    own = [LOOP] if case.name == "loop" else [MATCH]
    beside = {"authority": [PRUNED, FRONTIER], "region": [PRUNED]}.get(case.name, [])
    with tempfile.TemporaryDirectory() as name:
        facts = prepare(case, Path(name), pairs=case.name != "england")
        print(f"{case.label}: {facts}", flush=True)
        ways = own + (beside + rivals_for(case.name, facts["network"]) if given.rivals else [])
        ways = [each.strip() for each in given.ways.split(";")] if given.ways else ways
        unknown = [each for each in ways if each not in {*own, *beside, *RIVALS}]
        if unknown:
            raise SystemExit(f"no such way: {', '.join(unknown)}; choose from {', '.join([*own, *beside, *RIVALS])}")
        found = {}
        for way in ways:
            found[way] = run_way(way, Path(name), times, given.limit)
            print(f"  {way}: {found[way].get('failed') or found[way]['seconds'][:3]}", flush=True)
    results = with_agreement(found)
    print(table_of(results), flush=True)
    return facts, results


def write(folder: Path, case: Case, page: dict[str, Any]) -> None:
    """Add the case to the file of the day."""
    path = folder / f"matching-{date.today()}.json"
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    folder.mkdir(exist_ok=True)
    text = json.dumps(kept | {case.label: page}, indent=2) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
