"""Lesson 8, streams: the tasks, trials that kill and restart, and the wrong answers of people who know SQL."""

import io
import json
import posixpath
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError
from pyspark.errors import AnalysisException
from pyspark.sql import Window
from pyspark.sql import functions as F

from helpers.exercises import Lesson, ServiceExercise, Wrong, usual
from helpers.pipeline.stores import Stores
from helpers.pipeline.tables import Lake

MIDNIGHT = datetime(2022, 1, 4, tzinfo=UTC)
QUARTER = timedelta(minutes=15)

RUNNING = (
    "Your function returned, and its query still runs: start() only begins it, and nobody waits for it or stops it. "
    "Let it end by itself: trigger(availableNow=True), then awaitTermination()."
)
NO_CHECKPOINT = (
    "No checkpoint lies under `checkpoint`, where the next machine will look. On a disk, or in a folder of your own, "
    "it is gone with the machine, and a batch keeps none: a restart then knows nothing of what was done."
)
GIVEN = {
    "spark": "the session",
    "kafka": "options for the source kafka: where the broker is, and the topic to subscribe to",
}
STRANGE_COLUMNS = "The table's columns are not those of the contract."


# What the trials share


def _text(value):
    """A row of a topic, as JSON; times and amounts as text."""
    return json.dumps(value, default=str).encode()


def _places(sandbox, topic, partitions=1, **keys):
    """A topic and a bucket, and what an answer is given: the topic, places in the bucket, a checkpoint."""
    topic, bucket = sandbox.broker.topic(topic, partitions=partitions), sandbox.objects.bucket()
    where = {name: f"s3a://{bucket}/{key}" for name, key in {**keys, "checkpoint": "checkpoint"}.items()}
    return topic, bucket, {"kafka": {**Stores().kafka_source(), "subscribe": topic}, **where}


def _send(sandbox, topic, rows, key):
    sandbox.broker.send(topic, [(row[key].encode(), _text(row)) for row in rows])


def _call(sandbox, **given):
    """The answer does its work in this session, and leaves no query behind that would go on with it."""
    sandbox.call(spark=sandbox.spark, **given)
    sandbox.require("no query left running", not sandbox.queries, RUNNING)


def _commits(sandbox, bucket):
    """The numbers of the batches that the checkpoint knows as done."""
    names = [posixpath.basename(key) for key in sandbox.objects.sizes(bucket, "checkpoint/commits/")]
    return sorted(int(name) for name in names if name.isdigit())


def _crash(sandbox, bucket):
    """What a kill leaves between the write of the last batch and its commit: offsets/N is there, commits/N not.

    False where there is no checkpoint to do that to.
    """
    done = _commits(sandbox, bucket)
    if done:
        sandbox.objects.client()[0].delete_object(Bucket=bucket, Key=f"checkpoint/commits/{done[-1]}")
    return bool(done)


def _delta(bucket, name):
    """A Delta table as it is now, without Spark; None where there is none."""
    try:
        return Lake(bucket, Stores().lake.storage).open(name)
    except TableNotFoundError:
        return None


def _delta_rows(sandbox, bucket, name, columns, words):
    """Its rows as tuples in the order of these columns; words: what to say where there is no table."""
    table = _delta(bucket, name)
    sandbox.require("the table is there", table is not None, words)
    return _rows_of(sandbox, table.to_pyarrow_table(), columns)


def _parquet_rows(sandbox, bucket, name, columns):
    """The same of the Parquet files under a prefix, without the sink's own log; no file, no rows."""
    keys = [key for key in sandbox.objects.sizes(bucket, f"{name}/") if key.endswith(".parquet") and "/_" not in key]
    files = [pq.ParquetFile(io.BytesIO(sandbox.objects.get(bucket, key))).read() for key in keys]
    return [row for table in files for row in _rows_of(sandbox, table, columns)]


def _rows_of(sandbox, table, columns):
    sandbox.require("the columns", set(table.column_names) == set(columns), STRANGE_COLUMNS, table.column_names)
    values = [
        pc.cast(table[name], pa.timestamp("us")).to_pylist()
        if pa.types.is_timestamp(table.schema.field(name).type)
        else table[name].to_pylist()
        for name in columns
    ]
    return [tuple(row) for row in zip(*values, strict=True)]


def _some(rows, columns, most=8):
    """Rows for people."""
    return [dict(zip(columns, row, strict=True)) for row in sorted(rows, key=repr)[:most]]


def _same(sandbox, what, found, expected, columns, words):
    """Go on where the rows are the same, each as often; else show those that differ. words: of (extra, missing)."""
    extra, missing = Counter(found) - Counter(expected), Counter(expected) - Counter(found)
    if extra or missing:
        shown = {*extra, *missing}
        theirs = _some([row for row in found if row in shown], columns)
        sandbox.expect(what, theirs, _some([row for row in expected if row in shown], columns), words(extra, missing))
    sandbox.met.append(what)


# Exercise 1: a query with a checkpoint goes on where it was

ALARM = "alarm_id STRING, inverter_id STRING, raised_at TIMESTAMP, text STRING"
ALARM_COLUMNS = ("alarm_id", "inverter_id", "raised_at", "text")

LAND_LATEST = (
    "Alarms that were in the topic before your query's first start are missing. A new query begins at the end of the "
    "topic unless you say startingOffsets = earliest."
)
NO_TABLE = "There is no table where it should be: write it to the path that you are given."
LAND_AGAIN = (
    "Alarms are in the table more than once: after the restart what had been read was read again. A query goes on "
    "where it was only with the checkpoint that it had before, always the same one."
)
LAND_RELOADED = (
    "An alarm that had been deleted from the table is back: what was read already was read again, and the table "
    "built anew from it. Read a stream, whose checkpoint knows what it has read; a batch knows nothing."
)
LAND_MISSING = (
    "New alarms are missing after the restart. One that comes late is older than the newest row of the table, so no "
    "max() of it says how far you read. The checkpoint keeps the offset of each partition."
)
LAND_STRANGE = "The rows of the table are not the alarms of the topic, one row for each."


def land_alarms_stream(spark, kafka, table, checkpoint):
    """A streaming query into Delta; the checkpoint keeps the offsets of each partition."""
    alarm = "alarm_id STRING, inverter_id STRING, raised_at TIMESTAMP, text STRING"
    records = spark.readStream.format("kafka").options(**kafka).option("startingOffsets", "earliest").load()
    alarms = records.select(F.from_json(F.col("value").cast("string"), alarm).alias("alarm")).select("alarm.*")
    writer = alarms.writeStream.format("delta").option("checkpointLocation", checkpoint)
    writer.trigger(availableNow=True).start(table).awaitTermination()


