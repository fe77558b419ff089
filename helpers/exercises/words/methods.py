"""Methods that other tools have: pandas, database cursors, SQL functions written as methods."""

from __future__ import annotations

from collections.abc import Collection

from helpers.exercises.words.facts import Facts
from helpers.exercises.words.model import Entry

_SNAKE = (
    "group_by",
    "order_by",
    "with_column",
    "with_column_renamed",
    "is_null",
    "is_not_null",
    "union_all",
    "cross_join",
)
_TEXT = ("upper", "lower", "trim", "strip", "replace", "split", "length", "round", "abs", "title", "year", "month")


def _method(names: Collection[str], words: str, instead: str, sqlserver: str = "", postgresql: str = "") -> Entry:
    """An entry for methods that neither a DataFrame nor a column has.

    Classic PySpark says so at once; over Spark Connect any name is taken for a column, which cannot be called.
    """

    def asked(facts: Facts) -> bool:
        if facts.about("ATTRIBUTE_NOT_SUPPORTED"):
            return facts.parameters.get("attr_name") in names
        return (facts.calls_a_column and facts.called in names) or (
            facts.holder in ("DataFrame", "SparkSession", "GroupedData") and facts.missing in names
        )

    return Entry(next(iter(names)), words, instead, test=asked, sqlserver=sqlserver, postgresql=postgresql)


METHODS = (
    _method(
        ("update", "insert", "delete", "upsert", "insert_into"),
        "A DataFrame is a result and is not changed in place. UPDATE is withColumn, which gives a new DataFrame; "
        "INSERT is union; DELETE is where with the rows to keep.",
        'df.withColumn("name", F.when(F.col("kind") == "wind", "x").otherwise(F.col("name")))\ndf.unionByName(more)',
    ),
    _method(
        ("minus", "except_", "difference"),
        "MINUS is subtract in Python; it drops duplicates, as in SQL. exceptAll keeps count of them.",
        'a.select("site_id").subtract(b.select("site_id"))',
        sqlserver="EXCEPT is subtract in Python, for except is a word of Python's own; exceptAll keeps count of "
        "duplicates.",
        postgresql="EXCEPT is subtract in Python, for except is a word of Python's own; EXCEPT ALL is exceptAll.",
    ),
    _method(
        ("fetchall", "fetchone", "fetchmany", "execute", "cursor", "commit", "query"),
        "There is no cursor in Spark: spark.sql gives a DataFrame, and its rows come by collect, first or take.",
        'spark.sql("SELECT ...").collect()',
    ),
    _method(
        ("sort_values", "sort_index"),
        "sort_values is pandas; Spark says orderBy.",
        'df.orderBy(F.desc("name"))',
    ),
    _method(
        ("merge",),
        "merge is pandas; Spark says join, by a column's name or by a condition.",
        'a.join(b, "site_id", "left")',
    ),
    _method(
        ("append", "concat"),
        "append is pandas; rows of another DataFrame are put under this one's by unionByName.",
        "a.unionByName(b)",
    ),
    _method(
        ("rename",),
        "rename is pandas; Spark says withColumnRenamed, or alias in select.",
        'df.withColumnRenamed("old", "new")',
    ),
    _method(("value_counts",), "value_counts is pandas; Spark groups and counts.", 'df.groupBy("kind").count()'),
    _method(
        (
            "loc",
            "iloc",
            "shape",
            "reset_index",
            "set_index",
            "index",
            "iterrows",
            "apply",
            "applymap",
            "map",
            "assign",
        ),
        "That is pandas: Spark's rows have no positions and no index, and whole columns are computed at once, not "
        "row by row.",
        'df.where(F.col("kind") == "wind").withColumn("n", F.length("name"))',
    ),
    _method(
        ("astype", "fillna", "isna", "notna", "nunique", "mean", "unique"),
        "That is pandas; a column of Spark has cast, isNull and isNotNull, and F has coalesce, avg and "
        "count_distinct.",
        'F.coalesce("name", F.lit("none")), F.col("x").cast("int")',
    ),
    _method(
        _SNAKE,
        "Spark's methods have capitals within, not underscores: groupBy, orderBy, withColumn, isNull.",
        'df.groupBy("kind").count().orderBy("kind")',
    ),
    _method(
        _TEXT,
        "What SQL writes around a column is no method of it in Spark: it is a function of F, with the column as its "
        "argument.",
        'F.upper("name")',
    ),
)
