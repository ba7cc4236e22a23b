"""Each repair on a table small enough to be checked by hand; returns are written as an authority would have."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from written import Day, Episode, write_return, write_returns

from sufficiency.records import Records, read_records

BORN = {"A": Day(2012, 5, 1)}


def read(tmp_path: Path, episodes: list[Episode], years: tuple[int, ...] = (2025,), **born: Day) -> Records:
    return read_records(write_returns(tmp_path, episodes, {**BORN, **born}, years))


def read_rows(tmp_path: Path, by_year: dict[int, list[Episode]], **born: Day) -> Records:
    """Returns whose rows are given as they stand, so that they may contradict each other."""
    for year, episodes in by_year.items():
        write_return(tmp_path / "returns" / str(year), [episode.row() for episode in episodes], {**BORN, **born})
    return read_records(tmp_path)


def spans(records: Records) -> list[tuple[str, str]]:
    """Placements as (started, ended), "" while open."""
    ends = records.placements["ended"].dt.strftime("%Y-%m-%d").fillna("")
    return list(zip(records.placements["started"].dt.strftime("%Y-%m-%d"), ends, strict=True))


def count(records: Records, code: str) -> int:
    return int(records.repairs.set_index("code").loc[code, "rows"])


def test_an_open_episode_in_three_returns_is_one_placement(tmp_path: Path) -> None:
    """Open since June 2022, it stands in the returns of 2023, 2024 and 2025: three rows, two of them repeats."""
    records = read(tmp_path, [Episode("A", Day(2022, 6, 1))], (2023, 2024, 2025))
    assert spans(records) == [("2022-06-01", "")]
    assert count(records, "M03") == 2
    assert records.row_counts == {"read": 3, "used": 1, "repaired": 2, "set_aside": 0}


def test_the_latest_return_knows_how_it_ended(tmp_path: Path) -> None:
    records = read(tmp_path, [Episode("A", Day(2022, 6, 1), Day(2024, 2, 3), rec="E45")], (2023, 2024))
    assert spans(records) == [("2022-06-01", "2024-02-03")]
    assert records.periods["exit_reason"].tolist() == ["sgo_or_order"]


def test_amended_start_leaves_no_phantom(tmp_path: Path) -> None:
    """Open from 1 June in the return of 2024, from 8 June in that of 2025: one placement, from 8 June."""
    old, new = Episode("A", Day(2023, 6, 1)), Episode("A", Day(2023, 6, 8), Day(2024, 9, 1))
    records = read_rows(tmp_path, {2024: [old], 2025: [new]})
    assert spans(records) == [("2023-06-08", "2024-09-01")]
    assert count(records, "M04") == 1


def test_vanished_while_open_is_there_on_that_31_march_and_gone_after(tmp_path: Path) -> None:
    """B's open episode is in the return of 2024 only; A keeps the return of 2025 alive."""
    other = Episode("B", Day(2023, 6, 1))
    records = read_rows(tmp_path, {2024: [other], 2025: [Episode("A", Day(2024, 6, 1))]}, B=Day(2013, 1, 1))
    assert spans(records) == [("2024-06-01", ""), ("2023-06-01", "2024-04-01")]
    assert records.stock("2024-03-31")["child_id"].tolist() == ["B"]
    assert count(records, "M06") == 1


def test_two_returns_for_one_year_take_the_later_one(tmp_path: Path) -> None:
    """A corrected return of the same year ends the episode that the first one held open."""
    born = {"A": Day(2012, 5, 1)}
    write_return(tmp_path / "returns" / "2025 a", [Episode("A", Day(2024, 6, 1)).row()], born)
    write_return(tmp_path / "returns" / "2025 b", [Episode("A", Day(2024, 6, 1), Day(2025, 1, 5)).row()], born)
    assert spans(read_records(tmp_path)) == [("2024-06-01", "2025-01-05")]


def test_overlap_is_cut_at_the_next_start(tmp_path: Path) -> None:
    first = Episode("A", Day(2024, 5, 1), Day(2024, 7, 10), rec="X1")
    second = Episode("A", Day(2024, 7, 1), rne="P", place="K2")
    records = read(tmp_path, [first, second])
    assert spans(records) == [("2024-05-01", "2024-07-01"), ("2024-07-01", "")]
    assert len(records.periods) == 1
    assert count(records, "M10") == 1


