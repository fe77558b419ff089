"""Results as Arrow tables that can be held against one another, many of them by one Spark job."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa

from helpers.compare import Column, Terms
from helpers.compare.table import spark_type
from helpers.core.errors import UserError
from helpers.spark.frames import collect_together
from helpers.spark.limits import job_limit

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import DataType


@dataclass(frozen=True)
class Failed:
    """A run that raised. condition: the error's class; sentence: its first line."""

    condition: str
    sentence: str


Outcome: TypeAlias = pa.Table | Failed

LATE = "late"
"""The condition of a run that took too long, and was stopped."""


def outcomes(spark: SparkSession, makers: Sequence[Callable[[], DataFrame]], seconds: float) -> list[Outcome]:
    """What each gives, by one job where none raises; [] of none. seconds: for all; what is late has failed."""
    end = time.monotonic() + seconds
    if len(makers) > 1:
        with job_limit(spark, seconds) as over:
            try:
                return list(collect_together([plain(make()) for make in makers]))
            except Exception:
                # Which of them raised is found by running each.
                if over.is_set():
                    return [_late(seconds)] * len(makers)
    found: list[Outcome] = []
    for make in makers:
        left = end - time.monotonic()
        found.append(outcome(spark, make, left) if left > 0 or not found else _late(seconds))
    return found


def outcome(spark: SparkSession, make: Callable[[], DataFrame], seconds: float) -> Outcome:
    """What one gives."""
    with job_limit(spark, max(seconds, 0.1)) as over:
        try:
            return plain(make()).toArrow()
        except Exception as error:
            return _late(seconds) if over.is_set() else failed(error)


def _late(seconds: float) -> Failed:
    return Failed(LATE, f"It was stopped after {seconds:.0f} s.")


def failed(error: Exception) -> Failed:
    """An error as a value, without Spark's lines of context."""
    from pyspark.errors import PySparkException

    kind = type(error).__name__
    condition = (error.getCondition() or kind) if isinstance(error, PySparkException) else kind
    lines = [line for line in str(error).splitlines() if line.strip()]
    first = lines[0].partition(" SQLSTATE:")[0].strip() if lines else kind
    return Failed(condition, first if first.startswith("[") else f"{kind}: {first}")


def plain(frame: DataFrame) -> DataFrame:
    """The frame with each column under a name of its own, and as text what Arrow has no type for."""
    from pyspark.sql import functions as F

    names = unique(frame.columns)
    fields = frame.schema.fields
    if names != frame.columns:
        frame = frame.toDF(*names)
    if all(_carried(field.dataType) for field in fields):
        return frame
    quoted = [F.col("`" + name.replace("`", "``") + "`") for name in names]
    return frame.select(
        *[
            column if _carried(field.dataType) else column.cast("string").alias(name)
            for name, column, field in zip(names, quoted, fields, strict=True)
        ]
    )


def unique(names: Sequence[str]) -> list[str]:
    """The names, those that stand twice (whatever their case) with the number of their place."""
    lower = [name.lower() for name in names]
    return [name if lower.count(name.lower()) == 1 else f"{name} ({at})" for at, name in enumerate(names, start=1)]


def terms(table: pa.Table, total: bool = False) -> Terms | None:
    """What results like this one are compared by; None for a result without columns."""
    columns = tuple(Column(field.name, spark_type(field.type)) for field in table.schema)
    return Terms(columns, column_order=True, total=total) if columns else None


def _carried(kind: DataType) -> bool:
    """Whether results of this type come as Arrow tables that can be compared."""
    from pyspark.errors import PySparkException
    from pyspark.sql.pandas.types import to_arrow_type
    from pyspark.sql.types import CalendarIntervalType, VariantType, YearMonthIntervalType

    if isinstance(kind, CalendarIntervalType | VariantType | YearMonthIntervalType):
        return False
    try:
        spark_type(to_arrow_type(kind, timezone="UTC"))
    except (UserError, PySparkException):
        return False
    return True
