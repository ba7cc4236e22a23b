"""First placements against vacancies: by hand, towards the truth with many of them, and taken up by a scenario."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from sufficiency import InputError, Records, Scenario
from sufficiency.lever import LeverFromReturns
from sufficiency.placing.spill import CLASSES, FIRST_KINDS, spill, with_estimates

SETTING = "supply.market.family_plan_share"
ALL_USED = Scenario(name="x").with_changes({"supply.recruitment.share_not_available": 0.0})


def records_of(sample: Records, vacant: dict[str, int], full: dict[str, int]) -> Records:
    """One household with one place from 2010 on. Children start by kind on a day in 2024 when nobody lives there
    (``vacant``), and on one in 2023 when somebody does (``full``)."""
    rows = [("lodger", "2023-01-01", "2023-12-31", "in_house_fostering", "P")]
    for day, counts in (("2024-06-01", vacant), ("2023-06-01", full)):
        end = str((pd.Timestamp(day) + pd.Timedelta(days=1)).date())
        rows += [
            (f"{kind} {number} {day}", day, end, kind, "S") for kind, count in counts.items() for number in range(count)
        ]
    placements = pd.DataFrame(rows, columns=["child_id", "started", "ended", "kind", "reason_started"])
    placements = placements.assign(
        period=0, started=pd.to_datetime(placements["started"]), ended=pd.to_datetime(placements["ended"])
    )
    carers = pd.DataFrame({"approved_on": pd.to_datetime(["2010-01-01"]), "left_on": pd.to_datetime([None]),
                           "places": [1]})  # fmt: skip
    return dataclasses.replace(sample, placements=placements, carers=carers)


def test_first_placements_are_counted_by_whether_a_place_was_vacant(sample_records: Records) -> None:
    records = records_of(sample_records, {"in_house_fostering": 6, "residential": 2}, {"ifa": 4, "residential": 3})
    answer = spill(records, ALL_USED)
    assert answer.counts.tolist() == [[0, 4, 3], [6, 0, 2]]
    assert (answer.basis, answer.not_known) == ("carers.csv", 0)
    table = answer.table()
    assert table["vacancy"].unique().tolist() == [*CLASSES, "difference"]
    assert table[table["vacancy"] != "difference"]["placements"].sum() == 15
    assert (table["low"] <= table["share"]).all()
    assert (table["share"] <= table["high"]).all()


def test_with_many_first_placements_the_estimate_is_near_the_truth(sample_records: Records) -> None:
    """40% enter a children's home when nothing is vacant, 16% when something is: 60% would not have."""
    full, vacant = {"ifa": 600, "residential": 400}, {"in_house_fostering": 840, "residential": 160}
    answer = spill(records_of(sample_records, vacant, full), ALL_USED).estimates().iloc[0]
    assert answer["middle"] == pytest.approx(0.60, abs=0.02)
    assert answer["low"] < 0.60 < answer["high"] < answer["low"] + 0.1


def test_without_data_the_answer_is_the_assumption_in_a_wide_range(sample_records: Records) -> None:
    answer = spill(records_of(sample_records, {}, {}), ALL_USED).estimates().iloc[0]
    assert answer["observations"] == 0
    assert answer["low"] < 0.25 < answer["high"]
    assert answer["high"] - answer["low"] > 0.4


def test_days_with_more_children_than_known_places_are_set_apart(sample_records: Records) -> None:
    records = records_of(sample_records, {}, {"ifa": 5})
    early = records.carers.assign(approved_on=pd.Timestamp("2024-01-01"))  # type: ignore[union-attr]
    answer = spill(dataclasses.replace(records, carers=early), ALL_USED)
    assert (answer.not_known, answer.counts.sum()) == (5, 0)


def test_the_sample_is_estimated_from_its_registers(sample_records: Records) -> None:
    answer = spill(sample_records, ALL_USED.with_changes({"supply.recruitment.share_not_available": 0.44}))
    assert answer.counts.sum() > 100
    assert 0 <= answer.estimates()["low"].iloc[0] < answer.estimates()["high"].iloc[0] <= 1
    assert answer.residential_months > 12 * 40
    assert len(FIRST_KINDS) == answer.counts.shape[1]
    assert "children's home" in answer.finding()


def test_a_scenario_may_take_the_share_from_the_returns(sample_records: Records) -> None:
    scenario = Scenario(name="x").with_changes({SETTING: "from the returns"})
    lever = scenario.supply.market.family_plan_share
    assert isinstance(lever, LeverFromReturns)
    assert scenario.changes["now"].tolist() == ["from the returns"]
    again = scenario.with_changes({"horizon.years": 3})
    assert isinstance(again.supply.market.family_plan_share, LeverFromReturns), "kept by a copy"
    filled = with_estimates(sample_records, scenario).supply.market.family_plan_share
    estimate = spill(sample_records, scenario).estimates().iloc[0]
    assert (filled.low[0], filled.high[0]) == pytest.approx((estimate["low"], estimate["high"]))
    assert not isinstance(filled, LeverFromReturns)
    plain = Scenario(name="x")
    assert with_estimates(sample_records, plain) is plain


def test_other_words_are_a_fault() -> None:
    with pytest.raises(InputError, match="give a number"):
        Scenario(name="x").with_changes({SETTING: "from the register"})


def test_the_estimate_is_the_same_each_time(sample_records: Records) -> None:
    first, second = (spill(sample_records, ALL_USED).draws for _ in range(2))
    assert np.array_equal(first, second)
