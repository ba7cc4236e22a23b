"""``python -m benchmarks.worlds``: make simulated councils, project them, print the scores."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.worlds.harness import Task, score_worlds
from benchmarks.worlds.projectors import DEFAULT
from benchmarks.worlds.tables import report


def main() -> None:
    """Read the command line and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.worlds", description=__doc__)
    parser.add_argument("--worlds", type=int, default=48, help="how many (48)")
    parser.add_argument("--first", type=int, default=0, help="number of the first (0)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the set of worlds; 1 to 9 are for development (1)")
    parser.add_argument("--paths", type=int, default=300, help="simulated futures of each projection (300)")
    parser.add_argument("--processes", type=int, default=1, help="processes (1)")
    parser.add_argument("--cache", type=Path, help="folder in which worlds are kept")
    parser.add_argument("--projector", default=DEFAULT, help="module:function (the library's projection)")
    parser.add_argument("--out", type=Path, help="CSV file for every score")
    given = parser.parse_args()
    task = Task(given.seed, given.paths, given.projector, given.cache)
    rows = score_worlds(task, range(given.first, given.first + given.worlds), given.processes)
    if given.out is not None:
        rows.to_csv(given.out, index=False)
    print(report(rows))


if __name__ == "__main__":
    main()
