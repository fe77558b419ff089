# %% [markdown]
# # Kafka
#
# You know tables: rows go in, anybody may ask for them, DELETE takes them away.
# Kafka keeps a **log**: records go in at the end, everybody reads at their own
# pace, and reading takes nothing away. Most of what surprises a database person
# follows from that, and from one more thing: nothing here is a transaction
# unless you make it one. A real broker runs beside this notebook.

# %% [markdown]
# After this lesson you can
#
# - choose a key, and say what stays in order because of it;
# - tell whether the broker has what you sent;
# - work out how far a group of readers is behind;
# - survive a kill: nothing lost, and what comes twice does no harm;
# - say what retention and compaction leave of your records.
#
# Time: 45 minutes to read and run, and the exercises take as long again. You
# need: lesson 1, Rows and NULL. Spark has a rest today: this lesson talks to
# Kafka by its Python client, `confluent_kafka`.

# %%
import confluent_kafka as ck
from confluent_kafka.admin import AdminClient, NewTopic

# %%
from helpers import services
from helpers.desk import buttons, check, contract, data, exercises, hint
from helpers.desk import progress, solution, spark, why
from helpers.exercises import usual

services.ensure("kafka")
kafka = {**services.endpoints().kafka_client_config, "log_level": 0}
admin = AdminClient(kafka)

# %% [markdown]
# ## 1. A topic is a log, cut into partitions
#
# A **topic** has a name, as a table has, and a number of **partitions**. Each
# partition is a file to which records are appended. A record has a **key**, a
# **value**, a time, and no columns: both are bytes, and what they mean is up to
# you. The cell below is our CREATE TABLE; the next one is our INSERT.


# %%
def fresh(topic, partitions=1, **settings):
    """An empty topic; what is left of an earlier one goes first."""
    if topic in admin.list_topics(timeout=10).topics:
        admin.delete_topics([topic])[topic].result()
    config = {name.replace("_", "."): one for name, one in settings.items()}
    new = NewTopic(topic, partitions, config=config)
    admin.create_topics([new])[topic].result()
    return topic


# %%
day = usual()["readings"].to_pylist()
noon = [row for row in day if 18 <= row["event_time"].hour < 20]
topic = fresh("lesson07.readings", partitions=4)
producer = ck.Producer(kafka)
for row in noon:
    text = f"{row['event_time']:%H:%M} {row['kw']} kW"
    producer.produce(topic, key=row["site_id"], value=text)
producer.flush()
print(len(noon), "readings of", len({row["site_id"] for row in noon}), "sites")

# %% [markdown]
# There is no SELECT. Whoever wants to know what is there reads it from the
# first record to the last; this function does so for the examples here.


# %%
def records(topic):
    """Every message that is in a topic."""
    settings = {"group.id": "lesson07.look", "enable.partition.eof": True}
    look = ck.Consumer({**kafka, **settings, "enable.auto.commit": False})
    places = admin.list_topics(topic).topics[topic].partitions
    first, end, found = ck.OFFSET_BEGINNING, ck.KafkaError._PARTITION_EOF, []
    look.assign([ck.TopicPartition(topic, n, first) for n in places])
    while sum(one.error() == end for one in found) < len(places):
        found.append(look.poll(30))
    return [one for one in found if not one.error()]


# %% [markdown]
# ### Predict
#
# Four sites, four partitions. The key of each record is its site. Will each
# partition hold one site?

# %%
places = {}
for one in records(topic):
    places.setdefault(one.partition(), set()).add(one.key().decode())
for number in range(4):
    print("partition", number, "has", *sorted(places.get(number, ["nothing"])))

# %% [markdown]
# The client takes a checksum of the key modulo the number of partitions. So the
# same key always goes to the same partition, and that is all that is promised:
# two keys may share one, and one may stay empty. Inside a partition each record
# has an **offset**, 0, 1, 2 and so on, in the order of arrival.

# %%
first = [one for one in records(topic) if one.partition() == 3][:6]
for one in first:
    print(one.offset(), one.key().decode(), one.value().decode())

