"""The command ``sufficiency``: one verb each, nothing that the library cannot do.

Exit code 0: done. 2: the user's input is at fault, told in one message, nothing written. 1: anything else.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Final

import typer

from sufficiency.cli_match import AsOf, Out, Seed, match, progress, site
from sufficiency.cli_scenario import records_of, with_options
from sufficiency.cli_seek import goal_seek
from sufficiency.errors import Fault, InputError, SufficiencyError, told_by_rule

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Placement sufficiency forecasting for children's services. It shortlists; a social worker decides.",
)

PROJECTED_FUTURES = 1000
"""Futures of a projection alone: counting is quick, and the ends of a 95% range need so many to stand still."""

Processes = Annotated[int, typer.Option("--processes", min=1, help="Processes that share the work.")]


@app.command()
def new(folder: Annotated[Path, typer.Argument(help="Folder to make.")]) -> None:
    """Make a folder with the sample authority's data, scenarios and notebooks, ready to run."""
    from sufficiency.sample import copy_starter, write_sample

    if folder.exists() and any(folder.iterdir()):
        fix = "Name a folder that is empty or not there yet."
        raise InputError([Fault("W02", str(folder), "", (), "is not empty", fix)])
    write_sample(folder / "data")
    copy_starter(folder)
    typer.echo(f"Made {folder}. Next: cd into it and type: sufficiency run scenarios/improvement_plan.toml")


@app.command()
def check(
    data: Annotated[Path, typer.Argument(help="The authority's data folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print faults and repairs as JSON.")] = False,
) -> None:
    """Read returns and registers, and tell every fault and repair."""
    from sufficiency.records import check as check_data
    from sufficiency.records import examine

    if as_json:
        tables = dict(zip(("faults", "notices", "repairs"), check_data(data), strict=True))
        typer.echo(json.dumps({name: json.loads(table.to_json(orient="records")) for name, table in tables.items()}))
        at_fault = len(tables["faults"]) > 0
    else:
        faults, notices, records = examine(data)
        typer.echo(records.summary() if records is not None else "Nothing could be read.")
        _told("Warnings, worth a look", notices)
        _told("Faults, whose rows or files are left out", faults)
        at_fault = len(faults) > 0
    if at_fault:
        raise typer.Exit(2)


def _told(title: str, faults: list[Fault]) -> None:
    """Faults under a title, each with its code so that the rules page can be asked."""
    typer.echo(f"\n{title}: {len(faults) or 'none'}")
    for code in dict.fromkeys(fault.code for fault in faults):
        for line in told_by_rule(fault for fault in faults if fault.code == code):
            typer.echo(f"  {code:<5}{line}")


@app.command()
def profile(
    data: Annotated[Path, typer.Argument(help="The authority's or region's data folder.")],
    out: Out,
    published: Annotated[
        Path | None, typer.Option("--published", help="Published figures to compare with: CSV, tidy or DfE's.")
    ] = None,
    limit_miles: Annotated[float, typer.Option("--limit-miles", help="Near home: at most this many miles.")] = 20.0,
) -> None:
    """Tell the needs of the past years: published tables, charts, and the private tables apart."""
    from sufficiency.demand.profile import profile as profile_needs
    from sufficiency.records import read_records

    answer = profile_needs(read_records(data), limit_miles=limit_miles, published=published)
    with progress("Drawing charts", len(answer.chart_names())) as advance:
        folder = answer.export(out, progress=advance)
    typer.echo(answer)
    typer.echo(f"Wrote tables, charts and private tables to {folder}. Keep private to yourselves.")


@app.command()
def project(
    data: Annotated[Path, typer.Argument(help="The authority's data folder.")],
    out: Out,
    as_of: AsOf = None,
    years: Annotated[int | None, typer.Option("--years", min=1, max=15, help="Years ahead.")] = None,
    replicates: Annotated[int, typer.Option("--replicates", min=2, help="Simulated futures.")] = PROJECTED_FUTURES,
    seed: Seed = None,
    scenario: Annotated[Path | None, typer.Option("--scenario", help="Scenario file with the assumptions.")] = None,
    processes: Processes = 1,
    held_against: Annotated[
        bool, typer.Option("--backtest", help="Also hold past forecasts against what came (folder backtest).")
    ] = False,
) -> None:
    """Project the children looked after: population.csv, flows.csv, movement.csv, and basis.csv on what it rests on."""
    from sufficiency.demand import project as project_demand
    from sufficiency.records import read_records
    from sufficiency.report import write_chart, write_tables
    from sufficiency.scenario import Scenario, load_scenario
    from sufficiency.stamp import stamp_of
    from sufficiency.workers import shared_by

    settings = load_scenario(scenario) if scenario else Scenario(name="Projection")
    chosen = {
        "horizon.as_of": as_of.date() if as_of else None,
        "horizon.years": years,
        "horizon.paths": replicates,
        "horizon.seed": seed,
    }
    settings = with_options(settings, chosen)
    records = read_records(data)
    with (
        shared_by(processes if len(records.authorities) > 1 else 1) as workers,
        progress("Projecting authorities", len(records.authorities)) as advance,
    ):
        demand = project_demand(records, settings, spells=False, executor=workers, progress=advance)
    tables = {
        "population": demand.population(),
        "flows": demand.flows(),
        "movement": demand.movement_ranges(),
        "basis": demand.basis,
    }
    if len(demand.authorities) > 1:
        tables["population_by_authority"] = demand.by_authority()
    past = None
    if held_against:
        from sufficiency.demand.backtest import backtest as past_forecasts

        with progress("Forecasting from past years", None) as advance:
            past = past_forecasts(records, scenario=settings, progress=advance)
        past.export(out / "backtest")
    write_tables(tables, out, stamp_of(records, settings))
    write_chart(demand.chart(past=past), out / "charts", "population")
    for warning in demand.warnings():
        typer.echo(f"Warning: {warning}.", err=True)
    typer.echo(f"{demand.finding()}.")
    if past is not None:
        typer.echo(f"{past.finding()}.")
    names = [f"{name}.csv" for name in tables]
    written = f"{', '.join(names)} and charts/population"
    typer.echo(f"Wrote {written} to {out}. Small numbers are in them: not for publication.")


