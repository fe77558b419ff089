"""Messages → their parsed columns: a JSON event of a plant or a sensor, or a line of a weather file."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from helpers.pipeline.layers.rules import LARGEST_MESSAGE

BODY = (
    "event_id STRING, plant STRING, sensor STRING, event_time STRING, sent_at STRING, quantity STRING,"
    " value STRING, unit STRING, channels MAP<STRING, STRUCT<value: STRING, unit: STRING>>"
)
NUMBERS = "value DOUBLE, channels MAP<STRING, STRUCT<value: DOUBLE>>"
STRICT = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": "_corrupt", "allowSingleQuotes": "false"}
WEATHER_UNITS = {"_c": "C", "_w_m2": "W/m2", "_m_s": "m/s"}
"""A weather column's unit by the end of its name: the partner's convention."""


def parse(messages: DataFrame) -> DataFrame:
    """Messages with malformed, event_id, source, event_time, sent_at (and their texts) and readings.

    messages: topic, partition, offset, arrival_time, raw BINARY, and header (absent or NULL for a Kafka record);
    grain one message. readings: ARRAY<STRUCT<channel, value_text, unit, value_number>>, value_text being the
    number's exact text. A weather line has no sending clock: its sent_at is its event_time, so that lateness,
    which only a sender can tell, is not judged.
    """
    if "header" not in messages.columns:
        messages = messages.withColumn("header", F.lit(None).cast("string"))
    # An oversized body is refused by its size alone; parsing it would only cost memory.
    text = F.when(F.length("raw") <= F.lit(LARGEST_MESSAGE), F.col("raw").cast("string"))
    # As the one element of a list: Spark's reader stops after the first object and says nothing of what follows it.
    json = F.when(F.col("header").isNull(), F.concat(F.lit('{"all":['), text, F.lit("]}")))
    parsed = messages.withColumns(
        {
            "told": F.from_json(json, f"all ARRAY<STRUCT<{BODY}>>, _corrupt STRING", STRICT),
            "numbers": F.try_element_at(
                F.from_json(json, f"all ARRAY<STRUCT<{NUMBERS}>>", {"allowSingleQuotes": "false"})["all"], F.lit(1)
            ),
            "names": F.split("header", ","),
            "fields": F.when(F.col("header").isNotNull(), F.split(text, ",")),
        }
    )
    parsed = parsed.withColumn("body", F.try_element_at("told.all", F.lit(1)))
    csv = F.col("header").isNotNull()
    station, time = F.try_element_at("fields", F.lit(1)), F.try_element_at("fields", F.lit(2))
    event_time = F.coalesce("body.event_time", time)
    sent_at = F.when(csv, time).otherwise(F.col("body.sent_at"))
    return parsed.select(
        "topic",
        "partition",
        "offset",
        "arrival_time",
        "raw",
        "header",
        F.when(csv, ~_fits_header()).otherwise(_broken_json()).alias("malformed"),
        F.when(csv, F.concat_ws("/", station, time)).otherwise(F.col("body.event_id")).alias("event_id"),
        F.coalesce("body.plant", "body.sensor", station).alias("source"),
        event_time.alias("event_time_text"),
        sent_at.alias("sent_at_text"),
        _timestamp(event_time).alias("event_time"),
        _timestamp(sent_at).alias("sent_at"),
        F.when(csv, _columns()).when(F.col("body.plant").isNotNull(), _wide()).otherwise(_narrow()).alias("readings"),
    )


def _broken_json() -> Column:
    return F.col("body").isNull() | F.col("told._corrupt").isNotNull() | (F.size("told.all") != 1)


def _fits_header() -> Column:
    named = (F.col("names")[0] == "station") & (F.col("names")[1] == "time")
    return F.coalesce(named & (F.size("names") == F.size("fields")), F.lit(False))


def _timestamp(text: Column) -> Column:
    # A time without an offset is no instant: guessing a zone would be wrong twice a year in silence.
    has_offset = text.rlike(r"^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$")
    return F.when(has_offset, F.try_to_timestamp(text))


def _reading(channel: Column, text: Column, unit: Column, number: Column) -> Column:
    return F.struct(
        channel.alias("channel"), text.alias("value_text"), unit.alias("unit"), number.alias("value_number")
    )


def _narrow() -> Column:
    # The second parse types the value strictly: "12.5" in quotes is no JSON number.
    channel, text, unit = (F.col(f"body.{name}") for name in ("quantity", "value", "unit"))
    return F.array(_reading(channel, text, unit, F.col("numbers.value")))


def _wide() -> Column:
    return F.transform(
        F.map_entries("body.channels"),
        lambda entry: _reading(
            entry["key"],
            entry["value"]["value"],
            entry["value"]["unit"],
            F.try_element_at(F.col("numbers.channels"), entry["key"])["value"],
        ),
    )


def _columns() -> Column:
    """The readings of a weather line; an empty cell is a value that was not measured."""
    cells = F.slice(F.arrays_zip("names", "fields"), 3, 1000)

    def unit(name: Column) -> Column:
        known = F.lit(None).cast("string")
        for ending, symbol in WEATHER_UNITS.items():
            known = F.when(name.endswith(ending), symbol).otherwise(known)
        return known

    return F.transform(
        F.filter(cells, lambda cell: cell["fields"] != ""),
        lambda cell: _reading(cell["names"], cell["fields"], unit(cell["names"]), cell["fields"].try_cast("double")),
    )