# %% [markdown]
# **Order holds within a partition, and nowhere else.** There is no ORDER BY
# over a topic, and nothing says which of two partitions is read first. So the
# key is not the row's primary key: it names what must stay in order.

# %% [markdown]
# ### Predict
#
# A fifth partition is added to the topic, for more speed. Which of the four
# sites will find their next readings in another partition than those before?

# %%
from zlib import crc32

for site in sorted({row["site_id"] for row in noon}):
    before, after = (crc32(site.encode()) % count for count in (4, 5))
    print(f"{site:10} partition {before}, then {after}")

# %% [markdown]
# Nothing is moved for you: old records stay where they are, new ones of the
# same key go elsewhere, and for a while two readers see one site. Give a topic
# enough partitions on the first day. And mind who writes: the Java client takes
# another checksum (murmur2), so one key may have two homes.
#
# A key with most of the records is a **hot key**: its partition is full while
# the others sleep, and one partition has one reader. A finer key spreads.

# %% [markdown]
# ### Try it: alarms in order
#
# Read what has to be in order, and what must not be in one place. Two calls,
# two processes: what decides the partition must be the same in both.
# `hint("alarms_in_order")` is there when you want it.

# %%
contract("alarms_in_order")


# %%
def alarms_in_order(config, topic, alarms):
    # Do what the contract promises.
    ...


check(alarms_in_order)

# %% [markdown]
# **Remember:** the key chooses the partition, and only a partition has an
# order. The key is what must stay in order, as fine as it may be.

# %% [markdown]
# ## 2. produce() is not INSERT
#
# When INSERT returns, the server has your row, or you have an error. When
# `produce()` returns, the record is in a queue in your own process. A thread of
# the client sends it later, with others in one batch: that is why Kafka is
# fast, and why a program that ends at once loses records without a word.

# %% [markdown]
# ### Predict
#
# This producer may wait ten seconds for more records before it sends. What do
# the two lines say?

# %%
topic = fresh("lesson07.queue")
producer = ck.Producer({**kafka, "linger.ms": 10_000})
for number in range(3):
    producer.produce(topic, value=f"reading {number}")
print("waiting here:", len(producer), " in the topic:", len(records(topic)))
producer.flush()
print("waiting here:", len(producer), " in the topic:", len(records(topic)))

# %% [markdown]
# `flush()` sends what waits, and returns when each record has its answer. Note
# the word: its answer, not its place in the topic. The answer may be no. It
# comes as a **delivery report**: a call of a function that you give, with an
# error or None, and the message.

# %%
said = {}


def report(error, message):
    said[len(message)] = error


# %% [markdown]
# ### Predict
#
# This topic takes records of up to 500 bytes, and the one in the middle is
# larger. What does `flush()` return, and how many records are there?

# %%
topic = fresh("lesson07.small", max_message_bytes="500")
producer = ck.Producer({**kafka, "batch.num.messages": 1})
for size in (10, 900, 20):
    producer.produce(topic, value=bytes(size), on_delivery=report)
print("flush() returned", producer.flush())
print("in the topic:   ", len(records(topic)), "records")

# %% [markdown]
# Zero: nothing waits any more. That one record was refused stands only in its
# report, and the client calls your function only during `poll()` and `flush()`.

# %%
for size, error in sorted(said.items()):
    print(f"{size:4} bytes:", error.str() if error else "the broker has it")

# %% [markdown]
# How sure a good report is, you choose by `acks`:
#
# | `acks` | a report without an error says |
# |---|---|
# | `0` | it left this process; refused or not, nobody tells |
# | `1` | the partition's leader has it |
# | `all`, the default | all replicas that are in step have it |
#
# The client tries again by itself where that can help. With
# `enable.idempotence` the broker recognises these repetitions, and none is
# there twice; what *you* send again is a new record.

# %% [markdown]
# ### Try it: what did not arrive?
#
# Some notes are too large, and the broker alone knows for whom. One of them is
# refused sooner than the others: look where.

