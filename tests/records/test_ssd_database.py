"""The dataset out of a database: the same return as from files, by SELECT alone, whatever its names look like."""

from __future__ import annotations

import datetime
import decimal
import hashlib
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa
from ssd_written import Tables, one_return
from test_ssd import BORN, EPISODES, episodes_of, ssd

from sufficiency.errors import InputError
from sufficiency.records.ssd import returns_of_ssd, tables_of_connection
from sufficiency.records.ssd.columns import COLUMNS

Case = Callable[[str], str]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    made = sa.create_engine(f"sqlite:///{tmp_path / 'cases.db'}")
    yield made
    made.dispose()


def typed(name: str, column: str) -> sa.types.TypeEngine:
    """Column types as the published extracts declare them."""
    if column.endswith(("_date", "_dob", "_ceased")):
        return sa.DateTime()
    return sa.Integer() if column == "clae_cla_episode_id" else sa.String(100)


def fill(engine: sa.Engine, tables: Tables, schema: str | None = None, case: Case = str) -> None:
    """The tables with their types, empty cells as NULL, names in the case given."""
    held = sa.MetaData(schema=schema)
    with engine.begin() as connection:
        for name, table in tables.items():
            columns = [sa.Column(case(column), typed(name, column)) for column in table.columns]
            made = sa.Table(case(name), held, *columns)
            made.create(connection)
            cells = {column: [cell_of(name, column, text) for text in table[column]] for column in table.columns}
            rows = [dict(zip(map(case, cells), row, strict=True)) for row in zip(*cells.values(), strict=True)]
            if rows:
                connection.execute(made.insert(), rows)


def cell_of(name: str, column: str, text: str) -> object:
    if text == "":
        return None
    return datetime.datetime.fromisoformat(text) if isinstance(typed(name, column), sa.DateTime) else text


def by_child(table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values(["CHILD", "DECOM"], ignore_index=True)


@pytest.mark.parametrize("case", [str.lower, str.upper, str.title])
def test_a_database_tells_what_the_files_tell(engine: sa.Engine, case: Case) -> None:
    fill(engine, ssd(), case=case)
    tables = tables_of_connection(engine)
    assert set(tables) == set(COLUMNS)
    pd.testing.assert_frame_equal(by_child(episodes_of(tables)), by_child(episodes_of(ssd())))
    one, _ = one_return(tables)
    (header,) = one.tables["header"]
    assert dict(zip(header.table["CHILD"], header.table["DOB"], strict=True)) == {
        child: str(day) for child, day in BORN.items()
    }
    (uasc,) = one.tables["uasc"]
    assert list(uasc.table["CHILD"]) == ["B"]


def test_only_the_columns_needed_are_read(engine: sa.Engine) -> None:
    fill(engine, ssd())
    tables = tables_of_connection(engine)
    assert "pers_surname" in ssd()["ssd_person"]
    assert "pers_surname" not in tables["ssd_person"]
    assert "immi_immigration_status_start_date" not in tables["ssd_immigration_status"]


def test_nothing_is_written_and_each_table_is_one_query(engine: sa.Engine, tmp_path: Path) -> None:
    fill(engine, ssd())
    before = hashlib.sha256((tmp_path / "cases.db").read_bytes()).digest()
    sent: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *told: sent.append(told[2]))
    tables_of_connection(engine)
    assert all(text.split()[0] in ("SELECT", "PRAGMA") for text in sent)
    asked = [text for text in sent if "sqlite_master" not in text and text.startswith("SELECT")]
    assert len(asked) == len(COLUMNS)
    assert hashlib.sha256((tmp_path / "cases.db").read_bytes()).digest() == before


def test_rows_have_the_same_numbers_whatever_order_they_come_in(engine: sa.Engine, tmp_path: Path) -> None:
    fill(engine, ssd())
    other = sa.create_engine(f"sqlite:///{tmp_path / 'other.db'}")
    fill(other, {name: table.iloc[::-1] for name, table in ssd().items()})
    first, second = tables_of_connection(engine), tables_of_connection(other)
    other.dispose()
    assert list(first["ssd_cla_episodes"].index) == list(range(1, len(EPISODES) + 1))
    for name in COLUMNS:
        pd.testing.assert_frame_equal(first[name], second[name])


def attached(engine: sa.Engine, *schemas: str) -> None:
    """Schemas as SQLite has them: further databases under a name of their own."""

    @sa.event.listens_for(engine, "connect")
    def attach(connection: sqlite3.Connection, _: object) -> None:
        for name in schemas:
            connection.execute(f"ATTACH DATABASE ':memory:' AS {name}")

    engine.dispose()


def test_tables_in_another_schema_are_found() -> None:
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    attached(engine, "empty", "ssd_development")
    fill(engine, ssd(), schema="ssd_development")
    tables = tables_of_connection(engine)
    pd.testing.assert_frame_equal(by_child(episodes_of(tables)), by_child(episodes_of(ssd())))
    assert tables_of_connection(engine, schema="empty") == {}
    engine.dispose()


def test_of_several_schemas_the_user_says_which() -> None:
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    attached(engine, "live", "training")
    fill(engine, ssd(), schema="live")
    fill(engine, ssd(EPISODES[:3]), schema="training")
    with pytest.raises(InputError, match="live, training") as raised:
        tables_of_connection(engine)
    assert raised.value.faults[0].code == "F27"
    assert len(tables_of_connection(engine, schema="training")["ssd_cla_episodes"]) == 3
    engine.dispose()


