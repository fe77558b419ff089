"""Bronze messages → silver readings and quarantine: parse, type, convert, assign, and every rule in one pass."""

from __future__ import annotations

from itertools import chain

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from helpers.pipeline.rules import LARGEST_MESSAGE, broken
from helpers.pipeline.units import QUANTITIES, UNITS

BODY = (
    "event_id STRING, plant STRING, sensor STRING, event_time STRING, sent_at STRING, quantity STRING,"
    " value STRING, unit STRING, channels MAP<STRING, STRUCT<value: STRING, unit: STRING>>, _corrupt STRING"
)
NUMBERS = "value DOUBLE, channels MAP<STRING, STRUCT<value: DOUBLE>>"
LATE = "INTERVAL 1 HOUR"
MEASURE = "DECIMAL(18,6)"


def _lookup(pairs: dict[str, object], key: Column) -> Column:
    table = F.create_map(*(F.lit(part) for part in chain.from_iterable(pairs.items())))
    return F.try_element_at(table, key)


def _timestamp(text: Column) -> Column:
    # A time without an offset is no instant: guessing a zone would be wrong twice a year in silence.
    has_offset = text.rlike(r"^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$")
    return F.when(has_offset, F.try_to_timestamp(text))


def parse(bronze: DataFrame) -> DataFrame:
    """Bronze with its parsed columns: body, event_id, source, event_time, sent_at (and their texts), readings.

    bronze: topic, partition, offset, arrival_time, raw BINARY; grain one message, SCADA (wide) or IoT (narrow).
    readings: ARRAY<STRUCT<channel, value_text, unit, value_number>>; value_text is the JSON number's exact text.
    """
    # An oversized body is refused by its size alone; parsing it would only cost memory.
    text = F.when(F.length("raw") <= F.lit(LARGEST_MESSAGE), F.col("raw").cast("string"))
    permissive = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": "_corrupt"}
    parsed = bronze.withColumns({"body": F.from_json(text, BODY, permissive), "numbers": F.from_json(text, NUMBERS)})
    narrow = F.array(
        F.struct(
            F.col("body.quantity").alias("channel"),
            F.col("body.value").alias("value_text"),
            F.col("body.unit").alias("unit"),
            # The second parse types the value strictly: "12.5" in quotes is no JSON number.
            F.col("numbers.value").alias("value_number"),
        )
    )
    wide = F.transform(
        F.map_entries("body.channels"),
        lambda entry: F.struct(
            entry["key"].alias("channel"),
            entry["value"]["value"].alias("value_text"),
            entry["value"]["unit"].alias("unit"),
            F.try_element_at(F.col("numbers.channels"), entry["key"])["value"].alias("value_number"),
        ),
    )
    return parsed.select(
        "topic",
        "partition",
        "offset",
        "arrival_time",
        "raw",
        "body",
        F.col("body.event_id").alias("event_id"),
        F.coalesce("body.plant", "body.sensor").alias("source"),
        F.col("body.event_time").alias("event_time_text"),
        F.col("body.sent_at").alias("sent_at_text"),
        _timestamp(F.col("body.event_time")).alias("event_time"),
        _timestamp(F.col("body.sent_at")).alias("sent_at"),
        F.when(F.col("body.plant").isNotNull(), wide).otherwise(narrow).alias("readings"),
    )


def assign(parsed: DataFrame, assignments: DataFrame) -> DataFrame:
    """Readings with asset_id, site_id, quantity, interval_seconds, feeds_gold as of the event's time, and value.

    assignments: source, channel, asset_id, site_id, quantity, interval_seconds, feeds_gold, valid_from, valid_to
    (half open; valid_to NULL = still valid). value: DECIMAL(18,6) in the canonical unit.
    """
    known = assignments.groupBy("source").agg(
        F.collect_list(F.struct(*(name for name in assignments.columns if name != "source"))).alias("known")
    )
    joined = parsed.join(F.broadcast(known), "source", "left")

    def enrich(reading: Column) -> Column:
        valid = F.filter(
            F.col("known"),
            lambda a: (
                (a["channel"] == reading["channel"])
                & (a["valid_from"] <= F.col("event_time"))
                & (a["valid_to"].isNull() | (F.col("event_time") < a["valid_to"]))
            ),
        )
        assignment = F.try_element_at(valid, F.lit(1))
        unit, quantity = reading["unit"], assignment["quantity"]
        value = (
            reading["value_text"].try_cast("DECIMAL(24,9)")
            + _lookup({name: u.offset for name, u in UNITS.items()}, unit).cast("DECIMAL(9,4)")
        ) * _lookup({name: u.factor for name, u in UNITS.items()}, unit).cast("DECIMAL(14,10)")
        canonical = _lookup({name: u.canonical for name, u in UNITS.items()}, unit)
        expected = _lookup({name: q.unit for name, q in QUANTITIES.items()}, quantity)
        low = _lookup({name: q.low for name, q in QUANTITIES.items()}, quantity)
        high = _lookup({name: q.high for name, q in QUANTITIES.items()}, quantity)
        return F.struct(
            *(reading[name].alias(name) for name in ("channel", "value_text", "unit", "value_number")),
            *(
                assignment[name].alias(name)
                for name in ("asset_id", "site_id", "quantity", "interval_seconds", "feeds_gold")
            ),
            value.try_cast(MEASURE).alias("value_canonical"),
            reading["value_text"].try_cast("DECIMAL(24,9)").alias("value"),
            # A unit of another quantity (degrees for power) is as unknown here as one nobody knows.
            F.coalesce(canonical.isNotNull() & (expected.isNull() | (canonical == expected)), F.lit(False)).alias(
                "unit_known"
            ),
            F.when(canonical == expected, value.between(low, high)).alias("in_range"),
        )

    return joined.withColumn("readings", F.transform("readings", enrich)).drop("known")


def to_silver(bronze: DataFrame, assignments: DataFrame) -> tuple[DataFrame, DataFrame]:
    """(valid, quarantined): every message of bronze is in exactly one of the two; duplicates are not yet judged.

    valid: grain one reading: event_id, source, channel, asset_id, site_id, quantity, event_time (UTC),
    value DECIMAL(18,6) in the canonical unit, interval_seconds, feeds_gold, late, topic, partition, offset,
    arrival_time, body_sha256. late: sent more than an hour after its event.
    quarantined: grain one message: topic, partition, offset, arrival_time, raw, reasons ARRAY<STRING>, event_id.
    """
    judged = assign(parse(bronze), assignments).withColumn("reasons", broken())
    quarantined = judged.where(F.size("reasons") > 0).select(
        "topic", "partition", "offset", "arrival_time", "raw", "reasons", "event_id"
    )
    valid = judged.where(F.size("reasons") == 0).select(
        "event_id",
        "source",
        F.explode("readings").alias("reading"),
        "event_time",
        F.expr(f"sent_at - event_time > {LATE}").alias("late"),
        "topic",
        "partition",
        "offset",
        "arrival_time",
        F.sha2("raw", 256).alias("body_sha256"),
    )
    reading = F.col("reading")
    columns = {
        name: reading[name]
        for name in ("channel", "asset_id", "site_id", "quantity", "interval_seconds", "feeds_gold")
    }
    return valid.withColumns({**columns, "value": reading["value_canonical"]}).drop("reading"), quarantined
