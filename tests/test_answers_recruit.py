"""Where to recruit: registers of a year to come hold what the stays hold, and a new match confirms each worth."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from sufficiency import Outlook
from sufficiency.answers.recruit import OBJECTIVES
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


def test_the_worth_of_a_single_home_is_a_new_match_with_its_place(futures: Futures, small_outlook: Outlook) -> None:
    """The best level 3 household of one case: matched again with one place more in each of them."""
    table = small_outlook.where_to_recruit(paths=1, by=("kind", "max_needs_level"))
    row = table[(table["kind"] == "in_house_fostering") & (table["max_needs_level"] == 3)].iloc[0]
    gains = []
    for year in range(1, 4):
        children, homes = registers_then(futures, 0, 12 * year)
        now = values(futures, children, homes)
        wanted = homes.index[homes["registered"] & (homes["max_needs_level"] == 3)]
        each = []
        for home in wanted:
            more = homes.assign(**{name: homes[name] + (homes.index == home) for name in ("places", "places_free")})
            each.append(values(futures, children, more)["within_limit"] - now["within_limit"])
        gains.append(np.mean(each))
    assert row["cases"] == 3
    assert row["more_within_limit"] == pytest.approx(np.mean(gains), abs=1e-3)


def test_the_table_is_ranked_and_the_same_for_any_executor(small_outlook: Outlook) -> None:
    table = small_outlook.where_to_recruit(paths=2)
    assert table["more_within_limit"].is_monotonic_decreasing
    assert (table["saves_per_week_p10"] <= table["saves_per_week_p90"]).all()
    assert set(table["kind"]) == {"in_house_fostering"}
    assert table["area"].str.match(r"^[A-Z]{1,2}\d").all()
    with ThreadPoolExecutor(2) as executor:
        pd.testing.assert_frame_equal(table, small_outlook.where_to_recruit(paths=2, executor=executor))
