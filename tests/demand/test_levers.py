"""Named levers and programmes: factors worked by hand, their properties, their faults, what they do to children."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sufficiency import InputError, Records, Scenario, load_scenario, project
from sufficiency.calendar import month_ends
from sufficiency.demand.history import STREAMS, UASC_STREAM
from sufficiency.demand.levers import entry_factors, exit_factors, share_at_work
from sufficiency.programmes import AgeBand, Dated, ExitReason
from sufficiency.settings import Demand
from sufficiency.vocabulary import AGE_BANDS, EXIT_REASONS

ROOT = Path(__file__).resolve().parents[2]
AS_OF = pd.Timestamp("2025-03-31")
DATES = month_ends(AS_OF, 36)
HOME, TURNED_18 = EXIT_REASONS.index("returned_home"), EXIT_REASONS.index("turned_18")


def entries(**settings: Any) -> np.ndarray:
    """Factors on starts of one path, (months, streams)."""
    return entry_factors(Demand.model_validate(settings), DATES, 1, 903)[0]


def exits(**settings: Any) -> np.ndarray:
    """Factors on ways out of one path, (months, age bands, reasons)."""
    factors = exit_factors(Demand.model_validate(settings), DATES, 1, 903)
    assert factors is not None
    return factors[0]


def lever(**settings: Any) -> dict[str, Any]:
    return {"name": "one", "what": "entries", "multiplier": 0.5, **settings}


def test_the_words_of_levers_are_those_of_the_vocabulary() -> None:
    assert get_args(AgeBand) == AGE_BANDS
    assert {*get_args(ExitReason), "turned_18"} == set(EXIT_REASONS)


def test_by_default_nothing_changes() -> None:
    assert (entries() == 1).all()
    assert exit_factors(Demand(), DATES, 1, 903) is None


def test_a_lever_within_a_month_works_for_the_share_of_its_days() -> None:
    """From 16 April, 15 days of April's 30 are at one half: 0.5 × 1 + 0.5 × 0.5 = 0.75."""
    factors = entries(levers=[lever(begins=date(2025, 4, 16))])
    assert factors[0] == pytest.approx(0.75)
    assert factors[1:] == pytest.approx(0.5)


def test_a_lever_ends_with_its_last_day() -> None:
    """Until 10 May, 10 days of May's 31 are at one half: 1 - 0.5 × 10/31. One day, 5 June, of June's 30: 1 - 0.5/30."""
    factors = entries(
        levers=[lever(ends=date(2025, 5, 10)), lever(name="two", begins=date(2025, 6, 5), ends=date(2025, 6, 5))]
    )
    assert factors[:4, 0] == pytest.approx([0.5, 1 - 5 / 31, 1 - 0.5 / 30, 1])


def test_a_ramp_is_a_straight_line_between_none_and_all() -> None:
    """Two months are 60.875 days. May (31 days) has on average 15.5 of them behind it; June runs from 31 days on to
    60.875, as near as a day its end: mean (61² - 31²) / 2 less what is over the ramp, in 30 days."""
    factors = entries(levers=[lever(begins=date(2025, 5, 1), ramp_months=2)])
    may = 15.5 / 60.875
    june = ((60.875**2 - 31**2) / 2 / 60.875 + 0.125) / 30
    assert factors[:4, 0] == pytest.approx([1, 1 - 0.5 * may, 1 - 0.5 * june, 0.5])


def test_a_list_by_year_goes_by_the_years_of_the_projection() -> None:
    factors = entries(levers=[lever(multiplier=[1, 0.8, 0.6])])
    assert factors[[0, 11, 12, 23, 24, 35], 0] == pytest.approx([1, 1, 0.8, 0.8, 0.6, 0.6])


@pytest.mark.parametrize(
    ("choice", "streams"),
    [
        ({}, STREAMS),
        ({"unaccompanied": True}, ("uasc",)),
        ({"unaccompanied": False}, AGE_BANDS),
        ({"ages": ["10-15"]}, ("10-15",)),
        ({"ages": ["1-4", "under 1"], "unaccompanied": False}, ("under 1", "1-4")),
    ],
)
def test_a_lever_on_entries_works_on_the_streams_it_names(choice: dict[str, Any], streams: tuple[str, ...]) -> None:
    factors = entries(levers=[lever(**choice)])
    assert [name for name, factor in zip(STREAMS, factors[0], strict=True) if factor == 0.5] == list(streams)
    assert set(factors.ravel()) <= {0.5, 1.0}


