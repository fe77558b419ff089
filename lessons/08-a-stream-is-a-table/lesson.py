# %% [markdown]
# # A stream is a table that grows
#
# In lesson 7 you read a topic record by record, kept the offsets, and made sure
# that nothing came twice. Spark does all of that for a query: you write a
# SELECT, and it is answered again and again over a table to which rows are only
# ever added. What is new for a database person is what happens at the edges:
# after a kill, with rows that come late, and with a memory that must not grow.

# %% [markdown]
# After this lesson you can
#
# - run a query over a topic, into a table in the lake;
# - say what a checkpoint knows, and what a kill leaves behind;
# - write a batch so that it may come twice;
# - choose a watermark, and say which rows it drops;
# - keep the state of a query small.
#
# Time: 45 minutes to read and run, and the exercises take as long again; in a
# workshop do the first two of them. You need: lessons 6, Files and S3, and 7,
# Kafka. Kafka, S3 and Spark are real, and run beside this notebook.

# %%
import json

import confluent_kafka as ck
from confluent_kafka.admin import AdminClient, NewTopic
from pyspark.errors import AnalysisException
from pyspark.sql import functions as F

# %%
from helpers import services
from helpers.desk import buttons, check, contract, data, exercises, hint
from helpers.desk import progress, solution, spark, why
from helpers.exercises import usual

# %%
services.ensure("kafka", "s3")
kafka = {**services.endpoints().kafka_client_config, "log_level": 0}
admin, s3 = AdminClient(kafka), services.aws("s3")
bucket = "a-stream-is-a-table"
lake = f"s3a://{bucket}"
s3.create_bucket(Bucket=bucket)
broker = {"kafka.bootstrap.servers": kafka["bootstrap.servers"]}


# %% [markdown]
# Some small helpers: a fresh topic, records for it, and what lies in the lake
# under a prefix. A run of this notebook begins with an empty bucket.


# %%
def fresh(topic):
    """An empty topic; what is left of an earlier one goes first."""
    if topic in admin.list_topics(timeout=10).topics:
        admin.delete_topics([topic])[topic].result()
    admin.create_topics([NewTopic(topic, 1)])[topic].result()
    return topic


# %%
def send(topic, rows):
    with ck.Producer(kafka) as producer:
        for row in rows:
            producer.produce(topic, value=json.dumps(row, default=str))


# %%
def keys(prefix=""):
    found = s3.list_objects_v2(Bucket=bucket, Prefix=prefix)
    return [one["Key"] for one in found.get("Contents", [])]


def clear():
    while some := [{"Key": key} for key in keys()]:
        s3.delete_objects(Bucket=bucket, Delete={"Objects": some})


# %%
clear()

# %% [markdown]
# ## 1. The same SELECT, over rows that are still to come
#
# Readings of one plant lie in a topic. In SQL you would say
#
#     INSERT INTO landed SELECT site_id, kw, event_time FROM readings
#
# and it would be about the rows that are there now. With `readStream` in the
# place of `read` the same SELECT is about those that will come as well.

# %%
day = usual()["readings"].to_pylist()
mesa = [row for row in day if row["site_id"] == "mesa"]
topic = fresh("lesson08.readings")
send(topic, mesa[68:76])
print(mesa[68]["event_time"], "to", mesa[75]["event_time"])


# %%
def records(topic):
    """A topic from its first record on, as a table that grows."""
    options = {"subscribe": topic, "startingOffsets": "earliest"}
    return spark.readStream.format("kafka").options(**broker, **options).load()


def parsed(topic, schema):
    value = F.from_json(F.col("value").cast("string"), schema)
    return records(topic).select(value.alias("r")).select("r.*")


# %% [markdown]
# A Kafka record is a row with `key`, `value`, `topic`, `partition`, `offset`
# and `timestamp`; key and value are bytes. `from_json` makes columns of a
# value, and where it cannot, NULL.

# %%
reading = "site_id STRING, kw DECIMAL(12,3), event_time TIMESTAMP"
readings = parsed(topic, reading)
print("a stream:", readings.isStreaming)
readings.printSchema()

# %% [markdown]
# ### Predict
#
# Eight records are in the topic. What does `readings.count()` say?

