"""The committed sample against the figures it is calibrated on, cell by cell, each with its own tolerance."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from sufficiency.sample.targets import TABLE, read_targets

DATA = Path(__file__).parents[2] / "data"
FIRST_RETURN = 2016
CELLS = [row for row in read_targets().table.itertuples() if row.year >= FIRST_RETURN]


def _counting() -> ModuleType:
    """``counting.py`` beside this file: with importlib import mode, tests do not see one another by name."""
    spec = importlib.util.spec_from_file_location("sample_counting", Path(__file__).with_name("counting.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def counts() -> dict[tuple[str, int, str], float]:
    return _counting().all_counts(DATA)


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: f"{cell.measure}-{cell.year}-{cell.category}")
def test_cell_is_within_its_tolerance(cell: Any, counts: dict[tuple[str, int, str], float]) -> None:
    found = counts.get((cell.measure, cell.year, cell.category), 0)
    assert abs(found - cell.value) <= cell.tolerance, f"{found} against {cell.value} ± {cell.tolerance}"


def test_stock_starts_and_ceases_are_hardly_off_at_all(counts: dict[tuple[str, int, str], float]) -> None:
    """Cells may use up their tolerance one by one; ten years of headline figures together may not."""
    off = {
        measure: sum(
            abs(counts[measure, cell.year, "all"] - cell.value)
            for cell in CELLS
            if cell.measure == measure and cell.category == "all"
        )
        for measure in ("looked_after", "started", "ceased")
    }
    assert off["looked_after"] <= 3
    assert off["started"] <= 3
    assert off["ceased"] <= 10


def test_every_target_has_a_source_and_says_whether_it_is_published() -> None:
    table = pd.read_csv(TABLE)
    assert table["source"].str.len().gt(10).all()
    assert set(table["basis"]) == {"published", "assumption"}
    assert table.loc[table["basis"] == "assumption", "source"].str.startswith("Assumption").all()
    assert not table.duplicated(["measure", "year", "category"]).any()
