"""Registers mangled at random, as CSV and as workbooks, end in faults or in a clean read, never in a traceback."""

from __future__ import annotations

import contextlib
import datetime
import random
import tempfile
from pathlib import Path

import pandas as pd
import xlsxwriter
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from sufficiency.demand.population import growth_by_month
from sufficiency.errors import InputError
from sufficiency.matching import match
from sufficiency.records.contract import REGISTERS
from sufficiency.records.reconcile import Returned, held_together, reconciled
from sufficiency.records.register_files import find_registers
from sufficiency.records.registers import check_register, register_notices

DAY = pd.Timestamp("2025-03-31")
ROWS: dict[str, list[str]] = {
    "children": [
        "child_id,date_of_birth,sex,needs_level,home_postcode,home_latitude,home_longitude,sibling_group,status,"
        "current_home_id,max_miles,avoid_homes,solo,allowed_kinds,school_postcode,school_latitude,school_longitude",
        "007,2015-02-03,female,1,SN1 2AB,,,g1,,,,H2;H3,,,SN1 2AB,,",
        "8,03/04/2012,male,2,SN12,51.4,-2.0,g1,settled,H1,10,,no,ifa;residential,,51.5,-1.8",
        "9,1/5/2010,,3,,,,,step_down,H2,,,1,,,,",
    ],
    "homes": [
        "home_id,kind,provider,postcode,latitude,longitude,places,places_free,min_age,max_age,sex,max_needs_level,"
        "weekly_cost,registered,open_from,open_to,ofsted_urn",
        "H1,ifa,Agency,SN1 2AB,,,3,1,0,17,any,3,900.50,true,2020-01-01,,SC1",
        'H2,residential,"Homes, Ltd",SN12,51.4,-2.0,3,2,10,17,female,3,,,,31/12/2030,SC2',
        "F1,in_house_fostering,Council,SN3 3NS,,,2,1,0,17,,2,500,yes,,,",
    ],
    "carers": [
        "household_id,enquired_on,applied_on,approved_on,left_on,level,places,postcode,outcome",
        "F1,2019-01-01,2019-03-01,2019-09-01,,2,2,SN3 3NS,approved",
        "E1,2024-05-06,,,,,,SN1,in_assessment",
    ],
    "prices": [
        "kind,needs_level,from_date,weekly_cost,source",
        "residential,,2024-04-01,6500,agreed",
        "ifa,1,2024-04-01,900,agreed",
        "ifa,3,2024-04-01,1100,agreed",
    ],
    "population": [
        "year,age,population,variant",
        *(f"{year},{age},900,{variant}" for variant in ("", "low") for year in (2023, 2024) for age in (0, 5, 16)),
    ],
    "fixed": ["child_id,home_id,decision", "007,H1,pin", "8,H1,rule_out", "9,H2,pin"],
    "scores": ["child_id,home_id,score", "007,H1,40", "9,F1,-100"],
}  # fmt: skip
JUNK = ["", '"', ",", "\n", "31/02/2020", "2020-01-01", "=1+1", "+44", "@x", "é", "\x00", "nan", "NaT", "-1", "1e999",
        "1e30", "0", "3", "99", "A;B", "H1", "ifa", "true", "SN1 2AB", "51.5", "#N/A", " ", "’", "inf"]  # fmt: skip
TYPED = [0, -1, 7, 1e300, 3.5, True, False, "#REF!", datetime.datetime(2015, 2, 3, 4, 5), datetime.time(1, 2), "=A1"]
"""What a cell of a workbook may hold beside text."""


def mangled(rows: list[str], chance: random.Random) -> list[list[object]]:
    """One to three of the ways in which a register goes wrong, on its cells."""
    table: list[list[object]] = [list(cells) for cells in pd.Series(rows).str.split(",")]
    for _ in range(chance.randint(1, 3)):
        row, column = chance.randrange(len(table)), chance.randrange(len(table[0]))
        match chance.randrange(7):
            case 0:
                table = [cells[:column] + cells[column + 1 :] for cells in table]
            case 1:
                table[0][column] = chance.choice(["home_id", "PLACES", "", "other", "kind", table[0][0]])
            case 2:
                table.append(list(table[row]))
            case 3:
                chance.shuffle(table)
            case 4:
                table.insert(row, [f"A title, {row}"])
            case _:
                table[row][min(column, len(table[row]) - 1)] = chance.choice(JUNK)
        table = [cells for cells in table if cells] or [[""]]
    return table