# %%
try:
    print(readings.count())
except AnalysisException as error:
    print(str(error).splitlines()[0].partition(";")[0])

# %% [markdown]
# There is no answer: a table that grows has no count, only a count so far. Such
# a DataFrame is a plan, to be run by a **query** that is started and goes on in
# the server. It takes what is new, a **micro-batch** at a time, and writes the
# result of each to a **sink**: files, a Delta table, a topic.


# %%
def run(frame, name):
    """Write what is new since the last run, as Parquet, then end."""
    place = f"{lake}/checkpoints/{name}"
    writer = frame.writeStream.format("parquet")
    writer = writer.option("checkpointLocation", place)
    query = writer.trigger(availableNow=True).start(f"{lake}/{name}")
    query.awaitTermination()
    return query


# %%
def rows(name):
    return spark.read.parquet(f"{lake}/{name}")


# %% [markdown]
# `start()` only begins: it returns at once, and `awaitTermination()` waits. How
# long a query lives is said by its **trigger**:
#
# | trigger | a batch begins | it ends |
# |---|---|---|
# | none | when the one before is done | never |
# | `processingTime="1 minute"` | each minute | never |
# | `availableNow=True` | at once, until all is read | then |
#
# The last one is a nightly job that knows where it was. We use it here.

# %%
run(readings, "landed")
print(rows("landed").count(), "rows")

# %% [markdown]
# ### Predict
#
# The query runs again, and nothing has come. Then four more readings come, and
# it runs a third time. How many rows are there after each run?

# %%
run(readings, "landed")
print(rows("landed").count(), "rows")
send(topic, mesa[76:80])
run(readings, "landed")
print(rows("landed").count(), "rows")

# %% [markdown]
# ## 2. The checkpoint knows, and nobody else
#
# No consumer group kept the place: Spark commits no offsets in Kafka. What the
# query knows lies in its **checkpoint**, here in the lake.

# %%
place = "checkpoints/landed/"


def batches(place):
    """The plans and commits of a checkpoint."""
    names = [key.removeprefix(place) for key in keys(place)]
    return [name for name in names if name[-1:].isdigit() and "ts/" in name]


print(*batches(place), sep="\n")

# %% [markdown]
# Before a batch, Spark writes into `offsets/` how far it will read. Then it
# does the work. After the work it writes `commits/`. You know the order from
# lesson 7: work, then commit. The last line of such a file is this:


# %%
def text(key):
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    return body.decode().splitlines()


print(text(f"{place}offsets/1")[-1])

# %% [markdown]
# Batch 1 reads up to offset 12. Lose the checkpoint and the query is a new one:
# it begins at `startingOffsets`, which is `latest` if you say nothing. So a
# checkpoint belongs to one query and one table, and lies where the table does:
# not on the disk of a machine that is gone tomorrow, and never in a new folder
# for each run.

# %% [markdown]
# ### Killed at the worst moment
#
# The machine dies after the rows of batch 1 were written, and before
# `commits/1`. We need not wait for that: the state that such a kill leaves is
# easily made.

# %%
s3.delete_object(Bucket=bucket, Key=f"{place}commits/1")
print(*batches(place), sep="\n")

# %% [markdown]
# ### Predict
#
# The four rows of batch 1 are in the lake, and the checkpoint does not know
# that it was done. The query starts again. How many rows are there then?

# %%
run(readings, "landed")
print(rows("landed").count(), "rows")
print("committed again:", "commits/1" in batches(place))

# %% [markdown]
# Twelve. The plan for batch 1 was there, so the same batch was done again, with
# the same offsets and the same number. And the sink knew the number: beside the
# files lies a log, `_spark_metadata`, and a batch that is in it is not added
# again. Delta does the same in its own log.
#
# So exactly once takes two: a checkpoint that repeats, and a sink that knows
# what was repeated.

# %% [markdown]
# The number has another side. A new checkpoint begins with batch 0 again, and
# the old folder has a batch 0 already. What happens then?

# %%
send(topic, mesa[80:84])
writer = readings.writeStream.format("parquet")
writer = writer.option("checkpointLocation", f"{lake}/checkpoints/new")
query = writer.trigger(availableNow=True).start(f"{lake}/landed")
query.awaitTermination()
print("done:", text("checkpoints/new/offsets/0")[-1])
print("in the lake:", rows("landed").count(), "rows")

