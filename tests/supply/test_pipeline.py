"""From enquiry to approval: shares by stage, delays, both directions alike, the time that a pipeline takes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sufficiency import InputError
from sufficiency.supply.households import TODAY, Households
from sufficiency.supply.pipeline import monthly_counts
from tests.supply.by_hand import PATHS, carried, open_by_month


def approvals(households: Households, paths: int = PATHS, months: int = 36) -> np.ndarray:
    return monthly_counts(households.path, households.approved, paths, months)


def yearly(counts: np.ndarray) -> np.ndarray:
    """Means over the paths of the years' sums."""
    return counts.reshape(len(counts), -1, 12).sum(axis=2).mean(axis=0)


def test_of_50_applications_behind_25_approvals_so_many_pass_each_stage() -> None:
    """25 fail; 55% of them in stage 1, 40% in stage 2, 5% at panel: 50 − 13.75 = 36.25 pass stage 1, 26.25 stage 2."""
    _, pipeline = carried(paths=400, approvals_per_year=25)
    assert yearly(pipeline.enquiries)[1] == pytest.approx(417, abs=6)
    assert yearly(pipeline.applications)[1] == pytest.approx(50, abs=0.8)
    assert yearly(pipeline.stage_1_passed)[1] == pytest.approx(36.25, abs=0.6)
    assert yearly(pipeline.stage_2_passed)[1] == pytest.approx(26.25, abs=0.4)


def test_shares_by_stage_take_the_place_of_the_share_of_all() -> None:
    """0.8 × 0.75 × 0.8 = 0.48: 25 ÷ 0.48 = 52.1 applications, 41.7 pass stage 1, 31.25 come to panel."""
    stages = {"stage_1_passed": 0.8, "stage_2_passed": 0.75, "panel_passed": 0.8}
    _, pipeline = carried(paths=400, approvals_per_year=25, **stages)
    assert yearly(pipeline.applications)[1] == pytest.approx(52.1, abs=0.8)
    assert yearly(pipeline.stage_1_passed)[1] == pytest.approx(41.7, abs=0.7)
    assert yearly(pipeline.stage_2_passed)[1] == pytest.approx(31.25, abs=0.5)
    households, ahead = carried(paths=400, enquiries_per_year=400, **stages)
    assert yearly(ahead.stage_2_passed)[1] == pytest.approx(400 * 0.12 * 0.6, abs=0.6)
    assert yearly(approvals(households, 400))[1] == pytest.approx(400 * 0.12 * 0.48, abs=0.6)


def test_no_case_comes_to_a_stage_before_the_one_ahead_of_it() -> None:
    """With nothing under way on the as-of day, each stage has by every month end had no more than the stage before."""
    households, pipeline = carried(enquiries_per_year=400, enquiries_until_now=0, approvals_per_year=0)
    stages = [pipeline.enquiries, pipeline.applications, pipeline.stage_1_passed, pipeline.stage_2_passed,
              approvals(households)]  # fmt: skip
    so_far = [stage.cumsum(axis=1) for stage in stages]
    assert all((later <= earlier).all() for earlier, later in pairwise(so_far))
    assert (so_far[-1][:, -1] > 0).all()


def test_both_directions_agree() -> None:
    """The enquiries behind 24 approvals a year, run forwards, give 24 approvals a year."""
    _, behind = carried(paths=400, approvals_per_year=24)
    made = float(yearly(behind.enquiries)[0])
    households, _ = carried(paths=400, enquiries_per_year=made)
    assert yearly(approvals(households, 400)) == pytest.approx([24, 24, 24], abs=0.7)


def test_tripled_enquiries_bring_approvals_a_pipeline_later() -> None:
    """From 130 to 390 enquiries, 7.8 to 23.4 approvals a year. Nine months on average lie between (standard deviation
    1.5 and 3 months), so in the first year the new enquiries bring a 12th of E[(12 − delay)+] = 3.34 months of theirs:
    7.8 + 15.6 × 0.28 = 12.1; after that 23.4 but for the longest delays."""
    households, _ = carried(paths=1000, enquiries_per_year=390, enquiries_until_now=130)
    first, second, third = yearly(approvals(households, 1000))
    assert first == pytest.approx(12.1, abs=0.5)
    assert second == pytest.approx(23.2, abs=0.7)
    assert third == pytest.approx(23.4, abs=0.5)
    steady, _ = carried(paths=1000, enquiries_per_year=390)
    assert yearly(approvals(steady, 1000))[0] == pytest.approx(23.4, abs=0.5)


def test_approvals_come_in_the_months_in_which_the_pipeline_brings_them() -> None:
    households, _ = carried(paths=400, enquiries_per_year=390, enquiries_until_now=0)
    first_year = approvals(households, 400)[:, :12].sum(axis=0)
    assert first_year[:3].sum() < 0.02 * first_year.sum()
    assert first_year[9:].sum() > 0.5 * first_year.sum()


def test_more_enquiries_never_bring_fewer_approvals_or_households_by_any_month() -> None:
    few, more, many = (carried(enquiries_per_year=number)[0] for number in (130, 143, 400))
    counted = [approvals(households).cumsum(axis=1) for households in (few, more, many)]
    assert (counted[1] >= counted[0]).all()
    assert (counted[2] >= counted[1]).all()
    assert (counted[1] > counted[0]).any()
    assert (open_by_month(many) >= open_by_month(few)).all()


def test_a_delay_of_no_months_and_shares_of_one_make_every_enquiry_an_approval_at_once() -> None:
    at_once = {"enquiry_to_application": 1.0, "application_to_approval": 1.0,
               "months_enquiry_to_application": 0, "months_application_to_approval": 0}  # fmt: skip
    households, pipeline = carried(approvals_per_year=25, **at_once)
    for stage in vars(pipeline).values():
        assert np.array_equal(stage, approvals(households))
    forwards, pipeline = carried(enquiries_per_year=25, **at_once)
    assert np.array_equal(pipeline.enquiries, approvals(forwards))


def test_enquiries_do_not_depend_on_the_number_of_paths_beside_them() -> None:
    few, many = (carried(paths=paths, approvals_per_year=25)[1] for paths in (5, 40))
    assert np.array_equal(few.enquiries, many.enquiries[:5])
    few, many = (carried(paths=paths, enquiries_per_year=400)[0] for paths in (5, 40))
    assert np.array_equal(few.approved, many.approved[many.path < 5])
    assert (few.approved[few.path == 0] == TODAY).sum() == 50


def test_a_share_of_nothing_is_no_pipeline_either_way() -> None:
    households, pipeline = carried(enquiries_per_year=0, approvals_per_year=0)
    assert not any(stage.any() for stage in vars(pipeline).values())
    assert (households.approved == TODAY).all()
    with pytest.raises(InputError, match="between 0 and 1"):
        carried(enquiry_to_application=12)
