"""The committed sample, and one made afresh with another seed: what is promised must hold for both."""

from __future__ import annotations

from pathlib import Path

import pytest

from sufficiency.sample import write_sample

DATA = Path(__file__).parents[2] / "data"
OTHER_SEED = 4


@pytest.fixture(scope="session")
def afresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample with the committed seed, written by this session."""
    folder = tmp_path_factory.mktemp("afresh")
    write_sample(folder)
    return folder


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sample with another seed."""
    folder = tmp_path_factory.mktemp("other")
    write_sample(folder, seed=OTHER_SEED)
    return folder


@pytest.fixture(params=["committed", "other"])
def sample(request: pytest.FixtureRequest) -> Path:
    """The committed sample, then the one with another seed."""
    return DATA if request.param == "committed" else request.getfixturevalue("other")