# %%
contract("notes_not_taken")


# %%
def notes_not_taken(config, topic, notes):
    # Do what the contract promises.
    ...


check(notes_not_taken)

# %% [markdown]
# **Remember:** `produce()` queues, `flush()` waits, and only the delivery
# report knows whether the broker has the record.

# %% [markdown]
# ## 3. Groups read, and offsets say how far
#
# Reading takes nothing away. A **consumer group** is a name under which Kafka
# keeps a bookmark for each partition: the **committed offset**. Billing and
# maintenance are two groups, and each of them reads everything. Within a group
# the partitions are dealt out: each partition has one reader, never two.

# %% [markdown]
# ### Predict
#
# The topic has four partitions, and one consumer after the other joins the same
# group. How many partitions has each, with one, two, three and five of them?


# %%
def shares(members):
    """How many partitions each member has, when the group has settled."""
    while True:
        for member in members:
            member.poll(0.05)
        found = [len(member.assignment()) for member in members]
        if sum(found) == 4 and sum(map(bool, found)) == min(4, len(members)):
            return sorted(found, reverse=True)


# %%
settings = {"group.id": "lesson07.share", "heartbeat.interval.ms": 300}
members = []
for count in (1, 2, 3, 5):
    while len(members) < count:
        members.append(ck.Consumer({**kafka, **settings}))
        members[-1].subscribe(["lesson07.readings"])
    print(count, "in the group:", shares(members))
for member in members:
    member.close()

# %% [markdown]
# The fifth gets nothing: a group has at most as many working readers as the
# topic has partitions. Whenever a member comes, leaves or dies, the partitions
# are dealt anew. That is a **rebalance**: reading stops for a moment, and what
# a member had read but not committed is read again by another.
#
# A dead member is missed only after `session.timeout.ms` (45 s if you say
# nothing); until then its partitions wait, and `poll()` returns None.

# %% [markdown]
# ### Predict
#
# The topic holds 32 readings. A new group subscribes, says nothing about where
# to begin, and polls until it has its partitions. How many does it get?

# %%
for start in ("latest", "earliest"):
    group = {"group.id": f"lesson07.{start}", "auto.offset.reset": start}
    with ck.Consumer({**kafka, **group}) as consumer:
        consumer.subscribe(["lesson07.readings"])
        got = [consumer.poll(5)]
        while got[-1] is not None and len(got) < 32:
            got.append(consumer.poll(5))
        print(start, sum(one is not None for one in got))

# %% [markdown]
# `latest` is the default: a group without a bookmark begins at the end, and
# sees what comes from now on. `earliest` begins at the first record. Both count
# only where there is no committed offset, on the first day, or when retention
# has deleted the place where the bookmark was.

# %% [markdown]
# ### How far behind?
#
# A partition begins at its low **watermark** and ends before its high one. The
# **lag** of a group is what is left to read. You can ask for all of that and
# need not join the group. One partition is enough to show it:

# %%
consumer = ck.Consumer({**kafka, "group.id": "lesson07.lag"})
place = ck.TopicPartition("lesson07.readings", 3, 5)
consumer.commit(offsets=[place], asynchronous=False)
low, high = consumer.get_watermark_offsets(place)
stands = consumer.committed([place])[0].offset
print("begins at", low, " group stands at", stands, " ends before", high)
consumer.close()

# %% [markdown]
# ### Try it: how far behind is the group?
#
# Five partitions, and not all of them are as friendly as the one above. What
# does `committed()` say where nothing was committed? And does every partition
# still begin at 0?

# %%
contract("left_to_read")


# %%
def left_to_read(config, topic, group):
    # Do what the contract promises.
    ...


check(left_to_read)

# %% [markdown]
# **Remember:** lag is the end minus the later one of two: where the group
# stands, and where the partition begins. Asking moves nothing.

