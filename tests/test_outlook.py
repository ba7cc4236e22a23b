"""The spine: answers that hang together, measures by hand, and the same bytes whatever the number of processes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sufficiency import InputError, Outlook, Records, Scenario, run
from sufficiency.measures import BEYOND, HIGHER, LOWER, Measure, Measures, past_shares
from sufficiency.near_home import near_home_of
from sufficiency.outlook import match_now
from sufficiency.placing import Stays
from sufficiency.ranges import RANGE_COLUMNS
from sufficiency.report.tables import as_csv
from sufficiency.vocabulary import KINDS


def test_every_table_is_tidy_and_complete(small_outlook: Outlook) -> None:
    for name, table in small_outlook.tables().items():
        assert len(table), name
        ranges = [column for column in RANGE_COLUMNS if column in table.columns]
        assert ranges in ([], list(RANGE_COLUMNS)), name
        assert not table[ranges].isna().any(axis=None), name


def test_placements_add_up_to_the_population_in_every_path(small_outlook: Outlook) -> None:
    stock = small_outlook.stays.stock(small_outlook.supply.paths, small_outlook.supply.months)
    assert np.array_equal(stock.sum(axis=2), small_outlook.demand.simulated.stock.sum(axis=(2, 3)))


def test_near_home_by_hand() -> None:
    """One path, one year. Three children at its end: one within, one beyond, one unknown; two placements began in it,
    one within and one beyond, the latter over before the year's end."""
    stays = Stays(
        path=np.zeros(4, dtype=int),
        child=np.arange(4),
        kind=np.full(4, KINDS.index("ifa")),
        home=np.full(4, -1),
        level=np.ones(4, dtype=int),
        miles=np.array([5.0, 30.0, np.nan, 25.0]),
        within=np.array([1, 0, -1, 0]),
        weekly_cost=np.ones(4),
        opened=np.array([1, 0, 0, 2]),
        first=np.array([6, 0, 0, 3]),
        last=np.array([13, 13, 13, 8]),
    )
    dates = pd.DatetimeIndex([pd.Timestamp("2025-03-31") + pd.DateOffset(months=month) for month in range(13)])
    near = near_home_of(stays, dates, paths=1, limit_miles=20)
    assert near.years == ("2025-26",)
    assert near.everyone.tolist() == [[[1, 1, 1]]]
    assert near.new.tolist() == [[[1, 1, 0]]]
    assert near.starts.tolist() == [[[1, 0, 0]]]
    assert near.share_over("new placements").tolist() == [[0.5]]
    table = near.table().set_index(["group", "measure"])["mean"]
    assert table["all children", "share_within_of_known"] == 0.5
    assert table["all children", "share_over_of_all"] == pytest.approx(1 / 3)


def test_status_follows_the_share_of_futures_that_meet_the_target() -> None:
    """Ten futures. 9 of 10 meet it: on track; 5: at risk; 1: off track. At most turns the comparison round."""
    values = np.column_stack([np.r_[np.full(met, 25.0), np.full(10 - met, 10.0)] for met in (9, 5, 1)])
    years = ("2025-26", "2026-27", "2027-28")
    higher = Measure("approvals", "households", np.nan, values, np.full(3, 25.0), HIGHER, "each year")
    lower = Measure("over", "share", np.nan, values, np.full(3, 10.0), LOWER, "each year")
    table = Measures(years, (higher, lower)).table()
    assert table["status"].tolist()[:3] == ["on track", "at risk", "off track"]
    assert table["status"].tolist()[3:] == ["off track", "at risk", "on track"]


def test_todays_share_near_home_is_a_plain_count_of_the_returns(sample_records: Records) -> None:
    day = sample_records.data_to
    placements = sample_records.placements
    here = placements[(placements["started"] <= day) & (placements["ended"].isna() | (placements["ended"] > day))]
    known = here["miles"].dropna()
    assert past_shares(sample_records, day, 20)["within"] == pytest.approx((known <= 20).mean())


