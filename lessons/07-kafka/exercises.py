"""Lesson 7, Kafka: the tasks, the trials that look into the broker, and the wrong answers of people who know SQL."""

import json
import time
import uuid
from collections import Counter
from zlib import crc32

import confluent_kafka as ck
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    OffsetSpec,
    ResourceType,
)

from helpers.exercises import Lesson, ServiceExercise, Wrong, usual

WAIT = 30.0
"""Seconds that one question to the broker may take."""


# What the trials share


def _producer_config(sandbox):
    """Nothing leaves the process by chance: a record waits a second for others, unless it is flushed.

    Records without a key change the partition each time, not every ten milliseconds.
    """
    return {**sandbox.broker.config, "linger.ms": 1000, "sticky.partitioning.linger.ms": 0}


def _consumer_config(sandbox):
    """A consumer that begins with the first record where its group has committed nothing."""
    return {**sandbox.broker.consumer, "auto.offset.reset": "earliest"}


def _trim(admin, places):
    """What retention does, at once: the records before these offsets are gone."""
    for future in admin.delete_records(places).values():
        future.result(WAIT)


def _none(sandbox, what, name, found, words):
    """Go on where nothing was found, else show some of it under this name."""
    sandbox.require(what, not found, words, [{name: one} for one in found[:10]])


# Exercise 1: the key decides what stays in order, and where the work goes


def alarms_in_order_key(config, topic, alarms):
    """The key is the inverter: that is what must stay in order."""
    producer = ck.Producer(config)
    for alarm in alarms:
        producer.produce(topic, key=alarm["inverter_id"], value=json.dumps(alarm))
    producer.flush()


def alarms_in_order_partition(config, topic, alarms):
    """The partition worked out by hand, from something that is the same in every process."""
    with ck.Producer(config) as producer:
        count = len(producer.list_topics(topic, timeout=10).topics[topic].partitions)
        for alarm in alarms:
            place = crc32(alarm["inverter_id"].encode()) % count
            producer.produce(topic, json.dumps(alarm).encode(), partition=place)


def _send_alarms(config, topic, alarms, key):
    producer = ck.Producer(config)
    for number, alarm in enumerate(alarms):
        producer.produce(topic, key=key(number, alarm), value=json.dumps(alarm))
    producer.flush()


def _no_key(config, topic, alarms):
    _send_alarms(config, topic, alarms, lambda number, alarm: None)


def _site_key(config, topic, alarms):
    _send_alarms(config, topic, alarms, lambda number, alarm: alarm["site_id"])


def _one_key(config, topic, alarms):
    _send_alarms(config, topic, alarms, lambda number, alarm: "alarm")


def _primary_key(config, topic, alarms):
    _send_alarms(config, topic, alarms, lambda number, alarm: alarm["alarm_id"])


def _salted_site(config, topic, alarms):
    _send_alarms(config, topic, alarms, lambda number, alarm: f"{alarm['site_id']}-{number % 8}")


def _numbered_here(config, topic, alarms):
    numbers = {one: at for at, one in enumerate(dict.fromkeys(alarm["inverter_id"] for alarm in alarms))}
    producer = ck.Producer(config)
    for alarm in alarms:
        inverter = alarm["inverter_id"]
        producer.produce(topic, key=inverter, value=json.dumps(alarm), partition=numbers[inverter] % 4)
    producer.flush()


def _alarms_not_flushed(config, topic, alarms):
    producer = ck.Producer(config)
    for alarm in alarms:
        producer.produce(topic, key=alarm["inverter_id"], value=json.dumps(alarm))


ALARM_VALUE = "A value in the topic is not the alarm as JSON: send json.dumps(alarm)."
ALARM_FLUSH = (
    "Alarms are missing: produce() only puts a record into a queue in your own process. Call flush() before your "
    "function ends, or what is still in the queue is lost."
)
ALARM_TWICE = "Alarms are in the topic more than once: send each once, by one produce()."
ALARM_NO_KEY = (
    "Alarms of one inverter lie in several partitions, and they have no key that would hold them together. Order "
    "holds within a partition only: give a record the key of what must stay in order."
)
ALARM_PRIMARY_KEY = (
    "Every alarm has a key of its own, so those of one inverter lie in several partitions. A record's key is not its "
    "primary key: it names what must stay together."
)
ALARM_SALT = (
    "Alarms of one inverter have several keys and lie in several partitions. Spreading by a number takes a hot key "
    "apart and its order too: choose a finer key, one that order does not need to cross."
)
ALARM_PER_PROCESS = (
    "Alarms of one inverter have one key and lie in several partitions: you chose the partition yourself, by "
    "something that differs from process to process, like hash() or numbers of your own. Let the key choose it."
)
ALARM_ORDER = "Alarms of one inverter lie in one partition, but not in the order of the list: send them one by one."
ALARM_ONE_KEY = (
    "All alarms lie in one partition. They are in order, and only one consumer of a group can ever read them: order "
    "is needed per inverter, not over all."
)
ALARM_HOT = (
    "More than half of the alarms lie in one partition: most inverters stand at one site, and the site is a hot key. "
    "Order is needed per inverter only: that is the finer key."
)


def _alarms(sandbox, day, inverters):
    """Some alarms of one day: (site, inverter) by chance, each inverter at least twice, none in a row of its own."""
    raised = [place for place in inverters for _ in range(sandbox.random.randint(2, 4))]
    sandbox.random.shuffle(raised)
    return [
        {
            "alarm_id": f"{day}-{number:03d}",
            "site_id": site,
            "inverter_id": inverter,
            "text": sandbox.random.choice(("string fuse", "over temperature", "grid voltage")),
        }
        for number, (site, inverter) in enumerate(raised)
    ]


def _alarms_trial(sandbox):
    counts = {"mesa": 42, "rsf": 3, "serf-east": 2, "serf-west": 1, "snowfield": 1, "thames": 1}
    inverters = [
        (site, f"{site}-inv{sandbox.random.randint(1, 9)}{number:02d}")
        for site, count in counts.items()
        for number in range(count)
    ]
    topic, config = sandbox.broker.topic("alarms", partitions=4), _producer_config(sandbox)
    days = [_alarms(sandbox, day, inverters) for day in ("mon", "tue")]
    sandbox.step(f"Your function sends the {len(days[0])} alarms of Monday.")
    sandbox.call(config=config, topic=topic, alarms=days[0])
    sandbox.step(f"Another process sends the {len(days[1])} alarms of Tuesday by it.")
    sandbox.call_alone(config=config, topic=topic, alarms=days[1])
    sandbox.step("The partitions are read.")
    records, sent = sandbox.broker.records(topic), [alarm for day in days for alarm in day]
    try:
        found = [(record, json.loads(record.value or b"")) for record in records]
    except ValueError:
        found = []
        _none(sandbox, "each value is an alarm", "value", [record.value for record in records], ALARM_VALUE)
    strange = [alarm for _, alarm in found if alarm not in sent]
    _none(sandbox, "each value is an alarm", "value", strange, ALARM_VALUE)
    seen = Counter(alarm["alarm_id"] for _, alarm in found)
    missing = [alarm["alarm_id"] for alarm in sent if alarm["alarm_id"] not in seen]
    _none(sandbox, "every alarm is there", "missing", missing, ALARM_FLUSH)
    _none(sandbox, "none is there twice", "twice", [one for one, n in seen.items() if n > 1], ALARM_TWICE)
    _judge_places(sandbox, found, sent)


