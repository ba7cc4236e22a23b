"""What the commands that carry a scenario begin with: its settings, the options over them, and the records it names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sufficiency.errors import Fault, InputError

if TYPE_CHECKING:
    from sufficiency.scenario import Scenario


def records_of(scenario: Path, options: dict[str, Any]) -> tuple[Any, Scenario]:
    """The scenario with the options laid over it, and the records of the folder that it names."""
    from sufficiency.records import read_records
    from sufficiency.scenario import load_scenario

    settings = with_options(load_scenario(scenario), options)
    if settings.data is None:
        fix = 'Add data = "…", the folder of the authority\'s data, as seen from the scenario file.'
        raise InputError([Fault("S06", str(scenario), "data", (), "is not set", fix)])
    if not settings.data.is_dir():
        says, fix = f"names {settings.data}, which is not a folder", "Give the folder as seen from the scenario file."
        raise InputError([Fault("S07", str(scenario), "data", (), says, fix)])
    return read_records(settings.data), settings


def with_options(settings: Scenario, options: dict[str, Any]) -> Scenario:
    """The scenario with those options laid over it that were given."""
    given = {setting: value for setting, value in options.items() if value is not None}
    return settings.with_changes(given, why="command line") if given else settings
