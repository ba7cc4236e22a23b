"""Children in places through the years: everybody somewhere, no home over its places, more carers never worse."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields

import numpy as np
import pytest

from sufficiency import Outlook, Records, Scenario, run
from sufficiency.placing import Stays
from sufficiency.placing.stays import BOUGHT, OPENED
from sufficiency.vocabulary import KINDS


def months_of(outlook: Outlook) -> range:
    return range(outlook.supply.months + 1)


def test_every_child_in_care_is_in_one_place_in_every_path_and_month(small_outlook: Outlook) -> None:
    stays, simulated = small_outlook.stays, small_outlook.demand.simulated
    for month in months_of(small_outlook):
        here = stays.present(month)
        names = set(zip(stays.path[here].tolist(), stays.child[here].tolist(), strict=True))
        assert len(names) == here.sum(), "nobody in two homes"
        in_care = (simulated.spell_from <= month) & (month < simulated.spell_to)
        assert names == set(
            zip(simulated.spell_path[in_care].tolist(), simulated.spell_child[in_care].tolist(), strict=True)
        )


def test_no_household_is_ever_over_its_places(small_outlook: Outlook) -> None:
    stays, households = small_outlook.stays, small_outlook.supply.households
    for path in range(small_outlook.supply.paths):
        places = households.places[households.path == path]
        own = stays.where((stays.path == path) & (stays.home != BOUGHT) & (stays.home < len(places)))
        assert (own.kind == KINDS.index("in_house_fostering")).mean() > 0.95
        for month in months_of(small_outlook):
            held = np.bincount(own.home[own.present(month)], minlength=len(places))
            assert (held <= places).all()


def test_nobody_lives_with_a_household_that_has_stopped_or_is_not_ready(small_outlook: Outlook) -> None:
    stays, supply = small_outlook.stays, small_outlook.supply
    for path in range(supply.paths):
        mine = supply.households.path == path
        stopped, approved = supply.households.stopped[mine], supply.households.approved[mine]
        own = stays.where((stays.path == path) & (stays.home != BOUGHT) & (stays.home < len(stopped)))
        new = approved[own.home] >= 0
        assert (own.first[new] > approved[own.home[new]] + supply.ready_after).all()
        last_month = np.minimum(own.last - 1, supply.months)
        assert (last_month <= stopped[own.home]).all()


def test_only_children_whose_carers_or_home_stopped_are_placed_again_for_it(small_outlook: Outlook) -> None:
    stays, supply = small_outlook.stays, small_outlook.supply
    why = OPENED.index("carer_stopped")
    closes = supply.homes["open_to"].notna().to_numpy()
    for path in range(supply.paths):
        mine = supply.households.path == path
        ends = np.concatenate([supply.households.stopped[mine] <= supply.months, closes])
        own = stays.where(stays.path == path)
        before = {(child, last): home for child, last, home in zip(own.child, own.last, own.home, strict=True)}
        first = {(child, since): (reason, home) for child, since, reason, home in
                 zip(own.child, own.first, own.opened, own.home, strict=True)}  # fmt: skip
        for (child, since), (reason, _) in first.items():
            home = before.get((child, since), BOUGHT)
            if reason == why and home != BOUGHT:
                assert ends[home]


def test_the_as_of_day_is_as_the_records_have_it(small_outlook: Outlook) -> None:
    stock = small_outlook.stays.stock(small_outlook.supply.paths, small_outlook.supply.months)[:, 0]
    known = small_outlook.demand.placements_now["kind"].value_counts().reindex(KINDS).to_numpy()
    assert (stock == known).all()


def test_needs_level_and_age_are_kept_to_in_every_household(small_outlook: Outlook) -> None:
    stays, households = small_outlook.stays, small_outlook.supply.households
    matched = stays.opened != OPENED.index("now")
    for path in range(small_outlook.supply.paths):
        level, raised = households.level[households.path == path], households.raised[households.path == path]
        own = stays.where(matched & (stays.path == path) & (stays.home != BOUGHT) & (stays.home < len(level)))
        assert (own.level <= level[own.home] + (raised[own.home] < own.first[:, None]).sum(axis=1)).all()


@pytest.mark.parametrize("step", [1, 3])
def test_more_carers_never_lower_the_share_near_home(sample_records: Records, step: int) -> None:
    """Common random numbers: the same children, 0 against 40 approvals a year."""
    base = Scenario(name="x").with_changes({"horizon.paths": 4, "horizon.years": 2, "horizon.step_months": step})
    few, many = (
        run(sample_records, base.with_changes({"supply.recruitment.approvals_per_year": number})) for number in (0, 40)
    )
    assert many.near_home.share_within()[:, -1].mean() > few.near_home.share_within()[:, -1].mean()
    assert many.budget.total()[:, -1].mean() < few.budget.total()[:, -1].mean()


def test_any_executor_gives_the_same_stays(
    sample_records: Records, small_plan: Scenario, small_outlook: Outlook
) -> None:
    with ThreadPoolExecutor(2) as executor:
        other = run(sample_records, small_plan, executor=executor).stays
    for field in fields(Stays):
        first, second = getattr(small_outlook.stays, field.name), getattr(other, field.name)
        assert np.array_equal(first, second, equal_nan=first.dtype.kind == "f"), field.name
