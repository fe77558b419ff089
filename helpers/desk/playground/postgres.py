"""PostgreSQL: its tables, their rows page by page, and statements as they are typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

import psycopg
import pyarrow as pa
from psycopg import sql as text

from helpers import services
from helpers.core.errors import ServiceError, UserError
from helpers.core.settings import settings
from helpers.desk.card import Card, Say
from helpers.desk.playground.naming import known
from helpers.desk.playground.paged import Page, Rows, page, whole

MOST = 1_000
"""How many rows of a statement's answer are kept."""
_COUNTED = 1_000_000
"""Tables that are larger by the statistics are not counted for their page."""
_PLAIN = (int, float, str, bytes, bool, Decimal, date, timedelta)
_ASKING = ("select", "with", "values", "table", "show", "explain")
_TABLES = """\
SELECT n.nspname || '.' || c.relname AS "table", nullif(c.reltuples, -1)::bigint AS "rows, about",
       pg_total_relation_size(c.oid) AS bytes, obj_description(c.oid) AS about
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND n.nspname NOT LIKE 'pg_toast%' ORDER BY 1"""
_KEY = """\
SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
WHERE i.indrelid = %s::regclass AND i.indisprimary ORDER BY array_position(i.indkey::int2[], a.attnum)"""


def tables() -> Page:
    """The tables of PostgreSQL with about how many rows and bytes. Raises ServiceError where none answers."""
    with _connected() as connection:
        return whole("Tables in PostgreSQL", _table(connection.execute(_TABLES)), 'table("schema.name") opens one.')


def table(name: str) -> Page:
    """A table's rows in the order of its primary key, page by page: `table("peak.sites")`.

    Raises UserError with the near names where there is no such table, ServiceError where no PostgreSQL answers.
    """
    with _connected() as connection:
        found = {str(one[0]): int(one[1] or 0) for one in connection.execute(_TABLES)}
        known("table", name, found, "tables()")
        schema, _, short = name.partition(".")
        identifier = text.Identifier(schema, short)
        asked = connection.execute(_KEY, (identifier.as_string(connection),))
        key = [text.Identifier(str(one[0])) for one in asked]
        count = text.SQL("SELECT count(*) FROM {}").format(identifier)
        end = int(_first(connection.execute(count))) if found[name] <= _COUNTED else None
    order = text.SQL(" ORDER BY {}").format(text.SQL(", ").join(key)) if key else text.SQL("")
    query = text.SQL("SELECT * FROM {}{} OFFSET %s LIMIT %s").format(identifier, order)

    def read(start: int, count: int) -> pa.Table:
        with _connected() as connection:
            return _table(connection.execute(query, (start, count)))

    return page(name, Rows(read, end))


def statement(words: str) -> Card:
    """What PostgreSQL answers to a statement: at most 1,000 rows, or how many it changed.

    Read-only where the desk is. Raises UserError with PostgreSQL's own words where it refuses it.
    """
    try:
        with _connected() as connection:
            cursor = connection.cursor()
            if words.lstrip("( \n\t").partition(" ")[0].strip().lower() in _ASKING:
                # Row by row, so that an answer of millions is not fetched to show a page.
                rows = list(islice(cursor.stream(words), MOST + 1))
                says = [f"The first {MOST:,} rows; more are not fetched."] if len(rows) > MOST else []
                return whole("PostgreSQL", _arrow(cursor.description or (), rows[:MOST]), *says)
            cursor.execute(words)
            return Card("PostgreSQL", [Say(str(cursor.statusmessage))])
    except psycopg.Error as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(
            f"PostgreSQL refuses this: {first.rstrip('.')}.", "Correct the statement and run it again."
        ) from error


def _connected() -> psycopg.Connection[tuple[Any, ...]]:
    try:
        connection = psycopg.connect(services.endpoints().postgres_dsn, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise ServiceError(
            f"PostgreSQL does not answer: {str(error).splitlines()[0].rstrip('.')}.",
            "Run: .venv/bin/gridbridge services status",
        ) from error
    connection.read_only = settings().read_only
    return connection


def _first(cursor: psycopg.Cursor[tuple[Any, ...]]) -> Any:
    row = cursor.fetchone()
    return row[0] if row else 0


def _table(cursor: psycopg.Cursor[tuple[Any, ...]]) -> pa.Table:
    return _arrow(cursor.description or (), cursor.fetchall())


def _arrow(columns: Sequence[Any], rows: Iterable[Sequence[Any]]) -> pa.Table:
    kept = [[one if one is None or isinstance(one, _PLAIN) else str(one) for one in row] for row in rows]
    arrays = [pa.array([row[at] for row in kept]) for at in range(len(columns))]
    return pa.Table.from_arrays(arrays, names=[one.name for one in columns])
