"""Goal seek: answers by hand, answers that hold when run again, targets out of reach, and texts that make no sense."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sufficiency import GoalSeek, InputError, Records, Scenario, forecast_places, goal_seek, run
from sufficiency.demand import project
from sufficiency.goals import runs as goal_runs
from sufficiency.goals.measured import MEASURES
from sufficiency.goals.search import Found, Tried, search
from sufficiency.goals.target import Target, target_of
from sufficiency.goals.varied import varied_of

APPROVALS = "supply.recruitment.approvals_per_year"
ATTRITION = "supply.recruitment.attrition"
SHORT = {"horizon.paths": 3, "horizon.years": 1, "horizon.step_months": 6}


@pytest.fixture(scope="module")
def steady() -> Scenario:
    """Nobody stops, so that households are today's and those approved, counted on fingers."""
    changes = {"horizon.paths": 4, "horizon.years": 3, ATTRITION: 0.0, APPROVALS: [2, 5, 1]}
    return Scenario(name="Steady").with_changes(changes)


def households(records: Records, scenario: Scenario) -> np.ndarray:
    return forecast_places(records, scenario).counts("households")[:, -1]


def test_households_by_hand(sample_records: Records, steady: Scenario) -> None:
    """Twenty more households in three years with nobody stopping: 3 × 7 is enough, 3 × 6 is not."""
    today = households(sample_records, steady)[0] - 8
    goal = goal_seek(sample_records, steady, vary=APPROVALS, target=f"households >= {today + 20}", probability=1)
    assert (goal.value, goal.met) == (7, True)
    table = goal.table().set_index("value")
    assert table.loc[7, ["share_of_futures_met", "low", "middle", "high"]].tolist() == [1, *[today + 21] * 3]
    assert table.loc[6, ["share_of_futures_met", "meets"]].tolist() == [0, False]
    assert goal.as_it_stands.measured.tolist() == [today + 8] * 4
    assert "of at least 7 gives" in repr(goal)
    assert "6 gives 0%" in repr(goal)
    assert "in place of 2, 5, 1" in repr(goal)


def test_one_year_of_a_lever_by_hand(sample_records: Records, steady: Scenario) -> None:
    """Twenty more households, of which the second and the third year give 5 and 1: 14 in the first."""
    today = households(sample_records, steady)[0] - 8
    goal = goal_seek(sample_records, steady, vary=f"{APPROVALS}[0]", target=f"households >= {today + 20}")
    assert goal.value == 14
    assert goal.scenario.supply.recruitment.approvals_per_year.low == (14, 5, 1)


def test_less_is_better_where_the_lever_works_the_other_way(sample_records: Records, steady: Scenario) -> None:
    """At most so many households: the most approvals that keep to it are the least change from the top."""
    today = households(sample_records, steady)[0] - 8
    goal = goal_seek(sample_records, steady, vary=APPROVALS, target=f"households < {today + 20} by 2027-28")
    assert goal.value == 6
    assert "of at most 6 gives less than" in goal.finding()


def test_the_answer_run_again_gives_the_target_and_one_step_less_does_not(
    sample_records: Records, small_plan: Scenario
) -> None:
    plan = small_plan.with_changes({"horizon.paths": 20})
    goal = goal_seek(sample_records, plan, vary=ATTRITION, target="households >= 95", probability=0.8)
    assert goal.met
    assert (households(sample_records, goal.scenario) >= 95).mean() >= 0.8
    more = goal.scenario.with_changes({ATTRITION: goal.value + 0.01})
    assert (households(sample_records, more) >= 95).mean() < 0.8
    assert goal.scenario.name != plan.name
    changes = goal.scenario.changes.set_index("setting")
    assert changes.loc[ATTRITION, "source"] == "goal seek: households >= 95"


def test_a_target_that_no_value_meets_says_how_close_one_comes(sample_records: Records, steady: Scenario) -> None:
    today = households(sample_records, steady)[0] - 8
    goal = goal_seek(sample_records, steady, vary=APPROVALS, target="households >= 900", high=20)
    assert (goal.met, goal.value, goal.summary()["one_step_less"]) == (False, 20, None)
    assert goal.finding().startswith("No approvals per year from 0 to 20 gives at least 900 in-house households")
    assert f"at least {today + 60} in 80% of them" in goal.finding()


