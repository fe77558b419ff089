"""What needs a classic session and the JVM behind it: optimised plans compared, and tables no planner sees into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType


def is_classic(spark: SparkSession) -> bool:
    """Whether the session has a JVM of its own; False over Spark Connect."""
    return hasattr(spark, "_jsparkSession")


def opaque(spark: SparkSession, schema: StructType) -> DataFrame:
    """A table without rows that Spark takes for one of any size.

    Of a local table the optimiser reads the rows, and a plan then says nothing about others. Classic sessions only.
    """
    return spark.createDataFrame(spark.sparkContext.emptyRDD(), schema)


def same_optimised(one: DataFrame, other: DataFrame) -> bool:
    """Whether the two optimised plans give the same rows on any data, their columns' names apart. Classic only.

    True = proved: they differ at most in what Spark's canonical form evens out (flipped comparisons, the order of
    conditions joined by AND, numbers of columns). False = not known. Raises Spark's own errors.
    """
    plans: list[Any] = [frame._jdf.queryExecution().optimizedPlan() for frame in (one, other)]
    return bool(plans[0].sameResult(plans[1]))


def formatted(frame: DataFrame) -> str:
    """The text of `explain(mode="formatted")`, of a session of either kind."""
    if not is_classic(frame.sparkSession):
        return str(frame._explain_string(mode="formatted"))  # type: ignore[operator]
    execution = frame._jdf.queryExecution()
    jvm = frame.sparkSession.sparkContext._jvm
    assert jvm is not None
    return str(jvm.PythonSQLUtils.explainString(execution, "formatted"))
