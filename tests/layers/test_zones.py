"""Local dates of sites in several zones, over clock changes."""

from datetime import UTC, date, datetime

import pytest
from pyspark.sql import functions as F

from helpers.pipeline.layers.zones import day_begins, local_date

ZONES = {"den": "America/Denver", "golden": "America/Denver", "tejo": "Europe/Lisbon", "utc": "UTC"}


@pytest.fixture(scope="module")
def dated(spark):
    times = [datetime(2021, 3, 14, 6, 59, tzinfo=UTC), datetime(2021, 3, 15, 5, 59, tzinfo=UTC)]
    rows = [(site, time) for site in (*ZONES, "nowhere") for time in times]
    frame = spark.createDataFrame(rows, "site_id STRING, time TIMESTAMP")
    frame = frame.withColumn("date", local_date(F.col("time"), ZONES))
    frame = frame.withColumn("begins", day_begins(F.col("date"), ZONES)).orderBy("site_id", "time")
    return {site: [row for row in frame.collect() if row.site_id == site] for site in (*ZONES, "nowhere")}


def test_a_date_is_that_of_the_sites_zone(dated):
    # 06:59 UTC is 23:59 in winter, 05:59 UTC is 23:59 in summer: the clocks change between them.
    assert [row.date for row in dated["den"]] == [date(2021, 3, 13), date(2021, 3, 14)]
    assert dated["golden"][0].date == date(2021, 3, 13)
    assert [row.date for row in dated["tejo"]] == [date(2021, 3, 14), date(2021, 3, 15)]
    assert [row.date for row in dated["utc"]] == [date(2021, 3, 14), date(2021, 3, 15)]


def test_a_day_begins_at_local_midnight(dated):
    assert [row.begins for row in dated["den"]] == [datetime(2021, 3, 13, 7), datetime(2021, 3, 14, 7)]
    assert dated["tejo"][1].begins == datetime(2021, 3, 15, 0)


def test_a_site_without_a_zone_has_no_local_days(dated):
    assert [(row.date, row.begins) for row in dated["nowhere"]] == [(None, None)] * 2


def test_without_any_zone_there_are_no_local_days_at_all(spark):
    (row,) = spark.range(1).select(F.lit("x").alias("site_id")).select(local_date(F.now(), {}).alias("d")).collect()
    assert row.d is None
