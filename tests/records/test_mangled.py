"""Files mangled at random end in faults or in a clean read, never in a traceback, and every row is accounted for."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from written import Day, Episode, write_returns

from sufficiency.errors import InputError
from sufficiency.records import check, read_records

BORN = {"A": Day(2012, 5, 1), "B": Day(2007, 2, 3), "C": Day(2016, 8, 30)}
EPISODES = [
    Episode("A", Day(2022, 6, 1), Day(2023, 6, 1), rec="X1", urn="SC1", pl_post="SN1 2AB"),
    Episode("A", Day(2023, 6, 1), Day(2023, 6, 9), rne="P", rec="X1", place="T1"),
    Episode("A", Day(2023, 6, 9), rne="P", urn="SC1", pl_post="SN1 2AB"),
    Episode("B", Day(2021, 6, 1), rne="S", place="K2", provider="PR4"),
    Episode("C", Day(2023, 1, 1), Day(2023, 2, 1), rec="E4A"),
    Episode("C", Day(2024, 1, 1), rne="S", ls="V4"),
]
HOMES = (
    "home_id,kind,postcode,places,places_free,min_age,max_age,max_needs_level,weekly_cost\n"
    "H1,ifa,SN1 2AB,2,1,0,17,3,900\nH2,residential,SN1,3,1,10,17,3,\n"
)
JUNK = [
    "",
    '"',
    ",",
    "\n",
    "31/02/2020",
    "2020-01-01",
    "99/99/9999",
    "=1+1",
    "é",
    "\x00",
    "nan",
    "-1",
    "1e999",
    "A;B",
    "T4",
    "0",
]


def mangle(text: str, chance: random.Random) -> str:
    """One way of many in which an extract goes wrong."""
    lines = text.splitlines()
    table = [line.split(",") for line in lines]
    row, column = chance.randrange(len(table)), chance.randrange(len(table[0]))
    match chance.randrange(8):
        case 0:
            table = [cells[:column] + cells[column + 1 :] for cells in table]
        case 1:
            table[0][column] = chance.choice(["CHILD", "DEC", "home_id", "", "other"])
        case 2:
            table[row][min(column, len(table[row]) - 1)] = chance.choice(JUNK)
        case 3:
            table.append(table[row])
        case 4:
            chance.shuffle(table)
        case 5:
            return text[: chance.randrange(len(text) + 1)]
        case 6:
            at = chance.randrange(len(text))
            return text[:at] + chance.choice(JUNK) + text[at:]
        case _:
            table = [[*cells[:column], cells[-1], *cells[column + 1 :]] for cells in table]
    return "\n".join(",".join(cells) for cells in table) + "\n"


@settings(max_examples=12, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@example(2867)  # a file with nothing in it but a byte order mark
@given(st.integers(0, 1_000_000))
def test_mangled_folders_end_in_faults_or_a_clean_read(seed: int) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as made:
        folder = write_returns(Path(made), EPISODES, BORN, (2023, 2024, 2025))
        (folder / "homes.csv").write_text(HOMES, encoding="utf-8")
        for path in chance.sample(sorted(folder.rglob("*.csv")), chance.randint(1, 3)):
            mangled = mangle(path.read_text(encoding="utf-8"), chance)
            path.write_bytes(mangled.encode(chance.choice(["utf-8", "utf-8-sig", "cp1252"])))
        faults, _, _ = check(folder)
        if len(faults):
            with pytest.raises(InputError):
                read_records(folder)
            return
        counts = read_records(folder).row_counts
    assert counts["read"] == counts["used"] + counts["repaired"] + counts["set_aside"]
