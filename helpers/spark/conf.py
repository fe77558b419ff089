"""A session's settings for a block of work, and as they were afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_QUICK = {
    "spark.sql.autoBroadcastJoinThreshold": "-1",
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
    before = all_settings(spark)
    within = {**before, **wanted}
    try:
        change(spark, within, before)
        yield within
    finally:
        change(spark, before, all_settings(spark))


@contextmanager
def quick(spark: SparkSession) -> Iterator[Callable[[], str]]:
    """For many plans on a handful of rows, planning is the work: the block's plans are simple ones, not compiled.

    It gives a function that undoes what somebody else set since, and tells its name; "" where nothing was set.
    """
    with settings_for(spark, _QUICK) as within:
        yield lambda: ", ".join(change(spark, within, all_settings(spark)))


def all_settings(spark: SparkSession) -> dict[str, str]:
    """Every setting of the session, but for those that Delta writes by itself."""
    return {name: value for name, value in spark.conf.getAll.items() if not name.startswith(_OF_DELTA)}


def change(spark: SparkSession, wanted: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Makes the settings those wanted, given what they are now; the names of those that were not."""
    changed = sorted(name for name in {*wanted, *now} if wanted.get(name) != now.get(name))
    for name in changed:
        if name in wanted:
            spark.conf.set(name, wanted[name])
        else:
            spark.conf.unset(name)
    return changed
