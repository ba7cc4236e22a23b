"""``powerbi/``: the tidy tables as facts, small tables of dimensions, and a dictionary that says how they join."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from sufficiency.ranges import RANGE_COLUMNS
from sufficiency.report.publication import Publication
from sufficiency.report.tables import scenario_label
from sufficiency.stamp import Stamp
from sufficiency.vocabulary import AGE_BANDS, KIND_LABELS, KINDS

MEANINGS: Final = {
    "date": "Month end, or the as-of day.",
    "financial_year": "April to March, as 2025-26.",
    "age_band": "Age in whole years; all = every age.",
    "kind": "Kind of placement; all = every kind.",
    "line": "Budget line: a kind of placement, another cost, or total.",
    "measure": "What the figures of the row count.",
    "group": "Whose distances are counted.",
    "flow": "Movement of the month.",
    "needs_level_at_least": "Children of this needs level or a higher one; rows overlap, so add none up.",
    "level": "Needs level for which a household is approved; all = every level.",
    "children": "Children counted; c = hidden small number.",
    "area": "Postcode sector of the children's homes.",
    "within_limit": "Children who could live within the limit; c = hidden.",
    "over_limit": "Children who could not; c = hidden.",
    "unplaced": "Children without a home in the shortlist; c = hidden.",
    "latitude": "Middle of the area [degrees].",
    "longitude": "Middle of the area [degrees].",
    "unit": "Unit of the row's figures.",
    "today": "Figure on the as-of day, where it is known.",
    "target": "What the plan promises for the year.",
    "by": "When the target is due.",
    "year": "Financial year.",
    "share_of_futures_met": "Share of the simulated futures that meet the target.",
    "status": "on track, at risk or off track.",
    "setting": "Name of the setting.",
    "value": "Value in force.",
    "meaning": "Meaning, unit and source.",
    "source": "Where it is set or comes from.",
    "rate": "Rate of recruiting or keeping carers.",
    "own_estimate": "What the register of carers says by itself; empty where it does not.",
    "cases": "Cases of the register that it rests on, in the unit that source names.",
    "national": "National figure.",
    "weight_of_own": "Weight of the register beside the national figure [share].",
    "used": "Figure in force.",
    "low": "Lower end of its 80% range.",
    "high": "Upper end of its 80% range.",
    "was": "Value in the base scenario.",
    "now": "Value in this scenario.",
    "scenario": "Name of the scenario.",
    "mean": "Mean of the simulated futures.",
    **{name: f"Percentile {name[1:].replace('_', '.')} of the simulated futures." for name in RANGE_COLUMNS[1:]},
}
"""Column → what it holds. A column that is not here has no place in a published table."""

DIMENSION_OF: Final = {
    "date": "dim_date",
    "financial_year": "dim_financial_year",
    "age_band": "dim_age_band",
    "kind": "dim_kind",
    "scenario": "dim_scenario",
}


def write_star(publication: Publication, folder: Path) -> None:
    """Write facts and dimensions as parquet into ``folder``, with ``dictionary.json``; the same bytes each time."""
    folder.mkdir(parents=True, exist_ok=True)
    label = scenario_label(publication.stamp)
    facts = {f"fact_{name}": table.assign(scenario=label) for name, table in publication.tables.items()}
    dimensions = dimensions_of(facts, publication.stamp)
    for name, table in {**facts, **dimensions}.items():
        _as_stored(table).to_parquet(folder / f"{name}.parquet", index=False, compression="zstd")
    dictionary = {
        "about": publication.stamp.source(),
        "tables": {name: _columns(table) for name, table in facts.items()},
        "dimensions": {name: list(table.columns) for name, table in dimensions.items()},
        "relationships": [
            {"from": f"{name}[{column}]", "to": f"{dimension}[{column}]", "cardinality": "many to one"}
            for name, table in facts.items()
            for column, dimension in DIMENSION_OF.items()
            if column in table.columns
        ],
    }
    text = json.dumps(dictionary, indent=2, ensure_ascii=False)
    (folder / "dictionary.json").write_text(text + "\n", encoding="utf-8", newline="\n")


def dimensions_of(facts: Mapping[str, pd.DataFrame], stamp: Stamp) -> dict[str, pd.DataFrame]:
    """Dimension tables: each value that the facts use once, with a label and its place in the order."""

    def used(column: str) -> list[Any]:
        return sorted({value for table in facts.values() if column in table for value in table[column].unique()})

    dates, years = pd.DatetimeIndex(used("date")), used("financial_year")
    kinds, bands = ["all", *KINDS], ["all", *AGE_BANDS]
    return {
        "dim_date": pd.DataFrame({"date": dates, "year": dates.year, "month": dates.month}),
        "dim_financial_year": pd.DataFrame({"financial_year": years, "place": range(len(years))}),
        "dim_age_band": pd.DataFrame(
            {"age_band": bands, "label": ["All ages", *bands[1:]], "place": range(len(bands))}
        ),
        "dim_kind": pd.DataFrame(
            {"kind": kinds, "label": ["All placements", *KIND_LABELS.values()], "place": range(len(kinds))}
        ),
        "dim_scenario": pd.DataFrame({"scenario": [scenario_label(stamp)], "synthetic": [stamp.synthetic]}),
    }


def _as_stored(table: pd.DataFrame) -> pd.DataFrame:
    """Text columns as one plain type, so that a level of 1 and one of "all" stand in the same column."""
    text = [column for column in table.columns if not pd.api.types.is_numeric_dtype(table[column])]
    text = [column for column in text if not pd.api.types.is_datetime64_any_dtype(table[column])]
    return table.astype(dict.fromkeys(text, "str"))


def _columns(table: pd.DataFrame) -> dict[str, dict[str, str]]:
    types = _as_stored(table).dtypes
    return {column: {"type": str(types[column]), "meaning": MEANINGS[column]} for column in table.columns}
