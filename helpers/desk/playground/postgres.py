"""PostgreSQL: its tables, their rows page by page, and statements as they are typed."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, cast

import psycopg
import pyarrow as pa
from psycopg import sql as text
from psycopg.pq import ExecStatus

from helpers import services
from helpers.core.errors import ServiceError, UserError
from helpers.core.settings import settings
from helpers.desk.card import Card, Say
from helpers.desk.playground.naming import known, line_of, near
from helpers.desk.playground.paged import Page, Rows, page, whole
from helpers.desk.playground.postgres_values import arrow, as_written

MOST = 1_000
"""How many rows of a statement's answer are kept."""
_COUNTED = 200_000_000
"""Bytes: tables that are larger are not counted for their page."""
_READING = re.compile(r"(?:\s|\(|--[^\n]*(?:\n|$)|/\*.*?\*/)*(?:SELECT|VALUES|TABLE)\b", re.IGNORECASE | re.DOTALL)
_OF_TABLES = """\
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  AND n.nspname NOT LIKE 'pg_toast%' ORDER BY 1"""
_RELATION = re.compile(r'"(.+)"')
_TABLES = f"""\
SELECT n.nspname || '.' || c.relname AS "table", nullif(c.reltuples, -1)::bigint AS "rows, about",
       pg_total_relation_size(c.oid) AS bytes, obj_description(c.oid) AS about
{_OF_TABLES}"""
_NAMES = f"SELECT n.nspname::text, c.relname::text {_OF_TABLES}"
_KEY = """\
SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
WHERE i.indrelid = %s::regclass AND i.indisprimary ORDER BY array_position(i.indkey::int2[], a.attnum)"""
_KIND = "SELECT relkind::text, pg_total_relation_size(oid) FROM pg_class WHERE oid = %s::regclass"


def tables() -> Page:
    """The tables of PostgreSQL with about how many rows and bytes. Raises ServiceError where none answers."""
    with _connected() as connection:
        return whole("Tables in PostgreSQL", _table(connection.execute(_TABLES)), 'table("schema.name") opens one.')


def table(name: str) -> Page:
    """A table's rows in the order of its primary key, page by page: `table("peak.sites")`.

    Without a key they come as they are stored, and those of a view in no order: a sentence says so. Raises UserError
    with the near names where there is no such table, ServiceError where no PostgreSQL answers.
    """
    with _connected() as connection:
        identifier = _identifier(connection, name)
        where = (identifier.as_string(connection),)
        key = [text.Identifier(str(one[0])) for one in connection.execute(_KEY, where)]
        kind, size = connection.execute(_KIND, where).fetchone() or ("", 0)
        counted = kind in ("r", "m") and size <= _COUNTED
        count = text.SQL("SELECT count(*) FROM {}").format(identifier)
        end = int((connection.execute(count).fetchone() or (0,))[0]) if counted else None
    stored = [text.SQL("ctid")] if kind in ("r", "m") else []
    order = text.SQL(", ").join(key or stored)
    query = text.SQL("SELECT * FROM {}{}{} OFFSET %s LIMIT %s").format(
        identifier, text.SQL(" ORDER BY " if key or stored else ""), order
    )
    told = () if key else ("It has no primary key: the rows come as they are stored.",)

    def read(start: int, count: int) -> pa.Table:
        with _connected() as connection:
            return _table(connection.execute(query, (start, count)))

    return page(name, Rows(read, end, says=told if key or stored else ("The rows of a view come in no order.",)))


def named(name: str) -> str:
    """A table's name as SQL has it. Raises UserError with the near names where there is no such table."""
    with _connected() as connection:
        return _identifier(connection, name).as_string(connection)


def statement(words: str) -> Card:
    """What PostgreSQL answers to one statement: at most 1,000 rows, or how many it changed.

    Read-only where the desk is. Raises UserError with PostgreSQL's own words where it refuses it.
    """
    with _connected() as connection:
        try:
            return _answer(connection, words)
        except psycopg.Error as error:
            connection.rollback()
            raise _explained(error, words, _names(connection)) from error


def _answer(connection: psycopg.Connection[tuple[Any, ...]], words: str) -> Card:
    names = _answered(connection, words)
    cursor = connection.cursor()
    if not names:
        # Prepared, for a plain one may hold several statements, and leave a read-only transaction by the first.
        cursor.execute(words, prepare=True)
        return Card("PostgreSQL", [Say(cursor.statusmessage or "There was nothing to do.")])
    # Row by row, so that an answer of millions is not fetched to show a page.
    answer = cast("Generator[tuple[Any, ...], None, None]", cursor.stream(words))
    rows = list(islice(answer, MOST + 1))
    if _READING.match(words):
        # Not read on: the query is cancelled.
        answer.close()
    else:
        # What changes rows and returns them is not stopped in the middle.
        deque(answer, 0)
    says = [f"These are the first {MOST:,} rows; others are not kept."] if len(rows) > MOST else []
    return whole("PostgreSQL", arrow(names, rows[:MOST]), *says)


def _names(connection: psycopg.Connection[tuple[Any, ...]]) -> dict[str, text.Identifier]:
    """The tables' names, as one says them and as SQL has them: a schema's may hold a dot."""
    return {f"{one[0]}.{one[1]}": text.Identifier(*one) for one in connection.execute(_NAMES)}


def _identifier(connection: psycopg.Connection[tuple[Any, ...]], name: str) -> text.Identifier:
    names = _names(connection)
    return names[known("table", name, names, "tables()")]


def _answered(connection: psycopg.Connection[tuple[Any, ...]], words: str) -> list[str]:
    """The names of the columns that a statement answers with; none where it answers with no rows."""
    for done in (connection.pgconn.prepare(b"", words.encode()), connection.pgconn.describe_prepared(b"")):
        if done.status != ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(done)
    return [(done.fname(at) or b"").decode() for at in range(done.nfields)]


def _explained(error: psycopg.Error, words: str, names: Iterable[str]) -> UserError:
    """PostgreSQL's own words with the place and its hint, and of a table that is not there the near ones."""
    told = error.diag
    parts = [told.message_primary or str(error).partition("\n")[0]]
    if isinstance(error, psycopg.errors.UndefinedTable) and (found := _RELATION.search(parts[0])):
        # Who leaves the schema out gets whole names all the same.
        by = {one if "." in found[1] else one.rpartition(".")[2]: one for one in names}
        if like := near(found[1], by):
            parts.append(f"near it: {', '.join(by[one] for one in like)}")
    if told.statement_position:
        parts.append(line_of(words, words.count("\n", 0, int(told.statement_position) - 1) + 1))
    return _refused("; ".join(filter(None, (*parts, told.message_detail))), told.message_hint)


def _refused(words: str, hint: str | None = None) -> UserError:
    return UserError(
        f"PostgreSQL refuses this: {words.rstrip('.')}.", hint or "Correct the statement and run it again."
    )


@contextmanager
def _connected() -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    try:
        connection = psycopg.connect(services.endpoints().postgres_dsn, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise ServiceError(
            f"PostgreSQL does not answer: {str(error).splitlines()[0].rstrip('.')}.",
            "Run: .venv/bin/gridbridge services status",
        ) from error
    connection.read_only = settings().read_only
    as_written(connection)
    try:
        with connection:
            yield connection
    except psycopg.Error as error:
        raise _refused(str(error).partition("\n")[0]) from error


def _table(cursor: psycopg.Cursor[tuple[Any, ...]]) -> pa.Table:
    return arrow([one.name for one in cursor.description or ()], cursor.fetchall())