def land_alarms_sql(spark, kafka, table, checkpoint):
    """The same with SQL over the stream, which is a table to it, and a query that is stopped when it has all."""
    options = {**kafka, "startingOffsets": "earliest"}
    spark.readStream.load(format="kafka", **options).createOrReplaceTempView("alarm_records")
    alarms = spark.sql("""
        SELECT a.* FROM (SELECT from_json(CAST(value AS STRING),
            'alarm_id STRING, inverter_id STRING, raised_at TIMESTAMP, text STRING') AS a FROM alarm_records)
    """)
    query = alarms.writeStream.start(table, format="delta", checkpointLocation=checkpoint)
    try:
        query.processAllAvailable()
    finally:
        query.stop()
        spark.catalog.dropTempView("alarm_records")


def _alarms(records):
    return records.select(F.from_json(F.col("value").cast("string"), ALARM).alias("alarm")).select("alarm.*")


def _stream(spark, kafka, **options):
    return spark.readStream.format("kafka").options(**{**kafka, "startingOffsets": "earliest", **options}).load()


def _into(frame, table, checkpoint, format="delta"):
    writer = frame.writeStream.format(format).option("checkpointLocation", checkpoint)
    return writer.trigger(availableNow=True).start(table)


def _land_latest(spark, kafka, table, checkpoint):
    _into(_alarms(_stream(spark, kafka, startingOffsets="latest")), table, checkpoint).awaitTermination()


def _land_not_awaited(spark, kafka, table, checkpoint):
    _into(_alarms(_stream(spark, kafka)), table, checkpoint)


def _land_new_checkpoint(spark, kafka, table, checkpoint):
    import uuid

    _into(_alarms(_stream(spark, kafka)), table, f"{checkpoint}/{uuid.uuid4()}").awaitTermination()


def _land_local_checkpoint(spark, kafka, table, checkpoint):
    import atexit
    import shutil
    import tempfile
    from pathlib import Path

    folder = Path(tempfile.gettempdir()) / table.removeprefix("s3a://").replace("/", "-")
    # The next call is to find it, and no call knows that it is the last.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _into(_alarms(_stream(spark, kafka)), table, folder.as_uri()).awaitTermination()


def _land_batch(spark, kafka, table, checkpoint):
    records = spark.read.format("kafka").options(**kafka).load()
    _alarms(records).write.format("delta").mode("overwrite").save(table)


def _land_newer(spark, kafka, table, checkpoint):
    alarms = _alarms(spark.read.format("kafka").options(**kafka).load())
    if _exists(spark, table):
        newest = spark.read.format("delta").load(table).agg(F.max("raised_at")).first()[0]
        alarms = alarms.where(F.col("raised_at") > newest)
    alarms.write.format("delta").mode("append").save(table)


def _exists(spark, table):
    try:
        return bool(spark.read.format("delta").load(table).columns)
    except AnalysisException:
        return False


def _some_alarms(sandbox, first, count):
    """Alarms of six inverters, each one more minute on; two of them alike but for their number."""
    texts = ("string fuse", "over temperature", "grid voltage")
    return [
        {
            "alarm_id": f"a{first + at:03d}",
            "inverter_id": f"inv{sandbox.random.randint(1, 6)}",
            "raised_at": f"2022-01-04T{10 + (first + at) // 60:02d}:{(first + at) % 60:02d}:00Z",
            "text": sandbox.random.choice(texts),
        }
        for at in range(count)
    ]


def _alarm_row(alarm):
    at = datetime.fromisoformat(alarm["raised_at"]).replace(tzinfo=None)
    return (alarm["alarm_id"], alarm["inverter_id"], at, alarm["text"])


def land_alarms_trial(sandbox):
    """Run; killed before the commit; an alarm deleted from the table; more alarms, some of them late; run again."""
    topic, bucket, given = _places(sandbox, "alarms", partitions=2, table="alarms")
    first = _some_alarms(sandbox, 0, 20)
    more = _some_alarms(sandbox, 10, 30)[10:]
    late, first = first[5:8], [*first[:5], *first[8:]]
    _send(sandbox, topic, first, "inverter_id")
    sandbox.step(f"{len(first)} alarms are in the topic; your function lands them.")
    _call(sandbox, **given)
    _judge_landed(sandbox, bucket, first, lambda extra, missing: LAND_LATEST if not extra else LAND_STRANGE)
    sandbox.step("The machine dies before the last batch is committed, and one alarm is deleted from the table.")
    kept = _crash(sandbox, bucket)
    gone = first[-1]
    _delta(bucket, "alarms").delete(f"alarm_id = '{gone['alarm_id']}'")
    _send(sandbox, topic, [*late, *more], "inverter_id")
    sandbox.step(f"{len(late) + len(more)} more alarms come, {len(late)} of them late; your function runs again.")
    _call(sandbox, **given)
    wanted = [*first[:-1], *late, *more]
    deleted = _alarm_row(gone)

    def words(extra, missing):
        if missing:
            return LAND_MISSING
        return LAND_RELOADED if set(extra) == {deleted} else LAND_AGAIN

    _judge_landed(sandbox, bucket, wanted, words)
    sandbox.require("the checkpoint", kept and bool(_commits(sandbox, bucket)), NO_CHECKPOINT)


def _judge_landed(sandbox, bucket, alarms, words):
    found = _delta_rows(sandbox, bucket, "alarms", ALARM_COLUMNS, NO_TABLE)
    _same(sandbox, "the table", found, [_alarm_row(alarm) for alarm in alarms], ALARM_COLUMNS, words)


LAND_ALARMS = ServiceExercise(
    id="streams.land_alarms",
    title="Land a topic",
    task=(
        "Land the alarms of a topic in a Delta table: one row for each record, whose value is a JSON object with the "
        "columns' names. Your function returns when everything is landed that was in the topic as it began, and no "
        "query goes on after it. It is called again whenever there is something new, each time on another machine; a "
        "machine may die before a batch that is in the table is committed. Alarms may come late. And whoever deletes "
        "an alarm from the table does not want to see it again."
    ),
    gives={
        **GIVEN,
        "table": "where the table is to be, as in s3a://bucket/alarms; nothing is there at first",
        "checkpoint": "where the query's checkpoint is to be, in the lake as well",
    },
    promises=(
        "The Delta table has alarm_id, inverter_id and text as STRING, raised_at as TIMESTAMP.",
        "After each call it has every alarm of the topic once, those from before the first call too.",
        "After a kill between a batch and its commit nothing is there twice, and nothing is missing.",
        "What was landed and then deleted from the table does not come back.",
        "The checkpoint lies under `checkpoint`, and no query is left running.",
    ),
    services=("kafka", "s3", "connect"),
    trial=land_alarms_trial,
    hints=(
        "What has to know, on a new machine, how far the last one came in each partition?",
        "spark.readStream instead of spark.read; and where does a query begin that has no checkpoint yet? Say it by "
        "the option startingOffsets.",
        "F.from_json(F.col('value').cast('string'), 'alarm_id STRING, ...') makes a struct of the text, and "
        "select('alarm.*') its columns.",
        "alarms.writeStream.format('delta').option('checkpointLocation', checkpoint).trigger(availableNow=True)"
        ".start(table).awaitTermination()",
    ),
    solutions=(land_alarms_stream, land_alarms_sql),
    wrong=(
        Wrong("a query begins at the beginning", _land_latest, LAND_LATEST),
        Wrong("start() has done it", _land_not_awaited, RUNNING),
        Wrong("a new checkpoint for each run", _land_new_checkpoint, LAND_AGAIN),
        Wrong(
            "the checkpoint on this machine's disk", _land_local_checkpoint, NO_CHECKPOINT, right_table="the table"
        ),
        Wrong("read everything, overwrite the table", _land_batch, LAND_RELOADED),
        Wrong("only what is newer than the newest", _land_newer, LAND_MISSING),
    ),
    remember=(
        "A streaming query is a SELECT and a checkpoint: the checkpoint knows what was read. It belongs to this "
        "query and this table, and lives beside the table."
    ),
)


