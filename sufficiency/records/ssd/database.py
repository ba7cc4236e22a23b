"""The dataset's tables out of a database, as text: SQLAlchemy is asked for the columns needed, and for nothing else.

Only SELECT is ever sent, one for each table; which tables and columns there are is the database's own catalogue.
"""

from __future__ import annotations

import datetime
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from sufficiency.errors import Fault, InputError
from sufficiency.records.ssd.columns import COLUMNS, REQUIRED, position_of
from sufficiency.records.tables import LINE

if TYPE_CHECKING:
    from sqlalchemy import ColumnClause, Connection, Engine, Inspector

DATABASE: Final = "database"
_VIEW_ENDINGS: Final = ("", "_view", "_v")
"""What the published extracts put behind a table's name when they make a view of it."""

Found = dict[str, str]
"""Table of the dataset → its name in the database."""


def tables_of_connection(connection: Engine | Connection, schema: str | None = None) -> dict[str, pd.DataFrame]:
    """Every table of the dataset that placements need and the database has, as text under the database's column names.

    Names are known in any letter case, as tables or views, in the default schema or another; ``schema`` says which
    when several have them. Rows are put in the order of their text (id first) and numbered from 1 in the index
    ``line``, so that the same data give the same numbers. A transaction of the caller's is left as it was. Raises
    :class:`InputError` when the argument is no engine or connection, or the database cannot be read.
    """
    try:
        from sqlalchemy import exc
    except ImportError:
        fix = "Install it: pip install 'sufficiency[database]'"
        raise InputError([Fault("F26", DATABASE, "", (), "reading a database needs SQLAlchemy", fix)]) from None
    try:
        with _connected(connection) as open_connection, warnings.catch_warnings():
            warnings.simplefilter("ignore", exc.SAWarning)  # column types it does not know: every value is text here
            return _tables(open_connection, schema)
    except exc.SQLAlchemyError as error:
        says = f"the database cannot be read ({type(error).__name__})"
        fix = "Give a SQLAlchemy engine or connection of a user who may read the tables"
        raise InputError([Fault("F26", DATABASE, "", (), says, fix)]) from None


@contextmanager
def _connected(connection: Engine | Connection) -> Iterator[Connection]:
    """The connection itself, its own transaction undisturbed, or one of the engine's for as long as it is needed."""
    from sqlalchemy import Connection, Engine, exc

    if isinstance(connection, Engine):
        with connection.connect() as opened:
            yield opened
        return
    if not isinstance(connection, Connection):
        raise exc.ArgumentError("not an engine or connection")
    began_before = connection.in_transaction()
    try:
        yield connection
    finally:
        if not began_before and not connection.closed:
            connection.rollback()


def _tables(connection: Connection, schema: str | None) -> dict[str, pd.DataFrame]:
    from sqlalchemy import inspect

    catalogue = inspect(connection)
    where, found = _schema_with(catalogue, schema)
    return {name: _table(connection, catalogue, name, actual, where) for name, actual in found.items()}


def _schema_with(catalogue: Inspector, schema: str | None) -> tuple[str | None, Found]:
    """The schema that has the required tables (most of them, when none has all), and the names of all in it."""
    if schema is not None:
        return schema, _names_in(catalogue, schema)
    default = _names_in(catalogue, None)
    if set(REQUIRED) <= default.keys():
        return None, default
    others = {name: _names_in(catalogue, name) for name in catalogue.get_schema_names()}
    others = {name: found for name, found in others.items() if name != catalogue.default_schema_name}
    whole = sorted(name for name, found in others.items() if set(REQUIRED) <= found.keys())
    if len(whole) > 1:
        says = f"{len(whole)} schemas have the tables: {', '.join(whole)}"
        raise InputError([Fault("F27", DATABASE, "", (), says, "Say which, with schema=")])
    best = max([None, *sorted(others)], key=lambda name: len(default if name is None else others[name]))
    return (None, default) if best is None else (best, others[best])


def _names_in(catalogue: Inspector, schema: str | None) -> Found:
    """Tables of the dataset in one schema; a table rather than a view of the same."""
    there = [*catalogue.get_table_names(schema), *catalogue.get_view_names(schema)]
    folded = {name.casefold(): name for name in reversed(there)}
    names = {table: [table + ending for ending in _VIEW_ENDINGS if table + ending in folded] for table in COLUMNS}
    return {table: folded[known[0]] for table, known in names.items() if known}


def _table(connection: Connection, catalogue: Inspector, name: str, actual: str, schema: str | None) -> pd.DataFrame:
    """One table's needed columns, whole, as text."""
    from sqlalchemy import column, select, table

    there = [str(held["name"]) for held in catalogue.get_columns(actual, schema)]
    positions = [position_of(one, there) for one in COLUMNS[name]]
    wanted = list(dict.fromkeys(there[position] for position in positions if position is not None))
    if not wanted:
        return pd.DataFrame(index=pd.Index([], name=LINE, dtype="int64"))
    columns: list[ColumnClause[Any]] = [column(held) for held in wanted]
    rows = connection.execute(select(*columns).select_from(table(actual, *columns, schema=schema))).all()
    values = list(zip(*rows, strict=True)) if rows else [()] * len(wanted)
    frame = pd.DataFrame({held: [_text(cell) for cell in cells] for held, cells in zip(wanted, values, strict=True)})
    ordered = frame.astype("str").sort_values(wanted, kind="stable")
    return ordered.set_axis(pd.RangeIndex(1, len(ordered) + 1, name=LINE))


def _text(value: Any) -> str:
    """A cell as a CSV export would have it: dates by day, whole numbers without a point, NULL as ""."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, datetime.date):
        return value.isoformat()[: len("2025-03-31")]
    if isinstance(value, float | Decimal) and math.isfinite(value) and value == int(value):
        return str(int(value))
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace").strip()
    return str(value).strip()
