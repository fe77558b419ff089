"""Which months of gold a batch of silver readings changes: gold is replaced month by month, whole months anew."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def of_readings(changed: DataFrame) -> set[str]:
    """UTC months of the quarter hours that readings which feed gold overlap (columns of silver/readings)."""
    return _collected(
        changed.where("feeds_gold IS NOT NULL"),
        "event_time",
        "event_time + make_dt_interval(0, 0, 0, greatest(interval_seconds - 1, 0))",
    )


def of_days(rows: DataFrame, column: str = "local_date") -> set[str]:
    """Months of a column of dates."""
    return _collected(rows, column)


def _collected(rows: DataFrame, *times: str) -> set[str]:
    months = F.explode(F.array(*(F.date_format(F.expr(time), "yyyy-MM") for time in times)))
    return {row[0] for row in rows.select(months.alias("month")).distinct().collect()}


def with_neighbours(months: set[str], before: int = 1, after: int = 1) -> set[str]:
    """The months and so many before and after each."""
    found = set(months)
    for month in months:
        found |= {_shifted(month, step) for step in range(-before, after + 1)}
    return found


def _shifted(month: str, by: int) -> str:
    year, number = map(int, month.split("-"))
    total = year * 12 + number - 1 + by
    return f"{total // 12:04d}-{total % 12 + 1:02d}"