# Exercise 2: a batch that is called again

BATCH_COLUMNS = ("batch", "site_id", "event_time", "kw")

BATCH_TWICE = (
    "Batch 1 is in the table twice. Spark calls your function again with a batch whose commit a kill prevented, and "
    "what you had appended then is there already. Let the table know the batch: txnAppId with txnVersion, or replace "
    "what has its number."
)
BATCH_EQUAL = (
    "Rows are missing that are equal to others: two pulses of one meter in one minute are two pulses. What tells a "
    "repetition is the number of the batch, not what the rows hold."
)
BATCH_LAST = (
    "Earlier batches are gone: overwrite replaces the whole table. Replace only what has this batch's number: the "
    "option replaceWhere."
)
BATCH_SKIPPED = (
    "A later batch was not written. Delta skips a write whose txnVersion is not greater than the last one of the "
    "same txnAppId: the version has to be the batch's number."
)
BATCH_STRANGE = "The table has not the rows of the batches, each with the number of its batch."


def save_batch_txn(rows, batch_id, table):
    """Delta remembers, in the commit itself, the last version of each application, and skips what it has."""
    writer = rows.withColumn("batch", F.lit(batch_id)).write.format("delta").mode("append")
    writer.option("txnAppId", "meters").option("txnVersion", batch_id).save(table)


def save_batch_replace(rows, batch_id, table):
    """Replace what has this batch's number: nothing on the first call, itself on the second."""
    numbered = rows.selectExpr(f"{batch_id} AS batch", "*")
    numbered.write.format("delta").mode("overwrite").option("replaceWhere", f"batch = {batch_id}").save(table)


def _numbered(rows, batch_id):
    return rows.withColumn("batch", F.lit(batch_id))


def _save_append(rows, batch_id, table):
    _numbered(rows, batch_id).write.format("delta").mode("append").save(table)


def _save_overwrite(rows, batch_id, table):
    _numbered(rows, batch_id).write.format("delta").mode("overwrite").save(table)


def _save_new_rows(rows, batch_id, table):
    names = ["site_id", "event_time", "kw"]
    old = rows.sparkSession.read.format("delta").load(table)
    _numbered(rows.dropDuplicates(names).join(old, names, "left_anti"), batch_id).write.format("delta").mode(
        "append"
    ).save(table)


def _save_one_version(rows, batch_id, table):
    writer = _numbered(rows, batch_id).write.format("delta").mode("append")
    writer.option("txnAppId", "meters").option("txnVersion", 1).save(table)


def _save_by_the_clock(rows, batch_id, table):
    import time

    writer = _numbered(rows, batch_id).write.format("delta").mode("append")
    writer.option("txnAppId", "meters").option("txnVersion", time.time_ns()).save(table)


_SAVED = set()


def _save_by_memory(rows, batch_id, table):
    if batch_id not in _SAVED:
        _save_append(rows, batch_id, table)
        _SAVED.add(batch_id)


def save_batch_trial(sandbox):
    """Batches 0 and 1, 1 again as after a kill, in another order, and 2; rows of them are equal."""
    bucket, spark = sandbox.objects.bucket(), sandbox.spark
    pulse = ("rsf", datetime(2022, 1, 4, 12), Decimal("1.500"))
    batches = [[pulse, pulse, *_pulses(sandbox)], [pulse, *_pulses(sandbox)], [pulse, *_pulses(sandbox)]]
    schema = pa.schema(
        {
            "batch": pa.int32(),
            "site_id": pa.string(),
            "event_time": pa.timestamp("us", "UTC"),
            "kw": pa.decimal128(12, 3),
        }
    )
    lake = Lake(bucket, Stores().lake.storage)
    DeltaTable.create(f"s3://{bucket}/pulses", schema, storage_options=lake.storage)
    calls = (
        (0, batches[0], "Spark calls your function with batch 0."),
        (1, batches[1], "And with batch 1; the machine dies after it, before the commit."),
        (1, batches[1][::-1], "On a new machine Spark calls it with batch 1 again."),
        (2, batches[2], "And with batch 2."),
    )
    for number, rows, words in calls:
        sandbox.step(words)
        frame = spark.createDataFrame(rows, "site_id STRING, event_time TIMESTAMP, kw DECIMAL(12,3)")
        sandbox.call_anew(rows=frame, batch_id=number, table=f"s3a://{bucket}/pulses")
    expected = [(number, *row) for number, rows in enumerate(batches) for row in rows]
    found = _delta_rows(sandbox, bucket, "pulses", BATCH_COLUMNS, NO_TABLE)
    _same(
        sandbox, "the table", found, expected, BATCH_COLUMNS, lambda extra, missing: _about_batches(found, expected)
    )


def _pulses(sandbox):
    return [
        (site, datetime(2022, 1, 4, 12, sandbox.random.randint(1, 59)), Decimal(sandbox.random.randint(1, 9)) / 2)
        for site in ("mesa", "rsf", "thames")
    ]


def _about_batches(found, expected):
    there, wanted = Counter(row[0] for row in found), Counter(row[0] for row in expected)
    if there == wanted | {1: 2 * wanted[1]}:
        return BATCH_TWICE
    if not there[0]:
        return BATCH_LAST
    if not there[2] or not there[1]:
        return BATCH_SKIPPED
    return BATCH_EQUAL if not set(found) - set(expected) and len(found) < len(expected) else BATCH_STRANGE


