"""Topics of the broker: list, browse by partition and offset, tail, produce, groups and their lag."""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from helpers import services
from helpers.core.errors import UserError
from helpers.desk.card import Card, Say, Show
from helpers.desk.playground.groups import PATIENCE, committed, denied
from helpers.desk.playground.naming import known, writable
from helpers.desk.playground.paged import Page, Rows, page, whole
from helpers.peak.topics import LARGEST, WAIT, extent, silent, unreachable

_SHOWN = 200
"""Characters of a message that are shown."""
_MESSAGE = pa.schema(
    [
        ("partition", pa.int32()),
        ("offset", pa.int64()),
        ("time", pa.string()),
        ("key", pa.string()),
        ("bytes", pa.int64()),
        ("value", pa.string()),
    ]
)
_TOPIC = pa.schema(
    [("topic", pa.string()), ("partitions", pa.int32()), ("offsets", pa.int64()), ("groups", pa.string())]
)
_LAG = pa.schema(
    [
        ("group", pa.string()),
        ("partition", pa.int32()),
        ("committed", pa.int64()),
        ("end", pa.int64()),
        ("lag", pa.int64()),
    ]
)
_SETTINGS = ("cleanup.policy", "retention.ms", "max.message.bytes")


_SENDING = {
    "acks": "all", "enable.idempotence": True, "message.max.bytes": LARGEST, "message.timeout.ms": int(WAIT * 900),
}  # fmt: skip


def topics() -> Page:
    """The topics, with how many offsets each holds and who reads it. Raises ServiceError where no broker answers.

    Offsets of deleted messages and of transactions count too.
    """
    config, counts = _config(), _partitions()
    reads = committed(config)
    ends = extent(config, counts) if counts else {}
    rows = [
        {
            "topic": name,
            "partitions": partitions,
            "offsets": sum(ends[name, at][1] - ends[name, at][0] for at in range(partitions)),
            "groups": ", ".join(sorted({group for group, topic, _ in reads.offsets if topic == name})) or "-",
        }
        for name, partitions in sorted(counts.items())
    ]
    return whole("Topics", pa.Table.from_pylist(rows, _TOPIC), 'topic("name") opens one.', *reads.says)


def topic(name: str) -> Topic:
    """One topic: `.browse(partition, offset)`, `.tail()`, `.produce(value, key)`, `.groups()`.

    Raises UserError with the near names where there is none of this name, ServiceError where no broker answers.
    """
    counts = _partitions()
    known("topic", name, counts, "topics()")
    config = _config()
    ends = extent(config, {name: counts[name]})
    rows = [
        {"partition": at, "first offset": low, "next offset": high, "offsets": high - low}
        for (_, at), (low, high) in sorted(ends.items())
    ]
    told = _settings(config, name)
    return Topic(
        f"Topic {name}",
        [Show("Its partitions", pa.Table.from_pylist(rows)), Say("; ".join(told))],
        name,
        counts[name],
    )


@dataclass(frozen=True, repr=False)
class Topic(Card):
    """A topic of the broker; what is shown is as of when it was opened."""

    name: str = ""
    partitions: int = 0

    def browse(self, partition: int = 0, offset: int | None = None) -> Page:
        """The messages of a partition from an offset on, page by page. offset: None = the first that is there."""
        if not 0 <= partition < self.partitions:
            raise UserError(
                f"The topic {self.name} has no partition {partition}; it has {self.partitions}.",
                f'topic("{self.name}").browse(0)',
            )
        low, high = extent(_config(), {self.name: self.partitions})[self.name, partition]
        rows = Rows(lambda start, count: self._read(partition, start, count), high, low, "offset")
        first = page(f"{self.name}, partition {partition}", rows)
        return first if offset is None else first.at(offset)

    def tail(self, count: int = 10) -> Page:
        """The newest messages of all partitions together, by their time. Raises UserError for a count below 1."""
        if count < 1:
            raise UserError(f"{count} messages cannot be shown.", f'topic("{self.name}").tail(10)')
        ends = extent(_config(), {self.name: self.partitions})
        parts = [self._newest(at, low, high, count) for (_, at), (low, high) in sorted(ends.items())]
        newest = pa.concat_tables(parts).sort_by([("time", "ascending"), ("partition", "ascending")])
        return whole(f"The newest of {self.name}", newest.slice(max(0, newest.num_rows - count)))

    def produce(
        self, value: str | bytes | None, key: str | bytes | None = None, partition: int | None = None
    ) -> Card:
        """Sends one message and waits until the broker has it. value: None = a tombstone. Raises ServiceError."""
        writable(f"produce to {self.name}")
        if not all(one is None or isinstance(one, str | bytes) for one in (value, key)):
            raise UserError("A message and its key are text or bytes.", "json.dumps(...) makes text of other values")
        told: list[tuple[Any, Message]] = []
        producer = Producer({**silent(_config()), **_SENDING})
        try:
            producer.produce(
                self.name,
                value=value,
                key=key,
                # The client's own word for "by the key".
                partition=-1 if partition is None else partition,
                on_delivery=lambda error, sent: told.append((error, sent)),
            )
            producer.flush(WAIT)
        except (KafkaException, BufferError) as error:
            raise unreachable(f"the message to {self.name} was not sent", error) from error
        if not told or told[0][0] is not None:
            raise unreachable(f"the message to {self.name} was not sent", told[0][0] if told else "no answer came")
        sent = told[0][1]
        return Card("Sent", [Say(f"{self.name}, partition {sent.partition()}, offset {sent.offset()}.")])

    def groups(self) -> Page:
        """The groups that committed offsets here, and how far each is behind."""
        config = _config()
        # Partitions may have come since the topic was opened.
        ends = extent(config, {self.name: _partitions()[self.name]})
        reads = committed(config)
        rows = [
            {
                "group": group,
                "partition": at,
                "committed": offset,
                "end": ends[name, at][1],
                "lag": ends[name, at][1] - offset,
            }
            for (group, name, at), offset in sorted(reads.offsets.items())
            if name == self.name
        ]
        return whole(f"Groups that read {self.name}", pa.Table.from_pylist(rows, _LAG), *reads.says)

    def _newest(self, partition: int, low: int, high: int, count: int) -> pa.Table:
        """The last messages before `high`: further back where offsets are gone or are no messages."""
        back = count
        while True:
            found = self._read(partition, max(low, high - back), back)
            if found.num_rows >= count or high - back <= low:
                return found.slice(max(0, found.num_rows - count))
            back *= 4

    def _read(self, partition: int, start: int, count: int) -> pa.Table:
        rows = [_row(message) for message in _messages(self.name, partition, start, count)]
        return pa.Table.from_pylist(rows, _MESSAGE)


