"""The Standard Safeguarding Dataset gives the children, placements and counts that the same cases give as returns."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from ssd_written import Tables, as_csv, faults_of, header_of, one_return, read_csvs, rows_of, ssd_of
from test_counts import one_history
from test_mangled import mangle
from written import Day, Episode, plain_count, write_returns

from sufficiency import Records
from sufficiency.errors import Fault, InputError
from sufficiency.records.episodes import lay_end_to_end, typed_episodes
from sufficiency.records.find import find_returns
from sufficiency.records.histories import Histories, histories_of
from sufficiency.records.reading import Reading
from sufficiency.records.repairs import REPAIRS, mend
from sufficiency.records.ssd import is_ssd, named_as_ssd, returns_of_ssd
from sufficiency.records.ssd.columns import COLUMNS, REQUIRED
from sufficiency.records.tables import read_table

BORN = {"007": Day(2012, 5, 1), "B": Day(2007, 2, 3), "C": Day(2016, 8, 30), "D": Day(2010, 1, 1)}
EPISODES = [
    Episode("007", Day(2022, 6, 1), Day(2023, 6, 1), rec="X1", ls="C1", urn="SC1", pl_post="SN1 2AB"),
    Episode("007", Day(2023, 6, 1), Day(2023, 6, 9), rne="P", rec="X1", place="T1"),
    Episode("007", Day(2023, 6, 9), Day(2024, 2, 1), rne="P", rec="X1", ls="C1", urn="SC1", pl_post="SN1 2AB"),
    Episode("007", Day(2024, 2, 1), rne="L", ls="C2", urn="SC1", pl_post="SN1 2AB"),
    Episode("B", Day(2022, 5, 1), Day(2024, 1, 4), place="K2", provider="PR4", pl_post="OX12 2DY"),
    Episode("B", Day(2024, 9, 1), rne="S", ls="V2", place="K3", provider="PR4"),
    Episode("C", Day(2023, 1, 1), Day(2025, 3, 30), rec="E11", place="A5"),
    Episode("D", Day(2024, 4, 2), rne="S", ls="V4"),
]
YEARS = (2023, 2024, 2025)


def ssd(episodes: list[Episode] = EPISODES, born: dict[str, Day] = BORN, uasc: tuple[str, ...] = ("B",)) -> Tables:
    return ssd_of(header_of(born), rows_of(episodes), uasc)


def histories(tables: Tables) -> Histories:
    one, _ = one_return(tables)
    reading = Reading()
    read = histories_of([one], reading)
    assert read is not None, reading.faults
    return read


def stock(placements: pd.DataFrame, on: object) -> pd.DataFrame:
    """Children in care on a day, one row each, by child."""
    day = pd.Timestamp(on)
    there = (placements["started"] <= day) & ~(placements["ended"] <= day)
    return placements[there].sort_values("child_id", ignore_index=True)


def episodes_of(tables: Tables) -> pd.DataFrame:
    """The episodes table of the return, in the order of the file."""
    return one_return(tables)[0].tables["episodes"][0].table


def test_the_same_cases_as_returns_and_as_the_dataset(tmp_path: Path) -> None:
    """Children and placements equal to the last cell: short breaks apart, temporary moves folded, statuses merged."""
    found = find_returns(write_returns(tmp_path, EPISODES, BORN, YEARS) / "returns")
    returns = histories_of(found.returns, Reading())
    tables, sources = read_csvs(as_csv(ssd(uasc=())))
    one, _ = one_return(tables, sources)
    dataset = histories_of([one], Reading())
    assert returns is not None
    assert dataset is not None
    pd.testing.assert_frame_equal(dataset.children, returns.children)
    pd.testing.assert_frame_equal(dataset.placements, returns.placements)
    pd.testing.assert_frame_equal(dataset.periods, returns.periods)
    assert one.years == range(2025, 2026)  # nobody held left care in the first two months of the year before


@settings(max_examples=10, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.integers(0, 10_000))
def test_children_in_care_equal_a_plain_count(seed: int) -> None:
    """Random histories with gaps, legal-status rows, temporary moves and 18th birthdays, at every 31 March."""
    chance = random.Random(seed)
    made = {f"{number:03d}": one_history(f"{number:03d}", chance) for number in range(40)}
    episodes = [episode for history, _ in made.values() for episode in history]
    born = {child: day for child, (_, day) in made.items()} | {"Z": Day(2015, 1, 1)}
    episodes.append(Episode("Z", Day(2025, 3, 28), rne="S"))
    read = histories(ssd(episodes, born))
    for year in range(2019, 2026):
        there = stock(read.placements, Day(year, 3, 31))
        assert there["child_id"].is_unique
        assert len(there) == plain_count(episodes, born, Day(year, 3, 31)), year


def latest_state(records: Records) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The sample's returns as a case system has them now: each child once, each episode once, as last told.

    What a later return moved or closed has left no trace; short breaks, birthdays and overlaps are still as recorded.
    """
    folder = Path(__file__).resolve().parents[2] / "data" / "returns"
    returns = find_returns(folder).returns
    headers = lay_end_to_end(returns, "header")[0]
    typed, _ = typed_episodes(lay_end_to_end(returns, "episodes")[0])
    born = records.children.set_index("child_id")["date_of_birth"]
    typed = typed.assign(born=typed["child"].map(born), data_to=records.data_to)
    between_returns = [one for one in REPAIRS if one.code in ("M01", "M02", "M03", "M04", "M05", "M06")]
    now, _ = mend(typed, tuple(between_returns))
    short = {"CHILD": "child", "RNE": "rne", "LS": "ls", "CIN": "cin", "PLACE": "place", "PLACE_PROVIDER": "provider",
             "REC": "rec", "HOME_POST": "home_post", "PL_POST": "pl_post", "URN": "urn"}  # fmt: skip
    text = pd.DataFrame({name: now[column].fillna("") for name, column in short.items()}).assign(REASON_PLACE_CHANGE="")
    days = {
        name: now[column].dt.strftime("%Y-%m-%d").fillna("") for name, column in (("DECOM", "decom"), ("DEC", "dec"))
    }
    header = headers.drop_duplicates("CHILD", keep="last")[["CHILD", "SEX", "DOB"]]
    return header, text.assign(**days)