# %% [markdown]
# ## 4. Commit before the work, or after?
#
# A commit in Kafka moves a bookmark. It does not know whether you have done
# anything with the record, and it undoes nothing. So the order of two steps
# decides what a crash between them costs:
#
# | you do | a crash in between | called |
# |---|---|---|
# | commit, then work | the record is lost | at most once |
# | work, then commit | the work is done again | at least once |
# | both in one transaction | nothing | exactly once |

# %% [markdown]
# ### Predict
#
# A consumer reads the records at offsets 0, 1 and 2 and commits the last one.
# Which number does the group's bookmark show?

# %%
settings = {"group.id": "lesson07.mark", "auto.offset.reset": "earliest"}
reader = {**kafka, **settings, "enable.auto.commit": False}
topic = fresh("lesson07.mark")
with ck.Producer(kafka) as producer:
    for number in range(5):
        producer.produce(topic, value=f"reading {number}")

# %%
with ck.Consumer(reader) as consumer:
    consumer.subscribe([topic])
    three = [consumer.poll(30) for _ in range(3)]
    consumer.commit(three[-1], asynchronous=False)
    place = ck.TopicPartition(topic, 0)
    print("read:", *[one.offset() for one in three])
    print("the group stands at", consumer.committed([place])[0].offset)

# %% [markdown]
# The bookmark shows 3: the offset to read *next*. `commit(message)` adds the 1
# for you; if you give offsets yourself, you add it. The next start goes on
# there:

# %%
with ck.Consumer(reader) as consumer:
    consumer.subscribe([topic])
    print(consumer.poll(30).value().decode())

# %% [markdown]
# Two defaults to know. `enable.auto.commit` is on: every five seconds the
# client commits what it has *handed to you*, done or not. And `commit()`
# returns before it has happened; `asynchronous=False` waits for it. There is a
# price: a commit per record is a request per record. Committing every few
# records is the usual middle, if doing some of them again does no harm.

# %% [markdown]
# ### Try it: killed in the middle
#
# Your function runs in a process that is killed without a warning, twice. After
# a kill the group waits a moment for its dead member: polls return None, and
# that is not the end.

# %%
contract("handle_each_reading")


# %%
def handle_each_reading(config, topic, group, end, work):
    # Do what the contract promises.
    ...


check(handle_each_reading)

# %% [markdown]
# **Remember:** work, then commit; and make repeating harmless. The committed
# offset is the one to read next.

# %% [markdown]
# ## 5. What the broker forgets
#
# Reading deletes nothing, so something else must. With `cleanup.policy=delete`
# **retention** drops the oldest records: those older than `retention.ms` (seven
# days, if you say nothing), or beyond a size. Nobody asks whether they were
# read.

# %% [markdown]
# ### Predict
#
# We replay readings of 2010 into a topic that keeps seven days, and give each
# record the time at which it was measured. The broker looks every second here.
# What is in the topic a little later?

# %%
import time

topic = fresh("lesson07.replay")
mesa = [row for row in noon if row["site_id"] == "mesa"]
with ck.Producer(kafka) as producer:
    for row in mesa:
        measured = int(row["event_time"].timestamp() * 1000)
        producer.produce(topic, value=str(row["kw"]), timestamp=measured)

# %%
while records(topic):
    time.sleep(0.2)
with ck.Consumer(reader) as consumer:
    low, high = consumer.get_watermark_offsets(ck.TopicPartition(topic, 0))
print("sent:", len(mesa), " begins at", low, " ends before", high)

# %% [markdown]
# Nothing is left: retention goes by the record's own time, and these are years
# old. Offsets are never used again, so the partition is empty and begins at 8.
# For a replay keep the time of measurement in the value, or set the topic to
# `retention.ms=-1`, or to the time of arrival
# (`message.timestamp.type=LogAppendTime`).

# %% [markdown]
# The time has a good side: it is the one thing besides the offset by which you
# can look something up. `offsets_for_times` finds the first record from an
# instant on, and that is how a group reads again "everything since 18:30".

# %%
topic = fresh("lesson07.replay", retention_ms="-1")
with ck.Producer(kafka) as producer:
    for row in mesa:
        measured = int(row["event_time"].timestamp() * 1000)
        text = f"{row['event_time']:%H:%M} {row['kw']} kW"
        producer.produce(topic, value=text, timestamp=measured)