SAVE_BATCH = ServiceExercise(
    id="streams.save_batch",
    title="Called again with the same batch",
    task=(
        "This function is what you would hand to foreachBatch: Spark calls it with the rows of a micro-batch and the "
        "batch's number. Append the rows to a Delta table, with the number in the column batch. Spark commits a "
        "batch in its checkpoint after your function has returned; if the machine dies in between, it calls the "
        "function again, on another machine, with the same rows in whatever order and the same number. Rows may be "
        "equal to each other, in one batch and in several: each is a pulse of a meter and has to be there."
    ),
    gives={
        "rows": "a DataFrame with site_id, event_time and kw; its session is rows.sparkSession",
        "batch_id": "the batch's number: 0, 1, 2 and so on",
        "table": "where the Delta table is; it exists, with the columns batch INT, site_id, event_time and kw",
    },
    promises=(
        "The table has each row of each batch, as often as the batch has it, with the batch's number.",
        "A batch that is called again changes nothing, on whatever machine.",
    ),
    services=("s3", "connect"),
    trial=save_batch_trial,
    hints=(
        "What is the same in both calls, and what is it that the table, not your process, has to remember?",
        "Either the table can tell what has this number, or it skips a commit whose number it has seen.",
        "Delta's writer has replaceWhere, to overwrite the rows of a condition only, and txnAppId with txnVersion, "
        "to skip what it has committed already.",
        "rows.withColumn('batch', F.lit(batch_id)).write.format('delta').mode('append')"
        ".option('txnAppId', 'meters').option('txnVersion', batch_id).save(table)",
    ),
    solutions=(save_batch_txn, save_batch_replace),
    wrong=(
        Wrong("foreachBatch is called once", _save_append, BATCH_TWICE),
        Wrong("a set of the batches that are done", _save_by_memory, BATCH_TWICE, right_until="it is started again"),
        Wrong("equal rows are duplicates", _save_new_rows, BATCH_EQUAL),
        Wrong("overwrite is repeatable", _save_overwrite, BATCH_LAST),
        Wrong("a transaction has a name, and that is all", _save_one_version, BATCH_SKIPPED),
        Wrong("the time as the version", _save_by_the_clock, BATCH_TWICE),
    ),
    remember=(
        "foreachBatch is at least once: the same number comes with the same rows. Write so that the number decides, "
        "by txnAppId and txnVersion, replaceWhere, or a MERGE on a key."
    ),
)


# Exercise 3: a window is over when the watermark says so

COUNT_COLUMNS = ("site_id", "quarter", "alarms")
LATE = timedelta(minutes=20)

COUNT_NOTHING = (
    "Nothing came out. A window is written when the watermark has passed its end, and the watermark is the greatest "
    "time seen less the delay: it needs the time of the event, not that of arrival, and a delay of 20 minutes."
)
COUNT_TOO_SOON = (
    "A quarter hour came out that may still get alarms: they come up to 20 minutes late, and a batch or a shorter "
    "delay does not wait for them. Only the watermark knows which windows are over."
)
COUNT_CHANGED = (
    "A quarter hour that was out already is there with another count, or twice. It came out once and for all: "
    "whatever comes later than 20 minutes is dropped, and what was counted is not counted anew."
)
COUNT_SKIPPED = (
    "The second start added nothing. The files' folder knows the number of the last batch that was written there, "
    "and skips what has no greater one: a new checkpoint begins with 0 again, and its counts are lost without a "
    "word. Use the same checkpoint in every call."
)
COUNT_MISSING = "Alarms within the 20 minutes were not counted, or a quarter hour that is over did not come out."


def alarms_per_quarter_watermark(spark, kafka, path, checkpoint):
    """A window, a watermark of the events' own time, and append mode: each window once, when it is over."""
    records = spark.readStream.format("kafka").options(**kafka).option("startingOffsets", "earliest").load()
    alarms = records.select(
        F.from_json(F.col("value").cast("string"), "site_id STRING, raised_at TIMESTAMP").alias("a")
    )
    counts = (
        alarms.select("a.*")
        .withWatermark("raised_at", "20 minutes")
        .groupBy("site_id", F.window("raised_at", "15 minutes").alias("w"))
        .agg(F.count("*").alias("alarms"))
    )
    writer = counts.select("site_id", F.col("w.start").alias("quarter"), "alarms").writeStream.format("parquet")
    query = writer.option("checkpointLocation", checkpoint).trigger(availableNow=True).start(path)
    query.awaitTermination()


def alarms_per_quarter_sql(spark, kafka, path, checkpoint):
    """The same in SQL but for the watermark, which SQL has no word for."""
    records = spark.readStream.load(format="kafka", startingOffsets="earliest", **kafka)
    parsed = records.selectExpr(
        "get_json_object(CAST(value AS STRING), '$.site_id') AS site_id",
        "CAST(get_json_object(CAST(value AS STRING), '$.raised_at') AS TIMESTAMP) AS raised_at",
    )
    counts = spark.sql(
        "SELECT site_id, window.start AS quarter, count(*) AS alarms FROM {alarms} "
        "GROUP BY site_id, window(raised_at, '15 minutes')",
        alarms=parsed.withWatermark("raised_at", "20 minutes"),
    )
    query = counts.writeStream.trigger(availableNow=True).start(
        path, format="parquet", outputMode="append", checkpointLocation=checkpoint
    )
    query.awaitTermination()


def _parsed(records):
    alarm = F.from_json(F.col("value").cast("string"), "site_id STRING, raised_at TIMESTAMP").alias("a")
    return records.select("timestamp", alarm).select("timestamp", "a.*")


def _counted(alarms, time="raised_at"):
    counts = alarms.groupBy("site_id", F.window(time, "15 minutes").alias("w")).agg(F.count("*").alias("alarms"))
    return counts.select("site_id", F.col("w.start").alias("quarter"), "alarms")


def _count_delay(delay, time="raised_at"):
    def answer(spark, kafka, path, checkpoint):
        alarms = _parsed(_stream(spark, kafka)).withWatermark(time, delay)
        _into(_counted(alarms, time), path, checkpoint, "parquet").awaitTermination()

    return answer


def _count_new_checkpoint(spark, kafka, path, checkpoint):
    import uuid

    counts = _counted(_parsed(_stream(spark, kafka)).withWatermark("raised_at", "20 minutes"))
    _into(counts, path, f"{checkpoint}/{uuid.uuid4()}", "parquet").awaitTermination()


def _count_batch(spark, kafka, path, checkpoint):
    counts = _counted(_parsed(spark.read.format("kafka").options(**kafka).load()))
    counts.write.mode("overwrite").parquet(path)


def _count_batch_closed(spark, kafka, path, checkpoint):
    alarms = _parsed(spark.read.format("kafka").options(**kafka).load())
    newest = alarms.agg(F.max("raised_at") - F.expr("INTERVAL '35' MINUTE")).first()[0]
    _counted(alarms).where(F.col("quarter") <= F.lit(newest)).write.mode("overwrite").parquet(path)


def _minutes(sandbox, minutes):
    sites = ("mesa", "rsf")
    return [(sandbox.random.choice(sites), datetime(2022, 1, 4, 10) + timedelta(minutes=at)) for at in minutes]


