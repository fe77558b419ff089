"""TPC-H and TPC-DS as the extensions of duckdb carry them: their queries, their tables, and made rows."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from helpers.core.errors import SetupError

MAKERS = {"tpch": "dbgen", "tpcds": "dsdgen"}
_SPARK = {"INTEGER": "int", "BIGINT": "bigint", "DATE": "date", "VARCHAR": "string"}


@dataclass(frozen=True)
class Benchmark:
    """One of the two. schema: table -> column -> Spark's type; queries: by their number, in Spark's SQL."""

    kind: str
    schema: dict[str, dict[str, str]]
    queries: dict[int, str]


@cache
def benchmark(kind: str) -> Benchmark:
    """Its queries and its tables' types; no rows are made for it. Raises SetupError where its package is missing."""
    with database(kind) as opened:
        opened.execute(f"CALL {MAKERS[kind]}(sf = 0)")
        schema = {name: _columns(opened, name) for name in _tables(opened)}
        found = opened.execute(f"SELECT query_nr, query FROM {kind}_queries()").fetchall()
    return Benchmark(kind, schema, {number: spark_sql(text) for number, text in found})


def write(kind: str, folder: Path, scale: float) -> None:
    """Its tables of that scale as Parquet files, each named after its table."""
    with database(kind) as opened:
        opened.execute(f"CALL {MAKERS[kind]}(sf = {scale})")
        for name in _tables(opened):
            opened.execute(f"COPY {name} TO '{folder / name}.parquet'")


def read(session: Any, kind: str, folder: Path) -> dict[str, Any]:
    """What `write` wrote as DataFrames, by the tables' names."""
    return {name: session.read.parquet(str(folder / f"{name}.parquet")) for name in benchmark(kind).schema}


def spark_sql(text: str) -> str:
    """The query with its names in backticks: what stands in double quotes is a text for Spark."""
    return re.sub(r'"([^"]*)"', r"`\1`", text.strip().rstrip(";"))


def database(kind: str) -> duckdb.DuckDBPyConnection:
    """An empty database that has its extension. Raises SetupError where its package is missing."""
    found = importlib.util.find_spec(f"duckdb_extension_{kind}")
    if found is None or not found.origin:
        raise SetupError(f"The package duckdb-extension-{kind} is not installed.", "rm -f .venv/.ready && make setup")
    opened = duckdb.connect(config={"allow_unsigned_extensions": True})
    opened.execute(f"LOAD '{next(Path(found.origin).parent.rglob('*.duckdb_extension'))}'")
    return opened


def _tables(opened: duckdb.DuckDBPyConnection) -> list[str]:
    return [name for (name,) in opened.execute("SHOW TABLES").fetchall()]


def _columns(opened: duckdb.DuckDBPyConnection, name: str) -> dict[str, str]:
    found = opened.execute(f"DESCRIBE {name}").fetchall()
    return {column: _SPARK.get(kind, kind.lower()) for column, kind, *_ in found}
