"""Many rows as few: the averages of equal spans of a column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from helpers.core.errors import UserError
from helpers.desk.playground.own.suspicions import quoted

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


def averaged(frame: DataFrame, x: str, names: Sequence[str], spans: int) -> tuple[DataFrame, str]:
    """At most so many rows: of each equal span of x its least x and the averages of the columns; and how it is told.

    Raises UserError where x is no number, date or time, for then there is nothing to average over.
    """
    from pyspark.sql import functions as F
    from pyspark.sql import types as T

    kind = next(one.dataType for one in frame.schema.fields if one.name == x)
    place: Column = F.col(quoted(x))
    if isinstance(kind, T.DateType | T.TimestampType | T.TimestampNTZType):
        place = F.unix_micros(place.cast("timestamp"))
    elif not isinstance(kind, T.NumericType):
        raise UserError(
            f"More than {spans:,} rows, and {x} is a {kind.simpleString()}: there are no spans to average over.",
            f'Group them first: df.groupBy("{x}").avg(...)',
        )
    low, high = frame.select(place.cast("double").alias("p")).agg(F.min("p"), F.max("p")).collect()[0]
    width = (high - low) / spans if low is not None and high > low else 1.0
    # The greatest value belongs to the last span.
    number = F.least(F.floor((place.cast("double") - F.lit(low or 0.0)) / F.lit(width)), F.lit(spans - 1))
    groups = frame.where(F.col(quoted(x)).isNotNull()).groupBy(number.alias("the span"))
    means = [F.avg(quoted(name)).alias(name) for name in names]
    made = groups.agg(F.min(quoted(x)).alias(x), *means).drop("the span")
    return made, f"averages of {spans:,} equal spans of {x}"
