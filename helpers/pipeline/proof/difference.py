"""Two tables with the same key, compared cell by cell on DuckDB."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from helpers.pipeline.proof.expectation import connect

EXAMPLES = 100
"""The largest number of differing cells that a comparison shows."""


@dataclass(frozen=True)
class GoldDifference:
    """cells: how many were compared; different: how many differ; examples: up to 100 of them a table.

    examples: table, site_id, at (the quarter or the local date), column, expected, found, all text.
    """

    cells: int
    different: int
    examples: pa.Table


def compare(table: str, expected: pa.Table, actual: pa.Table, at: str) -> GoldDifference:
    """Every cell of `expected`'s columns but the key (site_id, at), for every row that either side has.

    NULL equals NULL. A row that only one side has, or that stands there twice, differs in every cell.
    table: its name, for the examples.
    """
    columns = [name for name in expected.column_names if name not in ("site_id", at)]
    with connect() as connection:
        connection.register("expected", expected)
        connection.register("actual", actual)
        for side in ("expected", "actual"):
            # A repeated key gets a number, so that the second copy finds no partner.
            connection.execute(
                f"CREATE TEMP TABLE {side}_rows AS SELECT *, true AS present,"
                f" row_number() OVER (PARTITION BY site_id, {at}) AS copy FROM {side}"
            )
        cells = ", ".join(
            f"CASE WHEN e.{name} IS DISTINCT FROM a.{name} OR e.present IS NULL OR a.present IS NULL"
            f" THEN {{expected: e.{name}::VARCHAR, found: a.{name}::VARCHAR}} END AS {name}"
            for name in columns
        )
        connection.execute(
            f'CREATE TEMP TABLE cells AS SELECT site_id, {at}::VARCHAR AS "at", {cells}'
            f" FROM expected_rows e FULL JOIN actual_rows a USING (site_id, {at}, copy)"
        )
        rows = _count(connection, "SELECT count(*) FROM cells")
        different = sum(_count(connection, f"SELECT count({name}) FROM cells") for name in columns)
        lines = " UNION ALL ".join(
            f'SELECT \'{table}\' AS "table", site_id, "at", \'{name}\' AS "column", {name}.expected, {name}.found'
            f" FROM cells WHERE {name} IS NOT NULL"
            for name in columns
        )
        examples = connection.execute(f"{lines} ORDER BY ALL LIMIT {EXAMPLES}").to_arrow_table()
    return GoldDifference(rows * len(columns), different, examples)


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0
