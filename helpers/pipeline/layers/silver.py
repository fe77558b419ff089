"""Bronze messages → silver readings, quarantine and duplicates: type, convert, assign, every rule in one pass."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from helpers.pipeline.layers.bronze import month
from helpers.pipeline.layers.parse import parse
from helpers.pipeline.layers.rules import CONFLICT, LATE, broken, warned
from helpers.pipeline.layers.units import QUANTITIES, UNITS

MEASURE = "DECIMAL(18,6)"

READINGS = (
    "event_id STRING, source STRING, channel STRING, asset_id STRING, site_id STRING, quantity STRING,"
    f" event_time TIMESTAMP, value {MEASURE}, interval_seconds INT, feeds_gold STRING, late BOOLEAN, topic STRING,"
    " partition INT, offset BIGINT, arrival_time TIMESTAMP, body_sha256 STRING, event_month STRING"
)
"""silver/readings: grain one channel of a valid message; key (topic, partition, offset, channel)."""

QUARANTINE = (
    "topic STRING, partition INT, offset BIGINT, arrival_time TIMESTAMP, raw BINARY, reasons ARRAY<STRING>,"
    " event_id STRING, arrival_month STRING"
)
"""silver/quarantine: grain one refused message; key (topic, partition, offset)."""

DUPLICATES = (
    "topic STRING, partition INT, offset BIGINT, arrival_time TIMESTAMP, event_id STRING, duplicate_of BIGINT,"
    " arrival_month STRING"
)
"""silver/duplicates: grain one repeated message; duplicate_of is the offset that went to silver."""

PLACE = ("topic", "partition", "offset")
"""Where a message stands: the key that everything about it shares."""


@dataclass(frozen=True)
class Silver:
    """Every message of a batch is in exactly one of the three (columns READINGS, QUARANTINE, DUPLICATES)."""

    readings: DataFrame
    quarantine: DataFrame
    duplicates: DataFrame


def _units() -> Column:
    """unit → (canonical, factor, offset), as one map."""
    kind = "STRUCT<canonical: STRING, factor: DECIMAL(14,10), offset: DECIMAL(9,4)>"
    return _table({name: (u.canonical, u.factor, u.offset) for name, u in UNITS.items()}, kind)


def _quantities() -> Column:
    """quantity → (unit, low, high), as one map."""
    kind = "STRUCT<unit: STRING, low: DECIMAL(18,6), high: DECIMAL(18,6)>"
    return _table({name: (q.unit, q.low, q.high) for name, q in QUANTITIES.items()}, kind)


def _table(rows: dict[str, tuple[object, ...]], kind: str) -> Column:
    entries = ((F.lit(name), F.struct(*map(F.lit, row)).cast(kind)) for name, row in rows.items())
    return F.create_map(*chain.from_iterable(entries))


def assign(parsed: DataFrame, assignments: DataFrame) -> DataFrame:
    """Readings with the assignment as of the event's time, and their value in the canonical unit.

    assignments: source, channel, asset_id, site_id, quantity, interval_seconds, feeds_gold, valid_from, valid_to
    (half open; valid_to NULL = still valid). Each reading gets asset_id, site_id, quantity, interval_seconds,
    feeds_gold (NULL without an assignment); value_typed: false for a text that is no number; value: DECIMAL(18,6);
    unit_known and in_range: what the rules ask.
    """
    names = (name for name in assignments.columns if name not in ("source", "channel"))
    periods = assignments.groupBy("source", "channel").agg(F.collect_list(F.struct(*names)).alias("periods"))
    known = periods.groupBy("source").agg(
        F.map_from_entries(F.collect_list(F.struct("channel", "periods"))).alias("known")
    )
    joined = parsed.join(F.broadcast(known), "source", "left")

    def look_up(reading: Column) -> Column:
        valid = F.filter(
            F.try_element_at(F.col("known"), reading["channel"]),
            lambda a: (
                (a["valid_from"] <= F.col("event_time"))
                & (a["valid_to"].isNull() | (F.col("event_time") < a["valid_to"]))
            ),
        )
        return F.struct(
            *(reading[name].alias(name) for name in ("channel", "value_text", "unit")),
            reading["value_number"].isNotNull().alias("is_number"),
            reading["value_text"].try_cast("DECIMAL(24,9)").alias("number"),
            F.try_element_at(valid, F.lit(1)).alias("assigned"),
            F.try_element_at(_units(), reading["unit"]).alias("told"),
        )

    def bound(reading: Column) -> Column:
        return F.struct(
            *(reading[name].alias(name) for name in ("channel", "value_text", "unit", "assigned", "told")),
            (reading["is_number"] & reading["number"].isNotNull()).alias("value_typed"),
            ((reading["number"] + reading["told"]["offset"]) * reading["told"]["factor"]).alias("exact"),
            F.try_element_at(_quantities(), reading["assigned"]["quantity"]).alias("limits"),
        )

    def finish(reading: Column) -> Column:
        canonical, expected = reading["told"]["canonical"], reading["limits"]["unit"]
        names = ("asset_id", "site_id", "quantity", "interval_seconds", "feeds_gold")
        return F.struct(
            *(reading[name].alias(name) for name in ("channel", "value_text", "unit", "value_typed")),
            *(reading["assigned"][name].alias(name) for name in names),
            reading["exact"].try_cast(MEASURE).alias("value"),
            # A unit of another quantity (degrees for power) is as unknown here as one nobody knows.
            F.coalesce(canonical.isNotNull() & (expected.isNull() | (canonical == expected)), F.lit(False)).alias(
                "unit_known"
            ),
            F.when(
                canonical == expected, reading["exact"].between(reading["limits"]["low"], reading["limits"]["high"])
            ).alias("in_range"),
        )

    # Three passes, so that each look-up is written, and done, once a reading: lambdas share no subexpressions.
    steps = F.transform(F.transform(F.transform("readings", look_up), bound), finish)
    return joined.withColumn("readings", steps).drop("known")


def judge(messages: DataFrame, assignments: DataFrame) -> DataFrame:
    """Each message by itself: parsed and assigned, with reasons ARRAY<STRING> (empty = valid), late and body_sha256.

    messages: as `parse` takes them; assignments: as `assign` takes them. Grain one message.
    late: sent more than an hour after its event.
    """
    return (
        assign(parse(messages), assignments)
        .withColumn("reasons", broken())
        .select(
            *PLACE,
            "arrival_time",
            "raw",
            "header",
            "event_id",
            "source",
            "event_time",
            "reasons",
            warned(LATE).alias("late"),
            F.sha2("raw", 256).alias("body_sha256"),
            # What a refused message would have measured is of no use to anyone.
            F.when(F.size("reasons") == 0, F.col("readings")).alias("readings"),
        )
    )


def repeats(judged: DataFrame, seen: DataFrame) -> DataFrame:
    """The valid messages that come again: topic, partition, offset, duplicate_of, same_bytes. Usually few.

    judged: as `judge` returns it, cached by the caller; seen: silver's readings of all earlier batches (READINGS).
    Among valid messages with one event_id in one partition (for weather: in all files) the lowest offset is the
    first; each later one is here. Weather files, which have no common offsets, stand in the order of their arrival.
    On a replay of a batch whose readings were committed already, a row of `seen` with a message's own place is that
    message itself, so that the answer is the same.
    """
    valid = judged.where(F.size("reasons") == 0).select(
        _stream().alias("stream"),
        "event_id",
        *PLACE,
        "body_sha256",
        F.when(F.col("header").isNotNull(), F.col("arrival_time")).alias("turn"),
        F.lit(True).alias("fresh"),
    )
    earlier = seen.select(
        _stream().alias("stream"),
        "event_id",
        *PLACE,
        "body_sha256",
        F.lit(None).cast("timestamp").alias("turn"),
        F.lit(False).alias("fresh"),
    ).join(valid.select("stream", "event_id").distinct(), ["stream", "event_id"], "left_semi")
    ordered = Window.partitionBy("stream", "event_id").orderBy("fresh", "turn", *PLACE)
    first = F.first(F.struct(*PLACE, "body_sha256")).over(ordered)
    return (
        valid.unionByName(earlier.dropDuplicates([*PLACE]))
        .withColumn("first", first)
        .where("fresh AND struct(topic, partition, offset) != struct(first.topic, first.partition, first.offset)")
        .select(
            *PLACE,
            F.col("first.offset").alias("duplicate_of"),
            (F.col("first.body_sha256") == F.col("body_sha256")).alias("same_bytes"),
        )
    )


def classify(judged: DataFrame, repeated: DataFrame) -> Silver:
    """Judged messages → silver, quarantine and duplicates.

    judged: as `judge` returns it; repeated: as `repeats` returns it; both cached by the caller. A repeated message is
    a duplicate if its bytes are the same as the first one's, and a CONFLICT in quarantine if not.
    """
    told = judged.join(F.broadcast(repeated), list(PLACE), "left")
    reasons = F.when(F.col("same_bytes") == F.lit(False), F.array(F.lit(CONFLICT))).otherwise(F.col("reasons"))
    return Silver(
        _readings(told.where("size(reasons) = 0 AND same_bytes IS NULL")),
        told.withColumn("reasons", reasons)
        .where("size(reasons) > 0")
        .select(*PLACE, "arrival_time", "raw", "reasons", "event_id", month("arrival_time").alias("arrival_month")),
        told.where("same_bytes").select(
            *PLACE, "arrival_time", "event_id", "duplicate_of", month("arrival_time").alias("arrival_month")
        ),
    )


def _stream() -> Column:
    """What an event_id is unique in: a partition of a topic, or all weather files together."""
    weather = F.col("topic").startswith("weather/")
    return F.when(weather, "weather").otherwise(F.concat_ws("/", "topic", F.col("partition").cast("string")))


def _readings(messages: DataFrame) -> DataFrame:
    exploded = messages.withColumn("reading", F.explode("readings"))
    reading = F.col("reading")
    return exploded.select(
        "event_id",
        "source",
        *(reading[name].alias(name) for name in ("channel", "asset_id", "site_id", "quantity")),
        "event_time",
        reading["value"].alias("value"),
        reading["interval_seconds"].alias("interval_seconds"),
        reading["feeds_gold"].alias("feeds_gold"),
        "late",
        *PLACE,
        "arrival_time",
        "body_sha256",
        month("event_time").alias("event_month"),
    )