def _judge_places(sandbox, found, sent):
    places: dict[str, set[int]] = {}
    for record, alarm in found:
        places.setdefault(alarm["inverter_id"], set()).add(record.partition)
    split = [
        {"inverter": inverter, "partitions": " ".join(map(str, sorted(partitions)))}
        for inverter, partitions in sorted(places.items())
        if len(partitions) > 1
    ]
    keys = {record.key for record, _ in found}
    words = ALARM_SALT
    if keys <= {None, b""}:
        words = ALARM_NO_KEY
    elif len(keys) == len(sent):
        words = ALARM_PRIMARY_KEY
    elif len({(record.key, alarm["inverter_id"]) for record, alarm in found}) == len(places):
        words = ALARM_PER_PROCESS
    sandbox.require("each inverter is in one partition", not split, words, split[:10])
    order = {alarm["alarm_id"]: number for number, alarm in enumerate(sent)}
    last: dict[str, int] = {}
    disorder = []
    for _, alarm in found:
        if last.get(alarm["inverter_id"], -1) > order[alarm["alarm_id"]]:
            disorder.append(alarm["alarm_id"])
        last[alarm["inverter_id"]] = order[alarm["alarm_id"]]
    _none(sandbox, "each inverter's alarms are in order", "after a later one", disorder, ALARM_ORDER)
    filled = Counter(record.partition for record, _ in found)
    shown = {f"partition {number}": filled[number] for number in range(4)}
    sandbox.require("more than one partition is used", len(filled) > 1, ALARM_ONE_KEY, shown)
    sandbox.require("none has more than half", max(filled.values()) * 2 <= len(sent), ALARM_HOT, shown)


ALARMS_IN_ORDER = ServiceExercise(
    id="kafka.alarms_in_order",
    title="Alarms in order",
    task=(
        "Inverters raise alarms. Send the alarms of the list to the topic, in the order of the list and each as one "
        "record: its value is the alarm as JSON. The people who read them must see the alarms of one inverter in "
        "the order in which they were raised, Monday's before Tuesday's. No partition may take more than half of "
        "all, and most of the inverters stand at one site. Your function is called twice: with Monday's alarms, and "
        "in another process with Tuesday's."
    ),
    gives={
        "config": "settings for a Producer: where the broker is",
        "topic": "the topic's name; it has 4 partitions",
        "alarms": "a list of dicts with alarm_id, site_id, inverter_id and text; about 50 inverters at 6 sites",
    },
    promises=(
        "Each alarm is in the topic once, its value is the alarm as JSON.",
        "The alarms of one inverter are in one partition, in the order of the list, over both calls.",
        "No partition has more than half of all alarms.",
    ),
    services=("kafka",),
    trial=_alarms_trial,
    hints=(
        "What has to stay in order: all alarms, those of a site, or those of an inverter?",
        "Records with the same key go to the same partition, and a partition keeps its order.",
        "Which key gives many different values, so that they spread, and still holds together what must be in order?",
        'producer.produce(topic, key=alarm["inverter_id"], value=json.dumps(alarm)), and after the loop '
        "producer.flush().",
    ),
    solutions=(alarms_in_order_key, alarms_in_order_partition),
    wrong=(
        Wrong("a topic is a queue, it is in order", _no_key, ALARM_NO_KEY),
        Wrong(
            "the parent's key, as a foreign key",
            _site_key,
            ALARM_HOT,
            right_table="each inverter's alarms are in order",
        ),
        Wrong("one key for all keeps all in order", _one_key, ALARM_ONE_KEY),
        Wrong("the primary key is the key", _primary_key, ALARM_PRIMARY_KEY),
        Wrong("a salt against the hot key", _salted_site, ALARM_SALT),
        Wrong("numbers of my own", _numbered_here, ALARM_PER_PROCESS),
        Wrong("produce() has sent it", _alarms_not_flushed, ALARM_FLUSH),
    ),
    remember=(
        "Order holds within a partition, and the key chooses the partition: the key is what must stay in order, as "
        "fine as it may be."
    ),
)


# Exercise 2: only the delivery report knows


def notes_not_taken_report(config, topic, notes):
    """A report for each record, and an error at once for what the client itself refuses."""
    refused = []
    producer = ck.Producer(config)

    def report(error, message):
        if error is not None:
            refused.append(message.key().decode())

    for note_id, body in notes.items():
        try:
            producer.produce(topic, key=note_id, value=body, on_delivery=report)
        except ck.KafkaException:
            refused.append(note_id)
    producer.flush()
    return refused


def notes_not_taken_taken(config, topic, notes):
    """The other way round: note what the broker has acknowledged; the rest was not taken."""
    taken = set()
    with ck.Producer(config) as producer:
        for note_id, body in notes.items():

            def report(error, message, note_id=note_id):
                if error is None:
                    taken.add(note_id)

            try:
                producer.produce(topic, body, note_id, on_delivery=report)
            except ck.KafkaException as error:
                print(f"{note_id}: {error}")
            producer.poll(0)
    return set(notes) - taken


def _no_exception_is_success(config, topic, notes):
    producer = ck.Producer(config)
    refused = []
    for note_id, body in notes.items():
        try:
            producer.produce(topic, key=note_id, value=body)
        except ck.KafkaException:
            refused.append(note_id)
    producer.flush()
    return refused


def _flush_is_commit(config, topic, notes):
    producer = ck.Producer(config)
    for note_id, body in notes.items():
        try:
            producer.produce(topic, key=note_id, value=body)
        except ck.KafkaException:
            continue
    return [] if producer.flush() == 0 else list(notes)


def _notes_without_flush(config, topic, notes):
    refused = []
    producer = ck.Producer(config)
    for note_id, body in notes.items():
        try:
            producer.produce(
                topic,
                key=note_id,
                value=body,
                on_delivery=lambda error, message: error and refused.append(message.key().decode()),
            )
        except ck.KafkaException:
            refused.append(note_id)
    return refused


def _acks_none(config, topic, notes):
    return notes_not_taken_report({**config, "acks": 0}, topic, notes)


def _send_all_again(config, topic, notes):
    refused = notes_not_taken_report(config, topic, notes)
    return notes_not_taken_report(config, topic, notes) if refused else refused


def _cut_to_fit(config, topic, notes):
    refused = notes_not_taken_report(config, topic, notes)
    notes_not_taken_report(config, topic, {note_id: notes[note_id][:100] for note_id in refused})
    return refused


NOTES_TOLD = (
    "Notes are neither in the topic nor in your answer. A produce() that returns says that the note waits in your "
    "own process, a flush() that returns 0 that nothing waits any more. Whether the broker took it says its delivery "
    "report: with acks left at all, and it comes only during poll() and flush()."
)
NOTES_NOTHING = "The topic is empty: your function ended while all its records were still waiting. Call flush()."
NOTES_BLAMED = (
    "You name notes that are in the topic: a report without an error means that the broker took the record."
)
NOTES_LOST = "Notes that the broker would take are not in the topic: send every note."
NOTES_TWICE = (
    "Notes are in the topic twice. The client has already tried again where that can help; send nothing again that "
    "was acknowledged, for a topic has no unique key that would refuse it."
)
NOTES_CHANGED = (
    "A record in the topic is not the note as it was given: key is the note's id, value its bytes unchanged."
)


