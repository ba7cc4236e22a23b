"""Write the tables of the Standard Safeguarding Dataset for tests, from the rows of returns or from true histories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
from written import Day, Episode

from sufficiency.errors import Fault
from sufficiency.records.returns import Return
from sufficiency.records.ssd import is_ssd, returns_of_ssd
from sufficiency.records.tables import table_from_bytes

Tables = dict[str, pd.DataFrame]
PLACE = ["PLACE", "PLACE_PROVIDER", "PL_POST", "URN"]
DAYS_AT_HOME = 400
"""Days before entering care since when a child has lived at the home that HOME_POST names."""


def rows_of(episodes: Sequence[Episode], until: Day | None = None) -> pd.DataFrame:
    """Histories as the episodes table of one return that holds them all; ends after ``until`` are not known."""
    names = "CHILD DECOM RNE LS CIN PLACE PLACE_PROVIDER DEC REC REASON_PLACE_CHANGE HOME_POST PL_POST URN".split()
    table = pd.DataFrame([one.row(until).split(",") for one in episodes], columns=names, dtype="str")
    return table.assign(DECOM=_iso(table["DECOM"]), DEC=_iso(table["DEC"]))


def header_of(born: Mapping[str, Day], sex: str = "M") -> pd.DataFrame:
    return pd.DataFrame({"CHILD": list(born), "SEX": sex, "DOB": [str(day) for day in born.values()]}, dtype="str")


def _iso(dates: pd.Series) -> pd.Series:
    return dates.str.replace(r"^(\d\d)/(\d\d)/(\d{4})$", r"\3-\2-\1", regex=True)


def ssd_of(header: pd.DataFrame, episodes: pd.DataFrame, uasc: Sequence[str] = ()) -> Tables:
    """A case system's tables for the rows of a return (ISO dates): an episode shares the placement of the row before
    when only its legal status changes. With what a system also holds: people never in care, names, other statuses.
    """
    rows = episodes.sort_values(["CHILD", "DECOM"], kind="stable").reset_index(drop=True)
    before = rows.shift(1)
    same = rows[["CHILD", *PLACE]].eq(before[["CHILD", *PLACE]]).all(axis=1) & rows["RNE"].eq("L")
    same &= rows["DECOM"].eq(before["DEC"])
    placement = "P" + (~same).cumsum().astype("str")
    number = pd.Series(range(100, 100 + len(rows))).astype("str")
    told = pd.DataFrame(
        {
            "clae_cla_episode_id": number,
            "clae_person_id": rows["CHILD"],
            "clae_cla_placement_id": placement,
            "clae_cla_episode_start_date": rows["DECOM"],
            "clae_cla_episode_start_reason": rows["RNE"],
            "clae_cla_primary_need_code": rows["CIN"],
            "clae_cla_episode_ceased_date": rows["DEC"],
            "clae_cla_episode_ceased_reason": rows["REC"],
            "clae_cla_id": "",
            "clae_entered_care_date": "",
        }
    )
    by_placement = rows.groupby(placement, sort=False)
    first, last = by_placement.first(), by_placement.last()
    placements = pd.DataFrame(
        {
            "clap_cla_placement_id": first.index,
            "clap_cla_id": "",
            "clap_person_id": first["CHILD"].to_numpy(),
            "clap_cla_placement_start_date": first["DECOM"].to_numpy(),
            "clap_cla_placement_type": first["PLACE"].to_numpy(),
            "clap_cla_placement_urn": first["URN"].to_numpy(),
            "clap_cla_placement_provider": first["PLACE_PROVIDER"].to_numpy(),
            "clap_cla_placement_postcode": first["PL_POST"].to_numpy(),
            "clap_cla_placement_end_date": last["DEC"].to_numpy(),
            "clap_cla_placement_change_reason": last["REASON_PLACE_CHANGE"].to_numpy(),
        }
    )
    legal = pd.DataFrame(
        {
            "lega_legal_status_id": "L" + number,
            "lega_person_id": rows["CHILD"],
            "lega_legal_status": rows["LS"],
            "lega_legal_status_start_date": rows["DECOM"],
            "lega_legal_status_end_date": rows["DEC"],
        }
    )
    supervised = legal.assign(lega_legal_status="Supervision order", lega_legal_status_id="S" + number)
    return {
        "ssd_cla_episodes": told,
        "ssd_cla_placement": placements,
        "ssd_person": _persons(header),
        "ssd_legal_status": pd.concat([supervised, legal], ignore_index=True),
        "ssd_immigration_status": _immigration(uasc),
        "ssd_address": _addresses(rows),
    }


def _persons(header: pd.DataFrame) -> pd.DataFrame:
    persons = pd.DataFrame(
        {
            "pers_person_id": header["CHILD"],
            "pers_surname": "Mustnotshow",
            "pers_sex": header["SEX"],
            "pers_dob": header["DOB"],
            "pers_expected_dob": "",
        }
    )
    mother = {"pers_person_id": "MOTHER", "pers_surname": "Mustnotshow", "pers_sex": "F", "pers_dob": "1980-02-03"}
    return pd.concat([persons, pd.DataFrame([{**mother, "pers_expected_dob": ""}])], ignore_index=True)


def _immigration(uasc: Sequence[str]) -> pd.DataFrame:
    columns = ["immi_immigration_status_id", "immi_person_id", "immi_immigration_status",
               "immi_immigration_status_start_date", "immi_immigration_status_end_date"]  # fmt: skip
    rows = [(f"I{number}", child, "Unaccompanied Asylum Seeking Child (UASC)", "", "") for number, child in
            enumerate(uasc)]  # fmt: skip
    return pd.DataFrame([*rows, ("I", "MOTHER", "Indefinite leave to remain", "", "")], columns=columns, dtype="str")


def _addresses(rows: pd.DataFrame) -> pd.DataFrame:
    """Each child's home from long before its first episode, and its placements as addresses of their own."""
    homes = rows[rows["HOME_POST"] != ""].drop_duplicates("CHILD")
    since = pd.to_datetime(homes["DECOM"], errors="coerce") - pd.Timedelta(days=DAYS_AT_HOME)
    home = pd.DataFrame(
        {
            "addr_table_id": "H" + homes["CHILD"],
            "addr_person_id": homes["CHILD"],
            "addr_address_type": "Primary",
            "addr_address_start_date": since.dt.strftime("%Y-%m-%d").fillna(""),
            "addr_address_end_date": "",
            "addr_address_postcode": homes["HOME_POST"].str.replace(" ", ""),
        }
    )
    away = pd.DataFrame(
        {
            "addr_table_id": "A" + rows.index.astype("str"),
            "addr_person_id": rows["CHILD"],
            "addr_address_type": "Placement",
            "addr_address_start_date": rows["DECOM"],
            "addr_address_end_date": rows["DEC"],
            "addr_address_postcode": rows["PL_POST"],
        }
    )
    return pd.concat([home, away], ignore_index=True)


def as_csv(tables: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """Each table as the file that a query tool would save."""
    return {name: table.to_csv(index=False).encode() for name, table in tables.items()}


def read_csvs(files: Mapping[str, bytes]) -> tuple[Tables, dict[str, str]]:
    """Files as tables known by their columns, and their sources."""
    read = {f"{name}.csv": table_from_bytes(content, f"{name}.csv") for name, content in files.items()}
    known = {source: is_ssd(set(table.columns)) for source, table in read.items()}
    return (
        {name: read[source] for source, name in known.items() if name},
        {name: source for source, name in known.items() if name},
    )


def one_return(
    tables: Mapping[str, pd.DataFrame], sources: Mapping[str, str] | None = None
) -> tuple[Return, list[Fault]]:
    """The dataset's return and its notices; no fault may be in the way."""
    one, faults, notices = returns_of_ssd(tables, sources or {})
    assert not faults, faults
    assert one is not None
    return one, notices


def faults_of(tables: Mapping[str, pd.DataFrame]) -> list[Fault]:
    one, faults, _ = returns_of_ssd(tables, {})
    assert (one is None) == bool(faults)
    return faults
