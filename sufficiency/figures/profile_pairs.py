"""From which district to which: lines between where children come from and where they live, near and farther away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from sufficiency.figures.map_labels import LETTERS, texts_with_room
from sufficiency.figures.plane import middle_of, on_plane, x_miles, y_miles
from sufficiency.figures.profile_map import LICENCE, PANEL, edge_note, ground, half_width
from sufficiency.figures.profile_parts import counted, no_data, page, whole
from sufficiency.figures.theme import BLUE, INK
from sufficiency.stamp import Sourced

ENDS: Final = ("home_area", "place_area")
EVERY_HOME: Final = "all homes"
"""``home_area`` of the children who live outside the authority: all together, whatever their home."""
WIDEST: Final = 12
NARROW: Final = 0.25
"""A line begins at this part of its width at the children's homes and widens to where they live."""
BEND: Final = 0.18
"""How far a line leaves the straight one, so that a way there and a way back stand apart [share of its length]."""
STEPS: Final = 24
NUMBER_STEPS: Final = (12, 15, 9, 17, 7, 19)
"""Steps of a line at which its number may stand, best first."""
RADII: Final = (11, 5)
"""Radius of a district's circle on the near and on the far map [pixels]."""
LARGE: Final = 520
"""Side of a map that stands alone [pixels]."""
NEAR: Final = "Inside: from district to district"
FAR: Final = "Outside: to which postcode areas"
MIDDLE: Final = "middle"


def origins_and_places_chart(
    table: pd.DataFrame,
    stamp: Sourced,
    *,
    areas: pd.DataFrame,
    title: str,
    alt_text: str,
    limit_miles: float = 20.0,
    outline: pd.DataFrame | None = None,
) -> Any:
    """From which postcode district to which the children of today have gone: lines that widen on the way.

    One map inside the authority; beside it one outside, with a line from the middle of the homes to each postcode
    area. ``table``: ``home_area`` (a district, ``unknown``, or ``all homes`` for a place outside) ``place_area``
    ``children`` (missing where hidden: no line). ``areas``: the table of ``areas_chart``, for the points.
    """
    import altair as alt

    pairs, points = whole(table), whole(areas)
    points = points.dropna(subset=["latitude", "longitude"]) if len(points) else points
    drawn = _drawn(pairs, set(points["area"])) if len(pairs) and len(points) else pairs.iloc[:0]
    if drawn.empty:
        return no_data(table, stamp, title, alt_text)
    used = points[points["area"].isin({*drawn["home_area"], *drawn["place_area"]})]
    outside = drawn["home_area"] == EVERY_HOME
    near, gone = drawn[~outside], drawn[outside].assign(home_area=MIDDLE)
    homes = points[points["area"].isin(set(near["home_area"]))]
    homes = homes if len(homes) else points
    centre = middle_of(homes.assign(children=homes["children_from"]))
    spots = on_plane(used, centre).set_index("area")[["east", "north"]]
    side = PANEL if len(near) and len(gone) else LARGE
    maps = []
    if len(near):
        half = half_width(spots.loc[sorted({*near["home_area"], *near["place_area"]})], limit_miles)
        maps.append(_near_map(near, spots, half, side, ground(centre, half, limit_miles, outline)))
    if len(gone):
        far_half = half_width(spots.loc[gone["place_area"]], limit_miles)
        gone = gone[gone["place_area"].isin(spots[spots.abs().max(axis=1) <= far_half].index)]
        maps.append(_far_map(gone, spots, far_half, side, ground(centre, far_half, limit_miles, outline)))
    notes = _notes(pairs, pd.concat([near, gone]), limit_miles) + edge_note(outline) + LICENCE
    return page(alt.hconcat(*maps, spacing=24), title, notes, stamp, alt_text)


def _drawn(pairs: pd.DataFrame, located: set[str]) -> pd.DataFrame:
    """Pairs whose number is shown and whose both ends have a place on the map."""
    ends = pairs["home_area"].isin({*located, EVERY_HOME}) & pairs["place_area"].isin(located)
    known = pairs[ends].dropna(subset=["children"])
    return known[known["children"] > 0].astype({"children": float}).reset_index(drop=True)


def _notes(pairs: pd.DataFrame, drawn: pd.DataFrame, limit_miles: float) -> str:
    shown = pairs.dropna(subset=["children"])
    without = int(shown["children"].sum() - drawn["children"].sum())
    hidden = int(pairs["children"].isna().sum())
    parts = [
        f"Children looked after on 31 March; {drawn['children'].sum():,.0f} are drawn. Inside the authority lines "
        "widen from the postcode district of the home to that of the placement; numbers in circles: children who live "
        "in the district that they come from. Outside, lines go to the postcode areas (first letters) in which "
        "children live, whatever their home.",
        f"Hidden: {hidden} lines of 1 to 5 children, or beside such a one." if hidden else "",
        f"Not drawn: {without:,} children whose district is not known or beyond the map." if without else "",
        f"Dashed: {limit_miles:g} miles around the middle, where the map reaches so far.",
    ]
    return " ".join(part for part in parts if part)