def test_an_episode_inside_a_longer_one_loses_no_day_in_care(tmp_path: Path) -> None:
    """May to December with another home in July: cut on 1 July, and the child is in care until December."""
    outer = Episode("A", Day(2024, 5, 1), Day(2024, 12, 1), rec="E4A")
    inner = Episode("A", Day(2024, 7, 1), Day(2024, 8, 1), rne="P", rec="X1", place="K2")
    records = read(tmp_path, [outer, inner])
    assert spans(records) == [("2024-05-01", "2024-07-01"), ("2024-07-01", "2024-12-01")]
    assert records.periods["exit_reason"].tolist() == ["returned_home"]


def test_an_episode_left_open_before_a_true_exit_is_closed(tmp_path: Path) -> None:
    """Nobody closed the first episode; the second ends with a return home, so the child is not in care after it."""
    forgotten = Episode("A", Day(2024, 5, 1))
    last = Episode("A", Day(2024, 7, 1), Day(2024, 8, 1), rne="P", rec="E4A", place="K2")
    assert spans(read(tmp_path, [forgotten, last])) == [("2024-05-01", "2024-07-01"), ("2024-07-01", "2024-08-01")]


def test_a_temporary_move_belongs_to_the_placement_it_interrupts(tmp_path: Path) -> None:
    """Foster home, a week in hospital, back to the same home: one placement; then a children's home: a second."""
    home = {"place": "U6", "urn": "SC1"}
    episodes = [
        Episode("A", Day(2024, 5, 1), Day(2024, 6, 1), rec="X1", **home),
        Episode("A", Day(2024, 6, 1), Day(2024, 6, 8), rne="P", rec="X1", place="T1"),
        Episode("A", Day(2024, 6, 8), Day(2024, 9, 1), rne="P", rec="X1", **home),
        Episode("A", Day(2024, 9, 1), rne="P", place="K2", urn="SC9"),
    ]
    records = read(tmp_path, episodes)
    assert spans(records) == [("2024-05-01", "2024-09-01"), ("2024-09-01", "")]
    assert records.placements["kind"].tolist() == ["in_house_fostering", "residential"]
    assert count(records, "M12") == 2


def test_a_temporary_move_that_ends_elsewhere_begins_a_placement_there(tmp_path: Path) -> None:
    episodes = [
        Episode("A", Day(2024, 5, 1), Day(2024, 6, 1), rec="X1", urn="SC1"),
        Episode("A", Day(2024, 6, 1), Day(2024, 6, 8), rne="P", rec="X1", place="T4"),
        Episode("A", Day(2024, 6, 8), rne="P", urn="SC2"),
    ]
    assert spans(read(tmp_path, episodes)) == [("2024-05-01", "2024-06-08"), ("2024-06-08", "")]


def test_legal_status_rows_are_no_moves_and_the_latest_status_counts(tmp_path: Path) -> None:
    episodes = [
        Episode("A", Day(2024, 5, 1), Day(2024, 6, 1), rec="X1", ls="V2"),
        Episode("A", Day(2024, 6, 1), Day(2024, 7, 1), rne="L", rec="X1", ls="C1"),
        Episode("A", Day(2024, 7, 1), rne="P", ls="C2"),
    ]
    records = read(tmp_path, episodes)
    assert spans(records) == [("2024-05-01", "2024-07-01"), ("2024-07-01", "")]
    assert records.placements["legal_status"].tolist() == ["C1", "C2"]
    assert count(records, "M13") == 1


def test_a_home_without_urn_is_not_given_the_one_before(tmp_path: Path) -> None:
    episodes = [
        Episode("A", Day(2024, 5, 1), Day(2024, 6, 1), rec="X1", urn="SC1"),
        Episode("A", Day(2024, 6, 1), rne="P", urn=""),
    ]
    assert read(tmp_path, episodes).placements["urn"].isna().tolist() == [False, True]


def test_short_breaks_are_set_apart(tmp_path: Path) -> None:
    records = read(tmp_path, [Episode("A", Day(2024, 5, 1)), Episode("B", Day(2024, 5, 1), ls="V4")], B=Day(2013, 1, 1))
    assert records.stock("2025-03-31")["child_id"].tolist() == ["A"]
    assert records.row_counts["set_aside"] == 1
    assert [fault.code for fault in records.set_aside] == ["M07"]


