"""What a strategy author, an analyst and a director each take away: tables, charts, workbook, document, page."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sufficiency.report.export import export_outlook as export_outlook
    from sufficiency.report.export import publication_of as publication_of
    from sufficiency.report.shortlist import map_of_matches as map_of_matches
    from sufficiency.report.tables import write_chart as write_chart
    from sufficiency.report.tables import write_tables as write_tables

__all__ = ["export_outlook", "map_of_matches", "publication_of", "write_chart", "write_tables"]

_HOME_OF = {
    "export_outlook": "export",
    "map_of_matches": "shortlist",
    "publication_of": "export",
    "write_chart": "tables",
    "write_tables": "tables",
}


def __getattr__(name: str) -> Any:
    """Load a public name's module when the name is first used."""
    if name in _HOME_OF:
        return getattr(import_module(f"sufficiency.report.{_HOME_OF[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