def _notes_trial(sandbox):
    random = sandbox.random
    topic = sandbox.broker.topic("notes", max_message_bytes=str(random.randint(2_000, 3_000)))
    names = [f"note-{number:02d}" for number in random.sample(range(100), 20)]
    notes = {name: random.randbytes(random.randint(40, 400)) for name in names}
    # The client's own limit is a million bytes; the topic's is much lower, and only the broker knows it.
    notes[names[random.randint(3, 9)]] = bytes(1_100_000)
    for number in random.sample(range(14, 20), 3):
        notes[names[number]] = random.randbytes(random.randint(4_000, 9_000))
    sandbox.step(f"Your function sends {len(notes)} notes.")
    returned = sandbox.call(
        config={**_producer_config(sandbox), "batch.num.messages": 1}, topic=topic, notes=dict(notes)
    )
    named = _names(sandbox, returned, notes)
    sandbox.step("The topic is read.")
    records, until = sandbox.broker.records(topic), time.monotonic() + 2
    while not records and time.monotonic() < until:
        # With acks=0 an answer may return before the broker has looked at what it sent.
        time.sleep(0.1)
        records = sandbox.broker.records(topic)
    there = {(record.key or b"").decode(errors="replace") for record in records}
    absent = {name for name in notes if name not in there}
    words = NOTES_TOLD if there else f"{NOTES_TOLD} {NOTES_NOTHING}"
    _none(sandbox, "each note is in the topic or in your answer", "in neither", sorted(absent - named), words)
    good = {name for name, body in notes.items() if len(body) <= 400}
    _none(sandbox, "each good note is in the topic", "missing", sorted(absent & good), NOTES_LOST)
    twice = sorted(key for key, count in Counter(record.key for record in records).items() if count > 1)
    right = all(notes.get((record.key or b"").decode(errors="replace")) == record.value for record in records)
    sandbox.require("each record is a note, unchanged", right, NOTES_CHANGED)
    _none(sandbox, "no note is there twice", "twice", [key.decode() for key in twice], NOTES_TWICE)
    sandbox.expect("your answer", sorted(named), sorted(absent), NOTES_BLAMED)


def _names(sandbox, returned, notes):
    words = "Return the ids of the notes that were not taken, as a list or a set; none = an empty one."
    listed = isinstance(returned, list | tuple | set | frozenset)
    sandbox.require(
        "you return ids of notes", listed and set(map(str, returned)) <= set(notes), words, str(returned)[:200]
    )
    return set(map(str, returned))


NOTES_NOT_TAKEN = ServiceExercise(
    id="kafka.notes_not_taken",
    title="What did not arrive?",
    task=(
        "Technicians send notes from the roof, some with a photograph. Send each note to the topic: key is its id, "
        "value its bytes. Some are too large for this topic, and nobody tells you its limit. Return the ids of the "
        "notes that are not in the topic, so that the technicians can send them in another way."
    ),
    gives={
        "config": "settings for a Producer; each record travels in a batch of its own, for a batch is refused whole",
        "topic": "the topic's name",
        "notes": "a dict: a note's id -> its bytes",
    },
    promises=(
        "Every note that the broker takes is in the topic once, unchanged.",
        "What you return are the ids of the others, no more and no less: a list or a set.",
    ),
    services=("kafka",),
    trial=_notes_trial,
    hints=(
        "When produce() returns, where is the record: in the broker, or in your own process?",
        "There are two places to look: produce() raises KafkaException for what the client itself refuses, and "
        "on_delivery=... is called later with what the broker said.",
        "The report is called as report(error, message), from poll() and flush() only; error is None where it was "
        "taken.",
        "Collect message.key().decode() in the report where there is an error, and the id in `except "
        "ck.KafkaException` around produce(). Call flush() before you return.",
    ),
    solutions=(notes_not_taken_report, notes_not_taken_taken),
    wrong=(
        Wrong("no exception means success, as after INSERT", _no_exception_is_success, NOTES_TOLD),
        Wrong("flush is COMMIT", _flush_is_commit, NOTES_TOLD),
        Wrong("acks=0 is a faster INSERT", _acks_none, NOTES_TOLD),
        Wrong("reports come by themselves", _notes_without_flush, NOTES_TOLD),
        Wrong("an error: the whole batch again", _send_all_again, NOTES_TWICE, right_until="a note is refused"),
        Wrong("cut to fit", _cut_to_fit, NOTES_CHANGED),
    ),
    remember="produce() queues, flush() waits, and only the delivery report knows whether the broker has the record.",
)


# Exercise 3: offsets, and how far a group is behind


def left_to_read_consumer(config, topic, group):
    """A consumer that joins nobody: committed() and the two watermarks of each partition."""
    consumer = ck.Consumer({**config, "group.id": group})
    count = len(consumer.list_topics(topic, timeout=10).topics[topic].partitions)
    left = {}
    for place in consumer.committed([ck.TopicPartition(topic, number) for number in range(count)], timeout=10):
        low, high = consumer.get_watermark_offsets(place, timeout=10)
        left[place.partition] = high - max(low, place.offset)
    consumer.close()
    return left


def left_to_read_admin(config, topic, group):
    """The same questions to an AdminClient."""
    admin = AdminClient(config)
    places = [ck.TopicPartition(topic, number) for number in admin.list_topics(topic).topics[topic].partitions]
    asked = admin.list_consumer_group_offsets([ck.ConsumerGroupTopicPartitions(group, places)])
    committed = {one.partition: one.offset for one in asked[group].result().topic_partitions}
    low, high = (
        {place.partition: future.result().offset for place, future in found.items()}
        for found in (
            admin.list_offsets({place: OffsetSpec.earliest() for place in places}),
            admin.list_offsets({place: OffsetSpec.latest() for place in places}),
        )
    )
    return {number: high[number] - max(low[number], committed.get(number, 0)) for number in high}


def _each_place(config, topic, group, count):
    """Partition -> count(committed, low, high); None where count says so is left out."""
    consumer = ck.Consumer({**config, "group.id": group})
    numbers = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    found = {}
    for place in consumer.committed([ck.TopicPartition(topic, number) for number in numbers], timeout=10):
        found[place.partition] = count(place.offset, *consumer.get_watermark_offsets(place, timeout=10))
    consumer.close()
    return {number: left for number, left in found.items() if left is not None}


def _minus_as_it_comes(config, topic, group):
    return _each_place(config, topic, group, lambda committed, low, high: high - committed)


def _only_with_a_commit(config, topic, group):
    return _each_place(
        config, topic, group, lambda committed, low, high: high - max(low, committed) if committed >= 0 else None
    )


def _nothing_committed_nothing_left(config, topic, group):
    return _each_place(
        config, topic, group, lambda committed, low, high: high - max(low, committed) if committed >= 0 else 0
    )


def _counted_from_zero(config, topic, group):
    return _each_place(config, topic, group, lambda committed, low, high: high - max(0, committed))


def _retention_cannot_pass(config, topic, group):
    return _each_place(
        config, topic, group, lambda committed, low, high: high - (committed if committed >= 0 else low)
    )


def _read_and_counted(config, topic, group):
    consumer = ck.Consumer(
        {**config, "group.id": group, "enable.auto.commit": False, "auto.offset.reset": "earliest"}
    )
    numbers = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    places = consumer.committed([ck.TopicPartition(topic, number) for number in numbers], timeout=10)
    left = {}
    for place in places:
        _, high = consumer.get_watermark_offsets(place, timeout=10)
        consumer.assign([place])
        left[place.partition], at = 0, place.offset
        low, _ = consumer.get_watermark_offsets(place, timeout=10)
        at = max(low, at)
        while at < high:
            message = consumer.poll(10)
            left[place.partition] += 1
            at = message.offset() + 1
        consumer.commit(offsets=[ck.TopicPartition(topic, place.partition, high)], asynchronous=False)
    consumer.close()
    return left


LAG_RETURNED = "Return a dict: partition (a number) -> how many records are left to read there."
LAG_MINUS = (
    "-1001 came into your sum. It is no offset: it says that the group has committed nothing in this partition, so "
    "everything that is there is left."
)
LAG_LEFT_OUT = (
    "Partitions are missing: those in which the group has committed nothing. They have no offset to join with, and "
    "all that is there is left."
)
LAG_ZERO = (
    "Where the group has committed nothing you say that nothing is left. It has read nothing there: everything "
    "between the first record and the end is left."
)
LAG_FROM_ZERO = (
    "You count from offset 0 where the group has committed nothing. Retention has deleted the oldest records: a "
    "partition begins at its low watermark."
)
LAG_PASSED = (
    "The group stands before the first record that is still there: retention has passed it. What was deleted is "
    "lost to it, not left; count from the low watermark on."
)
LAG_MOVED = (
    "The numbers are right, but the group stands elsewhere now: you read and committed in its name, and its "
    "consumers will never see what you counted. Ask for offsets, read nothing."
)
LAG_WRONG = "The number of records left is not right: it is the end minus the group's committed offset."


