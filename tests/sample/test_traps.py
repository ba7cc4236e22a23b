"""The sample has in it what trips up readers of real returns: each trap is there, and seldom enough."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from sufficiency.vocabulary import PLACE_YEARS

DATES = ("DECOM", "DEC", "DOB")


@cache
def returns(folder: Path) -> pd.DataFrame:
    """All episodes of all returns with ``year``, ``SEX`` and ``DOB``."""
    parts = []
    for path in sorted(folder.glob("returns/*/episodes.csv")):
        rows, header = (pd.read_csv(path.with_name(f"{name}.csv"), dtype=str) for name in ("episodes", "header"))
        parts.append(rows.merge(header[["CHILD", "SEX", "DOB"]], on="CHILD").assign(year=int(path.parent.name)))
    table = pd.concat(parts, ignore_index=True)
    return table.assign(**{name: pd.to_datetime(table[name], format="%d/%m/%Y") for name in DATES})


def latest(folder: Path) -> pd.DataFrame:
    rows = returns(folder).sort_values(["CHILD", "DECOM", "year"], kind="stable")
    return rows.drop_duplicates(["CHILD", "DECOM"], keep="last")


def test_open_episodes_come_back_in_the_next_return(sample: Path) -> None:
    rows = returns(sample)
    again = rows.groupby(["CHILD", "DECOM"])["year"].nunique()
    assert (again > 1).sum() > 500
    assert again.max() >= 5


def test_temporary_moves_return_to_the_place_before(sample: Path) -> None:
    rows = latest(sample)
    temporary = rows["PLACE"].isin(["T1", "T2", "T3", "T4"])
    before, after = rows["PL_POST"].shift(), rows["PL_POST"].shift(-1)
    assert 40 <= temporary.sum() <= 80
    assert (before[temporary] == after[temporary]).mean() > 0.9
    assert (rows.loc[temporary, "REC"].dropna() == "X1").all()


def test_legal_status_changes_without_a_move(sample: Path) -> None:
    rows = latest(sample)
    legal = rows["RNE"] == "L"
    steps = rows["LS"].shift()[legal] + ">" + rows["LS"][legal]
    assert (rows["PL_POST"].shift()[legal] == rows["PL_POST"][legal]).mean() > 0.95
    assert {"C1>C2", "C2>E1", "V2>C1"} <= set(steps)


def test_short_breaks_are_children_of_their_own(sample: Path) -> None:
    rows = returns(sample)
    short = rows["LS"].isin(["V3", "V4"])
    assert 20 <= short.sum() <= 90
    assert set(rows.loc[short, "CHILD"]).isdisjoint(rows.loc[~short, "CHILD"])


def test_codes_change_with_the_year(sample: Path) -> None:
    rows = returns(sample)
    assert set(rows.loc[rows["year"] < 2025, "SEX"]) == {"1", "2"}
    assert set(rows.loc[rows["year"] == 2025, "SEX"]) == {"F", "M"}
    years = rows["PLACE"].map(PLACE_YEARS)
    assert all(first <= year <= last for (first, last), year in zip(years, rows["year"], strict=True))


def test_an_open_h5_placement_becomes_k3(sample: Path) -> None:
    rows = returns(sample).set_index(["CHILD", "DECOM"])
    before = rows[(rows["year"] == 2024) & (rows["PLACE"] == "H5") & rows["DEC"].isna()]
    after = rows[rows["year"] == 2025]["PLACE"].reindex(before.index).dropna()
    assert len(after) > 5
    assert set(after) == {"K3"}


def test_independent_living_ends_in_october_2023(sample: Path) -> None:
    rows = latest(sample)
    own = rows[rows["PLACE"] == "P2"]
    assert len(own) > 5
    assert own["DEC"].max() < pd.Timestamp(2023, 10, 28)


@pytest.mark.parametrize("place", ["Z1", "R2", "R3", "R5", "K1", "A5", "A6", "P1", "U1", "U3", "U4", "U6"])
def test_rarer_places_are_met(sample: Path, place: str) -> None:
    assert (returns(sample)["PLACE"] == place).any()


def test_some_open_episodes_go_stale(sample: Path) -> None:
    """Open at the end of one return and not in the next: an amended date, a late entry or a child never closed."""
    rows = returns(sample)
    open_rows = rows[rows["DEC"].isna() & (rows["year"] < 2025) & ~rows["LS"].isin(["V3", "V4"])]
    held = set(zip(rows["CHILD"], rows["DECOM"], rows["year"], strict=True))
    stale = [
        (child, start)
        for child, start, year in zip(open_rows["CHILD"], open_rows["DECOM"], open_rows["year"], strict=True)
        if (child, start, year + 1) not in held
    ]
    assert 8 <= len(stale) <= 40
    gone = {child for child, _ in stale} - set(rows.loc[rows["year"] == 2025, "CHILD"])
    assert gone


def test_a_few_episodes_overlap_by_days(sample: Path) -> None:
    rows = latest(sample)
    next_start = rows["DECOM"].shift(-1).where(rows["CHILD"].eq(rows["CHILD"].shift(-1)))
    days = (rows["DEC"] - next_start).dt.days
    assert 5 <= (days.between(1, 7)).sum() <= 40


def test_some_periods_are_closed_days_after_the_18th_birthday(sample: Path) -> None:
    rows = latest(sample)
    late = (rows["DEC"] - (rows["DOB"] + pd.DateOffset(years=18))).dt.days
    assert 3 <= late.between(1, 7).sum() <= 20
    assert late.max() <= 7


def test_a_few_postcodes_are_cut_to_the_sector(sample: Path) -> None:
    rows = returns(sample)
    sector = rows["PL_POST"].str.fullmatch(r"[A-Z]{1,2}\d[A-Z\d]? \d", na=False)
    assert 0.005 < sector.mean() < 0.06


def test_many_children_started_before_the_first_return(sample: Path) -> None:
    first = returns(sample).query("year == 2016")
    earlier = first[first["DECOM"] < "2015-04-01"]
    assert earlier["CHILD"].nunique() > 200
    assert earlier["DECOM"].min() < pd.Timestamp(2012, 1, 1)


def test_unaccompanied_children_have_no_home_postcode(sample: Path) -> None:
    uasc = pd.read_csv(sample / "returns" / "2025" / "uasc.csv", dtype=str)["CHILD"]
    rows = returns(sample)
    assert rows.loc[rows["CHILD"].isin(uasc), "HOME_POST"].isna().all()
