"""What PostgreSQL itself answers to a query over tables that are given with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psycopg
import pyarrow as pa
from psycopg import sql

from helpers.core.errors import ServiceError
from helpers.services.registry import POSTGRES, is_remote

_MILLISECONDS = 10_000
"""How long one query may take."""


def postgres_answers() -> Callable[[str, Mapping[str, pa.Table]], Sequence[tuple[Any, ...]] | str] | None:
    """A function that asks the embedded PostgreSQL; None where it is not up.

    It takes the text of a query and tables by their names, and returns the rows, or in a sentence why there are none.
    The tables are temporary, and all is rolled back.
    """
    if is_remote(POSTGRES.name):
        return None
    try:
        dsn = POSTGRES.dsn()
    except ServiceError:
        return None
    return lambda text, tables: _answer(dsn, text, tables)


def _answer(dsn: str, text: str, tables: Mapping[str, pa.Table]) -> Sequence[tuple[Any, ...]] | str:
    try:
        with psycopg.connect(dsn, connect_timeout=5) as connection:
            connection.execute("SET LOCAL TIME ZONE 'UTC'")
            connection.execute(f"SET LOCAL statement_timeout = {_MILLISECONDS}")
            for name, rows in tables.items():
                _made(connection, name.lower(), rows)
            found = connection.execute(text.encode()).fetchall()
            connection.rollback()
            return found
    except psycopg.Error as error:
        return str(error).splitlines()[0].removeprefix("ERROR: ").strip()
    except TypeError as error:
        return str(error)


def _made(connection: psycopg.Connection[Any], name: str, rows: pa.Table) -> None:
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(field.name.lower()), sql.SQL(_kind(field.type)))
        for field in rows.schema
    ]
    table = sql.Identifier(name)
    connection.execute(sql.SQL("CREATE TEMPORARY TABLE {} ({})").format(table, sql.SQL(", ").join(columns)))
    places = sql.SQL(", ").join([sql.Placeholder()] * len(columns))
    values = list(zip(*(column.to_pylist() for column in rows.columns), strict=True))
    connection.cursor().executemany(sql.SQL("INSERT INTO {} VALUES ({})").format(table, places), values)


_KINDS = {
    "string": "text", "large_string": "text", "int8": "smallint", "int16": "smallint", "int32": "integer",
    "int64": "bigint", "float": "real", "double": "double precision", "bool": "boolean", "date32[day]": "date",
}  # fmt: skip


def _kind(kind: pa.DataType) -> str:
    """PostgreSQL's type of a column. Raises TypeError for one that it has none for."""
    if pa.types.is_decimal(kind):
        return f"numeric({kind.precision},{kind.scale})"
    if pa.types.is_timestamp(kind):
        return "timestamp"
    if pa.types.is_list(kind):
        return f"{_kind(kind.value_type)}[]"
    if str(kind) not in _KINDS:
        raise TypeError(f"PostgreSQL has no type like {kind}")
    return _KINDS[str(kind)]
