"""The pairs' tables as temporary views of a Spark session."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tests.bridge.pairs import Table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def make_views(spark: SparkSession, tables: Iterable[Table], partitions: int = 1) -> None:
    """Make or replace a temporary view for each table, in its Spark types.

    partitions: more than 1 also turns the rows' sequence round, so that what leans on it shows.
    """
    for table in tables:
        schema = ", ".join(f"`{name}` {kind}" for name, kind in table.spark.items())
        rows = table.rows if partitions == 1 else table.rows[::-1]
        spark.createDataFrame(list(rows), schema).repartition(partitions).createOrReplaceTempView(table.name)
