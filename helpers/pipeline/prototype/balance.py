"""Whether each row of a batch is where it must be: a reading, refused, or repeated; and each key stands once."""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from helpers.core.errors import PipelineError

ROUNDS = 5
"""How often the rows that are left are refined anew: a key that comes more often is taken for repeated."""


def unique(readings: DataFrame, key: str) -> None:
    """Raises PipelineError where a key is NULL, or comes twice: a table that is merged by it could not tell them."""
    times = readings.groupBy(F.col(f"`{key}`").alias("key")).agg(F.count("*").alias("times"))
    wrong = times.where("key IS NULL OR times > 1").first()
    if wrong is None:
        return
    if wrong[0] is None:
        raise PipelineError(
            f"refine() of layers.py made a reading without a key: {key} is NULL in {wrong[1]:,}.",
            f"Let a rule refuse rows whose {key} is NULL. Nothing of this batch was written.",
        )
    raise PipelineError(
        f"refine() of layers.py made {wrong[1]:,} readings of one key: {key} {wrong[0]!r}.",
        "Let it keep the newest reading of a key. Nothing of this batch was written.",
    )


def none_lost(
    rows: DataFrame,
    readings: DataFrame,
    refused: DataFrame,
    key: str,
    refine: Callable[[DataFrame], tuple[DataFrame, DataFrame]],
) -> None:
    """Raises PipelineError unless each row that is in neither is repeated: a reading of its key is there already.

    A row's key is known by refining it without the others. Readings without `place` cannot be traced to their rows,
    and nothing is raised.
    """
    if "place" not in readings.columns:
        return
    missing = _without(rows, readings, refused).localCheckpoint()
    for _ in range(ROUNDS):
        if missing.isEmpty():
            return
        alone, _ = refine(missing)
        known = alone.join(readings.select(key), key, "left_semi").localCheckpoint()
        if known.isEmpty():
            ((lost, example),) = missing.agg(F.count("*"), F.min("place")).collect()
            raise PipelineError(
                f"refine() of layers.py lost {lost:,} of {rows.count():,} rows, as in {example}: a filter or an "
                "inner join does so.",
                "Let it give each row as a reading, or refused with a reason. Nothing of this batch was written.",
            )
        missing = _without(missing, known).localCheckpoint()


def _without(rows: DataFrame, *others: DataFrame) -> DataFrame:
    """The rows whose place is in none of the others."""
    for other in others:
        rows = rows.join(other.select("place"), "place", "left_anti")
    return rows
