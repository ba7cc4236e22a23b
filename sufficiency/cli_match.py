"""The commands ``match`` and ``site``: who may live where now, and where to add homes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sufficiency.errors import Fault, InputError, raise_faults, told_by_rule

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from sufficiency.settings import Matching

Out = Annotated[Path, typer.Option("--out", help="Folder to write to; made if it is not there.")]
AsOf = Annotated[datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d", "%d/%m/%Y"], help="Day to start from.")]
Seed = Annotated[int | None, typer.Option("--seed", min=0, help="Seed of every random stream.")]


def match(
    asked: typer.Context,
    children: Annotated[Path, typer.Option("--children", help="children.csv (or .xlsx)")],
    homes: Annotated[Path, typer.Option("--homes", help="homes.csv (or .xlsx); prices beside it are used when there.")],
    out: Out,
    limit_miles: Annotated[float, typer.Option("--limit-miles", help="Near home: at most this many miles.")] = 20.0,
    objectives: Annotated[str, typer.Option("--objectives", help="What is sought, in order, separated by commas.")] = (
        "placed,within_limit,siblings_together,weekly_cost"
    ),
    as_of: AsOf = None,
    fixed: Annotated[Path | None, typer.Option("--fixed", help="fixed.csv: homes pinned or ruled out by hand.")] = None,
    scores: Annotated[Path | None, typer.Option("--scores", help="scores.csv, for the objective preference.")] = None,
    scenario: Annotated[
        Path | None,
        typer.Option("--scenario", help="Scenario file: its matching settings count where no option is given."),
    ] = None,
) -> None:
    """Match children to homes: matches.csv, worth_of_a_place.csv and summary.json."""
    from sufficiency.matching import match as match_children
    from sufficiency.matching.practice import notices_of, practice_of
    from sufficiency.records import read_register_beside
    from sufficiency.records.registers import points_in_the_sea
    from sufficiency.scenario import load_scenario
    from sufficiency.settings import Matching

    settings = load_scenario(scenario).matching if scenario else Matching()
    files = {"fixed": fixed, "scores": scores}
    (child_table, home_table), decided = _registers_of_match(children, homes, files)
    own = {name for name in ("limit_miles", "objectives") if not scenario or _is_given(asked, name)}
    sought = [name.strip() for name in objectives.split(",")] if "objectives" in own else settings.objectives
    practice = practice_of(settings, fixed=decided.get("fixed"), scores=decided.get("scores"))
    plan = match_children(
        child_table,
        home_table,
        limit_miles=limit_miles if "limit_miles" in own else settings.limit_miles,
        objectives=sought,
        as_of=as_of.isoformat() if as_of else None,
        prices=read_register_beside("prices", homes),
        time_limit_seconds=settings.time_limit_seconds,
        practice=practice,
    )
    notices = notices_of(practice, home_table, plan.instance.as_of, sought)
    for name, table, path in (("children", child_table, children), ("homes", home_table, homes)):
        notices += points_in_the_sea(name, table, path.name)
    for line in told_by_rule(notices):
        typer.echo(f"Warning: {line}", err=True)
    plan.write(out)
    typer.echo(f"Wrote matches.csv, worth_of_a_place.csv and summary.json to {out}. A social worker decides.")


def site(
    asked: typer.Context,
    children: Annotated[
        Path, typer.Option("--children", help="children.csv (or .xlsx); a column path numbers futures.")
    ],
    homes: Annotated[Path, typer.Option("--homes", help="homes.csv (or .xlsx); prices beside it are used when there.")],
    candidates: Annotated[Path, typer.Option("--candidates", help="candidates.csv: homes.csv with what each costs.")],
    budget: Annotated[float, typer.Option("--budget", help="£ for all that is opened, over the years.")],
    out: Out,
    limit_miles: Annotated[float, typer.Option("--limit-miles", help="Near home: at most this many miles.")] = 20.0,
    objectives: Annotated[str, typer.Option("--objectives", help="What is sought, in order, separated by commas.")] = (
        "placed,within_limit,cost"
    ),
    as_of: AsOf = None,
    years: Annotated[float, typer.Option("--years", help="Years over which costs count.")] = 1.0,
    paths: Annotated[
        int | None, typer.Option("--paths", min=1, help="Futures there are; some may have no child.")
    ] = None,
    resample: Annotated[
        int | None, typer.Option("--resample", min=2, help="Draw so many futures from the families in the register.")
    ] = None,
    seed: Seed = None,
    gap: Annotated[float, typer.Option("--gap", help="Share of the best that may be left unproven; 0 for none.")] = 0.0,
    time_limit: Annotated[float, typer.Option("--time-limit", help="Seconds to search.")] = 600.0,
    fixed: Annotated[Path | None, typer.Option("--fixed", help="fixed.csv: homes pinned or ruled out by hand.")] = None,
    scenario: Annotated[
        Path | None,
        typer.Option("--scenario", help="Scenario file: its matching settings count where no option is given."),
    ] = None,
) -> None:
    """Choose where to add homes: siting.html with table and map, homes_to_open.csv, candidates.csv, summary.json."""
    from sufficiency.matching.practice import notices_of, practice_of
    from sufficiency.records import read_register_beside
    from sufficiency.scenario import Scenario, load_scenario
    from sufficiency.siting import resampled_paths
    from sufficiency.siting import site as choose_homes

    settings = load_scenario(scenario) if scenario else Scenario(name="")
    files, decided = _files_of_siting(children, homes, candidates, fixed)
    own = {name for name in ("limit_miles", "objectives") if not scenario or _is_given(asked, name)}
    sought = _names(objectives) if "objectives" in own else _aims_of_siting(settings.matching)
    practice = practice_of(settings.matching, fixed=decided)
    chosen_seed = (settings.horizon.seed if seed is None else seed) if resample else None
    prices = read_register_beside("prices", homes)
    with _told_by_file(files), progress("Choosing homes", None):
        pools, there, proposed = (file.table for file in files.values())
        if resample and chosen_seed is not None:
            pools = resampled_paths(pools, resample, chosen_seed)
        siting = choose_homes(
            pools,
            there,
            proposed,
            budget=budget,
            limit_miles=limit_miles if "limit_miles" in own else settings.matching.limit_miles,
            as_of=as_of.isoformat() if as_of else None,
            prices=prices,
            paths=paths,
            objectives=sought,
            years=years,
            time_limit_seconds=time_limit,
            gap=gap,
            practice=practice,
        )
    siting = replace(siting, scenario=settings.name, seed=chosen_seed)
    problem = siting.problem
    for line in told_by_rule(notices_of(practice, problem.homes_there, problem.as_of, sought)):
        typer.echo(f"Warning: {line}", err=True)
    with progress("Drawing the map", None):
        siting.export(out)
    typer.echo(f"{siting.finding()}. {siting.proof_line()}")
    typer.echo(
        f"Wrote siting.html, tables, map and summary.json to {out}. Small numbers are in them: not for publication."
    )


def _names(objectives: str) -> list[str]:
    return [name.strip() for name in objectives.split(",")]


def _aims_of_siting(settings: Matching) -> list[str]:
    """A match's objectives as those of a siting: the cost counts what is opened as well, and comes last."""
    return [*(name for name in settings.objectives if name != "weekly_cost"), "cost"]


