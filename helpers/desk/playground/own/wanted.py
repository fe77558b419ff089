"""The type that the user wants for a column; values that have none of it are told."""

from __future__ import annotations

import re

import duckdb

from helpers.core.errors import UserError
from helpers.desk.playground.naming import known
from helpers.desk.playground.own.columns import TEXT, Typed
from helpers.desk.playground.own.forms import quoted

_TYPES = {
    "bigint": "BIGINT", "int": "INTEGER", "double": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE",
    "timestamp": "TIMESTAMPTZ", "timestamp_ntz": "TIMESTAMP", "string": "VARCHAR",
}  # fmt: skip
_DECIMAL = re.compile(r"decimal\((\d+),\s*(\d+)\)")


def wanted(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    name: str,
    kind: str,
    shown: str = "",
    remedy: str = "",
) -> Typed:
    """A column's wanted type, checked on all values of the table.

    shown: the SQL by which its values show to be read; remedy: what else may help where some do not fit. Raises
    UserError for those, and for a type that is not there.
    """
    decimal = _DECIMAL.fullmatch(kind.lower())
    sql = f"DECIMAL({decimal[1]}, {decimal[2]})" if decimal else _TYPES.get(kind.lower())
    if sql is None:
        known("type", kind, [*_TYPES, "decimal(12,3)"], f'own_data(..., types={{"{name}": "string"}})')
    if sql == "VARCHAR":
        return Typed("string", told="text, as you wanted")
    made = Typed(kind, f"TRY_CAST({shown or TEXT} AS {sql})", "as you wanted")
    unread = f"{quoted(name)} IS NOT NULL AND {read(name, made)} IS NULL"
    query = f"SELECT {quoted(name)}, count(*) FROM {table} WHERE {unread}"
    odd = connection.execute(f"{query} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 3").fetchall()
    if odd:
        raise UserError(
            f"Not all of {name} can be read as {kind}: {listed(odd)}.",
            f"If they mean NULL: nulls={[one for one, _ in odd]}{remedy}",
        )
    return made


def read(name: str, one: Typed) -> str:
    """The SQL that reads a column of texts as this type."""
    return one.sql.replace(TEXT, f"trim({quoted(name)})") if one.sql else quoted(name)


def listed(odd: list[tuple[str, int]]) -> str:
    """Values, each with how often it stands there."""
    return ", ".join(f"{text!r} ({count:,})" for text, count in odd)