def test_the_default_schema_comes_first() -> None:
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    attached(engine, "training")
    fill(engine, ssd())
    fill(engine, ssd(EPISODES[:3]), schema="training")
    assert len(tables_of_connection(engine)["ssd_cla_episodes"]) == len(EPISODES)
    engine.dispose()


def test_views_are_read_like_tables(engine: sa.Engine) -> None:
    """One published extract makes views, their names ending in _v or _view."""
    fill(engine, ssd())
    with engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE ssd_person RENAME TO people"))
        connection.execute(sa.text("CREATE VIEW ssd_person_v AS SELECT * FROM people"))
    one, _ = one_return(tables_of_connection(engine))
    assert len(one.tables["header"][0].table) == len(BORN)


def test_a_connection_is_left_as_it_was(engine: sa.Engine) -> None:
    """Its transaction goes on, with what it has not committed; without one, none is left open."""
    fill(engine, ssd())
    with engine.connect() as connection:
        tables_of_connection(connection)
        assert not connection.in_transaction()
        connection.execute(sa.text("DELETE FROM ssd_legal_status"))
        assert len(tables_of_connection(connection)["ssd_legal_status"]) == 0
        assert connection.in_transaction()
        connection.rollback()
        assert len(tables_of_connection(connection)["ssd_legal_status"]) == 2 * len(EPISODES)


def test_a_database_without_the_tables_tells_which_are_missing(engine: sa.Engine) -> None:
    one, faults, _ = returns_of_ssd(tables_of_connection(engine), {})
    assert one is None
    assert [fault.table for fault in faults] == ["ssd_cla_episodes", "ssd_cla_placement", "ssd_person"]


def test_a_table_with_none_of_its_columns(engine: sa.Engine) -> None:
    fill(engine, ssd() | {"ssd_person": pd.DataFrame({"id": ["1"]})})
    _, faults, _ = returns_of_ssd(tables_of_connection(engine), {})
    assert {fault.table for fault in faults} == {"ssd_person"}
    assert {fault.code for fault in faults} == {"F21", "F22"}


@pytest.mark.parametrize("given", ["sqlite:///cases.db", None, 7])
def test_what_is_no_database_is_a_clear_fault(given: object) -> None:
    with pytest.raises(InputError, match="Give a SQLAlchemy engine") as raised:
        tables_of_connection(given)  # type: ignore[arg-type]
    assert raised.value.faults[0].code == "F26"


def test_a_database_that_cannot_be_opened_is_a_fault_without_its_address(tmp_path: Path) -> None:
    (tmp_path / "secret.db").write_bytes(b"no database" * 100)
    broken = sa.create_engine(f"sqlite:///{tmp_path / 'secret.db'}")
    with pytest.raises(InputError) as raised:
        tables_of_connection(broken)
    broken.dispose()
    assert "secret" not in str(raised.value)
    assert raised.value.__suppress_context__


def test_values_of_every_kind_become_text(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE ssd_person (pers_person_id, pers_dob, pers_sex, pers_gender)"))
        insert = sa.text("INSERT INTO ssd_person VALUES (:i, :d, :s, :g)")
        connection.execute(insert, {"i": 12.0, "d": "2012-01-01 00:00:00", "s": b" M ", "g": None})
        connection.execute(insert, {"i": "007", "d": 1.5, "s": float("inf"), "g": 2})
    table = tables_of_connection(engine)["ssd_person"]
    assert table.to_numpy().tolist() == [["007", "1.5", "inf", "2"], ["12", "2012-01-01 00:00:00", "M", ""]]


def test_dates_and_decimals_that_a_driver_makes_itself() -> None:
    """Other drivers than SQLite's give dates, times and decimals, not text."""
    sqlite3.register_converter("ssd_day", lambda text: datetime.date.fromisoformat(text.decode()))
    sqlite3.register_converter("ssd_moment", lambda text: datetime.datetime.fromisoformat(text.decode()))
    sqlite3.register_converter("ssd_exact", lambda text: decimal.Decimal(text.decode()))
    engine = sa.create_engine("sqlite://", connect_args={"detect_types": sqlite3.PARSE_DECLTYPES})
    with engine.connect() as connection:
        declared = "pers_person_id ssd_exact, pers_dob ssd_moment, pers_expected_dob ssd_day"
        connection.execute(sa.text(f"CREATE TABLE ssd_person ({declared})"))
        connection.execute(sa.text("INSERT INTO ssd_person VALUES ('12.0', '2012-01-01T11:30:00', '2012-02-03')"))
        connection.commit()
        given = connection.execute(sa.text("SELECT * FROM ssd_person")).one()
        assert [type(cell) for cell in given] == [decimal.Decimal, datetime.datetime, datetime.date]
        table = tables_of_connection(connection)["ssd_person"]
    engine.dispose()
    assert table.to_numpy().tolist() == [["12", "2012-01-01", "2012-02-03"]]


def test_without_sqlalchemy_the_fault_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(InputError, match=r"pip install 'sufficiency\[database\]'"):
        tables_of_connection(object())  # type: ignore[arg-type]


def test_reading_leaves_no_sqlalchemy_behind_when_it_is_not_asked_for() -> None:
    code = "import sys, sufficiency.records.ssd; print('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "False"
