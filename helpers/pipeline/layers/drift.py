"""A channel's local days, and drift: the days' levels against those before, which ties days to one another."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from helpers.pipeline.layers.zones import local_date

WEEK, REFERENCE = 7, 28
"""Days that must agree, and days before them that they are compared with."""
REACH = WEEK + REFERENCE - 1
"""A day's drift depends on this many days before it, and so a day matters to so many days after it."""

LIGHT = "'ac_power', 'dc_power', 'normalized_power', 'current', 'poa_irradiance', 'ghi', 'dni', 'dhi'"

_DRIFT = f"""
    WITH sorted AS (
        SELECT source, channel, local_date, sort_array(collect_list(value) FILTER (WHERE value > 0)) AS sun
        FROM {{placed}} WHERE quantity IN ({LIGHT}) GROUP BY ALL),
    levels AS (
        SELECT source, channel, local_date, get(sun, (size(sun) * 95 + 99) div 100 - 1) AS level
        FROM sorted WHERE size(sun) > 0),
    compared AS (
        SELECT *, count(*) OVER week AS week_days,
               min(level) OVER week AS week_low, max(level) OVER week AS week_high,
               sort_array(collect_list(level) OVER before) AS reference
        FROM levels
        WINDOW week AS (PARTITION BY source, channel ORDER BY unix_date(local_date)
                        RANGE BETWEEN {WEEK - 1} PRECEDING AND CURRENT ROW),
               before AS (PARTITION BY source, channel ORDER BY unix_date(local_date)
                          RANGE BETWEEN {REACH} PRECEDING AND {WEEK} PRECEDING))
    SELECT /*+ BROADCAST(d) */ source, channel, local_date,
           4 * week_low > 5 * get(reference, (size(reference) + 1) div 2 - 1)
             OR 4 * week_high < 3 * get(reference, (size(reference) + 1) div 2 - 1) AS drift
    FROM compared LEFT SEMI JOIN {{days}} d USING (source, channel, local_date)
    WHERE week_days >= 4 AND size(reference) >= 14
"""


def placed(readings: DataFrame, zones: Mapping[str, str]) -> DataFrame:
    """Readings with local_date, the date in the zone of their site: what days, marks and drift begin with.

    readings: rows of silver/readings; zones: site_id → IANA zone. A site without a zone has no local days.
    """
    dated = readings.withColumn("local_date", local_date(F.col("event_time"), zones))
    return dated.where("local_date IS NOT NULL")


def days(placed: DataFrame) -> DataFrame:
    """The channel-days that have readings: source, channel, local_date, each once; placed: as `placed` returns it."""
    return placed.select("source", "channel", "local_date").distinct()


def affected_days(placed: DataFrame) -> DataFrame:
    """The channel-days whose quality new readings can change: source, channel, local_date, each once.

    placed: the new readings as `placed` returns them. Their days, and the REACH days after each, whose drift looks
    back on it. Days without readings are among them; they get no rows. What must be read to compute them begins
    REACH days earlier.
    """
    return (
        days(placed)
        .selectExpr("source", "channel", f"explode(sequence(local_date, date_add(local_date, {REACH})))")
        .toDF("source", "channel", "local_date")
        .distinct()
    )


def drift(placed: DataFrame, days: DataFrame) -> DataFrame:
    """The days whose drift can be judged: source, channel, local_date, drift; for light, power and current.

    placed: as `placed` returns it, the readings from REACH days before the first of the days on.
    level of a day = 95th percentile (a value that occurred) of its values above zero: its sun, without its spikes.
    drift: all levels of the WEEK days that end with this one lie over a quarter above, or all over a quarter
    below, the median level of the REFERENCE days before those. One overcast day is weather, a whole week on one
    side is not (the idea of the run rules of control charts: L. S. Nelson, Journal of Quality Technology 16, 1984).
    Judged with levels on 4 days of the week and 14 of the reference. Temperatures, wind and voltage are not judged:
    a quarter more of them means nothing.
    """
    return placed.sparkSession.sql(_DRIFT, placed=placed, days=days)
