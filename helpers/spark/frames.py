"""Spark's side of a check: tables in, answers out, one by one or many in one job."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Tables = Mapping[str, pa.Table]

_TAG = "which of the inputs"
_BEGIN = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(WITH\s+(RECURSIVE\s+)?)?", re.IGNORECASE | re.DOTALL)


def frames(spark: SparkSession, tables: Tables, one_partition: bool = False) -> dict[str, DataFrame]:
    """A fresh DataFrame for each table; what an answer does with it is of no harm to the next.

    one_partition: joins, groups and windows on them need no shuffle, which halves the cost of many small queries.
    Not for a verdict: it hides what depends on how rows lie in partitions.
    """
    from pyspark.sql.pandas.types import from_arrow_schema

    # The schema is told, for Spark Connect knows none of a table without rows.
    made = {name: spark.createDataFrame(table, from_arrow_schema(table.schema)) for name, table in tables.items()}
    return {name: frame.coalesce(1) for name, frame in made.items()} if one_partition else made


def query(spark: SparkSession, sql: str, given: Mapping[str, DataFrame]) -> DataFrame:
    """The answer of one query that names these frames; views of the session with the same names are not touched.

    Lines keep their numbers: what is put before the query has no line break. Raises Spark's own errors.
    """
    begin = _BEGIN.match(sql)
    recursive = bool(begin and begin[2])
    rest = sql[begin.end() :] if begin and begin[1] else sql
    own = ", ".join(f"{name} AS (SELECT * FROM {{{name}}})" for name in given)
    joint = ", " if begin and begin[1] else " "
    head = f"WITH {'RECURSIVE ' if recursive else ''}{own}{joint}"
    kept = sql[: begin.start(1)] if begin and begin[1] else ""
    return spark.sql(escaped(kept) + head + escaped(rest), **given)  # type: ignore[arg-type]


def collect_together(inputs: Sequence[DataFrame]) -> list[pa.Table]:
    """The rows of many DataFrames of the same columns by one Spark job, each in its own order.

    Raises Spark's own error where one of them fails, without telling which.
    """
    from pyspark.sql import functions as F

    tagged = [frame.select(F.lit(at).alias(_TAG), "*") for at, frame in enumerate(inputs)]
    # Each task would read all the plans again: one task for all.
    rows = reduce(lambda one, other: one.unionAll(other), tagged).coalesce(1).toArrow()
    tags = rows.column(0)
    kept = rows.remove_column(0)
    return [kept.filter(pc.equal(tags, at)).combine_chunks() for at in range(len(inputs))]


def escaped(text: str) -> str:
    """A query as it is handed to `spark.sql` beside tables: its own braces are doubled."""
    # Spark formats a query that has tables as arguments, as str.format does.
    return text.replace("{", "{{").replace("}", "}}")