def test_a_lever_on_exits_works_on_the_ages_and_ways_out_it_names_and_never_on_birthdays() -> None:
    some = exits(levers=[lever(what="exits", multiplier=2, ages=["5-9"], reasons=["adopted", "returned_home"])])
    assert np.argwhere(some[0] == 2).tolist() == [[2, HOME], [2, EXIT_REASONS.index("adopted")]]
    all_of_them = exits(levers=[lever(what="exits", multiplier=2)])
    assert (all_of_them[:, :, TURNED_18] == 1).all()
    assert (np.delete(all_of_them, TURNED_18, axis=2) == 2).all()


def test_programmes_work_on_what_they_are_named_for() -> None:
    starts = entries(edge_of_care={"averted": 0.2}, uasc_transfer={"transferred": 0.3})
    assert starts[0] == pytest.approx([1, 1, 1, 0.8, 0.8, 0.7])
    ways_out = exits(
        reunification={"multiplier": 1.5}, special_guardianship={"multiplier": 1.2}, adoption={"multiplier": 0.9}
    )
    assert ways_out[0] == pytest.approx(np.broadcast_to([1.5, 1.2, 0.9, 1, 1], (5, 5)))


def test_levers_on_the_same_children_multiply() -> None:
    factors = entries(edge_of_care={"averted": 0.2}, levers=[lever()])
    assert factors[0] == pytest.approx([0.5, 0.5, 0.5, 0.4, 0.4, 0.5])


def test_a_range_is_drawn_once_for_each_path_and_alike_in_scenarios_that_share_the_lever() -> None:
    strength = {"low": 1.1, "high": 1.5}
    one = Demand.model_validate({"reunification": {"multiplier": strength}})
    other = Demand.model_validate({"reunification": {"multiplier": strength}, "adoption": {"multiplier": 2}})
    factors, again = exit_factors(one, DATES, 4000, 903), exit_factors(other, DATES, 4000, 903)
    assert factors is not None
    assert again is not None
    drawn = factors[:, 0, 0, HOME]
    assert (factors[:, :, :, HOME] == drawn[:, None, None]).all()
    assert np.array_equal(factors[..., HOME], again[..., HOME])
    assert ((drawn > 1.1) & (drawn < 1.5)).mean() == pytest.approx(0.8, abs=0.02)


DAYS_AHEAD = st.integers(-400, 1500)
STRENGTHS = st.floats(0, 10) | st.lists(st.floats(0, 10), min_size=1, max_size=4)


@given(DAYS_AHEAD, DAYS_AHEAD, st.floats(0, 48), STRENGTHS, st.floats(0, 1))
def test_factors_are_never_negative_and_one_before_and_after(
    first: int, last: int, ramp: float, multiplier: Any, averted: float
) -> None:
    begins, ends = (AS_OF.date() + timedelta(days=day) for day in (min(first, last), max(first, last)))
    when = {"begins": begins, "ends": ends, "ramp_months": ramp}
    factors = entries(levers=[lever(multiplier=multiplier, **when)], edge_of_care={"averted": averted, **when})
    assert (factors >= 0).all()
    assert np.isfinite(factors).all()
    outside = (DATES[1:].date < begins) | (DATES[:-1].date >= ends)
    assert (factors[outside] == 1).all()


@given(DAYS_AHEAD, st.floats(0, 48))
def test_a_ramp_only_grows_and_ends_at_the_full_effect(first: int, ramp: float) -> None:
    share = share_at_work(Dated(begins=AS_OF.date() + timedelta(days=first), ramp_months=ramp), month_ends(AS_OF, 180))
    assert (np.diff(share) >= -1e-9).all()
    assert ((share >= 0) & (share <= 1 + 1e-9)).all()
    assert share[-1] == pytest.approx(1)


@given(st.integers(0, 700), st.floats(0, 12))
def test_the_days_at_work_are_those_of_the_calendar(length: int, ramp: float) -> None:
    """Over the whole time, the days of full effect are the days less half the ramp, however the months fall."""
    begins = AS_OF.date() + timedelta(days=40)
    dates = month_ends(AS_OF, 36)
    share = share_at_work(Dated(begins=begins, ends=begins + timedelta(days=length), ramp_months=ramp), dates)
    worked = share @ np.diff(dates).astype("timedelta64[D]").astype(float)
    days, ramp_days = length + 1, ramp * 365.25 / 12
    expected = days - ramp_days / 2 if days >= ramp_days else days**2 / (2 * ramp_days)
    assert worked == pytest.approx(expected)


