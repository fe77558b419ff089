"""A file of delimited text, typed: all its values are looked at, then it is written as Parquet."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from helpers.desk.playground.naming import known
from helpers.desk.playground.objects import readable
from helpers.desk.playground.own.columns import Typed, family, proven, typed
from helpers.desk.playground.own.delimited import RAW, as_utf8, dialect, load
from helpers.desk.playground.own.forms import Form, exceptions, forms, quoted
from helpers.desk.playground.own.options import Options
from helpers.desk.playground.own.wanted import listed, read, wanted

_TAKEN = ("delimiter", "encoding", "header", "skip", "nulls", "decimal", "day_first", "types", "bad_lines")
_DECIMAL = '; a decimal comma is told by decimal=","'


def typed_texts(path: Path, options: Options, folder: Path) -> tuple[list[str], list[str]]:
    """Writes `folder/data.parquet`; what is told of each column, and sentences on the whole. Raises UserError."""
    options.only(_TAKEN, f"{path.name} has no sheets", "Leave it out.")
    found = dialect(path, options)
    for name in options.types:
        known("column", name, found.names, f"The columns are {', '.join(found.names)}")
    scratch = folder / "raw.duckdb"
    with readable(path.name, "text", "Give its delimiter, encoding or skip."), duckdb.connect(scratch) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        copy = as_utf8(path, found, folder)
        left = load(connection, copy, path.name, found, options)
        seen = {name: forms(connection, RAW, name) for name in found.names}
        mark = proven(list(seen.values()))
        made = {
            name: wanted(connection, RAW, name, options.types[name], shown.sql, _DECIMAL)
            if name in options.types
            else shown
            for name, one in seen.items()
            for shown in [typed(one, options.reading, mark)]
        }
        about = [_about(connection, name, seen[name], one) for name, one in made.items()]
        columns = ", ".join(f"{read(name, one)} AS {quoted(name)}" for name, one in made.items())
        target = str(folder / "data.parquet").replace("'", "''")
        connection.execute(f"COPY (SELECT {columns} FROM {RAW}) TO '{target}' (FORMAT parquet)")
    scratch.unlink()
    if copy != path:
        copy.unlink()
    return about, [*found.told, *left]


def _about(connection: duckdb.DuckDBPyConnection, name: str, found: Mapping[str, Form], one: Typed) -> str:
    words, of = family(found)
    if one.type != "string" or not words or set(found) <= of:
        return one.told
    odd = exceptions(connection, RAW, name, of)
    return f"{one.told}: {listed(odd)}; nulls={[text for text, _ in odd]} would read them as NULL"