def _lag_trial(sandbox):
    random = sandbox.random
    # kind -> (records, first offset that is still there, committed)
    kinds = {
        "in the middle": (random.randint(18, 30), 0, random.randint(4, 12)),
        "at the end": (12, random.randint(0, 5), 12),
        "never read": (random.randint(14, 20), random.randint(3, 8), None),
        "passed by retention": (random.randint(15, 20), 9, random.randint(2, 6)),
        "empty": (0, 0, None),
    }
    numbers = dict(zip(kinds, random.sample(range(len(kinds)), len(kinds)), strict=True))
    topic, group = sandbox.broker.topic("readings", partitions=len(kinds)), sandbox.broker.group()
    sandbox.step("A group has read a part of a topic, and retention has deleted a part of it.")
    admin = _scene_of_lag(sandbox, topic, group, {numbers[kind]: one for kind, one in kinds.items()})
    before = sandbox.broker.committed(group, topic)
    sandbox.step("Your function says how much is left.")
    found = _by_partition(sandbox, sandbox.call(config=sandbox.broker.config, topic=topic, group=group))
    expected = {numbers[kind]: count - max(low, at or 0) for kind, (count, low, at) in kinds.items()}
    never, passed = numbers["never read"], numbers["passed by retention"]
    words = LAG_WRONG
    if expected.keys() - found.keys():
        words = LAG_LEFT_OUT
    elif found[never] > 1000:
        words = LAG_MINUS
    elif found[never] == 0:
        words = LAG_ZERO
    elif found[never] == kinds["never read"][0]:
        words = LAG_FROM_ZERO
    elif found[passed] == kinds["passed by retention"][0] - (kinds["passed by retention"][2] or 0):
        words = LAG_PASSED
    sandbox.expect("what is left to read", dict(sorted(found.items())), dict(sorted(expected.items())), words)
    sandbox.expect("where the group stands", sandbox.broker.committed(group, topic), before, LAG_MOVED)
    del admin


def _scene_of_lag(sandbox, topic, group, places):
    """places: partition -> (records, first offset, committed or None). Returns what must live as long."""
    producer, admin = ck.Producer(sandbox.broker.config), AdminClient(sandbox.broker.config)
    for number, (count, _, _) in places.items():
        for at in range(count):
            producer.produce(topic, f"reading {at}", partition=number)
    producer.flush(WAIT)
    _trim(admin, [ck.TopicPartition(topic, number, low) for number, (_, low, _) in places.items() if low])
    stands = [ck.TopicPartition(topic, number, at) for number, (_, _, at) in places.items() if at is not None]
    admin.alter_consumer_group_offsets([ck.ConsumerGroupTopicPartitions(group, stands)])[group].result(WAIT)
    return admin


def _by_partition(sandbox, returned):
    fits = isinstance(returned, dict) and all(
        isinstance(number, int) and isinstance(left, int) for number, left in returned.items()
    )
    sandbox.require("you return numbers by partition", fits, LAG_RETURNED, str(returned)[:200])
    return dict(returned)


LEFT_TO_READ = ServiceExercise(
    id="kafka.left_to_read",
    title="How far behind is the group?",
    task=(
        "The people of billing ask how much their consumer group has still to read. Return, for every partition of "
        "the topic, how many records are left for it. Where the group has committed nothing, it will begin with the "
        "first record that is there. Only look: what you do must not move the group."
    ),
    gives={
        "config": "settings for a client: where the broker is",
        "topic": "the topic's name",
        "group": "the name of the consumer group",
    },
    promises=(
        "You return a dict with every partition's number -> how many records that are there now the group has not "
        "read.",
        "The group's committed offsets are what they were before.",
    ),
    services=("kafka",),
    trial=_lag_trial,
    hints=(
        "Which two or three numbers of a partition do you need, and who knows them?",
        "consumer.committed([ck.TopicPartition(topic, n), ...]) answers for the group in the consumer's group.id, "
        "without joining it. get_watermark_offsets gives the first offset and the one after the last.",
        "What does committed() say for a partition in which nothing was committed? And may retention delete what a "
        "group has not read yet?",
        "high - max(low, committed): where nothing was committed, committed is negative and low wins.",
    ),
    solutions=(left_to_read_consumer, left_to_read_admin),
    wrong=(
        Wrong("end minus what committed() says", _minus_as_it_comes, LAG_MINUS),
        Wrong("an inner join with the commits", _only_with_a_commit, LAG_LEFT_OUT),
        Wrong("no commit, no lag", _nothing_committed_nothing_left, LAG_ZERO),
        Wrong("offsets begin at 0", _counted_from_zero, LAG_FROM_ZERO),
        Wrong("what was not read is still there", _retention_cannot_pass, LAG_PASSED),
        Wrong("SELECT count(*) by reading", _read_and_counted, LAG_MOVED, right_table="what is left to read"),
    ),
    remember=(
        "Lag is the end minus the later one of two: where the group stands, and where the partition begins. Asking "
        "moves nothing, reading in a group's name does."
    ),
)


# Exercise 4: work, then commit


def handle_each_reading_one(config, topic, group, end, work):
    """Work on one reading, then commit it, and wait for the commit."""
    consumer = ck.Consumer({**config, "group.id": group, "enable.auto.commit": False})
    consumer.subscribe([topic])
    at = 0
    while at < end:
        message = consumer.poll(1)
        if message is None:
            continue
        work(message.value().decode())
        at = message.offset() + 1
        consumer.commit(message, asynchronous=False)
    consumer.close()


def handle_each_reading_batch(config, topic, group, end, work):
    """Four readings for one commit: a quarter of the requests, and up to four readings again after a kill."""
    with ck.Consumer({**config, "group.id": group, "enable.auto.commit": False}) as consumer:
        consumer.subscribe([topic])
        done = False
        while not done:
            batch = consumer.consume(4, timeout=0.2)
            for message in batch:
                work(message.value().decode())
            if batch:
                after = batch[-1].offset() + 1
                consumer.commit(offsets=[ck.TopicPartition(topic, 0, after)], asynchronous=False)
                done = after >= end


def _handle(settings, topic, end, work, before, after):
    """A loop over the topic: before(consumer, message), the work, after(consumer, message)."""
    consumer = ck.Consumer(settings)
    consumer.subscribe([topic])
    at = 0
    while at < end:
        message = consumer.poll(1)
        if message is None:
            continue
        before(consumer, message)
        work(message.value().decode())
        at = message.offset() + 1
        after(consumer, message)
    consumer.close()


def _nothing(consumer, message):
    """Leave it."""


def _commit(consumer, message):
    consumer.commit(message, asynchronous=False)


def _taken_is_done(config, topic, group, end, work):
    settings = {**config, "group.id": group, "enable.auto.commit": False}
    _handle(settings, topic, end, work, _commit, _nothing)


def _commit_at_the_end(config, topic, group, end, work):
    def last(consumer, message):
        if message.offset() + 1 == end:
            _commit(consumer, message)

    _handle({**config, "group.id": group, "enable.auto.commit": False}, topic, end, work, _nothing, last)


def _automatic(config, topic, group, end, work):
    _handle({**config, "group.id": group}, topic, end, work, _nothing, _nothing)


def _group_of_its_own(config, topic, group, end, work):
    settings = {**config, "group.id": f"{group}-{uuid.uuid4().hex[:6]}", "enable.auto.commit": False}
    _handle(settings, topic, end, work, _nothing, _commit)


