"""Everything that a run leaves on disk, written beside and moved into place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pandas as pd

from sufficiency.figures import save
from sufficiency.outlook import Outlook
from sufficiency.report.disclosure import (
    NOT_FOR_PUBLICATION,
    suppressed_areas,
    suppressed_history,
    without_small_opening,
    without_small_today,
)
from sufficiency.report.document import write_document
from sufficiency.report.files import replaced_as_a_whole
from sufficiency.report.manifest import write_manifest
from sufficiency.report.page import write_page
from sufficiency.report.publication import Figure, Publication
from sufficiency.report.shortlist import map_of_matches, matches_by_area
from sufficiency.report.star import write_star
from sufficiency.report.tables import as_csv, write_tables
from sufficiency.report.workbook import write_workbook
from sufficiency.stamp import SHORTLIST_NOTE

OWNED: Final = (
    "manifest.json",
    "tables",
    "charts",
    "workbook.xlsx",
    "strategy.docx",
    "report.html",
    "powerbi",
    "private",
)
"""What an export writes; anything else in its folder is the user's and stays."""


def publication_of(outlook: Outlook) -> Publication:
    """Tables that may leave, findings and figures of an outlook."""
    tables = outlook.tables()
    tables["history"] = suppressed_history(tables["history"])
    for name in ("population", "placements"):
        tables[name] = without_small_today(tables[name], tables["history"])
    tables["changes_by_year"] = without_small_opening(
        tables["changes_by_year"], tables["history"], outlook.demand.as_of
    )
    areas = matches_by_area(outlook)
    if not areas.empty:
        tables["matches_by_area"] = suppressed_areas(areas)
    return Publication(outlook.stamp, tables, findings_of(outlook), figures_of(outlook))


def findings_of(outlook: Outlook) -> tuple[str, ...]:
    """The headline sentences, each with its range."""
    answers = (outlook.demand, outlook.supply, outlook.shortfall, outlook.near_home, outlook.budget)
    return tuple(f"{answer.finding()}." for answer in answers)


def figures_of(outlook: Outlook) -> dict[str, Figure]:
    """The five charts in the order of the story; without a shortlist there is no map."""
    charts = {
        "population": outlook.demand.chart(),
        "carers": outlook.supply.chart(),
        "places_against_need": outlook.shortfall.chart(),
        "budget": outlook.budget.chart(),
        "map_of_matches": map_of_matches(outlook),
    }
    drawn = {name: chart for name, chart in charts.items() if chart is not None}
    return {name: Figure(" ".join(chart.title.text), chart.description, chart) for name, chart in drawn.items()}


def export_outlook(outlook: Outlook, folder: Path) -> Path:
    """Write an outlook into ``folder`` and return it; see ``Outlook.export``."""
    publication = publication_of(outlook)
    with replaced_as_a_whole(folder, OWNED) as beside:
        write_tables(publication.tables, beside / "tables", outlook.stamp)
        (beside / "tables" / "README.txt").write_text(_about_tables(outlook), encoding="utf-8", newline="\n")
        (beside / "charts").mkdir()
        for name, figure in publication.figures.items():
            save(figure.chart, beside / "charts" / name)
        write_workbook(publication, beside / "workbook.xlsx")
        write_document(publication, beside / "strategy.docx")
        write_page(publication, beside / "report.html")
        write_star(publication, beside / "powerbi")
        _write_private(outlook, beside / "private")
        write_manifest(outlook, beside)
    return folder


def _about_tables(outlook: Outlook) -> str:
    """What the tables hold and how to read them."""
    return (
        f"{outlook.stamp.source()}\n\n"
        "Every table carries its scenario in the last column. Range columns: mean and percentiles (p10 = 10th) over\n"
        "the simulated futures; add nothing up but means. Counts of real children from 1 to 5, and those that would\n"
        'give them back, are shown as "c", or left empty on the first day of population.csv and placements.csv.\n'
        f"{SHORTLIST_NOTE}\n"
    )


def _write_private(outlook: Outlook, folder: Path) -> None:
    """Child-level rows and unsuppressed counts, which stay with the user."""
    folder.mkdir()
    note = f"{NOT_FOR_PUBLICATION}\nChild-level rows: keep them in your own folders. {SHORTLIST_NOTE}\n"
    (folder / "README.txt").write_text(note + outlook.stamp.source() + "\n", encoding="utf-8", newline="\n")
    private: dict[str, pd.DataFrame] = {"history": outlook.demand.history}
    areas = matches_by_area(outlook)
    if outlook.matching is not None:
        private |= {"matches": outlook.matching.table(), "worth_of_a_place": outlook.matching.worth_of_a_place()}
        private |= {"matches_by_area": areas}
        summary = json.dumps(outlook.matching.summary(), indent=2, ensure_ascii=False)
        (folder / "summary.json").write_text(summary + "\n", encoding="utf-8", newline="\n")
    for name, table in private.items():
        (folder / f"{name}.csv").write_bytes(as_csv(table, outlook.stamp).encode("utf-8"))