# %%
since = mesa[0]["event_time"].replace(hour=18, minute=30)
asked = ck.TopicPartition(topic, 0, int(since.timestamp() * 1000))
with ck.Consumer(reader) as consumer:
    found = consumer.offsets_for_times([asked])
    consumer.assign(found)
    print("offset", found[0].offset, "is", consumer.poll(30).value().decode())

# %% [markdown]
# ### A topic that is a table
#
# With `cleanup.policy=compact` the broker keeps, for each key, at least the
# **last** record. A cleaner in the background drops older ones, some time
# later, and never in the newest file (segment) of a partition. Here a segment
# ends after a tenth of a second, so that there is something to clean.

# %% [markdown]
# ### Predict
#
# Three inverters a, b and c report their state six times, and then d once. When
# the cleaner has run, how many records are left, and which offsets have they?

# %%
quick = {"segment_ms": "100", "min_cleanable_dirty_ratio": "0.01"}
topic = fresh("lesson07.state", cleanup_policy="compact", **quick)
states = ["a on", "b on", "c on", "a off", "b off", "a on"]
with ck.Producer(kafka) as producer:
    for state in states:
        producer.produce(topic, key=state[0], value=state[2:])

# %%
time.sleep(0.2)
with ck.Producer(kafka) as producer:
    producer.produce(topic, key="d", value="a new segment begins")
while len(kept := records(topic)) > 4:
    time.sleep(0.2)
for one in kept:
    print(one.offset(), one.key().decode(), one.value().decode())

# %% [markdown]
# The last of each key is left, with the offset that it always had: there are
# gaps now, so never count records by subtracting offsets in such a topic. Who
# reads it from the beginning gets the current table; who follows it gets each
# change. A record with a key and **no value** (None, a tombstone) is its
# DELETE: when the cleaner has seen it, nothing of the key stays.

# %% [markdown]
# ### Try it: a topic as a table
#
# Publish changes, removals among them. What is judged is what the broker keeps
# when its cleaner has run, so this check takes a few seconds.

# %%
contract("publish_status_changes")


# %%
def publish_status_changes(config, topic, changes):
    # Do what the contract promises.
    ...


check(publish_status_changes)

# %% [markdown]
# **Remember:** retention deletes by time, compaction by key. Neither asks
# whether anybody has read the record.

# %% [markdown]
# ## 6. A log is not a queue
#
# You may know queues: Oracle AQ, Service Broker, RabbitMQ. They look alike from
# outside, and differ in whose task it is to remember.
#
# | | a log (Kafka) | a queue |
# |---|---|---|
# | reading | moves a bookmark | takes the message away |
# | a second reader | reads everything again | gets the other messages |
# | who is done | one offset for all before it | each message by itself |
# | order | in a partition, by key | lost with the second worker |
# | a message that fails | blocks what is behind it | comes again, later |
# | more workers | up to the partitions | as many as you like |
# | yesterday again | set the offset back | gone |
#
# So take a log for facts that several people want, in order and again; take a
# queue for tasks that somebody has to do once, in any order.

# %% [markdown]
# The right-hand column deserves a run. NATS JetStream is a small server that
# can be either; it starts here, beside your kernel, and ends with it. A
# **stream** holds messages, a **consumer** is what Kafka calls a group, and
# `retention` decides between the two columns. Its client is asynchronous:
# `await` says that we wait for the answer.

# %% [markdown]
# Messages are sent to a **subject**, and a stream keeps those of its subjects.
# A worker **fetches** some, and **acknowledges** each: "this one is done".

# %%
import nats
from nats.js.api import ConsumerConfig, DeliverPolicy, RetentionPolicy

server = services.QueueServer()
client = await nats.connect(server.url, allow_reconnect=False)
jetstream = client.jetstream()
queue = RetentionPolicy.WORK_QUEUE
await jetstream.add_stream(name="tasks", subjects=["tasks"], retention=queue)
for number in range(1, 7):
    await jetstream.publish("tasks", f"task {number}".encode())