def alarms_per_quarter_trial(sandbox):
    """Two starts: late alarms within the delay, one that is too late, one at the very edge."""
    topic, bucket, given = _places(sandbox, "alarms", path="counts")
    jitter = sandbox.random.randint(0, 2)
    # The first ends at minute 50: the watermark stands at 30, where the second window ends.
    starts = ([1, 4, 9 + jitter, 16, 13, 22, 8, 31, 33, 46, 50], [34 + jitter, 12, 29, 52, 44, 58, 70])
    counts: Counter = Counter()
    expected, watermark, newest = set(), datetime.min, datetime.min
    for number, minutes in enumerate(starts):
        alarms = _minutes(sandbox, minutes)
        rows = [{"site_id": site, "raised_at": f"{at.isoformat()}Z"} for site, at in alarms]
        _send(sandbox, topic, rows, "site_id")
        for site, at in alarms:
            start = at - (at - datetime.min) % QUARTER
            if start + QUARTER > watermark:
                counts[site, start] += 1
            newest = max(newest, at)
        watermark, before = newest - LATE, set(expected)
        expected |= {(*key, count) for key, count in counts.items() if key[1] + QUARTER <= watermark}
        sandbox.step(f"{len(rows)} alarms come, some of them late; your function runs.")
        _call(sandbox, **given)
        found = _parquet_rows(sandbox, bucket, "counts", COUNT_COLUMNS)
        about = _about_counts(found, expected, before, watermark)
        what = f"the counts after start {number + 1}"
        _same(sandbox, what, found, sorted(expected), COUNT_COLUMNS, lambda extra, missing, about=about: about)
    sandbox.require("the checkpoint", bool(_commits(sandbox, bucket)), NO_CHECKPOINT)


def _about_counts(found, expected, before, watermark):
    if not found:
        return COUNT_NOTHING
    if set(found) == before:
        return COUNT_SKIPPED
    if any(quarter + QUARTER > watermark for _, quarter, _ in found):
        return COUNT_TOO_SOON
    keys = Counter(row[:2] for row in found)
    known = {row[:2]: row[2] for row in expected}
    if max(keys.values()) > 1 or any(row[2] > known.get(row[:2], 0) for row in found):
        return COUNT_CHANGED
    return COUNT_MISSING


ALARMS_PER_QUARTER = ServiceExercise(
    id="streams.alarms_per_quarter",
    title="When is a quarter hour over?",
    task=(
        "Count the alarms of each site and quarter hour, by the time raised_at, and write each count once, as "
        "Parquet, when the quarter hour is over. Every value of the topic is a JSON object with site_id and "
        "raised_at. Alarms come up to 20 minutes late: so a quarter hour is over when an alarm of any site was seen "
        "that is at least 20 minutes after its end. What comes for it in a later call is dropped. Your function is "
        "called whenever alarms have come, and goes on where it was."
    ),
    gives={
        **GIVEN,
        "path": "where the Parquet files are to be, as in s3a://bucket/counts",
        "checkpoint": "where the query's checkpoint is to be",
    },
    promises=(
        "The files have site_id STRING, quarter TIMESTAMP (its begin) and alarms BIGINT.",
        "After each call there is one row for each site and quarter hour that is over and had an alarm, no other.",
        "An alarm is dropped if its quarter hour was over when the call before ended; every other alarm is counted.",
        "The checkpoint lies under `checkpoint`, and no query is left running.",
    ),
    services=("kafka", "s3", "connect"),
    trial=alarms_per_quarter_trial,
    hints=(
        "GROUP BY over a table without an end never has a last row. What tells Spark that none will come any more?",
        "F.window('raised_at', '15 minutes') makes a group of each quarter hour; its begin is window.start.",
        "withWatermark comes before groupBy and names the column of the window. Append mode, the default, writes a "
        "window when the watermark has passed its end.",
        "alarms.withWatermark('raised_at', '20 minutes').groupBy('site_id', F.window('raised_at', '15 minutes')"
        ".alias('w')).agg(F.count('*').alias('alarms')), then select w.start as quarter.",
    ),
    solutions=(alarms_per_quarter_watermark, alarms_per_quarter_sql),
    wrong=(
        Wrong("the time of arrival", _count_delay("20 minutes", "timestamp"), COUNT_NOTHING),
        Wrong("the watermark is the clock, no delay", _count_delay("0 minutes"), COUNT_TOO_SOON),
        Wrong("two hours, to be safe", _count_delay("2 hours"), COUNT_NOTHING),
        Wrong("count everything again", _count_batch, COUNT_TOO_SOON),
        Wrong(
            "count what is over, again", _count_batch_closed, COUNT_CHANGED, right_table="the counts after start 1"
        ),
        Wrong("a new checkpoint for each run", _count_new_checkpoint, COUNT_SKIPPED),
    ),
    remember=(
        "The watermark is the greatest event time seen, less a delay. It decides when a window is written, what is "
        "too late, and what the query may forget."
    ),
)


# Exercise 4: duplicates, and a memory that does not grow

EVENT_COLUMNS = ("event_id", "event_time", "kw")
EVENTS, STEP = 48, timedelta(minutes=5)
MOST_STATE = EVENTS // 2

ONCE_TWICE = (
    "An event is there more than once: it was sent again, in another batch or with another sent_at. What it is, its "
    "event_id says alone."
)
ONCE_MISSING = (
    "Events are missing that came late, but within the 30 minutes: what is older than the watermark is dropped, so "
    "the delay has to be as long as an event may be late."
)
ONCE_STATE = (
    "The rows are right, and the query remembers nearly every event_id that it ever saw: that grows until the "
    "machine is full. It forgets only by the watermark: dropDuplicatesWithinWatermark, or the time among the columns "
    "of dropDuplicates, after withWatermark."
)


def each_event_once_within(spark, kafka, path, checkpoint):
    """Remembers an id for as long as the watermark's delay."""
    event = "event_id STRING, event_time TIMESTAMP, kw DECIMAL(12,3)"
    records = spark.readStream.format("kafka").options(**kafka).option("startingOffsets", "earliest").load()
    events = records.select(F.from_json(F.col("value").cast("string"), event).alias("e")).select("e.*")
    once = events.withWatermark("event_time", "30 minutes").dropDuplicatesWithinWatermark(["event_id"])
    writer = once.writeStream.format("parquet").option("checkpointLocation", checkpoint)
    writer.trigger(availableNow=True).start(path).awaitTermination()


def each_event_once_time(spark, kafka, path, checkpoint):
    """An event's time is always the same, so it may be among the columns, and then its row can be forgotten."""
    events = spark.readStream.load(format="kafka", startingOffsets="earliest", **kafka).selectExpr(
        "from_json(CAST(value AS STRING), 'event_id STRING, event_time TIMESTAMP, kw DECIMAL(12,3)') AS e"
    )
    rows = events.select("e.event_id", "e.event_time", "e.kw").withWatermark("event_time", "30 minutes")
    writer = rows.dropDuplicates(["event_id", "event_time"]).writeStream.trigger(availableNow=True)
    writer.start(path, format="parquet", checkpointLocation=checkpoint).awaitTermination()


def _events(records):
    event = "event_id STRING, event_time TIMESTAMP, kw DECIMAL(12,3), sent_at TIMESTAMP"
    return records.select(F.from_json(F.col("value").cast("string"), event).alias("e")).select("e.*")


