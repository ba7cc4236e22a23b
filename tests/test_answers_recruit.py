"""Where to recruit: registers of a year to come hold what the stays hold, and a new match confirms each worth."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from sufficiency import Outlook
from sufficiency.answers.recruit import OBJECTIVES, _areas
from sufficiency.answers.registers_then import Futures, registers_then
from sufficiency.geography import miles_between
from sufficiency.matching import build_instance, solve_in_loop
from sufficiency.placing.spill import with_estimates
from sufficiency.placing.stays import OPENED
from sufficiency.shortfall import NEED_OF_KIND


@pytest.fixture(scope="module")
def futures(small_outlook: Outlook) -> Futures:
    scenario = with_estimates(small_outlook.records, small_outlook.scenario)
    return Futures(small_outlook.records, scenario, small_outlook.demand, small_outlook.supply, small_outlook.stays)


def values(futures: Futures, children: pd.DataFrame, homes: pd.DataFrame) -> dict[str, int]:
    instance = build_instance(
        children,
        homes,
        limit_miles=20,
        objectives=OBJECTIVES,
        as_of=futures.demand.as_of + pd.Timedelta(days=1),
        prices=futures.records.prices,
    )
    return dict(solve_in_loop(instance).values)


def test_the_registers_hold_every_child_who_lives_in_no_place_of_ours(futures: Futures) -> None:
    stays, month = futures.stays, futures.supply.months
    children, homes = registers_then(futures, 1, month)
    households = int((futures.supply.households.path == 1).sum())
    elsewhere = (stays.path == 1) & stays.present(month) & (NEED_OF_KIND[stays.kind] >= 0)
    elsewhere &= ~((stays.home >= 0) & (stays.home < households))
    assert len(children) == elsewhere.sum() > 0
    present = homes.set_index("home_id").loc[children["current_home_id"]]
    miles = miles_between(
        *(children[f"home_{axis}"].to_numpy(dtype=float) for axis in ("latitude", "longitude")),
        *(present[axis].to_numpy(dtype=float) for axis in ("latitude", "longitude")),
    )
    known = np.isfinite(miles)
    assert known.sum() > 0
    assert np.allclose(miles[known], stays.miles[elsewhere][known], atol=1e-6)
    ours = homes[homes["registered"]]
    assert ours["places"].sum() == futures.supply.usable_in(month)[futures.supply.households.path == 1].sum()


def test_who_stepped_down_had_a_family_plan(futures: Futures) -> None:
    stays = futures.stays
    stepped = stays.opened == OPENED.index("stepped_down")
    assert stepped.any()
    for path in np.unique(stays.path[stepped]):
        plan = futures.family_plan(int(path))
        assert plan[stays.child[stepped & (stays.path == path)]].all()
        assert not plan.all()


def test_the_worth_of_a_place_is_what_a_new_match_with_it_gains(futures: Futures, small_outlook: Outlook) -> None:
    """A household for level 2 and ages 10 to 15 in one district, added to the register of each year end of a path."""
    table = small_outlook.where_to_recruit(paths=1)
    area = table["area"].iloc[-1]
    described = {"kind": "in_house_fostering", "max_needs_level": 2, "age_band": "10-15", "area": area}
    row = table[np.logical_and.reduce([table[name] == value for name, value in described.items()])].iloc[0]
    of_area = _areas(futures.records.homes, futures.supply).set_index("area").loc[area]
    gains = []
    for year in range(1, 4):
        children, homes = registers_then(futures, 0, 12 * year)
        new = homes.iloc[:1].assign(
            home_id="new", kind="in_house_fostering", latitude=of_area["latitude"], longitude=of_area["longitude"],
            places=1, places_free=1, min_age=10, max_age=15, sex="any", max_needs_level=2, weekly_cost=np.nan,
            registered=True,
        )  # fmt: skip
        now, then = values(futures, children, homes), values(futures, children, pd.concat([homes, new]))
        gains.append((then["within_limit"] - now["within_limit"], (then["weekly_cost"] - now["weekly_cost"]) / 100))
    assert row["cases"] == 3
    assert (row["more_within_limit"], row["saves_per_week"]) == pytest.approx(np.mean(gains, axis=0), abs=1e-3)
    assert row["saves_per_week"] > 0


def test_the_table_is_ranked_and_the_same_for_any_executor(small_outlook: Outlook) -> None:
    table = small_outlook.where_to_recruit(paths=1, by=("kind", "max_needs_level"))
    assert table["more_within_limit"].is_monotonic_decreasing
    assert (table["saves_per_week_p10"] <= table["saves_per_week_p90"]).all()
    own = table[table["kind"] == "in_house_fostering"].set_index("max_needs_level")["more_within_limit"]
    assert own[3] >= own[2] >= own[1], "a place for a higher level can do all that one for a lower level can"
    with ThreadPoolExecutor(2) as executor:
        again = small_outlook.where_to_recruit(paths=1, by=("kind", "max_needs_level"), executor=executor)
    pd.testing.assert_frame_equal(table, again)
    with pytest.raises(ValueError, match="choose from"):
        small_outlook.where_to_recruit(by=("colour",))


def test_the_map_says_what_the_table_says(small_outlook: Outlook) -> None:
    chart = small_outlook.map_of_recruitment(paths=1)
    table = small_outlook.where_to_recruit(paths=1, by=("kind", "area"))
    most = table.loc[table["kind"] == "in_house_fostering", "saves_per_week"].max()
    assert f"£{most:,.0f} a week" in " ".join(chart.title.text)
    assert "settled children are never moved for cost" in " ".join(chart.title.subtitle)