def write(folder: Path, name: str, table: list[list[object]], chance: random.Random) -> None:
    """As CSV, maybe cut off or in another encoding, or as a workbook with typed cells, of its own or in common."""
    if chance.random() < 0.6:
        content = "\n".join(",".join(map(str, cells)) for cells in table).encode(
            chance.choice(["utf-8", "utf-8-sig", "cp1252", "utf-16"]), errors="replace"
        )
        whole = chance.random() < 0.8
        (folder / f"{name}.csv").write_bytes(content if whole else content[: chance.randrange(len(content) + 1)])
        return
    cells = [[chance.choice(TYPED) if chance.random() < 0.05 else cell for cell in row] for row in table]
    path = folder / chance.choice([f"{name}.xlsx", "registers.xlsx"])
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        write_sheet(book.add_worksheet(chance.choice([name, name.title(), "Sheet1", "homes"])), cells, chance)
        if chance.random() < 0.3:
            write_sheet(book.add_worksheet("more"), cells[: chance.randrange(3)], chance)


def write_sheet(sheet: xlsxwriter.worksheet.Worksheet, cells: list[list[object]], chance: random.Random) -> None:
    first = chance.randrange(4)
    for row, values in enumerate(cells, start=first):
        for column, value in enumerate(values):
            sheet.write(row, column, value)


def read(folder: Path) -> tuple[dict[str, pd.DataFrame], list[object]]:
    """The registers that have no fault and the faults of the others, through every step of a reading."""
    found = find_registers(folder)
    faults: list[object] = [*found.faults]
    registers = {}
    for name, one in found.registers.items():
        checked, wrong = check_register(name, one.table, one.source)
        faults += wrong
        if not wrong:
            assert len(checked) == len(one.table)
            assert list(checked.columns) == [column.name for column in REGISTERS[name]]
            assert all(str(notice) for notice in register_notices(name, one.table, checked, one.source))
            registers[name] = checked.set_axis(one.table.index)
    sources = {name: one.source for name, one in found.registers.items()}
    faults += [fault for wrong in held_together(registers, sources).values() for fault in wrong]
    born = pd.Series(pd.to_datetime(["2012-04-03"])).astype("datetime64[us]")
    child = pd.DataFrame({"child_id": ["8"], "sex": ["male"], "date_of_birth": born})
    placed = child.assign(kind="ifa", started=DAY, ended=pd.Series([pd.NaT], dtype="datetime64[us]"))
    assert all(str(notice) for notice in reconciled(registers, sources, Returned(child, placed, DAY)))
    return registers, faults


@settings(max_examples=20, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.integers(0, 10_000_000))
def test_mangled_registers_end_in_faults_or_a_clean_read(seed: int) -> None:
    """And what is read clean can be used: the population has a growth, the homes can be matched or say why not."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        spoilt = chance.sample(list(ROWS), chance.randint(1, 3))
        for name, rows in ROWS.items():
            if name in spoilt:
                write(folder, name, mangled(rows, chance), chance)
            else:
                (folder / f"{name}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        registers, faults = read(folder)
    assert all(str(fault) for fault in faults)
    use(registers)


def use(registers: dict[str, pd.DataFrame]) -> None:
    if "population" in registers:
        growth = growth_by_month(registers["population"], DAY, 24, pd.Series([0, 1, 2]).to_numpy())
        assert (growth >= 0).all()
    if {"children", "homes"} <= set(registers):
        with contextlib.suppress(InputError):
            match(registers["children"], registers["homes"], as_of=DAY, prices=registers.get("prices"))


def test_the_registers_that_are_mangled_are_sound(tmp_path: Path) -> None:
    for name, rows in ROWS.items():
        (tmp_path / f"{name}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    registers, faults = read(tmp_path)
    assert not faults
    assert set(registers) == set(ROWS)
    use(registers)
