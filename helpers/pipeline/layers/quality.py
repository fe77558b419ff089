"""Data quality: stuck, spike, interpolated and drift as flags over whole local days of a channel.

A flag says "look at this", never "this is wrong": it refuses no reading. Everything is decided within one (source,
channel, local date), drift also from the 34 days before, so that the batches in which readings came do not matter;
values are DECIMAL and are only compared, sorted and subtracted. Zone of the session: UTC; all
frames of one call belong to one session.

The thresholds are conventions, each named with its reason; they were checked, not fitted: six labelled outliers are
too few to fit anything. Against the experts' labels of pvanalytics, precision is 1 for all; recall is 244 of 245 for
stale (a run cut by midnight leaves one reading behind), 1155 of 1254 for interpolated (68 of the missing are level
lines at zero, the others lie beside midnight or stand alone) and 5 of 6 for outliers (one sits on a morning's ramp).
Beyond the labels 0.2 % of all readings are called spikes, up to 0.8 % of a plant's power and 2.1 % of a voltage; we
take most of them for genuine clouds and switching.
Of serf-east-psm3 44 % (GHI) and 62 % (temperature) are interpolated, and so they are: hourly data at 15 minutes.
Sensors that tell whole or tenth degrees look stuck or interpolated without being so: up to 10 % of a channel.
"""

from __future__ import annotations

import pandas as pd
from pyspark.sql import DataFrame

from helpers.pipeline.layers.drift import LIGHT, affected_days, days, drift, placed
from helpers.pipeline.layers.exact import half_up

__all__ = ["affected_days", "days", "drift", "flags", "marks", "placed", "quality", "score_against_labels"]

STUCK_READINGS = 8
"""Equal consecutive readings that make a channel stuck: two hours at 15 minutes. Genuine power by day has up to 5."""
LINE_READINGS = 5
"""Readings on one straight line: what an hour's gap filled at 15 minutes makes, both ends included."""
ROUNDING = "0.000002"
"""Silver rounds to 6 decimals, so three readings on a line may be off it by up to 4 halves of the last digit."""
MEANINGS = {"stale": "stuck", "interpolated": "interpolated", "outlier": "spike"}
"""The experts' labels and the flags that answer to them."""

_MARKS = f"""
    WITH steps AS (
        SELECT /*+ BROADCAST(d) */ *,
               value - (lag(value) OVER day) AS step, (lead(value) OVER day) - value AS next_step,
               at - (lag(at) OVER day) AS pause, (lead(at) OVER day) - at AS next_pause,
               min(value) OVER whole_day AS lowest, max(value) OVER whole_day AS highest,
               percentile_disc(0.95) WITHIN GROUP (ORDER BY value) OVER whole_day
                 - percentile_disc(0.05) WITHIN GROUP (ORDER BY value) OVER whole_day AS amplitude,
               sort_array(array_compact(array(
                   lag(value, 3) OVER day, lag(value, 2) OVER day, lag(value) OVER day,
                   lead(value) OVER day, lead(value, 2) OVER day, lead(value, 3) OVER day))) AS near
        FROM (SELECT *, unix_micros(event_time) AS at FROM {{placed}})
        LEFT SEMI JOIN {{days}} d USING (source, channel, local_date)
        WINDOW whole_day AS (PARTITION BY source, channel, local_date),
               day AS (PARTITION BY source, channel, local_date ORDER BY event_time, value, event_id)),
    judged AS (
        SELECT *,
               value <> 0 AND NOT (quantity IN ({LIGHT}) AND value < 0)
                 AND (value > lowest OR lowest = highest)
                 AND NOT (quantity = 'normalized_power' AND value >= 0.99) AS awake,
               coalesce(pause = next_pause AND abs(next_step - step) <= {ROUNDING}
                        AND greatest(abs(step), abs(next_step)) > {ROUNDING}, false) AS on_line,
               get(near, (size(near) + 3) div 4 - 1) AS q1, get(near, size(near) - (size(near) + 3) div 4) AS q3
        FROM steps),
    runs AS (
        SELECT *,
               sum(IF(step = 0, 0, 1)) OVER day AS plateau, sum(IF(on_line, 0, 1)) OVER day AS line,
               greatest(value - q3, q1 - value) AS distance
        FROM judged
        WINDOW day AS (PARTITION BY source, channel, local_date ORDER BY event_time, value, event_id))
    SELECT source, channel, local_date, event_time,
           awake AND count(*) OVER (PARTITION BY source, channel, local_date, plateau) >= {STUCK_READINGS} AS stuck,
           coalesce(quantity NOT IN ('wind_speed', 'wind_direction') AND size(near) >= 4
             AND 2 * distance > 3 * (q3 - q1) AND 3 * distance > amplitude, false) AS spike,
           on_line AND count_if(on_line) OVER (PARTITION BY source, channel, local_date, line) >= {LINE_READINGS - 2}
             AS interpolated
    FROM runs
"""

