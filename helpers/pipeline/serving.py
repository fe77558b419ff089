"""Gold → PostgreSQL: idempotent upserts, all tables in one transaction, so that readers never see half a run."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
from psycopg import sql

from helpers.core.errors import PipelineError

TYPES: dict[str, dict[str, str]] = {
    "energy": {
        "site_id": "text",
        "quarter": "timestamptz",
        "energy_kwh": "numeric(18,6)",
        "availability": "numeric(7,6)",
        "irradiation_kwh_m2": "numeric(12,9)",
        "irradiation_basis": "text",
        "rated_kw": "numeric(12,3)",
        "price_per_kwh": "numeric(12,6)",
        "currency": "text",
        "value": "numeric(18,6)",
    },
    "daily": {
        "site_id": "text",
        "local_date": "date",
        "energy_kwh": "numeric(18,6)",
        "availability": "numeric(7,6)",
        "irradiation_kwh_m2": "numeric(12,9)",
        "irradiation_basis": "text",
        "performance_ratio": "numeric(18,6)",
        "performance_reason": "text",
    },
    "quality": {
        "source": "text",
        "channel": "text",
        "local_date": "date",
        "readings": "int",
        "stuck": "int",
        "spike": "int",
        "interpolated": "int",
        "drift": "boolean",
        "score": "numeric(7,6)",
    },
}
"""The served tables: their columns as PostgreSQL types."""

KEYS: dict[str, tuple[str, ...]] = {
    "energy": ("site_id", "quarter"),
    "daily": ("site_id", "local_date"),
    "quality": ("source", "channel", "local_date"),
}


def publish(
    dsn: str, schema: str, tables: Mapping[str, pa.Table], may_commit: Callable[[], None]
) -> dict[str, dict[str, int]]:
    """Make the served tables hold exactly gold's rows; rows written and deleted per table.

    tables: name (a key of TYPES) → Arrow with at least its columns; dsn: a libpq URL. Only rows that differ are
    written, so a repetition writes none. may_commit is asked before the transaction ends. Raises PipelineError;
    what was served before then still stands.
    """
    try:
        with psycopg.connect(dsn, connect_timeout=10) as connection, connection.cursor() as cursor:
            cursor.execute("SET LOCAL client_min_messages = warning")
            cursor.execute("SET LOCAL TIME ZONE 'UTC'")
            # Two publishers at once take turns instead of meeting in the catalogue.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('gridbridge.serving'))")
            cursor.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
            done = {name: _upsert(cursor, schema, name, rows) for name, rows in tables.items()}
            may_commit()
    except psycopg.Error as error:
        raise PipelineError(
            f"The gold tables could not be served: {' '.join(str(error).split()).rstrip('.')}.",
            ".venv/bin/gridbridge services status",
        ) from error
    return done


def _upsert(cursor: psycopg.Cursor[Any], schema: str, name: str, rows: pa.Table) -> dict[str, int]:
    columns, key = TYPES[name], KEYS[name]
    named = sql.SQL(", ").join(map(sql.Identifier, columns))
    parts = {
        "table": sql.Identifier(schema, name),
        "staged": sql.Identifier(f"staged_{name}"),
        "columns": named,
        "key": sql.SQL(", ").join(map(sql.Identifier, key)),
        "typed": sql.SQL(", ").join(sql.SQL(f"{{}} {kind}").format(sql.Identifier(c)) for c, kind in columns.items()),
        "news": sql.SQL(", ").join(
            sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(c)) for c in columns if c not in key
        ),
        "old": sql.SQL(", ").join(sql.SQL("t.{}").format(sql.Identifier(c)) for c in columns),
        "new": sql.SQL(", ").join(sql.SQL("EXCLUDED.{}").format(sql.Identifier(c)) for c in columns),
        "same_key": sql.SQL(" AND ").join(sql.SQL("s.{0} = t.{0}").format(sql.Identifier(c)) for c in key),
    }

    def run(text: str) -> int:
        cursor.execute(sql.SQL(text).format(**parts))
        return cursor.rowcount

    run("CREATE TABLE IF NOT EXISTS {table} ({typed}, PRIMARY KEY ({key}))")
    run("CREATE TEMPORARY TABLE {staged} ({typed}) ON COMMIT DROP")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.csv"
        duckdb.connect().from_arrow(_without_zone(rows.select(list(columns)))).to_csv(str(file), header=False)
        statement = sql.SQL("COPY {staged} ({columns}) FROM STDIN (FORMAT csv)").format(**parts)
        with file.open("rb") as lines, cursor.copy(statement) as copy:
            while block := lines.read(1 << 20):
                copy.write(block)
    run("ANALYZE {staged}")
    deleted = run("DELETE FROM {table} t WHERE NOT EXISTS (SELECT 1 FROM {staged} s WHERE {same_key})")
    written = run(
        "INSERT INTO {table} AS t ({columns}) SELECT {columns} FROM {staged}"
        " ON CONFLICT ({key}) DO UPDATE SET {news} WHERE ({old}) IS DISTINCT FROM ({new})"
    )
    return {"rows": rows.num_rows, "written": written, "deleted": deleted}


def _without_zone(rows: pa.Table) -> pa.Table:
    """Times as UTC without their zone: the transaction reads them in UTC."""
    naive = [pa.field(f.name, pa.timestamp("us")) if pa.types.is_timestamp(f.type) else f for f in rows.schema]
    return rows.cast(pa.schema(naive))