def test_the_sample_authority_as_the_dataset(sample_records: Records) -> None:
    """At each 31 March the same children in the same kinds of placement, under the same legal status, as near home."""
    header, episodes = latest_state(sample_records)
    children = sample_records.children
    tables = ssd_of(header, episodes, tuple(children.loc[children["uasc"], "child_id"]))
    one, _ = one_return(tables)
    assert one.years == range(2016, 2026)
    read = histories_of([one], Reading())
    assert read is not None
    same = ["child_id", "sex", "date_of_birth", "uasc"]
    held = read.children.sort_values("child_id", ignore_index=True)
    pd.testing.assert_frame_equal(held[same], children.sort_values("child_id", ignore_index=True)[same])
    for year in range(2016, 2026):
        ours, theirs = (stock(table, Day(year, 3, 31)) for table in (read.placements, sample_records.placements))
        compared = ["child_id", "kind", "legal_status", "need", "urn", "miles"]
        pd.testing.assert_frame_equal(ours[compared], theirs[compared], obj=str(year))


RENAMED = {
    "clae_cla_episode_start_date": "clae_cla_episode_start",
    "clae_cla_episode_ceased_date": "clae_cla_episode_ceased",
    "clae_cla_episode_ceased_reason": "clae_cla_episode_cease_reason",
    "clae_cla_primary_need_code": "clae_cla_primary_need",
    "clap_cla_placement_end_date": "clap_cla_placement_end",
    "lega_legal_status_start_date": "lega_legal_status_start",
    "lega_legal_status_end_date": "lega_legal_status_end",
    "addr_address_start_date": "addr_address_start",
    "addr_address_end_date": "addr_address_end",
    "pers_person_id": "pers_la_person_id",
}


@pytest.mark.parametrize("case", [str.upper, str.lower, str.title])
def test_every_release_names_its_columns_otherwise(case: Callable[[str], str]) -> None:
    expected = episodes_of(ssd())
    older = {name: table.rename(columns=RENAMED).rename(columns=case) for name, table in ssd().items()}
    assert [is_ssd(set(table.columns)) for table in older.values()] == list(older)
    pd.testing.assert_frame_equal(episodes_of(older), expected)


def test_files_that_are_not_of_the_dataset_are_not_taken_for_it() -> None:
    assert is_ssd({"CHILD", "SEX", "DOB", "ETHNIC"}) is None
    assert is_ssd({"child_id", "date_of_birth", "needs_level"}) is None
    assert is_ssd({"pers_person_id", "something"}) is None
    assert is_ssd(set()) is None


