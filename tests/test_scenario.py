"""Scenario files: extends, changes, and every kind of bad input told in one message."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from sufficiency import InputError, load_scenario
from sufficiency.scenario import Scenario, reference

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / "scenarios").glob("*.toml"))


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_scenario_loads_and_says_what_it_asks(path: Path) -> None:
    scenario = load_scenario(path)
    assert scenario.question.endswith("?")
    assert scenario.data is not None
    assert (scenario.data / "returns").is_dir()


def test_changes_list_what_the_file_changes_in_file_order() -> None:
    changes = load_scenario(ROOT / "scenarios" / "improvement_plan.toml").changes
    assert changes.to_dict("records") == [
        {
            "setting": "supply.recruitment.approvals_per_year",
            "was": "10",
            "now": "25, 25, 25, 10, 10",
            "source": "improvement_plan.toml",
        },
        {
            "setting": "supply.recruitment.level_3_per_year",
            "was": "0",
            "now": "10, 10, 0, 0, 0",
            "source": "improvement_plan.toml",
        },
    ]


def test_a_scenario_survives_the_trip_to_another_process() -> None:
    plan = load_scenario(ROOT / "scenarios" / "improvement_plan.toml")
    assert pickle.loads(pickle.dumps(plan)).changes.equals(plan.changes)


def test_changes_in_code_are_traced_and_leave_the_scenario_as_it_was() -> None:
    plan = load_scenario(ROOT / "scenarios" / "baseline.toml")
    late = plan.with_changes({"supply.recruitment.attrition": 0.25}, why="poor retention")
    assert plan.supply.recruitment.attrition.middle() == 0.14
    was = "0.14, or from carers.csv"
    assert late.changes.iloc[-1].tolist() == ["supply.recruitment.attrition", was, "0.25", "poor retention"]


def test_all_faults_of_a_file_are_told_at_once_with_a_suggestion(tmp_path: Path) -> None:
    text = "[matching]\nlimit_mile = 3\n[supply.recruitment]\nattrition = 14\nlevel_3_per_year = -1\n"
    with pytest.raises(InputError) as error:
        load_scenario(written(tmp_path, "wrong.toml", text))
    message = str(error.value)
    assert message.startswith("3 faults")
    assert "supply.recruitment.attrition: is 14; give a share between 0 and 1 (14% is 0.14)" in message
    assert "matching.limit_mile: there is no such setting. Did you mean matching.limit_miles?" in message
    assert "level_3_per_year: is -1; give a number that is not negative" in message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('extends = "missing.toml"', "is not there"),
        ('extends = "wrong.toml"', "goes in a circle: wrong.toml → wrong.toml"),
        ("[horizon\nyears = 5", "is not valid TOML"),
        ('[matching]\nobjectives = ["weekly_cost", "placed"]', "the first objective is placed"),
        ("[finance.inflation]\nresidential = 300", "is 300; give a yearly rate"),
        ("[finance]\ncost_per_approval = -5", "is -5; give a number that is not negative"),
        ("[demand]\nentries = { low = 2.0, high = 1.0 }", "has low 2 above high 1; swap them"),
        ("[demand]\nentries = []", "is an empty list"),
        (
            '[[supply.homes]]\nhome_id = "N1"\nkind = "residential"\nplaces = 3\nopens = 2026-04-01\n'
            'closes = 2026-03-01\npostcode = "SN1 2BG"\nweekly_cost = 5000',
            "before it opens",
        ),
    ],
)
def test_bad_input_is_one_clear_message(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(InputError, match=r"1 fault") as error:
        load_scenario(written(tmp_path, "wrong.toml", text))
    assert says in str(error.value)


def test_a_lever_may_be_a_number_a_list_by_year_or_a_range() -> None:
    scenario = Scenario(name="levers").with_changes(
        {
            "demand.entries": 1.1,
            "demand.exits": [1.0, 0.9],
            "supply.recruitment.attrition": {"low": 0.10, "high": 0.18},
        }
    )
    import numpy as np

    draws = np.random.default_rng(1)
    assert scenario.demand.entries.paths(3, 2, draws).tolist() == [[1.1] * 3] * 2
    assert scenario.demand.exits.paths(4, 1, draws).tolist() == [[1.0, 0.9, 0.9, 0.9]]
    attrition = scenario.supply.recruitment.attrition.paths(1, 20_000, draws)
    inside = ((attrition > 0.10) & (attrition < 0.18)).mean()
    assert inside == pytest.approx(0.8, abs=0.01), "the range holds 80% of the paths"


def test_the_reference_page_is_made_from_the_settings() -> None:
    page = (ROOT / "scenarios" / "REFERENCE.md").read_text(encoding="utf-8")
    assert page == reference(), (
        "write it anew: python -c 'from sufficiency.scenario import reference; print(reference())'"
    )
