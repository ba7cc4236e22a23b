"""The map of where to recruit, from its table by kind and area."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from sufficiency.geography import locate
from sufficiency.stamp import Sourced

BY: Final = ("kind", "area")
MOST_NAMED: Final = 3


def map_of_recruitment(table: pd.DataFrame, stamp: Sourced, limit_miles: float) -> Any | None:
    """What one more household's place saves in each postcode district; ``None`` when no district is known.

    ``table``: from :func:`~sufficiency.answers.recruit.where_to_recruit`, by :data:`BY`.
    """
    from sufficiency.figures import authority_outline, recruit_map

    own = table[table["kind"] == "in_house_fostering"].reset_index(drop=True)
    areas = own.join(locate(own["area"])[["latitude", "longitude"]].astype(float)).dropna(subset="latitude")
    if areas.empty:
        return None
    title = _finding(areas)
    rows = [
        f"{row.area} £{row.saves_per_week:,.0f} ({row.saves_per_week_p10:,.0f} to {row.saves_per_week_p90:,.0f})"
        for row in areas.itertuples()
    ]
    alt_text = f"{title}. Map of postcode districts; mean and 80% range, £ a week: {'; '.join(rows)}."
    outline = authority_outline(areas.assign(children=1))
    return recruit_map(areas, stamp, limit_miles=limit_miles, title=title, alt_text=alt_text, outline=outline)


def _finding(areas: pd.DataFrame) -> str:
    """Where a place saves most; districts that are alike within a pound are told together."""
    most = areas["saves_per_week"].max()
    best = sorted(areas.loc[areas["saves_per_week"] >= most - 1, "area"])
    where = ", ".join(best) if len(best) <= MOST_NAMED else f"{len(best)} of {len(areas)} districts alike"
    return f"One more foster place of our own, for level 3, saves most in {where}: about £{most:,.0f} a week"
