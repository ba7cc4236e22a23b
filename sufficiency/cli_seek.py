"""The command ``goal-seek``: how far a lever must go for a target to be met often enough."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sufficiency.cli_match import Out, Seed, progress
from sufficiency.cli_scenario import records_of


def goal_seek(
    scenario: Annotated[Path, typer.Argument(help="Scenario file.")],
    vary: Annotated[str, typer.Option("--vary", help="Setting: supply.recruitment.approvals_per_year, or one [2].")],
    target: Annotated[str, typer.Option("--target", help='As in "share_within_20_miles >= 80% by 2029-30".')],
    out: Out,
    probability: Annotated[float, typer.Option("--probability", help="Share of futures that is to meet it.")] = 0.8,
    low: Annotated[float | None, typer.Option("--low", help="Lowest value to try.")] = None,
    high: Annotated[float | None, typer.Option("--high", help="Highest value to try.")] = None,
    step: Annotated[float | None, typer.Option("--step", help="Distance between values.")] = None,
    paths: Annotated[int | None, typer.Option("--paths", min=2, help="Simulated futures.")] = None,
    seed: Seed = None,
    processes: Annotated[int, typer.Option("--processes", min=1, help="Processes that share the work.")] = 2,
) -> None:
    """Find the least change of a setting that meets a target: goal_seek.csv, summary.json and a chart."""
    from sufficiency.goals import goal_seek as seek
    from sufficiency.goals import values_at_most

    records, settings = records_of(scenario, {"horizon.paths": paths, "horizon.seed": seed})
    asked: dict[str, Any] = {"vary": vary, "target": target, "probability": probability}
    asked |= {"low": low, "high": high, "step": step}
    values = values_at_most(settings, **asked)
    with progress("Trying values", values * settings.horizon.paths) as advance:
        answer = seek(records, settings, **asked, processes=processes, progress=advance)
    answer.export(out)
    typer.echo(f"{answer.finding()}.")
    for caution in answer.cautions():
        typer.echo(f"{caution}.")
    typer.echo(f"Wrote goal_seek.csv, summary.json and charts/goal_seek to {out}.")
