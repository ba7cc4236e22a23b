"""The sentences of the charts: true for the numbers shown, as a reader of the strategy would take them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sufficiency.demand.profile.findings import SUBJECTS, finding_of

AREAS = {"area": ["SN1", "SN2", "unknown"], "latitude": [51.5, 51.6, np.nan], "longitude": [-1.7, -1.8, np.nan]}


def ages(*children: float) -> dict[str, pd.DataFrame]:
    """Children by age on one 31 March, with their sum (20 where one is hidden)."""
    total = 20.0 if any(np.isnan(children)) else sum(children)
    bands = ["under 1", "1-4", "5-9"][: len(children)]
    table = pd.DataFrame({"age_band": [*bands, "all"], "children": [*children, total]})
    return {"age_by_kind": table.assign(year=2025, kind="all")}


def by_area(come: list[float], live: list[float]) -> dict[str, pd.DataFrame]:
    areas = pd.DataFrame({**AREAS, "children_from": come, "children_placed": live})
    return {"areas": areas, "children_by_year": pd.DataFrame({"year": [2025], "looked_after": [40]})}


def moves(start: str, end: str) -> dict[str, pd.DataFrame]:
    return {"flows": pd.DataFrame({"year": ["all"], "from": [start], "to": [end], "moves": [30]})}


def test_most_is_more_than_half() -> None:
    told = finding_of("age_by_kind", ages(4, 10, 6), 20)
    assert told == "The largest age group is 1 to 4: 10 of 20 children on 31 March 2025"
    told = finding_of("age_by_kind", ages(3, 11, 6), 20)
    assert told == "Most children are aged 1 to 4: 11 of 20 children on 31 March 2025"


def test_the_largest_is_named_only_where_no_other_can_be() -> None:
    """12 of 20 leave 8 for the hidden one; 7 and 3 leave it 10; 10 and 10 are alike."""
    assert finding_of("age_by_kind", ages(np.nan, 12), 20).startswith("Most children are aged 1 to 4")
    assert finding_of("age_by_kind", ages(np.nan, 7, 3), 20) == SUBJECTS["age_by_kind"]
    assert finding_of("age_by_kind", ages(10, 10), 20) == SUBJECTS["age_by_kind"]


def test_areas_are_compared_with_any_other() -> None:
    told = finding_of("areas", by_area([16, 14, 10], [15, 25, 0]), 20)
    assert told == "More children come from SN1 (16) than from any other area; more live in SN2 (25) than in any other"


def test_ways_out_and_starts_read_as_a_sentence() -> None:
    told = finding_of("flows", moves("with_parents", "other_exit"), 20)
    assert told == "The largest flow is out of placed with parents (left: another reason): 30 moves"
    told = finding_of("flows", moves("started", "ifa"), 20)
    assert told == "The largest flow is from the start of care to agency fostering: 30 moves"
    told = finding_of("flows", moves("started", "other"), 20)
    assert told == "The largest flow is from the start of care to other placements: 30 moves"


def test_medians_are_told_as_the_table_has_them() -> None:
    table = pd.DataFrame({"measure": ["time_in_placement"], "group": ["all"], "median_months": [4.57]})
    assert finding_of("time_in_placement", {"medians": table}, 20) == "Half of all placements end within 4.6 months"
