"""The worth of a place by kind, level, age band and area, and of a new place against a new match with it added."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sufficiency.errors import InputError
from sufficiency.matching.entrance import match
from sufficiency.matching.practice import Practice
from sufficiency.matching.worth import COLUMN_OF
from sufficiency.matching.worth_by import BY, UNKNOWN, new_home, worth_by
from sufficiency.vocabulary import AGE_BANDS

from . import instances, oracle, varied


def _home_row(homes: pd.DataFrame, cells: dict[str, object]) -> pd.DataFrame:
    """A register with one more row, every cell a text."""
    texts = {name: "" if pd.isna(cells.get(name)) else str(cells[name]) for name in homes.columns}
    texts["registered"] = "true"
    return pd.concat([homes, pd.DataFrame([texts])], ignore_index=True)


def _values(children: pd.DataFrame, homes: pd.DataFrame, limit: float) -> np.ndarray:
    values = match(children, homes, limit_miles=limit, as_of=instances.AS_OF).values
    return np.array([values[name] if name != "weekly_cost" else -values[name] for name in oracle.DEFAULT_ORDER])


@pytest.mark.parametrize("seed", range(4200, 4206))
def test_a_new_place_is_worth_what_a_new_match_with_it_gains(seed: int) -> None:
    children, homes, limit = varied.draw(seed, 16, 8)
    plan = match(children, homes, limit_miles=limit, as_of=instances.AS_OF)
    table = worth_by(plan, ("kind", "max_needs_level"), new_places=3)
    assert len(table)
    now = _values(children, homes, limit)
    typed = plan.instance.homes.merge(plan.worth_of_a_place()[["home_id"]], on="home_id")
    for _, row in table.head(3).iterrows():
        alike = typed[(typed["kind"] == row["kind"]) & (typed["max_needs_level"] == row["max_needs_level"])]
        described = {"kind": row["kind"], "max_needs_level": row["max_needs_level"]}
        cells = new_home(plan.instance, alike, described)
        gains = _values(children, _home_row(homes, cells), limit) - now
        stated = row[[f"new_{COLUMN_OF[name]}" for name in oracle.DEFAULT_ORDER]].to_numpy(dtype=float)
        assert stated == pytest.approx(gains, abs=0.005)
    assert table.iloc[3:].filter(like="new_").isna().all(axis=None)


def _home(home_id: str, **cells: str) -> dict[str, str]:
    usual = {"kind": "ifa", "latitude": "51.5", "longitude": "-1.8", "places": "1", "places_free": "1", "min_age": "0",
             "max_age": "17", "sex": "any", "max_needs_level": "3", "weekly_cost": "900"}  # fmt: skip
    return dict.fromkeys(instances.HOME_COLUMNS, "") | usual | {"home_id": home_id} | cells


def _child(child_id: str, born: str, **cells: str) -> dict[str, str]:
    usual = {"sex": "female", "needs_level": "1", "home_latitude": "51.5", "home_longitude": "-1.8"}
    return dict.fromkeys(instances.CHILD_COLUMNS, "") | usual | {"child_id": child_id, "date_of_birth": born} | cells


def test_homes_stand_in_every_age_band_that_they_overlap() -> None:
    """Two children of 12 and of 3, one home full of neither: a place more for 10 to 17 houses the one of 12."""
    homes = pd.DataFrame([_home("old", min_age="10", postcode="SN1 2AB", places_free="0"),
                          _home("young", max_age="4", places_free="0")])  # fmt: skip
    children = pd.DataFrame([_child("a", "2013-01-01"), _child("b", "2013-02-01"), _child("c", "2022-01-01")])
    plan = match(children, homes, as_of=instances.AS_OF)
    table = plan.worth_by(("age_band", "area")).set_index("age_band")
    assert set(table.index) == set(AGE_BANDS) - {"5-9"}
    assert table.loc[["10-15", "16-17"], "area"].eq("SN1").all()
    assert table.loc[["under 1", "1-4"], "area"].eq(UNKNOWN).all()
    assert table["mean_more_children_housed"].eq(1).all()
    new = table["new_more_children_housed"]
    assert (new["10-15"], new["16-17"], new["1-4"], new["under 1"]) == (1, 0, 1, 0)


@pytest.mark.parametrize("by", [BY, ("kind",), ("area", "age_band")])
def test_means_and_mosts_are_of_the_homes_described(by: tuple[str, ...]) -> None:
    children, homes, limit = varied.draw(4210, 16, 10)
    plan = match(children, homes, limit_miles=limit, as_of=instances.AS_OF)
    worth = plan.worth_of_a_place().merge(plan.instance.homes.drop(columns="kind"), on="home_id")
    table = plan.worth_by(by)
    assert not table.duplicated(list(by)).any()
    assert table["mean_more_children_housed"].is_monotonic_decreasing
    for _, row in table.iterrows():
        here = pd.Series(True, index=worth.index)
        for name in set(by) & {"kind", "max_needs_level"}:
            here &= worth[name] == row[name]
        if "age_band" in by:
            first, last = {"under 1": (0, 0), "1-4": (1, 4), "5-9": (5, 9), "10-15": (10, 15)}.get(
                row["age_band"], (16, 17)
            )
            here &= (worth["min_age"] <= last) & (worth["max_age"] >= first)
        assert row["homes"] == here.sum()
        assert row["mean_saves_per_week"] == pytest.approx(worth.loc[here, "saves_per_week"].mean(), abs=1e-3)
        assert row["most_more_within_limit"] == worth.loc[here, "more_within_limit"].max()


def test_no_home_may_take_anyone_and_unknown_names() -> None:
    plan = match(
        pd.DataFrame([_child("a", "2013-01-01")]), pd.DataFrame([_home("h", max_age="4")]), as_of=instances.AS_OF
    )
    assert len(plan.worth_by()) == 0
    with pytest.raises(InputError):
        plan.worth_by(("provider",))


def test_a_place_more_beside_a_settled_child_of_level_3_takes_no_other() -> None:
    """With one child of level 3 a household, another place in the household is worth nothing to the second one."""
    homes = pd.DataFrame([_home("h", places="2", places_free="0"), _home("far", kind="residential", places_free="0")])
    settled = _child("s", "2013-01-01", status="settled", current_home_id="h", needs_level="3")
    children = pd.DataFrame([settled, _child("a", "2013-01-01", needs_level="3")])
    for only_one, worth in ((True, 0.0), (False, 1.0)):
        plan = match(children, homes, as_of=instances.AS_OF, practice=Practice(one_level_3=only_one))
        assert plan.worth_of_a_place().set_index("home_id")["more_children_housed"]["h"] == worth
