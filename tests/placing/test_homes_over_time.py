"""The homes of a path: places that come into use, shrink without putting anybody out, and are shared with others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from sufficiency import Records, Scenario, run
from sufficiency.calendar import days, month_ends
from sufficiency.placing.homes import PathHomes
from sufficiency.placing.stays import BOUGHT, OPENED
from sufficiency.supply.homes import homes_of, places_by_month
from sufficiency.vocabulary import KINDS

AS_OF = pd.Timestamp("2025-03-31")
DATES = month_ends(AS_OF, 24)
NOBODY = pd.DataFrame({"term": [], "level": [], "places": [], "approved": [], "stopped": [], "ready": [],
                       "unavailable_0": [], "unavailable_1": [], "latitude": [], "longitude": [], "extended": [],
                       "raised_0": [], "raised_1": []}).astype(int)  # fmt: skip
TERMS = pd.DataFrame({"home_id": [], "latitude": [], "longitude": [], "min_age": [], "max_age": [], "sex": [],
                      "places": [], "places_free": []}).astype({"sex": object, "home_id": object})  # fmt: skip
ALL_OURS, NONE_OURS = np.ones(len(KINDS)), np.zeros(len(KINDS))


def homes_by_hand(**changes: Any) -> pd.DataFrame:
    """One private children's home of six places, two of them free, two of the others ours."""
    home = {"home_id": "R1", "kind": "residential", "latitude": 51.5, "longitude": -1.8, "places": 6, "places_free": 2,
            "min_age": 8, "max_age": 17, "sex": "any", "max_needs_level": 3, "weekly_cost": 6000.0, "registered": True,
            "open_from": pd.NaT, "open_to": pd.NaT, "council_run": False, "block_contract": False,
            "staffing_delay_months": 0, "ramp_up_months": 0, "sizes": (), **changes}  # fmt: skip
    return pd.DataFrame([home]).astype({"open_from": "datetime64[us]", "open_to": "datetime64[us]"})


def path_homes(open_to_us: np.ndarray, path: int = 0, **changes: Any) -> PathHomes:
    homes = PathHomes(NOBODY, TERMS, homes_by_hand(**changes), days(DATES))
    homes.share_with_others(path, 1, open_to_us)
    homes.settle(np.array([0, 0]))
    return homes


def test_a_home_that_shrinks_keeps_who_lives_there_until_they_leave() -> None:
    """Six places become three: two ours and two of others stay, so none is free until two have left."""
    homes = path_homes(ALL_OURS, sizes=((pd.Timestamp("2025-07-01"), 3),))
    assert homes.free_at(3)[0] == 2
    assert homes.free_at(4)[0] == 0
    homes.leave(np.array([0]), np.array([True]))
    assert homes.free_at(4)[0] == 0
    homes.leave(np.array([0]), np.array([True]))
    assert homes.free_at(4)[0] == 1


def test_a_home_of_our_own_fills_as_it_ramps_up() -> None:
    homes = PathHomes(NOBODY, TERMS, homes_by_hand(council_run=True, places_free=6, ramp_up_months=6,
                                                   open_from=pd.Timestamp("2025-04-01")), days(DATES))  # fmt: skip
    homes.share_with_others(0, 1, NONE_OURS)
    assert [homes.free_at(month)[0] for month in range(8)] == [0, 1, 2, 3, 4, 5, 6, 6]


def test_a_household_moves_up_a_level_and_gains_a_bedroom_in_its_months() -> None:
    """Two places at level 1; level 2 from the month after the third, a third place from the month after the fifth."""
    one = pd.DataFrame({column: [0] for column in NOBODY}).assign(
        term=-1, level=1, places=2, approved=0, stopped=99, ready=1, raised_0=3, raised_1=99, extended=5
    )
    homes = PathHomes(one, TERMS, homes_by_hand(), days(DATES))
    homes.share_with_others(0, 1, NONE_OURS)
    assert [homes.level_at(month)[0] for month in (3, 4)] == [1, 2]
    assert [homes.free_at(month)[0] for month in (0, 1, 5, 6)] == [0, 2, 2, 3]
    nobody = np.zeros(0, dtype=int)
    rows = homes.rows(6, np.array([0]), np.array([3]), nobody, nobody, 0)
    assert rows[["max_needs_level", "places", "places_free"]].values.tolist() == [[2, 3, 3]]


def test_places_in_private_homes_go_to_others_in_the_stated_share() -> None:
    """Two free places and four to be added: none is ours at a share of nought, all at one, and half of many at 0.5."""
    grown = ((pd.Timestamp("2025-07-01"), 10),)
    for ours, today, later in ((ALL_OURS, 2, 6), (NONE_OURS, 0, 0)):
        homes = path_homes(ours, sizes=grown)
        assert (homes.free_at(3)[0], homes.free_at(4)[0]) == (today, later)
    free = []
    for path in range(400):
        homes = path_homes(0.5 * ALL_OURS, path, sizes=grown)
        free.append((homes.free_at(3)[0], homes.free_at(4)[0]))
    assert np.mean(free, axis=0) == pytest.approx([1.0, 3.0], abs=0.25)


