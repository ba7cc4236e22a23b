"""A council's lives as a data folder: yearly SSDA903 returns, ``population.csv`` and ``about.toml``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.worlds.council import LAST_YEAR, Council
from benchmarks.worlds.lives import MOVED, Lives
from benchmarks.worlds.vocabulary import BAND_ENDS, BAND_STARTS

PLACES: Final = ("U1", "U6", "U6", "K2", "H5", "K1", "P1", "A4", "R5")
PROVIDERS: Final = ("PR1", "PR1", "PR4", "PR4", "PR4", "PR2", "PR0", "PR1", "PR3")
"""SSDA903 codes of each kind."""

REASONS: Final = ("E4A", "E45", "E11", "E8", "E17")
"""REC of each way out of care."""

LETTERS_FROM: Final = 2025
"""Return from which SEX is a letter."""

VARIANTS: Final = {"low": -0.004, "principal": 0.0, "high": 0.004}
"""Yearly growth of the population's variants against the principal, after the last origin but two."""


def write_council(council: Council, lives: Lives, folder: Path) -> None:
    """Write what the library's ``read_records`` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "about.toml").write_text(f'authority = "Simulated council {council.number}"\nsynthetic = true\n')
    _population(council).to_csv(folder / "population.csv", index=False)
    episodes = _episodes(lives)
    for year in range(council.first_year, LAST_YEAR + 1):
        _write_return(year, episodes, folder / "returns" / str(year))


def _episodes(lives: Lives) -> pd.DataFrame:
    """Every placement with its codes, its child's facts, and whether another follows it."""
    rows = lives.placements.merge(lives.children, on="child")
    kind = rows["kind"].to_numpy()
    young = rows["kind"].ne(7) & ~rows["uasc"] & (rows["started"] - rows["born"] < 10 * 365)
    return rows.assign(
        CHILD=[f"W{child:06d}" for child in rows["child"]],
        RNE=np.where(rows["first"], "S", "P"),
        LS=np.select([kind == 7, young], ["E1", "C2"], "V2"),
        CIN=np.where(rows["uasc"], "N8", "N1"),
        PLACE=np.array(PLACES)[kind],
        PLACE_PROVIDER=np.array(PROVIDERS)[kind],
        REC_AT_END=np.where(rows["way"] == MOVED, "X1", np.array(REASONS)[rows["way"].clip(lower=0)]),
    )


def _write_return(year: int, episodes: pd.DataFrame, folder: Path) -> None:
    """The episodes that overlap a year to 31 March, as they stood at its end."""
    first, after = _day(f"{year - 1}-04-01"), _day(f"{year}-04-01")
    rows = episodes[(episodes["started"] < after) & (episodes["ended"] >= first)]
    over = rows["ended"] < after
    folder.mkdir(parents=True, exist_ok=True)
    table = pd.DataFrame({"CHILD": rows["CHILD"], "DECOM": _dates(rows["started"])})
    table = table.assign(**{name: rows[name] for name in ("RNE", "LS", "CIN", "PLACE", "PLACE_PROVIDER")})
    table["DEC"] = _dates(rows["ended"].where(over, 0)).where(over, "")
    table["REC"] = rows["REC_AT_END"].where(over, "")
    table["REASON_PLACE_CHANGE"] = np.where(over & (rows["way"] == MOVED), "PLAN", "")
    table.assign(HOME_POST="", PL_POST="", URN="").to_csv(folder / "episodes.csv", index=False)
    _write_children(year, rows.drop_duplicates("child"), folder)


def _write_children(year: int, rows: pd.DataFrame, folder: Path) -> None:
    """Header and UASC of the children of a return."""
    sex = rows["sex"].map({1: "M", 2: "F"}) if year >= LETTERS_FROM else rows["sex"].astype(str)
    known = pd.DataFrame({"CHILD": rows["CHILD"], "SEX": sex, "DOB": _dates(rows["born"])})
    header = known.assign(ETHNIC=np.where(rows["uasc"], "OOTH", "WBRI"), UPN="UN3", MOTHER="", MC_DOB="")
    header.to_csv(folder / "header.csv", index=False)
    adult = rows["born"].to_numpy().astype("datetime64[D]").astype("datetime64[M]") + 12 * 18
    eighteen = (adult.astype("datetime64[D]").astype(np.int64)) + 14
    known.assign(DUC=_dates(pd.Series(eighteen, rows.index)))[rows["uasc"]].to_csv(folder / "uasc.csv", index=False)


def _population(council: Council) -> pd.DataFrame:
    """Mid-year population by single year of age as published: what was expected, without the years' surprises."""
    share = np.diff([*BAND_STARTS, BAND_ENDS[-1]]) / BAND_ENDS[-1]
    tables = []
    for year in range(council.first_year - 1, LAST_YEAR + 7):
        month = min(12 * (year - council.begins) + 3, council.months - 1)
        by_band = council.children_aged_0_17 * share * council.calendar.expected_population[month]
        width = np.diff([*BAND_STARTS, BAND_ENDS[-1]])
        by_age = np.repeat(by_band / width, width)
        ahead = max(year - council.origins[0], 0)
        tables += [
            pd.DataFrame({"year": year, "age": range(18), "population": by_age * (1 + growth * ahead), "variant": name})
            for name, growth in VARIANTS.items()
        ]
    table = pd.concat(tables)
    return table.assign(population=table["population"].round().astype(int))


def _day(text: str) -> int:
    return int(np.datetime64(text, "D").astype(np.int64))


def _dates(days: pd.Series) -> pd.Series:
    """Day numbers as dd/mm/yyyy."""
    return pd.Series(pd.to_datetime(days.to_numpy().astype("datetime64[D]")), index=days.index).dt.strftime("%d/%m/%Y")
