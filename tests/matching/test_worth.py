"""The worth of a place against the registers rewritten with that place, and its own shortcuts against none."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from sufficiency.matching.pairs import OBJECTIVES, build_instance
from sufficiency.matching.programme import programme_of
from sufficiency.matching.restricted import relax_in_order, with_aim_rows
from sufficiency.matching.worth import COLUMN_OF, worth_of_a_place
from sufficiency.records.registers import check_register

from . import instances


def _relaxed(children: pd.DataFrame, homes: pd.DataFrame) -> np.ndarray:
    """Value of each aim's relaxation in order, from registers alone."""
    programme = with_aim_rows(programme_of(build_instance(children, homes, as_of=instances.AS_OF)))
    nothing_shut = np.zeros(programme.columns, dtype=bool)
    return np.array([each.value for each in relax_in_order(programme, nothing_shut, time.monotonic() + 60)])


@pytest.mark.parametrize("seed", [300, 301, 302])
def test_worth_equals_the_registers_rewritten_with_one_place_more(seed: int) -> None:
    """Every home's row equals the difference that one place more in ``homes.csv`` makes to the whole relaxation."""
    child_table, home_table = instances.draw(seed, 40, 24)
    children, _ = check_register("children", child_table, "children.csv")
    homes, _ = check_register("homes", home_table, "homes.csv")
    worth = worth_of_a_place(build_instance(children, homes, as_of=instances.AS_OF)).set_index("home_id")
    now = _relaxed(children, homes)
    assert len(worth) > 10
    for row, home_id in enumerate(homes["home_id"]):
        if home_id not in worth.index:
            continue
        more = (np.arange(len(homes)) == row).astype(int)
        wider = homes.assign(places=homes["places"] + more, places_free=homes["places_free"] + more)
        gains = (_relaxed(children, wider) - now) / [1, 1, 1, 100]
        stated = worth.loc[home_id, [COLUMN_OF[name] for name in OBJECTIVES]].to_numpy(dtype=float)
        assert stated == pytest.approx(gains, abs=0.02)


def test_a_place_more_is_worth_something_somewhere_and_nothing_elsewhere() -> None:
    """In a register that is short of places some homes are worth more of and others are not."""
    child_table, home_table = instances.draw(303, 40, 24)
    children, _ = check_register("children", child_table, "children.csv")
    homes, _ = check_register("homes", home_table, "homes.csv")
    housed = worth_of_a_place(build_instance(children, homes, as_of=instances.AS_OF))["more_children_housed"]
    assert housed.max() > 0
    assert housed.min() == 0
    assert housed.between(0, 1).all()