# %% [markdown]
# The new checkpoint says that sixteen records are done, and not one row was
# added: the folder took them for its own batch 0, and four readings are lost.
# No error says so. Delta goes by the id of the query as well, which is a new
# one here, and you would have twelve readings twice. Neither is what you want.

# %% [markdown]
# The next sink is a **Delta table**: Parquet files, and a log of commits that
# names those that count, as the manifest in lesson 6 did. A reader sees whole
# commits only, and rows can be deleted or merged. You write
# `format("delta")` where we wrote `format("parquet")`; nothing else changes.

# %% [markdown]
# ### Try it: land a topic
#
# Alarms into a Delta table, with kills, late alarms, and a colleague who
# deletes. In your function `kafka` is what the contract says, not the variable
# above: `.options(**kafka)` names broker and topic. Write it without our little
# helpers. `hint("land_alarms")` is there when you want it.

# %%
contract("land_alarms")


# %%
def land_alarms(spark, kafka, table, checkpoint):
    # Do what the contract promises.
    ...


check(land_alarms)

# %% [markdown]
# **Remember:** a streaming query is a SELECT and a checkpoint. The checkpoint
# knows what was read; it belongs to this query and this table.

# %% [markdown]
# ## 3. When the sink is your own function
#
# MERGE, two tables at once, a service to call: for these you hand a function
# to `foreachBatch`, and it gets each micro-batch as an ordinary DataFrame.
#
#     readings.writeStream.foreachBatch(save).option(...).start()
#
# The function runs beside the server, in a process of its own that gets copies
# of your variables. So it can keep nothing in them, and your session is not
# among them: take that from `rows.sparkSession`. What has to be remembered
# belongs into a table.


# %%
def save(rows, batch_id):
    target = f"{lake}/pulses"
    rows.write.format("delta").mode("append").save(target)


batch = spark.createDataFrame(mesa[68:72]).select("site_id", "kw")

# %% [markdown]
# ### Predict
#
# Spark calls it with batch 0, the machine dies before the commit, and on the
# next one it is called with batch 0 again. We make both calls by hand. How many
# rows are there?

# %%
save(batch, 0)
save(batch, 0)
print(spark.read.format("delta").load(f"{lake}/pulses").count(), "rows")

# %% [markdown]
# Eight for four. Spark promises `foreachBatch` **at least once**: the same
# number comes with the same rows. The rest is yours. Three ways to say it:
#
# | the function | what makes the second call harmless |
# |---|---|
# | options `txnAppId`, `txnVersion` | Delta skips what is not greater |
# | overwrite with `replaceWhere` | the batch replaces itself |
# | MERGE on a key | the row is there already |

# %% [markdown]
# `replaceWhere` takes a condition, as in `batch = 0`. The first is a bookmark
# inside the table's own commit: the place to go on from is saved in the same
# transaction as the rows, as in the last boss fight.

# %%
batch_log = {"txnAppId": "lesson 8", "txnVersion": 0}
for call in (1, 2):
    writer = batch.write.format("delta").mode("append")
    writer.options(**batch_log).save(f"{lake}/once")
    found = spark.read.format("delta").load(f"{lake}/once")
    print("after call", call, "there are", found.count(), "rows")

# %% [markdown]
# ### Try it: called again with the same batch
#
# Mind that rows may be equal to each other, and that your process is gone
# between the two calls.

# %%
contract("save_batch")


# %%
def save_batch(rows, batch_id, table):
    # Do what the contract promises.
    ...


check(save_batch)

# %% [markdown]
# **Remember:** `foreachBatch` is at least once. The batch's number has to
# decide, in the table itself.

# %% [markdown]
# ## 4. When is a group complete?
#
# GROUP BY needs all rows of a group, and here more may always come. So for each
# group the query keeps what it has so far, its **state**, in the checkpoint.
# Two questions follow that no database ever asked you: when may a result be
# written, and when may a group be forgotten?