def test_values_as_databases_and_query_tools_write_them() -> None:
    """Times of day, NULL and placeholders, dates that stand for "still open", small letters."""
    expected = episodes_of(ssd())
    odd = ssd()
    told = odd["ssd_cla_episodes"]
    odd["ssd_cla_episodes"] = told.assign(
        clae_cla_episode_start_date=told["clae_cla_episode_start_date"] + " 13:45:00.000",
        clae_cla_episode_ceased_date=(told["clae_cla_episode_ceased_date"] + "T00:00:00Z").replace(
            "T00:00:00Z", "9999-12-31 00:00:00"
        ),
        clae_cla_episode_start_reason=told["clae_cla_episode_start_reason"].str.lower(),
        clae_cla_id="SSD_PH",
        clae_entered_care_date="1900-01-01 00:00:00",
        clae_cla_episode_ceased_reason=told["clae_cla_episode_ceased_reason"].replace("", "NULL"),
    )
    placed = odd["ssd_cla_placement"]
    odd["ssd_cla_placement"] = placed.assign(
        clap_cla_placement_type=placed["clap_cla_placement_type"].str.lower() + " - as the guide calls it",
        clap_cla_placement_provider="PLACEHOLDER_DATA",
        clap_cla_placement_end_date=placed["clap_cla_placement_end_date"].replace("", "31/12/2999"),
    )
    pd.testing.assert_frame_equal(episodes_of(odd), expected.assign(PLACE_PROVIDER=""))


def test_numbers_that_lost_and_gained_a_point() -> None:
    tables = ssd([Episode("12", Day(2024, 1, 1)), Episode("12", Day(2025, 3, 31))], {"12": Day(2012, 1, 1)})
    tables["ssd_cla_episodes"]["clae_person_id"] = [12.0, 12.0]
    assert set(episodes_of(tables)["CHILD"]) == {"12"}
    assert (episodes_of(tables)["PLACE"] == "U6").all()


@pytest.mark.parametrize("name", REQUIRED)
def test_a_required_table_that_is_missing_or_empty_is_one_clear_fault(name: str) -> None:
    without = {one: table for one, table in ssd().items() if one != name}
    (fault,) = faults_of(without)
    assert (fault.code, fault.table, fault.says) == ("F20", name, "the table is missing")
    (fault,) = faults_of(ssd() | {name: ssd()[name].iloc[:0]})
    assert (fault.code, fault.table, fault.says) == ("F22", name, "the table has no row")


NEEDED = [(name, column.names[0]) for name in REQUIRED for column in COLUMNS[name] if column.part != "other"]


@pytest.mark.parametrize(("name", "column"), NEEDED)
def test_a_required_column_that_is_missing_is_one_clear_fault(name: str, column: str) -> None:
    tables = ssd()
    if column == "pers_sex":
        assert "pers_gender" not in tables[name]
    (fault,) = faults_of(tables | {name: tables[name].drop(columns=column)})
    assert (fault.code, fault.table, fault.column) == ("F21", name, column)


def test_nothing_to_find_the_placement_by_is_a_fault() -> None:
    tables = ssd()
    links = ["clae_cla_placement_id", "clae_cla_id"]
    tables["ssd_cla_episodes"] = tables["ssd_cla_episodes"].drop(columns=links)
    tables["ssd_cla_placement"] = tables["ssd_cla_placement"].drop(columns="clap_person_id")
    (fault,) = faults_of(tables)
    assert fault.code == "F23"


@pytest.mark.parametrize("name", ["ssd_legal_status", "ssd_immigration_status", "ssd_address"])
def test_an_optional_table_that_is_missing_is_a_notice(name: str) -> None:
    tables = {one: table for one, table in ssd().items() if one != name}
    _, notices = one_return(tables)
    assert [fault.table for fault in notices if fault.code == "N50"] == [name]
    assert "table is missing, so" in next(fault.says for fault in notices if fault.code == "N50")


def without_ids(tables: Tables) -> Tables:
    told = tables["ssd_cla_episodes"].assign(clae_cla_placement_id="")
    return tables | {"ssd_cla_episodes": told}


