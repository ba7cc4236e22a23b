"""Homes on dates: opening, staff, ramp, changes of size, closing, and every fault of a scenario's homes at once."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sufficiency import InputError, Records, Scenario, forecast_places
from sufficiency.calendar import month_ends
from sufficiency.supply.homes import contracted_places, homes_of, notices_on_homes, places_by_month, places_open_to_us

AS_OF = pd.Timestamp("2025-03-31")
DATES = month_ends(AS_OF, 24)


def new_home(**changes: Any) -> dict[str, Any]:
    return {"home_id": "NEW1", "kind": "residential", "places": 4, "opens": "2025-10-01", "postcode": "SN1 2BG",
            "weekly_cost": 5000.0, **changes}  # fmt: skip


def scenario_of(*homes: dict[str, Any], changes: tuple[dict[str, Any], ...] = ()) -> Scenario:
    return Scenario(name="x").with_changes(
        {"supply.homes": list(homes), "supply.changes": list(changes), "horizon.paths": 2, "horizon.years": 2}
    )


def places(records: Records, scenario: Scenario, home_id: str) -> pd.Series:
    homes = homes_of(records, scenario.supply, AS_OF)
    row = int(np.flatnonzero(homes["home_id"] == home_id)[0])
    return pd.Series(places_by_month(homes, DATES)[row], index=DATES)


def register_home(records: Records, kind: str = "residential", places: int = 3) -> str:
    homes = records.homes
    assert homes is not None
    return str(homes.loc[(homes["kind"] == kind) & (homes["places"] >= places), "home_id"].iloc[0])


def test_places_come_into_use_evenly_once_there_is_staff(sample_records: Records) -> None:
    """Opens on 1 October, staff from 1 December, four places over eight months: one more every second month, from
    the end of January (two months of eight) to the end of July."""
    scenario = scenario_of(new_home(staffing_delay_months=2, ramp_up_months=8))
    by_month = places(sample_records, scenario, "NEW1")
    assert (by_month[:"2025-12-31"] == 0).all()
    assert by_month["2026-01-31":"2026-07-31"].tolist() == [1, 1, 2, 2, 3, 3, 4]
    assert (by_month["2026-07-31":] == 4).all()


def test_a_block_contract_pays_for_all_places_from_the_day_there_is_staff(sample_records: Records) -> None:
    scenario = scenario_of(new_home(staffing_delay_months=2, ramp_up_months=8, block_contract=True))
    homes = homes_of(sample_records, scenario.supply, AS_OF)
    paid = pd.Series(contracted_places(homes, DATES).sum(axis=0), index=DATES)
    assert (paid[:"2025-11-30"] == 0).all()
    assert (paid["2025-12-31":] == 4).all()


def test_a_home_of_the_register_shrinks_grows_and_closes_on_its_days(sample_records: Records) -> None:
    name = register_home(sample_records)
    changes = (
        {"home_id": name, "date": "2026-09-30", "closes": True},
        {"home_id": name, "date": "2025-07-01", "places": 1},
        {"home_id": name, "date": "2026-04-01", "places": 9},
    )
    by_month = places(sample_records, scenario_of(changes=changes), name)
    today = int(by_month.iloc[0])
    assert today >= 3
    assert (by_month[:"2025-06-30"] == today).all()
    assert (by_month["2025-07-31":"2026-03-31"] == 1).all()
    assert (by_month["2026-04-30":"2026-09-30"] == 9).all()
    assert (by_month["2026-10-31":] == 0).all()


def test_the_table_of_places_counts_what_is_in_use(sample_records: Records) -> None:
    scenario = scenario_of(new_home(ramp_up_months=4))
    table = forecast_places(sample_records, scenario).places()
    rows = table[(table["kind"] == "residential") & (table["measure"] == "approved")].set_index("date")["mean"]
    assert (rows - rows.iloc[0])["2025-09-30":"2026-01-31"].tolist() == [0, 1, 2, 3, 4]


def test_places_that_are_ours_are_all_of_our_own_and_those_free_or_held_elsewhere(sample_records: Records) -> None:
    name = register_home(sample_records)
    scenario = scenario_of(new_home(), changes=({"home_id": name, "date": "2025-07-01", "places": 1},))
    homes = homes_of(sample_records, scenario.supply, AS_OF)
    held = np.full(len(homes), 2)
    ours = places_open_to_us(homes, held, DATES)
    row, own = (int(np.flatnonzero(homes["home_id"] == one)[0]) for one in (name, "NEW1"))
    assert ours[row, 0] == min(homes["places_free"][row] + 2, homes["places"][row])
    assert ours[row, -1] == 1
    assert ours[own].tolist() == places(sample_records, scenario, "NEW1").tolist()


def test_every_fault_of_the_homes_is_told_at_once(sample_records: Records) -> None:
    name, household = register_home(sample_records), register_home(sample_records, "in_house_fostering", 1)
    changes = (
        {"home_id": "nowhere", "date": "2025-07-01", "places": 2},
        {"home_id": household, "date": "2025-07-01", "places": 2},
        {"home_id": "NEW1", "date": "2025-06-30", "closes": True},
        {"home_id": name, "date": "2025-07-01", "places": 2},
        {"home_id": name, "date": "2025-07-01", "places": 3},
    )
    scenario = scenario_of(new_home(), new_home(home_id="NEW2", postcode="ZZ1 1ZZ"), changes=changes)
    with pytest.raises(InputError) as told:
        forecast_places(sample_records, scenario)
    assert [fault.code for fault in told.value.faults] == ["U03", "U04", "U05", "U06", "U07"]
    assert "cannot close before it opens" in str(told.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [({"places": 0}, "greater than or equal to 1"), ({}, "give places or closes"),
     ({"places": 2, "closes": True}, "give one")],
)  # fmt: skip
def test_a_change_must_be_a_size_of_at_least_one_or_a_closure(change: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        scenario_of(changes=({"home_id": "R001", "date": "2025-07-01", **change},))


def test_a_home_that_closes_before_it_opens_and_a_size_below_one_are_told_together() -> None:
    with pytest.raises(InputError, match="2 faults"):
        scenario_of(new_home(closes="2025-09-30"), changes=({"home_id": "R001", "date": "2025-07-01", "places": -1},))


def test_dates_outside_the_projection_are_notices(sample_records: Records) -> None:
    name = register_home(sample_records)
    scenario = scenario_of(
        new_home(opens="2031-10-01"), new_home(home_id="NEW2"),
        changes=({"home_id": name, "date": "2024-07-01", "places": 2},),
    )  # fmt: skip
    notices = notices_on_homes(scenario.supply, AS_OF, DATES[-1])
    assert [notice.column for notice in notices] == ["supply.homes[0].opens", "supply.changes[0].date"]
    assert "outside the projection" in str(notices[0])
    notes = forecast_places(sample_records, scenario).notes
    assert sum("outside the projection" in note for note in notes) == 2


def test_homes_can_be_opened_without_a_register_of_homes(sample_records: Records) -> None:
    bare = dataclasses.replace(sample_records, homes=None)
    homes = homes_of(bare, scenario_of(new_home()).supply, AS_OF)
    assert homes["home_id"].tolist() == ["NEW1"]
    assert len(homes_of(bare, scenario_of().supply, AS_OF)) == 0
