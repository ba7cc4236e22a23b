"""Children in care on any day are those of a plain count, whatever the returns repeat, fold or leave open."""

from __future__ import annotations

import datetime
import random
import tempfile
from pathlib import Path

from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from written import Day, Episode, plain_count, write_returns

from sufficiency.records import read_records

YEARS = (2022, 2023, 2024, 2025)
FIRST, LAST = Day(2021, 4, 1), Day(2025, 3, 31)
CHILDREN = 60


def one_history(child: str, chance: random.Random) -> tuple[list[Episode], Day]:
    """A child's run of episodes, with legal-status rows, temporary moves, gaps, short breaks and 18th birthdays."""
    born = Day(2003, 1, 1) + datetime.timedelta(days=chance.randrange(6500))
    start = max(born, Day(2018, 1, 1) + datetime.timedelta(days=chance.randrange(2600)))
    status = "V3" if chance.random() < 0.1 else chance.choice(["C1", "C2", "V2", "E1"])
    rne = chance.choice("SSSP")
    episodes: list[Episode] = []
    gap = 0
    for _ in range(chance.randint(1, 7)):
        days = chance.choice([0, 1, 5, chance.randrange(500), chance.randrange(1500)])
        days = max(days, 1) if gap else days  # two rows with one DECOM are one, and which RNE stands is another matter
        end = start + datetime.timedelta(days=days)
        goes_on = chance.random() < 0.6
        rec = "X1" if goes_on else chance.choice(["E4A", "E11", "E8", "E45"])
        place = chance.choice(["U6", "U4", "K2", "H5", "T0", "T3", "P1"])
        dec = None if end > LAST else end
        episodes.append(Episode(child, start, dec, rne, rec, status, place, chance.choice(["PR1", "PR4"])))
        gap = 0 if goes_on else chance.choice([0, 1, 7, 14, 15, 90])
        start = end + datetime.timedelta(days=gap if days or gap else 1)
        rne = chance.choice("PLTB" if goes_on else "SSP")
        if dec is None or start > LAST:
            break
    return episodes, born


@settings(max_examples=12, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@example(545, FIRST)  # a day inside a gap between two placements of one period
@given(st.integers(0, 10_000), st.dates(FIRST, LAST))
def test_children_in_care_equal_a_plain_count(seed: int, any_day: Day) -> None:
    """At every 31 March and on any day between; the rows read are accounted for to the last one."""
    chance = random.Random(seed)
    made = {f"{number:03d}": one_history(f"{number:03d}", chance) for number in range(CHILDREN)}
    episodes = [episode for history, _ in made.values() for episode in history]
    born = {child: day for child, (_, day) in made.items()}
    with tempfile.TemporaryDirectory() as folder:
        records = read_records(write_returns(Path(folder), episodes, born, YEARS))
    counts = records.row_counts
    assert counts["read"] == counts["used"] + counts["repaired"] + counts["set_aside"]
    for day in [*(Day(year, 3, 31) for year in YEARS), any_day]:
        stock = records.stock(str(day))
        assert stock["child_id"].is_unique
        assert len(stock) == plain_count(episodes, born, day)
        as_it_stood = records.as_of(str(day))
        assert as_it_stood.placements["ended"].isna().sum() == len(stock)
        assert as_it_stood.periods["ended"].isna().sum() == len(stock)
