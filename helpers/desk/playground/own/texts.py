"""A file of delimited text, typed: all its values are looked at, then it is written as Parquet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import duckdb

from helpers.core.errors import UserError
from helpers.desk.playground.naming import known
from helpers.desk.playground.objects import readable
from helpers.desk.playground.own.columns import TEXT, Typed, family, proven, typed
from helpers.desk.playground.own.delimited import RAW, as_utf8, dialect, load
from helpers.desk.playground.own.forms import Form, exceptions, forms, quoted
from helpers.desk.playground.own.options import Options

_TYPES = {
    "bigint": "BIGINT", "int": "INTEGER", "double": "DOUBLE", "boolean": "BOOLEAN", "date": "DATE",
    "timestamp": "TIMESTAMPTZ", "timestamp_ntz": "TIMESTAMP", "string": "VARCHAR",
}  # fmt: skip
_DECIMAL = re.compile(r"decimal\((\d+),\s*(\d+)\)")


def typed_texts(path: Path, options: Options, folder: Path) -> tuple[list[str], list[str]]:
    """Writes `folder/data.parquet`; what is told of each column, and sentences on the whole. Raises UserError."""
    found = dialect(path, options)
    for name in options.types:
        known("column", name, found.names, f"The columns are {', '.join(found.names)}")
    scratch = folder / "raw.duckdb"
    with readable(path.name, "text", "Give its delimiter, encoding or skip."), duckdb.connect(scratch) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        copy = as_utf8(path, found.encoding, folder)
        left = load(connection, copy, path.name, found, options)
        seen = {name: forms(connection, RAW, name) for name in found.names}
        mark = proven(list(seen.values()))
        made = {
            name: _wanted(connection, path, name, options.types[name], typed(one, options.reading, mark))
            if name in options.types
            else typed(one, options.reading, mark)
            for name, one in seen.items()
        }
        about = [_about(connection, name, seen[name], one) for name, one in made.items()]
        columns = ", ".join(f"{_read(name, one)} AS {quoted(name)}" for name, one in made.items())
        target = str(folder / "data.parquet").replace("'", "''")
        connection.execute(f"COPY (SELECT {columns} FROM {RAW}) TO '{target}' (FORMAT parquet)")
    scratch.unlink()
    if copy != path:
        copy.unlink()
    return about, [*found.told, *left]


def _read(name: str, one: Typed) -> str:
    return one.sql.replace(TEXT, f"trim({quoted(name)})") if one.sql else quoted(name)


def _wanted(connection: duckdb.DuckDBPyConnection, path: Path, name: str, kind: str, shown: Typed) -> Typed:
    """The type that the user wants, read the way that the values show."""
    decimal = _DECIMAL.fullmatch(kind.lower())
    wanted = f"DECIMAL({decimal[1]}, {decimal[2]})" if decimal else _TYPES.get(kind.lower())
    if wanted is None:
        known("type", kind, [*_TYPES, "decimal(12,3)"], f'own_data("{path.name}", types={{"{name}": "string"}})')
    if wanted == "VARCHAR":
        return Typed("string", told="text, as you wanted")
    made = Typed(kind, f"TRY_CAST({shown.sql or TEXT} AS {wanted})", "as you wanted")
    query = (
        f"SELECT {quoted(name)}, count(*) FROM {RAW} WHERE {quoted(name)} IS NOT NULL AND {_read(name, made)} IS NULL"
    )
    odd = connection.execute(f"{query} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 3").fetchall()
    if odd:
        raise UserError(
            f"Not all of {name} can be read as {kind}: {_told(odd)}.",
            f'If they mean NULL: nulls={[one for one, _ in odd]}; a decimal comma is told by decimal=","',
        )
    return made


def _about(connection: duckdb.DuckDBPyConnection, name: str, found: Mapping[str, Form], one: Typed) -> str:
    words, of = family(found)
    if one.type != "string" or not words or set(found) <= of:
        return one.told
    odd = exceptions(connection, RAW, name, of)
    return f"{one.told}: {_told(odd)}; nulls={[text for text, _ in odd]} would read them as NULL"


def _told(odd: list[tuple[str, int]]) -> str:
    return ", ".join(f"{text!r} ({count:,})" for text, count in odd)
