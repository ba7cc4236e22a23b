"""Measure the cases that the project promises, each in a process of its own, and write a dated file.

``python benchmarks/run.py`` prints the figures and writes ``benchmarks/results/<date>.json``; ``--smoke`` runs each
case once at a small size and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import date
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

MEASURE = """
import json, sys, time
begun = time.perf_counter()
{code}
seconds = time.perf_counter() - begun
try:
    import resource
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024
except ImportError:
    peak = None
print(json.dumps({{"seconds": round(seconds, 2), "peak_MiB_of_largest_process": peak and round(peak)}}))
"""

COMMAND = """
import sys
from sufficiency import cli
sys.argv = ["sufficiency", *{arguments!r}]
if __name__ == "__main__":
    try:
        cli.main()
    except SystemExit as stop:
        assert not stop.code, stop.code
"""


READ = """
import sufficiency
sufficiency.read_records({folder!r})
"""

REGION = """
import sys
sys.path.insert(0, {root!r})
import sufficiency
from benchmarks.regions import region_of
region = region_of(sufficiency.read_records({data!r}), {authorities})
begun = time.perf_counter()
horizon = {{"paths": {paths}}}
demand = sufficiency.project(region, sufficiency.Scenario(name="Region", horizon=horizon), spells=False)
demand.population(), demand.flows(), demand.by_authority()
"""


def cases(out: Path, smoke: bool) -> dict[str, str]:
    """Name → code to measure."""
    paths = "4" if smoke else "50"
    plan = str(ROOT / "scenarios" / "improvement_plan.toml")
    data = ROOT / "data"
    run = ["run", plan, "--out", str(out / "run"), "--paths", paths]
    project = ["project", str(data), "--as-of", "2025-03-31", "--out", str(out / "project"), "--replicates"]
    match = [
        "match",
        "--children",
        str(out / "children.csv"),
        "--homes",
        str(out / "homes.csv"),
        "--as-of",
        "2025-04-01",
    ]
    regions = {
        f"read returns, {size} x the sample, as one set": READ.format(folder=str(write_region(out, size)))
        for size in ((1,) if smoke else (1, 4, 16, 30))
    }
    many = ((2, 4),) if smoke else ((20, 200), (267, 100))
    projected = {
        f"project {size} authorities, {futures} paths, tables made; records held already": REGION.format(
            root=str(ROOT), data=str(data), authorities=size, paths=futures
        )
        for size, futures in many
    }
    profile = ["profile", str(data), "--out", str(out / "profile")]
    return {
        "import sufficiency": "import sufficiency",
        "import everything public": "import sufficiency\nfor name in sufficiency.__all__: getattr(sufficiency, name)",
        "read the sample": READ.format(folder=str(data)),
        **regions,
        "profile of the sample, tables and charts": COMMAND.format(arguments=profile),
        f"run, {paths} paths, 1 process": COMMAND.format(arguments=[*run, "--processes", "1"]),
        f"run, {paths} paths, 2 processes": COMMAND.format(arguments=[*run, "--processes", "2"]),
        f"project, {20 if smoke else 1000} paths": COMMAND.format(arguments=[*project, "20" if smoke else "1000"]),
        **projected,
        "match 150 children x 200 homes": COMMAND.format(arguments=[*match, "--out", str(out / "match")]),
    }


def write_region(out: Path, authorities: int) -> Path:
    """The sample's ten returns as those of many authorities, in one set of tables with LA and YEAR."""
    import pandas as pd

    folder = out / f"region of {authorities}"
    (folder / "returns").mkdir(parents=True)
    for name in ("header", "episodes", "uasc"):
        years = [
            pd.read_csv(path, dtype=str, keep_default_na=False).assign(YEAR=path.parent.name)
            for path in sorted((ROOT / "data" / "returns").glob(f"*/{name}.csv"))
        ]
        rows = pd.concat(years)
        parts = [rows.assign(LA=f"LA {n:02d}", CHILD=rows["CHILD"] + f"_{n:02d}") for n in range(authorities)]
        pd.concat(parts).to_csv(folder / "returns" / f"{name}.csv", index=False)
    return folder


def write_registers(folder: Path, children: int = 150, homes: int = 200) -> None:
    """Registers of the asked size, drawn from the sample's with a fixed seed."""
    import pandas as pd

    pool = pd.read_csv(ROOT / "data" / "children.csv", dtype=str).sample(children, replace=True, random_state=1)
    pool = pool.assign(child_id=[f"C{number:04d}" for number in range(children)], status="needs_home", solo="")
    pool.assign(current_home_id="").to_csv(folder / "children.csv", index=False)
    listed = pd.read_csv(ROOT / "data" / "homes.csv", dtype=str)
    drawn = listed.sample(homes, replace=True, random_state=1)
    drawn = drawn.assign(home_id=[f"H{number:04d}" for number in range(homes)])
    drawn.to_csv(folder / "homes.csv", index=False)
    (folder / "prices.csv").write_bytes((ROOT / "data" / "prices.csv").read_bytes())


def measure(code: str, folder: Path) -> dict[str, float]:
    """Seconds from before the first import, and peak memory, of one case in a process of its own."""
    script = folder / "case.py"
    script.write_text(MEASURE.format(code=code), encoding="utf-8")
    answer = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, cwd=ROOT, check=False)
    if answer.returncode:
        raise SystemExit(answer.stderr)
    return json.loads(answer.stdout.splitlines()[-1])


def main() -> None:
    """Measure every case and write the dated file."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--smoke", action="store_true", help="small sizes, nothing written")
    smoke = options.parse_args().smoke
    results = {}
    with tempfile.TemporaryDirectory() as name:
        write_registers(Path(name))
        for case, code in cases(Path(name), smoke).items():
            results[case] = measure(code, Path(name))
            print(f"{case}: {results[case]}", flush=True)
    if not smoke:
        machine = {"processor": platform.machine(), "cores": os.cpu_count(), "system": platform.system()}
        versions = {name: version(name) for name in ("numpy", "pandas", "scipy", "statsmodels", "pyomo", "highspy")}
        page = {
            "date": str(date.today()),
            "machine": machine,
            "python": platform.python_version(),
            "versions": versions,
        }
        folder = ROOT / "benchmarks" / "results"
        folder.mkdir(exist_ok=True)
        text = json.dumps(page | {"results": results}, indent=2) + "\n"
        (folder / f"{date.today()}.json").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