@pytest.mark.parametrize(
    ("born", "birthday"), [(Day(2006, 10, 9), "2024-10-09"), (Day(2004, 2, 29), "2022-03-01")], ids=["any", "leap"]
)
def test_nobody_stays_past_the_18th_birthday(tmp_path: Path, born: Day, birthday: str) -> None:
    """One open for ever, one ended three days late: both end on the birthday, as turned 18."""
    day = pd.Timestamp(birthday).date()
    year = day.year + (day.month >= 4)
    late = Day(day.year, day.month, day.day + 3)
    episodes = [Episode("A", Day(day.year - 1, 5, 1)), Episode("B", Day(day.year - 1, 5, 1), late, rec="E4A")]
    records = read(tmp_path, episodes, (year,), A=born, B=born)
    assert [ended for _, ended in spans(records)] == [birthday, birthday]
    assert records.periods["exit_reason"].tolist() == ["turned_18", "turned_18"]
    assert count(records, "M09") == 2


@pytest.mark.parametrize(
    ("gap", "rec", "rne", "periods"),
    [
        (0, "E4A", "S", 1),
        (1, "E4A", "S", 1),
        (2, "E4A", "S", 2),
        (14, "X1", "S", 1),
        (14, "E4A", "P", 1),
        (15, "X1", "P", 2),
    ],
)
def test_gaps_and_periods_of_care(tmp_path: Path, gap: int, rec: str, rne: str, periods: int) -> None:
    """A day is a slip of the pen; up to 14 days are one period when X1 or the missing S says so; more is a return."""
    first = Episode("A", Day(2024, 5, 1), Day(2024, 6, 1), rec=rec)
    second = Episode("A", Day(2024, 6, 1 + gap), rne=rne)
    records = read(tmp_path, [first, second])
    assert len(records.periods) == periods
    assert len(records.placements) == 2


def test_a_history_that_does_not_begin_with_a_start_is_left_censored(tmp_path: Path) -> None:
    episodes = [Episode("A", Day(2019, 5, 1), rne="P"), Episode("B", Day(2024, 5, 1))]
    records = read(tmp_path, episodes, B=Day(2013, 1, 1))
    assert records.periods["left_censored"].tolist() == [True, False]


@pytest.mark.parametrize(("before", "start"), [("01/06/2024", "2024-06-01"), ("", "2024-04-01")])
def test_a_missing_start_comes_from_the_row_before_else_1_april(tmp_path: Path, before: str, start: str) -> None:
    """With a row that ended on 1 June before it, the start is 1 June; alone in the return, 1 April."""
    earlier = [Episode("A", Day(2024, 5, 1), Day(2024, 6, 1), rec="X1").row()] if before else []
    nameless = Episode("A", Day(2024, 7, 1), rne="P", place="K2").row().replace("01/07/2024", "")
    write_return(tmp_path / "returns" / "2025", [*earlier, nameless], BORN)
    records = read_records(tmp_path)
    assert spans(records)[-1] == (start, "")
    assert count(records, "M01") == 1


def test_a_missing_start_of_an_episode_open_in_the_return_before_is_that_start(tmp_path: Path) -> None:
    open_before = Episode("A", Day(2023, 6, 1))
    write_return(tmp_path / "returns" / "2024", [open_before.row()], BORN)
    write_return(tmp_path / "returns" / "2025", [open_before.row().replace("01/06/2023", "")], BORN)
    assert spans(read_records(tmp_path)) == [("2023-06-01", "")]


def test_as_of_shows_what_was_known_then(tmp_path: Path) -> None:
    """On 31 May 2024 the first placement was open and the move of June not yet made; the day of a move counts."""
    first = Episode("A", Day(2024, 5, 1), Day(2024, 6, 1), rec="X1")
    second = Episode("A", Day(2024, 6, 1), Day(2024, 8, 1), rne="P", place="K2")
    records = read(tmp_path, [first, second])
    before, then = records.as_of("2024-05-31"), records.as_of("2024-06-01")
    assert spans(before) == [("2024-05-01", "")]
    assert before.placements["reason_ended"].isna().all()
    assert before.periods["exit_reason"].isna().all()
    assert spans(then) == [("2024-05-01", "2024-06-01"), ("2024-06-01", "")]
    assert before.data_to == pd.Timestamp("2024-05-31")
    assert spans(records) == [("2024-05-01", "2024-06-01"), ("2024-06-01", "2024-08-01")]


