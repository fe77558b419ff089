"""Genuine recordings through silver: each point arrives, or is told apart by a reason."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

from pyspark.sql import functions as F

from helpers.peak.recordings import catalogue, count_points, read

ARRIVAL = datetime(2026, 1, 1, tzinfo=UTC)


def wide_messages(recording):
    """One SCADA message per time of the recording, a minute after it, all channels of that time in it."""
    points = read(recording)
    for number, (time, rows) in enumerate(points.groupby("event_time", sort=True)):
        event = {
            "event_id": f"{recording.source}-{number}",
            "plant": recording.source,
            "event_time": time.isoformat(),
            "sent_at": (time + timedelta(minutes=1)).isoformat(),
            "channels": {row.channel: {"value": row.value, "unit": row.unit} for row in rows.itertuples()},
        }
        yield ("peak.scada", 0, number, ARRIVAL, json.dumps(event).encode())


FILES = ("nrel_RSF_II.csv", "serf_west_15min.csv")


def test_every_point_of_a_plant_reaches_silver(spark, peak_assignments, file_by_itself):
    recordings = [each for each in catalogue() if each.file in FILES]
    assert len(recordings) == len(FILES)
    bronze = spark.createDataFrame(
        [message for recording in recordings for message in wide_messages(recording)],
        "topic STRING, partition INT, offset BIGINT, arrival_time TIMESTAMP, raw BINARY",
    ).withColumn("header", F.lit(None).cast("string"))
    readings, quarantine = file_by_itself(bronze, peak_assignments)
    assert [(row.event_id, row.reasons) for row in quarantine] == []
    assert Counter(row.source for row in readings) == {each.source: count_points([each]) for each in recordings}
    assert all(row.value is not None and row.asset_id and row.site_id and not row.late for row in readings)