# %%
async def worker():
    """One more worker at the consumer that all workers share."""
    patience = ConsumerConfig(ack_wait=1)  # seconds
    return await jetstream.pull_subscribe("tasks", "workers", config=patience)


async def left(stream):
    """How many messages a stream holds."""
    return (await jetstream.stream_info(stream)).state.messages


# %% [markdown]
# ### Predict
#
# Six tasks wait. Two workers, Ada and Edgar, fetch two each and acknowledge
# them. Do both get the same two? And how many does the stream hold afterwards?

# %%
ada, edgar = await worker(), await worker()
for name, one in {"Ada": ada, "Edgar": edgar}.items():
    for task in await one.fetch(2):
        await task.ack_sync()
        print(name, "did", task.data.decode())
print("left in the stream:", await left("tasks"))

# %% [markdown]
# Four are gone: in a work queue the acknowledgement deletes the message. In
# Kafka all six would still be there, with a bookmark at 4. And nobody was dealt
# a partition: the next task goes to whoever asks next, so ten workers can share
# a queue, while there are tasks.

# %% [markdown]
# ### Predict
#
# Ada takes the two tasks that are left, does the later one, and falls silent.
# The server waits one second (`ack_wait`) for her word on the other. How many
# are left, and what does Edgar get when he asks?

# %%
five, six = await ada.fetch(2)
await six.ack_sync()
print("Ada did", six.data.decode(), "and left", await left("tasks"))
[again] = await edgar.fetch(1, timeout=30)
await again.ack_sync()
print("Edgar did", again.data.decode(), "and left", await left("tasks"))
print("it was delivery number", again.metadata.num_delivered)

# %% [markdown]
# Each task is acknowledged by itself: 6 was done while 5 was not. An offset
# cannot say that: committed after 6, it says that 5 is done too. Had others
# been waiting, Edgar would have got them meanwhile; hers came again after a
# second. So this is at least once as well: make repeating harmless, as in
# section 4. A delivery number that grows and grows shows a task that nobody can
# do.

# %% [markdown]
# ### Predict
#
# The auditors want to see every task too. In Kafka they take a `group.id` of
# their own, and nobody notices. Here they ask for a second consumer:

# %%
from nats.js.errors import BadRequestError

try:
    await jetstream.add_consumer("tasks", durable_name="audit")
except BadRequestError as error:
    print("refused:", error.description)

# %% [markdown]
# If an acknowledgement deletes, two consumers would take the tasks from each
# other. So a second reader of a queue needs a queue of its own, and somebody
# has to put each message into both. Now the same server with the other
# retention: LIMITS lets messages go by age or size, as in section 5.

# %% [markdown]
# ### Predict
#
# Billing reads three facts and acknowledges them. Then the auditors come, with
# a consumer that begins at the first message (`DeliverPolicy.ALL`). What is
# left for them?

# %%
log = RetentionPolicy.LIMITS
await jetstream.add_stream(name="facts", subjects=["facts"], retention=log)
for number in range(1, 4):
    await jetstream.publish("facts", f"fact {number}".encode())

# %%
begin = ConsumerConfig(deliver_policy=DeliverPolicy.ALL)
for group in ("billing", "audit"):
    one = await jetstream.pull_subscribe("facts", group, config=begin)
    facts = await one.fetch(3)
    for fact in facts:
        await fact.ack_sync()
    print(group, "read:", *[fact.data.decode() for fact in facts])
print("left in the stream:", await left("facts"))

# %% [markdown]
# Everything, and all of it is still there: an acknowledgement now deletes
# nothing, it only notes what this consumer has done. `ALL` is Kafka's
# `earliest`. One server, one client, one setting changed: whether you have a
# log or a queue is decided by what is deleted when. The server has done its
# work, and its messages go with it:

# %%
await client.close()
server.stop()