def test_every_fault_of_every_lever_is_told_at_once_with_its_name_and_the_fix(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(
        "[demand.reunification]\nmultiplier = -1\n[demand.uasc_transfer]\ntransferred = 30\nbegin = 2026-04-01\n"
        '[[demand.levers]]\nname = "Courts"\nwhat = "entries"\nmultiplier = -0.5\nreasons = ["adopted"]\n'
        "begins = 2027-01-01\nends = 2026-01-01\n"
        '[[demand.levers]]\nwhat = "exit"\nmultiplier = 1\n'
        '[[demand.levers]]\nname = "Ports"\nwhat = "entries"\nages = ["10-15"]\nunaccompanied = true\n',
        encoding="utf-8",
    )
    with pytest.raises(InputError) as error:
        load_scenario(path)
    says = {fault.column: f"{fault.says}. {fault.fix}" for fault in error.value.faults}
    assert says["demand.reunification.multiplier"].startswith("is -1; give a multiplier of 0 to 10 (1 = as now).")
    assert says["demand.uasc_transfer.transferred"].startswith("is 30; give a share between 0 and 1")
    assert says["demand.uasc_transfer.begin"].endswith("Did you mean demand.uasc_transfer.begins?")
    assert says['demand.levers "Courts", multiplier'].startswith("is -0.5; give a multiplier of 0 to 10")
    assert says['demand.levers "Courts", reasons'].startswith('is for exits only; leave it out, or set what = "exits"')
    assert says['demand.levers "Courts", ends'].startswith("is 2026-01-01, before it begins on 2027-01-01; swap them")
    assert says["demand.levers, number 2, name"].startswith("is missing.")
    assert says["demand.levers, number 2, what"].startswith("Input should be 'entries' or 'exits'.")
    assert says['demand.levers "Ports", unaccompanied'].startswith("is true beside ages; leave one out")
    assert says['demand.levers "Ports", multiplier'].startswith("is missing.")
    assert len(says) == 10


@pytest.mark.parametrize(
    ("levers", "says"),
    [
        ([lever(), lever()], "has two called one; give each a name of its own"),
        ([lever(ages=[])], "is an empty list; name at least one"),
        ([lever(ages=["1-4", "1-4"])], "names one twice; name each once"),
        ([lever(what="exits", unaccompanied=True)], 'is for entries only; leave it out, or set what = "entries"'),
        ([lever(ramp_months=-1)], "greater than or equal to 0"),
        ([lever(what="exits", reasons=["turned_18"])], "Input should be 'returned_home', 'sgo_or_order'"),
    ],
)
def test_an_impossible_lever_is_refused(levers: list[dict[str, Any]], says: str) -> None:
    with pytest.raises(InputError, match=r"1 fault") as error:
        Scenario(name="x").with_changes({"demand.levers": levers})
    assert says in str(error.value)


def test_changes_have_a_row_for_each_lever(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(
        '[[demand.levers]]\nname = "Courts"\nwhat = "entries"\nmultiplier = 1.1\n'
        '[[demand.levers]]\nname = "Ports"\nwhat = "entries"\nmultiplier = 2\nunaccompanied = true\n'
    )
    top = tmp_path / "top.toml"
    top.write_text(
        'extends = "base.toml"\n[demand.edge_of_care]\naverted = { low = 0.1, high = 0.2 }\nbegins = 2026-04-01\n'
        '[[demand.levers]]\nname = "Courts"\nwhat = "entries"\nmultiplier = 0.9\nages = ["5-9"]\nramp_months = 6\n'
    )
    rows = [tuple(row) for row in load_scenario(top).changes[["setting", "was", "now"]].itertuples(index=False)]
    assert rows == [
        ("demand.edge_of_care.averted", "0", "0.1 to 0.2"),
        ("demand.edge_of_care.begins", "not set", "2026-04-01"),
        ("demand.levers.Courts", "Courts: entries × 1.1", "Courts: entries × 0.9 (ages 5-9) over 6 months"),
        ("demand.levers.Ports", "Ports: entries × 2 (unaccompanied)", "none"),
    ]


def test_levers_survive_changes_in_code() -> None:
    scenario = load_scenario(ROOT / "scenarios" / "uasc_surge.toml")
    later = scenario.with_changes({"horizon.paths": 7})
    assert later.demand.model_dump() == scenario.demand.model_dump()
    factors = entry_factors(later.demand, DATES, 50, 903)
    assert (factors[:, :3] == 1).all()
    assert (factors[:, 3:6] == np.eye(6)[UASC_STREAM] + 1).all(), "twice as many from 1 July"


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*.toml")), ids=lambda path: path.stem)
def test_every_scenario_projects(path: Path, sample_records: Records) -> None:
    scenario = load_scenario(path).with_changes({"horizon.paths": 3, "horizon.years": 2})
    assert project(sample_records, scenario).simulated.stock.sum() > 0


PATHS = 40


def projected(records: Records, years: int, **settings: Any):
    changes = {f"demand.{name}": value for name, value in settings.items()}
    return project(
        records, Scenario(name="x").with_changes({"horizon.paths": PATHS, "horizon.years": years, **changes})
    )


def way_out(demand, reason: str) -> float:
    return float(demand.simulated.ceased[..., EXIT_REASONS.index(reason)].sum() / PATHS)


def test_more_reunification_sends_more_home_and_leaves_fewer_in_care(sample_records: Records) -> None:
    """1.5 times the chance of going home: more go home, though not 1.5 times as many since fewer are left to go, and
    every path ends with no more children than without."""
    without = projected(sample_records, 5)
    supported = projected(sample_records, 5, reunification={"multiplier": 1.5})
    assert 1.15 < way_out(supported, "returned_home") / way_out(without, "returned_home") < 1.5
    for reason in ("sgo_or_order", "adopted", "turned_18", "other"):
        assert way_out(supported, reason) < way_out(without, reason), "fewer are left for the other ways out"
    last, last_without = (demand.simulated.stock[:, -1].sum(axis=(1, 2)) for demand in (supported, without))
    assert last.mean() < 0.95 * last_without.mean()
    assert (last < last_without).mean() > 0.9
    assert np.array_equal(supported.simulated.started, without.simulated.started)


def test_each_programme_changes_what_it_is_named_for(sample_records: Records) -> None:
    without = projected(sample_records, 3)
    guardians = projected(sample_records, 3, special_guardianship={"multiplier": 2})
    assert way_out(guardians, "sgo_or_order") > 1.4 * way_out(without, "sgo_or_order")
    adoption = projected(sample_records, 3, adoption={"multiplier": 0})
    assert way_out(adoption, "adopted") == 0 < way_out(without, "adopted")
    edge = projected(sample_records, 3, edge_of_care={"averted": 0.25})
    ratio = edge.simulated.started.sum(axis=(0, 1)) / without.simulated.started.sum(axis=(0, 1))
    assert ratio[:3] == pytest.approx([1, 1, 1], abs=0.01)
    assert ratio[3] == pytest.approx(0.75, abs=0.05)
    transfer = projected(sample_records, 3, uasc_transfer={"transferred": 1.0})
    assert transfer.simulated.child_uasc[transfer.simulated.child_path >= 0].sum() == 0


def test_nothing_changes_before_a_lever_begins(sample_records: Records) -> None:
    later = [lever(begins=date(2026, 4, 1)), lever(name="two", what="exits", multiplier=3, begins=date(2026, 4, 1))]
    with_levers, without = projected(sample_records, 2, levers=later), projected(sample_records, 2)
    assert np.array_equal(with_levers.simulated.stock[:, :13], without.simulated.stock[:, :13])
    assert not np.array_equal(with_levers.simulated.stock[:, 13], without.simulated.stock[:, 13])


@pytest.fixture(scope="module")
def flat(sample_records: Records) -> Records:
    """The sample without a population that grows, so that starts run level."""
    return replace(sample_records, population=None)


@pytest.fixture(scope="module")
def as_it_is(flat: Records):
    return projected(flat, 15)


@pytest.fixture(scope="module")
def halved(flat: Records):
    """Half the starts from the second year on."""
    return projected(flat, 15, levers=[lever(begins=date(2026, 4, 1))])


def children(demand) -> np.ndarray:
    """Children in care by path and month end."""
    return np.asarray(demand.simulated.stock.sum(axis=(2, 3)))


def test_halving_entries_takes_half_of_those_who_started_since(as_it_is, halved) -> None:
    """Who stays how long does not depend on how many there are, so at each date half of those who started since are
    missing: counted here from the spells of the projection without the lever."""
    simulated = as_it_is.simulated
    since = (simulated.child_path >= 0) & (simulated.child_month > 12)
    for month in (36, 60, 120, 180):
        there = since[simulated.spell_child] & (simulated.spell_from <= month) & (month < simulated.spell_to)
        drop = (children(as_it_is) - children(halved))[:, month].mean()
        assert drop == pytest.approx(0.5 * there.sum() / PATHS, rel=0.05)


def test_halving_entries_lowers_the_long_run_total_by_half_of_entries_times_mean_stay(as_it_is, halved) -> None:
    """Little's law: in the long run the number in care is entries a month × mean stay in months, so half the entries
    are half of that fewer. Mean stay: of those who start in years 3 to 8, who are followed for seven years or more."""
    simulated = as_it_is.simulated
    stay = np.bincount(
        simulated.spell_child, simulated.spell_to - simulated.spell_from, minlength=len(simulated.child_path)
    )
    cohort = (simulated.child_path >= 0) & (simulated.child_month > 24) & (simulated.child_month <= 96)
    mean_stay = stay[cohort].sum() / simulated.started[:, 24:96].sum()
    entries_a_month = simulated.started[:, 24:].sum(axis=2).mean()
    drop = (children(as_it_is) - children(halved))[:, 120:].mean()
    assert 12 < mean_stay < 48
    assert drop == pytest.approx(0.5 * entries_a_month * mean_stay, rel=0.1)
