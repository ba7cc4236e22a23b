"""Small councils for the needs analysis: returns of a few children, a region made of the sample, records by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from sufficiency import Records, read_records

EPISODES = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN"
HEADER = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB"
A_FEW = (
    "A,01/05/2023,S,C2,N1,U6,PR1,,,,,,",
    "B,01/06/2023,S,V2,N8,K2,PR4,,,,,,",
    "C,03/04/2023,S,V2,N1,U6,PR4,01/02/2024,E4A,,,,",
)
BORN = {"A": "01/01/2015", "B": "05/05/2008", "C": "09/09/2012"}


def write_returns(data: Path, year: int, rows: Sequence[str], born: dict[str, str]) -> Path:
    """A data folder with one return and nothing else."""
    folder = data / "returns" / str(year)
    folder.mkdir(parents=True)
    headers = [f"{child},1,{day},WBRI,,," for child, day in born.items()]
    for name, lines in {
        "header": [HEADER, *headers],
        "episodes": [EPISODES, *rows],
        "uasc": ["CHILD,SEX,DOB,DUC"],
    }.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return data


@pytest.fixture
def few_folder(tmp_path: Path) -> Path:
    """A council with three children, one return, no register and no postcode."""
    return write_returns(tmp_path / "few", 2024, A_FEW, BORN)


@pytest.fixture
def few(few_folder: Path) -> Records:
    return read_records(few_folder)


@pytest.fixture(scope="session")
def region(sample_records: Records) -> Records:
    """The sample's children as those of two authorities, a large and a small one."""
    children = sample_records.children
    small = children["child_id"].str[-1].isin(["0", "5"])
    whose = small.map({True: "Little", False: "Large"}).set_axis(children["child_id"])
    tables = {
        name: table.assign(authority=table["child_id"].map(whose))
        for name, table in (
            ("children", children),
            ("placements", sample_records.placements),
            ("periods", sample_records.periods),
        )
    }
    coverage = pd.concat([sample_records.coverage.assign(authority=name) for name in ("Large", "Little")])
    return replace(sample_records, **tables, coverage=coverage, authority="Two Councils")


@pytest.fixture(scope="session")
def with_periods(sample_records: Records) -> Callable[..., Records]:
    """Records whose periods of care are given by hand: child, start, end (or ""), whether the start is unseen."""

    def made(*rows: tuple[str, str, str, bool]) -> Records:
        table = pd.DataFrame(rows, columns=["child_id", "started", "ended", "left_censored"])
        dates = {
            name: pd.to_datetime(table[name].where(table[name] != ""), format="%Y-%m-%d").astype("datetime64[us]")
            for name in ("started", "ended")
        }
        periods = table.assign(authority="", period=range(len(table)), exit_reason=None, **dates)
        periods["exit_reason"] = pd.Categorical(
            periods["ended"].notna().map({True: "other", False: None}),
            categories=sample_records.periods["exit_reason"].cat.categories,
        )
        children = pd.DataFrame(
            {"authority": "", "child_id": table["child_id"].unique(), "sex": "other", "uasc": False}
        ).assign(date_of_birth=pd.Timestamp("2012-06-01"))
        return replace(sample_records, periods=periods, children=children)

    return made
