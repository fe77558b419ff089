"""The settings of the session while an answer is judged, and as they were afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_CLASSROOM = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "false",
}
_QUICK = {
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
# Delta writes these into a session by itself, at its first query and with each commit.
_OF_DELTA = ("spark.sql.parquet.fieldId.", "spark.databricks.delta.lastCommitVersionInSession")


@contextmanager
def settings_for(spark: SparkSession, wanted: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """In this block the session has these settings, and gives all of them; afterwards all are those of before."""
    before = _all(spark)
    within = {**before, **wanted}
    try:
        _set(spark, within, before)
        yield within
    finally:
        _set(spark, before, _all(spark))


@contextmanager
def quick(spark: SparkSession) -> Iterator[Callable[[], str]]:
    """For many plans on a handful of rows, planning is the work: the block's plans are simple ones, not compiled.

    It gives a function that undoes what somebody else set since, and tells its name; "" where nothing was set.
    """
    with settings_for(spark, _QUICK) as within:
        yield lambda: ", ".join(_set(spark, within, _all(spark)))


def classroom(spark: SparkSession) -> AbstractContextManager[object]:
    """In this block the session has the settings that answers are judged by, whatever it had before and has again."""
    return settings_for(spark, _CLASSROOM)


def _all(spark: SparkSession) -> dict[str, str]:
    return {name: value for name, value in spark.conf.getAll.items() if not name.startswith(_OF_DELTA)}


def _set(spark: SparkSession, wanted: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    changed = sorted(name for name in {*wanted, *now} if wanted.get(name) != now.get(name))
    for name in changed:
        if name in wanted:
            spark.conf.set(name, wanted[name])
        else:
            spark.conf.unset(name)
    return changed