def test_an_episode_without_the_id_of_its_placement_takes_that_of_the_person_on_the_day() -> None:
    pd.testing.assert_frame_equal(episodes_of(without_ids(ssd())), episodes_of(ssd()))


def test_a_placement_that_tells_only_its_period_of_care_or_its_episode() -> None:
    """Where extracts have no clap_person_id: the period's id; in the first releases the episode's."""
    by_period, by_episode = without_ids(ssd()), without_ids(ssd())
    children = ssd()["ssd_cla_episodes"]["clae_person_id"]
    by_period["ssd_cla_episodes"]["clae_cla_id"] = "poc" + children
    whose = by_period["ssd_cla_placement"].pop("clap_person_id")
    by_period["ssd_cla_placement"]["clap_cla_id"] = "poc" + whose
    pd.testing.assert_frame_equal(episodes_of(by_period), episodes_of(ssd()))
    by_episode["ssd_cla_placement"] = by_episode["ssd_cla_placement"].drop(columns="clap_person_id")
    first = ssd()["ssd_cla_episodes"].drop_duplicates("clae_cla_placement_id")["clae_cla_episode_id"]
    by_episode["ssd_cla_placement"]["clap_cla_episode_id"] = first.to_numpy()
    pd.testing.assert_frame_equal(episodes_of(by_episode), episodes_of(ssd()))


def test_an_id_that_stands_for_an_address_comes_several_times() -> None:
    """One case system gives the address's id: two children there, and one child there twice."""
    episodes = [
        Episode("007", Day(2023, 1, 1), Day(2023, 5, 1), rec="X1", place="U3"),
        Episode("007", Day(2023, 5, 1), Day(2024, 5, 1), rne="P", rec="X1", place="K2"),
        Episode("007", Day(2024, 5, 1), rne="P", place="U4"),
        Episode("B", Day(2023, 2, 1), Day(2025, 3, 31), place="U5"),
    ]
    tables = ssd(episodes)
    tables["ssd_cla_episodes"]["clae_cla_placement_id"] = ["A", "K", "A", "A"]
    tables["ssd_cla_placement"]["clap_cla_placement_id"] = ["A", "K", "A", "A"]
    assert list(episodes_of(tables)["PLACE"]) == ["U3", "K2", "U4", "U5"]


def test_a_short_placement_inside_a_long_one() -> None:
    """Without ids: after two nights elsewhere the child is again where the longer placement is."""
    episodes = [
        Episode("007", Day(2023, 1, 1), Day(2023, 5, 1), rec="X1"),
        Episode("007", Day(2023, 5, 1), Day(2023, 5, 3), rne="P", rec="X1", place="T4"),
        Episode("007", Day(2023, 5, 3), rne="P"),
        Episode("B", Day(2025, 3, 31)),
    ]
    tables = without_ids(ssd(episodes))
    placed = tables["ssd_cla_placement"].iloc[[0, 1, 3]].reset_index(drop=True)
    placed.loc[0, "clap_cla_placement_end_date"] = ""
    assert list(episodes_of(tables | {"ssd_cla_placement": placed})["PLACE"]) == ["U6", "T4", "U6", "U6"]


def codes_and_rows(notices: list[Fault]) -> dict[str, tuple[int, ...]]:
    return {fault.code: fault.rows for fault in notices}


def test_episodes_and_placements_that_do_not_find_each_other_are_notices_with_rows() -> None:
    tables = ssd()
    tables["ssd_cla_episodes"].loc[5, "clae_cla_placement_id"] = "gone"
    tables["ssd_cla_episodes"].loc[6, ["clae_cla_placement_id", "clae_person_id"]] = ["gone", "D"]
    tables["ssd_cla_episodes"].loc[6, "clae_cla_episode_start_date"] = "2021-01-01"
    _, notices = one_return(tables)
    rows = codes_and_rows(notices)
    assert rows["N55"] == (7,)  # the child's placement of that day
    assert rows["N54"] == (8,)  # none
    assert rows["N56"] == (7,)  # the placement that nobody is in any more