def _commit_this_one(config, topic, group, end, work):
    def this(consumer, message):
        consumer.commit(offsets=[ck.TopicPartition(topic, message.partition(), message.offset())], asynchronous=False)

    _handle({**config, "group.id": group, "enable.auto.commit": False}, topic, end, work, _nothing, this)


def _empty_is_the_end(config, topic, group, end, work):
    consumer = ck.Consumer({**config, "group.id": group, "enable.auto.commit": False})
    consumer.subscribe([topic])
    while (message := consumer.poll(0)) is not None:
        work(message.value().decode())
        consumer.commit(message, asynchronous=False)
    consumer.close()


WORK_ENDED = (
    "Your function ended before it came to the end. poll() that returns None is no end of data: the group may still "
    "be giving out its partitions. Go on until the offset in `end`."
)
WORK_LOST = (
    "Readings were never worked on: they were committed before their work was done, and the kill came in between. "
    "Work first, commit afterwards."
)
WORK_NEVER = (
    "Everything is read from the start again after a kill: the group has no committed offset at all. Commit, and to "
    "the group that you were given."
)
WORK_LATE = (
    "Too many readings were worked on twice after a kill. What you commit at the end, or leave to the automatic "
    "commit every five seconds, is not there when the machine dies: commit after each reading, or every few, with "
    "asynchronous=False."
)
WORK_ORDER = "The readings were not worked on in the order of the topic."
WORK_THIS = (
    "At the end the group stands at the last reading, not after it: what you commit is the offset to read next, the "
    "message's own plus 1. commit(message) does that for you."
)
WORK_STANDS = "At the end the group does not stand at the end of the topic: commit the last reading, too."


def _readings(site, first, count):
    """Genuine readings of a site as JSON texts, from the `first` of its day on."""
    rows = [row for row in usual()["readings"].to_pylist() if row["site_id"] == site][first : first + count]
    return [
        json.dumps(
            {
                "site_id": site,
                "event_time": row["event_time"].strftime("%Y-%m-%d %H:%M"),
                "watt": None if row["kw"] is None else int(row["kw"] * 1000),
            }
        )
        for row in rows
    ]


def _taking_time(work):
    """Work that takes ten milliseconds, as work does: a commit that is on its way meanwhile arrives."""

    def takes_time(text):
        time.sleep(0.01)
        work(text)

    return takes_time


def _work_trial(sandbox):
    sent = _readings("rsf", sandbox.random.randint(20, 60), 30)
    topic, group = sandbox.broker.topic("readings"), sandbox.broker.group()
    sandbox.broker.send(topic, [(b"rsf", text.encode()) for text in sent])
    given = {"config": _consumer_config(sandbox), "topic": topic, "group": group, "end": len(sent)}
    first, second = sandbox.random.randint(11, 14), sandbox.random.randint(24, 26)
    sandbox.step(f"Your function is killed before the work on reading {first} is done.")
    work = sandbox.work(kill_at=first, noted=False)
    ended = sandbox.call_alone(**given, work=_taking_time(work))
    sandbox.require("the first kill", ended.killed, WORK_ENDED, {"readings worked on": len(work.done)})
    sandbox.step("It is started again, and killed when the work on a later reading is done.")
    ended = sandbox.call_alone(**given, work=_taking_time(sandbox.work(kill_at=second)))
    sandbox.require("the second kill", ended.killed, WORK_ENDED, {"readings worked on": len(work.done)})
    sandbox.step("It is started once more.")
    sandbox.call_alone(**given, work=_taking_time(sandbox.work()))
    stands = sandbox.broker.committed(group, topic)
    done = list(dict.fromkeys(work.done))
    lost = [text for text in sent if text not in done]
    tail = lost == sent[len(sent) - len(lost) :]
    _none(sandbox, "every reading was worked on", "never", lost, WORK_ENDED if tail else WORK_LOST)
    again = len(work.done) - len(done)
    words = WORK_LATE if stands else WORK_NEVER
    sandbox.require("few were worked on twice", again <= 10, words, {"worked on again": again, "allowed": 10})
    sandbox.expect("the order of the work", done, sent, WORK_ORDER)
    words = WORK_THIS if stands == {0: len(sent) - 1} else WORK_STANDS
    sandbox.expect("where the group stands", stands, {0: len(sent)}, words)


HANDLE_EACH_READING = ServiceExercise(
    id="kafka.handle_each_reading",
    title="Killed in the middle",
    task=(
        "Read the topic as a member of the group and call work(text) for each reading, text being the record's "
        "value. Go on where the group stands, and end when you have worked on the record before offset `end`. Your "
        "function runs in a process of its own, which is killed twice in the middle and started again: no reading "
        "may be left out, and at most 5 may be worked on again for each kill."
    ),
    gives={
        "config": "settings for a Consumer; it begins with the first record where the group has committed nothing",
        "topic": "the topic's name; it has one partition",
        "group": "the name of your group",
        "end": "the offset at which to end: that of the last record, plus 1",
        "work": "work(text): does the work for one reading; a kill may come in the middle of it",
    },
    promises=(
        "Every reading is worked on, in the order of the topic.",
        "At most 5 readings are worked on again for each kill.",
        "At the end, the group's committed offset is `end`.",
    ),
    services=("kafka",),
    trial=_work_trial,
    hints=(
        "Between the work on a reading and its commit the machine may die. Which of the two should come first, if "
        "none may be lost?",
        'Turn the automatic commit off: {**config, "group.id": group, "enable.auto.commit": False}. It knows which '
        "records you were given, not which you have worked on.",
        "commit() returns before it has happened, unless you say asynchronous=False.",
        "subscribe, then loop: poll(1), go on if it is None, work(message.value().decode()), "
        "consumer.commit(message, asynchronous=False), and leave when message.offset() + 1 == end. Then close().",
    ),
    solutions=(handle_each_reading_one, handle_each_reading_batch),
    wrong=(
        Wrong("taken from the queue is done", _taken_is_done, WORK_LOST, right_until="it is killed between the two"),
        Wrong("one commit for the whole run", _commit_at_the_end, WORK_LATE),
        Wrong("the default commits for me", _automatic, WORK_LATE),
        Wrong("a new group for each start", _group_of_its_own, WORK_NEVER),
        Wrong("commit the offset that was read", _commit_this_one, WORK_THIS),
        Wrong("no row returned means no more rows", _empty_is_the_end, WORK_ENDED),
    ),
    remember=(
        "Commit before the work loses, commit after the work repeats: choose to repeat, and make repeating harmless. "
        "The committed offset is the one to read next."
    ),
)


# Exercise 5: a topic that keeps the last record of each key


def publish_status_changes_none(config, topic, changes):
    """None as value is the tombstone: the record that says that the key is gone."""
    producer = ck.Producer(config)
    for change in changes:
        producer.produce(topic, key=change["asset_id"], value=change["status"])
    producer.flush()


def publish_status_changes_bytes(config, topic, changes):
    """The same with bytes, spelled out."""
    with ck.Producer(config) as producer:
        for change in changes:
            key = change["asset_id"].encode()
            if change["status"] is None:
                producer.produce(topic, key=key)
            else:
                producer.produce(topic, change["status"].encode(), key)


def _send_changes(config, topic, records):
    producer = ck.Producer(config)
    for key, value in records:
        producer.produce(topic, key=key, value=value)
    producer.flush()


def _empty_value(config, topic, changes):
    _send_changes(config, topic, [(one["asset_id"], one["status"] or "") for one in changes])


def _null_as_text(config, topic, changes):
    _send_changes(config, topic, [(one["asset_id"], str(one["status"])) for one in changes])


def _no_record_for_a_delete(config, topic, changes):
    _send_changes(config, topic, [(one["asset_id"], one["status"]) for one in changes if one["status"]])


def _only_the_last(config, topic, changes):
    last = {one["asset_id"]: one["status"] for one in changes}
    _send_changes(config, topic, list(last.items()))