def test_places_of_others_come_free_as_ours_do() -> None:
    """Two places of others, a chance of 0.1 a month that each is left within six, and half of those left ours."""
    ours = []
    for path in range(400):
        homes = path_homes(0.5 * ALL_OURS, path, places_free=0, places=4)
        homes.turn_over(6, 6, np.full(len(KINDS), 0.1))
        ours.append(homes.free_at(6)[0])
    assert np.mean(ours) == pytest.approx(2 * (1 - 0.9**6) / 2, abs=0.08)


def test_places_that_wait_go_to_others_in_their_share_a_month() -> None:
    """Two free places, nobody leaving: of those that wait three months at a share of 0.2 a month, 0.8³ are left."""
    still = []
    for path in range(400):
        homes = path_homes(ALL_OURS, path)
        homes.ours = np.array([0.8])
        homes.turn_over(3, 3, np.zeros(len(KINDS)))
        still.append(homes.free_at(3)[0])
    assert np.mean(still) == pytest.approx(2 * 0.8**3, abs=0.12)


def test_the_luck_of_a_home_does_not_depend_on_the_households_before_it() -> None:
    """Common random numbers: with more households the same private places are ours."""
    many = pd.DataFrame({column: [1] * 7 for column in NOBODY}).assign(term=-1, approved=3)
    homes = pd.concat([homes_by_hand(home_id=f"R{number}") for number in range(30)], ignore_index=True)
    lost = []
    for households in (NOBODY, many):
        path = PathHomes(households, TERMS, homes, days(DATES))
        path.share_with_others(0, 1, 0.5 * ALL_OURS)
        path.turn_over(1, 3, np.full(len(KINDS), 0.2))
        lost.append(path.lost[len(households) :])
    assert np.array_equal(*lost)
    assert len(set(lost[0].tolist())) > 1


def test_children_leave_a_home_that_closes_and_no_home_of_ours_is_over_its_places(sample_records: Records) -> None:
    assert sample_records.homes is not None
    homes = sample_records.homes
    full = homes[(homes["kind"] == "residential") & (homes["places"] - homes["places_free"] >= 2)]
    name = str(full["home_id"].iloc[0])
    new = {"home_id": "NEW1", "kind": "residential", "places": 6, "opens": "2025-06-01", "postcode": "SN1 2BG",
           "weekly_cost": 4000.0, "ramp_up_months": 12, "block_contract": True}  # fmt: skip
    scenario = Scenario(name="x").with_changes(
        {"horizon.paths": 2, "horizon.years": 2, "horizon.step_months": 1, "supply.homes": [new],
         "supply.changes": [{"home_id": name, "date": "2025-09-30", "closes": True}]}
    )  # fmt: skip
    outlook = run(sample_records, scenario)
    table = homes_of(sample_records, scenario.supply, AS_OF)
    sizes = places_by_month(table, DATES)
    first = np.bincount(outlook.supply.households.path)
    stays = outlook.stays
    own, closed = (int(np.flatnonzero(table["home_id"] == one)[0]) for one in ("NEW1", name))
    held = np.zeros((2, 25), dtype=int)
    for path in range(2):
        for month in range(25):
            here = stays.present(month) & (stays.path == path)
            held[path, month] = (here & (stays.home == first[path] + own)).sum()
            if month > 6:
                assert not (here & (stays.home == first[path] + closed)).any()
    assert (held <= sizes[own]).all()
    assert held.max() > 0
    gone = (stays.opened == OPENED.index("carer_stopped")) & (stays.first == 7)
    assert gone.any() or not ((stays.home == first[stays.path] + closed) & stays.present(6)).any()
    assert (stays.home >= BOUGHT).all()


def test_children_in_homes_that_do_not_close_stay_there_until_their_time(sample_records: Records) -> None:
    """Those whom the register has in a private home on the as-of day are there then, and none has lost it."""
    assert sample_records.child_register is not None
    assert sample_records.homes is not None
    scenario = Scenario(name="x").with_changes({"horizon.paths": 2, "horizon.years": 1})
    outlook = run(sample_records, scenario, shortlist=False)
    stays, listed = outlook.stays, outlook.supply.homes
    private = stays.home >= np.bincount(outlook.supply.households.path)[stays.path]
    there = sample_records.child_register["current_home_id"].isin(listed["home_id"]).sum()
    now = stays.present(0) & private
    assert [int((now & (stays.path == path)).sum()) for path in range(2)] == [there, there]
    lost = stays.where((stays.opened == OPENED.index("carer_stopped")) & (stays.kind == KINDS.index("residential")))
    assert len(lost.first) == 0
