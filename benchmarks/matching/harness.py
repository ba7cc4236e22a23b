"""Each way in a process of its own, one after the other, so that its peak of memory is its own; then side by side."""

from __future__ import annotations

import json
import os
import pickle
import platform
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.matching.allowed import read_allowed
from benchmarks.matching.registers import SIZES, Mix, Size, draw_registers
from benchmarks.matching.timed import clock, save_allowed

ROOT = Path(__file__).resolve().parents[2]
QUARTERS = 200
MANY = 20
"""Runs from which a 95th percentile says something."""

PACKAGES = ("numpy", "pandas", "scipy", "ortools", "highspy", "pyomo", "pyproj")


@dataclass(frozen=True)
class Case:
    """A size, a mix of children, and the seed."""

    name: str
    size: Size
    mix: Mix
    seed: int = 1
    quarters: int = 1

    @property
    def label(self) -> str:
        """The case as the file of results names it."""
        return f"{self.name}{', siblings' if self.mix.siblings else ''}, seed {self.seed}"


def named_case(name: str, mix: Mix, seed: int) -> Case:
    """One of the promised sizes."""
    return Case(name, SIZES[name], mix, seed, QUARTERS if name == "loop" else 1)


def prepare(case: Case, folder: Path, pairs: bool) -> dict[str, Any]:
    """Draw the registers, and read the allowed pairs where they are wanted; what was drawn, and how long that took."""
    drawn = clock(
        lambda: [draw_registers(case.size, case.mix, case.seed + quarter) for quarter in range(case.quarters)]
    )
    registers = drawn.answer
    (folder / "registers.pickle").write_bytes(pickle.dumps(registers))
    facts: dict[str, Any] = {
        "children": case.size.children,
        "homes": case.size.homes,
        "places_free": int(registers[0].homes["places_free"].sum()),
        "drawn_and_checked_seconds": round(drawn.seconds, 2),
    }
    if not pairs:
        return facts
    read = clock(lambda: read_allowed(registers[0]))
    allowed = read.answer
    if case.quarters == 1:
        save_allowed(folder, allowed)
    return facts | {
        "allowed_pairs": len(allowed.child),
        "of_these_within_the_limit": int(allowed.near.sum()),
        "group_columns": len(allowed.group),
        "allowed_pairs_read_seconds": round(read.seconds, 3),
        "network": allowed.is_network,
    }


def run_way(name: str, folder: Path, times: int, limit_seconds: float) -> dict[str, Any]:
    """What a way's own process measured; ``failed`` says why when there is nothing."""
    command = [sys.executable, "-m", "benchmarks.matching.timed", name, str(folder), str(times)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=limit_seconds, check=False)
    except subprocess.TimeoutExpired:
        return {"failed": f"not within {limit_seconds:g} s"}
    if done.returncode:
        return {"failed": (done.stderr.strip() or "no message").splitlines()[-1][:200]}
    return json.loads(done.stdout.splitlines()[-1])


def with_agreement(results: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Each result with ``agrees``: the same values as the first, instance by instance."""
    answers = {name: result.get("each", result.get("values")) for name, result in results.items()}
    first = next((answer for answer in answers.values() if answer is not None), None)
    return {
        name: {key: value for key, value in result.items() if key != "each"}
        | ({} if answers[name] is None else {"agrees": answers[name] == first})
        for name, result in results.items()
    }


def table_of(results: dict[str, dict[str, Any]]) -> str:
    """The results as a table to read."""
    lines = [
        "| way | seconds (of the processor) | MiB | placed | within limit | siblings together | £ a week | |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, result in results.items():
        if "failed" in result:
            lines.append(f"| {name} | {result['failed']} | | | | | | |")
            continue
        cells = [""] * 5
        if "values" in result:
            values = result["values"]
            cells = [f"{values[each]:,}" for each in ("placed", "within_limit", "siblings_together")]
            cells += [f"{values['weekly_cost'] / 100:,.2f}", "" if result["agrees"] else "DIFFERENT"]
        lines.append(f"| {name} | {_in_words(result)} | {result['MiB']:,} | {' | '.join(cells)} |")
        if result.get("parts"):
            parts = ", ".join(f"{part} {seconds:.3g}" for part, seconds in result["parts"].items())
            lines.append(f"| of this | {parts} | | | | | | |")
    return "\n".join(lines)


def _in_words(result: dict[str, Any]) -> str:
    """Of a few runs the median, of many the 95th percentile too."""
    seconds, processor = result["seconds"], float(np.median(result["processor"]))
    words = f"{float(np.median(seconds)):.3g} ({processor:.3g})"
    return words if len(seconds) < MANY else f"{words}, 95th percentile {float(np.percentile(seconds, 95)):.3g}"


def circumstances() -> dict[str, Any]:
    """The machine, the versions, and the commit of the code that was measured."""
    told = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    changed = subprocess.run(
        ["git", "status", "--short", "sufficiency"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    return {
        "machine": {
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "system": platform.system(),
            "load_when_begun": round(os.getloadavg()[0], 1),
        },
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
        "commit": told.stdout.strip() + (" and changes not committed" if changed.stdout.strip() else ""),
    }