def _once(how):
    """An answer that makes each event come once by `how`, which is given the events."""

    def answer(spark, kafka, path, checkpoint):
        rows = how(_events(_stream(spark, kafka))).select(*EVENT_COLUMNS)
        _into(rows, path, checkpoint, "parquet").awaitTermination()

    return answer


def each_event_once_trial(sandbox):
    """Events of four hours in three starts, some late, some sent again: soon, in the next start, or much later."""
    topic, bucket, given = _places(sandbox, "events", path="events")
    events = [
        {
            "event_id": f"e{at:03d}",
            "event_time": f"{(MIDNIGHT + at * STEP).isoformat()}",
            "kw": str(Decimal(sandbox.random.randint(1, 90_000)) / 1000),
        }
        for at in range(EVENTS)
    ]
    half = EVENTS // 2
    # One comes twenty minutes late, in the next start.
    late = half - 4
    first = [*events[:late], *events[late + 1 : half], events[half - 2], events[3]]
    again = sandbox.random.sample(events[half - 5 : half], 3)
    second = [*again, events[late], *events[half:], *sandbox.random.sample(events[-5:], 2), events[1]]
    for number, rows in enumerate((first, second)):
        sent = [{**row, "sent_at": (MIDNIGHT + at * STEP).isoformat()} for at, row in enumerate(rows)]
        _send(sandbox, topic, sent, "event_id")
        sandbox.step(f"{len(rows)} records come; your function runs.")
        _call(sandbox, **given)
        wanted = {row["event_id"]: _event_row(row) for row in (first, [*first, *second])[number]}
        found = _parquet_rows(sandbox, bucket, "events", EVENT_COLUMNS)
        what = f"the events after start {number + 1}"
        _same(sandbox, what, found, list(wanted.values()), EVENT_COLUMNS, _about_events)
    sandbox.require("the checkpoint", bool(_commits(sandbox, bucket)), NO_CHECKPOINT)
    kept = _state_rows(sandbox, bucket, given["checkpoint"])
    sandbox.require("what the query remembers", kept <= MOST_STATE, ONCE_STATE, {"rows of state": kept})


def _event_row(event):
    at = datetime.fromisoformat(event["event_time"]).replace(tzinfo=None)
    return (event["event_id"], at, Decimal(event["kw"]))


def _about_events(extra, missing):
    return ONCE_MISSING if missing else ONCE_TWICE


def _state_rows(sandbox, bucket, checkpoint):
    """How many rows the query's state has; 0 where it has none."""
    if not sandbox.objects.sizes(bucket, "checkpoint/state/"):
        return 0
    return sandbox.spark.read.format("statestore").load(checkpoint).count()


EACH_EVENT_ONCE = ServiceExercise(
    id="streams.each_event_once",
    title="Each event once, and a short memory",
    task=(
        "Devices that get no answer send an event again: with the same event_id, event_time and kw, and another "
        "sent_at. Write each event once, as Parquet, without sent_at. An event comes up to 30 minutes late, by its "
        "event_time against the greatest one seen; what comes later than that is a repetition: leave it out. "
        "The stream has no end, so the query must not remember each event_id for ever. Your function is called "
        "whenever records have come, and goes on where it was."
    ),
    gives={
        **GIVEN,
        "path": "where the Parquet files are to be, as in s3a://bucket/events",
        "checkpoint": "where the query's checkpoint is to be",
    },
    promises=(
        "The files have event_id STRING, event_time TIMESTAMP and kw DECIMAL(12,3).",
        "Each event is there once, whenever and how often it was sent.",
        f"After {EVENTS} events, five minutes apart, the query's state has at most {MOST_STATE} rows.",
        "The checkpoint lies under `checkpoint`, and no query is left running.",
    ),
    services=("kafka", "s3", "connect"),
    trial=each_event_once_trial,
    hints=(
        "SELECT DISTINCT over a stream has to remember every row that it ever gave out. What would let it forget?",
        "The watermark does, but only where what is remembered has a time that the watermark can pass.",
        "dropDuplicates(['event_id']) has no time in it, with a watermark or without. There is a method that keeps "
        "an id for as long as the watermark's delay.",
        "events.withWatermark('event_time', '30 minutes').dropDuplicatesWithinWatermark(['event_id'])",
    ),
    solutions=(each_event_once_within, each_event_once_time),
    wrong=(
        Wrong("exactly once means no duplicates", _once(lambda events: events), ONCE_TWICE),
        Wrong("distinct rows", _once(lambda events: events.distinct()), ONCE_TWICE),
        Wrong(
            "SELECT DISTINCT of the columns",
            _once(lambda events: events.select(*EVENT_COLUMNS).distinct()),
            ONCE_STATE,
            right_table="the events after start 2",
        ),
        Wrong(
            "a watermark and the key",
            _once(lambda events: events.withWatermark("event_time", "30 minutes").dropDuplicates(["event_id"])),
            ONCE_STATE,
        ),
        Wrong(
            "a minute of delay is plenty",
            _once(
                lambda events: events.withWatermark("event_time", "1 minute").dropDuplicatesWithinWatermark(
                    ["event_id"]
                )
            ),
            ONCE_MISSING,
        ),
    ),
    remember=("DISTINCT over a stream is a memory: without a time that a watermark can pass, it grows for ever."),
)


# The boss fight: late corrections, a kill, and totals that are right

HOUR_COLUMNS = ("site_id", "hour", "kwh")

BOSS_ADDED = (
    "An hour has not the energy of its readings: a corrected reading, or a batch that came again, was added to a "
    "total. total + new is not repeatable. Keep the readings, each by its key, and work the total out from them."
)
BOSS_PARTIAL = (
    "An hour has lost readings: its total is that of the last batch alone. A batch holds what is new, and a total "
    "needs what was there before as well."
)
BOSS_APPENDED = "An hour is there twice: its total was appended again, not replaced."
BOSS_FIRST = (
    "A corrected reading does not count with its last value. Of the records for one site and time the one with the "
    "greatest offset holds, whatever its value is, also where both come in one batch."
)
BOSS_CLOSED = (
    "Hours are missing: a window that waits for its watermark comes out late, and a correction of yesterday never. "
    "Corrections have no time limit here, so no watermark may drop them."
)
BOSS_RELOADED = (
    "Retention has deleted from the topic what you had read, and now it is gone from the hours: they are worked out "
    "from the topic, not from a table of yours. A topic is not an archive."
)
BOSS_DOUBLES = "kwh has to be a DECIMAL: the sum of doubles depends on their order."