@dataclass(frozen=True, eq=False)
class _File:
    """A table as text with its file's name, and the line of each row in it."""

    name: str
    table: pd.DataFrame
    lines: np.ndarray


def _files_of_siting(
    children: Path, homes: Path, candidates: Path, fixed: Path | None
) -> tuple[dict[str, _File], pd.DataFrame | None]:
    """The tables that a siting needs, by the names that its faults have for them, and what was fixed by hand."""
    from sufficiency.records.register_files import table_of_register
    from sufficiency.records.tables import line_numbers, read_table

    paths = {"children.csv": children, "homes.csv": homes, "candidates": candidates}
    readers: dict[str, Callable[[], pd.DataFrame]] = {
        "children.csv": lambda: table_of_register(children, "children").table,
        "homes.csv": lambda: table_of_register(homes, "homes").table,
        "candidates": lambda: read_table(candidates),
    }
    found = _gathered({**readers, **_by_hand({"fixed": fixed})})
    decided = found.pop("fixed", None)
    files = {
        name: _File(paths[name].name, table.reset_index(drop=True), line_numbers(table))
        for name, table in found.items()
    }
    return files, decided


@contextmanager
def _told_by_file(files: dict[str, _File]) -> Iterator[None]:
    """Faults of the tables told by the names and lines of their files; a row drawn anew has no line."""
    try:
        yield
    except InputError as error:
        raise InputError([_in_file(fault, files.get(fault.table)) for fault in error.faults]) from None


def _in_file(fault: Fault, file: _File | None) -> Fault:
    if file is None:
        return fault
    rows = tuple(int(file.lines[row - 2]) for row in fault.rows if row - 2 < len(file.lines))
    return replace(fault, table=file.name, rows=rows)


def _is_given(asked: typer.Context, option: str) -> bool:
    """Whether an option was typed rather than left at its default."""
    source = asked.get_parameter_source(option)
    return source is not None and source.name == "COMMANDLINE"


def _registers_of_match(children: Path, homes: Path, files: dict[str, Path | None]) -> tuple[Any, dict[str, Any]]:
    """Children and homes, and those of the other files that were given; the faults of all of them at once."""
    from sufficiency.records import read_children_and_homes

    found = _gathered({"both": lambda: read_children_and_homes(children, homes), **_by_hand(files)})
    return found.pop("both"), found


def _by_hand(files: dict[str, Path | None]) -> dict[str, Callable[[], Any]]:
    """Readers of the registers that people fill in by hand, of those that were given."""
    from sufficiency.records import read_register

    given = {name: path for name, path in files.items() if path is not None}
    return {name: partial(read_register, name, path, with_lines=True) for name, path in given.items()}


def _gathered(readers: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
    """What each reader reads; the faults of all of them at once."""
    faults: list[Fault] = []
    found = {}
    for name, read in readers.items():
        try:
            found[name] = read()
        except InputError as error:
            faults += error.faults
    raise_faults(faults)
    return found


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Callable[[int], None] | None]:
    """A bar on a terminal, nothing when the output is piped."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task(label, total=total)
        yield lambda finished: bar.advance(task, finished)
