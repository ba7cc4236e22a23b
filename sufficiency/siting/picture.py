"""The map of a siting, from its tables: homes and candidates as points, children only as counts by district."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sufficiency.figures import authority_outline, site_map
from sufficiency.geography import district_of, locate
from sufficiency.siting.answer import Siting

AREA_COLUMNS = ["area", "latitude", "longitude", "children"]


def site_map_of(siting: Siting) -> Any:
    """The chart of :meth:`~sufficiency.siting.answer.Siting.chart`."""
    problem = siting.problem
    path = problem.paths[0]
    there = problem.homes_there
    areas = areas_of_children(siting)
    not_opened = int((siting.decision.opened == 0).sum())
    alt_text = (
        f"{siting.finding()}. Map of {len(there)} homes that are there by kind, of the candidates that are opened, "
        f"each with a circle of {path.instance.limit_miles:g} miles, and of {not_opened} that are not."
    )
    return site_map(
        areas,
        there[["kind", "latitude", "longitude"]],
        problem.candidates.assign(opened=siting.decision.opened),
        siting,
        limit_miles=path.instance.limit_miles,
        title=siting.finding(),
        alt_text=alt_text,
        outline=authority_outline(areas) if len(areas) else None,
    )


def areas_of_children(siting: Siting) -> pd.DataFrame:
    """Postcode districts that children come from, in the mean of the paths (a whole number): AREA_COLUMNS, the points
    being the middles of the districts."""
    postcodes = [path.instance.children["home_postcode"] for path in siting.problem.paths]
    districts = district_of(pd.concat(postcodes).astype("string")).dropna()
    counts = (districts.value_counts().sort_index() / len(siting.problem.paths)).round().astype(int)
    areas = pd.DataFrame({"area": counts.index.astype("str"), "children": counts.to_numpy()})
    if areas.empty:
        return pd.DataFrame(columns=AREA_COLUMNS)
    points = locate(areas["area"])
    return areas.assign(latitude=points["latitude"], longitude=points["longitude"])[AREA_COLUMNS].dropna()