def test_a_bridge_until_the_next_match_is_no_new_placement() -> None:
    """Matched every three months. A child starts in month 4, waits far from home until month 6, then lives near it."""
    stays = Stays(
        path=np.zeros(2, dtype=int),
        child=np.zeros(2, dtype=int),
        kind=np.full(2, KINDS.index("ifa")),
        home=np.array([-1, 3]),
        level=np.ones(2, dtype=int),
        miles=np.array([30.0, 5.0]),
        within=np.array([0, 1]),
        weekly_cost=np.ones(2),
        opened=np.array([1, 1]),
        first=np.array([4, 6]),
        last=np.array([6, 13]),
    )
    dates = pd.DatetimeIndex([pd.Timestamp("2025-03-31") + pd.DateOffset(months=month) for month in range(13)])
    assert near_home_of(stays, dates, 1, 20, step_months=3).starts.tolist() == [[[1, 0, 0]]]
    assert near_home_of(stays, dates, 1, 20, step_months=1).new.tolist() == [[[1, 1, 0]]]


def test_the_yearly_fall_is_held_against_all_children_new_placements_and_starts(small_outlook: Outlook) -> None:
    past = past_shares(small_outlook.records, small_outlook.demand.as_of, 20)
    table = small_outlook.measures.table()
    for group, name in BEYOND.values():
        rows = table[table["measure"] == f"{group} over 20 miles"]
        assert np.allclose(rows["target"], past[name] * 0.95 ** np.arange(1, 4))
        assert np.allclose(rows["today"], past[name])


def test_one_or_two_processes_and_the_same_seed_give_the_same_bytes(
    sample_records: Records, small_plan: Scenario, small_outlook: Outlook
) -> None:
    other = run(sample_records, small_plan, processes=2)
    for name, table in small_outlook.tables().items():
        assert as_csv(table, small_outlook.stamp) == as_csv(other.tables()[name], other.stamp), name


def test_progress_counts_every_path_once(sample_records: Records) -> None:
    finished: list[int] = []
    scenario = Scenario(name="x").with_changes({"horizon.paths": 3, "horizon.years": 1})
    run(sample_records, scenario, progress=finished.append)
    assert sum(finished) == 3


def test_what_a_run_lacks_is_told_at_once(sample_records: Records) -> None:
    bare = replace(sample_records, homes=None, prices=None)
    with pytest.raises(InputError, match=r"2 faults") as error:
        run(bare, Scenario(name="x").with_changes({"horizon.paths": 2}))
    assert "Add homes.csv" in str(error.value)
    assert "Add prices.csv" in str(error.value)


def test_without_a_childrens_register_there_is_an_outlook_but_no_shortlist(sample_records: Records) -> None:
    bare = replace(sample_records, child_register=None)
    outlook = run(bare, Scenario(name="x").with_changes({"horizon.paths": 2, "horizon.years": 1}))
    assert outlook.matching is None
    assert outlook.stays.stock(2, 12).sum() > 0


def test_the_outlook_introduces_itself_without_a_child(small_outlook: Outlook) -> None:
    text = repr(small_outlook)
    assert "80% range" in text
    assert "Synthetic" in text
    assert "SYN0" not in text


def test_an_as_of_day_in_the_past_runs_from_it(sample_records: Records) -> None:
    day = pd.Timestamp("2023-09-30")
    scenario = Scenario(name="x").with_changes({"horizon.as_of": day.date(), "horizon.paths": 2, "horizon.years": 1})
    with pytest.raises(InputError, match="no price on 01 October 2023"):
        run(sample_records, scenario)
    older = sample_records.prices.drop_duplicates(["kind", "needs_level"], keep="last").assign(
        from_date=pd.Timestamp("2023-04-01")
    )
    outlook = run(replace(sample_records, prices=older), scenario)
    assert outlook.budget.years == ("2023-24", "2024-25")
    assert sum(outlook.budget.days_covered) == 366


def test_export_folder_is_named_by_its_caller(small_outlook: Outlook, tmp_path: Path) -> None:
    folder = small_outlook.export(tmp_path / "a plan")
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "manifest.json", "tables", "charts", "workbook.xlsx", "strategy.docx", "report.html", "powerbi", "private",
    }  # fmt: skip


def test_the_shortlist_keeps_to_the_practice_that_the_scenario_states(
    sample_records: Records, small_plan: Scenario
) -> None:
    changed = small_plan.with_changes({"matching.one_level_3": True, "matching.reserve.in_house_fostering": 2})
    plan = match_now(sample_records, changed, sample_records.data_to + pd.Timedelta(days=1))
    assert plan is not None
    assert plan.instance.practice.one_level_3
    assert plan.instance.practice.reserve["in_house_fostering"] == 2