def _a_key_per_change(config, topic, changes):
    records = [(f"{one['asset_id']}/{number}", one["status"]) for number, one in enumerate(changes)]
    _send_changes(config, topic, records)


def _key_in_the_value(config, topic, changes):
    _send_changes(config, topic, [(None, json.dumps(one)) for one in changes])


STATUS_NOTHING = (
    "Nothing of yours is in the topic. A compacted topic refuses a record without a key, and only the delivery "
    "report would have told you; or the function ended before flush()."
)
STATUS_NO_DELETE = (
    "The removals are not in the topic. Not writing is no DELETE: the cleaner keeps the last record that it has of "
    "the asset. Send a record that says it is gone."
)
STATUS_COLLAPSED = (
    "Changes are missing from the topic. To leave the last one of each key is the cleaner's business, later; whoever "
    "follows the topic now wants to see every change."
)
STATUS_MORE = "There are more records in the topic than changes: send each change as one record."
STATUS_EMPTY = (
    "A removed asset is still there, with an empty value. An empty text is a value, as in every database but Oracle: "
    "the cleaner takes a key away where the value is None."
)
STATUS_TEXT = (
    "A removed asset is still there, with a text as its status. 'None' and 'null' are texts like any other: the "
    "cleaner takes a key away where the record has no value at all."
)
STATUS_KEYS = (
    "The cleaner kept records with keys that are no asset's id: it keeps the last of each key, so the key has to be "
    "the asset's id alone."
)
STATUS_VALUES = "The cleaner kept another status than the last one: send the changes in their order, value = status."


def _status_trial(sandbox):
    random = sandbox.random
    before = {f"asset-{number:02d}": "running" for number in range(10)}
    changes = _changes(random, before)
    settings = {"cleanup_policy": "compact", "delete_retention_ms": "0", "min_cleanable_dirty_ratio": "0.001"}
    topic = sandbox.broker.topic("status", **settings)
    sandbox.broker.send(topic, [(key.encode(), value.encode()) for key, value in before.items()])
    sandbox.step(f"The topic knows {len(before)} assets; your function publishes {len(changes)} changes.")
    sandbox.call(config=_producer_config(sandbox), topic=topic, changes=changes)
    count = len(sandbox.broker.records(topic)) - len(before)
    removals = sum(change["status"] is None for change in changes)
    words = STATUS_COLLAPSED
    if count <= 0:
        words = STATUS_NOTHING
    elif count == len(changes) - removals:
        words = STATUS_NO_DELETE
    elif count > len(changes):
        words = STATUS_MORE
    sandbox.expect("records that you sent", count, len(changes), words)
    sandbox.step("The broker's cleaner runs.")
    kept = _after_the_cleaner(sandbox, topic)
    expected = dict(before)
    for change in changes:
        expected[change["asset_id"]] = change["status"]
    expected = {key: value for key, value in sorted(expected.items()) if value is not None}
    _judge_kept(sandbox, {key: value for key, value in kept if value is not None}, expected, set(before))


def _judge_kept(sandbox, kept, expected, known):
    found = {
        (key or b"").decode(errors="replace"): value.decode(errors="replace") for key, value in sorted(kept.items())
    }
    gone = {key: value for key, value in found.items() if key not in expected}
    words = STATUS_VALUES
    if any(key not in known and not key.startswith("asset-new") for key in gone) or any("/" in key for key in gone):
        words = STATUS_KEYS
    elif gone:
        values = {value.lower().strip(' "') for value in gone.values()}
        words = STATUS_EMPTY if values == {""} else STATUS_TEXT if values & {"none", "null"} else STATUS_VALUES
    sandbox.expect("what the broker keeps", found, expected, words)


def _changes(random, before):
    """Some 30 changes: an asset removed after changes, one without, one that came back, one new."""
    ids = random.sample(sorted(before), len(before))
    moving = [*ids[:6], "asset-new-1", "asset-new-2"]
    steps = [(one, random.choice(("stopped", "in repair", "running"))) for one in moving for _ in range(3)]
    random.shuffle(steps)
    last = [(ids[0], None), (ids[6], None), (ids[1], None), (ids[1], "running"), ("asset-new-2", None)]
    return [{"asset_id": asset, "status": status} for asset, status in [*steps, *last]]


