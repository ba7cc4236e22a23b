"""Every rule of the return, on a folder that keeps them all until one cell is changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from written import EPISODE_HEADER, HEADER_HEADER, UASC_HEADER

from sufficiency.errors import Fault
from sufficiency.records import examine
from sufficiency.records.return_cells import CELL_RULES
from sufficiency.records.return_rules import ROW_RULES

GOOD = {
    "header.csv": [
        HEADER_HEADER,
        "A,M,01/05/2012,WBRI,,,",
        "B,F,03/02/2008,WBRI,,,",
        "C,M,30/08/2016,WBRI,,,",
        "D,M,01/01/2009,AOTH,,,",
    ],
    "episodes.csv": [
        EPISODE_HEADER,
        "A,01/06/2023,S,C2,N1,U6,PR1,01/06/2024,X1,,SN1 2AB,SN25 1QQ,SC123456",
        "A,01/06/2024,P,C2,N1,K2,PR4,,,,SN1 2AB,SN3 4RS,SC123457",
        "B,01/06/2024,S,V2,N1,K3,PR4,01/09/2024,E4A,,SN1 2AB,SN25 1QQ,",
        "C,01/06/2020,S,E1,N1,U5,PR4,01/02/2025,X1,,SN1,SN25 1,",
        "C,01/02/2025,T,E1,N1,A5,PR4,01/03/2025,E11,,SN1,SN25 1,",
        "D,01/05/2024,S,C2,N8,U6,PR4,,,,,OX12 2DY,XXXXXXX",
    ],
    "uasc.csv": [UASC_HEADER, "D,M,01/01/2009,"],
}
"""Lines of the return of 2025; the header of each file is line 1."""

E, H, U = "episodes.csv", "header.csv", "uasc.csv"
BROKEN: dict[str, tuple[str, int, str, str, tuple[int, ...]]] = {
    # code: file, line changed, old, new, lines at fault
    "E01": (E, 3, "A,01/06/2024", ",01/06/2024", (3,)),
    "E02": (E, 4, "01/09/2024,E4A", "01/05/2024,E4A", (4,)),
    "E03": (E, 4, "B,", "BB,", (4,)),
    "E04": (H, 3, "2008", "1998", (4,)),
    "E05": (H, 4, "30/08/2016", "30/08/2022", (5,)),
    "H11": (H, 3, "B,", ",", (3,)),
    "N12": (H, 4, "30/08/2016", "30/08/2020", (5,)),
    "N13": (E, 4, "K3", "Z11", (4,)),
    "N14": (E, 4, "K3", "", (4,)),
    "N15": (E, 3, ",P,", ",Q,", (3,)),
    "N16": (E, 3, "C2", "C9", (3,)),
    "N17": (E, 4, "E4A", "E99", (4,)),
    "N18": (E, 3, "PR4", "PR9", (3,)),
    "N19": (E, 3, "N1", "N9", (3,)),
    "N20": (H, 2, ",M,", ",1,", (2,)),
    "N25": (H, 3, "B,F,03/02/2008,WBRI,,,", "A,M,01/05/2012,WBRI,,,", (2, 3)),
    "N26": (H, 3, "2008", "2026", (3,)),
    "N27": (H, 3, "2008", "2001", (3,)),
    "N28": (E, 4, "B,01/06/2024", "A,02/06/2024", (3,)),
    "N29": (H, 3, "03/02/2008", "", (3,)),
    "N70": (E, 3, ",P,", ",,", (3,)),
    "N71": (E, 3, "C2", "", (3,)),
    "N72": (E, 3, "PR4", "", (3,)),
    "N73": (E, 3, "N1", "", (3,)),
    "N74": (E, 3, "SN1 2AB", "near the church", (3,)),
    "N75": (E, 3, "SN3 4RS", "12345", (3,)),
    "N76": (E, 3, "SC123457", "pending", (3,)),
    "N77": (U, 2, "D,", ",", (2,)),
    "N78": (U, 2, "D,", "Q,", (2,)),
    "N79": (U, 2, "2009", "2010", (2,)),
    "N80": (E, 4, "E4A", "", (4,)),
    "N81": (E, 3, "PR4,,", "PR4,,E4A", (3,)),
    "N82": (E, 3, "01/06/2024", "01/06/2025", (3,)),
    "N83": (E, 4, "01/09/2024", "01/09/2025", (4,)),
    "N84": (E, 5, "01/02/2025,X1", "01/02/2024,E4A", (5,)),
    "N85": (E, 2, "01/06/2024,X1", ",", (2, 3)),
    "N86": (E, 4, "E4A", "X1", (4,)),
    "N87": (E, 2, "X1", "E4A", (2,)),
    "N88": (E, 3, ",P,", ",S,", (3,)),
    "N89": (H, 3, "03/02/2008", "03/02/2006", (4,)),
    "N90": (H, 3, "03/02/2008", "03/02/2010", (4,)),
    "N91": (E, 3, "K2", "P1", (3,)),
    "N92": (E, 4, "E4A", "E17", (4,)),
    "N93": (E, 6, "A5", "U5", (6,)),
    "N94": (E, 3, "K2,PR4,,", "T4,PR4,01/08/2024,E4A", (3,)),
    "N95": (E, 4, "K3", "T3", (4,)),
    "N96": (E, 7, ",,OX12", ",SN1 2AB,OX12", (7,)),
    "N97": (E, 3, "SN3 4RS", "SN1 2AB", (3,)),
    "N98": (E, 3, ",P,", ",L,", (3,)),
    "N101": (H, 2, ",M,", ",,", (2,)),
    "N102": (H, 2, ",M,", ",X,", (2,)),
}
OF_TWO_RETURNS = {"N11", "N21", "N22"}
"""Rules that one return cannot break; see below."""


def write(folder: Path, tables: dict[str, list[str]], year: int = 2025) -> Path:
    at = folder / "returns" / str(year)
    at.mkdir(parents=True)
    for name, lines in tables.items():
        (at / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def told(folder: Path) -> list[Fault]:
    faults, notices, _ = examine(folder)
    return [*faults, *notices]


def test_a_good_return_breaks_no_rule(tmp_path: Path) -> None:
    assert told(write(tmp_path, GOOD)) == []


@pytest.mark.parametrize("code", list(BROKEN))
def test_each_rule_finds_its_rows(code: str, tmp_path: Path) -> None:
    name, line, old, new, rows = BROKEN[code]
    lines = list(GOOD[name])
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    found = {fault.code: fault for fault in told(write(tmp_path, {**GOOD, name: lines}))}
    assert found[code].rows == rows
    assert found[code].says
    assert found[code].fix


def test_rules_that_hold_two_returns_against_each_other(tmp_path: Path) -> None:
    """The return of 2024 has another birth and sex for A, and an episode of C without a header row."""
    episodes = [
        EPISODE_HEADER,
        "A,01/06/2023,S,C2,N1,U6,PR1,,,,SN1 2AB,SN25 1QQ,SC123456",
        GOOD[E][4].replace("01/02/2025,X1", ","),
    ]
    header = [HEADER_HEADER, "A,2,01/06/2012,WBRI,,,"]
    write(tmp_path, {H: header, E: episodes, U: [UASC_HEADER]}, 2024)
    found = {(fault.code, fault.table, fault.rows) for fault in told(write(tmp_path, GOOD))}
    assert ("N11", "returns/2024/episodes.csv", (3,)) in found
    assert {("N21", f"returns/{year}/header.csv", (2,)) for year in (2024, 2025)} <= found
    assert {("N22", f"returns/{year}/header.csv", (2,)) for year in (2024, 2025)} <= found


def test_every_rule_is_tried() -> None:
    rules = [one.code for table in (*ROW_RULES.values(), *CELL_RULES.values()) for one in table]
    assert len(rules) == len(set(rules))
    assert set(rules) == set(BROKEN) | OF_TWO_RETURNS
