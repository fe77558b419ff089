"""The notebook's Spark session, started when it is first needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.exercises import teaching_session, usual
from helpers.spark.logs import silence

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_started: list[SparkSession] = []


def session() -> SparkSession:
    """This kernel's Spark Connect session, with the classroom's tables as temporary views (sites, assets, ...)."""
    if _started and getattr(_started[0], "is_stopped", False):
        forget()
    if not _started:
        spark = teaching_session()
        silence()
        for name, table in usual().items():
            spark.createDataFrame(table).createOrReplaceTempView(name)
        _started.append(spark)
    return _started[0]


def forget() -> None:
    """The next call of `session` makes the session anew, as after its server was started again."""
    _started.clear()
