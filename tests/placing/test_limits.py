"""Limits to what can be bought: by hand, and in a run where the cost of a shortage shows."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from sufficiency import InputError, Records, Scenario, run
from sufficiency.placing.breakdown import broken_down
from sufficiency.placing.limits import NOTHING, bought_within_limits, free_within_limits, limits_of
from sufficiency.placing.stays import BEYOND, BOUGHT, UNPLACED, WITHIN, Stays, without_repeats
from sufficiency.settings import Market
from sufficiency.vocabulary import KINDS

IFA, RESIDENTIAL, SUPPORTED = (KINDS.index(kind) for kind in ("ifa", "residential", "supported"))
ORDER = ("ifa", "residential", "supported")


def bought(kinds: list[int], ages: list[int], limits: dict[int, int], units: list[int] | None = None) -> list[int]:
    unit = np.array(units if units else range(len(kinds)))
    now = np.zeros(len(KINDS), dtype=int)
    return bought_within_limits(unit, np.array(kinds), np.array(ages), now, limits, ORDER).tolist()


def test_without_limits_everyone_gets_the_kind_sought() -> None:
    assert bought([IFA, RESIDENTIAL], [5, 12], {}) == [IFA, RESIDENTIAL]


def test_beyond_a_limit_the_next_kind_in_order_and_last_of_all_nothing() -> None:
    """One children's home place, one agency place: the third child is 16 and goes to supported, the fourth has none."""
    limits = {RESIDENTIAL: 1, IFA: 1}
    answer = bought([RESIDENTIAL, RESIDENTIAL, RESIDENTIAL, RESIDENTIAL], [12, 12, 16, 12], limits)
    assert answer == [RESIDENTIAL, IFA, SUPPORTED, NOTHING]


def test_free_places_in_private_homes_are_within_what_the_limit_leaves() -> None:
    """Ten may be bought and seven are: of five free places in two private homes three are left, the council's stay."""
    free, kind = np.array([3, 2, 4]), np.full(3, RESIDENTIAL)
    bought = np.bincount([RESIDENTIAL] * 7, minlength=len(KINDS))
    private, turn = np.array([True, True, False]), np.array([0.9, 0.1, 0.5])
    assert free_within_limits(free, kind, private, bought, {RESIDENTIAL: 10}, turn).tolist() == [1, 2, 4]
    assert free_within_limits(free, kind, private, bought, {IFA: 0}, turn).tolist() == [3, 2, 4]
    assert free_within_limits(free, kind, private, bought, {RESIDENTIAL: 5}, turn).tolist() == [0, 0, 4]


def test_brothers_and_sisters_are_bought_for_together_or_not_at_all() -> None:
    limits = {IFA: 2, RESIDENTIAL: 0, SUPPORTED: 0}
    assert bought([IFA] * 4, [5, 7, 4, 9], limits, [0, 0, 1, 0]) == [NOTHING, NOTHING, IFA, NOTHING]


def test_a_shortage_has_a_number_of_children_and_a_cost(sample_records: Records) -> None:
    """Fewer places than children need: some are unplaced at £10,500 a week."""
    limits = {"ifa": 90, "residential": 35, "supported": 40}
    base = Scenario(name="x").with_changes(
        {"horizon.paths": 2, "horizon.years": 2, "supply.recruitment.approvals_per_year": 0}
    )
    changes = {f"supply.market.market_limits.{kind}": limit for kind, limit in limits.items()}
    free, short = run(sample_records, base), run(sample_records, base.with_changes(changes))
    unplaced = short.stays.unplaced(2, 24)
    stock = short.stays.stock(2, 24)
    for kind, limit in limits.items():
        assert (stock[:, ::3, KINDS.index(kind)] <= np.maximum(stock[:, :1, KINDS.index(kind)], limit)).all()
    assert unplaced[:, -1].min() > 0
    assert free.stays.unplaced(2, 24).sum() == 0
    assert short.budget.total()[:, -1].mean() > free.budget.total()[:, -1].mean()
    stays = short.stays
    nowhere = stays.where(stays.home == UNPLACED)
    assert (nowhere.weekly_cost == 10_500).all()
    assert np.isnan(nowhere.miles).all()
    everyone = stays.stock(2, 24).sum(axis=2)
    assert np.array_equal(everyone, free.stays.stock(2, 24).sum(axis=2)), "everybody counted once"
    pairs = list(zip(nowhere.path, nowhere.child, nowhere.first, strict=True))
    ends = set(zip(nowhere.path, nowhere.child, nowhere.last, strict=True))
    assert not ends & set(pairs), "one stay for each time a child is unplaced"