def test_a_lever_that_changes_nothing_says_so(sample_records: Records, steady: Scenario) -> None:
    goal = goal_seek(sample_records, steady, vary="demand.entries", target="households >= 900")
    assert "makes no difference" in goal.finding()
    met = goal_seek(sample_records, steady, vary=APPROVALS, target="households >= 1")
    assert met.value == 0
    assert "Any approvals per year from 0 to" in met.finding()
    assert "enough without any change" in repr(met)


def test_the_numbers_are_those_of_a_run_and_children_are_projected_once(
    sample_records: Records, small_plan: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Common random numbers: using the projection again for each value changes no figure."""
    projected = []

    def counted(records: Records, scenario: Scenario, **options: object) -> object:
        projected.append(scenario.name)
        return project(records, scenario, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(goal_runs, "project", counted)
    plan = small_plan.with_changes(SHORT)
    goal = goal_seek(sample_records, plan, vary=APPROVALS, target="share_within_20_miles >= 99%", high=40, step=40)
    assert len(projected) == 1
    for one in goal.tried:
        outlook = run(sample_records, plan.with_changes({APPROVALS: one.value}), shortlist=False)
        assert one.measured == pytest.approx(outlook.near_home.share_within()[:, -1], abs=0)


def test_one_or_two_processes_give_the_same_answer(sample_records: Records, small_plan: Scenario) -> None:
    plan = small_plan.with_changes(SHORT)
    one, two = (
        goal_seek(sample_records, plan, vary=APPROVALS, target="shortfall <= 30", high=40, step=40, processes=processes)
        for processes in (1, 2)
    )
    pd.testing.assert_frame_equal(one.table(), two.table())
    assert one.summary() == two.summary()


def test_prices_are_turned_without_placing_anyone_again(
    sample_records: Records, small_plan: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = []

    def counted(*given: object, **options: object) -> object:
        runs.append(1)
        return run(*given, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(goal_runs, "run", counted)
    plan = small_plan.with_changes({**SHORT, "finance.inflation.residential": 0})
    setting = "finance.inflation.residential"
    goal = goal_seek(sample_records, plan, vary=setting, target="cost <= 1m", high=0.2, step=0.1)
    assert runs == [1]
    dearest = run(sample_records, plan.with_changes({setting: 0.2}), shortlist=False)
    assert goal.tried[-1].measured == pytest.approx(dearest.budget.total()[:, -1])
    assert not goal.met


def by_probability(shares: list[float]) -> tuple[Callable[[int], Tried], list[int]]:
    """Ten futures; at each position so many of them reach 1, the others 0. The list tells what was tried."""
    asked: list[int] = []

    def tried(position: int) -> Tried:
        asked.append(position)
        values = (np.arange(10) < round(10 * shares[position])).astype(float)
        return Tried(float(position), values, values >= 1)

    return tried, asked


@pytest.fixture
def reaches_one() -> Target:
    return replace(target_of("households >= 1", 20))


@pytest.mark.parametrize(
    ("shares", "now", "found"),
    [
        ([0, 0.1, 0.3, 0.5, 0.8, 0.9, 0.9, 1], None, Found(4, True, False, 1)),
        ([1, 0.9, 0.9, 0.8, 0.7, 0.3, 0.1, 0], None, Found(3, True, False, 1)),
        ([0.8, 0.8, 0.8, 0.9, 1], None, Found(0, True, False, 1)),
        ([0, 0.1, 0.2, 0.2, 0.3], None, Found(4, False, False, 1)),
        ([0, 0.1, 0.3, 0.3, 0.3], None, Found(2, False, False, 1)),
        ([0.3, 0.9, 0.1, 0.7, 0.9], None, Found(1, True, True, 1)),
        ([0.3, 0.9, 0.1, 0.7, 0.9], 3, Found(4, True, True, 1)),
        ([0.3, 0.9, 0.1, 0.9, 0.9], 4, Found(3, True, True, 1)),
        ([0, 0.1, 0.3, 0.2, 0.1], None, Found(2, False, True, 1)),
    ],
    ids=["rises", "falls", "always", "never", "levels off", "dips", "dips, near now", "dips, back from now", "peaks"],
)
def test_search_by_hand(shares: list[float], now: int | None, found: Found, reaches_one: Target) -> None:
    tried, asked = by_probability(shares)
    last = len(shares) - 1
    assert search(tried, last, now, reaches_one, 0.8, lambda: 0) == found
    assert len(asked) == len(set(asked))
    beside = {found.position - 1, found.position + 1} & set(range(last + 1))
    weak_end = found.position == (0 if shares[-1] >= shares[0] else last)
    if found.met and not weak_end:
        assert any(shares[position] < 0.8 for position in beside & set(asked))


def test_a_long_lever_takes_few_values(reaches_one: Target) -> None:
    """1,025 values, of which the one at three quarters is the first that eight futures of ten reach, as they round."""
    tried, asked = by_probability([min(position / 1000, 1) for position in range(1025)])
    assert search(tried, 1024, None, reaches_one, 0.8, lambda: 0).position == 750
    assert len(asked) <= 12


def test_futures_that_turn_back_by_a_tie_are_no_reason_to_scan(reaches_one: Target) -> None:
    """One future of ten falls short of the target by one household and comes back: less than one more child does."""
    values = {0: np.zeros(10), 1: np.full(10, 1.0), 2: np.array([0.9] + [1.0] * 9)}

    def tried(position: int) -> Tried:
        return Tried(float(position), values[position], values[position] >= 1)

    assert not search(tried, 2, None, reaches_one, 0.8, lambda: 0.1).turns
    assert search(tried, 2, None, reaches_one, 0.8, lambda: 0.0).turns


def test_what_is_reached_with_a_probability() -> None:
    """Of five futures four are to reach it: the second lowest value, or the second highest for at most."""
    one = Tried(0, np.array([5.0, 1, 4, 2, 3]), np.ones(5, dtype=bool))
    assert one.reached(target_of("households >= 1", 20), 0.8) == 2
    assert one.reached(target_of("households <= 1", 20), 0.8) == 4
    assert one.reached(target_of("households >= 1", 20), 1) == 1


@pytest.mark.parametrize(
    ("text", "number", "year"),
    [
        ("share_within_20_miles >= 0.8", 0.8, None),
        ("share_within_limit>=80% by 2030", 0.8, "2029-30"),
        ("cost <= £28.5m in 2028/29", 28_500_000, "2028-29"),
        ("cost < 900k", 900_000, None),
        ("enquiries ≤ 1,200 in 1999-00", 1200, "1999-00"),
    ],
)
def test_targets_read(text: str, number: float, year: str | None) -> None:
    target = target_of(text, 20)
    assert target.number == pytest.approx(number)
    assert target.year == year


@pytest.mark.parametrize(
    ("vary", "target", "options", "says"),
    [
        ("supply.recruitment.approval_per_year", "households >= 9", {}, f"Did you mean {APPROVALS}"),
        ("supply.recruitment", "households >= 9", {}, "Name one of its settings"),
        ("supply.recruitment.level_3_inside_total", "households >= 9", {}, "is not a number"),
        ("horizon.seed", "households >= 9", {}, "changes nothing in the world"),
        ("finance.cost_per_enquiry", "cost <= 9m", {}, "needs a step, its unit being £ an enquiry"),
        (f"{APPROVALS}[3]", "households >= 9", {}, r"Count from 0: \[0\] to \[2\]"),
        (f"{ATTRITION}[0]", "households >= 9", {"high": 2}, "give a share between 0 and 1"),
        ("supply.homes[X].places", "households >= 9", {}, "There: none"),
        ("matching.limit_miles", "share_within_limit >= 9%", {"step": 1}, "moves the goal"),
        (ATTRITION, "households >= 9", {"low": 0.5, "high": 0.4}, "at least one step apart"),
        (ATTRITION, "households >= 9", {"probability": 80}, "80% is 0.8"),
        (ATTRITION, "houses >= 9", {}, "The measures: share_within_limit, .*, cost"),
        (ATTRITION, "households = 9", {}, "Write a measure, one of"),
        (ATTRITION, "households >= 9 in May", {}, "Write a measure, one of"),
        (ATTRITION, "households >= 9%", {}, "is a share, and households is not"),
        (ATTRITION, "households >= 9m", {}, "is money, and households is not"),
        (ATTRITION, "share_within_15_miles >= 9%", {}, "its limit is 20 miles"),
        (ATTRITION, "share_within_20_miles >= 80", {}, "more than all"),
        (ATTRITION, "households >= 9 by 2040", {}, "has 2025-26 to 2027-28"),
        (ATTRITION, "households >= 9 by 2026-28", {}, "Write 2026-27"),
        (ATTRITION, "cost <= 3.5.1m", {}, "is not a number"),
    ],
)
def test_texts_that_make_no_sense(
    sample_records: Records, steady: Scenario, vary: str, target: str, options: dict[str, float], says: str
) -> None:
    with pytest.raises(InputError, match=says):
        goal_seek(sample_records, steady, vary=vary, target=target, **options)  # type: ignore[arg-type]


def test_what_adds_up_over_a_year_needs_a_whole_one(sample_records: Records, steady: Scenario) -> None:
    """From 30 September: the last whole financial year is the one before the last half."""
    scenario = steady.with_changes({"horizon.as_of": pd.Timestamp("2024-09-30").date()})
    goal = goal_seek(sample_records, scenario, vary=APPROVALS, target="approvals >= 6")
    assert (goal.year, goal.value) == ("2026-27", 6)
    with pytest.raises(InputError, match="has 2025-26 to 2026-27"):
        goal_seek(sample_records, scenario, vary=APPROVALS, target="approvals >= 6 in 2024-25")


def test_a_home_by_its_name(steady: Scenario) -> None:
    home = {"home_id": "Elm", "kind": "residential", "places": 3, "opens": "2026-01-01", "postcode": "SN1 1AA",
            "weekly_cost": 6000}  # fmt: skip
    scenario = steady.with_changes({"supply.homes": [home]})
    varied = varied_of(scenario, "supply.homes[Elm].places")
    assert (varied.value(0), varied.value(varied.last), varied.label) == (1, 30, "“Elm” places")
    assert varied.put(scenario, 5, "test").supply.homes[0].places == 5


@pytest.mark.parametrize(
    ("setting", "now", "values"),
    [
        (APPROVALS, 5, (0, 40, 1)),
        (APPROVALS, 30, (0, 120, 1)),
        (ATTRITION, 0.14, (0, 1, 0.01)),
        ("supply.recruitment.enquiry_to_application", 0.12, (0.01, 1, 0.01)),
        ("demand.entries", 1, (0, 4, 0.05)),
        ("demand.entries", 5, (0, 10, 0.05)),
        ("finance.inflation.residential", 0.5, (0, 1, 0.01)),
        ("supply.market.siblings_together", 0.5, (0, 1, 0.01)),
        ("supply.recruitment.enquiries_per_year", None, (0, 40, 1)),
    ],
)
def test_values_to_try_by_default(
    steady: Scenario, setting: str, now: float | None, values: tuple[float, float, float]
) -> None:
    varied = varied_of(steady.with_changes({setting: now}), setting)
    assert (varied.value(0), varied.value(varied.last), varied.step) == values


def test_every_measure_has_a_value_for_every_year(small_outlook: object) -> None:
    for measure in MEASURES.values():
        answer = {"demand": "demand", "supply": "supply"}.get(measure.stage)
        years, values, grain = measure.of(small_outlook if answer is None else getattr(small_outlook, answer))
        assert values.shape == (4, len(years)), measure.name
        assert np.isfinite(values).all(), measure.name
        assert grain >= 0


def test_progress_counts_every_path_of_every_value(sample_records: Records, steady: Scenario) -> None:
    finished: list[int] = []
    goal = goal_seek(sample_records, steady, vary=APPROVALS, target="households >= 60", progress=finished.append)
    assert sum(finished) == 4 * (len(goal.tried) + 1)


def test_the_chart_tells_the_finding(sample_records: Records, steady: Scenario) -> None:
    goal: GoalSeek = goal_seek(sample_records, steady, vary=APPROVALS, target="households >= 60")
    chart = goal.chart().to_dict()
    assert goal.finding() in chart["description"]
    assert " ".join(chart["title"]["text"]) == goal.finding()