_QUALITY = f"""
    WITH counted AS (
        SELECT source, channel, local_date, count(*) AS n, count_if(stuck) AS stuck, count_if(spike) AS spike,
               count_if(interpolated) AS interpolated, count_if(NOT (stuck OR spike OR interpolated)) AS clean
        FROM {{marks}} GROUP BY source, channel, local_date)
    SELECT source, channel, local_date, CAST(n AS INT) AS readings, CAST(stuck AS INT) AS stuck,
           CAST(spike AS INT) AS spike, CAST(interpolated AS INT) AS interpolated, d.drift,
           {half_up("clean * 1000000", "n", 7, 6)} AS score, date_format(local_date, 'yyyy-MM') AS month
    FROM counted LEFT JOIN {{drift}} d USING (source, channel, local_date)
"""


def marks(placed: DataFrame, days: DataFrame) -> DataFrame:
    """Every reading of the days with its flags: source, channel, local_date, event_time, stuck, spike, interpolated.

    placed: as `placed` returns it, at least all readings of those days; days: source, channel, local_date. Worth
    keeping (`localCheckpoint`): flags and quality both read it.

    stuck: one of at least STUCK_READINGS equal consecutive values (pvanalytics.quality.gaps.stale_values_diff asks
    for 6). Not judged: zero; below zero for light, power and current; the day's lowest value unless the whole day is
    equal (the night's floor); normalised power from 0.99 on (an inverter at its limit).
    interpolated: an inner reading of at least LINE_READINGS equally spaced ones on a line that is not level, within
    ROUNDING (pvanalytics.quality.gaps.interpolation_diff does so with a relative tolerance). Level lines are stuck.
    spike: over 1.5 interquartile ranges beyond the quartiles of the three readings before and the three after it
    (Tukey's fences, Exploratory Data Analysis, 1977; sliding over neighbours like Hampel's filter), and by over a
    third of the day's range from the 5th to the 95th percentile, since to a calm hour any ripple is far. Four
    neighbours at least must exist. Wind is not judged: it gusts, and its direction is a circle.
    """
    return placed.sparkSession.sql(_MARKS, placed=placed, days=days)


def flags(marks: DataFrame) -> DataFrame:
    """The rows of gold/flags, one per flagged time and flag ('stuck', 'spike', 'interpolated'), from `marks`.

    month is that of the local date, so that a month's partition holds whole local days.
    """
    return marks.sparkSession.sql(
        """SELECT DISTINCT source, channel, event_time, flag, date_format(local_date, 'yyyy-MM') AS month
        FROM (SELECT *, explode(array_compact(array(IF(stuck, 'stuck', NULL), IF(spike, 'spike', NULL),
                                                    IF(interpolated, 'interpolated', NULL)))) AS flag
              FROM {marks} WHERE stuck OR spike OR interpolated)""",
        marks=marks,
    )


def quality(marks: DataFrame, drift: DataFrame) -> DataFrame:
    """The rows of gold/quality from `marks` and `drift`; grain (source, channel, local_date).

    readings, stuck, spike, interpolated: numbers of readings. score [1] = 1 - (readings with any flag) / readings,
    HALF_UP to 6 decimals. drift: NULL where it cannot be judged; it does not enter the score.
    """
    return marks.sparkSession.sql(_QUALITY, marks=marks, drift=drift)


def score_against_labels(flags: pd.DataFrame, labels: pd.DataFrame) -> dict[str, dict[str, float | None]]:
    """Precision and recall of the flags against experts' labels: meaning → {precision, recall, labelled, flagged}.

    flags: rows of gold/flags; labels: rows of `recordings.read_labels`. Each label is compared with the flag that
    answers to it (MEANINGS), among the sources that carry it. None where nothing was flagged or labelled.
    """
    found: dict[str, dict[str, float | None]] = {}
    for meaning, rows in labels.groupby("meaning"):
        wanted = _moments(rows[rows["flagged"]])
        chosen = flags[(flags["flag"] == MEANINGS[str(meaning)]) & flags["source"].isin(rows["source"].unique())]
        raised = _moments(chosen)
        right = len(wanted & raised)
        found[str(meaning)] = {
            "precision": round(right / len(raised), 6) if raised else None,
            "recall": round(right / len(wanted), 6) if wanted else None,
            "labelled": len(wanted),
            "flagged": len(raised),
        }
    return found


def _moments(rows: pd.DataFrame) -> set[tuple[str, pd.Timestamp]]:
    return set(zip(rows["source"], pd.to_datetime(rows["event_time"], utc=True), strict=True))
