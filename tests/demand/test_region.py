"""Regions, short histories and gaps: projected with what there is, and said so."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sufficiency import InputError, Records, Scenario, project
from sufficiency.demand.movement import known_movement
from sufficiency.demand.own_origins import balance_of, own_origins, yearly_totals

SMALL = Scenario(name="region").with_changes({"horizon.paths": 60, "horizon.years": 5})
END = pd.Timestamp("2025-03-31")


@pytest.fixture(scope="module")
def region(sample_records: Records) -> Records:
    """Two authorities with the sample's children: what they share is their names' shocks."""
    tables: dict[str, list[pd.DataFrame]] = {"children": [], "placements": [], "periods": [], "coverage": []}
    for number, name in enumerate(("North", "South")):
        for table, parts in tables.items():
            frame = getattr(sample_records, table).assign(authority=name)
            if "child_id" in frame:
                frame["child_id"] = name + frame["child_id"]
            if "period" in frame:
                frame["period"] += 100_000 * number
            parts.append(frame)
    joined = {table: pd.concat(parts, ignore_index=True) for table, parts in tables.items()}
    return replace(sample_records, authority="Both", child_register=None, **joined)


def test_authorities_add_up_in_every_path(region: Records) -> None:
    demand = project(region, SMALL)
    assert demand.authorities == ("North", "South")
    assert (demand.totals_by_authority.sum(axis=0) == demand.simulated.stock.sum(axis=(2, 3))).all()
    north, south = demand.totals_by_authority
    assert (north[:, 0] == south[:, 0]).all()
    assert not (north == south).all()
    assert demand.by_authority().columns[:2].tolist() == ["date", "authority"]


def test_spells_of_a_region_add_up_to_its_stock(region: Records) -> None:
    simulated = project(region, SMALL).simulated
    here = (simulated.spell_from <= 30) & (simulated.spell_to > 30)
    counts = np.bincount(simulated.spell_path[here], minlength=60)
    assert (counts == simulated.stock[:, 30].sum(axis=(1, 2))).all()
    new = simulated.child_path[simulated.spell_child] >= 0
    assert (simulated.child_path[simulated.spell_child[new]] == simulated.spell_path[new]).all()


def test_shared_work_gives_the_same_paths(region: Records) -> None:
    with ThreadPoolExecutor(2) as workers:
        shared = project(region, SMALL, executor=workers)
    assert np.array_equal(shared.simulated.stock, project(region, SMALL).simulated.stock)


def test_counts_alone_are_the_same_counts(sample_records: Records) -> None:
    counted, lived = project(sample_records, SMALL, spells=False), project(sample_records, SMALL)
    assert np.array_equal(counted.simulated.stock, lived.simulated.stock)
    assert np.array_equal(counted.simulated.ceased, lived.simulated.ceased)
    assert len(counted.simulated.spell_path) == 0


def totals_of(records: Records) -> pd.DataFrame:
    return yearly_totals(known_movement(records, END), END, len(records.stock(END)))


def held_for(records: Records, years: int) -> Records:
    first = END - pd.DateOffset(years=years) + pd.Timedelta(days=1)
    return replace(records, coverage=records.coverage.assign(first_day=first))


def test_a_year_of_returns_is_projected_wide_and_with_a_warning(sample_records: Records) -> None:
    short = project(held_for(sample_records, 1), SMALL)
    assert "only 1 year of returns" in short.warnings()[0]
    assert not project(sample_records, SMALL).warnings()

    def width(demand) -> float:
        last = demand.table().iloc[-1]
        return (last["high"] - last["low"]) / last["middle"]

    assert width(short) > 0.5, "80% of authorities' changes in five years fill half of the median"


def test_less_than_a_year_is_refused_with_every_authority_at_fault(region: Records) -> None:
    first = pd.Timestamp("2024-09-30")
    with pytest.raises(InputError) as told:
        project(replace(region, coverage=region.coverage.assign(first_day=first)), SMALL)
    assert "returns of North" in str(told.value)
    assert "returns of South" in str(told.value)


def test_a_year_without_a_return_counts_for_nothing(sample_records: Records) -> None:
    """The starts of a missing year are not taken for none: the level of starts stays where it was."""
    gap = (pd.Timestamp("2020-03-31"), pd.Timestamp("2021-04-01"))
    inside = sample_records.periods["started"].between(*gap, inclusive="neither")
    coverage = pd.concat(
        [sample_records.coverage.assign(last_day=gap[0]), sample_records.coverage.assign(first_day=gap[1])]
    )
    holed = replace(sample_records, coverage=coverage, periods=sample_records.periods[~inside])
    demand = project(holed, SMALL)
    says = demand.basis.set_index("about")["says"]["returns"]
    assert "9 years of returns" in says
    assert "12 months in between have no return" in says
    full = project(sample_records, SMALL)
    assert demand.simulated.started.mean() == pytest.approx(full.simulated.started.mean(), rel=0.1)


def test_yearly_totals_close_as_far_as_the_returns_do(sample_records: Records) -> None:
    panel = totals_of(sample_records)
    assert panel["year"].tolist() == list(range(2015, 2026))
    assert panel["cla"].iloc[-1] == len(sample_records.stock(END))
    gap = panel["cla"].diff() - panel["starts"] + panel["ceases"]
    assert gap.dropna().abs().max() <= 5


def test_eight_returns_or_more_set_the_width_and_fewer_do_not(sample_records: Records) -> None:
    settings = Scenario(name="x").demand
    own = own_origins(totals_of(sample_records), settings, 903)
    assert own.origins == 7
    expected = np.sqrt((50 + 7 * own.surprise**2) / 57)
    assert own.widening == pytest.approx(expected)
    assert own_origins(totals_of(held_for(sample_records, 7)), settings, 903).widening == 1.0


def test_a_wild_past_widens_the_range(sample_records: Records) -> None:
    wild = totals_of(sample_records)
    wild["cla"] = [300, 420, 260, 470, 250, 430, 280, 500, 270, 450, 307]
    assert own_origins(wild, Scenario(name="x").demand, 903).widening > 1.1


def test_totals_go_back_to_the_last_gap_and_no_further(sample_records: Records) -> None:
    known = known_movement(sample_records, END)
    panel = yearly_totals(known[known["year_to"].dt.year != 2021], END, 307)
    assert panel["year"].tolist() == [2021, 2022, 2023, 2024, 2025]
    assert panel["cla"].iloc[0] == len(sample_records.stock("2021-03-31"))
    assert yearly_totals(known.iloc[:0], END, 307)["cla"].tolist() == [307]
    assert balance_of(yearly_totals(known.iloc[:0], END, 307)) == 1


def test_starts_that_hold_the_number() -> None:
    """400 looked after on average, 100 start and 160 cease a year: e = 160 / (400 + 70), and with 280 left starts of
    e 280 / (1 - 0.7 e) hold that number; where starts are ceases and the number stands, it is 1."""
    falling = pd.DataFrame({"year": range(2021, 2025), "cla": [460, 400, 340, 280], "starts": 100.0, "ceases": 160.0})
    rate = 160 / (400 + 70)
    assert balance_of(falling) == pytest.approx(rate * 280 / (1 - 0.7 * rate) / 100)
    assert balance_of(falling.assign(cla=300, starts=120.0, ceases=120.0)) == pytest.approx(1)
