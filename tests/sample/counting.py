"""Plain counts from the files of a sample folder, as a statistician would take them: no code of the generator."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd

from sufficiency.calendar import age_in_years, days
from sufficiency.geography import locate, miles_between
from sufficiency.vocabulary import AGE_BANDS, age_band_index, placement_kind

YEARS = range(2016, 2026)
Counts = dict[tuple[str, int, str], float]
GROUPS = {
    "foster": ("kinship", "in_house_fostering", "ifa"),
    "secure_and_childrens_homes": ("secure", "residential"),
    "supported": ("supported",),
    "with_parents": ("with_parents",),
}
PROVIDERS = {"PR1": "own", "PR4": "private", "PR5": "voluntary", "PR0": "parents"}
ADOPTED, GUARDIAN = ("E11", "E12"), ("E41", "E45", "E46", "E47", "E48")
BOROUGH = "E06000030"


def read_return(folder: Path, year: int) -> pd.DataFrame:
    """Episodes of one return with date of birth and whether the child is unaccompanied; short breaks left out."""
    files = {
        name: pd.read_csv(folder / "returns" / str(year) / f"{name}.csv", dtype=str, keep_default_na=False)
        for name in ("header", "episodes", "uasc")
    }
    rows = files["episodes"].merge(files["header"][["CHILD", "DOB", "SEX"]], on="CHILD", validate="m:1")
    for column in ("DECOM", "DEC", "DOB"):
        rows[column] = pd.to_datetime(rows[column], format="%d/%m/%Y")
    rows = rows[~rows["LS"].isin(["V3", "V4"])]
    return rows.assign(uasc=rows["CHILD"].isin(files["uasc"]["CHILD"]), year=year)


def age_bands(born: pd.Series, on: pd.Series) -> pd.Series:
    return pd.Series([AGE_BANDS[index] for index in age_band_index(age_in_years(days(born), days(on)))], born.index)


def all_counts(folder: Path) -> Counts:
    """Every cell that ``targets.csv`` has, by measure, year and category."""
    returns = {year: read_return(folder, year) for year in YEARS}
    counts: Counts = {}
    for year, rows in returns.items():
        counts |= stock_counts(rows, year) | flow_counts(rows, year)
    counts |= duration_counts(pd.concat(returns.values()))
    return counts | register_counts(folder)


def stock_on(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    """One row per child looked after on 31 March, the latest to begin; temporary moves keep the place before."""
    day = pd.Timestamp(year, 3, 31)
    held = rows[(rows["DECOM"] <= day) & (rows["DEC"].isna() | (rows["DEC"] > day))]
    return held.sort_values("DECOM", kind="stable").drop_duplicates("CHILD", keep="last")


def stock_counts(rows: pd.DataFrame, year: int) -> Counts:
    held = stock_on(rows, year)
    day = pd.Series(pd.Timestamp(year, 3, 31), held.index)
    kinds = placement_kind(held["PLACE"], held["PLACE_PROVIDER"])
    named = {
        "looked_after": Counter(["all"] * len(held) + ["uasc"] * int(held["uasc"].sum())),
        "looked_after_age": Counter(age_bands(held["DOB"], day)),
        "kind": Counter(kinds),
        "placement_group": {name: int(kinds.isin(group).sum()) for name, group in GROUPS.items()},
        "provider": Counter(held["PLACE_PROVIDER"].map(PROVIDERS).dropna()),
        "legal_status": Counter(held["LS"].where(held["LS"].isin(["C1", "C2", "E1", "V2"]), "other")),
        "sex": Counter(held["SEX"].map({"F": "female", "M": "male", "2": "female", "1": "male"})),
        "three_or_more_placements": {"all": int((placements_in(rows, year).reindex(held["CHILD"]) >= 3).sum())},
    }
    counts = {(measure, year, str(name)): n for measure, cells in named.items() for name, n in cells.items()}
    return counts | distance_counts(held, year)


def distance_counts(held: pd.DataFrame, year: int) -> Counts:
    home, place = locate(held["HOME_POST"]), locate(held["PL_POST"])
    miles = pd.Series(
        miles_between(
            *(column.to_numpy() for column in (home.latitude, home.longitude, place.latitude, place.longitude))
        )
    ).round(1)
    inside = place["authority"] == BOROUGH
    return {
        ("distance", year, "over 20 miles"): int((miles > 20).sum()),
        ("distance", year, "20 miles or less"): int((miles <= 20).sum()),
        ("distance", year, "unknown"): int(miles.isna().sum()),
        ("inside_borough", year, "all"): int(inside.sum()),
        ("inside_borough", year, "uasc"): int((inside & held["uasc"]).sum()),
    }


def placements_in(rows: pd.DataFrame, year: int) -> pd.Series:
    """Placements held in the year by child: those begun in it, and the one at its opening; temporary ones left out."""
    first = pd.Timestamp(year - 1, 4, 1)
    return (
        _new_placements(rows, year)
        .groupby("CHILD")
        .size()
        .add(rows[rows["DECOM"] < first].groupby("CHILD").size().clip(upper=1), fill_value=0)
    )


def _new_placements(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    """Rows that begin a placement in the year; coming back from a temporary move begins none."""
    rows = rows.sort_values(["CHILD", "DECOM"], kind="stable")
    back = rows.groupby("CHILD")["PLACE"].shift().str.startswith("T", na=False)
    new = (rows["RNE"] != "L") & ~rows["PLACE"].str.startswith("T") & ~back
    return rows[new & (rows["DECOM"] >= pd.Timestamp(year - 1, 4, 1))]


def flow_counts(rows: pd.DataFrame, year: int) -> Counts:
    first = pd.Timestamp(year - 1, 4, 1)
    started = rows[(rows["RNE"] == "S") & (rows["DECOM"] >= first)].sort_values("DECOM").drop_duplicates("CHILD")
    ended = rows[rows["DEC"].notna() & (rows["REC"] != "X1") & (rows["DEC"] >= first)]
    ended = ended.sort_values("DEC").drop_duplicates("CHILD", keep="last")
    adult = age_in_years(days(ended["DOB"]), days(ended["DEC"])) >= 18
    young = ended[~adult]
    named = {
        "started": Counter(["all"] * len(started) + ["uasc"] * int(started["uasc"].sum())),
        "started_age": Counter(age_bands(started["DOB"], started["DECOM"])),
        "ceased": Counter(["all"] * len(ended) + ["uasc"] * int(ended["uasc"].sum())),
        "ceased_18": {"all": int(adult.sum())},
        "ceased_age": Counter(age_bands(young["DOB"], young["DEC"])),
        "adopted": {"all": int(ended["REC"].isin(ADOPTED).sum())},
        "sgo_or_order": {"all": int(ended["REC"].isin(GUARDIAN).sum())},
        "new_placements": {"all": len(_new_placements(rows, year))},
    }
    return {(measure, year, str(name)): n for measure, cells in named.items() for name, n in cells.items()}


def duration_counts(returns: pd.DataFrame) -> Counts:
    """Days in placements completed in the last four returns: temporary moves and legal changes do not end one."""
    rows = returns.sort_values(["CHILD", "DECOM", "year"], kind="stable").drop_duplicates(
        ["CHILD", "DECOM"], keep="last"
    )
    rows = rows[~rows["PLACE"].str.startswith("T")]
    same_home = rows.groupby("CHILD")[["PLACE", "PL_POST"]].shift().eq(rows[["PLACE", "PL_POST"]]).all(axis=1)
    begins = (rows["RNE"] != "L") & ~(same_home & (rows["RNE"] == "P"))
    spells = rows.groupby(begins.cumsum()).agg(
        start=("DECOM", "first"),
        end=("DEC", "last"),
        place=("PLACE", "first"),
        provider=("PLACE_PROVIDER", "first"),
    )
    spells = spells[spells["end"] > pd.Timestamp(2021, 3, 31)]
    days = (spells["end"] - spells["start"]).dt.days
    kinds = placement_kind(spells["place"], spells["provider"])
    counts: Counts = {}
    for name, group in (
        ("fostering", GROUPS["foster"]),
        ("residential", ("residential",)),
        ("supported", ("supported",)),
    ):
        own = days[kinds.isin(group)]
        counts["duration_median", 2025, name] = float(own.median())
        counts["duration_mean", 2025, name] = float(own.mean())
    return counts


def register_counts(folder: Path) -> Counts:
    homes, children = pd.read_csv(folder / "homes.csv"), pd.read_csv(folder / "children.csv")
    carers, people = pd.read_csv(folder / "carers.csv"), pd.read_csv(folder / "population.csv")
    own = homes[homes["kind"] == "in_house_fostering"]
    local = homes[locate(homes["postcode"])["authority"] == BOROUGH]
    homes_here = local[local["kind"] == "residential"]
    ours = int(children["current_home_id"].isin(local["home_id"]).sum())
    agreed = people[(people["variant"] == "principal")].groupby("year")["population"].sum()
    approved, enquired, left = (pd.to_datetime(carers[name]) for name in ("approved_on", "enquired_on", "left_on"))
    opening = (approved <= "2024-03-31") & ~(left <= "2024-03-31")
    return {
        ("households", 2025, "in_house"): len(own),
        ("places", 2025, "in_house"): int(own["places"].sum()),
        ("places_filled", 2025, "in_house"): int((own["places"] - own["places_free"]).sum()),
        **{("households_by_places", 2025, str(n)): int((own["places"] == n).sum()) for n in range(1, 5)},
        ("homes", 2025, "local_residential"): len(homes_here),
        ("places", 2025, "local_residential"): int(homes_here["places"].sum()),
        ("other_authorities_children", 2025, "in borough"): int((local["places"] - local["places_free"]).sum()) - ours,
        ("population", 2018, "0-17"): int(agreed[2018]),
        ("population", 2024, "0-17"): int(agreed[2024]),
        ("sibling_group_size", 2025, "mean"): float(children["sibling_group"].value_counts().mean()),
        ("enquiry_to_approval_days", 2025, "median"): float((approved - enquired).dt.days.median()),
        ("households_left_share", 2025, "all"): float((opening & (left > "2024-03-31")).sum() / opening.sum()),
    }