def energy_by_hour_landed(spark, kafka, lake, checkpoint):
    """Land every record exactly once; the totals are a query over what is landed, and replaced in one commit."""
    reading = "site_id STRING, event_time TIMESTAMP, kw DECIMAL(12,3)"
    records = spark.readStream.format("kafka").options(**kafka).option("startingOffsets", "earliest").load()
    value = F.from_json(F.col("value").cast("string"), reading).alias("r")
    landed = records.select("offset", value).select("offset", "r.*")
    query = landed.writeStream.format("delta").option("checkpointLocation", checkpoint)
    query.trigger(availableNow=True).start(f"{lake}/landed").awaitTermination()

    last = spark.read.format("delta").load(f"{lake}/landed").groupBy("site_id", "event_time")
    readings = last.agg(F.max_by("kw", "offset").alias("kw"))
    hours = readings.groupBy("site_id", F.date_trunc("hour", "event_time").alias("hour"))
    totals = hours.agg((F.sum("kw") * F.lit(Decimal("0.25"))).alias("kwh"))
    totals.write.format("delta").mode("overwrite").save(f"{lake}/hours")


def energy_by_hour_sql(spark, kafka, lake, checkpoint):
    """The same, mostly in SQL: the raw text is landed, and a ROW_NUMBER finds each reading's last record."""
    landed, hours = f"delta.`{lake}/records`", f"delta.`{lake}/hours`"
    records = spark.readStream.load(format="kafka", startingOffsets="earliest", **kafka)
    texts = records.selectExpr("partition", "offset", "CAST(value AS STRING) AS text")
    query = texts.writeStream.trigger(availableNow=True)
    query.start(f"{lake}/records", format="delta", checkpointLocation=checkpoint).awaitTermination()
    spark.sql(f"""
        CREATE OR REPLACE TABLE {hours} USING delta AS
        WITH readings AS (
            SELECT offset, r.* FROM (
                SELECT offset, from_json(text, 'site_id STRING, event_time TIMESTAMP, kw DECIMAL(12,3)') AS r
                FROM {landed}
            )
        ), ranked AS (
            SELECT *, ROW_NUMBER() OVER (PARTITION BY site_id, event_time ORDER BY offset DESC) AS n FROM readings
        )
        SELECT site_id, date_trunc('HOUR', event_time) AS hour, CAST(sum(kw) * 0.25 AS DECIMAL(18,5)) AS kwh
        FROM ranked WHERE n = 1 GROUP BY ALL
    """)


def _readings(records):
    reading = "site_id STRING, event_time TIMESTAMP, kw DECIMAL(12,3)"
    value = F.from_json(F.col("value").cast("string"), reading).alias("r")
    return records.select("offset", value).select("offset", "r.*")


def _hours(readings):
    hours = readings.groupBy("site_id", F.date_trunc("hour", "event_time").alias("hour"))
    return hours.agg((F.sum("kw") * F.lit(Decimal("0.25"))).alias("kwh"))


def _from_landed(last):
    """An answer that lands everything and computes the totals anew; last: of all records those that count."""

    def answer(spark, kafka, lake, checkpoint):
        landed = _readings(_stream(spark, kafka))
        _into(landed, f"{lake}/landed", checkpoint).awaitTermination()
        readings = last(spark.read.format("delta").load(f"{lake}/landed"))
        _hours(readings).write.format("delta").mode("overwrite").save(f"{lake}/hours")

    return answer


def _keep_first(landed):
    order = Window.partitionBy("site_id", "event_time").orderBy("offset")
    return landed.withColumn("n", F.row_number().over(order)).where("n = 1")


def _keep_greatest(landed):
    return landed.groupBy("site_id", "event_time").agg(F.max("kw").alias("kw"))


def _boss_batch(spark, kafka, lake, checkpoint):
    records = _readings(spark.read.format("kafka").options(**kafka).load())
    last = records.groupBy("site_id", "event_time").agg(F.max_by("kw", "offset").alias("kw"))
    _hours(last).write.format("delta").mode("overwrite").save(f"{lake}/hours")


def _boss_window(spark, kafka, lake, checkpoint):
    readings = _readings(_stream(spark, kafka)).withWatermark("event_time", "1 hour")
    totals = readings.groupBy("site_id", F.window("event_time", "1 hour").alias("w")).agg(F.sum("kw").alias("kw"))
    hours = totals.selectExpr("site_id", "w.start AS hour", "kw * 0.25BD AS kwh")
    _into(hours, f"{lake}/hours", checkpoint).awaitTermination()


def _boss_merge(update):
    """MERGE of what this call landed into the hours, an hour that is there by this update."""

    def answer(spark, kafka, lake, checkpoint):
        landed, hours = f"{lake}/landed", f"delta.`{lake}/hours`"
        known = spark.read.format("delta").load(landed).toArrow() if _exists(spark, landed) else None
        _into(_readings(_stream(spark, kafka)), landed, checkpoint).awaitTermination()
        new = spark.read.format("delta").load(landed)
        if known is not None:
            new = new.exceptAll(spark.createDataFrame(known))
        columns = "site_id STRING, hour TIMESTAMP, kwh DECIMAL(18,5)"
        spark.sql(f"CREATE TABLE IF NOT EXISTS {hours} ({columns}) USING delta")
        last = new.groupBy("site_id", "event_time").agg(F.max_by("kw", "offset").alias("kw"))
        spark.sql(
            f"MERGE INTO {hours} t USING {{new}} s ON t.site_id = s.site_id AND t.hour = s.hour "
            f"WHEN MATCHED THEN UPDATE SET kwh = {update} WHEN NOT MATCHED THEN INSERT *",
            new=_hours(last),
        )

    return answer


def _boss_append(spark, kafka, lake, checkpoint):
    _into(_readings(_stream(spark, kafka)), f"{lake}/landed", checkpoint).awaitTermination()
    last = spark.read.format("delta").load(f"{lake}/landed").groupBy("site_id", "event_time")
    totals = _hours(last.agg(F.max_by("kw", "offset").alias("kw")))
    totals.write.format("delta").mode("append").save(f"{lake}/hours")


def energy_by_hour_trial(sandbox):
    """Genuine readings, corrected in the same batch and a start later; killed between the write and the commit."""
    topic, bucket, given = _places(sandbox, "readings", partitions=2, lake="lake")
    day = [
        row for row in usual()["readings"].to_pylist() if row["site_id"] in ("mesa", "rsf") and row["kw"] is not None
    ]
    begin = sandbox.random.randint(16, 17)
    noon = [_reading(row) for row in day if begin <= row["event_time"].hour < begin + 3]
    # The first start ends within an hour, so that the next one has the rest of it.
    cut = [row for row in noon if row["event_time"][11:16] < f"{begin + 1:02d}:30"]
    rest = [row for row in noon if row not in cut]
    first = [*cut, *_corrected(sandbox, cut[:4], -1), *_corrected(sandbox, cut[4:6], 1)]
    second = [*rest, *_corrected(sandbox, cut[-3:], -1), *_corrected(sandbox, cut[6:7], 1)]
    _send(sandbox, topic, first, "site_id")
    sandbox.step(f"{len(first)} readings come, some of them corrections; your function runs.")
    _call(sandbox, **given)
    _judge_hours(sandbox, "the hours after the first start", bucket, [first])
    sandbox.step("The machine dies before the last batch is committed; more readings and corrections come.")
    kept = _crash(sandbox, bucket)
    _send(sandbox, topic, second, "site_id")
    sandbox.step("Your function runs on another machine.")
    _call(sandbox, **given)
    _judge_hours(sandbox, "the hours after the kill", bucket, [first, second])
    sandbox.require("the checkpoint", kept and bool(_commits(sandbox, bucket)), NO_CHECKPOINT)
    sandbox.step("Retention has deleted what was read, and nothing is new; your function runs.")
    _trim(sandbox, topic)
    _call(sandbox, **given)
    _judge_hours(sandbox, "the hours after retention", bucket, [first, second], BOSS_RELOADED)