@app.command()
def backtest(
    out: Out,
    data: Annotated[Path | None, typer.Argument(help="The authority's data folder.")] = None,
    panel: Annotated[Path | None, typer.Option("--panel", help="CSV of published totals, instead of data.")] = None,
    origins: Annotated[str | None, typer.Option("--origins", help="Years or days, with commas: 2019,2020.")] = None,
    years: Annotated[int, typer.Option("--years", min=1, max=15, help="Years ahead of each origin.")] = 5,
    paths: Annotated[int | None, typer.Option("--paths", min=20, help="Simulated futures of each forecast.")] = None,
    seed: Seed = None,
    scenario: Annotated[Path | None, typer.Option("--scenario", help="Scenario file with the assumptions.")] = None,
) -> None:
    """Hold past forecasts against what came: forecasts.csv, scores.csv, a chart and a page."""
    from sufficiency.demand.backtest import backtest as held_against
    from sufficiency.demand.backtest.rolling import PATHS
    from sufficiency.demand.totals import read_panel
    from sufficiency.records import read_records
    from sufficiency.scenario import Scenario, load_scenario

    if (data is None) == (panel is None):
        fix = "Give a data folder, or --panel and a CSV file, and not both."
        raise InputError([Fault("B04", "backtest", "", (), "needs one source of the past", fix)])
    settings = load_scenario(scenario) if scenario else Scenario(name="Back-test")
    settings = with_options(settings, {"horizon.seed": seed})
    source = read_panel(panel) if panel is not None else read_records(data or Path())
    chosen = [part.strip() for part in origins.split(",") if part.strip()] if origins else None
    with progress("Forecasting from past years", len(chosen) if chosen else None) as advance:
        answer = held_against(
            source, origins=chosen, scenario=settings, years=years, paths=paths or PATHS, progress=advance
        )
    answer.export(out)
    typer.echo(f"{answer.finding()}.")
    small = "" if panel is not None else " Small numbers are in the CSV files: not for publication."
    typer.echo(f"Wrote forecasts.csv, scores.csv, charts and backtest.html to {out}.{small}")


CARERS: Final = ("enquiries", "applications", "approvals", "leavers", "households", "places")
"""Measures of carers.csv, which other programs read; what lies between stands in stages.csv."""


@app.command()
def recruit(scenario: Annotated[Path, typer.Argument(help="Scenario file.")], out: Out, seed: Seed = None) -> None:
    """Forecast carers and places: carers.csv, places.csv, stages.csv (what lies between), recruitment_rates.csv."""
    from sufficiency.report import write_tables
    from sufficiency.stamp import stamp_of
    from sufficiency.supply import forecast_places

    records, settings = records_of(scenario, {"horizon.seed": seed})
    supply = forecast_places(records, settings)
    carers = supply.carers()
    ends = carers["measure"].isin(CARERS)
    tables = {
        "carers": carers[ends],
        "stages": carers[~ends],
        "places": supply.places(),
        "recruitment_rates": supply.rates.table(),
    }
    write_tables(tables, out, stamp_of(records, settings))
    for note in supply.notes:
        typer.echo(note)
    typer.echo(f"{supply.finding()}.")
    typer.echo(f"Wrote carers.csv, stages.csv, places.csv and recruitment_rates.csv to {out}.")


app.command()(match)
app.command()(site)
app.command("goal-seek")(goal_seek)


@app.command()
def run(
    scenario: Annotated[Path, typer.Argument(help="Scenario file.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder to write to; results/<scenario> if not given.")
    ] = None,
    paths: Annotated[int | None, typer.Option("--paths", min=2, help="Simulated futures.")] = None,
    seed: Seed = None,
    processes: Processes = 2,
) -> None:
    """Carry a scenario from case records to a costed plan and write everything."""
    from sufficiency.outlook import run as run_scenario

    records, settings = records_of(scenario, {"horizon.paths": paths, "horizon.seed": seed})
    with progress("Placing children", settings.horizon.paths) as advance:
        outlook = run_scenario(records, settings, processes=processes, progress=advance)
    folder = outlook.export(out or Path("results") / scenario.stem)
    typer.echo(outlook)
    typer.echo(f"Wrote tables, charts, workbook and manifest to {folder}.")


def main() -> None:
    """Entry point of the command: messages instead of tracebacks for what the user can put right."""
    try:
        app(prog_name="sufficiency")
    except InputError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(2) from None
    except SufficiencyError as error:
        typer.echo(str(error), err=True)
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        typer.echo("Interrupted; nothing was written.", err=True)
        raise SystemExit(1) from None