def test_an_episode_without_a_person_is_a_fault_of_its_row_in_the_words_of_the_dataset() -> None:
    tables = ssd()
    persons = tables["ssd_person"]
    tables["ssd_person"] = persons[persons["pers_person_id"] != "C"]
    one, _ = one_return(tables, {"ssd_cla_episodes": "in care.csv"})
    reading = Reading()
    assert histories_of([one], reading) is None
    (fault,) = named_as_ssd(reading.faults, one)
    assert (fault.table, fault.rows) == ("in care.csv", (8,))
    assert "ssd_person" in fault.says
    assert "DOB" not in str(fault)
    aside = Reading(on_fault="set_aside")
    read = histories_of([one], aside)
    assert read is not None
    assert set(read.placements["child_id"]) == {"007", "B"}


def test_dates_that_cannot_be_read_are_faults_of_their_rows() -> None:
    tables = ssd()
    tables["ssd_cla_episodes"].loc[2, "clae_cla_episode_start_date"] = "soon"
    tables["ssd_cla_placement"].loc[0, "clap_cla_placement_start_date"] = "soon"
    one, notices = one_return(tables)
    assert codes_and_rows(notices)["N57"] == (2,)
    reading = Reading()
    assert histories_of([one], reading) is None
    (fault,) = named_as_ssd(reading.faults, one)
    assert (fault.table, fault.column, fault.rows) == ("ssd_cla_episodes", "clae_cla_episode_start_date", (4,))


STATUSES = {
    "C2 - Full Care Order": "C2",
    "Interim care order Sec. 38(1)": "C1",
    "Care Order Sec. 31(a)": "C2",
    "Care Order Sec.31(a) & Placement Order (Sec. 21)": "E1",
    "Single placement acc. by LA S20(1) CA under 16": "V2",
    "Accommodated under Section 20": "V2",
    "Remanded to LA accommodation S20": "J1",
    "Police protection power Sec.38(1)": "L1",
    "Regular occ. acc by LA S20(3) CA 16 & over": "V4",
    "A series of short-term breaks (V3)": "V3",
    "Care order discharged": "",
    "Supervision order": "",
    "Care leaver - eligible": "",
    "e1": "E1",
}


@pytest.mark.parametrize(("words", "code"), STATUSES.items())
def test_legal_status_is_a_code_or_words(words: str, code: str) -> None:
    tables = ssd([Episode("007", Day(2024, 1, 1), Day(2025, 3, 31), ls=words)])
    assert list(episodes_of(tables)["LS"]) == [code]


def test_legal_status_of_the_day_or_recorded_a_little_late() -> None:
    tables = ssd()
    legal = tables["ssd_legal_status"]
    late = legal["lega_legal_status"] == "V2"
    tables["ssd_legal_status"] = legal.assign(
        lega_legal_status_start_date=legal["lega_legal_status_start_date"].mask(late, "2024-09-04")
    )
    assert list(episodes_of(tables)["LS"]) == list(episodes_of(ssd())["LS"])
    _, notices = one_return(tables | {"ssd_legal_status": legal[legal["lega_legal_status"] != "V4"]})
    assert codes_and_rows(notices)["N58"] == (9,)


WORDS = [
    ("clae_cla_episode_start_reason", "RNE", "Started to be looked after", "S"),
    ("clae_cla_episode_start_reason", "RNE", "Change of legal status only", "L"),
    ("clae_cla_episode_start_reason", "RNE", "Change of placement (but same carer(s)) only", "T"),
    ("clae_cla_episode_start_reason", "RNE", "Change of legal status and placement and carer(s) at the same time", "B"),
    ("clae_cla_episode_ceased_reason", "REC", "Episode ceases, and new episode begins on same day", "X1"),
    ("clae_cla_episode_ceased_reason", "REC", "Returned home to live with parent(s) (not under a special guardianship "
     "order) which was not part of the current care planning process", "E4B"),
    ("clae_cla_episode_ceased_reason", "REC", "Special guardianship order made to former foster carer(s), who was "
     "a relative", "E45"),
    ("clae_cla_episode_ceased_reason", "REC", "E11 Adopted", "E11"),
    ("clae_cla_primary_need_code", "CIN", "Parental illness or disability", "N3"),
    ("clae_cla_primary_need_code", "CIN", "N1 - Abuse or neglect", "N1"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "title", "words", "code"), WORDS)
def test_codes_may_come_as_words(column: str, title: str, words: str, code: str) -> None:
    tables = ssd()
    tables["ssd_cla_episodes"][column] = words
    assert set(episodes_of(tables)[title]) == {code}


