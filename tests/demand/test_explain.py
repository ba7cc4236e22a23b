"""Movement, waterfall and sensitivity: they add up, in every path, and say what the returns do not explain."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sufficiency import Records, Scenario, load_scenario, project, read_records, sensitivity
from sufficiency.demand.movement import LINES, known_movement, movement_by_path
from sufficiency.errors import SufficiencyError
from sufficiency.figures import to_svg
from sufficiency.ranges import RANGE_COLUMNS
from sufficiency.vocabulary import EXIT_REASONS
from tests.demand.conftest import BORN, write_returns

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def demand(sample_records: Records):
    return project(sample_records, Scenario(name="Test").with_changes({"horizon.paths": 30, "horizon.years": 4}))


def test_a_known_year_is_counted_and_what_is_not_explained_is_a_line(tmp_path: Path) -> None:
    """Three start (one of them goes home in February), and one is there whose first row is no start."""
    rows = (
        "A,01/05/2023,S,C2,N1,U6,PR1,,,,,,",
        "B,01/06/2023,S,V2,N8,K2,PR4,,,,,,",
        "C,03/04/2023,S,V2,N1,U6,PR4,01/02/2024,E4A,,,,",
        "D,09/10/2023,P,C2,N1,U6,PR1,,,,,,",
    )
    folder = write_returns(tmp_path / "few", 2024, rows, {**BORN, "D": "01/01/2014"})
    table = known_movement(read_records(folder), pd.Timestamp("2024-03-31"))
    assert table.to_dict("records") == [
        {
            "year_to": pd.Timestamp("2024-03-31"), "opening": 0, "started": 3, "returned_home": -1, "sgo_or_order": 0,
            "adopted": 0, "turned_18": 0, "other": 0, "not_explained": 1, "closing": 3,
        }
    ]  # fmt: skip


def test_a_year_without_a_return_is_left_out(sample_records: Records) -> None:
    coverage = pd.DataFrame(
        {
            "authority": "",
            "first_day": pd.to_datetime(["2015-04-01", "2022-04-01"]),
            "last_day": pd.to_datetime(["2021-03-31", "2025-03-31"]),
        }
    )
    table = known_movement(replace(sample_records, coverage=coverage), pd.Timestamp("2025-03-31"))
    assert table["year_to"].dt.year.tolist() == [*range(2016, 2022), 2023, 2024, 2025]


def test_known_years_of_a_region_are_those_that_every_authority_covers(region: Records) -> None:
    late = region.coverage["authority"] == "Little"
    coverage = region.coverage.assign(first_day=region.coverage["first_day"].mask(late, pd.Timestamp("2020-04-01")))
    table = known_movement(replace(region, coverage=coverage), pd.Timestamp("2025-03-31"))
    assert table["year_to"].dt.year.tolist() == [2021, 2022, 2023, 2024, 2025]


def test_nothing_after_the_as_of_day_is_in_the_known_movement(sample_records: Records) -> None:
    scenario = Scenario(name="past").with_changes(
        {"horizon.as_of": "2022-08-15", "horizon.paths": 2, "horizon.years": 1}
    )
    past = project(sample_records, scenario).past_movement
    assert past["year_to"].max() == pd.Timestamp("2022-08-15")
    later = known_movement(sample_records, pd.Timestamp("2022-08-15"))
    assert past.equals(later)


def test_the_movement_adds_up_in_every_path(demand) -> None:
    table = demand.movement_by_path()
    assert len(table) == 30 * 4
    total = table["opening"] + table["started"] + table[list(EXIT_REASONS)].sum(axis=1)
    assert (total == table["closing"]).all()
    assert (table[list(EXIT_REASONS)] <= 0).all().all()
    assert (
        table.loc[table["path"] == 7, "opening"].tolist()[1:] == table.loc[table["path"] == 7, "closing"].tolist()[:-1]
    )


def test_a_path_that_does_not_add_up_is_never_shown(demand) -> None:
    stock = demand.simulated.stock.copy()
    stock[11, 24, 2, 1] += 1
    tampered = replace(demand, simulated=replace(demand.simulated, stock=stock))
    for table in (tampered.movement, tampered.movement_by_path, tampered.movement_ranges, tampered.waterfall):
        with pytest.raises(SufficiencyError, match="2 of 120 yearly movements do not add up"):
            table()


def test_movement_with_ranges_has_known_and_projected_years(demand, sample_records: Records) -> None:
    table = demand.movement_ranges()
    assert table.columns.tolist() == ["year_to", "known", "line", *RANGE_COLUMNS]
    assert table["line"].tolist() == list(LINES) * 14
    known = table[table["known"]]
    assert known["year_to"].dt.year.unique().tolist() == list(range(2016, 2026))
    assert (known["p2_5"] == known["p97_5"]).all()
    counts = {day: len(sample_records.stock(day)) for day in known["year_to"].unique()}
    closing = known[known["line"] == "closing"]
    assert closing["mean"].tolist() == [counts[day] for day in closing["year_to"]]
    wide = table.pivot(index="year_to", columns="line", values="mean")
    assert np.allclose(wide[list(LINES[:-1])].sum(axis=1), wide["closing"])
    assert np.allclose(wide["closing"].iloc[:-1], wide["opening"].iloc[1:])
    assert (table.loc[~table["known"] & (table["line"] == "not_explained"), list(RANGE_COLUMNS)] == 0).all().all()


def test_means_of_the_movement_are_those_of_the_paths(demand) -> None:
    table = demand.movement()
    assert table.columns.tolist() == ["year_to", "opening", "started", *EXIT_REASONS, "closing"]
    cells = movement_by_path(demand).mean(axis=0)
    assert np.allclose(table.drop(columns="year_to"), np.delete(cells, LINES.index("not_explained"), axis=1))


def test_the_waterfall_leads_from_one_number_to_the_other(demand) -> None:
    table = demand.waterfall(2026, 2029).table().set_index("line")
    assert table["children"].iloc[:-1].sum() == pytest.approx(table.loc["closing", "children"])
    movement = demand.movement().set_index("year_to").loc["2027":"2029"]
    assert table.loc["opening", "children"] == pytest.approx(movement["opening"].iloc[0])
    for line in ("started", *EXIT_REASONS):
        assert table.loc[line, "children"] == pytest.approx(movement[line].sum())
        assert table.loc[line, "a_year"] == pytest.approx(movement[line].sum() / 3)
    assert "not_explained" not in table.index, "there is nothing unexplained between projected years"
    assert (table["low"] <= table["high"]).all()


def test_the_waterfall_sets_known_years_beside_projected_ones(demand) -> None:
    known = demand.past_movement.tail(4)
    table = demand.waterfall().table().set_index("line")
    assert table.loc["started", "known_a_year"] == pytest.approx(known["started"].mean())
    assert pd.isna(table.loc["opening", "known_a_year"])


def test_the_waterfall_of_known_years_shows_what_is_not_explained(demand) -> None:
    past = demand.past_movement.assign(not_explained=1, started=lambda table: table["started"] - 1)
    table = replace(demand, past_movement=past).waterfall(2020, 2025).table().set_index("line")
    assert table.loc["not_explained", "children"] == 5
    assert table["children"].iloc[:-1].sum() == table.loc["closing", "children"] == 307
    assert (table["low"] == table["high"]).all()


@pytest.mark.parametrize(("first", "last"), [(2029, 2026), (2026, 2026), (2010, 2029), (2026, 2031)])
def test_a_waterfall_between_years_that_are_not_there_is_refused(demand, first: int, last: int) -> None:
    with pytest.raises(ValueError, match=f"from {first} to {last}; give two years of 2015 to 2029"):
        demand.waterfall(first, last)


@pytest.mark.parametrize("years", [(None, None), (2020, 2025)])
def test_the_waterfall_is_drawn_with_its_figures_unit_and_source(demand, years: tuple[int | None, int | None]) -> None:
    waterfall = demand.waterfall(*years)
    drawn = to_svg(waterfall.chart())
    for text in ("Children", "Special guardianship or arrangements order", "Scenario: Test.", "SSDA903"):
        assert text in drawn
    started = waterfall.table().set_index("line").loc["started", "children"]
    assert f"+{started:,.0f}" in drawn
    assert ("80 of 100" in drawn) == (years == (None, None)), "known counts have no range"


@pytest.fixture(scope="module")
def effects(sample_records: Records):
    runs: list[int] = []
    scenario = load_scenario(ROOT / "scenarios" / "reunification_and_sgo.toml")
    found = sensitivity(sample_records, scenario, 0.2, years=3, paths=25, progress=runs.append)
    return found, sum(runs)


def test_every_rate_is_lowered_and_raised(effects) -> None:
    found, runs = effects
    table = found.table()
    assert table.columns.tolist() == ["rate", "label", "way", "children", "effect", "low", "high"]
    assert len(table) == runs == 24
    assert table.groupby("rate").size().eq(2).all()
    assert set(table["rate"]) >= {"started uasc", "started 10-15", "returned_home", "other", "moves", "population"}


def test_more_starts_are_more_children_and_more_ways_out_fewer(effects) -> None:
    rows = effects[0].table().set_index(["rate", "way"])["effect"]
    for rate in ("started under 1", "started 5-9", "started 10-15", "started uasc"):
        assert rows[rate, "down"] < 0 < rows[rate, "up"], rate
    for rate in ("returned_home", "sgo_or_order"):
        assert rows[rate, "up"] < 0 < rows[rate, "down"], rate


def test_what_changes_most_comes_first_and_effects_are_differences(effects) -> None:
    found, _ = effects
    table = found.table()
    largest = table.assign(size=table["effect"].abs()).groupby("rate", sort=False)["size"].max()
    assert largest.is_monotonic_decreasing
    assert np.allclose(table["children"] - table["effect"], found.children)
    assert table.iloc[0]["label"] in found.finding()
    assert "20%" in found.finding()


def test_an_effect_is_that_of_the_lever_alone(effects, sample_records: Records) -> None:
    """Starts at 10 to 15 up by 20%, worked by projecting twice."""
    scenario = load_scenario(ROOT / "scenarios" / "reunification_and_sgo.toml")
    few = scenario.with_changes({"horizon.paths": 25, "horizon.years": 3})
    lever = {"name": "more", "what": "entries", "ages": ["10-15"], "multiplier": 1.2}
    more = project(sample_records, few.with_changes({"demand.levers": [lever]})).simulated.stock[:, -1].sum()
    difference = (more - project(sample_records, few).simulated.stock[:, -1].sum()) / 25
    rows = effects[0].table().set_index(["rate", "way"])
    assert rows.loc[("started 10-15", "up"), "effect"] == pytest.approx(difference)


def test_the_tornado_is_drawn_with_its_figures_unit_and_source(effects) -> None:
    found, _ = effects
    drawn = to_svg(found.chart())
    for text in ("Difference, children", "Starts, aged 10-15", "Lower", "Higher", "25 simulated futures"):
        assert text in drawn
    assert f"{found.table().iloc[0]['effect']:+.1f}".replace("-", "−") in drawn


def test_a_change_that_is_no_share_is_refused(sample_records: Records) -> None:
    with pytest.raises(ValueError, match=r"change is 10; give a share between 0 and 1"):
        sensitivity(sample_records, Scenario(name="x"), 10)
