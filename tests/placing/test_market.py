"""The market: distances by kind and age as far as the returns go, endings, prices, and who else uses private homes."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from sufficiency import InputError, Records, Scenario
from sufficiency.placing.distances import Pool, distances_of, filled_up
from sufficiency.placing.market import endings_of, market_of, price_table, taken_by_others
from sufficiency.vocabulary import AGE_BANDS, KINDS

AS_OF = pd.Timestamp("2025-03-31")
NOTHING = Pool(np.zeros(0), np.zeros(0))
TURNS = (np.arange(1000) + 0.5) / 1000
KIND = {kind: KINDS.index(kind) for kind in KINDS}


def test_few_placements_are_filled_up_from_the_wider_pool_and_many_speak_for_themselves() -> None:
    """Ten at 5 miles filled up to 40 from a pool at 50 miles: a quarter near. Forty of their own: all near."""
    wider = filled_up(np.full(7, 50.0), NOTHING, 0)
    few, many = filled_up(np.full(10, 5.0), wider, 40), filled_up(np.full(40, 5.0), wider, 40)
    assert (few.at(TURNS) == 5.0).mean() == pytest.approx(0.25, abs=0.002)
    assert (many.at(TURNS) == 5.0).all()
    assert (filled_up(np.zeros(0), wider, 40).at(TURNS) == 50.0).all()
    assert np.isnan(NOTHING.at(TURNS)).all()
    assert few.upto[-1] == pytest.approx(1.0)


def test_an_age_band_with_enough_placements_has_distances_of_its_own() -> None:
    """Agency placements: thirty of small children at 10 miles, thirty of teenagers at 40, five of 5 to 9 at 20."""
    ages = [2] * 30 + [13] * 30 + [7] * 5
    children = pd.DataFrame(
        {"child_id": [f"c{row}" for row in range(65)],
         "date_of_birth": [pd.Timestamp("2024-06-01") - pd.DateOffset(years=age) for age in ages]}
    )  # fmt: skip
    placements = pd.DataFrame(
        {"child_id": children["child_id"], "kind": "ifa", "started": pd.Timestamp("2024-07-01"),
         "miles": [10.0] * 30 + [40.0] * 30 + [20.0] * 5}
    )  # fmt: skip
    pools = distances_of(placements, children, pd.Timestamp("2022-03-31"), AS_OF, enough=30)
    ifa = pools[KIND["ifa"]]
    assert (ifa[AGE_BANDS.index("1-4")].at(TURNS) == 10.0).all()
    assert (ifa[AGE_BANDS.index("10-15")].at(TURNS) == 40.0).all()
    middle = ifa[AGE_BANDS.index("5-9")].at(TURNS)
    assert (middle == 20.0).mean() == pytest.approx(5 / 30 + 25 / 30 * 5 / 65, abs=0.002)
    residential = pools[KIND["residential"]][0].at(TURNS)
    assert (residential == 10.0).mean() == pytest.approx(30 / 65, abs=0.002)


def test_the_market_as_tables(sample_records: Records) -> None:
    market = market_of(sample_records, Scenario(name="x"), AS_OF)
    table = market.distances(20.0)
    assert len(table) == len(KINDS) * len(AGE_BANDS)
    placements = sample_records.placements
    recent = placements[placements["started"].between(pd.Timestamp("2022-04-01"), AS_OF) & placements["miles"].notna()]
    assert table.groupby("kind")["placements"].sum()["ifa"] == (recent["kind"] == "ifa").sum()
    assert (table["miles_p25"] <= table["miles_p50"]).all()
    assert (table["miles_p50"] <= table["miles_p90"]).all()
    assert table["share_within"].between(0, 1).all()
    agency = recent[recent["kind"] == "ifa"]
    near = table[(table["kind"] == "ifa")]
    overall = (near["share_within"] * near["placements"]).sum() / near["placements"].sum()
    assert overall == pytest.approx((agency["miles"] <= 20).mean(), abs=0.03)
    prices = market.prices()
    assert len(prices) == len(KINDS) * 3
    assert prices["ending"].between(0, 1, inclusive="neither").all()


def test_a_child_without_a_known_home_has_no_distance(sample_records: Records) -> None:
    market = market_of(sample_records, Scenario(name="x"), AS_OF)
    key, kind = np.arange(50, dtype=np.uint64), np.full(50, KIND["ifa"])
    known = np.arange(50) % 2 == 0
    miles = market.distance(key, kind, np.full(50, 3), np.full(50, 4), known)
    assert np.array_equal(np.isfinite(miles), known)
    assert np.array_equal(miles, market.distance(key, kind, np.full(50, 3), np.full(50, 4), known), equal_nan=True)


def test_endings_are_events_over_child_months_and_kinds_without_any_take_those_of_all() -> None:
    """120 agency placements of 100 days, 60 of which ended in a move and 30 otherwise; nobody elsewhere."""
    started = pd.Timestamp("2024-06-01")
    placements = pd.DataFrame(
        {"kind": "ifa", "started": started, "ended": started + pd.Timedelta(days=100),
         "reason_ended": ["X1"] * 60 + ["E4A"] * 30 + [None] * 30}
    )  # fmt: skip
    placements.loc[placements["reason_ended"].isna(), "ended"] = pd.NaT
    ending, moving = endings_of(placements, pd.Timestamp("2024-04-01"), started + pd.Timedelta(days=100))
    months = 120 * 100 / (365.25 / 12)
    assert ending[KIND["ifa"]] == pytest.approx(1 - np.exp(-90 / months), rel=1e-9)
    assert moving[KIND["ifa"]] == pytest.approx(1 - np.exp(-60 / months), rel=1e-9)
    assert ending[KIND["secure"]] == pytest.approx(ending[KIND["ifa"]])


def test_who_fills_private_homes_is_read_from_the_registers(sample_records: Records) -> None:
    table = taken_by_others(sample_records).set_index("kind")
    assert (table["places"] - table["free"] - table["ours"] == table["others"]).all()
    assert (table["share"] == table["others"] / (table["others"] + table["ours"])).all()
    assert (table["basis"] == "registers").all()
    market = market_of(sample_records, Scenario(name="x"), AS_OF)
    assert market.open_to_us[:, KIND["residential"]] == pytest.approx(1 - table.loc["residential", "share"])
    assert (market.open_to_us[:, KIND["in_house_fostering"]] == 1).all()
    unknown = taken_by_others(dataclasses.replace(sample_records, child_register=None))
    assert unknown["basis"].tolist() == ["assumption"] * 3
    assert (unknown["share"] == 0.5).all()


def test_the_share_taken_by_others_can_be_stated_as_a_range_drawn_once_a_path(sample_records: Records) -> None:
    scenario = Scenario(name="x").with_changes(
        {"supply.market.share_taken_by_others.residential": {"low": 0.2, "high": 0.6}, "horizon.paths": 500}
    )
    ours = market_of(sample_records, scenario, AS_OF).open_to_us[:, KIND["residential"]]
    assert np.quantile(1 - ours, (0.1, 0.9)) == pytest.approx([0.2, 0.6], abs=0.06)
    with pytest.raises(InputError, match="between 0 and 1"):
        Scenario(name="x").with_changes({"supply.market.share_taken_by_others.residential": 40})


def test_prices_by_level_come_before_the_general_one_and_a_kind_without_any_is_a_fault() -> None:
    rows = [(kind, None, "2024-04-01", 500.0) for kind in KINDS] + [("residential", 3, "2024-04-01", 8000.0)]
    prices = pd.DataFrame(rows, columns=["kind", "needs_level", "from_date", "weekly_cost"])
    prices["from_date"] = pd.to_datetime(prices["from_date"])
    table = price_table(prices, AS_OF)
    assert table[KIND["residential"]].tolist() == [500.0, 500.0, 8000.0]
    with pytest.raises(InputError, match=r"no price .* for ifa"):
        price_table(prices[prices["kind"] != "ifa"], AS_OF)
    with pytest.raises(InputError, match=r"prices\.csv"):
        price_table(None, AS_OF)