def test_free_text_never_passes_for_a_code() -> None:
    """One authority has the carer's name where the provider belongs."""
    tables = ssd()
    tables["ssd_cla_placement"]["clap_cla_placement_provider"] = "Jane Carer"
    one, notices = one_return(tables)
    assert set(one.tables["episodes"][0].table["PLACE_PROVIDER"]) == {""}
    (notice,) = [fault for fault in notices if fault.code == "N53"]
    assert notice.column == "clap_cla_placement_provider"
    assert len(notice.rows) == len(tables["ssd_cla_placement"])


def test_sex_from_the_column_that_has_it() -> None:
    tables = ssd()
    given = ["Male", "SSD_PH", "2", "NULL", "F"]
    tables["ssd_person"] = tables["ssd_person"].assign(pers_sex=given, pers_gender=["", "02", "", "", ""])
    one, _ = one_return(tables)
    assert list(one.tables["header"][0].table["SEX"]) == ["M", "F", "F", ""]


def test_an_estimated_date_of_birth_is_kept_elsewhere() -> None:
    """One case system fills pers_expected_dob, not pers_dob, where the date is an estimate."""
    tables = ssd()
    persons = tables["ssd_person"]
    persons.loc[1, ["pers_dob", "pers_expected_dob"]] = ["", "2007-02-03"]
    one, notices = one_return(tables)
    assert list(one.tables["header"][0].table["DOB"])[1] == "2007-02-03"
    assert codes_and_rows(notices)["N52"] == (3,)


def test_people_who_were_never_in_care_are_no_children_of_ours() -> None:
    assert "MOTHER" in set(ssd()["ssd_person"]["pers_person_id"])
    assert list(histories(ssd()).children["child_id"]) == ["007", "B", "C", "D"]


def test_unaccompanied_children_have_no_home_here() -> None:
    rows = rows_of(EPISODES).assign(HOME_POST="SN1 1AA")
    tables = ssd_of(header_of(BORN), rows, ("B",))
    read = histories(tables)
    assert list(read.children.loc[read.children["uasc"], "child_id"]) == ["B"]
    homes = episodes_of(tables).groupby("CHILD")["HOME_POST"].agg(set)
    assert homes.to_dict() == {"007": {"SN11AA"}, "B": {""}, "C": {"SN11AA"}, "D": {"SN11AA"}}


def test_home_is_where_the_child_lived_the_day_before() -> None:
    """Not where the child moved to on the day, nor a later home, nor the placement; at birth, the home of that day."""
    episodes = [
        Episode("007", Day(2023, 1, 1), Day(2023, 5, 1), rec="X1"),
        Episode("007", Day(2023, 5, 1), rne="P"),
        Episode("B", Day(2024, 2, 2), Day(2025, 3, 31)),
    ]
    tables = ssd(episodes, uasc=())
    columns = ["addr_person_id", "addr_address_type", "addr_address_start_date", "addr_address_end_date"]
    rows = [
        ("007", "Home", "2020-01-01", "2022-12-31", "SN1"),
        ("007", "Home", "2022-12-31", "2023-01-01", "SN2"),
        ("007", "Home", "2023-01-01", "", "SN3"),
        ("007", "Foster carer", "2021-01-01", "", "SN4"),
        ("B", "Home", "2024-02-02", "", "SN5"),
        ("B", "Home", "2025-01-01", "", "SN6"),
    ]
    tables["ssd_address"] = pd.DataFrame(rows, columns=[*columns, "addr_address_postcode"])
    assert list(episodes_of(tables)["HOME_POST"]) == ["SN2", "SN2", "SN5"]


def year_of(newest: str, today: str = "2026-11-25") -> int | None:
    tables = ssd([Episode("007", Day(2019, 1, 1), Day(2023, 6, 1)), Episode("B", Day.fromisoformat(newest))])
    one, _, _ = returns_of_ssd(tables, {}, today=pd.Timestamp(today))
    return one.year if one else None


def test_the_year_is_the_last_whole_one() -> None:
    assert year_of("2025-03-31") == 2025
    assert year_of("2025-03-28") == 2025  # within the days in which a council may have no date at all
    assert year_of("2025-03-20") == 2024
    assert year_of("2026-02-10") == 2025
    assert year_of("2025-03-28", today="2025-03-29") == 2024  # the 31st has not come
    assert year_of("2062-01-01", today="2025-06-01") == 2023  # a slip of the pen moves nothing


