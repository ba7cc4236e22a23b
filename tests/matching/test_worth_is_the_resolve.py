"""What the table says one more place is worth is what a new match with that place in the register reaches."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sufficiency.matching.entrance import match

from . import instances, oracle, varied

COLUMNS = {
    "placed": "more_children_housed",
    "within_limit": "more_within_limit",
    "siblings_together": "more_siblings_together",
    "weekly_cost": "saves_per_week",
}


def _reached(children: pd.DataFrame, homes: pd.DataFrame, limit: float) -> np.ndarray:
    values = match(children, homes, limit_miles=limit, as_of=instances.AS_OF).values
    return np.array([values[name] if name != "weekly_cost" else -values[name] for name in oracle.DEFAULT_ORDER])


def with_a_place_more(homes: pd.DataFrame, home_id: str) -> pd.DataFrame:
    """The register with one approved and free place more in a home."""
    here = homes["home_id"] == home_id
    more = {name: homes[name].mask(here, homes[name].map(lambda cell: str(int(cell) + 1))) for name in PLACES}
    return homes.assign(**more)


PLACES = ("places", "places_free")


@pytest.mark.parametrize("with_siblings", [False, True])
@pytest.mark.parametrize("seed", range(320, 328))
def test_the_worth_is_what_the_new_match_gains(seed: int, with_siblings: bool) -> None:
    """Each home of the table, every objective, to the child and the penny; siblings and lone children among them."""
    children, homes, limit = varied.draw(seed, 20, 9)
    if not with_siblings:
        children = children.assign(sibling_group="", solo="")
    worth = match(children, homes, limit_miles=limit, as_of=instances.AS_OF).worth_of_a_place().set_index("home_id")
    now = _reached(children, homes, limit)
    assert len(worth)
    for home_id, row in worth.iterrows():
        gains = _reached(children, with_a_place_more(homes, str(home_id)), limit) - now
        stated = row[list(COLUMNS.values())].to_numpy(dtype=float)
        assert stated == pytest.approx(gains, abs=0.005), home_id
