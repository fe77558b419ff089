"""Genuine recordings through silver: each point arrives, or is told apart by a reason."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from helpers.peak.recordings import catalogue, count_points, read
from helpers.peak.relational import world
from helpers.pipeline.silver import to_silver

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


def assignments(spark):
    tables = world()
    sites = {asset[0]: asset[4] for asset in tables["assets"]}
    rows = [
        (source, channel, asset, sites[asset], quantity, interval, feeds, begin, end)
        for source, channel, asset, quantity, _, interval, feeds, begin, end in tables["meter_assignments"]
    ]
    return spark.createDataFrame(
        rows,
        "source STRING, channel STRING, asset_id STRING, site_id STRING, quantity STRING,"
        " interval_seconds INT, feeds_gold STRING, valid_from TIMESTAMP, valid_to TIMESTAMP",
    )


@pytest.mark.parametrize("file", ["nrel_RSF_II.csv", "serf_west_15min.csv"])
def test_every_point_of_a_plant_reaches_silver(spark, file):
    (recording,) = [each for each in catalogue() if each.file == file]
    bronze = spark.createDataFrame(
        list(wide_messages(recording)),
        "topic STRING, partition INT, offset BIGINT, arrival_time TIMESTAMP, raw BINARY",
    )
    valid, quarantined = to_silver(bronze, assignments(spark))
    assert [(row.event_id, row.reasons) for row in quarantined.collect()] == []
    assert valid.count() == count_points([recording])
    assert valid.where("value IS NULL OR asset_id IS NULL OR site_id IS NULL OR late").count() == 0