def test_data_that_end_before_their_first_whole_year_are_a_fault() -> None:
    (fault,) = faults_of(ssd([Episode("007", Day(2024, 5, 1)), Episode("B", Day(2025, 1, 1))]))
    assert fault.code == "F25"
    (fault,) = faults_of(ssd() | {name: ssd()[name].replace(r"\d{4}-\d\d-\d\d", "soon", regex=True) for name in REQUIRED
                                  } | {"ssd_legal_status": ssd()["ssd_legal_status"].iloc[:0]})  # fmt: skip
    assert fault.code == "F24"


def test_a_date_still_to_come_is_a_notice() -> None:
    tables = ssd([Episode("007", Day(2024, 1, 1), Day(2062, 1, 1)), Episode("B", Day(2025, 3, 31))])
    one, _, notices = returns_of_ssd(tables, {}, today=pd.Timestamp("2025-06-01"))
    assert one is not None
    assert codes_and_rows(notices)["N51"] == (2,)
    read = histories_of([one], Reading())
    assert read is not None
    assert read.placements["ended"].isna().all()


def test_years_that_the_extract_does_not_hold_whole_are_not_promised() -> None:
    """An extract of six years has no child who left before it begins, so the years before are short of children."""
    left = [Episode(str(year), Day(2010, 5, 1), Day(year, 11, 20)) for year in range(2019, 2025)]
    born = {str(year): Day(2009, 1, 1) for year in range(2019, 2025)} | {"Z": Day(2015, 1, 1)}
    one, _ = one_return(ssd([*left, Episode("Z", Day(2025, 3, 31))], born))
    assert one.years == range(2021, 2026)


def test_no_message_shows_a_child() -> None:
    """Whatever is wrong, no id, name, date of birth or postcode stands in a fault or a notice."""
    tables = ssd()
    tables["ssd_cla_episodes"].loc[0, "clae_cla_placement_id"] = "gone"
    tables["ssd_cla_episodes"].loc[1, "clae_cla_episode_start_date"] = "Secret"
    tables["ssd_cla_episodes"].loc[2, "clae_cla_episode_start_reason"] = "Secret of somebody"
    tables["ssd_cla_placement"].loc[3, "clap_cla_placement_start_date"] = "Secret"
    tables["ssd_person"].loc[2, "pers_dob"] = "Secret"
    one, faults, notices = returns_of_ssd(tables, {})
    assert one is not None
    reading = Reading()
    histories_of([one], reading)
    text = "\n".join(str(fault) for fault in [*faults, *notices, *named_as_ssd(reading.faults, one), *reading.notices])
    values = {cell for table in tables.values() for cell in table.to_numpy().ravel() if len(str(cell)) > 3}
    words = {"Secret", "Mustnotshow", *values} - {"Primary", "Placement", "Supervision order"}
    assert not [word for word in words if word in text]


@settings(max_examples=25, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(st.integers(0, 1_000_000))
def test_mangled_files_end_in_faults_or_a_clean_read(seed: int) -> None:
    """Never a traceback, and what is read is accounted for to the last row."""
    chance = random.Random(seed)
    files = as_csv(ssd())
    for name in chance.sample(sorted(files), chance.randint(1, 3)):
        mangled = mangle(files[name].decode(), chance)
        files[name] = mangled.encode(chance.choice(["utf-8", "utf-8-sig", "cp1252"]))
    try:
        tables, sources = read_csvs(files)
    except InputError:
        return  # one of the files is no table any more; the reader of files says so
    one, faults, _ = returns_of_ssd(tables, sources)
    assert (one is None) == bool(faults)
    if one is None:
        return
    reading = Reading(on_fault="set_aside")
    read = histories_of([one], reading)
    if read is None:
        assert reading.faults
        return
    sums = read.sums
    assert (sums["read"] == sums["used"] + sums["repaired"] + sums["set_aside"]).all()
    named_as_ssd([*reading.set_aside, *reading.notices], one)


def test_a_file_with_semicolons_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "anything.csv"
    ssd()["ssd_cla_episodes"].to_csv(path, sep=";", index=False, encoding="utf-8-sig", quoting=csv.QUOTE_ALL)
    table = read_table(path)
    assert is_ssd(table.columns) == "ssd_cla_episodes"
    pd.testing.assert_frame_equal(episodes_of(ssd() | {"ssd_cla_episodes": table}), episodes_of(ssd()))
