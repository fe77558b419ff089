"""gold_hash: one number for what the gold tables say, whatever their files, row groups and order of columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import duckdb
import pyarrow as pa

from helpers.core.errors import PipelineError
from helpers.pipeline.tables import TABLES, Table

_COLUMN = re.compile(r"(\w+) (\w+(?:\([\d,]+\))?)")


def gold_hash(tables: Mapping[str, pa.Table | Path], layout: Mapping[str, Table] = TABLES) -> str:
    """sha256 (hex) over the rows of the tables, each ordered by its key; equal hashes = equal rows.

    tables: name in the layout ("gold/energy") → Arrow table, Parquet file or folder of Parquet files (not the folder
    of a Delta table: it keeps old files too). layout: columns with types, key and partition column of each name.

    Canonical text of a cell, by its declared type: decimals with all their decimals, timestamps as ISO 8601 in UTC
    with microseconds, dates as ISO, booleans true and false; each preceded by its length in bytes, so that NULL ("-")
    is not the empty text and no text can pass for two. Tables and columns are taken by name. Left out: the partition
    column, which follows from the others, and whatever goes beyond the layout (run ids, processing times).
    Raises PipelineError for an unknown table, a missing column or a Delta table's folder.
    """
    digest = sha256()
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name in sorted(tables):
            if name not in layout:
                raise PipelineError(f"There is no table {name!r} to hash; there are {', '.join(sorted(layout))}.")
            batches = _rows(connection, layout[name], tables[name])
            digest.update(f"{name}\n".encode())
            for batch in batches:
                for row in batch.column(0).to_pylist():
                    digest.update(row.encode() + b"\n")
    return digest.hexdigest()


def _rows(connection: duckdb.DuckDBPyConnection, table: Table, source: pa.Table | Path) -> pa.RecordBatchReader:
    if isinstance(source, Path):
        if (source / "_delta_log").exists():
            raise PipelineError(f"{source} is a Delta table's folder; hash an export of it, or its Arrow table.")
        files = str(source / "**" / "*.parquet") if source.is_dir() else str(source)
        relation = connection.read_parquet(files, hive_partitioning=False, union_by_name=True)
    else:
        relation = connection.from_arrow(source)
    types = dict(_COLUMN.findall(table.ddl))
    types.pop(table.partition)
    missing = [column for column in types if column not in relation.columns]
    if missing:
        raise PipelineError(f"The table {table.name!r} lacks the column {missing[0]!r}, so it has no gold_hash.")
    text = " || ',' || ".join(_cell(column, types[column]) for column in sorted(types))
    # Rows of the same key, which gold never has, still have an order: their text's.
    order = ", ".join(f'"{column}"' for column in table.key)
    rows = relation.query("source", f"SELECT {text} AS line FROM source ORDER BY {order}, line")
    return rows.to_arrow_reader()


def _cell(column: str, kind: str) -> str:
    text = f'CAST("{column}" AS {kind})::VARCHAR'
    if kind == "TIMESTAMP":
        text = f"strftime(make_timestamp(epoch_us(\"{column}\")), '%Y-%m-%dT%H:%M:%S.%fZ')"
    return f"coalesce(strlen({text}) || ':' || {text}, '-')"