def _near_map(drawn: pd.DataFrame, spots: pd.DataFrame, half: float, side: int, under: list[Any]) -> Any:
    import altair as alt

    ends = spots.loc[sorted({*drawn["home_area"], *drawn["place_area"]})].rename_axis("area").reset_index()
    stays = drawn[drawn["home_area"] == drawn["place_area"]].set_index("home_area")["children"]
    ends = ends.assign(radius=RADII[0], text=ends["area"], stays=ends["area"].map(stays).map(counted).replace("c", ""))
    ways = _ways(drawn[drawn["home_area"] != drawn["place_area"]], spots)
    base = alt.Chart(ends[["east", "north", "stays"]]).encode(x=x_miles("east", half), y=y_miles("north", half))
    layers = [
        *under,
        *_lines(ways, half),
        _circles(ends, half),
        base.mark_text(fontSize=LETTERS, fontWeight="bold").encode(text="stays:N"),
        texts_with_room(ends, half, side, lines=_numbers(ways)),
    ]
    return _titled(alt.layer(*layers), side, NEAR)


def _far_map(gone: pd.DataFrame, spots: pd.DataFrame, half: float, side: int, under: list[Any]) -> Any:
    import altair as alt

    origin = pd.DataFrame({"east": [0.0], "north": [0.0]}, index=[MIDDLE])
    ends = spots.loc[gone["place_area"]].rename_axis("area").reset_index()
    texts = [f"{area} {counted(children)}" for area, children in zip(ends["area"], gone["children"], strict=True)]
    ends = ends.assign(radius=RADII[1], text=texts, children=gone["children"].to_numpy())
    ends = ends.sort_values("children", ascending=False, kind="stable")
    ways = _ways(gone, pd.concat([spots, origin]))
    layers = [*under, *_lines(ways, half), _circles(ends, half), texts_with_room(ends, half, side)]
    return _titled(alt.layer(*layers), side, FAR)


def _titled(chart: Any, side: int, heading: str) -> Any:
    import altair as alt

    sized = chart.resolve_scale(size="independent").properties(width=side, height=side)
    return sized.properties(title=alt.TitleParams(heading, fontSize=13, anchor="start", frame="group", offset=8))


def _circles(ends: pd.DataFrame, half: float) -> Any:
    import altair as alt

    area = float(np.pi * ends["radius"].iloc[0] ** 2) if len(ends) else 0.0
    marks = alt.Chart(ends[["east", "north"]]).mark_point(
        shape="circle", filled=True, fill="white", stroke=INK, size=area, opacity=1
    )
    return marks.encode(x=x_miles("east", half), y=y_miles("north", half))


def _ways(moved: pd.DataFrame, spots: pd.DataFrame) -> list[pd.DataFrame]:
    """The points of each line, widest first, so that the numbers of the widest find room first."""
    ordered = moved.sort_values(["children", *ENDS], ascending=[False, True, True])
    return [_way(number, row, spots) for number, row in enumerate(ordered.to_dict("records"))]


def _lines(ways: list[pd.DataFrame], half: float) -> list[Any]:
    import altair as alt

    if not ways:
        return []
    points = pd.concat(ways, ignore_index=True)
    scale = alt.Scale(domain=[0, float(points["children"].max())], range=[0, WIDEST])
    trails = alt.Chart(points.drop(columns="children")).mark_trail(color=BLUE, opacity=0.7)
    return [
        trails.encode(
            x=x_miles("east", half),
            y=y_miles("north", half),
            size=alt.Size("wide:Q", scale=scale, legend=None),
            detail="way:N",
            order=alt.Order("step:Q"),
        )
    ]


def _numbers(ways: list[pd.DataFrame]) -> list[tuple[str, pd.DataFrame]]:
    """The number of each line, and where along it the number may stand."""
    return [(counted(way["children"].iloc[0]), way.iloc[list(NUMBER_STEPS)]) for way in ways]


def _way(number: int, row: Mapping[Any, Any], spots: pd.DataFrame) -> pd.DataFrame:
    """Points of one line, bent to its left, with how wide it is at each (``wide``, as a number of children)."""
    start, end = (spots.loc[row[side]].to_numpy(dtype=float) for side in ENDS)
    along = np.linspace(0.0, 1.0, STEPS + 1)
    across = np.array([-(end - start)[1], (end - start)[0]])
    bent = start + np.outer(along, end - start) + np.outer(4 * along * (1 - along) * BEND, across)
    columns = {"way": number, "step": range(STEPS + 1), "east": bent[:, 0], "north": bent[:, 1]}
    return pd.DataFrame(columns).assign(
        wide=row["children"] * (NARROW + (1 - NARROW) * along), children=row["children"]
    )
