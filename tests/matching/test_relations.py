"""What must hold between two runs: more places never hurt, and names and row order mean nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sufficiency.matching.entrance import match

from . import instances


def _values(children: pd.DataFrame, homes: pd.DataFrame) -> tuple[float, ...]:
    values = match(children, homes, as_of=instances.AS_OF).values
    return (values["placed"], values["within_limit"], values["siblings_together"], -values["weekly_cost"])


@pytest.mark.parametrize("seed", range(200, 206))
def test_one_more_place_never_makes_the_plan_worse(seed: int) -> None:
    """A place more in a home that has someone in it widens the choice, so no value falls before another has risen.

    (An empty home would offer a lone child the same home, and the lone child would still take all of it.)
    """
    children, homes = instances.draw(seed, 24, 18)
    wider = homes.copy()
    row = int(np.flatnonzero(homes["kind"] != "secure")[seed % 10])
    for column in ("places", "places_free"):
        wider.loc[row, column] = str(int(homes.loc[row, column]) + 1)
    assert _values(children, wider) >= _values(children, homes)


@pytest.mark.parametrize("seed", range(210, 214))
def test_names_and_row_order_change_no_value(seed: int) -> None:
    children, homes = instances.draw(seed, 24, 18)
    rng = np.random.default_rng(seed)
    renamed = {name: f"home {number}" for number, name in enumerate(rng.permutation(homes["home_id"]))}
    other_homes = homes.assign(home_id=homes["home_id"].map(renamed)).sample(frac=1, random_state=seed)
    other_children = children.assign(
        child_id=[f"x{number}" for number in rng.permutation(len(children))],
        current_home_id=children["current_home_id"].map(lambda name: renamed.get(name, name)),
        avoid_homes=children["avoid_homes"].map(lambda cell: ";".join(renamed.get(n, n) for n in cell.split(";"))),
    ).sample(frac=1, random_state=seed)
    assert _values(other_children, other_homes) == _values(children, homes)


def test_row_order_changes_no_byte(tmp_path) -> None:
    children, homes = instances.draw(5, 24, 18)
    match(children, homes, as_of=instances.AS_OF).write(tmp_path / "as_given")
    shuffled = children.sample(frac=1, random_state=1), homes.sample(frac=1, random_state=2)
    match(*shuffled, as_of=instances.AS_OF).write(tmp_path / "shuffled")
    for name in ("matches.csv", "worth_of_a_place.csv", "summary.json"):
        assert (tmp_path / "as_given" / name).read_bytes() == (tmp_path / "shuffled" / name).read_bytes()