# %% [markdown]
# What products make of it:
#
# | product | what it is |
# |---|---|
# | Kafka | a log; share groups (since 4.2) confirm record by record |
# | NATS JetStream | a stream with consumers that confirm one by one |
# | ... work queue | its retention that deletes what was confirmed |
# | RabbitMQ | queues behind exchanges; streams are its log |
# | Amazon SQS | a queue; FIFO queues order by message group |
# | Amazon Kinesis | a log; a partition is called a shard |
# | Azure Event Hubs | a log, also by Kafka's protocol |
# | Azure Service Bus | a queue; sessions keep order |
# | Google Pub/Sub | a queue with ordering keys and seek |
# | Oracle AQ, TxEventQ | queues inside the database's transaction |
# | SQL Server Service Broker | queues inside the database's transaction |

# %% [markdown]
# **Remember:** in a log an acknowledgement deletes nothing, in a queue it
# deletes the message. Ask who else needs it, and choose by that.

# %% [markdown]
# ## Boss fight: nothing lost, nothing twice
#
# Work, then commit means at least once. For the auditors that is not enough:
# counted twice is wrong. You have a database, though, and databases know how to
# do two things at once. A reminder of how Python's `sqlite3` says it:

# %%
import sqlite3
from contextlib import suppress

db = sqlite3.connect(":memory:")
db.execute("CREATE TABLE t (k TEXT PRIMARY KEY, n INTEGER)")
upsert = "INSERT INTO t VALUES ('a', 1) ON CONFLICT (k) DO UPDATE SET n = n + 1"
with suppress(RuntimeError), db:  # db: commits at the end, or rolls back
    db.execute(upsert)
    raise RuntimeError("the machine stops here")
print("after a failure:", db.execute("SELECT * FROM t").fetchall())

# %%
with db:
    db.execute(upsert)
    db.execute(upsert)
print("after success:", db.execute("SELECT * FROM t").fetchall())

# %% [markdown]
# Readings of two plants, some of them corrected later, and a process that is
# killed at the worst moments. Try it without hints first.

# %%
contract("replay_into_a_table")


# %%
def replay_into_a_table(config, topic, ends, connect):
    # Do what the contract promises.
    ...


check(replay_into_a_table)

# %% [markdown]
# **Remember:** exactly once is at least once, and a place to go on from that is
# saved in the same transaction as the result.

# %% [markdown]
# The topics of this lesson are yours, so they go when it ends.

# %%
used = ("share", "latest", "earliest", "lag", "mark")
groups = [f"lesson07.{one}" for one in used]
for future in admin.delete_consumer_groups(groups).values():
    with suppress(ck.KafkaException):  # the broker has forgotten it already
        future.result()
mine = [one for one in admin.list_topics().topics if "lesson07." in one]
for future in admin.delete_topics(mine).values():
    future.result()
print("deleted:", *sorted(one.removeprefix("lesson07.") for one in mine))

# %% [markdown]
# ## Phrase book
#
# | SQL | Kafka | trap |
# |---|---|---|
# | `CREATE TABLE` | a topic with partitions | more later: keys move |
# | primary key | none: nothing is unique | the key is for order |
# | `INSERT` | `produce()`, `flush()` | the report may say no |
# | `SELECT` | read from an offset to the end | no WHERE, no index |
# | `ORDER BY` | the order of one partition | none over the topic |
# | `WHERE t >= ..` | `offsets_for_times` | the record's time |
# | a cursor's place | the group's committed offset | it is the next one |
# | `COMMIT` | `commit(asynchronous=False)` | undoes nothing |
# | rows left to do | `high - max(low, committed)` | -1001 is no offset |
# | `DELETE` by key | None, in a compacted topic | not the empty text |
# | `DELETE` by age | `retention.ms` | read or not |
# | one transaction | offset and row in the same one | two commits: a gap |

# %% [markdown]
# Next: [Lesson 8, A stream is a table that
# grows](../08-a-stream-is-a-table/lesson.ipynb), where Spark reads these
# topics, keeps the offsets for you, and computes while they come. Until then,
# keep the phrase book open at work.