def test_a_move_recorded_late_closes_the_older_row_instead_of_losing_it(tmp_path: Path) -> None:
    """In the returns of 2023 and 2024 the first home was open; that of 2025 knows of a move on 23 March 2024, and does
    not repeat the first home because it ended before 1 April. The sixteen months there must stand.
    """
    home = Episode("A", Day(2022, 11, 18), place="K2")
    moved = Episode("A", Day(2024, 3, 23), rne="B", place="R5")
    records = read_rows(tmp_path, {2023: [home], 2024: [home], 2025: [moved]})
    assert spans(records) == [("2022-11-18", "2024-03-23"), ("2024-03-23", "")]


def test_gone_from_the_next_return_and_back_later_in_it(tmp_path: Path) -> None:
    """Open on 31 March 2024 by one return; by the next not there on 1 April, and taken into care again in June."""
    home, again = Episode("A", Day(2022, 11, 18), place="K2"), Episode("A", Day(2024, 6, 5))
    records = read_rows(tmp_path, {2024: [home], 2025: [again]})
    assert spans(records) == [("2022-11-18", "2024-04-01"), ("2024-06-05", "")]
    assert len(records.periods) == 2


def test_what_ended_on_an_amended_start_runs_on_to_the_new_one(tmp_path: Path) -> None:
    """First home to 1 June, then a second one, whose start the next return moves to 8 June: no hole of a week."""
    first = Episode("A", Day(2023, 5, 1), Day(2023, 6, 1), rec="X1")
    old, new = (Episode("A", Day(2023, 6, day), rne="P", place="K2") for day in (1, 8))
    records = read_rows(tmp_path, {2024: [first, old], 2025: [new]})
    assert spans(records) == [("2023-05-01", "2023-06-08"), ("2023-06-08", "")]


def test_an_amended_start_that_moved_back_leaves_no_phantom(tmp_path: Path) -> None:
    old, new = Episode("A", Day(2023, 6, 8)), Episode("A", Day(2023, 6, 1))
    assert spans(read_rows(tmp_path, {2024: [old], 2025: [new]})) == [("2023-06-01", "")]


def test_what_an_extract_drawn_late_knows_of_the_next_year_is_not_used(tmp_path: Path) -> None:
    """Drawn in May 2025 as the return of 2025: a move on 10 April is not known yet, so the first home is still open."""
    first = Episode("A", Day(2024, 5, 1), Day(2025, 4, 10), rec="X1")
    second = Episode("A", Day(2025, 4, 10), rne="P", place="K2")
    closed = Episode("B", Day(2024, 5, 1), Day(2024, 6, 1))
    rows = {2024: [Episode("B", Day(2023, 5, 1), Day(2023, 6, 1))], 2025: [first, second, closed, closed]}
    records = read_rows(tmp_path, rows, B=Day(2013, 1, 1))
    assert records.data_to == pd.Timestamp("2025-03-31")
    assert spans(records)[0] == ("2024-05-01", "")
    assert records.placements["reason_ended"].isna().tolist() == [True, False, False]
    assert (count(records, "M02"), count(records, "M14"), count(records, "M15")) == (1, 1, 1)
    assert records.row_counts == {"read": 5, "used": 3, "repaired": 1, "set_aside": 1}


def in_care(records: Records, *days: str) -> list[list[str]]:
    return [sorted(records.stock(day)["child_id"]) for day in days]


STAYS = Episode("B", Day(2020, 5, 1))
"""A second child who keeps every return alive."""
BOTH = {"B": Day(2012, 6, 1)}


def test_open_until_a_move_in_the_next_return_never_left(tmp_path: Path) -> None:
    """Open in 2023; the return of 2024 has only A's next row, a move (P) of January 2024: she was there all along."""
    move = Episode("A", Day(2024, 1, 13), rne="P", place="K2")
    records = read_rows(tmp_path, {2023: [Episode("A", Day(2022, 1, 8)), STAYS], 2024: [move, STAYS]}, **BOTH)
    assert in_care(records, "2023-03-31", "2023-09-30", "2024-03-31") == [["A", "B"]] * 3
    assert len(records.periods[records.periods["child_id"] == "A"]) == 1


