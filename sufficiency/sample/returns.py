"""The three files of each year's return, in the codes of that year."""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from sufficiency.sample.chance import draw
from sufficiency.sample.model import Child, age_on, birthday, year_end
from sufficiency.sample.rows import Episode

SEX_LETTERS_FROM: Final = 2025
K3_FROM: Final = 2025
EPISODE_COLUMNS: Final = (
    "CHILD DECOM RNE LS CIN PLACE PLACE_PROVIDER DEC REC REASON_PLACE_CHANGE HOME_POST PL_POST URN"
).split()
HEADER_COLUMNS: Final = "CHILD SEX DOB ETHNIC UPN MOTHER MC_DOB".split()
UASC_COLUMNS: Final = "CHILD SEX DOB DUC".split()
ETHNIC: Final = {"WBRI": 222, "WOTH": 11, "AOTH": 5, "APKN": 4, "BAFR": 7, "BCRB": 6, "MWBC": 14, "MWAS": 6, "MOTH": 6}
ETHNIC_UASC: Final = {"OOTH": 10, "AOTH": 4, "BAFR": 8, "WOTH": 2, "NOBT": 2, "REFU": 2}
"""Ethnicity, near the published groups at 31 March 2025 (DfE); the split within groups is an assumption."""

MOTHER_SHARE: Final = 0.04
Wrong = dict[int, list[tuple[Episode, Episode | None]]]


def slash(on: int | None) -> str:
    """A day as the return writes it, dd/mm/yyyy; empty when there is none."""
    return "" if on is None else date.fromordinal(on).strftime("%d/%m/%Y")


def people(children: list[Child], rng: np.random.Generator) -> dict[str, dict[str, str]]:
    """What the header says of each child whatever the year: ethnicity, UPN and, for a few, a child of its own."""
    return {child.child_id: _person(child, rng) for child in children}


def _person(child: Child, rng: np.random.Generator) -> dict[str, str]:
    mother = child.sex == "female" and rng.random() < MOTHER_SHARE
    first = birthday(child.born, 15)
    return {
        "DOB": slash(child.born),
        "ETHNIC": draw(rng, ETHNIC_UASC if child.uasc else ETHNIC),
        "UPN": "UN3" if child.uasc else f"X903{child.number:09d}",
        "BABY": slash(first + int(rng.integers(300, 900))) if mother else "",
    }


def year_tables(
    year: int, rows: list[Episode], wrong: Wrong, children: dict[str, Child], person: dict[str, dict[str, str]]
) -> dict[str, pd.DataFrame]:
    """``header``, ``episodes`` and ``uasc`` of one return, in the contract's columns."""
    held = _as_returned(rows, wrong.get(year, []), year)
    ids = sorted({row.child_id for row in held})
    episodes = pd.DataFrame([_episode(row, year) for row in held], columns=EPISODE_COLUMNS)
    header = pd.DataFrame([_header(children[i], person[i], year) for i in ids], columns=HEADER_COLUMNS)
    uasc = [_uasc(children[i], person[i], year) for i in ids if children[i].uasc]
    return {"header": header, "episodes": episodes, "uasc": pd.DataFrame(uasc, columns=UASC_COLUMNS)}


def _as_returned(rows: list[Episode], wrong: list[tuple[Episode, Episode | None]], year: int) -> list[Episode]:
    first, last = year_end(year - 1) + 1, year_end(year)
    instead = {(row.child_id, row.decom): other for row, other in wrong}
    held = [instead.get((row.child_id, row.decom), row) for row in rows if row.overlaps(first, last)]
    return [row for row in held if row is not None]


def _episode(row: Episode, year: int) -> tuple[str, ...]:
    ended = row.dec is not None and row.dec <= year_end(year)
    place = "K3" if row.place == "H5" and year >= K3_FROM else row.place
    urn = row.urn if row.place != "H5" or year >= K3_FROM else ""
    dec, rec, reason = (slash(row.dec), row.rec, row.reason) if ended else ("", "", "")
    return (
        *(row.child_id, slash(row.decom), row.rne, row.ls, row.cin, place, row.provider),
        *(dec, rec, reason, row.home_post, row.pl_post, urn),
    )


def _sex(child: Child, year: int) -> str:
    codes = {"male": "M", "female": "F"} if year >= SEX_LETTERS_FROM else {"male": "1", "female": "2"}
    return codes[child.sex]


def _header(child: Child, person: dict[str, str], year: int) -> tuple[str, ...]:
    baby = person["BABY"]
    born = bool(baby) and date(*map(int, reversed(baby.split("/")))).toordinal() <= year_end(year)
    upn = "UN1" if age_on(child.born, year_end(year)) < 5 else person["UPN"]
    mother = "1" if born else ("0" if child.sex == "female" and age_on(child.born, year_end(year)) >= 12 else "")
    return (child.child_id, _sex(child, year), person["DOB"], person["ETHNIC"], upn, mother, baby if born else "")


def _uasc(child: Child, person: dict[str, str], year: int) -> tuple[str, ...]:
    adult = birthday(child.born, 18)
    return (child.child_id, _sex(child, year), person["DOB"], slash(adult) if adult <= year_end(year) else "")