def _config() -> dict[str, Any]:
    return services.endpoints().kafka_client_config


def topic_names() -> list[str]:
    """The names of the topics, but for the broker's own. Raises ServiceError where no broker answers."""
    return sorted(_partitions())


def _partitions() -> dict[str, int]:
    try:
        found = AdminClient(silent(_config())).list_topics(timeout=WAIT).topics
    except KafkaException as error:
        raise unreachable("the topics could not be listed", error) from error
    return {name: len(one.partitions) for name, one in found.items() if not name.startswith("__")}


def _settings(config: dict[str, Any], name: str) -> list[str]:
    admin = AdminClient(silent(config))
    resource = ConfigResource(ResourceType.TOPIC, name)
    try:
        found = admin.describe_configs([resource], request_timeout=WAIT)[resource].result(PATIENCE)
    except (KafkaException, TimeoutError) as error:
        if denied(error):
            return ["its settings: denied"]
        raise unreachable(f"the settings of {name} could not be asked for", error) from error
    return [f"{key} = {found[key].value}" for key in _SETTINGS if key in found]


def _messages(name: str, partition: int, start: int, count: int) -> Iterable[Message]:
    """At most so many messages from an offset on; a compacted topic has gaps, so it ends where the partition does."""
    settings = {"group.id": "gridbridge-desk", "enable.auto.commit": False, "auto.offset.reset": "earliest"}
    consumer = Consumer({**silent(_config()), **settings, "enable.partition.eof": True})
    try:
        consumer.assign([TopicPartition(name, partition, start)])
        left = count
        while left:
            message = consumer.poll(WAIT)
            if message is None:
                # The end of a partition is told: silence is no end.
                raise unreachable(f"{name} could not be read", "the broker was silent")
            error = message.error()
            if error is not None and error.code() == KafkaError._PARTITION_EOF:
                return
            if error is not None:
                raise unreachable(f"{name} could not be read", error)
            left -= 1
            yield message
    except KafkaException as error:
        raise unreachable(f"{name} could not be read", error) from error
    finally:
        consumer.close()


def _row(message: Message) -> dict[str, object]:
    value = message.value()
    return {
        "partition": message.partition(),
        "offset": message.offset(),
        "time": _time(message.timestamp()[1]),
        "key": readable(message.key()),
        "bytes": None if value is None else len(value),
        "value": readable(value),
    }


def _time(stamp: int) -> str:
    """A message's time: its arrival or its sending, as the topic is set. A stamp that is no time stays a number."""
    try:
        return datetime.fromtimestamp(stamp / 1000, UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError):
        return str(stamp)


def readable(body: bytes | str | None) -> str | None:
    """A message's body as text: cut where it is long, in hexadecimal where it is no text; None = a tombstone."""
    if body is None or isinstance(body, str):
        return body
    begin = body[: 4 * _SHOWN]
    try:
        # The decoder holds back a character that the cut went through.
        text = getincrementaldecoder("utf-8")().decode(begin, final=len(body) == len(begin))
    except UnicodeDecodeError:
        text = f"0x{begin.hex()}"
    return text if len(text) <= _SHOWN and len(begin) == len(body) else text[:_SHOWN] + "…"