def test_a_row_left_open_beside_a_known_end_does_not_hold_the_child(tmp_path: Path) -> None:
    """A's first row stays open in the return that also has her leave in January 2023; later returns do not name her."""
    first = Episode("A", Day(2022, 1, 8), place="K2")
    left = Episode("A", Day(2022, 7, 24), Day(2023, 1, 26), rne="P", rec="E8")
    records = read_rows(tmp_path, {2022: [first, STAYS], 2023: [first, left, STAYS], 2024: [STAYS]}, **BOTH)
    days = ("2022-12-31", "2023-03-31", "2023-12-31")
    assert in_care(records, *days) == [["A", "B"], ["B"], ["B"]]


def test_a_gap_that_is_no_gap_is_care(tmp_path: Path) -> None:
    """X1 on 30 September, the next row from 5 October: one period, and the child is in care on 2 October."""
    rows = [Episode("A", Day(2024, 6, 1), Day(2024, 9, 30), rec="X1"), Episode("A", Day(2024, 10, 5), rne="P")]
    records = read(tmp_path, [*rows, STAYS], **BOTH)
    assert in_care(records, "2024-10-02") == [["A", "B"]]
    assert count(records, "M11") == 1


def test_a_missing_start_that_the_next_return_knows(tmp_path: Path) -> None:
    """Without DECOM in 2024, from 19 November 2023 in 2025: that is the start, not 1 April."""
    known = Episode("A", Day(2023, 11, 19), place="U3")
    write_return(tmp_path / "returns" / "2024", [known.row().replace("19/11/2023", ""), STAYS.row()], {**BORN, **BOTH})
    write_return(tmp_path / "returns" / "2025", [known.row(), STAYS.row()], {**BORN, **BOTH})
    records = read_records(tmp_path)
    assert in_care(records, "2023-09-30", "2024-03-31") == [["B"], ["A", "B"]]


def test_numbers_spelt_otherwise_are_one_child(tmp_path: Path) -> None:
    """007 without its noughts in 2024 and as 7.0 in 2025; ab3 in capitals in one header: two children, not five."""
    episodes = [Episode("007", Day(2022, 6, 1)), Episode("ab3", Day(2022, 7, 1))]
    born = {"007": Day(2012, 5, 1), "ab3": Day(2014, 5, 1)}
    write_returns(tmp_path, episodes, born, (2023, 2024, 2025))
    for year, old, new in ((2024, "007", "7"), (2025, "007", "7.0"), (2024, "ab3", "AB3")):
        for name in ("header", "episodes"):
            path = tmp_path / "returns" / str(year) / f"{name}.csv"
            if old != "ab3" or name == "header":
                path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    records = read_records(tmp_path)
    assert in_care(records, "2023-03-31", "2024-03-31", "2025-03-31") == [["007", "AB3"]] * 3
    assert [notice.code for notice in records.notices] == ["N110"]


def test_numbers_alike_with_two_births_are_two_children(tmp_path: Path) -> None:
    born = {"07": Day(2012, 5, 1), "7": Day(2014, 5, 1)}
    episodes = [Episode("07", Day(2022, 6, 1)), Episode("7", Day(2022, 7, 1))]
    assert len(read_records(write_returns(tmp_path, episodes, born, (2025,))).children) == 2


def test_an_end_in_the_month_of_the_18th_birthday_is_kept(tmp_path: Path) -> None:
    """Born in February 2006, day unknown: a known end of 20 February 2024 stands, an open row ends at the 15th."""
    rows = [Episode("A", Day(2020, 1, 8), Day(2024, 2, 20), rec="E17"), STAYS]
    write_return(
        tmp_path / "returns" / "2024", [row.row() for row in rows], {"A": Day(2006, 2, 1), "B": Day(2006, 2, 1)}
    )
    path = tmp_path / "returns" / "2024" / "header.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("01/02/2006", "2006-02"), encoding="utf-8")
    records = read_records(tmp_path)
    assert in_care(records, "2024-02-14", "2024-02-19", "2024-02-20") == [["A", "B"], ["A"], []]
    assert set(records.stock("2024-02-19")["age"]) == {17}
