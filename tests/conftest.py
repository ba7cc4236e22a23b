"""Fixtures shared by the suite: the sample authority, read once, and one small outlook of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sufficiency import Outlook, Records, Scenario, load_scenario, read_records, run

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def sample_records() -> Records:
    return read_records(ROOT / "data")


@pytest.fixture(scope="session")
def small_plan() -> Scenario:
    scenario = load_scenario(ROOT / "scenarios" / "improvement_plan.toml")
    return scenario.with_changes({"horizon.paths": 4, "horizon.years": 3})


@pytest.fixture(scope="session")
def small_outlook(sample_records: Records, small_plan: Scenario) -> Outlook:
    return run(sample_records, small_plan)