# %% [markdown]
# The answer is a **watermark** (lesson 7 had another one, of offsets; this is a
# time): the greatest event time that was seen, less a delay that you choose.
# `withWatermark("at", "10 minutes")` says: rows come at most ten minutes late.
# A window that ends at or before the watermark is over.
#
#     SELECT window(at, '15 minutes'), count(*) FROM alarms GROUP BY 1
#
# A window of a quarter hour is a group like any other, made of the time of the
# event, not of its arrival.

# %%
alarm_topic = fresh("lesson08.alarms")
alarms = parsed(alarm_topic, "at TIMESTAMP")
counts = (
    alarms.withWatermark("at", "10 minutes")
    .groupBy(F.window("at", "15 minutes").alias("w"))
    .count()
    .select(F.date_format("w.start", "HH:mm").alias("start"), "count")
)


# %%
def come(*times):
    """These alarms come, the query runs, and all that it ever wrote."""
    send(alarm_topic, [{"at": f"2022-01-04T{one}:00Z"} for one in times])
    run(counts, "counts")
    found = rows("counts").orderBy("start").collect()
    print(*[f"{one['start']}: {one['count']}" for one in found] or ["nothing"])


# %% [markdown]
# ### Predict
#
# Three alarms come, at 10:03, 10:07 and 10:16. The window from 10:00 to 10:15
# has two, and the third is later than its end. What is written?

# %%
come("10:03", "10:07", "10:16")

# %% [markdown]
# Nothing yet: the watermark stands at 10:06, ten minutes before the newest. One
# more for the first quarter may still come. Now it does, and a later one too.

# %%
come("10:09", "10:26")

# %% [markdown]
# 10:26 puts the watermark at 10:16, the window from 10:00 is over, and is
# written with all of its three alarms. It is also forgotten.
#
# ### Predict
#
# Now 10:12 comes, which belongs to that window, and 10:14 and 10:17. And 10:41,
# which puts the watermark to 10:31. Who is counted?

# %%
come("10:12", "10:14", "10:17", "10:41")

# %% [markdown]
# 10:12 and 10:14 were **dropped**: their window was over. 10:17 counts with
# 10:16 and 10:26, though 10:41 came in the same batch: the watermark moves
# when a batch is done. That a row is late is no reason to drop it; that its
# window is over is one. Nothing was corrected, for in **append** mode a row is
# written once.

# %% [markdown]
# | output mode | writes | needs |
# |---|---|---|
# | append | a group once, when it is over | a watermark |
# | update | each group that changed, each time | a sink that can upsert |
# | complete | the whole result, each time | all groups kept for ever |
#
# The delay is a bargain: longer loses less, writes later and remembers more.
# And the watermark is made of the data: if no alarm comes, no window ends. A
# single clock that is a day ahead ends all of them.

# %% [markdown]
# ### Predict
#
# The same count without a watermark, in append mode. When is the error told?

# %%
try:
    run(alarms.groupBy(F.window("at", "15 minutes")).count(), "never")
except AnalysisException as error:
    print(error.getCondition())

# %% [markdown]
# At the start, before any row is read. `ORDER BY` is refused in append mode
# too, and the window functions of lesson 4 in every mode: they need all the
# rows of a table.

# %% [markdown]
# ### Try it: when is a quarter hour over?
#
# Late alarms, one that is too late, one at the very edge.

# %%
contract("alarms_per_quarter")


# %%
def alarms_per_quarter(spark, kafka, path, checkpoint):
    # Do what the contract promises.
    ...


check(alarms_per_quarter)

# %% [markdown]
# **Remember:** the watermark decides when a window is written, what is too
# late, and what may be forgotten.

# %% [markdown]
# ## 5. What a query remembers
#
# Exactly once, from topic to table, does not mean without duplicates. A device
# that got no answer sends its event again, and that is a second record.
# DISTINCT helps, and over a stream it remembers every row that it ever let
# through. A query tells how many rows its state has.

# %%
event_topic = fresh("lesson08.events")
events = parsed(event_topic, "id STRING, at TIMESTAMP")
sent = [{"id": f"e{n}", "at": row["event_time"]} for n, row in enumerate(mesa)]
send(event_topic, [*sent, *sent[-4:]])
print(len(sent), "events in", len(sent) + 4, "records")