def _reading(row):
    return {"site_id": row["site_id"], "event_time": row["event_time"].isoformat(), "kw": str(row["kw"])}


def _corrected(sandbox, rows, sign):
    """The same readings with more (1) or less (-1) power."""
    by = [Decimal(sandbox.random.randint(1, 9_000)) / 1000 for _ in rows]
    return [{**row, "kw": str(Decimal(row["kw"]) + sign * one)} for row, one in zip(rows, by, strict=True)]


def _energy(readings):
    """The hours' energy of readings by (site, time)."""
    hours: dict[tuple[str, datetime], Decimal] = {}
    for (site, at), kw in readings.items():
        hour = datetime.fromisoformat(at).replace(minute=0, tzinfo=None)
        hours[site, hour] = hours.get((site, hour), Decimal(0)) + kw / 4
    return hours


def _last(records):
    return {(row["site_id"], row["event_time"]): Decimal(row["kw"]) for row in records}


def _trim(sandbox, topic):
    """What retention does, at once: the topic is empty, its offsets go on."""
    ends = Counter(record.partition for record in sandbox.broker.records(topic))
    places = [TopicPartition(topic, partition, end) for partition, end in ends.items()]
    # Named, so that it lives on: what it was asked for ends with it.
    admin = AdminClient(sandbox.broker.config)
    for future in admin.delete_records(places).values():
        future.result(30)


def _judge_hours(sandbox, what, bucket, starts, words=None):
    found = _delta_rows(sandbox, bucket, "lake/hours", HOUR_COLUMNS, NO_TABLE)
    sandbox.require("a DECIMAL", not any(isinstance(kwh, float) for *_, kwh in found), BOSS_DOUBLES, found[:5])
    records = [row for rows in starts for row in rows]
    expected = _energy(_last(records))
    wanted = [(*key, kwh) for key, kwh in expected.items()]
    _same(
        sandbox,
        what,
        found,
        wanted,
        HOUR_COLUMNS,
        lambda extra, missing: words or _about_hours(found, expected, starts),
    )


def _about_hours(found, expected, starts):
    records = [row for rows in starts for row in rows]
    keys = Counter(row[:2] for row in found)
    theirs = {row[:2]: row[2] for row in found}
    if not keys or set(keys) < set(expected):
        return BOSS_CLOSED
    if max(keys.values()) > 1:
        return BOSS_APPENDED
    first = _energy(_last(records[::-1]))
    greatest = _energy(_last(sorted(records, key=lambda row: Decimal(row["kw"]))))
    alone = expected | _energy(_last(starts[-1]))
    if theirs in (first, greatest):
        return BOSS_FIRST
    return BOSS_PARTIAL if theirs == alone else BOSS_ADDED


ENERGY_BY_HOUR = ServiceExercise(
    id="streams.energy_by_hour",
    title="Boss fight: corrected, and killed",
    task=(
        "PEAK bills by the energy of each site and hour: the sum of kw of the hour's readings, times 0.25. Every "
        "value of the topic is a JSON object with site_id, event_time and kw, which is never NULL. A later record "
        "for the same site and time corrects the earlier one, whatever its value, soon or days later; the key of "
        "the records is the site, so offsets tell which one is later. Keep the Delta table <lake>/hours up to "
        "date; other tables under <lake> are yours. Your function is called whenever records have come, each time "
        "on another machine, and a machine may die before a batch that is written is committed."
    ),
    gives={
        **GIVEN,
        "lake": "where your tables are to be, as in s3a://bucket/lake; nothing is there at first",
        "checkpoint": "where the query's checkpoint is to be",
    },
    promises=(
        "<lake>/hours has site_id STRING, hour TIMESTAMP (its begin) and kwh, a DECIMAL: one row for each site and "
        "hour that has a reading.",
        "After each call kwh counts each site and time once, with the value of its last record.",
        "A kill between the write of a batch and its commit changes nothing of that.",
        "What retention has deleted from the topic since you read it still counts.",
        "The checkpoint lies under `checkpoint`, and no query is left running.",
    ),
    services=("kafka", "s3", "connect"),
    trial=energy_by_hour_trial,
    hints=(
        "Is there anything that you could add to an hour's total, if the same batch may come twice and each reading "
        "may be corrected?",
        "A total that is worked out from the readings is right however often you do it. So which table do you keep "
        "besides, and what makes a batch come into it once?",
        "Either land each record by a streaming query into Delta, with its offset, and overwrite the hours from that "
        "table when the query has ended; or MERGE the readings by site and time in foreachBatch, then their hours.",
        "max_by(kw, offset), grouped by site_id and event_time, is the last value. Then F.sum('kw') * "
        "F.lit(Decimal('0.25')), for 0.25 alone is a DOUBLE, by site_id and date_trunc('HOUR', event_time), written "
        "with mode('overwrite').",
    ),
    solutions=(energy_by_hour_landed, energy_by_hour_sql),
    wrong=(
        Wrong("add the batch to the total", _boss_merge("t.kwh + s.kwh"), BOSS_ADDED),
        Wrong("the batch is the hour", _boss_merge("s.kwh"), BOSS_PARTIAL),
        Wrong("append the new totals", _boss_append, BOSS_APPENDED),
        Wrong("the first one is the reading", _from_landed(_keep_first), BOSS_FIRST),
        Wrong("the greatest is the latest", _from_landed(_keep_greatest), BOSS_FIRST),
        Wrong("a window with a watermark", _boss_window, BOSS_CLOSED),
        Wrong("read everything, overwrite", _boss_batch, NO_CHECKPOINT, right_table="the hours after the kill"),
    ),
    remember=(
        "Land each record once, and work the result out from what is landed: then neither a kill nor a correction "
        "needs a special case."
    ),
)


LESSON = Lesson(
    number=8,
    title="A stream is a table that grows",
    minutes=45,
    needs=("06-files-and-s3", "07-kafka"),
    week=4,
    boss="streams.energy_by_hour",
    next=None,
)
EXERCISES = (LAND_ALARMS, SAVE_BATCH, ALARMS_PER_QUARTER, EACH_EVENT_ONCE, ENERGY_BY_HOUR)