def test_repeats_of_an_unplaced_child_become_one_stay() -> None:
    whole = np.array([0, 0, 0, 0])
    stays = Stays(
        path=whole, child=np.array([7, 7, 7, 8]), kind=whole, home=np.array([UNPLACED, UNPLACED, BOUGHT, UNPLACED]),
        level=whole, miles=whole * np.nan, within=whole, weekly_cost=whole * 1.0, opened=whole,
        first=np.array([1, 2, 3, 3]), last=np.array([2, 3, 9, 4]),
    )  # fmt: skip
    answer = without_repeats(stays)
    assert answer.child.tolist() == [7, 7, 8]
    assert answer.first.tolist() == [1, 3, 3]
    assert answer.last.tolist() == [3, 9, 4]


def test_limits_are_whole_numbers_not_below_nought_and_kinds_that_are_bought() -> None:
    assert limits_of(Market.model_validate({"market_limits": {"residential": 60}})) == {RESIDENTIAL: 60}
    with pytest.raises(InputError, match="greater than or equal to 0"):
        Scenario(name="x").with_changes({"supply.market.market_limits.residential": -1})
    with pytest.raises(InputError, match="no such setting"):
        Scenario(name="x").with_changes({"supply.market.market_limits.kinship": 3})


def breakdowns(within: int, level: int, home_level: int, **factors: float) -> float:
    count = 20_000
    return broken_down(
        key=np.arange(count, dtype=np.uint64) * np.uint64(977),
        kind=np.full(count, IFA),
        within=np.full(count, within),
        since=np.ones(count, dtype=int),
        level=np.full(count, level),
        home=np.zeros(count, dtype=int),
        home_level=np.array([home_level]),
        moving=np.full(len(KINDS), 0.05),
        month=3,
        months=1,
        settings=Market.model_validate(factors),
    ).mean()


def test_a_poor_match_breaks_down_by_the_stated_factor_on_top_of_the_usual_rate() -> None:
    """Usual rate 0.05 a month: a factor of 3 adds 1 − 0.95², both factors of 2 add 1 − 0.95³; none by default."""
    assert breakdowns(BEYOND, 3, 1) == 0
    far = breakdowns(BEYOND, 1, 3, breakdown_factor_beyond_limit=3.0)
    assert far == pytest.approx(1 - 0.95**2, abs=0.008)
    assert breakdowns(WITHIN, 1, 3, breakdown_factor_beyond_limit=3.0) == 0
    both = breakdowns(BEYOND, 3, 1, breakdown_factor_beyond_limit=2.0, breakdown_factor_below_level=2.0)
    assert both == pytest.approx(1 - 0.95**3, abs=0.008)


def test_more_breakdowns_mean_more_moves_and_the_same_children(sample_records: Records) -> None:
    base = Scenario(name="x").with_changes({"horizon.paths": 2, "horizon.years": 2})
    usual = run(sample_records, base).stays
    poor = run(sample_records, base.with_changes({"supply.market.breakdown_factor_beyond_limit": 4.0})).stays
    assert len(poor.first) > len(usual.first)
    assert np.array_equal(poor.stock(2, 24).sum(axis=2), usual.stock(2, 24).sum(axis=2))
    fields = [getattr(usual, field.name) for field in dataclasses.fields(Stays)]
    assert all(len(values) == len(usual.first) for values in fields)