# %%
def remembers(frame, name):
    query = run(frame, name)
    state = query.lastProgress.stateOperators[0].numRowsTotal
    print(f"{name}: {rows(name).count()} rows, remembers {state}")


# %% [markdown]
# ### Predict
#
# The events cover a day, one each quarter hour. Three queries let each `id`
# through once. Which of them forget, and how much?

# %%
timed = events.withWatermark("at", "1 hour")
remembers(events.dropDuplicates(["id"]), "by_id")
remembers(timed.dropDuplicates(["id"]), "with_watermark")
remembers(timed.dropDuplicates(["id", "at"]), "by_id_and_time")
remembers(timed.dropDuplicatesWithinWatermark(["id"]), "within")

# %% [markdown]
# A watermark alone changes nothing: what is remembered is an `id`, and an `id`
# has no time that the watermark could pass. With the time among the columns it
# can: 4 are left, one hour; but a repetition must have the same time.
# `dropDuplicatesWithinWatermark` forgets an `id` when the watermark has passed
# its time plus the delay: 8 are left, two hours, and a repetition may have
# another time. The tables are alike; the memories are not.

# %% [markdown]
# State also stands behind joins:
#
# | a stream joined with | remembers | trap |
# |---|---|---|
# | a table | nothing | read anew for each batch, never corrected |
# | another stream | both sides | needs watermarks and a range of time |
#
# A row of a stream that met no partner in a table is out, once and for all: the
# asset that is entered five minutes later does not bring it back.

# %% [markdown]
# ### Try it: each event once
#
# The table is half of it. The check also looks at what your query remembers.

# %%
contract("each_event_once")


# %%
def each_event_once(spark, kafka, path, checkpoint):
    # Do what the contract promises.
    ...


check(each_event_once)

# %% [markdown]
# **Remember:** DISTINCT over a stream is a memory. Without a time that a
# watermark can pass, it grows for ever.

# %% [markdown]
# ## Boss fight: corrected, and killed
#
# PEAK bills by the hour. Its readings are corrected, soon or days later, so no
# watermark will do; and machines die. You need a sink that knows its batches,
# and a result that may be worked out again. Try it without hints first.

# %%
contract("energy_by_hour")


# %%
def energy_by_hour(spark, kafka, lake, checkpoint):
    # Do what the contract promises.
    ...


check(energy_by_hour)

# %% [markdown]
# **Remember:** land each record once, and work the result out from what is
# landed. Then neither a kill nor a correction is a special case.

# %% [markdown]
# The topics and the bucket of this lesson are yours, so they go when it ends.

# %%
mine = [one for one in admin.list_topics().topics if "lesson08." in one]
for future in admin.delete_topics(mine).values():
    future.result()
clear()
gone = s3.delete_bucket(Bucket=bucket)
print("deleted:", *sorted(one.removeprefix("lesson08.") for one in mine))

# %% [markdown]
# ## Phrase book
#
# | SQL | Structured Streaming | trap |
# |---|---|---|
# | `FROM t` | `readStream` .. `load()` | `latest`, if you say nothing |
# | `INSERT .. SELECT` | `writeStream` .. `start()` | returns at once |
# | a nightly job | `trigger(availableNow=True)` | await its end |
# | the job's log table | `checkpointLocation` | one query, one table |
# | `COMMIT` | `commits/N` | after the work: it may be done again |
# | `MERGE` | `foreachBatch` | at least once |
# | a unique batch number | `txnAppId`, `txnVersion` | the number, no clock |
# | `GROUP BY` a quarter | `window(at, '15 minutes')` | event time |
# | no word for it | `withWatermark(at, ..)` | before `groupBy` |
# | `SELECT DISTINCT` | `dropDuplicatesWithinWatermark` | state |
# | `count(*)` | `complete` mode, or groups of time | not in append |
# | `ORDER BY` | an aggregate in `complete` mode | else sort at reading |
# | a join to a table | `join`, as usual | what came too early |
# | `SELECT` the result | `read` the sink | the files' log counts |

# %% [markdown]
# This is the last lesson for now. All of it together, topics, a lake with
# checkpoints, and restarts that change nothing, you find in
# [the pipeline's notebook](../../notebooks/pipeline.ipynb). Until then, keep
# the phrase book open at work.