def _after_the_cleaner(sandbox, topic):
    """(key, value) of what is left. The cleaner leaves the newest segment alone: a record of ours begins another."""
    admin = AdminClient(sandbox.broker.config)
    entry = ConfigEntry("segment.ms", "10", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    for future in admin.incremental_alter_configs([resource]).values():
        future.result(WAIT)
    sandbox.broker.send(topic, [(b"end", b"")])
    until = time.monotonic() + 25
    while time.monotonic() < until:
        kept = [(record.key, record.value) for record in sandbox.broker.records(topic)]
        if max(Counter(key for key, _ in kept).values()) == 1:
            return [(key, value) for key, value in kept if key != b"end"]
        time.sleep(0.1)
    raise RuntimeError("the broker's cleaner did not run")


PUBLISH_STATUS_CHANGES = ServiceExercise(
    id="kafka.publish_status_changes",
    title="A topic as a table",
    task=(
        "A compacted topic holds the status of every asset: key is the asset's id, value its status. The map on the "
        "wall follows the topic and shows each change; a new screen reads it from the beginning. Publish the "
        "changes, all of them and in their order. A status of None means that the asset was taken down: once the "
        "broker's cleaner has run, nothing with a value may be left of it."
    ),
    gives={
        "config": "settings for a Producer",
        "topic": "the topic's name; it has one partition, cleanup.policy=compact, and some assets' status",
        "changes": "a list of dicts with asset_id and status, a text or None",
    },
    promises=(
        "Right after your call the topic has one more record for each change.",
        "When the cleaner has run, it has the last status of every asset that is not taken down, by its id.",
        "Of an asset that is taken down it has no value any more.",
    ),
    services=("kafka",),
    trial=_status_trial,
    hints=(
        "The cleaner keeps the last record of each key. How can a last record say that there is nothing?",
        "A record without a value is called a tombstone: key, and None as value. An empty text is not the same.",
        "produce(topic, key=..., value=None) sends a tombstone. Every change is sent, also those that the next one "
        "makes obsolete.",
        'For each change producer.produce(topic, key=change["asset_id"], value=change["status"]), then flush().',
    ),
    solutions=(publish_status_changes_none, publish_status_changes_bytes),
    wrong=(
        Wrong("empty text is NULL, as in Oracle", _empty_value, STATUS_EMPTY),
        Wrong("NULL as a text", _null_as_text, STATUS_TEXT),
        Wrong("a removed row is one that is not written", _no_record_for_a_delete, STATUS_NO_DELETE),
        Wrong("only the final state counts", _only_the_last, STATUS_COLLAPSED, right_until="the cleaner comes"),
        Wrong("a key for each version", _a_key_per_change, STATUS_KEYS),
        Wrong("the key is in the value already", _key_in_the_value, STATUS_NOTHING),
    ),
    remember=(
        "Compaction keeps the last record of each key, some time after it was written; None as value is the DELETE. "
        "Readers see every change until then, so they must not mind either way."
    ),
)


# Boss fight: offsets and rows in one transaction


def replay_into_a_table_transaction(config, topic, ends, connect):
    """A row and the place to go on from are committed together, reading by reading."""
    db = connect()
    places = dict.fromkeys(ends, 0) | dict(db.execute("SELECT partition, next_offset FROM places"))
    consumer = ck.Consumer({**config, "group.id": "replay", "enable.auto.commit": False})
    consumer.assign([ck.TopicPartition(topic, number, at) for number, at in places.items() if at < ends[number]])
    while any(places[number] < end for number, end in ends.items()):
        message = consumer.poll(1)
        if message is None or message.offset() >= ends[message.partition()]:
            continue
        places[message.partition()] = message.offset() + 1
        with db:
            db.execute(
                "INSERT INTO readings VALUES (:site_id, :event_time, :watt, 0) ON CONFLICT (site_id, event_time) "
                "DO UPDATE SET watt = excluded.watt, changes = changes + 1",
                json.loads(message.value()),
            )
            db.execute("INSERT OR REPLACE INTO places VALUES (?, ?)", (message.partition(), message.offset() + 1))
    consumer.close()
    db.close()


def replay_into_a_table_batches(config, topic, ends, connect):
    """Partition by partition, ten records for one transaction, an UPDATE before an INSERT."""
    db = connect()
    for number, end in ends.items():
        stored = db.execute("SELECT next_offset FROM places WHERE partition = ?", (number,)).fetchone()
        at = stored[0] if stored else 0
        with ck.Consumer({**config, "group.id": "replay", "enable.auto.commit": False}) as consumer:
            consumer.assign([ck.TopicPartition(topic, number, at)])
            while at < end:
                for message in consumer.consume(min(10, end - at), timeout=0.5):
                    row = json.loads(message.value())
                    where = (row["site_id"], row["event_time"])
                    changed = db.execute(
                        "UPDATE readings SET watt = ?, changes = changes + 1 WHERE site_id = ? AND event_time = ?",
                        (row["watt"], *where),
                    )
                    if not changed.rowcount:
                        db.execute("INSERT INTO readings VALUES (?, ?, ?, 0)", (*where, row["watt"]))
                    at = message.offset() + 1
                db.execute("DELETE FROM places WHERE partition = ?", (number,))
                db.execute("INSERT INTO places VALUES (?, ?)", (number, at))
                db.commit()
    db.close()


UPSERT = (
    "INSERT INTO readings VALUES (:site_id, :event_time, :watt, 0) ON CONFLICT (site_id, event_time) "
    "DO UPDATE SET watt = excluded.watt, changes = changes + 1"
)


def _replay_by_commit(config, topic, ends, connect, save, first="table"):
    """By the group's committed offsets, with a commit in the table and one in Kafka for each record, one first."""
    db = connect()
    consumer = ck.Consumer({**config, "group.id": f"replay-{topic}", "enable.auto.commit": False})
    stands = consumer.committed([ck.TopicPartition(topic, number) for number in ends], timeout=10)
    places = {one.partition: max(0, one.offset) for one in stands}
    consumer.assign([ck.TopicPartition(topic, number, at) for number, at in places.items() if at < ends[number]])
    while any(places[number] < end for number, end in ends.items()):
        message = consumer.poll(1)
        if message is None or message.offset() >= ends[message.partition()]:
            continue
        places[message.partition()] = message.offset() + 1
        if first == "kafka":
            consumer.commit(message, asynchronous=False)
        save(db, json.loads(message.value()))
        db.commit()
        if first == "table":
            consumer.commit(message, asynchronous=False)
    consumer.close()
    db.close()


def _upsert(db, row):
    db.execute(UPSERT, row)


def _kafka_first(config, topic, ends, connect):
    _replay_by_commit(config, topic, ends, connect, _upsert, first="kafka")


def _table_first(config, topic, ends, connect):
    _replay_by_commit(config, topic, ends, connect, _upsert)


def _do_nothing(config, topic, ends, connect):
    def save(db, row):
        db.execute("INSERT INTO readings VALUES (:site_id, :event_time, :watt, 0) ON CONFLICT DO NOTHING", row)

    _replay_by_commit(config, topic, ends, connect, save)


def _newer_than_the_newest(config, topic, ends, connect):
    def save(db, row):
        newest = "SELECT coalesce(max(event_time), '') FROM readings WHERE site_id = :site_id"
        if row["event_time"] > db.execute(newest, row).fetchone()[0]:
            db.execute(UPSERT, row)

    _replay_by_commit(config, topic, ends, connect, save)


def _insert_or_replace(config, topic, ends, connect):
    def save(db, row):
        db.execute("INSERT OR REPLACE INTO readings VALUES (:site_id, :event_time, :watt, 0)", row)

    _replay_by_commit(config, topic, ends, connect, save)


def _truncate_and_load(config, topic, ends, connect):
    db = connect()
    consumer = ck.Consumer({**config, "group.id": "replay", "enable.auto.commit": False})
    lows = {n: consumer.get_watermark_offsets(ck.TopicPartition(topic, n), timeout=10)[0] for n in ends}
    consumer.assign([ck.TopicPartition(topic, number, low) for number, low in lows.items() if low < ends[number]])
    with db:
        db.execute("DELETE FROM readings")
        for _ in range(sum(end - lows[number] for number, end in ends.items())):
            db.execute(UPSERT, json.loads(consumer.poll(10).value()))
    consumer.close()
    db.close()


BOSS_NOTHING = "The table is empty: commit your rows on the connection that connect() gave you."
BOSS_LOST = (
    "Readings are missing in the table: the place to go on from was saved before they were, and the kill came in "
    "between. Save both in one transaction, the table's."
)
BOSS_STALE = (
    "A correction is missing: a later record with the same site and time was thrown away. That a key is in the table "
    "does not say that this record was read: only its offset does."
)
BOSS_REPLACED = (
    "A corrected reading has lost its count of changes: INSERT OR REPLACE deletes the row and begins anew. Update "
    "the row that is there: ON CONFLICT ... DO UPDATE."
)
BOSS_TWICE = (
    "A record was counted twice: its row was committed, then came the kill, and its offset was not saved yet. Two "
    "commits in two systems always leave such a gap: save the offset in the same transaction as the row."
)
BOSS_RELOADED = (
    "Retention deleted what you had read already, and now it is gone from the table as well: you load everything "
    "anew with each start. A topic is not an archive: go on from where you were."
)
BOSS_ENDED = (
    "The last readings are not in the table: your function ended before it had read every partition to its offset in "
    "`ends`. A poll() that returns None is no end."
)
BOSS_STRANGE = "There are rows in the table that no record speaks of."


def _connect(path, kill):
    """What the answer calls for its connection; kill: event -> at which time of it the process is killed.

    Events: write = before a row of readings is written, after = before the statement that follows such a write,
    commit = before a COMMIT of such rows, committed = after it. All in one function, so that another process can
    make it without this file.
    """

    def connect():
        import os
        import signal
        import sqlite3

        counts = {"write": 0, "after": 0, "commit": 0, "committed": 0}

        def happens(event):
            counts[event] += 1
            if counts[event] == kill.get(event):
                os.kill(os.getpid(), signal.SIGKILL)

        def traced(statement):
            text = statement.lower().split()
            if counts["after"] < counts["write"]:
                happens("after")
            if text[:1] and text[0] in ("insert", "update", "replace", "with") and "readings" in statement.lower():
                happens("write")
            elif text[:1] and text[0].rstrip(";") in ("commit", "end") and counts["write"]:
                happens("commit")

        class Connection(sqlite3.Connection):
            def commit(self):
                saves = self.in_transaction and counts["write"]
                super().commit()
                if saves:
                    happens("committed")

            def __exit__(self, *raised):
                saves = self.in_transaction and counts["write"] and raised[0] is None
                result = super().__exit__(*raised)
                if saves:
                    happens("committed")
                return result

            def execute(self, sql, *given):
                result = super().execute(sql, *given)
                if sql.strip().lower().startswith("commit") and counts["write"]:
                    happens("committed")
                return result

        db = sqlite3.connect(path, factory=Connection)
        db.set_trace_callback(traced)
        return db

    return connect


SCHEMA = """
CREATE TABLE readings (
    site_id TEXT, event_time TEXT, watt INTEGER, changes INTEGER, PRIMARY KEY (site_id, event_time)
);
CREATE TABLE places (partition INTEGER PRIMARY KEY, next_offset INTEGER);
"""


def _replay_records(sandbox, first):
    """Two plants take turns; a reading may be sent again later with another value: (key, text)."""
    random, sites = sandbox.random, ("rsf", "snowfield")
    lines = {site: _readings(site, first, 18) for site in sites}
    texts = [text for pair in zip(*lines.values(), strict=True) for text in pair]
    # Not the first of a plant: what a kill takes away at the beginning has to be missed.
    for text in random.sample(texts[4:-6], 8):
        row = json.loads(text)
        for at in sorted(random.sample(range(texts.index(text) + 1, len(texts)), random.randint(1, 2))):
            texts.insert(at, json.dumps({**row, "watt": (row["watt"] or 0) + random.randint(1, 900)}))
    return [(json.loads(text)["site_id"].encode(), text.encode()) for text in texts]


def _boss_trial(sandbox):
    topic, path = sandbox.broker.topic("readings", partitions=3), str(sandbox.folder / "peak.db")
    database = _connect(path, {})()
    database.executescript(SCHEMA)
    config, start = _consumer_config(sandbox), sandbox.random.randint(24, 40)
    records = _replay_records(sandbox, start)
    sandbox.broker.send(topic, records)
    ends = _ends(sandbox, topic, {0: 0, 1: 0, 2: 0})
    kills = (
        ("killed before its first COMMIT", {"commit": 1, "write": 25}),
        ("killed when it has written a row", {"after": sandbox.random.randint(12, 18)}),
        ("killed right after a COMMIT", {"committed": 1}),
        ("left alone", {}),
    )
    for words, kill in kills:
        sandbox.step(f"Your function is started, and {words}.")
        given = {"config": config, "topic": topic, "ends": dict(ends), "connect": _connect(path, kill)}
        sandbox.call_alone(**given)
    _judge_table(sandbox, "the table after three kills", database, records, BOSS_LOST)
    admin = AdminClient(sandbox.broker.config)
    _trim(admin, [ck.TopicPartition(topic, number, end) for number, end in ends.items() if end])
    more = _replay_records(sandbox, start + 18)
    sandbox.broker.send(topic, more)
    ends = _ends(sandbox, topic, ends)
    more_to_come = ("Retention has deleted what was read, and more readings came.", "There is nothing new.")
    for what, words in zip(("the table after retention", "the table as it was"), more_to_come, strict=True):
        sandbox.step(words)
        given = {"config": config, "topic": topic, "ends": dict(ends), "connect": _connect(path, {})}
        sandbox.call_alone(**given)
        _judge_table(sandbox, what, database, [*records, *more], BOSS_RELOADED)
    database.close()


def _ends(sandbox, topic, before):
    """Partition -> the offset after its last record; before: the same from earlier, for what is gone since."""
    return before | {record.partition: record.offset + 1 for record in sandbox.broker.records(topic)}


def _judge_table(sandbox, what, database, records, missing_words):
    expected: dict[tuple[str, str], tuple[int | None, int]] = {}
    for _, value in records:
        row = json.loads(value)
        key = (row["site_id"], row["event_time"])
        expected[key] = (row["watt"], expected[key][1] + 1 if key in expected else 0)
    found = {
        (site, at): (watt, changes)
        for site, at, watt, changes in database.execute("SELECT site_id, event_time, watt, changes FROM readings")
    }
    missing = [key for key in expected if key not in found]
    strange = [key for key in found if key not in expected]
    wrong = sorted(key for key in expected.keys() & found.keys() if found[key] != expected[key])
    words = BOSS_TWICE
    if not found:
        words = BOSS_NOTHING
    elif missing:
        words = BOSS_ENDED if set(missing) == _last(expected, missing) else missing_words
    elif strange:
        words = BOSS_STRANGE
    elif any(found[key][0] != expected[key][0] for key in wrong):
        words = BOSS_STALE
    elif any(found[key][1] < expected[key][1] for key in wrong):
        words = BOSS_REPLACED
    shown = (missing or strange or wrong)[:6]
    sandbox.expect(what, _rows(found, shown), _rows(expected, shown), words)


def _rows(table, keys):
    """These rows of a table, for people."""
    names = ("site_id", "event_time", "watt", "changes")
    return [dict(zip(names, (*key, *table[key]), strict=True)) for key in keys if key in table]


def _last(expected, missing):
    """Of each site as many keys as are missing there, from its last one backwards."""
    keys = list(expected)
    counts = Counter(site for site, _ in missing)
    return {key for site, count in counts.items() for key in [key for key in keys if key[0] == site][-count:]}


REPLAY_INTO_A_TABLE = ServiceExercise(
    id="kafka.replay_into_a_table",
    title="Boss fight: nothing lost, nothing twice",
    task=(
        "PEAK's auditors want a table of what two plants measured, and how often each value was changed afterwards. "
        "Every record is a reading as JSON: site_id, event_time, watt. The first for a site and time makes a row "
        "with changes = 0; each later one for the same site and time sets watt and adds 1 to changes. Read every "
        "partition from where you were to its offset in `ends`, save the rows, and return. Your process is killed "
        "at the worst moments and started again; retention deletes what you have read; and at times there is "
        "nothing new. The table places is yours, to use it as you like."
    ),
    gives={
        "config": "settings for a Consumer",
        "topic": "the topic's name; its records have the site as key",
        "ends": "a dict: each partition's number -> the offset at which to stop, that of its last record plus 1",
        "connect": (
            "connect(): an sqlite3 connection to a database with the tables readings (site_id, event_time, watt, "
            "changes; primary key site_id, event_time) and places (partition, next_offset; primary key partition)"
        ),
    },
    promises=(
        "After every complete run, readings has one row for each site and time that the topic ever spoke of.",
        "Its watt is that of the last record for it, its changes the number of records for it less one, whatever was "
        "killed before.",
        "What retention has deleted since you read it stays in the table.",
        "A run with nothing new ends and changes nothing.",
    ),
    services=("kafka",),
    trial=_boss_trial,
    hints=(
        "Which two things must be saved together, so that no kill comes between them?",
        "Kafka need not keep your offsets: places can, in the same transaction as the rows. Then assign() the "
        "partitions at the offsets that you find there, with no group that you subscribe to.",
        "with db: is one transaction in Python's sqlite3: it commits at its end, or rolls back where an error comes.",
        "INSERT ... ON CONFLICT (site_id, event_time) DO UPDATE SET watt = excluded.watt, changes = changes + 1, "
        "then INSERT OR REPLACE INTO places, then commit. Leave out of assign() what is at its end already.",
    ),
    solutions=(replay_into_a_table_transaction, replay_into_a_table_batches),
    wrong=(
        Wrong(
            "commit in Kafka, then in the table", _kafka_first, BOSS_LOST, right_until="it is killed between the two"
        ),
        Wrong("commit in the table, then in Kafka", _table_first, BOSS_TWICE),
        Wrong("what is there was read", _do_nothing, BOSS_STALE),
        Wrong("only what is newer than the newest", _newer_than_the_newest, BOSS_STALE),
        Wrong("replace the row", _insert_or_replace, BOSS_REPLACED),
        Wrong("truncate and load", _truncate_and_load, BOSS_RELOADED),
    ),
    remember=(
        "Exactly once is at least once, and a place to go on from that is saved in the same transaction as the "
        "result."
    ),
)


LESSON = Lesson(
    number=7,
    title="Kafka",
    minutes=45,
    needs=("01-rows-and-null",),
    week=3,
    boss="kafka.replay_into_a_table",
    next="08-a-stream-is-a-table",
)
EXERCISES = (
    ALARMS_IN_ORDER,
    NOTES_NOT_TAKEN,
    LEFT_TO_READ,
    HANDLE_EACH_READING,
    PUBLISH_STATUS_CHANGES,
    REPLAY_INTO_A_TABLE,
)
