"""The two jobs of a profile: one over all columns, and one that needs its answers or rows side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from helpers.desk.playground.own.suspicions import (
    Doubt,
    Range,
    doubts,
    doubts_of_range,
    is_flat,
    is_number,
    is_text,
    quoted,
)

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, Row
    from pyspark.sql.types import StructField

REPEATED = "several rows with the same"
"""What is told of a column or of columns whose values should tell rows apart, and do not."""
_TWINS = 10_000
"""Columns with more distinct texts are not searched for twins that differ in case or blanks alone."""


@dataclass(frozen=True)
class Found:
    """What looks wrong: in which column, what, in how many rows, and one of the values."""

    column: str
    what: str
    rows: int
    example: str | None


def first_pass(frame: DataFrame, fields: Sequence[StructField]) -> Row:
    """One job, one row: rows, and of each column by its place: filled, distinct, least, most, quartiles."""
    from pyspark.sql import functions as F

    wanted: list[Column] = [F.count(F.lit(1)).alias("rows")]
    for at, one in enumerate(fields):
        column = F.col(quoted(one.name))
        wanted.append(F.count(column).alias(f"filled {at}"))
        if is_flat(one):
            wanted.append(F.approx_count_distinct(column, 0.02).alias(f"distinct {at}"))
            wanted.append(F.min(column).cast("string").alias(f"least {at}"))
            wanted.append(F.max(column).cast("string").alias(f"most {at}"))
        if is_number(one):
            wanted.append(F.percentile_approx(column, [0.25, 0.5, 0.75], 1000).alias(f"quartiles {at}"))
        found = [_struct(one, doubt) for doubt in doubts(one.name, one.dataType)]
        if found:
            wanted.append(F.array(*found).alias(f"doubts {at}"))
    return frame.agg(*wanted).collect()[0]


def second_pass(
    frame: DataFrame, fields: Sequence[StructField], first: Row, keys: Sequence[Sequence[str]]
) -> list[Found]:
    """All that looks wrong, the first pass's own findings included, in the columns' order.

    keys: sets of columns whose values should tell rows apart.
    """
    from pyspark.sql import functions as F

    found = [Found(*one) for at, _ in enumerate(fields) for one in first.asDict().get(f"doubts {at}", ())]
    parts = []
    of_range = [_struct(one, doubt) for at, one in enumerate(fields) for doubt in _of_range(one, first, at)]
    if of_range:
        parts.append(frame.agg(F.array(*of_range).alias("found")).select(F.inline("found")))
    parts += [
        _twins(frame, one.name)
        for at, one in enumerate(fields)
        if is_text(one) and 1 < first[f"distinct {at}"] <= _TWINS
    ]
    parts += [_repeated(frame, names) for names in keys]
    if parts:
        found += [Found(*row) for row in reduce(lambda one, other: one.unionAll(other), parts).collect()]
    places = {one.name: at for at, one in enumerate(fields)}
    return sorted((one for one in found if one.rows), key=lambda one: places.get(one.column, -1))


def _of_range(one: StructField, first: Row, at: int) -> Iterator[Doubt]:
    if is_number(one) and first[f"quartiles {at}"] is not None:
        low, _, high = map(float, first[f"quartiles {at}"])
        yield from doubts_of_range(
            one.name, Range(float(first[f"least {at}"]), low, high, float(first[f"most {at}"]))
        )


def _struct(one: StructField, doubt: Doubt) -> Column:
    from pyspark.sql import functions as F

    example = F.min(F.when(doubt.condition, F.col(quoted(one.name))))
    return _found(one.name, doubt.what, F.count_if(doubt.condition), example)


def _found(name: str, what: str, rows: Column, example: Column) -> Column:
    from pyspark.sql import functions as F

    return F.struct(
        F.lit(name).alias("column"),
        F.lit(what).alias("what"),
        F.coalesce(rows, F.lit(0)).cast("bigint").alias("rows"),
        example.cast("string").alias("example"),
    )


def _twins(frame: DataFrame, name: str) -> DataFrame:
    """Texts of a column that differ from others only in case or in blanks around."""
    from pyspark.sql import functions as F

    column = F.col(quoted(name))
    groups = frame.where(column.isNotNull()).groupBy(F.lower(F.trim(column)).alias("same"))
    twins = groups.agg(F.count(F.lit(1)).alias("n"), F.min(column).alias("one"), F.max(column).alias("other"))
    example = F.min(F.concat_ws(" and ", "one", "other"))
    return _one(twins.where("one <> other"), name, "differ only in case or blanks", example)


def _repeated(frame: DataFrame, names: Sequence[str]) -> DataFrame:
    """Rows whose values in these columns, none of them NULL, other rows have too."""
    from pyspark.sql import functions as F

    columns = [F.col(quoted(name)).alias(f"key {at}") for at, name in enumerate(names)]
    groups = frame.select(*columns).dropna().groupBy(*[f"`key {at}`" for at, _ in enumerate(names)])
    example = F.concat_ws(", ", *[F.col(f"`key {at}`").cast("string") for at, _ in enumerate(names)])
    return _one(groups.agg(F.count(F.lit(1)).alias("n")).where("n > 1"), ", ".join(names), REPEATED, F.min(example))


def _one(groups: DataFrame, name: str, what: str, example: Column) -> DataFrame:
    from pyspark.sql import functions as F

    return groups.agg(F.array(_found(name, what, F.sum("n"), example)).alias("found")).select(F.inline("found"))
